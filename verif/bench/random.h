/* Random MMU records: a small world of page tables, and accesses, stores, fences, control and PMP writes that meet in
 * it, constrained so that everything a configuration has is come to.
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
  uint64_t fences[4];      /* bit 0: with address, bit 1: with ASID */
  uint64_t fence_kinds[6]; /* by tw_fence_kind */
  uint64_t accesses, cancels, speculative, stores, controls, pmps;
  uint64_t bursts; /* of accesses to one page, right behind a fence of it */
  uint64_t races;  /* stores to an entry while its A and D are to be set */
  uint64_t asids;  /* bit n: an ASID was in satp whose lowest bits are n */
  uint64_t modes;  /* bit n: tw_mode n was selected */
} tw_random_counts;

/* A source of the same records for the same options. NULL and error on failure. */
tw_source *tw_random_open(const tw_random_options *options, tw_error *error);
void tw_random_count(const tw_source *source, tw_random_counts *counts);

#endif
