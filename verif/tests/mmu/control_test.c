/* Control registers: what is in force when, what a write leaves alone, and reset.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "harness.h"

#define VA UINT64_C(0x12345000)

/* A 4 KiB page with the flags; ASID 3. */
static uint64_t page_open(harness *h, const tw_config *config, uint64_t flags) {
  harness_open(h, config);
  uint64_t root = harness_table(h);
  harness_map(h, root, VA, 0, 0x80000000, flags);
  uint64_t satp = harness_satp(h, root, 3);
  harness_control(h, satp, TW_SUPERVISOR);
  harness_cycle(h);
  return satp;
}

static void satp_check(const harness *h, uint64_t satp) {
  tw_mmu_probe probe;
  tw_mmu_probe_read(h->mmu, &probe);
  assert_int_equal(probe.satp, satp);
}

/* The context is the one of the handshake, whatever a write says in any cycle of the walk. */
static void context_is_captured_at_the_handshake(void **state) {
  (void)state;
  static harness h;
  static const struct {
    uint64_t flags;
    tw_access access;
    tw_reason reason; /* before the write */
    bool sum, mxr;    /* after it */
    tw_privilege privilege;
  } rows[] = {
      {RWX | TW_PTE_U, TW_LOAD, TW_REASON_SUPERVISOR_DENIED, true, false, TW_SUPERVISOR},
      {RWX | TW_PTE_U, TW_LOAD, TW_REASON_SUPERVISOR_DENIED, false, false, TW_USER},
      {RWX, TW_LOAD, TW_OK, false, false, TW_USER},
      {RWX, TW_LOAD, TW_OK, false, false, TW_MACHINE},
      {TW_PTE_V | TW_PTE_X | TW_PTE_A, TW_LOAD, TW_REASON_READ_DENIED, false, true, TW_SUPERVISOR},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    for (unsigned offset = 0; offset < 8; offset++) {
      uint64_t satp = page_open(&h, &TW_CONFIG_BASE39, rows[i].flags);
      harness_request(&h, TW_PORT_DATA, rows[i].access, 0, VA);
      for (unsigned t = 0; t < 9; t++) {
        if (t == offset) {
          harness_control(&h, satp, rows[i].privilege);
          h.in.control.sum = rows[i].sum;
          h.in.control.mxr = rows[i].mxr;
        }
        harness_cycle(&h);
        assert_int_equal(h.out.data.valid, t == 8);
      }
      assert_int_equal(h.out.data.reason, rows[i].reason);
      assert_int_equal(h.events[EVENT(WALK_KILL)] + h.events[EVENT(DATA_RETRY)], 0);
      harness_close(&h);
    }
  }
}

static void control_write_is_in_force_from_the_next_cycle(void **state) {
  (void)state;
  static harness h;
  uint64_t satp = page_open(&h, &TW_CONFIG_BASE39, RWX);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  harness_control(&h, satp, TW_USER);
  harness_cycle(&h);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 2, VA);
  harness_cycle(&h);
  assert_int_equal(h.out.data.status, TW_PIN_TRANSLATED);
  harness_cycle(&h);
  assert_int_equal(h.out.data.reason, TW_REASON_USER_DENIED);
  assert_int_equal(h.out.data.hit, 1);
  harness_close(&h);
}

static void mprv_lends_data_accesses_the_privilege_of_mpp(void **state) {
  (void)state;
  static harness h;
  uint64_t satp = page_open(&h, &TW_CONFIG_BASE39, RWX);
  harness_control(&h, satp, TW_MACHINE);
  h.in.control.mprv = 1;
  h.in.control.mpp = TW_SUPERVISOR;
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.pa, 0x80000000);
  assert_int_equal(harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA).response.pa, VA);
  harness_control(&h, satp, TW_MACHINE);
  h.in.control.mprv = 1;
  h.in.control.mpp = TW_USER;
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.reason, TW_REASON_USER_DENIED);
  harness_control(&h, satp, TW_SUPERVISOR); /* MPRV counts in M alone */
  h.in.control.mprv = 1;
  h.in.control.mpp = TW_USER;
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.pa, 0x80000000);
  harness_close(&h);
}

