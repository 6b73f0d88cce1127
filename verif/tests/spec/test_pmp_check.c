/* PMP in the oracle: which entry matches an access, and whether it grants it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/pmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { R = TW_PMP_R, W = TW_PMP_W, X = TW_PMP_X, L = TW_PMP_L, TOR = TW_PMP_TOR, NA4 = TW_PMP_NA4 };
enum { NAPOT = TW_PMP_NAPOT, MML = TW_MSECCFG_MML, MMWP = TW_MSECCFG_MMWP };

static const tw_privilege PRIVILEGES[] = {TW_USER, TW_SUPERVISOR, TW_MACHINE};

static void entry_set(tw_pmp *pmp, unsigned index, uint8_t cfg, uint64_t addr) {
  tw_pmp_write_addr(pmp, index, addr);
  tw_pmp_write_cfg(pmp, index, cfg);
}

static tw_pmp pmp_make(unsigned grain) {
  return (tw_pmp){.count = 16, .grain = grain, .xlen = 64, .smepmp = true};
}

/* Which entry matches the 4 bytes at pa; it must match all of them. */
static int match_of(const tw_pmp *pmp, uint64_t pa) {
  bool whole = false;
  const int entry = tw_pmp_match(pmp, pa, 4, &whole);
  assert_int_equal(whole, entry >= 0);
  return entry;
}

/* Entry 0 matches first to last, which are multiples of 4, and neither word beside them. */
static void match_expect(const tw_pmp *pmp, uint64_t first, uint64_t last) {
  assert_int_equal(match_of(pmp, first), 0);
  assert_int_equal(match_of(pmp, last), 0);
  assert_int_equal(match_of(pmp, first + (last - first) / 8 * 4), 0);
  if (first > 0) assert_int_equal(match_of(pmp, first - 4), -1);
  assert_int_equal(match_of(pmp, last + 4), -1);
}

/* Rule pmp_a_field_off. */
static void entry_that_is_off_matches_nothing(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  entry_set(&pmp, 0, R | W | X | L, UINT64_MAX);
  assert_int_equal(match_of(&pmp, 0), -1);
  assert_int_equal(match_of(&pmp, 0xfffffffffffffc), -1);
}

/* Rule pmp_a_field_napot_na4. */
static void na4_matches_four_bytes(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  entry_set(&pmp, 0, NA4 | R, 0x1000 >> 2);
  match_expect(&pmp, 0x1000, 0x1000);
  entry_set(&pmp, 0, NA4 | R, 0x1ffc >> 2); /* ones at the end say nothing in NA4 */
  match_expect(&pmp, 0x1ffc, 0x1ffc);
}

/* Rule pmp_napot_encoding_low_bits: every size, at an odd multiple of it. */
static void napot_matches_the_size_that_the_low_ones_tell(void **state) {
  (void)state;
  for (unsigned bits = 3; bits < 55; bits++) {
    tw_pmp pmp = pmp_make(0);
    const uint64_t size = UINT64_C(1) << bits, base = size;
    entry_set(&pmp, 0, NAPOT | R, base >> 2 | ((size >> 3) - 1));
    match_expect(&pmp, base, base + size - 4);
  }
}

static void napot_of_all_ones_matches_all_of_memory(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  entry_set(&pmp, 0, NAPOT | R, UINT64_MAX);
  for (unsigned bit = 2; bit < 56; bit++) assert_int_equal(match_of(&pmp, UINT64_C(1) << bit), 0);
  assert_int_equal(match_of(&pmp, 0), 0);
  assert_int_equal(match_of(&pmp, 0xfffffffffffffc), 0);
  entry_set(&pmp, 0, NAPOT | R, UINT64_MAX >> 11); /* 53 ones: all of memory as well */
  assert_int_equal(match_of(&pmp, 0xfffffffffffffc), 0);
  entry_set(&pmp, 0, NAPOT | R, UINT64_MAX >> 12); /* 52 ones: its lower half */
  match_expect(&pmp, 0, 0x7ffffffffffffc);
  pmp.xlen = 32;
  entry_set(&pmp, 0, NAPOT | R, UINT64_MAX);
  assert_int_equal(match_of(&pmp, 0), 0);
  assert_int_equal(match_of(&pmp, 0x3fffffffc), 0);
}

