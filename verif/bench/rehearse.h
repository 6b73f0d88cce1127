/* Turns a program trace into the MMU trace that it becomes, by one run of the operating system's side and the model.
 *
 * A golden trace holds the cycles of playing an MMU trace that is all there from the beginning. While the operating
 * system's side is in the loop, the player has to wait for it now and then, so those cycles are others: what it did is
 * kept first, and then played.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_REHEARSE_H
#define TWINWALK_REHEARSE_H

#include "memory.h"
#include "outcome.h"

typedef struct tw_rehearsal {
  const tw_config *config;
  const tw_memory_options *memory;
  const char *beside; /* the MMU trace is kept in a nameless file in this file's folder; NULL or "-": where temporary
                         files go */
  bool cut;           /* the source ends before the trace does */
} tw_rehearsal;

/* Plays all of `program`, which stays the caller's, and opens a source over what it became. *outcome is the operating
 * system's. NULL and error on failure. */
tw_source *tw_rehearse(const tw_rehearsal *how, tw_source *program, tw_outcome *outcome, tw_error *error);

#endif
