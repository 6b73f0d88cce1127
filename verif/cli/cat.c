/* `twinwalk cat`: prints a trace as text.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>

#include "cli.h"
#include "copy.h"

static const struct argp_option OPTIONS[] = {
    {"salvage", 's', NULL, 0, "print everything before the damage of a damaged trace, then fail", 0}, {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
  cli_copy *copy = state->input;
  switch (key) {
  case 's':
    copy->salvage = true;
    return 0;
  case ARGP_KEY_ARG:
    if (copy->from) argp_error(state, "one trace at a time");
    copy->from = argument;
    return 0;
  case ARGP_KEY_NO_ARGS:
    argp_error(state, "which trace?");
    return EINVAL;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

int cli_cat(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "TRACE",
      "Prints a trace, text or binary, as text. TRACE may be - for standard input.\v"
      "Without --salvage, too, everything before the damage has been printed, but `end`, which says "
      "that a trace is whole, is only printed if it is or with --salvage.",
      NULL,
      NULL,
      NULL};
  cli_copy copy = {.to = "-", .form = TW_TRACE_TEXT};
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &copy) != 0) return CLI_FAILED;
  return cli_copy_run(&copy);
}
