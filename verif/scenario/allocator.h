/* A program's allocator: small blocks from the heap by brk, with headers, a free list, splitting and coalescing; large
 * ones by mmap. It says what it reads and writes to do its work, as the accesses of a real one would be.
 *
 *   block   [ header: size, free ][ what the program gets ... ]       free   [ header ][ next ][ previous ] ...
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_ALLOCATOR_H
#define TWINWALK_SCENARIO_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct allocator allocator;

/* What it needs of the world; each returns false to stop. */
typedef struct allocator_world {
  bool (*touch)(void *payload, uint64_t va, bool write); /* a word */
  bool (*extend)(void *payload, uint64_t end);           /* brk: the heap ends there */
  uint64_t (*map)(void *payload, uint64_t length);       /* mmap; 0: stop */
  bool (*unmap)(void *payload, uint64_t start, uint64_t length);
  void *payload;
} allocator_world;

typedef struct allocator_options {
  unsigned word;  /* bytes: 4 or 8 */
  uint64_t large; /* blocks of so many bytes and more come from mmap */
  bool best_fit;  /* else the first that fits */
} allocator_options;

/* A block that the program has. */
typedef struct allocator_block {
  uint64_t va, size; /* bytes, as asked for */
  uint64_t mapped;   /* bytes of its own mapping; 0: of the heap */
} allocator_block;

/* Its heap begins and ends at `start`. NULL if memory is out; the caller closes it. */
allocator *allocator_open(uint64_t start);
void allocator_close(allocator *all);            /* NULL is allowed */
allocator *allocator_copy(const allocator *all); /* NULL if memory is out */

/* Both: false if memory is out or the world stopped. */
bool allocator_take(allocator *all, const allocator_options *options, const allocator_world *world, uint64_t size,
                    allocator_block *block);
/* Gives back the n-th block that the program has. */
bool allocator_give(allocator *all, const allocator_options *options, const allocator_world *world, size_t n);
size_t allocator_live(const allocator *all);
const allocator_block *allocator_block_at(const allocator *all, size_t n); /* the allocator's until it changes */
/* Bytes of the heap, and of its free blocks. */
void allocator_measure(const allocator *all, uint64_t *heap, uint64_t *unused);

#endif
