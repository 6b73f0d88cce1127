/* Designs before the oracle: judged by what they say they have, updates of A and D included.
 *
 * Usage: test_bench_judge [SEED]. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "dut_loader.h"
#include "liar.h"
#include "random.h"
#include "script.h"
#include "session.h"

#define RECORDS 20000u
#define OPTIONAL (TW_EXT_SVADU | TW_EXT_SVNAPOT | TW_EXT_SVPBMT)

static uint64_t base_seed = 3;

/* Random records, by default of the configuration that is run, needing what they use. */
typedef struct world {
  const char *needs;       /* extensions; NULL: those that they use */
  const tw_config *others; /* drawn for this configuration, without saying so */
} world;

static tw_source *world_open(void *payload, const tw_config *config, tw_error *error) {
  const world *self = payload;
  const tw_random_options how = {.config = self->others ? self->others : config, .seed = base_seed, .records = RECORDS};
  tw_source *source = tw_random_open(&how, error);
  tw_trace_header *header = source ? (tw_trace_header *)source->header : NULL;
  if (header && self->needs) assert_true(tw_trace_header_set(header, "needs.extensions", "%s", self->needs));
  if (header && self->others) assert_true(tw_trace_header_set(header, "needs.ad", "any"));
  return source;
}

/* One page, never touched, and a load from it while the hardware sets A. */
static tw_source *load_open(void *payload, const tw_config *config, tw_error *error) {
  static const uint64_t images[][2] = {{0x80000000, 0x80001ull << 10 | TW_PTE_V},
                                       {0x80001000, 0x80002ull << 10 | TW_PTE_V},
                                       {0x80002008, 0x90000ull << 10 | TW_PTE_V | TW_PTE_R | TW_PTE_W}};
  static script self;
  (void)payload, (void)config, (void)error;
  script_init(&self);
  for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
    tw_record *image = script_store(&self, 0, 0);
    *image = (tw_record){.kind = TW_RECORD_IMAGE, .image = {images[i][0], images[i][1]}};
  }
  tw_record *control = script_control(&self, 8ull << 60 | 0x80000, TW_SUPERVISOR);
  control->number = 0;
  control->control.adue = true;
  tw_record *load = script_access(&self, TW_LOAD, 0x1000);
  load->number = 1;
  script_after_last(load);
  return &self.source;
}

static tw_session_options options_make(liar_plan *plan, const char *config, world *payload) {
  tw_error error = {0};
  tw_session_options options = TW_SESSION_OPTIONS;
  if (!tw_config_load(config, &options.config, &error)) fail_msg("%s", error.text);
  options.dut = liar_table(plan, false);
  options.compare = TW_COMPARE_ARCH;
  options.open_source = world_open;
  options.payload = payload;
  options.seed = base_seed;
  return options;
}

static tw_verdict run(const tw_session_options *options) {
  tw_error error = {0};
  tw_verdict verdict;
  if (!tw_session_run(options, &verdict, &error)) fail_msg("seed %llu: %s", (unsigned long long)base_seed, error.text);
  return verdict;
}

static void a_design_that_lacks_extensions_passes_as_what_it_is(void **state) {
  (void)state;
  static const char *const configs[] = {"linux39", "server57", "odd"};
  for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
    world payload = {0};
    liar_plan plan = {.what = LIE_NONE, .lacks = OPTIONAL};
    const tw_session_options options = options_make(&plan, configs[i], &payload);
    tw_verdict verdict = run(&options);
    if (!verdict.passed) fail_msg("seed %llu: %s", (unsigned long long)base_seed, verdict.report);
    assert_true(verdict.compared > RECORDS / 2);
    assert_int_equal(verdict.counts.updates, 0);
    assert_int_equal(verdict.counts.faults[TW_REASON_NAPOT_RESERVED], 0);
    assert_true(verdict.counts.faults[TW_REASON_ACCESSED_CLEAR] > 0);
    assert_true(verdict.counts.faults[TW_REASON_RESERVED_BITS] > 0);
    tw_verdict_free(&verdict);
  }
}

static void a_design_with_everything_passes_with_updates(void **state) {
  (void)state;
  static const char *const configs[] = {"linux39", "server57", "odd"};
  for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
    world payload = {0};
    liar_plan plan = {.what = LIE_NONE};
    const tw_session_options options = options_make(&plan, configs[i], &payload);
    tw_verdict verdict = run(&options);
    if (!verdict.passed) fail_msg("seed %llu: %s", (unsigned long long)base_seed, verdict.report);
    assert_true(verdict.counts.updates > 20);
    assert_true(verdict.undecided * 2 < verdict.compared);
    tw_verdict_free(&verdict);
  }
}

