/* The regions of an address space: sorted, disjoint, and neighbours that are alike are one. For whoever keeps account
 * of what a program trace maps. A list begins as {0}.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_REGION_H
#define TWINWALK_REGION_H

#include <stddef.h>

#include "twinwalk/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_region {
  uint64_t start, end; /* bytes, multiples of 4096; end is the first byte behind it */
  uint8_t prot;        /* TW_PROT_... */
  bool shared, grows_down;
  tw_region_use use;
  uint32_t object;  /* whose content it maps: a file, or shared memory; 0: none, its pages begin with zeroes */
  uint64_t offset;  /* of its first byte in the object */
  tw_advice advice; /* HUGE, NO_HUGE, or 0 */
} tw_region;

typedef struct tw_region_list {
  tw_region *at; /* owned */
  size_t count, capacity;
} tw_region_list;

void tw_region_free(tw_region_list *list);
/* The region that holds an address, or NULL; the list's until it changes. */
tw_region *tw_region_find(const tw_region_list *list, uint64_t va);
/* Index of the first region that ends above an address; count if there is none. */
size_t tw_region_above(const tw_region_list *list, uint64_t va);
/* The first region of a use, or NULL; the list's until it changes. */
tw_region *tw_region_of_use(const tw_region_list *list, tw_region_use use);
/* Cuts [start, end) out of every region. False if memory is out. */
bool tw_region_carve(tw_region_list *list, uint64_t start, uint64_t end);
/* Adds a region, in place of whatever was there. False if memory is out. */
bool tw_region_insert(tw_region_list *list, const tw_region *added);
/* Gives the parts of regions in [start, end) another protection. False if memory is out. */
bool tw_region_protect(tw_region_list *list, uint64_t start, uint64_t end, uint8_t prot);
/* ... or another advice. */
bool tw_region_advise(tw_region_list *list, uint64_t start, uint64_t end, tw_advice advice);
/* Makes `copy`, which is empty, the same. False if memory is out. */
bool tw_region_copy(tw_region_list *copy, const tw_region_list *list);

#ifdef __cplusplus
}
#endif
#endif
