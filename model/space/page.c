/* Pages in and out of frames: who lies where, what is shared, and what comes back from the swap device (S8, S10, S13).
 * SPDX-License-Identifier: Apache-2.0 */
#include "huge.h"

#include <inttypes.h>
#include <stdlib.h>

uint8_t space_page_flags(uint8_t prot) {
  /* A page that can be written can be read: R=0 and W=1 is reserved (Sv step 3). */
  unsigned flags = 0;
  if (prot & (TW_PROT_READ | TW_PROT_WRITE)) flags |= TW_PTE_R;
  if (prot & TW_PROT_WRITE) flags |= TW_PTE_W;
  if (prot & TW_PROT_EXECUTE) flags |= TW_PTE_X;
  return (uint8_t)(flags ? flags | TW_PTE_U | TW_PTE_V : 0);
}

uint8_t space_page_rights(const tw_space *space, const tw_region *region, const frame *lies) {
  uint8_t flags = space_page_flags(region->prot);
  bool writable = region->shared || (lies->kind == FRAME_ANONYMOUS && space_page_exclusive(space, lies));
  return writable ? flags : (uint8_t)(flags & ~TW_PTE_W);
}

frame *space_page_frame(const tw_space *space, const table_slot *slot) {
  return frame_find(space->frames, table_slot_ppn(slot));
}

bool space_page_exclusive(const tw_space *space, const frame *lies) {
  return lies->mapping_count <= 1 && (lies->slot == FRAME_NO_SLOT || swap_holders(space->swap, lies->slot) == 1);
}

/* The frame has a hold of its own on the slot with the same content. */
static void page_slot_drop(tw_space *space, frame *lies) {
  if (lies->slot == FRAME_NO_SLOT) return;
  if (lies->kind == FRAME_ANONYMOUS) map_remove(&space->swap_frames, lies->slot);
  swap_release(space->swap, lies->slot);
  lies->slot = FRAME_NO_SLOT;
}

void space_page_dirtied(tw_space *space, frame *written) {
  written->dirty = true;
  page_slot_drop(space, written);
}

static bool page_content(bool done, tw_error *error) {
  return done || tw_error_set(error, "out of memory for the frames' content");
}

static frame *page_kept(space_process *process, uint64_t va) {
  for (size_t i = 0; i < process->place_count; i++) {
    if (process->places[i].va != va) continue;
    frame *kept = process->places[i].kept;
    process->places[i] = process->places[--process->place_count];
    return kept;
  }
  return NULL;
}

frame *space_page_new(tw_space *space, space_process *process, uint64_t va, frame_kind kind, tw_error *error) {
  frame *made = process && process->place_count ? page_kept(process, va) : NULL;
  if (made) {
    made->kind = kind;
  } else {
    made = space_frame_take(space, kind, false, error);
  }
  if (!made) return NULL;
  frame_clock_add(space->frames, made);
  if (space->content && !page_content(content_zero(space->content, made->ppn), error)) return NULL;
  return made;
}

void space_page_give(tw_space *space, frame *given) {
  page_slot_drop(space, given);
  frame_clock_remove(space->frames, given);
  if (given->bits) space_huge_give(space, given);
  if (space->content) content_drop(space->content, given->ppn);
  frame_give(space->frames, given);
}

bool space_page_map(tw_space *space, space_process *process, uint64_t va, frame *lies, tw_error *error) {
  (void)space;
  process->resident++;
  return frame_map(lies, (frame_mapping){process->index, va}) || tw_error_set(error, "out of memory for mappings");
}

static bool page_lost(const space_process *process, uint64_t va, tw_error *error) {
  return tw_error_set(error, "process 0x%" PRIx32 ": the page at 0x%" PRIx64 " lies in no frame that knows of it",
                      process->id, va);
}

bool space_page_unmap(tw_space *space, space_process *process, const table_slot *slot, uint64_t entry,
                      tw_error *error) {
  table_slot was = *slot;
  was.entry = &entry;
  if (table_is_swapped(entry)) {
    process->swapped--;
    swap_release(space->swap, table_entry_ppn(entry));
    return true;
  }
  frame *lies = space_page_frame(space, &was);
  if (!lies || !frame_unmap(lies, (frame_mapping){process->index, slot->va}))
    return page_lost(process, slot->va, error);
  process->resident -= table_span(&process->table, slot->level) >> TW_PAGE_BITS;
  if (lies->kind == FRAME_ANONYMOUS && !lies->mapping_count) space_page_give(space, lies);
  return true;
}

/* Reads a slot into a new frame, which is like it as long as it is not written. */
static frame *page_read(tw_space *space, space_process *process, uint64_t va, uint64_t slot, tw_error *error) {
  uint64_t words[SWAP_WORDS];
  frame *back = space_page_new(space, process, va, FRAME_ANONYMOUS, error);
  if (!back || !swap_read(space->swap, slot, words, error)) return NULL;
  if (space->content && !page_content(content_put(space->content, back->ppn, words), error)) return NULL;
  space->counts.swapped_in++;
  space_watch_event(space, TW_SPACE_SWAP_IN, process->id, va, back->ppn << TW_PAGE_BITS);
  back->slot = slot;
  swap_hold(space->swap, slot);
  if (map_put(&space->swap_frames, slot, back->ppn)) return back;
  tw_error_set(error, "out of memory for the swap device's slots");
  return NULL;
}

frame *space_page_swap_in(tw_space *space, space_process *process, uint64_t va, uint64_t slot, bool writes, bool *disk,
                          tw_error *error) {
  const map_cell *known = map_find(&space->swap_frames, slot);
  *disk = !known;
  if (!known) return page_read(space, process, va, slot, error);
  frame *lies = frame_find(space->frames, known->value);
  return writes ? space_page_copy(space, process, va, lies, error) : lies;
}

frame *space_page_copy(tw_space *space, space_process *process, uint64_t va, frame *from, tw_error *error) {
  space->pinned[0] = from;
  frame *copy = space_page_new(space, process, va, FRAME_ANONYMOUS, error);
  space->pinned[0] = NULL;
  if (!copy) return NULL;
  if (space->content && !page_content(content_copy(space->content, from->ppn, copy->ppn), error)) return NULL;
  space->counts.copies++;
  space_watch_event(space, TW_SPACE_COPY, process->id, va, copy->ppn << TW_PAGE_BITS);
  return copy;
}

bool space_page_place(tw_space *space, space_process *process, uint64_t va, uint64_t pa, tw_error *error) {
  table_slot slot;
  table_find(&process->table, va, &slot);
  if (*slot.entry) return tw_error_set(error, "place: the page at 0x%" PRIx64 " is there already", va);
  space_page_unplace(space, process, va, va + TW_PAGE_BYTES);
  frame *kept = frame_take_at(space->frames, pa >> TW_PAGE_BITS, FRAME_ANONYMOUS);
  if (!kept) {
    return tw_error_set(error, "place: frame 0x%" PRIx64 " is %s", pa,
                        frame_find(space->frames, pa >> TW_PAGE_BITS) ? "in use" : "none of the machine's");
  }
  space_place *places = realloc(process->places, (process->place_count + 1) * sizeof *places);
  if (!places) return tw_error_set(error, "out of memory for places");
  process->places = places;
  process->places[process->place_count++] = (space_place){va, kept};
  return true;
}

void space_page_unplace(tw_space *space, space_process *process, uint64_t start, uint64_t end) {
  for (size_t i = process->place_count; i--;) {
    if (process->places[i].va < start || process->places[i].va >= end) continue;
    frame_give(space->frames, process->places[i].kept);
    process->places[i] = process->places[--process->place_count];
  }
}
