/* Many processes that do anything, with few frames and every check on, in every mode and under every right policy, with
 * an MMU that walks every time and with one that has a TLB, with answers at once and late.
 *
 *   test_space_random [STEPS]     of each run; TWINWALK_SEED repeats a seed
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "process.h"
#include "random.h"

#define PROCESSES_ALIVE 5u
#define PROCESSES_EVER 400u
#define RANGES 8u
#define RANGE_PAGES 24u
#define HEAP_FROM 0x30000000u
#define HEAP_PAGES 40u

static unsigned steps = 2500;

typedef struct random_process {
  uint32_t id;
  bool alive, heap;
} random_process;

typedef struct random_run {
  test_machine machine;
  test_random random;
  random_process processes[PROCESSES_EVER];
  size_t count, alive, running;
} random_run;

/* What a range is when it is mapped: ranges 0 and 1 are files, 2 is a file that is shared, 3 shared memory. */
static tw_record range_map(random_run *run, unsigned range, bool whole) {
  static const char *const names[RANGES] = {"prog", "lib.so", "data", "", "", "lib.so", "", "data"};
  static const tw_region_use uses[RANGES] = {TW_REGION_CODE,   TW_REGION_FILE, TW_REGION_FILE,  TW_REGION_MAPPED,
                                             TW_REGION_MAPPED, TW_REGION_FILE, TW_REGION_STACK, TW_REGION_FILE};
  static const uint8_t prots[] = {RX, RW, RW, RW, TW_PROT_READ, TW_PROT_EXECUTE, RW | TW_PROT_EXECUTE, TW_PROT_WRITE};
  uint64_t first = whole ? 0 : random_below(&run->random, RANGE_PAGES), start = 0x10000000u + range * 0x2000000u;
  uint64_t pages = whole ? RANGE_PAGES : 1 + random_below(&run->random, RANGE_PAGES - first);
  tw_record map =
      program_map(start + first * 0x1000, pages * 0x1000, prots[random_below(&run->random, sizeof prots)], uses[range]);
  map.map.name = names[range];
  map.map.shared = range == 2 || range == 3;
  map.map.offset = range < 3 || range == 5 || range == 7 ? random_below(&run->random, 3) * 0x5000 : 0;
  return map;
}

static uint64_t random_va(random_run *run) {
  if (random_below(&run->random, 8) == 0) return HEAP_FROM + random_below(&run->random, HEAP_PAGES * 0x1000);
  return 0x10000000u + random_below(&run->random, RANGES) * 0x2000000u +
         random_below(&run->random, (RANGE_PAGES + 1) * 0x1000);
}

static void step_access(random_run *run) {
  uint64_t va = random_va(run);
  for (uint64_t n = 1 + random_below(&run->random, 6); n; n--) {
    uint8_t size = (uint8_t)(1 + random_below(&run->random, 64));
    feed(&run->machine, program_access((tw_access)random_below(&run->random, 4), va, size));
    va += random_below(&run->random, 0x400);
  }
}

static void step_change(random_run *run) {
  uint64_t start = random_va(run) & ~UINT64_C(0xfff), length = (1 + random_below(&run->random, 12)) * 0x1000;
  tw_record change = program_range(TW_RECORD_UNMAP, start, length, 0);
  switch (random_below(&run->random, 6)) {
  case 0:
    break;
  case 1:
    change.kind = TW_RECORD_ADVISE;
    change.map.advice = (tw_advice)(TW_ADVICE_HUGE + random_below(&run->random, TW_ADVICE_COUNT - TW_ADVICE_HUGE));
    break;
  case 2:
    change = program_range(TW_RECORD_BREAK, HEAP_FROM + random_below(&run->random, HEAP_PAGES * 0x1000), 0, 0);
    break;
  case 3:
    change = range_map(run, (unsigned)random_below(&run->random, RANGES), false);
    break;
  default:
    change.kind = TW_RECORD_PROTECT;
    change.map.prot = random_below(&run->random, 3) ? RW : (uint8_t)random_below(&run->random, 8);
  }
  feed(&run->machine, change);
}

