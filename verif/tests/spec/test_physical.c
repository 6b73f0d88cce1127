/* The checks of a physical address in the oracle: width, regions, PMP, in this order.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BIT(n) ((uint64_t)1 << (n))

/* Memory with tables and updates, memory without, I/O, and a ROM with tables that cannot be updated. */
static const tw_pma_table REGIONS = {.count = 4,
                                     .region = {{.base = 0x80000000, .bits = 20, .tables = true, .updates = true},
                                                {.base = 0x80100000, .bits = 20},
                                                {.base = 0x10000000, .bits = 12, .io = true},
                                                {.base = 0x20000000, .bits = 16, .tables = true}}};

static tw_context context_make(tw_mode mode, const tw_machine *machine) {
  return (tw_context){
      .satp = {.mode = mode}, .privilege = TW_SUPERVISOR, .xlen = mode == TW_SV32 ? 32 : 64, .machine = machine};
}

static void region_holds_its_first_and_last_byte(void **state) {
  (void)state;
  for (unsigned i = 0; i < REGIONS.count; i++) {
    const tw_pma *region = &REGIONS.region[i];
    const uint64_t end = region->base + BIT(region->bits);
    assert_ptr_equal(tw_pma_find(&REGIONS, region->base, 1), region);
    assert_ptr_equal(tw_pma_find(&REGIONS, end - 1, 1), region);
    assert_ptr_equal(tw_pma_find(&REGIONS, end - 64, 64), region);
    assert_null(tw_pma_find(&REGIONS, end - 63, 64));
    assert_null(tw_pma_find(&REGIONS, region->base - 1, 2));
  }
  assert_null(tw_pma_find(&REGIONS, 0x10001000, 1));
  assert_null(tw_pma_find(&REGIONS, 0x80000000 | BIT(50), 1));
}

static void region_may_be_all_of_memory_or_any_of_eight(void **state) {
  (void)state;
  const tw_pma_table all = {.count = 1, .region = {{.base = 0, .bits = 56}}};
  assert_ptr_equal(tw_pma_find(&all, 0, 64), &all.region[0]);
  assert_ptr_equal(tw_pma_find(&all, BIT(56) - 64, 64), &all.region[0]);
  assert_null(tw_pma_find(&all, BIT(56) - 63, 64));
  tw_pma_table many = {.count = TW_PMA_MAX};
  for (unsigned i = 0; i < TW_PMA_MAX; i++) many.region[i] = (tw_pma){.base = (uint64_t)(i + 1) << 20, .bits = 12};
  for (unsigned i = 0; i < TW_PMA_MAX; i++) {
    assert_ptr_equal(tw_pma_find(&many, ((uint64_t)(i + 1) << 20) + 0xfff, 1), &many.region[i]);
  }
}

static void no_region_is_found_in_an_empty_table(void **state) {
  (void)state;
  const tw_pma_table empty = {.count = 0};
  assert_null(tw_pma_find(&empty, 0x1000, 1));
}

/* Rule pma_chk_paddr: an access that no region holds whole is denied, wherever it begins. */
static void final_check_denies_what_lies_in_no_region_or_in_two(void **state) {
  (void)state;
  const tw_machine machine = {.regions = &REGIONS};
  const tw_context context = context_make(TW_SV39, &machine);
  for (int access = 0; access < TW_ACCESS_COUNT; access++) {
    const tw_access kind = (tw_access)access;
    assert_int_equal(tw_final_check(&context, kind, 0x80000ff8, 8), TW_OK);
    assert_int_equal(tw_final_check(&context, kind, 0x80180000, 64), TW_OK); /* no tables: it is no table access */
    assert_int_equal(tw_final_check(&context, kind, 0x10000000, 4), TW_OK);
    assert_int_equal(tw_final_check(&context, kind, 0x800fffff, 2), TW_REASON_PMA_DENIED);
    assert_int_equal(tw_final_check(&context, kind, 0x10000ffd, 4), TW_REASON_PMA_DENIED);
    assert_int_equal(tw_final_check(&context, kind, 0x90000000, 1), TW_REASON_PMA_DENIED);
  }
}

static void final_check_takes_an_empty_table_of_regions_for_none(void **state) {
  (void)state;
  const tw_pma_table empty = {.count = 0};
  const tw_machine machine = {.regions = &empty};
  const tw_context context = context_make(TW_SV39, &machine);
  assert_int_equal(tw_final_check(&context, TW_LOAD, 0x90000000, 8), TW_OK);
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x90000000), TW_OK);
  assert_int_equal(tw_table_check(&context, TW_STORE, 0x90000000), TW_OK);
}

/* Rule pmp_no_entry_match: succeeds if none is implemented. */
static void checks_take_pmp_without_entries_for_none(void **state) {
  (void)state;
  const tw_pmp none = {.count = 0, .xlen = 64};
  const tw_machine machine = {.pmp = &none};
  const tw_context context = context_make(TW_SV39, &machine);
  assert_int_equal(tw_final_check(&context, TW_AMO, 0x90000000, 8), TW_OK);
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x90000000), TW_OK);
  assert_int_equal(tw_table_check(&context, TW_STORE, 0x90000000), TW_OK);
}

