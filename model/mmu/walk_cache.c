/* The walk cache: pointers by the level at which they were read (docs/microarchitecture.md, "The walk cache").
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

void mmu_pointers_reset(tw_mmu *mmu) {
  for (unsigned level = 0; level < TW_MAX_LEVELS; level++) {
    mmu_pointers *pointers = &mmu->pointers[level];
    pointers->array.keys = pointers->keys;
    pointers->array.masks = pointers->masks;
    pointers->array.filter = &pointers->filter;
    assoc_reset(&pointers->array, mmu->config.walk_entries, mmu->vpn_masks[level]);
  }
}

/* The bits of the tree as they were stay at hand: a fill of the same cycle finds its victim with them (M5). */
mmu_start mmu_pointers_lookup(tw_mmu *mmu, uint64_t key, mmu_now *now) {
  unsigned levels = tw_mode_row(mmu->root.mode)->levels;
  for (unsigned level = 1; level < levels; level++) {
    mmu_pointers *pointers = &mmu->pointers[level];
    int entry = assoc_find(&pointers->array, key);
    if (entry < 0) continue;
    now->used_level = level;
    now->used_tree = pointers->array.tree;
    assoc_use(&pointers->array, (unsigned)entry);
    mmu->next.event |= TW_EVENT_WALK_CACHE_HIT;
    return (mmu_start){.level = (uint8_t)(level - 1),
                       .global = (pointers->masks[entry] & KEY_ASID) == 0,
                       .table_ppn = pointers->tables[entry]};
  }
  return (mmu_start){.level = (uint8_t)(levels - 1), .table_ppn = mmu->root.root_ppn};
}

void mmu_pointers_fill(tw_mmu *mmu, const mmu_walker *walker, uint64_t table_ppn, bool global, const mmu_now *now) {
  mmu_pointers *pointers = &mmu->pointers[walker->level];
  if (pointers->array.count == 0) return;
  uint64_t key = walker->vpn | (uint64_t)mmu->root.asid << KEY_ASID_SHIFT;
  uint64_t tree = now->used_level == walker->level ? now->used_tree : pointers->array.tree;
  assoc_place place = assoc_place_find(&pointers->array, key, tree);
  assoc_write(&pointers->array, &place, key, mmu->vpn_masks[walker->level] | (global ? 0 : KEY_ASID));
  pointers->tables[place.entry] = table_ppn;
  if (place.evicts) mmu->next.event |= TW_EVENT_WALK_CACHE_EVICT;
}

void mmu_pointers_fence(tw_mmu *mmu, const assoc_fence *fence) {
  if (fence->has_va) return;
  for (unsigned level = 1; level < mmu->row->levels; level++) assoc_revoke(&mmu->pointers[level].array, fence);
}
