/* Shows that the bench finds bugs: every mutant is caught at the access and with the answers of expected.tsv, and the
 * design passes the same traces.
 *
 *   test_mutation PLUGINS verif/mutation docs/mutation.md
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_file.h"
#include "dut_loader.h"
#include "expected.h"
#include "random.h"
#include "session.h"

enum { HANG_CYCLES = 2000, RANDOM_RECORDS = 20000, RANDOM_SEED = 1 };

/* The mutants as one configuration has them. */
typedef struct machine {
  tw_config config;
  tw_dut_plugin plugin;
} machine;

typedef struct fixture {
  machine machines[EXPECTED_CONFIGS];
  const char *folder, *document;
  expected_mutant mutants[EXPECTED_MAX];
  size_t count;
} fixture;

/* What the test of one mutant gets. */
typedef struct trial {
  const fixture *all;
  const expected_mutant *mutant;
} trial;

static tw_source *trace_open(void *payload, const tw_config *config, tw_error *error) {
  const tw_source_options options = {.path = payload, .config = config};
  return tw_source_open(&options, error);
}

/* Its trace: among the regressions if the bug was found here. */
static void trace_path(const trial *what, char *path, size_t size) {
  const expected_mutant *mutant = what->mutant;
  snprintf(path, size, "%s/traces/%02u-%s.twt", what->all->folder, mutant->number, mutant->name);
  if (strcmp(mutant->bug, "found here") == 0)
    snprintf(path, size, "%s/../tests/regressions/%s.twt", what->all->folder, mutant->name);
}

static tw_verdict trial_run(const trial *what, unsigned variant, tw_compare compare) {
  char path[512];
  trace_path(what, path, sizeof path);
  const machine *on = &what->all->machines[what->mutant->config];
  tw_session_options options = TW_SESSION_OPTIONS;
  options.config = on->config;
  options.dut = on->plugin.table;
  options.compare = compare;
  options.open_source = trace_open;
  options.payload = path;
  options.variant = variant;
  options.hang = HANG_CYCLES;
  tw_verdict verdict;
  tw_error error = {0};
  if (!tw_session_run(&options, &verdict, &error))
    fail_msg("variant %u, --compare %s: %s", variant, tw_compare_name(compare), error.text);
  return verdict;
}

static void design_passes(const trial *what, tw_compare compare) {
  tw_verdict verdict = trial_run(what, 0, compare);
  if (!verdict.passed) fail_msg("the design does not pass --compare %s:\n%s", tw_compare_name(compare), verdict.report);
  assert_true(verdict.compared > 0);
  tw_verdict_free(&verdict);
}

/* An answer of expected.tsv as the report prints its beginning: "fault invalid" is "FAULT invalid ". */
static void answer_text(const char *expected, char *text, size_t size) {
  if (strncmp(expected, "translated ", 11) == 0) {
    snprintf(text, size, "TRANSLATED to %s,", expected + 11);
  } else if (strncmp(expected, "fault ", 6) == 0) {
    snprintf(text, size, "FAULT %s ", expected + 6);
  } else {
    snprintf(text, size, "%s", strcmp(expected, "retry") == 0 ? "RETRY" : "none in this cycle");
  }
}

/* Demands that one line of the section "Answers" is as expected. A side may have none yet, if it need not. */
static void answer_check(const char *report, const char *who, const char *expected, bool needed) {
  const char *section = strstr(report, "\nAnswers\n");
  if (!section && !needed) return;
  if (!section) fail_msg("expected answers in the report:\n%s", report);
  char line[64], answer[96];
  snprintf(line, sizeof line, "\n  %s ", who);
  const char *found = strstr(section, line);
  if (!found) fail_msg("expected an answer of %s in the report:\n%s", who, report);
  found += strlen(line);
  found += strspn(found, " ");
  answer_text(expected, answer, sizeof answer);
  if (strncmp(found, answer, strlen(answer)) == 0) return;
  if (!needed && strncmp(found, "none", 4) == 0) return;
  fail_msg("%s: expected the answer \"%s\" in the report:\n%s", who, answer, report);
}

