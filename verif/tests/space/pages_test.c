/* Pages: first touch, the page cache, copy-on-write, reclaim by the clock, the swap device, rights (S8 to S13).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "process.h"

#define FILE_VA 0x400000u
#define OTHER_VA 0x900000u

static void reclaim(test_machine *machine, uint64_t pages) {
  feed(machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = pages});
}

/* The delay of the last store to an entry. */
static uint32_t delay_of_last_entry(const test_machine *machine) {
  for (size_t i = machine->log_count; i--;) {
    if (machine->log[i].record.kind == TW_RECORD_STORE) return machine->log[i].record.delay;
  }
  return 0;
}

static void file_s_page_is_read_once_and_shared_at_any_address(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    tw_space_options options = small_machine(mode);
    options.swap_latency = 77;
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_file(FILE_VA, 0x4000, RX, "libm.so", false));
    load(&machine, FILE_VA + 0x1000);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).major_faults, 1);
    assert_int_equal(delay_of_last_entry(&machine), 77);
    feed(&machine, program_process(TW_RECORD_PROCESS, 1));
    feed(&machine, program_process(TW_RECORD_THREAD, 1));
    tw_record map = program_file(OTHER_VA, 0x3000, RX, "libm.so", false);
    map.map.offset = 0x1000;
    feed(&machine, map);
    feed(&machine, program_access(TW_FETCH, OTHER_VA + 8, 4));
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).major_faults, 1);
    assert_int_equal(machine_counts(&machine).file_reads, 1);
    assert_int_equal(delay_of_last_entry(&machine), 0);
    assert_true(page_pa(&machine, 0, FILE_VA + 0x1000) == page_pa(&machine, 1, OTHER_VA));
    assert_true(page_at(&machine, 1, OTHER_VA).file && page_at(&machine, 1, OTHER_VA).sharers == 2);
    small_close(&machine);
  }
}

static void store_to_a_private_page_of_a_file_copies(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_file(FILE_VA, 0x2000, RW, "data", false));
    feed(&machine, program_file(OTHER_VA, 0x2000, RW, "data", false));
    store(&machine, FILE_VA); /* at once */
    load(&machine, FILE_VA + 0x1000);
    machine_settle(&machine);
    assert_false(page_at(&machine, 0, FILE_VA + 0x1000).flags & TW_PTE_W);
    store(&machine, FILE_VA + 0x1008); /* later */
    feed(&machine, program_access(TW_LOAD, FILE_VA, 64));
    feed(&machine, program_access(TW_LOAD, FILE_VA + 0x1000, 64));
    feed(&machine, program_access(TW_LOAD, OTHER_VA, 64));
    feed(&machine, program_access(TW_LOAD, OTHER_VA + 0x1000, 64));
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).copies, 2);
    assert_int_equal(machine_counts(&machine).page_faults, 5);
    assert_int_equal(machine_counts(&machine).file_reads, 2);
    assert_true(!page_at(&machine, 0, FILE_VA).file && page_at(&machine, 0, OTHER_VA).file);
    assert_true(page_pa(&machine, 0, FILE_VA) != page_pa(&machine, 0, OTHER_VA));
    reclaim(&machine, 100); /* the file's own pages are clean */
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).dropped, 2);
    assert_int_equal(machine_counts(&machine).swapped_out, 2);
    small_close(&machine);
  }
}

static void shared_mapping_is_seen_by_both(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    for (unsigned named = 0; named < 2; named++) {
      const tw_space_options options = small_machine(mode);
      test_machine machine;
      small_open(&machine, &options, late);
      tw_record map = program_file(FILE_VA, 0x2000, RW, named ? "file" : "", true);
      if (!named) map.map.use = TW_REGION_MAPPED;
      feed(&machine, map);
      feed(&machine, program_process(TW_RECORD_FORK, 1));
      for (uint32_t i = 0; i < 6; i++) {
        feed(&machine, program_process(TW_RECORD_THREAD, i % 2));
        feed(&machine, program_access(TW_LOAD, FILE_VA, 64));
        store(&machine, FILE_VA + i * 8);
      }
      machine_settle(&machine);
      assert_int_equal(machine_counts(&machine).copies, 0);
      assert_true(page_pa(&machine, 0, FILE_VA) && page_pa(&machine, 0, FILE_VA) == page_pa(&machine, 1, FILE_VA));
      small_close(&machine);
    }
  }
}

