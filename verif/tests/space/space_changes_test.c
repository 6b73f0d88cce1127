/* What an address space does when its map changes, when addresses do not fit, and with frames.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

static const tw_mode modes[] = {TW_SV32, TW_SV39, TW_SV48, TW_SV57};

static void change_of_the_map_waits_for_the_answers_before_it(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  machine.late = true;
  tw_record access = program_access(TW_STORE, DATA, 8), unmap = program_range(TW_RECORD_UNMAP, DATA, 0x1000, 0);
  tw_error error = {0};
  machine_feed(&machine, &access);
  assert_int_equal(machine.waiting_count, 1);
  assert_true(tw_space_feed(machine.space, &unmap, &error));
  assert_false(tw_space_hungry(machine.space));
  assert_false(tw_space_feed(machine.space, &access, &error));
  machine_settle(&machine);
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, DATA).reason, TW_REASON_INVALID);
  machine_feed(&machine, &access);
  machine_settle(&machine);
  assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
  machine_close(&machine);
}

static void munmap_of_64_pages_fences_each_and_of_65_the_address_space(void **state) {
  (void)state;
  for (unsigned pages = 64; pages <= 65; pages++) {
    test_machine machine;
    process_open(&machine, TW_SV39);
    touch(&machine, DATA, pages);
    size_t first = machine.log_count;
    feed(&machine, program_range(TW_RECORD_UNMAP, DATA, 0x100000, 0));
    assert_int_equal(fences_from(&machine, first, true, true), pages == 64 ? 64 : 0);
    assert_int_equal(fences_from(&machine, first, false, true), pages == 64 ? 0 : 1);
    assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, DATA + 0x3000).reason, TW_REASON_INVALID);
    check_order(&machine);
    machine_close(&machine);
  }
}

static void change_where_nothing_was_mapped_is_silent(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV32);
  size_t first = machine.log_count;
  feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x100000, TW_PROT_READ));
  feed(&machine, program_range(TW_RECORD_UNMAP, DATA, 0x80000, 0));
  feed(&machine, program_range(TW_RECORD_UNMAP, 0x7000000, 0x80000, 0));
  assert_int_equal(machine.log_count, first);
  machine_close(&machine);
}

static void mprotect_takes_a_right_away_and_gives_it_back(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    test_machine machine;
    process_open(&machine, modes[i]);
    touch(&machine, DATA, 2);
    uint64_t pa = machine_walk(&machine, TW_USER, TW_LOAD, DATA).pa;
    feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x1000, TW_PROT_READ));
    feed(&machine, program_access(TW_STORE, DATA, 8));
    assert_int_equal(machine.log[machine.log_count - 1].walk.reason, TW_REASON_WRITE_DENIED);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    feed(&machine, program_access(TW_STORE, DATA + 0x1000, 8));
    feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x1000, 0));
    assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, DATA).reason, TW_REASON_INVALID);
    feed(&machine, program_range(TW_RECORD_PROTECT, DATA, 0x1000, RW));
    feed(&machine, program_access(TW_STORE, DATA, 8));
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    assert_true(machine_walk(&machine, TW_USER, TW_LOAD, DATA).pa == pa);
    machine_close(&machine);
  }
}

static void break_moves_the_end_of_the_heap(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  feed(&machine, program_range(TW_RECORD_BREAK, 0x500000, 0, 0));
  feed(&machine, program_access(TW_STORE, 0x500000, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
  feed(&machine, program_range(TW_RECORD_BREAK, 0x502010, 0, 0));
  feed(&machine, program_access(TW_STORE, 0x500000, 8));
  feed(&machine, program_access(TW_STORE, 0x502ff8, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
  feed(&machine, program_access(TW_STORE, 0x503000, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 2);
  feed(&machine, program_range(TW_RECORD_BREAK, 0x501000, 0, 0));
  feed(&machine, program_access(TW_LOAD, 0x502ff8, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 3);
  feed(&machine, program_access(TW_LOAD, 0x500000, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 3);
  machine_close(&machine);
}

static void break_continues_a_heap_that_was_mapped_at_the_start(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  feed(&machine, program_map(0x500000, 0x1000, RW, TW_REGION_HEAP));
  feed(&machine, program_range(TW_RECORD_BREAK, 0x503000, 0, 0));
  feed(&machine, program_access(TW_STORE, 0x502ff8, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  machine_close(&machine);
}

static void stack_grows_down_to_its_limit(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV32);
  feed(&machine, program_access(TW_STORE, STACK_END - 0x5008, 8));
  feed(&machine, program_access(TW_STORE, STACK_END - 0x3000, 8));
  feed(&machine, program_access(TW_STORE, STACK_END - (8u << 20), 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  feed(&machine, program_access(TW_STORE, STACK_END - (8u << 20) - 8, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
  machine_close(&machine);
}

static void stack_keeps_its_distance_from_the_region_below(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV32);
  feed(&machine, program_map(STACK_END - 0x300000, 0x100000, RW, TW_REGION_MAPPED));
  feed(&machine, program_access(TW_STORE, STACK_END - 0x100000, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  feed(&machine, program_access(TW_STORE, STACK_END - 0x100008, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
  machine_close(&machine);
}

static void region_above_the_user_part_is_moved_as_a_whole_and_told(void **state) {
  (void)state;
  test_machine machine;
  machine_open(&machine, &(tw_space_options){.mode = TW_SV32});
  const uint64_t library = 0x7f0123456000u, stack = 0x7ffff0001000u;
  feed(&machine, program_map(library, 0x5000, RX, TW_REGION_FILE));
  feed(&machine, program_map(library + 0x5000, 0x2000, RW, TW_REGION_FILE));
  feed(&machine, program_map(stack - 0x2000, 0x2000, RW, TW_REGION_STACK));
  feed(&machine, program_access(TW_FETCH, library + 0x4ffe, 2));
  feed(&machine, program_access(TW_STORE, library + 0x4fff, 4));
  feed(&machine, program_access(TW_STORE, library + 0x5ff8, 8));
  feed(&machine, program_access(TW_STORE, stack - 8, 8));
  feed(&machine, program_access(TW_STORE, stack - 0x4008, 8));
  tw_space_rebase moved[3], none;
  for (size_t i = 0; i < 3; i++) assert_true(tw_space_rebased(machine.space, i, &moved[i]));
  assert_false(tw_space_rebased(machine.space, 3, &none));
  assert_true(moved[0].from == library && moved[0].length == 0x5000 && moved[0].to + 0x7000 <= 0xc0000000u);
  assert_true(moved[1].from == library + 0x5000 && moved[1].to == moved[0].to + 0x5000);
  assert_true((moved[0].to ^ library) % 0x1000 == 0);
  assert_true(moved[2].to + moved[2].length > 0xbf000000u && moved[2].to + moved[2].length <= 0xc0000000u);
  assert_int_equal(machine_counts(&machine).regions_rebased, 3);
  /* The first half of the store is to code; the second is allowed. */
  assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
  assert_int_equal(machine_walk(&machine, TW_USER, TW_FETCH, moved[0].to + 0x4ffe).reason, TW_OK);
  assert_int_equal(machine_walk(&machine, TW_USER, TW_STORE, moved[2].to + 0x1ff8).reason, TW_OK);
  machine_close(&machine);
}

