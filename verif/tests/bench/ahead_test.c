/* Lockstep in batches says what lockstep cycle by cycle says: the same verdicts, and the same reports of the same lies.
 *
 * Usage: test_bench_ahead [SEED]. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "dut_loader.h"
#include "liar.h"
#include "random.h"
#include "session.h"

static uint64_t base_seed = 7;

typedef struct stimulus {
  tw_config config;
  uint64_t seed, records;
  const char *path;     /* a trace instead of random records */
  uint64_t fails_after; /* records; 0: never */
  unsigned opened, told;
} stimulus;

/* A source that fails in time. */
typedef struct failing {
  tw_source source;
  tw_source *inner;
  uint64_t left;
} failing;

static tw_source_result failing_next(tw_source *source, tw_record *record, tw_error *error) {
  failing *self = (failing *)source;
  if (self->left-- == 0) {
    tw_error_set(error, "the source is broken");
    return TW_SOURCE_ERROR;
  }
  return self->inner->next(self->inner, record, error);
}

static void failing_close(tw_source *source) {
  failing *self = (failing *)source;
  self->inner->close(self->inner);
  free(self);
}

static tw_source *world_open(void *payload, const tw_config *config, tw_error *error) {
  stimulus *self = payload;
  self->opened++;
  if (self->path) {
    const tw_source_options trace = {.path = self->path, .config = config, .max_accesses = self->records};
    return tw_source_open(&trace, error);
  }
  const tw_random_options options = {.config = config, .seed = self->seed, .records = self->records};
  tw_source *source = tw_random_open(&options, error);
  if (!source || !self->fails_after) return source;
  failing *broken = calloc(1, sizeof *broken);
  assert_non_null(broken);
  *broken = (failing){.source = *source, .inner = source, .left = self->fails_after};
  broken->source.next = failing_next;
  broken->source.accesses = NULL;
  broken->source.answer = NULL;
  broken->source.counts = NULL;
  broken->source.close = failing_close;
  return &broken->source;
}

static void world_told(void *payload, const tw_source *source) {
  (void)source;
  ((stimulus *)payload)->told++;
}

static tw_session_options options_make(stimulus *world, const tw_dut_table *dut) {
  tw_session_options options = TW_SESSION_OPTIONS;
  options.config = world->config;
  options.dut = dut;
  options.compare = TW_COMPARE_CYCLE;
  options.open_source = world_open;
  options.payload = options.progress_payload = world;
  options.progress = world_told;
  options.seed = world->seed;
  options.repeat = "the command";
  return options;
}

static bool has_second_processor(void) {
  cpu_set_t ours;
  return sched_getaffinity(0, sizeof ours, &ours) == 0 && CPU_COUNT(&ours) > 1;
}

static bool same_text(const char *left, const char *right) {
  return left && right ? strcmp(left, right) == 0 : left == right;
}

/* Runs both ways, expects the same of both, and leaves what it was in *verdict. Returns whether the run could be done.
 * A run in batches that finds something opens its source again. */
static bool same_both_ways(tw_session_options options, bool finds, tw_verdict *verdict) {
  stimulus *world = options.payload;
  tw_verdict ahead;
  tw_error error = {0}, ahead_error = {0};
  options.reopens = false;
  world->opened = world->told = 0;
  const bool done = tw_session_run(&options, verdict, &error);
  const unsigned told = world->told;
  assert_int_equal(world->opened, 1);
  options.reopens = true;
  world->opened = world->told = 0;
  const bool ahead_done = tw_session_run(&options, &ahead, &ahead_error);
  assert_int_equal(world->opened, finds && has_second_processor() ? 2 : 1);
  if (!finds) assert_int_equal(world->told, told);
  assert_int_equal(done, ahead_done);
  if (!done) assert_string_equal(error.text, ahead_error.text);
  if (done && !same_text(verdict->report, ahead.report))
    fail_msg("seed %llu: direct:\n%s\nin batches:\n%s", (unsigned long long)base_seed, verdict->report, ahead.report);
  assert_true(verdict->passed == ahead.passed && verdict->hung == ahead.hung && verdict->limited == ahead.limited);
  assert_true(verdict->differences == ahead.differences && verdict->compared == ahead.compared);
  assert_int_equal(verdict->first_cycle, ahead.first_cycle);
  assert_string_equal(verdict->first, ahead.first);
  assert_memory_equal(&verdict->counts, &ahead.counts, sizeof ahead.counts);
  assert_true(verdict->has_space == ahead.has_space);
  assert_memory_equal(&verdict->space, &ahead.space, sizeof ahead.space);
  tw_verdict_free(&ahead);
  return done;
}