/* Rule pmp_a_field_tor. */
static void tor_matches_from_the_address_before_to_its_own(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  entry_set(&pmp, 0, TOR | R, 0x3000 >> 2);
  match_expect(&pmp, 0, 0x2ffc);
  pmp = pmp_make(0);
  entry_set(&pmp, 6, 0, 0x1004 >> 2); /* off, and its address counts all the same */
  entry_set(&pmp, 7, TOR | R, 0x3000 >> 2);
  assert_int_equal(match_of(&pmp, 0x1000), -1);
  assert_int_equal(match_of(&pmp, 0x1004), 7);
  assert_int_equal(match_of(&pmp, 0x2ffc), 7);
  assert_int_equal(match_of(&pmp, 0x3000), -1);
}

static void tor_matches_nothing_if_its_top_is_not_above_its_bottom(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  tw_pmp_write_addr(&pmp, 0, 0x3000 >> 2);
  for (uint64_t top = 0x2000; top <= 0x3000; top += 0x1000) {
    entry_set(&pmp, 1, TOR | R, top >> 2);
    for (uint64_t pa = 0x1ff8; pa < 0x3010; pa += 4) assert_int_equal(match_of(&pmp, pa), -1);
    bool whole = true;
    assert_int_equal(tw_pmp_match(&pmp, top - 32, 64, &whole), -1);
    assert_false(whole);
  }
  entry_set(&pmp, 1, 0, 0);
  entry_set(&pmp, 0, TOR | R, 0); /* nor does entry 0 with an address of 0 */
  assert_int_equal(match_of(&pmp, 0), -1);
}

/* Rules pmp_region_granularity_g, pmp_tor_off_addr_read_mask: bits below the grain do not count in TOR. */
static void grain_rounds_both_ends_of_tor_down(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(3); /* 32 bytes */
  tw_pmp_write_addr(&pmp, 0, 0x101f >> 2);
  entry_set(&pmp, 1, TOR | R, 0x205c >> 2);
  assert_int_equal(match_of(&pmp, 0xffc), -1);
  assert_int_equal(match_of(&pmp, 0x1000), 1);
  assert_int_equal(match_of(&pmp, 0x203c), 1);
  assert_int_equal(match_of(&pmp, 0x2040), -1);
}

/* Rule pmp_napot_addr_read_mask: with G=3 the smallest NAPOT region has 32 bytes. */
static void grain_is_the_least_size_of_napot(void **state) {
  (void)state;
  for (unsigned grain = 1; grain <= 20; grain++) {
    tw_pmp pmp = pmp_make(grain);
    const uint64_t size = UINT64_C(4) << grain;
    entry_set(&pmp, 0, NAPOT | R, size >> 2); /* no ones written at all */
    match_expect(&pmp, size, 2 * size - 4);
    entry_set(&pmp, 0, NA4 | R, size >> 2); /* becomes NAPOT */
    match_expect(&pmp, size, 2 * size - 4);
  }
}

/* Rule pmp_entry_priority. */
static void lowest_numbered_entry_that_matches_decides(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  entry_set(&pmp, 15, NAPOT | R | W | X, UINT64_MAX);
  entry_set(&pmp, 9, NAPOT | R, 0x17ff >> 2);
  entry_set(&pmp, 4, NA4 | X, 0x1000 >> 2);
  assert_int_equal(match_of(&pmp, 0x1000), 4);
  assert_int_equal(match_of(&pmp, 0x1004), 9);
  assert_int_equal(match_of(&pmp, 0x2000), 15);
  assert_false(tw_pmp_check(&pmp, TW_USER, TW_LOAD, 0x1000, 4));
  assert_true(tw_pmp_check(&pmp, TW_USER, TW_FETCH, 0x1000, 4));
  assert_true(tw_pmp_check(&pmp, TW_USER, TW_LOAD, 0x1004, 4));
  assert_false(tw_pmp_check(&pmp, TW_USER, TW_STORE, 0x1004, 4));
  assert_true(tw_pmp_check(&pmp, TW_USER, TW_STORE, 0x2000, 4));
}

