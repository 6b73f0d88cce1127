/* The functional coverage of a lockstep run, as `cosim --coverage` writes it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_COVERAGE_WATCH_H
#define TWINWALK_COVERAGE_WATCH_H

#include "coverage.h"
#include "session.h"

typedef struct coverage_watch {
  const char *file; /* NULL: nobody looks on */
  tw_coverage *coverage;
  tw_table_memory tables;
} coverage_watch;

/* Looks on at the run, if there is a file to write. */
void coverage_watch_attach(coverage_watch *watch, tw_session_options *session);
/* Writes the tally. False and error if there is none, or it cannot be written. */
bool coverage_watch_write(const coverage_watch *watch, tw_error *error);
void coverage_watch_close(coverage_watch *watch);

#endif
