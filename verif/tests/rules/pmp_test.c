/* Directed tests of the rules of physical memory protection, without Smepmp. Regions lie in Bare mode, unless tables
 * are what is protected.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#define VA 0x40201000u
#define AREA RIG_PAGE /* where the regions of these tests lie */
#define RWX (TW_PMP_R | TW_PMP_W | TW_PMP_X)
#define ALL (TW_PMP_NAPOT | RWX)

static const tw_access accesses[] = {TW_FETCH, TW_LOAD, TW_STORE, TW_AMO};

/* A machine in Bare mode whose PMP is all off. */
static void bare_open(rig *r, void **state, const rig_needs *needs) {
  rig_open(r, state, needs);
  r->control.satp = 0;
  rig_apply(r);
}

static const rig_needs plain = {.mode = TW_SV39, .pmp_entries = 16};

static void privilege_set(rig *r, tw_privilege privilege) {
  r->control.privilege = (uint8_t)privilege;
  rig_apply(r);
}

static bool granted(rig *r, tw_access access, uint64_t pa, unsigned bytes) {
  rig_answer answer = rig_ask_bytes(r, access, pa, bytes);
  if (answer.status == TW_PIN_FAULT) {
    assert_int_equal(answer.reason, TW_REASON_PMP_DENIED);
    assert_int_equal(answer.cause, tw_reason_cause(TW_REASON_PMP_DENIED, access));
  }
  return answer.status == TW_PIN_TRANSLATED;
}

/* Rules pmp_check_priv_modes, pmp_no_entry_match: with entries, S and U have nothing that no entry grants; M has all.
 */
static void without_a_match_only_machine_mode_has_access(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  for (unsigned i = 0; i < 4; i++) assert_false(granted(&r, accesses[i], AREA, 4));
  privilege_set(&r, TW_USER);
  for (unsigned i = 0; i < 4; i++) assert_false(granted(&r, accesses[i], AREA, 4));
  privilege_set(&r, TW_MACHINE);
  for (unsigned i = 0; i < 4; i++) assert_true(granted(&r, accesses[i], AREA, 4));
  r.control.mprv = 1;
  for (unsigned mpp = TW_USER; mpp <= TW_SUPERVISOR; mpp++) {
    r.control.mpp = (uint8_t)mpp;
    rig_apply(&r);
    assert_true(granted(&r, TW_FETCH, AREA, 4));
    for (unsigned i = 1; i < 4; i++) assert_false(granted(&r, accesses[i], AREA, 4));
  }
  rig_close(&r);
}

/* Rule pmp_no_entry_match: without a single entry everything is granted. */
static void without_entries_everything_is_granted(void **state) {
  rig r;
  bare_open(&r, state, &(rig_needs){.mode = TW_SV39, .no_pmp = true});
  for (unsigned i = 0; i < 4; i++) assert_true(granted(&r, accesses[i], AREA, 8));
  rig_close(&r);
}

/* Rules pmp_cfg_permissions, pmp_rwx_check, pmp_exec_fault, pmp_load_fault, pmp_store_fault,
 * pmp_access_fault_exception, pmp_violation_precise_trap: every legal R, W, X for S and U, with the cause of the
 * access's own type. */
static void each_access_needs_its_right_of_the_entry(void **state) {
  static const uint8_t needed[] = {TW_PMP_X, TW_PMP_R, TW_PMP_W, TW_PMP_R | TW_PMP_W};
  rig r;
  bare_open(&r, state, &plain);
  for (unsigned privilege = TW_USER; privilege <= TW_SUPERVISOR; privilege++) {
    privilege_set(&r, (tw_privilege)privilege);
    for (uint8_t rights = 0; rights < 8; rights++) {
      if ((rights & (TW_PMP_R | TW_PMP_W)) == TW_PMP_W) continue;
      rig_region(&r, 0, rig_napot(AREA, 12), (uint8_t)(TW_PMP_NAPOT | rights));
      for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(granted(&r, accesses[i], AREA + 0x10, 4), (rights & needed[i]) == needed[i]);
      }
    }
  }
  rig_close(&r);
}

