/* Follows alloc and free, fork, exec and exit.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"

#define FIRST_ROOM 64u

static size_t slot_of(const tw_blocks *blocks, uint64_t va) {
  return (size_t)((va >> 3) * 0x9e3779b97f4a7c15u >> 32) & (blocks->room - 1);
}

/* The slot of an address, or the empty one where it belongs. */
static size_t slot_find(const tw_blocks *blocks, uint64_t va) {
  size_t at = slot_of(blocks, va);
  while (blocks->slots[at].size && blocks->slots[at].va != va) at = (at + 1) & (blocks->room - 1);
  return at;
}

static bool blocks_grow(tw_blocks *blocks) {
  if (blocks->used * 2 < blocks->room) return true;
  tw_blocks bigger = *blocks;
  bigger.room = blocks->room ? blocks->room * 2 : FIRST_ROOM;
  bigger.slots = calloc(bigger.room, sizeof *bigger.slots);
  if (!bigger.slots) return false;
  for (size_t i = 0; i < blocks->room; i++)
    if (blocks->slots[i].size) bigger.slots[slot_find(&bigger, blocks->slots[i].va)] = blocks->slots[i];
  free(blocks->slots);
  blocks->slots = bigger.slots;
  blocks->room = bigger.room;
  return true;
}

static bool block_add(tw_blocks *blocks, const tw_block *block) {
  if (!blocks_grow(blocks)) return false;
  tw_block *slot = &blocks->slots[slot_find(blocks, block->va)];
  if (!slot->size) blocks->used++;
  *slot = *block;
  return true;
}

/* Takes a block out and moves up those behind it that would not be found any more. */
static void block_remove(tw_blocks *blocks, uint64_t va) {
  if (!blocks->room) return;
  size_t hole = slot_find(blocks, va);
  if (!blocks->slots[hole].size) return;
  blocks->used--;
  const size_t mask = blocks->room - 1;
  for (size_t at = (hole + 1) & mask; blocks->slots[at].size; at = (at + 1) & mask) {
    const size_t home = slot_of(blocks, blocks->slots[at].va);
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    blocks->slots[hole] = blocks->slots[at];
    hole = at;
  }
  blocks->slots[hole].size = 0;
}

static int block_order(const void *left, const void *right) {
  const uint64_t a = ((const tw_block *)left)->va, b = ((const tw_block *)right)->va;
  return (a > b) - (a < b);
}

tw_block *tw_blocks_sorted(const tw_blocks *blocks, size_t *count) {
  tw_block *sorted = calloc(blocks->used + 1, sizeof *sorted);
  *count = 0;
  if (!sorted) return NULL;
  for (size_t i = 0; i < blocks->room; i++)
    if (blocks->slots[i].size) sorted[(*count)++] = blocks->slots[i];
  qsort(sorted, *count, sizeof *sorted, block_order);
  return sorted;
}

tw_heap_sample tw_heap_measure(const tw_block *blocks, size_t count, uint64_t start, uint64_t end) {
  tw_heap_sample sample = {.heap = end - start};
  uint64_t behind = start;
  for (size_t i = 0; i < count; i++) {
    if (blocks[i].va < start || blocks[i].va >= end) {
      sample.elsewhere += blocks[i].size;
      continue;
    }
    const uint64_t hole = blocks[i].va > behind ? blocks[i].va - behind : 0;
    const uint64_t last = blocks[i].size < end - blocks[i].va ? blocks[i].va + blocks[i].size : end;
    if (hole > sample.largest_hole) sample.largest_hole = hole;
    if (last > behind) behind = last;
    sample.holes += hole;
    sample.blocks++;
  }
  sample.holes += end - behind;
  if (end - behind > sample.largest_hole) sample.largest_hole = end - behind;
  sample.used = sample.heap - sample.holes;
  return sample;
}

double tw_heap_fragmentation(const tw_heap_sample *sample) {
  return sample->holes ? 1.0 - (double)sample->largest_hole / (double)sample->holes : 0.0;
}

static const tw_region *heap_find(const tw_space *space, uint32_t id) {
  tw_space_process process;
  for (size_t n = 0; tw_space_process_at(space, n, &process); n++)
    if (process.id == id) return tw_region_of_use(process.regions, TW_REGION_HEAP);
  return NULL;
}

