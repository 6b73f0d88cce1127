/* When an answer is visible: both edges of every row of docs/microarchitecture.md, "Cycles".
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x12345678)
#define PA UINT64_C(0x2540000000)

static const struct latency { unsigned m, w; } LATENCIES[] = {{1, 0}, {5, 0}, {1, 3}, {5, 2}};
#define LATENCY_COUNT (sizeof LATENCIES / sizeof LATENCIES[0])

/* A model with a page of a level at VA, mapped to PA plus the offset of VA. */
static uint64_t paged_open(harness *h, const tw_config *config, unsigned level, struct latency latency) {
  harness_open(h, config);
  h->latency = latency.m;
  h->stall = latency.w;
  uint64_t root = harness_table(h);
  harness_map(h, root, VA, level, PA, RWX);
  harness_control(h, harness_satp(h, root, 1), TW_SUPERVISOR);
  harness_cycle(h);
  return root;
}

/* Accepts a request in one cycle and asserts that the port answers exactly `after` cycles later. */
static tw_pins_response answered_after(harness *h, tw_port port, tw_access access, uint64_t va, uint64_t after) {
  assert_true(harness_response(h, port)->req_ready);
  harness_request(h, port, access, 7, va);
  harness_cycle(h);
  for (uint64_t i = 1; i < after; i++) {
    harness_cycle(h);
    assert_false(harness_response(h, port)->valid);
    assert_false(harness_response(h, port)->req_ready);
  }
  harness_cycle(h);
  tw_pins_response response = *harness_response(h, port);
  assert_true(response.valid);
  assert_int_equal(response.tag, 7);
  return response;
}

static void untranslated_access_is_answered_in_the_next_cycle(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    tw_access access = p == TW_PORT_FETCH ? TW_FETCH : TW_STORE;
    tw_pins_response response = answered_after(&h, (tw_port)p, access, 0xfedcba98765432, 1);
    assert_int_equal(response.status, TW_PIN_TRANSLATED);
    assert_int_equal(response.pa, 0xfedcba98765432);
    assert_int_equal(response.hit | response.flags | response.level, 0);
    response = answered_after(&h, (tw_port)p, access, UINT64_C(1) << 56, 1);
    assert_int_equal(response.status, TW_PIN_FAULT);
    assert_int_equal(response.reason, TW_REASON_PHYSICAL_RANGE);
    assert_int_equal(response.cause, p == TW_PORT_FETCH ? TW_CAUSE_FETCH_ACCESS_FAULT : TW_CAUSE_STORE_ACCESS_FAULT);
    assert_int_equal(response.tval, UINT64_C(1) << 56);
    assert_int_equal(response.hit, 0);
  }
  harness_close(&h);
}

static void non_canonical_access_faults_in_the_next_cycle(void **state) {
  (void)state;
  static harness h;
  paged_open(&h, &TW_CONFIG_BASE39, 0, LATENCIES[0]);
  uint64_t va = VA | UINT64_C(1) << 39;
  tw_pins_response response = answered_after(&h, TW_PORT_DATA, TW_LOAD, va, 1);
  assert_int_equal(response.status, TW_PIN_FAULT);
  assert_int_equal(response.reason, TW_REASON_NOT_CANONICAL);
  assert_int_equal(response.cause, TW_CAUSE_LOAD_PAGE_FAULT);
  assert_int_equal(response.tval, va);
  assert_int_equal(h.requests, 0);
  harness_close(&h);
}

static void walk_check(const tw_config *config, unsigned level, tw_port port, struct latency latency) {
  static harness h;
  paged_open(&h, config, level, latency);
  unsigned steps = h.row->levels - level;
  tw_access access = port == TW_PORT_FETCH ? TW_FETCH : TW_LOAD;
  tw_pins_response response = answered_after(&h, port, access, VA, 2 + steps * (1 + latency.m + latency.w));
  uint64_t offset = VA & ((UINT64_C(1) << (12 + level * h.row->vpn_bits)) - 1);
  assert_int_equal(response.status, TW_PIN_TRANSLATED);
  assert_int_equal(response.pa, (config->mode == TW_SV32 ? PA & 0x3ffffffff : PA) | offset);
  assert_int_equal(response.level, level);
  assert_int_equal(response.hit, 0);
  assert_int_equal(h.requests, steps);

  /* In the very cycle in which the answer is visible, the port was ready and the new entry was there. */
  response = answered_after(&h, port, access, VA ^ 4, 1);
  assert_int_equal(response.hit, 1);
  assert_int_equal(h.requests, steps);
  harness_close(&h);
}

