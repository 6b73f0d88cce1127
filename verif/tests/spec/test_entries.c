/* What the oracle makes of one entry: pointer, leaf or fault; whether it grants; and the addresses made of it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BIT(n) ((uint64_t)1 << (n))

enum { V = TW_PTE_V, R = TW_PTE_R, W = TW_PTE_W, X = TW_PTE_X, U = TW_PTE_U, G = TW_PTE_G, A = TW_PTE_A, D = TW_PTE_D };

static void decode_expect(tw_mode mode, uint64_t pte, unsigned level, tw_reason reason) {
  tw_pte_view view = tw_pte_decode(mode, 0, pte, level);
  assert_int_equal(view.reason, reason);
  assert_int_equal(view.kind == TW_PTE_FAULT, reason != TW_OK);
}

static void decode_tells_pointers_from_leaves_by_r_w_and_x(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    for (unsigned rights = 0; rights < 8; rights++) {
      tw_pte_view view = tw_pte_decode((tw_mode)mode, 0, (uint64_t)rights << 1 | V, 1);
      bool reserved = (rights & 3) == 2;
      tw_pte_kind sound = rights == 0 ? TW_PTE_POINTER : TW_PTE_LEAF;
      assert_int_equal(view.kind, reserved ? TW_PTE_FAULT : sound);
      assert_int_equal(view.reason, reserved ? TW_REASON_WRITE_ONLY : TW_OK);
    }
  }
}

static void decode_answers_ppn_and_flags_also_of_a_fault(void **state) {
  (void)state;
  tw_pte_view narrow = tw_pte_decode(TW_SV32, 0, 0xfffffffe, 0);
  assert_int_equal(narrow.reason, TW_REASON_INVALID);
  assert_true(narrow.ppn == 0x3fffff);
  assert_int_equal(narrow.flags, 0xfe);
  tw_pte_view wide = tw_pte_decode(TW_SV39, 0, UINT64_MAX, 0);
  assert_int_equal(wide.reason, TW_REASON_RESERVED_BITS);
  assert_true(wide.ppn == 0xfffffffffff);
  assert_int_equal(wide.flags, 0xff);
}

static void decode_ignores_software_bits_and_the_upper_half_of_a_narrow_entry(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) decode_expect((tw_mode)mode, 0x300 | V | R, 0, TW_OK);
  decode_expect(TW_SV32, 0xffffffff00000000 | V | R, 1, TW_OK);
  assert_true(tw_pte_decode(TW_SV32, 0, 0xffffffff00000000 | V | R, 1).ppn == 0);
}

/* Rules Sv39_pte_svnapot_rsv, Sv39_pte_svpbmt_rsv, Sv39_pte_future_rsv: each bit alone, in leaves and pointers. */
static void decode_refuses_each_reserved_bit(void **state) {
  (void)state;
  for (int mode = TW_SV39; mode < TW_MODE_COUNT; mode++) {
    for (unsigned bit = 54; bit < 64; bit++) {
      decode_expect((tw_mode)mode, BIT(bit) | V | R, 0, TW_REASON_RESERVED_BITS);
      decode_expect((tw_mode)mode, BIT(bit) | V, 1, TW_REASON_RESERVED_BITS);
    }
    decode_expect((tw_mode)mode, BIT(53) | V | R, 0, TW_OK);
  }
}

static void decode_refuses_d_a_and_u_in_a_pointer_but_takes_g(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    decode_expect((tw_mode)mode, V | D, 1, TW_REASON_POINTER_RESERVED);
    decode_expect((tw_mode)mode, V | A, 1, TW_REASON_POINTER_RESERVED);
    decode_expect((tw_mode)mode, V | U, 1, TW_REASON_POINTER_RESERVED);
    decode_expect((tw_mode)mode, V | G, 1, TW_OK);
  }
}

static void decode_refuses_a_pointer_at_level_0_and_takes_it_at_level_1(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    decode_expect((tw_mode)mode, V, 0, TW_REASON_NO_LEAF);
    decode_expect((tw_mode)mode, V, 1, TW_OK);
  }
}

/* Rules Sv39_superpage_align_fault and its kin: every PPN bit, at every level. */
static void decode_refuses_superpages_that_are_not_aligned_to_their_size(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    const tw_mode_info *row = tw_mode_row((tw_mode)mode);
    for (unsigned level = 0; level < row->levels; level++) {
      for (unsigned bit = 0; bit < row->ppn_bits; bit++) {
        tw_reason expected = bit < level * row->vpn_bits ? TW_REASON_MISALIGNED : TW_OK;
        decode_expect((tw_mode)mode, BIT(10 + bit) | V | R, level, expected);
      }
    }
  }
}

