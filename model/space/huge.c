/* Promotion and splitting, each as the stores and fences that it takes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "huge.h"

#define RUN_BITS 4u
#define RUN_PAGES (1u << RUN_BITS)
#define RUN_NAPOT 8u /* the lowest bits of the page number in an entry of 64 KiB */

/* Neighbours in one table of level 0, that are to be one page. */
typedef struct huge_group {
  space_process *process;
  table_slot slot; /* of the first page */
  unsigned bits;   /* there are 2^bits */
  uint64_t flags;  /* of the page that they become: A and D if any of them has it */
  uint64_t ppn;    /* of the first frame; */
  bool in_place;   /* the others follow it, and it is aligned */
} huge_group;

static bool huge_has_runs(const tw_space *space) {
  return space->options.huge && space->options.svnapot && space->info->xlen == 64;
}

static table_slot huge_slot(const page_table *table, uint64_t va, unsigned level) {
  table_slot slot;
  table_reach(table, va, level, &slot);
  return slot;
}

static bool huge_content(bool done, tw_error *error) {
  return done || tw_error_set(error, "out of memory for the content of a large page");
}

/* A page that can be part of a large one: of this process alone, with rights. */
static bool group_takes(const tw_space *space, const table_slot *slot) {
  if (!(*slot->entry & TW_PTE_V)) return false;
  const frame *lies = space_page_frame(space, slot);
  return lies && lies->kind == FRAME_ANONYMOUS && !lies->bits && space_page_exclusive(space, lies);
}

/* Whether the 2^bits pages around an address are alike. */
static bool group_find(const tw_space *space, space_process *process, uint64_t va, unsigned bits, huge_group *group) {
  const uint64_t rights = TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_U, used = TW_PTE_A | TW_PTE_D;
  uint64_t pages = UINT64_C(1) << bits, first = va & ~((pages << TW_PAGE_BITS) - 1);
  table_slot slot = huge_slot(&process->table, first, 0);
  *group = (huge_group){.process = process, .slot = slot, .bits = bits, .ppn = table_slot_ppn(&slot)};
  if (slot.level || slot.node->leaves < pages) return false;
  group->flags = *slot.entry & rights;
  group->in_place = group->ppn % pages == 0;
  for (uint64_t i = 0; i < pages; i++) {
    slot = huge_slot(&process->table, first + (i << TW_PAGE_BITS), 0);
    if (!group_takes(space, &slot) || (*slot.entry & rights) != (group->flags & rights)) return false;
    group->flags |= *slot.entry & used;
    group->in_place = group->in_place && table_slot_ppn(&slot) == group->ppn + i;
  }
  return true;
}

/* The page's content goes into a new frame, and its old one is given back. */
static bool group_move(tw_space *space, space_process *process, uint64_t va, frame *from, uint64_t to,
                       tw_error *error) {
  bool done = !space->content || content_copy(space->content, from->ppn, to);
  frame_unmap(from, (frame_mapping){process->index, va});
  space_page_give(space, from);
  return huge_content(done, error);
}

static bool huge_frame_map(frame *mapped, const space_process *process, uint64_t va, tw_error *error) {
  return frame_map(mapped, (frame_mapping){process->index, va}) ||
         tw_error_set(error, "out of memory for the mapping of a large page");
}

static void huge_tell(tw_space *space, tw_space_event_kind kind, space_process *process, uint64_t va, uint64_t ppn) {
  space_process_forget_hints(process);
  space_watch_event(space, kind, process->id, va, ppn << TW_PAGE_BITS);
}

/* Where the policy asks for fences a page, one is enough for a leaf. */
static bool huge_flush_end(tw_space *space, space_flush *flush, uint64_t va, tw_error *error) {
  tw_fence_form form = space->fences.on[flush->event];
  uint16_t asid;
  bool page = form == TW_FENCE_PAGE || form == TW_FENCE_PAGE_ASID;
  if (page && !flush->tables && space_flush_held(space, flush->process, &asid))
    return space_flush_page(space, flush->event, flush->process, va, error);
  return space_flush_end(space, flush, error);
}

/* ---- Runs of 64 KiB ---- */

