/* Beside each other: model and design each have their own player and memory; answers and page-table reads must be
 * equal.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "session_internal.h"

static bool answers_equal(const tw_record_answer *left, const tw_record_answer *right) {
  return left->status == right->status && left->reason == right->reason && left->pa == right->pa &&
         left->level == right->level && left->flags == right->flags && left->attribute == right->attribute &&
         left->napot == right->napot;
}

static void answers_compare(session *run, const open_answer *left, const open_answer *right) {
  if (answers_equal(&left->answer, &right->answer)) return;
  tw_difference *difference = session_difference_begin(
      run, right->answer.answered, "DIFFERENCE: %s and %s answer record %llu differently", run->sides[0].options.name,
      run->sides[1].options.name, (unsigned long long)right->answer.access);
  session_flight_set(difference, &run->sides[1], &right->flight);
  difference->answers[0] = (tw_difference_answer){run->sides[0].options.name, true, left->answer};
  difference->answers[1] = (tw_difference_answer){run->sides[1].options.name, true, right->answer};
  session_differs(run, difference);
}

static void answer_add(session *run, unsigned side, const tw_flight *flight, const tw_record_answer *answer) {
  const open_answer fresh = {.side = side, .answer = *answer, .flight = *flight};
  for (size_t i = 0; i < run->open_count; i++) {
    open_answer other = run->open[i];
    if (other.side == side || other.answer.access != answer->access || other.answer.attempt != answer->attempt)
      continue;
    run->open[i] = run->open[--run->open_count];
    answers_compare(run, side == 0 ? &fresh : &other, side == 0 ? &other : &fresh);
    return;
  }
  if (run->open_count == run->open_room) {
    size_t room = run->open_room ? run->open_room * 2 : 256;
    open_answer *grown = realloc(run->open, room * sizeof *grown);
    if (!grown) {
      run->failed = true;
      return;
    }
    run->open = grown;
    run->open_room = room;
  }
  run->open[run->open_count++] = fresh;
}

static void walk_answered_left(void *payload, const tw_flight *flight, const tw_record_answer *answer) {
  answer_add(payload, 0, flight, answer);
}

static void walk_answered_right(void *payload, const tw_flight *flight, const tw_record_answer *answer) {
  answer_add(payload, 1, flight, answer);
}

static void request_text(char *text, size_t size, const tw_memory_read *request) {
  int wrote = snprintf(text, size, "%s %u bytes at 0x%llx", request->update ? "updates" : "reads", request->size,
                       (unsigned long long)request->pa);
  if (request->update && wrote > 0 && (size_t)wrote < size)
    snprintf(text + wrote, size - (size_t)wrote, " to 0x%llx", (unsigned long long)request->desired);
}

static void reads_compare(session *run, const tw_memory_read *left, const tw_memory_read *right) {
  if (left->pa == right->pa && left->size == right->size && left->update == right->update &&
      left->desired == right->desired && left->expected == right->expected)
    return;
  char first[96], second[96];
  request_text(first, sizeof first, left);
  request_text(second, sizeof second, right);
  session_differs(
      run, session_difference_begin(run, right->cycle,
                                    "DIFFERENCE: page-table requests differ: %s %s (cycle %llu), %s %s (cycle %llu)",
                                    run->sides[0].options.name, first, (unsigned long long)left->cycle,
                                    run->sides[1].options.name, second, (unsigned long long)right->cycle));
}

static void read_add(session *run, unsigned side, const tw_memory_read *read) {
  unsigned other = 1 - side;
  if (run->read_first[other] < run->read_count[other]) {
    const tw_memory_read *first = &run->reads[other][run->read_first[other]++];
    reads_compare(run, side == 0 ? read : first, side == 0 ? first : read);
    return;
  }
  if (run->read_first[side] == run->read_count[side]) run->read_first[side] = run->read_count[side] = 0;
  if (run->read_count[side] == run->read_room[side]) {
    size_t room = run->read_room[side] ? run->read_room[side] * 2 : 256;
    tw_memory_read *grown = realloc(run->reads[side], room * sizeof *grown);
    if (!grown) {
      run->failed = true;
      return;
    }
    run->reads[side] = grown;
    run->read_room[side] = room;
  }
  run->reads[side][run->read_count[side]++] = *read;
}

static void walk_read_left(void *payload, const tw_memory_read *read) {
  read_add(payload, 0, read);
}

static void walk_read_right(void *payload, const tw_memory_read *read) {
  read_add(payload, 1, read);
}

static void walk_offered_right(void *payload, const tw_pins_memory_out *pins) {
  session *run = payload;
  session_offer_check(run, &run->sides[1], pins);
}

void session_walk_observer(session *run, unsigned side, tw_observer *observer) {
  *observer = (tw_observer){.payload = run,
                            .answered = side == 0 ? walk_answered_left : walk_answered_right,
                            .offered = side == 0 ? NULL : walk_offered_right,
                            .read = side == 0 ? walk_read_left : walk_read_right};
}

/* What only one side did, when both are done. */
static void remainder_compare(session *run) {
  for (size_t i = 0; i < run->open_count; i++) {
    const open_answer *left = &run->open[i];
    unsigned side = left->side;
    tw_difference *difference = session_difference_begin(
        run, left->answer.answered, "DIFFERENCE: only %s answers attempt %u of record %llu",
        run->sides[side].options.name, left->answer.attempt, (unsigned long long)left->answer.access);
    session_flight_set(difference, &run->sides[side], &left->flight);
    difference->answers[side] = (tw_difference_answer){run->sides[side].options.name, true, left->answer};
    session_differs(run, difference);
  }
  for (unsigned side = 0; side < 2; side++) {
    if (run->read_first[side] == run->read_count[side]) continue;
    const tw_memory_read *read = &run->reads[side][run->read_first[side]];
    session_differs(run,
                    session_difference_begin(
                        run, read->cycle, "DIFFERENCE: only %s makes the page-table request for 0x%llx in cycle %llu",
                        run->sides[side].options.name, (unsigned long long)read->pa, (unsigned long long)read->cycle));
  }
}

/* The side that is behind goes next, so that little has to be kept. */
static tw_side *side_next(session *run) {
  tw_side *left = &run->sides[0], *right = &run->sides[1];
  if (tw_player_done(left->player)) return right;
  if (tw_player_done(right->player)) return left;
  return tw_player_counted(left->player)->answers <= tw_player_counted(right->player)->answers ? left : right;
}

bool session_run_walk(session *run, tw_error *error) {
  tw_side *sides = run->sides;
  for (unsigned i = 0; i < 2 * TW_RESET_CYCLES; i++) tw_side_reset(&sides[i % 2]);
  while (!tw_player_done(sides[0].player) || !tw_player_done(sides[1].player)) {
    tw_side *side = side_next(run);
    uint64_t cycle = tw_player_cycle(side->player);
    tw_error said = {0};
    bool goes_on;
    tw_player_result result = tw_side_step(side, &said);
    if (!session_result_take(run, side, result, &said, &goes_on, error)) return false;
    if (run->failed) return tw_error_set(error, "memory is out");
    if (!goes_on || (run->verdict->differences && !run->options->keep_going)) return true;
    if (!session_assertion_check(run, side, cycle) || session_limit(run, cycle)) return true;
    if ((cycle & 0xff) == 0 && session_hangs(run, side)) return true;
  }
  remainder_compare(run);
  return true;
}
