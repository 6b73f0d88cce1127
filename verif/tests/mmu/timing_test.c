/* When an answer is visible: every row of docs/microarchitecture.md, "Cycles", exactly.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x12345678)
#define PA UINT64_C(0x40000000)
#define OTHER (VA + 0x40000000) /* shares no table with VA but the root */

static const struct latency { unsigned m, w; } LATENCIES[] = {{1, 0}, {5, 0}, {1, 3}, {5, 2}};
#define LATENCY_COUNT (sizeof LATENCIES / sizeof LATENCIES[0])

/* A configuration with an L2 TLB of a latency; 0: without. */
static tw_config config_with(tw_mode mode, unsigned l2_latency) {
  tw_config config = mode == TW_SV32 ? TW_CONFIG_TINY32 : TW_CONFIG_BASE39;
  config.mode = mode;
  config.extensions = TW_EXT_SVADU;
  if (l2_latency) config.l2 = (tw_l2_config){64, 4, l2_latency, TW_PLRU, 8};
  return config;
}

/* A model with a page of a level at VA, mapped to PA plus the offset of VA; the root. */
static uint64_t paged_open(harness *h, const tw_config *config, unsigned level, struct latency latency) {
  harness_open(h, config);
  h->latency = latency.m;
  h->stall = latency.w;
  uint64_t root = harness_root(h, 1);
  harness_map(h, root, VA, level, level == 4 ? 0 : PA >> (level == 3 ? 39 : 0), RWX);
  return root;
}

/* Asserts that nothing is answered before, and the tag exactly `after` cycles after its acceptance. */
static tw_pins_response answered_after(harness *h, tw_port port, uint8_t tag, uint64_t accepted, uint64_t after) {
  const harness_answer *answer = &h->answers[port][tag];
  while (h->now <= accepted + after) {
    assert_false(answer->count && answer->at > accepted && answer->at < accepted + after);
    harness_cycle(h);
  }
  assert_int_equal(answer->at, accepted + after);
  return answer->response;
}

static void untranslated_access_is_answered_in_the_next_cycle(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    uint64_t t = harness_accept(&h, (tw_port)p, p ? TW_STORE : TW_FETCH, 1, VA);
    assert_int_equal(answered_after(&h, (tw_port)p, 1, t, 1).pa, VA);
  }
  harness_close(&h);
}

static void non_canonical_access_is_answered_in_the_next_cycle(void **state) {
  (void)state;
  static harness h;
  paged_open(&h, &TW_CONFIG_BASE39, 0, LATENCIES[0]);
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA | UINT64_C(1) << 39);
  assert_int_equal(answered_after(&h, TW_PORT_DATA, 1, t, 1).reason, TW_REASON_NOT_CANONICAL);
  assert_int_equal(h.step_count, 0);
  harness_close(&h);
}

static void hit_and_hit_that_faults_are_answered_in_the_next_cycle(void **state) {
  (void)state;
  static harness h;
  uint64_t root = paged_open(&h, &TW_CONFIG_BASE39, 0, LATENCIES[0]);
  harness_map(&h, root, VA, 0, PA, V_R_A);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  assert_int_equal(answered_after(&h, TW_PORT_DATA, 1, t, 1).hit, TW_PIN_HIT_L1);
  t = harness_accept(&h, TW_PORT_DATA, TW_STORE, 2, VA);
  assert_int_equal(answered_after(&h, TW_PORT_DATA, 2, t, 1).reason, TW_REASON_WRITE_DENIED);
  harness_close(&h);
}

static void walk_check(tw_mode mode, unsigned l2_latency, unsigned level, tw_port port, struct latency latency) {
  static harness h;
  tw_config config = config_with(mode, l2_latency);
  paged_open(&h, &config, level, latency);
  unsigned n = h.row->levels - level;
  uint64_t t = harness_accept(&h, port, port == TW_PORT_FETCH ? TW_FETCH : TW_LOAD, 1, VA);
  uint64_t after = 2 + l2_latency + n * (1 + latency.m) + n * latency.w;
  tw_pins_response response = answered_after(&h, port, 1, t, after);
  assert_int_equal(response.status, TW_PIN_TRANSLATED);
  assert_int_equal(response.level, level);
  assert_int_equal(response.hit, TW_PIN_HIT_NONE);
  assert_int_equal(h.step_count, n);
  harness_close(&h);
}

static void walk_is_answered_after_its_lookup_and_its_steps(void **state) {
  (void)state;
  for (tw_mode mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    for (unsigned level = 0; level < tw_mode_row(mode)->levels; level++) {
      for (unsigned l = 0; l < LATENCY_COUNT; l++) {
        walk_check(mode, 0, level, (tw_port)(l % 2), LATENCIES[l]);
        walk_check(mode, 1 + l, level, (tw_port)((l + 1) % 2), LATENCIES[l]);
        walk_check(mode, 8 - l, level, (tw_port)(l % 2), LATENCIES[l]);
      }
    }
  }
}

