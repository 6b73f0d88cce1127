/* Opens a waveform in GTKWave, at a cycle or at an access.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_VIEWER_H
#define TWINWALK_WAVE_VIEWER_H

#include <stdbool.h>
#include <stdint.h>

#include "twinwalk/error.h"

typedef struct tw_viewer_options {
  const char *fst_path;
  bool has_cycle; /* else where the save file says: at the difference, or at the first fault */
  uint64_t cycle;
  const char *screenshot; /* write a picture (PNG) there and quit; NULL: stay open until it is closed */
} tw_viewer_options;

/* Whether GTKWave is installed and there is a display; if not, the error says what to do. */
bool tw_viewer_check(tw_error *error);

/* The first cycle in which a request of an access is accepted, from the file's lane. False and error if there is none.
 */
bool tw_viewer_find_access(const char *fst_path, uint64_t access, uint64_t *cycle, tw_error *error);

/* Opens the file with the save file beside it, if there is one, and waits for the end. */
bool tw_viewer_open(const tw_viewer_options *options, tw_error *error);

#endif
