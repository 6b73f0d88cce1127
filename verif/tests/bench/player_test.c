/* What the player promises of order, repeats, cancels and rules, against scripted outputs.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "script.h"

#define GOOD(wires) assert_int_equal(wires_observe(wires), TW_PLAYER_GOOD)

static void a_record_waits_until_the_cycle_after_the_answer_it_comes_after(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000);
  script_after_last(script_access(&w.script, TW_FETCH, 0x2000));
  wires_begin(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.valid, 1);
  assert_int_equal(w.in->fetch.valid, 0);
  uint8_t tag = w.in->data.tag;
  GOOD(&w);
  wires_idle(&w, 5);
  wires_drive(&w);
  assert_int_equal(w.in->fetch.valid, 0);
  wires_answer(&w, TW_PORT_DATA, tag, TW_PIN_TRANSLATED);
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->fetch.valid, 1);
  wires_end(&w);
}

static void ports_run_beside_each_other_without_after(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000);
  script_access(&w.script, TW_FETCH, 0x2000);
  script_fence(&w.script);
  script_control(&w.script, 0, TW_SUPERVISOR);
  wires_begin(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.valid & w.in->fetch.valid & w.in->fence.valid & w.in->control.valid, 1);
  wires_end(&w);
}

static void records_of_one_port_keep_their_order_and_wait_for_the_handshake(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000);
  script_access(&w.script, TW_STORE, 0x2000);
  script_access(&w.script, TW_FETCH, 0x3000); /* behind a record whose place is taken */
  wires_begin(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.va, 0x1000);
  assert_int_equal(w.in->fetch.valid, 0);
  w.out.data.req_ready = 0;
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.va, 0x1000); /* P10 */
  assert_int_equal(w.in->fetch.valid, 0);
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.va, 0x2000);
  assert_int_equal(w.in->fetch.va, 0x3000);
  assert_int_not_equal(w.in->data.tag, 0);
  wires_end(&w);
}

static void a_delay_counts_from_the_completion_of_what_comes_before(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_control(&w.script, 0, TW_SUPERVISOR);
  tw_record *late = script_access(&w.script, TW_LOAD, 0x1000);
  script_after_last(late);
  late->delay = 3;
  wires_begin(&w);
  wires_drive(&w);
  assert_int_equal(w.in->control.valid, 1); /* in force, so complete, from the next cycle on */
  GOOD(&w);
  for (unsigned i = 0; i < 3; i++) {
    wires_drive(&w);
    assert_int_equal(w.in->data.valid, 0);
    assert_int_equal(w.in->control.valid, 0);
    GOOD(&w);
  }
  wires_drive(&w);
  assert_int_equal(w.in->data.valid, 1);
  wires_end(&w);
}

static void a_store_is_complete_when_memory_has_it(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_store(&w.script, 0x8000, 0x1234);
  script_after_last(script_fence(&w.script));
  wires_begin(&w);
  wires_drive(&w);
  assert_int_equal(w.in->fence.valid, 0);
  assert_int_equal(tw_memory_read_value(w.memory, 0x8000, 8), 0);
  GOOD(&w);
  assert_int_equal(tw_memory_read_value(w.memory, 0x8000, 8), 0x1234);
  wires_drive(&w);
  assert_int_equal(w.in->fence.valid, 1);
  wires_end(&w);
}

static void after_all_waits_for_fences_that_are_not_done(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_fence(&w.script);
  script_fence(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000)->after.all = true;
  wires_begin(&w);
  wires_idle(&w, 2); /* both accepted, none done */
  wires_drive(&w);
  w.out.fence_done = 1;
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.valid, 0);
  w.out.fence_done = 1;
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.valid, 1);
  wires_end(&w);
}

