/* Whether everything adds up in the end: frames, slots and tables are held by exactly what counts them (S16).
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "internal.h"

/* What was found to hold frames and slots. */
typedef struct check_tally {
  const tw_space *space;
  number_map pages; /* by page number: pages of processes that lie there */
  number_map slots; /* by slot: pages of processes, and frames, that hold it */
  uint64_t tables;  /* in trees */
  uint64_t clocked; /* frames that may be reclaimed */
  tw_error *error;
} check_tally;

static bool check_count(check_tally *tally, number_map *map, uint64_t key) {
  const map_cell *known = map_find(map, key);
  return map_put(map, key, known ? known->value + 1 : 1) || tw_error_set(tally->error, "out of memory for the check");
}

static bool check_page(check_tally *tally, const space_process *process, const table_slot *slot) {
  if (table_is_swapped(*slot->entry)) return check_count(tally, &tally->slots, table_entry_ppn(*slot->entry));
  const frame *lies = space_page_frame(tally->space, slot);
  for (uint32_t i = 0; lies && i < lies->mapping_count; i++) {
    const frame_mapping *mapping = &lies->mappings[i];
    if (mapping->process == process->index &&
        mapping->va == (lies->bits ? slot->va & ~((UINT64_C(4096) << lies->bits) - 1) : slot->va))
      return check_count(tally, &tally->pages, lies->ppn);
  }
  return tw_error_set(tally->error,
                      "balance: process 0x%" PRIx32 " has a page at 0x%" PRIx64 " in frame 0x%" PRIx64
                      ", which does not know of it",
                      process->id, slot->va, table_slot_ppn(slot) << TW_PAGE_BITS);
}

static bool check_table(check_tally *tally, const table_node *node) {
  const frame *lies = frame_find(tally->space->frames, node->ppn);
  tally->tables++;
  if (!lies || lies->kind != FRAME_TABLE)
    return tw_error_set(tally->error, "balance: a page table lies in frame 0x%" PRIx64 ", which is no table's",
                        node->ppn << TW_PAGE_BITS);
  size_t entries = (size_t)1 << tally->space->info->vpn_bits;
  for (size_t i = 0; node->child && i < entries; i++) {
    const table_node *below = node->child[i];
    if (below && below->shared == node->shared && !check_table(tally, below)) return false;
  }
  return true;
}

static bool check_process(check_tally *tally, const space_process *process) {
  uint64_t end = tally->space->options.layout.user_end, found[2] = {0};
  table_slot slot;
  if (!process->alive) return true;
  for (uint64_t va = 0; table_next(&process->table, &va, end, &slot);
       va = slot.va + table_span(&process->table, slot.level)) {
    bool swapped = table_is_swapped(*slot.entry);
    found[swapped] += table_span(&process->table, slot.level) >> TW_PAGE_BITS;
    if (!check_page(tally, process, &slot)) return false;
  }
  if (found[0] != process->resident || found[1] != process->swapped)
    return tw_error_set(tally->error,
                        "balance: process 0x%" PRIx32 " counts %" PRIu64 " pages in memory and %" PRIu64
                        " on the swap device, and has %" PRIu64 " and %" PRIu64,
                        process->id, process->resident, process->swapped, found[0], found[1]);
  return check_table(tally, process->table.root);
}

static bool check_cache(check_tally *tally) {
  size_t cursor = 0;
  for (const map_cell *cell; (cell = map_next(&tally->space->cache, &cursor));) {
    const frame *lies = cell->value & 1 ? NULL : frame_find(tally->space->frames, cell->value >> 1);
    if (cell->value & 1) {
      if (!check_count(tally, &tally->slots, cell->value >> 1)) return false;
    } else if (!lies || lies->kind != FRAME_FILE) {
      return tw_error_set(tally->error,
                          "balance: a page of the page cache lies in frame 0x%" PRIx64 ", which is none of it",
                          cell->value >> 1 << TW_PAGE_BITS);
    }
  }
  return true;
}

static bool check_is_kept(const tw_space *space, const frame *lies) {
  for (size_t i = 0; i < space->process_count; i++) {
    const space_process *process = space->processes[i];
    for (size_t n = 0; n < process->place_count; n++) {
      if (process->places[n].kept == lies) return true;
    }
  }
  return false;
}

