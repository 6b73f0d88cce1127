/* Finds the entries that lookups find: of the L1 TLBs in the cycle of a request, of the L2 TLB once it is decided.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

uint64_t coverage_vpn(const tw_coverage *coverage, uint64_t va) {
  return va >> TW_PAGE_BITS & coverage->vpn_mask;
}

unsigned coverage_asid(const tw_coverage *coverage, uint64_t satp) {
  unsigned asid = (unsigned)(coverage->xlen == 32 ? satp >> 22 & 0x1ff : satp >> 44 & 0xffff);
  return asid & ((1u << coverage->config.asid_bits) - 1);
}

bool coverage_same_page(const tw_coverage *coverage, const tw_mmu_entry *entry, uint64_t vpn) {
  unsigned below = entry->napot ? 4 : entry->level * coverage->row->vpn_bits;
  return (entry->vpn ^ vpn) >> below == 0;
}

unsigned coverage_size(const tw_coverage *coverage, unsigned level, bool napot) {
  static const uint8_t sizes[] = {SIZE_4K, SIZE_2M, SIZE_1G, SIZE_512G, SIZE_256T};
  if (napot) return SIZE_64K;
  if (level == 1 && coverage->xlen == 32) return SIZE_4M;
  return sizes[level];
}

coverage_flight *coverage_slot_flight(tw_coverage *coverage, const tw_mmu_slot *slot) {
  return &coverage->flights[slot->port][slot->tag];
}

static unsigned port_entries(const tw_coverage *coverage, tw_port port) {
  return port == TW_PORT_FETCH ? coverage->config.fetch_entries : coverage->config.data_entries;
}

static void l1_lookup(tw_coverage *coverage, const tw_mmu *mmu, tw_port port, uint64_t va, coverage_lookup *found) {
  const uint64_t vpn = coverage_vpn(coverage, va);
  const unsigned asid = coverage_asid(coverage, coverage->now.satp);
  tw_mmu_entry entry;
  *found = (coverage_lookup){0};
  for (unsigned i = 0; i < port_entries(coverage, port); i++) {
    tw_mmu_entry_read(mmu, port, i, &entry);
    if (!entry.valid || !coverage_same_page(coverage, &entry, vpn)) continue;
    if (!(entry.flags & TW_PTE_G) && entry.asid != asid) {
      found->other = true;
      continue;
    }
    if (found->count++ > 0) continue;
    found->matched = true;
    found->index = i;
    found->entry = entry;
  }
}

static bool l2_matches(const tw_coverage *coverage, const tw_mmu_entry *entry, uint64_t vpn) {
  const unsigned asid = coverage_asid(coverage, coverage->now.satp);
  return entry->valid && coverage_same_page(coverage, entry, vpn) && (entry->flags & TW_PTE_G || entry->asid == asid);
}

/* What a lookup of the L2 TLB finds; nothing changed there since it was decided. */
static bool l2_lookup(const tw_coverage *coverage, const tw_mmu *mmu, uint64_t va, tw_mmu_entry *entry) {
  const tw_l2_config *l2 = &coverage->config.l2;
  const uint64_t vpn = coverage_vpn(coverage, va);
  if (l2->entries) {
    const unsigned set = (unsigned)(vpn & (l2->entries / l2->ways - 1));
    for (unsigned way = 0; way < l2->ways; way++)
      if (tw_mmu_l2_read(mmu, set, way, entry) && l2_matches(coverage, entry, vpn)) return true;
  }
  for (unsigned i = 0; i < l2->super_entries; i++)
    if (tw_mmu_super_read(mmu, i, entry) && l2_matches(coverage, entry, vpn)) return true;
  return false;
}

/* The entry that a request used is filled into the port's TLB in the cycle before this one. */
static void fill_note(tw_coverage *coverage, tw_port port, uint64_t va) {
  coverage->fills[port] = true;
  coverage->fill_vpn[port] = va;
}

static void l2_decided(tw_coverage *coverage, const tw_mmu *mmu, const tw_mmu_slot *slot, tw_slot_state now) {
  coverage_flight *flight = coverage_slot_flight(coverage, slot);
  tw_mmu_entry entry;
  if (!flight->open || !l2_lookup(coverage, mmu, slot->va, &entry)) return;
  if (now == TW_SLOT_WAITING) {
    flight->wants_update = true;
    return;
  }
  flight->leaf[STRUCTURE_L2] = (coverage_leaf){.found = true,
                                               .napot = entry.napot,
                                               .level = entry.level,
                                               .flags = entry.flags,
                                               .attribute = entry.attribute,
                                               .ppn = entry.ppn};
  if (entry.napot && ((entry.vpn ^ coverage_vpn(coverage, slot->va)) & 15) != 0)
    COVER(coverage, POINT_NAPOT_HIT, STRUCTURE_L2);
  fill_note(coverage, slot->port, slot->va);
}

/* A slot that was searching and is no more was decided. */
static void l2_lookups(tw_coverage *coverage, const tw_mmu *mmu) {
  for (unsigned s = 0; s < coverage->now.slot_count; s++) {
    const tw_mmu_slot *before = &coverage->previous.slots[s], *now = &coverage->now.slots[s];
    bool searched = before->state == TW_SLOT_SEARCHING || before->state == TW_SLOT_SEARCH;
    bool decided = now->state == TW_SLOT_EMPTY || now->state == TW_SLOT_DONE || now->state == TW_SLOT_WAITING;
    if (searched && decided) l2_decided(coverage, mmu, before, now->state);
  }
}

static void port_lookup(tw_coverage *coverage, const tw_mmu *mmu, tw_port port, const tw_pins_request *request) {
  coverage_lookup *found = &coverage->lookups[port];
  if (coverage->fills[port]) {
    l1_lookup(coverage, mmu, port, coverage->fill_vpn[port], found);
    if (found->matched) coverage->filled[port][found->index] = coverage->cycle;
    coverage->fills[port] = false;
  }
  *found = (coverage_lookup){0};
  if (request->valid) l1_lookup(coverage, mmu, port, request->va, found);
}

void coverage_lookups(tw_coverage *coverage, const tw_mmu *mmu, const tw_pins_in *in) {
  if (coverage->config.l2.ways) l2_lookups(coverage, mmu);
  port_lookup(coverage, mmu, TW_PORT_FETCH, &in->fetch);
  port_lookup(coverage, mmu, TW_PORT_DATA, &in->data);
}
