/* What the subcommands that run a trace share: options, the source, progress.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_RUN_OPTIONS_H
#define TWINWALK_RUN_OPTIONS_H

#include <argp.h>

#include "cli.h"
#include "session.h"
#include "source.h"

typedef struct run_options {
  const char *trace;
  const char *config_name; /* as given, or header_config */
  char header_config[64];
  uint64_t random_records; /* 0: the trace is a file */
  uint64_t max_accesses;
  bool json;
  tw_trace_header machine;    /* what --machine says */
  tw_session_options session; /* of it: config, seed, memory, limit_cycles, source, progress */
  tw_source_options source;
  cli_progress progress;
} run_options;

/* -c, --seed, --latency, --stall, --error-rate, --machine, --swap-file, --checks, --max-accesses, --limit-cycles,
 * --sample, --json and TRACE: an argp whose input is a run_options. */
extern const struct argp run_argp;

/* Parses a number within bounds, or ends the program with a usage message. */
uint64_t run_number(const char *option, const char *text, uint64_t low, uint64_t high, const struct argp_state *state);

/* Takes "KEY=VALUE" of --machine into a header, or ends the program with a usage message. */
void run_machine_take(tw_trace_header *machine, const char *text, const struct argp_state *state);

void run_options_init(run_options *options);
/* Loads the configuration and sets up the source. False and error on failure. */
bool run_options_prepare(run_options *options, const char *label, tw_error *error);
void run_options_finish(run_options *options);

#endif