/* Halves the samples when they are as many as are kept: what remains is every second. */
static void samples_thin(tw_blocks *blocks) {
  if (blocks->sample_count < TW_HEAP_SAMPLES) return;
  for (size_t i = 0; i < TW_HEAP_SAMPLES / 2; i++) blocks->samples[i] = blocks->samples[2 * i + 1];
  blocks->sample_count = TW_HEAP_SAMPLES / 2;
  blocks->step *= 2;
}

static bool sample_take(tw_blocks *blocks, uint64_t record, const tw_space *space) {
  if (++blocks->changes % blocks->step) return true;
  const tw_region *heap = heap_find(space, blocks->process);
  size_t count;
  tw_block *sorted = heap ? tw_blocks_sorted(blocks, &count) : NULL;
  if (!sorted) return !heap;
  tw_heap_sample sample = tw_heap_measure(sorted, count, heap->start, heap->end);
  free(sorted);
  sample.record = record;
  samples_thin(blocks);
  if (blocks->changes % blocks->step == 0) blocks->samples[blocks->sample_count++] = sample;
  return true;
}

const tw_blocks *tw_allocator_find(const tw_allocator *allocator, uint32_t process) {
  const tw_blocks *at = allocator->first;
  while (at && at->process != process) at = at->next;
  return at;
}

static tw_blocks *blocks_of(tw_allocator *allocator, uint32_t process) {
  tw_blocks **at = &allocator->first;
  while (*at && (*at)->process != process) at = &(*at)->next;
  if (*at) return *at;
  *at = calloc(1, sizeof **at);
  if (!*at) return NULL;
  (*at)->process = process;
  (*at)->step = 1;
  return *at;
}

static bool forked(tw_allocator *allocator, uint32_t child) {
  const tw_blocks *parent = tw_allocator_find(allocator, allocator->running);
  if (!parent || !parent->room) return true;
  tw_blocks *copy = blocks_of(allocator, child);
  tw_block *slots = copy ? malloc(parent->room * sizeof *slots) : NULL;
  if (!slots) return false;
  memcpy(slots, parent->slots, parent->room * sizeof *slots);
  free(copy->slots);
  copy->slots = slots;
  copy->room = parent->room;
  copy->used = parent->used;
  return true;
}

static void emptied(tw_allocator *allocator, uint32_t process) {
  tw_blocks *blocks = allocator->first;
  while (blocks && blocks->process != process) blocks = blocks->next;
  if (!blocks || !blocks->room) return;
  memset(blocks->slots, 0, blocks->room * sizeof *blocks->slots);
  blocks->used = 0;
}

static bool block_taken(tw_allocator *allocator, const tw_record *record, const tw_space *space) {
  tw_blocks *blocks = blocks_of(allocator, allocator->running);
  if (!blocks) return false;
  const tw_block block = {tw_played_address(space, record->block.va), record->block.size};
  if (record->kind == TW_RECORD_FREE) block_remove(blocks, block.va);
  if (record->kind == TW_RECORD_ALLOC && block.size && !block_add(blocks, &block)) return false;
  return sample_take(blocks, record->number, space);
}

void tw_allocator_take(tw_allocator *allocator, const tw_record *record, const tw_space *space) {
  bool good = true;
  switch (record->kind) {
  case TW_RECORD_ALLOC:
  case TW_RECORD_FREE:
    good = block_taken(allocator, record, space);
    break;
  case TW_RECORD_THREAD:
    allocator->running = record->id & 0xffff0000u;
    break;
  case TW_RECORD_FORK:
    good = forked(allocator, record->id & 0xffff0000u);
    break;
  case TW_RECORD_EXEC:
    emptied(allocator, allocator->running);
    break;
  case TW_RECORD_EXIT:
    if (!(record->id & 0xffffu)) emptied(allocator, record->id);
    break;
  default:
    break;
  }
  allocator->failed |= !good;
}

void tw_allocator_free(tw_allocator *allocator) {
  while (allocator->first) {
    tw_blocks *blocks = allocator->first;
    allocator->first = blocks->next;
    free(blocks->slots);
    free(blocks);
  }
  *allocator = (tw_allocator){0};
}
