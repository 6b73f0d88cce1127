/* A campaign: machine after machine, world after world, access after access, on both sides.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_CAMPAIGN_H
#define TWINWALK_TESTS_SPEC_CAMPAIGN_H

#include "subject.h"
#include "tally.h"

/* How a campaign meets a difference. */
typedef enum campaign_manner {
  CAMPAIGN_TELL,  /* prints the first one, and goes on */
  CAMPAIGN_SEARCH /* ends with it, in silence */
} campaign_manner;

/* Makes up to `accesses` accesses that depend on the seed alone, and counts. */
void campaign_run(const subject *oracle, uint64_t seed, uint64_t accesses, campaign_manner manner, tally *counts);

#endif
