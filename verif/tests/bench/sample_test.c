/* Sampling: its phases, answers without an MMU, and the records that take the place of what is skipped.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "forward.h"
#include "sample.h"
#include "skip.h"

#define ROOT 0x80000000u
#define LEAF_TABLE (ROOT + 0x2000u)
#define RWXU 0x1fu /* V, R, W, X, U */
#define A_D 0xc0u

static void lengths_are_three_numbers(void **state) {
  (void)state;
  static const char *const bad[] = {"", "1", "1:2", "1:2:", "1:2:0", "1:2:3:4", "-1:2:3", "1:2:3x", "a:2:3", "::1"};
  tw_sample sample = {0};
  tw_error error;
  assert_true(tw_sample_parse("1000:0x20:3", &sample, &error));
  assert_int_equal(sample.skip, 1000);
  assert_int_equal(sample.warm, 32);
  assert_int_equal(sample.measure, 3);
  assert_true(tw_sample_parse("0:0:1", &sample, &error));
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    if (tw_sample_parse(bad[i], &sample, &error)) fail_msg("\"%s\" is taken", bad[i]);
}

static void turn_note(void *payload, bool measures) {
  int *depth = payload;
  *depth += measures ? 1 : -1;
}

/* Feeds accesses to the end of a phase, and turns. */
static bool phase_run(tw_sample_state *state, tw_phase phase, uint64_t length) {
  assert_int_equal(state->phase, phase);
  assert_int_equal(state->left, length);
  while (state->left) skipper_count(state);
  return tw_sample_turn(state);
}

static void phases_follow_one_another_and_empty_ones_are_left_out(void **state) {
  (void)state;
  int depth = 0;
  tw_sample_state at = {.turned = turn_note, .payload = &depth};
  tw_sample_begin(&at, &(tw_sample){5, 0, 3});
  assert_true(phase_run(&at, TW_PHASE_SKIP, 5));
  assert_int_equal(depth, 1);
  assert_false(phase_run(&at, TW_PHASE_MEASURE, 3));
  assert_int_equal(depth, 0);
  assert_true(phase_run(&at, TW_PHASE_SKIP, 5));
  assert_int_equal(at.intervals, 2);
  assert_int_equal(at.accesses[TW_PHASE_SKIP], 10);
  assert_int_equal(at.accesses[TW_PHASE_MEASURE], 3);

  at = (tw_sample_state){0};
  tw_sample_begin(&at, &(tw_sample){0, 2, 1});
  assert_false(phase_run(&at, TW_PHASE_WARM, 2));
  assert_false(phase_run(&at, TW_PHASE_MEASURE, 1));
  assert_int_equal(at.phase, TW_PHASE_WARM);
}

static tw_record pte(uint64_t pa, uint64_t value) {
  return (tw_record){.kind = TW_RECORD_STORE, .store = {.pa = pa, .width = 8, .second = value}};
}

static uint64_t entry_of(uint64_t pa, uint64_t flags) {
  return pa >> 12 << 10 | flags;
}

static tw_record control_of(bool adue) {
  return (tw_record){.kind = TW_RECORD_CONTROL,
                     .control = {.satp = 8ull << 60 | ROOT >> 12, .privilege = TW_USER, .adue = adue}};
}

static void follow(tw_forward *forward, tw_record record) {
  assert_true(tw_forward_follow(forward, &record));
}

/* A root, a table below it, a table of leaves; page 1 is readable and has neither A nor D. */
static tw_forward *tables_open(const tw_config *config, bool adue) {
  tw_forward *forward = tw_forward_open(config, 0);
  assert_non_null(forward);
  follow(forward, pte(ROOT, entry_of(ROOT + 0x1000, 1)));
  follow(forward, pte(ROOT + 0x1000, entry_of(LEAF_TABLE, 1)));
  follow(forward, pte(LEAF_TABLE + 8, entry_of(0x5000, RWXU)));
  follow(forward, control_of(adue));
  return forward;
}

static tw_record_answer ask(tw_forward *forward, tw_access kind, uint64_t va) {
  const tw_record_access access = {.va = va, .kind = kind, .size = 4};
  tw_record_answer answer = {0};
  assert_true(tw_forward_access(forward, tw_forward_control(forward), &access, &answer));
  return answer;
}

static void forwarding_answers_from_the_tables_as_they_are(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  tw_forward *forward = tables_open(&config, false);
  assert_int_equal(ask(forward, TW_LOAD, 0x1008).reason, TW_REASON_ACCESSED_CLEAR);
  follow(forward, pte(LEAF_TABLE + 8, entry_of(0x5000, RWXU | A_D)));
  for (unsigned again = 0; again < 2; again++) {
    assert_int_equal(ask(forward, TW_LOAD, 0x1008).pa, 0x5008);
    assert_int_equal(ask(forward, TW_STORE, 0x1010).pa, 0x5010);
  }
  assert_int_equal(ask(forward, TW_LOAD, 0x2000).reason, TW_REASON_INVALID);
  follow(forward, pte(LEAF_TABLE + 8, entry_of(0x6000, 0x13 | A_D))); /* no fence, and read-only */
  assert_int_equal(ask(forward, TW_LOAD, 0x1008).pa, 0x6008);
  assert_int_equal(ask(forward, TW_STORE, 0x1008).status, TW_PIN_FAULT);
  tw_forward_close(forward);
}

