/* Processes: private address spaces, switches and ASIDs, fork, exec, exit, and system calls (S4 to S7, S11).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

#define PROGRAM 0x400000u

static void processes_have_the_same_addresses_and_frames_of_their_own(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_process(TW_RECORD_PROCESS, 1));
    for (uint32_t number = 0; number < 2; number++) {
      switch_to(&machine, number);
      feed(&machine, program_map(PROGRAM, 0x4000, RW, TW_REGION_DATA));
      store(&machine, PROGRAM);
    }
    switch_to(&machine, 0);
    load(&machine, PROGRAM);
    machine_settle(&machine);
    assert_true(page_pa(&machine, 0, PROGRAM) && page_pa(&machine, 1, PROGRAM));
    assert_true(page_pa(&machine, 0, PROGRAM) != page_pa(&machine, 1, PROGRAM));
    assert_int_equal(machine_counts(&machine).switches, 2);
    assert_int_equal(machine_counts(&machine).processes, 2);
    small_close(&machine);
  }
}

static void page_lands_in_the_frame_that_the_trace_asks_for(void **state) {
  (void)state;
  static const uint64_t frames[] = {0x12345000u, 0xabcdf000u};
  FOR_EACH_MACHINE(mode, late) {
    tw_space_options options = small_machine(mode);
    options.frame_base = 0x10000000u;
    options.frame_count = 0xa0000;
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_process(TW_RECORD_PROCESS, 1));
    for (uint32_t number = 0; number < 2; number++) {
      switch_to(&machine, number);
      feed(&machine, program_file(PROGRAM, 0x4000, RX, number ? "b" : "a", false));
      feed(&machine, (tw_record){.kind = TW_RECORD_PLACE, .place = {PROGRAM, frames[number]}});
      feed(&machine, program_access(TW_FETCH, PROGRAM + 4, 4));
      machine_settle(&machine);
      assert_true(page_pa(&machine, number, PROGRAM) == frames[number]);
      assert_true(machine_walk(&machine, TW_USER, TW_FETCH, PROGRAM + 4).pa == frames[number] + 4);
    }
    small_close(&machine);
  }
}

static void place_that_cannot_be_is_refused_with_a_reason(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  store(&machine, DATA);
  const struct {
    uint64_t va, pa;
    const char *why;
  } wrong[] = {{DATA, 0x80005000u, "there already"},
               {DATA + 0x1000, page_pa(&machine, 0, DATA), "in use"},
               {DATA + 0x1000, 0x1000, "none of the machine's"},
               {UINT64_C(1) << 63, 0x80005000u, "no address"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    tw_error error = {0};
    tw_record place = {.kind = TW_RECORD_PLACE, .place = {wrong[i].va, wrong[i].pa}};
    assert_false(machine_try(&machine, &place, &error));
    assert_non_null(strstr(error.text, wrong[i].why));
    assert_non_null(strstr(error.text, "record "));
  }
  small_close(&machine);
}

static void place_is_given_back_with_its_region(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  uint64_t used = machine_counts(&machine).frames_used;
  feed(&machine, (tw_record){.kind = TW_RECORD_PLACE, .place = {DATA, 0x80005000u}});
  assert_true(machine_counts(&machine).frames_used == used + 1);
  machine_check(&machine);
  feed(&machine, program_range(TW_RECORD_UNMAP, DATA, 0x100000, 0));
  assert_true(machine_counts(&machine).frames_used == used);
  feed(&machine, (tw_record){.kind = TW_RECORD_PLACE, .place = {DATA, 0x80005000u}});
  feed(&machine, program_process(TW_RECORD_EXEC, 0));
  assert_true(machine_counts(&machine).frames_used == used);
  small_close(&machine);
}

/* The control writes of a switch, and nothing else of it, name another address space. */
static void switch_is_a_control_write_and_no_fence(void **state) {
  (void)state;
  char text[64];
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_process(TW_RECORD_PROCESS, 1));
    machine_settle(&machine);
    size_t first = machine.log_count;
    switch_to(&machine, 1);
    machine_settle(&machine);
    assert_string_equal(shape(&machine, first, text, sizeof text), "CFSFFCFLC");
    assert_int_equal(machine.context.satp.asid, 2);
    tw_space_process process;
    assert_true(tw_space_process_at(machine.space, 1, &process));
    assert_true(process.running && process.asid == 2 && process.root_pa >> 12 == machine.context.satp.root_ppn);
    first = machine.log_count;
    switch_to(&machine, 1);
    feed(&machine, (tw_record){.kind = TW_RECORD_THREAD, .id = 0x10002});
    assert_int_equal(machine.log_count, first);
    small_close(&machine);
  }
}

