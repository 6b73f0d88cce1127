/* Whole walks of the oracle under a narrower width, regions and PMP: the check before every read, and the one of the
 * access itself.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "walk_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BIT(n) ((uint64_t)1 << (n))
#define PAGE ((uint64_t)FIXTURE_LEAF_PPN << 12 | 0x120)

enum { ALL_RIGHTS = TW_PMP_R | TW_PMP_W | TW_PMP_X };

static uint64_t table_of(const walk_fixture *fixture, unsigned level) {
  return fixture->address[level] & ~(uint64_t)0xfff;
}

/* Each table in turn lies above the width; the entry is not read. */
static void walk_stops_before_a_table_above_the_width(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    const uint64_t high_ppn = BIT(20);
    walk_fixture fixture;
    fixture_make(&fixture, (tw_mode)mode);
    fixture.machine.pa_bits = 32;
    for (unsigned level = 0; level + 1 < fixture.levels; level++) {
      walk_fixture broken = fixture;
      broken.entry[level + 1] = high_ppn << 10 | TW_PTE_V;
      for (int access = 0; access < TW_ACCESS_COUNT; access++) {
        fixture_expect_fault(&broken, (tw_access)access, TW_REASON_TABLE_RANGE, fixture.levels - 1 - level);
      }
    }
    fixture.context.satp.root_ppn = high_ppn;
    fixture_expect_fault(&fixture, TW_LOAD, TW_REASON_TABLE_RANGE, 0);
    assert_int_equal(fixture.reads, 0);
  }
}

static void walk_denies_a_page_above_the_width_and_tells_of_the_leaf(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    walk_fixture fixture;
    fixture_make(&fixture, (tw_mode)mode);
    fixture.machine.pa_bits = 32;
    assert_true(fixture_walk(&fixture, TW_LOAD, 8).pa == PAGE);
    fixture.entry[0] = BIT(20) << 10 | 0xcf;
    fixture_expect_fault(&fixture, TW_LOAD, TW_REASON_PHYSICAL_RANGE, fixture.levels);
    assert_int_equal(fixture_walk(&fixture, TW_LOAD, 8).flags, 0xcf);
    fixture.machine.pa_bits = 33;
    assert_true(fixture_walk(&fixture, TW_LOAD, 8).pa == (BIT(32) | 0x120));
  }
}

static void untranslated_address_is_checked_in_all_its_bits(void **state) {
  (void)state;
  const tw_table_memory none = {0};
  const tw_machine machine = {.pa_bits = 40};
  tw_context context = {.privilege = TW_MACHINE, .xlen = 64, .machine = &machine};
  tw_walk walk;
  for (unsigned bit = 3; bit < 64; bit++) {
    const tw_request request = {.access = TW_STORE, .va = BIT(bit), .bytes = 8};
    tw_walk_run(&context, &request, &none, &walk);
    assert_int_equal(walk.reason, bit < 40 ? TW_OK : TW_REASON_PHYSICAL_RANGE);
    assert_int_equal(walk.cause, bit < 40 ? TW_CAUSE_NONE : TW_CAUSE_STORE_ACCESS_FAULT);
    assert_true(walk.pa == (bit < 40 ? BIT(bit) : 0));
  }
  context.xlen = 32;
  const tw_machine narrow = {.pa_bits = 32};
  context.machine = &narrow;
  const tw_request request = {.access = TW_STORE, .va = UINT64_MAX, .bytes = 1};
  tw_walk_run(&context, &request, &none, &walk);
  assert_int_equal(walk.reason, TW_OK);
  assert_true(walk.pa == 0xffffffff);
}

/* The sum of address and bytes is 0 there. */
static void untranslated_access_at_the_very_top_is_out_of_range(void **state) {
  (void)state;
  const tw_pma_table regions = {.count = 1, .region = {{.base = 0, .bits = 56}}};
  const tw_table_memory none = {0};
  for (unsigned bytes = 1; bytes <= 64; bytes++) {
    for (int behind = 0; behind < 4; behind++) {
      walk_fixture fixture;
      fixture_make(&fixture, TW_SV39);
      fixture_pmp_use(&fixture);
      const tw_machine machine = {.pmp = behind & 1 ? &fixture.pmp : NULL, .regions = behind & 2 ? &regions : NULL};
      const tw_context context = {.privilege = TW_SUPERVISOR, .xlen = 64, .machine = behind ? &machine : NULL};
      const tw_request request = {.access = TW_LOAD, .va = 0 - (uint64_t)bytes, .bytes = bytes};
      tw_walk walk;
      tw_walk_run(&context, &request, &none, &walk);
      assert_int_equal(walk.reason, TW_REASON_PHYSICAL_RANGE);
      assert_int_equal(tw_final_check(&context, TW_LOAD, UINT64_MAX, bytes), TW_REASON_PHYSICAL_RANGE);
    }
  }
}

