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

static unsigned fences_from(const test_machine *machine, size_t first, bool has_va, bool has_asid) {
  unsigned fences = 0;
  for (size_t i = first; i < machine->log_count; i++) {
    const tw_record *record = &machine->log[i].record;
    fences += record->kind == TW_RECORD_FENCE && record->fence.has_va == has_va && record->fence.has_asid == has_asid;
  }
  return fences;
}

static void store(test_machine *machine, uint64_t va) {
  feed(machine, program_access(TW_STORE, va, 8));
}

static void load(test_machine *machine, uint64_t va) {
  feed(machine, program_access(TW_LOAD, va, 8));
}

static void switch_to(test_machine *machine, uint32_t number) {
  feed(machine, program_process(TW_RECORD_THREAD, number));
}

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

static void exit_gives_frames_slots_and_tables_back(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    tw_space_process process;
    tw_space_table table;
    uint64_t tables[8];
    size_t count = 0;
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
    for (size_t i = 0; tw_space_table_at(machine.space, 1, i, &table); i++) {
      if (!table.shared) tables[count++] = table.pa;
    }
    assert_int_equal(count, tw_mode_row(mode)->levels);
    size_t first = machine.log_count;
    feed(&machine, program_process(TW_RECORD_EXIT, 1));
    machine_settle(&machine);
    /* Whoever takes their frames finds zeroes in them. */
    for (size_t i = 0; i < count; i++) {
      for (uint64_t at = 0; at < 4096; at += 4) assert_int_equal(machine_word_at(&machine, tables[i] + at), 0);
    }
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

static void call_reads_and_writes_the_program_s_memory_with_sum(void **state) {
  (void)state;
  char text[256];
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    touch(&machine, DATA, 2);
    machine_settle(&machine);
    size_t first = machine.log_count;
    const tw_record_call call = {.reads = DATA + 4, .reads_length = 20, .writes = DATA + 0x1000, .writes_length = 16};
    feed(&machine, (tw_record){.kind = TW_RECORD_CALL, .call = call});
    machine_settle(&machine);
    assert_string_equal(shape(&machine, first, text, sizeof text),
                        mode == TW_SV32 ? "CFSFFCFlllllsssFsCFLC" : "CFSFFCFlllssCFLC");
    for (size_t i = first; i < machine.log_count; i++) {
      const tw_record *record = &machine.log[i].record;
      if (record->kind == TW_RECORD_ACCESS) assert_int_equal(machine.log[i].walk.reason, TW_OK);
    }
    assert_int_equal(machine.context.privilege, TW_USER);
    assert_false(machine.context.sum);
    assert_int_equal(machine_counts(&machine).calls, 1);
    feed(&machine, program_access(TW_LOAD, DATA + 0x1000, 16));
    small_close(&machine);
  }
}

/* SUM=1 is for the copying loop alone. */
static void sum_is_set_for_the_copying_loop_alone(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  const tw_record_call call = {.reads = DATA, .reads_length = 200, .writes = DATA + 0x5000, .writes_length = 3};
  feed(&machine, (tw_record){.kind = TW_RECORD_CALL, .call = call});
  bool sum = false;
  unsigned user = 0;
  for (size_t i = 0; i < machine.log_count; i++) {
    const tw_record *record = &machine.log[i].record;
    if (record->kind == TW_RECORD_CONTROL) {
      sum = record->control.sum;
      assert_true(!sum || record->control.privilege == TW_SUPERVISOR);
    }
    if (record->kind != TW_RECORD_ACCESS) continue;
    bool kernel = record->access.va >= 0xc0000000u;
    if (kernel && record->access.kind != TW_FETCH) assert_false(sum);
    if (kernel) continue;
    assert_true(sum);
    user++;
  }
  /* 25 words and one of 3 bytes; two faults. */
  assert_int_equal(user, 28);
  assert_int_equal(machine_counts(&machine).page_faults, 2);
  small_close(&machine);
}

static void call_that_faults_is_answered_and_goes_on_in_s_mode(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    touch(&machine, DATA, 1);
    feed(&machine, program_process(TW_RECORD_FORK, 1));
    const tw_record_call call = {.reads = DATA + 0xff0, .reads_length = 0x1020, .writes = DATA, .writes_length = 9};
    feed(&machine, (tw_record){.kind = TW_RECORD_CALL, .call = call});
    load(&machine, DATA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).copies, 1);
    assert_int_equal(machine_counts(&machine).page_faults, 4);
    assert_int_equal(machine.context.privilege, TW_USER);
    small_close(&machine);
  }
}

static void call_outside_of_the_regions_ends_there(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const uint64_t ends[] = {0x7000000, CODE, tw_layout_of(mode)->direct_va, UINT64_MAX - 7};
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    touch(&machine, DATA, 1);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
      const tw_record_call call = {.reads = DATA, .reads_length = 16, .writes = ends[i], .writes_length = 64};
      feed(&machine, (tw_record){.kind = TW_RECORD_CALL, .call = call});
      machine_settle(&machine);
      assert_int_equal(machine_counts(&machine).segmentation_faults, i + 1);
      assert_int_equal(machine.context.privilege, TW_USER);
      assert_true(tw_space_hungry(machine.space));
    }
    small_close(&machine);
  }
}

static void seen_fence_is_played_with_the_asid_of_here(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  const tw_record_fence seen = {.has_va = true, .va = DATA, .has_asid = true, .asid = 77};
  feed(&machine, (tw_record){.kind = TW_RECORD_FENCE, .fence = seen});
  feed(&machine, (tw_record){.kind = TW_RECORD_FENCE, .fence = {.unknown = true, .has_va = true, .va = DATA}});
  unsigned fences = 0;
  for (size_t i = 0; i < machine.log_count; i++) {
    const tw_record *record = &machine.log[i].record;
    if (record->kind != TW_RECORD_FENCE) continue;
    fences++;
    if (fences == 2) assert_true(record->fence.va == DATA && record->fence.has_asid && record->fence.asid == 1);
    if (fences == 3) assert_true(!record->fence.has_va && !record->fence.has_asid && !record->fence.unknown);
  }
  assert_int_equal(fences, 3);
  assert_int_equal(machine_counts(&machine).unknown_fences, 1);
  small_close(&machine);
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
      cmocka_unit_test(fork_takes_w_from_both_and_the_first_store_copies),
      cmocka_unit_test(fork_fences_the_parent_once_by_its_asid),
      cmocka_unit_test(fork_of_an_address_space_that_nothing_was_stored_to_fences_nothing),
      cmocka_unit_test(child_and_parent_find_what_each_of_them_stored),
      cmocka_unit_test(fork_leaves_out_pages_of_files_and_of_shared_memory),
      cmocka_unit_test(exec_gives_back_and_keeps_the_process),
      cmocka_unit_test(exit_gives_frames_slots_and_tables_back),
      cmocka_unit_test(exit_of_a_thread_does_nothing),
      cmocka_unit_test(what_needs_a_process_is_refused_when_none_runs),
      cmocka_unit_test(process_that_is_there_cannot_begin_again),
      cmocka_unit_test(process_that_ended_leaves_nothing_but_its_record),
      cmocka_unit_test(call_reads_and_writes_the_program_s_memory_with_sum),
      cmocka_unit_test(sum_is_set_for_the_copying_loop_alone),
      cmocka_unit_test(call_that_faults_is_answered_and_goes_on_in_s_mode),
      cmocka_unit_test(call_outside_of_the_regions_ends_there),
      cmocka_unit_test(seen_fence_is_played_with_the_asid_of_here),
  };
  return cmocka_run_group_tests_name("space_processes", tests, NULL, NULL);
}
