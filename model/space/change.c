/* Changes of the map: mmap, munmap, mprotect, brk, and what becomes of the pages that were mapped.
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <inttypes.h>

#define CHANGE_FENCED_PAGES 64u /* more than these, and the whole ASID is fenced (Linux: tlb_flush_all_threshold) */

/* Pages whose entries were changed since the kernel was entered. */
typedef struct change_span {
  bool entered;
  uint64_t first, last; /* pages' addresses */
} change_span;

static bool change_begin(tw_space *space, change_span *span, uint64_t va, tw_error *error) {
  bool entered = span->entered;
  if (!entered) span->first = va;
  span->entered = true;
  span->last = va;
  return entered || space_kernel_enter(space, error);
}

static bool change_end(tw_space *space, const change_span *span, tw_error *error) {
  if (!span->entered) return true;
  uint64_t pages = (span->last - span->first) / TW_PAGE_BYTES + 1;
  if (pages > CHANGE_FENCED_PAGES) {
    if (!space_kernel_fence(space, NULL, error)) return false;
  } else {
    for (uint64_t va = span->first; va <= span->last; va += TW_PAGE_BYTES) {
      if (!space_kernel_fence(space, &va, error)) return false;
    }
  }
  return space_kernel_leave(space, error);
}

static bool change_unmap_pages(tw_space *space, uint64_t start, uint64_t end, tw_error *error) {
  change_span span = {0};
  table_slot slot;
  for (uint64_t va = start; table_next(&space->process.table, &va, end, &slot); va += TW_PAGE_BYTES) {
    uint64_t ppn = table_entry_ppn(*slot.entry);
    if (!change_begin(space, &span, va, error) || !space_kernel_write(space, &slot, 0, 0, error)) return false;
    /* Whoever takes the frame next maps it behind the fence below. */
    frame_give(&space->frames, ppn);
  }
  return change_end(space, &span, error);
}

/* A page that loses every right keeps its frame: V is cleared, and comes back with the rights. */
static bool change_protect_pages(tw_space *space, uint64_t start, uint64_t end, uint8_t prot, tw_error *error) {
  const uint64_t rights = TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X;
  uint64_t wanted = space_fault_flags(prot) & rights;
  change_span span = {0};
  table_slot slot;
  for (uint64_t va = start; table_next(&space->process.table, &va, end, &slot); va += TW_PAGE_BYTES) {
    if ((*slot.entry & rights) == wanted) continue;
    if (!change_begin(space, &span, va, error) || !space_kernel_write(space, &slot, ~rights, wanted, error))
      return false;
  }
  return change_end(space, &span, error);
}

static bool change_clear(tw_space *space, uint64_t start, uint64_t end, tw_error *error) {
  if (!tw_region_carve(&space->process.regions, start, end)) return tw_error_set(error, "out of memory for regions");
  return change_unmap_pages(space, start, end, error);
}

/* Puts a region in place of whatever was there. */
static bool change_put(tw_space *space, const tw_region *added, tw_error *error) {
  if (!change_unmap_pages(space, added->start, added->end, error)) return false;
  return tw_region_insert(&space->process.regions, added) || tw_error_set(error, "out of memory for regions");
}

static bool change_map(tw_space *space, const tw_record *record, tw_error *error) {
  const tw_record_map *map = &record->map;
  tw_space_rebase wanted = {.from = map->start, .length = map->length};
  uint64_t start;
  if (map->use == TW_REGION_KERNEL) return true; /* this space has a kernel of its own */
  if (!rebase_place(&space->rebase, &wanted, map->grows_down ? SPACE_STACK_LIMIT : 0, &start, error)) return false;
  tw_region added = {start, start + map->length, map->prot, map->shared, map->grows_down, map->use};
  return change_put(space, &added, error);
}

typedef bool (*change_piece)(tw_space *space, uint64_t start, uint64_t end, const tw_record *record, tw_error *error);

