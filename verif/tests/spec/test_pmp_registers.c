/* The PMP registers of the oracle: what a write does, what a read shows, what is locked.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/pmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { R = TW_PMP_R, W = TW_PMP_W, X = TW_PMP_X, L = TW_PMP_L, TOR = TW_PMP_TOR, NA4 = TW_PMP_NA4 };
enum { NAPOT = TW_PMP_NAPOT, MML = TW_MSECCFG_MML, MMWP = TW_MSECCFG_MMWP, RLB = TW_MSECCFG_RLB };

#define ALL_54 ((UINT64_C(1) << 54) - 1)

static tw_pmp pmp_make(unsigned grain) {
  return (tw_pmp){.count = 16, .grain = grain, .xlen = 64, .smepmp = true};
}

/* What entry 3 holds after a write, starting from a value. */
static uint8_t cfg_after(tw_pmp pmp, uint8_t before, uint8_t value) {
  pmp.cfg[3] = before;
  tw_pmp_write_cfg(&pmp, 3, value);
  return pmp.cfg[3];
}

/* Rule pmp_A_L_rst. */
static void reset_switches_everything_off_and_unlocks_it(void **state) {
  (void)state;
  tw_pmp pmp = {.count = 64, .grain = 5, .xlen = 32, .smepmp = true, .mseccfg = MML | MMWP | RLB};
  memset(pmp.cfg, 0xff, sizeof pmp.cfg);
  memset(pmp.addr, 0xff, sizeof pmp.addr);
  tw_pmp_reset(&pmp);
  assert_int_equal(pmp.mseccfg, 0);
  for (unsigned i = 0; i < 64; i++) {
    assert_int_equal(pmp.cfg[i], 0);
    assert_true(pmp.addr[i] == 0);
  }
  assert_int_equal(pmp.count, 64);
  assert_int_equal(pmp.grain, 5);
  assert_int_equal(pmp.xlen, 32);
  assert_true(pmp.smepmp);
}

static void cfg_keeps_every_field_but_bits_6_and_5(void **state) {
  (void)state;
  for (unsigned value = 0; value < 256; value++) {
    if ((value & 3) == 2) continue; /* R=0 with W=1: below */
    assert_int_equal(cfg_after(pmp_make(0), 0, (uint8_t)value), value & 0x9f);
  }
}

/* Rule pmp_rwx_warl. */
static void cfg_clears_w_without_r_while_mml_is_clear(void **state) {
  (void)state;
  assert_int_equal(cfg_after(pmp_make(0), 0, W), 0);
  assert_int_equal(cfg_after(pmp_make(0), 0, W | X | NAPOT), X | NAPOT);
  assert_int_equal(cfg_after(pmp_make(0), 0, W | R), W | R);
}

/* Rule mseccfg_mml_pmpcfg_L_op: R=0 with W=1 is a shared region. */
static void cfg_keeps_w_without_r_while_mml_is_set(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  pmp.mseccfg = MML;
  assert_int_equal(cfg_after(pmp, 0, W | TOR), W | TOR);
  assert_int_equal(cfg_after(pmp, 0, W | X | TOR), W | X | TOR);
}

/* Rule pmp_na4_select_restriction. */
static void cfg_makes_na4_napot_where_the_grain_is_coarser(void **state) {
  (void)state;
  assert_int_equal(cfg_after(pmp_make(0), 0, NA4 | R), NA4 | R);
  for (unsigned grain = 1; grain <= 20; grain++) {
    assert_int_equal(cfg_after(pmp_make(grain), 0, NA4 | R), NAPOT | R);
    assert_int_equal(cfg_after(pmp_make(grain), 0, TOR | R), TOR | R);
    assert_int_equal(cfg_after(pmp_make(grain), 0, R), R);
  }
}

/* Rule pmp_l_bit_write_protection. */
static void locked_entry_takes_no_write(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  tw_pmp_write_addr(&pmp, 3, 0x1234);
  tw_pmp_write_cfg(&pmp, 3, L | NAPOT | R);
  tw_pmp_write_cfg(&pmp, 3, 0);
  tw_pmp_write_addr(&pmp, 3, 0x5678);
  assert_int_equal(pmp.cfg[3], L | NAPOT | R);
  assert_true(pmp.addr[3] == 0x1234);
  tw_pmp_reset(&pmp);
  tw_pmp_write_cfg(&pmp, 3, R);
  assert_int_equal(pmp.cfg[3], R);
}

