/* Counts fences: what they invalidate and keep in every structure, and when they come.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

/* What a fence is compared with: an entry, a pointer or a walk. */
typedef struct fence_target {
  bool same_page, global;
  unsigned asid;
  unsigned structure;
} fence_target;

static unsigned form_of(const tw_pins_fence *fence) {
  return (fence->has_va ? FORM_VA : 0u) | (fence->has_asid ? FORM_ASID : 0u);
}

static unsigned fence_asid(const tw_coverage *coverage, const tw_pins_fence *fence) {
  return fence->asid & ((1u << coverage->config.asid_bits) - 1);
}

static uint64_t fence_va(const tw_coverage *coverage, const tw_pins_fence *fence) {
  return coverage->xlen == 32 ? (uint32_t)fence->va : fence->va;
}

bool coverage_fence_ready(const tw_coverage *coverage) {
  if (coverage->now.sweep.active) return false;
  for (unsigned w = 0; coverage->fence_open && w < coverage->now.walker_count; w++) {
    const tw_mmu_walker *walker = &coverage->now.walkers[w];
    const bool updates = walker->state == TW_WALKER_UPDATE || walker->state == TW_WALKER_UPDATE_WAIT;
    if (walker->killed && updates) return false;
  }
  return true;
}

bool coverage_fence_has_effect(const tw_coverage *coverage, const tw_pins_fence *fence) {
  if (fence->kind > TW_PIN_SINVAL_VMA) return false;
  return !fence->has_va || tw_va_canonical(coverage->config.mode, fence_va(coverage, fence));
}

/* True if the fence revokes it. Otherwise, if one thing alone kept it, that is counted. */
static bool target_count(tw_coverage *coverage, const tw_pins_fence *fence, const fence_target *target) {
  const bool page = !fence->has_va || target->same_page;
  const bool asid = !fence->has_asid || target->asid == fence_asid(coverage, fence);
  const bool local = !fence->has_asid || !target->global;
  const unsigned form = form_of(fence);
  if (page && asid && local) {
    COVER(coverage, POINT_FENCE, fence->kind, form, target->structure);
    return true;
  }
  if (page && asid) COVER(coverage, POINT_FENCE_KEPT_GLOBAL, fence->kind, form);
  if (page && local) COVER(coverage, POINT_FENCE_KEPT_ASID, fence->kind, form);
  if (asid && local) COVER(coverage, POINT_FENCE_KEPT_VA, fence->kind, form);
  return false;
}

static void entry_count(tw_coverage *coverage, const tw_pins_fence *fence, const tw_mmu_entry *entry,
                        unsigned structure) {
  const uint64_t vpn = coverage_vpn(coverage, fence->va);
  const fence_target target = {coverage_same_page(coverage, entry, vpn), entry->flags & TW_PTE_G, entry->asid,
                               structure};
  if (!entry->valid || !target_count(coverage, fence, &target) || !fence->has_va) return;
  const unsigned below = entry->napot ? 4 : entry->level * coverage->row->vpn_bits;
  if (vpn & ((UINT64_C(1) << below) - 1))
    COVER(coverage, POINT_FENCE_SIZE, coverage_size(coverage, entry->level, entry->napot));
}

static void tlbs_count(tw_coverage *coverage, const tw_mmu *mmu, const tw_pins_fence *fence) {
  const tw_l2_config *l2 = &coverage->config.l2;
  const unsigned sets = l2->ways ? l2->entries / l2->ways : 0;
  const unsigned first = fence->has_va && sets ? (unsigned)coverage_vpn(coverage, fence->va) & (sets - 1) : 0;
  tw_mmu_entry entry;
  for (unsigned i = 0; tw_mmu_entry_read(mmu, TW_PORT_FETCH, i, &entry); i++)
    entry_count(coverage, fence, &entry, STRUCTURE_L1);
  for (unsigned i = 0; tw_mmu_entry_read(mmu, TW_PORT_DATA, i, &entry); i++)
    entry_count(coverage, fence, &entry, STRUCTURE_L1);
  for (unsigned i = 0; tw_mmu_super_read(mmu, i, &entry); i++) entry_count(coverage, fence, &entry, STRUCTURE_L2);
  for (unsigned set = first; set < (fence->has_va && sets ? first + 1 : sets); set++)
    for (unsigned way = 0; tw_mmu_l2_read(mmu, set, way, &entry); way++)
      entry_count(coverage, fence, &entry, STRUCTURE_L2);
}

