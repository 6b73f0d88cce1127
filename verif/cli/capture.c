/* `twinwalk capture`: runs a real program and writes its program trace.
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <string.h>

#include "cli.h"
#include "program_trace.h"

/* 100 million accesses: about a minute, and some 100 MB of trace. */
#define CAPTURE_LIMIT 100000000u

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE", 0,
     "where to write the trace; - is standard output (the program's goes to standard error then)", 0},
    {"format", 'f', "FORM", 0, "text or binary; if not given: text if FILE ends in .twt", 0},
    {"limit", 'l', "N", 0, "cut the trace after N accesses and end the program; 0: never; default 100000000", 0},
    {"name", 'n', "NAME", 0, "name of the program in the trace's header", 0},
    {"with", 'w', "TRACER", 0,
     "lackey (Valgrind), or qemu; if not given: qemu for a RISC-V program or qemu-system-riscv, else lackey", 0},
    {"keep-output", 'p', 0, 0, "keep what the program prints, its first 64 lines, in the trace's header", 0},
    {0}};

typedef struct capture_arguments {
  program_trace_options options;
  const char *tracer;
  char **program;
} capture_arguments;

static error_t parse(int key, char *argument, struct argp_state *state) {
  capture_arguments *arguments = state->input;
  switch (key) {
  case 'w':
    if (strcmp(argument, "lackey") && strcmp(argument, "qemu")) {
      argp_error(state, "expected --with=lackey or --with=qemu, found `%s`", argument);
    }
    arguments->tracer = argument;
    return 0;
  case 'p':
    arguments->options.trace.keep_output = true;
    return 0;
  case ARGP_KEY_ARG:
    return ARGP_ERR_UNKNOWN; /* all of them at once, below */
  case ARGP_KEY_ARGS:
    arguments->program = state->argv + state->next;
    return 0;
  case ARGP_KEY_END:
    if (!arguments->program) argp_error(state, "which program?");
    return program_trace_end(&arguments->options, state);
  default:
    return program_trace_parse(&arguments->options, key, argument, state);
  }
}

int cli_capture(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "-o FILE -- PROGRAM [ARGUMENT...]",
      "Runs PROGRAM under Valgrind's lackey, or QEMU with the project's plug-in, and writes what it did to memory as a "
      "program trace, with its memory map. Children that it forks follow it in the trace; programs that it executes "
      "are not traced. If PROGRAM is qemu-system-riscv32 or 64, the whole machine is traced.",
      NULL,
      NULL,
      NULL};
  capture_arguments arguments = {.options.trace.limit = CAPTURE_LIMIT};
  capture_result result;
  tw_error error;
  int status;
  if (argp_parse(&ARGP, argc, argv, ARGP_IN_ORDER, NULL, &arguments) != 0) return CLI_FAILED;
  program_trace_begin(&arguments.options, "capture");
  bool done = capture_run(arguments.tracer, arguments.program, &arguments.options.trace, &result, &status, &error);
  cli_progress_end(&arguments.options.progress);
  if (!done) return cli_fail(&error);
  program_trace_report(&arguments.options, &result);
  if (status && !result.cut) fprintf(stderr, "%s ended with status %d\n", arguments.program[0], status);
  return CLI_OK;
}