/* Entry i matches 8 or 4 bytes at 32 x i, and nothing between; all of one kind, and two kinds in turn. */
static void each_of_64_entries_is_found_whatever_the_kinds_of_the_others(void **state) {
  (void)state;
  static const uint8_t kinds[4][2] = {{NAPOT, NAPOT}, {NA4, NA4}, {NAPOT, NA4}, {NA4, NAPOT}};
  for (size_t kind = 0; kind < 4; kind++) {
    tw_pmp pmp = {.count = 64, .xlen = 64};
    for (unsigned i = 0; i < 64; i++) entry_set(&pmp, i, kinds[kind][i % 2] | R, (uint64_t)i * 8);
    for (uint64_t word = 0; word < 64 * 8; word++) {
      const int i = (int)(word / 8);
      const uint64_t matched = kinds[kind][i % 2] == NAPOT ? 2 : 1;
      assert_int_equal(match_of(&pmp, word * 4), word % 8 < matched ? i : -1);
    }
    entry_set(&pmp, 63, NAPOT | R, UINT64_MAX);
    assert_int_equal(match_of(&pmp, 63 * 32), 63);
    assert_int_equal(match_of(&pmp, 62 * 32), 62);
    assert_int_equal(match_of(&pmp, 12), 63);
  }
}

static void each_of_64_tor_entries_is_found(void **state) {
  (void)state;
  tw_pmp pmp = {.count = 64, .xlen = 64};
  for (unsigned i = 0; i < 64; i++) entry_set(&pmp, i, i % 9 == 8 ? 0 : TOR | R, (uint64_t)(i + 1) * 4);
  for (uint64_t word = 0; word < 64 * 4; word++) {
    const int i = (int)(word / 4);
    assert_int_equal(match_of(&pmp, word * 4), i % 9 == 8 ? -1 : i);
  }
  assert_int_equal(match_of(&pmp, 64 * 16), -1);
}

/* Rule pmp_full_match_required: whatever the entry would grant, to whomever, and whatever the next one would. */
static void entry_that_matches_some_bytes_alone_denies(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  entry_set(&pmp, 0, NA4 | R | W | X, 0x1008 >> 2);
  entry_set(&pmp, 1, NAPOT | R | W | X, UINT64_MAX);
  for (size_t i = 0; i < 3; i++) {
    for (uint64_t pa = 0x1000; pa < 0x1018; pa++) {
      for (unsigned bytes = 1; bytes <= 16; bytes++) {
        const bool touched = pa < 0x100c && pa + bytes > 0x1008;
        const bool inside = pa >= 0x1008 && pa + bytes <= 0x100c;
        bool whole = !inside;
        assert_int_equal(tw_pmp_match(&pmp, pa, bytes, &whole), touched ? 0 : 1);
        assert_int_equal(whole, inside || !touched);
        assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], TW_LOAD, pa, bytes), inside || !touched);
      }
    }
  }
}

