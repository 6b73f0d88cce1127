/* The registers of the cycle model, for waveforms and reports.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

const char *tw_slot_state_name(tw_slot_state state) {
  static const char *const names[TW_SLOT_STATE_COUNT] = {"empty", "search", "searching", "waiting", "walking", "done"};
  return (unsigned)state < TW_SLOT_STATE_COUNT ? names[state] : "unknown";
}

const char *tw_walker_state_name(tw_walker_state state) {
  static const char *const names[TW_WALKER_STATE_COUNT] = {"idle",   "request",     "wait",
                                                           "update", "update-wait", "decide"};
  return (unsigned)state < TW_WALKER_STATE_COUNT ? names[state] : "unknown";
}

static tw_mmu_slot slot_read(const mmu_slot *slot) {
  tw_mmu_slot empty = {.state = TW_SLOT_EMPTY, .port = (tw_port)slot->port, .walker = TW_MMU_NONE};
  if (slot->state == TW_SLOT_EMPTY) return empty;
  const tw_context *context = &slot->context;
  return (tw_mmu_slot){.state = slot->state,
                       .port = (tw_port)slot->port,
                       .tag = slot->access.tag,
                       .kind = slot->access.kind,
                       .size = slot->access.size,
                       .walker = slot->state == TW_SLOT_WALKING ? slot->walker : TW_MMU_NONE,
                       .speculative = slot->speculative,
                       .privilege = slot->access.privilege,
                       .sum = context->sum,
                       .mxr = context->mxr,
                       .adue = (context->extensions & TW_EXT_SVADU) != 0,
                       .pbmte = (context->extensions & TW_EXT_SVPBMT) != 0,
                       .va = slot->access.va};
}

static tw_mmu_walker walker_read(const mmu_walker *walker) {
  return (tw_mmu_walker){.state = walker->state,
                         .killed = walker->killed,
                         .global = walker->global,
                         .pbmte = walker->pbmte,
                         .owner = walker->owner,
                         .level = walker->level,
                         .reason = walker->reason,
                         .phase = walker->phase,
                         .attached = walker->attached,
                         .vpn = walker->vpn,
                         .table_ppn = walker->table_ppn,
                         .entry = walker->entry};
}

static tw_mmu_sweep sweep_read(const mmu_l2 *l2) {
  if (!l2->sweeping) return (tw_mmu_sweep){.active = false};
  return (tw_mmu_sweep){.active = true,
                        .has_va = l2->sweep.has_va,
                        .has_asid = l2->sweep.has_asid,
                        .asid = (uint16_t)(l2->sweep.key >> KEY_ASID_SHIFT),
                        .vpn = l2->sweep.key & KEY_VPN,
                        .set = l2->sweep_set,
                        .last = l2->sweep_last};
}

void tw_mmu_probe_read(const tw_mmu *mmu, tw_mmu_probe *probe) {
  *probe = (tw_mmu_probe){.satp = mmu->satp,
                          .privilege = (uint8_t)mmu->status.privilege,
                          .mprv = mmu->status.mprv,
                          .mpp = (uint8_t)mmu->status.mpp,
                          .sum = mmu->sum,
                          .mxr = mmu->mxr,
                          .adue = mmu->adue,
                          .pbmte = mmu->pbmte,
                          .slot_count = (uint8_t)mmu->slot_count,
                          .walker_count = (uint8_t)mmu->config.walkers,
                          .held = mmu->held ? mmu->offered : TW_MMU_NONE,
                          .search_next = mmu->l2.next,
                          .take_next = mmu->take_next,
                          .request_next = mmu->request_next,
                          .lfsr = mmu->l2.lfsr,
                          .sweep = sweep_read(&mmu->l2)};
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) probe->plru[p] = mmu->ports[p].tlb.array.tree;
  for (unsigned s = 0; s < mmu->slot_count; s++) probe->slots[s] = slot_read(&mmu->slots[s]);
  for (unsigned w = 0; w < mmu->config.walkers; w++) probe->walkers[w] = walker_read(&mmu->walkers[w]);
}

const tw_pmp *tw_mmu_pmp(const tw_mmu *mmu) {
  return &mmu->pmp;
}

static void leaf_read(const assoc *array, unsigned index, const tlb_leaf *leaf, tw_mmu_entry *entry) {
  *entry = (tw_mmu_entry){.valid = false};
  if ((array->valid >> index & 1u) == 0) return;
  *entry = (tw_mmu_entry){.valid = true,
                          .napot = leaf->napot,
                          .level = leaf->level,
                          .flags = leaf->flags,
                          .attribute = leaf->attribute,
                          .asid = leaf->asid,
                          .vpn = leaf->vpn,
                          .ppn = leaf->ppn};
}

bool tw_mmu_entry_read(const tw_mmu *mmu, tw_port port, unsigned index, tw_mmu_entry *entry) {
  const tlb *t = &mmu->ports[port].tlb;
  if (index >= t->array.count) return false;
  leaf_read(&t->array, index, &t->entries[index].leaf, entry);
  return true;
}

bool tw_mmu_l2_read(const tw_mmu *mmu, unsigned set, unsigned way, tw_mmu_entry *entry) {
  const mmu_l2 *l2 = &mmu->l2;
  if (set >= l2->sets || way >= l2->ways) return false;
  leaf_read(&l2->set[set], way, &l2->leaves[set * l2->ways + way], entry);
  return true;
}

bool tw_mmu_super_read(const tw_mmu *mmu, unsigned index, tw_mmu_entry *entry) {
  if (index >= mmu->l2.super.count) return false;
  leaf_read(&mmu->l2.super, index, &mmu->l2.super_leaves[index], entry);
  return true;
}

bool tw_mmu_pointer_read(const tw_mmu *mmu, unsigned level, unsigned index, tw_mmu_pointer *pointer) {
  if (level == 0 || level >= mmu->row->levels || index >= mmu->config.walk_entries) return false;
  const mmu_pointers *pointers = &mmu->pointers[level];
  *pointer = (tw_mmu_pointer){.valid = false};
  if ((pointers->array.valid >> index & 1u) == 0) return true;
  *pointer = (tw_mmu_pointer){.valid = true,
                              .global = (pointers->masks[index] & KEY_ASID) == 0,
                              .asid = (uint16_t)(pointers->keys[index] >> KEY_ASID_SHIFT),
                              .vpn = pointers->keys[index] & KEY_VPN,
                              .table_ppn = pointers->tables[index]};
  return true;
}