static void access_check(const char *report, unsigned long access) {
  char line[64];
  snprintf(line, sizeof line, "\nThe access\n  record %lu: ", access);
  if (!strstr(report, line)) fail_msg("expected the report to name record %lu:\n%s", access, report);
}

static void cycles_catch(const trial *what) {
  const expected_mutant *mutant = what->mutant;
  tw_verdict verdict = trial_run(what, mutant->number, TW_COMPARE_CYCLE);
  if (verdict.passed) fail_msg("mutant %u %s survived --compare cycle", mutant->number, mutant->name);
  assert_non_null(verdict.report);
  assert_non_null(strstr(verdict.report, "\nPins that differ in cycle "));
  access_check(verdict.report, mutant->access);
  answer_check(verdict.report, "model", mutant->model, false);
  answer_check(verdict.report, "mutants", mutant->dut, false);
  tw_verdict_free(&verdict);
}

static void walks_catch(const trial *what) {
  const expected_mutant *mutant = what->mutant;
  tw_verdict verdict = trial_run(what, mutant->number, TW_COMPARE_WALK);
  if (verdict.passed != (mutant->walk == WALK_EQUAL))
    fail_msg("mutant %u %s: --compare walk sees %s", mutant->number, mutant->name,
             verdict.passed ? "nothing" : verdict.report);
  assert_true(verdict.hung == (mutant->walk == WALK_HANG));
  if (mutant->walk == WALK_ANSWERS) {
    access_check(verdict.report, mutant->access);
    answer_check(verdict.report, "model", mutant->model, true);
    answer_check(verdict.report, "mutants", mutant->dut, true);
  }
  if (mutant->walk == WALK_UPDATE) assert_non_null(strstr(verdict.report, "which no access calls for"));
  if (mutant->walk == WALK_READS) assert_non_null(strstr(verdict.report, "page-table request"));
  if (mutant->walk == WALK_RULE) assert_non_null(strstr(verdict.report, "broke a rule of the pins"));
  tw_verdict_free(&verdict);
}

/* For information: what the oracle alone makes of it. It is not told of cycles, and leaves open what is stale. */
static void arch_tells(const trial *what) {
  tw_verdict verdict = trial_run(what, what->mutant->number, TW_COMPARE_ARCH);
  if (verdict.passed)
    print_message("  --compare arch does not see it: %llu answers undecided\n", (unsigned long long)verdict.undecided);
  tw_verdict_free(&verdict);
}

static void mutant_is_caught(void **state) {
  const trial *what = *state;
  design_passes(what, TW_COMPARE_CYCLE);
  design_passes(what, TW_COMPARE_WALK);
  design_passes(what, TW_COMPARE_ARCH);
  cycles_catch(what);
  walks_catch(what);
  arch_tells(what);
}

static void every_mutant_of_the_builds_has_a_row(void **state) {
  const fixture *all = *state;
  assert_true(all->count >= 50);
  for (unsigned i = 0; i < EXPECTED_CONFIGS; i++)
    assert_int_equal(all->machines[i].plugin.table->describe()->variants, all->count + 1);
}

static char *file_text(const char *path) {
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  char *text = NULL;
  size_t room = 0;
  ssize_t length = getdelim(&text, &room, '\0', file);
  assert_true(length > 0);
  fclose(file);
  return text;
}

static void the_document_shows_every_row(void **state) {
  const fixture *all = *state;
  char *text = file_text(all->document);
  for (size_t i = 0; i < all->count; i++) {
    char row[512];
    expected_row(&all->mutants[i], row, sizeof row);
    if (!strstr(text, row)) fail_msg("%s: expected the row\n%s", all->document, row);
  }
  free(text);
}

static tw_source *random_open(void *payload, const tw_config *config, tw_error *error) {
  const tw_random_options options = {.config = config, .seed = *(uint64_t *)payload, .records = RANDOM_RECORDS};
  return tw_random_open(&options, error);
}

