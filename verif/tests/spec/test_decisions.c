/* The oracle's small decisions: modes, satp, canonical addresses, effective privilege, reasons, causes and names.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BIT(n) ((uint64_t)1 << (n))

/* Rules Sv39_levels, Sv39_va_sz, satp_ppn_sv39_sz, asidlen and their kin. */
static void modes_have_the_shapes_of_the_manual(void **state) {
  (void)state;
  static const struct {
    tw_mode mode;
    const char *name;
    unsigned xlen, satp_mode, levels, vpn_bits, va_bits, ppn_bits, pa_bits, asid_bits, pte_bytes;
    uint64_t reserved;
  } expected[] = {
      {TW_SV32, "Sv32", 32, 1, 2, 10, 32, 22, 34, 9, 4, 0},
      {TW_SV39, "Sv39", 64, 8, 3, 9, 39, 44, 56, 16, 8, 0xffc0000000000000},
      {TW_SV48, "Sv48", 64, 9, 4, 9, 48, 44, 56, 16, 8, 0xffc0000000000000},
      {TW_SV57, "Sv57", 64, 10, 5, 9, 57, 44, 56, 16, 8, 0xffc0000000000000},
  };
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    const tw_mode_info *row = tw_mode_row(expected[i].mode);
    assert_string_equal(row->name, expected[i].name);
    assert_int_equal(row->xlen, expected[i].xlen);
    assert_int_equal(row->satp_mode, expected[i].satp_mode);
    assert_int_equal(row->levels, expected[i].levels);
    assert_int_equal(row->vpn_bits, expected[i].vpn_bits);
    assert_int_equal(row->va_bits, expected[i].va_bits);
    assert_int_equal(row->ppn_bits, expected[i].ppn_bits);
    assert_int_equal(row->pa_bits, expected[i].pa_bits);
    assert_int_equal(row->asid_bits, expected[i].asid_bits);
    assert_int_equal(row->pte_bytes, expected[i].pte_bytes);
    assert_true(row->pte_reserved == expected[i].reserved);
  }
}

static void every_mode_has_a_row_whose_fields_add_up(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    const tw_mode_info *row = tw_mode_row((tw_mode)mode);
    assert_int_equal(row->va_bits, TW_PAGE_BITS + row->levels * row->vpn_bits);
    assert_int_equal(row->pa_bits, TW_PAGE_BITS + row->ppn_bits);
    assert_int_equal((1u << row->vpn_bits) * row->pte_bytes, TW_PAGE_BYTES);
    assert_true(row->levels <= TW_MAX_LEVELS);
  }
  assert_string_equal(tw_mode_row(TW_BARE)->name, "Bare");
  assert_int_equal(tw_mode_row(TW_BARE)->levels, 0);
  assert_null(tw_mode_row(TW_MODE_COUNT));
}

static void satp_fields_lie_where_the_manual_has_them(void **state) {
  (void)state;
  tw_satp satp;
  assert_true(tw_satp_decode(32, 0x80000000u | 0x155u << 22 | 0x2abcdeu, &satp));
  assert_int_equal(satp.mode, TW_SV32);
  assert_int_equal(satp.asid, 0x155);
  assert_int_equal(satp.root_ppn, 0x2abcde);
  assert_true(tw_satp_decode(64, BIT(63) | (uint64_t)0xbeef << 44 | 0xabcdef01234, &satp));
  assert_int_equal(satp.mode, TW_SV39);
  assert_int_equal(satp.asid, 0xbeef);
  assert_true(satp.root_ppn == 0xabcdef01234);
  assert_true(tw_satp_decode(64, (uint64_t)9 << 60, &satp));
  assert_int_equal(satp.mode, TW_SV48);
  assert_true(tw_satp_decode(64, (uint64_t)10 << 60, &satp));
  assert_int_equal(satp.mode, TW_SV57);
}