/* Rule pmp_a_field_encoding, pmp_a_field_off: an entry that is off matches nothing. */
static void an_entry_that_is_off_matches_nothing(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_OFF);
  rig_region(&r, 1, RIG_EVERYTHING, ALL);
  assert_true(granted(&r, TW_LOAD, AREA, 8));
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT);
  assert_false(granted(&r, TW_LOAD, AREA, 8));
  rig_close(&r);
}

/* Rules pmp_a_field_napot_na4, pmp_napot_encoding_low_bits, pmp_granularity: NA4 is four bytes, NAPOT as many as the
 * low ones of pmpaddr say. */
static void na4_and_napot_match_their_naturally_aligned_bytes(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  rig_region(&r, 0, AREA >> 2, TW_PMP_NA4 | TW_PMP_R);
  assert_true(granted(&r, TW_LOAD, AREA, 4));
  assert_true(granted(&r, TW_LOAD, AREA + 3, 1));
  assert_false(granted(&r, TW_LOAD, AREA + 4, 1));
  assert_false(granted(&r, TW_LOAD, AREA - 1, 1));
  for (unsigned bits = 3; bits <= 30; bits++) {
    rig_region(&r, 0, rig_napot(AREA, bits), TW_PMP_NAPOT | TW_PMP_R);
    assert_true(granted(&r, TW_LOAD, AREA, 1));
    assert_true(granted(&r, TW_LOAD, AREA + BIT(bits) - 1, 1));
    assert_false(granted(&r, TW_LOAD, AREA + BIT(bits), 1));
    assert_false(granted(&r, TW_LOAD, AREA - 1, 1));
  }
  rig_close(&r);
}

/* Rule pmp_a_field_tor, pmp_entry_structure: TOR reaches from the pmpaddr before (whatever its entry is) to its own;
 * that of entry 0 begins at 0. */
static void tor_matches_from_the_address_before_to_its_own(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  rig_pmp(&r, TW_PIN_PMP_ADDR, 2, AREA >> 2);
  rig_region(&r, 3, (AREA + 0x1004) >> 2, TW_PMP_TOR | TW_PMP_R);
  for (unsigned round = 0; round < 2; round++) {
    assert_false(granted(&r, TW_LOAD, AREA - 1, 1));
    assert_true(granted(&r, TW_LOAD, AREA, 4));
    assert_true(granted(&r, TW_LOAD, AREA + 0x1003, 1));
    assert_false(granted(&r, TW_LOAD, AREA + 0x1004, 1));
    rig_pmp(&r, TW_PIN_PMP_CFG, 2, TW_PMP_NA4 | TW_PMP_R);
  }
  rig_region(&r, 0, AREA >> 2, TW_PMP_TOR | TW_PMP_R);
  assert_true(granted(&r, TW_LOAD, 0, 8));
  assert_true(granted(&r, TW_LOAD, AREA - 8, 8));
  rig_pmp(&r, TW_PIN_PMP_ADDR, 3, (AREA - 8) >> 2); /* an empty range */
  assert_false(granted(&r, TW_LOAD, AREA + 0x20, 1));
  rig_close(&r);
}

/* Rules pmp_entry_priority, pmp_full_match_required: the lowest entry that matches a byte decides, and must match all,
 * whatever it grants and to whom. */
static void the_lowest_entry_that_matches_a_byte_decides(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  rig_region(&r, 4, rig_napot(AREA, 12), TW_PMP_NAPOT | TW_PMP_R);
  rig_region(&r, 9, RIG_EVERYTHING, ALL);
  assert_false(granted(&r, TW_STORE, AREA, 8));
  assert_true(granted(&r, TW_STORE, AREA + 0x1000, 8));
  assert_true(granted(&r, TW_LOAD, AREA + 0xff8, 8));
  rig_region(&r, 2, rig_napot(AREA + 0x40, 3), ALL);
  assert_true(granted(&r, TW_STORE, AREA + 0x40, 8));
  assert_false(granted(&r, TW_LOAD, AREA + 0x40, 16));
  assert_false(granted(&r, TW_LOAD, AREA + 0x3c, 8));
  privilege_set(&r, TW_MACHINE);
  assert_true(granted(&r, TW_STORE, AREA + 0x40, 8));
  assert_false(granted(&r, TW_LOAD, AREA + 0x40, 16));
  rig_close(&r);
}

