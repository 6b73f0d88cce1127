/* Every permission decision of the cycle model and of the Verilog MMU, at their pins: all values of the ten low bits of
 * an entry, in every page size, for every kind of access, U and S (by MPRV, too), SUM, MXR, and ADUE; by a walk, and by
 * whatever the walk filled.
 *
 *   test_permissions SUBJECT CONFIG...         all of it; SUBJECT is model, rtl, a plug-in's path, or mutants@NUMBER
 *   test_permissions SUBJECT CONFIG PAGE LOW   one entry: PAGE is the level, or the number of levels for 64 KiB
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "campaign.h"

#define CONFIGS 8

static void counts_print(const campaign *c) {
  const campaign_counts *n = &c->counts;
  printf("%s %s: %" PRIu64 " entries of %u page sizes\n", c->m.subject, c->m.config.name, n->units,
         question_pages(&c->m.config));
  for (campaign_phase phase = 0; phase < PHASE_COUNT; phase++)
    printf("  %9" PRIu64 " asked, %9" PRIu64 " granted: %s\n", n->asked[phase], n->granted[phase],
           campaign_phase_name(phase));
  printf("  %9" PRIu64 " updates of A and D, %" PRIu64 " fetches of M-mode, %" PRIu64 " cycles\n", n->updates,
         n->untranslated, n->cycles);
}

static campaign opened;

static campaign *campaign_begin(const machine_choice *choice) {
  tw_error error = {""};
  if (!campaign_open(&opened, choice, &error)) fail_msg("%s", error.text);
  return &opened;
}

static void every_decision_is_that_of_the_rules_however_it_comes(void **state) {
  campaign *c = campaign_begin(*state);
  const bool good = campaign_run(c);
  const tw_config config = c->m.config;
  const campaign_counts n = c->counts;
  counts_print(c);
  campaign_close(c);
  if (!good) fail_msg("%s", c->report);
  assert_int_equal(n.units, question_pages(&config) * QUESTION_LOWS);
  assert_true(n.asked[PHASE_COLD] >= n.units * QUESTION_CONTEXTS);
  assert_true(n.granted[PHASE_COLD] > 0 && n.granted[PHASE_L1] > 0);
  assert_int_equal(n.asked[PHASE_L2] > 0, config.l2.entries > 0);
  assert_int_equal(n.updates > 0, (config.extensions & TW_EXT_SVADU) != 0);
}

static int unit_repeat(const machine_choice *choice, const char *page, const char *low) {
  tw_error error = {""};
  if (!campaign_open(&opened, choice, &error)) {
    fprintf(stderr, "%s\n", error.text);
    return 2;
  }
  const bool good =
      campaign_unit(&opened, (unsigned)strtoul(page, NULL, 0), (unsigned)strtoul(low, NULL, 0) % QUESTION_LOWS);
  counts_print(&opened);
  if (!good) fputs(opened.report, stderr);
  campaign_close(&opened);
  return good ? 0 : 1;
}

int main(int argc, char **argv) {
  machine_choice choices[CONFIGS] = {0};
  struct CMUnitTest tests[CONFIGS];
  char names[CONFIGS][120];
  const unsigned configs = argc > 2 ? (unsigned)argc - 2 : 0;
  if (configs == 0 || configs > CONFIGS) {
    fprintf(stderr, "usage: %s SUBJECT CONFIG... | SUBJECT CONFIG PAGE LOW\n", argv[0]);
    return 2;
  }
  for (unsigned i = 0; i < configs; i++) choices[i] = machine_choice_of(argv[1], argv[2 + i]);
  if (configs == 3 && argv[3][0] >= '0' && argv[3][0] <= '9') return unit_repeat(choices, argv[3], argv[4]);
  for (unsigned i = 0; i < configs; i++) {
    snprintf(names[i], sizeof names[i], "every_decision_is_that_of_the_rules_however_it_comes (%s %s)", argv[1],
             argv[2 + i]);
    tests[i] =
        (struct CMUnitTest){names[i], every_decision_is_that_of_the_rules_however_it_comes, NULL, NULL, &choices[i]};
  }
  return _cmocka_run_group_tests("permissions", tests, configs, NULL, NULL);
}