/* Accepts what the data port asks and answers it in the next cycle; the tag's flight must be `number`. */
static void ask_and_answer(wires *w, uint64_t number, uint32_t attempt, uint8_t status) {
  for (unsigned i = 0; i < 4; i++) {
    wires_drive(w);
    if (w->in->data.valid) break;
    GOOD(w);
  }
  assert_int_equal(w->in->data.valid, 1);
  uint8_t tag = w->in->data.tag;
  GOOD(w);
  wires_drive(w);
  const tw_flight *flight = tw_player_flight(w->player, TW_PORT_DATA, tag);
  assert_non_null(flight);
  assert_int_equal(flight->number, number);
  assert_int_equal(flight->attempt, attempt);
  wires_answer(w, TW_PORT_DATA, tag, status);
  GOOD(w);
}

static void a_fault_is_asked_again_as_often_as_the_record_says(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000)->access.retries = 2;
  wires_begin(&w);
  for (uint32_t attempt = 0; attempt < 3; attempt++) {
    assert_false(tw_player_done(w.player));
    ask_and_answer(&w, 0, attempt, TW_PIN_FAULT);
  }
  wires_idle(&w, 1);
  assert_true(tw_player_done(w.player));
  assert_int_equal(tw_player_counted(w.player)->accesses, 1);
  assert_int_equal(tw_player_counted(w.player)->answers, 3);
  wires_end(&w);
}

static void a_retry_is_asked_again_even_without_retries(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000);
  wires_begin(&w);
  ask_and_answer(&w, 0, 0, TW_PIN_RETRY);
  ask_and_answer(&w, 0, 1, TW_PIN_RETRY);
  ask_and_answer(&w, 0, 2, TW_PIN_FAULT); /* final: no retries were asked for */
  wires_idle(&w, 1);
  assert_true(tw_player_done(w.player));
  wires_end(&w);
}

static void what_is_asked_again_goes_before_the_record_that_waits_for_it(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000)->access.retries = 1;
  script_after_last(script_access(&w.script, TW_LOAD, 0x2000));
  wires_begin(&w);
  ask_and_answer(&w, 0, 0, TW_PIN_FAULT);
  ask_and_answer(&w, 0, 1, TW_PIN_TRANSLATED);
  ask_and_answer(&w, 1, 0, TW_PIN_TRANSLATED);
  wires_end(&w);
}

static void a_cancel_comes_so_many_cycles_after_acceptance_and_completes(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000)->access.cancel_after = 3;
  script_after_last(script_access(&w.script, TW_FETCH, 0x2000));
  wires_begin(&w);
  wires_idle(&w, 1); /* accepted in cycle 0 */
  wires_idle(&w, 2);
  wires_drive(&w);
  assert_int_equal(w.in->data.cancel_valid, 1);
  assert_int_equal(w.in->fetch.valid, 0);
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.cancel_valid, 0);
  assert_int_equal(w.in->fetch.valid, 1);
  assert_int_equal(tw_player_counted(w.player)->cancelled, 1);
  wires_answer(&w, TW_PORT_DATA, 0, TW_PIN_TRANSLATED); /* P19: never after */
  assert_int_equal(wires_observe(&w), TW_PLAYER_VIOLATION);
  assert_non_null(strstr(w.error.text, "P16"));
  wires_end(&w);
}

static void an_answer_in_the_cycle_of_the_cancel_counts(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  tw_record *record = script_access(&w.script, TW_LOAD, 0x1000);
  record->access.cancel_after = 1;
  record->access.retries = 5; /* but nobody asks again for what was withdrawn */
  wires_begin(&w);
  wires_idle(&w, 1);
  wires_drive(&w);
  assert_int_equal(w.in->data.cancel_valid, 1);
  wires_answer(&w, TW_PORT_DATA, w.in->data.cancel_tag, TW_PIN_FAULT);
  GOOD(&w);
  wires_idle(&w, 1);
  assert_true(tw_player_done(w.player));
  assert_int_equal(tw_player_counted(w.player)->accesses, 1);
  wires_end(&w);
}

