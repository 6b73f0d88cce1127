/* Directed tests of the translation process, step by step, and of what Sv32 to Sv57 say of pages and entries.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#define VA 0x40201000u

static const tw_mode all_modes[] = {TW_SV32, TW_SV39, TW_SV48, TW_SV57};
static const tw_mode wide_modes[] = {TW_SV39, TW_SV48, TW_SV57};
static const tw_access accesses[] = {TW_FETCH, TW_LOAD, TW_STORE, TW_AMO};

/* Bits of an address that a page of a level leaves as they are. */
static unsigned page_bits(tw_mode mode, unsigned level) {
  return TW_PAGE_BITS + level * tw_mode_row(mode)->vpn_bits;
}

/* An address with another number in every VPN field: 1 at level 0, 2 at level 1, and so on. */
static uint64_t staircase(tw_mode mode) {
  uint64_t va = 0;
  for (unsigned level = 0; level < tw_mode_row(mode)->levels; level++) va |= (level + 1ull) << page_bits(mode, level);
  return va;
}

/* Sv step 2; rules Sv39_pte_count, Sv39_pte_sz, Sv39_pt_sz, Sv39_PTESIZE, Sv48_PTESIZE, Sv57_PTESIZE: the entry is
 * read at table + VPN field x size; 512 entries of eight bytes fill a page. */
static void entries_are_read_where_the_vpn_fields_say(void **state) {
  for (unsigned m = 0; m < 4; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = all_modes[m]});
    const tw_mode_info *row = tw_mode_row(all_modes[m]);
    uint64_t va = staircase(all_modes[m]);
    rig_map(&r, va, 0, RIG_PAGE, LEAF);
    assert_int_equal(rig_ask(&r, TW_LOAD, va).reads, row->levels);
    for (unsigned i = 0; i < row->levels; i++) {
      assert_int_equal(r.log[i].pa % TW_PAGE_BYTES, (row->levels - i) * (row->xlen == 32 ? 4u : 8u));
    }
    rig_ask(&r, TW_LOAD, row->xlen == 32 ? UINT32_MAX : UINT64_MAX); /* the last entry */
    assert_int_equal(r.log[0].pa % TW_PAGE_BYTES, TW_PAGE_BYTES - (row->xlen == 32 ? 4u : 8u));
    rig_close(&r);
  }
}

/* Sv step 2: a read that fails gives an access fault of the original access's type, at every level. */
static void a_read_that_fails_is_an_access_fault_of_the_original_type(void **state) {
  static const tw_cause causes[] = {TW_CAUSE_FETCH_ACCESS_FAULT, TW_CAUSE_LOAD_ACCESS_FAULT,
                                    TW_CAUSE_STORE_ACCESS_FAULT, TW_CAUSE_STORE_ACCESS_FAULT};
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  for (unsigned level = 0; level < 3; level++) {
    r.broken = rig_entry(&r, VA, level);
    for (unsigned i = 0; i < 4; i++) {
      rig_fence_all(&r);
      rig_answer answer = rig_ask(&r, accesses[i], VA);
      assert_int_equal(answer.reason, TW_REASON_TABLE_BUS_ERROR);
      assert_int_equal(answer.cause, causes[i]);
      assert_int_equal(answer.reads, 3 - level);
    }
  }
  rig_close(&r);
}

/* Sv step 3: V=0, R=0 with W=1, and bits that are reserved, at every level. */
static void entries_that_are_not_valid_fault_at_every_level(void **state) {
  for (unsigned m = 0; m < 4; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = all_modes[m]});
    for (unsigned level = 0; level < tw_mode_row(all_modes[m])->levels; level++) {
      uint64_t va = (level + 1ull) << page_bits(all_modes[m], level);
      rig_map(&r, va, level, 0, LEAF & ~(uint64_t)TW_PTE_V);
      rig_denies(&r, TW_LOAD, va, TW_REASON_INVALID);
      rig_map(&r, va, level, 0, LEAF & ~(uint64_t)TW_PTE_R);
      rig_denies(&r, TW_FETCH, va, TW_REASON_WRITE_ONLY);
      rig_map(&r, va, level, 0, (LEAF & ~(uint64_t)(TW_PTE_R | TW_PTE_X)));
      rig_denies(&r, TW_STORE, va, TW_REASON_WRITE_ONLY);
      if (all_modes[m] == TW_SV32) continue;
      rig_map(&r, va, level, 0, LEAF | BIT(54));
      rig_denies(&r, TW_LOAD, va, TW_REASON_RESERVED_BITS);
    }
    rig_close(&r);
  }
}