static bool change_piece_unmap(tw_space *space, uint64_t start, uint64_t end, const tw_record *record,
                               tw_error *error) {
  (void)record;
  return change_clear(space, start, end, error);
}

static bool change_piece_protect(tw_space *space, uint64_t start, uint64_t end, const tw_record *record,
                                 tw_error *error) {
  if (!tw_region_protect(&space->process.regions, start, end, record->map.prot)) {
    return tw_error_set(error, "out of memory for regions");
  }
  return change_protect_pages(space, start, end, record->map.prot, error);
}

/* A range may lie in pieces after moving; parts that have no place hold nothing. The last page of all addresses never
 * holds anything: no region has a place that ends at 2^64. */
static bool change_range(tw_space *space, const tw_record *record, change_piece apply, tw_error *error) {
  uint64_t end = record->map.start + record->map.length;
  if (!end) end -= TW_PAGE_BYTES;
  tw_space_rebase piece;
  for (uint64_t at = record->map.start; at < end; at += piece.length) {
    if (!rebase_piece(&space->rebase, at, end, &piece)) continue;
    uint64_t to = piece.to + piece.length;
    if (to > space->rebase.limit) to = space->rebase.limit;
    if (!apply(space, piece.to, to, record, error)) return false;
  }
  return true;
}

/* The first break says where the heap begins, unless the map had one from the start. */
static bool change_heap_find(tw_space *space, uint64_t first_break, tw_error *error) {
  space_process *process = &space->process;
  const tw_region *heap = tw_region_of_use(&process->regions, TW_REGION_HEAP);
  tw_space_rebase wanted = {.from = first_break, .length = 1};
  if (heap) {
    process->heap_start = heap->start;
    process->heap_end = heap->end;
    process->heap_from = rebase_origin(&space->rebase, heap->start);
  } else {
    if (!rebase_place(&space->rebase, &wanted, 0, &process->heap_start, error)) return false;
    process->heap_end = process->heap_start;
    process->heap_from = first_break;
  }
  process->heap_known = true;
  return true;
}

/* All of the heap has one place, so that it stays in one piece however far it grows at once. */
static bool change_break(tw_space *space, const tw_record *record, tw_error *error) {
  space_process *process = &space->process;
  uint64_t asked = (record->map.start + TW_PAGE_BYTES - 1) & ~(uint64_t)(TW_PAGE_BYTES - 1), start;
  if (!asked) return tw_error_set(error, "break 0x%" PRIx64 ": no heap can end there", record->map.start);
  if (!process->heap_known && !change_heap_find(space, asked, error)) return false;
  if (asked < process->heap_from) {
    return tw_error_set(error, "break 0x%" PRIx64 " is below the heap, which begins at 0x%" PRIx64, record->map.start,
                        process->heap_from);
  }
  tw_space_rebase wanted = {.from = process->heap_from, .length = asked - process->heap_from};
  if (wanted.length && !rebase_place(&space->rebase, &wanted, 0, &start, error)) return false;
  uint64_t end = process->heap_start + wanted.length;
  uint64_t old = process->heap_end;
  process->heap_end = end;
  if (end < old) return change_clear(space, end, old, error);
  tw_region grown = {old, end, TW_PROT_READ | TW_PROT_WRITE, false, false, TW_REGION_HEAP};
  return end == old || change_put(space, &grown, error);
}

static bool change_make(tw_space *space, const tw_record *change, tw_error *error) {
  switch (change->kind) {
  case TW_RECORD_MAP:
    return change_map(space, change, error);
  case TW_RECORD_UNMAP:
    return change_range(space, change, change_piece_unmap, error);
  case TW_RECORD_PROTECT:
    return change_range(space, change, change_piece_protect, error);
  default:
    return change_break(space, change, error);
  }
}

bool space_change_apply(tw_space *space, const tw_record *change, tw_error *error) {
  tw_error cause = {0};
  if (change_make(space, change, &cause)) return true;
  return tw_error_set(error, "record %" PRIu64 ": %.480s", change->number, cause.text);
}
