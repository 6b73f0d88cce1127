/* Turns the skipped parts of a sampled run into records that are played: page-table stores, and then one fence of
 * everything and the control state.
 *
 * So what is played is an MMU trace like any other: its numbers have no gaps, and nothing waits for what was skipped.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SKIP_H
#define TWINWALK_SKIP_H

#include "forward.h"
#include "sample.h"

typedef struct skipper skipper;

/* NULL if memory is out. The caller closes it. */
skipper *skipper_open(const tw_config *config);
void skipper_close(skipper *skipper);

/* An access of the program was fed. */
static inline void skipper_count(tw_sample_state *state) {
  state->left--;
  state->accesses[state->phase]++;
}

/* A record of a part that is played gets its number, and waits for nothing that was skipped. False and error if memory
 * is out. */
bool skipper_play(skipper *skipper, tw_record *record, tw_error *error);
/* The final answer to one of those: becomes an answer to the record as it was made. */
bool skipper_answered(skipper *skipper, tw_record_answer *answer, tw_error *error);

/* An access of a part that is skipped is answered. */
bool skipper_access(skipper *skipper, const tw_record *record, tw_record_answer *answer, tw_error *error);
/* Another record of it: if it is to be played, it becomes that. */
bool skipper_other(skipper *skipper, tw_record *record, bool *played, tw_error *error);
/* What is skipped ends here. */
void skipper_resume(skipper *skipper);
/* The next record that is to be played before any other; false if there is none. */
bool skipper_pending(skipper *skipper, tw_record *record);

#endif
