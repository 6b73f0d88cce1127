/* The L2 TLB: its pipeline of lookups, its two parts, its replacement (docs/microarchitecture.md, "The L2 TLB").
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#define LFSR_RESET 0xACE1u
#define LFSR_TAPS 0xB400u
#define LFSR_DRAWN 0xffu /* the bits that choose a way */

/* The room behind the registers: the sets, their keys, their masks, their leaves. */
size_t mmu_l2_bytes(const tw_l2_config *config) {
  size_t sets = config->entries ? config->entries / config->ways : 0;
  return sets * sizeof(assoc) + config->entries * (2 * sizeof(uint64_t) + sizeof(tlb_leaf));
}

void mmu_l2_open(mmu_l2 *l2, const tw_l2_config *config, void *room) {
  if (config->entries == 0) return;
  l2->sets = config->entries / config->ways;
  l2->ways = config->ways;
  l2->latency = config->latency;
  l2->random = config->replacement == TW_RANDOM;
  l2->set = room;
  l2->leaves = (tlb_leaf *)(l2->set + l2->sets);
  uint64_t *keys = (uint64_t *)(l2->leaves + config->entries);
  for (unsigned s = 0; s < l2->sets; s++) {
    l2->set[s].keys = keys + s * l2->ways;
    l2->set[s].masks = keys + config->entries + s * l2->ways;
  }
}

void mmu_l2_reset(tw_mmu *mmu) {
  mmu_l2 *l2 = &mmu->l2;
  for (unsigned s = 0; s < l2->sets; s++) assoc_reset(&l2->set[s], l2->ways, mmu->vpn_masks[0]);
  l2->super.keys = l2->super_keys;
  l2->super.masks = l2->super_masks;
  l2->super.filter = &l2->super_filter;
  assoc_reset(&l2->super, mmu->config.l2.super_entries, mmu->vpn_masks[1]);
  l2->lfsr = LFSR_RESET;
  l2->next = 0;
  l2->stage = 0;
  for (unsigned i = 0; i < TW_MAX_L2_LATENCY; i++) l2->ring[i] = NO_ONE;
  l2->sweeping = false;
  l2->sweep_set = 0;
  l2->sweep_last = 0;
  l2->sweep = (assoc_fence){0};
}

void mmu_l2_forget(tw_mmu *mmu, unsigned slot) {
  mmu->l2.ring[mmu->slots[slot].stage] = NO_ONE;
}

static unsigned set_index(const mmu_l2 *l2, uint64_t key) {
  return (unsigned)key & (l2->sets - 1);
}

/* The entry that decides: one of the set, else one of the superpage part. */
typedef struct l2_match {
  assoc *array; /* NULL if nothing matches */
  unsigned entry;
  const tlb_leaf *leaf;
} l2_match;

static l2_match match_find(mmu_l2 *l2, uint64_t key) {
  unsigned s = set_index(l2, key);
  int way = assoc_find(&l2->set[s], key);
  if (way >= 0) return (l2_match){&l2->set[s], (unsigned)way, &l2->leaves[s * l2->ways + (unsigned)way]};
  int entry = assoc_find(&l2->super, key);
  if (entry >= 0) return (l2_match){&l2->super, (unsigned)entry, &l2->super_leaves[entry]};
  return (l2_match){0};
}

/* A hit that grants: answers the slot and fills its L1 TLB. */
static void hit_grant(tw_mmu *mmu, unsigned number, const tlb_leaf *found) {
  const mmu_slot *slot = &mmu->slots[number];
  tlb_leaf leaf = *found;
  leaf.vpn = slot->key & KEY_VPN;
  leaf.asid = mmu->root.asid;
  mmu_outcome outcome = {.pa = tw_leaf_address(mmu->root.mode, leaf.ppn, leaf.level, leaf.napot, slot->access.va),
                         .status = TW_PIN_TRANSLATED,
                         .level = leaf.level,
                         .flags = leaf.flags,
                         .hit = TW_PIN_HIT_L2,
                         .attribute = leaf.attribute,
                         .napot = leaf.napot};
  mmu_slot_done(mmu, number, &outcome);
  mmu_port_fill(mmu, slot, &leaf);
}

