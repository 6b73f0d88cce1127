/* A shuffle that is drawn as frames are taken, so that opening costs nothing and the order depends on the seed alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <stdlib.h>

bool frame_open(frame_pool *pool, uint64_t base_ppn, uint32_t count, uint64_t seed) {
  *pool = (frame_pool){.base_ppn = base_ppn, .count = count, .random = seed};
  pool->order = malloc(count * sizeof *pool->order);
  if (!pool->order) return false;
  for (uint32_t i = 0; i < count; i++) pool->order[i] = i;
  return true;
}

void frame_close(frame_pool *pool) {
  free(pool->order);
  pool->order = NULL;
}

/* splitmix64: every seed, 0 too, gives a sequence of its own. */
static uint64_t frame_random(frame_pool *pool) {
  uint64_t value = pool->random += 0x9e3779b97f4a7c15u;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

bool frame_take(frame_pool *pool, uint64_t *ppn) {
  if (pool->used == pool->count) return false;
  uint32_t chosen = pool->used + (uint32_t)(frame_random(pool) % (pool->count - pool->used));
  uint32_t frame = pool->order[chosen];
  pool->order[chosen] = pool->order[pool->used];
  pool->order[pool->used++] = frame;
  *ppn = pool->base_ppn + frame;
  return true;
}

void frame_give(frame_pool *pool, uint64_t ppn) {
  pool->order[--pool->used] = (uint32_t)(ppn - pool->base_ppn);
}