/* Rule satp_mode_op_unsupported; the other fields of the write are taken over, and no walk is disturbed. */
static void satp_of_an_unsupported_mode_stays_as_it_was(void **state) {
  (void)state;
  static harness h;
  for (uint64_t mode = 1; mode < 16; mode++) {
    if (mode == 8) continue;
    uint64_t satp = page_open(&h, &TW_CONFIG_BASE39, RWX | TW_PTE_U);
    harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
    for (unsigned t = 0; t < 9; t++) {
      if (t == 4) {
        harness_control(&h, mode << 60 | 0x77, TW_SUPERVISOR);
        h.in.control.sum = 1;
      }
      harness_cycle(&h);
      assert_int_equal(h.out.data.valid, t == 8);
    }
    assert_int_equal(h.out.data.reason, TW_REASON_SUPERVISOR_DENIED);
    satp_check(&h, satp);
    assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.status, TW_PIN_TRANSLATED);
    harness_close(&h);
  }
}

static void asid_bits_above_the_width_are_ignored(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  for (config.asid_bits = 0; config.asid_bits <= 16; config.asid_bits++) {
    uint64_t written = page_open(&h, &config, RWX);
    uint64_t kept = written & ~(UINT64_C(0xffff) << 44 & ~(((UINT64_C(1) << config.asid_bits) - 1) << 44));
    satp_check(&h, kept);
    harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
    /* In mid-walk: bits above the width are no change of satp, so that nothing is retried. */
    for (unsigned t = 0; t < 9; t++) {
      uint64_t above = config.asid_bits < 16 ? UINT64_C(1) << (44 + config.asid_bits) : 0;
      harness_control(&h, written ^ above, TW_SUPERVISOR);
      harness_cycle(&h);
      assert_int_equal(h.out.data.valid, t == 8);
    }
    assert_int_equal(h.out.data.status, TW_PIN_TRANSLATED);
    satp_check(&h, kept);
    harness_close(&h);
  }
}

static void bare_satp_is_stored_with_its_other_fields(void **state) {
  (void)state;
  static harness h;
  page_open(&h, &TW_CONFIG_BASE39, RWX);
  uint64_t bare = UINT64_C(0x0123456789abcdef) & ~(UINT64_C(15) << 60);
  harness_control(&h, bare, TW_USER);
  harness_cycle(&h);
  satp_check(&h, bare);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_STORE, 0x4321).response.pa, 0x4321);
  harness_close(&h);
}

static void entries_outlive_a_satp_write(void **state) {
  (void)state;
  static harness h;
  uint64_t satp = page_open(&h, &TW_CONFIG_BASE39, RWX);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  harness_control(&h, satp ^ UINT64_C(1) << 44, TW_SUPERVISOR);
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.hit, 0);
  harness_control(&h, satp, TW_SUPERVISOR);
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.hit, 1);
  harness_close(&h);
}

static void rv32_ignores_the_upper_half_of_addresses_and_satp(void **state) {
  (void)state;
  static harness h;
  uint64_t satp = page_open(&h, &TW_CONFIG_TINY32, RWX & ~(uint64_t)TW_PTE_W);
  uint64_t ugly = UINT64_C(0xdeadbeef) << 32;
  harness_control(&h, satp | ugly, TW_SUPERVISOR);
  harness_cycle(&h);
  satp_check(&h, satp);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA | ugly).response.pa, 0x80000000);
  harness_answer answer = harness_access(&h, TW_PORT_DATA, TW_LOAD, (VA + 4) | ugly << 1);
  assert_int_equal(answer.response.hit, 1);
  assert_int_equal(answer.response.pa, 0x80000004);
  answer = harness_access(&h, TW_PORT_DATA, TW_STORE, VA | ugly);
  assert_int_equal(answer.response.reason, TW_REASON_WRITE_DENIED);
  assert_int_equal(answer.response.tval, VA); /* P17 */
  answer = harness_access(&h, TW_PORT_FETCH, TW_FETCH, 0x7654321 | ugly);
  assert_int_equal(answer.response.reason, TW_REASON_INVALID);
  assert_int_equal(answer.response.hit, 0);
  assert_int_equal(answer.response.tval, 0x7654321);
  harness_control(&h, 0, TW_SUPERVISOR);
  harness_cycle(&h);
  answer = harness_access(&h, TW_PORT_FETCH, TW_FETCH, UINT32_MAX | ugly);
  assert_int_equal(answer.response.status, TW_PIN_TRANSLATED);
  assert_int_equal(answer.response.pa, UINT32_MAX);
  harness_close(&h);
}

