/* `twinwalk import`: another tool's trace becomes a program trace.
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "program_trace.h"

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE", 0, "where to write the trace; - is standard output", 0},
    {"format", 'f', "FORM", 0, "text or binary; if not given: text if FILE ends in .twt", 0},
    {"bits", 'b', "N", 0, "width of an address, 32 or 64; if not given: as the addresses are", 0},
    {"limit", 'l', "N", 0, "cut the trace after N accesses; 0, the default: never", 0},
    {"name", 'n', "NAME", 0, "name of the program in the trace's header", 0},
    {0}};

typedef struct import_arguments {
  program_trace_options options;
  const char *format, *file;
} import_arguments;

static error_t parse(int key, char *argument, struct argp_state *state) {
  import_arguments *arguments = state->input;
  switch (key) {
  case 'b':
    if (strcmp(argument, "32") && strcmp(argument, "64")) argp_error(state, "expected --bits=32 or --bits=64");
    arguments->options.trace.bits = (unsigned)atoi(argument);
    return 0;
  case ARGP_KEY_ARG:
    if (arguments->file) argp_error(state, "one file at a time");
    if (arguments->format) {
      arguments->file = argument;
    } else {
      arguments->format = argument;
    }
    return 0;
  case ARGP_KEY_END:
    if (!arguments->file) argp_error(state, "which FORMAT, and which FILE?");
    if (strcmp(arguments->format, "lackey")) {
      argp_error(state, "expected the format lackey, found `%s`", arguments->format);
    }
    return program_trace_end(&arguments->options, state);
  default:
    return program_trace_parse(&arguments->options, key, argument, state);
  }
}

int cli_import(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "FORMAT FILE -o FILE",
      "Makes a program trace of another tool's. FORMAT is lackey: what `valgrind --tool=lackey --trace-mem=yes "
      "--basic-counts=no --trace-syscalls=yes --trace-sched=yes` writes. FILE may be - for standard input.",
      NULL,
      NULL,
      NULL};
  import_arguments arguments = {0};
  capture_result result;
  tw_error error;
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &arguments) != 0) return CLI_FAILED;
  if (!cli_output_check(arguments.options.trace.output, arguments.file, &error)) return cli_fail(&error);
  program_trace_begin(&arguments.options, "import");
  bool done = capture_import_lackey(arguments.file, &arguments.options.trace, &result, &error);
  cli_progress_end(&arguments.options.progress);
  if (!done) return cli_fail(&error);
  program_trace_report(&arguments.options, &result);
  return CLI_OK;
}
