/* A process to play with.
 * SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void feed(test_machine *machine, tw_record record) {
  machine_feed(machine, &record);
}

void process_open(test_machine *machine, tw_mode mode) {
  machine_open(machine, &(tw_space_options){.mode = mode, .asid_bits = 9, .seed = 1});
  feed(machine, program_map(CODE, 0x4000, RX, TW_REGION_CODE));
  feed(machine, program_map(DATA, 0x100000, RW, TW_REGION_DATA));
  feed(machine, program_map(STACK_END - 0x1000, 0x1000, RW, TW_REGION_STACK));
}

const char *shape(const test_machine *machine, size_t first, char *text, size_t size) {
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

void check_order(const test_machine *machine) {
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

void play_mixture(test_machine *machine, unsigned steps) {
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

void store(test_machine *machine, uint64_t va) {
  feed(machine, program_access(TW_STORE, va, 8));
}

void load(test_machine *machine, uint64_t va) {
  feed(machine, program_access(TW_LOAD, va, 8));
}

void switch_to(test_machine *machine, uint32_t number) {
  feed(machine, program_process(TW_RECORD_THREAD, number));
}

unsigned fences_from(const test_machine *machine, size_t first, bool has_va, bool has_asid) {
  unsigned fences = 0;
  for (size_t i = first; i < machine->log_count; i++) {
    const tw_record *record = &machine->log[i].record;
    fences += record->kind == TW_RECORD_FENCE && record->fence.has_va == has_va && record->fence.has_asid == has_asid;
  }
  return fences;
}

void touch(test_machine *machine, uint64_t start, unsigned pages) {
  for (unsigned i = 0; i < pages; i++) feed(machine, program_access(TW_STORE, start + i * 0x1000u, 8));
}

tw_space_options small_machine(tw_mode mode) {
  return (tw_space_options){.mode = mode,
                            .asid_bits = 9,
                            .frame_count = 400,
                            .seed = 3,
                            .swap_pages = 1000,
                            .check_content = true,
                            .check_isolation = true};
}

void small_open(test_machine *machine, const tw_space_options *options, bool late) {
  machine_open(machine, options);
  machine->late = late;
  feed(machine, program_map(CODE, 0x4000, RX, TW_REGION_CODE));
  feed(machine, program_map(DATA, 0x100000, RW, TW_REGION_DATA));
  feed(machine, program_map(STACK_END - 0x1000, 0x1000, RW, TW_REGION_STACK));
}

void small_close(test_machine *machine) {
  machine_settle(machine);
  tw_space_counts counts = machine_counts(machine);
  assert_int_equal(counts.content_errors, 0);
  assert_int_equal(counts.isolation_errors, 0);
  assert_int_equal(counts.stale_uses, 0);
  assert_int_equal(counts.stale_chances, 0);
  machine_check(machine);
  if (machine->keep) check_order(machine);
  machine_close(machine);
}

tw_record program_process(tw_record_kind kind, uint32_t number) {
  uint32_t id = number << 16 | (kind == TW_RECORD_THREAD ? 1u : 0u);
  return (tw_record){.kind = kind, .id = id, .name = "program"};
}

tw_record program_file(uint64_t start, uint64_t length, uint8_t prot, const char *name, bool shared) {
  tw_record map = program_map(start, length, prot, TW_REGION_FILE);
  map.map.name = name;
  map.map.shared = shared;
  return map;
}

tw_space_page page_at(const test_machine *machine, size_t process, uint64_t va) {
  tw_space_page page = {0};
  if (!tw_space_page_next(machine->space, process, va, &page) || page.va != va) return (tw_space_page){0};
  return page;
}

uint64_t page_pa(const test_machine *machine, size_t process, uint64_t va) {
  tw_space_page page = page_at(machine, process, va);
  return page.resident ? page.pa : 0;
}