/* Everything there is. */
static tw_config wide_config(void) {
  tw_config config = TW_CONFIG_BASE39;
  config.extensions = TW_EXT_SVADU | TW_EXT_SVPBMT | TW_EXT_SVNAPOT | TW_EXT_SMEPMP;
  config.data_slots = 4;
  config.fetch_slots = 2;
  config.l2 = (tw_l2_config){16, 1, 2, TW_RANDOM, 2};
  config.walk_entries = 2;
  config.walkers = 3;
  config.pmp_entries = 16;
  return config;
}

/* A burst of misses on both ports, and a fence; the same for two models, whose pins must be the same. */
static void burst_compare(tw_mmu *one, tw_mmu *other) {
  tw_pins_in in = {.rst_n = 1, .mem.req_ready = 1};
  tw_pins_out out[2];
  for (unsigned t = 0; t < 60; t++) {
    in.control = (tw_pins_control){0};
    if (t == 0)
      in.control = (tw_pins_control){.satp = UINT64_C(8) << 60 | 0x80000, .valid = 1, .privilege = TW_SUPERVISOR};
    in.fetch = (tw_pins_request){.va = t << 21, .valid = t % 3 == 1, .tag = t % 3 == 1 ? t & 15 : 0};
    in.data = (tw_pins_request){.va = t << 12, .valid = t % 2, .tag = t % 2 ? t & 15 : 0};
    in.fetch.size = in.fetch.valid;
    in.data.size = in.data.valid;
    in.data.kind = in.data.valid ? TW_LOAD : 0;
    in.fence = (tw_pins_fence){.va = t == 30 ? 0x5000 : 0, .valid = t == 30, .has_va = t == 30};
    tw_mmu_cycle(one, &in, &out[0]);
    tw_mmu_cycle(other, &in, &out[1]);
    assert_memory_equal(&out[0], &out[1], sizeof out[0]);
  }
}

/* What a reset leaves is what a new model has. */
static void reset_state_check(harness *h) {
  tw_mmu *fresh = tw_mmu_open(&h->config, NULL);
  assert_non_null(fresh);
  tw_mmu_probe probe = harness_probe(h);
  tw_mmu_probe first;
  tw_mmu_probe_read(fresh, &first);
  assert_int_equal(probe.lfsr, first.lfsr);
  assert_int_equal(probe.satp | probe.adue | probe.mprv | probe.mpp | probe.sum | probe.mxr | probe.pbmte, 0);
  assert_int_equal(probe.privilege, TW_MACHINE);
  assert_int_equal(probe.plru[0] | probe.plru[1], 0);
  assert_memory_equal(tw_mmu_pmp(h->mmu), tw_mmu_pmp(fresh), sizeof(tw_pmp));
  burst_compare(h->mmu, fresh);
  tw_mmu_close(fresh);
}

/* A store that updates D, a fetch, a load, and a fence with a sweep; TLBs that are full. */
static void busy_run(harness *h, uint64_t satp, unsigned cycles) {
  uint64_t root = satp & ((UINT64_C(1) << 44) - 1);
  for (unsigned page = 1; page < 40; page++) harness_map(h, root, VA + page * TW_PAGE_BYTES, 0, 0, RWX);
  for (unsigned page = 1; page < 40; page++) harness_access(h, TW_PORT_FETCH, TW_FETCH, VA + page * TW_PAGE_BYTES);
  h->adue = true;
  harness_control(h, satp, TW_SUPERVISOR);
  harness_pmp(h, TW_PIN_PMP_MSECCFG, 0, TW_MSECCFG_RLB);
  harness_cycle(h);
  harness_request(h, TW_PORT_DATA, TW_STORE, 1, VA);
  harness_request(h, TW_PORT_FETCH, TW_FETCH, 3, VA + UINT64_C(0x40000000));
  for (unsigned t = 0; t < cycles; t++) {
    if (t == 3) harness_request(h, TW_PORT_DATA, TW_LOAD, 2, VA);
    if (t == 14) harness_fence_asid(h, 3);
    harness_cycle(h);
  }
}

