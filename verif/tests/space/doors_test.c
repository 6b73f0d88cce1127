/* What a space refuses, what it says of an MMU that is wrong, and what its traces need.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

/* Answers as no MMU should: whatever the program loads faults. */
static void insist(test_machine *machine, const tw_record *record, tw_record_answer *answer) {
  (void)machine;
  if (record->access.kind != TW_LOAD || record->access.va >= 0xc0000000u) return;
  *answer = (tw_record_answer){.access = record->number, .status = 1, .reason = TW_REASON_INVALID};
}

static void insist_once(test_machine *machine, const tw_record *record, tw_record_answer *answer) {
  insist(machine, record, answer);
  if (answer->status) machine->lie = NULL;
}

static void fault_that_should_not_be_is_fenced_and_asked_again(void **state) {
  (void)state;
  test_machine machine;
  char text[64];
  process_open(&machine, TW_SV39);
  feed(&machine, program_access(TW_STORE, DATA, 8));
  machine.lie = insist_once;
  size_t first = machine.log_count;
  feed(&machine, program_access(TW_LOAD, DATA, 8));
  assert_string_equal(shape(&machine, first, text, sizeof text), "lCFSFFVFLCl");
  assert_int_equal(machine_counts(&machine).spurious_faults, 1);
  assert_int_equal(machine_counts(&machine).page_faults, 1);
  machine_close(&machine);
}

static void mmu_that_insists_on_a_fault_is_told_of(void **state) {
  (void)state;
  test_machine machine;
  tw_error error = {0};
  tw_record access = program_access(TW_LOAD, DATA, 8), mmu = {0};
  process_open(&machine, TW_SV39);
  feed(&machine, program_access(TW_STORE, DATA, 8));
  assert_true(tw_space_feed(machine.space, &access, &error));
  unsigned asked = 0;
  for (bool good = true; good;) {
    assert_true(tw_space_take(machine.space, &mmu));
    if (mmu.kind != TW_RECORD_ACCESS) continue;
    tw_record_answer answer = {.access = mmu.number};
    insist(&machine, &mmu, &answer);
    asked += answer.status;
    good = tw_space_answer(machine.space, &answer, &error);
  }
  assert_int_equal(asked, 9);
  assert_non_null(strstr(error.text, "the MMU insists"));
  machine_close(&machine);
}

static void kernel_fault_is_an_error_of_the_mmu(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  tw_error error = {0};
  tw_record access = program_access(TW_LOAD, DATA, 8), mmu = {0};
  assert_true(tw_space_feed(machine.space, &access, &error));
  assert_true(tw_space_take(machine.space, &mmu));
  tw_record_answer answer = {.access = mmu.number, .status = 1, .reason = TW_REASON_INVALID};
  assert_true(tw_space_answer(machine.space, &answer, &error));
  do assert_true(tw_space_take(machine.space, &mmu));
  while (mmu.kind != TW_RECORD_ACCESS);
  answer.access = mmu.number;
  assert_false(tw_space_answer(machine.space, &answer, &error));
  assert_non_null(strstr(error.text, "kernel"));
  machine_close(&machine);
}

static void header_says_what_the_trace_needs(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV32);
  tw_trace_header header;
  tw_error error = {0};
  tw_trace_header_init(&header, TW_TRACE_MMU);
  assert_true(tw_space_describe(machine.space, &header, &error));
  assert_string_equal(tw_trace_header_get(&header, "needs.mode"), "Sv32");
  assert_string_equal(tw_trace_header_get(&header, "needs.xlen"), "32");
  assert_string_equal(tw_trace_header_get(&header, "needs.asid-bits"), "9");
  assert_string_equal(tw_trace_header_get(&header, "needs.pa-bits"), "32");
  assert_string_equal(tw_trace_header_get(&header, "needs.ad"), "svade");
  tw_trace_header_free(&header);
  machine_close(&machine);
}

static void header_says_who_sets_a_and_d(void **state) {
  (void)state;
  tw_space_options options = small_machine(TW_SV39);
  tw_trace_header header;
  tw_error error = {0};
  test_machine machine;
  options.adue = true;
  small_open(&machine, &options, false);
  tw_trace_header_init(&header, TW_TRACE_MMU);
  assert_true(tw_space_describe(machine.space, &header, &error));
  assert_string_equal(tw_trace_header_get(&header, "needs.ad"), "svadu");
  assert_string_equal(tw_trace_header_get(&header, "needs.extensions"), "svadu");
  assert_string_equal(tw_trace_header_get(&header, "space.fences"), "linux");
  assert_string_equal(tw_trace_header_get(&header, "space.layout"), "linux-sv39");
  tw_trace_header_free(&header);
  small_close(&machine);
}

static void options_out_of_range_are_refused(void **state) {
  (void)state;
  const tw_space_options wrong[] = {
      {.mode = TW_BARE},
      {.mode = TW_SV39, .pa_bits = 31},
      {.mode = TW_SV32, .frame_count = 4000000},
      {.mode = TW_SV32, .frame_base = 0x80000800},
      {.mode = TW_SV32, .frame_base = 0x3ffff0000},
      {.mode = TW_SV32, .asid_bits = 912},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    tw_error error = {0};
    assert_null(tw_space_open(&wrong[i], NULL, &error));
    assert_true(error.text[0]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fault_that_should_not_be_is_fenced_and_asked_again),
      cmocka_unit_test(mmu_that_insists_on_a_fault_is_told_of),
      cmocka_unit_test(kernel_fault_is_an_error_of_the_mmu),
      cmocka_unit_test(header_says_who_sets_a_and_d),
      cmocka_unit_test(header_says_what_the_trace_needs),
      cmocka_unit_test(options_out_of_range_are_refused),
  };
  return cmocka_run_group_tests_name("space_doors", tests, NULL, NULL);
}
