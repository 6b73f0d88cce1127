/* Order: accesses retire in the order of the program, faults are answered in it, and events wait (S1 to S3).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"

#define RETIRED_MAX 64u

typedef struct retired_list {
  tw_space_retired at[RETIRED_MAX];
  size_t count;
} retired_list;

static void remember(void *payload, const tw_space_retired *retired) {
  retired_list *list = payload;
  if (retired->kernel || list->count == RETIRED_MAX) return;
  list->at[list->count++] = *retired;
}

static void watch(test_machine *machine, retired_list *list) {
  *list = (retired_list){.count = 0};
  tw_space_watch(machine->space, &(tw_space_watcher){.retired = remember, .payload = list});
}

static void accesses_retire_in_the_order_of_the_program(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    retired_list list;
    small_open(&machine, &options, late);
    watch(&machine, &list);
    uint64_t first = machine.fed;
    for (unsigned i = 0; i < 20; i++) feed(&machine, program_access(TW_STORE, DATA + i % 7 * 0x1000u, 8));
    machine_settle(&machine);
    assert_int_equal(list.count, 20);
    for (size_t i = 0; i < 20; i++) assert_true(list.at[i].record == first + i && list.at[i].granted);
    assert_int_equal(machine_counts(&machine).page_faults, 7);
    assert_true(late == (machine_counts(&machine).squashed > 0));
    small_close(&machine);
  }
}

/* The halves were served in the order of their answers. */
static void first_half_of_an_access_is_mapped_before_the_second(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    size_t first = machine.log_count;
    feed(&machine, program_access(TW_STORE, DATA + 0x1ffc, 8));
    machine_settle(&machine);
    unsigned fences = 0;
    for (size_t i = first; i < machine.log_count; i++) {
      const tw_record *record = &machine.log[i].record;
      if (record->kind == TW_RECORD_FENCE) assert_true(record->fence.va == DATA + 0x1000u * ++fences);
    }
    assert_int_equal(fences, 2);
    assert_int_equal(machine_counts(&machine).page_faults, 2);
    small_close(&machine);
  }
}

/* It was two: one a half. */
static void access_whose_halves_are_both_denied_is_one_segmentation_fault(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    retired_list list;
    small_open(&machine, &options, late);
    watch(&machine, &list);
    feed(&machine, program_access(TW_STORE, CODE + 0x1ffc, 8));
    feed(&machine, program_access(TW_STORE, 0x7000000 + 0x1ffc, 8));
    feed(&machine, program_access(TW_STORE, DATA, 8));
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 2);
    assert_int_equal(list.count, 3);
    assert_true(!list.at[0].granted && !list.at[1].granted && list.at[2].granted);
    small_close(&machine);
  }
}

static void second_half_that_is_denied_leaves_the_first_as_it_is(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_access(TW_LOAD, CODE + 0x3ffc, 8));
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
    tw_space_segfault fault;
    assert_true(tw_space_segfault_at(machine.space, 0, &fault));
    assert_true(fault.va == CODE + 0x4000 && fault.process == 0 && fault.record == machine.fed - 1);
    assert_true(page_pa(&machine, 0, CODE + 0x3000) != 0);
    small_close(&machine);
  }
}

/* A younger access ran ahead with what the older one's fault takes away from it. */
static void younger_accesses_are_asked_again_behind_the_handler(void **state) {
  (void)state;
  char text[64];
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  touch(&machine, DATA, 3);
  machine.late = true;
  size_t first = machine.log_count;
  feed(&machine, program_access(TW_STORE, DATA + 0x3000, 8));
  feed(&machine, program_access(TW_STORE, DATA + 0x1000, 8));
  feed(&machine, program_access(TW_STORE, DATA + 0x2000, 8));
  machine_settle(&machine);
  assert_string_equal(shape(&machine, first, text, sizeof text), "sssCFSFFSPFVFLCsss");
  assert_int_equal(machine_counts(&machine).squashed, 2);
  assert_true(machine.log[machine.log_count - 2].record.access.va == DATA + 0x1000);
  small_close(&machine);
}

