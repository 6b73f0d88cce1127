/* Random MMU records: a small world of page tables, and accesses, stores, fences and control writes that meet in it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_RANDOM_H
#define TWINWALK_RANDOM_H

#include "source.h"

typedef struct tw_random_options {
  const tw_config *config;
  uint64_t seed;
  uint64_t records; /* played ones */
} tw_random_options;

/* What was made, for tests that want to be sure of it. */
typedef struct tw_random_counts {
  uint64_t fences[4]; /* bit 0: with address, bit 1: with ASID */
  uint64_t accesses, cancels, stores, controls;
  uint64_t asids; /* bit n: an ASID was in satp whose lowest bits are n */
} tw_random_counts;

/* A source of the same records for the same options. NULL and error on failure. */
tw_source *tw_random_open(const tw_random_options *options, tw_error *error);
void tw_random_count(const tw_source *source, tw_random_counts *counts);

#endif
