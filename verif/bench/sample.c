/* The phases of a sampled run.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <errno.h>
#include <stdlib.h>

bool tw_sample_parse(const char *text, tw_sample *sample, tw_error *error) {
  uint64_t numbers[3];
  const char *at = text;
  for (unsigned i = 0; i < 3; i++) {
    char *end;
    errno = 0;
    numbers[i] = strtoull(at, &end, 0);
    const bool good = at[0] >= '0' && at[0] <= '9' && !errno && *end == (i < 2 ? ':' : '\0');
    if (!good || (i == 2 && numbers[i] == 0))
      return tw_error_set(error, "expected SKIP:WARM:MEASURE in accesses, MEASURE 1 or more, found \"%s\"", text);
    at = end + 1;
  }
  *sample = (tw_sample){numbers[0], numbers[1], numbers[2]};
  return true;
}

static uint64_t length_of(const tw_sample *sample, tw_phase phase) {
  return phase == TW_PHASE_SKIP ? sample->skip : phase == TW_PHASE_WARM ? sample->warm : sample->measure;
}

/* From this phase on, the first that has a length; MEASURE has one. */
static void phase_enter(tw_sample_state *state, tw_phase phase) {
  while (length_of(&state->sample, phase) == 0) phase = (phase + 1) % 3;
  state->phase = phase;
  state->left = length_of(&state->sample, phase);
  state->intervals += phase == TW_PHASE_MEASURE;
  if (phase == TW_PHASE_MEASURE && state->turned) state->turned(state->payload, true);
}

void tw_sample_begin(tw_sample_state *state, const tw_sample *sample) {
  state->sample = *sample;
  phase_enter(state, TW_PHASE_SKIP);
}

bool tw_sample_turn(tw_sample_state *state) {
  const tw_phase before = state->phase;
  if (before == TW_PHASE_MEASURE && state->turned) state->turned(state->payload, false);
  phase_enter(state, (before + 1) % 3);
  return before == TW_PHASE_SKIP;
}