static void replayed_load_does_not_wait_for_a_fetch_that_retired(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  feed(&machine, program_access(TW_FETCH, CODE, 4));
  feed(&machine, program_access(TW_FETCH, CODE + 4, 4));
  feed(&machine, program_access(TW_LOAD, DATA, 8));
  const tw_record *again = &machine.log[machine.log_count - 1].record;
  assert_true(again->access.kind == TW_LOAD && again->after.count == 1);
  assert_int_equal(machine.log[machine.log_count - 1 - again->after.back[0]].record.kind, TW_RECORD_CONTROL);
  small_close(&machine);
}

/* No control write is between: nothing is to be waited for. */
static void what_is_replayed_behind_a_segmentation_fault_waits_for_nothing(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  feed(&machine, program_access(TW_FETCH, CODE, 4));
  touch(&machine, DATA, 1);
  machine.late = true;
  feed(&machine, program_access(TW_FETCH, CODE + 4, 4));
  feed(&machine, program_access(TW_LOAD, 0x7000000, 8));
  feed(&machine, program_access(TW_LOAD, DATA, 8));
  machine_settle(&machine);
  const tw_record *again = &machine.log[machine.log_count - 1].record;
  assert_true(again->access.va == DATA && again->after.count == 0);
  assert_int_equal(machine_counts(&machine).squashed, 1);
  small_close(&machine);
}

static void replayed_fetch_is_waited_for_again(void **state) {
  (void)state;
  test_machine machine;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, true);
  feed(&machine, program_access(TW_FETCH, CODE, 4));
  feed(&machine, program_access(TW_STORE, DATA, 8));
  machine_settle(&machine);
  /* The fetch faulted, both were asked again; then the store faulted. */
  unsigned stores = 0;
  for (size_t i = 0; i < machine.log_count; i++) {
    const tw_record *record = &machine.log[i].record;
    if (record->kind != TW_RECORD_ACCESS || record->access.va != DATA) continue;
    if (stores++ < 2) assert_true(record->after.count == 1 && record->after.back[0] == 1);
  }
  assert_int_equal(stores, 3);
  small_close(&machine);
}

static void events_wait_until_everything_before_has_retired(void **state) {
  (void)state;
  const tw_record events[] = {program_map(DATA, 0x1000, RW, TW_REGION_DATA),
                              program_process(TW_RECORD_FORK, 1),
                              program_process(TW_RECORD_EXEC, 0),
                              program_process(TW_RECORD_EXIT, 0),
                              {.kind = TW_RECORD_RECLAIM, .pages = 2},
                              {.kind = TW_RECORD_CALL, .call = {.reads = DATA, .reads_length = 8}},
                              {.kind = TW_RECORD_FENCE, .fence = {.has_va = true, .va = DATA}}};
  for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
    const tw_space_options options = small_machine(TW_SV48);
    test_machine machine;
    tw_error error = {0};
    small_open(&machine, &options, true);
    feed(&machine, program_access(TW_STORE, DATA, 8));
    size_t handed_out = machine.log_count;
    assert_int_equal(machine.waiting_count, 1);
    tw_record event = events[i];
    event.number = machine.fed++;
    assert_true(tw_space_feed(machine.space, &event, &error));
    assert_false(tw_space_hungry(machine.space));
    tw_record none;
    assert_false(tw_space_take(machine.space, &none));
    assert_int_equal(machine.log_count, handed_out);
    machine_settle(&machine);
    assert_true(tw_space_hungry(machine.space));
    assert_int_equal(machine_counts(&machine).page_faults, 1);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
    small_close(&machine);
  }
}

/* Accesses of a program that has all its pages, some of them across a border of pages. */
static void steady_program(tw_record *records, size_t count) {
  uint64_t random = 11;
  for (size_t i = 0; i < count; i++) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    bool fetch = random >> 63;
    uint64_t va = (fetch ? CODE : DATA) + (random >> 30) % 0x3fc0;
    records[i] = program_access(fetch ? TW_FETCH : (tw_access)(1 + (random >> 50) % 3), va, (uint8_t)(1 + i % 64));
  }
}

