/* The waveform of a run: told of every cycle, closed and saved at the end.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "session_wave.h"

#include <string.h>

#define OWN_DESIGN "rtl" /* whose registers the save file knows by name */

static const tw_side *design_of(const session *run) {
  return &run->sides[run->side_count - 1];
}

static bool in_lockstep(const session *run) {
  return run->side_count == 2 && run->compare == TW_COMPARE_CYCLE;
}

/* A step of a design that has a player of its own. */
static void side_cycled(void *payload, const tw_side *side, const tw_pins_in *in) {
  session *run = payload;
  session_wave_cycle(run, tw_player_cycle(side->player), in);
}

bool session_wave_begin(session *run, tw_error *error) {
  const tw_session_options *options = run->options;
  tw_side *side = &run->sides[run->side_count - 1];
  unsigned count;
  if (!options->wave) return true;
  if (!options->dut->wave_open) {
    return tw_error_set(error, "%s writes no waveforms: expected the checked build of a plug-in",
                        options->dut->describe()->name);
  }
  run->wave = tw_wave_open(&run->config, in_lockstep(run), error);
  if (!run->wave) return false;
  const tw_wave_signal *signals = tw_wave_signals(run->wave, &count);
  if (!fst_file_begin(&run->fst, options->wave, error)) return false;
  run->waving = options->dut->wave_open(side->dut, run->fst.temporary, signals, count, error);
  if (run->waving && !in_lockstep(run)) {
    side->cycled = side_cycled;
    side->cycled_payload = run;
  }
  return run->waving;
}

/* Whether a cycle is in the window; the run's end is noted when it is complete. */
static bool window_has(session *run, uint64_t cycle) {
  const tw_wave_window *window = &run->options->window;
  tw_verdict *verdict = run->verdict;
  const bool has = cycle >= window->first && (!window->cycles || cycle - window->first < window->cycles);
  if (has && !verdict->wave_cycles++) verdict->wave_first = cycle;
  run->wave_over = window->last && window->cycles && cycle + 1 >= window->first + window->cycles;
  return has;
}

void session_wave_cycle(session *run, uint64_t cycle, const tw_pins_in *in) {
  const tw_side *design = design_of(run), *model = &run->sides[0];
  const tw_player *player = in_lockstep(run) ? model->player : design->player;
  tw_wave_sample sample = {.cycle = cycle, .in = in, .model = &design->out};
  sample.hidden = !window_has(run, cycle);
  if (in_lockstep(run)) {
    sample.model = &model->out;
    sample.dut = &design->out;
    sample.mmu = tw_dut_model_mmu(model->dut);
  }
  for (unsigned port = 0; port < TW_PORT_COUNT; port++)
    sample.access[port] = tw_player_requested(player, (tw_port)port);
  tw_wave_cycle(run->wave, &sample);
  if (!sample.hidden) design->options.table->wave_dump(design->dut, cycle);
}

bool session_wave_end(session *run, tw_error *error) {
  bool good = true;
  if (run->waving) {
    const bool own = strcmp(run->options->dut->describe()->name, OWN_DESIGN) == 0;
    const tw_wave_window *window = &run->options->window;
    run->options->dut->wave_close(design_of(run)->dut);
    if (run->verdict->differences || window->again)
      tw_wave_mark(run->wave, window->again ? window->mark : run->verdict->first_cycle);
    good = error && fst_file_check(&run->fst, error) && tw_wave_save(run->wave, run->options->wave, own, error) &&
           fst_file_keep(&run->fst, error);
  }
  fst_file_drop(&run->fst);
  run->waving = false;
  tw_wave_close(run->wave);
  run->wave = NULL;
  return good;
}
