/* Parses and judges expectations.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "expect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "expect."
#define PREFIX_BYTES (sizeof PREFIX - 1)

static const char *const RELATIONS[] = {"==", "!=", "<=", ">=", "<", ">"};

/* "OP NUMBER" */
static bool value_parse(const char *value, tw_expectation *expectation) {
  for (size_t i = 0; i < sizeof RELATIONS / sizeof RELATIONS[0]; i++) {
    const size_t length = strlen(RELATIONS[i]);
    if (strncmp(value, RELATIONS[i], length) != 0 || value[length] != ' ') continue;
    const char *number = value + length + 1;
    char *end;
    errno = 0;
    expectation->wanted = strtoull(number, &end, 0);
    strcpy(expectation->relation, RELATIONS[i]);
    return number[0] >= '0' && number[0] <= '9' && !*end && !errno;
  }
  return false;
}

static bool key_read(const char *key, const char *value, tw_expectation *expectation, tw_error *error) {
  const tw_space_counts none = {0};
  uint64_t ignored;
  snprintf(expectation->name, sizeof expectation->name, "%s", key + PREFIX_BYTES);
  if (!tw_space_count_named(&none, expectation->name, &ignored))
    return tw_error_set(error, "header key `%s`: there is no count of this name", key);
  return value_parse(value, expectation) ||
         tw_error_set(error, "header key `%s`: expected an operator, a blank and a number, such as `>= 4`, found `%s`",
                      key, value);
}

bool tw_expectations_read(const tw_trace_header *program, tw_expectations *list, tw_error *error) {
  list->at = calloc(program->count ? program->count : 1, sizeof *list->at);
  if (!list->at) return tw_error_set(error, "memory is out");
  for (size_t i = 0; i < program->count; i++) {
    if (strncmp(program->keys[i], PREFIX, PREFIX_BYTES) != 0) continue;
    if (!key_read(program->keys[i], program->values[i], &list->at[list->count], error)) {
      tw_expectations_free(list);
      return false;
    }
    list->count++;
  }
  return true;
}

static bool holds(const tw_expectation *expectation) {
  const uint64_t found = expectation->found, wanted = expectation->wanted;
  const char first = expectation->relation[0];
  const bool equal = expectation->relation[1] == '=';
  if (first == '=') return found == wanted;
  if (first == '!') return found != wanted;
  if (found == wanted) return equal;
  return first == '<' ? found < wanted : found > wanted;
}

size_t tw_expectations_judge(tw_expectations *list, const tw_space_counts *counts) {
  size_t unmet = 0;
  for (size_t i = 0; i < list->count; i++) {
    tw_expectation *expectation = &list->at[i];
    tw_space_count_named(counts, expectation->name, &expectation->found);
    expectation->holds = holds(expectation);
    unmet += !expectation->holds;
  }
  return unmet;
}

void tw_expectations_free(tw_expectations *list) {
  free(list->at);
  *list = (tw_expectations){0};
}
