/* Random configurations and random page tables, for tests that compare answers with the oracle's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_MMU_RANDOM_WORLD_H
#define TWINWALK_TESTS_MMU_RANDOM_WORLD_H

#include "harness.h"

#define WORLD_SPACES 3u

/* Address spaces: a root and an ASID each. The upper half is common to all, and may be global. */
typedef struct world {
  harness *h;
  harness_random *random;
  unsigned spaces;
  uint64_t satps[WORLD_SPACES];
  uint64_t words[HARNESS_PAGES * 512u]; /* the tables as they were made */
} world;

/* Any configuration; small TLBs more often than large ones. */
tw_config world_config_draw(harness_random *random);

/* Makes the tables in the harness's memory; h->mode becomes the mode of all spaces. */
void world_make(world *w, harness *h, harness_random *random);

/* An address that is likely to be mapped, or at least to share tables with mapped ones. */
uint64_t world_va_draw(const world *w);

/* Drives a random write of a PMP register. */
void world_pmp_draw(const world *w);

#endif
