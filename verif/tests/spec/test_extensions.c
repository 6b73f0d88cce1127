/* Svnapot, Svpbmt and Svrsw60t59b in the oracle: what they make of an entry's upper bits, and when they are in force.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "walk_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BIT(n) ((uint64_t)1 << (n))
#define PBMT(value) ((uint64_t)(value) << 61)
#define NAPOT_PAGE (BIT(63) | (uint64_t)8 << 10)

enum { V = TW_PTE_V, R = TW_PTE_R, W = TW_PTE_W, X = TW_PTE_X, U = TW_PTE_U, A = TW_PTE_A, D = TW_PTE_D };
enum { NAPOT = TW_EXT_SVNAPOT, MEMORY_TYPES = TW_EXT_SVPBMT, SOFTWARE = TW_EXT_SVRSW60T59B };
enum { EVERY_EXTENSION = (1u << TW_EXT_COUNT) - 1 };

static void decode_expect(unsigned extensions, uint64_t pte, unsigned level, tw_reason reason) {
  for (int mode = TW_SV39; mode < TW_MODE_COUNT; mode++) {
    const tw_pte_view view = tw_pte_decode((tw_mode)mode, extensions, pte, level);
    assert_int_equal(view.reason, reason);
    assert_int_equal(view.kind == TW_PTE_FAULT, reason != TW_OK);
  }
}

static void extensions_have_the_names_of_the_manual(void **state) {
  (void)state;
  static const char *const names[] = {"svnapot", "svpbmt", "svadu", "svinval", "svvptc", "svrsw60t59b", "smepmp"};
  static const unsigned bits[] = {TW_EXT_SVNAPOT, TW_EXT_SVPBMT,      TW_EXT_SVADU, TW_EXT_SVINVAL,
                                  TW_EXT_SVVPTC,  TW_EXT_SVRSW60T59B, TW_EXT_SMEPMP};
  for (unsigned bit = 0; bit < TW_EXT_COUNT; bit++) {
    assert_string_equal(tw_extension_name(bit), names[bit]);
    assert_int_equal(bits[bit], 1u << bit);
  }
  assert_null(tw_extension_name(TW_EXT_COUNT));
  assert_null(tw_extension_name(UINT32_MAX));
}

/* Rules menvcfg_pbmte_op, menvcfg_pbmte_rdonly0, menvcfg_adue_op, menvcfg_adue_rdonly0. */
static void pbmte_and_adue_put_their_extensions_in_force_and_no_other(void **state) {
  (void)state;
  for (unsigned implemented = 0; implemented <= EVERY_EXTENSION; implemented++) {
    for (unsigned bits = 0; bits < 4; bits++) {
      const bool pbmte = bits & 1, adue = bits & 2;
      const unsigned in_force = tw_extensions_in_force(implemented, pbmte, adue);
      for (unsigned bit = 0; bit < TW_EXT_COUNT; bit++) {
        const bool switched_off = (bit == 1 && !pbmte) || (bit == 2 && !adue);
        assert_int_equal(in_force >> bit & 1, !switched_off && (implemented >> bit & 1));
      }
    }
  }
}

/* Each extension takes its own bits from the reserved ones, in leaves and pointers, and leaves the others. */
static void each_upper_bit_is_reserved_unless_its_extension_is_in_force(void **state) {
  (void)state;
  for (unsigned extensions = 0; extensions <= EVERY_EXTENSION; extensions++) {
    for (unsigned bit = 54; bit < 64; bit++) {
      const unsigned taker = bit == 63 ? NAPOT : bit >= 61 ? MEMORY_TYPES : bit >= 59 ? SOFTWARE : 0;
      const bool taken = extensions & taker;
      const tw_reason leaf = !taken ? TW_REASON_RESERVED_BITS : bit == 63 ? TW_REASON_NAPOT_RESERVED : TW_OK;
      const bool ignored = taker == SOFTWARE; /* rule Svrsw60t59b_reserved_bits_60_59: everywhere */
      const tw_reason pointer = !taken ? TW_REASON_RESERVED_BITS : ignored ? TW_OK : TW_REASON_POINTER_RESERVED;
      decode_expect(extensions, BIT(bit) | V | R, 0, leaf);
      decode_expect(extensions, BIT(bit) | V | R, 1, leaf);
      decode_expect(extensions, BIT(bit) | V, 1, pointer);
    }
  }
}

/* Rule Svrsw60t59b_reserved_bits_60_59. */
static void software_s_bits_change_nothing_of_a_leaf_or_pointer(void **state) {
  (void)state;
  for (unsigned level = 0; level < 2; level++) {
    const tw_pte_view plain = tw_pte_decode(TW_SV39, SOFTWARE, BIT(20) << 10 | V | R, level);
    const tw_pte_view marked = tw_pte_decode(TW_SV39, SOFTWARE, BIT(60) | BIT(59) | BIT(20) << 10 | V | R, level);
    assert_int_equal(marked.kind, TW_PTE_LEAF);
    assert_true(marked.ppn == plain.ppn);
    assert_int_equal(marked.flags, plain.flags);
    assert_int_equal(marked.attribute, 0);
    assert_false(marked.napot);
  }
  assert_int_equal(tw_pte_decode(TW_SV39, SOFTWARE, BIT(60) | V, 1).kind, TW_PTE_POINTER);
}

