/* What an address space does, record by record, under an MMU that is the oracle itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "machine.h"

#define RW (TW_PROT_READ | TW_PROT_WRITE)
#define RX (TW_PROT_READ | TW_PROT_EXECUTE)
#define CODE 0x10000u
#define DATA 0x20000u
#define STACK_END 0xbff00000u

static const tw_mode modes[] = {TW_SV32, TW_SV39};

static void feed(test_machine *machine, tw_record record) {
  machine_feed(machine, &record);
}

/* A process with code, data and a stack of one page. */
static void process_open(test_machine *machine, tw_mode mode) {
  machine_open(machine, &(tw_space_options){.mode = mode, .asid = 5, .seed = 1});
  feed(machine, program_map(CODE, 0x4000, RX, TW_REGION_CODE));
  feed(machine, program_map(DATA, 0x100000, RW, TW_REGION_DATA));
  feed(machine, program_map(STACK_END - 0x1000, 0x1000, RW, TW_REGION_STACK));
}

/* The kinds of records from `first` on, a letter each: C control, F L S kernel accesses, f l s the program's, P store,
 * V fence. */
static const char *shape(const test_machine *machine, size_t first, char *text, size_t size) {
  size_t length = 0;
  for (size_t i = first; i < machine->log_count && length + 1 < size; i++) {
    const tw_record *record = &machine->log[i].record;
    bool user = record->kind == TW_RECORD_ACCESS && record->access.va < 0xc0000000u;
    text[length++] = record->kind == TW_RECORD_CONTROL ? 'C'
                     : record->kind == TW_RECORD_STORE ? 'P'
                     : record->kind == TW_RECORD_FENCE ? 'V'
                                                       : (user ? "flsa" : "FLSA")[record->access.kind];
  }
  text[length] = 0;
  return text;
}

