/* Directed tests of the rules on physical memory as a walk meets it: PMP on page tables, regions and their attributes,
 * the implemented width.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#define VA 0x40201000u
#define AREA RIG_PAGE
#define ALL (TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X)

static const tw_access accesses[] = {TW_FETCH, TW_LOAD, TW_STORE, TW_AMO};
static const rig_needs plain = {.mode = TW_SV39, .pmp_entries = 16};

/* Rules pmp_check_pagetable_access, pmp_with_paging: reads of tables are checked as S-mode's loads: R is needed and
 * enough; the fault has the original access's type. */
static void reads_of_page_tables_need_r_as_supervisor_mode(void **state) {
  rig r;
  rig_open(&r, state, &plain);
  rig_region(&r, 1, RIG_EVERYTHING, ALL);
  rig_map(&r, VA, 0, AREA, LEAF | TW_PTE_U);
  r.control.privilege = TW_USER;
  rig_apply(&r);
  for (unsigned level = 0; level < 3; level++) {
    uint64_t entry = rig_entry(&r, VA, level);
    for (uint8_t rights = 0; rights < 8; rights++) {
      if ((rights & (TW_PMP_R | TW_PMP_W)) == TW_PMP_W) continue;
      rig_region(&r, 0, rig_napot(entry, 3), (uint8_t)(TW_PMP_NAPOT | rights));
      for (unsigned i = 0; i < 4; i++) {
        rig_fence_all(&r);
        if (rights & TW_PMP_R) {
          rig_grants(&r, accesses[i], VA, AREA);
        } else {
          rig_denies(&r, accesses[i], VA, TW_REASON_TABLE_PMP);
          assert_int_equal(r.logged, 2 - level); /* no read that is denied is made */
        }
      }
    }
  }
  rig_close(&r);
}

/* Rule pmp_check_pagetable_access; Sv step 9: the update of A and D is checked as a store. */
static void updates_of_page_tables_need_w(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVADU, .pmp_entries = 16});
  r.control.adue = 1;
  rig_apply(&r);
  rig_region(&r, 1, RIG_EVERYTHING, ALL);
  uint64_t entry = rig_map(&r, VA, 0, AREA, VRWX), before = rig_read(&r, entry);
  rig_region(&r, 0, rig_napot(entry, 3), TW_PMP_NAPOT | TW_PMP_R | TW_PMP_X);
  for (unsigned i = 0; i < 4; i++) rig_denies(&r, accesses[i], VA, TW_REASON_UPDATE_PMP);
  assert_true(rig_read(&r, entry) == before);
  rig_region(&r, 0, rig_napot(entry, 3), TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W);
  rig_fence_all(&r);
  rig_grants(&r, TW_LOAD, VA, AREA);
  assert_true(rig_read(&r, entry) == (before | TW_PTE_A));
  rig_close(&r);
}

/* Rules pmp_sfence_required, pmp_speculative_translations: after a write and a fence every access, also one that a TLB
 * holds, is judged by the new registers. */
static void a_write_and_a_fence_bind_what_was_translated_before(void **state) {
  rig r;
  rig_open(&r, state, &plain);
  rig_region(&r, 15, RIG_EVERYTHING, ALL);
  rig_map(&r, VA, 0, AREA, LEAF);
  for (unsigned round = 0; round < 4; round++) {
    rig_pmp(&r, TW_PIN_PMP_ADDR, 0, rig_napot(AREA, 12));
    rig_pmp(&r, TW_PIN_PMP_CFG, 0, round % 2 ? TW_PMP_NAPOT : TW_PMP_OFF);
    rig_fence_all(&r);
    for (unsigned again = 0; again < 2; again++) {
      if (round % 2) {
        rig_denies(&r, TW_LOAD, VA, TW_REASON_PMP_DENIED);
      } else {
        rig_grants(&r, TW_LOAD, VA, AREA);
      }
    }
  }
  rig_close(&r);
}

/* Those of the configuration linux39: I/O without tables, main memory, main memory without updates; the rest is vacant.
 */
static const tw_pma_table regions = {.count = 3,
                                     .region = {{.base = 0, .bits = 31, .io = true},
                                                {.base = RIG_BASE, .bits = 31, .tables = true, .updates = true},
                                                {.base = RIG_FROZEN, .bits = 32, .tables = true}}};
static const rig_needs mapped = {.mode = TW_SV39, .with = TW_EXT_SVADU, .regions = &regions};

#define VACANT UINT64_C(0x200000000)

/* Rules pma_chk_paddr, pma_precise_recom, pma_mm_rw: a page in a region is accessed, one outside faults, with the cause
 * of an access fault of the access's own type; untranslated accesses are checked, too. */
static void an_access_must_lie_in_a_region(void **state) {
  rig r;
  rig_open(&r, state, &mapped);
  rig_map(&r, VA, 0, AREA, LEAF);
  rig_map(&r, VA + 0x1000, 0, VACANT, LEAF);
  rig_map(&r, VA + 0x2000, 0, RIG_BASE, LEAF);
  for (unsigned i = 0; i < 8; i++) {
    rig_grants(&r, accesses[i % 4], VA, AREA);
    rig_grants(&r, accesses[i % 4], VA + 0x2000, RIG_BASE);
    rig_denies(&r, accesses[i % 4], VA + 0x1000, TW_REASON_PMA_DENIED);
  }
  for (unsigned bytes = 1; bytes <= 64; bytes *= 2) {
    for (unsigned i = 0; i < 4; i++) {
      assert_int_equal(rig_ask_bytes(&r, accesses[i], VA + 0x2000, bytes).status, TW_PIN_TRANSLATED);
    }
  }
  r.control.satp = 0;
  r.control.privilege = TW_MACHINE;
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, VACANT - 1, VACANT - 1);
  rig_denies(&r, TW_LOAD, VACANT, TW_REASON_PMA_DENIED);
  rig_close(&r);
}

