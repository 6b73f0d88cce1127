/* The page-table port: who requests, what is held, whose answer it is (W2, W3).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define GIB(n) ((uint64_t)(n) << 30)
#define CLEAN (RWX & ~(unsigned)(TW_PTE_A | TW_PTE_D))

/* Pages of 1 GiB from 1 GiB on, one step each; `count` of them. The root. */
static uint64_t giants_open(harness *h, const tw_config *config, unsigned count) {
  harness_open(h, config);
  uint64_t root = harness_root(h, 1);
  for (unsigned n = 0; n < count; n++) harness_map(h, root, GIB(n + 1), 2, GIB(n), RWX);
  return root;
}

static tw_config walkers_config(unsigned walkers) {
  tw_config config = harness_wide();
  config.data_slots = 8;
  config.walkers = walkers;
  return config;
}

static void id_is_the_walkers_number_and_its_phase(void **state) {
  (void)state;
  static harness h;
  tw_config config = walkers_config(8);
  giants_open(&h, &config, 8);
  h.latency = 12;
  for (unsigned round = 0; round < 4; round++) {
    for (uint8_t n = 0; n < 8; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, GIB(n + 1));
    harness_settle(&h);
    for (unsigned n = 0; n < 8; n++) {
      const tw_pins_memory_out *request = &harness_step_at(&h, round * 8 + n)->request;
      assert_int_equal(request->req_id, n * 2 + round % 2);
      assert_int_equal(request->req_kind, TW_PIN_MEM_READ);
      assert_int_equal(request->req_size, 3);
    }
    harness_fence(&h);
    harness_cycle(&h);
  }
  harness_close(&h);
}

static void one_request_is_made_a_cycle_and_all_are_in_flight(void **state) {
  (void)state;
  static harness h;
  tw_config config = walkers_config(8);
  giants_open(&h, &config, 8);
  h.latency = 20;
  uint64_t t = h.now;
  for (uint8_t n = 0; n < 8; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, GIB(n + 1));
  harness_settle(&h);
  for (unsigned n = 0; n < 8; n++) {
    assert_int_equal(harness_step_at(&h, n)->accepted, t + n + 2);
    assert_int_equal(h.answers[TW_PORT_DATA][n].at, t + n + 2 + 20 + 1);
  }
  harness_close(&h);
}

static void answers_are_taken_in_any_order(void **state) {
  (void)state;
  static harness h;
  tw_config config = walkers_config(8);
  giants_open(&h, &config, 8);
  h.hold = true;
  for (uint8_t n = 0; n < 8; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, GIB(n + 1));
  harness_run(&h, 4);
  for (unsigned i = 0; i < 8; i++) {
    uint8_t n = (uint8_t)((5 * i + 3) % 8);
    harness_release(&h, (uint8_t)(2 * n));
    harness_answer answer = harness_wait(&h, TW_PORT_DATA, n);
    assert_int_equal(answer.response.pa, GIB(n));
  }
  harness_close(&h);
}

static void held_request_stays_and_the_others_wait(void **state) {
  (void)state;
  static harness h;
  tw_config config = walkers_config(3);
  giants_open(&h, &config, 3);
  h.stall = 6;
  uint64_t t = h.now;
  for (uint8_t n = 0; n < 3; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, GIB(n + 1));
  while (h.now < t + 6) {
    harness_cycle(&h);
    assert_int_equal(h.out.mem.req_id, 0);
    assert_int_equal(harness_probe(&h).held, 0);
  }
  harness_settle(&h);
  for (unsigned n = 0; n < 3; n++) assert_int_equal(harness_step_at(&h, n)->accepted, t + 8 + 7 * n);
  assert_int_equal(h.events[EVENT(MEM_STALL)], 3 * 6);
  harness_close(&h);
}

/* The page's rule: the pointer moves at the handshake (or a denial). Walker 0 asks again after 1 and 2 have had their
 * turn. */
static void walkers_ask_in_turn(void **state) {
  (void)state;
  static harness h;
  tw_config config = walkers_config(3);
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  for (unsigned n = 0; n < 3; n++) harness_map(&h, root, GIB(n + 1), 0, 0, RWX);
  h.stall = 3; /* so that all of them want at once */
  for (uint8_t n = 0; n < 3; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, GIB(n + 1));
  harness_settle(&h);
  assert_int_equal(h.step_count, 9);
  for (unsigned i = 0; i < 9; i++) assert_int_equal(harness_step_at(&h, i)->request.req_id / 2, i % 3);
  harness_close(&h);
}

