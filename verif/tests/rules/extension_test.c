/* Directed tests of the rules of Svnapot, Svpbmt, Svadu, Svvptc, Svrsw60t59b and of the bits of menvcfg.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#define VA 0x40200000u
#define NAPOT_LEAF (LEAF | TW_PTE_N)
#define PBMT(n) ((uint64_t)(n) << TW_PTE_PBMT_SHIFT)

static const tw_mode wide_modes[] = {TW_SV39, TW_SV48, TW_SV57};
static const tw_access accesses[] = {TW_FETCH, TW_LOAD, TW_STORE, TW_AMO};

static void extensions_enable(rig *r, bool adue, bool pbmte) {
  r->control.adue = adue;
  r->control.pbmte = pbmte;
  rig_apply(r);
}

/* Rules Svnapot_pte_N, Svnapot_range_napot, Svnapot_valid_encoding, Svnapot_implicit_read_ppn_subst: a leaf with N=1
 * and PPN[3:0]=8 maps 64 KiB; the low bits come from the virtual address. */
static void a_napot_leaf_maps_64_kib(void **state) {
  for (unsigned m = 0; m < 3; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = wide_modes[m], .with = TW_EXT_SVNAPOT});
    for (uint64_t part = 0; part < 16; part++) rig_map(&r, VA + part * 0x1000, 0, RIG_PAGE + 0x8000, NAPOT_LEAF);
    for (uint64_t part = 0; part < 16; part++) {
      rig_answer answer = rig_ask(&r, TW_LOAD, VA + part * 0x1000 + 0x123);
      assert_int_equal(answer.status, TW_PIN_TRANSLATED);
      assert_int_equal(answer.pa, RIG_PAGE + part * 0x1000 + 0x123);
      assert_true(answer.napot);
      assert_int_equal(answer.level, 0);
    }
    rig_denies(&r, TW_LOAD, VA + 0x10000, TW_REASON_INVALID);
    rig_close(&r);
  }
}

/* Rule Svnapot_reserved_encoding_fault: every other pattern of PPN[3:0], and N above level 0. */
static void a_reserved_napot_encoding_faults(void **state) {
  for (unsigned m = 0; m < 3; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = wide_modes[m], .with = TW_EXT_SVNAPOT});
    for (uint64_t pattern = 0; pattern < 16; pattern++) {
      if (pattern == 8) continue;
      rig_map(&r, VA, 0, RIG_PAGE + pattern * 0x1000, NAPOT_LEAF);
      for (unsigned i = 0; i < 4; i++) rig_denies(&r, accesses[i], VA, TW_REASON_NAPOT_RESERVED);
    }
    for (unsigned level = 1; level < tw_mode_row(wide_modes[m])->levels; level++) {
      uint64_t va = BIT(TW_PAGE_BITS + 9 * level) * (level + 1);
      rig_map(&r, va, level, 0, NAPOT_LEAF);
      rig_denies(&r, TW_LOAD, va, TW_REASON_NAPOT_RESERVED);
      rig_map(&r, va, level, 0x8000, NAPOT_LEAF);
      rig_denies(&r, TW_LOAD, va, TW_REASON_NAPOT_RESERVED);
    }
    rig_close(&r);
  }
}

/* Rule Svnapot_cache_entries: what one part brought into a TLB may answer for the others. */
static void one_napot_entry_answers_for_all_parts(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVNAPOT});
  for (uint64_t part = 0; part < 16; part++) rig_map(&r, VA + part * 0x1000, 0, RIG_PAGE + 0x8000, NAPOT_LEAF);
  rig_grants(&r, TW_LOAD, VA + 0x5000, RIG_PAGE + 0x5000);
  for (uint64_t part = 0; part < 16; part++) {
    rig_answer answer = rig_ask(&r, TW_LOAD, VA + part * 0x1000);
    assert_int_equal(answer.pa, RIG_PAGE + part * 0x1000);
    if (rig_remembers(&r)) assert_int_equal(answer.reads, 0);
  }
  rig_close(&r);
}