/* Sv steps 3 to 5: an entry that breaks several rules is told of the first. Each line repairs the line before. */
static void decode_names_the_first_broken_rule(void **state) {
  (void)state;
  const uint64_t reserved = BIT(63), page = BIT(10);
  decode_expect(TW_SV39, reserved | page | W | U | A | D, 1, TW_REASON_INVALID);
  decode_expect(TW_SV39, reserved | page | W | U | A | D | V, 1, TW_REASON_WRITE_ONLY);
  decode_expect(TW_SV39, reserved | page | W | R | U | A | D | V, 1, TW_REASON_RESERVED_BITS);
  decode_expect(TW_SV39, page | W | R | U | A | D | V, 1, TW_REASON_MISALIGNED);
  decode_expect(TW_SV39, W | R | U | A | D | V, 1, TW_OK);
  decode_expect(TW_SV39, reserved | U | A | D | V, 0, TW_REASON_RESERVED_BITS);
  decode_expect(TW_SV39, U | A | D | V, 0, TW_REASON_POINTER_RESERVED);
  decode_expect(TW_SV39, V, 0, TW_REASON_NO_LEAF);
}

/* Sv steps 6 and 8 as sets of rights: who the page belongs to, then what may be done to it. */
static tw_reason permission_truth(unsigned flags, tw_access access, tw_privilege privilege, bool sum, bool mxr) {
  bool of_user = (flags & 0x10) != 0;
  bool rights[TW_ACCESS_COUNT] = {
      [TW_FETCH] = (flags >> 3) % 2 == 1,
      [TW_LOAD] = (flags >> 1) % 2 == 1,
      [TW_STORE] = (flags >> 2) % 2 == 1,
      [TW_AMO] = (flags >> 2) % 2 == 1,
  };
  static const tw_reason denied[TW_ACCESS_COUNT] = {TW_REASON_EXECUTE_DENIED, TW_REASON_READ_DENIED,
                                                    TW_REASON_WRITE_DENIED, TW_REASON_WRITE_DENIED};
  if (mxr && rights[TW_FETCH]) rights[TW_LOAD] = true;
  bool data = access == TW_LOAD || access == TW_STORE || access == TW_AMO;
  switch (privilege) {
  case TW_MACHINE:
    return TW_OK;
  case TW_USER:
    if (!of_user) return TW_REASON_USER_DENIED;
    break;
  case TW_SUPERVISOR:
    if (of_user && !(data && sum)) return TW_REASON_SUPERVISOR_DENIED;
    break;
  }
  return rights[access] ? TW_OK : denied[access];
}

static void permission_agrees_with_the_truth_for_everything(void **state) {
  (void)state;
  static const tw_privilege privileges[] = {TW_USER, TW_SUPERVISOR, TW_MACHINE};
  unsigned checked = 0;
  for (unsigned flags = 0; flags < 256; flags++) {
    for (unsigned choice = 0; choice < 48; choice++) {
      tw_access access = (tw_access)(choice % 4);
      tw_context context = {.satp = {.mode = TW_SV39},
                            .privilege = privileges[choice / 4 % 3],
                            .sum = choice / 12 % 2,
                            .mxr = choice / 24,
                            .xlen = 64};
      tw_reason expected = permission_truth(flags, access, context.privilege, context.sum, context.mxr);
      assert_int_equal(tw_permission_check((uint8_t)flags, access, &context), expected);
      checked++;
    }
  }
  assert_int_equal(checked, 256 * 4 * 3 * 2 * 2);
}

static void permission_denies_by_privilege_before_it_denies_by_right(void **state) {
  (void)state;
  tw_context user = {.satp = {.mode = TW_SV39}, .privilege = TW_USER, .xlen = 64};
  tw_context supervisor = {.satp = {.mode = TW_SV39}, .privilege = TW_SUPERVISOR, .xlen = 64};
  assert_int_equal(tw_permission_check(V | X, TW_LOAD, &user), TW_REASON_USER_DENIED);
  assert_int_equal(tw_permission_check(V | X | U, TW_LOAD, &user), TW_REASON_READ_DENIED);
  assert_int_equal(tw_permission_check(V | X | U, TW_LOAD, &supervisor), TW_REASON_SUPERVISOR_DENIED);
  supervisor.sum = true;
  assert_int_equal(tw_permission_check(V | X | U, TW_LOAD, &supervisor), TW_REASON_READ_DENIED);
  supervisor.mxr = true;
  assert_int_equal(tw_permission_check(V | X | U, TW_LOAD, &supervisor), TW_OK);
  assert_int_equal(tw_permission_check(V | X | U, TW_FETCH, &supervisor), TW_REASON_SUPERVISOR_DENIED);
}

