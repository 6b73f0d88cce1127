/* The checks of physical addresses: the final check (F1 to F3) and when it is made (M3), the table check (T1 to T3).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x12345678)
#define PA UINT64_C(0x40000000)

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

static void f1_is_judged_first_and_with_all_bits(void **state) {
  (void)state;
  static harness h;
  for (unsigned pa_bits = 32; pa_bits <= 56; pa_bits += 8) {
    tw_config config = full_config();
    config.pa_bits = pa_bits;
    config.regions = (tw_pma_table){1, {{UINT64_C(0x80000000), 31, false, true, true}}};
    uint64_t root = page_open(&h, &config, RWX);
    for (unsigned bit = pa_bits; bit < 56; bit++) {
      harness_map(&h, root, VA, 0, UINT64_C(1) << bit, RWX);
      harness_fence(&h);
      harness_cycle(&h);
      for (unsigned round = 0; round < 2; round++) {
        tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_STORE, VA).response;
        assert_int_equal(r.reason, TW_REASON_PHYSICAL_RANGE);
        assert_int_equal(r.cause, TW_CAUSE_STORE_ACCESS_FAULT);
        assert_int_equal(r.tval, VA);
        assert_int_equal(r.hit, round); /* the entry is kept; `hit` stays as it was */
      }
    }
    harness_control(&h, 0, TW_SUPERVISOR);
    harness_cycle(&h);
    for (unsigned bit = pa_bits; bit < 64; bit++) {
      tw_pins_response r = harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA | UINT64_C(1) << bit).response;
      assert_int_equal(r.reason, TW_REASON_PHYSICAL_RANGE);
      assert_int_equal(r.cause, TW_CAUSE_FETCH_ACCESS_FAULT);
      assert_int_equal(r.hit, 0);
    }
    harness_close(&h);
  }
}

/* Regions of a page each: one main memory, one I/O; beside them nothing. */
static void f2_access_outside_of_the_regions_is_denied(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  config.regions = (tw_pma_table){3,
                                  {{UINT64_C(0x80000000), 24, false, true, true},
                                   {0x1000, 12, true, false, false},
                                   {0x4000, 13, false, true, true}}};
  harness_open(&h, &config);
  for (uint64_t page = 0; page < 8; page++) {
    bool there = page == 1 || page == 4 || page == 5;
    for (unsigned round = 0; round < 2; round++) {
      tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_LOAD, page << 12 | 0xfff).response;
      assert_int_equal(r.status, there ? TW_PIN_TRANSLATED : TW_PIN_FAULT);
      assert_int_equal(r.reason, there ? TW_OK : TW_REASON_PMA_DENIED);
    }
  }
  harness_close(&h);
}

/* A rule for 16 bytes in the page: what overlaps it in part is denied, what lies in it or beside it is not. */
static void f3_pmp_judges_each_access_by_its_own_bytes(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  page_open(&h, &config, RWX);
  harness_pmp(&h, TW_PIN_PMP_ADDR, 3, (PA + 0x670) >> 2 | 1); /* NAPOT, 16 bytes at PA + 0x670, read only */
  harness_cycle(&h);
  harness_pmp(&h, TW_PIN_PMP_CFG, 3, TW_PMP_NAPOT | TW_PMP_R);
  harness_cycle(&h);
  for (uint64_t offset = 0x660; offset < 0x690; offset++) {
    for (unsigned size = 1; size <= 64; size += 1 + size / 4) {
      for (tw_access access = TW_LOAD; access <= TW_AMO; access++) {
        bool apart = offset + size <= 0x670 || offset >= 0x680;
        bool inside = offset >= 0x670 && offset + size <= 0x680;
        bool granted = apart || (inside && access == TW_LOAD);
        harness_request(&h, TW_PORT_DATA, access, 1, (VA & ~UINT64_C(0xfff)) | offset);
        h.in.data.size = (uint8_t)size;
        tw_pins_response r = harness_wait(&h, TW_PORT_DATA, 1).response;
        assert_int_equal(r.reason, granted ? TW_OK : TW_REASON_PMP_DENIED);
        assert_int_equal(r.cause, granted             ? 0
                                  : access == TW_LOAD ? TW_CAUSE_LOAD_ACCESS_FAULT
                                                      : TW_CAUSE_STORE_ACCESS_FAULT);
        if (granted) assert_int_equal(r.pa, PA | offset);
      }
    }
  }
  harness_close(&h);
}

