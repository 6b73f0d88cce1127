/* Machines with large pages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "huge_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

const huge_kind huge_kinds[HUGE_KINDS] = {{"Sv32", TW_SV32, false, false},
                                          {"Sv32, Svnapot asked for", TW_SV32, true, true},
                                          {"Sv39", TW_SV39, false, false},
                                          {"Sv39, Svnapot", TW_SV39, true, false},
                                          {"Sv39, Svnapot, Svadu", TW_SV39, true, true},
                                          {"Sv57, Svadu", TW_SV57, false, true},
                                          {"Sv57, Svnapot", TW_SV57, true, false}};

uint64_t huge_pages_of(const huge_kind *of) {
  return of->mode == TW_SV32 ? 1024 : 512;
}

bool huge_has_runs(const huge_kind *of) {
  return of->svnapot && of->mode != TW_SV32;
}

tw_space_options huge_options_of(const huge_kind *of) {
  return (tw_space_options){.mode = of->mode,
                            .asid_bits = 9,
                            .adue = of->adue,
                            .svnapot = of->svnapot,
                            .frame_count = 8192,
                            .seed = 5,
                            .swap_pages = 8192,
                            .huge = true,
                            .check_content = true,
                            .check_isolation = true};
}

void huge_open_with(test_machine *machine, const tw_space_options *options) {
  machine_open(machine, options);
  machine_give_tlb(machine, 64);
  feed(machine, program_map(LARGE, 0x1000000, RW, TW_REGION_MAPPED));
}

void huge_open_kind(test_machine *machine, const huge_kind *of) {
  tw_space_options options = huge_options_of(of);
  huge_open_with(machine, &options);
}

/* Nothing was lost, nobody saw what is not theirs, and everything adds up. */
void huge_close_well(test_machine *machine) {
  machine_settle(machine);
  tw_space_counts counts = machine_counts(machine);
  assert_int_equal(counts.content_errors, 0);
  assert_int_equal(counts.isolation_errors, 0);
  assert_int_equal(counts.stale_uses + counts.stale_chances, 0);
  machine_check(machine);
  check_order(machine);
  machine_close(machine);
}

void huge_access_pages(test_machine *machine, tw_access access, uint64_t start, uint64_t pages) {
  for (uint64_t i = 0; i < pages; i++) feed(machine, program_access(access, start + i * PAGE + i % 511 * 8, 8));
  machine_settle(machine);
}

tw_walk huge_looked_at(test_machine *machine, uint64_t va) {
  return machine_walk(machine, TW_USER, TW_LOAD, va);
}

bool huge_is_large(test_machine *machine, uint64_t va) {
  tw_walk walk = huge_looked_at(machine, va);
  return walk.level == 1;
}

bool huge_is_run(test_machine *machine, uint64_t va) {
  return huge_looked_at(machine, va).napot;
}
