/* What a lookup answers: the lines L1 to L7.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x12345678)
#define PA UINT64_C(0x40000000)
#define R_ONLY (V_R_A)

static tw_config full_config(void) {
  tw_config config = TW_CONFIG_BASE39;
  config.extensions = TW_EXT_SVADU | TW_EXT_SVNAPOT | TW_EXT_SVPBMT;
  config.pmp_entries = 16;
  config.pa_bits = 40;
  config.data_slots = 2;
  return config;
}

/* A 4 KiB page at VA with the flags. */
static uint64_t page_open(harness *h, const tw_config *config, uint64_t flags) {
  harness_open(h, config);
  uint64_t root = harness_root(h, 1);
  harness_map(h, root, VA, 0, PA, flags);
  return root;
}

static void adue_set(harness *h, bool adue) {
  h->adue = adue;
  harness_control(h, h->satp, h->status.privilege);
  harness_cycle(h);
}

static void l1_untranslated_access_answers_its_own_address(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  page_open(&h, &config, RWX);
  harness_control(&h, h.satp, TW_MACHINE); /* translation is on, but not for M */
  harness_cycle(&h);
  for (unsigned bare = 0; bare < 2; bare++) {
    tw_pins_response r = harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA).response;
    assert_int_equal(r.status, TW_PIN_TRANSLATED);
    assert_int_equal(r.pa, VA);
    assert_int_equal(r.level | r.flags | r.hit | r.napot | r.attribute, 0);
    harness_control(&h, 0, TW_USER);
    harness_cycle(&h);
  }
  assert_int_equal(h.step_count, 0);
  assert_int_equal(h.events[EVENT(FETCH_HIT)] + h.events[EVENT(FETCH_MISS)], 0);
  harness_close(&h);
}

static void l1_untranslated_rv32_address_has_32_bits(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_TINY32;
  config.pa_bits = 32;
  harness_open(&h, &config);
  tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_LOAD, UINT64_C(0xabcd0123fffffffc)).response;
  assert_int_equal(r.status, TW_PIN_TRANSLATED);
  assert_int_equal(r.pa, 0xfffffffc);
  harness_close(&h);
}

static void l2_non_canonical_address_faults_before_any_entry(void **state) {
  (void)state;
  static harness h;
  page_open(&h, &TW_CONFIG_BASE39, RWX);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  static const uint64_t wrong[] = {UINT64_C(1) << 39, UINT64_C(1) << 63, UINT64_C(0x7fffff8) << 36, UINT64_C(1) << 38};
  for (unsigned i = 0; i < 4; i++) {
    tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_AMO, VA | wrong[i]).response;
    assert_int_equal(r.reason, TW_REASON_NOT_CANONICAL);
    assert_int_equal(r.cause, TW_CAUSE_STORE_PAGE_FAULT);
    assert_int_equal(r.tval, VA | wrong[i]);
    assert_int_equal(r.hit, 0);
  }
  assert_int_equal(h.events[EVENT(DATA_HIT)], 0);
  assert_int_equal(h.events[EVENT(DATA_MISS)], 1);
  harness_close(&h);
}

static void canonical_is_what_the_mode_in_force_says(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.mode = TW_SV57;
  for (tw_mode mode = TW_SV39; mode <= TW_SV57; mode++) {
    harness_open(&h, &config);
    h.mode = mode;
    harness_root(&h, 1);
    unsigned bits = tw_mode_row(mode)->va_bits;
    for (unsigned bit = 38; bit < 64; bit++) {
      tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_LOAD, UINT64_C(1) << bit).response;
      assert_int_equal(r.reason, bit >= bits - 1 ? TW_REASON_NOT_CANONICAL : TW_REASON_INVALID);
      r = harness_access(&h, TW_PORT_DATA, TW_LOAD, ~(UINT64_C(1) << bit)).response;
      assert_int_equal(r.reason, bit >= bits - 1 ? TW_REASON_NOT_CANONICAL : TW_REASON_INVALID);
    }
    harness_close(&h);
  }
}

static void l3_entry_that_denies_faults_and_is_a_hit(void **state) {
  (void)state;
  static harness h;
  for (unsigned adue = 0; adue < 2; adue++) {
    tw_config config = full_config();
    page_open(&h, &config, R_ONLY);
    adue_set(&h, adue);
    harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
    unsigned steps = h.step_count;
    tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_STORE, VA).response; /* D=0 comes after W=0 */
    assert_int_equal(r.reason, TW_REASON_WRITE_DENIED);
    assert_int_equal(r.hit, TW_PIN_HIT_L1);
    assert_int_equal(r.tval, VA);
    assert_int_equal(h.step_count, steps);
    assert_int_equal(h.events[EVENT(DATA_HIT)], 1);
    harness_close(&h);
  }
}

static void l4_dirty_clear_entry_faults_without_adue(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  page_open(&h, &config, RWX & ~(unsigned)TW_PTE_D);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  for (tw_access access = TW_STORE; access <= TW_AMO; access++) {
    harness_answer a = harness_access(&h, TW_PORT_DATA, access, VA);
    assert_int_equal(a.at, 1);
    assert_int_equal(a.response.reason, TW_REASON_DIRTY_CLEAR);
    assert_int_equal(a.response.hit, TW_PIN_HIT_L1);
  }
  assert_int_equal(h.events[EVENT(DATA_HIT)], 2);
  harness_close(&h);
}