/* Rule pma_indep_exec_context: what a region takes does not depend on privilege or translation. */
static void regions_are_the_same_for_everybody(void **state) {
  rig r;
  rig_open(&r, state, &mapped);
  rig_map(&r, VA, 0, VACANT, LEAF | TW_PTE_U);
  r.control.sum = 1;
  for (unsigned privilege = 0; privilege < 4; privilege++) {
    if (privilege == 2) continue; /* no privilege */
    r.control.privilege = (uint8_t)privilege;
    rig_apply(&r);
    rig_denies(&r, TW_LOAD, privilege == TW_MACHINE ? VACANT : VA, TW_REASON_PMA_DENIED);
  }
  rig_close(&r);
}

/* Rules pma_vm_hw_tbl_acc, pma_mm_vs_io_def: a region says whether tables may be read there; Sv step 2. */
static void page_tables_are_read_only_where_a_region_takes_them(void **state) {
  rig r;
  rig_open(&r, state, &mapped);
  uint64_t pointer = rig_entry(&r, VA, 1);
  static const uint64_t places[] = {AREA, VACANT};
  for (unsigned p = 0; p < 2; p++) {
    rig_write(&r, pointer, places[p] >> 2 | TW_PTE_V);
    for (unsigned i = 0; i < 4; i++) {
      rig_fence_all(&r);
      rig_denies(&r, accesses[i], VA, TW_REASON_TABLE_PMA);
      assert_int_equal(r.logged, 2);
    }
  }
  rig_close(&r);
}

/* Rule pma_vm_hw_tbl_acc; Sv step 9: and whether A and D may be updated there. */
static void a_and_d_are_updated_only_where_a_region_takes_it(void **state) {
  rig r;
  rig_open(&r, state, &mapped);
  r.control.adue = 1;
  rig_apply(&r);
  const uint64_t entry = RIG_FROZEN + (VA >> 12 & 511) * 8, pte = AREA >> 2 | VRWX;
  rig_write(&r, rig_entry(&r, VA, 1), RIG_FROZEN >> 2 | TW_PTE_V);
  rig_write(&r, entry, pte);
  for (unsigned i = 0; i < 4; i++) rig_denies(&r, accesses[i], VA, TW_REASON_UPDATE_PMA);
  assert_true(rig_read(&r, entry) == pte);
  rig_write(&r, entry, pte | TW_PTE_A);
  rig_grants(&r, TW_LOAD, VA, AREA);
  rig_denies(&r, TW_STORE, VA, TW_REASON_UPDATE_PMA);
  rig_close(&r);
}

/* Rule ssccptr_memory_pte_reads: where no region says otherwise, all is main memory that takes page tables. */
static void without_regions_tables_may_lie_anywhere(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  for (unsigned bit = 12; bit < r.config.pa_bits; bit++) {
    r.control.satp = rig_satp(TW_SV39, BIT(bit) >> 12, 0);
    rig_apply(&r);
    rig_ask(&r, TW_LOAD, VA);
    assert_true(r.logged > 0);
    assert_true(r.log[0].pa == BIT(bit) + 8);
  }
  rig_close(&r);
}

/* Sv step 2 and 10, rules pma_chk_paddr, satp_mode: an address beyond the implemented width is an access fault: of an
 * entry, of a page, and untranslated. */
static void an_address_beyond_the_width_is_an_access_fault(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .asid_bits = 7, .pa_bits = 46});
  for (unsigned bit = 46; bit < 56; bit++) {
    uint64_t va = VA + (bit - 45) * 0x1000u;
    rig_map(&r, va, 0, BIT(bit) | AREA, LEAF);
    for (unsigned i = 0; i < 4; i++) rig_denies(&r, accesses[i], va, TW_REASON_PHYSICAL_RANGE);
    rig_write(&r, rig_entry(&r, va + GIB, 1), (BIT(bit) | RIG_BASE) >> 2 | TW_PTE_V);
    rig_denies(&r, TW_STORE, va + GIB, TW_REASON_TABLE_RANGE);
  }
  rig_map(&r, VA, 0, BIT(45) | AREA, LEAF);
  rig_grants(&r, TW_LOAD, VA, BIT(45) | AREA);
  r.control.satp = 0;
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, BIT(46) - 1, BIT(46) - 1);
  for (unsigned bit = 46; bit < 64; bit++) rig_denies(&r, TW_LOAD, BIT(bit), TW_REASON_PHYSICAL_RANGE);
  rig_close(&r);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_of_page_tables_need_r_as_supervisor_mode),
      cmocka_unit_test(updates_of_page_tables_need_w),
      cmocka_unit_test(a_write_and_a_fence_bind_what_was_translated_before),
      cmocka_unit_test(an_access_must_lie_in_a_region),
      cmocka_unit_test(regions_are_the_same_for_everybody),
      cmocka_unit_test(page_tables_are_read_only_where_a_region_takes_them),
      cmocka_unit_test(a_and_d_are_updated_only_where_a_region_takes_it),
      cmocka_unit_test(without_regions_tables_may_lie_anywhere),
      cmocka_unit_test(an_address_beyond_the_width_is_an_access_fault),
  };
  return RIG_MAIN(tests);
}
