/* Runs at every level: equal designs pass, a lie is found where it was told, a hang and an empty run are no passes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "dut_loader.h"
#include "liar.h"
#include "random.h"
#include "script.h"
#include "session.h"

#define PAGES 8u
#define ROOT 0x80000u

/* A three-level table that maps pages 0 to 7 but page 5, and loads of all of them, a few times. */
static tw_source *mapped_open(void *payload, const tw_config *config, tw_error *error) {
  static script scripts[2]; /* a run at walk level has two */
  script *self = &scripts[scripts[0].count != 0 && scripts[0].next == 0];
  (void)payload, (void)config, (void)error;
  script_init(self);
  const uint64_t tables[][2] = {{(uint64_t)ROOT << 12, ((uint64_t)ROOT + 1) << 10 | TW_PTE_V},
                                {((uint64_t)ROOT + 1) << 12, ((uint64_t)ROOT + 2) << 10 | TW_PTE_V}};
  for (unsigned i = 0; i < 2 + PAGES; i++) {
    tw_record *image = script_store(self, 0, 0);
    self->count--;
    self->records[self->count++] = (tw_record){.kind = TW_RECORD_IMAGE};
    uint64_t page = i < 2 ? 0 : i - 2;
    image->image.pa = i < 2 ? tables[i][0] : (((uint64_t)ROOT + 2) << 12) + page * 8;
    image->image.value = i < 2 ? tables[i][1] : page == 5 ? 0 : (0x1000 + page) << 10 | 0xcf;
  }
  unsigned images = self->count;
  script_control(self, 8ull << 60 | ROOT, TW_SUPERVISOR);
  for (unsigned i = 0; i < 24; i++) script_after_last(script_access(self, TW_LOAD, (uint64_t)(i % PAGES) << 12 | 8));
  for (unsigned i = images; i < self->count; i++) self->records[i].number = i - images;
  return &self->source;
}

static tw_source *random_open(void *payload, const tw_config *config, tw_error *error) {
  (void)payload;
  const tw_random_options options = {.config = config, .seed = 11, .records = 20000};
  return tw_random_open(&options, error);
}

static tw_source *empty_open(void *payload, const tw_config *config, tw_error *error) {
  static script empty;
  (void)payload, (void)config, (void)error;
  script_init(&empty);
  script_fence(&empty);
  return &empty.source;
}

static tw_session_options options_make(const tw_dut_table *dut, tw_compare compare, tw_source_factory factory) {
  tw_session_options options = TW_SESSION_OPTIONS;
  options.dut = dut;
  options.compare = compare;
  options.open_source = factory;
  options.memory.has_latency = true;
  options.memory.latency = (tw_latency){2, 3, 0};
  options.seed = 5;
  options.repeat = "the command";
  return options;
}

static void the_model_equals_itself_at_every_level(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  for (tw_compare level = TW_COMPARE_CYCLE; level <= TW_COMPARE_ARCH; level++) {
    tw_error error = {0};
    tw_verdict verdict;
    tw_session_options options = options_make(tw_dut_model_table(), level, random_open);
    options.payload = &config;
    options.memory.stall = 2;
    options.memory.error_rate = 40;
    if (!tw_session_run(&options, &verdict, &error)) fail_msg("%s: %s", tw_compare_name(level), error.text);
    if (!verdict.passed) fail_msg("%s: %s", tw_compare_name(level), verdict.report);
    assert_int_equal(verdict.compare, level);
    assert_true(verdict.compared > 10000 && verdict.counts.steps > 1000);
    tw_verdict_free(&verdict);
  }
}

/* Runs a lie; it must have been told and found. */
static void lie_found(lie what, tw_compare level, bool names_access, const char *mention) {
  tw_error error = {0};
  tw_verdict verdict;
  liar_plan plan = {.what = what, .from = 40};
  tw_session_options options = options_make(liar_table(&plan, true), level, mapped_open);
  if (!tw_session_run(&options, &verdict, &error)) fail_msg("%s: %s", tw_compare_name(level), error.text);
  assert_int_not_equal(plan.at, UINT64_MAX);
  assert_false(verdict.passed);
  assert_non_null(verdict.report);
  char text[64];
  if (level == TW_COMPARE_CYCLE) {
    snprintf(text, sizeof text, "cycle %llu", (unsigned long long)plan.at);
    if (!strstr(verdict.first, text)) fail_msg("\"%s\" does not say %s", verdict.first, text);
  }
  snprintf(text, sizeof text, "at 0x%llx,", (unsigned long long)plan.va);
  if (names_access && !strstr(verdict.report, text)) fail_msg("no \"%s\" in\n%s", text, verdict.report);
  if (mention && !strstr(verdict.report, mention)) fail_msg("no \"%s\" in\n%s", mention, verdict.report);
  assert_non_null(strstr(verdict.report, "Seed 5."));
  assert_non_null(strstr(verdict.report, "the command"));
  tw_verdict_free(&verdict);
}

static void a_wrong_address_is_found_at_every_level(void **state) {
  (void)state;
  for (tw_compare level = TW_COMPARE_CYCLE; level <= TW_COMPARE_ARCH; level++)
    lie_found(LIE_ADDRESS, level, true, "TRANSLATED");
}

static void a_wrong_reason_is_found_at_every_level(void **state) {
  (void)state;
  for (tw_compare level = TW_COMPARE_CYCLE; level <= TW_COMPARE_ARCH; level++)
    lie_found(LIE_REASON, level, true, "user-denied");
}

