/* The page tables of a sweep: a page that is looked at, its neighbour, and another one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SWEEP_WORLD_H
#define TWINWALK_SWEEP_WORLD_H

#include "rig.h"

/* What the page is. */
typedef struct sweep_page {
  tw_mode mode;
  unsigned leaf; /* level */
  bool napot;
  bool global_pointer, global_leaf;
  bool stale; /* A and D are clear */
  bool user;
} sweep_page;

typedef struct sweep_world {
  sweep_page page;
  const tw_mode_info *row;
  uint64_t va;                   /* the page */
  uint64_t part;                 /* the same page elsewhere, if it is larger than 4 KiB; else va */
  uint64_t neighbour;            /* a page that the same tables lead to */
  uint64_t other;                /* a page with tables of its own but the root */
  uint64_t entry[TW_MAX_LEVELS]; /* address of the page's entry at a level */
  uint64_t leaf;                 /* its leaf entry */
  uint64_t root, other_root;     /* PPN */
} sweep_world;

/* Writes the tables. False if memory is out. */
bool sweep_world_make(sweep_world *world, const sweep_page *page, tw_memory *memory);

/* satp of a world, with an ASID. */
uint64_t sweep_satp(const sweep_world *world, uint64_t root, unsigned asid);

#endif