static void f3_amo_needs_read_and_write(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  page_open(&h, &config, RWX);
  for (unsigned rights = 0; rights < 8; rights++) {
    if ((rights & TW_PMP_W) && !(rights & TW_PMP_R)) continue; /* reserved */
    harness_pmp(&h, TW_PIN_PMP_ADDR, 0, PA >> 2 | 0x1ff);
    harness_cycle(&h);
    harness_pmp(&h, TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT | rights);
    harness_cycle(&h);
    for (tw_access access = TW_FETCH; access <= TW_AMO; access++) {
      unsigned needed = access == TW_FETCH   ? TW_PMP_X
                        : access == TW_LOAD  ? TW_PMP_R
                        : access == TW_STORE ? TW_PMP_W
                                             : 3;
      for (unsigned round = 0; round < 2; round++) {
        tw_port port = access == TW_FETCH ? TW_PORT_FETCH : TW_PORT_DATA;
        tw_pins_response r = harness_access(&h, port, access, VA).response;
        assert_int_equal(r.reason, (rights & needed) == needed ? TW_OK : TW_REASON_PMP_DENIED);
      }
    }
  }
  harness_close(&h);
}

static void pmp_write_of_no_kind_does_nothing(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  page_open(&h, &config, RWX);
  tw_pmp before = *tw_mmu_pmp(h.mmu);
  harness_pmp(&h, 3, 15, 0);
  harness_cycle(&h);
  harness_pmp(&h, TW_PIN_PMP_CFG, 16, TW_PMP_NAPOT); /* of an entry that is not there */
  harness_cycle(&h);
  assert_memory_equal(&before, tw_mmu_pmp(h.mmu), sizeof before);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.pa, PA | 0x678);
  harness_close(&h);
}

static void final_check_is_made_with_the_effective_privilege(void **state) {
  (void)state;
  static harness h;
  tw_config config = full_config();
  page_open(&h, &config, RWX);
  harness_pmp(&h, TW_PIN_PMP_CFG, 15, 0); /* nothing matches: M may, S may not */
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.reason, TW_REASON_TABLE_PMP);
  harness_control(&h, 0, TW_SUPERVISOR);
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.reason, TW_REASON_PMP_DENIED);
  harness_control(&h, 0, TW_MACHINE);
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.reason, TW_OK);
  harness_control(&h, 0, TW_MACHINE);
  h.in.control.mprv = 1;
  h.in.control.mpp = TW_USER;
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.reason, TW_REASON_PMP_DENIED);
  assert_int_equal(harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA).response.reason, TW_OK);
  harness_close(&h);
}

/* A hit is answered by the PMP registers of the cycle in which it is visible: a write in the cycle of the lookup
 * counts, one later does not. */
static void m3_answer_is_judged_by_the_registers_of_its_own_cycle(void **state) {
  (void)state;
  static harness h;
  for (unsigned warm = 0; warm < 3; warm++) {
    for (int offset = -2; offset <= 2; offset++) {
      tw_config config = full_config();
      page_open(&h, &config, RWX);
      harness_pmp(&h, TW_PIN_PMP_ADDR, 0, PA >> 2 | 0x1ff);
      harness_cycle(&h);
      for (unsigned i = 0; i < warm; i++) harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
      harness_settle(&h);
      unsigned visible = warm ? 1 : 8;
      for (int t = -2; t <= 10; t++) {
        if (t == 0) harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
        if (t == (int)visible - 1 + offset) harness_pmp(&h, TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT);
        harness_cycle(&h);
      }
      tw_pins_response r = h.answers[TW_PORT_DATA][1].response;
      assert_int_equal(r.reason, offset <= 0 ? TW_REASON_PMP_DENIED : TW_OK);
      assert_int_equal(r.hit, warm ? TW_PIN_HIT_L1 : TW_PIN_HIT_NONE);
      harness_close(&h);
    }
  }
}

