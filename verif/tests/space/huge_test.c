/* Large pages: when pages become one, when they are small again, and that nothing is lost (S14).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "huge_machine.h"

static void block_becomes_one_page_with_its_last_page_and_no_sooner(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE, pages - 1);
    assert_int_equal(machine_counts(&machine).promotions, 0);
    assert_false(huge_is_large(&machine, LARGE));
    assert_int_equal(huge_looked_at(&machine, LARGE + (pages - 1) * PAGE).reason, TW_REASON_INVALID);
    huge_access_pages(&machine, TW_STORE, LARGE + (pages - 1) * PAGE, 1);
    assert_int_equal(machine_counts(&machine).promotions, 1);
    assert_int_equal(machine_counts(&machine).splits, 0);
    assert_true(huge_is_large(&machine, LARGE) && huge_is_large(&machine, LARGE + pages * PAGE - 1));
    assert_false(huge_is_large(&machine, LARGE + pages * PAGE));
    uint64_t faults = machine.faults;
    huge_access_pages(&machine, TW_LOAD, LARGE, pages);
    huge_access_pages(&machine, TW_STORE, LARGE, pages);
    assert_int_equal(machine.faults, faults);
    huge_close_well(&machine);
  }
}

static void run_of_16_pages_becomes_one_of_64_kib_where_there_is_svnapot(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE + 16 * PAGE, 15);
    huge_access_pages(&machine, TW_STORE, LARGE + 15 * PAGE, 1);
    assert_false(huge_is_run(&machine, LARGE + 16 * PAGE));
    huge_access_pages(&machine, TW_STORE, LARGE + 31 * PAGE, 1);
    for (unsigned n = 16; n < 32; n++)
      assert_int_equal(huge_is_run(&machine, LARGE + n * PAGE), huge_has_runs(&huge_kinds[i]));
    assert_false(huge_is_run(&machine, LARGE + 15 * PAGE));
    assert_int_equal(machine_counts(&machine).napot_runs, huge_has_runs(&huge_kinds[i]));
    assert_int_equal(huge_looked_at(&machine, LARGE + 17 * PAGE).pa - huge_looked_at(&machine, LARGE + 16 * PAGE).pa ==
                         PAGE,
                     huge_has_runs(&huge_kinds[i]));
    huge_access_pages(&machine, TW_LOAD, LARGE + 15 * PAGE, 17);
    huge_close_well(&machine);
  }
}

/* A page of the block differs: no promotion, until it does not. */
static void pages_that_are_not_alike_stay_small(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    huge_open_kind(&machine, &huge_kinds[i]);
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE + 7 * PAGE, PAGE, TW_PROT_READ));
    huge_access_pages(&machine, TW_STORE, LARGE, 7);
    huge_access_pages(&machine, TW_LOAD, LARGE + 7 * PAGE, 1);
    huge_access_pages(&machine, TW_STORE, LARGE + 8 * PAGE, pages - 8);
    assert_int_equal(machine_counts(&machine).promotions, 0);
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE + 7 * PAGE, PAGE, RW));
    huge_access_pages(&machine, TW_STORE, LARGE, pages);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
    assert_int_equal(machine_counts(&machine).promotions, huge_kinds[i].adue ? 0 : 1);
    huge_close_well(&machine);
  }
}

static void region_must_be_anonymous_private_and_as_large_as_the_page(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t bytes = huge_pages_of(&huge_kinds[i]) * PAGE;
    tw_record shared = program_map(LARGE, bytes, RW, TW_REGION_MAPPED);
    tw_record file = program_map(LARGE + bytes, bytes, RW, TW_REGION_FILE);
    shared.map.shared = true;
    file.map.name = "data";
    huge_open_kind(&machine, &huge_kinds[i]);
    feed(&machine, shared);
    feed(&machine, file);
    huge_access_pages(&machine, TW_STORE, LARGE, 2 * huge_pages_of(&huge_kinds[i]));
    assert_int_equal(machine_counts(&machine).napot_runs, 0);
    feed(&machine, program_range(TW_RECORD_UNMAP, LARGE, 2 * bytes, 0));
    feed(&machine, program_map(LARGE + PAGE, bytes - PAGE, RW, TW_REGION_MAPPED));
    huge_access_pages(&machine, TW_STORE, LARGE + PAGE, huge_pages_of(&huge_kinds[i]) - 1);
    assert_int_equal(machine_counts(&machine).promotions, 0);
    huge_close_well(&machine);
  }
}

static void machine_that_is_not_told_to_has_small_pages_alone(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    tw_space_options options = huge_options_of(&huge_kinds[i]);
    options.huge = false;
    huge_open_with(&machine, &options);
    huge_access_pages(&machine, TW_STORE, LARGE, huge_pages_of(&huge_kinds[i]));
    assert_int_equal(machine_counts(&machine).promotions + machine_counts(&machine).napot_runs, 0);
    huge_close_well(&machine);
  }
}

static void advice_no_huge_splits_and_keeps_pages_small_and_huge_lets_them_grow(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t bytes = huge_pages_of(&huge_kinds[i]) * PAGE;
    tw_record advice = program_range(TW_RECORD_ADVISE, LARGE, bytes, 0);
    advice.map.advice = TW_ADVICE_NO_HUGE;
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE, huge_pages_of(&huge_kinds[i]));
    assert_true(huge_is_large(&machine, LARGE));
    feed(&machine, advice);
    assert_false(huge_is_large(&machine, LARGE) || huge_is_run(&machine, LARGE));
    assert_int_equal(machine_counts(&machine).splits, 1);
    feed(&machine, program_range(TW_RECORD_UNMAP, LARGE, bytes, 0));
    feed(&machine, program_map(LARGE, bytes, RW, TW_REGION_MAPPED));
    feed(&machine, advice);
    huge_access_pages(&machine, TW_STORE, LARGE, huge_pages_of(&huge_kinds[i]) - 1);
    assert_int_equal(machine_counts(&machine).promotions, 1);
    advice.map.advice = TW_ADVICE_HUGE;
    feed(&machine, advice);
    huge_access_pages(&machine, TW_STORE, LARGE + bytes - PAGE, 1);
    assert_int_equal(machine_counts(&machine).promotions, 2);
    assert_true(huge_is_large(&machine, LARGE));
    huge_close_well(&machine);
  }
}

