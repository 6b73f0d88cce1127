/* Options and report of the subcommands that write program traces.
 * SPDX-License-Identifier: Apache-2.0 */
#include "program_trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static error_t program_trace_limit(program_trace_options *options, const char *argument, struct argp_state *state) {
  char *end;
  errno = 0;
  options->trace.limit = strtoull(argument, &end, 10);
  if (errno || end == argument || *end || *argument == '-')
    argp_error(state, "expected --limit=NUMBER, found `%s`", argument);
  return 0;
}

error_t program_trace_parse(program_trace_options *options, int key, char *argument, struct argp_state *state) {
  switch (key) {
  case 'o':
    options->trace.output = argument;
    return 0;
  case 'f':
    if (strcmp(argument, "text") && strcmp(argument, "binary")) {
      argp_error(state, "expected --format=text or --format=binary, found `%s`", argument);
    }
    options->trace.form = argument[0] == 't' ? TW_TRACE_TEXT : TW_TRACE_BINARY;
    return 0;
  case 'l':
    return program_trace_limit(options, argument, state);
  case 'n':
    options->trace.name = argument;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

error_t program_trace_end(program_trace_options *options, struct argp_state *state) {
  if (!options->trace.output) argp_error(state, "where to? (--output FILE)");
  if (!options->trace.form) {
    size_t length = strlen(options->trace.output);
    bool text = length > 4 && strcmp(options->trace.output + length - 4, ".twt") == 0;
    options->trace.form = text ? TW_TRACE_TEXT : TW_TRACE_BINARY;
  }
  return 0;
}

static void program_trace_progress(void *payload, uint64_t done, uint64_t total) {
  cli_progress_update(payload, done, total);
}

void program_trace_begin(program_trace_options *options, const char *label) {
  options->trace.progress = program_trace_progress;
  options->trace.payload = &options->progress;
  cli_progress_begin(&options->progress, label);
}

void program_trace_report(const program_trace_options *options, const capture_result *result) {
  fprintf(stderr, "%s: %" PRIu64 " records, %" PRIu64 " accesses%s, %" PRIu64 " pages, %u initial regions",
          options->trace.output, result->records, result->accesses, result->cut ? " (cut)" : "", result->pages,
          result->regions);
  if (result->threads > 1) fprintf(stderr, ", %u threads", result->threads);
  if (result->processes > 1) fprintf(stderr, ", %u processes", result->processes);
  fputc('\n', stderr);
  if (result->left_out) {
    fprintf(stderr, "%" PRIu64 " lines or records were left out; the first: %s\n", result->left_out,
            result->first_left);
  }
}