/* Rule svade_access_ad_bit_clear. */
static void accessed_is_asked_of_everybody_and_dirty_of_writers(void **state) {
  (void)state;
  for (unsigned flags = 0; flags < 256; flags++) {
    for (int access = 0; access < TW_ACCESS_COUNT; access++) {
      bool writes = access >= TW_STORE;
      tw_reason expected = !(flags & 0x40)             ? TW_REASON_ACCESSED_CLEAR
                           : writes && !(flags & 0x80) ? TW_REASON_DIRTY_CLEAR
                                                       : TW_OK;
      assert_int_equal(tw_accessed_dirty_check((uint8_t)flags, (tw_access)access), expected);
    }
  }
}

/* Sv step 2, by hand. */
static void entry_addresses_take_the_level_s_own_bits(void **state) {
  (void)state;
  const uint64_t narrow = (uint64_t)0x2aa << 22 | 0x155 << 12 | 0xfff;
  assert_true(tw_pte_address(TW_SV32, 0x3fffff, 1, narrow) == 0x3fffff000 + 0x2aa * 4);
  assert_true(tw_pte_address(TW_SV32, 0x3fffff, 0, narrow) == 0x3fffff000 + 0x155 * 4);
  assert_true(tw_pte_address(TW_SV32, 1, 1, 0xffffffff00000000) == 0x1000);
  const uint64_t wide =
      (uint64_t)0x101 << 48 | (uint64_t)0x0f3 << 39 | (uint64_t)0x1aa << 30 | 0x155 << 21 | 0x0cc << 12 | 0xfff;
  static const uint64_t vpn[] = {0x0cc, 0x155, 0x1aa, 0x0f3, 0x101};
  for (int mode = TW_SV39; mode < TW_MODE_COUNT; mode++) {
    for (unsigned level = 0; level < tw_mode_row((tw_mode)mode)->levels; level++) {
      assert_true(tw_pte_address((tw_mode)mode, 0xfffffffffff, level, wide) == 0xfffffffffff000 + vpn[level] * 8);
    }
  }
}

/* Sv step 10, by hand. */
static void leaf_addresses_take_the_page_s_offset_from_the_virtual_one(void **state) {
  (void)state;
  assert_true(tw_leaf_address(TW_SV32, 0x3fffff, 0, false, 0xffffffff12345678) == 0x3fffff678);
  assert_true(tw_leaf_address(TW_SV32, 0x3ffc00, 1, false, 0xffffffff12345678) == (0x3ffc00000 | 0x345678));
  assert_true(tw_leaf_address(TW_SV32, 0x3fffff, 1, false, 0) ==
              0x3ffc00000); /* the entry's lower fields do not count */
  const uint64_t va = 0xffffa5a5a5a5a5a5;
  static const struct { unsigned level, offset_bits; } pages[] = {{0, 12}, {1, 21}, {2, 30}, {3, 39}, {4, 48}};
  for (int mode = TW_SV39; mode < TW_MODE_COUNT; mode++) {
    for (unsigned level = 0; level < tw_mode_row((tw_mode)mode)->levels; level++) {
      uint64_t offset = va & (BIT(pages[level].offset_bits) - 1);
      uint64_t page = BIT(55) | BIT(pages[level].offset_bits);
      assert_true(tw_leaf_address((tw_mode)mode, page >> 12, level, false, va) == (page | offset));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decode_tells_pointers_from_leaves_by_r_w_and_x),
      cmocka_unit_test(decode_answers_ppn_and_flags_also_of_a_fault),
      cmocka_unit_test(decode_ignores_software_bits_and_the_upper_half_of_a_narrow_entry),
      cmocka_unit_test(decode_refuses_each_reserved_bit),
      cmocka_unit_test(decode_refuses_d_a_and_u_in_a_pointer_but_takes_g),
      cmocka_unit_test(decode_refuses_a_pointer_at_level_0_and_takes_it_at_level_1),
      cmocka_unit_test(decode_refuses_superpages_that_are_not_aligned_to_their_size),
      cmocka_unit_test(decode_names_the_first_broken_rule),
      cmocka_unit_test(permission_agrees_with_the_truth_for_everything),
      cmocka_unit_test(permission_denies_by_privilege_before_it_denies_by_right),
      cmocka_unit_test(accessed_is_asked_of_everybody_and_dirty_of_writers),
      cmocka_unit_test(entry_addresses_take_the_level_s_own_bits),
      cmocka_unit_test(leaf_addresses_take_the_page_s_offset_from_the_virtual_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