/* The tables lie in a region each; each in turn takes no tables, or is not there. */
static void walk_stops_before_a_table_where_there_may_be_none(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    for (int vacant = 0; vacant < 2; vacant++) {
      walk_fixture fixture;
      fixture_make(&fixture, (tw_mode)mode);
      for (unsigned bad = 0; bad < fixture.levels; bad++) {
        tw_pma_table regions = {.count = 1, .region = {{.base = BIT(31), .bits = 31}}};
        for (unsigned level = 0; level < fixture.levels; level++) {
          if (level == bad && vacant) continue;
          regions.region[regions.count++] =
              (tw_pma){.base = table_of(&fixture, level), .bits = 12, .tables = level != bad};
        }
        fixture.machine.regions = &regions;
        for (int access = 0; access < TW_ACCESS_COUNT; access++) {
          fixture_expect_fault(&fixture, (tw_access)access, TW_REASON_TABLE_PMA, fixture.levels - 1 - bad);
        }
        fixture.machine.regions = NULL;
      }
    }
  }
}

static void walk_denies_an_access_that_no_region_holds_whole(void **state) {
  (void)state;
  const tw_pma_table regions = {
      .count = 2, .region = {{.base = 0, .bits = 30, .tables = true}, {.base = PAGE & ~(uint64_t)0xfff, .bits = 12}}};
  walk_fixture fixture;
  fixture_make(&fixture, TW_SV39);
  fixture.machine.regions = &regions;
  assert_int_equal(fixture_walk(&fixture, TW_LOAD, 64).reason, TW_OK);
  fixture.entry[0] += BIT(10);
  fixture_expect_fault(&fixture, TW_LOAD, TW_REASON_PMA_DENIED, 3);
  const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 64);
  assert_int_equal(walk.flags, 0xcf);
  assert_int_equal(walk.cause, TW_CAUSE_LOAD_ACCESS_FAULT);
}

/* Rules pmp_check_pagetable_access, pmp_with_paging: each table in turn cannot be read by S-mode. */
static void walk_stops_before_a_table_that_pmp_hides(void **state) {
  (void)state;
  static const tw_cause causes[TW_ACCESS_COUNT] = {1, 5, 7, 7};
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    walk_fixture fixture;
    fixture_make(&fixture, (tw_mode)mode);
    for (unsigned bad = 0; bad < fixture.levels; bad++) {
      fixture_pmp_use(&fixture);
      fixture_pmp_set(&fixture, 3, table_of(&fixture, bad), 12, TW_PMP_X);
      for (int access = 0; access < TW_ACCESS_COUNT; access++) {
        fixture_expect_fault(&fixture, (tw_access)access, TW_REASON_TABLE_PMP, fixture.levels - 1 - bad);
        assert_int_equal(fixture_walk(&fixture, (tw_access)access, 1).cause, causes[access]);
        assert_int_equal(fixture.reads, fixture.levels - 1 - bad);
      }
      fixture_pmp_set(&fixture, 3, table_of(&fixture, bad), 12, TW_PMP_R);
      assert_int_equal(fixture_walk(&fixture, TW_STORE, 8).reason, TW_OK);
    }
  }
}

/* Only the entry's own bytes count: a hidden word beside it does no harm, one within it does. */
static void walk_asks_pmp_for_the_bytes_of_the_entry_alone(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    walk_fixture fixture;
    fixture_make(&fixture, (tw_mode)mode);
    const uint64_t bytes = mode == TW_SV32 ? 4 : 8;
    for (uint64_t word = 0; word < 6; word++) {
      const uint64_t hidden = fixture.address[0] - 8 + word * 4;
      fixture_pmp_use(&fixture);
      tw_pmp_write_addr(&fixture.pmp, 0, hidden >> 2);
      tw_pmp_write_cfg(&fixture.pmp, 0, TW_PMP_NA4);
      const bool touched = hidden >= fixture.address[0] && hidden < fixture.address[0] + bytes;
      assert_int_equal(fixture_walk(&fixture, TW_LOAD, 1).reason, touched ? TW_REASON_TABLE_PMP : TW_OK);
    }
  }
}

/* A walk's checks do not depend on those before: the same PMP, asked one by one, says the same. Entries of 4 bytes to
 * 4 KiB lie around the tables and the page, so that the stretches in which one entry decides are small. */