/* Rules Sv39_pte_svnapot_rsv, Sv39_pte_svpbmt_rsv, Sv39_pte_future_rsv: each bit of 63..54, in leaf and pointer, where
 * no extension takes it. */
static void each_reserved_bit_faults_without_its_extension(void **state) {
  for (unsigned m = 0; m < 3; m++) {
    rig r;
    unsigned extensions = TW_EXT_SVNAPOT | TW_EXT_SVPBMT | TW_EXT_SVRSW60T59B;
    const rig_needs needs = {.mode = wide_modes[m], .without = extensions};
    if (m == 0) rig_open(&r, state, &needs);
    if (m > 0 && !rig_try(&r, &needs)) continue;
    uint64_t table = rig_table(&r);
    for (unsigned bit = 54; bit < 64; bit++) {
      rig_map(&r, VA, 0, RIG_PAGE, LEAF | BIT(bit));
      rig_denies(&r, TW_LOAD, VA, TW_REASON_RESERVED_BITS);
      rig_map(&r, 2 * GIB, 1, table << TW_PAGE_BITS, TW_PTE_V | BIT(bit));
      rig_denies(&r, TW_LOAD, 2 * GIB, TW_REASON_RESERVED_BITS);
    }
    rig_map(&r, VA, 0, RIG_PAGE, LEAF);
    rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
    rig_close(&r);
  }
}

/* Sv step 3: D, A and U are reserved in a pointer; G is not. */
static void d_a_and_u_of_a_pointer_fault(void **state) {
  for (unsigned m = 0; m < 4; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = all_modes[m]});
    rig_map(&r, VA, 0, RIG_PAGE, LEAF);
    uint64_t pointer = rig_entry(&r, VA, 1), pte = rig_read(&r, pointer);
    static const uint64_t bits[] = {TW_PTE_D, TW_PTE_A, TW_PTE_U};
    for (unsigned i = 0; i < 3; i++) {
      rig_write(&r, pointer, pte | bits[i]);
      rig_denies(&r, TW_LOAD, VA, TW_REASON_POINTER_RESERVED);
    }
    rig_write(&r, pointer, pte | TW_PTE_G);
    rig_answer answer = rig_ask(&r, TW_LOAD, VA);
    assert_int_equal(answer.status, TW_PIN_TRANSLATED);
    assert_true(answer.flags & TW_PTE_G);
    rig_close(&r);
  }
}

/* Sv step 4; rules Sv39_levels, Sv48_levels, Sv57_levels: so many tables, and none below. */
static void a_walk_goes_down_so_many_levels_and_no_further(void **state) {
  static const unsigned levels[] = {2, 3, 4, 5};
  for (unsigned m = 0; m < 4; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = all_modes[m]});
    rig_map(&r, VA, 0, RIG_PAGE, TW_PTE_V);
    rig_answer answer = rig_ask(&r, TW_LOAD, VA);
    assert_int_equal(answer.reason, TW_REASON_NO_LEAF);
    assert_int_equal(answer.cause, TW_CAUSE_LOAD_PAGE_FAULT);
    assert_int_equal(answer.reads, levels[m]);
    rig_close(&r);
  }
}

/* Rules Sv39_leaf_any_level, Sv39_page_sizes and those of Sv48 and Sv57; Sv step 10: a leaf of every level maps a page
 * of that level's size, whose address bits come from the virtual address. */
static void a_leaf_of_any_level_maps_a_page_of_its_size(void **state) {
  static const unsigned bits[4][5] = {{12, 22}, {12, 21, 30}, {12, 21, 30, 39}, {12, 21, 30, 39, 48}};
  for (unsigned m = 0; m < 4; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = all_modes[m]});
    for (unsigned level = 0; level < tw_mode_row(all_modes[m])->levels; level++) {
      uint64_t size = BIT(bits[m][level]);
      uint64_t va = size, pa = size << 1 & (BIT(r.config.pa_bits) - 1);
      rig_map(&r, va, level, pa, LEAF);
      rig_answer answer = rig_ask(&r, TW_LOAD, va);
      assert_int_equal(answer.level, level);
      assert_int_equal(answer.pa, pa);
      rig_grants(&r, TW_STORE, va + size - 1, pa + size - 1);
      rig_grants(&r, TW_LOAD, va + (size / 3 & ~7ull), pa + (size / 3 & ~7ull));
    }
    rig_close(&r);
  }
}