static void satp_survives_decoding_and_encoding(void **state) {
  (void)state;
  static const uint64_t values64[] = {0,
                                      BIT(63),
                                      BIT(63) | 1,
                                      (uint64_t)8 << 60 | 0x0fffffffffffffff,
                                      (uint64_t)9 << 60 | 0x0123456789abcdef,
                                      (uint64_t)10 << 60 | BIT(59) | BIT(44),
                                      (uint64_t)10 << 60 | BIT(43)};
  static const uint64_t values32[] = {0, 0x80000000, 0xffffffff, 0x80400000, 0x80200000, 0xc0000001};
  tw_satp satp;
  for (size_t i = 0; i < sizeof values64 / sizeof values64[0]; i++) {
    assert_true(tw_satp_decode(64, values64[i], &satp));
    assert_true(tw_satp_encode(&satp) == values64[i]);
  }
  for (size_t i = 0; i < sizeof values32 / sizeof values32[0]; i++) {
    assert_true(tw_satp_decode(32, values32[i], &satp));
    assert_true(tw_satp_encode(&satp) == values32[i]);
  }
}

static void satp_encoding_cuts_fields_to_their_widths(void **state) {
  (void)state;
  tw_satp narrow = {.mode = TW_SV32, .asid = 0xffff, .root_ppn = UINT64_MAX};
  assert_true(tw_satp_encode(&narrow) == 0xffffffff);
  tw_satp wide = {.mode = TW_SV39, .asid = 0, .root_ppn = UINT64_MAX};
  assert_true(tw_satp_encode(&wide) == (BIT(63) | (BIT(44) - 1)));
  tw_satp bare = {.mode = TW_BARE, .asid = 5, .root_ppn = 7};
  assert_true(tw_satp_encode(&bare) == 0);
}

/* Rules satp_mode_sxlen64, satp_mode_op_unsupported. */
static void satp_refuses_reserved_modes_and_leaves_the_result_alone(void **state) {
  (void)state;
  unsigned refused = 0;
  for (unsigned mode = 0; mode < 16; mode++) {
    tw_satp satp = {.mode = TW_MODE_COUNT, .asid = 0x1234, .root_ppn = 0x5678};
    bool known = mode == 0 || mode == 8 || mode == 9 || mode == 10;
    assert_int_equal(tw_satp_decode(64, (uint64_t)mode << 60 | 0xfff, &satp), known);
    if (known) continue;
    refused++;
    assert_int_equal(satp.mode, TW_MODE_COUNT);
    assert_int_equal(satp.asid, 0x1234);
    assert_true(satp.root_ppn == 0x5678);
  }
  assert_int_equal(refused, 12);
}

static void satp_of_rv32_ignores_the_upper_half(void **state) {
  (void)state;
  tw_satp satp;
  assert_true(tw_satp_decode(32, 0xffffffff00000000u, &satp));
  assert_int_equal(satp.mode, TW_BARE);
  assert_true(tw_satp_decode(32, 0xffffffff80000001u, &satp));
  assert_int_equal(satp.mode, TW_SV32);
  assert_int_equal(satp.asid, 0);
  assert_true(satp.root_ppn == 1);
}

static void bare_satp_answers_no_asid_and_no_root(void **state) {
  (void)state;
  tw_satp satp = {.asid = 1, .root_ppn = 1};
  assert_true(tw_satp_decode(64, 0x0fffffffffffffff, &satp));
  assert_int_equal(satp.mode, TW_BARE);
  assert_int_equal(satp.asid, 0);
  assert_true(satp.root_ppn == 0);
}

