/* LRU stack distances of pages: how many other pages were touched since a page was touched last. A fully associative
 * TLB of N entries with LRU replacement hits exactly if the distance is below N.
 *
 * A tree over the moments of the last touches counts those behind a moment in O(log n) steps; moments are numbered anew
 * when they run out, so that memory grows with the pages that were touched and not with the accesses.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_REUSE_H
#define TWINWALK_REUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins as {0}. Pages are numbers from 0 on, without gaps. */
typedef struct tw_reuse {
  uint32_t *last; /* of each page: the moment of its last touch; 0: never; owned */
  size_t page_room, pages;
  uint32_t *tree;      /* from 1 on: sums of the moments that are a page's last; owned */
  uint32_t *whose;     /* of each moment: the page that was touched; owned */
  uint32_t room;       /* moments there is room for */
  uint32_t now;        /* the last one that was given */
  uint64_t *distances; /* how often each distance was seen; owned */
  size_t distance_room;
  uint64_t accesses, cold; /* in all; to pages never touched before */
} tw_reuse;

void tw_reuse_free(tw_reuse *reuse);
/* A page is touched. False if memory is out. */
bool tw_reuse_touch(tw_reuse *reuse, uint32_t page);
/* Accesses that an LRU memory of so many pages would have missed, those to pages never touched before among them. */
uint64_t tw_reuse_misses(const tw_reuse *reuse, uint64_t entries);

#endif
