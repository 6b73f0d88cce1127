/* What a program trace says must have happened when it was played: the `expect.NAME` keys of its header.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_EXPECT_H
#define TWINWALK_EXPECT_H

#include "twinwalk/space.h"

#define TW_EXPECTATION_NAME_MAX 63u /* as a header key's */

typedef struct tw_expectation {
  char name[TW_EXPECTATION_NAME_MAX + 1]; /* of a count, a field of tw_space_counts */
  char relation[3];                       /* "==", "!=", "<", "<=", ">" or ">=" */
  uint64_t wanted, found;
  bool holds;
} tw_expectation;

typedef struct tw_expectations {
  tw_expectation *at; /* owned */
  size_t count;
} tw_expectations;

/* Reads the keys into a list, which is empty. False and error if one is malformed or names no count. */
bool tw_expectations_read(const tw_trace_header *program, tw_expectations *list, tw_error *error);
/* Fills in what was found. Returns how many do not hold. */
size_t tw_expectations_judge(tw_expectations *list, const tw_space_counts *counts);
void tw_expectations_free(tw_expectations *list);

#endif
