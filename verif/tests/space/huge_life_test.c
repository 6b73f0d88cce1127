/* Large pages through fork, reclaim, exec and exit, and what they cost and tell (S14).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "huge_machine.h"

#define CHILD 0x10000u

static tw_record of_process(tw_record_kind kind, uint32_t id) {
  return (tw_record){.kind = kind, .id = id, .name = ""};
}

static void fork_splits_and_each_side_has_its_own_content(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE, pages + 16);
    feed(&machine, of_process(TW_RECORD_FORK, CHILD));
    assert_int_equal(machine_counts(&machine).splits, huge_has_runs(&huge_kinds[i]) ? 2 : 1);
    assert_false(huge_is_large(&machine, LARGE) || huge_is_run(&machine, LARGE + pages * PAGE));
    huge_access_pages(&machine, TW_STORE, LARGE, pages / 2);
    feed(&machine, of_process(TW_RECORD_THREAD, CHILD));
    huge_access_pages(&machine, TW_LOAD, LARGE, pages + 16);
    huge_access_pages(&machine, TW_STORE, LARGE + PAGE, pages);
    feed(&machine, of_process(TW_RECORD_THREAD, 0));
    huge_access_pages(&machine, TW_LOAD, LARGE, pages + 16);
    feed(&machine, of_process(TW_RECORD_EXIT, CHILD));
    huge_access_pages(&machine, TW_STORE, LARGE, pages + 16);
    assert_true(huge_is_large(&machine, LARGE)); /* alone again */
    huge_access_pages(&machine, TW_LOAD, LARGE, pages + 16);
    huge_close_well(&machine);
  }
}

static void page_that_leaves_memory_splits_and_comes_back(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE, pages + 32);
    feed(&machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 200});
    assert_true(machine_counts(&machine).splits >= 1);
    assert_int_equal(machine_counts(&machine).swapped_out, 200);
    huge_access_pages(&machine, TW_LOAD, LARGE, pages + 32);
    assert_true(machine_counts(&machine).swapped_in > 0);
    assert_true(huge_is_large(&machine, LARGE)); /* full again */
    huge_close_well(&machine);
  }
}

static void machine_without_swap_keeps_its_large_pages(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    tw_space_options options = huge_options_of(&huge_kinds[i]);
    options.swap_pages = 0;
    huge_open_with(&machine, &options);
    huge_access_pages(&machine, TW_STORE, LARGE, huge_pages_of(&huge_kinds[i]));
    feed(&machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 200});
    assert_true(huge_is_large(&machine, LARGE));
    assert_int_equal(machine_counts(&machine).splits, 0);
    huge_close_well(&machine);
  }
}

static void advice_cold_and_drop_take_parts_of_a_large_page(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    tw_record advice = program_range(TW_RECORD_ADVISE, LARGE + 3 * PAGE, 5 * PAGE, 0);
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE, pages);
    advice.map.advice = TW_ADVICE_COLD;
    feed(&machine, advice);
    assert_int_equal(machine_counts(&machine).swapped_out, 5);
    advice.map.start += 20 * PAGE;
    advice.map.advice = TW_ADVICE_DROP;
    feed(&machine, advice);
    assert_int_equal(machine_counts(&machine).splits, 1);
    assert_int_equal(huge_looked_at(&machine, LARGE + 25 * PAGE).reason, TW_REASON_INVALID);
    huge_access_pages(&machine, TW_LOAD, LARGE, pages);
    assert_true(huge_is_large(&machine, LARGE));
    huge_close_well(&machine);
  }
}

static void without_a_free_block_pages_stay_small_and_nothing_is_lost(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    tw_space_options options = huge_options_of(&huge_kinds[i]);
    options.frame_count = pages + pages / 2; /* no second block, whichever pages lie in the first */
    options.frame_base = 0x80000000;
    huge_open_with(&machine, &options);
    huge_access_pages(&machine, TW_STORE, LARGE, pages);
    assert_int_equal(machine_counts(&machine).promotions, 0);
    huge_access_pages(&machine, TW_LOAD, LARGE, pages);
    assert_int_equal(machine_counts(&machine).swapped_out, 0);
    huge_close_well(&machine);
  }
}