/* Rule pmp_l_bit_function: also one that is off. */
static void locked_entry_that_is_off_takes_no_write(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  tw_pmp_write_cfg(&pmp, 0, L);
  tw_pmp_write_cfg(&pmp, 0, NAPOT);
  tw_pmp_write_addr(&pmp, 0, 1);
  assert_int_equal(pmp.cfg[0], L);
  assert_true(pmp.addr[0] == 0);
}

/* Rule pmp_l_bit_write_protection: its bottom is the address register before it. */
static void locked_tor_entry_locks_the_address_before_it_and_nothing_else(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  tw_pmp_write_cfg(&pmp, 5, L | TOR);
  for (unsigned i = 0; i < 16; i++) tw_pmp_write_addr(&pmp, i, 0x77);
  for (unsigned i = 0; i < 16; i++) assert_true(pmp.addr[i] == (i == 4 || i == 5 ? 0 : 0x77));
  tw_pmp_write_cfg(&pmp, 4, R);
  assert_int_equal(pmp.cfg[4], R);
}

static void locked_entry_that_is_not_tor_leaves_the_address_before_it_free(void **state) {
  (void)state;
  static const uint8_t kinds[] = {0, NA4, NAPOT};
  for (size_t i = 0; i < sizeof kinds; i++) {
    tw_pmp pmp = pmp_make(0);
    tw_pmp_write_cfg(&pmp, 5, (uint8_t)(L | kinds[i]));
    tw_pmp_write_addr(&pmp, 4, 0x77);
    assert_true(pmp.addr[4] == 0x77);
  }
}

static void unlocked_tor_entry_leaves_the_address_before_it_free(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  tw_pmp_write_cfg(&pmp, 5, TOR | R);
  tw_pmp_write_addr(&pmp, 4, 0x77);
  assert_true(pmp.addr[4] == 0x77);
}

/* Rule mseccfg_rlb_op_warl. */
static void rlb_opens_every_lock(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  tw_pmp_write_mseccfg(&pmp, RLB);
  tw_pmp_write_cfg(&pmp, 5, L | TOR | R);
  tw_pmp_write_addr(&pmp, 4, 1);
  tw_pmp_write_addr(&pmp, 5, 2);
  assert_true(pmp.addr[4] == 1);
  assert_true(pmp.addr[5] == 2);
  tw_pmp_write_cfg(&pmp, 5, L | NAPOT);
  assert_int_equal(pmp.cfg[5], L | NAPOT);
  tw_pmp_write_cfg(&pmp, 5, 0);
  assert_int_equal(pmp.cfg[5], 0);
}

/* Rule mseccfg_rlb_op_warl: any entry, also one that is off. */
static void rlb_cannot_be_set_while_an_entry_is_locked(void **state) {
  (void)state;
  for (unsigned i = 0; i < 16; i++) {
    tw_pmp pmp = pmp_make(0);
    tw_pmp_write_cfg(&pmp, i, L);
    tw_pmp_write_mseccfg(&pmp, RLB);
    assert_int_equal(pmp.mseccfg, 0);
  }
}

static void rlb_stays_as_written_while_it_is_set(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  tw_pmp_write_mseccfg(&pmp, RLB);
  tw_pmp_write_cfg(&pmp, 7, L);
  tw_pmp_write_mseccfg(&pmp, RLB);
  assert_int_equal(pmp.mseccfg, RLB);
  tw_pmp_write_mseccfg(&pmp, 0);
  assert_int_equal(pmp.mseccfg, 0);
  tw_pmp_write_mseccfg(&pmp, RLB); /* entry 7 is locked */
  assert_int_equal(pmp.mseccfg, 0);
}

