/* The waveform that is cut around a run's first difference: made by a second run.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_DIFFERENCE_H
#define TWINWALK_WAVE_DIFFERENCE_H

#include "dut_loader.h"
#include "session.h"

typedef struct wave_difference {
  const char *file;       /* NULL: none is asked for */
  uint64_t before, after; /* cycles around the difference */
  tw_dut_choice choice;   /* of the design as it was run */
  const char *trace;
} wave_difference;

/* Cycles before and after, if nothing else is asked for. */
#define WAVE_DIFFERENCE_BEFORE 200u
#define WAVE_DIFFERENCE_AFTER 20u

/* Whether such a run is possible; if not, the error says what is missing. The plug-in is the caller's to unload. */
bool wave_difference_load(const wave_difference *how, tw_dut_plugin *plugin, tw_error *error);

/* Runs again from the start, with the design of wave_difference_load, and adds to the verdict's report what came of
 * it. */
void wave_difference_make(const wave_difference *how, const tw_session_options *session, const tw_dut_plugin *plugin,
                          tw_verdict *verdict);

/* Adds to the verdict's report the command that makes such a waveform, or why there is none. */
void wave_difference_hint(const wave_difference *how, const char *repeat, tw_verdict *verdict);

#endif
