/* A run of a trace on a design: in lockstep with the model, beside it, or alone before a judge. A golden trace is
 * judged by its own answers, and the model stays closed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SESSION_H
#define TWINWALK_SESSION_H

#include "difference.h"
#include "golden.h"
#include "outcome.h"
#include "side.h"

typedef enum tw_compare {
  TW_COMPARE_DEFAULT, /* cycle if the design's cycles are predicted, else arch */
  TW_COMPARE_CYCLE,   /* every output pin on every cycle */
  TW_COMPARE_WALK,    /* every answer, and the order and addresses of page-table reads */
  TW_COMPARE_ARCH,    /* every answer is legal */
  TW_COMPARE_NONE     /* nothing: the design alone */
} tw_compare;

const char *tw_compare_name(tw_compare compare);
/* "cycle", "walk", "arch"; false if it is none of them. */
bool tw_compare_from_name(const char *name, tw_compare *compare);

/* Opens a fresh source over the same records, for a configuration as the design has it; called once for each player. */
typedef tw_source *(*tw_source_factory)(void *payload, const tw_config *config, tw_error *error);

/* What overrides the trace and the configuration; negative: as they say. */
typedef struct tw_session_memory {
  bool has_latency;
  tw_latency latency; /* stall_span apart */
  int64_t stall;
  int64_t error_rate;
} tw_session_memory;

/* Which cycles of a run are in its waveform. */
typedef struct tw_wave_window {
  uint64_t first;
  uint64_t cycles; /* 0: to the end of the run */
  bool again;      /* the run is for the window's sake: a failed assertion does not end it */
  bool last;       /* the run ends with the window */
  uint64_t mark;   /* with again: the cycle that is marked as the difference */
} tw_wave_window;

/* Looks on at every cycle of the model in lockstep; then lockstep does not go in batches. */
typedef struct tw_cycle_watch {
  void *payload;
  /* The first: false and error end the run. The memory is the session's. */
  bool (*begin)(void *payload, const tw_config *config, tw_memory *memory, tw_error *error);
  void (*before)(void *payload, const tw_mmu *model, const tw_pins_in *in); /* NULL: nobody looks on */
  void (*after)(void *payload, const tw_pins_in *in, const tw_pins_out *out);
} tw_cycle_watch;

typedef struct tw_session_options {
  tw_config config;
  const tw_dut_table *dut;
  tw_compare compare;
  tw_source_factory open_source;
  void *payload;
  bool reopens; /* open_source gives the same records as often as it is called: lockstep may go in batches, and is done
                   again if it is not equal */
  bool cut;     /* the source ends before the trace does */
  uint64_t seed;
  bool has_seed; /* the seed overrides memory.seed of the trace */
  unsigned variant;
  tw_session_memory memory;
  uint64_t hang;         /* cycles in which nothing happens while something is owed; 0: 100000 */
  uint64_t limit_cycles; /* stop there; 0: never */
  bool keep_going;       /* count differences, explain the first */
  const char *wave;      /* an FST file of the design; NULL: none */
  tw_wave_window window;
  tw_cycle_watch watch;
  const char *golden; /* write a golden trace; NULL: none */
  tw_trace_form golden_form;
  const char *repeat; /* the command that repeats the run, for reports; may be NULL */
  void (*progress)(void *payload, const tw_source *source); /* now and then; may be NULL */
  void *progress_payload;
} tw_session_options;

#define TW_SESSION_OPTIONS ((tw_session_options){.config = TW_CONFIG_BASE39, .memory = {.stall = -1, .error_rate = -1}})

/* What a design counted by its own pins over a run. */
typedef struct tw_counters {
  uint64_t events[TW_EVENT_COUNT];
  uint64_t walk_cycles; /* walkers that were not idle, summed over the cycles */
  uint64_t faults[TW_REASON_COUNT];
} tw_counters;

/* How a run was sampled. */
typedef struct tw_sampled {
  tw_sample sample;          /* measure 0: it was not */
  uint64_t accesses[3];      /* of the program, by phase */
  uint64_t intervals;        /* that were measured */
  bool counted;              /* what was measured was counted apart, below; else all that was played was */
  tw_player_counts measured; /* in the cycles of the measured intervals */
} tw_sampled;

typedef struct tw_verdict {
  tw_compare compare; /* as it was done */
  bool golden;        /* against the answers of a golden trace */
  bool passed;        /* no difference, and the operating system's side is as it should be */
  bool hung;
  bool limited; /* stopped at limit_cycles */
  uint64_t differences;
  uint64_t undecided; /* answers that the oracle alone could not judge */
  uint64_t compared;  /* accesses */
  tw_player_counts counts;
  bool counted;         /* lockstep: the design's counters, beside the model's in counts */
  tw_counters counters; /* of the design; equal to the model's unless there are differences */
  bool has_space;
  tw_space_counts space; /* those of the outcome */
  tw_outcome outcome;    /* of the operating system's side */
  tw_sampled sampled;
  double seconds;
  char first[320];                  /* the first difference in one line */
  uint64_t first_cycle;             /* the design's; of a hang, the last one in which something happened */
  uint64_t wave_first, wave_cycles; /* what the waveform holds; 0 cycles: nothing */
  char *report;                     /* its explanation; owned by the verdict, NULL if there is none */
} tw_verdict;

/* Runs. False and error: it could not be done, or compared nothing. The caller frees the verdict in any case. */
bool tw_session_run(const tw_session_options *options, tw_verdict *verdict, tw_error *error);
void tw_verdict_free(tw_verdict *verdict);

#endif
