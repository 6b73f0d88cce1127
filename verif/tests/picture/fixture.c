/* Makes states by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Room for one more at the end of an array. */
static void *grown(void *array, size_t count, size_t bytes) {
  void *more = realloc(array, (count + 1) * bytes);
  assert_non_null(more);
  memset((char *)more + count * bytes, 0, bytes);
  return more;
}

void fixture_region(tw_state_process *process, uint64_t start, uint64_t end, tw_region_use use, uint8_t prot,
                    const char *name) {
  process->regions = grown(process->regions, process->region_count, sizeof *process->regions);
  const tw_region region = {.start = start, .end = end, .prot = prot, .use = use, .grows_down = use == TW_REGION_STACK};
  process->regions[process->region_count++] = (tw_state_region){region, strdup(name)};
}

static tw_space_page *page_add(tw_state_process *process, uint64_t va, uint32_t sharers) {
  process->pages = grown(process->pages, process->page_count, sizeof *process->pages);
  tw_space_page *page = &process->pages[process->page_count++];
  page->va = va;
  page->length = TW_PAGE_BYTES;
  page->sharers = sharers;
  return page;
}

void fixture_page(tw_state_process *process, uint64_t va, uint64_t pa, uint32_t sharers) {
  tw_space_page *page = page_add(process, va, sharers);
  page->resident = true;
  page->pa = pa;
  page->file = sharers > 1;
  page->flags = TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_U | TW_PTE_A | TW_PTE_D;
  process->resident++;
}

void fixture_swapped(tw_state_process *process, uint64_t va, uint64_t slot, uint32_t sharers) {
  page_add(process, va, sharers)->slot = slot;
  process->swapped++;
}

void fixture_table(tw_state_process *process, uint8_t level, uint64_t va, uint64_t pa, uint32_t pointers,
                   uint32_t leaves, bool shared) {
  process->tables = grown(process->tables, process->table_count, sizeof *process->tables);
  process->tables[process->table_count++] = (tw_space_table){level, va, pa, pointers, leaves, shared};
}

tw_state_process *fixture_process(tw_state *state, uint32_t number, const char *name) {
  state->processes = grown(state->processes, state->process_count, sizeof *state->processes);
  tw_state_process *process = &state->processes[state->process_count++];
  process->id = number << 16;
  process->name = strdup(name);
  process->alive = true;
  process->running = number == 0;
  process->asid = (uint16_t)(number + 1);
  process->root_pa = 0x80100000u + number * 0x1000u;
  return process;
}

static void tables_add(tw_state_process *process, uint64_t base) {
  fixture_table(process, 2, 0, base, 4, 1, false);
  fixture_table(process, 1, 0, base + 0x1000, 2, 0, false);
  fixture_table(process, 1, 0x3fc0000000, base + 0x2000, 1, 0, false);
  fixture_table(process, 1, 0xffffffc000000000, 0x80200000, 0, 1, true);
  fixture_table(process, 0, 0x400000, base + 0x3000, 0, 5, false);
  fixture_table(process, 0, 0x600000, base + 0x4000, 0, 3, false);
  fixture_table(process, 0, 0x3fffe00000, base + 0x5000, 0, 2, false);
}

