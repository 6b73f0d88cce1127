/* The lane: which access, which step of which walk, and what came of it, in words.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_LANE_H
#define TWINWALK_WAVE_LANE_H

#include "text.h"
#include "wave.h"

#define LANE_FAULT_COLOUR "red"
#define LANE_AGAIN_COLOUR "purple" /* the access or its walk begins again */
#define LANE_TAGS (1u << TW_TAG_BITS)
#define LANE_IDS (1u << TW_ID_BITS)

/* A request that was accepted: what its answer is told with. */
typedef struct lane_request {
  uint64_t number;
  uint8_t privilege; /* effective */
} lane_request;

typedef struct lane {
  /* shown */
  text request[TW_PORT_COUNT]; /* the newest, from its handshake until all are answered; then, like the others, it
                                  lingers */
  text answer[TW_PORT_COUNT];
  text walker[TW_MAX_WALKERS];
  text memory;
  text fence;
  text pmp;
  text control; /* in force */
  text event;
  text differs;       /* the first pin that differs */
  uint8_t fault;      /* an answer of this cycle is a fault */
  uint8_t difference; /* some pin differs in this cycle */
  /* kept */
  const tw_config *config;
  unsigned xlen;
  bool control_known;
  bool walking[TW_MAX_WALKERS]; /* the walker was not idle in the cycle before */
  bool requesting;              /* a request was on the memory port and not taken in the cycle before */
  unsigned reads_open;          /* not yet answered */
  uint64_t reads[LANE_IDS];
  bool updates[LANE_IDS]; /* the request was a compare-and-swap */
  uint32_t last_event;
  lane_request requests[TW_PORT_COUNT][LANE_TAGS];
} lane;

/* Begins an empty lane; config must outlive it. */
void lane_begin(lane *l, const tw_config *config);

/* Says what happens in a cycle; `now` are the model's registers in it, `next` those after it. */
void lane_cycle(lane *l, const tw_wave_sample *sample, const tw_mmu_probe *now, const tw_mmu_probe *next);

/* The same for one walker; a part of it. */
void lane_walk_cycle(lane *l, unsigned number, const tw_wave_sample *sample, const tw_mmu_probe *now,
                     const tw_mmu_probe *next);

#endif