static void l5_dirty_clear_entry_is_a_miss_with_adue_and_is_not_used(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  config.data_entries = 2;
  uint64_t root = page_open(&h, &config, RWX & ~(unsigned)TW_PTE_D);
  harness_map(&h, root, VA + TW_PAGE_BYTES, 0, PA, RWX);
  adue_set(&h, true);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);                 /* entry 0 */
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA + TW_PAGE_BYTES); /* entry 1, used last */
  uint64_t plru = harness_probe(&h).plru[TW_PORT_DATA];
  harness_accept(&h, TW_PORT_DATA, TW_STORE, 1, VA);
  harness_cycle(&h);
  assert_int_equal(harness_probe(&h).plru[TW_PORT_DATA], plru);
  assert_int_equal(h.events[EVENT(DATA_MISS)], 3);
  assert_int_equal(h.events[EVENT(DATA_HIT)], 0);
  harness_settle(&h);
  tw_pins_response r = h.answers[TW_PORT_DATA][1].response;
  assert_int_equal(r.status, TW_PIN_TRANSLATED);
  assert_int_equal(r.flags, RWX);
  assert_int_equal(r.hit, TW_PIN_HIT_NONE);
  assert_int_equal(h.events[EVENT(UPDATE)], 1);
  /* The fill wrote the entry that matched (M6), and nothing was evicted. */
  assert_int_equal(harness_entry_index(&h, TW_PORT_DATA, VA, 1), 0);
  assert_int_equal(h.events[EVENT(DATA_EVICT)], 0);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_STORE, VA).response.hit, TW_PIN_HIT_L1);
  harness_close(&h);
}

static void l6_hit_answers_level_flags_attribute_and_size(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  harness_open(&h, &config);
  h.pbmte = true;
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, 0x40000000, 1, 0x600000, RWX | TW_PTE_G | UINT64_C(1) << TW_PTE_PBMT_SHIFT);
  harness_map_napot(&h, root, 0x80010000, 0x30000, RWX | UINT64_C(2) << TW_PTE_PBMT_SHIFT);
  for (unsigned round = 0; round < 2; round++) {
    tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_LOAD, 0x40123456).response;
    assert_int_equal(r.pa, 0x723456);
    assert_int_equal(r.level, 1);
    assert_int_equal(r.flags, RWX | TW_PTE_G);
    assert_int_equal(r.attribute, TW_PBMT_NC);
    assert_int_equal(r.napot, 0);
    assert_int_equal(r.hit, round);
    r = harness_access(&h, TW_PORT_DATA, TW_LOAD, round ? 0x8001ffff : 0x80012345).response; /* any page of the 16 */
    assert_int_equal(r.pa, round ? 0x3ffff : 0x32345);
    assert_int_equal(r.level, 0);
    assert_int_equal(r.attribute, TW_PBMT_IO);
    assert_int_equal(r.napot, 1);
    assert_int_equal(r.hit, round);
  }
  harness_close(&h);
}

static void entries_keep_their_attribute_when_pbmte_changes(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  page_open(&h, &config, RWX);
  uint64_t root = h.satp & ((UINT64_C(1) << 44) - 1);
  harness_map(&h, root, VA + TW_PAGE_BYTES, 0, PA, RWX | UINT64_C(1) << TW_PTE_PBMT_SHIFT);
  h.pbmte = true;
  harness_control(&h, h.satp, TW_SUPERVISOR);
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA + TW_PAGE_BYTES).response.attribute, TW_PBMT_NC);
  h.pbmte = false;
  harness_control(&h, h.satp, TW_SUPERVISOR);
  harness_cycle(&h);
  tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_LOAD, VA + TW_PAGE_BYTES).response;
  assert_int_equal(r.hit, TW_PIN_HIT_L1);
  assert_int_equal(r.attribute, TW_PBMT_NC);
  r = harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA + TW_PAGE_BYTES).response; /* a walk now: PBMT is reserved */
  assert_int_equal(r.reason, TW_REASON_RESERVED_BITS);
  harness_close(&h);
}

static void l7_without_a_matching_entry_it_is_a_miss(void **state) {
  (void)state;
  static harness h;
  page_open(&h, &TW_CONFIG_BASE39, RWX);
  harness_accept(&h, TW_PORT_DATA, TW_AMO, 9, VA);
  tw_mmu_probe probe = harness_probe(&h);
  assert_int_equal(probe.slots[0].state, TW_SLOT_WAITING);
  assert_int_equal(probe.slots[0].tag, 9);
  assert_int_equal(probe.slots[0].kind, TW_AMO);
  assert_int_equal(probe.slots[0].va, VA);
  assert_int_equal(probe.slots[0].privilege, TW_SUPERVISOR);
  harness_settle(&h);
  assert_int_equal(h.events[EVENT(DATA_MISS)], 1);
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(l1_untranslated_access_answers_its_own_address),
      cmocka_unit_test(l1_untranslated_rv32_address_has_32_bits),
      cmocka_unit_test(l2_non_canonical_address_faults_before_any_entry),
      cmocka_unit_test(canonical_is_what_the_mode_in_force_says),
      cmocka_unit_test(l3_entry_that_denies_faults_and_is_a_hit),
      cmocka_unit_test(l4_dirty_clear_entry_faults_without_adue),
      cmocka_unit_test(l5_dirty_clear_entry_is_a_miss_with_adue_and_is_not_used),
      cmocka_unit_test(l6_hit_answers_level_flags_attribute_and_size),
      cmocka_unit_test(entries_keep_their_attribute_when_pbmte_changes),
      cmocka_unit_test(l7_without_a_matching_entry_it_is_a_miss),
  };
  return cmocka_run_group_tests_name("mmu_lookup", tests, NULL, NULL);
}
