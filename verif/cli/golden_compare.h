/* Compares two golden traces, read side by side: memory grows with how far apart their answers are, not with their
 * length.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CLI_GOLDEN_COMPARE_H
#define TWINWALK_CLI_GOLDEN_COMPARE_H

#include "twinwalk/trace.h"

/* What differs; an answer may differ in several of the first four at once, and is then told once, as the first of them.
 */
typedef enum golden_class {
  GOLDEN_OUTCOME, /* translation or fault, address, level, flags */
  GOLDEN_HIT,
  GOLDEN_CYCLES,
  GOLDEN_ONLY,     /* whether it is the only legal answer */
  GOLDEN_MISSING,  /* an answer that the other trace does not have */
  GOLDEN_STEP,     /* a page-table read */
  GOLDEN_STIMULUS, /* what is asked; nothing after it is compared */
  GOLDEN_CLASS_COUNT
} golden_class;

typedef struct golden_difference {
  golden_class kind;
  uint64_t number;           /* of the access, step (from 0) or stimulus record (from 0, memory's content included) */
  uint32_t attempt;          /* of the answer */
  const tw_record *access;   /* that was answered; NULL if it is not known any more */
  const tw_record *sides[2]; /* what stands in each trace; NULL if nothing */
} golden_difference;

typedef void (*golden_report)(void *payload, const golden_difference *difference);

typedef struct golden_counts {
  uint64_t stimulus, answers, steps; /* that were compared */
  uint64_t differences[GOLDEN_CLASS_COUNT];
  uint64_t total; /* differences told */
} golden_counts;

/* Reads both to their ends and tells each difference. False and error if one cannot be read, or nothing was compared.
 */
bool golden_compare(tw_trace_reader *first, tw_trace_reader *second, golden_report report, void *payload,
                    golden_counts *counts, tw_error *error);

#endif