/* Several slots are decided one a cycle; meanwhile nothing new is offered, but what is held goes on. */
static void nothing_is_offered_while_a_walker_decides(void **state) {
  (void)state;
  static harness h;
  for (unsigned held = 0; held < 2; held++) {
    tw_config config = walkers_config(2);
    giants_open(&h, &config, 2);
    h.latency = 6;
    uint64_t t = h.now;
    for (uint8_t n = 0; n < 4; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, GIB(1) + n);
    /* Walker 0 is answered and decides for its owner in t + 8, for the others in t + 9, 10, 11. */
    harness_run(&h, held ? 1 : 3);
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, 5, GIB(2)); /* REQUEST in t + 7 or t + 9 */
    h.stall = held ? 4 : 0;
    while (h.now < t + 15) {
      harness_cycle(&h);
      bool offered = h.now > t + 7 && h.out.mem.req_valid;
      if (held) assert_int_equal(offered, h.now - 1 >= t + 7 && h.now - 1 <= t + 11);
      if (!held) assert_int_equal(offered, h.now - 1 == t + 12);
    }
    harness_settle(&h);
    for (unsigned n = 0; n < 4; n++) assert_int_equal(h.answers[TW_PORT_DATA][n].at, t + 9 + n);
    harness_close(&h);
  }
}

/* DECIDE waits for answers that come, and is not starved: every answer is one walk's step. */
static void answers_go_before_walkers_that_decide(void **state) {
  (void)state;
  static harness h;
  tw_config config = walkers_config(4);
  giants_open(&h, &config, 4);
  h.hold = true;
  for (uint8_t n = 0; n < 3; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, GIB(n + 2));
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 3, GIB(1));
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 4, GIB(1) + 1);
  harness_run(&h, 4);
  uint64_t t = h.now;
  harness_release(&h, 6); /* the walk with an attached slot; then the others, a cycle each */
  h.pending[6].due = 0;
  for (uint8_t n = 0; n < 3; n++) {
    harness_release(&h, (uint8_t)(2 * n));
    h.pending[2 * n].due = n + 1u;
  }
  harness_settle(&h);
  assert_int_equal(h.answers[TW_PORT_DATA][3].at, t + 1);
  for (unsigned n = 0; n < 3; n++) assert_int_equal(h.answers[TW_PORT_DATA][n].at, t + 2 + n);
  assert_int_equal(h.answers[TW_PORT_DATA][4].at, t + 5);
  harness_close(&h);
}

/* An answer with the id of no outstanding request: of an idle walker, or of the other phase. */
static void answer_of_no_request_is_ignored(void **state) {
  (void)state;
  tw_config config = walkers_config(2);
  tw_mmu *mmu = tw_mmu_open(&config, NULL);
  assert_non_null(mmu);
  tw_pins_in in = {.rst_n = 1, .mem.req_ready = 1};
  tw_pins_out out;
  in.control = (tw_pins_control){.satp = UINT64_C(8) << 60 | 0x80000, .valid = 1, .privilege = TW_SUPERVISOR};
  tw_mmu_cycle(mmu, &in, &out);
  in.control = (tw_pins_control){0};
  in.data = (tw_pins_request){.va = GIB(1), .valid = 1, .tag = 3, .kind = TW_LOAD, .size = 1};
  tw_mmu_cycle(mmu, &in, &out);
  in.data = (tw_pins_request){0};
  for (unsigned t = 1; t < 40; t++) {
    in.mem.rsp_valid = 0;
    if (t >= 2 && t < 30) { /* in t = 2 the request has its handshake: no answer can be its yet */
      in.mem.rsp_valid = 1;
      in.mem.rsp_id = (uint8_t)(t == 2 ? 0 : 1 + t % 15);
      in.mem.rsp_data = RWX;
    } else if (t == 30) {
      in.mem.rsp_valid = 1;
      in.mem.rsp_id = 0;
      in.mem.rsp_data = RWX | UINT64_C(7) << 28;
    }
    if (!in.mem.rsp_valid) in.mem = (tw_pins_memory_in){.req_ready = 1};
    tw_mmu_cycle(mmu, &in, &out);
    assert_int_equal(out.data.valid, t == 31);
    if (t == 31) assert_int_equal(out.data.pa, UINT64_C(7) << 30);
  }
  tw_mmu_close(mmu);
}

