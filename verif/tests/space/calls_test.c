/* System calls, and fences that were seen in a machine that was traced whole (S5).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

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
      cmocka_unit_test(call_reads_and_writes_the_program_s_memory_with_sum),
      cmocka_unit_test(sum_is_set_for_the_copying_loop_alone),
      cmocka_unit_test(call_that_faults_is_answered_and_goes_on_in_s_mode),
      cmocka_unit_test(call_outside_of_the_regions_ends_there),
      cmocka_unit_test(seen_fence_is_played_with_the_asid_of_here),
  };
  return cmocka_run_group_tests_name("space_calls", tests, NULL, NULL);
}