static void table_check_asks_for_tables_and_an_update_for_updates(void **state) {
  (void)state;
  const tw_machine machine = {.regions = &REGIONS};
  const tw_context context = context_make(TW_SV39, &machine);
  static const struct {
    uint64_t pa;
    tw_reason read, update;
  } lines[] = {{0x80000000, TW_OK, TW_OK},
               {0x800ffff8, TW_OK, TW_OK},
               {0x80100000, TW_REASON_TABLE_PMA, TW_REASON_UPDATE_PMA},
               {0x10000000, TW_REASON_TABLE_PMA, TW_REASON_UPDATE_PMA},
               {0x20000000, TW_OK, TW_REASON_UPDATE_PMA},
               {0x90000000, TW_REASON_TABLE_PMA, TW_REASON_UPDATE_PMA}};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    assert_int_equal(tw_table_check(&context, TW_LOAD, lines[i].pa), lines[i].read);
    assert_int_equal(tw_table_check(&context, TW_STORE, lines[i].pa), lines[i].update);
  }
}

/* Every width, at its edge; 0 is the full one. */
static void addresses_end_at_the_implemented_width(void **state) {
  (void)state;
  for (unsigned bits = 0; bits <= 56; bits = bits ? bits + 1 : 32) {
    const tw_machine machine = {.pa_bits = bits};
    const tw_context context = context_make(TW_SV48, &machine);
    const uint64_t end = BIT(bits ? bits : 56);
    assert_int_equal(tw_final_check(&context, TW_FETCH, end - 4, 4), TW_OK);
    assert_int_equal(tw_final_check(&context, TW_FETCH, end, 4), TW_REASON_PHYSICAL_RANGE);
    assert_int_equal(tw_table_check(&context, TW_LOAD, end - 8), TW_OK);
    assert_int_equal(tw_table_check(&context, TW_LOAD, end), TW_REASON_TABLE_RANGE);
    assert_int_equal(tw_final_check(&context, TW_LOAD, BIT(63), 1), TW_REASON_PHYSICAL_RANGE);
  }
}

static void addresses_of_sv32_have_34_bits_or_fewer(void **state) {
  (void)state;
  for (unsigned bits = 32; bits <= 34; bits++) {
    const tw_machine machine = {.pa_bits = bits == 34 ? 0 : bits};
    const tw_context context = context_make(TW_SV32, &machine);
    assert_int_equal(tw_final_check(&context, TW_LOAD, BIT(bits) - 1, 1), TW_OK);
    assert_int_equal(tw_final_check(&context, TW_LOAD, BIT(bits), 1), TW_REASON_PHYSICAL_RANGE);
    assert_int_equal(tw_table_check(&context, TW_LOAD, BIT(bits) - 4), TW_OK);
    assert_int_equal(tw_table_check(&context, TW_LOAD, BIT(bits)), TW_REASON_TABLE_RANGE);
  }
}

static void nothing_behind_the_mmu_means_full_width_and_no_denial(void **state) {
  (void)state;
  const tw_context wide = context_make(TW_SV39, NULL), narrow = context_make(TW_SV32, NULL);
  assert_int_equal(tw_final_check(&wide, TW_STORE, BIT(56) - 64, 64), TW_OK);
  assert_int_equal(tw_final_check(&wide, TW_STORE, BIT(56), 1), TW_REASON_PHYSICAL_RANGE);
  assert_int_equal(tw_final_check(&narrow, TW_STORE, BIT(34) - 64, 64), TW_OK);
  assert_int_equal(tw_final_check(&narrow, TW_STORE, BIT(34), 1), TW_REASON_PHYSICAL_RANGE);
  assert_int_equal(tw_table_check(&wide, TW_STORE, 0x1000), TW_OK);
}

/* Rule pmp_check_pagetable_access: as S-mode, whoever asks; of 4 bytes in Sv32 and of 8 elsewhere. */
static void table_check_asks_pmp_as_supervisor_for_an_entry_s_bytes(void **state) {
  (void)state;
  tw_pmp pmp = {.count = 16, .xlen = 64, .smepmp = true, .mseccfg = TW_MSECCFG_MML};
  const tw_machine machine = {.pmp = &pmp};
  tw_context context = context_make(TW_SV39, &machine);
  context.privilege = TW_MACHINE;
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x1000), TW_REASON_TABLE_PMP);
  tw_pmp_write_addr(&pmp, 0, 0x1000 >> 2);
  tw_pmp_write_cfg(&pmp, 0, TW_PMP_NA4 | TW_PMP_R);
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x1000), TW_REASON_TABLE_PMP); /* half of the entry */
  context = context_make(TW_SV32, &machine);
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x1000), TW_OK);
  assert_int_equal(tw_table_check(&context, TW_STORE, 0x1000), TW_REASON_UPDATE_PMP);
  tw_pmp_write_cfg(&pmp, 0, TW_PMP_NA4 | TW_PMP_R | TW_PMP_W);
  assert_int_equal(tw_table_check(&context, TW_STORE, 0x1000), TW_OK);
  pmp.cfg[0] = TW_PMP_NA4 | TW_PMP_L | TW_PMP_R | TW_PMP_W; /* with MML: for M-mode only */
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x1000), TW_REASON_TABLE_PMP);
}

