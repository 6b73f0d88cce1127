/* The outside judge: random accesses under QEMU against the oracle's predictions.
 *
 *   judge_qemu [--seed N] [--count N] [--vectors N] [--xlen 32|64] [--run N] [--broken NAME]
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "run.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct judge_options {
  uint64_t seed;
  uint64_t count;   /* accesses to be checked, at least */
  unsigned vectors; /* of a run */
  unsigned xlen;    /* 0: both */
  long run;         /* this one only; -1: as many as are needed */
  judge_broken broken;
} judge_options;

static void usage(FILE *out) {
  fputs("Usage: judge_qemu [OPTION...]\n\n"
        "  --seed N        of all that is drawn (default 1)\n"
        "  --count N       accesses to be checked, at least (default 100000)\n"
        "  --vectors N     accesses of one run of QEMU, at most 65536 (default 20480)\n"
        "  --xlen 32|64    one of the two only\n"
        "  --run N         the run of this number only\n"
        "  --broken NAME   an oracle with this bug: the status is 0 if the judge tells\n",
        out);
}

static bool option_take(judge_options *options, int option) {
  switch (option) {
  case 's':
    options->seed = strtoull(optarg, NULL, 0);
    return true;
  case 'c':
    options->count = strtoull(optarg, NULL, 0);
    return true;
  case 'v':
    options->vectors = (unsigned)strtoul(optarg, NULL, 0);
    return options->vectors > 0 && options->vectors <= JUDGE_MAX_VECTORS;
  case 'x':
    options->xlen = (unsigned)strtoul(optarg, NULL, 0);
    return options->xlen == 32 || options->xlen == 64;
  case 'r':
    options->run = strtol(optarg, NULL, 0);
    return options->run >= 0;
  case 'b':
    return judge_broken_from_name(optarg, &options->broken);
  default:
    return false;
  }
}

static bool options_read(int argc, char **argv, judge_options *options) {
  static const struct option names[] = {{"seed", required_argument, NULL, 's'},
                                        {"count", required_argument, NULL, 'c'},
                                        {"vectors", required_argument, NULL, 'v'},
                                        {"xlen", required_argument, NULL, 'x'},
                                        {"run", required_argument, NULL, 'r'},
                                        {"broken", required_argument, NULL, 'b'},
                                        {0}};
  int option;
  while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
    if (!option_take(options, option)) return false;
  }
  return optind == argc;
}

/* The next run's number is due: enough has not been checked, or some variant of QEMU has not been asked. */
static bool run_due(const judge_options *options, const judge_tally *tally, unsigned number) {
  if (options->run >= 0) return number == (unsigned)options->run;
  return tally->checked < options->count || number < judge_variants;
}

static bool runs_do(const judge_options *options, judge_image *image, judge_tally *tally) {
  judge_run *run = calloc(1, sizeof *run);
  bool fine = run != NULL;
  for (unsigned n = options->run < 0 ? 0 : (unsigned)options->run; fine && run_due(options, tally, n); n++) {
    run->variant = judge_run_variant(n);
    if (options->xlen != 0 && options->xlen != run->variant->xlen) continue;
    run->seed = options->seed;
    run->number = n;
    run->vectors = options->vectors;
    run->broken = options->broken;
    run->guest = run->variant->xlen == 64 ? JUDGE_GUEST64 : JUDGE_GUEST32;
    run->image = image;
    fine = judge_run_do(run, tally);
  }
  free(run);
  return fine;
}

/* Sound: everything compared, and enough of it. A single run may miss outcomes. */
static bool sound_tell(const judge_options *options, const judge_tally *tally) {
  bool fine = tally->differences == 0 && tally->checked > 0;
  if (options->run < 0) {
    fine &= judge_tally_complete(tally, options->xlen);
    fine &= tally->checked >= options->count;
  }
  printf("%s: %" PRIu64 " accesses checked, %" PRIu64 " differences, seed %" PRIu64 "\n", fine ? "PASS" : "FAIL",
         tally->checked, tally->differences, options->seed);
  return fine;
}

static bool broken_tell(const judge_options *options, const judge_tally *tally) {
  bool told = tally->differences != 0;
  printf("%s: the oracle with %s is told by %" PRIu64 " differences, seed %" PRIu64 "\n", told ? "PASS" : "FAIL",
         judge_broken_name(options->broken), tally->differences, options->seed);
  return told;
}

int main(int argc, char **argv) {
  judge_options options = {.seed = 1, .count = 100000, .vectors = 20480, .run = -1};
  if (!options_read(argc, argv, &options)) {
    usage(stderr);
    return 2;
  }
  judge_image image;
  static judge_tally tally;
  if (!judge_image_open(&image)) return 2;
  printf("seed %" PRIu64 "\n", options.seed);
  judge_machine_version_print();
  bool ran = runs_do(&options, &image, &tally);
  judge_image_close(&image);
  if (!ran) return 2;
  judge_tally_print(&tally);
  bool fine = options.broken == JUDGE_SOUND ? sound_tell(&options, &tally) : broken_tell(&options, &tally);
  return fine ? 0 : 1;
}