static void shared_memory_without_a_name_goes_with_its_last_region(void **state) {
  (void)state;
  const tw_space_options options = small_machine(TW_SV39);
  test_machine machine;
  small_open(&machine, &options, false);
  machine.keep = false;
  touch(&machine, DATA, 1); /* for the tables above */
  feed(&machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 10});
  const uint64_t used = machine_counts(&machine).frames_used;
  for (unsigned i = 0; i < 50; i++) {
    tw_record map = program_map(FILE_VA, 0x8000, RW, TW_REGION_MAPPED);
    map.map.shared = true;
    feed(&machine, map);
    touch(&machine, FILE_VA, 8);
    if (i % 2) reclaim(&machine, 20);
    feed(&machine, program_range(TW_RECORD_UNMAP, FILE_VA, 0x8000, 0));
    assert_true(machine_counts(&machine).frames_used == used);
    machine_check(&machine);
  }
  small_close(&machine);
}

/* As one region they would be pages of one file. */
static void neighbours_of_different_files_stay_two_regions(void **state) {
  (void)state;
  const tw_space_options options = small_machine(TW_SV39);
  test_machine machine;
  tw_space_process process;
  small_open(&machine, &options, false);
  feed(&machine, program_file(FILE_VA, 0x1000, RX, "one", false));
  tw_record other = program_file(FILE_VA + 0x1000, 0x1000, RX, "other", false);
  other.map.offset = 0x1000;
  feed(&machine, other);
  assert_true(tw_space_process_at(machine.space, 0, &process));
  assert_int_equal(process.regions->count, 5);
  other.map.name = "one";
  feed(&machine, other);
  assert_int_equal(process.regions->count, 4);
  load(&machine, FILE_VA);
  load(&machine, FILE_VA + 0x1000);
  small_close(&machine);
}

static void execute_only_page_can_be_fetched_alone(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_file(FILE_VA, 0x1000, TW_PROT_EXECUTE, "text", false));
    feed(&machine, program_access(TW_FETCH, FILE_VA, 4));
    machine_settle(&machine);
    assert_int_equal(page_at(&machine, 0, FILE_VA).flags & (TW_PTE_R | TW_PTE_W | TW_PTE_X), TW_PTE_X);
    load(&machine, FILE_VA);
    store(&machine, FILE_VA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 2);
    tw_space_segfault fault;
    assert_true(tw_space_segfault_at(machine.space, 0, &fault));
    assert_int_equal(fault.reason, TW_REASON_READ_DENIED);
    small_close(&machine);
  }
}

static void guard_page_faults_and_takes_no_frame(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_map(FILE_VA, 0x1000, 0, TW_REGION_GUARD));
    for (unsigned kind = 0; kind < 4; kind++) feed(&machine, program_access((tw_access)kind, FILE_VA, 4));
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 4);
    assert_int_equal(machine_counts(&machine).pages_mapped, 0);
    small_close(&machine);
  }
}

/* Between PROT_NONE and back the page leaves memory: its rights come back with it. */
static void page_without_rights_can_leave_and_come_back(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    touch(&machine, DATA, 3);
    feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x3000, 0));
    store(&machine, DATA);
    reclaim(&machine, 2);
    feed(&machine, program_process(TW_RECORD_FORK, 1));
    feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x3000, TW_PROT_READ));
    for (unsigned i = 0; i < 3; i++) load(&machine, DATA + i * 0x1000u);
    store(&machine, DATA);
    feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x3000, RW));
    for (unsigned i = 0; i < 3; i++) store(&machine, DATA + i * 0x1000u + 8);
    feed(&machine, program_process(TW_RECORD_THREAD, 1));
    load(&machine, DATA);
    feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x3000, RW));
    for (unsigned i = 0; i < 3; i++) load(&machine, DATA + i * 0x1000u);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 3);
    assert_int_equal(machine_counts(&machine).swapped_out, 2);
    assert_int_equal(machine_counts(&machine).copies, 3);
    small_close(&machine);
  }
}