static void walk_is_answered_two_cycles_and_its_steps_later(void **state) {
  (void)state;
  for (unsigned l = 0; l < LATENCY_COUNT; l++) {
    for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
      for (unsigned level = 0; level < 3; level++) walk_check(&TW_CONFIG_BASE39, level, (tw_port)p, LATENCIES[l]);
      for (unsigned level = 0; level < 2; level++) walk_check(&TW_CONFIG_TINY32, level, (tw_port)p, LATENCIES[l]);
    }
  }
}

static void hit_is_possible_in_the_cycle_in_which_the_fill_is_answered(void **state) {
  (void)state;
  static harness h;
  paged_open(&h, &TW_CONFIG_BASE39, 0, LATENCIES[0]);
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 1, VA);
  harness_cycle(&h);
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 2, VA + 8); /* held until the port is ready again */
  for (unsigned t = 1; t < 8; t++) {
    harness_cycle(&h);
    assert_true(h.in.fetch.valid);
    assert_false(h.out.fetch.valid);
  }
  harness_cycle(&h);
  assert_false(h.in.fetch.valid);
  assert_int_equal(h.out.fetch.tag, 1);
  assert_int_equal(h.out.fetch.hit, 0);
  harness_cycle(&h);
  assert_int_equal(h.out.fetch.valid, 1);
  assert_int_equal(h.out.fetch.tag, 2);
  assert_int_equal(h.out.fetch.hit, 1);
  harness_close(&h);
}

static void hits_are_answered_every_cycle_while_the_other_port_walks(void **state) {
  (void)state;
  static harness h;
  paged_open(&h, &TW_CONFIG_BASE39, 0, (struct latency){5, 0});
  harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 3, VA);
  for (unsigned t = 0; t < 21; t++) {
    harness_request(&h, TW_PORT_FETCH, TW_FETCH, t % 16, VA);
    harness_cycle(&h);
    assert_int_equal(h.out.fetch.valid, t > 0);
    assert_int_equal(h.out.data.valid, t == 20);
    if (t > 0) assert_int_equal(h.out.fetch.tag, (t - 1) % 16);
  }
  harness_close(&h);
}

static void two_misses_at_once_are_walked_data_first(void **state) {
  (void)state;
  for (unsigned l = 0; l < LATENCY_COUNT; l++) {
    static harness h;
    struct latency latency = LATENCIES[l];
    uint64_t root = paged_open(&h, &TW_CONFIG_BASE39, 0, latency);
    harness_map(&h, root, VA + 0x200000, 1, 0, RWX);
    harness_request(&h, TW_PORT_FETCH, TW_FETCH, 1, VA);
    harness_request(&h, TW_PORT_DATA, TW_STORE, 2, VA + 0x200000);
    harness_cycle(&h);
    uint64_t accepted = h.now - 1;
    uint64_t step = 1 + latency.m + latency.w;
    uint64_t data_at = harness_wait(&h, TW_PORT_DATA).at;
    assert_int_equal(data_at, accepted + 2 + 2 * step);
    assert_int_equal(harness_wait(&h, TW_PORT_FETCH).at, data_at + 1 + 3 * step);
    harness_close(&h);
  }
}

static void walk_behind_another_begins_when_that_is_answered(void **state) {
  (void)state;
  static harness h;
  /* The fetch walk is visible in cycle 8; the data request comes in each cycle from 1 to 9. */
  for (uint64_t later = 1; later < 10; later++) {
    paged_open(&h, &TW_CONFIG_BASE39, 0, LATENCIES[0]);
    uint64_t begin = h.now;
    harness_request(&h, TW_PORT_FETCH, TW_FETCH, 1, VA);
    for (uint64_t t = 0; t < later; t++) harness_cycle(&h);
    harness_request(&h, TW_PORT_DATA, TW_LOAD, 2, VA);
    uint64_t at = harness_wait(&h, TW_PORT_DATA).at - begin;
    assert_int_equal(at, later < 8 ? 8 + 1 + 6 : later + 8);
    harness_close(&h);
  }
}

