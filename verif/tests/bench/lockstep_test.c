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
#include "pin_table.h"
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

static tw_source *world_open(void *payload, const tw_config *config, tw_error *error) {
  const tw_random_options options = {.config = config, .seed = *(const uint64_t *)payload, .records = RECORDS};
  return tw_random_open(&options, error);
}

/* What a run did, added up over runs of one configuration. */
static tw_config run_one(const lockstep *how, uint64_t seed, tw_player_counts *total) {
  tw_error error = {0};
  tw_session_options options = TW_SESSION_OPTIONS;
  tw_dut_plugin plugin;
  const tw_dut_choice choice = {how->dut, how->config, how->checked};
  if (!tw_config_load(how->config, &options.config, &error) || !tw_dut_load(&choice, &plugin, &error))
    fail_msg("%s", error.text);
  options.dut = plugin.table;
  options.compare = TW_COMPARE_CYCLE;
  options.open_source = world_open;
  options.payload = &seed;
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
  return options.config;
}

/* Whether a configuration has what it takes to come to a reason. */
static bool reason_is_reachable(const tw_config *config, tw_reason reason) {
  const tw_mode_info *mode = tw_mode_row(config->mode);
  const bool svadu = config->extensions & TW_EXT_SVADU;
  switch (reason) {
  case TW_REASON_NOT_CANONICAL:
  case TW_REASON_RESERVED_BITS:
  case TW_REASON_PHYSICAL_RANGE:
    return mode->xlen == 64;
  case TW_REASON_TABLE_RANGE:
    return config->pa_bits < mode->pa_bits && !config->regions.count;
  case TW_REASON_TABLE_PMA:
  case TW_REASON_PMA_DENIED:
    return config->regions.count > 0;
  case TW_REASON_UPDATE_PMA:
    return config->regions.count > 0 && svadu;
  case TW_REASON_TABLE_PMP:
  case TW_REASON_PMP_DENIED:
    return config->pmp_entries > 0;
  case TW_REASON_UPDATE_PMP:
    return config->pmp_entries > 0 && svadu;
  case TW_REASON_UPDATE_BUS_ERROR:
    return svadu;
  case TW_REASON_NAPOT_RESERVED:
    return config->extensions & TW_EXT_SVNAPOT;
  case TW_REASON_PBMT_RESERVED:
    return config->extensions & TW_EXT_SVPBMT;
  default:
    return true;
  }
}

static bool event_is_reachable(const tw_config *config, unsigned event) {
  const uint32_t l2 = TW_EVENT_L2_HIT | TW_EVENT_L2_MISS | TW_EVENT_L2_EVICT | TW_EVENT_L2_STALL | TW_EVENT_FENCE_STALL;
  const bool denies =
      config->pmp_entries || config->regions.count || config->pa_bits < tw_mode_row(config->mode)->pa_bits;
  const uint32_t mask = 1u << event;
  if (mask & l2) return config->l2.entries > 0;
  if (mask & (TW_EVENT_WALK_CACHE_HIT | TW_EVENT_WALK_CACHE_EVICT)) return config->walk_entries > 0;
  if (mask & (TW_EVENT_UPDATE | TW_EVENT_UPDATE_LOST)) return config->extensions & TW_EXT_SVADU;
  return mask != TW_EVENT_TABLE_DENIED || denies;
}

/* A run that misses something proves nothing about it. */
static void coverage_check(const tw_player_counts *total, const tw_config *config) {
  for (unsigned reason = 1; reason < TW_REASON_COUNT; reason++) {
    const bool reachable = reason_is_reachable(config, (tw_reason)reason);
    if (reachable != (total->faults[reason] > 0))
      fail_msg("%s: reason %s occurred %llu times", config->name, tw_reason_name((tw_reason)reason),
               (unsigned long long)total->faults[reason]);
  }
  for (unsigned event = 0; event < TW_EVENT_COUNT; event++)
    if (event_is_reachable(config, event) != (total->events[event] > 0))
      fail_msg("%s: event %s occurred %llu times", config->name, tw_event_name(event),
               (unsigned long long)total->events[event]);
  assert_true(total->retries > 50 && total->cancelled > 50 && total->superpages > 50 && total->globals > 50);
  assert_true(total->hits > 1000 && total->fences > 100 && total->bus_errors > 20);
  if (config->data_slots > 1) assert_true(total->overlapped > 1000 && total->overtakings > 1000);
}

static void config_run(const char *name, bool checked) {
  static const struct {
    tw_latency latency;
    int64_t error_rate;
  } memories[] = {{{1, 0, 0}, 200}, {{1, 6, 0}, 100}, {{1, 3, 3}, 300}, {{5, 20, 9}, 50}};
  tw_player_counts total = {0};
  tw_config config = {0};
  for (uint64_t i = 0; i < 4 * rounds; i++) {
    const lockstep how = {name, "rtl", checked, memories[i % 4].latency, memories[i % 4].error_rate};
    config = run_one(&how, base_seed + i, &total);
  }
  coverage_check(&total, &config);
}

static void rtl_equals_model_on_tiny32(void **state) {
  (void)state;
  config_run("tiny32", false);
}

static void rtl_equals_model_on_base39(void **state) {
  (void)state;
  config_run("base39", false);
}

static void rtl_equals_model_on_linux39(void **state) {
  (void)state;
  config_run("linux39", false);
}

static void rtl_equals_model_on_server57(void **state) {
  (void)state;
  config_run("server57", false);
}

static void rtl_equals_model_on_edge1(void **state) {
  (void)state;
  config_run("edge1", false);
}

static void rtl_equals_model_on_odd(void **state) {
  (void)state;
  config_run("odd", false);
}

static void rtl_keeps_its_assertions_on_tiny32(void **state) {
  (void)state;
  config_run("tiny32", true);
}

static void rtl_keeps_its_assertions_on_odd(void **state) {
  (void)state;
  config_run("odd", true);
}

int main(int argc, char **argv) {
  if (argc > 1) base_seed = strtoull(argv[1], NULL, 0);
  if (argc > 2) rounds = strtoull(argv[2], NULL, 0);
  if (rounds == 0) return 2; /* a run of nothing proves nothing */
  printf("seed %llu, %llu rounds\n", (unsigned long long)base_seed, (unsigned long long)rounds);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rtl_equals_model_on_tiny32),         cmocka_unit_test(rtl_equals_model_on_base39),
      cmocka_unit_test(rtl_equals_model_on_linux39),        cmocka_unit_test(rtl_equals_model_on_server57),
      cmocka_unit_test(rtl_equals_model_on_edge1),          cmocka_unit_test(rtl_equals_model_on_odd),
      cmocka_unit_test(rtl_keeps_its_assertions_on_tiny32), cmocka_unit_test(rtl_keeps_its_assertions_on_odd)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
