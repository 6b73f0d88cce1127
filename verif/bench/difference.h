/* The first difference of a run, and its explanation for a person.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_DIFFERENCE_H
#define TWINWALK_DIFFERENCE_H

#include <stdio.h>

#include "pin_table.h"
#include "side.h"

#define TW_DIFFERENCE_PINS 48u

/* An answer as one of the two gave it. */
typedef struct tw_difference_answer {
  const char *who; /* "model", "rtl", "golden trace", "specification" */
  bool given;
  tw_record_answer answer;
} tw_difference_answer;

typedef struct tw_difference {
  char what[320]; /* one line */
  uint64_t cycle;
  const char *left_name, *right_name;
  const tw_pin *pins[TW_DIFFERENCE_PINS];
  size_t pin_count; /* that differ; the first TW_DIFFERENCE_PINS of them are in pins */
  tw_pins_out left_out, right_out;
  bool has_flight;
  tw_flight flight;   /* the access concerned */
  tw_context context; /* under which it was accepted; the one in force if no judge kept it */
  tw_difference_answer answers[2];
  const tw_side *left, *right; /* right may be NULL, or a follower of left */
  bool hang;
} tw_difference;

/* What is said below the explanation. */
typedef struct tw_report_footer {
  uint64_t seed;
  const char *repeat; /* the command; may be NULL */
} tw_report_footer;

/* Writes the explanation. */
void tw_difference_print(FILE *stream, const tw_difference *difference, const tw_report_footer *footer);

#endif