static void answers_may_overtake_each_other(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000);
  script_access(&w.script, TW_LOAD, 0x2000);
  wires_begin(&w);
  wires_idle(&w, 2);
  wires_drive(&w);
  wires_answer(&w, TW_PORT_DATA, 1, TW_PIN_TRANSLATED);
  GOOD(&w);
  assert_null(tw_player_flight(w.player, TW_PORT_DATA, 1));
  assert_non_null(tw_player_flight(w.player, TW_PORT_DATA, 0));
  wires_drive(&w);
  wires_answer(&w, TW_PORT_DATA, 0, TW_PIN_TRANSLATED);
  GOOD(&w);
  assert_true(tw_player_done(w.player));
  wires_end(&w);
}

static void tags_run_out_at_sixteen(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  for (unsigned i = 0; i < 18; i++) script_access(&w.script, TW_LOAD, 0x1000);
  wires_begin(&w);
  wires_idle(&w, 16);
  wires_drive(&w);
  assert_int_equal(w.in->data.valid, 0);
  wires_answer(&w, TW_PORT_DATA, 7, TW_PIN_TRANSLATED);
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.valid, 1);
  assert_int_equal(w.in->data.tag, 7); /* P11: free from the cycle in which the answer was visible */
  wires_end(&w);
}

static void broken_rules_are_named(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  wires_begin(&w);
  wires_drive(&w);
  w.out.fence_done = 1;
  assert_int_equal(wires_observe(&w), TW_PLAYER_VIOLATION);
  assert_non_null(strstr(w.error.text, "P21"));
  wires_drive(&w);
  w.out.mem = (tw_pins_memory_out){.req_valid = 1, .req_size = 3, .req_addr = 0x1004};
  assert_int_equal(wires_observe(&w), TW_PLAYER_VIOLATION);
  assert_non_null(strstr(w.error.text, "aligned"));
  wires_end(&w);
}

static void satp_keeps_what_the_pins_say_it_keeps(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  config.asid_bits = 4;
  tw_control_state control = {0};
  tw_record_control write = {.satp = 8ull << 60 | 0xfff3ull << 44 | 0x123, .privilege = TW_SUPERVISOR};
  assert_true(tw_control_apply(&control, &config, &write));
  assert_int_equal(control.satp, 8ull << 60 | 3ull << 44 | 0x123);
  assert_false(tw_control_apply(&control, &config, &write));
  write.satp = 9ull << 60 | 0x456; /* Sv48, which this MMU has not */
  write.privilege = TW_USER;
  assert_false(tw_control_apply(&control, &config, &write));
  assert_int_equal(control.satp, 8ull << 60 | 3ull << 44 | 0x123);
  assert_int_equal(control.privilege, TW_USER);
}

/* Three records whose numbers share their lowest bits, the last of which waits for the first two. */
static void records_far_apart_are_told_apart(void **state) {
  (void)state;
  for (unsigned data_first = 0; data_first < 2; data_first++) {
    static wires w;
    script_init(&w.script);
    script_access(&w.script, TW_LOAD, 0x1000);
    script_access(&w.script, TW_FETCH, 0x2000)->number = 1024;
    tw_record *last = script_access(&w.script, TW_FETCH, 0x3000);
    last->number = 2048;
    last->after = (tw_after){.count = 2, .back = {1024, 2048}};
    wires_begin(&w);
    wires_idle(&w, 2);
    for (unsigned i = 0; i < 2; i++) {
      wires_drive(&w);
      assert_int_equal(w.in->fetch.valid, 0);
      wires_answer(&w, i == data_first ? TW_PORT_FETCH : TW_PORT_DATA, 0, TW_PIN_TRANSLATED);
      GOOD(&w);
    }
    wires_drive(&w);
    assert_int_equal(w.in->fetch.va, 0x3000);
    GOOD(&w);
    assert_false(tw_player_done(w.player));
    wires_drive(&w);
    wires_answer(&w, TW_PORT_FETCH, 1, TW_PIN_TRANSLATED);
    GOOD(&w);
    wires_drive(&w);
    assert_true(tw_player_done(w.player));
    wires_end(&w);
  }
}