static void walk_agrees_with_its_checks_asked_one_by_one(void **state) {
  (void)state;
  unsigned denied = 0, granted = 0;
  for (unsigned number = 0; number < 4096; number++) {
    walk_fixture fixture;
    fixture_make(&fixture, TW_SV39);
    fixture_pmp_use(&fixture);
    fixture.context.machine = &fixture.machine;
    const uint64_t spots[] = {fixture.address[2], fixture.address[1], fixture.address[0], PAGE};
    for (unsigned i = 0; i < 4; i++) {
      const unsigned choice = number >> (3 * i) & 7;
      const uint64_t size = choice & 4 ? 8 : 4096;
      fixture_pmp_set(&fixture, 2 * i, (spots[i] & ~(size - 1)) + (choice & 2 ? size : 0), choice & 4 ? 3 : 12,
                      choice & 1 ? ALL_RIGHTS : TW_PMP_X);
    }
    tw_reason expected = TW_OK;
    for (unsigned i = 0; i < 3 && expected == TW_OK; i++) {
      expected = tw_table_check(&fixture.context, TW_LOAD, spots[i]);
    }
    if (expected == TW_OK) expected = tw_final_check(&fixture.context, TW_LOAD, PAGE, 8);
    const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 8);
    assert_int_equal(walk.reason, expected);
    if (expected == TW_OK) granted++;
    if (expected != TW_OK) denied++;
  }
  assert_true(granted > 500);
  assert_true(denied > 500);
}

/* A page below the tables, with an entry between them: what decided on the tables does not decide on the page. */
static void walk_asks_pmp_anew_for_a_page_on_the_other_side_of_an_entry(void **state) {
  (void)state;
  for (int hidden = 0; hidden < 2; hidden++) {
    walk_fixture fixture;
    fixture_make(&fixture, TW_SV39);
    fixture.entry[0] = (uint64_t)0x40 << 10 | 0xcf;
    fixture_pmp_use(&fixture);
    fixture_pmp_set(&fixture, 0, 0x80000, 12, 0);
    fixture_pmp_set(&fixture, 1, 0x40000, 12, hidden ? TW_PMP_X : ALL_RIGHTS);
    const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 8);
    assert_int_equal(walk.reason, hidden ? TW_REASON_PMP_DENIED : TW_OK);
    assert_true(walk.pa == (hidden ? 0 : 0x40120));
  }
}

/* Rule pmp_check_priv_modes: the access is judged as what it is, and as whom it is made. */
static void walk_denies_what_pmp_denies_with_the_access_s_kind_and_bytes(void **state) {
  (void)state;
  static const uint8_t needed[TW_ACCESS_COUNT] = {TW_PMP_X, TW_PMP_R, TW_PMP_W, TW_PMP_R | TW_PMP_W};
  static const uint8_t rights[] = {0, TW_PMP_R, TW_PMP_X, TW_PMP_R | TW_PMP_W, TW_PMP_R | TW_PMP_X, ALL_RIGHTS};
  walk_fixture fixture;
  fixture_make(&fixture, TW_SV48);
  for (size_t i = 0; i < sizeof rights; i++) {
    fixture_pmp_use(&fixture);
    fixture_pmp_set(&fixture, 0, PAGE & ~(uint64_t)0xfff, 12, rights[i]);
    for (int access = 0; access < TW_ACCESS_COUNT; access++) {
      const bool granted = (rights[i] & needed[access]) == needed[access];
      const tw_walk walk = fixture_walk(&fixture, (tw_access)access, 8);
      assert_int_equal(walk.reason, granted ? TW_OK : TW_REASON_PMP_DENIED);
      assert_true(walk.pa == (granted ? PAGE : 0));
      assert_int_equal(walk.flags, 0xcf);
      assert_int_equal(walk.cause, tw_reason_cause(walk.reason, (tw_access)access));
    }
  }
  fixture_pmp_use(&fixture);
  fixture_pmp_set(&fixture, 0, (PAGE & ~(uint64_t)0x3f) + 64, 6, 0);
  assert_int_equal(fixture_walk(&fixture, TW_LOAD, 32).reason, TW_OK); /* 0x120 to 0x13f */
  assert_int_equal(fixture_walk(&fixture, TW_LOAD, 33).reason, TW_REASON_PMP_DENIED);
}