static void a_wrong_hit_flag_is_found_by_cycles(void **state) {
  (void)state;
  lie_found(LIE_HIT, TW_COMPARE_CYCLE, true, "data_rsp_hit");
}

static void a_wrong_event_is_found_by_cycles(void **state) {
  (void)state;
  lie_found(LIE_EVENT, TW_COMPARE_CYCLE, false, "WALK_KILL");
}

static void a_wrong_read_is_found_by_walks(void **state) {
  (void)state;
  lie_found(LIE_READ, TW_COMPARE_CYCLE, false, "mem_req_addr");
  lie_found(LIE_READ, TW_COMPARE_WALK, false, NULL);
}

static void a_wrong_tag_breaks_a_rule(void **state) {
  (void)state;
  lie_found(LIE_TAG, TW_COMPARE_CYCLE, false, "data_rsp_tag");
  lie_found(LIE_TAG, TW_COMPARE_WALK, false, "P16");
  lie_found(LIE_TAG, TW_COMPARE_ARCH, false, "P16");
}

static void silence_is_reported_as_a_hang(void **state) {
  (void)state;
  for (tw_compare level = TW_COMPARE_WALK; level <= TW_COMPARE_ARCH; level++) {
    tw_error error = {0};
    tw_verdict verdict;
    liar_plan plan = {.what = LIE_SILENCE, .from = 40};
    tw_session_options options = options_make(liar_table(&plan, true), level, mapped_open);
    options.hang = 500;
    if (!tw_session_run(&options, &verdict, &error)) fail_msg("%s", error.text);
    assert_true(verdict.hung);
    assert_false(verdict.passed);
    assert_non_null(strstr(verdict.report, "hangs"));
    assert_non_null(strstr(verdict.report, "State of liar"));
    tw_verdict_free(&verdict);
  }
}

static void a_design_whose_cycles_are_not_predicted_is_judged_by_the_oracle(void **state) {
  (void)state;
  tw_error error = {0};
  tw_verdict verdict;
  liar_plan plan = {.what = LIE_HIT, .from = 40};
  tw_session_options options = options_make(liar_table(&plan, false), TW_COMPARE_DEFAULT, mapped_open);
  assert_true(tw_session_run(&options, &verdict, &error));
  assert_int_equal(verdict.compare, TW_COMPARE_ARCH);
  assert_true(verdict.passed); /* the architecture knows nothing of hits */
  tw_verdict_free(&verdict);
}

static void a_run_that_compares_nothing_is_an_error(void **state) {
  (void)state;
  for (tw_compare level = TW_COMPARE_CYCLE; level <= TW_COMPARE_ARCH; level++) {
    if (level == TW_COMPARE_WALK) continue; /* the script cannot be opened twice */
    tw_error error = {0};
    tw_verdict verdict;
    tw_session_options options = options_make(tw_dut_model_table(), level, empty_open);
    assert_false(tw_session_run(&options, &verdict, &error));
    assert_non_null(strstr(error.text, "nothing was compared"));
    tw_verdict_free(&verdict);
  }
}

static void keep_going_counts_what_follows(void **state) {
  (void)state;
  tw_error error = {0};
  tw_verdict verdict;
  liar_plan plan = {.what = LIE_HIT, .from = 40};
  tw_session_options options = options_make(liar_table(&plan, true), TW_COMPARE_CYCLE, mapped_open);
  options.keep_going = true;
  assert_true(tw_session_run(&options, &verdict, &error));
  assert_int_equal(verdict.differences, 1);
  assert_int_equal(verdict.compared, 24);
  assert_int_equal(verdict.counts.faults[TW_REASON_INVALID], 3);
  tw_verdict_free(&verdict);
}

static tw_source *needy_open(void *payload, const tw_config *config, tw_error *error) {
  tw_source *source = mapped_open(NULL, config, error);
  const char *const *need = payload;
  assert_true(tw_trace_header_set(&((script *)source)->header, need[0], "%s", need[1]));
  return source;
}

static void a_design_that_lacks_what_the_trace_needs_is_refused(void **state) {
  (void)state;
  static const char *const needs[][2] = {{"needs.mode", "Sv48"},      {"needs.xlen", "32"},  {"needs.asid-bits", "17"},
                                         {"needs.pa-bits", "57"},     {"needs.ad", "svadu"}, {"needs.magic", "1"},
                                         {"needs.mode", "Sv39, Sv32"}};
  for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
    tw_error error = {0};
    tw_verdict verdict;
    tw_session_options options = options_make(tw_dut_model_table(), TW_COMPARE_CYCLE, needy_open);
    options.payload = (void *)needs[i];
    assert_false(tw_session_run(&options, &verdict, &error));
    assert_non_null(strstr(error.text, "needs"));
    tw_verdict_free(&verdict);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_model_equals_itself_at_every_level),
      cmocka_unit_test(a_wrong_address_is_found_at_every_level),
      cmocka_unit_test(a_wrong_reason_is_found_at_every_level),
      cmocka_unit_test(a_wrong_hit_flag_is_found_by_cycles),
      cmocka_unit_test(a_wrong_event_is_found_by_cycles),
      cmocka_unit_test(a_wrong_read_is_found_by_walks),
      cmocka_unit_test(a_wrong_tag_breaks_a_rule),
      cmocka_unit_test(silence_is_reported_as_a_hang),
      cmocka_unit_test(a_design_whose_cycles_are_not_predicted_is_judged_by_the_oracle),
      cmocka_unit_test(a_run_that_compares_nothing_is_an_error),
      cmocka_unit_test(keep_going_counts_what_follows),
      cmocka_unit_test(a_design_that_lacks_what_the_trace_needs_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