/* Why a frame should be in use, by its kind. */
static bool check_frame(check_tally *tally, const frame *lies) {
  const map_cell *pages = map_find(&tally->pages, lies->ppn);
  uint64_t held = pages ? pages->value : 0;
  if (lies->bits) held = held ? lies->mapping_count : 0;
  bool reclaimable = lies->kind == FRAME_FILE || (lies->kind == FRAME_ANONYMOUS && held);
  if (lies->slot != FRAME_NO_SLOT && !check_count(tally, &tally->slots, lies->slot)) return false;
  tally->clocked += reclaimable;
  tally->tables += lies->bits != 0; /* the one that is kept for splitting it */
  if (held != lies->mapping_count)
    return tw_error_set(tally->error,
                        "balance: frame 0x%" PRIx64 " knows of %" PRIu32 " pages, and %" PRIu64 " lie in it",
                        lies->ppn << TW_PAGE_BITS, lies->mapping_count, held);
  if (reclaimable != (lies->behind != NULL))
    return tw_error_set(tally->error, "balance: frame 0x%" PRIx64 " is%s on the clock", lies->ppn << TW_PAGE_BITS,
                        reclaimable ? " not" : "");
  if (lies->kind == FRAME_ANONYMOUS && !held && !check_is_kept(tally->space, lies))
    return tw_error_set(tally->error, "balance: frame 0x%" PRIx64 " is leaked: no page lies in it",
                        lies->ppn << TW_PAGE_BITS);
  return true;
}

static bool check_frames(check_tally *tally) {
  uint64_t of_kind[FRAME_FILE + 1] = {0}, used = 0;
  size_t cursor = 0;
  for (const frame *lies; (lies = frame_next(tally->space->frames, &cursor));) {
    of_kind[lies->kind]++;
    used += UINT64_C(1) << lies->bits;
    if (!check_frame(tally, lies)) return false;
  }
  size_t cached = 0, at = 0;
  for (const map_cell *cell; (cell = map_next(&tally->space->cache, &at));) cached += !(cell->value & 1);
  if (of_kind[FRAME_TABLE] != tally->tables || of_kind[FRAME_KERNEL] != 1 || of_kind[FRAME_FILE] != cached ||
      used != frame_used(tally->space->frames) || tally->clocked != frame_clock_count(tally->space->frames)) {
    return tw_error_set(tally->error,
                        "balance: %" PRIu64 " frames of tables for %" PRIu64 " tables, %" PRIu64
                        " of the page cache for %zu pages, %" PRIu64 " of the kernel, %zu on the clock of %" PRIu64,
                        of_kind[FRAME_TABLE], tally->tables, of_kind[FRAME_FILE], cached, of_kind[FRAME_KERNEL],
                        frame_clock_count(tally->space->frames), tally->clocked);
  }
  return true;
}

static bool check_slots(check_tally *tally) {
  const swap_device *swap = tally->space->swap;
  size_t cursor = 0;
  for (const map_cell *cell; (cell = map_next(&tally->slots, &cursor));) {
    if (!swap || swap_holders(swap, cell->key) != cell->value)
      return tw_error_set(tally->error,
                          "balance: slot %" PRIu64 " of the swap device is held %" PRIu32 " times, and %" PRIu64
                          " hold it",
                          cell->key, swap ? swap_holders(swap, cell->key) : 0, cell->value);
  }
  if (swap && swap_used(swap) != tally->slots.count)
    return tw_error_set(tally->error, "balance: %" PRIu64 " slots of the swap device are in use, and %zu are held",
                        swap_used(swap), tally->slots.count);
  return true;
}

bool tw_space_check(const tw_space *space, tw_error *error) {
  check_tally tally = {.space = space, .error = error};
  bool good = check_table(&tally, space->kernel.table.root);
  if (!space_is_idle(space)) good = tw_error_set(error, "balance: the space is not at rest");
  for (size_t i = 0; good && i < space->process_count; i++) good = check_process(&tally, space->processes[i]);
  good = good && check_cache(&tally) && check_frames(&tally) && check_slots(&tally);
  map_free(&tally.pages);
  map_free(&tally.slots);
  return good;
}
