/* Where a waveform's files lie: FILE.fst, FILE.gtkw and the folder FILE.gtkw.d beside it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_PATHS_H
#define TWINWALK_WAVE_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "twinwalk/error.h"

#define WAVE_PATH_BYTES 1024u

typedef struct wave_paths {
  char save[WAVE_PATH_BYTES];
  char folder[WAVE_PATH_BYTES];
  char fst_name[WAVE_PATH_BYTES]; /* names without folders, as the save file has them */
  char save_name[WAVE_PATH_BYTES];
  char folder_name[WAVE_PATH_BYTES];
} wave_paths;

bool wave_paths_make(wave_paths *paths, const char *fst_path, tw_error *error);

/* Writes a whole file, or nothing: to a temporary file beside it, then renames. */
bool wave_file_write(const char *path, const char *content, size_t size, bool executable, tw_error *error);

#endif
