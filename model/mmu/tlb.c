/* One L1 TLB of the cycle model.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tlb.h"

#include <string.h>

#define GENERATION_FIRST (UINT64_C(1) << TLB_LINE_GENERATION)

void tlb_reset(tlb *t, unsigned count, uint32_t hit_event, uint64_t usual) {
  memset(t, 0, sizeof *t);
  t->array.keys = t->keys;
  t->array.masks = t->masks;
  t->array.filter = &t->filter;
  assoc_reset(&t->array, count, usual);
  for (unsigned e = 0; e < count; e++) {
    assoc_path path = assoc_path_of(&t->array, e);
    t->entries[e].use_keep = ~path.nodes;
    t->entries[e].use_set = path.away;
    t->entries[e].event = hit_event;
    t->entries[e].tag_mask = TAG_MASK;
  }
  t->generation = GENERATION_FIRST;
}

void tlb_lines_drop(tlb *t) {
  t->generation += GENERATION_FIRST;
  if (t->generation != 0) return;
  memset(t->lines, 0, sizeof t->lines);
  t->generation = GENERATION_FIRST;
}

static void stamps_change(tlb *t, uint64_t entries) {
  for (; entries; entries &= entries - 1) t->entries[__builtin_ctzll(entries)].stamp++;
}

bool tlb_fill_write(tlb *t, const tlb_fill *fill) {
  const tlb_leaf *leaf = &fill->leaf;
  assoc_place place = assoc_place_find(&t->array, fill->key, t->tree_before);
  assoc_write(&t->array, &place, fill->key, fill->mask);
  stamps_change(t, place.dropped | UINT64_C(1) << place.entry);
  tlb_entry *entry = &t->entries[place.entry];
  entry->shape = (tw_pins_response){.pa = leaf->ppn << TW_PAGE_BITS,
                                    .valid = 1,
                                    .status = TW_PIN_TRANSLATED,
                                    .level = leaf->level,
                                    .flags = leaf->flags,
                                    .hit = TW_PIN_HIT_L1,
                                    .attribute = leaf->attribute,
                                    .napot = leaf->napot};
  entry->offset_mask = (UINT64_C(1) << fill->page_bits) - 1;
  entry->leaf = *leaf;
  if (fill->page_bits != TW_PAGE_BITS && assoc_overlaps(&t->array, place.entry)) tlb_lines_drop(t);
  return place.evicts;
}

void tlb_fence(tlb *t, const assoc_fence *fence) {
  stamps_change(t, assoc_revoke(&t->array, fence));
}
