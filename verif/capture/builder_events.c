/* Builds a program trace: what is no access, with the regions that follow from it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "builder.h"

#define PAGE_DOWN(value) ((value) & ~(uint64_t)(TW_PAGE_BYTES - 1))
#define PAGE_UP(value) PAGE_DOWN((value) + TW_PAGE_BYTES - 1)

bool builder_map(trace_builder *builder, const tw_record_map *map, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_MAP, .map = *map};
  tw_region added = {.start = map->start,
                     .end = map->start + map->length,
                     .prot = map->prot,
                     .shared = map->shared,
                     .grows_down = map->grows_down,
                     .use = map->use};
  if (map->length && !added.end) {
    return tw_error_set(error, "expected a region that ends below 2^64, found 0x%" PRIx64 " bytes at 0x%" PRIx64,
                        map->length, map->start);
  }
  if (!builder_write(builder, &record, error)) return false;
  builder_map_changed(builder);
  return tw_region_insert(&builder_running(builder)->mapped, &added) || builder_out_of_memory(builder, error);
}

bool builder_unmap(trace_builder *builder, uint64_t start, uint64_t length, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_UNMAP, .map = {.start = start, .length = PAGE_UP(length), .name = ""}};
  if (!length) return true;
  if (!builder_write(builder, &record, error)) return false;
  builder_map_changed(builder);
  return tw_region_carve(&builder_running(builder)->mapped, start, start + PAGE_UP(length)) ||
         builder_out_of_memory(builder, error);
}

bool builder_protect(trace_builder *builder, uint64_t start, uint64_t length, uint8_t prot, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_PROTECT,
                      .map = {.start = start, .length = PAGE_UP(length), .prot = prot, .name = ""}};
  if (!length) return true;
  return builder_write(builder, &record, error) &&
         (tw_region_protect(&builder_running(builder)->mapped, start, start + PAGE_UP(length), prot) ||
          builder_out_of_memory(builder, error));
}

bool builder_advise(trace_builder *builder, uint64_t start, uint64_t length, tw_advice advice, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_ADVISE,
                      .map = {.start = start, .length = PAGE_UP(length), .advice = advice, .name = ""}};
  return !length || builder_write(builder, &record, error);
}

/* Whether the heap can end there: it begins at the first break, and does not wrap around. */
static bool break_check(const builder_process *process, uint64_t end, tw_error *error) {
  if (!PAGE_UP(end)) return tw_error_set(error, "expected a break at which a heap can end, found 0x%" PRIx64, end);
  return !process->heap_known || PAGE_UP(end) >= process->heap_start ||
         tw_error_set(error, "expected a break from 0x%" PRIx64 " on, where the heap begins, found 0x%" PRIx64,
                      process->heap_start, end);
}

bool builder_break(trace_builder *builder, uint64_t end, tw_error *error) {
  builder_process *process = builder_running(builder);
  uint64_t old = process->heap_known ? process->heap_end : PAGE_UP(end);
  tw_region grown = {.start = old, .end = PAGE_UP(end), .prot = TW_PROT_READ | TW_PROT_WRITE, .use = TW_REGION_HEAP};
  if (!break_check(process, end, error)) return false;
  if (!builder_write(builder, &(tw_record){.kind = TW_RECORD_BREAK, .map = {.start = end, .name = ""}}, error)) {
    return false;
  }
  builder_map_changed(builder);
  if (!process->heap_known) process->heap_start = grown.end;
  process->heap_known = true;
  process->heap_end = grown.end;
  bool done = grown.end < old ? tw_region_carve(&process->mapped, grown.end, old)
                              : grown.end == old || tw_region_insert(&process->mapped, &grown);
  return done || builder_out_of_memory(builder, error);
}

bool builder_call(trace_builder *builder, const tw_record_call *call, tw_error *error) {
  return builder_write(builder, &(tw_record){.kind = TW_RECORD_CALL, .call = *call}, error);
}

bool builder_fence(trace_builder *builder, const tw_record_fence *fence, tw_error *error) {
  return builder_write(builder, &(tw_record){.kind = TW_RECORD_FENCE, .fence = *fence}, error);
}