static void large_pages_are_given_back_with_their_tables(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    huge_open_kind(&machine, &huge_kinds[i]);
    uint64_t before = machine_counts(&machine).frames_used;
    huge_access_pages(&machine, TW_STORE, LARGE, 2048 + 32);
    assert_int_equal(machine_counts(&machine).promotions, 2048 / huge_pages_of(&huge_kinds[i]));
    feed(&machine, of_process(TW_RECORD_EXEC, 0));
    machine_check(&machine);
    assert_int_equal(machine_counts(&machine).frames_used, before);
    feed(&machine, program_map(LARGE, 0x1000000, RW, TW_REGION_MAPPED));
    huge_access_pages(&machine, TW_STORE, LARGE, 2048 + 32);
    feed(&machine, of_process(TW_RECORD_PROCESS, CHILD));
    feed(&machine, of_process(TW_RECORD_THREAD, CHILD));
    feed(&machine, of_process(TW_RECORD_EXIT, 0));
    assert_int_equal(machine_counts(&machine).splits, 0);
    assert_int_equal(machine_counts(&machine).frames_used, before);
    huge_close_well(&machine);
  }
}

/* What was promoted with D in one page alone has D, and so has each of its pages when it is split. */
static void accessed_and_dirty_are_those_of_any_page_and_go_to_all(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    for (unsigned dirty = 0; dirty < 2; dirty++) {
      test_machine machine;
      uint64_t pages = huge_pages_of(&huge_kinds[i]), last = LARGE + (pages - 1) * PAGE;
      huge_open_kind(&machine, &huge_kinds[i]);
      huge_access_pages(&machine, TW_LOAD, LARGE, 5);
      huge_access_pages(&machine, dirty ? TW_STORE : TW_LOAD, LARGE + 5 * PAGE, 1);
      huge_access_pages(&machine, TW_LOAD, LARGE + 6 * PAGE, pages - 6);
      assert_true(huge_is_large(&machine, LARGE));
      assert_int_equal(huge_looked_at(&machine, LARGE).flags & (TW_PTE_A | TW_PTE_D),
                       TW_PTE_A | (dirty ? TW_PTE_D : 0));
      feed(&machine, program_range(TW_RECORD_UNMAP, last, PAGE, 0));
      for (uint64_t n = 0; n + 1 < pages; n++)
        assert_int_equal(huge_looked_at(&machine, LARGE + n * PAGE).flags & (TW_PTE_A | TW_PTE_D),
                         TW_PTE_A | (dirty ? TW_PTE_D : 0));
      huge_close_well(&machine);
    }
  }
}

static unsigned fences_of(const test_machine *machine, size_t first, bool has_va, bool has_asid) {
  unsigned count = 0;
  for (size_t i = first; i < machine->log_count; i++) {
    const tw_record *record = &machine->log[i].record;
    count += record->kind == TW_RECORD_FENCE && record->fence.has_va == has_va && record->fence.has_asid == has_asid;
  }
  return count;
}

/* A pointer went: a fence with an address is not enough. 64 KiB are 16 pages, each with its own entry. */
static void fences_of_promotion_and_split_are_those_of_the_policy(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE, 15);
    size_t first = machine.log_count;
    huge_access_pages(&machine, TW_STORE, LARGE + 15 * PAGE, 1);
    assert_int_equal(fences_of(&machine, first, true, true), huge_has_runs(&huge_kinds[i]) ? 16 : 0);
    huge_access_pages(&machine, TW_STORE, LARGE + 16 * PAGE, pages - 17);
    first = machine.log_count;
    huge_access_pages(&machine, TW_STORE, LARGE + (pages - 1) * PAGE, 1);
    assert_int_equal(fences_of(&machine, first, false, true), 1);
    first = machine.log_count;
    feed(&machine, program_range(TW_RECORD_UNMAP, LARGE, PAGE, 0));
    assert_int_equal(fences_of(&machine, first, false, true), 1);
    assert_int_equal(fences_of(&machine, first, true, true), 1);
    huge_close_well(&machine);
  }
}

typedef struct seen {
  unsigned promoted, split;
  uint64_t va, pa;
} seen;