static void machine_without_asids_is_fenced_at_every_switch(void **state) {
  (void)state;
  for (unsigned told = 0; told < 2; told++) {
    tw_space_options options = small_machine(TW_SV39);
    if (told) options.asids = 1;
    if (!told) options.asid_bits = 0;
    test_machine machine;
    small_open(&machine, &options, false);
    machine_give_tlb(&machine, 32);
    feed(&machine, program_process(TW_RECORD_PROCESS, 1));
    switch_to(&machine, 1);
    feed(&machine, program_map(DATA, 0x4000, RW, TW_REGION_DATA));
    for (uint32_t i = 0; i < 10; i++) {
      size_t first = machine.log_count;
      switch_to(&machine, i % 2);
      assert_int_equal(fences_from(&machine, first, false, false), i == 0 || i % 2 != (i - 1) % 2);
      store(&machine, DATA);
      load(&machine, DATA);
    }
    assert_int_equal(machine.context.satp.asid, 0);
    assert_int_equal(machine_counts(&machine).rollovers, 0);
    small_close(&machine);
  }
}

/* What no MMU can hold needs no fence: of a process that has no ASID of this generation, or shares the only one. */
static void process_that_no_mmu_holds_anything_of_is_not_fenced(void **state) {
  (void)state;
  for (unsigned asids = 1; asids < 3; asids++) {
    tw_space_options options = small_machine(TW_SV39);
    options.asids = asids;
    test_machine machine;
    small_open(&machine, &options, false);
    touch(&machine, DATA, 3);
    feed(&machine, program_process(TW_RECORD_PROCESS, 1));
    switch_to(&machine, 1);
    size_t first = machine.log_count;
    feed(&machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 2});
    feed(&machine, program_process(TW_RECORD_EXIT, 0));
    for (size_t i = first; i < machine.log_count; i++) {
      assert_int_not_equal(machine.log[i].record.kind, TW_RECORD_FENCE);
    }
    assert_int_equal(machine_counts(&machine).swapped_out, 2);
    small_close(&machine);
  }
}

static void asids_that_are_used_up_begin_anew_behind_a_fence(void **state) {
  (void)state;
  tw_space_options options = small_machine(TW_SV39);
  options.asids = 3; /* 0 is nobody's: two for processes */
  test_machine machine;
  small_open(&machine, &options, false);
  machine_give_tlb(&machine, 64);
  for (uint32_t number = 1; number < 4; number++) {
    feed(&machine, program_process(TW_RECORD_PROCESS, number));
    switch_to(&machine, number);
    feed(&machine, program_map(DATA, 0x4000, RW, TW_REGION_DATA));
    store(&machine, DATA);
  }
  size_t first = machine.log_count;
  for (uint32_t i = 0; i < 40; i++) {
    uint64_t rollovers = machine_counts(&machine).rollovers;
    first = machine.log_count;
    switch_to(&machine, i % 4);
    rollovers = machine_counts(&machine).rollovers - rollovers;
    assert_int_equal(fences_from(&machine, first, false, false), rollovers);
    assert_true(machine.context.satp.asid == 1 || machine.context.satp.asid == 2);
    load(&machine, DATA);
    store(&machine, DATA + 8 * i);
  }
  /* Four processes and two ASIDs: every other switch begins a generation. */
  assert_int_equal(machine_counts(&machine).rollovers, 21);
  small_close(&machine);
}