static void reset_in_any_cycle_forgets_everything(void **state) {
  (void)state;
  static harness h;
  for (unsigned offset = 0; offset < 24; offset++) {
    tw_config config = wide_config();
    uint64_t satp = page_open(&h, &config, RWX & ~(uint64_t)TW_PTE_D);
    busy_run(&h, satp, offset);
    /* All that comes with the reset is ignored (P4). */
    h.in.rst_n = 0;
    harness_request(&h, TW_PORT_FETCH, TW_FETCH, 2, VA);
    harness_control(&h, satp, TW_SUPERVISOR);
    harness_fence(&h);
    harness_pmp(&h, TW_PIN_PMP_CFG, 0, 0x1f);
    harness_cycle(&h);
    for (unsigned t = 0; t < 20; t++) {
      harness_cycle(&h);
      assert_int_equal(h.out.fetch.valid | h.out.data.valid | h.out.fence_done | h.out.mem.req_valid, 0);
      assert_int_equal(h.out.event | h.out.walkers, 0);
      assert_int_equal(h.out.fetch.req_ready & h.out.data.req_ready & h.out.fence_ready, 1);
    }
    reset_state_check(&h);
    harness_close(&h);
  }
}

/* M1, P36. */
static void adue_and_pbmte_stay_0_without_their_extensions(void **state) {
  (void)state;
  static harness h;
  for (unsigned bits = 0; bits < 4; bits++) {
    tw_config config = TW_CONFIG_BASE39;
    config.extensions = (bits & 1 ? TW_EXT_SVADU : 0u) | (bits & 2 ? TW_EXT_SVPBMT : 0u);
    harness_open(&h, &config);
    h.adue = h.pbmte = true;
    harness_control(&h, 0, TW_SUPERVISOR);
    harness_cycle(&h);
    assert_int_equal(harness_probe(&h).adue, bits & 1);
    assert_int_equal(harness_probe(&h).pbmte, bits >> 1);
    harness_close(&h);
  }
}

/* P2: what comes in cycle t cannot be seen in cycle t. */
static void outputs_do_not_depend_on_inputs_of_the_same_cycle(void **state) {
  (void)state;
  static harness quiet, loud;
  for (unsigned offset = 0; offset < 10; offset++) {
    page_open(&quiet, &TW_CONFIG_BASE39, RWX);
    page_open(&loud, &TW_CONFIG_BASE39, RWX);
    harness_request(&quiet, TW_PORT_DATA, TW_LOAD, 1, VA);
    harness_request(&loud, TW_PORT_DATA, TW_LOAD, 1, VA);
    for (unsigned t = 0; t < offset; t++) {
      harness_cycle(&quiet);
      harness_cycle(&loud);
    }
    harness_control(&loud, 0, TW_USER);
    harness_fence(&loud);
    harness_cancel(&loud, TW_PORT_DATA, 1);
    harness_request(&loud, TW_PORT_FETCH, TW_FETCH, 3, VA);
    harness_cycle(&quiet);
    harness_cycle(&loud);
    assert_memory_equal(&quiet.out, &loud.out, sizeof quiet.out);
    harness_close(&quiet);
    harness_close(&loud);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(context_is_captured_at_the_handshake),
      cmocka_unit_test(control_write_is_in_force_from_the_next_cycle),
      cmocka_unit_test(mprv_lends_data_accesses_the_privilege_of_mpp),
      cmocka_unit_test(satp_of_an_unsupported_mode_stays_as_it_was),
      cmocka_unit_test(asid_bits_above_the_width_are_ignored),
      cmocka_unit_test(bare_satp_is_stored_with_its_other_fields),
      cmocka_unit_test(entries_outlive_a_satp_write),
      cmocka_unit_test(rv32_ignores_the_upper_half_of_addresses_and_satp),
      cmocka_unit_test(reset_in_any_cycle_forgets_everything),
      cmocka_unit_test(adue_and_pbmte_stay_0_without_their_extensions),
      cmocka_unit_test(outputs_do_not_depend_on_inputs_of_the_same_cycle),
  };
  return cmocka_run_group_tests_name("mmu_control", tests, NULL, NULL);
}