/* Frames for a run: those that the pages have if they lie well. *found is false if there are none. */
static bool run_frames(tw_space *space, huge_group *group, bool *found, tw_error *error) {
  *found = group->in_place;
  frame *block = *found ? NULL : frame_take_block(space->frames, RUN_BITS, FRAME_ANONYMOUS);
  if (!block) return true;
  *found = true;
  group->ppn = block->ppn;
  return frame_split(space->frames, block) || tw_error_set(error, "out of memory for the frames of a run");
}

static bool run_page(tw_space *space, space_flush *flush, const huge_group *group, unsigned n, tw_error *error) {
  uint64_t va = group->slot.va + n * (uint64_t)TW_PAGE_BYTES;
  table_slot slot = huge_slot(&group->process->table, va, 0);
  frame *lies = space_page_frame(space, &slot), *to = frame_find(space->frames, group->ppn + n);
  if (!space_flush_write(space, flush, &slot, 0, TW_PTE_N | table_entry(group->ppn | RUN_NAPOT, group->flags), error))
    return false;
  if (!group->in_place &&
      (!huge_frame_map(to, group->process, va, error) || !group_move(space, group->process, va, lies, to->ppn, error)))
    return false;
  space_page_dirtied(space, to);
  if (!group->in_place) frame_clock_add(space->frames, to);
  return true;
}

static bool run_promote(tw_space *space, space_process *process, uint64_t va, tw_error *error) {
  huge_group group;
  bool found;
  space_flush flush = {.event = TW_FENCED_PROMOTE, .process = process};
  if (!group_find(space, process, va, RUN_BITS, &group) || *group.slot.entry & TW_PTE_N) return true;
  if (!run_frames(space, &group, &found, error)) return false;
  if (!found) return true;
  for (unsigned n = 0; n < RUN_PAGES; n++) {
    if (!run_page(space, &flush, &group, n, error)) return false;
  }
  space->counts.napot_runs++;
  huge_tell(space, TW_SPACE_PROMOTE, process, group.slot.va, group.ppn);
  return space_flush_end(space, &flush, error);
}

static bool run_split(tw_space *space, space_process *process, uint64_t va, tw_error *error) {
  space_flush flush = {.event = TW_FENCED_SPLIT, .process = process};
  uint64_t first = va & ~((UINT64_C(1) << (RUN_BITS + TW_PAGE_BITS)) - 1);
  table_slot slot = huge_slot(&process->table, first, 0);
  uint64_t flags = space_huge_entry(&slot) & 0xff, ppn = table_slot_ppn(&slot);
  for (unsigned n = 0; n < RUN_PAGES; n++) {
    slot = huge_slot(&process->table, first + n * (uint64_t)TW_PAGE_BYTES, 0);
    if (!space_flush_write(space, &flush, &slot, 0, table_entry(ppn + n, flags), error)) return false;
  }
  space->counts.splits++;
  huge_tell(space, TW_SPACE_SPLIT, process, first, ppn);
  return space_flush_end(space, &flush, error);
}

/* The run's first entry. */
static uint64_t *run_entries(const table_slot *slot) {
  return slot->node->entry + (((size_t)(slot->entry - slot->node->entry)) & ~(size_t)(RUN_PAGES - 1));
}

uint64_t space_huge_entry(const table_slot *slot) {
  uint64_t entry = *slot->entry;
  for (unsigned n = 0; entry & TW_PTE_N && n < RUN_PAGES; n++) entry |= run_entries(slot)[n] & (TW_PTE_A | TW_PTE_D);
  return entry;
}

bool space_huge_follows(const tw_space *space, const frame *lies) {
  if (!huge_has_runs(space) || lies->kind != FRAME_ANONYMOUS || !lies->mapping_count) return false;
  const frame_mapping *mapping = &lies->mappings[0];
  table_slot slot = huge_slot(&space->processes[mapping->process]->table, mapping->va, 0);
  return *slot.entry & TW_PTE_N && slot.entry != run_entries(&slot);
}