/* The same at both ends of a TOR entry, and where an access of 64 bytes holds a whole entry. */
static void entry_within_an_access_matches_it_partly(void **state) {
  (void)state;
  tw_pmp pmp = pmp_make(0);
  tw_pmp_write_addr(&pmp, 2, 0x2010 >> 2);
  entry_set(&pmp, 3, TOR | R | W | X, 0x2020 >> 2);
  static const struct {
    uint64_t pa;
    int entry;
    bool whole;
  } lines[] = {{0x2000, 3, false}, {0x1fd0, -1, false}, {0x1fd1, 3, false}, {0x201f, 3, false}, {0x2020, -1, false}};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    bool whole = true;
    assert_int_equal(tw_pmp_match(&pmp, lines[i].pa, 64, &whole), lines[i].entry);
    assert_int_equal(whole, lines[i].whole);
    assert_false(tw_pmp_check(&pmp, TW_SUPERVISOR, TW_LOAD, lines[i].pa, 64));
  }
  assert_true(tw_pmp_check(&pmp, TW_SUPERVISOR, TW_LOAD, 0x2010, 16));
  assert_false(tw_pmp_check(&pmp, TW_SUPERVISOR, TW_LOAD, 0x2010, 17));
  assert_false(tw_pmp_check(&pmp, TW_SUPERVISOR, TW_LOAD, 0x200f, 17));
}

/* Rules pmp_rwx_check, pmp_exec_fault, pmp_load_fault, pmp_store_fault, pmp_l_bit_m_mode_enforcement: all LRWX that can
 * be written while MML is 0. */
static void rights_bind_user_and_supervisor_and_machine_mode_if_locked(void **state) {
  (void)state;
  for (unsigned lrwx = 0; lrwx < 16; lrwx++) {
    const bool l = lrwx & 8, r = lrwx & 4, w = lrwx & 2, x = lrwx & 1;
    if (w && !r) continue;
    tw_pmp pmp = pmp_make(0);
    entry_set(&pmp, 0, (uint8_t)(NAPOT | (l ? L : 0) | (r ? R : 0) | (w ? W : 0) | (x ? X : 0)), UINT64_MAX);
    for (size_t i = 0; i < 3; i++) {
      const bool free = PRIVILEGES[i] == TW_MACHINE && !l;
      assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], TW_FETCH, 0x1000, 4), free || x);
      assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], TW_LOAD, 0x1000, 4), free || r);
      assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], TW_STORE, 0x1000, 4), free || w);
      assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], TW_AMO, 0x1000, 4), free || (r && w));
    }
  }
}

/* Rule mml_truth_table, line by line as the manual prints it: L R W X, then M-mode, then S- and U-mode. */
static void mml_truth_table_is_the_manual_s(void **state) {
  (void)state;
  static const struct {
    const char *lrwx, *machine, *others;
  } table[16] = {{"----", "", ""},  {"---X", "", "X"},  {"--W-", "RW", "R"}, {"--WX", "RW", "RW"},
                 {"-R--", "", "R"}, {"-R-X", "", "RX"}, {"-RW-", "", "RW"},  {"-RWX", "", "RWX"},
                 {"L---", "", ""},  {"L--X", "X", ""},  {"L-W-", "X", "X"},  {"L-WX", "RX", "X"},
                 {"LR--", "R", ""}, {"LR-X", "RX", ""}, {"LRW-", "RW", ""},  {"LRWX", "R", "R"}};
  for (size_t line = 0; line < 16; line++) {
    const char *c = table[line].lrwx;
    tw_pmp pmp = pmp_make(0);
    pmp.mseccfg = MML;
    pmp.addr[0] = (UINT64_C(1) << 54) - 1;
    pmp.cfg[0] = (uint8_t)(NAPOT | (c[0] == 'L' ? L : 0) | (c[1] == 'R' ? R : 0) | (c[2] == 'W' ? W : 0) |
                           (c[3] == 'X' ? X : 0));
    for (size_t i = 0; i < 3; i++) {
      bool r = false, w = false, x = false;
      for (const char *granted = PRIVILEGES[i] == TW_MACHINE ? table[line].machine : table[line].others; *granted;
           granted++) {
        r = r || *granted == 'R';
        w = w || *granted == 'W';
        x = x || *granted == 'X';
      }
      assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], TW_FETCH, 0x1000, 4), x);
      assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], TW_LOAD, 0x1000, 4), r);
      assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], TW_STORE, 0x1000, 4), w);
      assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], TW_AMO, 0x1000, 4), r && w);
    }
  }
}

