/* Checks: wrong answers, missing fences, and accounts that do not add up are found, each by its check; and every policy
 * sends what its table says (S15, S16).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "internal.h"
#include "process.h"

/* One answer leads to the neighbouring frame. */
static void flip(test_machine *machine, const tw_record *record, tw_record_answer *answer) {
  if (record->access.va >= 0xc0000000u || answer->status) return;
  answer->pa ^= 0x1000;
  machine->lie = NULL;
}

static void wrong_frame_is_found_by_isolation_and_by_content(void **state) {
  (void)state;
  for (unsigned i = 0; i < 32; i++) {
    tw_space_options options = small_machine((tw_mode)(TW_SV32 + i % 4));
    options.check_content = i & 4;
    options.check_isolation = i & 8;
    test_machine machine;
    small_open(&machine, &options, i & 16);
    touch(&machine, DATA, 20);
    machine_settle(&machine);
    machine.lie = flip;
    load(&machine, DATA + 0x3000);
    machine_settle(&machine);
    assert_null(machine.lie);
    tw_space_counts counts = machine_counts(&machine);
    assert_int_equal(counts.isolation_errors, options.check_isolation);
    assert_int_equal(counts.content_errors, options.check_content);
    assert_int_equal(counts.content_unexplained, options.check_content);
    assert_int_equal(counts.stale_uses, 0);
    machine_close(&machine);
  }
}

/* A store that went astray is found when what it should have written is read. */
static void store_that_went_astray_is_found_by_content(void **state) {
  (void)state;
  tw_space_options options = small_machine(TW_SV39);
  options.check_isolation = false;
  test_machine machine;
  small_open(&machine, &options, false);
  touch(&machine, DATA, 2);
  machine.lie = flip;
  store(&machine, DATA);
  assert_int_equal(machine_counts(&machine).content_errors, 0);
  load(&machine, DATA);
  assert_int_equal(machine_counts(&machine).content_errors, 1);
  machine_close(&machine);
}

static void grant(test_machine *machine, const tw_record *record, tw_record_answer *answer) {
  if (record->access.va >= 0xc0000000u || !answer->status) return;
  answer->status = 0;
  answer->reason = 0;
  answer->pa = machine_walk(machine, TW_USER, TW_LOAD, record->access.va).pa;
}

static void right_that_the_entry_does_not_give_is_found_by_isolation(void **state) {
  (void)state;
  const tw_space_options options = small_machine(TW_SV48);
  test_machine machine;
  small_open(&machine, &options, false);
  feed(&machine, program_access(TW_FETCH, CODE, 4));
  machine.lie = grant;
  store(&machine, CODE);
  assert_int_equal(machine_counts(&machine).isolation_errors, 1);
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  machine_close(&machine);
}

/* ---- Missing fences: before an MMU with a TLB each is used, before one without it could have been ---- */

static void revoke_by_unmap(test_machine *machine) {
  store(machine, DATA);
  feed(machine, program_range(TW_RECORD_UNMAP, DATA, 0x1000, 0));
  load(machine, DATA);
}

static void revoke_by_protect(test_machine *machine) {
  store(machine, DATA);
  feed(machine, program_range(TW_RECORD_PROTECT, DATA, 0x1000, TW_PROT_READ));
  store(machine, DATA);
}

/* On one hart the store that copies is the next to ask, and the old entry denies it: nobody gets that far. */
static void revoke_by_copy(test_machine *machine) {
  store(machine, DATA);
  feed(machine, program_process(TW_RECORD_FORK, 1));
  load(machine, DATA);
  store(machine, DATA);
  load(machine, DATA);
}

static void revoke_by_reclaim(test_machine *machine) {
  store(machine, DATA);
  feed(machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 1});
  load(machine, DATA);
}

static void missing_fence_is_the_software_s_fault_and_named(void **state) {
  (void)state;
  static const struct {
    const char *policy;
    tw_fence_event event;
    void (*play)(test_machine *machine);
  } missing[] = {{"missing-unmap", TW_FENCED_UNMAP, revoke_by_unmap},
                 {"missing-protect", TW_FENCED_PROTECT, revoke_by_protect},
                 {"missing-copy", TW_FENCED_COPY, revoke_by_copy},
                 {"missing-reclaim", TW_FENCED_RECLAIM, revoke_by_reclaim}};
  for (size_t i = 0; i < 32; i++) {
    bool tlb = i & 4, right = i & 8, late = i & 16, used = tlb && missing[i % 4].event != TW_FENCED_COPY;
    tw_space_options options = small_machine((tw_mode)(TW_SV32 + i % 3));
    options.fences = tw_fence_policy_find(right ? "linux" : missing[i % 4].policy);
    assert_non_null(options.fences);
    test_machine machine;
    small_open(&machine, &options, late);
    if (tlb) machine_give_tlb(&machine, 32);
    missing[i % 4].play(&machine);
    machine_settle(&machine);
    tw_space_counts counts = machine_counts(&machine);
    tw_space_stale stale;
    assert_int_equal(counts.isolation_errors, 0);
    assert_int_equal(counts.content_unexplained, 0);
    assert_int_equal(tw_space_stale_at(machine.space, 0, &stale), !right);
    assert_true(right || (used ? counts.stale_uses > 0 : counts.stale_chances > 0));
    assert_true(!right || (!counts.stale_uses && !counts.stale_chances));
    if (!right) {
      assert_true(stale.event == missing[i % 4].event && stale.used == used && stale.va == DATA && stale.process == 0);
      assert_true(stale.record < machine.fed);
      assert_true(stale.event == TW_FENCED_COPY ? stale.record == stale.revoked : stale.record > stale.revoked);
      assert_true(stale.old_pa && (stale.old_pa != stale.new_pa) == (stale.event != TW_FENCED_PROTECT));
    }
    machine_close(&machine);
  }
}