static void see(void *payload, const tw_space_event *event) {
  seen *all = payload;
  if (event->kind != TW_SPACE_PROMOTE && event->kind != TW_SPACE_SPLIT) return;
  all->promoted += event->kind == TW_SPACE_PROMOTE;
  all->split += event->kind == TW_SPACE_SPLIT;
  all->va = event->va;
  all->pa = event->pa;
}

static void watcher_is_told_where_a_page_grew_and_where_it_was_split(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    seen all = {0};
    const tw_space_watcher watcher = {.event = see, .payload = &all};
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    huge_open_kind(&machine, &huge_kinds[i]);
    tw_space_watch(machine.space, &watcher);
    huge_access_pages(&machine, TW_STORE, LARGE + 17 * PAGE, pages - 17);
    huge_access_pages(&machine, TW_STORE, LARGE, 17);
    assert_int_equal(all.promoted, huge_has_runs(&huge_kinds[i]) ? pages / 16 + 1 : 1);
    assert_int_equal(all.va, LARGE);
    assert_int_equal(all.pa, huge_looked_at(&machine, LARGE).pa);
    all.va = all.pa = 0;
    feed(&machine, program_range(TW_RECORD_UNMAP, LARGE + 9 * PAGE, PAGE, 0));
    assert_int_equal(all.split, 1);
    assert_int_equal(all.va, LARGE);
    assert_int_equal(all.pa, huge_looked_at(&machine, LARGE).pa);
    tw_space_watch(machine.space, NULL);
    huge_close_well(&machine);
  }
}

static void page_that_is_full_again_grows_where_it_is(void **state) {
  (void)state;
  for (unsigned i = 0; i < HUGE_KINDS; i++) {
    test_machine machine;
    uint64_t pages = huge_pages_of(&huge_kinds[i]);
    tw_record advice = program_range(TW_RECORD_ADVISE, LARGE, pages * PAGE, 0);
    huge_open_kind(&machine, &huge_kinds[i]);
    huge_access_pages(&machine, TW_STORE, LARGE, pages);
    uint64_t pa = huge_looked_at(&machine, LARGE).pa;
    advice.map.advice = TW_ADVICE_NO_HUGE;
    feed(&machine, advice);
    advice.map.advice = TW_ADVICE_HUGE;
    feed(&machine, advice);
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE + PAGE, PAGE, TW_PROT_READ));
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE + PAGE, PAGE, RW));
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE + PAGE, PAGE, 0));
    feed(&machine, program_range(TW_RECORD_PROTECT, LARGE + PAGE, PAGE, RW));
    advice = program_range(TW_RECORD_ADVISE, LARGE + 5 * PAGE, PAGE, 0);
    advice.map.advice = TW_ADVICE_COLD;
    feed(&machine, advice);
    huge_access_pages(&machine, TW_STORE, LARGE, pages);
    assert_int_equal(machine_counts(&machine).promotions, 2);
    assert_true(huge_is_large(&machine, LARGE));
    assert_true(huge_looked_at(&machine, LARGE).pa % (pages * PAGE) == 0 && pa % (pages * PAGE) == 0);
    huge_access_pages(&machine, TW_LOAD, LARGE, pages);
    huge_close_well(&machine);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fork_splits_and_each_side_has_its_own_content),
      cmocka_unit_test(page_that_leaves_memory_splits_and_comes_back),
      cmocka_unit_test(machine_without_swap_keeps_its_large_pages),
      cmocka_unit_test(advice_cold_and_drop_take_parts_of_a_large_page),
      cmocka_unit_test(without_a_free_block_pages_stay_small_and_nothing_is_lost),
      cmocka_unit_test(large_pages_are_given_back_with_their_tables),
      cmocka_unit_test(accessed_and_dirty_are_those_of_any_page_and_go_to_all),
      cmocka_unit_test(fences_of_promotion_and_split_are_those_of_the_policy),
      cmocka_unit_test(watcher_is_told_where_a_page_grew_and_where_it_was_split),
      cmocka_unit_test(page_that_is_full_again_grows_where_it_is),
  };
  return cmocka_run_group_tests_name("huge_life", tests, NULL, NULL);
}