static void forwarding_sets_a_and_d_as_hardware_does(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  tw_record store;
  config.extensions |= TW_EXT_SVADU;
  tw_forward *forward = tables_open(&config, true);
  assert_int_equal(ask(forward, TW_LOAD, 0x1008).pa, 0x5008);
  assert_true(tw_forward_update(forward, &store));
  assert_int_equal(store.kind, TW_RECORD_STORE);
  assert_int_equal(store.store.pa, LEAF_TABLE + 8);
  assert_int_equal(store.store.second, 0x40);
  assert_false(tw_forward_update(forward, &store));
  assert_int_equal(ask(forward, TW_STORE, 0x1008).pa, 0x5008);
  assert_true(tw_forward_update(forward, &store));
  assert_int_equal(store.store.second, 0x80);
  assert_int_equal(ask(forward, TW_STORE, 0x1000).pa, 0x5000);
  assert_false(tw_forward_update(forward, &store));
  tw_forward_close(forward);
}

static void play(skipper *self, tw_record *record, uint64_t made, uint64_t played) {
  tw_error error;
  record->number = made;
  assert_true(skipper_play(self, record, &error));
  assert_int_equal(record->number, played);
}

static tw_record load_after(uint32_t back) {
  return (tw_record){.kind = TW_RECORD_ACCESS,
                     .after = {.count = back != 0, .back = {back}},
                     .access = {.va = 0x1000, .kind = TW_LOAD, .size = 4}};
}

/* Plays what was made as numbers 0 and 1, and skips 2 to 5, of which 4 is a store. */
static skipper *skipped_open(const tw_config *config) {
  tw_error error;
  tw_record_answer answer;
  bool played;
  skipper *self = skipper_open(config);
  assert_non_null(self);
  tw_record record = control_of(false);
  play(self, &record, 0, 0);
  record = load_after(1);
  play(self, &record, 1, 1);
  assert_int_equal(record.after.count, 1);
  answer = (tw_record_answer){.access = 1};
  assert_true(skipper_answered(self, &answer, &error));
  assert_int_equal(answer.access, 1);

  record = (tw_record){.kind = TW_RECORD_FENCE, .number = 2};
  assert_true(skipper_other(self, &record, &played, &error));
  assert_false(played);
  record = load_after(1);
  record.number = 3;
  assert_true(skipper_access(self, &record, &answer, &error));
  assert_int_equal(answer.access, 3);
  assert_int_equal(answer.status, TW_PIN_FAULT);
  record = pte(ROOT, entry_of(ROOT + 0x1000, 1));
  record.number = 4;
  record.delay = 2000;
  record.after = (tw_after){.count = 1, .back = {1}};
  assert_true(skipper_other(self, &record, &played, &error));
  assert_true(played && record.after.all && record.after.count == 0 && record.delay == 0);
  assert_int_equal(record.number, 2);
  record = control_of(false);
  record.control.sum = true;
  record.number = 5;
  assert_true(skipper_other(self, &record, &played, &error));
  assert_false(played);
  return self;
}

static void a_skipped_part_ends_with_a_fence_and_the_control_state(void **state) {
  (void)state;
  const tw_config config = TW_CONFIG_BASE39;
  skipper *self = skipped_open(&config);
  tw_record record;
  assert_false(skipper_pending(self, &record));
  skipper_resume(self);
  assert_true(skipper_pending(self, &record));
  assert_true(record.kind == TW_RECORD_FENCE && record.after.all && !record.fence.has_va && !record.fence.has_asid);
  assert_int_equal(record.number, 3);
  assert_true(skipper_pending(self, &record));
  assert_true(record.kind == TW_RECORD_CONTROL && record.after.all && record.control.sum);
  assert_int_equal(record.number, 4);
  assert_false(skipper_pending(self, &record));
  skipper_close(self);
}

static void what_is_played_has_no_gaps_and_waits_for_nothing_that_was_skipped(void **state) {
  (void)state;
  const tw_config config = TW_CONFIG_BASE39;
  skipper *self = skipped_open(&config);
  tw_record record;
  tw_error error;
  skipper_resume(self);
  while (skipper_pending(self, &record)) continue;
  record = load_after(1);
  play(self, &record, 6, 5);
  assert_true(record.after.all); /* the first on its port */
  record = load_after(1);
  play(self, &record, 7, 6);
  assert_true(record.after.count == 1 && record.after.back[0] == 1);
  record = load_after(5);
  record.after.count = 2;
  record.after.back[1] = 2;
  play(self, &record, 8, 7);
  assert_true(record.after.count == 1 && record.after.back[0] == 2); /* number 3 was skipped, number 6 was not */
  tw_record_answer answer = {.access = 7};
  assert_true(skipper_answered(self, &answer, &error));
  assert_int_equal(answer.access, 8);
  skipper_close(self);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lengths_are_three_numbers),
      cmocka_unit_test(phases_follow_one_another_and_empty_ones_are_left_out),
      cmocka_unit_test(forwarding_answers_from_the_tables_as_they_are),
      cmocka_unit_test(forwarding_sets_a_and_d_as_hardware_does),
      cmocka_unit_test(a_skipped_part_ends_with_a_fence_and_the_control_state),
      cmocka_unit_test(what_is_played_has_no_gaps_and_waits_for_nothing_that_was_skipped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