#define MIXED_CYCLES 400u

/* Accesses of both ports, some of which wait for earlier ones, among fences; each answered some cycles later. */
static void mixed_play(bool offer_accesses, tw_pins_in *played) {
  static wires w;
  unsigned answer_at[TW_PORT_COUNT][TW_TAGS] = {{0}};
  script_init(&w.script);
  for (unsigned i = 0; i < SCRIPT_MAX; i++) {
    tw_record *record = i % 23 == 22 ? script_fence(&w.script)
                                     : script_access(&w.script, i * 7 % 5 < 3 ? TW_FETCH : TW_LOAD, 0x1000 * i);
    if (i % 23 == 22 || i % 31 == 30) record->after.all = true;
    if (i % 3 == 2) record->after = (tw_after){.count = 2, .back = {1, 2}};
  }
  if (offer_accesses) script_offer_accesses(&w.script);
  wires_begin(&w);
  bool fence = false;
  for (unsigned cycle = 0; cycle < MIXED_CYCLES; cycle++) {
    wires_drive(&w);
    played[cycle] = *w.in;
    w.out.fence_done = fence;
    fence = w.in->fence.valid;
    const tw_pins_request *requests[TW_PORT_COUNT] = {&w.in->fetch, &w.in->data};
    for (unsigned port = 0; port < TW_PORT_COUNT; port++) {
      unsigned tag = 0;
      while (tag < TW_TAGS && (!answer_at[port][tag] || answer_at[port][tag] > cycle)) tag++;
      if (tag < TW_TAGS) wires_answer(&w, (tw_port)port, (uint8_t)tag, TW_PIN_TRANSLATED);
      if (tag < TW_TAGS) answer_at[port][tag] = 0;
      if (requests[port]->valid) answer_at[port][requests[port]->tag] = cycle + 1 + cycle % 7;
    }
    GOOD(&w);
  }
  assert_true(tw_player_done(w.player));
  assert_int_equal(tw_player_counted(w.player)->accesses, SCRIPT_MAX - 2);
  wires_end(&w);
}

static void accesses_taken_ahead_are_played_as_one_at_a_time(void **state) {
  (void)state;
  static tw_pins_in single[MIXED_CYCLES], ahead[MIXED_CYCLES];
  mixed_play(false, single);
  mixed_play(true, ahead);
  assert_memory_equal(single, ahead, sizeof single);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_record_waits_until_the_cycle_after_the_answer_it_comes_after),
      cmocka_unit_test(ports_run_beside_each_other_without_after),
      cmocka_unit_test(records_of_one_port_keep_their_order_and_wait_for_the_handshake),
      cmocka_unit_test(a_delay_counts_from_the_completion_of_what_comes_before),
      cmocka_unit_test(a_store_is_complete_when_memory_has_it),
      cmocka_unit_test(after_all_waits_for_fences_that_are_not_done),
      cmocka_unit_test(a_fault_is_asked_again_as_often_as_the_record_says),
      cmocka_unit_test(a_retry_is_asked_again_even_without_retries),
      cmocka_unit_test(what_is_asked_again_goes_before_the_record_that_waits_for_it),
      cmocka_unit_test(a_cancel_comes_so_many_cycles_after_acceptance_and_completes),
      cmocka_unit_test(an_answer_in_the_cycle_of_the_cancel_counts),
      cmocka_unit_test(answers_may_overtake_each_other),
      cmocka_unit_test(tags_run_out_at_sixteen),
      cmocka_unit_test(records_far_apart_are_told_apart),
      cmocka_unit_test(accesses_taken_ahead_are_played_as_one_at_a_time),
      cmocka_unit_test(broken_rules_are_named),
      cmocka_unit_test(satp_keeps_what_the_pins_say_it_keeps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
