/* Every policy sends what its table says, whatever happens (S15).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "internal.h"
#include "process.h"

static void run_process(test_machine *machine, uint32_t number) {
  feed(machine, program_process(TW_RECORD_THREAD, number));
}

/* Few fences are not too few: what an older entry denies is fenced when it faults. */
static void lazy_policy_costs_faults_and_loses_nothing(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    tw_space_options options = small_machine(mode);
    options.fences = tw_fence_policy_find("lazy");
    test_machine machine;
    small_open(&machine, &options, late);
    machine_give_tlb(&machine, 32);
    load(&machine, DATA);
    store(&machine, DATA); /* the TLB has it without D */
    load(&machine, DATA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).dirty_set, 1);
    assert_int_equal(machine_counts(&machine).spurious_faults, 1);
    small_close(&machine);
  }
}

static void svvptc_saves_the_fence_of_a_new_entry_where_the_mmu_has_it(void **state) {
  (void)state;
  for (unsigned has = 0; has < 2; has++) {
    tw_space_options options = small_machine(TW_SV39);
    options.fences = tw_fence_policy_find("linux-svvptc");
    options.svvptc = has;
    test_machine machine;
    tw_trace_header header;
    tw_error error = {0};
    small_open(&machine, &options, false);
    uint64_t fences = machine_counts(&machine).fences;
    touch(&machine, DATA, 5);
    assert_true(machine_counts(&machine).fences - fences == (has ? 0 : 5));
    tw_trace_header_init(&header, TW_TRACE_MMU);
    assert_true(tw_space_describe(machine.space, &header, &error));
    const char *needs = tw_trace_header_get(&header, "needs.extensions");
    assert_true(has ? needs && strcmp(needs, "svvptc") == 0 : !needs);
    tw_trace_header_free(&header);
    small_close(&machine);
  }
}

typedef struct event_play {
  tw_fence_event event;
  unsigned pages; /* that change */
  void (*before)(test_machine *machine);
  void (*play)(test_machine *machine);
} event_play;

static void nothing(test_machine *machine) {
  (void)machine;
}

static void before_set(test_machine *machine) {
  load(machine, DATA);
}

static void before_copy(test_machine *machine) {
  touch(machine, DATA, 3);
  feed(machine, program_process(TW_RECORD_FORK, 1));
}

static void before_two(test_machine *machine) {
  touch(machine, DATA, 3);
  feed(machine, program_process(TW_RECORD_PROCESS, 1));
}

static void before_pages(test_machine *machine) {
  touch(machine, DATA, 3);
  feed(machine, program_access(TW_FETCH, CODE, 4));
}

static void before_one(test_machine *machine) {
  touch(machine, DATA, 1);
}

static void before_reclaim(test_machine *machine) {
  table_slot slot;
  touch(machine, DATA, 1);
  machine_settle(machine);
  table_find(&machine->space->running->table, DATA, &slot);
  table_set(&slot, *slot.entry & ~(uint64_t)TW_PTE_A); /* so that the clock takes it at once */
}

static void play_store(test_machine *machine) {
  store(machine, DATA);
}

static void play_fork(test_machine *machine) {
  feed(machine, program_process(TW_RECORD_FORK, 1));
}

static void play_protect(test_machine *machine) {
  feed(machine, program_range(TW_RECORD_PROTECT, DATA, 0x100000, TW_PROT_READ));
}

static void play_unmap(test_machine *machine) {
  feed(machine, program_range(TW_RECORD_UNMAP, DATA, 0x100000, 0));
}

static void play_exit(test_machine *machine) {
  feed(machine, program_process(TW_RECORD_EXIT, 0));
}

static void play_reclaim(test_machine *machine) {
  feed(machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 1});
}

static void play_switch(test_machine *machine) {
  run_process(machine, 1);
}

static const event_play plays[] = {{TW_FENCED_NEW, 1, nothing, play_store},
                                   {TW_FENCED_SET, 1, before_set, play_store},
                                   {TW_FENCED_COPY, 1, before_copy, play_store},
                                   {TW_FENCED_FORK, 3, before_pages, play_fork},
                                   {TW_FENCED_PROTECT, 3, before_pages, play_protect},
                                   {TW_FENCED_UNMAP, 3, before_pages, play_unmap},
                                   {TW_FENCED_EXIT, 3, before_pages, play_exit},
                                   {TW_FENCED_RECLAIM, 1, before_reclaim, play_reclaim},
                                   {TW_FENCED_SWITCH, 1, before_two, play_switch},
                                   {TW_FENCED_NO_ASID, 1, before_two, play_switch},
                                   {TW_FENCED_ROLLOVER, 1, before_two, play_switch},
                                   {TW_FENCED_AGE, 1, before_one, play_reclaim}};

/* Fences by page, by page and ASID, by ASID, and of everything. */
static void expect_fences(const tw_fence_policy *policy, const event_play *play, uint64_t expected[4]) {
  memset(expected, 0, 4 * sizeof expected[0]);
  switch (policy->on[play->event]) {
  case TW_FENCE_PAGE:
    expected[0] = play->pages;
    break;
  case TW_FENCE_PAGE_ASID:
  case TW_FENCE_RANGE:
    expected[1] = play->pages;
    break;
  case TW_FENCE_ASID:
    expected[2] = 1;
    break;
  case TW_FENCE_ALL:
    expected[3] = 1;
    break;
  default:
    break;
  }
}

static void check_event(const tw_fence_policy *policy, const event_play *play, bool late) {
  tw_space_options options = small_machine(TW_SV39);
  options.fences = policy;
  if (play->event == TW_FENCED_NO_ASID) options.asid_bits = 0;
  if (play->event == TW_FENCED_ROLLOVER) options.asids = 2;
  test_machine machine;
  uint64_t expected[4], age[4] = {0};
  small_open(&machine, &options, late);
  play->before(&machine);
  machine_settle(&machine);
  tw_space_counts before = machine_counts(&machine);
  play->play(&machine);
  machine_settle(&machine);
  tw_space_counts after = machine_counts(&machine);
  expect_fences(policy, play, expected);
  /* The page that is aged leaves when the hand comes by again. */
  if (play->event == TW_FENCED_AGE) expect_fences(policy, &(event_play){TW_FENCED_RECLAIM, 1, NULL, NULL}, age);
  const uint64_t found[4] = {after.fences_page - before.fences_page, after.fences_page_asid - before.fences_page_asid,
                             after.fences_asid - before.fences_asid, after.fences_all - before.fences_all};
  for (unsigned i = 0; i < 4; i++) {
    if (found[i] == expected[i] + age[i]) continue;
    fail_msg("%s after `%s`: %llu fences of form %u, expected %llu", policy->name, tw_fence_event_name(play->event),
             (unsigned long long)found[i], i, (unsigned long long)(expected[i] + age[i]));
  }
  machine_close(&machine);
}

static void every_policy_sends_what_its_table_says(void **state) {
  (void)state;
  const tw_fence_policy *policy;
  for (size_t n = 0; (policy = tw_fence_policy_at(n)); n++) {
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++) {
      check_event(policy, &plays[i], false);
      check_event(policy, &plays[i], true);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lazy_policy_costs_faults_and_loses_nothing),
      cmocka_unit_test(svvptc_saves_the_fence_of_a_new_entry_where_the_mmu_has_it),
      cmocka_unit_test(every_policy_sends_what_its_table_says),
  };
  return cmocka_run_group_tests_name("space_policies", tests, NULL, NULL);
}
