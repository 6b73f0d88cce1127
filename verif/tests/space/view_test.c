/* Looking at address spaces, and being told what happens to them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

/* Some processes that have shared, copied and swapped. */
static void live(test_machine *machine) {
  touch(machine, DATA, 12);
  feed(machine, program_file(0x400000, 0x4000, RX, "text", false));
  feed(machine, program_access(TW_FETCH, 0x400000, 4));
  feed(machine, program_process(TW_RECORD_FORK, 1));
  feed(machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 3});
  feed(machine, program_process(TW_RECORD_THREAD, 1));
  touch(machine, DATA + 0x6000, 4);
  feed(machine, program_access(TW_FETCH, 0x400000, 4));
  feed(machine, program_access(TW_STORE, STACK_END - 8, 8));
  feed(machine, program_process(TW_RECORD_PROCESS, 2));
  machine_settle(machine);
}

static void pages_are_those_that_the_tables_in_memory_have(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    live(&machine);
    for (uint32_t n = 0; n < 3; n++) {
      tw_space_process process;
      tw_space_page page;
      uint64_t pages[2] = {0}, last = 0;
      feed(&machine, program_process(TW_RECORD_THREAD, n));
      machine_settle(&machine);
      assert_true(tw_space_process_at(machine.space, n, &process));
      for (uint64_t va = 0; tw_space_page_next(machine.space, n, va, &page); va = page.va + page.length) {
        tw_walk walk = machine_walk(&machine, TW_USER, TW_LOAD, page.va);
        assert_true(page.va >= last && page.length == 4096);
        last = page.va + page.length;
        pages[page.resident]++;
        /* A page that the clock went by has A=0, and cannot be loaded from as it is. */
        uint64_t entry = walk.steps[walk.step_count - 1].pte;
        assert_int_equal(walk.step_count, tw_mode_row(mode)->levels);
        assert_true(page.resident ? entry >> 10 == page.pa >> 12 && (entry & 0xff) == page.flags : !(entry & TW_PTE_V));
      }
      assert_true(process.resident == pages[1] && process.swapped == pages[0]);
      assert_true(process.running && process.id == n << 16);
      assert_true(n == 2 ? !pages[0] && !pages[1] : pages[0] && pages[1]);
    }
    small_close(&machine);
  }
}

static void tables_are_those_that_a_walk_goes_through(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    const tw_mode_info *info = tw_mode_row(mode);
    test_machine machine;
    tw_space_table table;
    tw_space_process process;
    small_open(&machine, &options, late);
    live(&machine);
    tw_walk walk = machine_walk(&machine, TW_USER, TW_LOAD, STACK_END - 8);
    assert_int_equal(walk.step_count, info->levels);
    uint64_t own = 0, leaves = 0;
    unsigned on_the_way = 0, level = info->levels - 1;
    for (size_t i = 0; tw_space_table_at(machine.space, 1, i, &table); i++) {
      assert_true(table.level <= level);
      level = table.level;
      own += !table.shared;
      if (!table.shared && !table.level) leaves += table.leaves;
      for (uint8_t step = 0; step < walk.step_count; step++) on_the_way += walk.steps[step].pa >> 12 == table.pa >> 12;
    }
    assert_int_equal(on_the_way, info->levels);
    assert_true(tw_space_process_at(machine.space, 1, &process));
    assert_true(process.tables == own && process.resident + process.swapped == leaves);
    assert_true(tw_space_table_at(machine.space, 1, 0, &table) && table.pa == process.root_pa && !table.shared);
    assert_false(tw_space_table_at(machine.space, 3, 0, &table));
    small_close(&machine);
  }
}

static void process_that_ended_is_seen_to_have_ended(void **state) {
  (void)state;
  const tw_space_options options = small_machine(TW_SV39);
  test_machine machine;
  tw_space_process process;
  tw_space_page page;
  tw_space_table table;
  small_open(&machine, &options, false);
  live(&machine);
  feed(&machine, program_process(TW_RECORD_EXIT, 1));
  assert_int_equal(tw_space_processes(machine.space), 3);
  assert_true(tw_space_process_at(machine.space, 1, &process));
  assert_true(!process.alive && !process.asid && !process.regions->count && process.accesses > 0);
  assert_false(tw_space_page_next(machine.space, 1, 0, &page));
  assert_false(tw_space_table_at(machine.space, 1, 0, &table));
  assert_false(tw_space_process_at(machine.space, 3, &process));
  assert_false(tw_space_page_next(machine.space, 3, 0, &page));
  small_close(&machine);
}