/* Rule pmp_misaligned_access_behavior: the halves of a split access are checked on their own. */
static void the_halves_of_an_access_are_checked_on_their_own(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | TW_PMP_R);
  assert_true(granted(&r, TW_LOAD, AREA + 0xffd, 3));
  assert_false(granted(&r, TW_LOAD, AREA + 0x1000, 1));
  assert_false(granted(&r, TW_LOAD, AREA + 0xffd + 0x1000, 3));
  rig_close(&r);
}

/* Rules pmp_l_bit_m_mode_enforcement, pmp_mmode_locking: L binds M-mode; without it M-mode may do everything. */
static void a_locked_entry_binds_machine_mode(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  privilege_set(&r, TW_MACHINE);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | TW_PMP_R);
  for (unsigned i = 0; i < 4; i++) assert_true(granted(&r, accesses[i], AREA, 4));
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | TW_PMP_R | TW_PMP_L);
  for (unsigned i = 0; i < 4; i++) assert_int_equal(granted(&r, accesses[i], AREA, 4), accesses[i] == TW_LOAD);
  for (unsigned i = 0; i < 4; i++) assert_true(granted(&r, accesses[i], AREA + 0x1000, 4));
  rig_close(&r);
}

/* Rules pmp_l_bit_function, pmp_l_bit_write_protection: a locked entry keeps its registers, and under TOR the address
 * before it, until reset. */
static void a_locked_entry_keeps_its_registers(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  rig_pmp(&r, TW_PIN_PMP_ADDR, 4, AREA >> 2);
  rig_region(&r, 5, (AREA + 0x1000) >> 2, TW_PMP_TOR | TW_PMP_R | TW_PMP_L);
  rig_region(&r, 8, rig_napot(AREA + 0x4000, 12), TW_PMP_NAPOT | TW_PMP_R | TW_PMP_L);
  for (unsigned i = 4; i <= 8; i++) {
    if (i == 6 || i == 7) continue;
    rig_pmp(&r, TW_PIN_PMP_CFG, i, i == 4 ? 0 : ALL);
    rig_pmp(&r, TW_PIN_PMP_ADDR, i, 0);
  }
  assert_true(granted(&r, TW_LOAD, AREA, 8));
  assert_false(granted(&r, TW_STORE, AREA, 8));
  assert_false(granted(&r, TW_LOAD, AREA - 8, 8));
  assert_true(granted(&r, TW_LOAD, AREA + 0x4000, 8));
  assert_false(granted(&r, TW_STORE, AREA + 0x4000, 8));
  rig_region(&r, 7, rig_napot(AREA + 0x8000, 12), TW_PMP_NAPOT | TW_PMP_R); /* before NAPOT: not locked */
  assert_true(granted(&r, TW_LOAD, AREA + 0x8000, 8));
  rig_close(&r);
}

/* Rule pmp_A_L_rst: after reset every entry is off and unlocked. */
static void reset_turns_entries_off_and_unlocks_them(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  for (unsigned i = 0; i < 16; i++) rig_region(&r, i, RIG_EVERYTHING, TW_PMP_NAPOT | TW_PMP_L);
  privilege_set(&r, TW_MACHINE);
  assert_false(granted(&r, TW_LOAD, AREA, 8));
  rig_reset(&r);
  assert_true(granted(&r, TW_LOAD, AREA, 8));
  r.control.satp = 0;
  privilege_set(&r, TW_SUPERVISOR);
  assert_false(granted(&r, TW_LOAD, AREA, 8));
  rig_region(&r, 3, RIG_EVERYTHING, ALL);
  assert_true(granted(&r, TW_LOAD, AREA, 8));
  rig_close(&r);
}

