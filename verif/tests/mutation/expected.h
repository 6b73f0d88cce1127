/* The rows of verif/mutation/expected.tsv: what each mutant must do.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_EXPECTED_H
#define TWINWALK_EXPECTED_H

#include <stdbool.h>
#include <stddef.h>

enum { EXPECTED_MAX = 99, EXPECTED_FIELDS = 10, EXPECTED_CONFIGS = 2 };

/* What a comparison of walks sees of a mutant. */
typedef enum expected_walk {
  WALK_ANSWERS,
  WALK_READS,
  WALK_UPDATE,
  WALK_RULE,
  WALK_HANG,
  WALK_EQUAL,
  WALK_COUNT
} expected_walk;

typedef struct expected_mutant {
  unsigned number;
  char name[64];
  unsigned config; /* of expected_configs */
  char bug[32];
  char rule[32];
  unsigned long access; /* number of the record that the first difference names */
  char model[64];       /* "translated 0x...", "fault REASON", "retry" or "none" */
  char dut[64];
  expected_walk walk;
  char why[160];
  char test[96]; /* name of its test */
} expected_mutant;

/* The configurations that mutants are built for. */
extern const char *const expected_configs[EXPECTED_CONFIGS];

/* Reads the file; returns the number of rows, 0 (and says why on standard error) if it is not as it should be. */
size_t expected_read(const char *path, expected_mutant *mutants, size_t room);

/* Its row in the table of docs/mutation.md. */
void expected_row(const expected_mutant *mutant, char *text, size_t size);

#endif