/* Rules Svnapot_pte_N, Svnapot_valid_encoding, Svnapot_reserved_encoding_fault: every low PPN pattern, every level. */
static void napot_is_of_64_kib_at_level_0_and_reserved_otherwise(void **state) {
  (void)state;
  for (unsigned level = 0; level < 3; level++) {
    for (uint64_t low = 0; low < 16; low++) {
      const bool good = level == 0 && low == 8;
      decode_expect(NAPOT, BIT(63) | low << 10 | V | R | X, level, good ? TW_OK : TW_REASON_NAPOT_RESERVED);
    }
  }
  const tw_pte_view view = tw_pte_decode(TW_SV48, NAPOT, BIT(63) | (uint64_t)0xabcd8 << 10 | V | R, 0);
  assert_true(view.napot);
  assert_true(view.ppn == 0xabcd0);
}

static void napot_pattern_means_nothing_without_n(void **state) {
  (void)state;
  const tw_pte_view view = tw_pte_decode(TW_SV39, NAPOT, (uint64_t)0xabcd8 << 10 | V | R, 0);
  assert_int_equal(view.kind, TW_PTE_LEAF);
  assert_false(view.napot);
  assert_true(view.ppn == 0xabcd8);
}

/* Rules Svpbmt_leaf_pte_pbmt_reserved_3_fault, Svpbmt_nonleaf_pte_pbmt_must_be_zero. */
static void memory_type_of_a_leaf_is_told_and_3_is_reserved(void **state) {
  (void)state;
  for (unsigned value = 0; value < 4; value++) {
    for (unsigned level = 0; level < 3; level++) {
      decode_expect(MEMORY_TYPES, PBMT(value) | V | R, level, value == 3 ? TW_REASON_PBMT_RESERVED : TW_OK);
      const tw_pte_view view = tw_pte_decode(TW_SV57, MEMORY_TYPES, PBMT(value) | V | R, level);
      assert_int_equal(view.attribute, value == 3 ? 0 : value);
    }
    decode_expect(MEMORY_TYPES, PBMT(value) | V, 1, value == 0 ? TW_OK : TW_REASON_POINTER_RESERVED);
  }
}

/* D2 to D10: an entry that breaks several rules is told of the first. Each line repairs the line before. */
static void decode_names_the_first_broken_rule_of_the_extensions_too(void **state) {
  (void)state;
  const unsigned all = NAPOT | MEMORY_TYPES | SOFTWARE;
  const uint64_t broken = BIT(63) | PBMT(3) | BIT(10);
  decode_expect(all, broken | BIT(58) | W, 1, TW_REASON_INVALID);
  decode_expect(all, broken | BIT(58) | W | V, 1, TW_REASON_WRITE_ONLY);
  decode_expect(all, broken | BIT(58) | R | V, 1, TW_REASON_RESERVED_BITS);
  decode_expect(all, broken | R | V, 1, TW_REASON_PBMT_RESERVED);
  decode_expect(all, BIT(63) | PBMT(2) | BIT(10) | R | V, 1, TW_REASON_NAPOT_RESERVED);
  decode_expect(all, PBMT(2) | BIT(10) | R | V, 1, TW_REASON_MISALIGNED);
  decode_expect(all, PBMT(2) | R | V, 1, TW_OK);
  decode_expect(all, broken | BIT(58) | V, 0, TW_REASON_RESERVED_BITS);
  decode_expect(all, broken | V, 0, TW_REASON_POINTER_RESERVED);
  decode_expect(all, BIT(10) | V, 0, TW_REASON_NO_LEAF);
}

static void extensions_of_wide_entries_leave_sv32_alone(void **state) {
  (void)state;
  for (unsigned level = 0; level < 2; level++) {
    const tw_pte_view view = tw_pte_decode(TW_SV32, EVERY_EXTENSION, 0xffffffff00000000 | V | R | X, level);
    assert_int_equal(view.kind, TW_PTE_LEAF);
    assert_int_equal(view.attribute, 0);
    assert_false(view.napot);
  }
}

/* Rule Svnapot_implicit_read_ppn_subst: the low four VPN bits take the place of the PPN's. */
static void napot_page_takes_16_bits_of_the_virtual_address(void **state) {
  (void)state;
  for (int mode = TW_SV39; mode < TW_MODE_COUNT; mode++) {
    for (uint64_t page = 0; page < 16; page++) {
      const uint64_t va = 0xffffffff12340678 | page << 12;
      assert_true(tw_leaf_address((tw_mode)mode, 0xabcd0, 0, true, va) == (0xabcd0678 | page << 12));
      assert_true(tw_leaf_address((tw_mode)mode, 0xabcd8, 0, true, va) == (0xabcd0678 | page << 12));
    }
  }
}