/* Rules Sv39_va_signext, Sv48_va_signext, Sv57_va_signext: both sides of both edges, and each upper bit alone. */
static void canonical_addresses_end_at_the_sign_bit(void **state) {
  (void)state;
  static const struct {
    tw_mode mode;
    unsigned va_bits;
  } modes[] = {{TW_SV39, 39}, {TW_SV48, 48}, {TW_SV57, 57}};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    tw_mode mode = modes[i].mode;
    uint64_t half = BIT(modes[i].va_bits - 1);
    assert_true(tw_va_canonical(mode, 0));
    assert_true(tw_va_canonical(mode, half - 1));
    assert_false(tw_va_canonical(mode, half));
    assert_false(tw_va_canonical(mode, 0 - half - 1));
    assert_true(tw_va_canonical(mode, 0 - half));
    assert_true(tw_va_canonical(mode, UINT64_MAX));
    for (unsigned bit = modes[i].va_bits - 1; bit < 64; bit++) {
      assert_false(tw_va_canonical(mode, BIT(bit)));
      assert_false(tw_va_canonical(mode, UINT64_MAX ^ BIT(bit)));
    }
  }
}

static void every_address_is_canonical_in_sv32_and_bare(void **state) {
  (void)state;
  static const uint64_t addresses[] = {0, 0x7fffffff, 0x80000000, 0xffffffff, BIT(38), BIT(63), UINT64_MAX};
  for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
    assert_true(tw_va_canonical(TW_SV32, addresses[i]));
    assert_true(tw_va_canonical(TW_BARE, addresses[i]));
  }
}

/* Rules mstatus_mprv_ldst_op, mstatus_mprv_inst_xlat_op. */
static void mprv_lends_mpp_to_data_accesses_of_machine_mode_alone(void **state) {
  (void)state;
  static const tw_privilege all[] = {TW_USER, TW_SUPERVISOR, TW_MACHINE};
  for (int now = 0; now < 3; now++) {
    for (int before = 0; before < 3; before++) {
      for (int access = 0; access < TW_ACCESS_COUNT; access++) {
        tw_status status = {.privilege = all[now], .mprv = false, .mpp = all[before]};
        assert_int_equal(tw_privilege_effective(&status, (tw_access)access), all[now]);
        status.mprv = true;
        tw_privilege expected = access != TW_FETCH && all[now] == TW_MACHINE ? all[before] : all[now];
        assert_int_equal(tw_privilege_effective(&status, (tw_access)access), expected);
      }
    }
  }
}

/* Rule satp_op_active. */
static void only_supervisor_and_user_are_translated_and_not_in_bare(void **state) {
  (void)state;
  for (int mode = 0; mode < TW_MODE_COUNT; mode++) {
    tw_context context = {.satp = {.mode = (tw_mode)mode}, .xlen = mode == TW_SV32 ? 32 : 64};
    context.privilege = TW_USER;
    assert_int_equal(tw_context_translates(&context), mode != TW_BARE);
    context.privilege = TW_SUPERVISOR;
    assert_int_equal(tw_context_translates(&context), mode != TW_BARE);
    context.privilege = TW_MACHINE;
    assert_false(tw_context_translates(&context));
  }
}

static void every_reason_is_found_by_its_name(void **state) {
  (void)state;
  for (int reason = 0; reason < TW_REASON_COUNT; reason++) {
    tw_reason found = TW_REASON_COUNT;
    assert_true(tw_reason_from_name(tw_reason_name((tw_reason)reason), &found));
    assert_int_equal(found, reason);
    assert_true(strlen(tw_reason_text((tw_reason)reason)) > 0);
    assert_true(strlen(tw_reason_rule((tw_reason)reason)) > 0);
  }
  assert_string_equal(tw_reason_name(TW_REASON_DIRTY_CLEAR), "dirty-clear");
}

static void unknown_names_are_no_reason(void **state) {
  (void)state;
  static const char *const names[] = {"", "dirty", "dirty-clear ", "DIRTY-CLEAR", "unknown"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    tw_reason found = TW_REASON_NO_LEAF;
    assert_false(tw_reason_from_name(names[i], &found));
    assert_int_equal(found, TW_REASON_NO_LEAF);
  }
  assert_string_equal(tw_reason_name(TW_REASON_COUNT), "unknown");
}

