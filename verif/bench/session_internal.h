/* What the kinds of run share; for the session's own files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SESSION_INTERNAL_H
#define TWINWALK_SESSION_INTERNAL_H

#include "dut_loader.h"
#include "fst_file.h"
#include "session.h"
#include "wave.h"

/* An answer at one side that the other has not given yet, for runs at walk level. */
typedef struct open_answer {
  unsigned side;
  tw_record_answer answer;
  tw_flight flight;
  tw_context context;
} open_answer;

/* Cycles of lockstep after the last answer, so that events and late answers are seen. */
#define SESSION_DRAIN_CYCLES 8u

typedef struct session {
  const tw_session_options *options;
  tw_verdict *verdict;
  tw_compare compare;
  bool golden;      /* the source is a golden trace */
  tw_config config; /* as the design has it, with the memory as it is in effect */
  tw_memory_options memory;
  tw_side sides[2]; /* the model or the only one; the design */
  unsigned side_count;
  tw_source *sources[2];
  tw_golden_writer *writer;
  tw_golden_check *check;
  bool waving;
  bool wave_over;           /* the waveform's window is complete, and the run ends with it */
  fst_file fst;             /* what the design writes its waveform to */
  tw_wave *wave;            /* the waveform's own signals; NULL if there is none */
  bool again;               /* this run is thrown away and done again, cycle by cycle */
  bool failed;              /* memory is out in an observer */
  uint64_t taken;           /* played records taken by side 0 */
  tw_difference difference; /* being made */
  tw_counters counters;     /* of the design in lockstep */
  tw_player_counts before;  /* counts when the interval that is measured began */
  /* walk level */
  open_answer *open;
  size_t open_count, open_room;
  tw_memory_read *reads[2];
  size_t read_first[2], read_count[2], read_room[2];
} session;

/* Notes a difference; the first is explained into the verdict. Returns whether the run goes on. */
bool session_differs(session *run, const tw_difference *difference);
/* A difference with its line, cycle and names filled in. */
tw_difference *session_difference_begin(session *run, uint64_t cycle, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A broken rule, or a source that failed (then false and error). *goes_on as session_differs. */
bool session_result_take(session *run, tw_side *side, tw_player_result result, const tw_error *said, bool *goes_on,
                         tw_error *error);
/* Whether side has been idle too long. */
bool session_is_stuck(const session *run, const tw_side *side);
/* The same: reported, and the run ends. */
bool session_hangs(session *run, tw_side *side);
/* Fills in the access of an answer. */
void session_flight_set(tw_difference *difference, const tw_side *side, const tw_flight *flight);
/* Called every now and then by the loops: progress, and whether the limit of cycles is reached. */
bool session_limit(session *run, uint64_t cycle);
/* Checks for a failed assertion of the design. Returns whether the run goes on. */
bool session_assertion_check(session *run, tw_side *side, uint64_t cycle);

/* Adds what the design's pins say in one cycle to its counters. */
void session_count(tw_counters *counters, const tw_pins_out *out);
/* Reports the first counter in which model and design do not agree, at the end of a run without differences. */
void session_counters_compare(session *run);
/* Reports an update of A and D by a side that no access calls for. */
void session_offer_check(session *run, tw_side *side, const tw_pins_memory_out *pins);

/* The loops. False and error: could not run to the end. */
bool session_run_cycle(session *run, tw_error *error);
bool session_run_walk(session *run, tw_error *error);
bool session_run_alone(session *run, tw_error *error);

/* Has the measured intervals of a sampled source counted on side 0. */
void session_sample_begin(session *run);
/* Says in the verdict how a source was sampled, at the end of its run. */
void session_sample_note(session *run, const tw_source *source);

/* Whether the model may run ahead of the design: only what is equal can be found so, and it can be done again. */
bool session_goes_ahead(const session *run);
/* Lockstep in batches. False: it is not equal, or something has to be told; nothing was reported. */
bool session_run_ahead(session *run);

/* Observers of the loops. */
void session_walk_observer(session *run, unsigned side, tw_observer *observer);
void session_alone_observer(session *run, tw_observer *observer);
/* The observer that writes the golden trace, on side 0. */
void session_golden_observer(session *run, tw_observer *observer);

#endif