/* Room for one more process, which is not there yet. */
static bool process_room(trace_builder *builder, tw_error *error) {
  if (builder->process_count == BUILDER_PROCESSES_MAX) {
    return tw_error_set(error, "expected at most %u processes, found one more", BUILDER_PROCESSES_MAX);
  }
  if (builder->process_count < builder->process_capacity) return true;
  unsigned capacity = builder->process_capacity * 2;
  builder_process *processes = realloc(builder->processes, capacity * sizeof *processes);
  if (!processes) return builder_out_of_memory(builder, error);
  builder->processes = processes;
  builder->process_capacity = capacity;
  return true;
}

bool builder_fork(trace_builder *builder, uint32_t pid, unsigned *number, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_FORK, .id = builder->process_count << 16};
  if (!process_room(builder, error) || !builder_write(builder, &record, error)) return false;
  builder_process *parent = builder_running(builder), *child = &builder->processes[builder->process_count];
  *child = *parent;
  child->pid = pid;
  child->generation = ++builder->generations;
  child->mapped = (tw_region_list){0};
  *number = builder->process_count++;
  return tw_region_copy(&child->mapped, &parent->mapped) || builder_out_of_memory(builder, error);
}

bool builder_begin(trace_builder *builder, const char *name, unsigned *number, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_PROCESS, .id = builder->process_count << 16, .name = name};
  unsigned image;
  if (!process_room(builder, error) || !builder_write(builder, &record, error)) return false;
  if (!builder_image_add(builder, &image)) return builder_out_of_memory(builder, error);
  *number = builder->process_count++;
  builder->processes[*number] = (builder_process){.image = image, .alive = true, .generation = ++builder->generations};
  return true;
}

bool builder_exec(trace_builder *builder, const char *name, tw_error *error) {
  builder_process *process = builder_running(builder);
  if (!builder_write(builder, &(tw_record){.kind = TW_RECORD_EXEC, .name = name}, error)) return false;
  if (!builder_image_add(builder, &process->image)) return builder_out_of_memory(builder, error);
  tw_region_free(&process->mapped);
  process->mapped = (tw_region_list){0};
  process->heap_known = false;
  builder_map_changed(builder);
  return true;
}

bool builder_exit(trace_builder *builder, bool process, tw_error *error) {
  uint32_t id = process ? builder->thread & ~0xffffu : builder->thread;
  if (!builder_write(builder, &(tw_record){.kind = TW_RECORD_EXIT, .id = id}, error)) return false;
  if (process) builder_running(builder)->alive = false;
  return true;
}

/* A page that moves is mapped anew, to the object that stands for physical memory. Whatever maps a page of that lies in
 * its one frame, so that a frame has to be named once. */
bool builder_place(trace_builder *builder, uint64_t va, uint64_t pa, bool moved, bool first, tw_error *error) {
  tw_record place = {.kind = TW_RECORD_PLACE, .place = {PAGE_DOWN(va), PAGE_DOWN(pa)}};
  tw_record_map map = {.start = PAGE_DOWN(va),
                       .length = TW_PAGE_BYTES,
                       .offset = PAGE_DOWN(pa),
                       .prot = TW_PROT_READ | TW_PROT_WRITE | TW_PROT_EXECUTE,
                       .shared = true,
                       .use = TW_REGION_MAPPED,
                       .name = BUILDER_MEMORY_NAME};
  builder_page *page = builder_page_of(builder, va >> TW_PAGE_BITS);
  if (!page) return builder_out_of_memory(builder, error);
  if (!moved) {
    page->has_pa = true;
    page->pa = PAGE_DOWN(pa);
  }
  builder->placed = true;
  if (PAGE_DOWN(pa) < builder->lowest_frame) builder->lowest_frame = PAGE_DOWN(pa);
  if (PAGE_DOWN(pa) > builder->highest_frame) builder->highest_frame = PAGE_DOWN(pa);
  return (!moved || builder_map(builder, &map, error)) && (!first || builder_write(builder, &place, error));
}
