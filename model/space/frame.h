/* Physical frames, handed out in an order that a seed decides.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_FRAME_H
#define TWINWALK_SPACE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

/* order[0..used) are handed out; order[used..count) are free, and shuffled only as they are taken. */
typedef struct frame_pool {
  uint64_t base_ppn;
  uint32_t *order; /* owned */
  uint32_t count, used;
  uint64_t random;
} frame_pool;

bool frame_open(frame_pool *pool, uint64_t base_ppn, uint32_t count, uint64_t seed);
void frame_close(frame_pool *pool);
/* Takes a frame's page number. False if there is none left. */
bool frame_take(frame_pool *pool, uint64_t *ppn);
void frame_give(frame_pool *pool, uint64_t ppn);

#endif
