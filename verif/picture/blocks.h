/* The blocks that a program's allocator has handed out, of each process, and how broken up the heap was over time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_BLOCKS_H
#define TWINWALK_BLOCKS_H

#include <stddef.h>

#include "twinwalk/space.h"

typedef struct tw_block {
  uint64_t va, size; /* bytes */
} tw_block;

/* A heap at a moment. */
typedef struct tw_heap_sample {
  uint64_t record;       /* number of the program record behind which it is so */
  uint64_t heap;         /* bytes of the heap's region */
  uint64_t used;         /* of them, in blocks */
  uint64_t holes;        /* of them, free */
  uint64_t largest_hole; /* the longest run of free bytes */
  uint64_t blocks;       /* in the heap */
  uint64_t elsewhere;    /* bytes of blocks outside of the heap's region: mapped each by itself */
} tw_heap_sample;

#define TW_HEAP_SAMPLES 512u

/* One process's blocks: a hash table by address, and samples, every `step`-th change. */
typedef struct tw_blocks {
  uint32_t process; /* id */
  tw_block *slots;  /* owned; size 0: empty */
  size_t room, used;
  tw_heap_sample samples[TW_HEAP_SAMPLES];
  size_t sample_count;
  uint64_t changes, step;
  struct tw_blocks *next; /* owned */
} tw_blocks;

/* All of them, and whose the records are. Begins as {0}. */
typedef struct tw_allocator {
  tw_blocks *first; /* owned */
  uint32_t running; /* id of the process */
  bool failed;      /* memory was out */
} tw_allocator;

void tw_allocator_free(tw_allocator *allocator);
/* Takes a program record, behind the space that it was fed to. */
void tw_allocator_take(tw_allocator *allocator, const tw_record *record, const tw_space *space);
/* A process's blocks, or NULL if it never had one; the allocator's. */
const tw_blocks *tw_allocator_find(const tw_allocator *allocator, uint32_t process);
/* They, sorted by address: *count of them, the caller's. NULL if memory is out. */
tw_block *tw_blocks_sorted(const tw_blocks *blocks, size_t *count);
/* A heap as it is, of sorted blocks that do not overlap. */
tw_heap_sample tw_heap_measure(const tw_block *blocks, size_t count, uint64_t start, uint64_t end);
/* How broken up the free bytes are: 0 if they are one run, near 1 if no run is long. */
double tw_heap_fragmentation(const tw_heap_sample *sample);

#endif
