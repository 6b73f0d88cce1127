/* A process's map: regions, the names of address ranges, and places for what is to be mapped.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

#define PAGE 4096u
#define LOWEST 0x10000u /* nothing is placed below: null pointers */

process *process_open(playing *play, const char *name) {
  if (play->process_count == PLAY_PROCESSES_MAX) {
    play_fail(play, "more than %u processes", PLAY_PROCESSES_MAX);
    return NULL;
  }
  process **processes = realloc(play->processes, (play->process_count + 1) * sizeof(process *));
  if (processes) play->processes = processes;
  process *owner = processes ? calloc(1, sizeof *owner) : NULL;
  if (!owner) {
    play_fail(play, "memory is out");
    return NULL;
  }
  owner->name = name;
  owner->number = (uint32_t)play->process_count;
  owner->alive = true;
  play->processes[play->process_count++] = owner;
  return owner;
}

void process_clear(process *owner) {
  tw_region_free(&owner->regions);
  free(owner->ranges);
  allocator_close(owner->heap);
  owner->ranges = NULL;
  owner->range_count = owner->range_capacity = 0;
  owner->heap = NULL;
}

void process_close(process *owner) {
  process_clear(owner);
  free(owner);
}

process *process_fork(playing *play, const process *parent, const char *name) {
  process *child = process_open(play, name);
  if (!child) return NULL;
  const uint32_t number = child->number;
  *child = *parent;
  child->name = name;
  child->number = number;
  child->threads = 0;
  child->regions = (tw_region_list){0};
  child->range_capacity = parent->range_count + 1;
  child->ranges = malloc(child->range_capacity * sizeof *child->ranges);
  child->heap = parent->heap ? allocator_copy(parent->heap) : NULL;
  if (!tw_region_copy(&child->regions, &parent->regions) || !child->ranges || !child->heap != !parent->heap) {
    play_fail(play, "memory is out");
    return NULL;
  }
  if (parent->range_count) memcpy(child->ranges, parent->ranges, parent->range_count * sizeof *child->ranges);
  return child;
}

const named_range *process_range(const process *owner, const char *name) {
  for (size_t i = 0; i < owner->range_count; i++)
    if (strcmp(owner->ranges[i].name, name) == 0) return &owner->ranges[i];
  return NULL;
}

bool process_name(playing *play, process *owner, const named_range *range) {
  for (size_t i = 0; i < owner->range_count; i++) {
    if (strcmp(owner->ranges[i].name, range->name) != 0) continue;
    owner->ranges[i] = *range;
    return true;
  }
  if (owner->range_count == owner->range_capacity) {
    const size_t capacity = owner->range_capacity ? owner->range_capacity * 2 : 16;
    named_range *ranges = realloc(owner->ranges, capacity * sizeof *ranges);
    if (!ranges) return play_fail(play, "memory is out");
    owner->ranges = ranges;
    owner->range_capacity = capacity;
  }
  owner->ranges[owner->range_count++] = *range;
  return true;
}

static bool overlaps(uint64_t start, uint64_t end, uint64_t other_start, uint64_t other_end) {
  return start < other_end && other_start < end;
}

/* What a stack may grow into. */
static uint64_t stack_floor(const process *owner) {
  const uint64_t room = owner->stack_bytes > LAYOUT_STACK_LIMIT ? owner->stack_bytes : LAYOUT_STACK_LIMIT;
  return owner->stack_end > room ? owner->stack_end - room : 0;
}

/* Complains if a range is not free. */
static bool range_check(playing *play, const process *owner, uint64_t start, uint64_t length) {
  const uint64_t user_end = play->story->layout.user_end, end = start + length;
  const size_t next = tw_region_above(&owner->regions, start);
  if (length > user_end || start > user_end - length)
    return play_fail(play, "0x%" PRIx64 " bytes at 0x%" PRIx64 " reach beyond the user part, which ends at 0x%" PRIx64,
                     length, start, user_end);
  if (overlaps(start, end, stack_floor(owner), owner->stack_end))
    return play_fail(play, "0x%" PRIx64 " bytes at 0x%" PRIx64 " overlap the stack, 0x%" PRIx64 " to 0x%" PRIx64,
                     length, start, stack_floor(owner), owner->stack_end);
  if (next < owner->regions.count && owner->regions.at[next].start < end)
    return play_fail(play,
                     "0x%" PRIx64 " bytes at 0x%" PRIx64 " overlap what is mapped from 0x%" PRIx64 " to 0x%" PRIx64,
                     length, start, owner->regions.at[next].start, owner->regions.at[next].end);
  if (owner->regions.count >= PLAY_MAPPINGS_MAX)
    return play_fail(play, "a process has no more than %u mappings", PLAY_MAPPINGS_MAX);
  return true;
}