static void munmap_of_a_page_splits_and_the_others_stay_where_they_are(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE, pages);
    uint64_t pa = huge_looked_at(&machine, LARGE).pa;
    feed(&machine, program_range(TW_RECORD_UNMAP, LARGE + 20 * PAGE, PAGE, 0));
    assert_int_equal(machine_counts(&machine).splits, 1);
    assert_int_equal(huge_looked_at(&machine, LARGE + 20 * PAGE).reason, TW_REASON_INVALID);
    assert_int_equal(huge_looked_at(&machine, LARGE + 21 * PAGE).pa, pa + 21 * PAGE);
    assert_int_equal(huge_looked_at(&machine, LARGE + 21 * PAGE).level, 0);
    huge_access_pages(&machine, TW_LOAD, LARGE, 20);
    huge_access_pages(&machine, TW_LOAD, LARGE + 21 * PAGE, pages - 21);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
    huge_access_pages(&machine, TW_LOAD, LARGE + 20 * PAGE, 1);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    huge_close_well(&machine);
  }
}

static void munmap_of_the_whole_page_needs_no_split(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    huge_open_kind(&machine, &huge_kinds[i]);
    uint64_t before = machine_counts(&machine).frames_used;
    huge_access_pages(&machine, TW_STORE, LARGE, huge_pages_of(&huge_kinds[i]) + 16);
    feed(&machine, program_range(TW_RECORD_UNMAP, LARGE, 0x1000000, 0));
    assert_int_equal(machine_counts(&machine).splits, 0);
    assert_int_equal(machine_counts(&machine).frames_used, before);
    huge_access_pages(&machine, TW_LOAD, LARGE, 1);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    huge_close_well(&machine);
  }
}

static void mprotect_of_the_whole_page_keeps_it_and_of_a_part_splits_it(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE, pages);
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE, pages * PAGE, 0));
    assert_int_equal(huge_looked_at(&machine, LARGE).reason, TW_REASON_INVALID);
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE, pages * PAGE, TW_PROT_READ));
    assert_true(huge_is_large(&machine, LARGE));
    huge_access_pages(&machine, TW_LOAD, LARGE, pages);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
    huge_access_pages(&machine, TW_STORE, LARGE + 3 * PAGE, 1);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE, pages * PAGE, RW));
    assert_int_equal(machine_counts(&machine).splits, 0);
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE, PAGE, TW_PROT_READ));
    assert_int_equal(machine_counts(&machine).splits, 1);
    huge_access_pages(&machine, TW_STORE, LARGE + PAGE, pages - 1);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    huge_close_well(&machine);
  }
}

static void run_is_split_by_a_change_of_one_of_its_pages(void **state) {
  (void)state;
  for (unsigned change = 0; change < 2; change++) {
    for (unsigned i = 0; i < HUGE_KINDS; i++) {
      if (!huge_has_runs(&huge_kinds[i])) continue;
      test_machine machine;
      huge_open_kind(&machine, &huge_kinds[i]);
      huge_access_pages(&machine, TW_STORE, LARGE, 16);
      uint64_t pa = huge_looked_at(&machine, LARGE).pa;
      feed(&machine,
           program_range(change ? TW_RECORD_UNMAP : TW_RECORD_PROTECT, LARGE + 15 * PAGE, PAGE, TW_PROT_READ));
      for (unsigned n = 0; n < 15; n++) assert_false(huge_is_run(&machine, LARGE + n * PAGE));
      assert_int_equal(huge_looked_at(&machine, LARGE + 9 * PAGE).pa, pa + 9 * PAGE);
      huge_access_pages(&machine, TW_LOAD, LARGE, 15);
      huge_access_pages(&machine, TW_STORE, LARGE, 15);
      if (change)
        feed(&machine, program_map(LARGE + 15 * PAGE, PAGE, RW, TW_REGION_MAPPED));
      else
        feed(&machine, program_range(TW_RECORD_PROTECT, LARGE, 16 * PAGE, RW));
      huge_access_pages(&machine, TW_STORE, LARGE, 16);
      assert_int_equal(machine_counts(&machine).splits, 1);
      huge_close_well(&machine);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(block_becomes_one_page_with_its_last_page_and_no_sooner),
      cmocka_unit_test(run_of_16_pages_becomes_one_of_64_kib_where_there_is_svnapot),
      cmocka_unit_test(pages_that_are_not_alike_stay_small),
      cmocka_unit_test(region_must_be_anonymous_private_and_as_large_as_the_page),
      cmocka_unit_test(machine_that_is_not_told_to_has_small_pages_alone),
      cmocka_unit_test(advice_no_huge_splits_and_keeps_pages_small_and_huge_lets_them_grow),
      cmocka_unit_test(munmap_of_a_page_splits_and_the_others_stay_where_they_are),
      cmocka_unit_test(munmap_of_the_whole_page_needs_no_split),
      cmocka_unit_test(mprotect_of_the_whole_page_keeps_it_and_of_a_part_splits_it),
      cmocka_unit_test(run_is_split_by_a_change_of_one_of_its_pages),
  };
  return cmocka_run_group_tests_name("huge", tests, NULL, NULL);
}
