/* Changes of the map: mmap, munmap, mprotect, brk, madvise, and what becomes of the pages that were mapped.
 * SPDX-License-Identifier: Apache-2.0 */
#include "huge.h"

#include <inttypes.h>
#include <stdlib.h>

static bool change_memory(bool done, tw_error *error) {
  return done || tw_error_set(error, "out of memory for regions");
}

bool space_change_clear(tw_space *space, space_flush *flush, uint64_t start, uint64_t end, tw_error *error) {
  table_slot slot;
  for (uint64_t va = start; table_next(&flush->process->table, &va, end, &slot); va += TW_PAGE_BYTES) {
    uint64_t entry = *slot.entry;
    if (!space_flush_write(space, flush, &slot, 0, 0, error) ||
        !space_page_unmap(space, flush->process, &slot, entry, error))
      return false;
  }
  return true;
}

/* Pages are taken away, and then the tables that no region needs any more. Whoever takes a frame next maps it behind
 * the fence. */
static bool change_unmap_pages(tw_space *space, uint64_t start, uint64_t end, bool tables, tw_error *error) {
  space_flush flush = {.event = TW_FENCED_UNMAP, .process = space->running};
  space_page_unplace(space, space->running, start, end);
  return space_huge_cut(space, space->running, start, end, error) &&
         space_change_clear(space, &flush, start, end, error) &&
         (!tables || space_flush_tables(space, &flush, start, end, error)) && space_flush_end(space, &flush, error) &&
         space_kernel_leave(space, error);
}

static bool change_reference_map(tw_space *space, const tw_region *added, tw_error *error) {
  if (!space->reference) return true;
  const space_object *object = added->object ? space_object_of(space, added->object) : NULL;
  const reference_range range = {.start = added->start,
                                 .end = added->end,
                                 .object = object ? object->key : 0,
                                 .file = object ? object->file : 0,
                                 .offset = added->offset,
                                 .shared = added->shared};
  return reference_map(space->reference, space->running->index, &range) ||
         tw_error_set(error, "out of memory for a region's content");
}

static bool change_clear(tw_space *space, uint64_t start, uint64_t end, tw_error *error) {
  space_process *process = space->running;
  if (!change_memory(tw_region_carve(&process->regions, start, end), error) ||
      !change_unmap_pages(space, start, end, true, error))
    return false;
  if (space->unnamed_count) space_cache_collect(space);
  return !space->reference || reference_unmap(space->reference, process->index, start, end) ||
         tw_error_set(error, "out of memory for a region's content");
}

/* Puts a region in place of whatever was there. */
static bool change_put(tw_space *space, const tw_region *added, tw_error *error) {
  if (added->start == added->end) return true;
  if (!change_unmap_pages(space, added->start, added->end, false, error) ||
      !change_memory(tw_region_insert(&space->running->regions, added), error))
    return false;
  if (space->unnamed_count) space_cache_collect(space);
  return change_reference_map(space, added, error);
}

static void change_use(const tw_space *space, uint8_t *used, uint64_t start, uint64_t end) {
  uint64_t limit = space->rebase.limit;
  for (uint64_t at = start; at < end && at < limit; at = (at | ((UINT64_C(1) << REBASE_CHUNK_BITS) - 1)) + 1)
    used[at >> REBASE_CHUNK_BITS] = 1;
}

/* Where regions lie, with the room that a stack may grow into, and heaps begin. */
static void change_use_process(const tw_space *space, uint8_t *used, const space_process *process) {
  for (size_t i = 0; i < process->regions.count; i++) {
    const tw_region *region = &process->regions.at[i];
    uint64_t reserve = region->end < SPACE_STACK_LIMIT ? region->end : SPACE_STACK_LIMIT;
    uint64_t lowest = region->end - reserve;
    change_use(space, used, region->grows_down && lowest < region->start ? lowest : region->start, region->end);
  }
  if (process->heap_known) change_use(space, used, process->heap_start, process->heap_end + 1);
  for (size_t i = 0; i < process->place_count; i++) {
    change_use(space, used, process->places[i].va, process->places[i].va + 1);
  }
}

/* A place for a region; if there is none, those of what is gone are given to others. */
static bool change_place(tw_space *space, const tw_space_rebase *wanted, uint64_t reserve, uint64_t *to,
                         tw_error *error) {
  if (rebase_place(&space->rebase, wanted, reserve, to, error)) return true;
  uint8_t *used = calloc((size_t)(space->rebase.limit >> REBASE_CHUNK_BITS), 1);
  if (!used) return change_memory(false, error);
  for (size_t i = 0; i < space->process_count; i++) change_use_process(space, used, space->processes[i]);
  bool collected = rebase_collect(&space->rebase, used);
  free(used);
  return change_memory(collected, error) && rebase_place(&space->rebase, wanted, reserve, to, error);
}

static bool change_map(tw_space *space, const tw_record *record, tw_error *error) {
  const tw_record_map *map = &record->map;
  tw_space_rebase wanted = {.from = map->start, .length = map->length};
  uint64_t start;
  if (map->use == TW_REGION_KERNEL) return true; /* this space has a kernel of its own */
  if (!change_place(space, &wanted, map->grows_down ? SPACE_STACK_LIMIT : 0, &start, error)) return false;
  tw_region added = {.start = start,
                     .end = start + map->length,
                     .prot = map->prot,
                     .shared = map->shared,
                     .grows_down = map->grows_down,
                     .use = map->use};
  if (!space_cache_object(space, map, &added.object, error)) return false;
  if (added.object) {
    added.offset = map->offset;
    added.grows_down = false; /* below a file's page is another one, and no memory that begins with zeroes */
  }
  return change_put(space, &added, error);
}