static void config_load(stimulus *world, const char *name) {
  tw_error error = {0};
  if (!tw_config_load(name, &world->config, &error)) fail_msg("%s", error.text);
}

static void equal_runs_of_random_records_have_equal_verdicts(void **state) {
  (void)state;
  static const char *const configs[] = {"tiny32", "linux39", "odd"};
  for (unsigned i = 0; i < 6; i++) {
    stimulus world = {.seed = base_seed + i, .records = i < 3 ? 40000 : 300};
    tw_dut_plugin plugin;
    tw_error error = {0};
    tw_verdict verdict;
    config_load(&world, configs[i % 3]);
    const tw_dut_choice choice = {"rtl", configs[i % 3], false};
    if (!tw_dut_load(&choice, &plugin, &error)) fail_msg("%s", error.text);
    tw_session_options options = options_make(&world, plugin.table);
    options.memory.has_latency = true;
    options.memory.latency = (tw_latency){1, i, 0};
    options.memory.stall = i;
    options.memory.error_rate = 100;
    assert_true(same_both_ways(options, false, &verdict));
    if (!verdict.passed) fail_msg("seed %llu: %s", (unsigned long long)base_seed, verdict.report);
    assert_true(verdict.compared > 100);
    tw_verdict_free(&verdict);
    tw_dut_unload(&plugin);
  }
}

static void equal_runs_of_captured_programs_have_equal_verdicts(void **state) {
  (void)state;
  static const char *const traces[] = {TRACES "/true.twb", TRACES "/threads.twb"};
  for (unsigned i = 0; i < 2; i++) {
    stimulus world = {.path = traces[i], .records = 60000 + i};
    tw_verdict verdict;
    config_load(&world, "base39");
    assert_true(same_both_ways(options_make(&world, tw_dut_model_table()), false, &verdict));
    assert_true(verdict.passed && verdict.has_space && verdict.compared > 50000);
    tw_verdict_free(&verdict);
  }
}

/* The cycles at the edges of what is compared at once, of a batch, of the ring, and of the run. */
static void a_lie_in_any_cycle_is_reported_alike(void **state) {
  (void)state;
  stimulus world = {.seed = base_seed, .records = 10000};
  tw_verdict verdict;
  config_load(&world, "base39");
  tw_session_options options = options_make(&world, tw_dut_model_table());
  assert_true(same_both_ways(options, false, &verdict));
  const uint64_t last = verdict.counts.cycles - 1;
  assert_true(last > 8300);
  const uint64_t cycles[] = {0,    1,    31,   32,   33,   511,      512,      513, 1023,
                             1024, 1025, 8191, 8192, 8193, last - 8, last - 1, last};
  for (size_t i = 0; i < sizeof cycles / sizeof cycles[0]; i++) {
    liar_plan plan = {.what = LIE_EVENT, .from = cycles[i]};
    options.dut = liar_table(&plan, true);
    assert_true(same_both_ways(options, true, &verdict));
    assert_int_equal(verdict.differences, 1);
    assert_int_equal(verdict.first_cycle, cycles[i]);
    tw_verdict_free(&verdict);
  }
}

static void a_lie_of_any_kind_is_reported_alike(void **state) {
  (void)state;
  stimulus world = {.seed = base_seed, .records = 10000};
  config_load(&world, "base39");
  for (lie what = LIE_ADDRESS; what <= LIE_EVENT; what++) {
    tw_verdict verdict;
    liar_plan plan = {.what = what, .from = 2000};
    assert_true(same_both_ways(options_make(&world, liar_table(&plan, true)), true, &verdict));
    assert_false(verdict.passed);
    assert_true(verdict.first_cycle >= 2000);
    tw_verdict_free(&verdict);
  }
}