static void l2_hit_is_answered_its_latency_and_a_cycle_later(void **state) {
  (void)state;
  static harness h;
  for (unsigned latency = 1; latency <= TW_MAX_L2_LATENCY; latency++) {
    for (unsigned level = 0; level < 2; level++) {
      tw_config config = config_with(TW_SV39, latency);
      paged_open(&h, &config, level, LATENCIES[0]);
      harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA);
      uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
      assert_int_equal(answered_after(&h, TW_PORT_DATA, 1, t, 1 + latency).hit, TW_PIN_HIT_L2);
      harness_close(&h);
    }
  }
}

static void update_of_a_and_d_takes_one_request_more(void **state) {
  (void)state;
  static harness h;
  for (unsigned l = 0; l < LATENCY_COUNT; l++) {
    tw_config config = config_with(TW_SV39, l);
    uint64_t root = paged_open(&h, &config, 0, LATENCIES[l]);
    unsigned m = LATENCIES[l].m;
    unsigned w = LATENCIES[l].w;
    harness_map(&h, root, VA, 0, PA, RWX & ~(unsigned)TW_PTE_D);
    h.adue = true;
    harness_control(&h, h.satp, TW_SUPERVISOR);
    harness_cycle(&h);
    uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_STORE, 1, VA);
    tw_pins_response response = answered_after(&h, TW_PORT_DATA, 1, t, 2 + l + 3 * (1 + m + w) + (1 + m + w));
    assert_int_equal(response.flags, RWX);
    harness_close(&h);
  }
}

static void rows_with_numbers_hold(void **state) {
  (void)state;
  static harness h;
  const struct {
    tw_mode mode;
    unsigned level;
    uint64_t after;
  } rows[] = {{TW_SV39, 0, 8}, {TW_SV39, 1, 6}, {TW_SV39, 2, 4}, {TW_SV32, 0, 6}, {TW_SV32, 1, 4}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    tw_config config = config_with(rows[i].mode, 0);
    paged_open(&h, &config, rows[i].level, LATENCIES[0]);
    assert_int_equal(harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA).at, rows[i].after);
    harness_close(&h);
  }
}

static void walk_cache_hit_at_level_1_saves_two_steps(void **state) {
  (void)state;
  static harness h;
  tw_config config = config_with(TW_SV39, 2);
  config.walk_entries = 4;
  uint64_t root = paged_open(&h, &config, 0, LATENCIES[0]);
  harness_map(&h, root, VA + TW_PAGE_BYTES, 0, PA, RWX);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA + TW_PAGE_BYTES);
  answered_after(&h, TW_PORT_DATA, 1, t, 6);
  harness_close(&h);
}

static void walk_that_a_table_check_denies_is_answered_two_cycles_later(void **state) {
  (void)state;
  static harness h;
  for (unsigned n = 1; n <= 3; n++) {
    for (unsigned l = 0; l < LATENCY_COUNT; l++) {
      tw_config config = config_with(TW_SV39, l);
      config.pmp_entries = 16;
      uint64_t root = paged_open(&h, &config, 0, LATENCIES[l]);
      uint64_t entry = harness_entry(&h, root, VA, 3 - n);
      harness_pmp(&h, TW_PIN_PMP_ADDR, 0, entry >> 2 | 0);
      harness_cycle(&h);
      harness_pmp(&h, TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT);
      harness_cycle(&h);
      uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
      uint64_t after = 4 + l + (n - 1) * (1 + LATENCIES[l].m + LATENCIES[l].w);
      tw_pins_response response = answered_after(&h, TW_PORT_DATA, 1, t, after);
      assert_int_equal(response.reason, TW_REASON_TABLE_PMP);
      assert_int_equal(h.step_count, n - 1);
      harness_close(&h);
    }
  }
}

static void walk_behind_another_waits_for_the_only_walker(void **state) {
  (void)state;
  static harness h;
  for (unsigned l = 0; l < LATENCY_COUNT; l++) {
    unsigned step = 1 + LATENCIES[l].m + LATENCIES[l].w;
    for (uint64_t later = 0; later < 1 + 3 * step; later++) {
      tw_config config = config_with(TW_SV39, 0);
      uint64_t root = paged_open(&h, &config, 0, LATENCIES[l]);
      harness_map(&h, root, OTHER, 1, 0, RWX);
      uint64_t begin = h.now;
      harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
      harness_run(&h, (unsigned)later);
      harness_request(&h, TW_PORT_FETCH, TW_FETCH, 2, OTHER);
      harness_settle(&h);
      uint64_t decided = begin + 1 + 3 * step;
      assert_int_equal(h.answers[TW_PORT_DATA][1].at, decided + 1);
      assert_int_equal(h.answers[TW_PORT_FETCH][2].at, decided + 2 + 2 * step);
      harness_close(&h);
    }
  }
}