/* A held compare-and-swap whose walk is killed is made all the same, unchanged, although another access has its slot.
 */
static void held_update_is_made_unchanged_after_its_cancel(void **state) {
  (void)state;
  static harness h;
  tw_config config = walkers_config(2);
  uint64_t root = giants_open(&h, &config, 1);
  h.adue = true;
  uint64_t entry = harness_map(&h, root, GIB(1), 2, 0, CLEAN);
  harness_control(&h, h.satp, TW_SUPERVISOR);
  harness_cycle(&h);
  harness_accept(&h, TW_PORT_DATA, TW_STORE, 1, GIB(1));
  harness_run(&h, 2);
  h.stall = 10;
  harness_run(&h, 2);
  assert_int_equal(h.out.mem.req_kind, TW_PIN_MEM_CAS);
  harness_cancel(&h, TW_PORT_DATA, 1);
  harness_cycle(&h);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, GIB(9)); /* slot 0, a load */
  assert_int_equal(harness_probe(&h).slots[0].tag, 2);
  while (h.out.mem.req_kind == TW_PIN_MEM_CAS) {
    assert_int_equal(h.out.mem.req_desired, RWX); /* and P25 is judged in every cycle */
    harness_cycle(&h);
  }
  h.stall = 0;
  harness_settle(&h);
  uint64_t pte = 0;
  harness_read(&h, entry, 8, &pte);
  assert_int_equal(pte, RWX);
  assert_int_equal(h.events[EVENT(UPDATE)], 0); /* its answer was thrown away */
  assert_int_equal(h.answers[TW_PORT_DATA][1].count, 0);
  harness_close(&h);
}

static void walk_killed_in_the_cycle_of_its_denial_is_idle(void **state) {
  (void)state;
  static harness h;
  tw_config config = walkers_config(2);
  config.pmp_entries = 16;
  giants_open(&h, &config, 2);
  harness_pmp(&h, TW_PIN_PMP_CFG, 15, 0);
  harness_cycle(&h);
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, GIB(1));
  harness_run(&h, 1);
  harness_cancel(&h, TW_PORT_DATA, 1); /* in t + 2 */
  harness_cycle(&h);
  assert_int_equal(harness_probe(&h).walkers[0].state, TW_WALKER_IDLE);
  assert_int_equal(harness_probe(&h).request_next, 1);
  harness_run(&h, 3);
  assert_int_equal(h.event_at[EVENT(TABLE_DENIED)], t + 2);
  assert_int_equal(h.event_at[EVENT(WALK_KILL)], t + 2);
  assert_int_equal(h.events[EVENT(WALK_FAULT)], 0);
  harness_close(&h);
}

/* PMP denies a request that is held already: it was offered, and is made; the next one is not. */
static void offered_request_is_not_judged_again(void **state) {
  (void)state;
  static harness h;
  tw_config config = walkers_config(1);
  config.pmp_entries = 16;
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, GIB(1), 0, 0, RWX);
  h.stall = 4;
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, GIB(1));
  harness_run(&h, 2);
  assert_int_equal(h.out.mem.req_valid, 1);
  harness_pmp(&h, TW_PIN_PMP_CFG, 15, 0);
  harness_settle(&h);
  assert_int_equal(h.step_count, 1);
  assert_true(harness_step_at(&h, 0)->answered > 0);
  assert_int_equal(h.answers[TW_PORT_DATA][1].response.reason, TW_REASON_TABLE_PMP);
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(id_is_the_walkers_number_and_its_phase),
      cmocka_unit_test(one_request_is_made_a_cycle_and_all_are_in_flight),
      cmocka_unit_test(answers_are_taken_in_any_order),
      cmocka_unit_test(held_request_stays_and_the_others_wait),
      cmocka_unit_test(walkers_ask_in_turn),
      cmocka_unit_test(nothing_is_offered_while_a_walker_decides),
      cmocka_unit_test(answers_go_before_walkers_that_decide),
      cmocka_unit_test(answer_of_no_request_is_ignored),
      cmocka_unit_test(held_update_is_made_unchanged_after_its_cancel),
      cmocka_unit_test(walk_killed_in_the_cycle_of_its_denial_is_idle),
      cmocka_unit_test(offered_request_is_not_judged_again),
  };
  return cmocka_run_group_tests_name("mmu_request", tests, NULL, NULL);
}
