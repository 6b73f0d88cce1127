/* fork, exec and exit (S11).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

#define PROGRAM 0x400000u

static void fork_takes_w_from_both_and_the_first_store_copies(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    machine_give_tlb(&machine, 32);
    touch(&machine, DATA, 3);
    feed(&machine, program_process(TW_RECORD_FORK, 1));
    machine_settle(&machine);
    uint64_t before = page_pa(&machine, 0, DATA);
    assert_true(before && page_pa(&machine, 1, DATA) == before);
    assert_int_equal(page_at(&machine, 0, DATA).sharers, 2);
    assert_false(page_at(&machine, 0, DATA).flags & TW_PTE_W);
    assert_false(page_at(&machine, 1, DATA).flags & TW_PTE_W);
    load(&machine, DATA);
    assert_int_equal(machine_counts(&machine).copies, 0);
    store(&machine, DATA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).copies, 1);
    assert_true(page_pa(&machine, 0, DATA) != before && page_pa(&machine, 1, DATA) == before);
    assert_true(page_at(&machine, 0, DATA).flags & TW_PTE_W);
    /* The child is the last owner: it keeps the frame. */
    switch_to(&machine, 1);
    load(&machine, DATA);
    store(&machine, DATA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).copies, 1);
    assert_int_equal(machine_counts(&machine).reuses, 1);
    assert_true(page_pa(&machine, 1, DATA) == before && page_at(&machine, 1, DATA).flags & TW_PTE_W);
    small_close(&machine);
  }
}

static void fork_fences_the_parent_once_by_its_asid(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  touch(&machine, DATA, 5);
  size_t first = machine.log_count;
  feed(&machine, program_process(TW_RECORD_FORK, 1));
  assert_int_equal(fences_from(&machine, first, false, true), 1);
  assert_int_equal(fences_from(&machine, first, true, true) + fences_from(&machine, first, true, false), 0);
  small_close(&machine);
}

static void fork_of_an_address_space_that_nothing_was_stored_to_fences_nothing(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  size_t first = machine.log_count;
  feed(&machine, program_process(TW_RECORD_FORK, 1));
  assert_int_equal(fences_from(&machine, first, false, true), 0);
  small_close(&machine);
}

static void child_and_parent_find_what_each_of_them_stored(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    touch(&machine, DATA, 8);
    for (uint32_t number = 1; number < 4; number++) {
      feed(&machine, program_process(TW_RECORD_FORK, number));
      switch_to(&machine, number);
      for (unsigned i = 0; i < 8; i += number) store(&machine, DATA + i * 0x1000u + 8);
    }
    for (uint32_t number = 0; number < 4; number++) {
      switch_to(&machine, number);
      for (unsigned i = 0; i < 8; i++) feed(&machine, program_access(TW_LOAD, DATA + i * 0x1000u, 64));
    }
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).checked_loads, 32);
    small_close(&machine);
  }
}

static void fork_leaves_out_pages_of_files_and_of_shared_memory(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_file(PROGRAM, 0x2000, RW, "file", false));
    tw_record shared = program_map(PROGRAM + 0x10000, 0x2000, RW, TW_REGION_MAPPED);
    shared.map.shared = true;
    feed(&machine, shared);
    load(&machine, PROGRAM);
    store(&machine, PROGRAM + 0x10000);
    feed(&machine, program_process(TW_RECORD_FORK, 1));
    switch_to(&machine, 1);
    machine_settle(&machine);
    assert_true(!page_at(&machine, 1, PROGRAM).length && !page_at(&machine, 1, PROGRAM + 0x10000).length);
    load(&machine, PROGRAM);
    load(&machine, PROGRAM + 0x10000);
    store(&machine, PROGRAM + 0x10008);
    switch_to(&machine, 0);
    feed(&machine, program_access(TW_LOAD, PROGRAM + 0x10000, 16));
    machine_settle(&machine);
    assert_true(page_pa(&machine, 0, PROGRAM) == page_pa(&machine, 1, PROGRAM));
    assert_true(page_pa(&machine, 0, PROGRAM + 0x10000) == page_pa(&machine, 1, PROGRAM + 0x10000));
    assert_int_equal(machine_counts(&machine).copies, 0);
    small_close(&machine);
  }
}

static void exec_gives_back_and_keeps_the_process(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    tw_space_process process;
    small_open(&machine, &options, late);
    machine_give_tlb(&machine, 32);
    uint64_t used = machine_counts(&machine).frames_used;
    touch(&machine, DATA, 9);
    tw_record shared = program_map(PROGRAM, 0x2000, RW, TW_REGION_MAPPED);
    shared.map.shared = true;
    feed(&machine, shared);
    store(&machine, PROGRAM);
    load(&machine, STACK_END - 0x3000);
    feed(&machine, program_range(TW_RECORD_BREAK, 0x1000000, 0, 0));
    feed(&machine, program_process(TW_RECORD_EXEC, 0));
    machine_settle(&machine);
    assert_true(tw_space_process_at(machine.space, 0, &process));
    assert_true(process.alive && process.running && process.tables == 1 && process.regions->count == 0);
    assert_string_equal(process.name, "program");
    assert_true(machine_counts(&machine).frames_used == used);
    load(&machine, DATA);
    feed(&machine, program_map(DATA, 0x1000, RW, TW_REGION_DATA));
    load(&machine, DATA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    assert_int_equal(machine_counts(&machine).execs, 1);
    small_close(&machine);
  }
}

