/* One L1 TLB: match, use, fill, fence (docs/microarchitecture.md, "TLBs").
 *
 * A lookup must answer the matching entry of the lowest index. Most lookups find it in `lines`, a direct-mapped table
 * from a page and a kind of access to the entry that wins, where its flags grant the access and PMP and regions the
 * whole page. A line is good only in the generation in which it was written, and only while the entry has the stamp
 * that it had then. An entry that is overwritten or invalidated gets another stamp; that is enough for the fill of a 4
 * KiB page, which leaves no other entry that matches it (M6). A new generation begins when what wins, or what is
 * granted, may change for any page: with a control write, a PMP write, the fill of a larger page over the pages of
 * other entries. So a line is never wrong.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MMU_TLB_H
#define TWINWALK_MMU_TLB_H

#include <stddef.h>

#include "assoc.h"
#include "twinwalk/config.h"
#include "twinwalk/pins.h"

#define TLB_LINES 256u
#define TLB_LINE_GENERATION 52u /* bit of a line's tag where the generation begins, above the page number */
#define TAG_MASK ((1u << TW_TAG_BITS) - 1u)

/* What a TLB keeps of a leaf. */
typedef struct tlb_leaf {
  uint64_t vpn;
  uint64_t ppn; /* of a 64 KiB page with its four lowest bits 0 */
  uint16_t asid;
  uint8_t level;
  uint8_t flags; /* V and A set, G accumulated */
  uint8_t attribute;
  bool napot;
} tlb_leaf;

typedef struct tlb_entry {
  tw_pins_response shape; /* the answer to a granted hit; pa is the page's first byte; tag and req_ready are left out */
  uint32_t event;         /* of a hit */
  uint8_t tag_mask;       /* bits of the request's tag that are shown */
  uint64_t stamp;         /* changes when the entry does */
  uint64_t offset_mask;   /* bits of the address that are not translated */
  uint64_t use_keep;      /* tree bits that a use of this entry leaves alone */
  uint64_t use_set;       /* tree bits that it sets */
  tlb_leaf leaf;
} tlb_entry;

typedef struct tlb_line {
  uint64_t tag; /* page number, generation; 0 if there is nothing */
  uint64_t stamp;
  const tlb_entry *entry;
} tlb_line;

typedef struct tlb {
  assoc array;
  uint64_t tree_before; /* the tree bits as they were before this cycle's lookup */
  uint64_t generation;  /* at its place in a tag; never 0 */
  assoc_filter filter;
  uint64_t keys[TW_MAX_TLB_ENTRIES];
  uint64_t masks[TW_MAX_TLB_ENTRIES];
  tlb_entry entries[TW_MAX_TLB_ENTRIES];
  tlb_line lines[TLB_LINES];
} tlb;

/* Everything invalid, tree bits 0. A hit in one of the `count` entries is the event `hit_event`; most entries are of
 * the VPN bits `usual`. */
void tlb_reset(tlb *t, unsigned count, uint32_t hit_event, uint64_t usual);

/* The kind is in the index and so needs no place in the tag: for one page, each kind has a line of its own. */
static inline unsigned tlb_line_index(uint64_t va, uint8_t kind) {
  return ((unsigned)(va >> TW_PAGE_BITS) ^ (unsigned)kind << 6) % TLB_LINES;
}

static inline uint64_t tlb_line_tag(const tlb *t, uint64_t va) {
  return va >> TW_PAGE_BITS | t->generation;
}

/* The entry that wins and grants, if it is known; else NULL. */
static inline const tlb_entry *tlb_line_entry(const tlb *t, uint64_t va, uint8_t kind) {
  const tlb_line *line = &t->lines[tlb_line_index(va, kind)];
  return line->tag == tlb_line_tag(t, va) && line->stamp == line->entry->stamp ? line->entry : NULL;
}

static inline void tlb_line_write(tlb *t, uint64_t va, uint8_t kind, const tlb_entry *entry) {
  t->lines[tlb_line_index(va, kind)] = (tlb_line){.tag = tlb_line_tag(t, va), .stamp = entry->stamp, .entry = entry};
}

static inline void tlb_use(tlb *t, const tlb_entry *entry) {
  t->array.tree = (t->array.tree & entry->use_keep) | entry->use_set;
}

/* Forgets which entry wins for which page, and what it grants. */
void tlb_lines_drop(tlb *t);

/* A fill (M6): how an entry's key and mask look is said by the caller. */
typedef struct tlb_fill {
  tlb_leaf leaf;
  uint64_t key;       /* of the request: its VPN and satp's ASID */
  uint64_t mask;      /* of the entry */
  unsigned page_bits; /* log2 of the page's bytes */
} tlb_fill;

/* True if it is an eviction. */
bool tlb_fill_write(tlb *t, const tlb_fill *fill);

void tlb_fence(tlb *t, const assoc_fence *fence);

#endif
