/* The waveform's own signals: the model's pins and registers beside the design's, and a lane that says in words what
 * happens.
 *
 * A tw_wave owns values; a design's wave_open (verif/bench/dut.h) takes the signals that point at them and writes them
 * into its FST file whenever it dumps.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_H
#define TWINWALK_WAVE_H

#include "dut.h"
#include "twinwalk/mmu.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TW_WAVE_UNNUMBERED UINT64_MAX

typedef struct tw_wave tw_wave;

/* What the waveform is told of a cycle t. */
typedef struct tw_wave_sample {
  uint64_t cycle;
  const tw_pins_in *in;
  const tw_pins_out *model;       /* the model's outputs */
  const tw_pins_out *dut;         /* the design's outputs; NULL if there is nothing to compare */
  const tw_mmu *mmu;              /* the model, already clocked with `in` */
  bool hidden;                    /* the design will not dump this cycle: nothing in it is marked */
  uint64_t access[TW_PORT_COUNT]; /* number of the access that a port requests; TW_WAVE_UNNUMBERED if unknown */
} tw_wave_sample;

/* Makes the signals for one configuration; the caller closes. NULL and error on failure. Where the design runs without
 * a model in lockstep, there is only the lane, made from the design's pins: it cannot know of walks. */
tw_wave *tw_wave_open(const tw_config *config, bool with_model, tw_error *error);
void tw_wave_close(tw_wave *wave);

/* The signals, for a design's wave_open; the wave's, and they must not outlive it. */
const tw_wave_signal *tw_wave_signals(const tw_wave *wave, unsigned *count);

/* Takes over the values of one cycle; afterwards the design may dump. Call it for every cycle, in order: registers are
 * kept from one call to the next, because they are shown as they were before the clock's edge. Allocates nothing. */
void tw_wave_cycle(tw_wave *wave, const tw_wave_sample *sample);

/* Marks a cycle as that of the difference, unless the pins differed in one before. */
void tw_wave_mark(tw_wave *wave, uint64_t cycle);

/* Writes a GTKWave save file for an FST file: FST's path with its suffix changed to .gtkw, and the directory .gtkw.d
 * beside it that holds the translations. With `internals`, the registers of this project's RTL are shown beside the
 * model's; other designs show their pins. */
bool tw_wave_save(const tw_wave *wave, const char *fst_path, bool internals, tw_error *error);

#ifdef __cplusplus
}
#endif
#endif
