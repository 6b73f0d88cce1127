/* Copies processes, regions, pages, tables and blocks.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

tw_page_state tw_page_state_of(const tw_space_page *page) {
  if (!page->resident) return TW_PAGE_SWAPPED;
  if (!(page->flags & TW_PTE_V)) return TW_PAGE_BARRED;
  return page->sharers > 1 ? TW_PAGE_SHARED : TW_PAGE_RESIDENT;
}

const char *tw_page_state_name(tw_page_state state) {
  static const char *const names[] = {"untouched", "resident", "shared", "swapped", "barred"};
  return (unsigned)state < TW_PAGE_STATE_COUNT ? names[state] : "unknown";
}

static bool regions_take(tw_state_process *to, const tw_space *space, const tw_region_list *from,
                         const tw_names *names) {
  to->regions = calloc(from->count + 1, sizeof *to->regions);
  if (!to->regions) return false;
  for (size_t i = 0; i < from->count; i++) {
    const uint64_t va = tw_program_address(space, from->at[i].start);
    to->regions[i] = (tw_state_region){from->at[i], strdup(tw_names_find(names, to->id, va))};
    if (!to->regions[i].name) return false;
    to->region_count++;
  }
  return true;
}

static bool pages_take(tw_state_process *to, const tw_space *space, size_t n) {
  tw_space_page page;
  size_t room = 0;
  for (uint64_t va = 0; tw_space_page_next(space, n, va, &page); va = page.va + page.length) {
    if (to->page_count == room) {
      room = room ? room * 2 : 64;
      tw_space_page *pages = realloc(to->pages, room * sizeof *pages);
      if (!pages) return false;
      to->pages = pages;
    }
    to->pages[to->page_count++] = page;
    if (page.va + page.length == 0) break;
  }
  return true;
}

static bool tables_take(tw_state_process *to, const tw_space *space, size_t n) {
  tw_space_table table;
  size_t room = 0;
  for (size_t i = 0; tw_space_table_at(space, n, i, &table); i++) {
    if (to->table_count == room) {
      room = room ? room * 2 : 16;
      tw_space_table *tables = realloc(to->tables, room * sizeof *tables);
      if (!tables) return false;
      to->tables = tables;
    }
    to->tables[to->table_count++] = table;
  }
  return true;
}

static bool blocks_take(tw_state_process *to, const tw_region_list *regions, const tw_allocator *allocator) {
  const tw_blocks *blocks = tw_allocator_find(allocator, to->id);
  if (!blocks) return true;
  to->blocks = tw_blocks_sorted(blocks, &to->block_count);
  if (!to->blocks) return false;
  const tw_region *heap = tw_region_of_use(regions, TW_REGION_HEAP);
  if (heap) to->heap = tw_heap_measure(to->blocks, to->block_count, heap->start, heap->end);
  return true;
}

static bool process_take(tw_state_process *to, const tw_space *space, size_t n, const tw_space_process *from,
                         const tw_names *names, const tw_allocator *allocator) {
  *to = (tw_state_process){
      .id = from->id,
      .name = tw_plain_copy(from->id == 0 && !(from->name && from->name[0]) ? names->first : from->name),
      .alive = from->alive,
      .running = from->running,
      .asid = from->asid,
      .root_pa = from->root_pa,
      .resident = from->resident,
      .swapped = from->swapped,
      .accesses = from->accesses,
      .page_faults = from->page_faults,
      .segmentation_faults = from->segmentation_faults};
  if (!to->name || !from->alive) return to->name != NULL;
  return regions_take(to, space, from->regions, names) && pages_take(to, space, n) && tables_take(to, space, n) &&
         blocks_take(to, from->regions, allocator);
}

bool tw_state_take(tw_state *state, const tw_space *space, const tw_names *names, const tw_allocator *allocator,
                   tw_error *error) {
  const size_t count = tw_space_processes(space);
  bool good = !names->failed && !allocator->failed;
  *state = (tw_state){.processes = calloc(count + 1, sizeof *state->processes)};
  good = good && state->processes;
  for (size_t n = 0; n < count && good; n++) {
    tw_space_process process;
    if (!tw_space_process_at(space, n, &process)) break;
    state->process_count++;
    good = process_take(&state->processes[n], space, n, &process, names, allocator);
  }
  tw_space_count(space, &state->counts);
  good = good && tw_state_shares_find(state);
  if (!good) tw_state_free(state);
  return good || tw_error_set(error, "memory is out");
}

static void process_free(tw_state_process *process) {
  for (size_t i = 0; i < process->region_count; i++) free(process->regions[i].name);
  free(process->regions);
  free(process->pages);
  free(process->tables);
  free(process->blocks);
  free(process->name);
}

void tw_state_free(tw_state *state) {
  for (size_t i = 0; i < state->process_count; i++) process_free(&state->processes[i]);
  for (size_t i = 0; i < state->share_count; i++) {
    free(state->shares[i].members);
    free(state->shares[i].name);
  }
  free(state->processes);
  free(state->shares);
  *state = (tw_state){0};
}

size_t tw_state_page_above(const tw_state_process *process, uint64_t va) {
  size_t low = 0, high = process->page_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const tw_space_page *page = &process->pages[middle];
    if (page->va + (page->length - 1) >= va) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

const tw_space_page *tw_state_page_find(const tw_state_process *process, uint64_t va) {
  const size_t index = tw_state_page_above(process, va);
  return index < process->page_count && process->pages[index].va <= va ? &process->pages[index] : NULL;
}

const tw_state_region *tw_state_region_find(const tw_state_process *process, uint64_t va) {
  for (size_t i = 0; i < process->region_count; i++) {
    const tw_region *region = &process->regions[i].region;
    if (va >= region->start && va < region->end) return &process->regions[i];
  }
  return NULL;
}

void tw_state_process_label(const tw_state_process *process, char *text, size_t size) {
  const char *slash = strrchr(process->name, '/');
  const char *name = slash ? slash + 1 : process->name;
  snprintf(text, size, "process %u%s%s", process->id >> 16, name[0] ? ", " : "", name);
}