static void process_fill(tw_state_process *process, uint64_t frames, bool copied) {
  fixture_region(process, 0x400000, 0x410000, TW_REGION_CODE, TW_PROT_READ | TW_PROT_EXECUTE, "/usr/bin/example");
  fixture_region(process, 0x410000, 0x418000, TW_REGION_DATA, TW_PROT_READ | TW_PROT_WRITE, "/usr/bin/example");
  fixture_region(process, 0x600000, 0x640000, TW_REGION_HEAP, TW_PROT_READ | TW_PROT_WRITE, "");
  fixture_region(process, 0x3fff000000, 0x3fff040000, TW_REGION_FILE, TW_PROT_READ | TW_PROT_EXECUTE,
                 "/lib/libc & <more>.so");
  fixture_region(process, 0x3fff7ff000, 0x3fff800000, TW_REGION_GUARD, 0, "");
  fixture_region(process, 0x3fff800000, 0x4000000000, TW_REGION_STACK, TW_PROT_READ | TW_PROT_WRITE, "");
  fixture_page(process, 0x400000, 0x80300000, 2);
  fixture_page(process, 0x401000, 0x80301000, 2);
  fixture_page(process, 0x410000, copied ? frames + 0x7000 : 0x80302000, copied ? 1 : 2);
  for (uint64_t i = 0; i < 9; i++) fixture_page(process, 0x600000 + i * 0x1000, frames + i * 0x10000, 1);
  fixture_swapped(process, 0x620000, 12 + frames % 7, 1);
  for (uint64_t i = 0; i < 12; i++) fixture_page(process, 0x3fff000000 + i * 0x2000, 0x80400000 + i * 0x5000, 2);
  fixture_page(process, 0x3ffffff000, frames + 0x3000, 1);
  tables_add(process, frames + 0x800000);
}

static void state_fill(tw_state *state, bool copied) {
  process_fill(fixture_process(state, 0, "/usr/bin/example"), 0x81000000, false);
  process_fill(fixture_process(state, 1, "second"), 0x82000000, copied);
  tw_state_process *first = &state->processes[0];
  first->blocks = calloc(64, sizeof *first->blocks);
  assert_non_null(first->blocks);
  for (uint64_t i = 0; i < 64; i++) first->blocks[i] = (tw_block){0x600010 + i * 0x900, 0x200 + i * 0x10};
  first->block_count = 64;
  first->heap = tw_heap_measure(first->blocks, 64, 0x600000, 0x640000);
  assert_true(tw_state_shares_find(state));
}

static void samples_fill(tw_map *map) {
  tw_blocks *blocks = calloc(1, sizeof *blocks);
  assert_non_null(blocks);
  blocks->step = 1;
  for (uint64_t i = 0; i < 100; i++)
    blocks->samples[blocks->sample_count++] = (tw_heap_sample){.record = 1000 + i * 37,
                                                               .heap = 0x40000,
                                                               .used = 0x400 * i,
                                                               .holes = 0x40000 - 0x400 * i,
                                                               .largest_hole = 0x38000 - 0x600 * i,
                                                               .blocks = i};
  map->allocator.first = blocks;
}

void fixture_map(tw_map *map, bool pair) {
  tw_error error;
  *map = (tw_map){.title = strdup("Two processes & a <library>"),
                  .trace = strdup("made by hand"),
                  .mode = TW_SV39,
                  .parts = TW_MAP_ALL};
  map->records = 4711;
  map->machine = (tw_space_options){.mode = TW_SV39, .frame_base = 0x80000000, .frame_count = 262144};
  map->machine.layout = (tw_layout){.name = "linux-sv39",
                                    .user_end = 0x4000000000,
                                    .direct_va = 0xffffffd600000000,
                                    .direct_level = 2,
                                    .direct_bytes = 0x1000000000,
                                    .text_va = 0xffffffff80000000};
  state_fill(&map->states[1], pair);
  samples_fill(map);
  assert_true(tw_map_mark_add(map, "main", 0x400123, &error));
  assert_true(tw_map_mark_add(map, "a local variable", 0x3ffffffe10, &error));
  if (!pair) return;
  state_fill(&map->states[0], false);
  map->pair = true;
  map->record = 4710;
  map->record_text = strdup("store va=0x410008 size=8");
  map->events = calloc(2, sizeof *map->events);
  assert_non_null(map->events);
  map->events[0] = (tw_space_event){TW_SPACE_COPY, 0x10000, 4710, 0x410000, 0x82007000};
  map->events[1] = (tw_space_event){TW_SPACE_FENCE, 0x10000, 4710, 0x410000, 0};
  map->event_count = 2;
}