bool process_map(playing *play, process *owner, const plan_segment *segment, uint64_t start) {
  if (!range_check(play, owner, start, segment->size)) return false;
  const tw_region region = {.start = start,
                            .end = start + segment->size,
                            .prot = segment->prot,
                            .shared = segment->shared,
                            .use = segment->use,
                            .object = segment->file ? (uint32_t)draw_text_key(0, segment->file) | 1 : 0,
                            .offset = segment->offset};
  if (!tw_region_insert(&owner->regions, &region)) return play_fail(play, "memory is out");
  return process_name(play, owner, &(named_range){segment->name, start, segment->size}) &&
         play_record(play, &(tw_record){.kind = TW_RECORD_MAP,
                                        .map = {.start = start,
                                                .length = segment->size,
                                                .offset = segment->offset,
                                                .prot = segment->prot,
                                                .shared = segment->shared,
                                                .use = segment->use,
                                                .name = segment->file ? segment->file : ""}});
}

/* The highest free range below the base, or 0. */
static uint64_t place_down(const process *owner, uint64_t length) {
  const tw_region_list *list = &owner->regions;
  for (uint64_t end = owner->mmap_full; end >= length && end - length >= LOWEST;) {
    size_t next = tw_region_above(list, end - 1);
    const bool inside = next < list->count && list->at[next].start < end;
    if (!inside && (next == 0 || list->at[next - 1].end <= end - length)) return end - length;
    end = inside ? list->at[next].start : list->at[next - 1].start;
  }
  return 0;
}

static uint64_t place_up(const playing *play, const process *owner, uint64_t length) {
  const tw_region_list *list = &owner->regions;
  const uint64_t end = play->story->layout.user_end;
  for (uint64_t start = owner->mmap_full; length <= end && start <= end - length;) {
    const size_t next = tw_region_above(list, start);
    if (next == list->count || list->at[next].start >= start + length) return start;
    start = list->at[next].end;
  }
  return 0;
}

uint64_t process_place(playing *play, process *owner, uint64_t length) {
  const bool down = play->story->layout.mmap_grows_down;
  const uint64_t start = down ? place_down(owner, length) : place_up(play, owner, length);
  if (!start) play_fail(play, "there is no place for a mapping of 0x%" PRIx64 " bytes", length);
  if (start && start + (down ? length : 0) == owner->mmap_full) owner->mmap_full = down ? start : start + length;
  return start;
}

bool process_unmap(playing *play, process *owner, uint64_t start, uint64_t length) {
  if (!tw_region_carve(&owner->regions, start, start + length)) return play_fail(play, "memory is out");
  owner->mmap_full = owner->mmap_base;
  return play_record(play, &(tw_record){.kind = TW_RECORD_UNMAP, .map = {.start = start, .length = length}});
}

bool process_break(playing *play, process *owner, uint64_t end) {
  const uint64_t old = (owner->heap_end + PAGE - 1) / PAGE * PAGE, new = (end + PAGE - 1) / PAGE *PAGE;
  if (end < owner->heap_start) return play_fail(play, "the heap would end before it begins");
  if (new > old && !range_check(play, owner, old, new - old)) return false;
  const tw_region heap = {owner->heap_start, new, TW_PROT_READ | TW_PROT_WRITE, false, false, TW_REGION_HEAP, 0, 0, 0};
  bool good = new >= old || tw_region_carve(&owner->regions, new, old);
  if (new > owner->heap_start) good = good && tw_region_insert(&owner->regions, &heap);
  if (!good) return play_fail(play, "memory is out");
  owner->heap_end = end;
  return process_name(play, owner, &(named_range){"heap", owner->heap_start, end - owner->heap_start}) &&
         play_record(play, &(tw_record){.kind = TW_RECORD_BREAK, .map = {.start = end}});
}
