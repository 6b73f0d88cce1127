/* One attempt: what is tried, what the guest gets to do it, and what the oracle says will come of it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_VECTOR_H
#define JUDGE_VECTOR_H

#include "deviation.h"
#include "oracle.h"

/* Draws an access in a world and fills in the guest's vector. What the oracle lets through to an address that must be
 * left alone is drawn again. */
judge_access judge_vector_draw(const judge_place *place, draw *random, judge_vector *vector);

/* What should come of an attempt. */
typedef struct judge_prediction {
  judge_result result;
  judge_access access;       /* that decides: the attempt's, or the fetch of its stub */
  bool of_stub;              /* the latter */
  tw_walk walk;              /* the oracle's answer to it */
  bool updated[2];           /* A or D set, on the way to the stub and to the access */
  judge_deviation deviation; /* if there is one, `result` is QEMU's, and does not count as checked */
} judge_prediction;

/* Predicts an attempt, and brings `place->ram` up to date with what it stores. */
judge_prediction judge_predict(const judge_place *place, const judge_access *access, const judge_vector *vector);

#endif