/* Sv step 5; rules Sv39_superpage_align, Sv39_superpage_align_fault and those of Sv48 and Sv57: every PPN bit below a
 * superpage's size must be 0. */
static void a_superpage_that_is_not_aligned_faults(void **state) {
  for (unsigned m = 0; m < 4; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = all_modes[m]});
    for (unsigned level = 1; level < tw_mode_row(all_modes[m])->levels; level++) {
      uint64_t va = (level + 1ull) << page_bits(all_modes[m], level);
      for (unsigned bit = TW_PAGE_BITS; bit < page_bits(all_modes[m], level); bit++) {
        rig_map(&r, va, level, BIT(bit), LEAF);
        rig_denies(&r, TW_LOAD, va, TW_REASON_MISALIGNED);
      }
      rig_map(&r, va, level, 0, LEAF);
      rig_grants(&r, TW_LOAD, va, 0);
    }
    rig_close(&r);
  }
}

/* Sv step 6: U pages are U-mode's; S-mode has them with SUM, but for fetches. */
static void user_pages_are_user_mode_s(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF | TW_PTE_U);
  rig_map(&r, VA + 0x1000, 0, RIG_PAGE, LEAF);
  for (unsigned i = 0; i < 4; i++) {
    rig_denies(&r, accesses[i], VA, TW_REASON_SUPERVISOR_DENIED);
    rig_grants(&r, accesses[i], VA + 0x1000, RIG_PAGE);
  }
  r.control.privilege = TW_USER;
  rig_apply(&r);
  for (unsigned i = 0; i < 4; i++) {
    rig_grants(&r, accesses[i], VA, RIG_PAGE);
    rig_denies(&r, accesses[i], VA + 0x1000, TW_REASON_USER_DENIED);
  }
  rig_close(&r);
}

/* Sv step 8; rules fetch_page_fault_no_x, load_page_fault_no_r, store_page_fault_no_w: every legal R, W, X. */
static void each_access_needs_its_right(void **state) {
  static const uint64_t rights[] = {TW_PTE_R, TW_PTE_X, TW_PTE_R | TW_PTE_W, TW_PTE_R | TW_PTE_X,
                                    TW_PTE_R | TW_PTE_W | TW_PTE_X};
  static const uint64_t needed[] = {TW_PTE_X, TW_PTE_R, TW_PTE_W, TW_PTE_W};
  static const tw_reason reasons[] = {TW_REASON_EXECUTE_DENIED, TW_REASON_READ_DENIED, TW_REASON_WRITE_DENIED,
                                      TW_REASON_WRITE_DENIED};
  for (unsigned m = 0; m < 4; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = all_modes[m]});
    for (unsigned page = 0; page < 5; page++) {
      uint64_t va = VA + page * 0x1000u;
      rig_map(&r, va, 0, RIG_PAGE, (LEAF & ~(uint64_t)VRWX) | TW_PTE_V | rights[page]);
      for (unsigned i = 0; i < 8; i++) { /* the second time, where it was granted, from a TLB */
        if (rights[page] & needed[i % 4]) {
          rig_grants(&r, accesses[i % 4], va, RIG_PAGE);
        } else {
          rig_denies(&r, accesses[i % 4], va, reasons[i % 4]);
        }
      }
    }
    rig_close(&r);
  }
}

/* Sv step 9; rule svade_access_ad_bit_clear: without hardware updates A=0 faults, and D=0 a store or amo. */
static void a_clear_a_or_d_faults_under_svade(void **state) {
  for (unsigned m = 0; m < 4; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = all_modes[m]});
    uint64_t entry = rig_map(&r, VA, 0, RIG_PAGE, VRWX | TW_PTE_D);
    for (unsigned i = 0; i < 4; i++) rig_denies(&r, accesses[i], VA, TW_REASON_ACCESSED_CLEAR);
    rig_write(&r, entry, rig_read(&r, entry) | TW_PTE_A);
    rig_write(&r, entry, rig_read(&r, entry) & ~(uint64_t)TW_PTE_D);
    uint64_t before = rig_read(&r, entry);
    for (unsigned i = 0; i < 8; i++) {
      if (i % 4 < 2) {
        rig_grants(&r, accesses[i % 4], VA, RIG_PAGE);
      } else {
        rig_denies(&r, accesses[i % 4], VA, TW_REASON_DIRTY_CLEAR);
      }
    }
    assert_int_equal(rig_read(&r, entry), before);
    rig_close(&r);
  }
}