typedef bool (*change_piece)(tw_space *space, uint64_t start, uint64_t end, const tw_record *record, tw_error *error);

static bool change_piece_unmap(tw_space *space, uint64_t start, uint64_t end, const tw_record *record,
                               tw_error *error) {
  (void)record;
  return change_clear(space, start, end, error);
}

/* A page that loses every right keeps its frame: V is cleared, and comes back with the rights. */
static bool change_protect_page(tw_space *space, space_flush *flush, const table_slot *slot, tw_error *error) {
  const uint64_t bits = TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X;
  const tw_region *region = tw_region_find(&flush->process->regions, slot->va);
  if (!region || table_is_swapped(*slot->entry)) return true;
  uint64_t wanted = space_page_rights(space, region, space_page_frame(space, slot)) & bits;
  return (*slot->entry & bits) == wanted || space_flush_write(space, flush, slot, ~bits, wanted, error);
}

static bool change_piece_protect(tw_space *space, uint64_t start, uint64_t end, const tw_record *record,
                                 tw_error *error) {
  space_flush flush = {.event = TW_FENCED_PROTECT, .process = space->running};
  table_slot slot;
  if (!change_memory(tw_region_protect(&space->running->regions, start, end, record->map.prot), error) ||
      !space_huge_cut(space, space->running, start, end, error))
    return false;
  for (uint64_t va = start; table_next(&space->running->table, &va, end, &slot); va += TW_PAGE_BYTES) {
    if (!change_protect_page(space, &flush, &slot, error)) return false;
  }
  return space_flush_end(space, &flush, error) && space_kernel_leave(space, error);
}

/* Pages of this process alone go at once, whether they were used or not. */
static bool change_page_out(tw_space *space, uint64_t start, uint64_t end, tw_error *error) {
  table_slot slot;
  if (!space_huge_break(space, space->running, start, end, error)) return false;
  for (uint64_t va = start; table_next(&space->running->table, &va, end, &slot); va += TW_PAGE_BYTES) {
    frame *lies = table_is_swapped(*slot.entry) ? NULL : space_page_frame(space, &slot);
    bool gone;
    if (lies && lies->mapping_count == 1 && !space_reclaim_frame(space, lies, &gone, error)) return false;
  }
  return space_kernel_leave(space, error);
}

static bool change_piece_advise(tw_space *space, uint64_t start, uint64_t end, const tw_record *record,
                                tw_error *error) {
  space_process *process = space->running;
  switch (record->map.advice) {
  case TW_ADVICE_COLD:
    return change_page_out(space, start, end, error);
  case TW_ADVICE_DROP:
    if (space->reference && !reference_drop(space->reference, process->index, start, end))
      return tw_error_set(error, "out of memory for a region's content");
    return change_unmap_pages(space, start, end, false, error);
  default:
    if (record->map.advice == TW_ADVICE_NO_HUGE &&
        (!space_huge_break(space, process, start, end, error) || !space_kernel_leave(space, error)))
      return false;
    return change_memory(tw_region_advise(&process->regions, start, end, record->map.advice), error);
  }
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
  space_process *process = space->running;
  const tw_region *heap = tw_region_of_use(&process->regions, TW_REGION_HEAP);
  tw_space_rebase wanted = {.from = first_break, .length = 1};
  if (heap) {
    process->heap_start = heap->start;
    process->heap_end = heap->end;
    process->heap_from = rebase_origin(&space->rebase, heap->start);
  } else {
    if (!change_place(space, &wanted, 0, &process->heap_start, error)) return false;
    process->heap_end = process->heap_start;
    process->heap_from = first_break;
  }
  process->heap_known = true;
  return true;
}

/* All of the heap has one place, so that it stays in one piece however far it grows at once. */
static bool change_break(tw_space *space, const tw_record *record, tw_error *error) {
  space_process *process = space->running;
  uint64_t asked = (record->map.start + TW_PAGE_BYTES - 1) & ~SPACE_PAGE_MASK, start;
  if (!asked) return tw_error_set(error, "break 0x%" PRIx64 ": no heap can end there", record->map.start);
  if (!process->heap_known && !change_heap_find(space, asked, error)) return false;
  if (asked < process->heap_from) {
    return tw_error_set(error, "break 0x%" PRIx64 " is below the heap, which begins at 0x%" PRIx64, record->map.start,
                        process->heap_from);
  }
  tw_space_rebase wanted = {.from = process->heap_from, .length = asked - process->heap_from};
  if (wanted.length && !change_place(space, &wanted, 0, &start, error)) return false;
  uint64_t end = process->heap_start + wanted.length;
  uint64_t old = process->heap_end;
  process->heap_end = end;
  if (end < old) return change_clear(space, end, old, error);
  tw_region grown = {.start = old, .end = end, .prot = TW_PROT_READ | TW_PROT_WRITE, .use = TW_REGION_HEAP};
  return change_put(space, &grown, error);
}

bool space_change_apply(tw_space *space, const tw_record *change, tw_error *error) {
  switch (change->kind) {
  case TW_RECORD_MAP:
    return change_map(space, change, error);
  case TW_RECORD_UNMAP:
    return change_range(space, change, change_piece_unmap, error);
  case TW_RECORD_PROTECT:
    return change_range(space, change, change_piece_protect, error);
  case TW_RECORD_ADVISE:
    return change_range(space, change, change_piece_advise, error);
  default:
    return change_break(space, change, error);
  }
}
