/* Random programs: processes that map, touch, protect, fork and end, whatever comes of it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SPACE_TEST_STRESS_PROGRAM_H
#define SPACE_TEST_STRESS_PROGRAM_H

#include <stddef.h>

#include "twinwalk/trace.h"

typedef struct stress_program {
  tw_record *at; /* owned */
  size_t count, capacity;
} stress_program;

/* The same records for the same seed. Addresses fit every mode; no record is one that a space must refuse. */
void stress_program_make(stress_program *program, uint64_t seed, unsigned steps);
void stress_program_free(stress_program *program);

#endif
