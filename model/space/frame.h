/* Physical frames: which are in use, for what, and by whom.
 *
 * Free frames cost nothing: a frame is known from the time it is first taken, so a pool of 64 GiB is as cheap as one of
 * 64 KiB. They are handed out in an order that a seed decides, shuffled inside blocks and block by block, so that
 * neighbours in an address space are no neighbours in memory, and yet whole blocks stay free for large pages.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_FRAME_H
#define TWINWALK_SPACE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinwalk/error.h"

typedef enum frame_kind { FRAME_FREE, FRAME_TABLE, FRAME_KERNEL, FRAME_ANONYMOUS, FRAME_FILE } frame_kind;

/* A page of a process that lies in a frame. */
typedef struct frame_mapping {
  uint32_t process; /* index */
  uint64_t va;      /* of the 4 KiB page, or of the large page */
} frame_mapping;

/* A frame in use; or 2^bits of them in a row, aligned, that are used as one (a large page). */
typedef struct frame {
  uint64_t ppn;
  frame_kind kind;
  uint8_t bits;
  bool dirty;              /* differs from what the file or the slot has */
  uint32_t object;         /* FRAME_FILE: whose page, */
  uint64_t index;          /* and which (bytes / 4096); FRAME_TABLE: unused */
  uint64_t slot;           /* of the swap device with the same content; FRAME_NO_SLOT: none */
  frame_mapping *mappings; /* owned by the pool */
  uint32_t mapping_count, mapping_capacity;
  struct frame *before, *behind; /* on the clock; NULL: not on it */
} frame;

#define FRAME_NO_SLOT UINT64_MAX

typedef struct frame_pool frame_pool;

typedef struct frame_pool_options {
  uint64_t base_ppn, count;
  uint64_t low_count;  /* frames [0, low_count) from the base are in the kernel's direct map */
  unsigned block_bits; /* of a large page's block: 9, or 10 on Sv32 */
  uint64_t seed;
} frame_pool_options;

frame_pool *frame_open(const frame_pool_options *options, tw_error *error); /* the caller closes it */
void frame_close(frame_pool *pool);                                         /* NULL is allowed */

/* Takes a free frame; `low`: one that the direct map reaches (the others go first where both would do). NULL if there
 * is none, or memory is out. The pool's until it is given back. */
frame *frame_take(frame_pool *pool, frame_kind kind, bool low);
/* Takes the frame with this page number. NULL if it is in use or not the pool's. */
frame *frame_take_at(frame_pool *pool, uint64_t ppn, frame_kind kind);
/* Takes 2^bits aligned frames as one. NULL if no such block is free. */
frame *frame_take_block(frame_pool *pool, unsigned bits, frame_kind kind);
/* Gives a frame, or a block, back; nothing maps it any more, and it is on no clock. */
void frame_give(frame_pool *pool, frame *given);
/* Makes a block its 2^bits frames; the mappings of each are those of the block, moved by the page's distance. False if
 * memory is out. */
bool frame_split(frame_pool *pool, frame *block);
/* Makes 2^bits aligned frames, each of which is in use and has one mapping, a block with the first one's mapping. */
frame *frame_join(frame_pool *pool, uint64_t ppn, unsigned bits);
/* The frame, or the block, that holds a page number; NULL if it is free. */
frame *frame_find(const frame_pool *pool, uint64_t ppn);
/* Free frames, all of them and those in the direct map. */
uint64_t frame_free_count(const frame_pool *pool, bool low);
uint64_t frame_used(const frame_pool *pool); /* frames in use, every one of a block counts */
uint64_t frame_peak(const frame_pool *pool); /* the most that ever were */
/* Every frame in use, in no particular order: *cursor counts from 0. NULL behind the last. */
frame *frame_next(const frame_pool *pool, size_t *cursor);

/* Remembers that a page lies in the frame. False if memory is out. */
bool frame_map(frame *mapped, frame_mapping mapping);
/* Forgets it. False if it was not there. */
bool frame_unmap(frame *mapped, frame_mapping mapping);

/* The clock: a ring of frames that may be reclaimed, and a hand. New ones come in behind the hand. */
void frame_clock_add(frame_pool *pool, frame *added);
void frame_clock_remove(frame_pool *pool, frame *removed); /* one that is not on it is allowed */
/* The frame under the hand, which goes on to the next one. NULL if the ring is empty. */
frame *frame_clock_turn(frame_pool *pool);
size_t frame_clock_count(const frame_pool *pool);

#endif
