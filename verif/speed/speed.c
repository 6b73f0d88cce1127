/* Measures the bench on one trace and one configuration: the RTL alone, the model alone, lockstep, and lockstep with
 * waves.
 *
 * A program trace is run once through the operating system's side; what it becomes at the pins is kept as an MMU trace
 * (for everything that decodes a trace) and as vectors of input pins (for the RTL alone). Then all are measured in
 * turn, several rounds of it; the ratios are of one round, and their median is printed. Processor time says what
 * something costs, and is what the ratios are of unless they say "wall clock": lockstep has two threads.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config_file.h"
#include "dut_loader.h"
#include "session.h"

#define MAX_ROUNDS 99u

typedef struct speed {
  tw_config config;
  char trace[4096]; /* the MMU trace */
  char wave[4096];
  tw_pins_in *inputs;
  uint64_t cycles, capacity;
  uint64_t accesses;
  tw_trace_writer *writer;
  tw_dut_plugin fast, checked;
  tw_error error;
  bool failed;
} speed;

/* Seconds. */
typedef struct spent {
  double processor, wall;
} spent;

static const spent failed = {-1, -1};

typedef spent (*measurement)(speed *run);

static double clock_read(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static spent now(void) {
  return (spent){clock_read(CLOCK_PROCESS_CPUTIME_ID), clock_read(CLOCK_MONOTONIC)};
}

static spent since(spent begin) {
  const spent end = now();
  return (spent){end.processor - begin.processor, end.wall - begin.wall};
}

static void record_taken(void *payload, const tw_record *record) {
  speed *run = payload;
  if (record->kind == TW_RECORD_ACCESS) run->accesses++;
  if (!tw_trace_write(run->writer, record, &run->error)) run->failed = true;
}

static void inputs_keep(void *payload, const tw_side *side, const tw_pins_in *in) {
  speed *run = payload;
  (void)side;
  if (run->cycles == run->capacity) {
    run->capacity = run->capacity ? 2 * run->capacity : 1u << 16;
    tw_pins_in *larger = realloc(run->inputs, run->capacity * sizeof *larger);
    if (!larger) {
      run->failed = true;
      run->capacity = run->cycles;
      return;
    }
    run->inputs = larger;
  }
  run->inputs[run->cycles++] = *in;
}

static tw_source *source_open(const speed *run, const char *path, uint64_t max_accesses, tw_error *error) {
  const tw_source_options options = {.path = path, .config = &run->config, .seed = 1, .max_accesses = max_accesses};
  return tw_source_open(&options, error);
}

static bool side_run(tw_side *side, tw_error *error) {
  for (unsigned i = 0; i < TW_RESET_CYCLES; i++) tw_side_reset(side);
  return tw_side_run(side, UINT64_MAX, error) == TW_PLAYER_GOOD;
}

/* The trace as records and as input pins, from one run of the model. */
static bool stimulus_record(speed *run, const char *path, uint64_t max_accesses) {
  tw_source *source = source_open(run, path, max_accesses, &run->error);
  if (!source) return false;
  run->writer = tw_trace_create(run->trace, TW_TRACE_BINARY, source->header, &run->error);
  const tw_side_options options = {.name = "model",
                                   .table = tw_dut_model_table(),
                                   .config = &run->config,
                                   .source = source,
                                   .memory = {.latency = run->config.memory},
                                   .observer = {.payload = run, .taken = record_taken}};
  tw_side side;
  bool good = run->writer && tw_side_open(&side, &options, &run->error);
  if (good) {
    side.cycled = inputs_keep;
    side.cycled_payload = run;
    good = side_run(&side, &run->error) && !run->failed;
    tw_side_close(&side);
  }
  source->close(source);
  if (good) return tw_trace_commit(run->writer, &run->error);
  tw_trace_abandon(run->writer);
  return false;
}

static spent rtl_alone(speed *run) {
  const tw_dut_options options = {.seed = 1};
  tw_dut *dut = run->fast.table->open(&options, &run->error);
  if (!dut) return failed;
  const tw_pins_in reset = {.rst_n = 0};
  for (unsigned i = 0; i < TW_RESET_CYCLES; i++) run->fast.table->replay(dut, &reset, 1);
  const spent begin = now();
  run->fast.table->replay(dut, run->inputs, run->cycles);
  const spent seconds = since(begin);
  run->fast.table->close(dut);
  return seconds;
}

static spent model_replay(speed *run) {
  tw_mmu *mmu = tw_mmu_open(&run->config, &run->error);
  if (!mmu) return failed;
  const tw_pins_in reset = {.rst_n = 0};
  tw_pins_out out = {0};
  for (unsigned i = 0; i < TW_RESET_CYCLES; i++) tw_mmu_cycle(mmu, &reset, &out);
  const spent begin = now();
  for (uint64_t cycle = 0; cycle < run->cycles; cycle++) tw_mmu_cycle(mmu, &run->inputs[cycle], &out);
  const spent seconds = since(begin);
  tw_mmu_close(mmu);
  return seconds;
}

static spent model_alone(speed *run) {
  const spent begin = now();
  tw_source *source = source_open(run, run->trace, 0, &run->error);
  if (!source) return failed;
  const tw_side_options options = {.name = "model",
                                   .table = tw_dut_model_table(),
                                   .config = &run->config,
                                   .source = source,
                                   .memory = {.latency = run->config.memory}};
  tw_side side;
  bool good = tw_side_open(&side, &options, &run->error) && side_run(&side, &run->error);
  if (good && tw_player_counted(side.player)->accesses != run->accesses)
    good =
        tw_error_set(&run->error, "the model answered %llu of %llu accesses",
                     (unsigned long long)tw_player_counted(side.player)->accesses, (unsigned long long)run->accesses);
  if (good) tw_side_close(&side);
  source->close(source);
  return good ? since(begin) : failed;
}

static tw_source *session_source(void *payload, const tw_config *config, tw_error *error) {
  (void)config;
  const speed *run = payload;
  return source_open(run, run->trace, 0, error);
}

static spent lockstep(speed *run, const tw_dut_plugin *plugin, const char *wave, bool direct) {
  tw_session_options options = TW_SESSION_OPTIONS;
  options.config = run->config;
  options.dut = plugin->table;
  options.compare = TW_COMPARE_CYCLE;
  options.open_source = session_source;
  options.payload = run;
  options.reopens = !direct;
  options.wave = wave;
  tw_verdict verdict;
  const spent begin = now();
  bool good = tw_session_run(&options, &verdict, &run->error);
  const spent seconds = since(begin);
  if (good && (!verdict.passed || verdict.counts.accesses != run->accesses))
    good = tw_error_set(&run->error, "lockstep did not pass: %s", verdict.first);
  tw_verdict_free(&verdict);
  return good ? seconds : failed;
}

static spent lockstep_fast(speed *run) {
  return lockstep(run, &run->fast, NULL, false);
}

static spent lockstep_direct(speed *run) {
  return lockstep(run, &run->fast, NULL, true);
}

static spent lockstep_checked(speed *run) {
  return lockstep(run, &run->checked, NULL, true);
}

static spent lockstep_waves(speed *run) {
  return lockstep(run, &run->checked, run->wave, true);
}

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double median(double *values, unsigned count) {
  qsort(values, count, sizeof *values, compare_doubles);
  return values[count / 2];
}

typedef struct row {
  const char *name;
  measurement measure;
  double seconds[MAX_ROUNDS], wall[MAX_ROUNDS];
} row;

enum { RTL, REPLAY, MODEL, LOCKSTEP, DIRECT, CHECKED, WAVES, ROWS };

/* How often faster than the RTL alone the model alone has to be. */
static const char *model_budget(const char *config) {
  if (strcmp(config, "base39") == 0) return "at least 10";
  return strcmp(config, "server57") == 0 ? "at least 50" : "none";
}

/* Both are of the same rounds. */
static void ratio_print(const char *name, const double *above, const double *below, unsigned rounds,
                        const char *budget) {
  double ratios[MAX_ROUNDS];
  for (unsigned i = 0; i < rounds; i++) ratios[i] = above[i] / below[i];
  double middle = median(ratios, rounds);
  printf("  %-44s %6.2f   (%.2f to %.2f)   budget: %s\n", name, middle, ratios[0], ratios[rounds - 1], budget);
}

/* `load` is the machine's load average before the first round. */
static void table_print(const speed *run, row *rows, unsigned rounds, double load) {
  double after = 0;
  getloadavg(&after, 1);
  printf("%s: %llu accesses in %llu cycles, %u rounds, load average %.1f before and %.1f after\n", run->config.name,
         (unsigned long long)run->accesses, (unsigned long long)run->cycles, rounds, load, after);
  const char *budget = model_budget(run->config.name);
  const double *rtl = rows[RTL].seconds, *locked = rows[LOCKSTEP].seconds, *direct = rows[DIRECT].seconds;
  ratio_print("RTL alone / model alone, both recorded pins", rtl, rows[REPLAY].seconds, rounds, budget);
  ratio_print("RTL alone / model alone, trace decoded", rtl, rows[MODEL].seconds, rounds, "none");
  ratio_print("lockstep / RTL alone, wall clock", rows[LOCKSTEP].wall, rows[RTL].wall, rounds, "at most 1.25");
  ratio_print("lockstep / RTL alone", locked, rtl, rounds, "none");
  ratio_print("lockstep cycle by cycle / RTL alone", direct, rtl, rounds, "none");
  ratio_print("lockstep with assertions / cycle by cycle", rows[CHECKED].seconds, direct, rounds, "none");
  ratio_print("lockstep with waves / cycle by cycle", rows[WAVES].seconds, direct, rounds, "at most 8");
  ratio_print("lockstep with waves / lockstep, wall clock", rows[WAVES].wall, rows[LOCKSTEP].wall, rounds, "none");
  for (unsigned i = 0; i < ROWS; i++) {
    double middle = median(rows[i].seconds, rounds), wall = median(rows[i].wall, rounds);
    printf("  %-44s %8.1f ns a cycle, %8.1f by the wall clock\n", rows[i].name, 1e9 * middle / (double)run->cycles,
           1e9 * wall / (double)run->cycles);
  }
}

static bool measure_all(speed *run, unsigned rounds) {
  row rows[ROWS] = {[RTL] = {"RTL alone, recorded pins", rtl_alone, {0}, {0}},
                    [REPLAY] = {"model alone, recorded pins", model_replay, {0}, {0}},
                    [MODEL] = {"model alone, player, trace decoded", model_alone, {0}, {0}},
                    [LOCKSTEP] = {"lockstep, every pin compared", lockstep_fast, {0}, {0}},
                    [DIRECT] = {"lockstep cycle by cycle", lockstep_direct, {0}, {0}},
                    [CHECKED] = {"lockstep with assertions", lockstep_checked, {0}, {0}},
                    [WAVES] = {"lockstep with assertions and waves", lockstep_waves, {0}, {0}}};
  double load = 0;
  getloadavg(&load, 1);
  for (unsigned round = 0; round < rounds; round++) {
    for (unsigned i = 0; i < ROWS; i++) {
      const spent seconds = rows[i].measure(run);
      if (seconds.wall < 0) return false;
      rows[i].seconds[round] = seconds.processor;
      rows[i].wall[round] = seconds.wall;
    }
  }
  table_print(run, rows, rounds, load);
  return true;
}

static bool designs_load(speed *run) {
  tw_dut_choice choice = {.name = "rtl", .config = run->config.name};
  if (!tw_dut_load(&choice, &run->fast, &run->error)) return false;
  choice.checked = true;
  if (!tw_dut_load(&choice, &run->checked, &run->error)) return false;
  return run->fast.table->replay || tw_error_set(&run->error, "rtl: does not replay");
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "Usage: %s TRACE CONFIG ACCESSES ROUNDS FOLDER\n", argv[0]);
    return 2;
  }
  unsigned rounds = (unsigned)strtoul(argv[4], NULL, 10);
  if (rounds < 1 || rounds > MAX_ROUNDS) {
    fprintf(stderr, "%s: expected 1 to %u rounds, found %s\n", argv[0], MAX_ROUNDS, argv[4]);
    return 2;
  }
  speed *run = calloc(1, sizeof *run);
  if (!run) return 2;
  snprintf(run->trace, sizeof run->trace, "%s/stimulus.twb", argv[5]);
  snprintf(run->wave, sizeof run->wave, "%s/speed.fst", argv[5]);
  bool good = tw_config_load(argv[2], &run->config, &run->error) && designs_load(run) &&
              stimulus_record(run, argv[1], strtoull(argv[3], NULL, 10)) && measure_all(run, rounds);
  if (!good) fprintf(stderr, "%s: %s\n", argv[0], run->error.text);
  unlink(run->trace);
  unlink(run->wave);
  free(run->inputs);
  free(run);
  return good ? 0 : 2;
}