/* Rules Svnapot_depends_Sv39, Svpbmt_depends_Sv39: a configuration of Sv32 cannot have them. */
static void sv32_has_neither_svnapot_nor_svpbmt(void **state) {
  (void)state;
  static const unsigned extensions[] = {TW_EXT_SVNAPOT, TW_EXT_SVPBMT};
  tw_error error;
  for (unsigned i = 0; i < 2; i++) {
    tw_config config = TW_CONFIG_TINY32;
    assert_true(tw_config_validate(&config, &error));
    config.extensions = extensions[i];
    assert_false(tw_config_validate(&config, &error));
    config = TW_CONFIG_BASE39;
    config.extensions = extensions[i];
    assert_true(tw_config_validate(&config, &error));
  }
}

/* Rules Svpbmt_nonleaf_pte_pbmt_must_be_zero, Svpbmt_leaf_pte_pbmt_reserved_3_fault, menvcfg_pbmte_op: PBMT of a leaf
 * is the answer's attribute. */
static void pbmt_of_a_leaf_is_the_attribute(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVPBMT});
  extensions_enable(&r, false, true);
  for (unsigned value = 0; value < 3; value++) {
    for (unsigned level = 0; level < 3; level++) {
      uint64_t va = value * 32 * GIB + BIT(TW_PAGE_BITS + 9 * level);
      rig_map(&r, va, level, level == 2 ? GIB : RIG_PAGE, LEAF | PBMT(value));
      for (unsigned i = 0; i < 2; i++) {
        rig_answer answer = rig_ask(&r, TW_LOAD, va);
        assert_int_equal(answer.status, TW_PIN_TRANSLATED);
        assert_int_equal(answer.attribute, value);
      }
    }
  }
  rig_close(&r);
}

/* Rule Svpbmt_leaf_pte_pbmt_reserved_3_fault. */
static void pbmt_3_of_a_leaf_faults(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVPBMT});
  extensions_enable(&r, false, true);
  for (unsigned level = 0; level < 3; level++) {
    uint64_t va = BIT(TW_PAGE_BITS + 9 * level);
    rig_map(&r, va, level, 0, LEAF | PBMT(3));
    for (unsigned i = 0; i < 4; i++) rig_denies(&r, accesses[i], va, TW_REASON_PBMT_RESERVED);
  }
  rig_close(&r);
}

/* Rule Svpbmt_nonleaf_pte_pbmt_must_be_zero; Sv step 3: so must N be. */
static void pbmt_and_n_of_a_pointer_fault(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVPBMT | TW_EXT_SVNAPOT});
  extensions_enable(&r, false, true);
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  uint64_t pointer = rig_entry(&r, VA, 1), pte = rig_read(&r, pointer);
  for (unsigned bit = 61; bit < 64; bit++) {
    rig_write(&r, pointer, pte | BIT(bit));
    rig_denies(&r, TW_LOAD, VA, TW_REASON_POINTER_RESERVED);
  }
  rig_write(&r, pointer, pte);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  rig_close(&r);
}

/* Rules menvcfg_pbmte_op, menvcfg_pbmte_fence: with PBMTE=0 the bits are reserved; after a fence an entry is read again
 * under the PBMTE that is in force. */
static void pbmte_says_whether_pbmt_counts(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVPBMT});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF | PBMT(TW_PBMT_NC));
  for (unsigned round = 0; round < 4; round++) {
    extensions_enable(&r, false, round % 2);
    rig_fence_all(&r);
    if (round % 2) {
      assert_int_equal(rig_ask(&r, TW_LOAD, VA).attribute, TW_PBMT_NC);
    } else {
      rig_denies(&r, TW_LOAD, VA, TW_REASON_RESERVED_BITS);
    }
  }
  rig_close(&r);
}

/* Rules menvcfg_pbmte_rdonly0, menvcfg_adue_rdonly0: without their extensions PBMTE and ADUE stay 0. */
static void pbmte_and_adue_stay_0_without_their_extensions(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .without = TW_EXT_SVPBMT | TW_EXT_SVADU});
  extensions_enable(&r, true, true);
  rig_map(&r, VA, 0, RIG_PAGE, LEAF | PBMT(TW_PBMT_NC));
  rig_denies(&r, TW_LOAD, VA, TW_REASON_RESERVED_BITS);
  rig_map(&r, VA, 0, RIG_PAGE, VRWX);
  rig_denies(&r, TW_LOAD, VA, TW_REASON_ACCESSED_CLEAR);
  rig_close(&r);
}

/* Rules Svadu_hw_update_a_d_bits, menvcfg_adue_op; Sv step 9: A, and D for a store or amo, are set in memory by a
 * compare-and-swap, and in nothing else. */