static tw_verdict random_run(const machine *on, unsigned variant) {
  uint64_t seed = RANDOM_SEED;
  tw_session_options options = TW_SESSION_OPTIONS;
  options.config = on->config;
  options.dut = on->plugin.table;
  options.compare = TW_COMPARE_CYCLE;
  options.open_source = random_open;
  options.payload = &seed;
  options.seed = seed;
  options.hang = HANG_CYCLES;
  options.memory.error_rate = 50;
  options.memory.has_latency = true;
  options.memory.latency = (tw_latency){.minimum = 1, .span = 6};
  options.variant = variant;
  tw_verdict verdict;
  tw_error error = {0};
  if (!tw_session_run(&options, &verdict, &error)) fail_msg("variant %u: %s", variant, error.text);
  return verdict;
}

/* Demands nothing of the mutants: which of them random stimulus meets, depends on its seed. */
static void design_passes_random_stimulus(void **state) {
  const fixture *all = *state;
  unsigned caught = 0;
  print_message("random stimulus: seed %d, %d records; to repeat, run this test again\n", RANDOM_SEED, RANDOM_RECORDS);
  for (unsigned i = 0; i < EXPECTED_CONFIGS; i++) {
    tw_verdict verdict = random_run(&all->machines[i], 0);
    if (!verdict.passed) fail_msg("%s: the design does not pass:\n%s", expected_configs[i], verdict.report);
    tw_verdict_free(&verdict);
  }
  for (size_t i = 0; i < all->count; i++) {
    const expected_mutant *mutant = &all->mutants[i];
    tw_verdict verdict = random_run(&all->machines[mutant->config], mutant->number);
    if (verdict.passed) {
      print_message("  %u %s: missed\n", mutant->number, mutant->name);
    } else {
      print_message("  %u %s: caught after %llu accesses\n", mutant->number, mutant->name,
                    (unsigned long long)verdict.counts.accesses);
    }
    caught += !verdict.passed;
    tw_verdict_free(&verdict);
  }
  print_message("  caught: %u of %zu mutants\n", caught, all->count);
}

static int tests_run(fixture *all) {
  struct CMUnitTest tests[EXPECTED_MAX + 3] = {
      cmocka_unit_test_prestate(every_mutant_of_the_builds_has_a_row, all),
      cmocka_unit_test_prestate(the_document_shows_every_row, all),
      cmocka_unit_test_prestate(design_passes_random_stimulus, all),
  };
  trial trials[EXPECTED_MAX];
  for (size_t i = 0; i < all->count; i++) {
    trials[i] = (trial){all, &all->mutants[i]};
    tests[3 + i] =
        (struct CMUnitTest){.name = all->mutants[i].test, .test_func = mutant_is_caught, .initial_state = &trials[i]};
  }
  return _cmocka_run_group_tests("mutation", tests, 3 + all->count, NULL, NULL);
}

static bool machine_open(const char *folder, const char *name, machine *on, tw_error *error) {
  char path[512];
  snprintf(path, sizeof path, "%s/mutants-%s.so", folder, name);
  const tw_dut_choice choice = {.name = path, .config = name};
  return tw_config_load(name, &on->config, error) && tw_dut_load(&choice, &on->plugin, error);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s PLUGINS verif/mutation docs/mutation.md\n", argv[0]);
    return 2;
  }
  char path[512];
  tw_error error = {0};
  fixture all = {.folder = argv[2], .document = argv[3]};
  snprintf(path, sizeof path, "%s/expected.tsv", argv[2]);
  all.count = expected_read(path, all.mutants, EXPECTED_MAX);
  bool good = all.count > 0;
  for (unsigned i = 0; good && i < EXPECTED_CONFIGS; i++)
    good = machine_open(argv[1], expected_configs[i], &all.machines[i], &error);
  if (!good) {
    fprintf(stderr, "%s\n", error.text);
    return 2;
  }
  int failed = tests_run(&all);
  for (unsigned i = 0; i < EXPECTED_CONFIGS; i++) tw_dut_unload(&all.machines[i].plugin);
  return failed;
}