/* Rules mseccfg_mml_sticky, mseccfg_mmwp_op_warl. */
static void mml_and_mmwp_stay_set(void **state) {
  (void)state;
  for (unsigned bits = 0; bits < 4; bits++) {
    tw_pmp pmp = pmp_make(0);
    tw_pmp_write_mseccfg(&pmp, bits);
    assert_int_equal(pmp.mseccfg, bits);
    tw_pmp_write_mseccfg(&pmp, 0);
    assert_int_equal(pmp.mseccfg, bits);
    tw_pmp_write_mseccfg(&pmp, UINT64_MAX);
    assert_int_equal(pmp.mseccfg, MML | MMWP | RLB);
    tw_pmp_write_mseccfg(&pmp, 0);
    assert_int_equal(pmp.mseccfg, MML | MMWP);
  }
}

/* Rule mseccfg_rlb_mmwp_mml_presence. */
static void mseccfg_is_not_there_without_smepmp(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  pmp.smepmp = false;
  tw_pmp_write_mseccfg(&pmp, MML | MMWP | RLB);
  assert_int_equal(pmp.mseccfg, 0);
}

/* Rule mseccfg_mml_X_restrict, all sixteen LRWX: M-mode-only rules with X, and locked shared regions but LRWX=1111. */
static void mml_refuses_new_rules_that_let_machine_mode_execute(void **state) {
  (void)state;
  static const struct {
    uint8_t cfg;
    bool refused;
  } lines[16] = {{0, false},     {X, false},        {W, false},         {W | X, false},
                 {R, false},     {R | X, false},    {R | W, false},     {R | W | X, false},
                 {L, false},     {L | X, true},     {L | W, true},      {L | W | X, true},
                 {L | R, false}, {L | R | X, true}, {L | R | W, false}, {L | R | W | X, false}};
  for (size_t i = 0; i < 16; i++) {
    for (unsigned kind = 0; kind < 4; kind++) {
      const uint8_t value = (uint8_t)(lines[i].cfg | kind << 3);
      tw_pmp pmp = pmp_make(0);
      pmp.mseccfg = MML;
      assert_int_equal(cfg_after(pmp, R | TOR, value), lines[i].refused ? R | TOR : value);
      pmp.mseccfg = MML | RLB;
      assert_int_equal(cfg_after(pmp, R | TOR, value), value);
    }
  }
}

static void such_rules_are_taken_before_mml_is_set(void **state) {
  (void)state;
  assert_int_equal(cfg_after(pmp_make(0), 0, L | X | NAPOT), L | X | NAPOT);
  assert_int_equal(cfg_after(pmp_make(0), 0, L | R | X | NAPOT), L | R | X | NAPOT);
}

/* Rule pmp_addr_encoding. */
static void addresses_have_54_bits_on_rv64_and_32_on_rv32(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  tw_pmp_write_addr(&pmp, 0, UINT64_MAX);
  assert_true(pmp.addr[0] == ALL_54);
  pmp.xlen = 32;
  tw_pmp_write_addr(&pmp, 0, UINT64_MAX);
  assert_true(pmp.addr[0] == 0xffffffff);
}

/* Rule pmp_entry_count. */
static void entries_that_are_not_there_take_no_write(void **state) {
  (void)state;
  static const unsigned counts[] = {0, 16};
  for (size_t i = 0; i < 2; i++) {
    tw_pmp pmp = {.count = counts[i], .xlen = 64};
    for (unsigned entry = counts[i]; entry < 64; entry++) {
      tw_pmp_write_cfg(&pmp, entry, R | NAPOT);
      tw_pmp_write_addr(&pmp, entry, 0x77);
      assert_int_equal(pmp.cfg[entry], 0);
      assert_true(pmp.addr[entry] == 0);
      assert_true(tw_pmp_read_addr(&pmp, entry) == 0);
    }
    tw_pmp_write_cfg(&pmp, UINT32_MAX, R);
    tw_pmp_write_addr(&pmp, UINT32_MAX, 1);
  }
}

static void last_of_64_entries_takes_writes(void **state) {
  (void)state;
  tw_pmp pmp = {.count = 64, .xlen = 64};
  tw_pmp_write_addr(&pmp, 63, 0x77);
  tw_pmp_write_cfg(&pmp, 63, L | TOR | R);
  tw_pmp_write_addr(&pmp, 62, 0x66);
  tw_pmp_write_addr(&pmp, 63, 0x55);
  assert_true(pmp.addr[63] == 0x77);
  assert_true(pmp.addr[62] == 0);
  assert_int_equal(pmp.cfg[63], L | TOR | R);
}