/* Plays it, one by one or many at once; the hash of the records that come of it. */
static uint64_t play_steady(tw_mode mode, const tw_record *program, size_t count, unsigned way) {
  const tw_space_options options = small_machine(mode);
  test_machine machine;
  small_open(&machine, &options, false);
  touch(&machine, DATA, 4);
  for (unsigned i = 0; i < 4; i++) feed(&machine, program_access(TW_FETCH, CODE + i * 0x1000, 4));
  for (size_t i = 0, done; i < count; i += done) {
    tw_record some[48];
    size_t many = way && count - i > 1 ? (count - i < 48 ? count - i : 48) : 1;
    memcpy(some, program + i, many * sizeof *some);
    for (size_t n = 0; n < many; n++) some[n].number = machine.fed + n;
    done = way == 1   ? tw_space_feed_accesses(machine.space, some, many)
           : way == 2 ? tw_space_pass_accesses(machine.space, some, many)
                      : 0;
    machine.fed += done;
    if (done && way == 1) {
      machine_settle(&machine);
    } else if (done) {
      machine_play_all(&machine, some, done);
    } else {
      feed(&machine, program[i]);
      done = 1;
    }
  }
  uint64_t hash = machine.hash;
  assert_int_equal(machine_counts(&machine).page_faults, 8);
  small_close(&machine);
  return hash;
}

static void accesses_fed_many_at_once_become_the_same_records(void **state) {
  (void)state;
  static tw_record program[3000];
  steady_program(program, 3000);
  for (unsigned i = 0; i < 4; i++) {
    tw_mode mode = (tw_mode)(TW_SV32 + i);
    uint64_t hash = play_steady(mode, program, 3000, 0);
    assert_true(play_steady(mode, program, 3000, 1) == hash);
    assert_true(play_steady(mode, program, 3000, 2) == hash);
  }
}

/* The last instruction's fetch has retired, and no control write is between. */
static void access_that_is_passed_behind_a_segmentation_fault_waits_for_nothing(void **state) {
  (void)state;
  const tw_space_options options = small_machine(TW_SV39);
  test_machine machine;
  small_open(&machine, &options, false);
  feed(&machine, program_access(TW_FETCH, CODE, 4));
  touch(&machine, DATA, 1);
  feed(&machine, program_access(TW_FETCH, CODE + 4, 4));
  feed(&machine, program_access(TW_LOAD, 0x7000000, 8));
  tw_record load = program_access(TW_LOAD, DATA, 8);
  load.number = machine.fed++;
  assert_int_equal(tw_space_pass_accesses(machine.space, &load, 1), 1);
  assert_int_equal(load.after.count, 0);
  machine_play_all(&machine, &load, 1);
  small_close(&machine);
}

static void nothing_is_passed_that_has_to_wait_or_to_be_split(void **state) {
  (void)state;
  const tw_space_options options = small_machine(TW_SV39);
  test_machine machine;
  small_open(&machine, &options, true);
  tw_record across = program_access(TW_LOAD, DATA + 0xffc, 8), event = program_process(TW_RECORD_FORK, 1);
  tw_record nowhere = program_access(TW_LOAD, UINT64_C(1) << 60, 8), plain[64];
  assert_int_equal(tw_space_pass_accesses(machine.space, &across, 1), 0);
  assert_int_equal(tw_space_pass_accesses(machine.space, &event, 1), 0);
  assert_int_equal(tw_space_pass_accesses(machine.space, &nowhere, 1), 0);
  size_t room = tw_space_pass_room(machine.space);
  for (size_t i = 0; i < 64; i++) {
    plain[i] = program_access(TW_LOAD, DATA + i * 8, 8);
    plain[i].number = machine.fed + i;
  }
  assert_true(room > 0 && room <= TW_SPACE_PENDING_MAX);
  assert_int_equal(tw_space_pass_accesses(machine.space, plain, 64), room);
  machine.fed += room;
  machine_play_all(&machine, plain, room);
  if (room == TW_SPACE_PENDING_MAX) assert_false(tw_space_hungry(machine.space));
  assert_int_equal(tw_space_pass_room(machine.space), TW_SPACE_PENDING_MAX - room);
  machine_settle(&machine);
  feed(&machine, program_process(TW_RECORD_EXIT, 0));
  machine_settle(&machine);
  assert_int_equal(tw_space_pass_room(machine.space), 0);
  assert_int_equal(tw_space_pass_accesses(machine.space, plain, 1), 0);
  small_close(&machine);
}

