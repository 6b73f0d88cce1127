/* What came of the operating system's side of a run: counts, checks, translations that outlived a missing fence, and
 * whether what the trace expects holds. None of it is a difference between designs.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_OUTCOME_H
#define TWINWALK_OUTCOME_H

#include "expect.h"
#include "source.h"

typedef struct tw_outcome {
  tw_space_counts counts;
  bool content_checked, isolation_checked;
  bool whole;                                /* the trace was played to its end, so that what follows was judged: */
  tw_expectations expectations;              /* owned */
  size_t unmet;                              /* of them that do not hold */
  tw_space_stale stale[TW_SPACE_STALE_KEPT]; /* the first of them, */
  size_t stale_count;                        /* so many */
} tw_outcome;

/* Takes it from a source with a space; `whole`: its trace was played to its end. False and error if the space's account
 * of frames, slots and tables is not in balance then, or memory is out. */
bool tw_outcome_take(const tw_source *source, bool whole, tw_outcome *outcome, tw_error *error);
void tw_outcome_free(tw_outcome *outcome);

/* Errors of content or isolation that no missing fence explains. */
uint64_t tw_outcome_errors(const tw_outcome *outcome);
/* Whether the run is good as far as the operating system's side goes: no such errors, and every expectation holds. */
bool tw_outcome_good(const tw_outcome *outcome);

/* One line of what is wrong; empty if nothing is. */
void tw_outcome_say(const tw_outcome *outcome, char *text, size_t size);
/* One line about a stale translation, with the fence that is missing. */
void tw_stale_say(const tw_space_stale *stale, char *text, size_t size);

#endif
