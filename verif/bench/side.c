/* Opens a design with all that belongs to it, and passes on what its player sees.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "side.h"

#include <stdio.h>
#include <string.h>

#include "config_file.h"
#include "pin_table.h"

typedef unsigned long long ull;

static void side_taken(void *payload, const tw_record *record) {
  tw_side *side = payload;
  side->options.observer.taken(side->options.observer.payload, record);
}

static void side_accepted(void *payload, const tw_flight *flight) {
  tw_side *side = payload;
  const tw_observer *observer = &side->options.observer;
  if (side->judge) tw_judge_accepted(side->judge, flight);
  if (observer->accepted) observer->accepted(observer->payload, flight);
}

static void side_answered(void *payload, const tw_flight *flight, const tw_record_answer *answer) {
  tw_side *side = payload;
  const tw_observer *observer = &side->options.observer;
  if (side->judge) side->judgement = tw_judge_answer(side->judge, flight, answer, &side->expected);
  if (observer->answered) observer->answered(observer->payload, flight, answer);
}

static void side_offered(void *payload, const tw_pins_memory_out *pins) {
  tw_side *side = payload;
  const tw_observer *observer = &side->options.observer;
  side->offer = TW_JUDGED_LEGAL;
  if (side->judge && pins->req_kind == TW_PIN_MEM_CAS) side->offer = tw_judge_update(side->judge, pins);
  if (observer->offered) observer->offered(observer->payload, pins);
}

static void side_read(void *payload, const tw_memory_read *read) {
  tw_side *side = payload;
  const tw_observer *observer = &side->options.observer;
  tw_history_read_add(&side->history, read);
  if (side->judge) tw_judge_read(side->judge, read);
  if (observer->read) observer->read(observer->payload, read);
}

static void side_control(void *payload, uint64_t cycle, const tw_record *record) {
  tw_side *side = payload;
  tw_history_event_add(&side->history, cycle, record);
  if (side->judge) tw_judge_control(side->judge, tw_player_control(side->player));
}

static void side_pmp(void *payload, uint64_t cycle, const tw_record *record) {
  tw_side *side = payload;
  tw_history_event_add(&side->history, cycle, record);
  if (side->judge) tw_judge_pmp(side->judge);
}

static void side_store(void *payload, uint64_t cycle, const tw_record *record, uint64_t before) {
  tw_side *side = payload;
  tw_history_event_add(&side->history, cycle, record);
  if (side->judge) tw_judge_store(side->judge, &record->store, before);
}

static void side_fence(void *payload, uint64_t cycle, const tw_record *record) {
  tw_side *side = payload;
  tw_history_event_add(&side->history, cycle, record);
  if (side->judge) tw_judge_fence(side->judge, &record->fence);
}

static bool dut_start(tw_side *side, tw_error *error) {
  char text[TW_CONFIG_TEXT_BYTES];
  tw_config_format(side->options.config, text, sizeof text);
  const tw_dut_options how = {.config_text = text, .seed = side->options.seed, .variant = side->options.variant};
  side->dut = side->options.table->open(&how, error);
  return side->dut != NULL;
}

static bool player_start(tw_side *side, tw_error *error) {
  const tw_side_options *options = &side->options;
  side->memory = tw_memory_open(&options->memory);
  tw_player_options how = {
      .source = options->source,
      .memory = side->memory,
      .config = options->config,
      .observer = {.payload = side,
                   .read = side_read,
                   .control = side_control,
                   .pmp = side_pmp,
                   .store = side_store,
                   .fence = side_fence},
  };
  /* Nobody is told of every access unless he asked: that is the path that has to be fast. */
  if (options->observer.taken) how.observer.taken = side_taken;
  if (options->observer.accepted || options->judged) how.observer.accepted = side_accepted;
  if (options->observer.answered || options->judged) how.observer.answered = side_answered;
  if (options->observer.offered || options->judged) how.observer.offered = side_offered;
  if (side->memory) side->player = tw_player_open(&how);
  if (options->judged && side->player)
    side->judge = tw_judge_open(options->config, tw_player_machine(side->player), side->memory);
  bool complete = side->player && (!options->judged || side->judge);
  return complete || tw_error_set(error, "memory is out");
}

bool tw_side_open(tw_side *side, const tw_side_options *options, tw_error *error) {
  memset(side, 0, sizeof *side);
  side->options = *options;
  if (dut_start(side, error) && (!options->source || player_start(side, error))) return true;
  tw_side_close(side);
  return false;
}

void tw_side_close(tw_side *side) {
  tw_player_close(side->player);
  tw_judge_close(side->judge);
  tw_memory_close(side->memory);
  if (side->dut) side->options.table->close(side->dut);
  side->player = NULL;
  side->judge = NULL;
  side->memory = NULL;
  side->dut = NULL;
}

void tw_side_reset(tw_side *side) {
  const tw_pins_in low = {.rst_n = 0};
  side->options.table->cycle(side->dut, &low, &side->out);
}

tw_player_result tw_side_step(tw_side *side, tw_error *error) {
  const tw_pins_in *in = tw_player_drive(side->player, error);
  if (!in) return TW_PLAYER_FAILED;
  side->options.table->cycle(side->dut, in, &side->out);
  if (side->cycled) side->cycled(side->cycled_payload, side, in);
  return tw_player_observe(side->player, &side->out, error);
}

/* As tw_side_step does it; here what does not change is looked up once. */
tw_player_result tw_side_run(tw_side *side, uint64_t cycles, tw_error *error) {
  void (*const cycle)(tw_dut *, const tw_pins_in *, tw_pins_out *) = side->options.table->cycle;
  tw_player *player = side->player;
  tw_dut *dut = side->dut;
  for (; cycles && !tw_player_done(player); cycles--) {
    const tw_pins_in *in = tw_player_drive(player, error);
    if (!in) return TW_PLAYER_FAILED;
    cycle(dut, in, &side->out);
    if (side->cycled) side->cycled(side->cycled_payload, side, in);
    tw_player_result result = tw_player_observe(player, &side->out, error);
    if (result != TW_PLAYER_GOOD) return result;
  }
  return TW_PLAYER_GOOD;
}

/* All that a design shows that hides its registers. */
static void outputs_say(const tw_pins_out *out, char *text, unsigned size) {
  size_t used = (size_t)snprintf(text, size, "(outputs that are not 0; a checked build, --checked, shows registers)\n");
  for (size_t i = 0; i < tw_pin_count && used < size; i++) {
    const uint64_t value = tw_pins[i].output ? tw_pin_value(&tw_pins[i], out) : 0;
    if (value) used += (size_t)snprintf(text + used, size - used, "%s 0x%llx\n", tw_pins[i].name, (ull)value);
  }
}

void tw_side_state(const tw_side *side, char *text, unsigned size) {
  if (side->options.table->state) {
    side->options.table->state(side->dut, text, size);
  } else {
    outputs_say(&side->out, text, size);
  }
}
