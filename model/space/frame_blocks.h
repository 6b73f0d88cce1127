/* Which frames of the pool are free: block by block, and only the blocks that were ever touched.
 *
 *   base                        base + low_count                    base + count
 *    |  block  |  block  |  bl . ck  |  block  |  block  |  block  |  bl|
 *    '------------- low -------------'-------------- high --------------'
 *
 * A block is 2^block_bits frames, aligned in physical memory; where the pool begins or ends, or low meets high, it has
 * fewer and is no large page's. A frame is drawn at random from a block that is broken into already; only when there is
 * none the next block is taken, in an order that the seed decides.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_FRAME_BLOCKS_H
#define TWINWALK_SPACE_FRAME_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_BLOCK_BITS_MAX 10u
#define FRAME_BLOCK_WORDS ((1u << FRAME_BLOCK_BITS_MAX) / 64)
#define FRAME_RUN_BITS 4u /* of the 64 KiB pages of Svnapot */

/* How much of a block is free: nothing; something, but no run; a run; all of it. */
typedef enum frame_vacancy { VACANCY_NONE, VACANCY_BROKEN, VACANCY_RUNS, VACANCY_WHOLE, VACANCY_COUNT } frame_vacancy;

typedef struct frame_block {
  uint64_t number; /* of its first page number, shifted by block_bits */
  bool low;
  unsigned free, free_runs;
  frame_vacancy vacancy;             /* on which list it is */
  struct frame_block *before, *next; /* on that list */
  uint64_t used[FRAME_BLOCK_WORDS];  /* a bit a frame; those that the pool does not have are used */
} frame_block;

/* Frames of one kind of address: below the direct map's end, or beyond it. */
typedef struct frame_zone {
  uint64_t first, end; /* page numbers */
  uint64_t free;
  uint64_t seed;
  uint64_t drawn;      /* blocks of the seeded order that were looked at */
  unsigned order_bits; /* the order is one of 2^order_bits numbers, those of no block are passed over */
  frame_block *lists[VACANCY_COUNT];
} frame_zone;

typedef struct frame_blocks {
  unsigned block_bits;
  uint64_t random;
  frame_zone zones[2]; /* high, low */
  frame_block **table; /* hashed by number and zone; a power of two */
  size_t table_size, table_used;
} frame_blocks;

void frame_blocks_open(frame_blocks *blocks, uint64_t base, uint64_t count, uint64_t low_count, unsigned block_bits,
                       uint64_t seed);
void frame_blocks_close(frame_blocks *blocks);

/* All of these find a page number; false if there is none, or memory is out. */
bool frame_blocks_take(frame_blocks *blocks, bool low, uint64_t *ppn);
bool frame_blocks_take_at(frame_blocks *blocks, uint64_t ppn);
bool frame_blocks_take_run(frame_blocks *blocks, unsigned bits, uint64_t *ppn); /* aligned */

/* Gives 2^bits aligned frames back, all of which were taken. */
void frame_blocks_give(frame_blocks *blocks, uint64_t ppn, unsigned bits);

#endif