/* A private page of a file, and one that a child has, too, do not get W back from mprotect. */
static void mprotect_gives_no_w_to_a_page_that_a_store_must_copy(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_file(FILE_VA, 0x1000, TW_PROT_READ, "data", false));
    load(&machine, FILE_VA);
    touch(&machine, DATA, 1);
    feed(&machine, program_process(TW_RECORD_FORK, 1));
    feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x1000, TW_PROT_READ));
    feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x1000, RW));
    feed(&machine, program_range(TW_RECORD_PROTECT, FILE_VA, 0x1000, RW));
    machine_settle(&machine);
    assert_false(page_at(&machine, 0, DATA).flags & TW_PTE_W);
    assert_false(page_at(&machine, 0, FILE_VA).flags & TW_PTE_W);
    store(&machine, DATA);
    store(&machine, FILE_VA);
    feed(&machine, program_process(TW_RECORD_THREAD, 1));
    load(&machine, DATA);
    load(&machine, FILE_VA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).copies, 2);
    small_close(&machine);
  }
}

static void stack_grows_in_every_process_by_itself(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    store(&machine, STACK_END - 0x3008);
    feed(&machine, program_process(TW_RECORD_FORK, 1));
    feed(&machine, program_process(TW_RECORD_THREAD, 1));
    store(&machine, STACK_END - 0x9008);
    load(&machine, STACK_END - 0x3008);
    feed(&machine, program_process(TW_RECORD_THREAD, 0));
    load(&machine, STACK_END - 0x3008);
    machine_settle(&machine);
    tw_space_process parent, child;
    assert_true(tw_space_process_at(machine.space, 0, &parent) && tw_space_process_at(machine.space, 1, &child));
    assert_true(parent.regions->at[parent.regions->count - 1].start == STACK_END - 0x4000);
    assert_true(child.regions->at[child.regions->count - 1].start == STACK_END - 0xa000);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
    small_close(&machine);
  }
}

static void user_pages_lie_beyond_the_direct_map_and_tables_do_not(void **state) {
  (void)state;
  tw_space_options options = small_machine(TW_SV32);
  options.frame_base = 0xfffc0000u;
  options.frame_count = 0x90000; /* 2.25 GiB: the direct map has not even half of it */
  test_machine machine;
  small_open(&machine, &options, false);
  feed(&machine, program_map(0x1000000, 0x8000000, RW, TW_REGION_DATA));
  machine.keep = false;
  bool beyond = false;
  for (unsigned i = 0; i < 64; i++) {
    store(&machine, 0x1000000 + i * 0x123000u);
    tw_walk walk = machine_walk(&machine, TW_USER, TW_LOAD, 0x1000000 + i * 0x123000u);
    beyond = beyond || walk.pa > 0x140000000u;
    for (uint8_t step = 0; step < walk.step_count; step++) assert_true(walk.steps[step].pa < 0x140000000u);
  }
  assert_true(beyond);
  small_close(&machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(file_s_page_is_read_once_and_shared_at_any_address),
      cmocka_unit_test(store_to_a_private_page_of_a_file_copies),
      cmocka_unit_test(shared_mapping_is_seen_by_both),
      cmocka_unit_test(shared_memory_without_a_name_goes_with_its_last_region),
      cmocka_unit_test(neighbours_of_different_files_stay_two_regions),
      cmocka_unit_test(execute_only_page_can_be_fetched_alone),
      cmocka_unit_test(guard_page_faults_and_takes_no_frame),
      cmocka_unit_test(page_without_rights_can_leave_and_come_back),
      cmocka_unit_test(mprotect_gives_no_w_to_a_page_that_a_store_must_copy),
      cmocka_unit_test(stack_grows_in_every_process_by_itself),
      cmocka_unit_test(user_pages_lie_beyond_the_direct_map_and_tables_do_not),
  };
  return cmocka_run_group_tests_name("space_pages", tests, NULL, NULL);
}