static void every_reason_and_access_has_its_cause(void **state) {
  (void)state;
  static const tw_cause page[TW_ACCESS_COUNT] = {12, 13, 15, 15};
  static const tw_cause access_fault[TW_ACCESS_COUNT] = {1, 5, 7, 7};
  for (int reason = 0; reason < TW_REASON_COUNT; reason++) {
    bool physical =
        reason == TW_REASON_TABLE_BUS_ERROR || (reason >= TW_REASON_PHYSICAL_RANGE && reason <= TW_REASON_PMP_DENIED);
    for (int access = 0; access < TW_ACCESS_COUNT; access++) {
      tw_cause expected = reason == TW_OK ? TW_CAUSE_NONE : physical ? access_fault[access] : page[access];
      assert_int_equal(tw_reason_cause((tw_reason)reason, (tw_access)access), expected);
    }
  }
}

static void causes_accesses_and_privileges_have_names(void **state) {
  (void)state;
  assert_string_equal(tw_cause_name(TW_CAUSE_NONE), "none");
  assert_string_equal(tw_cause_name(TW_CAUSE_FETCH_ACCESS_FAULT), "fetch access fault");
  assert_string_equal(tw_cause_name(TW_CAUSE_LOAD_ACCESS_FAULT), "load access fault");
  assert_string_equal(tw_cause_name(TW_CAUSE_STORE_ACCESS_FAULT), "store access fault");
  assert_string_equal(tw_cause_name(TW_CAUSE_FETCH_PAGE_FAULT), "fetch page fault");
  assert_string_equal(tw_cause_name(TW_CAUSE_LOAD_PAGE_FAULT), "load page fault");
  assert_string_equal(tw_cause_name(TW_CAUSE_STORE_PAGE_FAULT), "store page fault");
  assert_string_equal(tw_access_name(TW_FETCH), "fetch");
  assert_string_equal(tw_access_name(TW_LOAD), "load");
  assert_string_equal(tw_access_name(TW_STORE), "store");
  assert_string_equal(tw_access_name(TW_AMO), "amo");
  assert_string_equal(tw_privilege_name(TW_USER), "U");
  assert_string_equal(tw_privilege_name(TW_SUPERVISOR), "S");
  assert_string_equal(tw_privilege_name(TW_MACHINE), "M");
}

static void values_outside_the_lists_have_no_name_and_no_cause(void **state) {
  (void)state;
  assert_string_equal(tw_cause_name((tw_cause)2), "unknown");
  assert_string_equal(tw_access_name(TW_ACCESS_COUNT), "unknown");
  assert_string_equal(tw_privilege_name((tw_privilege)2), "unknown");
  assert_int_equal(tw_reason_cause(TW_REASON_INVALID, TW_ACCESS_COUNT), TW_CAUSE_NONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(modes_have_the_shapes_of_the_manual),
      cmocka_unit_test(every_mode_has_a_row_whose_fields_add_up),
      cmocka_unit_test(satp_fields_lie_where_the_manual_has_them),
      cmocka_unit_test(satp_survives_decoding_and_encoding),
      cmocka_unit_test(satp_encoding_cuts_fields_to_their_widths),
      cmocka_unit_test(satp_refuses_reserved_modes_and_leaves_the_result_alone),
      cmocka_unit_test(satp_of_rv32_ignores_the_upper_half),
      cmocka_unit_test(bare_satp_answers_no_asid_and_no_root),
      cmocka_unit_test(canonical_addresses_end_at_the_sign_bit),
      cmocka_unit_test(every_address_is_canonical_in_sv32_and_bare),
      cmocka_unit_test(mprv_lends_mpp_to_data_accesses_of_machine_mode_alone),
      cmocka_unit_test(only_supervisor_and_user_are_translated_and_not_in_bare),
      cmocka_unit_test(every_reason_is_found_by_its_name),
      cmocka_unit_test(unknown_names_are_no_reason),
      cmocka_unit_test(every_reason_and_access_has_its_cause),
      cmocka_unit_test(causes_accesses_and_privileges_have_names),
      cmocka_unit_test(values_outside_the_lists_have_no_name_and_no_cause),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
