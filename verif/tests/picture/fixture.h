/* Address spaces made by hand: two processes that share a library, one page on the swap device, a heap with blocks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef PICTURE_TEST_FIXTURE_H
#define PICTURE_TEST_FIXTURE_H

#include "map.h"

/* Adds to a process; asserts on failure. */
void fixture_region(tw_state_process *process, uint64_t start, uint64_t end, tw_region_use use, uint8_t prot,
                    const char *name);
void fixture_page(tw_state_process *process, uint64_t va, uint64_t pa, uint32_t sharers);
void fixture_swapped(tw_state_process *process, uint64_t va, uint64_t slot, uint32_t sharers);
void fixture_table(tw_state_process *process, uint8_t level, uint64_t va, uint64_t pa, uint32_t pointers,
                   uint32_t leaves, bool shared);
/* A process that lives, with nothing mapped. */
tw_state_process *fixture_process(tw_state *state, uint32_t number, const char *name);

/* A map of two processes at one moment, or before and after a store that copied a page. The caller frees it. */
void fixture_map(tw_map *map, bool pair);

#endif