static void remarks_of_the_allocator_wait_for_nothing(void **state) {
  (void)state;
  test_machine machine;
  tw_error error = {0};
  const tw_space_options options = small_machine(TW_SV32);
  small_open(&machine, &options, true);
  feed(&machine, program_access(TW_STORE, DATA, 8));
  const tw_record remark = {.kind = TW_RECORD_ALLOC, .block = {DATA, 64}};
  assert_true(tw_space_feed(machine.space, &remark, &error));
  assert_true(tw_space_hungry(machine.space));
  small_close(&machine);
}

static void bus_error(test_machine *machine, const tw_record *record, tw_record_answer *answer) {
  if (record->access.va >> 12 != DATA >> 12 && record->access.kind != TW_FETCH) return;
  if (record->access.kind == TW_FETCH && record->access.va < 0xc0000000u) return;
  *answer = (tw_record_answer){.access = record->number, .status = 1, .reason = TW_REASON_TABLE_BUS_ERROR};
  (void)machine;
}

static void bus_error_is_counted_and_not_asked_again(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    machine.lie = bus_error;
    feed(&machine, program_access(TW_LOAD, DATA, 8));
    feed(&machine, program_access(TW_LOAD, DATA + 0x1000, 8));
    machine_settle(&machine);
    machine.lie = NULL;
    /* One of the program's, and every fetch of the handler that answered the other one's page fault. */
    assert_true(machine_counts(&machine).access_faults > 3);
    assert_int_equal(machine_counts(&machine).page_faults, 1);
    assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
    small_close(&machine);
  }
}

static void entry_that_no_kernel_writes_is_the_mmus_error(void **state) {
  (void)state;
  test_machine machine;
  tw_error error = {0};
  tw_record access = program_access(TW_LOAD, DATA, 8), mmu;
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  assert_true(tw_space_feed(machine.space, &access, &error));
  assert_true(tw_space_take(machine.space, &mmu));
  const tw_record_answer answer = {.access = mmu.number, .status = 1, .reason = TW_REASON_MISALIGNED};
  assert_false(tw_space_answer(machine.space, &answer, &error));
  assert_non_null(strstr(error.text, "the MMU is wrong"));
  machine_close(&machine);
}

static void answer_to_nothing_is_refused(void **state) {
  (void)state;
  test_machine machine;
  tw_error error = {0};
  const tw_space_options options = small_machine(TW_SV39);
  small_open(&machine, &options, false);
  touch(&machine, DATA, 2);
  for (uint64_t number = 0; number < machine.log_count + 3; number++) {
    assert_false(tw_space_answer(machine.space, &(tw_record_answer){.access = number}, &error));
    assert_non_null(strstr(error.text, "no access that waits"));
  }
  small_close(&machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accesses_retire_in_the_order_of_the_program),
      cmocka_unit_test(first_half_of_an_access_is_mapped_before_the_second),
      cmocka_unit_test(access_whose_halves_are_both_denied_is_one_segmentation_fault),
      cmocka_unit_test(second_half_that_is_denied_leaves_the_first_as_it_is),
      cmocka_unit_test(younger_accesses_are_asked_again_behind_the_handler),
      cmocka_unit_test(replayed_load_does_not_wait_for_a_fetch_that_retired),
      cmocka_unit_test(what_is_replayed_behind_a_segmentation_fault_waits_for_nothing),
      cmocka_unit_test(replayed_fetch_is_waited_for_again),
      cmocka_unit_test(events_wait_until_everything_before_has_retired),
      cmocka_unit_test(accesses_fed_many_at_once_become_the_same_records),
      cmocka_unit_test(access_that_is_passed_behind_a_segmentation_fault_waits_for_nothing),
      cmocka_unit_test(nothing_is_passed_that_has_to_wait_or_to_be_split),
      cmocka_unit_test(remarks_of_the_allocator_wait_for_nothing),
      cmocka_unit_test(bus_error_is_counted_and_not_asked_again),
      cmocka_unit_test(entry_that_no_kernel_writes_is_the_mmus_error),
      cmocka_unit_test(answer_to_nothing_is_refused),
  };
  return cmocka_run_group_tests_name("space_window", tests, NULL, NULL);
}
