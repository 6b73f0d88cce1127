/* The beginnings of all captured programs on the Verilog MMU and the cycle model in lockstep, on every configuration.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "config_file.h"
#include "dut_loader.h"
#include "session.h"

#define ACCESSES 30000u

static tw_source *program_open(void *payload, const tw_config *config, tw_error *error) {
  const tw_source_options options = {.path = payload, .config = config, .seed = 1, .max_accesses = ACCESSES};
  return tw_source_open(&options, error);
}

/* Adds what a run did to `total`. */
static void program_run(tw_session_options *options, const char *name, tw_player_counts *total) {
  char path[512];
  tw_error error = {0};
  tw_verdict verdict;
  snprintf(path, sizeof path, "%s/%s.twb", TRACES, name);
  options->payload = path;
  if (!tw_session_run(options, &verdict, &error)) fail_msg("%s: %s", name, error.text);
  if (!verdict.passed) fail_msg("%s: %s", name, verdict.report);
  assert_true(verdict.counted && verdict.has_space);
  assert_true(verdict.compared > ACCESSES && verdict.space.page_faults > 10);
  assert_int_equal(verdict.space.segmentation_faults + verdict.space.access_faults, 0);
  total->overtakings += verdict.counts.overtakings;
  total->superpages += verdict.counts.superpages;
  total->pmps += verdict.counts.pmps;
  for (unsigned event = 0; event < TW_EVENT_COUNT; event++) total->events[event] += verdict.counts.events[event];
  tw_verdict_free(&verdict);
}

static void config_run(const char *config) {
  static const char *const programs[] = {"true", "ls", "sqlite", "threads", "whereami"};
  tw_session_options options = TW_SESSION_OPTIONS;
  tw_player_counts total = {0};
  tw_error error = {0};
  tw_dut_plugin plugin;
  const tw_dut_choice choice = {"rtl", config, false};
  if (!tw_config_load(config, &options.config, &error) || !tw_dut_load(&choice, &plugin, &error))
    fail_msg("%s", error.text);
  options.dut = plugin.table;
  options.compare = TW_COMPARE_CYCLE;
  options.open_source = program_open;
  options.reopens = true;
  options.memory.has_latency = true;
  options.memory.latency = (tw_latency){1, 4, 0};
  for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) program_run(&options, programs[i], &total);
  tw_dut_unload(&plugin);
  assert_true(total.superpages > 0);
  assert_int_equal(total.pmps > 0, options.config.pmp_entries > 0);
  assert_int_equal(total.overtakings > 0, options.config.data_slots > 1); /* hits under misses */
  assert_int_equal(total.events[__builtin_ctz(TW_EVENT_L2_HIT)] > 0, options.config.l2.entries > 0);
  assert_int_equal(total.events[__builtin_ctz(TW_EVENT_WALK_CACHE_HIT)] > 0, options.config.walk_entries > 0);
}

static void programs_run_on_tiny32(void **state) {
  (void)state;
  config_run("tiny32");
}

static void programs_run_on_base39(void **state) {
  (void)state;
  config_run("base39");
}

static void programs_run_on_linux39(void **state) {
  (void)state;
  config_run("linux39");
}

static void programs_run_on_server57(void **state) {
  (void)state;
  config_run("server57");
}

static void programs_run_on_edge1(void **state) {
  (void)state;
  config_run("edge1");
}

static void programs_run_on_odd(void **state) {
  (void)state;
  config_run("odd");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(programs_run_on_tiny32),  cmocka_unit_test(programs_run_on_base39),
      cmocka_unit_test(programs_run_on_linux39), cmocka_unit_test(programs_run_on_server57),
      cmocka_unit_test(programs_run_on_edge1),   cmocka_unit_test(programs_run_on_odd),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
