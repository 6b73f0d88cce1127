/* A design that is the cycle model, except that it lies about the accesses of one context: for tests of what finds
 * lies.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_PERMISSIONS_PROXY_H
#define TWINWALK_TESTS_PERMISSIONS_PROXY_H

#include "dut.h"
#include "question.h"

typedef enum proxy_lie {
  LIE_NONE,
  LIE_VERDICT,   /* what is granted is denied, and the other way round */
  LIE_REASON,    /* a fault has another reason, of the same cause */
  LIE_CAUSE,     /* a page fault is an access fault */
  LIE_TVAL,      /* the trap value lost its lowest bits */
  LIE_LEVEL,     /* of a translation: another page size */
  LIE_FLAGS,     /* of a translation: D is shown the other way round */
  LIE_ATTRIBUTE, /* of a translation */
  LIE_DIRTY,     /* an update for a load or fetch sets D, too */
  LIE_ACCESSED,  /* an update for a store sets D without A */
  LIE_COUNT
} proxy_lie;

typedef struct proxy_plan {
  proxy_lie what;
  question_context context;
  uint8_t hit;   /* of the answers that are lied about */
  uint64_t told; /* set: lies so far */
} proxy_plan;

/* The table of a design that follows a plan; the plan is the table's until the last instance is closed. */
const tw_dut_table *proxy_table(proxy_plan *plan);

#endif