static void two_processes_and_enough_asids_need_no_fence_at_all(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV57);
  small_open(&machine, &options, false);
  machine_give_tlb(&machine, 64);
  feed(&machine, program_process(TW_RECORD_FORK, 1));
  for (uint32_t number = 0; number < 2; number++) {
    switch_to(&machine, number);
    store(&machine, DATA);
  }
  uint64_t fences = machine_counts(&machine).fences;
  for (uint32_t i = 0; i < 20; i++) {
    switch_to(&machine, i % 2);
    load(&machine, DATA);
  }
  assert_true(machine_counts(&machine).fences == fences);
  small_close(&machine);
}

/* What every process's root has of the kernel is the same. */
static void kernel_is_in_every_process_by_the_same_tables(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    const tw_layout *layout = tw_layout_of(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    machine_settle(&machine);
    tw_walk first = machine_walk(&machine, TW_SUPERVISOR, TW_FETCH, layout->text_va);
    feed(&machine, program_process(TW_RECORD_PROCESS, 1));
    switch_to(&machine, 1);
    machine_settle(&machine);
    tw_walk second = machine_walk(&machine, TW_SUPERVISOR, TW_FETCH, layout->text_va);
    assert_true(first.reason == TW_OK && second.reason == TW_OK && first.pa == second.pa);
    assert_true(second.flags & TW_PTE_G && !(second.flags & TW_PTE_U));
    assert_true(first.steps[0].pa != second.steps[0].pa);
    for (uint8_t i = 1; i < first.step_count; i++) assert_true(first.steps[i].pa == second.steps[i].pa);
    unsigned shared = 0;
    tw_space_table table;
    for (size_t i = 0; tw_space_table_at(machine.space, 1, i, &table); i++) shared += table.shared;
    assert_int_equal(shared, mode == TW_SV32 ? 0 : mode == TW_SV39 ? 1 : mode == TW_SV48 ? 3 : 5);
    small_close(&machine);
  }
}

static void what_needs_a_process_is_refused_when_none_runs(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  feed(&machine, program_process(TW_RECORD_EXIT, 0));
  tw_record records[] = {program_access(TW_LOAD, DATA, 8),
                         program_map(DATA, 0x1000, RW, TW_REGION_DATA),
                         program_process(TW_RECORD_FORK, 1),
                         program_process(TW_RECORD_EXEC, 0),
                         program_process(TW_RECORD_THREAD, 0),
                         program_process(TW_RECORD_EXIT, 7),
                         {.kind = TW_RECORD_CALL}};
  for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
    tw_error error = {0};
    assert_false(machine_try(&machine, &records[i], &error));
    assert_non_null(strstr(error.text, " process "));
  }
  feed(&machine, program_process(TW_RECORD_PROCESS, 0));
  switch_to(&machine, 0);
  feed(&machine, program_map(DATA, 0x1000, RW, TW_REGION_DATA));
  store(&machine, DATA);
  assert_int_equal(tw_space_processes(machine.space), 2);
  small_close(&machine);
}

static void process_that_is_there_cannot_begin_again(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  for (unsigned fork = 0; fork < 2; fork++) {
    tw_error error = {0};
    tw_record begin = program_process(fork ? TW_RECORD_FORK : TW_RECORD_PROCESS, 0);
    assert_false(machine_try(&machine, &begin, &error));
    assert_non_null(strstr(error.text, "there already"));
  }
  machine_close(&machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(processes_have_the_same_addresses_and_frames_of_their_own),
      cmocka_unit_test(page_lands_in_the_frame_that_the_trace_asks_for),
      cmocka_unit_test(place_that_cannot_be_is_refused_with_a_reason),
      cmocka_unit_test(place_is_given_back_with_its_region),
      cmocka_unit_test(switch_is_a_control_write_and_no_fence),
      cmocka_unit_test(machine_without_asids_is_fenced_at_every_switch),
      cmocka_unit_test(process_that_no_mmu_holds_anything_of_is_not_fenced),
      cmocka_unit_test(asids_that_are_used_up_begin_anew_behind_a_fence),
      cmocka_unit_test(two_processes_and_enough_asids_need_no_fence_at_all),
      cmocka_unit_test(kernel_is_in_every_process_by_the_same_tables),
      cmocka_unit_test(what_needs_a_process_is_refused_when_none_runs),
      cmocka_unit_test(process_that_is_there_cannot_begin_again),
  };
  return cmocka_run_group_tests_name("space_processes", tests, NULL, NULL);
}
