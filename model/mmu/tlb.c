/* One TLB of the cycle model.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tlb.h"

#include <string.h>

#define NO_KEY UINT64_MAX

/* Which tree bits a use of the entry writes, and how: away from it (M5). */
static void use_prepare(tlb_entry *entry, unsigned leaf) {
  entry->use_keep = UINT64_MAX;
  entry->use_set = 0;
  for (unsigned node = leaf; node > 1; node /= 2) {
    uint64_t parent = UINT64_C(1) << (node / 2);
    bool is_left = node % 2 == 0;
    entry->use_keep &= ~parent;
    if (is_left) entry->use_set |= parent;
  }
}

void tlb_reset(tlb *t, unsigned count, uint32_t hit_event) {
  memset(t, 0, sizeof *t);
  t->count = count;
  t->leaves = 1;
  while (t->leaves < count) t->leaves *= 2;
  for (unsigned e = 0; e < count; e++) {
    t->keys[e] = NO_KEY;
    t->masks[e] = NO_KEY;
    use_prepare(&t->entries[e], t->leaves + e);
    t->entries[e].event = hit_event;
    t->entries[e].tag_mask = (1u << TW_TAG_BITS) - 1u;
  }
  t->generation = UINT64_C(1) << TLB_LINE_GENERATION;
}

uint64_t tlb_vpn_mask(const tw_mode_info *row, unsigned level) {
  uint64_t all = (UINT64_C(1) << (row->levels * row->vpn_bits)) - 1;
  uint64_t below = (UINT64_C(1) << (level * row->vpn_bits)) - 1;
  return all & ~below;
}

const tlb_entry *tlb_find(const tlb *t, uint64_t key) {
  for (unsigned e = 0; e < t->count; e++) {
    if (((t->keys[e] ^ key) & t->masks[e]) == 0) return &t->entries[e];
  }
  return NULL;
}

void tlb_lines_drop(tlb *t) {
  t->generation += UINT64_C(1) << TLB_LINE_GENERATION;
  if (t->generation != 0) return;
  memset(t->lines, 0, sizeof t->lines);
  t->generation = UINT64_C(1) << TLB_LINE_GENERATION;
}

/* From the root: right if the bit says so and there is an entry on that side, else left (M5). */
static unsigned plru_victim(const tlb *t) {
  unsigned first = 0;
  unsigned node = 1;
  for (unsigned half = t->leaves / 2; half > 0; half /= 2) {
    bool right = (t->plru >> node & 1) != 0 && first + half < t->count;
    node = 2 * node + (right ? 1 : 0);
    if (right) first += half;
  }
  return first;
}

static unsigned fill_victim(const tlb *t) {
  for (unsigned e = 0; e < t->count; e++) {
    if ((t->valid >> e & 1) == 0) return e;
  }
  return plru_victim(t);
}

bool tlb_fill(tlb *t, const tw_mode_info *row, const tlb_leaf *leaf) {
  unsigned e = fill_victim(t);
  bool evicts = (t->valid >> e & 1) != 0;
  tlb_entry *entry = &t->entries[e];
  entry->shape = (tw_pins_response){.pa = leaf->pa,
                                    .req_ready = 1,
                                    .valid = 1,
                                    .status = TW_PIN_TRANSLATED,
                                    .level = leaf->level,
                                    .flags = leaf->flags,
                                    .hit = 1};
  entry->offset_mask = (UINT64_C(1) << (TW_PAGE_BITS + leaf->level * row->vpn_bits)) - 1;
  entry->vpn = (leaf->va >> TW_PAGE_BITS) & tlb_vpn_mask(row, 0);
  entry->ppn = leaf->ppn;
  entry->asid = leaf->asid;
  bool global = (leaf->flags & TW_PTE_G) != 0;
  t->keys[e] = tlb_key(row, leaf->va, leaf->asid);
  t->masks[e] = tlb_vpn_mask(row, leaf->level) | (global ? 0 : ~UINT64_C(0) << TLB_KEY_VPN_BITS);
  t->valid |= UINT64_C(1) << e;
  tlb_use(t, entry);
  tlb_lines_drop(t);
  return evicts;
}

void tlb_invalidate(tlb *t, const tw_mode_info *row, const tlb_fence *fence) {
  uint64_t vpn = tlb_key(row, fence->va, 0);
  for (unsigned e = 0; e < t->count; e++) {
    const tlb_entry *entry = &t->entries[e];
    bool global = (entry->shape.flags & TW_PTE_G) != 0;
    bool va_revoked = !fence->has_va || ((vpn ^ entry->vpn) & tlb_vpn_mask(row, entry->shape.level)) == 0;
    bool asid_revoked = !fence->has_asid || (!global && entry->asid == fence->asid);
    if (!va_revoked || !asid_revoked) continue;
    t->valid &= ~(UINT64_C(1) << e);
    t->keys[e] = NO_KEY;
    t->masks[e] = NO_KEY;
  }
  tlb_lines_drop(t);
}
