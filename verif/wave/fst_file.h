/* A waveform file appears under its name when it is complete, or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_FST_FILE_H
#define TWINWALK_WAVE_FST_FILE_H

#include "paths.h"

typedef struct fst_file {
  char path[WAVE_PATH_BYTES];
  char temporary[WAVE_PATH_BYTES + 64]; /* beside it; this is what the design writes to. Empty: none is open */
} fst_file;

/* Whether a file is a whole waveform; false and error if not. */
bool fst_path_check(const char *path, tw_error *error);

/* Makes the temporary file. False and error if there cannot be one, or the path is not that of a regular file. */
bool fst_file_begin(fst_file *file, const char *path, tw_error *error);

/* Whether what was written is whole: the FST writer does not say when the disk is full. False and error if not. */
bool fst_file_check(const fst_file *file, tw_error *error);

/* Gives it its name. False and error if that cannot be done. */
bool fst_file_keep(fst_file *file, tw_error *error);

/* Removes it, unless it was kept. */
void fst_file_drop(fst_file *file);

#endif
