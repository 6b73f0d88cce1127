/* Frames for whoever needs one, and the clock that takes them from pages that were not used of late (S12).
 * SPDX-License-Identifier: Apache-2.0 */
#include "huge.h"

#include <inttypes.h>
#include <string.h>

static void reclaim_find(const tw_space *space, const frame_mapping *mapping, space_process **process,
                         table_slot *slot) {
  *process = space->processes[mapping->process];
  table_find(&(*process)->table, mapping->va, slot);
}

/* A page that was used since the hand was here last gets a second chance: A is cleared wherever it is set. */
static bool reclaim_age(tw_space *space, const frame *looked_at, bool *used, tw_error *error) {
  *used = false;
  for (uint32_t i = 0; i < looked_at->mapping_count; i++) {
    space_flush flush = {.event = TW_FENCED_AGE};
    table_slot slot;
    reclaim_find(space, &looked_at->mappings[i], &flush.process, &slot);
    if (!(space_huge_entry(&slot) & TW_PTE_A)) continue;
    *used = true;
    space->counts.aged++;
    if (!space_huge_write(space, &flush, &slot, ~(uint64_t)TW_PTE_A, 0, error) ||
        !space_flush_end(space, &flush, error))
      return false;
  }
  return true;
}

/* What a slot gets: the frame's content, or, where that is not kept account of, whose page it is. */
static void reclaim_words(const tw_space *space, const frame *victim, uint64_t words[SWAP_WORDS]) {
  if (space->content) {
    content_get(space->content, victim->ppn, words);
    return;
  }
  memset(words, 0, SWAP_WORDS * sizeof words[0]);
  words[0] = space->counts.swapped_out + 1;
  words[1] = victim->kind == FRAME_FILE ? victim->object : victim->mappings[0].process;
  words[2] = victim->kind == FRAME_FILE ? victim->index : victim->mappings[0].va;
}

/* Whether a frame's content has somewhere to go, or needs no place; writes it there. */
static bool reclaim_save(tw_space *space, frame *victim, bool *saved, tw_error *error) {
  uint64_t words[SWAP_WORDS];
  *saved = victim->slot != FRAME_NO_SLOT || (victim->kind == FRAME_FILE && !victim->dirty);
  if (*saved || !space->swap || !swap_take(space->swap, &victim->slot)) return true;
  *saved = true;
  reclaim_words(space, victim, words);
  return swap_write(space->swap, victim->slot, words, error);
}

/* Every page that lies in the frame does so no more; pages of processes alone remember their slot. */
static bool reclaim_unmap(tw_space *space, frame *victim, tw_error *error) {
  bool anonymous = victim->kind == FRAME_ANONYMOUS;
  while (victim->mapping_count) {
    const frame_mapping mapping = victim->mappings[victim->mapping_count - 1];
    space_flush flush = {.event = TW_FENCED_RECLAIM};
    table_slot slot;
    reclaim_find(space, &mapping, &flush.process, &slot);
    uint64_t left = anonymous ? table_entry(victim->slot, TABLE_SWAPPED) : 0;
    if (!space_flush_write(space, &flush, &slot, 0, left, error) || !space_flush_end(space, &flush, error))
      return false;
    frame_unmap(victim, mapping);
    flush.process->resident--;
    if (!anonymous) continue;
    flush.process->swapped++;
    swap_hold(space->swap, victim->slot);
  }
  return true;
}

bool space_reclaim_frame(tw_space *space, frame *victim, bool *gone, tw_error *error) {
  const frame_mapping none = {SPACE_NO_ID, 0};
  if (!space_huge_break_frame(space, victim, error)) return false;
  if (!reclaim_save(space, victim, gone, error)) return false;
  if (!*gone) return true;
  const frame_mapping first = victim->mapping_count ? victim->mappings[0] : none;
  bool kept = victim->slot != FRAME_NO_SLOT;
  if (!reclaim_unmap(space, victim, error)) return false;
  if (victim->kind == FRAME_FILE) {
    if (!space_cache_leave(space, victim, victim->slot, error)) return false;
    victim->slot = FRAME_NO_SLOT; /* the page cache holds it now */
  }
  space->counts.swapped_out += kept;
  space->counts.dropped += !kept;
  uint32_t process = first.process == SPACE_NO_ID ? SPACE_NO_ID : space->processes[first.process]->id;
  space_watch_event(space, kept ? TW_SPACE_SWAP_OUT : TW_SPACE_DROP, process, first.va, victim->ppn << TW_PAGE_BITS);
  space_page_give(space, victim);
  return true;
}

static bool reclaim_may(const tw_space *space, const frame *found, bool low) {
  bool is_low = found->ppn - (space->options.frame_base >> TW_PAGE_BITS) < space->frames_low;
  return found != space->pinned[0] && found != space->pinned[1] && (is_low || !low);
}

/* Turns the clock until a frame is free: twice around, and none will be. */
static bool reclaim_one(tw_space *space, bool low, bool *gone, tw_error *error) {
  *gone = false;
  for (size_t turns = 2 * frame_clock_count(space->frames) + 1; turns && !*gone; turns--) {
    frame *under = frame_clock_turn(space->frames);
    bool used;
    if (!under || !reclaim_may(space, under, low) || space_huge_follows(space, under)) continue;
    if (!reclaim_age(space, under, &used, error)) return false;
    if (!used && !space_reclaim_frame(space, under, gone, error)) return false;
  }
  return true;
}

frame *space_frame_take(tw_space *space, frame_kind kind, bool low, tw_error *error) {
  for (;;) {
    bool gone;
    frame *taken = frame_take(space->frames, kind, low);
    if (taken) return taken;
    if (!reclaim_one(space, low, &gone, error)) return NULL;
    if (gone) continue;
    const char *which = low && frame_free_count(space->frames, false) ? " that the kernel's direct map covers" : "";
    const char *swap = !space->swap                                          ? ", and there is no swap device"
                       : swap_used(space->swap) == space->options.swap_pages ? ", and so is the swap device"
                                                                             : "";
    tw_error_set(error,
                 "out of frames: all %" PRIu64 "%s are in use%s; give the machine more frames, or more swap, or use a "
                 "shorter trace",
                 low ? space->frames_low : space->options.frame_count, which, swap);
    return NULL;
  }
}

bool space_reclaim_balance(tw_space *space, tw_error *error) {
  bool gone = true;
  while (gone && frame_free_count(space->frames, false) < space->frames_kept_free) {
    if (!reclaim_one(space, false, &gone, error)) return false;
  }
  return true;
}

bool space_reclaim_pages(tw_space *space, uint64_t pages, tw_error *error) {
  bool gone = true;
  for (uint64_t i = 0; i < pages && gone; i++) {
    if (!reclaim_one(space, false, &gone, error)) return false;
  }
  return true;
}
