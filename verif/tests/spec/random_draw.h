/* Random numbers that depend on a seed alone, and the draws that the generators make of them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_RANDOM_DRAW_H
#define TWINWALK_TESTS_SPEC_RANDOM_DRAW_H

#include <stdbool.h>
#include <stdint.h>

/* The next number of a sequence; *state is its place (splitmix64). */
static inline uint64_t random_next(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* A number from 0 to limit-1. */
static inline unsigned random_below(uint64_t *state, unsigned limit) {
  return (unsigned)((random_next(state) >> 32) * limit >> 32);
}

/* True once in so many draws; never for 0. */
static inline bool random_one_in(uint64_t *state, unsigned count) {
  return count != 0 && random_below(state, count) == 0;
}

/* A number of so many bits: 0 to 64. */
static inline uint64_t random_bits(uint64_t *state, unsigned bits) {
  return bits == 0 ? 0 : random_next(state) >> (64 - bits);
}

#endif
