/* The miss slots: their states, their order, and who is answered when (M4, M10).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x40000000)
#define PAGE(n) (VA + (uint64_t)(n)*TW_PAGE_BYTES)
#define PAGES 16u

static void pages_open(harness *h, const tw_config *config) {
  harness_open(h, config);
  uint64_t root = harness_root(h, 1);
  for (unsigned n = 0; n < PAGES; n++) harness_map(h, root, PAGE(n), 0, (uint64_t)(n + 1) << 12, RWX);
}

static tw_slot_state slot_state(const harness *h, unsigned number) {
  return harness_probe(h).slots[number].state;
}

static void slot_passes_through_the_states_of_the_page(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  config.l2 = (tw_l2_config){16, 4, 3, TW_PLRU, 0};
  pages_open(&h, &config);
  static const tw_slot_state expected[] = {TW_SLOT_SEARCH,  TW_SLOT_SEARCHING, TW_SLOT_SEARCHING, TW_SLOT_WAITING,
                                           TW_SLOT_WALKING, TW_SLOT_WALKING,   TW_SLOT_WALKING,   TW_SLOT_WALKING,
                                           TW_SLOT_WALKING, TW_SLOT_WALKING,   TW_SLOT_EMPTY};
  harness_request(&h, TW_PORT_DATA, TW_STORE, 3, PAGE(2) + 0x123);
  h.in.data.size = 8;
  for (unsigned t = 0; t < 11; t++) {
    harness_cycle(&h);
    tw_mmu_slot slot = harness_probe(&h).slots[0];
    assert_int_equal(slot.state, expected[t]);
    if (slot.state == TW_SLOT_EMPTY) continue;
    assert_int_equal(slot.port, TW_PORT_DATA);
    assert_int_equal(slot.kind, TW_STORE);
    assert_int_equal(slot.tag, 3);
    assert_int_equal(slot.size, 8);
    assert_int_equal(slot.va, PAGE(2) + 0x123);
    assert_int_equal(slot.walker, slot.state == TW_SLOT_WALKING ? 0 : TW_MMU_NONE);
  }
  harness_close(&h);
}

static void slot_holds_the_context_of_its_request(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  pages_open(&h, &config);
  uint64_t satp = h.satp;
  for (unsigned bits = 0; bits < 32; bits++) {
    h.adue = bits & 1;
    h.pbmte = bits & 2;
    harness_control(&h, satp, bits & 4 ? TW_USER : TW_SUPERVISOR);
    h.in.control.sum = bits >> 3 & 1;
    h.in.control.mxr = bits >> 4 & 1;
    harness_cycle(&h);
    harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA + UINT64_C(0x40000000));
    h.in.data.speculative = bits & 1;
    harness_cycle(&h);
    harness_control(&h, satp, TW_MACHINE); /* is in force for others */
    harness_cycle(&h);
    tw_mmu_slot slot = harness_probe(&h).slots[0];
    assert_int_equal(slot.adue, (bits & 1) != 0);
    assert_int_equal(slot.pbmte, (bits & 2) != 0);
    assert_int_equal(slot.privilege, bits & 4 ? TW_USER : TW_SUPERVISOR);
    assert_int_equal(slot.sum, (bits & 8) != 0);
    assert_int_equal(slot.mxr, (bits & 16) != 0);
    assert_int_equal(slot.speculative, (bits & 1) != 0);
    harness_settle(&h);
  }
  harness_close(&h);
}

static void miss_fills_the_lowest_empty_slot(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  pages_open(&h, &config);
  h.hold = true;
  for (uint8_t n = 0; n < 3; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, PAGE(n));
  for (unsigned n = 0; n < 3; n++) assert_int_equal(harness_probe(&h).slots[n].tag, n);
  harness_cancel(&h, TW_PORT_DATA, 1);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 7, PAGE(7)); /* slot 1 is EMPTY from the next cycle on */
  assert_int_equal(harness_probe(&h).slots[3].tag, 7);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 8, PAGE(8));
  assert_int_equal(harness_probe(&h).slots[1].tag, 8);
  harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 9, PAGE(9)); /* the fetch port's come after the data port's */
  assert_int_equal(harness_probe(&h).slots[4].tag, 9);
  assert_int_equal(harness_probe(&h).slots[4].port, TW_PORT_FETCH);
  harness_close(&h);
}

