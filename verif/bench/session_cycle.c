/* Lockstep: model and design get the same inputs, and every output pin is compared on every cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "session_internal.h"
#include "session_wave.h"

/* The access that a port's answer is about: by the tag of whichever side answers. */
static const tw_flight *port_flight(const tw_side *model, tw_port port, const tw_pins_response *left,
                                    const tw_pins_response *right) {
  if (memcmp(left, right, sizeof *left) == 0 || !(left->valid || right->valid)) return NULL;
  const tw_flight *flight = left->valid ? tw_player_flight(model->player, port, left->tag) : NULL;
  if (!flight && right->valid) flight = tw_player_flight(model->player, port, right->tag);
  return flight;
}

/* The access that some walker is busy with, or else one that waits. */
static const tw_flight *walk_flight(const tw_side *model) {
  tw_mmu_probe probe;
  tw_mmu_probe_read(tw_dut_model_mmu(model->dut), &probe);
  const tw_flight *waiting = NULL;
  for (unsigned i = 0; i < probe.slot_count; i++) {
    const tw_mmu_slot *slot = &probe.slots[i];
    if (slot->state == TW_SLOT_EMPTY) continue;
    const tw_flight *flight = tw_player_flight(model->player, slot->port, slot->tag);
    if (flight && slot->state == TW_SLOT_WALKING) return flight;
    if (flight) waiting = flight;
  }
  return waiting;
}

static void answer_note(tw_difference_answer *note, const char *who, const tw_pins_response *pins, uint64_t cycle,
                        const tw_flight *flight) {
  *note = (tw_difference_answer){.who = who, .given = pins->valid && pins->tag == flight->tag};
  note->answer = (tw_record_answer){.access = flight->number,
                                    .attempt = flight->attempt,
                                    .accepted = flight->accepted,
                                    .answered = cycle,
                                    .pa = pins->pa,
                                    .status = pins->status,
                                    .reason = pins->reason,
                                    .level = pins->level,
                                    .flags = pins->flags,
                                    .attribute = pins->attribute,
                                    .napot = pins->napot != 0,
                                    .hit = pins->hit != 0,
                                    .l2 = pins->hit == TW_PIN_HIT_L2};
}

static bool pins_differ(session *run, uint64_t cycle, bool in_reset) {
  tw_side *model = &run->sides[0], *design = &run->sides[1];
  tw_difference *difference =
      session_difference_begin(run, cycle, "DIFFERENCE in cycle %llu%s: %s and %s disagree", (unsigned long long)cycle,
                               in_reset ? ", in reset" : "", model->options.name, design->options.name);
  difference->left_out = model->out;
  difference->right_out = design->out;
  difference->pin_count = tw_pins_differ(&model->out, &design->out, difference->pins, TW_DIFFERENCE_PINS);
  if (difference->pin_count == 0) { /* only bytes that are no pins */
    memcpy(&design->out, &model->out, sizeof model->out);
    return true;
  }
  const tw_flight *flight = port_flight(model, TW_PORT_DATA, &model->out.data, &design->out.data);
  if (!flight) flight = port_flight(model, TW_PORT_FETCH, &model->out.fetch, &design->out.fetch);
  if (!flight) flight = walk_flight(model);
  if (flight && !in_reset) {
    bool fetch = flight->port == TW_PORT_FETCH;
    session_flight_set(difference, model, flight);
    answer_note(&difference->answers[0], model->options.name, fetch ? &model->out.fetch : &model->out.data, cycle,
                flight);
    answer_note(&difference->answers[1], design->options.name, fetch ? &design->out.fetch : &design->out.data, cycle,
                flight);
  }
  size_t used = strlen(difference->what);
  snprintf(difference->what + used, sizeof difference->what - used, " on %s%s", difference->pins[0]->name,
           difference->pin_count > 1 ? " and others" : "");
  return session_differs(run, difference);
}

static bool reset_run(session *run) {
  for (unsigned i = 0; i < TW_RESET_CYCLES; i++) {
    tw_side_reset(&run->sides[0]);
    tw_side_reset(&run->sides[1]);
    bool known = i > 0; /* P4: unknown before the first edge */
    if (known && memcmp(&run->sides[0].out, &run->sides[1].out, sizeof run->sides[0].out) != 0 &&
        !pins_differ(run, 0, true))
      return false;
  }
  return true;
}

bool session_run_cycle(session *run, tw_error *error) {
  tw_side *model = &run->sides[0], *design = &run->sides[1];
  void (*const model_cycle)(tw_dut *, const tw_pins_in *, tw_pins_out *) = model->options.table->cycle;
  void (*const design_cycle)(tw_dut *, const tw_pins_in *, tw_pins_out *) = design->options.table->cycle;
  const bool asserts = design->options.table->failure != NULL;
  const tw_cycle_watch *watch = &run->options->watch;
  unsigned drain = SESSION_DRAIN_CYCLES;
  tw_error said = {0};
  bool goes_on;
  if (watch->before && !watch->begin(watch->payload, &run->config, model->memory, error)) return false;
  if (!reset_run(run)) return true;
  for (uint64_t cycle = 0; drain && !session_limit(run, cycle); cycle++) {
    const tw_pins_in *in = tw_player_drive(model->player, error);
    if (!in) return false;
    if (watch->before) watch->before(watch->payload, tw_dut_model_mmu(model->dut), in);
    model_cycle(model->dut, in, &model->out);
    if (watch->before) watch->after(watch->payload, in, &model->out);
    design_cycle(design->dut, in, &design->out);
    if (run->waving) session_wave_cycle(run, cycle, in);
    if (memcmp(&model->out, &design->out, sizeof model->out) != 0 && !pins_differ(run, cycle, false)) return true;
    session_count(&run->counters, &design->out);
    if (asserts && !session_assertion_check(run, design, cycle)) return true;
    tw_player_result result = tw_player_observe(model->player, &model->out, &said);
    if (result != TW_PLAYER_GOOD) return session_result_take(run, model, result, &said, &goes_on, error);
    if ((cycle & 0xff) == 0 && session_hangs(run, model)) return true;
    if (tw_player_done(model->player)) drain--;
  }
  return true;
}