/* Rule mstatus_mxr_sum_op_acc_fault. */
static void sum_and_mxr_open_nothing_that_pmp_closes(void **state) {
  (void)state;
  walk_fixture fixture;
  fixture_make(&fixture, TW_SV39);
  fixture.context.sum = true;
  fixture.context.mxr = true;
  fixture.entry[0] = (uint64_t)FIXTURE_LEAF_PPN << 10 | TW_PTE_V | TW_PTE_X | TW_PTE_U | TW_PTE_A;
  assert_int_equal(fixture_walk(&fixture, TW_LOAD, 8).reason, TW_OK);
  fixture_pmp_use(&fixture);
  fixture_pmp_set(&fixture, 0, PAGE & ~(uint64_t)0xfff, 12, TW_PMP_X);
  fixture_expect_fault(&fixture, TW_LOAD, TW_REASON_PMP_DENIED, 3);
}

/* Rule pmp_check_priv_modes: in Bare mode S and U are bound, M is by locked entries. */
static void untranslated_access_is_checked_with_its_effective_privilege(void **state) {
  (void)state;
  static const tw_privilege privileges[] = {TW_USER, TW_SUPERVISOR, TW_MACHINE};
  walk_fixture fixture;
  fixture_make(&fixture, TW_SV39);
  fixture.context.satp.mode = TW_BARE;
  fixture.va = PAGE;
  for (int locked = 0; locked < 2; locked++) {
    fixture_pmp_use(&fixture);
    fixture_pmp_set(&fixture, 0, PAGE & ~(uint64_t)0xfff, 12, (uint8_t)(TW_PMP_R | (locked ? TW_PMP_L : 0)));
    for (size_t i = 0; i < 3; i++) {
      fixture.context.privilege = privileges[i];
      const bool bound = privileges[i] != TW_MACHINE || locked;
      const tw_walk walk = fixture_walk(&fixture, TW_STORE, 8);
      assert_int_equal(walk.reason, bound ? TW_REASON_PMP_DENIED : TW_OK);
      assert_true(walk.pa == (bound ? 0 : PAGE));
      assert_int_equal(walk.step_count, 0);
      assert_int_equal(fixture_walk(&fixture, TW_LOAD, 8).reason, TW_OK);
    }
  }
}

/* A page fault of the leaf comes before a fault of the address that it would have given. */
static void page_fault_comes_before_the_check_of_the_page(void **state) {
  (void)state;
  walk_fixture fixture;
  fixture_make(&fixture, TW_SV39);
  fixture_pmp_use(&fixture);
  fixture_pmp_set(&fixture, 0, PAGE & ~(uint64_t)0xfff, 12, 0);
  fixture.entry[0] &= ~(uint64_t)TW_PTE_D;
  fixture_expect_fault(&fixture, TW_STORE, TW_REASON_DIRTY_CLEAR, 3);
  fixture_expect_fault(&fixture, TW_LOAD, TW_REASON_PMP_DENIED, 3);
}

static void bus_error_comes_after_the_check_of_the_table(void **state) {
  (void)state;
  walk_fixture fixture;
  fixture_make(&fixture, TW_SV39);
  fixture_pmp_use(&fixture);
  fixture.failing_read = 1;
  fixture_expect_fault(&fixture, TW_LOAD, TW_REASON_TABLE_BUS_ERROR, 2);
  fixture_pmp_set(&fixture, 0, table_of(&fixture, 1), 12, 0);
  fixture_expect_fault(&fixture, TW_LOAD, TW_REASON_TABLE_PMP, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(walk_stops_before_a_table_above_the_width),
      cmocka_unit_test(walk_denies_a_page_above_the_width_and_tells_of_the_leaf),
      cmocka_unit_test(untranslated_address_is_checked_in_all_its_bits),
      cmocka_unit_test(untranslated_access_at_the_very_top_is_out_of_range),
      cmocka_unit_test(walk_stops_before_a_table_where_there_may_be_none),
      cmocka_unit_test(walk_denies_an_access_that_no_region_holds_whole),
      cmocka_unit_test(walk_stops_before_a_table_that_pmp_hides),
      cmocka_unit_test(walk_asks_pmp_for_the_bytes_of_the_entry_alone),
      cmocka_unit_test(walk_agrees_with_its_checks_asked_one_by_one),
      cmocka_unit_test(walk_asks_pmp_anew_for_a_page_on_the_other_side_of_an_entry),
      cmocka_unit_test(walk_denies_what_pmp_denies_with_the_access_s_kind_and_bytes),
      cmocka_unit_test(sum_and_mxr_open_nothing_that_pmp_closes),
      cmocka_unit_test(untranslated_access_is_checked_with_its_effective_privilege),
      cmocka_unit_test(page_fault_comes_before_the_check_of_the_page),
      cmocka_unit_test(bus_error_comes_after_the_check_of_the_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
