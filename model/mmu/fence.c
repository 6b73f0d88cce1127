/* Fences: what they revoke, and the sweep of the L2 TLB (docs/microarchitecture.md, "Fences", M7 and M11).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

/* Whether an accepted fence has effect; then the fence is also given as keys. */
bool mmu_fence_effect(const tw_mmu *mmu, const tw_pins_fence *fence, assoc_fence *as_keys) {
  if (fence->kind != TW_PIN_SFENCE_VMA && fence->kind != TW_PIN_SINVAL_VMA) return false;
  uint64_t va = fence->va & mmu->va_mask;
  if (fence->has_va && !tw_va_canonical(mmu->config.mode, va)) return false;
  uint64_t asid = fence->asid & mmu->asid_mask;
  *as_keys = (assoc_fence){.key = ((va >> TW_PAGE_BITS) & mmu->vpn_masks[0]) | asid << KEY_ASID_SHIFT,
                           .has_va = fence->has_va != 0,
                           .has_asid = fence->has_asid != 0};
  return true;
}

/* True if a sweep began. */
static bool l2_fence(mmu_l2 *l2, const assoc_fence *fence) {
  assoc_revoke(&l2->super, fence);
  if (l2->sets == 0) return false;
  if (!fence->has_va && !fence->has_asid) {
    for (unsigned s = 0; s < l2->sets; s++) assoc_revoke(&l2->set[s], fence);
    return false;
  }
  l2->sweeping = true;
  l2->sweep = *fence;
  l2->sweep_set = fence->has_va ? (unsigned)fence->key & (l2->sets - 1) : 0;
  l2->sweep_last = fence->has_va ? l2->sweep_set : l2->sets - 1;
  return true;
}

/* One cycle of a sweep. True if it treated its last set. */
static bool sweep_clock(mmu_l2 *l2) {
  assoc_revoke(&l2->set[l2->sweep_set], &l2->sweep);
  if (l2->sweep_set == l2->sweep_last) {
    l2->sweeping = false;
    return true;
  }
  l2->sweep_set++;
  return false;
}

/* Whether an update of a killed walk is still to reach memory. */
static bool update_overtaken(const tw_mmu *mmu) {
  unsigned left = mmu->walkers_in[TW_WALKER_UPDATE] | mmu->walkers_in[TW_WALKER_UPDATE_WAIT];
  for (; left; left &= left - 1)
    if (mmu->walkers[__builtin_ctz(left)].killed) return true;
  return false;
}

/* One cycle of the sweep, unless the decision unit is used; or what a fence, which there is, begins. True if a fence is
 * treated now, or was and is not done. */
static bool fence_or_sweep(tw_mmu *mmu, const mmu_now *now) {
  if (mmu->l2.sweeping || mmu->fence_owed) {
    if (now->in->fence.valid) mmu->next.event |= TW_EVENT_FENCE_STALL;
    return mmu->fence_owed || (!now->decided && sweep_clock(&mmu->l2));
  }
  mmu->next.event |= TW_EVENT_FENCE;
  if (!now->fence_effect) return true;
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) tlb_fence(&mmu->ports[p].tlb, &now->fence);
  mmu_pointers_fence(mmu, &now->fence);
  return !l2_fence(&mmu->l2, &now->fence);
}

/* After the fills of this cycle, none of which the fence revokes, and after its kills. */
void mmu_fence_clock(tw_mmu *mmu, const mmu_now *now) {
  bool treated = fence_or_sweep(mmu, now);
  mmu->fence_owed = treated && update_overtaken(mmu);
  mmu->next.fence_done = treated && !mmu->fence_owed;
  mmu->next.fence_ready = !mmu->l2.sweeping && !mmu->fence_owed;
}
