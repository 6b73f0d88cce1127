/* A file that appears under its name when it is complete, or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TRACE_OUTPUT_H
#define TWINWALK_TRACE_OUTPUT_H

#include "trace_internal.h"

typedef struct trace_output {
  FILE *file;
  char *path;      /* the name it gets; NULL: what is written goes straight to `file` */
  char *temporary; /* the name it has until then */
  char shown[TRACE_PATH_SHOWN + 1];
} trace_output;

/* Opens a temporary file beside path; "-" and what is no regular file (a device, a pipe) is written directly. */
bool trace_output_open(trace_output *output, const char *path, tw_error *error);
bool trace_output_write(trace_output *output, const void *bytes, size_t size, tw_error *error);
/* Flushes to the disk and renames. Frees the output, also on failure; then nothing is left behind. */
bool trace_output_commit(trace_output *output, tw_error *error);
void trace_output_abandon(trace_output *output);

#endif
