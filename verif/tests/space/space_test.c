/* What an address space does with accesses, record by record, under an MMU that is the oracle itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

static const tw_mode modes[] = {TW_SV32, TW_SV39, TW_SV48, TW_SV57};
#define MODES (sizeof modes / sizeof modes[0])

static void kernel_is_mapped_globally_before_the_first_instruction(void **state) {
  (void)state;
  static const uint64_t direct_maps[] = {0xc0000000u, 0xffffffd600000000u, 0xffffaf8000000000u, 0xff60000000000000u};
  for (size_t i = 0; i < MODES; i++) {
    test_machine machine;
    process_open(&machine, modes[i]);
    machine_settle(&machine);
    bool sv32 = modes[i] == TW_SV32;
    uint64_t direct = direct_maps[i], text = sv32 ? 0xffc00000u : 0xffffffff80000000u;
    tw_walk walk = machine_walk(&machine, TW_SUPERVISOR, TW_STORE, direct + 0x1234568);
    assert_int_equal(walk.reason, TW_OK);
    assert_true(walk.pa == 0x81234568u);
    assert_int_equal(walk.level, sv32 ? 1 : 2);
    assert_int_equal(walk.flags & (TW_PTE_G | TW_PTE_U | TW_PTE_X), TW_PTE_G);
    walk = machine_walk(&machine, TW_SUPERVISOR, TW_FETCH, text + 0x40);
    assert_int_equal(walk.reason, TW_OK);
    assert_int_equal(walk.level, 1);
    assert_int_equal(walk.flags & (TW_PTE_G | TW_PTE_U | TW_PTE_W), TW_PTE_G);
    assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, direct).reason, TW_REASON_USER_DENIED);
    assert_int_equal(machine.context.privilege, TW_USER);
    assert_int_equal(machine.context.satp.asid, 1);
    machine_close(&machine);
  }
}

static void pmp_is_opened_before_machine_mode_is_left(void **state) {
  (void)state;
  for (size_t i = 0; i < MODES; i++) {
    test_machine machine;
    machine_open(&machine, &(tw_space_options){.mode = modes[i], .asid_bits = 9, .pmp_entries = 16});
    machine_settle(&machine);
    assert_int_equal(machine.log[0].record.kind, TW_RECORD_PMP);
    assert_int_equal(machine.log[1].record.kind, TW_RECORD_PMP);
    assert_int_equal(machine.log[1].record.after.back[0], 1);
    assert_int_equal(machine.context.privilege, TW_USER);
    feed(&machine, program_map(CODE, 0x4000, RX, TW_REGION_CODE));
    feed(&machine, program_access(TW_FETCH, CODE + 8, 4));
    assert_int_equal(machine.log[machine.log_count - 1].walk.reason, TW_OK);
    assert_int_equal(machine_counts(&machine).access_faults, 0);
    machine_close(&machine);
  }
}

static void first_touch_goes_through_the_kernel_and_is_asked_again(void **state) {
  (void)state;
  char text[64];
  test_machine machine;
  process_open(&machine, TW_SV39);
  size_t first = machine.log_count;
  feed(&machine, program_access(TW_FETCH, CODE + 8, 4));
  /* Two pointers and a leaf are written: each is a fetch, a store through the direct map, and the change. */
  assert_string_equal(shape(&machine, first, text, sizeof text), "fCFSFFSPFSPFSPFVFLCf");
  assert_int_equal(machine.log[first].walk.reason, TW_REASON_INVALID);
  assert_int_equal(machine.log[machine.log_count - 1].walk.reason, TW_OK);
  first = machine.log_count;
  feed(&machine, program_access(TW_FETCH, CODE + 12, 4));
  assert_string_equal(shape(&machine, first, text, sizeof text), "f");
  assert_int_equal(machine_counts(&machine).pages_mapped, 1);
  assert_int_equal(machine_counts(&machine).kernel_accesses, 12);
  machine_close(&machine);
}