/* An address names leaves, so no pointer is revoked by it. */
static void pointers_count(tw_coverage *coverage, const tw_mmu *mmu, const tw_pins_fence *fence) {
  tw_mmu_pointer pointer;
  if (fence->has_va) return;
  for (unsigned level = 1; level < coverage->row->levels; level++) {
    for (unsigned i = 0; tw_mmu_pointer_read(mmu, level, i, &pointer); i++) {
      const fence_target target = {false, pointer.global, pointer.asid, STRUCTURE_WALKCACHE};
      if (pointer.valid) target_count(coverage, fence, &target);
    }
  }
}

static fence_target walker_target(const tw_coverage *coverage, const tw_pins_fence *fence,
                                  const tw_mmu_walker *walker) {
  const bool napot = walker->level == 0 && coverage->config.extensions & TW_EXT_SVNAPOT;
  const unsigned below = napot ? 4 : walker->level * coverage->row->vpn_bits;
  return (fence_target){(walker->vpn ^ coverage_vpn(coverage, fence->va)) >> below == 0, walker->global,
                        coverage_asid(coverage, coverage->now.satp), STRUCTURE_WALK};
}

bool coverage_fence_walker(const tw_coverage *coverage, const tw_pins_fence *fence, const tw_mmu_walker *walker) {
  const fence_target target = walker_target(coverage, fence, walker);
  if (fence->has_va && !target.same_page) return false;
  return !fence->has_asid || (!target.global && target.asid == fence_asid(coverage, fence));
}

static void walks_count(tw_coverage *coverage, const tw_pins_fence *fence) {
  for (unsigned w = 0; w < coverage->now.walker_count; w++) {
    const tw_mmu_walker *walker = &coverage->now.walkers[w];
    const fence_target target = walker_target(coverage, fence, walker);
    if (walker->state != TW_WALKER_IDLE && !walker->killed) target_count(coverage, fence, &target);
  }
}

/* What the walkers were doing. */
static void cycle_count(tw_coverage *coverage, const tw_pins_in *in) {
  bool idle = true;
  for (unsigned w = 0; w < coverage->now.walker_count; w++) {
    const tw_mmu_walker *walker = &coverage->now.walkers[w];
    const bool answered = in->mem.rsp_valid && in->mem.rsp_id >> 1 == w && (in->mem.rsp_id & 1u) != walker->phase;
    idle = idle && walker->state == TW_WALKER_IDLE;
    if (walker->state == TW_WALKER_REQUEST || walker->state == TW_WALKER_UPDATE) COVER(coverage, POINT_FENCE_REQUEST);
    if (walker->state == TW_WALKER_WAIT || walker->state == TW_WALKER_UPDATE_WAIT)
      COVER(coverage, answered ? POINT_FENCE_ANSWER : POINT_FENCE_WAIT);
  }
  if (idle) COVER(coverage, POINT_FENCE_IDLE);
}

/* SFENCE.W.INVAL, SINVAL.VMA, SFENCE.INVAL.IR. */
static void sequence_count(tw_coverage *coverage, unsigned kind) {
  if (kind == TW_PIN_SFENCE_W_INVAL) {
    COVER(coverage, POINT_FENCE_W_INVAL);
    coverage->sequence = 1;
  } else if (kind == TW_PIN_SINVAL_VMA && coverage->sequence > 0) {
    coverage->sequence = 2;
  } else if (kind == TW_PIN_SFENCE_INVAL_IR) {
    COVER(coverage, POINT_FENCE_INVAL_IR);
    if (coverage->sequence == 2) COVER(coverage, POINT_FENCE_SEQUENCE);
    coverage->sequence = 0;
  }
}

void coverage_fence(tw_coverage *coverage, const tw_mmu *mmu, const tw_pins_in *in) {
  const tw_pins_fence *fence = &in->fence;
  sequence_count(coverage, fence->kind);
  if (fence->kind > TW_PIN_SINVAL_VMA) return;
  if (fence->has_asid && fence->asid >> coverage->config.asid_bits) COVER(coverage, POINT_FENCE_ASID_BITS);
  if (!coverage_fence_has_effect(coverage, fence)) {
    COVER(coverage, POINT_FENCE_INVALID_VA, fence->kind);
    return;
  }
  cycle_count(coverage, in);
  tlbs_count(coverage, mmu, fence);
  pointers_count(coverage, mmu, fence);
  walks_count(coverage, fence);
  if (!fence->has_va && !fence->has_asid && coverage->pmp_written) {
    COVER(coverage, POINT_PMP_FENCE);
    coverage->pmp_written = false;
  }
  coverage->fences++;
}