static void neighbours_of_a_moved_region_stay_neighbours(void **state) {
  (void)state;
  test_machine machine;
  machine_open(&machine, &(tw_space_options){.mode = TW_SV32});
  /* Libraries come one below the other, across a border of chunks. */
  const uint64_t base = 0x7f0003000000u;
  tw_space_rebase moved[8];
  for (unsigned i = 0; i < 8; i++) {
    feed(&machine, program_map(base - i * 0x400000u, 0x400000, RW, TW_REGION_FILE));
    assert_true(tw_space_rebased(machine.space, i, &moved[i]));
    assert_true(moved[i].to == moved[0].to - i * 0x400000u);
  }
  machine_close(&machine);
}

static void moved_heap_stays_in_one_piece_and_is_told_once(void **state) {
  (void)state;
  const uint64_t heap = 0x555500000000u, end = heap + 0x10000000;
  for (unsigned mapped = 0; mapped < 2; mapped++) {
    test_machine machine;
    machine_open(&machine, &(tw_space_options){.mode = TW_SV32});
    if (mapped) feed(&machine, program_map(heap, 0x3000, RW, TW_REGION_HEAP));
    feed(&machine, program_range(TW_RECORD_BREAK, mapped ? heap + 0x3000 : heap, 0, 0));
    feed(&machine, program_range(TW_RECORD_BREAK, end - 0x7000000, 0, 0));
    feed(&machine, program_range(TW_RECORD_BREAK, end, 0, 0));
    tw_space_rebase moved;
    assert_true(tw_space_rebased(machine.space, 0, &moved));
    assert_true(moved.from == heap && moved.length == end - heap);
    for (uint64_t va = heap; va < end; va += 0x1000000) {
      feed(&machine, program_access(TW_STORE, va, 8));
      assert_int_equal(machine_walk(&machine, TW_USER, TW_STORE, va - heap + moved.to).reason, TW_OK);
    }
    feed(&machine, program_range(TW_RECORD_BREAK, heap + 0x1000, 0, 0));
    assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, moved.to).reason, TW_OK);
    assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, moved.to + 0x5000000).reason, TW_REASON_INVALID);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
    assert_int_equal(machine_counts(&machine).regions_rebased, 1);
    machine_close(&machine);
  }
}