static void an_update_by_a_design_without_svadu_is_illegal(void **state) {
  (void)state;
  char text[TW_CONFIG_TEXT_BYTES];
  liar_plan plan = {.what = LIE_NONE, .lacks = TW_EXT_SVADU, .has = text};
  world payload = {.needs = "svnapot, svpbmt"};
  const tw_session_options options = options_make(&plan, "linux39", &payload);
  tw_config_format(&options.config, text, sizeof text);
  payload.others = &options.config;
  tw_verdict verdict = run(&options);
  assert_false(verdict.passed);
  assert_int_equal(verdict.counts.updates, 1);
  assert_non_null(strstr(verdict.first, "no access calls for"));
  tw_verdict_free(&verdict);
}

static void an_update_that_sets_d_for_a_load_is_illegal(void **state) {
  (void)state;
  for (lie what = LIE_NONE; what <= LIE_UPDATE; what += LIE_UPDATE) {
    liar_plan plan = {.what = what};
    tw_session_options options = options_make(&plan, "base39", NULL);
    options.open_source = load_open;
    options.config.extensions = TW_EXT_SVADU;
    tw_verdict verdict = run(&options);
    assert_int_equal(verdict.counts.updates, 1);
    assert_int_equal(verdict.passed, what == LIE_NONE);
    if (what == LIE_UPDATE) assert_non_null(strstr(verdict.first, "no access calls for"));
    tw_verdict_free(&verdict);
  }
}

static void an_update_that_is_not_made_is_illegal(void **state) {
  (void)state;
  liar_plan plan = {.what = LIE_LOST};
  tw_session_options options = options_make(&plan, "base39", NULL);
  options.open_source = load_open;
  options.config.extensions = TW_EXT_SVADU;
  tw_verdict verdict = run(&options);
  assert_int_not_equal(plan.at, UINT64_MAX);
  assert_false(verdict.passed);
  assert_non_null(strstr(verdict.first, "not set in memory"));
  tw_verdict_free(&verdict);
}

static void a_design_that_lacks_extensions_is_not_compared_by_cycles(void **state) {
  (void)state;
  static const tw_compare levels[] = {TW_COMPARE_CYCLE, TW_COMPARE_WALK};
  for (size_t i = 0; i < 2; i++) {
    tw_error error = {0};
    tw_verdict verdict;
    world payload = {0};
    liar_plan plan = {.what = LIE_NONE, .lacks = OPTIONAL};
    tw_session_options options = options_make(&plan, "linux39", &payload);
    options.compare = levels[i];
    assert_false(tw_session_run(&options, &verdict, &error));
    if (!strstr(error.text, "svadu") || !strstr(error.text, "--compare arch")) fail_msg("\"%s\"", error.text);
    tw_verdict_free(&verdict);
  }
}

static void a_trace_that_needs_a_missing_extension_is_refused_by_its_name(void **state) {
  (void)state;
  static const char *const names[] = {"svadu", "svnapot", "svpbmt"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    tw_error error = {0};
    tw_verdict verdict;
    world payload = {.needs = names[i]};
    liar_plan plan = {.what = LIE_NONE, .lacks = OPTIONAL};
    const tw_session_options options = options_make(&plan, "linux39", &payload);
    assert_false(tw_session_run(&options, &verdict, &error));
    if (!strstr(error.text, names[i]) || !strstr(error.text, "liar")) fail_msg("\"%s\"", error.text);
    tw_verdict_free(&verdict);
  }
}

int main(int argc, char **argv) {
  if (argc > 1) base_seed = strtoull(argv[1], NULL, 0);
  printf("seed %llu; repeat: test_bench_judge %llu\n", (unsigned long long)base_seed, (unsigned long long)base_seed);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_design_that_lacks_extensions_passes_as_what_it_is),
      cmocka_unit_test(a_design_with_everything_passes_with_updates),
      cmocka_unit_test(an_update_by_a_design_without_svadu_is_illegal),
      cmocka_unit_test(an_update_that_sets_d_for_a_load_is_illegal),
      cmocka_unit_test(an_update_that_is_not_made_is_illegal),
      cmocka_unit_test(a_design_that_lacks_extensions_is_not_compared_by_cycles),
      cmocka_unit_test(a_trace_that_needs_a_missing_extension_is_refused_by_its_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
