/* Numbers for random tests, which say their seed and how to repeat it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SPACE_TEST_RANDOM_H
#define SPACE_TEST_RANDOM_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct test_random {
  uint64_t state;
} test_random;

static inline uint64_t random_next(test_random *random) {
  uint64_t value = random->state += 0x9e3779b97f4a7c15u;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

/* 0 to limit - 1. */
static inline uint64_t random_below(test_random *random, uint64_t limit) {
  return random_next(random) % limit;
}

/* The seed, or that of the environment; printed. */
static inline test_random random_seeded(const char *test, uint64_t seed) {
  const char *wish = getenv("TWINWALK_SEED");
  if (wish) seed = strtoull(wish, NULL, 0);
  printf("%s: seed %" PRIu64 "; repeat with TWINWALK_SEED=%" PRIu64 "\n", test, seed, seed);
  return (test_random){.state = seed};
}

#endif
