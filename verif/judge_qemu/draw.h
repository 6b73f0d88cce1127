/* Random numbers that a seed repeats: splitmix64.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_DRAW_H
#define JUDGE_DRAW_H

#include <stdbool.h>
#include <stdint.h>

typedef struct draw {
  uint64_t state;
} draw;

/* 64 random bits. */
uint64_t draw_bits(draw *random);

/* One of 0 to limit-1; 0 for a limit of 0. */
unsigned draw_below(draw *random, unsigned limit);

/* True in one of count cases. */
bool draw_one_in(draw *random, unsigned count);

#endif
