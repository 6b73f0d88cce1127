/* The registers of the cycle model, for waveforms and reports.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

void tw_mmu_probe_read(const tw_mmu *mmu, tw_mmu_probe *probe) {
  const mmu_walker *walker = &mmu->walker;
  *probe = (tw_mmu_probe){.satp = mmu->satp,
                          .privilege = (uint8_t)mmu->status.privilege,
                          .mprv = mmu->status.mprv,
                          .mpp = (uint8_t)mmu->status.mpp,
                          .sum = mmu->sum,
                          .mxr = mmu->mxr,
                          .state = walker->state,
                          .killed = walker->killed,
                          .owner = walker->owner,
                          .level = (uint8_t)walker->level,
                          .next_id = walker->next_id,
                          .global = walker->global,
                          .table_ppn = walker->table_ppn,
                          .va = walker->slot.va};
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    const mmu_slot *slot = &mmu->ports[p].slot;
    if (slot->full) probe->slots[p] = (tw_mmu_slot){.full = true, .tag = slot->tag, .kind = slot->kind, .va = slot->va};
    probe->plru[p] = mmu->ports[p].tlb.plru;
  }
}

bool tw_mmu_entry_read(const tw_mmu *mmu, tw_port port, unsigned index, tw_mmu_entry *entry) {
  const tlb *t = &mmu->ports[port].tlb;
  if (index >= t->count) return false;
  *entry = (tw_mmu_entry){.valid = false};
  if ((t->valid >> index & 1) == 0) return true;
  const tlb_entry *from = &t->entries[index];
  *entry = (tw_mmu_entry){.valid = true,
                          .level = from->shape.level,
                          .flags = from->shape.flags,
                          .asid = from->asid,
                          .vpn = from->vpn,
                          .ppn = from->ppn};
  return true;
}