bool space_huge_write(tw_space *space, space_flush *flush, const table_slot *slot, uint64_t keep, uint64_t set,
                      tw_error *error) {
  if (!(*slot->entry & TW_PTE_N)) return space_flush_write(space, flush, slot, keep, set, error);
  uint64_t first = slot->va & ~((UINT64_C(1) << (RUN_BITS + TW_PAGE_BITS)) - 1);
  for (unsigned n = 0; n < RUN_PAGES; n++) {
    table_slot one = huge_slot(&flush->process->table, first + n * (uint64_t)TW_PAGE_BYTES, 0);
    if (!space_flush_write(space, flush, &one, keep, set, error)) return false;
  }
  return true;
}

/* ---- Large pages of level 1 ---- */

/* Takes the small pages out of their table. Their content goes to `to`, unless they stay where they are. */
static bool block_empty(tw_space *space, space_flush *flush, const huge_group *group, uint64_t to, tw_error *error) {
  for (uint64_t n = 0; n < UINT64_C(1) << group->bits; n++) {
    uint64_t va = group->slot.va + (n << TW_PAGE_BITS);
    table_slot slot = huge_slot(&group->process->table, va, 0);
    frame *lies = space_page_frame(space, &slot);
    if (!space_flush_write(space, flush, &slot, 0, 0, error)) return false;
    if (group->in_place) {
      space_page_dirtied(space, lies);
    } else if (!group_move(space, group->process, va, lies, to + n, error)) {
      return false;
    }
  }
  return true;
}

static frame *block_frame(tw_space *space, const huge_group *group, tw_error *error) {
  if (group->in_place) return frame_join(space->frames, group->ppn, group->bits);
  frame *block = frame_find(space->frames, group->ppn);
  frame_clock_add(space->frames, block);
  return huge_frame_map(block, group->process, group->slot.va, error) ? block : NULL;
}

/* A leaf takes the place of the pointer, which an MMU may still hold until the fence. */
static bool block_enter(tw_space *space, space_flush *flush, const huge_group *group, tw_error *error) {
  table_slot upper = huge_slot(&group->process->table, group->slot.va, 1);
  uint64_t leaf = table_entry(group->ppn, group->flags);
  table_unhang(&upper);
  table_set(&upper, leaf);
  return space_flush_table(space, flush, &upper, error) && space_kernel_fetch(space, TEXT_SET_ENTRY, error) &&
         space_kernel_store(space, upper.pa, 0, leaf, error);
}

static bool block_promote(tw_space *space, space_process *process, uint64_t va, tw_error *error) {
  huge_group group;
  space_flush flush = {.event = TW_FENCED_PROMOTE, .process = process};
  unsigned bits = process->table.info->vpn_bits;
  table_slot slot = huge_slot(&process->table, va, 0);
  if (slot.level || slot.node->leaves < UINT64_C(1) << bits || !group_find(space, process, va, bits, &group))
    return true;
  uint64_t table_ppn = group.slot.node->ppn;
  frame *block = group.in_place ? NULL : frame_take_block(space->frames, bits, FRAME_ANONYMOUS);
  if (!block && !group.in_place) return true;
  if (block) group.ppn = block->ppn;
  if (!block_empty(space, &flush, &group, group.ppn, error) || !(block = block_frame(space, &group, error)) ||
      !block_enter(space, &flush, &group, error))
    return false;
  block->index = table_ppn;
  space_page_dirtied(space, block);
  space->counts.promotions++;
  huge_tell(space, TW_SPACE_PROMOTE, process, group.slot.va, group.ppn);
  return space_flush_end(space, &flush, error);
}

/* The kept table gets its entries, and then takes the place of the leaf. */
static bool block_table(tw_space *space, space_process *process, const table_slot *upper, uint64_t table_ppn,
                        tw_error *error) {
  uint64_t leaf = *upper->entry, flags = leaf & 0xff, ppn = table_slot_ppn(upper);
  table_set(upper, 0);
  uint64_t pointer = table_hang(&process->table, upper, table_ppn);
  if (!pointer) return tw_error_set(error, "out of memory for page tables");
  for (uint64_t n = 0; n < table_entries(&process->table); n++) {
    table_slot slot = huge_slot(&process->table, upper->va + (n << TW_PAGE_BITS), 0);
    if (!space_kernel_write(space, &slot, 0, table_entry(ppn + n, flags), error)) return false;
  }
  return space_kernel_fetch(space, TEXT_SET_ENTRY, error) && space_kernel_store(space, upper->pa, 0, pointer, error);
}

