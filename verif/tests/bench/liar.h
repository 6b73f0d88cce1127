/* A design that is the cycle model, except that it lies once: for tests of what finds lies.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_BENCH_LIAR_H
#define TWINWALK_TESTS_BENCH_LIAR_H

#include "dut.h"

typedef enum lie {
  LIE_NONE,
  LIE_ADDRESS, /* one physical address is off by a page */
  LIE_REASON,  /* one fault has another reason (and its cause) */
  LIE_HIT,     /* one hit flag is inverted: seen by cycles alone */
  LIE_READ,    /* one page-table read is of another address */
  LIE_TAG,     /* one answer has another tag */
  LIE_SILENCE, /* nothing is answered any more */
  LIE_EVENT,   /* one event bit is inverted */
  LIE_UPDATE,  /* one update sets D where only A is due */
  LIE_LOST     /* updates are not made, though they are taken for made: with one walker */
} lie;

typedef struct liar_plan {
  lie what;
  uint64_t from;   /* the first chance at or after this cycle */
  uint64_t at;     /* set: the cycle of the lie; UINT64_MAX if it was not told */
  uint64_t va;     /* set: of the access that was lied about, if any */
  unsigned lacks;  /* extensions that the description does not have */
  const char *has; /* the configuration that it was opened with in truth, as YAML; NULL: as it is told */
} liar_plan;

/* The table of a design that follows a plan; the plan is the table's until the last instance is closed. Predicted or
 * not. */
const tw_dut_table *liar_table(liar_plan *plan, bool predicted);

#endif
