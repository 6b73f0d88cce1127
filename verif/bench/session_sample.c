/* Counts the measured intervals of a sampled run apart.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "session_internal.h"

#define COUNTS (sizeof(tw_player_counts) / sizeof(uint64_t)) /* it has no other fields */

/* sum += now - before */
static void counts_add(tw_player_counts *sum, const tw_player_counts *now, const tw_player_counts *before) {
  uint64_t sums[COUNTS], ends[COUNTS], begins[COUNTS];
  memcpy(sums, sum, sizeof sums);
  memcpy(ends, now, sizeof ends);
  memcpy(begins, before, sizeof begins);
  for (size_t i = 0; i < COUNTS; i++) sums[i] += ends[i] - begins[i];
  memcpy(sum, sums, sizeof sums);
}

static void sample_turned(void *payload, bool measures) {
  session *run = payload;
  const tw_player_counts *now = tw_player_counted(run->sides[0].player);
  if (!measures) counts_add(&run->verdict->sampled.measured, now, &run->before);
  run->before = *now;
}

void session_sample_begin(session *run) {
  tw_sample_state *state = run->sources[0]->sample;
  if (!state) return;
  state->turned = sample_turned;
  state->payload = run;
  run->verdict->sampled.counted = true;
}

void session_sample_note(session *run, const tw_source *source) {
  const tw_sample_state *state = source->sample;
  tw_sampled *sampled = &run->verdict->sampled;
  if (!state) return;
  if (sampled->counted && state->phase == TW_PHASE_MEASURE) sample_turned(run, false);
  sampled->sample = state->sample;
  sampled->intervals = state->intervals;
  memcpy(sampled->accesses, state->accesses, sizeof sampled->accesses);
}
