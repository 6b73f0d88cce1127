/* A run: some worlds with their vectors, drawn, tried by QEMU, and compared with what the oracle predicts.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_RUN_H
#define JUDGE_RUN_H

#include "image.h"
#include "tally.h"
#include "vector.h"

#define JUDGE_VECTORS_PER_WORLD 384

/* A vector as the host knows it. */
typedef struct judge_try {
  judge_access access;
  unsigned world;
  judge_prediction prediction;
} judge_try;

typedef struct judge_run {
  uint64_t seed;
  unsigned number;  /* of the run */
  unsigned vectors; /* at most; fewer if the table pool is used up */
  judge_broken broken;
  const judge_variant *variant;
  const char *guest; /* file */
  judge_image *image;
  unsigned world_count;
  judge_plan plans[JUDGE_MAX_WORLDS];
  tw_pmp pmps[JUDGE_MAX_WORLDS];
  unsigned try_count;
  judge_try tries[JUDGE_MAX_VECTORS];
} judge_run;

/* How many variants of QEMU there are, and which one the run of a number uses. */
extern const unsigned judge_variants;
const judge_variant *judge_run_variant(unsigned number);

/* Draws, runs and compares. Counts go to the tally. False if it could not be run. */
bool judge_run_do(judge_run *run, judge_tally *tally);

/* Draws worlds and vectors into the image. */
bool judge_run_draw(judge_run *run);

/* Compares what the guest left in the image. */
void judge_run_compare(judge_run *run, judge_tally *tally);

#endif
