/* A verdict for people, for programs, and for continuous integration.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_VERDICT_TEXT_H
#define TWINWALK_VERDICT_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include "session.h"

/* What was run. */
typedef struct verdict_subject {
  const char *trace, *config, *dut;
  uint64_t seed;
} verdict_subject;

/* The counts in lines, indented by two blanks; also what `stats` prints. */
void verdict_counts_print(FILE *stream, const tw_verdict *verdict);
void verdict_print(FILE *stream, const verdict_subject *subject, const tw_verdict *verdict, bool colours);
/* False if the stream or memory fails. */
bool verdict_json(FILE *stream, const verdict_subject *subject, const tw_verdict *verdict);
/* The same with one more key; its value is taken over. */
bool verdict_json_with(FILE *stream, const verdict_subject *subject, const tw_verdict *verdict, const char *key,
                       json_t *value);
/* One test case; verdict NULL: it could not run, as failure says. Written beside and renamed. */
bool verdict_junit(const char *path, const verdict_subject *subject, const tw_verdict *verdict, const tw_error *failure,
                   tw_error *error);

#endif