static void begin_maps(random_run *run) {
  for (unsigned range = 0; range < RANGES; range++) feed(&run->machine, range_map(run, range, true));
  feed(&run->machine, program_range(TW_RECORD_BREAK, HEAP_FROM, 0, 0));
}

static void run_next(random_run *run, size_t to) {
  run->running = to;
  feed(&run->machine, (tw_record){.kind = TW_RECORD_THREAD, .id = run->processes[to].id | 1});
}

static size_t random_alive(random_run *run) {
  size_t chosen;
  do chosen = random_below(&run->random, run->count);
  while (!run->processes[chosen].alive);
  return chosen;
}

static void step_begin(random_run *run, bool fork) {
  if (run->alive == PROCESSES_ALIVE || run->count == PROCESSES_EVER) return;
  random_process *made = &run->processes[run->count];
  *made = (random_process){.id = (uint32_t)run->count << 16, .alive = true};
  feed(&run->machine,
       (tw_record){.kind = fork ? TW_RECORD_FORK : TW_RECORD_PROCESS, .id = made->id, .name = "another"});
  run->alive++;
  run->count++;
  if (fork) return;
  run_next(run, run->count - 1);
  begin_maps(run);
}

static void step_exit(random_run *run) {
  if (run->alive < 2) return;
  size_t ends = random_alive(run);
  feed(&run->machine, (tw_record){.kind = TW_RECORD_EXIT, .id = run->processes[ends].id});
  run->processes[ends].alive = false;
  run->alive--;
  if (ends == run->running) run_next(run, random_alive(run));
}

static void step_process(random_run *run) {
  switch (random_below(&run->random, 8)) {
  case 0:
    step_begin(run, false);
    break;
  case 1:
  case 2:
    step_begin(run, true);
    break;
  case 3:
    step_exit(run);
    break;
  case 4:
    if (random_below(&run->random, 4)) break;
    feed(&run->machine, (tw_record){.kind = TW_RECORD_EXEC, .name = "exec"});
    begin_maps(run);
    break;
  default:
    run_next(run, random_alive(run));
  }
}

static void step_kernel(random_run *run) {
  tw_record_call call = {.reads = random_va(run), .writes = random_va(run), .number = 64};
  call.reads_length = (uint32_t)random_below(&run->random, 200);
  call.writes_length = (uint32_t)random_below(&run->random, 200);
  if (random_below(&run->random, 3)) {
    feed(&run->machine, (tw_record){.kind = TW_RECORD_CALL, .call = call});
  } else {
    feed(&run->machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = random_below(&run->random, 12)});
  }
}

static void step(random_run *run) {
  uint64_t what = random_below(&run->random, 40);
  if (what < 30) {
    step_access(run);
  } else if (what < 34) {
    step_change(run);
  } else if (what < 38) {
    step_process(run);
  } else {
    step_kernel(run);
  }
}

/* All end, and nothing is left but what the kernel and the page cache hold. */
static void end_all(random_run *run) {
  for (size_t i = 0; i < run->count; i++) {
    if (run->processes[i].alive) {
      feed(&run->machine, (tw_record){.kind = TW_RECORD_EXIT, .id = run->processes[i].id});
    }
  }
  machine_settle(&run->machine);
  machine_check(&run->machine);
  for (size_t i = 0; i < run->count; i++) {
    tw_space_process process;
    assert_true(tw_space_process_at(run->machine.space, i, &process));
    assert_true(!process.alive && !process.resident && !process.swapped && !process.tables);
  }
}

static tw_space_counts play(const tw_space_options *options, uint64_t seed, size_t tlb, bool late) {
  random_run *run = calloc(1, sizeof *run);
  assert_non_null(run);
  run->random.state = seed;
  machine_open(&run->machine, options);
  run->machine.keep = false;
  run->machine.late = late;
  if (tlb) machine_give_tlb(&run->machine, tlb);
  run->processes[0] = (random_process){.alive = true};
  run->count = run->alive = 1;
  begin_maps(run);
  for (unsigned i = 0; i < steps; i++) {
    step(run);
    if (i % 250) continue;
    machine_settle(&run->machine);
    machine_check(&run->machine);
  }
  machine_settle(&run->machine);
  machine_check(&run->machine);
  end_all(run);
  tw_space_counts counts = machine_counts(&run->machine);
  machine_close(&run->machine);
  free(run);
  return counts;
}

