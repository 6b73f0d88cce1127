/* `twinwalk convert`: a trace from one form to the other, without loss.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <string.h>

#include "cli.h"
#include "copy.h"

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE", 0, "where to write; - is standard output", 0},
    {"format", 'f', "FORM", 0, "text or binary; if not given: the other one than TRACE has", 0},
    {"salvage", 's', NULL, 0, "write everything before the damage of a damaged trace, then fail", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
  cli_copy *copy = state->input;
  switch (key) {
  case 'o':
    copy->to = argument;
    return 0;
  case 'f':
    if (strcmp(argument, "text") == 0)
      copy->form = TW_TRACE_TEXT;
    else if (strcmp(argument, "binary") == 0)
      copy->form = TW_TRACE_BINARY;
    else
      argp_error(state, "expected --format=text or --format=binary, found `%s`", argument);
    return 0;
  case 's':
    copy->salvage = true;
    return 0;
  case ARGP_KEY_ARG:
    if (copy->from) argp_error(state, "one trace at a time");
    copy->from = argument;
    return 0;
  case ARGP_KEY_END:
    if (!copy->from) argp_error(state, "which trace?");
    if (!copy->to) argp_error(state, "where to? (--output FILE)");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

int cli_convert(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "TRACE -o FILE",
      "Converts a trace between its text form and its binary form. TRACE may be - for standard "
      "input. Comments and layout are lost, nothing else.",
      NULL,
      NULL,
      NULL};
  cli_copy copy = {.progress = true};
  tw_error error;
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &copy) != 0) return CLI_FAILED;
  if (!cli_output_check(copy.to, copy.from, &error)) return cli_fail(&error);
  return cli_copy_run(&copy);
}
