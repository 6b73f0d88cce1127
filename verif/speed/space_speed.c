/* Measures what the operating system's side costs: the cycle model on a program's MMU records, against the model with
 * the address spaces in the loop, without and with their checks.
 *
 *   space_speed TRACE CONFIG ACCESSES ROUNDS     TRACE is a program trace
 *
 * The MMU records are those that the same program becomes, decoded and played; nothing waits for them. All are measured
 * in turn, several rounds of it; a ratio is of one round, and the median is printed. Times are the processor's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config_file.h"
#include "dut_loader.h"
#include "rehearse.h"
#include "side.h"

#define MAX_ROUNDS 99u

enum { MODEL, NONE, CONTENT, ISOLATION, ALL, ROWS };

typedef struct speed {
  const char *path;
  tw_config config;
  uint64_t max_accesses;
  uint64_t accesses; /* that the MMU answered, the same in every row but those that were squashed */
  tw_error error;
} speed;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static tw_source *program_open(speed *run, tw_checks checks) {
  const tw_source_options options = {
      .path = run->path, .config = &run->config, .seed = 1, .max_accesses = run->max_accesses, .checks = checks};
  tw_source *source = tw_source_open(&options, &run->error);
  if (!source || source->kind == TW_TRACE_PROGRAM) return source;
  tw_error_set(&run->error, "%s: expected a program trace", run->path);
  source->close(source);
  return NULL;
}

/* Plays all of a source, which is closed, on the model. Seconds; negative and error on failure. */
static double play(speed *run, tw_source *source, double begun) {
  const tw_side_options options = {.name = "model",
                                   .table = tw_dut_model_table(),
                                   .config = &run->config,
                                   .source = source,
                                   .memory = {.latency = run->config.memory}};
  tw_side side;
  bool good = tw_side_open(&side, &options, &run->error);
  if (good) {
    for (unsigned i = 0; i < TW_RESET_CYCLES; i++) tw_side_reset(&side);
    good = tw_side_run(&side, UINT64_MAX, &run->error) == TW_PLAYER_GOOD;
    run->accesses = tw_player_counted(side.player)->accesses;
    tw_side_close(&side);
  }
  source->close(source);
  return good ? now() - begun : -1;
}

static double model_alone(speed *run) {
  const tw_memory_options memory = {.latency = run->config.memory};
  const tw_rehearsal how = {.config = &run->config, .memory = &memory, .cut = true};
  tw_outcome outcome;
  tw_source *program = program_open(run, TW_CHECKS_NONE);
  if (!program) return -1;
  tw_source *records = tw_rehearse(&how, program, &outcome, &run->error);
  program->close(program);
  if (!records) return -1;
  tw_outcome_free(&outcome);
  return play(run, records, now());
}

static double measure(speed *run, unsigned row) {
  static const tw_checks CHECKS[ROWS] = {
      [NONE] = TW_CHECKS_NONE, [CONTENT] = TW_CHECKS_CONTENT, [ISOLATION] = TW_CHECKS_ISOLATION, [ALL] = TW_CHECKS_ALL};
  if (row == MODEL) return model_alone(run);
  const double begun = now();
  tw_source *source = program_open(run, CHECKS[row]);
  return source ? play(run, source, begun) : -1;
}

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void table_print(const speed *run, double seconds[ROWS][MAX_ROUNDS], unsigned rounds) {
  static const char *const NAMES[ROWS] = {"model alone, MMU records", "space in the loop, no checks", "content checked",
                                          "isolation checked", "all checked"};
  static const char *const BUDGETS[ROWS] = {"", "at most 1.5", "none", "none", "at most 3"};
  printf("%s: %llu accesses, %u rounds\n", run->config.name, (unsigned long long)run->accesses, rounds);
  for (unsigned row = MODEL; row < ROWS; row++) {
    double ratios[MAX_ROUNDS], times[MAX_ROUNDS];
    for (unsigned i = 0; i < rounds; i++) {
      ratios[i] = seconds[row][i] / seconds[MODEL][i];
      times[i] = seconds[row][i];
    }
    qsort(ratios, rounds, sizeof *ratios, compare_doubles);
    qsort(times, rounds, sizeof *times, compare_doubles);
    printf("  %-32s %8.1f ns an access", NAMES[row], 1e9 * times[rounds / 2] / (double)run->accesses);
    if (row != MODEL)
      printf("   %5.2f   (%.2f to %.2f)   budget: %s", ratios[rounds / 2], ratios[0], ratios[rounds - 1], BUDGETS[row]);
    printf("\n");
  }
}

int main(int argc, char **argv) {
  static double seconds[ROWS][MAX_ROUNDS];
  static speed run;
  if (argc != 5) {
    fprintf(stderr, "Usage: %s TRACE CONFIG ACCESSES ROUNDS\n", argv[0]);
    return 2;
  }
  const unsigned long rounds = strtoul(argv[4], NULL, 10);
  run.path = argv[1];
  run.max_accesses = strtoull(argv[3], NULL, 10);
  bool good = rounds >= 1 && rounds <= MAX_ROUNDS;
  if (!good) tw_error_set(&run.error, "expected 1 to %u rounds, found %s", MAX_ROUNDS, argv[4]);
  good = good && tw_config_load(argv[2], &run.config, &run.error);
  for (unsigned long round = 0; good && round < rounds; round++)
    for (unsigned row = MODEL; good && row < ROWS; row++) {
      seconds[row][round] = measure(&run, row);
      good = seconds[row][round] >= 0;
    }
  if (!good) {
    fprintf(stderr, "%s: %s\n", argv[0], run.error.text);
    return 2;
  }
  table_print(&run, seconds, (unsigned)rounds);
  return 0;
}
