/* Random numbers that are the same on every machine: integers only, from a seed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_DRAW_H
#define TWINWALK_SCENARIO_DRAW_H

#include <stdint.h>

/* splitmix64: the state is a counter, so that streams with different seeds need no warming up. */
typedef struct draw_stream {
  uint64_t state;
} draw_stream;

uint64_t draw_mix(uint64_t value);                        /* a bijection of 64 bits without visible order */
uint64_t draw_key(uint64_t seed, uint64_t purpose);       /* the seed of a stream for one purpose */
uint64_t draw_text_key(uint64_t seed, const char *text);  /* ... that has a name */
uint64_t draw_next(draw_stream *stream);                  /* 64 bits */
uint64_t draw_below(draw_stream *stream, uint64_t bound); /* 0 to bound - 1, each as likely; bound is not 0 */

/* A shuffled order of 0 to count - 1, without a table. */
typedef struct draw_order {
  uint64_t count;
  uint64_t keys[4];
  unsigned half; /* bits */
} draw_order;

/* count is 1 to 2^60. */
void draw_order_open(draw_order *order, uint64_t count, uint64_t seed);
uint64_t draw_order_at(const draw_order *order, uint64_t index); /* each number once for indexes below count */

#endif