static void lookup_decide(tw_mmu *mmu, unsigned number) {
  const mmu_slot *slot = &mmu->slots[number];
  l2_match match = match_find(&mmu->l2, slot->key);
  bool update = !match.array;
  tw_reason reason = TW_OK;
  if (match.array) reason = mmu_flags_check(match.leaf->flags, (tw_access)slot->access.kind, &slot->context, &update);
  if (update) {
    mmu->next.event |= TW_EVENT_L2_MISS;
    mmu_slot_move(mmu, number, TW_SLOT_WAITING);
    return;
  }
  mmu->next.event |= TW_EVENT_L2_HIT;
  assoc_use(match.array, match.entry);
  if (reason == TW_OK) {
    hit_grant(mmu, number, match.leaf);
  } else {
    mmu_outcome fault = {.status = TW_PIN_FAULT, .reason = (uint8_t)reason, .hit = TW_PIN_HIT_L2};
    mmu_slot_done(mmu, number, &fault);
  }
}

static void lookup_grant(tw_mmu *mmu) {
  mmu_l2 *l2 = &mmu->l2;
  unsigned wanting = mmu->slots_in[TW_SLOT_SEARCH];
  if (wanting == 0) return;
  unsigned number = mmu_round_robin(wanting, l2->next);
  l2->next = mmu_successor(number, mmu->slot_count);
  l2->ring[l2->stage] = (uint8_t)number;
  mmu->slots[number].stage = l2->stage;
  mmu_slot_move(mmu, number, TW_SLOT_SEARCHING);
}

/* A slot was SEARCH or SEARCHING in this cycle; those that are cancelled in it are EMPTY already. The ring's place
 * after the newest lookup holds the oldest one, which with a latency of 1 is the newest. */
void mmu_l2_clock(tw_mmu *mmu, const mmu_now *now) {
  mmu_l2 *l2 = &mmu->l2;
  if (now->fence_effect || l2->sweeping || now->decided || now->satp_changes) {
    mmu->next.event |= TW_EVENT_L2_STALL;
    return;
  }
  if ((mmu->slots_in[TW_SLOT_SEARCH] | mmu->slots_in[TW_SLOT_SEARCHING]) == 0) return;
  lookup_grant(mmu);
  l2->stage = mmu_successor(l2->stage, l2->latency);
  unsigned number = l2->ring[l2->stage];
  if (number == NO_ONE) return;
  l2->ring[l2->stage] = NO_ONE;
  lookup_decide(mmu, number);
}

static unsigned set_victim(mmu_l2 *l2, unsigned tree_victim) {
  if (!l2->random) return tree_victim;
  unsigned way = (l2->lfsr & LFSR_DRAWN) * l2->ways >> 8;
  l2->lfsr = (uint16_t)((l2->lfsr >> 1) ^ (l2->lfsr & 1u ? LFSR_TAPS : 0u));
  return way;
}

void mmu_l2_fill(tw_mmu *mmu, const tlb_leaf *leaf, uint64_t key) {
  mmu_l2 *l2 = &mmu->l2;
  if (l2->sets == 0) return;
  bool small = leaf->level == 0 && !leaf->napot;
  if (!small && l2->super.count == 0) return;
  unsigned s = set_index(l2, key);
  assoc *array = small ? &l2->set[s] : &l2->super;
  assoc_place place = assoc_place_find(array, key, array->tree);
  if (small && place.evicts) place.entry = set_victim(l2, place.entry);
  assoc_write(array, &place, key, mmu_leaf_mask(mmu, leaf));
  *(small ? &l2->leaves[s * l2->ways + place.entry] : &l2->super_leaves[place.entry]) = *leaf;
  if (place.evicts) mmu->next.event |= TW_EVENT_L2_EVICT;
}