static void load_maps_a_clean_page_and_a_store_dirties_it_later(void **state) {
  (void)state;
  for (size_t i = 0; i < MODES; i++) {
    test_machine machine;
    process_open(&machine, modes[i]);
    feed(&machine, program_access(TW_LOAD, DATA, 8));
    assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, DATA).flags & (TW_PTE_A | TW_PTE_D), TW_PTE_A);
    size_t first = machine.log_count;
    feed(&machine, program_access(TW_STORE, DATA, 8));
    assert_int_equal(machine.log[first].walk.reason, TW_REASON_DIRTY_CLEAR);
    assert_int_equal(machine.log[machine.log_count - 1].walk.reason, TW_OK);
    assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, DATA).flags & TW_PTE_D, TW_PTE_D);
    assert_int_equal(machine_counts(&machine).dirty_set, 1);
    feed(&machine, program_access(TW_STORE, DATA + 0x1000, 8));
    assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, DATA + 0x1000).flags & TW_PTE_D, TW_PTE_D);
    assert_int_equal(machine_counts(&machine).dirty_set, 1);
    assert_int_equal(machine_counts(&machine).page_faults, 3);
    machine_close(&machine);
  }
}

static void dirty_bit_is_set_without_touching_other_bits(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  feed(&machine, program_access(TW_LOAD, DATA, 8));
  size_t first = machine.log_count;
  feed(&machine, program_access(TW_STORE, DATA, 8));
  for (size_t i = first; i < machine.log_count; i++) {
    if (machine.log[i].record.kind != TW_RECORD_STORE) continue;
    assert_true(machine.log[i].record.store.first == UINT64_MAX);
    assert_true(machine.log[i].record.store.second == TW_PTE_D);
  }
  machine_close(&machine);
}

static void fence_names_the_page_and_follows_the_stores(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV32);
  size_t first = machine.log_count;
  unsigned fences = 0;
  feed(&machine, program_access(TW_STORE, DATA + 0x3456, 4));
  for (size_t i = first; i < machine.log_count; i++) {
    const tw_record *record = &machine.log[i].record;
    if (record->kind != TW_RECORD_FENCE) continue;
    fences++;
    assert_true(record->fence.has_va && !record->fence.has_asid && record->after.all);
    assert_true(record->fence.va == DATA + 0x3000);
    assert_int_equal(machine_walk(&machine, TW_USER, TW_STORE, DATA + 0x3456).reason, TW_OK);
  }
  assert_int_equal(fences, 1);
  machine_close(&machine);
}

static void access_that_the_region_denies_is_a_segmentation_fault(void **state) {
  (void)state;
  char text[64];
  test_machine machine;
  process_open(&machine, TW_SV39);
  feed(&machine, program_access(TW_FETCH, CODE, 4));
  size_t first = machine.log_count;
  feed(&machine, program_access(TW_STORE, CODE, 4));
  feed(&machine, program_access(TW_FETCH, DATA, 4));
  feed(&machine, program_access(TW_LOAD, 0x9000000, 4));
  assert_string_equal(shape(&machine, first, text, sizeof text), "sfl");
  assert_int_equal(machine_counts(&machine).segmentation_faults, 3);
  tw_space_segfault fault;
  assert_true(tw_space_segfault_at(machine.space, 0, &fault));
  assert_int_equal(fault.reason, TW_REASON_WRITE_DENIED);
  assert_true(tw_space_segfault_at(machine.space, 2, &fault));
  assert_true(fault.va == 0x9000000 && fault.reason == TW_REASON_INVALID && fault.kind == TW_LOAD);
  assert_false(tw_space_segfault_at(machine.space, 3, &fault));
  machine_close(&machine);
}

