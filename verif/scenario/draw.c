/* splitmix64, and orders from a Feistel network over it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "draw.h"

#define GOLDEN 0x9e3779b97f4a7c15u

uint64_t draw_mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

uint64_t draw_key(uint64_t seed, uint64_t purpose) {
  return draw_mix(draw_mix(seed + GOLDEN) ^ (purpose * GOLDEN));
}

uint64_t draw_text_key(uint64_t seed, const char *text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char *at = text; *at; at++) hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
  return draw_key(seed, hash);
}

uint64_t draw_next(draw_stream *stream) {
  stream->state += GOLDEN;
  return draw_mix(stream->state);
}

uint64_t draw_below(draw_stream *stream, uint64_t bound) {
  /* The numbers from `fair` on are one incomplete run of remainders: drawn again. */
  const uint64_t fair = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value;
  do value = draw_next(stream);
  while (value >= fair);
  return value % bound;
}

void draw_order_open(draw_order *order, uint64_t count, uint64_t seed) {
  draw_stream stream = {seed};
  order->count = count;
  order->half = 1;
  while (order->half < 30 && (uint64_t)1 << (2 * order->half) < count) order->half++;
  for (unsigned i = 0; i < 4; i++) order->keys[i] = draw_next(&stream);
}

/* Four rounds over two halves: a bijection whatever the round function is. */
static uint64_t feistel(const draw_order *order, uint64_t value) {
  const uint64_t mask = ((uint64_t)1 << order->half) - 1;
  uint64_t left = value >> order->half, right = value & mask;
  for (unsigned i = 0; i < 4; i++) {
    const uint64_t next = left ^ (draw_mix(right ^ order->keys[i]) & mask);
    left = right;
    right = next;
  }
  return left << order->half | right;
}

uint64_t draw_order_at(const draw_order *order, uint64_t index) {
  /* The network's domain is up to four times too large: what falls outside goes through it again. */
  do index = feistel(order, index);
  while (index >= order->count);
  return index;
}
