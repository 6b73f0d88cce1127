/* Every permission decision of a design at its pins: by a walk, by the L1 TLB that the walk filled, and by the L2 TLB;
 * judged by the truth, and by the oracle.
 *
 * A unit is one entry (a page size and ten low bits): from reset, in every context, and where that fills, in every
 * context again. Units are independent, so that one can be repeated alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_PERMISSIONS_CAMPAIGN_H
#define TWINWALK_TESTS_PERMISSIONS_CAMPAIGN_H

#include "question.h"

#define CAMPAIGN_REPORT_BYTES 5000u
#define CAMPAIGN_NONE UINT32_MAX

/* Which way an answer comes. */
typedef enum campaign_phase {
  PHASE_COLD, /* nothing is cached: a walk */
  PHASE_L1,   /* the port's own TLB has the entry */
  PHASE_L2,   /* the other port filled, and there is an L2 TLB that has it */
  PHASE_WALK, /* something else is cached: not on this port, or without D */
  PHASE_COUNT
} campaign_phase;

typedef struct campaign_counts {
  uint64_t asked[PHASE_COUNT];
  uint64_t granted[PHASE_COUNT];
  uint64_t updates;      /* of A, or A and D */
  uint64_t untranslated; /* fetches of M-mode among them */
  uint64_t units, cycles;
} campaign_counts;

typedef struct campaign {
  machine m;
  tw_pmp pmp;        /* the registers, for the oracle */
  tw_machine behind; /* the MMU, for the oracle */
  campaign_counts counts;

  /* the unit */
  question_world world;
  uint64_t entry[TW_MAX_LEVELS]; /* as memory must hold them */
  bool cached;                   /* something may be */
  uint8_t tag;
  unsigned filler; /* number of the context that filled, or CAMPAIGN_NONE */

  /* what went wrong first */
  bool failed;
  campaign_phase failed_phase;
  unsigned failed_filler, failed_asker;
  char report[CAMPAIGN_REPORT_BYTES];
} campaign;

/* Opens a design of a configuration; the caller closes it. False and error on failure. */
bool campaign_open(campaign *c, const machine_choice *choice, tw_error *error);
void campaign_close(campaign *c);

/* One unit; false if something is wrong, and then `report` says what. */
bool campaign_unit(campaign *c, unsigned page, unsigned low);

/* All units; false at the first wrong one. */
bool campaign_run(campaign *c);

const char *campaign_phase_name(campaign_phase phase);

#endif