static void a_limit_of_cycles_holds_in_the_middle_of_a_batch(void **state) {
  (void)state;
  static const uint64_t limits[] = {300, 511, 512, 513, 700, 8192, 9000};
  stimulus world = {.seed = base_seed, .records = 20000};
  config_load(&world, "base39");
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
    tw_verdict verdict;
    tw_session_options options = options_make(&world, tw_dut_model_table());
    options.limit_cycles = limits[i];
    assert_true(same_both_ways(options, false, &verdict));
    assert_true(verdict.passed && verdict.limited);
    assert_int_equal(verdict.counts.cycles, limits[i]);
    tw_verdict_free(&verdict);
  }
}

static void a_lie_beyond_the_limit_is_not_seen(void **state) {
  (void)state;
  stimulus world = {.seed = base_seed, .records = 10000};
  config_load(&world, "base39");
  for (uint64_t cycle = 699; cycle <= 700; cycle++) {
    tw_verdict verdict;
    liar_plan plan = {.what = LIE_EVENT, .from = cycle};
    tw_session_options options = options_make(&world, liar_table(&plan, true));
    options.limit_cycles = 700;
    assert_true(same_both_ways(options, cycle < 700, &verdict));
    assert_int_equal(verdict.passed, cycle == 700);
    tw_verdict_free(&verdict);
  }
}

static void what_the_models_side_has_to_tell_is_told_alike(void **state) {
  (void)state;
  stimulus world = {.seed = base_seed, .records = 10000};
  tw_verdict verdict;
  config_load(&world, "base39");
  tw_session_options options = options_make(&world, tw_dut_model_table());
  options.hang = 300;
  options.memory.has_latency = true;
  options.memory.latency = (tw_latency){1000, 0, 0};
  assert_true(same_both_ways(options, true, &verdict));
  assert_true(verdict.hung);
  tw_verdict_free(&verdict);

  world.fails_after = 5000;
  assert_false(same_both_ways(options_make(&world, tw_dut_model_table()), true, &verdict));
  tw_verdict_free(&verdict);
}

static void a_run_that_has_to_go_cycle_by_cycle_opens_its_source_once(void **state) {
  (void)state;
  stimulus world = {.seed = base_seed, .records = 10000};
  tw_verdict verdict;
  config_load(&world, "base39");
  liar_plan plan = {.what = LIE_EVENT, .from = 2000};
  tw_session_options options = options_make(&world, liar_table(&plan, true));
  options.keep_going = true;
  assert_true(same_both_ways(options, false, &verdict));
  assert_int_equal(verdict.differences, 1);
  tw_verdict_free(&verdict);

  cpu_set_t all, one;
  assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
  CPU_ZERO(&one);
  for (size_t i = 0; CPU_COUNT(&one) == 0; i++)
    if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
  options.keep_going = false;
  assert_true(same_both_ways(options, false, &verdict));
  assert_int_equal(verdict.differences, 1);
  tw_verdict_free(&verdict);
  assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int main(int argc, char **argv) {
  if (argc > 1) base_seed = strtoull(argv[1], NULL, 0);
  printf("seed %llu; repeat: test_bench_ahead %llu\n", (unsigned long long)base_seed, (unsigned long long)base_seed);
  if (!has_second_processor()) printf("one processor: all runs go cycle by cycle\n");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_runs_of_random_records_have_equal_verdicts),
      cmocka_unit_test(equal_runs_of_captured_programs_have_equal_verdicts),
      cmocka_unit_test(a_lie_in_any_cycle_is_reported_alike),
      cmocka_unit_test(a_lie_of_any_kind_is_reported_alike),
      cmocka_unit_test(a_limit_of_cycles_holds_in_the_middle_of_a_batch),
      cmocka_unit_test(a_lie_beyond_the_limit_is_not_seen),
      cmocka_unit_test(what_the_models_side_has_to_tell_is_told_alike),
      cmocka_unit_test(a_run_that_has_to_go_cycle_by_cycle_opens_its_source_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