/* Rules pmp_no_entry_match, mseccfg_mmwp_op_warl; with MML, M-mode executes from regions with a rule for it alone. */
static void what_no_entry_matches_is_machine_mode_s_as_far_as_mml_and_mmwp_leave_it(void **state) {
  (void)state;
  for (unsigned mseccfg = 0; mseccfg < 4; mseccfg++) {
    tw_pmp pmp = pmp_make(0);
    entry_set(&pmp, 3, NA4 | R | W | X, 0x4000 >> 2);
    pmp.mseccfg = (uint8_t)mseccfg;
    for (size_t i = 0; i < 3; i++) {
      for (int access = 0; access < TW_ACCESS_COUNT; access++) {
        const bool expected =
            PRIVILEGES[i] == TW_MACHINE && !(mseccfg & MMWP) && !(mseccfg & MML && access == TW_FETCH);
        assert_int_equal(tw_pmp_check(&pmp, PRIVILEGES[i], (tw_access)access, 0x1000, 4), expected);
      }
    }
  }
}

/* Rule pmp_no_entry_match: succeeds if none is implemented. */
static void everything_is_granted_where_there_is_no_pmp(void **state) {
  (void)state;
  tw_pmp none = {.count = 0, .xlen = 64};
  for (size_t i = 0; i < 3; i++) {
    for (int access = 0; access < TW_ACCESS_COUNT; access++) {
      assert_true(tw_pmp_check(NULL, PRIVILEGES[i], (tw_access)access, 0x1000, 64));
      assert_true(tw_pmp_check(&none, PRIVILEGES[i], (tw_access)access, 0x1000, 64));
    }
  }
}

static void nothing_is_granted_below_machine_mode_while_all_entries_are_off(void **state) {
  (void)state;
  const tw_pmp pmp = pmp_make(0);
  assert_false(tw_pmp_check(&pmp, TW_USER, TW_LOAD, 0, 1));
  assert_false(tw_pmp_check(&pmp, TW_SUPERVISOR, TW_FETCH, 0, 2));
  assert_true(tw_pmp_check(&pmp, TW_MACHINE, TW_FETCH, 0, 2));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(entry_that_is_off_matches_nothing),
      cmocka_unit_test(na4_matches_four_bytes),
      cmocka_unit_test(napot_matches_the_size_that_the_low_ones_tell),
      cmocka_unit_test(napot_of_all_ones_matches_all_of_memory),
      cmocka_unit_test(tor_matches_from_the_address_before_to_its_own),
      cmocka_unit_test(tor_matches_nothing_if_its_top_is_not_above_its_bottom),
      cmocka_unit_test(grain_rounds_both_ends_of_tor_down),
      cmocka_unit_test(grain_is_the_least_size_of_napot),
      cmocka_unit_test(lowest_numbered_entry_that_matches_decides),
      cmocka_unit_test(each_of_64_entries_is_found_whatever_the_kinds_of_the_others),
      cmocka_unit_test(each_of_64_tor_entries_is_found),
      cmocka_unit_test(entry_that_matches_some_bytes_alone_denies),
      cmocka_unit_test(entry_within_an_access_matches_it_partly),
      cmocka_unit_test(rights_bind_user_and_supervisor_and_machine_mode_if_locked),
      cmocka_unit_test(mml_truth_table_is_the_manual_s),
      cmocka_unit_test(what_no_entry_matches_is_machine_mode_s_as_far_as_mml_and_mmwp_leave_it),
      cmocka_unit_test(everything_is_granted_where_there_is_no_pmp),
      cmocka_unit_test(nothing_is_granted_below_machine_mode_while_all_entries_are_off),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
