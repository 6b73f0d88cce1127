/* Interval sampling of long program traces: skip, warm, measure, and again.
 *
 *   | skip: answered by the oracle | warm: played | measure: played and counted | skip ...
 *
 * The lengths are accesses of the program. What is skipped still runs through the address spaces, and its page-table
 * stores are played; docs/traces.md, "Sampling", says what that means.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SAMPLE_H
#define TWINWALK_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "twinwalk/error.h"

typedef struct tw_sample {
  uint64_t skip, warm, measure; /* accesses; measure 0: the run is not sampled */
} tw_sample;

/* "SKIP:WARM:MEASURE"; the last is 1 or more. */
bool tw_sample_parse(const char *text, tw_sample *sample, tw_error *error);

typedef enum tw_phase { TW_PHASE_SKIP, TW_PHASE_WARM, TW_PHASE_MEASURE } tw_phase;

/* Where a sampled run is. */
typedef struct tw_sample_state {
  tw_sample sample;
  tw_phase phase;
  uint64_t left;        /* accesses of the program to the end of the phase */
  uint64_t accesses[3]; /* of the program so far, by phase */
  uint64_t intervals;   /* measured ones that were begun */
  void (*turned)(void *payload,
                 bool measures); /* set by who counts: measuring begins or ends, all before was answered */
  void *payload;
} tw_sample_state;

/* Before the first access. */
void tw_sample_begin(tw_sample_state *state, const tw_sample *sample);
/* The phase is over: on to the next that has a length. Returns whether what follows is the first to be played after
 * some was skipped. */
bool tw_sample_turn(tw_sample_state *state);

#endif