static void port_is_ready_while_a_slot_is_empty(void **state) {
  (void)state;
  static harness h;
  for (unsigned slots = 1; slots <= TW_MAX_SLOTS; slots++) {
    tw_config config = harness_wide();
    config.data_slots = slots;
    pages_open(&h, &config);
    h.hold = true;
    for (uint8_t n = 0; n < slots; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, PAGE(n));
    harness_request(&h, TW_PORT_DATA, TW_LOAD, 9, PAGE(9));
    harness_run(&h, 5);
    assert_true(h.in.data.valid);
    assert_int_equal(h.events[EVENT(DATA_STALL)], 4); /* of the last cycle it is visible in the next */
    harness_cancel(&h, TW_PORT_DATA, 0);
    harness_cycle(&h);
    assert_true(h.in.data.valid);
    harness_cycle(&h);
    assert_false(h.in.data.valid);
    harness_run(&h, 2);
    assert_int_equal(h.events[EVENT(DATA_STALL)], 6);
    h.hold = false;
    harness_settle(&h);
    harness_close(&h);
  }
}

static void hits_are_answered_under_misses(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  pages_open(&h, &config);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, PAGE(0));
  h.hold = true;
  for (uint8_t n = 1; n < 4; n++) {
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, PAGE(n));
    for (uint8_t i = 0; i < 6; i++) {
      uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, (uint8_t)(8 + i), PAGE(0) + i);
      if (i == 0) continue;
      assert_int_equal(h.answers[TW_PORT_DATA][8 + i - 1].at, t);
      assert_int_equal(h.answers[TW_PORT_DATA][8 + i - 1].response.hit, TW_PIN_HIT_L1);
    }
    harness_run(&h, 1);
  }
  h.hold = false;
  harness_settle(&h);
  for (unsigned n = 1; n < 4; n++) assert_int_equal(h.answers[TW_PORT_DATA][n].count, 1);
  harness_close(&h);
}

static void misses_are_answered_out_of_order(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  config.walkers = 4;
  pages_open(&h, &config);
  uint64_t root = h.satp & ((UINT64_C(1) << 44) - 1);
  for (uint64_t n = 0; n < 4; n++) harness_map(&h, root, (n + 2) << 30, 2, n << 30, RWX); /* one step each */
  h.hold = true;
  for (uint8_t n = 0; n < 4; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, (uint64_t)(n + 2) << 30);
  harness_run(&h, 4);
  static const uint8_t order[] = {2, 0, 3, 1};
  for (unsigned i = 0; i < 4; i++) {
    harness_release(&h, (uint8_t)(order[i] * 2));
    uint64_t decided = h.now;
    harness_answer answer = harness_wait(&h, TW_PORT_DATA, order[i]);
    assert_int_equal(answer.at, decided + 1);
    assert_int_equal(answer.response.pa, (uint64_t)order[i] << 30);
  }
  harness_close(&h);
}

/* A walk is decided in the cycle of a lookup that is answered at once: the lookup goes first. */
static void outcome_waits_for_the_answer_of_a_lookup(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  pages_open(&h, &config);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, PAGE(0));
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(1)); /* decided in t + 7 */
  harness_run(&h, 6);
  assert_int_equal(harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, PAGE(0)), t + 7);
  assert_int_equal(slot_state(&h, 0), TW_SLOT_DONE);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 3, PAGE(0));
  harness_cycle(&h);
  assert_true(h.in.data.valid); /* a DONE slot: not ready */
  assert_false(h.out.data.req_ready);
  assert_int_equal(slot_state(&h, 0), TW_SLOT_EMPTY);
  harness_run(&h, 3);
  assert_int_equal(h.answers[TW_PORT_DATA][2].at, t + 8);
  assert_int_equal(h.answers[TW_PORT_DATA][1].at, t + 9);
  assert_int_equal(h.answers[TW_PORT_DATA][3].at, t + 10);
  assert_int_equal(h.answers[TW_PORT_DATA][1].response.pa, 0x2000);
  harness_close(&h);
}

