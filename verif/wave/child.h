/* Runs another program.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_CHILD_H
#define TWINWALK_WAVE_CHILD_H

#include <stdio.h>
#include <sys/types.h>

#include "twinwalk/error.h"

#include <stdbool.h>

typedef struct child {
  const char *program; /* for messages */
  pid_t pid;
  FILE *output; /* its standard output; NULL unless asked for */
} child;

/* Whether a program is found on PATH. */
bool child_exists(const char *program);

/* Starts argv[0] from PATH. With `read`, its standard output is read; else it is thrown away. */
bool child_start(child *c, char *const *argv, bool read, tw_error *error);

/* Waits for its end and closes its output. False and error if its exit status is not 0. */
bool child_end(child *c, tw_error *error);

#endif