static void final_check_asks_pmp_with_privilege_kind_and_bytes(void **state) {
  (void)state;
  tw_pmp pmp = {.count = 16, .xlen = 64};
  const tw_machine machine = {.pmp = &pmp};
  tw_context context = context_make(TW_SV39, &machine);
  tw_pmp_write_addr(&pmp, 0, 0x1008 >> 2);
  tw_pmp_write_cfg(&pmp, 0, TW_PMP_TOR | TW_PMP_R);
  assert_int_equal(tw_final_check(&context, TW_LOAD, 0x1000, 8), TW_OK);
  assert_int_equal(tw_final_check(&context, TW_LOAD, 0x1000, 9), TW_REASON_PMP_DENIED);
  assert_int_equal(tw_final_check(&context, TW_STORE, 0x1000, 8), TW_REASON_PMP_DENIED);
  assert_int_equal(tw_final_check(&context, TW_AMO, 0x1000, 8), TW_REASON_PMP_DENIED);
  assert_int_equal(tw_final_check(&context, TW_FETCH, 0x1000, 4), TW_REASON_PMP_DENIED);
  context.privilege = TW_USER;
  assert_int_equal(tw_final_check(&context, TW_STORE, 0x1000, 8), TW_REASON_PMP_DENIED);
  context.privilege = TW_MACHINE;
  assert_int_equal(tw_final_check(&context, TW_STORE, 0x1000, 8), TW_OK);
  assert_int_equal(tw_final_check(&context, TW_STORE, 0x1000, 9), TW_REASON_PMP_DENIED);
}

/* F1 to F3 and T1 to T3: each line repairs the line before. */
static void width_is_asked_before_regions_and_regions_before_pmp(void **state) {
  (void)state;
  tw_pmp pmp = {.count = 16, .xlen = 64};
  const tw_machine machine = {.pa_bits = 32, .pmp = &pmp, .regions = &REGIONS};
  const tw_context context = context_make(TW_SV39, &machine);
  assert_int_equal(tw_final_check(&context, TW_LOAD, 0x180000000, 8), TW_REASON_PHYSICAL_RANGE);
  assert_int_equal(tw_final_check(&context, TW_LOAD, 0x90000000, 8), TW_REASON_PMA_DENIED);
  assert_int_equal(tw_final_check(&context, TW_LOAD, 0x80000000, 8), TW_REASON_PMP_DENIED);
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x180000000), TW_REASON_TABLE_RANGE);
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x90000000), TW_REASON_TABLE_PMA);
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x80000000), TW_REASON_TABLE_PMP);
  assert_int_equal(tw_table_check(&context, TW_STORE, 0x20000000), TW_REASON_UPDATE_PMA);
  assert_int_equal(tw_table_check(&context, TW_STORE, 0x80000000), TW_REASON_UPDATE_PMP);
  tw_pmp_write_addr(&pmp, 0, UINT64_MAX);
  tw_pmp_write_cfg(&pmp, 0, TW_PMP_NAPOT | TW_PMP_R);
  assert_int_equal(tw_final_check(&context, TW_LOAD, 0x80000000, 8), TW_OK);
  assert_int_equal(tw_table_check(&context, TW_LOAD, 0x80000000), TW_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(region_holds_its_first_and_last_byte),
      cmocka_unit_test(region_may_be_all_of_memory_or_any_of_eight),
      cmocka_unit_test(no_region_is_found_in_an_empty_table),
      cmocka_unit_test(final_check_denies_what_lies_in_no_region_or_in_two),
      cmocka_unit_test(final_check_takes_an_empty_table_of_regions_for_none),
      cmocka_unit_test(checks_take_pmp_without_entries_for_none),
      cmocka_unit_test(table_check_asks_for_tables_and_an_update_for_updates),
      cmocka_unit_test(addresses_end_at_the_implemented_width),
      cmocka_unit_test(addresses_of_sv32_have_34_bits_or_fewer),
      cmocka_unit_test(nothing_behind_the_mmu_means_full_width_and_no_denial),
      cmocka_unit_test(table_check_asks_pmp_as_supervisor_for_an_entry_s_bytes),
      cmocka_unit_test(final_check_asks_pmp_with_privilege_kind_and_bytes),
      cmocka_unit_test(width_is_asked_before_regions_and_regions_before_pmp),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