/* Rules pmp_napot_addr_read_mask, pmp_tor_off_addr_read_mask: all grains, all kinds of entries, written with ones and
 * with zeros. */
static void grain_shows_in_what_a_read_of_an_address_gives(void **state) {
  (void)state;
  for (unsigned grain = 0; grain <= 20; grain++) {
    const uint64_t ones = (UINT64_C(1) << grain) - 1; /* bits G-1..0 */
    tw_pmp pmp = pmp_make(grain);
    tw_pmp_write_addr(&pmp, 0, UINT64_MAX);
    tw_pmp_write_addr(&pmp, 1, 0);
    for (unsigned i = 0; i < 2; i++) tw_pmp_write_cfg(&pmp, i, 0);
    assert_true(tw_pmp_read_addr(&pmp, 0) == (ALL_54 & ~ones));
    assert_true(tw_pmp_read_addr(&pmp, 1) == 0);
    for (unsigned i = 0; i < 2; i++) tw_pmp_write_cfg(&pmp, i, TOR);
    assert_true(tw_pmp_read_addr(&pmp, 0) == (ALL_54 & ~ones));
    assert_true(tw_pmp_read_addr(&pmp, 1) == 0);
    for (unsigned i = 0; i < 2; i++) tw_pmp_write_cfg(&pmp, i, NAPOT);
    assert_true(tw_pmp_read_addr(&pmp, 0) == ALL_54);
    assert_true(tw_pmp_read_addr(&pmp, 1) == ones >> 1); /* bits G-2..0, if G is 2 or more */
  }
}

/* Rule pmp_addr_retention_on_mode_change. */
static void address_keeps_the_bits_that_a_read_hides(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(4);
  tw_pmp_write_addr(&pmp, 0, 0xabf8);
  tw_pmp_write_cfg(&pmp, 0, NAPOT);
  assert_true(tw_pmp_read_addr(&pmp, 0) == 0xabff);
  tw_pmp_write_cfg(&pmp, 0, TOR);
  assert_true(tw_pmp_read_addr(&pmp, 0) == 0xabf0);
  tw_pmp_write_cfg(&pmp, 0, NAPOT);
  assert_true(tw_pmp_read_addr(&pmp, 0) == 0xabff);
  assert_true(pmp.addr[0] == 0xabf8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reset_switches_everything_off_and_unlocks_it),
      cmocka_unit_test(cfg_keeps_every_field_but_bits_6_and_5),
      cmocka_unit_test(cfg_clears_w_without_r_while_mml_is_clear),
      cmocka_unit_test(cfg_keeps_w_without_r_while_mml_is_set),
      cmocka_unit_test(cfg_makes_na4_napot_where_the_grain_is_coarser),
      cmocka_unit_test(locked_entry_takes_no_write),
      cmocka_unit_test(locked_entry_that_is_off_takes_no_write),
      cmocka_unit_test(locked_tor_entry_locks_the_address_before_it_and_nothing_else),
      cmocka_unit_test(locked_entry_that_is_not_tor_leaves_the_address_before_it_free),
      cmocka_unit_test(unlocked_tor_entry_leaves_the_address_before_it_free),
      cmocka_unit_test(rlb_opens_every_lock),
      cmocka_unit_test(rlb_cannot_be_set_while_an_entry_is_locked),
      cmocka_unit_test(rlb_stays_as_written_while_it_is_set),
      cmocka_unit_test(mml_and_mmwp_stay_set),
      cmocka_unit_test(mseccfg_is_not_there_without_smepmp),
      cmocka_unit_test(mml_refuses_new_rules_that_let_machine_mode_execute),
      cmocka_unit_test(such_rules_are_taken_before_mml_is_set),
      cmocka_unit_test(addresses_have_54_bits_on_rv64_and_32_on_rv32),
      cmocka_unit_test(entries_that_are_not_there_take_no_write),
      cmocka_unit_test(last_of_64_entries_takes_writes),
      cmocka_unit_test(grain_shows_in_what_a_read_of_an_address_gives),
      cmocka_unit_test(address_keeps_the_bits_that_a_read_hides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
