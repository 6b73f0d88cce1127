/* Accesses in a pattern, and recursion.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "play.h"

#define ELEMENTS_MAX ((uint64_t)1 << 40)

static bool pattern_open(playing *play, activity *doing, const step_access *access, uint64_t elements) {
  const uint64_t seed = draw_next(&doing->random);
  if (access->pattern == PATTERN_CHASE) draw_order_open(&doing->order, elements, seed);
  if (access->pattern != PATTERN_ZIPF) return true;
  doing->law = zipf_open(elements, (unsigned)access->skew, seed);
  return doing->law || play_fail(play, "memory is out");
}

bool step_access_open(playing *play, task *one, const step *at) {
  const step_access *access = &at->access;
  activity *doing = &one->doing;
  if (!task_where(play, one, &access->in, &doing->start, &doing->bytes)) return false;
  if (doing->bytes < access->size)
    return play_fail(play, "accesses of %u bytes in a range of %" PRIu64, access->size, doing->bytes);
  const unsigned align = access->kind == TW_AMO ? access->size : 1;
  if (doing->start % align || access->stride % align)
    return play_fail(play, "an amo of %u bytes at an address that is no multiple of them", align);
  doing->elements = (doing->bytes - access->size) / access->stride + 1;
  if (doing->elements > ELEMENTS_MAX) return play_fail(play, "a range of more than 2^40 elements");
  doing->total = access->count;
  return pattern_open(play, doing, access, doing->elements);
}

static uint64_t element_next(activity *doing, const step_access *access) {
  switch (access->pattern) {
  case PATTERN_UNIFORM:
    return draw_below(&doing->random, doing->elements);
  case PATTERN_ZIPF:
    return zipf_draw(doing->law, &doing->random);
  case PATTERN_CHASE:
    return draw_order_at(&doing->order, doing->done % doing->elements);
  default:
    return doing->done % doing->elements;
  }
}

bool step_access_advance(playing *play, task *one) {
  activity *doing = &one->doing;
  const step_access *access = &doing->at->access;
  if (access->kind != TW_FETCH && !task_fetch(play, one)) return false;
  return play_access(play, access->kind, doing->start + element_next(doing, access) * access->stride, access->size);
}

/* Down, the leaf's accesses, and up again: a frame is pushed or popped at a time. */
bool step_call_open(playing *play, task *one, const step *at) {
  const step_call *call = &at->call;
  if (call->depth > one->pointer / call->frame || call->depth * call->frame + call->frame > one->pointer)
    return play_fail(play, "%" PRIu64 " frames of %" PRIu64 " bytes reach below address 0", call->depth, call->frame);
  one->doing.total = 2 * call->depth + call->leaf;
  return true;
}

/* A frame has the return address at its top, below it what the caller wants to find again. */
static bool frame_access(playing *play, task *one, tw_access kind, uint64_t level) {
  const uint8_t word = (uint8_t)(play->story->layout.bits / 8);
  const uint64_t top = one->pointer - level * one->doing.at->call.frame;
  return task_fetch(play, one) && play_access(play, kind, top - word, word) && task_fetch(play, one) &&
         play_access(play, kind, top - 2 * word, word);
}

bool step_call_advance(playing *play, task *one) {
  const uint64_t done = one->doing.done;
  const step_call *call = &one->doing.at->call;
  const uint8_t word = (uint8_t)(play->story->layout.bits / 8);
  if (done < call->depth) return frame_access(play, one, TW_STORE, done);
  if (done >= call->depth + call->leaf)
    return frame_access(play, one, TW_LOAD, 2 * call->depth + call->leaf - 1 - done);
  const uint64_t leaf = done - call->depth, bottom = one->pointer - call->depth * call->frame;
  const uint64_t locals = call->frame / word - 2;
  return task_fetch(play, one) &&
         play_access(play, leaf % 2 ? TW_LOAD : TW_STORE, bottom + leaf / 2 % locals * word, word);
}