static void walk_translates_every_page_of_a_napot_range(void **state) {
  (void)state;
  for (uint64_t page = 0; page < 16; page++) {
    walk_fixture fixture;
    fixture_make(&fixture, TW_SV39);
    fixture.context.extensions = NAPOT | MEMORY_TYPES;
    fixture.va = (fixture.va & ~(uint64_t)0xf000) | page << 12;
    fixture.address[0] = (fixture.address[0] & ~(uint64_t)0x7f) + page * 8;
    fixture.entry[0] |= NAPOT_PAGE | PBMT(TW_PBMT_NC);
    const tw_walk walk = fixture_walk(&fixture, TW_STORE, 8);
    assert_int_equal(walk.reason, TW_OK);
    assert_true(walk.pa == (((uint64_t)FIXTURE_LEAF_PPN << 12) | page << 12 | 0x120));
    assert_true(walk.napot);
    assert_int_equal(walk.attribute, TW_PBMT_NC);
    assert_int_equal(walk.level, 0);
  }
}

static void walk_tells_the_memory_type_of_pages_of_every_level(void **state) {
  (void)state;
  for (unsigned level = 0; level < 3; level++) {
    walk_fixture fixture;
    fixture_make(&fixture, TW_SV39);
    fixture.context.extensions = MEMORY_TYPES;
    fixture.entry[level] = (uint64_t)FIXTURE_LEAF_PPN << 10 | V | R | A | PBMT(TW_PBMT_IO);
    const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 8);
    assert_int_equal(walk.reason, TW_OK);
    assert_int_equal(walk.attribute, TW_PBMT_IO);
    assert_int_equal(walk.level, level);
    assert_false(walk.napot);
  }
}

/* A leaf that denies is told of all the same; an entry that is no leaf is not. */
static void walk_tells_of_the_leaf_that_denied_and_of_no_other_entry(void **state) {
  (void)state;
  walk_fixture fixture;
  fixture_make(&fixture, TW_SV39);
  fixture.context.extensions = NAPOT | MEMORY_TYPES;
  fixture.context.privilege = TW_USER;
  fixture.entry[0] |= NAPOT_PAGE | PBMT(TW_PBMT_IO);
  tw_walk walk = fixture_walk(&fixture, TW_LOAD, 8);
  assert_int_equal(walk.reason, TW_REASON_USER_DENIED);
  assert_true(walk.napot);
  assert_int_equal(walk.attribute, TW_PBMT_IO);
  assert_int_equal(walk.flags, 0xcf);
  fixture.entry[0] |= PBMT(3);
  walk = fixture_walk(&fixture, TW_LOAD, 8);
  assert_int_equal(walk.reason, TW_REASON_PBMT_RESERVED);
  assert_false(walk.napot);
  assert_int_equal(walk.attribute, 0);
  assert_int_equal(walk.flags, 0);
}

static void walk_faults_on_reserved_napot_and_memory_types_with_the_access_s_cause(void **state) {
  (void)state;
  for (int access = 0; access < TW_ACCESS_COUNT; access++) {
    walk_fixture fixture;
    fixture_make(&fixture, TW_SV57);
    fixture.context.extensions = NAPOT | MEMORY_TYPES;
    fixture.entry[0] |= BIT(63);
    fixture_expect_fault(&fixture, (tw_access)access, TW_REASON_NAPOT_RESERVED, 5);
    fixture.entry[0] |= PBMT(3);
    fixture_expect_fault(&fixture, (tw_access)access, TW_REASON_PBMT_RESERVED, 5);
    fixture.entry[2] |= PBMT(1);
    fixture_expect_fault(&fixture, (tw_access)access, TW_REASON_POINTER_RESERVED, 3);
    fixture.entry[3] |= BIT(54);
    fixture_expect_fault(&fixture, (tw_access)access, TW_REASON_RESERVED_BITS, 2);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(extensions_have_the_names_of_the_manual),
      cmocka_unit_test(pbmte_and_adue_put_their_extensions_in_force_and_no_other),
      cmocka_unit_test(each_upper_bit_is_reserved_unless_its_extension_is_in_force),
      cmocka_unit_test(software_s_bits_change_nothing_of_a_leaf_or_pointer),
      cmocka_unit_test(napot_is_of_64_kib_at_level_0_and_reserved_otherwise),
      cmocka_unit_test(napot_pattern_means_nothing_without_n),
      cmocka_unit_test(memory_type_of_a_leaf_is_told_and_3_is_reserved),
      cmocka_unit_test(decode_names_the_first_broken_rule_of_the_extensions_too),
      cmocka_unit_test(extensions_of_wide_entries_leave_sv32_alone),
      cmocka_unit_test(napot_page_takes_16_bits_of_the_virtual_address),
      cmocka_unit_test(walk_translates_every_page_of_a_napot_range),
      cmocka_unit_test(walk_tells_the_memory_type_of_pages_of_every_level),
      cmocka_unit_test(walk_tells_of_the_leaf_that_denied_and_of_no_other_entry),
      cmocka_unit_test(walk_faults_on_reserved_napot_and_memory_types_with_the_access_s_cause),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
