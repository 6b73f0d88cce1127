/* What `capture` and `import` share: options of the trace they write, and what they say when it is written.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CLI_PROGRAM_TRACE_H
#define TWINWALK_CLI_PROGRAM_TRACE_H

#include <argp.h>

#include "../capture/capture.h"
#include "cli.h"

typedef struct program_trace_options {
  capture_options trace;
  cli_progress progress;
} program_trace_options;

/* The options --output, --format, --limit and --name, as argp's parsers do. */
error_t program_trace_parse(program_trace_options *options, int key, char *argument, struct argp_state *state);
/* Completes them when all are parsed. */
error_t program_trace_end(program_trace_options *options, struct argp_state *state);
void program_trace_begin(program_trace_options *options, const char *label);
/* One line on standard error. */
void program_trace_report(const program_trace_options *options, const capture_result *result);

#endif