/* The fence that is missing explains where the page was, and no other frame. */
static void missing_fence_does_not_excuse_another_frame(void **state) {
  (void)state;
  for (unsigned i = 0; i < 2; i++) {
    tw_space_options options = small_machine(TW_SV39);
    options.fences = tw_fence_policy_find("missing-unmap");
    test_machine machine;
    small_open(&machine, &options, false);
    machine_give_tlb(&machine, 32);
    store(&machine, DATA);
    feed(&machine, program_range(TW_RECORD_UNMAP, DATA, 0x1000, 0));
    if (i) machine.lie = flip;
    load(&machine, DATA);
    assert_null(machine.lie);
    assert_int_equal(machine_counts(&machine).stale_uses, 1);
    assert_int_equal(machine_counts(&machine).content_errors, 1);
    assert_int_equal(machine_counts(&machine).content_unexplained, i);
    assert_int_equal(machine_counts(&machine).isolation_errors, i);
    machine_close(&machine);
  }
}

/* ---- Balance ---- */

static void check_refuses(test_machine *machine, const char *why) {
  tw_error error = {0};
  assert_false(tw_space_check(machine->space, &error));
  if (!strstr(error.text, why)) fail_msg("%s", error.text);
}

static void accounts_that_do_not_add_up_are_told(void **state) {
  (void)state;
  const tw_space_options options = small_machine(TW_SV39);
  test_machine machine;
  tw_error error = {0};
  small_open(&machine, &options, false);
  touch(&machine, DATA, 4);
  feed(&machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 2});
  tw_space *space = machine.space;
  machine_check(&machine);
  frame *leaked = frame_take(space->frames, FRAME_ANONYMOUS, false);
  check_refuses(&machine, "is leaked");
  leaked->kind = FRAME_TABLE;
  check_refuses(&machine, "of tables for");
  frame_give(space->frames, leaked);
  table_slot found;
  uint64_t va = 0;
  while (table_next(&space->running->table, &va, UINT32_MAX, &found) && !(*found.entry & TW_PTE_V)) va += 0x1000;
  frame *lies = space_page_frame(space, &found);
  assert_true(frame_unmap(lies, (frame_mapping){0, va}));
  check_refuses(&machine, "does not know of it");
  assert_true(frame_map(lies, (frame_mapping){0, va}));
  frame_clock_remove(space->frames, lies);
  check_refuses(&machine, "is not on the clock");
  frame_clock_add(space->frames, lies);
  space->running->resident++;
  check_refuses(&machine, "counts");
  space->running->resident--;
  machine_check(&machine);
  tw_record access = program_access(TW_LOAD, DATA, 8);
  assert_true(tw_space_feed(space, &access, &error));
  check_refuses(&machine, "not at rest");
  machine_close(&machine);
}

static void slots_that_are_held_by_nobody_are_told(void **state) {
  (void)state;
  const tw_space_options options = small_machine(TW_SV39);
  test_machine machine;
  uint64_t slot;
  small_open(&machine, &options, false);
  touch(&machine, DATA, 4);
  feed(&machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 2});
  swap_device *swap = machine.space->swap;
  assert_true(swap_take(swap, &slot));
  check_refuses(&machine, "slots of the swap device are in use");
  swap_release(swap, slot);
  swap_hold(swap, 0);
  check_refuses(&machine, "slot 0 of the swap device is held");
  swap_release(swap, 0);
  machine_check(&machine);
  machine_close(&machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wrong_frame_is_found_by_isolation_and_by_content),
      cmocka_unit_test(store_that_went_astray_is_found_by_content),
      cmocka_unit_test(right_that_the_entry_does_not_give_is_found_by_isolation),
      cmocka_unit_test(missing_fence_is_the_software_s_fault_and_named),
      cmocka_unit_test(missing_fence_does_not_excuse_another_frame),
      cmocka_unit_test(slots_that_are_held_by_nobody_are_told),
      cmocka_unit_test(accounts_that_do_not_add_up_are_told),
  };
  return cmocka_run_group_tests_name("space_checks", tests, NULL, NULL);
}