static void break_at_no_address_is_refused_with_a_message(void **state) {
  (void)state;
  const uint64_t breaks[] = {0, UINT64_MAX};
  for (size_t i = 0; i < 2; i++) {
    test_machine machine;
    machine_open(&machine, &(tw_space_options){.mode = TW_SV39});
    tw_record record = program_range(TW_RECORD_BREAK, breaks[i], 0, 0);
    tw_error error = {0};
    assert_false(machine_try(&machine, &record, &error));
    assert_non_null(strstr(error.text, "record 0: break 0x"));
    assert_non_null(strstr(error.text, "no heap can end there"));
    machine_close(&machine);
  }
}

/* It went through them in steps of 16 MiB. */
static void munmap_of_all_addresses_comes_to_an_end(void **state) {
  (void)state;
  const uint64_t moved_va = 0xfff0000000000000u;
  test_machine machine;
  process_open(&machine, TW_SV39);
  feed(&machine, program_map(moved_va, 0x1000, RW, TW_REGION_MAPPED));
  feed(&machine, program_access(TW_STORE, moved_va, 8));
  touch(&machine, DATA, 1);
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  feed(&machine, program_range(TW_RECORD_UNMAP, 0x1000, 0u - (uint64_t)0x1000, 0));
  feed(&machine, program_access(TW_LOAD, moved_va, 8));
  feed(&machine, program_access(TW_LOAD, DATA, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 2);
  machine_close(&machine);
}

static void place_of_a_moved_region_is_not_the_program_s(void **state) {
  (void)state;
  const uint64_t library = 0x7f0000000000u;
  test_machine machine;
  tw_space_rebase moved;
  machine_open(&machine, &(tw_space_options){.mode = TW_SV32});
  feed(&machine, program_map(library, 0x1000, RW, TW_REGION_FILE));
  feed(&machine, program_access(TW_STORE, library, 8));
  assert_true(tw_space_rebased(machine.space, 0, &moved));
  feed(&machine, program_access(TW_STORE, moved.to, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
  assert_int_equal(machine_counts(&machine).unplayed_accesses, 1);
  feed(&machine, program_range(TW_RECORD_UNMAP, moved.to, 0x1000, 0));
  assert_int_equal(machine_walk(&machine, TW_USER, TW_STORE, moved.to).reason, TW_OK);
  machine_close(&machine);
}

static void address_without_a_region_or_a_place_is_told_and_not_played(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV32);
  machine_settle(&machine);
  size_t first = machine.log_count;
  feed(&machine, program_access(TW_LOAD, 0x7fff00000000u, 8));
  assert_int_equal(machine.log_count, first);
  assert_int_equal(machine_counts(&machine).unplayed_accesses, 1);
  assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
  machine_close(&machine);
}

/* Sv32 has room for the addresses of some thirty 64-bit programs; the next ones get those of the ones that are gone. */
static void programs_come_and_go_at_any_address_for_ever(void **state) {
  (void)state;
  test_machine machine;
  uint64_t random = 5;
  machine_open(&machine, &(tw_space_options){.mode = TW_SV32, .check_content = true, .check_isolation = true});
  machine.keep = false;
  feed(&machine, program_process(TW_RECORD_PROCESS, 1)); /* it stays, with what it has */
  feed(&machine, program_process(TW_RECORD_THREAD, 1));
  feed(&machine, program_map(0x7f0000000000u, 0x2000000, RW, TW_REGION_FILE));
  feed(&machine, program_access(TW_STORE, 0x7f0001000000u, 8));
  feed(&machine, program_process(TW_RECORD_THREAD, 0));
  for (unsigned i = 0; i < 300; i++) {
    uint64_t at[4];
    for (unsigned n = 0; n < 4; n++) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      at[n] = 0x100000000000u + (random >> 20 & 0x5fffffff000u);
    }
    feed(&machine, program_map(at[0], 0x300000, RX, TW_REGION_CODE));
    feed(&machine, program_map(at[1], 0x40000, RW, TW_REGION_MAPPED));
    feed(&machine, program_map(at[2] - 0x21000, 0x21000, RW, TW_REGION_STACK));
    feed(&machine, program_range(TW_RECORD_BREAK, at[3], 0, 0));
    feed(&machine, program_range(TW_RECORD_BREAK, at[3] + 0x100000, 0, 0));
    for (unsigned n = 0; n < 4; n++) feed(&machine, program_access(TW_LOAD, n == 2 ? at[2] - 0x100000 : at[n], 8));
    feed(&machine, program_process(TW_RECORD_EXEC, 0));
  }
  feed(&machine, program_process(TW_RECORD_THREAD, 1));
  feed(&machine, program_access(TW_LOAD, 0x7f0001000000u, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  assert_int_equal(machine_counts(&machine).content_errors, 0);
  assert_true(machine_counts(&machine).regions_rebased > 600);
  machine_check(&machine);
  machine_close(&machine);
}

static void region_larger_than_the_user_part_is_refused(void **state) {
  (void)state;
  test_machine machine;
  machine_open(&machine, &(tw_space_options){.mode = TW_SV32});
  tw_record map = program_map(0x100000000u, 0xd0000000u, RW, TW_REGION_MAPPED);
  tw_error error = {0};
  assert_false(machine_try(&machine, &map, &error));
  assert_non_null(strstr(error.text, "no place"));
  machine_close(&machine);
}

static void frames_are_not_handed_out_twice_and_end_with_a_message(void **state) {
  (void)state;
  enum { FRAMES = 40 };
  tw_error error = {0};
  bool seen[FRAMES] = {false};
  test_machine machine;
  machine_open(&machine, &(tw_space_options){.mode = TW_SV39, .frame_count = FRAMES, .seed = 3});
  feed(&machine, program_map(DATA, 0x100000, RW, TW_REGION_DATA));
  machine.late = true;
  unsigned pages = 0;
  bool going = true;
  while (going) {
    tw_record access = program_access(TW_STORE, DATA + pages * 0x1000u, 8), mmu;
    assert_true(tw_space_feed(machine.space, &access, &error));
    assert_true(tw_space_take(machine.space, &mmu));
    tw_record_answer answer = {.access = mmu.number, .status = 1, .reason = TW_REASON_INVALID};
    going = tw_space_answer(machine.space, &answer, &error);
    if (!going) break;
    machine.late = false;
    machine_settle(&machine);
    uint64_t pa = machine_walk(&machine, TW_USER, TW_STORE, DATA + pages * 0x1000u).pa;
    uint64_t frame = (pa - 0x80000000u) >> 12;
    assert_true(frame < FRAMES && !seen[frame]);
    seen[frame] = true;
    pages++;
  }
  assert_non_null(strstr(error.text, "out of frames"));
  /* The kernel's root, table and stack, the process's root, and two tables for the data are not the program's. */
  assert_int_equal(pages, FRAMES - 6);
  assert_int_equal(machine_counts(&machine).frames_used, FRAMES);
  machine_close(&machine);
}

static void freed_frames_are_used_again(void **state) {
  (void)state;
  test_machine machine;
  machine_open(&machine, &(tw_space_options){.mode = TW_SV39, .frame_count = 64});
  feed(&machine, program_map(DATA, 0x20000, RW, TW_REGION_DATA));
  for (unsigned i = 0; i < 20; i++) {
    touch(&machine, DATA, 32);
    feed(&machine, program_map(DATA, 0x20000, RW, TW_REGION_DATA));
  }
  assert_int_equal(machine_counts(&machine).pages_mapped, 640);
  assert_int_equal(machine_counts(&machine).frames_used, 6);
  machine_check(&machine);
  machine_close(&machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(change_of_the_map_waits_for_the_answers_before_it),
      cmocka_unit_test(munmap_of_64_pages_fences_each_and_of_65_the_address_space),
      cmocka_unit_test(change_where_nothing_was_mapped_is_silent),
      cmocka_unit_test(mprotect_takes_a_right_away_and_gives_it_back),
      cmocka_unit_test(break_moves_the_end_of_the_heap),
      cmocka_unit_test(break_continues_a_heap_that_was_mapped_at_the_start),
      cmocka_unit_test(stack_grows_down_to_its_limit),
      cmocka_unit_test(stack_keeps_its_distance_from_the_region_below),
      cmocka_unit_test(region_above_the_user_part_is_moved_as_a_whole_and_told),
      cmocka_unit_test(neighbours_of_a_moved_region_stay_neighbours),
      cmocka_unit_test(moved_heap_stays_in_one_piece_and_is_told_once),
      cmocka_unit_test(break_at_no_address_is_refused_with_a_message),
      cmocka_unit_test(munmap_of_all_addresses_comes_to_an_end),
      cmocka_unit_test(place_of_a_moved_region_is_not_the_program_s),
      cmocka_unit_test(address_without_a_region_or_a_place_is_told_and_not_played),
      cmocka_unit_test(programs_come_and_go_at_any_address_for_ever),
      cmocka_unit_test(region_larger_than_the_user_part_is_refused),
      cmocka_unit_test(frames_are_not_handed_out_twice_and_end_with_a_message),
      cmocka_unit_test(freed_frames_are_used_again),
  };
  return cmocka_run_group_tests_name("space_changes", tests, NULL, NULL);
}
