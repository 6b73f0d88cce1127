/* Random records on the Verilog MMU and the cycle model in lockstep, on every configuration: every pin on every cycle,
 * with latencies, stalls and bus errors of the page-table memory.
 *
 * Usage: test_bench_lockstep [SEED [ROUNDS]]. A round is a run of each kind of memory, each with the next seed.
 * SPDX-License-Identifier: Apache-2.0 */
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
#include "random.h"
#include "session.h"

#define RECORDS 60000u

typedef struct lockstep {
  const char *config;
  const char *dut;
  bool checked;
  tw_latency latency;
  int64_t error_rate;
} lockstep;

static uint64_t base_seed = 20261, rounds = 1;

typedef struct world {
  tw_random_options options;
  tw_random_counts counts;
} world;

static tw_source *world_open(void *payload, tw_error *error) {
  return tw_random_open(&((world *)payload)->options, error);
}

/* What a run did, added up over runs of one configuration. */
static void run_one(const lockstep *how, uint64_t seed, tw_player_counts *total) {
  tw_error error = {0};
  tw_session_options options = TW_SESSION_OPTIONS;
  tw_dut_plugin plugin;
  const tw_dut_choice choice = {how->dut, how->config, how->checked};
  if (!tw_config_load(how->config, &options.config, &error) || !tw_dut_load(&choice, &plugin, &error))
    fail_msg("%s", error.text);
  world payload = {.options = {.config = &options.config, .seed = seed, .records = RECORDS}};
  options.dut = plugin.table;
  options.compare = TW_COMPARE_CYCLE;
  options.open_source = world_open;
  options.payload = &payload;
  options.seed = seed;
  options.memory.has_latency = true;
  options.memory.latency = how->latency;
  options.memory.stall = how->latency.stall_span;
  options.memory.error_rate = how->error_rate;
  tw_verdict verdict;
  if (!tw_session_run(&options, &verdict, &error))
    fail_msg("%s, seed %llu: %s", how->config, (unsigned long long)seed, error.text);
  if (!verdict.passed) {
    fprintf(stderr, "%s\nconfiguration %s, seed %llu; repeat: test_bench_lockstep %llu %llu\n",
            verdict.report ? verdict.report : verdict.first, how->config, (unsigned long long)seed,
            (unsigned long long)base_seed, (unsigned long long)rounds);
    fail();
  }
  const uint64_t *from = (const uint64_t *)&verdict.counts;
  for (size_t i = 0; i < sizeof *total / sizeof(uint64_t); i++) ((uint64_t *)total)[i] += from[i];
  tw_verdict_free(&verdict);
  tw_dut_unload(&plugin);
}

/* A run that misses something proves nothing about it. */
static void coverage_check(const tw_player_counts *total, const char *config) {
  bool wide = strstr(config, "39") != NULL;
  for (unsigned reason = 1; reason < TW_REASON_COUNT; reason++) {
    bool rv64 =
        reason == TW_REASON_NOT_CANONICAL || reason == TW_REASON_RESERVED_BITS || reason == TW_REASON_PHYSICAL_RANGE;
    if (rv64 && !wide) continue;
    if (total->faults[reason] < 3)
      fail_msg("%s: reason %s occurred %llu times", config, tw_reason_name((tw_reason)reason),
               (unsigned long long)total->faults[reason]);
  }
  for (unsigned event = 0; event < TW_EVENT_COUNT; event++)
    if (total->events[event] < 3)
      fail_msg("%s: event %u occurred %llu times", config, event, (unsigned long long)total->events[event]);
  assert_true(total->retries > 50 && total->cancelled > 50 && total->superpages > 50 && total->globals > 50);
  assert_true(total->hits > 1000 && total->fences > 100 && total->bus_errors > 20);
}

static void config_run(const char *config, bool checked) {
  static const struct {
    tw_latency latency;
    int64_t error_rate;
  } memories[] = {{{1, 0, 0}, 200}, {{1, 6, 0}, 100}, {{1, 3, 3}, 300}, {{5, 20, 9}, 50}};
  tw_player_counts total = {0};
  for (uint64_t i = 0; i < 4 * rounds; i++) {
    const lockstep how = {config, "rtl", checked, memories[i % 4].latency, memories[i % 4].error_rate};
    run_one(&how, base_seed + i, &total);
  }
  coverage_check(&total, config);
}

static void rtl_equals_model_on_tiny32(void **state) {
  (void)state;
  config_run("tiny32", false);
}

static void rtl_equals_model_on_base39(void **state) {
  (void)state;
  config_run("base39", false);
}

static void rtl_equals_model_on_edge32(void **state) {
  (void)state;
  config_run("edge32", false);
}

static void rtl_equals_model_on_odd39(void **state) {
  (void)state;
  config_run("odd39", false);
}

static void rtl_keeps_its_assertions_on_odd39(void **state) {
  (void)state;
  config_run("odd39", true);
}

int main(int argc, char **argv) {
  if (argc > 1) base_seed = strtoull(argv[1], NULL, 0);
  if (argc > 2) rounds = strtoull(argv[2], NULL, 0);
  if (rounds == 0) return 2; /* a run of nothing proves nothing */
  printf("seed %llu, %llu rounds\n", (unsigned long long)base_seed, (unsigned long long)rounds);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rtl_equals_model_on_tiny32), cmocka_unit_test(rtl_equals_model_on_base39),
      cmocka_unit_test(rtl_equals_model_on_edge32), cmocka_unit_test(rtl_equals_model_on_odd39),
      cmocka_unit_test(rtl_keeps_its_assertions_on_odd39)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