static void done_slot_is_cancelled_without_an_answer(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  pages_open(&h, &config);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, PAGE(0));
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(1));
  harness_run(&h, 6);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, PAGE(0));
  assert_int_equal(slot_state(&h, 0), TW_SLOT_DONE);
  harness_cancel(&h, TW_PORT_DATA, 1);
  harness_cycle(&h);
  assert_int_equal(slot_state(&h, 0), TW_SLOT_EMPTY);
  harness_run(&h, 5);
  assert_int_equal(h.answers[TW_PORT_DATA][1].count, 0);
  assert_true(harness_entry_index(&h, TW_PORT_DATA, PAGE(1), 1) >= 0); /* its walk has filled */
  harness_close(&h);
}

/* One walker: the slots are taken in turn, data 0 first, and a slot that is filled again waits for the others. */
static void slots_are_taken_in_turn(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  config.walkers = 1;
  pages_open(&h, &config);
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 4, PAGE(4));
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 0, PAGE(0));
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 5, PAGE(5));
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(1));
  harness_wait(&h, TW_PORT_DATA, 0);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 6, PAGE(6)); /* slot 0 again */
  assert_int_equal(harness_probe(&h).slots[0].tag, 6);
  harness_settle(&h);
  uint64_t at[] = {h.answers[TW_PORT_DATA][0].at, h.answers[TW_PORT_DATA][1].at, h.answers[TW_PORT_FETCH][4].at,
                   h.answers[TW_PORT_FETCH][5].at, h.answers[TW_PORT_DATA][6].at};
  for (unsigned i = 1; i < 5; i++) assert_int_equal(at[i], at[i - 1] + 7);
  harness_close(&h);
}

static void walkers_are_not_idle_while_slots_walk(void **state) {
  (void)state;
  static harness h;
  for (unsigned walkers = 1; walkers <= 4; walkers++) {
    tw_config config = harness_wide();
    config.walkers = walkers;
    pages_open(&h, &config);
    h.hold = true;
    for (uint8_t n = 0; n < 4; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, PAGE(n));
    harness_run(&h, 3);
    assert_int_equal(h.out.walkers, walkers);
    uint64_t stalls = h.events[EVENT(WALKER_STALL)];
    harness_run(&h, 5);
    assert_int_equal(h.events[EVENT(WALKER_STALL)] - stalls, walkers < 4 ? 5 : 0);
    h.hold = false;
    harness_settle(&h);
    harness_run(&h, 1);
    assert_int_equal(h.out.walkers, 0);
    harness_close(&h);
  }
}

static void states_have_names(void **state) {
  (void)state;
  assert_string_equal(tw_slot_state_name(TW_SLOT_EMPTY), "empty");
  assert_string_equal(tw_slot_state_name(TW_SLOT_SEARCHING), "searching");
  assert_string_equal(tw_slot_state_name(TW_SLOT_DONE), "done");
  assert_string_equal(tw_slot_state_name(TW_SLOT_STATE_COUNT), "unknown");
  assert_string_equal(tw_walker_state_name(TW_WALKER_IDLE), "idle");
  assert_string_equal(tw_walker_state_name(TW_WALKER_UPDATE_WAIT), "update-wait");
  assert_string_equal(tw_walker_state_name(TW_WALKER_DECIDE), "decide");
  assert_string_equal(tw_walker_state_name(TW_WALKER_STATE_COUNT), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slot_passes_through_the_states_of_the_page),
      cmocka_unit_test(slot_holds_the_context_of_its_request),
      cmocka_unit_test(miss_fills_the_lowest_empty_slot),
      cmocka_unit_test(port_is_ready_while_a_slot_is_empty),
      cmocka_unit_test(hits_are_answered_under_misses),
      cmocka_unit_test(misses_are_answered_out_of_order),
      cmocka_unit_test(outcome_waits_for_the_answer_of_a_lookup),
      cmocka_unit_test(done_slot_is_cancelled_without_an_answer),
      cmocka_unit_test(slots_are_taken_in_turn),
      cmocka_unit_test(states_have_names),
      cmocka_unit_test(walkers_are_not_idle_while_slots_walk),
  };
  return cmocka_run_group_tests_name("mmu_slots", tests, NULL, NULL);
}