static void hardware_sets_a_and_d(void **state) {
  static const tw_mode modes[] = {TW_SV39, TW_SV32};
  for (unsigned m = 0; m < 2; m++) {
    rig r;
    const rig_needs needs = {.mode = modes[m], .with = TW_EXT_SVADU};
    if (m == 0) rig_open(&r, state, &needs);
    if (m > 0 && !rig_try(&r, &needs)) continue;
    extensions_enable(&r, true, false);
    for (unsigned i = 0; i < 4; i++) {
      uint64_t va = VA + i * 0x1000u;
      uint64_t entry = rig_map(&r, va, 0, RIG_PAGE, VRWX | 3u << 8), before = rig_read(&r, entry);
      rig_answer answer = rig_ask(&r, accesses[i], va);
      uint64_t set = i < 2 ? TW_PTE_A : TW_PTE_A | TW_PTE_D;
      assert_int_equal(answer.status, TW_PIN_TRANSLATED);
      assert_int_equal(answer.updates, 1);
      assert_true(rig_read(&r, entry) == (before | set));
      assert_int_equal(answer.flags & (TW_PTE_A | TW_PTE_D), set);
      assert_int_equal(rig_ask(&r, accesses[i], va).updates, 0);
    }
    rig_close(&r);
  }
}

/* Rule menvcfg_adue_op; Sv step 9: a store to a page that a load has brought into a TLB sets D then. */
static void hardware_sets_d_when_a_clean_page_is_written(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVADU});
  extensions_enable(&r, true, false);
  uint64_t entry = rig_map(&r, VA, 0, RIG_PAGE, VRWX);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  assert_false(rig_read(&r, entry) & TW_PTE_D);
  assert_int_equal(rig_ask(&r, TW_STORE, VA).updates, 1);
  assert_true(rig_read(&r, entry) & TW_PTE_D);
  assert_int_equal(rig_ask(&r, TW_STORE, VA).updates, 0);
  rig_close(&r);
}

/* Sv step 9: an entry that changed before the update is read again, and judged as it is then. */
static void an_update_that_finds_another_entry_begins_again(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVADU});
  extensions_enable(&r, true, false);
  uint64_t entry = rig_map(&r, VA, 0, RIG_PAGE, VRWX);
  r.tamper_pa = entry;
  r.tamper_pte = (RIG_PAGE + 0x5000u) >> 2 | VRWX;
  rig_answer answer = rig_ask(&r, TW_STORE, VA);
  assert_int_equal(answer.pa, RIG_PAGE + 0x5000u);
  assert_int_equal(answer.updates, 2);
  assert_true(rig_read(&r, entry) == (r.tamper_pte | TW_PTE_A | TW_PTE_D));
  entry = rig_map(&r, VA + 0x1000, 0, RIG_PAGE, VRWX);
  r.tamper_pa = entry;
  r.tamper_pte = 0;
  rig_denies(&r, TW_LOAD, VA + 0x1000, TW_REASON_INVALID);
  assert_int_equal(rig_read(&r, entry), 0);
  rig_close(&r);
}

/* Sv step 9: no update where a check before it fails (cvw #1833), nor for a speculative access. */
static void nothing_is_updated_for_an_access_that_faults(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVADU});
  extensions_enable(&r, true, false);
  static const struct {
    uint64_t flags;
    tw_access access;
    tw_reason reason;
  } cases[] = {{VRWX | TW_PTE_U, TW_LOAD, TW_REASON_SUPERVISOR_DENIED},
               {TW_PTE_V | TW_PTE_R, TW_STORE, TW_REASON_WRITE_DENIED},
               {TW_PTE_V | TW_PTE_X, TW_LOAD, TW_REASON_READ_DENIED},
               {TW_PTE_V | TW_PTE_R, TW_FETCH, TW_REASON_EXECUTE_DENIED},
               {VRWX | BIT(54), TW_LOAD, TW_REASON_RESERVED_BITS},
               {TW_PTE_V | TW_PTE_W, TW_STORE, TW_REASON_WRITE_ONLY}};
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    uint64_t entry = rig_map(&r, VA, 0, RIG_PAGE, cases[i].flags), before = rig_read(&r, entry);
    rig_denies(&r, cases[i].access, VA, cases[i].reason);
    assert_true(rig_read(&r, entry) == before);
  }
  uint64_t entry = rig_map(&r, VA, 0, RIG_PAGE, VRWX), before = rig_read(&r, entry);
  assert_int_equal(rig_ask_speculative(&r, TW_LOAD, VA).status, TW_PIN_RETRY);
  assert_true(rig_read(&r, entry) == before);
  rig_close(&r);
}

