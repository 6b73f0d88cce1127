/* The permission campaign finds the mutants of the Verilog MMU that get a permission wrong, or keep one wrongly; the
 * crossing tests find one that takes the second half of an access for the first.
 *
 *   test_permissions_mutants expected.tsv     the table that has their numbers; the plug-ins are found by TWINWALK_DUTS
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "campaign.h"
#include "crossing.h"

/* By name: their numbers are in expected.tsv. */
typedef struct mutant {
  const char *config, *name;
} mutant;

static const mutant mutants[] = {
    {"base39", "sum-fetch"},           {"base39", "write-only-fetch"},
    {"base39", "pointer-bits"},        {"base39", "stale-mxr"},
    {"base39", "other-ports-context"}, {"base39", "privilege-sampled-live"},
    {"base39", "fault-fills"},         {"base39", "fault-address-zero-extended"},
    {"base39", "bypass-or-hit"},       {"mini39", "l2-execute"},
    {"mini39", "stale-mxr"},
};
#define MUTANTS (sizeof mutants / sizeof mutants[0])

static const char *expected;
static campaign opened;

/* The number of a mutant; 0 if the table has none of this name. */
static unsigned number_find(const char *name) {
  FILE *file = fopen(expected, "r");
  if (!file) fail_msg("%s: cannot be read", expected);
  char line[600], found[64];
  unsigned number = 0, read;
  while (number == 0 && fgets(line, sizeof line, file))
    if (sscanf(line, "%u\t%63[^\t]\t", &read, found) == 2 && strcmp(found, name) == 0) number = read;
  fclose(file);
  return number;
}

static campaign *variant_open(const char *config, unsigned variant) {
  tw_error error = {""};
  const machine_choice choice = {.name = "mutants", .config = config, .variant = variant};
  if (!campaign_open(&opened, &choice, &error)) fail_msg("%s", error.text);
  return &opened;
}

static void the_mutant_is_found(void **state) {
  const mutant *m = *state;
  const unsigned number = number_find(m->name);
  if (number == 0) fail_msg("%s has no mutant %s", expected, m->name);
  campaign *c = variant_open(m->config, number);
  const bool survives = campaign_run(c);
  campaign_close(c);
  if (survives) fail_msg("mutant %u %s survives", number, m->name);
  printf("%s\n", c->report);
}

/* So that it is the bug that is found: the same build with no mutant selected has none in the entries asked first. */
static void the_design_in_the_build_with_the_mutants_is_right(void **state) {
  static const char *const configs[] = {"base39", "mini39"};
  (void)state;
  for (unsigned i = 0; i < sizeof configs / sizeof configs[0]; i++) {
    campaign *c = variant_open(configs[i], 0);
    bool good = true;
    for (unsigned low = 0; low < QUESTION_LOWS / 4 && good; low++) good = campaign_unit(c, 0, low);
    campaign_close(c);
    if (!good) fail_msg("%s", c->report);
  }
}

/* Both halves of accesses across a page, asked back to back, nothing cached. Whether something is wrong. */
static bool crossing_is_wrong(const machine_choice *choice) {
  static crossing c;
  tw_error error = {""};
  const crossing_scene scene = {.boundary = 0x1c803000u, .cold = true};
  if (!crossing_open(&c, choice, &error)) fail_msg("%s", error.text);
  crossing_set(&c, &scene);
  crossing_put_all(&c, true);
  crossing_close(&c);
  return c.error[0] != '\0';
}

static void the_mutant_that_walks_the_first_page_for_the_second_half_is_found(void **state) {
  (void)state;
  machine_choice choice = {.name = "mutants", .config = "mini39"};
  assert_false(crossing_is_wrong(&choice));
  choice.variant = number_find("second-page-walks-first");
  assert_true(choice.variant > 0);
  assert_true(crossing_is_wrong(&choice));
}

int main(int argc, char **argv) {
  char names[MUTANTS][80];
  struct CMUnitTest tests[MUTANTS + 2];
  if (argc != 2) {
    fprintf(stderr, "usage: %s expected.tsv\n", argv[0]);
    return 2;
  }
  expected = argv[1];
  for (unsigned i = 0; i < MUTANTS; i++) {
    snprintf(names[i], sizeof names[i], "the_mutant_is_found (%s)", mutants[i].name);
    tests[i] = (struct CMUnitTest){names[i], the_mutant_is_found, NULL, NULL, (void *)(uintptr_t)&mutants[i]};
  }
  tests[MUTANTS] = (struct CMUnitTest)cmocka_unit_test(the_design_in_the_build_with_the_mutants_is_right);
  tests[MUTANTS + 1] =
      (struct CMUnitTest)cmocka_unit_test(the_mutant_that_walks_the_first_page_for_the_second_half_is_found);
  return _cmocka_run_group_tests("permissions_mutants", tests, MUTANTS + 2, NULL, NULL);
}
