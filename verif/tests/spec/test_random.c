/* The oracle against the naive translator: millions of random accesses to random machines, equal in every respect.
 *
 *   test_spec_random [--seed N] [--accesses N]     a failure prints the command that repeats it
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broken.h"
#include "campaign.h"

#define DEFAULT_ACCESSES 4000000u
#define BROKEN_ACCESSES 1000000u /* in which a broken oracle must be found out */
#define UNALTERED_ACCESSES 100000u
#define COMPLETE_ACCESSES 4000000u /* from which on everything that can occur must have occurred */

typedef struct run_options {
  uint64_t seed;
  uint64_t accesses;
} run_options;

static void oracle_and_naive_translator_agree_on_every_access(void **state) {
  const run_options *options = *state;
  static tally counts;
  memset(&counts, 0, sizeof counts);
  campaign_run(&SUBJECT_ORACLE, options->seed, options->accesses, CAMPAIGN_TELL, &counts);
  tally_print(&counts);
  if (counts.differences != 0) {
    fail_msg("%" PRIu64 " differences in %" PRIu64 " accesses; repeat: test_spec_random --seed %" PRIu64
             " --accesses %" PRIu64,
             counts.differences, options->accesses, options->seed, options->accesses);
  }
  assert_int_equal(counts.accesses, options->accesses);
  if (options->accesses >= COMPLETE_ACCESSES) assert_true(tally_complete(&counts));
}

/* Whether a difference is found, and in how many accesses. */
static bool found_out(const subject *oracle, uint64_t seed, uint64_t accesses) {
  static tally counts;
  memset(&counts, 0, sizeof counts);
  campaign_run(oracle, seed, accesses, CAMPAIGN_SEARCH, &counts);
  bool found = counts.differences > 0;
  print_message("%-32s %s in %" PRIu64 " accesses\n", oracle->name, found ? "found out" : "no difference",
                counts.accesses);
  return found;
}

static void every_broken_oracle_is_found_out(void **state) {
  const run_options *options = *state;
  static const subject *(*const lists[])(size_t * count) = {broken_translations, broken_updates, broken_protections,
                                                            broken_registers};
  unsigned missed = 0, tried = 0;
  for (size_t list = 0; list < sizeof lists / sizeof lists[0]; list++) {
    size_t count;
    const subject *broken = lists[list](&count);
    for (size_t i = 0; i < count; i++, tried++) missed += !found_out(&broken[i], options->seed, BROKEN_ACCESSES);
  }
  print_message("%u broken oracles, %u not found out\n", tried, missed);
  assert_int_equal(missed, 0);
}

static void an_oracle_behind_an_unaltered_memory_is_not_found_out(void **state) {
  const run_options *options = *state;
  assert_false(found_out(&SUBJECT_UNALTERED, options->seed, UNALTERED_ACCESSES));
}

static bool options_parse(int argc, char **argv, run_options *options) {
  for (int i = 1; i < argc; i += 2) {
    uint64_t *value = strcmp(argv[i], "--seed") == 0       ? &options->seed
                      : strcmp(argv[i], "--accesses") == 0 ? &options->accesses
                                                           : NULL;
    char *end = NULL;
    if (!value || i + 1 == argc) return false;
    *value = strtoull(argv[i + 1], &end, 0);
    if (*argv[i + 1] == '\0' || *end != '\0') return false;
  }
  return options->accesses > 0;
}

int main(int argc, char **argv) {
  run_options options = {.seed = 1, .accesses = DEFAULT_ACCESSES};
  if (!options_parse(argc, argv, &options)) {
    fprintf(stderr, "usage: %s [--seed N] [--accesses N]\n", argv[0]);
    return 2;
  }
  print_message("seed %" PRIu64 ", %" PRIu64 " accesses; repeat: test_spec_random --seed %" PRIu64
                " --accesses %" PRIu64 "\n",
                options.seed, options.accesses, options.seed, options.accesses);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(oracle_and_naive_translator_agree_on_every_access, &options),
      cmocka_unit_test_prestate(every_broken_oracle_is_found_out, &options),
      cmocka_unit_test_prestate(an_oracle_behind_an_unaltered_memory_is_not_found_out, &options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