/* Sv step 10; rules Sv39_page_offset_sz, Sv48_page_offset_sz, Sv57_page_offset_sz: the twelve lowest bits stay. */
static void twelve_bits_of_offset_are_not_translated(void **state) {
  for (unsigned m = 0; m < 4; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = all_modes[m]});
    rig_map(&r, VA, 0, RIG_PAGE + 0x7000, LEAF);
    for (unsigned bit = 0; bit < 12; bit++) rig_grants(&r, TW_LOAD, VA | 1u << bit, RIG_PAGE + 0x7000 + (1u << bit));
    rig_denies(&r, TW_LOAD, VA + 0x1000, TW_REASON_INVALID);
    rig_close(&r);
  }
}

/* Rules Sv39_sxlen, Sv39_va_sz, Sv48_va_sz, Sv57_va_sz: the first and the last page of either half can be mapped. */
static void address_spaces_reach_from_end_to_end(void **state) {
  static const unsigned bits[] = {39, 48, 57};
  for (unsigned m = 0; m < 3; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = wide_modes[m]});
    const uint64_t half = BIT(bits[m] - 1);
    const uint64_t pages[] = {0, half - 0x1000, 0 - half, 0 - (uint64_t)0x1000};
    for (unsigned i = 0; i < 4; i++) {
      rig_map(&r, pages[i], 0, RIG_PAGE + i * 0x1000u, LEAF);
      rig_grants(&r, TW_LOAD, pages[i] | 0xfff, RIG_PAGE + i * 0x1000u + 0xfff);
    }
    rig_close(&r);
  }
}

/* Rules Sv39_va_signext, Sv48_va_signext, Sv57_va_signext: each upper bit must be as the highest translated one. */
static void an_address_that_is_not_sign_extended_faults(void **state) {
  static const unsigned bits[] = {39, 48, 57};
  for (unsigned m = 0; m < 3; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = wide_modes[m]});
    const uint64_t half = BIT(bits[m] - 1);
    rig_map(&r, VA, 0, RIG_PAGE, LEAF);
    rig_map(&r, 0 - half, 0, RIG_PAGE, LEAF);
    rig_grants(&r, TW_LOAD, VA, RIG_PAGE); /* so that a TLB holds both */
    rig_grants(&r, TW_LOAD, 0 - half, RIG_PAGE);
    for (unsigned bit = bits[m]; bit < 64; bit++) {
      for (unsigned i = 0; i < 4; i++) {
        rig_denies(&r, accesses[i], VA ^ BIT(bit), TW_REASON_NOT_CANONICAL);
        rig_denies(&r, accesses[i], (0 - half) ^ BIT(bit), TW_REASON_NOT_CANONICAL);
      }
    }
    assert_int_equal(r.logged, 0);
    rig_close(&r);
  }
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(entries_are_read_where_the_vpn_fields_say),
      cmocka_unit_test(a_read_that_fails_is_an_access_fault_of_the_original_type),
      cmocka_unit_test(entries_that_are_not_valid_fault_at_every_level),
      cmocka_unit_test(each_reserved_bit_faults_without_its_extension),
      cmocka_unit_test(d_a_and_u_of_a_pointer_fault),
      cmocka_unit_test(a_walk_goes_down_so_many_levels_and_no_further),
      cmocka_unit_test(a_leaf_of_any_level_maps_a_page_of_its_size),
      cmocka_unit_test(a_superpage_that_is_not_aligned_faults),
      cmocka_unit_test(user_pages_are_user_mode_s),
      cmocka_unit_test(each_access_needs_its_right),
      cmocka_unit_test(a_clear_a_or_d_faults_under_svade),
      cmocka_unit_test(twelve_bits_of_offset_are_not_translated),
      cmocka_unit_test(address_spaces_reach_from_end_to_end),
      cmocka_unit_test(an_address_that_is_not_sign_extended_faults),
  };
  return RIG_MAIN(tests);
}