static void kernel_is_mapped_globally_before_the_first_instruction(void **state) {
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    test_machine machine;
    process_open(&machine, modes[i]);
    machine_settle(&machine);
    bool sv32 = modes[i] == TW_SV32;
    uint64_t direct = sv32 ? 0xc0000000u : 0xffffffd600000000u, text = sv32 ? 0xffc00000u : 0xffffffff80000000u;
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
    assert_int_equal(machine.context.satp.asid, 5);
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
  for (size_t i = 0; i < 2; i++) {
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

static void fence_names_page_and_asid_and_follows_the_stores(void **state) {
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
    assert_true(record->fence.has_va && record->fence.has_asid && record->after.all);
    assert_true(record->fence.va == DATA + 0x3000 && record->fence.asid == 5);
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

static void user_access_to_the_kernel_is_a_segmentation_fault(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV32);
  feed(&machine, program_access(TW_LOAD, STACK_END - 8, 8));
  tw_error error = {0};
  tw_record access = program_access(TW_LOAD, 0xc0000000u, 4);
  assert_true(machine_try(&machine, &access, &error));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 1);
  assert_int_equal(machine_counts(&machine).unplayed_accesses, 1);
  tw_space_segfault fault;
  assert_true(tw_space_segfault_at(machine.space, 0, &fault));
  assert_int_equal(fault.reason, TW_OK);
  machine_close(&machine);
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

/* Whether a record is ordered after the last control write, by itself, by what it waits for, or by its port. */
static void check_order(const test_machine *machine) {
  bool *after = calloc(machine->log_count, sizeof *after);
  bool port[2] = {false, false};
  uint64_t control = 0;
  assert_non_null(after);
  for (size_t i = 0; i < machine->log_count; i++) {
    const tw_record *record = &machine->log[i].record;
    assert_true(record->number == i);
    if (record->kind == TW_RECORD_CONTROL) {
      assert_true(record->after.all);
      memset(after, 0, i);
      memset(port, 0, sizeof port);
      control = i;
    }
    unsigned pins = record->access.kind != TW_FETCH;
    after[i] = record->kind == TW_RECORD_CONTROL || record->after.all;
    for (unsigned n = 0; n < record->after.count; n++) after[i] |= after[i - record->after.back[n]];
    if (record->kind == TW_RECORD_ACCESS) after[i] |= port[pins];
    if (!after[i] && control) fail_msg("record %zu is not ordered after control %llu", i, (unsigned long long)control);
    if (record->kind == TW_RECORD_ACCESS) port[pins] = true;
  }
  free(after);
}

/* A walk over code and data that faults often, with changes of the map in between. */
static void play_mixture(test_machine *machine, unsigned steps) {
  uint64_t random = 7;
  for (unsigned i = 0; i < steps; i++) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    uint64_t page = (random >> 33) % 64 * 0x1000;
    feed(machine, program_access(TW_FETCH, CODE + (random >> 40) % 0x3ffd, 4));
    feed(machine, program_access(random >> 63 ? TW_STORE : TW_LOAD, DATA + page + (random >> 50) % 0x1000, 8));
    if (i % 97 == 0) feed(machine, program_range(TW_RECORD_PROTECT, DATA + page, 0x8000, TW_PROT_READ));
    if (i % 97 == 40) feed(machine, program_range(TW_RECORD_PROTECT, DATA, 0x100000, RW));
    if (i % 131 == 0) feed(machine, program_map(DATA + page, 0x3000, RW, TW_REGION_DATA));
  }
  machine_settle(machine);
}

static void accesses_are_ordered_after_the_control_write_they_are_made_under(void **state) {
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    test_machine machine;
    process_open(&machine, modes[i % 2]);
    machine.late = i / 2;
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
  assert_true(counts[0].spurious_faults == 0 && counts[1].spurious_faults > 0);
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
  assert_int_equal(machine_counts(&machine).spurious_faults, 1);
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  check_order(&machine);
  machine_close(&machine);
}

static void fault_that_should_not_be_is_fenced_the_second_time(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  feed(&machine, program_access(TW_STORE, DATA, 8));
  tw_error error = {0};
  tw_record access = program_access(TW_LOAD, DATA, 8), mmu = {0};
  tw_record_answer answer = {.status = 1, .reason = TW_REASON_INVALID};
  assert_true(tw_space_feed(machine.space, &access, &error));
  for (unsigned asked = 0; asked < 2; asked++) {
    assert_true(tw_space_take(machine.space, &mmu));
    assert_true(mmu.kind == TW_RECORD_ACCESS && mmu.access.va == DATA);
    answer.access = mmu.number;
    assert_true(tw_space_answer(machine.space, &answer, &error));
  }
  size_t first = machine.log_count;
  char text[64];
  machine_settle(&machine);
  assert_string_equal(shape(&machine, first, text, sizeof text), "CFSFFVFLCl");
  assert_int_equal(machine_counts(&machine).spurious_faults, 2);
  assert_int_equal(machine_counts(&machine).pages_mapped, 1);
  assert_int_equal(machine_counts(&machine).fences, 3);
  machine_close(&machine);
}

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

static unsigned fences_from(const test_machine *machine, size_t first, bool has_va) {
  unsigned fences = 0;
  for (size_t i = first; i < machine->log_count; i++) {
    const tw_record *record = &machine->log[i].record;
    fences += record->kind == TW_RECORD_FENCE && record->fence.has_asid && record->fence.has_va == has_va;
  }
  return fences;
}

static void touch(test_machine *machine, uint64_t start, unsigned pages) {
  for (unsigned i = 0; i < pages; i++) feed(machine, program_access(TW_STORE, start + i * 0x1000u, 8));
}

static void munmap_of_64_pages_fences_each_and_of_65_the_address_space(void **state) {
  (void)state;
  for (unsigned pages = 64; pages <= 65; pages++) {
    test_machine machine;
    process_open(&machine, TW_SV39);
    touch(&machine, DATA, pages);
    size_t first = machine.log_count;
    feed(&machine, program_range(TW_RECORD_UNMAP, DATA, 0x100000, 0));
    assert_int_equal(fences_from(&machine, first, true), pages == 64 ? 64 : 0);
    assert_int_equal(fences_from(&machine, first, false), pages == 64 ? 0 : 1);
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
  for (size_t i = 0; i < 2; i++) {
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
  /* The root, the kernel's table and stack, and two tables for the data are not the program's. */
  assert_int_equal(pages, FRAMES - 5);
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
  assert_int_equal(machine_counts(&machine).frames_used, 5);
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

static void other_processes_records_are_left_out(void **state) {
  (void)state;
  test_machine machine;
  process_open(&machine, TW_SV39);
  size_t first = machine.log_count;
  feed(&machine, (tw_record){.kind = TW_RECORD_FORK, .id = 0x10000});
  feed(&machine, (tw_record){.kind = TW_RECORD_THREAD, .id = 0x10001});
  feed(&machine, program_access(TW_STORE, DATA, 8));
  feed(&machine, program_range(TW_RECORD_UNMAP, DATA, 0x1000, 0));
  assert_int_equal(machine.log_count, first);
  assert_int_equal(machine_counts(&machine).foreign_records, 3);
  feed(&machine, (tw_record){.kind = TW_RECORD_THREAD, .id = 2});
  feed(&machine, program_access(TW_STORE, DATA, 8));
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  assert_int_equal(machine_counts(&machine).program_accesses, 1);
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
  assert_string_equal(tw_trace_header_get(&header, "needs.asid-bits"), "3");
  assert_string_equal(tw_trace_header_get(&header, "needs.pa-bits"), "32");
  assert_string_equal(tw_trace_header_get(&header, "needs.ad"), "svade");
  tw_trace_header_free(&header);
  machine_close(&machine);
}

static void options_out_of_range_are_refused(void **state) {
  (void)state;
  const tw_space_options wrong[] = {
      {.mode = TW_SV48},
      {.mode = TW_SV32, .frame_count = 300000},
      {.mode = TW_SV32, .frame_base = 0x80000800},
      {.mode = TW_SV32, .frame_base = 0x3ffff0000},
      {.mode = TW_SV32, .asid = 512},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    tw_error error = {0};
    assert_null(tw_space_open(&wrong[i], NULL, &error));
    assert_true(error.text[0]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kernel_is_mapped_globally_before_the_first_instruction),
      cmocka_unit_test(first_touch_goes_through_the_kernel_and_is_asked_again),
      cmocka_unit_test(load_maps_a_clean_page_and_a_store_dirties_it_later),
      cmocka_unit_test(dirty_bit_is_set_without_touching_other_bits),
      cmocka_unit_test(fence_names_page_and_asid_and_follows_the_stores),
      cmocka_unit_test(access_that_the_region_denies_is_a_segmentation_fault),
      cmocka_unit_test(user_access_to_the_kernel_is_a_segmentation_fault),
      cmocka_unit_test(region_that_is_only_written_can_be_read),
      cmocka_unit_test(access_across_a_page_is_split),
      cmocka_unit_test(data_waits_for_both_halves_of_its_fetch),
      cmocka_unit_test(accesses_are_ordered_after_the_control_write_they_are_made_under),
      cmocka_unit_test(late_answers_change_the_order_and_not_the_outcome),
      cmocka_unit_test(two_faults_of_one_page_map_it_once),
      cmocka_unit_test(fault_that_should_not_be_is_fenced_the_second_time),
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
      cmocka_unit_test(address_without_a_region_or_a_place_is_told_and_not_played),
      cmocka_unit_test(region_larger_than_the_user_part_is_refused),
      cmocka_unit_test(frames_are_not_handed_out_twice_and_end_with_a_message),
      cmocka_unit_test(freed_frames_are_used_again),
      cmocka_unit_test(same_seed_gives_the_same_records_and_another_seed_others),
      cmocka_unit_test(other_processes_records_are_left_out),
      cmocka_unit_test(kernel_fault_is_an_error_of_the_mmu),
      cmocka_unit_test(header_says_what_the_trace_needs),
      cmocka_unit_test(options_out_of_range_are_refused),
  };
  return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