/* T1 to T3, for the entry read at each level, and for the update. */
static void table_check_denies_before_the_request_is_made(void **state) {
  (void)state;
  static harness h;
  for (unsigned level = 0; level < 3; level++) {
    for (unsigned why = 0; why < 4; why++) {
      tw_config config = TW_CONFIG_BASE39;
      config.pa_bits = 44;
      config.pmp_entries = 16;
      config.regions.count = why == 1 || why == 2 ? 2 : 0;
      config.regions.region[0] = (tw_pma){UINT64_C(0x80000000), 28, false, true, true};
      config.regions.region[1] = (tw_pma){UINT64_C(0x90000000), 28, false, false, true};
      static const uint64_t tables[] = {UINT64_C(1) << 44, UINT64_C(0x90000000), UINT64_C(0xa0000000), 0x1000000};
      static const tw_reason reasons[] = {TW_REASON_TABLE_RANGE, TW_REASON_TABLE_PMA, TW_REASON_TABLE_PMA,
                                          TW_REASON_TABLE_PMP};
      harness_open(&h, &config);
      harness_pmp(&h, TW_PIN_PMP_ADDR, 0, 0x1000000 >> 2 | 0x1ff);
      harness_cycle(&h);
      harness_pmp(&h, TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT | TW_PMP_W | TW_PMP_R | TW_PMP_X);
      harness_cycle(&h);
      harness_pmp(&h, TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT | TW_PMP_X);
      harness_cycle(&h);
      uint64_t root = harness_root(&h, 1);
      if (level == 2) {
        harness_control(&h, harness_satp(&h, tables[why] >> 12, 1), TW_SUPERVISOR);
        harness_cycle(&h);
      } else {
        harness_write(&h, harness_entry(&h, root, VA, level + 1), tables[why] >> 12 << 10 | TW_PTE_V);
      }
      tw_pins_response r = harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA).response;
      assert_int_equal(r.reason, reasons[why]);
      assert_int_equal(r.cause, TW_CAUSE_FETCH_ACCESS_FAULT);
      assert_int_equal(r.tval, VA);
      assert_int_equal(h.step_count, 2 - level);
      assert_int_equal(h.events[EVENT(TABLE_DENIED)], 1);
      assert_int_equal(h.events[EVENT(WALK_FAULT)], 1);
      harness_close(&h);
    }
  }
}

static void update_is_checked_as_a_store(void **state) {
  (void)state;
  static harness h;
  for (unsigned by_pmp = 0; by_pmp < 2; by_pmp++) {
    tw_config config = TW_CONFIG_BASE39;
    config.extensions = TW_EXT_SVADU;
    config.pmp_entries = 16;
    config.regions = (tw_pma_table){1, {{UINT64_C(0x80000000), 28, false, true, by_pmp == 1}}};
    harness_open(&h, &config);
    h.adue = true;
    if (by_pmp) {
      harness_pmp(&h, TW_PIN_PMP_CFG, 15, TW_PMP_NAPOT | TW_PMP_R);
      harness_cycle(&h);
    }
    uint64_t root = harness_root(&h, 1);
    harness_map(&h, root, VA, 0, UINT64_C(0x80000000), RWX & ~(unsigned)(TW_PTE_A | TW_PTE_D));
    for (unsigned rounds = 0; rounds < 2; rounds++) {
      tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response;
      assert_int_equal(r.reason, by_pmp ? TW_REASON_UPDATE_PMP : TW_REASON_UPDATE_PMA);
      assert_int_equal(r.cause, TW_CAUSE_LOAD_ACCESS_FAULT);
    }
    assert_int_equal(h.step_count, 6);
    assert_int_equal(h.events[EVENT(TABLE_DENIED)], 2);
    harness_close(&h);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(f1_is_judged_first_and_with_all_bits),
      cmocka_unit_test(f2_access_outside_of_the_regions_is_denied),
      cmocka_unit_test(f3_pmp_judges_each_access_by_its_own_bytes),
      cmocka_unit_test(f3_amo_needs_read_and_write),
      cmocka_unit_test(pmp_write_of_no_kind_does_nothing),
      cmocka_unit_test(final_check_is_made_with_the_effective_privilege),
      cmocka_unit_test(m3_answer_is_judged_by_the_registers_of_its_own_cycle),
      cmocka_unit_test(table_check_denies_before_the_request_is_made),
      cmocka_unit_test(update_is_checked_as_a_store),
  };
  return cmocka_run_group_tests_name("mmu_check", tests, NULL, NULL);
}