/* Rule pmp_rwx_warl: R=0 with W=1 is reserved: W stays 0. */
static void write_without_read_is_not_taken_over(void **state) {
  rig r;
  bare_open(&r, state, &plain);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | TW_PMP_W | TW_PMP_X);
  assert_true(granted(&r, TW_FETCH, AREA, 4));
  assert_false(granted(&r, TW_LOAD, AREA, 4));
  assert_false(granted(&r, TW_STORE, AREA, 4));
  rig_close(&r);
}

/* Rules pmp_entry_count, pmp_addr_registers: each of the 16 or 64 entries works; those beyond are not there. */
static void every_entry_that_is_there_works(void **state) {
  for (unsigned count = 16; count <= 64; count += 48) {
    rig r;
    bare_open(&r, state, &(rig_needs){.mode = TW_SV39, .pmp_entries = count});
    for (unsigned i = 0; i < 64; i++) {
      rig_region(&r, i, rig_napot(AREA + i * 0x1000, 12), TW_PMP_NAPOT | TW_PMP_R);
      assert_int_equal(granted(&r, TW_LOAD, AREA + i * 0x1000 + 0x800, 8), i < r.config.pmp_entries);
    }
    rig_close(&r);
  }
}

/* Rules pmp_addr_encoding, pmp_addr_warl: pmpaddr holds address bits 33..2 on RV32 and 55..2 on RV64, and no others. */
static void pmpaddr_holds_every_address_bit_above_1(void **state) {
  static const tw_mode modes[] = {TW_SV39, TW_SV32};
  for (unsigned m = 0; m < 2; m++) {
    rig r;
    const rig_needs needs = {.mode = modes[m], .pmp_entries = 16};
    if (m == 0) rig_open(&r, state, &needs);
    if (m > 0 && !rig_try(&r, &needs)) continue;
    const unsigned width = modes[m] == TW_SV32 ? 34 : 56;
    rig_region(&r, 1, RIG_EVERYTHING, ALL);
    for (unsigned bit = 12; bit < r.config.pa_bits; bit++) {
      uint64_t pa = BIT(bit);
      rig_region(&r, 0, (pa | BIT(width)) >> 2, TW_PMP_NA4);
      rig_fence_all(&r);
      rig_map(&r, VA, 0, pa, LEAF);
      if (pa == RIG_BASE) continue; /* the root table's first entry */
      rig_denies(&r, TW_LOAD, VA, TW_REASON_PMP_DENIED);
      rig_fence_all(&r);
      rig_grants(&r, TW_LOAD, VA | 4, pa | 4);
    }
    rig_close(&r);
  }
}

/* Rules pmp_region_granularity_g, pmp_na4_select_restriction, pmp_csrs_warl_access: with G above 0 regions are
 * multiples of 2^(G+2) bytes, NA4 cannot be selected, and bits below do not move a bound of TOR. */
static void regions_are_multiples_of_the_grain(void **state) {
  static const unsigned grains[] = {3, 1, 10};
  for (unsigned g = 0; g < 3; g++) {
    rig r;
    const rig_needs needs = {.mode = TW_SV39, .asid_bits = 7, .pa_bits = 46, .pmp_entries = 16, .grain = grains[g]};
    if (g == 0) rig_open(&r, state, &needs);
    if (g > 0 && !rig_try(&r, &needs)) continue;
    r.control.satp = 0;
    rig_apply(&r);
    const uint64_t size = BIT(grains[g] + 2);
    rig_region(&r, 0, AREA >> 2, TW_PMP_NA4 | TW_PMP_R);
    assert_true(granted(&r, TW_LOAD, AREA + size - 1, 1)); /* NAPOT of the grain in its place */
    assert_false(granted(&r, TW_LOAD, AREA + size, 1));
    rig_pmp(&r, TW_PIN_PMP_ADDR, 1, (AREA + size) >> 2 | (size / 4 - 1));
    rig_region(&r, 2, (AREA + 3 * size) >> 2 | (size / 4 - 1), TW_PMP_TOR | TW_PMP_R);
    rig_pmp(&r, TW_PIN_PMP_CFG, 0, TW_PMP_OFF);
    assert_false(granted(&r, TW_LOAD, AREA + size - 1, 1));
    assert_true(granted(&r, TW_LOAD, AREA + size, 1));
    assert_true(granted(&r, TW_LOAD, AREA + 3 * size - 1, 1));
    assert_false(granted(&r, TW_LOAD, AREA + 3 * size, 1));
    rig_close(&r);
  }
}

