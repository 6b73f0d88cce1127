/* Counts updates of A and D: those made, lost, refused and denied.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

void coverage_update_made(tw_coverage *coverage, const tw_mmu_walker *walker, coverage_flight *flight) {
  const bool a = !(walker->entry & TW_PTE_A), d = !(walker->entry & TW_PTE_D) && flight->kind >= TW_STORE;
  const bool napot = coverage->config.extensions & TW_EXT_SVNAPOT && walker->entry & TW_PTE_N;
  COVER(coverage, a && d ? POINT_AD_UPDATE_AD : a ? POINT_AD_UPDATE_A : POINT_AD_UPDATE_D, flight->kind);
  COVER(coverage, POINT_AD_UPDATE_LEVEL, walker->level);
  if (napot) COVER(coverage, POINT_AD_UPDATE_NAPOT);
  if (flight->wants_update) COVER(coverage, POINT_AD_HIT);
  flight->wants_update = false;
}

/* What is found in the place of the entry that was to be updated. */
void coverage_update_reread(tw_coverage *coverage, const tw_pte_view *view, tw_reason denied) {
  if (view->kind == TW_PTE_POINTER) {
    COVER(coverage, POINT_AD_LOST_POINTER);
  } else if (view->reason == TW_REASON_INVALID) {
    COVER(coverage, POINT_AD_LOST_INVALID);
  } else if (view->kind == TW_PTE_LEAF) {
    COVER(coverage, denied == TW_OK ? POINT_AD_LOST_SAME_LEAF : POINT_AD_LOST_DENIED);
  }
}

void coverage_update_refused(tw_coverage *coverage, uint64_t entry, tw_reason reason, const tw_mmu_slot *slot) {
  const bool checked = (reason >= TW_REASON_MISALIGNED && reason <= TW_REASON_EXECUTE_DENIED) ||
                       reason == TW_REASON_NAPOT_RESERVED || reason == TW_REASON_PBMT_RESERVED;
  if (!slot->adue || !checked) return;
  const uint8_t wanted = slot->kind >= TW_STORE ? TW_PTE_A | TW_PTE_D : TW_PTE_A;
  if ((entry & wanted) != wanted) COVER(coverage, POINT_AD_REFUSED, reason);
}
