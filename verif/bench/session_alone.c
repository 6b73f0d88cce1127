/* One design alone: before the oracle, before a golden trace's recorded answers, or before nobody.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "session_internal.h"

#define DRAIN_CYCLES 8u

static tw_record_answer legal_answer(const tw_walk *expected, const tw_record_answer *given) {
  tw_record_answer legal = {.access = given->access,
                            .attempt = given->attempt,
                            .accepted = given->accepted,
                            .answered = given->answered,
                            .status = TW_PIN_FAULT,
                            .reason = (uint8_t)expected->reason};
  if (expected->retry) legal.status = TW_PIN_RETRY;
  if (expected->reason != TW_OK || expected->retry) return legal;
  legal.status = TW_PIN_TRANSLATED;
  legal.pa = expected->pa;
  legal.level = expected->level;
  legal.flags = expected->flags;
  legal.attribute = expected->attribute;
  legal.napot = expected->napot;
  return legal;
}

static void oracle_answered(session *run, const tw_flight *flight, const tw_record_answer *answer) {
  tw_side *side = &run->sides[0];
  if (side->judgement == TW_JUDGED_UNDECIDED) run->verdict->undecided++;
  if (side->judgement != TW_JUDGED_ILLEGAL) return;
  const char *why = tw_judge_why(side->judge);
  tw_difference *difference = session_difference_begin(
      run, answer->answered, "DIFFERENCE in cycle %llu: %s gives an answer to record %llu that is not legal%s%s",
      (unsigned long long)answer->answered, side->options.name, (unsigned long long)answer->access, why ? ": " : "",
      why ? why : "");
  session_flight_set(difference, side, flight);
  difference->answers[0] = (tw_difference_answer){"specification", true, legal_answer(&side->expected, answer)};
  difference->answers[1] = (tw_difference_answer){side->options.name, true, *answer};
  session_differs(run, difference);
}

/* An update of A and D is judged when it is offered, whatever the level: no golden trace says that it is not due. */
static void alone_offered(void *payload, const tw_pins_memory_out *pins) {
  session *run = payload;
  session_offer_check(run, &run->sides[0], pins);
}

static void alone_answered(void *payload, const tw_flight *flight, const tw_record_answer *answer) {
  session *run = payload;
  if (run->check) {
    const tw_side *side = &run->sides[0];
    const bool illegal = side->judge && side->judgement == TW_JUDGED_ILLEGAL;
    if (side->judge && side->judgement == TW_JUDGED_UNDECIDED) run->verdict->undecided++;
    if (!tw_golden_found_answer(run->check, flight, answer, illegal)) run->failed = true;
  } else {
    oracle_answered(run, flight, answer);
  }
}

static void alone_read(void *payload, const tw_memory_read *read) {
  session *run = payload;
  if (run->check && !tw_golden_found_read(run->check, read)) run->failed = true;
}

static void alone_taken(void *payload, const tw_record *record) {
  session *run = payload;
  if (record->kind != TW_RECORD_IMAGE && record->kind != TW_RECORD_INJECT) run->taken = record->number + 1;
}

void session_alone_observer(session *run, tw_observer *observer) {
  *observer = (tw_observer){
      .payload = run, .taken = alone_taken, .answered = alone_answered, .offered = alone_offered, .read = alone_read};
}

static void read_text(char *text, size_t size, bool given, bool update, uint64_t pa, uint64_t cycle) {
  if (given) {
    snprintf(text, size, "%s 0x%llx in cycle %llu", update ? "an update of" : "a read of", (unsigned long long)pa,
             (unsigned long long)cycle);
  } else {
    snprintf(text, size, "none");
  }
}

static bool mismatch_report(session *run, const tw_golden_mismatch *mismatch) {
  tw_side *side = &run->sides[0];
  if (!mismatch->is_answer) {
    const tw_record_step *wanted = &mismatch->step_expected;
    const tw_memory_read *made = &mismatch->step_found;
    char expected[80], found[80];
    read_text(expected, sizeof expected, mismatch->expected_given, wanted->update, wanted->pa, wanted->cycle);
    read_text(found, sizeof found, mismatch->found_given, made->update, made->pa, made->cycle);
    return session_differs(run,
                           session_difference_begin(run, mismatch->step_found.cycle,
                                                    "DIFFERENCE: page-table request: golden trace has %s, %s makes %s",
                                                    expected, side->options.name, found));
  }
  const tw_record_answer *any = mismatch->found_given ? &mismatch->found : &mismatch->expected;
  tw_difference *difference =
      session_difference_begin(run, any->answered, "DIFFERENCE: %s and the golden trace disagree on record %llu",
                               side->options.name, (unsigned long long)any->access);
  if (mismatch->found_given) session_flight_set(difference, side, &mismatch->flight);
  difference->answers[0] = (tw_difference_answer){"golden trace", mismatch->expected_given, mismatch->expected};
  difference->answers[1] = (tw_difference_answer){side->options.name, mismatch->found_given, mismatch->found};
  return session_differs(run, difference);
}

/* Reports what the golden trace and the design disagree on. False: the run ends. */
static bool mismatches_report(session *run) {
  tw_golden_mismatch mismatch;
  while (run->check && tw_golden_mismatch_take(run->check, &mismatch))
    if (!mismatch_report(run, &mismatch)) return false;
  return true;
}

static bool alone_finish(session *run, tw_error *error) {
  if (!run->check || (run->verdict->differences && !run->options->keep_going)) return true;
  bool cut = run->options->cut || run->verdict->limited;
  if (!tw_golden_check_finish(run->check, run->verdict->limited ? 0 : run->taken, cut))
    return tw_error_set(error, "memory is out");
  mismatches_report(run);
  return true;
}

bool session_run_alone(session *run, tw_error *error) {
  tw_side *side = &run->sides[0];
  unsigned drain = DRAIN_CYCLES;
  tw_error said = {0};
  bool goes_on;
  bool asserts = side->options.table->failure != NULL;
  for (unsigned i = 0; i < TW_RESET_CYCLES; i++) tw_side_reset(side);
  for (uint64_t cycle = 0; drain && !session_limit(run, cycle); cycle++) {
    tw_player_result result = tw_side_step(side, &said);
    if (result != TW_PLAYER_GOOD) return session_result_take(run, side, result, &said, &goes_on, error);
    if (run->failed) return tw_error_set(error, "memory is out");
    if (!mismatches_report(run)) return true;
    if (run->verdict->differences && !run->options->keep_going) return true;
    if (asserts && !session_assertion_check(run, side, cycle)) return true;
    if ((cycle & 0xff) == 0 && session_hangs(run, side)) return true;
    if (tw_player_done(side->player)) drain--;
  }
  return alone_finish(run, error);
}