static bool block_split(tw_space *space, space_process *process, const table_slot *upper, tw_error *error) {
  uint64_t span = table_span(&process->table, 1), ppn = table_slot_ppn(upper);
  frame *block = frame_find(space->frames, ppn);
  space_flush flush = {.event = TW_FENCED_SPLIT, .process = process, .any = true};
  flush.first = upper->va;
  flush.last = upper->va + span - TW_PAGE_BYTES;
  uint64_t table_ppn = block->index;
  block->index = 0;
  if (!frame_split(space->frames, block)) return tw_error_set(error, "out of memory for the frames of a large page");
  if (!space_kernel_enter(space, error) || !block_table(space, process, upper, table_ppn, error)) return false;
  space->counts.splits++;
  huge_tell(space, TW_SPACE_SPLIT, process, flush.first, ppn);
  return huge_flush_end(space, &flush, flush.first, error);
}

void space_huge_give(tw_space *space, frame *block) {
  frame_give(space->frames, frame_find(space->frames, block->index));
  for (uint64_t n = 0; space->content && n < UINT64_C(1) << block->bits; n++)
    content_drop(space->content, block->ppn + n);
}

/* ---- Both ---- */

bool space_huge_promote(tw_space *space, space_process *process, const tw_region *region, uint64_t va,
                        tw_error *error) {
  uint64_t run = UINT64_C(1) << (RUN_BITS + TW_PAGE_BITS), block = table_span(&process->table, 1);
  if (!space->options.huge || region->object || region->shared || region->advice == TW_ADVICE_NO_HUGE) return true;
  uint64_t run_va = va & ~(run - 1), block_va = va & ~(block - 1);
  if (huge_has_runs(space) && region->start <= run_va && region->end - run_va >= run &&
      !run_promote(space, process, va, error))
    return false;
  return region->start > block_va || region->end - block_va < block || block_promote(space, process, va, error);
}

static bool huge_split(tw_space *space, space_process *process, const table_slot *slot, tw_error *error) {
  return *slot->entry & TW_PTE_N ? run_split(space, process, slot->va, error)
                                 : block_split(space, process, slot, error);
}

static bool huge_is_large(const table_slot *slot) {
  return *slot->entry && (slot->level || *slot->entry & TW_PTE_N) && !table_is_swapped(*slot->entry);
}

/* Splits a large page that begins before an address and ends behind it. */
static bool huge_cut_at(tw_space *space, space_process *process, uint64_t va, tw_error *error) {
  table_slot slot = huge_slot(&process->table, va, 0);
  if (!huge_is_large(&slot) || !(va & (space_huge_span(&process->table, &slot) - 1))) return true;
  return huge_split(space, process, &slot, error);
}

bool space_huge_cut(tw_space *space, space_process *process, uint64_t start, uint64_t end, tw_error *error) {
  if (!space->options.huge || start >= end) return true;
  return huge_cut_at(space, process, start, error) &&
         (end >= space->options.layout.user_end || huge_cut_at(space, process, end, error));
}

bool space_huge_break(tw_space *space, space_process *process, uint64_t start, uint64_t end, tw_error *error) {
  table_slot slot;
  if (!space->options.huge) return true;
  for (uint64_t va = start; table_next(&process->table, &va, end, &slot); va += TW_PAGE_BYTES) {
    if (huge_is_large(&slot) && !huge_split(space, process, &slot, error)) return false;
  }
  return true;
}

bool space_huge_break_frame(tw_space *space, frame *victim, tw_error *error) {
  if (!space->options.huge || victim->kind != FRAME_ANONYMOUS || victim->mapping_count != 1) return true;
  if (!space->swap || swap_used(space->swap) == space->options.swap_pages) return true;
  space_process *process = space->processes[victim->mappings[0].process];
  table_slot slot = huge_slot(&process->table, victim->mappings[0].va, 0);
  return !huge_is_large(&slot) || huge_split(space, process, &slot, error);
}