/* Rules pmp_napot_addr_read_mask, pmp_tor_off_addr_read_mask, pmp_addr_retention_on_mode_change: what a read of pmpaddr
 * shows; what is stored stays. */
static void reads_of_pmpaddr_show_the_grain_and_writes_keep_every_bit(void **state) {
  (void)state;
  tw_pmp pmp = {.count = 16, .grain = 4, .xlen = 64};
  tw_pmp_reset(&pmp);
  tw_pmp_write_addr(&pmp, 0, 0xabc8);
  tw_pmp_write_cfg(&pmp, 0, TW_PMP_NAPOT);
  assert_int_equal(tw_pmp_read_addr(&pmp, 0), 0xabcf);
  static const uint8_t modes[] = {TW_PMP_TOR, TW_PMP_OFF};
  for (unsigned i = 0; i < 2; i++) {
    tw_pmp_write_cfg(&pmp, 0, modes[i]);
    assert_int_equal(tw_pmp_read_addr(&pmp, 0), 0xabc0);
    tw_pmp_write_cfg(&pmp, 0, TW_PMP_NAPOT);
    assert_int_equal(tw_pmp_read_addr(&pmp, 0), 0xabcf); /* bit G-1 is there again */
  }
}

/* Rule pmp_addr_retention_on_mode_change, at work: a region comes back as it was. */
static void a_region_comes_back_as_it_was_after_another_mode(void **state) {
  rig r;
  bare_open(&r, state, &(rig_needs){.mode = TW_SV39, .asid_bits = 7, .pa_bits = 46, .pmp_entries = 16, .grain = 3});
  rig_region(&r, 0, rig_napot(AREA, 6), TW_PMP_NAPOT | TW_PMP_R);
  for (unsigned round = 0; round < 2; round++) {
    assert_true(granted(&r, TW_LOAD, AREA + 0x3f, 1));
    assert_false(granted(&r, TW_LOAD, AREA + 0x40, 1));
    rig_pmp(&r, TW_PIN_PMP_CFG, 0, round ? TW_PMP_TOR : TW_PMP_OFF);
    rig_pmp(&r, TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT | TW_PMP_R);
  }
  rig_close(&r);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_match_only_machine_mode_has_access),
      cmocka_unit_test(without_entries_everything_is_granted),
      cmocka_unit_test(each_access_needs_its_right_of_the_entry),
      cmocka_unit_test(an_entry_that_is_off_matches_nothing),
      cmocka_unit_test(na4_and_napot_match_their_naturally_aligned_bytes),
      cmocka_unit_test(tor_matches_from_the_address_before_to_its_own),
      cmocka_unit_test(the_lowest_entry_that_matches_a_byte_decides),
      cmocka_unit_test(the_halves_of_an_access_are_checked_on_their_own),
      cmocka_unit_test(a_locked_entry_binds_machine_mode),
      cmocka_unit_test(a_locked_entry_keeps_its_registers),
      cmocka_unit_test(reset_turns_entries_off_and_unlocks_them),
      cmocka_unit_test(write_without_read_is_not_taken_over),
      cmocka_unit_test(every_entry_that_is_there_works),
      cmocka_unit_test(pmpaddr_holds_every_address_bit_above_1),
      cmocka_unit_test(regions_are_multiples_of_the_grain),
      cmocka_unit_test(reads_of_pmpaddr_show_the_grain_and_writes_keep_every_bit),
      cmocka_unit_test(a_region_comes_back_as_it_was_after_another_mode),
  };
  return RIG_MAIN(tests);
}
