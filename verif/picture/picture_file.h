/* A file that appears under its name when it is complete, or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PICTURE_FILE_H
#define TWINWALK_PICTURE_FILE_H

#include <stdio.h>

#include "twinwalk/error.h"

typedef struct picture_file {
  FILE *stream;     /* to write to */
  char *path;       /* the name it gets; owned; NULL: what is written goes straight out */
  char *temporary;  /* the name it has until then; owned */
  const char *name; /* for messages; the caller's */
} picture_file;

/* Opens a temporary file beside path; "-" is standard output, and what is no regular file is written directly. False
 * and error on failure. */
bool picture_file_open(picture_file *file, const char *path, tw_error *error);
/* Flushes to the disk and renames. Closes the file, also on failure: then nothing is left behind. */
bool picture_file_commit(picture_file *file, tw_error *error);
void picture_file_abandon(picture_file *file);

#endif
