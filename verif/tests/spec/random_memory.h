/* One side's copy of a random world's memory: what was written to it, and a record of what was done to it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_RANDOM_MEMORY_H
#define TWINWALK_TESTS_SPEC_RANDOM_MEMORY_H

#include "random_world.h"

#define RANDOM_MEMORY_CELLS 256
#define RANDOM_MEMORY_RECORDS 48

/* An entry that may differ from the world's function. */
typedef struct random_cell {
  uint64_t address, value;
  unsigned reads;
  bool gone; /* cannot be read any more */
} random_cell;

/* A read or a compare-and-swap, as the memory saw it. */
typedef struct random_record {
  uint64_t address, value, expected, desired;
  unsigned bytes;
  bool swap, failed;
} random_record;

typedef struct random_memory {
  const random_world *world;
  unsigned cells;
  unsigned records; /* of the access under way; only the first RANDOM_MEMORY_RECORDS are kept */
  random_cell cell[RANDOM_MEMORY_CELLS];
  random_record record[RANDOM_MEMORY_RECORDS];
} random_memory;

/* The memory as the world begins; and the record as an access begins. */
void random_memory_begin(random_memory *memory, const random_world *world);
void random_memory_clear_record(random_memory *memory);

/* The two ways to it, for either side. */
tw_table_memory random_memory_for_oracle(random_memory *memory);
naive_memory random_memory_for_naive(random_memory *memory);

/* Whether both were used alike and hold the same. */
bool random_memory_records_equal(const random_memory *one, const random_memory *other);
bool random_memory_contents_equal(const random_memory *one, const random_memory *other);

#endif
