/* One design on the bench with everything of its own: source, memory, player, history, judge.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SIDE_H
#define TWINWALK_SIDE_H

#include "dut.h"
#include "history.h"
#include "judge.h"
#include "player.h"

typedef struct tw_side_options {
  const char *name;          /* "model", "rtl", ... */
  const tw_dut_table *table; /* the caller's */
  const tw_config *config;   /* the caller's */
  uint64_t seed;
  unsigned variant;
  tw_source *source; /* the caller's; NULL: the side follows another and has no player */
  tw_memory_options memory;
  bool judged;          /* keep a judge */
  tw_observer observer; /* is told after history and judge: ->answered may look at side->judgement and ->expected,
                           ->offered at side->offer */
} tw_side_options;

typedef struct tw_side tw_side;
struct tw_side {
  tw_side_options options;
  tw_dut *dut;
  tw_memory *memory;
  tw_player *player;
  tw_judge *judge;
  tw_history history;
  tw_judgement judgement; /* of the answer that is being observed */
  tw_walk expected;       /* what the oracle says to it */
  tw_judgement offer;     /* of the update of A and D that is being observed; LEGAL for reads */
  tw_pins_out out;        /* of the last cycle */
  /* Wants to know of every step, before the player makes anything of it; NULL: nobody does. */
  void (*cycled)(void *payload, const tw_side *side, const tw_pins_in *in);
  void *cycled_payload;
};

/* Cycles with rst_n low before cycle 0. */
#define TW_RESET_CYCLES 4u

/* Opens in place; the side must not move while it is open. Closes itself on failure. */
bool tw_side_open(tw_side *side, const tw_side_options *options, tw_error *error);
void tw_side_close(tw_side *side);

/* One cycle of reset. */
void tw_side_reset(tw_side *side);

/* One cycle: drive, the design's cycle, observe. *failed: the source failed or a rule was broken, as the result says.
 */
tw_player_result tw_side_step(tw_side *side, tw_error *error);

/* Steps until the player is done, a step's result is not good, or so many cycles were run. */
tw_player_result tw_side_run(tw_side *side, uint64_t cycles, tw_error *error);

/* The design's state as text, or what can be said of it. */
void tw_side_state(const tw_side *side, char *text, unsigned size);

#endif
