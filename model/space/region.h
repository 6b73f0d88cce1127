/* The regions of an address space: sorted, disjoint, and neighbours that are alike are one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_REGION_H
#define TWINWALK_SPACE_REGION_H

#include <stddef.h>

#include "twinwalk/trace.h"

typedef struct region {
  uint64_t start, end; /* bytes, multiples of 4096; end is the first byte behind it */
  uint8_t prot;        /* TW_PROT_... */
  bool shared, grows_down;
  tw_region_use use;
} region;

typedef struct region_list {
  region *at; /* owned */
  size_t count, capacity;
} region_list;

void region_free(region_list *list);
/* The region that holds an address, or NULL; the list's until it changes. */
region *region_find(const region_list *list, uint64_t va);
/* Index of the first region that ends above an address; count if there is none. */
size_t region_above(const region_list *list, uint64_t va);
/* The first region of a use, or NULL; the list's until it changes. */
region *region_of_use(const region_list *list, tw_region_use use);
/* Cuts [start, end) out of every region. False if memory is out. */
bool region_carve(region_list *list, uint64_t start, uint64_t end);
/* Adds a region, in place of whatever was there. False if memory is out. */
bool region_insert(region_list *list, const region *added);
/* Gives the parts of regions in [start, end) another protection. False if memory is out. */
bool region_protect(region_list *list, uint64_t start, uint64_t end, uint8_t prot);

#endif
