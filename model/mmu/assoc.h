/* A fully associative array of keys with tree pseudo-LRU: an L1 TLB, the superpage part of L2, one set of L2, and one
 * level of the walk cache are all of this kind (docs/microarchitecture.md, M5 to M7). What belongs to a key is kept by
 * whoever owns the array.
 *
 * A key holds the VPN of the deepest mode in bits 44..0 and the ASID above. An entry's mask says which bits of a
 * request's key must equal its own: a larger page leaves out the low VPN bits, a global one the ASID.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MMU_ASSOC_H
#define TWINWALK_MMU_ASSOC_H

#include <stdbool.h>
#include <stdint.h>

#define KEY_ASID_SHIFT 45u
#define KEY_VPN ((UINT64_C(1) << KEY_ASID_SHIFT) - 1)
#define KEY_ASID (UINT64_C(0xffff) << KEY_ASID_SHIFT)
#define KEY_NONE UINT64_MAX /* which no request has */

#define ASSOC_FILTER 256u

/* How many valid entries of the usual mask there are for each hash of their keys: most searches that find nothing end
 * here. */
typedef struct assoc_filter {
  uint64_t usual;              /* VPN bits of the usual mask */
  uint64_t unusual;            /* bit e: entry e is valid and has another mask */
  uint8_t count[ASSOC_FILTER]; /* by hash */
} assoc_filter;

typedef struct assoc {
  uint64_t *keys;       /* KEY_NONE if invalid */
  uint64_t *masks;      /* all ones if invalid */
  assoc_filter *filter; /* NULL for a small array */
  uint64_t valid;       /* bit e is entry e */
  uint64_t tree;        /* bit n is node n */
  unsigned count;
  unsigned leaves; /* of the tree: P */
} assoc;

/* What a fence revokes (M7), as keys. */
typedef struct assoc_fence {
  uint64_t key;
  bool has_va, has_asid;
} assoc_fence;

/* Where a fill goes (M6). */
typedef struct assoc_place {
  unsigned entry;
  bool evicts;      /* it is the victim */
  uint64_t dropped; /* entries that become invalid because they match, too */
} assoc_place;

/* Everything invalid, tree bits 0; the filter, if there is one, is for entries with these VPN bits in their masks. */
void assoc_reset(assoc *a, unsigned count, uint64_t usual);

static inline uint8_t *assoc_filter_place(assoc_filter *filter, uint64_t key) {
  return &filter->count[(key & filter->usual) * UINT64_C(0x9e3779b97f4a7c15) >> 56];
}

/* The entries that may match a key; all others do not. */
static inline uint64_t assoc_candidates(const assoc *a, uint64_t key) {
  if (!a->filter || *assoc_filter_place(a->filter, key)) return a->valid;
  return a->filter->unusual;
}

/* The matching entry with the lowest index; -1 if none matches. */
static inline int assoc_find(const assoc *a, uint64_t key) {
  for (uint64_t left = assoc_candidates(a, key); left; left &= left - 1) {
    unsigned e = (unsigned)__builtin_ctzll(left);
    if (((a->keys[e] ^ key) & a->masks[e]) == 0) return (int)e;
  }
  return -1;
}

/* Tree bits of nodes on the way from the root to a leaf, and what a use makes of them: away from it. */
typedef struct assoc_path {
  uint64_t nodes;
  uint64_t away;
} assoc_path;

assoc_path assoc_path_of(const assoc *a, unsigned entry);

static inline void assoc_use(assoc *a, unsigned entry) {
  assoc_path path = assoc_path_of(a, entry);
  a->tree = (a->tree & ~path.nodes) | path.away;
}

/* From the root: right if the bit says so and there is an entry on that side, else left. */
unsigned assoc_victim(const assoc *a, uint64_t tree);

/* Finds the place for a key; what is dropped is not yet invalid. `tree` decides about a victim. */
assoc_place assoc_place_find(const assoc *a, uint64_t key, uint64_t tree);

/* Writes a key to its place, and uses it. */
void assoc_write(assoc *a, const assoc_place *place, uint64_t key, uint64_t mask);

/* Whether there is a request that both this entry and another one match. */
bool assoc_overlaps(const assoc *a, unsigned entry);

/* Invalidates what a fence revokes; the entries that were valid until then. */
uint64_t assoc_revoke(assoc *a, const assoc_fence *fence);

#endif
