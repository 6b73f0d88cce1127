/* Random programs on random machines before the worst MMU: nothing is lost, nobody sees what is not theirs, everything
 * adds up, and what programs find is the same whatever the machine.
 *
 * TWINWALK_STRESS says how many seeds (default 10), TWINWALK_SEED which is the first.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hoarder.h"
#include "stress_program.h"

#define STEPS 300u

/* A machine that nothing is known of but its seed. */
static tw_space_options any_machine(tw_mode mode, test_random *random) {
  static const uint64_t frames[] = {260, 300, 500, 1100, 2600, 5000, 20000};
  static const uint64_t bases[] = {0, 0x80000000, 0x80003000, 0x10000000, 0x101ff000};
  tw_space_options options = {.mode = mode,
                              .asid_bits = (unsigned)random_below(random, mode == TW_SV32 ? 10 : 17),
                              .adue = random_below(random, 2),
                              .svnapot = random_below(random, 2),
                              .svvptc = random_below(random, 2),
                              .frame_base = bases[random_below(random, 5)],
                              .frame_count = frames[random_below(random, 7)],
                              .seed = random_next(random),
                              .swap_pages = 1 << 20,
                              .swap_latency = 5,
                              .asids = (uint32_t)random_below(random, 5),
                              .huge = random_below(random, 4) != 0,
                              .keep_clean = random_below(random, 2),
                              .check_content = true,
                              .check_isolation = true};
  if (mode != TW_SV32 && random_below(random, 3) == 0) { /* frames beyond the direct map */
    options.layout = *tw_layout_of(mode);
    options.layout.direct_level = 1;
    options.layout.direct_bytes = UINT64_C(0x200000) << random_below(random, 3);
    options.frame_base = 0x80000000;
  }
  return options;
}

static void describe(char *text, size_t size, const tw_space_options *options, unsigned greed) {
  snprintf(text, size,
           "%s, %s, %" PRIu64 " frames at 0x%" PRIx64 ", %u bits of ASID, at most %" PRIu32
           ", adue %d, svnapot %d, svvptc %d, huge %d, greed %u",
           tw_mode_row(options->mode)->name, options->fences ? options->fences->name : "-", options->frame_count,
           options->frame_base, options->asid_bits, options->asids, options->adue, options->svnapot, options->svvptc,
           options->huge, greed);
}

static tw_space_counts play_program(const stress_program *program, const tw_space_options *options, unsigned greed,
                                    const char *what) {
  static hoarder mmu;
  tw_error error = {0};
  tw_space_counts counts;
  hoarder_open(&mmu, options, greed, options->seed + 1);
  for (size_t i = 0; i < program->count; i++) {
    tw_record record = program->at[i];
    if (!hoarder_feed(&mmu, &record, &error)) fail_msg("%s: %s", what, error.text);
  }
  if (!hoarder_settle(&mmu, &error)) fail_msg("%s: %s", what, error.text);
  if (!tw_space_check(mmu.space, &error)) fail_msg("%s: %s", what, error.text);
  tw_space_count(mmu.space, &counts);
  hoarder_close(&mmu);
  return counts;
}

static bool is_missing(const tw_fence_policy *policy) {
  return strncmp(policy->name, "missing-", 8) == 0;
}

/* What a policy without a hole must give: the same as the plainest machine. */
static void check_right(const tw_space_counts *counts, const tw_space_counts *plain, const char *what) {
  if (counts->content_errors || counts->isolation_errors || counts->stale_uses || counts->stale_chances)
    fail_msg("%s: %" PRIu64 " content errors, %" PRIu64 " isolation errors, %" PRIu64 " stale uses, %" PRIu64
             " stale chances",
             what, counts->content_errors, counts->isolation_errors, counts->stale_uses, counts->stale_chances);
  if (counts->content_digest != plain->content_digest || counts->segmentation_faults != plain->segmentation_faults)
    fail_msg("%s: digest %016" PRIx64 ", %" PRIu64 " segmentation faults; on the plainest machine %016" PRIx64
             " and %" PRIu64,
             what, counts->content_digest, counts->segmentation_faults, plain->content_digest,
             plain->segmentation_faults);
}

typedef struct tally {
  uint64_t runs, accesses, promotions, runs_of_64_kib, splits, swapped, copies, rollovers, stale;
} tally;

static void add_counts(tally *all, const tw_space_counts *counts) {
  all->runs++;
  all->accesses += counts->program_accesses;
  all->promotions += counts->promotions;
  all->runs_of_64_kib += counts->napot_runs;
  all->splits += counts->splits;
  all->swapped += counts->swapped_in;
  all->copies += counts->copies;
  all->rollovers += counts->rollovers;
  all->stale += counts->stale_uses + counts->stale_chances;
}

