/* What a program does with its allocator: takes blocks of drawn sizes, uses them, gives back drawn ones.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "play.h"

typedef struct heap_user {
  playing *play;
  task *one;
} heap_user;

static bool heap_touch(void *payload, uint64_t va, bool write) {
  const heap_user *user = payload;
  const uint8_t word = (uint8_t)(user->play->story->layout.bits / 8);
  return task_fetch(user->play, user->one) && play_access(user->play, write ? TW_STORE : TW_LOAD, va, word);
}

static bool heap_extend(void *payload, uint64_t end) {
  const heap_user *user = payload;
  return process_break(user->play, user->one->process, end);
}

static uint64_t heap_map(void *payload, uint64_t length) {
  const heap_user *user = payload;
  const plan_segment segment = {
      .name = "large block", .use = TW_REGION_MAPPED, .size = length, .prot = TW_PROT_READ | TW_PROT_WRITE};
  const uint64_t start = process_place(user->play, user->one->process, length);
  return start && process_map(user->play, user->one->process, &segment, start) ? start : 0;
}

static bool heap_unmap(void *payload, uint64_t start, uint64_t length) {
  const heap_user *user = payload;
  return process_unmap(user->play, user->one->process, start, length);
}

static allocator_world world_of(heap_user *user) {
  return (allocator_world){heap_touch, heap_extend, heap_map, heap_unmap, user};
}

/* Its first word, and its last. */
static bool block_use(heap_user *user, const allocator_block *block, bool write) {
  const unsigned word = user->play->story->layout.bits / 8;
  if (!heap_touch(user, block->va, write)) return false;
  return block->size < 2 * word || heap_touch(user, block->va + block->size / word * word - word, write);
}

static bool out(playing *play) {
  return play_fail(play, "memory is out");
}

/* Reads the n-th block once more, and gives it back. */
static bool block_give(heap_user *user, const allocator_options *options, size_t n) {
  allocator *heap = user->one->process->heap;
  const allocator_world world = world_of(user);
  const allocator_block block = *allocator_block_at(heap, n);
  if (!block_use(user, &block, false)) return false;
  if (!play_record(user->play, &(tw_record){.kind = TW_RECORD_FREE, .block = {block.va, 0}})) return false;
  return allocator_give(heap, options, &world, n) || out(user->play);
}

static bool block_take(heap_user *user, const allocator_options *options, uint64_t size) {
  const allocator_world world = world_of(user);
  allocator_block block;
  if (!allocator_take(user->one->process->heap, options, &world, size, &block)) return out(user->play);
  return play_record(user->play, &(tw_record){.kind = TW_RECORD_ALLOC, .block = {block.va, size}}) &&
         block_use(user, &block, true);
}

bool step_malloc_open(playing *play, task *one, const step *at) {
  process *owner = one->process;
  if (!owner->heap) owner->heap = allocator_open(owner->heap_end);
  one->doing.total = at->malloc.blocks;
  return owner->heap || out(play);
}

bool step_malloc_advance(playing *play, task *one) {
  const step_malloc *work = &one->doing.at->malloc;
  const allocator_options options = {play->story->layout.bits / 8, work->large, work->best_fit};
  heap_user user = {play, one};
  const size_t live = allocator_live(one->process->heap);
  if (live >= work->live && !block_give(&user, &options, draw_below(&one->doing.random, live))) return false;
  return block_take(&user, &options,
                    work->smallest + draw_below(&one->doing.random, work->largest - work->smallest + 1));
}

bool step_free_open(playing *play, task *one, const step *at) {
  const allocator *heap = one->process->heap;
  const uint64_t live = heap ? allocator_live(heap) : 0;
  if (!live || at->blocks > live) return play_fail(play, "the process has %llu blocks", (unsigned long long)live);
  one->doing.total = at->blocks ? at->blocks : live;
  return true;
}

bool step_free_advance(playing *play, task *one) {
  const allocator_options options = {play->story->layout.bits / 8, UINT64_MAX, false};
  heap_user user = {play, one};
  return block_give(&user, &options, draw_below(&one->doing.random, allocator_live(one->process->heap)));
}
