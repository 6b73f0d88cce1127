/* Large pages: full blocks and full runs of 64 KiB become one page, and small pages again before a part of them changes
 * (S14).
 *
 * A large page is a leaf of level 1 and a block of frames that has one mapping, and one place on the clock. The table
 * that it took the place of is empty and is kept with it, so that it can be split when there is no frame left.
 *
 * A run is 16 entries with N=1, alike but for A and D, and 16 frames of their own. The clock goes by the first.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_HUGE_H
#define TWINWALK_SPACE_HUGE_H

#include "internal.h"

/* All of these: inside the kernel, or they enter it; false and error if memory is out. */

/* After a page got its frame or its rights: makes a run or a large page of its neighbours, if all is as it must be. */
bool space_huge_promote(tw_space *space, space_process *process, const tw_region *region, uint64_t va, tw_error *error);
/* Before pages of [start, end) change: splits what lies in it only in part. */
bool space_huge_cut(tw_space *space, space_process *process, uint64_t start, uint64_t end, tw_error *error);
/* Splits everything that touches [start, end). */
bool space_huge_break(tw_space *space, space_process *process, uint64_t start, uint64_t end, tw_error *error);
/* Before a frame's pages leave memory: splits the large page or the run, of which the frame is the first then. */
bool space_huge_break_frame(tw_space *space, frame *victim, tw_error *error);
/* Changes bits of an entry as space_flush_write does, of a run's entry in all 16 of them. */
bool space_huge_write(tw_space *space, space_flush *flush, const table_slot *slot, uint64_t keep, uint64_t set,
                      tw_error *error);
/* The entry, of a run's with A and D if any of the 16 has them. */
uint64_t space_huge_entry(const table_slot *slot);
/* Whether a frame is one of a run, and not the first. */
bool space_huge_follows(const tw_space *space, const frame *lies);
/* A large page's block is given back: so is the table that is kept with it. */
void space_huge_give(tw_space *space, frame *block);

/* Bytes that a leaf maps: a page of its level, or 64 KiB. */
static inline uint64_t space_huge_span(const page_table *table, const table_slot *slot) {
  return *slot->entry & TW_PTE_N ? UINT64_C(1) << 16 : table_span(table, slot->level);
}

#endif