static tw_space_counts play_plain(const stress_program *program, tw_mode mode) {
  const tw_space_options simple = {.mode = mode,
                                   .fences = tw_fence_policy_find("full"),
                                   .frame_count = mode == TW_SV32 ? 200000 : 1 << 20,
                                   .asid_bits = 9,
                                   .check_content = true,
                                   .check_isolation = true};
  tw_space_counts counts = play_program(program, &simple, 0, "the plainest machine");
  check_right(&counts, &counts, "the plainest machine");
  return counts;
}

static void stress_seed(uint64_t seed, tally *all) {
  stress_program program;
  test_random random = {seed};
  char what[300], machine[256];
  stress_program_make(&program, seed, STEPS);
  /* A kernel of 32 bits copies by smaller words. */
  const tw_space_counts plain[2] = {play_plain(&program, TW_SV32), play_plain(&program, TW_SV39)};
  for (tw_mode mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    tw_space_options options = any_machine(mode, &random);
    unsigned greed = (unsigned)random_below(&random, 17);
    size_t policies = 0;
    while (tw_fence_policy_at(policies)) policies++;
    options.fences = tw_fence_policy_at(random_below(&random, policies));
    describe(machine, sizeof machine, &options, greed);
    snprintf(what, sizeof what, "seed %" PRIu64 ": %s", seed, machine);
    tw_space_counts counts = play_program(&program, &options, greed, what);
    if (!is_missing(options.fences)) check_right(&counts, &plain[mode != TW_SV32], what);
    if (counts.isolation_errors) fail_msg("%s: %" PRIu64 " isolation errors", what, counts.isolation_errors);
    add_counts(all, &counts);
  }
  stress_program_free(&program);
}

static void programs_find_the_same_whatever_the_machine(void **state) {
  (void)state;
  const char *wish = getenv("TWINWALK_STRESS");
  uint64_t seeds = wish ? strtoull(wish, NULL, 0) : 10, first = random_seeded(__func__, 1).state;
  tally all = {0};
  for (uint64_t seed = first; seed < first + seeds; seed++) stress_seed(seed, &all);
  printf("%" PRIu64 " runs, %" PRIu64 " accesses, %" PRIu64 " promotions, %" PRIu64 " runs of 64 KiB, %" PRIu64
         " splits, %" PRIu64 " pages from the swap device, %" PRIu64 " copies, %" PRIu64 " rollovers, %" PRIu64
         " stale translations\n",
         all.runs, all.accesses, all.promotions, all.runs_of_64_kib, all.splits, all.swapped, all.copies, all.rollovers,
         all.stale);
  if (wish || getenv("TWINWALK_SEED")) return;
  assert_true(all.promotions && all.runs_of_64_kib && all.splits && all.swapped && all.copies && all.rollovers);
}

/* The MMU holds a pointer to a table that is gone, and finds nothing there: no fence of a page helps. */
static void table_that_went_without_a_fence_is_the_software_s_fault(void **state) {
  (void)state;
  static hoarder mmu;
  tw_error error = {0};
  tw_space_counts counts;
  tw_record map = {.kind = TW_RECORD_MAP,
                   .map = {.start = 0x40000000,
                           .length = 0x200000,
                           .prot = TW_PROT_READ | TW_PROT_WRITE,
                           .use = TW_REGION_MAPPED,
                           .name = ""}};
  tw_record store = {.kind = TW_RECORD_ACCESS, .access = {.va = 0x40000000, .kind = TW_STORE, .size = 8}};
  for (tw_mode mode = TW_SV39; mode < TW_MODE_COUNT; mode++) {
    tw_space_options options = {.mode = mode, .asid_bits = 9, .fences = tw_fence_policy_find("missing-unmap")};
    hoarder_open(&mmu, &options, 16, 1);
    for (unsigned turn = 0; turn < 20; turn++) {
      tw_record unmap = map;
      unmap.kind = TW_RECORD_UNMAP;
      store.access.va = map.map.start + turn * 0x1000;
      tw_record *const records[] = {&map, &store, &unmap};
      for (unsigned i = 0; i < 3; i++) {
        if (!hoarder_feed(&mmu, records[i], &error)) fail_msg("%s", error.text);
      }
    }
    tw_space_count(mmu.space, &counts);
    assert_true(counts.stale_chances + counts.stale_uses > 0);
    assert_true(counts.spurious_faults > 0);
    hoarder_close(&mmu);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(table_that_went_without_a_fence_is_the_software_s_fault),
      cmocka_unit_test(programs_find_the_same_whatever_the_machine),
  };
  return cmocka_run_group_tests_name("stress", tests, NULL, NULL);
}
