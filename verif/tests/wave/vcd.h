/* Reads a waveform as VCD, for tests: every signal's value in every cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_WAVE_VCD_H
#define TWINWALK_TESTS_WAVE_VCD_H

#include <stdbool.h>
#include <stdint.h>

typedef struct vcd vcd;

/* Converts an FST file with fst2vcd and reads it; NULL on failure. The caller closes. */
vcd *vcd_open(const char *fst_path);
void vcd_close(vcd *v);

uint64_t vcd_cycles(const vcd *v);
/* Finds "model.walker.state", or with its range as GTKWave wants it: "model.walker.state[1:0]". -1: there is none. */
int vcd_find(const vcd *v, const char *path);
/* The value as binary digits; the reader's. */
const char *vcd_value(const vcd *v, int signal, uint64_t cycle);
/* The value of a text, without the escapes that VCD needs. */
void vcd_text(const vcd *v, int signal, uint64_t cycle, char text[static 129]);

#endif