static void table_latencies_of_the_page_hold(void **state) {
  (void)state;
  static harness h;
  const struct {
    const tw_config config;
    unsigned level;
    uint64_t after;
  } rows[] = {{TW_CONFIG_BASE39, 0, 8},
              {TW_CONFIG_BASE39, 1, 6},
              {TW_CONFIG_BASE39, 2, 4},
              {TW_CONFIG_TINY32, 0, 6},
              {TW_CONFIG_TINY32, 1, 4}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    paged_open(&h, &rows[i].config, rows[i].level, LATENCIES[0]);
    assert_int_equal(harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA).at, rows[i].after);
    harness_close(&h);
  }
}

static void events_stand_beside_what_they_tell(void **state) {
  (void)state;
  static harness h;
  paged_open(&h, &TW_CONFIG_BASE39, 1, LATENCIES[0]);
  static const uint32_t expected[] = {
      0, TW_EVENT_DATA_MISS, TW_EVENT_WALK_BEGIN, 0, TW_EVENT_WALK_STEP, 0, TW_EVENT_WALK_STEP | TW_EVENT_WALK_GRANT,
      0};
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  for (unsigned t = 0; t < 8; t++) {
    harness_cycle(&h);
    assert_int_equal(h.out.event, expected[t]);
    assert_int_equal(h.out.data.valid, t == 6);
    assert_int_equal(h.out.mem.req_valid, t == 2 || t == 4);
  }
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  harness_cycle(&h);
  harness_fence(&h);
  harness_cycle(&h);
  assert_int_equal(h.out.event, TW_EVENT_DATA_HIT);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA ^ UINT64_C(1) << 30);
  harness_cycle(&h);
  assert_int_equal(h.out.event, TW_EVENT_FENCE);
  for (unsigned t = 1; t < 4; t++) harness_cycle(&h);
  harness_cycle(&h);
  assert_int_equal(h.out.event, TW_EVENT_WALK_STEP | TW_EVENT_WALK_FAULT);
  assert_int_equal(h.out.data.status, TW_PIN_FAULT);
  harness_close(&h);
}

static void request_ids_count_modulo_sixteen_from_zero(void **state) {
  (void)state;
  static harness h;
  paged_open(&h, &TW_CONFIG_BASE39, 0, (struct latency){1, 1});
  unsigned seen = 0;
  for (unsigned walk = 0; walk < 20; walk++) {
    uint64_t requests = h.requests;
    harness_fence(&h);
    harness_cycle(&h);
    harness_request(&h, TW_PORT_FETCH, TW_FETCH, 0, VA);
    while (h.requests < requests + 3) {
      harness_cycle(&h);
      if (!h.out.mem.req_valid) continue;
      assert_int_equal(h.out.mem.req_id, (seen + (h.requests - requests) - (h.waited == 0 ? 1 : 0)) % 16);
    }
    seen += 3;
    harness_settle(&h);
  }
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(untranslated_access_is_answered_in_the_next_cycle),
      cmocka_unit_test(non_canonical_access_faults_in_the_next_cycle),
      cmocka_unit_test(walk_is_answered_two_cycles_and_its_steps_later),
      cmocka_unit_test(hit_is_possible_in_the_cycle_in_which_the_fill_is_answered),
      cmocka_unit_test(hits_are_answered_every_cycle_while_the_other_port_walks),
      cmocka_unit_test(two_misses_at_once_are_walked_data_first),
      cmocka_unit_test(walk_behind_another_begins_when_that_is_answered),
      cmocka_unit_test(table_latencies_of_the_page_hold),
      cmocka_unit_test(events_stand_beside_what_they_tell),
      cmocka_unit_test(request_ids_count_modulo_sixteen_from_zero),
  };
  return cmocka_run_group_tests_name("mmu_timing", tests, NULL, NULL);
}
