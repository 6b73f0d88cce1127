/* What the subcommands of `twinwalk` share: one function each, exit statuses, failure messages, progress.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CLI_H
#define TWINWALK_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "twinwalk/error.h"

/* Exit statuses: all compared equal, a difference was found, it could not run. */
enum { CLI_OK = 0, CLI_DIFFERENT = 1, CLI_FAILED = 2 };

/* A subcommand: gets argv from its own name on ("cosim", ...), returns an exit status. */
typedef int (*cli_run)(int argc, char **argv);

int cli_capture(int argc, char **argv);
int cli_import(int argc, char **argv);
int cli_gen(int argc, char **argv);
int cli_golden(int argc, char **argv);
int cli_cosim(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_map(int argc, char **argv);
int cli_stats(int argc, char **argv);
int cli_diff(int argc, char **argv);
int cli_duts(int argc, char **argv);
int cli_config(int argc, char **argv);
int cli_wave(int argc, char **argv);
int cli_convert(int argc, char **argv);
int cli_cat(int argc, char **argv);

/* Prints "twinwalk: " and the error on standard error, as one line whatever a path in it holds; returns CLI_FAILED. */
int cli_fail(const tw_error *error);

/* Whether an output, NULL if there is none, is another file than the input; - is standard input or output. */
bool cli_output_check(const char *output, const char *input, tw_error *error);

/* A progress bar on standard error, drawn at most ten times a second and only if it is a terminal. total 0: unknown. */
typedef struct cli_progress {
  const char *label;
  uint64_t last; /* milliseconds */
  bool shown, enabled;
} cli_progress;
void cli_progress_begin(cli_progress *progress, const char *label);
void cli_progress_update(cli_progress *progress, uint64_t done, uint64_t total);
void cli_progress_end(cli_progress *progress);

/* Whether colours may be used on a stream: it is a terminal and NO_COLOR is not set. */
bool cli_colours(FILE *stream);

#endif