/* Rules Svadu_disabled_hw_update_falls_back_to_svade, menvcfg_adue_op, menvcfg_adue_fence: with ADUE=0 there is a fault
 * and no update; after a fence every entry is read under the ADUE that is in force. */
static void without_adue_there_is_a_fault_and_no_update(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVADU});
  uint64_t entry = rig_map(&r, VA, 0, RIG_PAGE, VRWX), before = rig_read(&r, entry);
  rig_denies(&r, TW_LOAD, VA, TW_REASON_ACCESSED_CLEAR);
  rig_denies(&r, TW_STORE, VA, TW_REASON_ACCESSED_CLEAR);
  assert_true(rig_read(&r, entry) == before);
  extensions_enable(&r, true, false);
  rig_fence_all(&r);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  extensions_enable(&r, false, false);
  rig_fence_all(&r);
  rig_denies(&r, TW_STORE, VA, TW_REASON_DIRTY_CLEAR);
  assert_true(rig_read(&r, entry) == (before | TW_PTE_A));
  rig_close(&r);
}

/* Rule Svvptc_explicit_stores_update_valid_bit: an entry that becomes valid is used at the next access, with no fence:
 * what is not valid is never remembered. */
static void an_entry_made_valid_is_seen_without_a_fence(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVVPTC});
  rig_denies(&r, TW_LOAD, VA, TW_REASON_INVALID);
  uint64_t entry = rig_map(&r, VA, 0, RIG_PAGE, LEAF & ~(uint64_t)TW_PTE_V);
  rig_denies(&r, TW_LOAD, VA, TW_REASON_INVALID); /* the pointers on the way were made valid */
  rig_write(&r, entry, rig_read(&r, entry) | TW_PTE_V);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  rig_close(&r);
}

/* Rule Svrsw60t59b_reserved_bits_60_59: bits 60 and 59 are software's, in leaf and pointer. */
static void bits_60_and_59_are_ignored_with_svrsw60t59b(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVRSW60T59B});
  for (uint64_t bits = 1; bits < 4; bits++) {
    uint64_t va = VA + bits * GIB;
    rig_map(&r, va, 0, RIG_PAGE, LEAF | bits << 59);
    uint64_t pointer = rig_entry(&r, va, 1);
    rig_write(&r, pointer, rig_read(&r, pointer) | bits << 59);
    rig_grants(&r, TW_LOAD, va, RIG_PAGE);
  }
  rig_map(&r, VA, 0, RIG_PAGE, LEAF | BIT(58));
  rig_denies(&r, TW_LOAD, VA, TW_REASON_RESERVED_BITS);
  rig_close(&r);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_napot_leaf_maps_64_kib),
      cmocka_unit_test(a_reserved_napot_encoding_faults),
      cmocka_unit_test(one_napot_entry_answers_for_all_parts),
      cmocka_unit_test(sv32_has_neither_svnapot_nor_svpbmt),
      cmocka_unit_test(pbmt_of_a_leaf_is_the_attribute),
      cmocka_unit_test(pbmt_3_of_a_leaf_faults),
      cmocka_unit_test(pbmt_and_n_of_a_pointer_fault),
      cmocka_unit_test(pbmte_says_whether_pbmt_counts),
      cmocka_unit_test(pbmte_and_adue_stay_0_without_their_extensions),
      cmocka_unit_test(hardware_sets_a_and_d),
      cmocka_unit_test(hardware_sets_d_when_a_clean_page_is_written),
      cmocka_unit_test(an_update_that_finds_another_entry_begins_again),
      cmocka_unit_test(nothing_is_updated_for_an_access_that_faults),
      cmocka_unit_test(without_adue_there_is_a_fault_and_no_update),
      cmocka_unit_test(an_entry_made_valid_is_seen_without_a_fence),
      cmocka_unit_test(bits_60_and_59_are_ignored_with_svrsw60t59b),
  };
  return RIG_MAIN(tests);
}