static void check_right(const tw_space_counts *counts) {
  assert_int_equal(counts->content_errors, 0);
  assert_int_equal(counts->isolation_errors, 0);
  assert_int_equal(counts->stale_uses, 0);
  assert_int_equal(counts->stale_chances, 0);
  assert_true(counts->checked_loads > 100 && counts->checked_accesses > 100);
}

static const tw_mode modes[] = {TW_SV32, TW_SV39, TW_SV48, TW_SV57};

static void nothing_goes_wrong_whatever_processes_do(void **state) {
  (void)state;
  static const char *const policies[] = {"linux", "linux-6.1", "linux-svvptc", "full", "lazy"};
  test_random seeds = random_seeded("space_random", 20261121);
  tw_space_counts all = {0};
  for (unsigned i = 0; i < 40; i++) {
    uint64_t seed = random_next(&seeds);
    tw_space_options options = {.mode = modes[i % 4],
                                .asid_bits = i % 3 == 0 ? 0 : 9,
                                .asids = i % 3 == 1 ? 3 : 0,
                                .huge = i % 2,
                                .svnapot = i / 2 % 2,
                                .adue = i / 4 % 2,
                                .svvptc = i / 2 % 2,
                                .frame_count = 120 + random_below(&seeds, 120),
                                .seed = seed,
                                .swap_pages = 3000,
                                .swap_latency = 7,
                                .keep_clean = i % 7 == 0,
                                .fences = tw_fence_policy_find(policies[i / 8]),
                                .check_content = true,
                                .check_isolation = true};
    if (options.mode == TW_SV32) options.frame_base = 0xfff00000u;
    tw_space_counts counts = play(&options, seed, i / 3 % 2 ? 24 : 0, i / 5 % 2);
    check_right(&counts);
    for (size_t n = 0; n < sizeof counts / sizeof(uint64_t); n++) ((uint64_t *)&all)[n] += ((uint64_t *)&counts)[n];
  }
  const char *name;
  for (size_t n = 0; (name = tw_space_count_name(n)); n++) {
    uint64_t value;
    assert_true(tw_space_count_named(&all, name, &value));
    print_message("  %-20s %" PRIu64 "\n", name, value);
  }
  assert_true(all.copies && all.reuses && all.swapped_in && all.swapped_out && all.dropped && all.file_reads);
  assert_true(all.rollovers && all.forks && all.execs && all.exits && all.calls && all.squashed && all.aged);
  assert_true(all.spurious_faults && all.segmentation_faults && all.dirty_set && all.page_crossings);
}

/* Transparency: what programs find does not depend on frames, seed, swap, mode or the order of answers. */
static void content_is_the_same_whatever_the_machine(void **state) {
  (void)state;
  uint64_t digest[6], seed = random_seeded("space_random content", 7).state;
  for (unsigned i = 0; i < 6; i++) {
    const tw_space_options options = {.mode = modes[i % 4],
                                      .asid_bits = i * 2,
                                      .seed = i,
                                      .frame_count = i < 3 ? 200 : 4000,
                                      .swap_pages = i < 3 ? 3000 : 0,
                                      .adue = i % 2,
                                      .check_content = true};
    tw_space_counts counts = play(&options, seed, i % 2 ? 16 : 0, i == 2);
    assert_int_equal(counts.content_errors, 0);
    digest[i] = counts.content_digest;
    assert_true(digest[i] == digest[0] && digest[i]);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_goes_wrong_whatever_processes_do),
      cmocka_unit_test(content_is_the_same_whatever_the_machine),
  };
  if (argc > 1) steps = (unsigned)strtoul(argv[1], NULL, 0);
  return cmocka_run_group_tests_name("space_random", tests, NULL, NULL);
}