typedef struct told {
  uint64_t events[TW_SPACE_EVENT_COUNT];
  tw_space_event last[TW_SPACE_EVENT_COUNT];
  uint64_t retired, kernel, denied;
} told;

static void tell(void *payload, const tw_space_event *event) {
  told *all = payload;
  all->events[event->kind]++;
  all->last[event->kind] = *event;
}

static void retire(void *payload, const tw_space_retired *retired) {
  told *all = payload;
  all->retired += !retired->kernel;
  all->kernel += retired->kernel;
  all->denied += !retired->granted;
  assert_non_null(retired->answer);
  assert_true(retired->granted == !retired->answer->status);
}

static void watcher_is_told_what_is_counted(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    tw_space_options options = small_machine(mode);
    options.asids = 2;
    test_machine machine;
    told all;
    memset(&all, 0, sizeof all);
    small_open(&machine, &options, late);
    tw_space_watch(machine.space, &(tw_space_watcher){tell, retire, &all});
    tw_space_counts before = machine_counts(&machine);
    live(&machine);
    feed(&machine, program_process(TW_RECORD_THREAD, 0));
    feed(&machine, program_access(TW_STORE, DATA + 0xff8, 16));
    feed(&machine, program_access(TW_LOAD, 0x7000000, 8));
    feed(&machine, program_process(TW_RECORD_THREAD, 2));
    feed(&machine, program_process(TW_RECORD_EXEC, 2));
    feed(&machine, program_process(TW_RECORD_EXIT, 2));
    machine_settle(&machine);
    tw_space_counts counts = machine_counts(&machine);
    const uint64_t *told_of = all.events;
    assert_true(told_of[TW_SPACE_COPY] == counts.copies && told_of[TW_SPACE_REUSE] == counts.reuses);
    assert_true(told_of[TW_SPACE_SWAP_OUT] == counts.swapped_out && told_of[TW_SPACE_SWAP_IN] == counts.swapped_in);
    assert_true(told_of[TW_SPACE_DROP] == counts.dropped && told_of[TW_SPACE_SEGFAULT] == counts.segmentation_faults);
    assert_true(told_of[TW_SPACE_FORK] == 1 && told_of[TW_SPACE_EXEC] == 1 && told_of[TW_SPACE_EXIT] == 1);
    assert_true(told_of[TW_SPACE_SWITCH] == counts.switches && told_of[TW_SPACE_ROLLOVER] == counts.rollovers);
    assert_true(told_of[TW_SPACE_FENCE] == counts.fences - before.fences);
    assert_true(told_of[TW_SPACE_MAJOR_FAULT] == counts.major_faults);
    assert_true(all.retired == counts.program_accesses + counts.page_crossings);
    assert_true(all.kernel == counts.kernel_accesses - before.kernel_accesses && all.denied == 1);
    assert_true(all.last[TW_SPACE_FORK].process == 0 && all.last[TW_SPACE_FORK].pa == 1u << 16);
    assert_true(all.last[TW_SPACE_SEGFAULT].va == 0x7000000 && all.last[TW_SPACE_EXIT].process == 2u << 16);
    assert_true(counts.rollovers > 0 && counts.copies > 0 && counts.swapped_in > 0);
    small_close(&machine);
  }
}

static void counts_and_events_have_names(void **state) {
  (void)state;
  tw_space_counts counts;
  const char *name;
  uint64_t value, *fields = (uint64_t *)&counts;
  size_t n = 0;
  for (; n < sizeof counts / sizeof *fields; n++) fields[n] = n + 100;
  for (n = 0; (name = tw_space_count_name(n)); n++) {
    assert_true(tw_space_count_named(&counts, name, &value));
    assert_int_equal(value, n + 100);
  }
  assert_int_equal(n, sizeof counts / sizeof *fields);
  assert_false(tw_space_count_named(&counts, "page_fault", &value));
  for (n = 0; n < TW_SPACE_EVENT_COUNT; n++) {
    for (size_t other = 0; other < n; other++) {
      assert_string_not_equal(tw_space_event_name((tw_space_event_kind)n),
                              tw_space_event_name((tw_space_event_kind)other));
    }
  }
  assert_string_equal(tw_space_event_name(TW_SPACE_EVENT_COUNT), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pages_are_those_that_the_tables_in_memory_have),
      cmocka_unit_test(tables_are_those_that_a_walk_goes_through),
      cmocka_unit_test(process_that_ended_is_seen_to_have_ended),
      cmocka_unit_test(watcher_is_told_what_is_counted),
      cmocka_unit_test(counts_and_events_have_names),
  };
  return cmocka_run_group_tests_name("space_view", tests, NULL, NULL);
}
