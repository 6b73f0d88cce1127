/* What a run tells of: differences, broken rules, hangs, counters that do not agree.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "session_internal.h"

#define HANG_CYCLES 100000u

tw_difference *session_difference_begin(session *run, uint64_t cycle, const char *format, ...) {
  tw_difference *difference = &run->difference;
  *difference = (tw_difference){.cycle = cycle,
                                .left_name = run->sides[0].options.name,
                                .right_name = run->sides[1].options.name,
                                .left = &run->sides[0],
                                .right = run->side_count == 2 ? &run->sides[1] : NULL};
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(difference->what, sizeof difference->what, format, arguments);
  va_end(arguments);
  return difference;
}

void session_flight_set(tw_difference *difference, const tw_side *side, const tw_flight *flight) {
  difference->has_flight = true;
  difference->flight = *flight;
  const tw_machine *machine = side->player ? tw_player_machine(side->player) : NULL;
  tw_control_context(&flight->control, side->options.config, machine, flight->access.kind, &difference->context);
}

bool session_differs(session *run, const tw_difference *difference) {
  tw_verdict *verdict = run->verdict;
  if (verdict->differences++) return run->options->keep_going;
  snprintf(verdict->first, sizeof verdict->first, "%s", difference->what);
  verdict->first_cycle = difference->cycle;
  size_t size;
  FILE *stream = open_memstream(&verdict->report, &size);
  if (!stream) return run->options->keep_going;
  const tw_report_footer footer = {run->options->seed, run->options->repeat};
  tw_difference_print(stream, difference, &footer);
  fclose(stream);
  return run->options->keep_going;
}

bool session_result_take(session *run, tw_side *side, tw_player_result result, const tw_error *said, bool *goes_on,
                         tw_error *error) {
  *goes_on = result == TW_PLAYER_GOOD;
  if (result == TW_PLAYER_FAILED) return tw_error_set(error, "%s", said->text);
  if (result == TW_PLAYER_VIOLATION) {
    uint64_t cycle = tw_player_cycle(side->player);
    session_differs(run, session_difference_begin(run, cycle, "%s broke a rule of the pins in cycle %llu: %s",
                                                  side->options.name, (unsigned long long)cycle, said->text));
  }
  return true; /* after a broken rule nothing that follows means anything: the run ends */
}

static uint64_t hang_limit(const session *run) {
  return run->options->hang ? run->options->hang : HANG_CYCLES;
}

bool session_is_stuck(const session *run, const tw_side *side) {
  return tw_player_idle_cycles(side->player) >= hang_limit(run) && !tw_player_done(side->player);
}

bool session_hangs(session *run, tw_side *side) {
  uint64_t limit = hang_limit(run);
  if (!session_is_stuck(run, side)) return false;
  uint64_t cycle = tw_player_cycle(side->player);
  tw_difference *difference =
      session_difference_begin(run, cycle, "%s hangs: nothing has happened for %llu cycles, until cycle %llu",
                               side->options.name, (unsigned long long)limit, (unsigned long long)cycle);
  difference->hang = run->verdict->hung = true;
  session_differs(run, difference);
  if (run->verdict->differences == 1) run->verdict->first_cycle = cycle - tw_player_idle_cycles(side->player);
  return true;
}

bool session_limit(session *run, uint64_t cycle) {
  const tw_session_options *options = run->options;
  if (options->progress && (cycle & 0xffff) == 0) options->progress(options->progress_payload, run->sources[0]);
  if (!run->wave_over && (!options->limit_cycles || cycle < options->limit_cycles)) return false;
  run->verdict->limited = true;
  return true;
}

bool session_assertion_check(session *run, tw_side *side, uint64_t cycle) {
  const char *failure = side->options.table->failure ? side->options.table->failure(side->dut) : NULL;
  if (!failure) return true;
  session_differs(run, session_difference_begin(run, cycle, "an assertion of %s failed by cycle %llu: %s",
                                                side->options.name, (unsigned long long)cycle, failure));
  return run->options->window.again; /* it stays failed */
}

void session_offer_check(session *run, tw_side *side, const tw_pins_memory_out *pins) {
  if (!side->judge || side->offer != TW_JUDGED_ILLEGAL) return;
  const uint64_t cycle = tw_player_cycle(side->player);
  session_differs(run,
                  session_difference_begin(
                      run, cycle,
                      "DIFFERENCE in cycle %llu: %s sets A or D in the entry at 0x%llx (0x%llx to 0x%llx), which no "
                      "access calls for",
                      (unsigned long long)cycle, side->options.name, (unsigned long long)pins->req_addr,
                      (unsigned long long)pins->req_expected, (unsigned long long)pins->req_desired));
}

static void fault_count(tw_counters *counters, const tw_pins_response *pins) {
  if (pins->valid && pins->status == TW_PIN_FAULT && pins->reason < TW_REASON_COUNT) counters->faults[pins->reason]++;
}

void session_count(tw_counters *counters, const tw_pins_out *out) {
  for (uint32_t event = out->event; event; event &= event - 1) {
    unsigned bit = (unsigned)__builtin_ctz(event);
    if (bit < TW_EVENT_COUNT) counters->events[bit]++;
  }
  counters->walk_cycles += out->walkers;
  fault_count(counters, &out->fetch);
  fault_count(counters, &out->data);
}

static bool counter_compare(session *run, const char *name, uint64_t model, uint64_t design) {
  if (model == design) return true;
  const uint64_t cycle = run->verdict->counts.cycles;
  session_differs(run, session_difference_begin(run, cycle, "DIFFERENCE at the end: %s: %s counted %llu, %s %llu", name,
                                                run->sides[0].options.name, (unsigned long long)model,
                                                run->sides[1].options.name, (unsigned long long)design));
  return false;
}

void session_counters_compare(session *run) {
  const tw_player_counts *model = &run->verdict->counts;
  const tw_counters *design = &run->counters;
  bool same = run->verdict->differences == 0; /* else they need not agree, and the first one has been told */
  for (unsigned i = 0; same && i < TW_EVENT_COUNT; i++)
    same = counter_compare(run, tw_event_name(i), model->events[i], design->events[i]);
  for (unsigned i = 1; same && i < TW_REASON_COUNT; i++)
    same = counter_compare(run, tw_reason_name((tw_reason)i), model->faults[i], design->faults[i]);
  if (same) counter_compare(run, "walk cycles", model->walk_cycles, design->walk_cycles);
}
