/* One TLB of the cycle model: match, use, fill, fence (docs/microarchitecture.md, "TLBs").
 *
 * A lookup must answer the matching entry of the lowest index. Most lookups find it in `lines`, a direct-mapped table
 * from a page and a kind of access to the entry that wins and grants. A line is good only in the generation in which
 * it was written; whatever may change who wins or what is granted (a fill, a fence, a control write) begins a new
 * generation, so that a line is never wrong.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MMU_TLB_H
#define TWINWALK_MMU_TLB_H

#include <stddef.h>

#include "twinwalk/config.h"
#include "twinwalk/pins.h"

#define TLB_LINES 128u
#define TLB_LINE_GENERATION 52u /* bit of a line's tag where the generation begins, above the page number */
#define TLB_KEY_VPN_BITS 45u    /* bits of a VPN in an entry's key (Sv57); the ASID is above */

typedef struct tlb_entry {
  tw_pins_response shape; /* the answer to a granted hit; pa is the page's first byte, the tag is left out */
  uint32_t event;         /* of a hit */
  uint8_t tag_mask;       /* bits of the request's tag that are shown */
  uint64_t offset_mask;   /* bits of the address that are not translated */
  uint64_t use_keep;      /* tree bits that a use of this entry leaves alone */
  uint64_t use_set;       /* tree bits that it sets */
  uint64_t vpn;
  uint64_t ppn;
  uint16_t asid;
} tlb_entry;

typedef struct tlb_line {
  uint64_t tag; /* page number, generation; 0 if never written */
  const tlb_entry *entry;
} tlb_line;

typedef struct tlb {
  uint64_t generation; /* at its place in a tag; never 0 */
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

/* Everything invalid, tree bits 0. A hit in one of the `count` entries is the event `hit_event`. */
void tlb_reset(tlb *t, unsigned count, uint32_t hit_event);

/* The bits of a key that hold the VPN fields at or above a level. */
uint64_t tlb_vpn_mask(const tw_mode_info *row, unsigned level);

/* The key of a request; the ASID is already masked to ASIDLEN. */
static inline uint64_t tlb_key(const tw_mode_info *row, uint64_t va, uint16_t asid) {
  return ((va >> TW_PAGE_BITS) & tlb_vpn_mask(row, 0)) | (uint64_t)asid << TLB_KEY_VPN_BITS;
}

/* The kind is in the index and so needs no place in the tag: for one page, each kind has a line of its own. */
static inline unsigned tlb_line_index(uint64_t va, uint8_t kind) {
  return ((unsigned)(va >> TW_PAGE_BITS) ^ (unsigned)kind << 5) % TLB_LINES;
}

static inline uint64_t tlb_line_tag(const tlb *t, uint64_t va) {
  return va >> TW_PAGE_BITS | t->generation;
}

/* The entry that wins and grants, if it is known; else NULL. */
static inline const tlb_entry *tlb_line_entry(const tlb *t, uint64_t va, uint8_t kind) {
  const tlb_line *line = &t->lines[tlb_line_index(va, kind)];
  return line->tag == tlb_line_tag(t, va) ? line->entry : NULL;
}

static inline void tlb_line_write(tlb *t, uint64_t va, uint8_t kind, const tlb_entry *entry) {
  t->lines[tlb_line_index(va, kind)] = (tlb_line){.tag = tlb_line_tag(t, va), .entry = entry};
}

/* Searches all entries; NULL if none matches. */
const tlb_entry *tlb_find(const tlb *t, uint64_t key);

static inline void tlb_use(tlb *t, const tlb_entry *entry) {
  t->plru = (t->plru & entry->use_keep) | entry->use_set;
}

/* Forgets which entry wins for which page, and what it grants. */
void tlb_lines_drop(tlb *t);

/* Writes and uses the victim (M6). True if it was valid: an eviction. */
bool tlb_fill(tlb *t, const tw_mode_info *row, const tlb_leaf *leaf);

void tlb_invalidate(tlb *t, const tw_mode_info *row, const tlb_fence *fence);

#endif