static void attached_slots_are_answered_one_a_cycle_after_the_owner(void **state) {
  (void)state;
  static harness h;
  tw_config config = config_with(TW_SV39, 0);
  config.data_slots = 8;
  for (unsigned attached = 1; attached < 8; attached++) {
    paged_open(&h, &config, 0, (struct latency){5, 0});
    uint64_t t = h.now;
    for (unsigned i = 0; i <= attached; i++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, (uint8_t)i, VA + i);
    harness_settle(&h);
    uint64_t decided = t + 1 + 3 * 6;
    for (unsigned i = 0; i <= attached; i++) assert_int_equal(h.answers[TW_PORT_DATA][i].at, decided + 1 + i);
    assert_int_equal(h.step_count, 3);
    harness_close(&h);
  }
}

static void fence_is_done_in_the_cycles_of_the_page(void **state) {
  (void)state;
  static harness h;
  for (unsigned with_l2 = 0; with_l2 < 2; with_l2++) {
    tw_config config = config_with(TW_SV39, with_l2);
    paged_open(&h, &config, 0, LATENCIES[0]);
    unsigned sets = 16;
    harness_fence(&h);
    assert_int_equal(harness_fence_done(&h), 1);
    harness_fence_va(&h, VA);
    assert_int_equal(harness_fence_done(&h), with_l2 ? 2 : 1);
    harness_fence_asid(&h, 1);
    assert_int_equal(harness_fence_done(&h), with_l2 ? 1 + sets : 1);
    harness_fence_va(&h, VA);
    harness_fence_asid(&h, 1);
    assert_int_equal(harness_fence_done(&h), with_l2 ? 2 : 1);
    harness_close(&h);
  }
}

static void writes_are_in_force_in_the_next_cycle(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.pmp_entries = 16;
  paged_open(&h, &config, 0, LATENCIES[0]);
  harness_control(&h, 0, TW_SUPERVISOR);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA); /* translated still */
  uint64_t t = harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 2, VA);
  assert_int_equal(answered_after(&h, TW_PORT_FETCH, 2, t, 1).pa, VA);
  harness_settle(&h);
  t = harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 3, VA); /* granted: visible before the write is in force */
  harness_pmp(&h, TW_PIN_PMP_CFG, 15, TW_PMP_NAPOT);
  assert_int_equal(harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 4, VA), t + 1);
  harness_run(&h, 2);
  assert_int_equal(h.answers[TW_PORT_FETCH][3].response.status, TW_PIN_TRANSLATED);
  assert_int_equal(h.answers[TW_PORT_FETCH][4].at, t + 2);
  assert_int_equal(h.answers[TW_PORT_FETCH][4].response.reason, TW_REASON_PMP_DENIED);
  harness_close(&h);
}

static void one_slot_is_ready_again_when_its_answer_is_visible_and_hits_then(void **state) {
  (void)state;
  static harness h;
  paged_open(&h, &TW_CONFIG_BASE39, 0, LATENCIES[0]);
  uint64_t t = harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 1, VA);
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 2, VA + 8); /* held until the port is ready again */
  for (unsigned i = 1; i < 8; i++) {
    harness_cycle(&h);
    assert_true(h.in.fetch.valid);
  }
  harness_cycle(&h);
  assert_false(h.in.fetch.valid);
  assert_int_equal(h.answers[TW_PORT_FETCH][1].at, t + 8);
  harness_cycle(&h);
  assert_int_equal(h.answers[TW_PORT_FETCH][2].at, t + 9);
  assert_int_equal(h.answers[TW_PORT_FETCH][2].response.hit, TW_PIN_HIT_L1);
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(untranslated_access_is_answered_in_the_next_cycle),
      cmocka_unit_test(non_canonical_access_is_answered_in_the_next_cycle),
      cmocka_unit_test(hit_and_hit_that_faults_are_answered_in_the_next_cycle),
      cmocka_unit_test(walk_is_answered_after_its_lookup_and_its_steps),
      cmocka_unit_test(l2_hit_is_answered_its_latency_and_a_cycle_later),
      cmocka_unit_test(update_of_a_and_d_takes_one_request_more),
      cmocka_unit_test(rows_with_numbers_hold),
      cmocka_unit_test(walk_cache_hit_at_level_1_saves_two_steps),
      cmocka_unit_test(walk_that_a_table_check_denies_is_answered_two_cycles_later),
      cmocka_unit_test(walk_behind_another_waits_for_the_only_walker),
      cmocka_unit_test(attached_slots_are_answered_one_a_cycle_after_the_owner),
      cmocka_unit_test(fence_is_done_in_the_cycles_of_the_page),
      cmocka_unit_test(writes_are_in_force_in_the_next_cycle),
      cmocka_unit_test(one_slot_is_ready_again_when_its_answer_is_visible_and_hits_then),
  };
  return cmocka_run_group_tests_name("mmu_timing", tests, NULL, NULL);
}