/* The tables of a process that are its own. */
static size_t own_tables(const test_machine *machine, size_t process, uint64_t tables[8]) {
  size_t count = 0;
  tw_space_table table;
  for (size_t i = 0; tw_space_table_at(machine->space, process, i, &table); i++) {
    if (!table.shared && count < 8) tables[count++] = table.pa;
  }
  return count;
}

static void exit_gives_frames_slots_and_tables_back(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    tw_space_process process;
    uint64_t tables[8];
    small_open(&machine, &options, late);
    machine_give_tlb(&machine, 32);
    touch(&machine, DATA, 5);
    machine_settle(&machine);
    uint64_t used = machine_counts(&machine).frames_used;
    feed(&machine, program_process(TW_RECORD_FORK, 1));
    switch_to(&machine, 1);
    touch(&machine, DATA, 20);
    feed(&machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 6});
    machine_settle(&machine);
    assert_int_equal(own_tables(&machine, 1, tables), tw_mode_row(mode)->levels);
    size_t first = machine.log_count;
    feed(&machine, program_process(TW_RECORD_EXIT, 1));
    machine_settle(&machine);
    assert_int_equal(fences_from(&machine, first, false, true), 1);
    assert_int_equal(machine.context.privilege, TW_SUPERVISOR);
    assert_true(tw_space_process_at(machine.space, 1, &process));
    assert_true(!process.alive && !process.running && !process.resident && !process.swapped && !process.tables);
    machine_check(&machine);
    switch_to(&machine, 0);
    touch(&machine, DATA, 5);
    machine_settle(&machine);
    assert_true(machine_counts(&machine).frames_used == used);
    assert_int_equal(machine_counts(&machine).exits, 1);
    small_close(&machine);
  }
}

/* Whoever takes their frames finds zeroes in them. */
static void tables_that_are_given_back_are_empty(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    uint64_t tables[8];
    small_open(&machine, &options, late);
    touch(&machine, DATA, 5);
    machine_settle(&machine);
    size_t count = own_tables(&machine, 0, tables);
    feed(&machine, program_process(TW_RECORD_EXIT, 0));
    machine_settle(&machine);
    for (size_t i = 0; i < count; i++) {
      for (uint64_t at = 0; at < 4096; at += 4) assert_int_equal(machine_word_at(&machine, tables[i] + at), 0);
    }
    small_close(&machine);
  }
}

static void exit_of_a_thread_does_nothing(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  touch(&machine, DATA, 1);
  size_t first = machine.log_count;
  feed(&machine, (tw_record){.kind = TW_RECORD_EXIT, .id = 2});
  load(&machine, DATA);
  assert_int_equal(machine.log_count, first + 1);
  assert_int_equal(machine_counts(&machine).exits, 0);
  feed(&machine, program_process(TW_RECORD_EXIT, 0));
  feed(&machine, (tw_record){.kind = TW_RECORD_EXIT, .id = 1});
  assert_int_equal(machine_counts(&machine).exits, 1);
  small_close(&machine);
}

/* A trace that forks and exits for ever. */
static void process_that_ended_leaves_nothing_but_its_record(void **state) {
  (void)state;
  tw_space_options options = small_machine(TW_SV48);
  options.frame_count = 90;
  test_machine machine;
  small_open(&machine, &options, false);
  machine.keep = false;
  touch(&machine, DATA, 4);
  for (uint32_t number = 1; number < 1000; number++) {
    feed(&machine, program_process(TW_RECORD_FORK, number));
    switch_to(&machine, number);
    touch(&machine, DATA, 6);
    feed(&machine, program_process(TW_RECORD_EXIT, number));
    switch_to(&machine, 0);
  }
  assert_int_equal(machine_counts(&machine).swapped_out, 0);
  small_close(&machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fork_takes_w_from_both_and_the_first_store_copies),
      cmocka_unit_test(fork_fences_the_parent_once_by_its_asid),
      cmocka_unit_test(fork_of_an_address_space_that_nothing_was_stored_to_fences_nothing),
      cmocka_unit_test(child_and_parent_find_what_each_of_them_stored),
      cmocka_unit_test(fork_leaves_out_pages_of_files_and_of_shared_memory),
      cmocka_unit_test(exec_gives_back_and_keeps_the_process),
      cmocka_unit_test(exit_gives_frames_slots_and_tables_back),
      cmocka_unit_test(tables_that_are_given_back_are_empty),
      cmocka_unit_test(exit_of_a_thread_does_nothing),
      cmocka_unit_test(process_that_ended_leaves_nothing_but_its_record),
  };
  return cmocka_run_group_tests_name("space_fork", tests, NULL, NULL);
}