static void user_access_to_the_kernel_faults_and_is_a_segmentation_fault(void **state) {
  (void)state;
  const uint64_t kernels[] = {0xc0000000u, 0xffffffd600000000u, 0xffffaf8000000000u, 0xff60000000000000u};
  for (size_t i = 0; i < MODES; i++) {
    test_machine machine;
    tw_space_segfault fault;
    process_open(&machine, modes[i]);
    feed(&machine, program_access(TW_LOAD, kernels[i], 4));
    assert_int_equal(machine.log[machine.log_count - 1].walk.reason, TW_REASON_USER_DENIED);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    assert_int_equal(machine_counts(&machine).unplayed_accesses, 0);
    assert_true(tw_space_segfault_at(machine.space, 0, &fault));
    assert_true(fault.reason == TW_REASON_USER_DENIED && fault.va == kernels[i]);
    machine_close(&machine);
  }
}

/* Its second half was looked for at address 0. */
static void access_that_ends_behind_all_addresses_is_one_segmentation_fault(void **state) {
  (void)state;
  const uint64_t ends[] = {UINT32_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
  for (size_t i = 0; i < MODES; i++) {
    test_machine machine;
    process_open(&machine, modes[i]);
    feed(&machine, program_access(TW_LOAD, ends[i] - 3, 8));
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    assert_int_equal(machine_counts(&machine).page_crossings, 1);
    machine_close(&machine);
  }
}

static void region_that_is_only_written_can_be_read(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  feed(&machine, program_map(0x400000, 0x1000, TW_PROT_WRITE, TW_REGION_MAPPED));
  feed(&machine, program_access(TW_STORE, 0x400000, 8));
  feed(&machine, program_access(TW_LOAD, 0x400000, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  assert_int_equal(machine_walk(&machine, TW_USER, TW_LOAD, 0x400000).flags & (TW_PTE_R | TW_PTE_W),
                   TW_PTE_R | TW_PTE_W);
  machine_close(&machine);
}

static void access_across_a_page_is_split(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  feed(&machine, program_access(TW_FETCH, CODE, 4));
  feed(&machine, program_access(TW_STORE, DATA, 1));
  feed(&machine, program_access(TW_STORE, DATA + 0x1000, 1));
  size_t first = machine.log_count;
  feed(&machine, program_access(TW_STORE, DATA + 0xffd, 64));
  assert_int_equal(machine.log_count - first, 2);
  const tw_record *low = &machine.log[first].record, *high = &machine.log[first + 1].record;
  assert_true(low->access.va == DATA + 0xffd && low->access.size == 3);
  assert_true(high->access.va == DATA + 0x1000 && high->access.size == 61);
  assert_int_equal(machine_counts(&machine).page_crossings, 1);
  feed(&machine, program_access(TW_STORE, DATA + 0xfc0, 64));
  assert_int_equal(machine_counts(&machine).page_crossings, 1);
  machine_close(&machine);
}

static void data_waits_for_both_halves_of_its_fetch(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  feed(&machine, program_access(TW_FETCH, CODE, 4));
  feed(&machine, program_access(TW_FETCH, CODE + 0x1000, 4));
  feed(&machine, program_access(TW_STORE, DATA, 8));
  size_t first = machine.log_count;
  feed(&machine, program_access(TW_FETCH, CODE + 0xffe, 4));
  feed(&machine, program_access(TW_STORE, DATA, 8));
  feed(&machine, program_access(TW_FETCH, CODE + 4, 4));
  feed(&machine, program_access(TW_LOAD, DATA, 8));
  assert_int_equal(machine.log_count - first, 5);
  const tw_record *store = &machine.log[first + 2].record, *load = &machine.log[first + 4].record;
  assert_int_equal(store->after.count, 2);
  assert_int_equal(store->after.back[0] + store->after.back[1], 3);
  assert_int_equal(load->after.count, 1);
  assert_int_equal(load->after.back[0], 1);
  machine_close(&machine);
}

static void accesses_are_ordered_after_the_control_write_they_are_made_under(void **state) {
  (void)state;
  for (size_t i = 0; i < 2 * MODES; i++) {
    test_machine machine;
    process_open(&machine, modes[i % MODES]);
    machine.late = i / MODES;
    play_mixture(&machine, 3000);
    check_order(&machine);
    assert_true(machine_counts(&machine).page_faults > 100);
    machine_close(&machine);
  }
}

static void late_answers_change_the_order_and_not_the_outcome(void **state) {
  (void)state;
  tw_space_counts counts[2];
  for (int late = 0; late < 2; late++) {
    test_machine machine;
    process_open(&machine, TW_SV39);
    machine.late = late;
    play_mixture(&machine, 3000);
    counts[late] = machine_counts(&machine);
    machine_close(&machine);
  }
  assert_true(counts[0].program_accesses == counts[1].program_accesses);
  assert_true(counts[0].segmentation_faults == counts[1].segmentation_faults);
  assert_true(counts[0].pages_mapped == counts[1].pages_mapped);
  assert_true(counts[0].page_faults == counts[1].page_faults);
  assert_true(counts[0].squashed == 0 && counts[1].squashed > 0);
  assert_true(counts[0].spurious_faults == 0 && counts[1].spurious_faults == 0);
}

static void two_faults_of_one_page_map_it_once(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  machine.late = true;
  feed(&machine, program_access(TW_STORE, DATA, 8));
  feed(&machine, program_access(TW_STORE, DATA + 8, 8));
  machine_settle(&machine);
  assert_int_equal(machine_counts(&machine).pages_mapped, 1);
  assert_int_equal(machine_counts(&machine).page_faults, 1);
  assert_int_equal(machine_counts(&machine).squashed, 1);
  assert_int_equal(machine_counts(&machine).spurious_faults, 0);
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  check_order(&machine);
  machine_close(&machine);
}

static void same_seed_gives_the_same_records_and_another_seed_others(void **state) {
  (void)state;
  uint64_t hash[3];
  for (unsigned i = 0; i < 3; i++) {
    test_machine machine;
    machine_open(&machine, &(tw_space_options){.mode = TW_SV39, .seed = i / 2});
    feed(&machine, program_map(CODE, 0x4000, RX, TW_REGION_CODE));
    feed(&machine, program_map(DATA, 0x100000, RW, TW_REGION_DATA));
    play_mixture(&machine, 500);
    hash[i] = machine.hash;
    machine_close(&machine);
  }
  assert_true(hash[0] == hash[1]);
  assert_true(hash[0] != hash[2]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kernel_is_mapped_globally_before_the_first_instruction),
      cmocka_unit_test(pmp_is_opened_before_machine_mode_is_left),
      cmocka_unit_test(first_touch_goes_through_the_kernel_and_is_asked_again),
      cmocka_unit_test(load_maps_a_clean_page_and_a_store_dirties_it_later),
      cmocka_unit_test(dirty_bit_is_set_without_touching_other_bits),
      cmocka_unit_test(fence_names_the_page_and_follows_the_stores),
      cmocka_unit_test(access_that_the_region_denies_is_a_segmentation_fault),
      cmocka_unit_test(user_access_to_the_kernel_faults_and_is_a_segmentation_fault),
      cmocka_unit_test(access_that_ends_behind_all_addresses_is_one_segmentation_fault),
      cmocka_unit_test(region_that_is_only_written_can_be_read),
      cmocka_unit_test(access_across_a_page_is_split),
      cmocka_unit_test(data_waits_for_both_halves_of_its_fetch),
      cmocka_unit_test(accesses_are_ordered_after_the_control_write_they_are_made_under),
      cmocka_unit_test(late_answers_change_the_order_and_not_the_outcome),
      cmocka_unit_test(two_faults_of_one_page_map_it_once),
      cmocka_unit_test(same_seed_gives_the_same_records_and_another_seed_others),
  };
  return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
