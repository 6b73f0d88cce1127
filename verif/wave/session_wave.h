/* The waveform of a run; for the session's own files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SESSION_WAVE_H
#define TWINWALK_SESSION_WAVE_H

#include "session_internal.h"
#include "wave.h"

/* Opens the file, if the options ask for one, before the first cycle. False and error if it cannot be written. */
bool session_wave_begin(session *run, tw_error *error);
/* Between the design's cycle and what the player makes of it; only if run->waving. */
void session_wave_cycle(session *run, uint64_t cycle, const tw_pins_in *in);
/* Closes the file, writes the save file, and gives both their names. With no error to set, as after a run that failed,
 * nothing is kept. May be called twice. */
bool session_wave_end(session *run, tw_error *error);

#endif
