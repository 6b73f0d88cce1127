/* Golden traces: written while a run goes on, and answers compared with one that was written before.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_GOLDEN_H
#define TWINWALK_GOLDEN_H

#include "side.h"

typedef struct tw_golden_writer tw_golden_writer;

typedef struct tw_golden_options {
  const char *path;
  tw_trace_form form;
  const tw_config *config;         /* with the memory's latency as it is in effect */
  const tw_trace_header *header;   /* of the source */
  const tw_memory_options *memory; /* as it is in effect */
  uint64_t seed;
} tw_golden_options;

/* NULL and error on failure. */
tw_golden_writer *tw_golden_create(const tw_golden_options *options, tw_error *error);
/* What the observer of the side that answers passes on. Errors are kept until the commit. */
void tw_golden_taken(tw_golden_writer *writer, const tw_record *record);
void tw_golden_answered(tw_golden_writer *writer, const tw_record_answer *answer, bool only);
void tw_golden_read(tw_golden_writer *writer, const tw_memory_read *read);
/* Frees the writer in any case. */
bool tw_golden_commit(tw_golden_writer *writer, tw_error *error);
void tw_golden_abandon(tw_golden_writer *writer);

/* Matches the recorded answers and reads with those that come. */
typedef struct tw_golden_check tw_golden_check;

typedef struct tw_golden_mismatch {
  bool is_answer; /* else a read */
  bool expected_given, found_given;
  tw_record_answer expected, found;
  tw_flight flight; /* of found */
  tw_record_step step_expected;
  tw_memory_read step_found;
} tw_golden_mismatch;

typedef struct tw_golden_levels {
  bool cycles; /* cycles and the hit flag must be equal as well */
  bool reads;  /* page-table reads, in their order */
  bool only;   /* judge only answers marked as the only legal one */
} tw_golden_levels;

tw_golden_check *tw_golden_check_open(const tw_golden_levels *levels);
void tw_golden_check_close(tw_golden_check *check);
/* False: memory is out. */
bool tw_golden_expect(tw_golden_check *check, const tw_record *record);
bool tw_golden_found_answer(tw_golden_check *check, const tw_flight *flight, const tw_record_answer *answer,
                            bool illegal);
bool tw_golden_found_read(tw_golden_check *check, const tw_memory_read *read);
/* Takes the oldest mismatch; false if there is none. */
bool tw_golden_mismatch_take(tw_golden_check *check, tw_golden_mismatch *mismatch);
/* At the end: what was expected and never came, or came and was never expected, becomes a mismatch. `played`: records
 * played. */
bool tw_golden_check_finish(tw_golden_check *check, uint64_t played, bool cut);
/* Answers that were compared. */
uint64_t tw_golden_compared(const tw_golden_check *check);

#endif
