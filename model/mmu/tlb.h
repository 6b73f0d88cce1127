/* One TLB of the cycle model: match, use, fill, fence (docs/microarchitecture.md, "TLBs").
 *
 * A lookup must answer the matching entry of the lowest index. Most lookups find it in `lines`, a direct-mapped table
 * from a page to that entry. A line is good only in the generation in which it was written; whatever may change which
 * entry wins (a fill, a fence, another ASID) begins a new generation, so that the table is never wrong.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MMU_TLB_H
#define TWINWALK_MMU_TLB_H

#include "twinwalk/config.h"
#include "twinwalk/pins.h"

#define TLB_LINES 128u
#define TLB_LINE_PAGE_BITS 52u /* bits of a page number in a line's tag; the generation is above */
#define TLB_KEY_VPN_BITS 45u   /* bits of a VPN in an entry's key (Sv57); the ASID is above */

typedef struct tlb_entry {
  tw_pins_response shape; /* the answer to a granted hit; pa is the page's first byte, the tag is left out */
  uint64_t offset_mask;   /* bits of the address that are not translated */
  uint64_t use_clear;     /* tree bits that a use of this entry writes ... */
  uint64_t use_set;       /* ... and those of them that it sets */
  uint64_t vpn;
  uint64_t ppn;
  uint16_t asid;
} tlb_entry;

typedef struct tlb_line {
  uint64_t tag; /* page number, generation; 0 if never written */
  tlb_entry *entry;
} tlb_line;

typedef struct tlb {
  uint64_t generation; /* at its place in a tag; 1 to 4095 */
  uint64_t plru;       /* bit n is node n */
  uint64_t valid;      /* bit e is entry e */
  unsigned count;
  unsigned leaves;                    /* of the tree: P */
  uint64_t keys[TW_MAX_TLB_ENTRIES];  /* VPN and ASID; all ones, which no request has, if invalid */
  uint64_t masks[TW_MAX_TLB_ENTRIES]; /* the bits of a key that a request must have */
  tlb_entry entries[TW_MAX_TLB_ENTRIES];
  tlb_line lines[TLB_LINES];
} tlb;

/* What a walk found, as a TLB keeps it. */
typedef struct tlb_leaf {
  uint64_t va;
  uint64_t ppn;
  uint64_t pa; /* of the page's first byte */
  uint16_t asid;
  uint8_t level;
  uint8_t flags; /* G accumulated */
} tlb_leaf;

/* What a fence revokes (M7); the address is canonical. */
typedef struct tlb_fence {
  bool has_va, has_asid;
  uint64_t va;
  uint16_t asid;
} tlb_fence;

/* Everything invalid, tree bits 0; count is the number of entries. */
void tlb_reset(tlb *t, unsigned count);

/* The bits of a key that hold the VPN fields at or above a level. */
uint64_t tlb_vpn_mask(const tw_mode_info *row, unsigned level);

/* The key of a request; the ASID is already masked to ASIDLEN. */
static inline uint64_t tlb_key(const tw_mode_info *row, uint64_t va, uint16_t asid) {
  return ((va >> TW_PAGE_BITS) & tlb_vpn_mask(row, 0)) | (uint64_t)asid << TLB_KEY_VPN_BITS;
}

static inline tlb_line *tlb_line_of(tlb *t, uint64_t va) {
  return &t->lines[(va >> TW_PAGE_BITS) % TLB_LINES];
}

static inline uint64_t tlb_line_tag(const tlb *t, uint64_t va) {
  return va >> TW_PAGE_BITS | t->generation;
}

/* Searches all entries; NULL if none matches. */
tlb_entry *tlb_find(tlb *t, uint64_t key);

static inline void tlb_use(tlb *t, const tlb_entry *entry) {
  t->plru = (t->plru & ~entry->use_clear) | entry->use_set;
}

/* Forgets which entry wins for which page. */
void tlb_lines_drop(tlb *t);

/* Writes and uses the victim (M6). True if it was valid: an eviction. */
bool tlb_fill(tlb *t, const tw_mode_info *row, const tlb_leaf *leaf);

void tlb_invalidate(tlb *t, const tw_mode_info *row, const tlb_fence *fence);

#endif
