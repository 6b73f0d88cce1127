/* Counts what walks find in entries: fields of the extensions, and what is wrong with them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

/* Bits that are reserved while the extension that takes them is not in force. */
static void reserved_count(tw_coverage *coverage, uint64_t entry, bool pbmte) {
  const unsigned has = coverage->config.extensions;
  const bool napot = !(has & TW_EXT_SVNAPOT) && entry & TW_PTE_N;
  const bool pbmt = !pbmte && entry & TW_PTE_PBMT;
  const bool rsw = !(has & TW_EXT_SVRSW60T59B) && entry & TW_PTE_RSW60T59;
  if (entry >> 54 & 0x1f) return; /* these are nobody's */
  if (napot && !pbmt && !rsw) COVER(coverage, POINT_NAPOT_OFF);
  if (pbmt && !napot && !rsw) COVER(coverage, POINT_PBMT_OFF);
  if (rsw && !napot && !pbmt) COVER(coverage, POINT_RSW60T59B_OFF);
}

static void pointer_count(tw_coverage *coverage, uint64_t entry) {
  if (entry & TW_PTE_D) COVER(coverage, POINT_POINTER_D);
  if (entry & TW_PTE_A) COVER(coverage, POINT_POINTER_A);
  if (entry & TW_PTE_U) COVER(coverage, POINT_POINTER_U);
  if (coverage->xlen == 32) return;
  if (entry & TW_PTE_N) COVER(coverage, POINT_POINTER_N);
  if (entry & TW_PTE_PBMT) COVER(coverage, POINT_POINTER_PBMT);
}

static void pbmt_count(tw_coverage *coverage, uint64_t entry, unsigned level, bool pbmte) {
  if (!pbmte) return;
  const bool napot = coverage->config.extensions & TW_EXT_SVNAPOT && entry & TW_PTE_N && level == 0;
  COVER(coverage, POINT_PBMT, (unsigned)(entry >> TW_PTE_PBMT_SHIFT & 3), coverage_size(coverage, level, napot));
}

void coverage_entry_fault(tw_coverage *coverage, uint64_t entry, unsigned level, tw_reason reason, bool pbmte) {
  tw_satp satp = {0};
  tw_satp_decode(coverage->xlen, coverage->now.satp, &satp);
  COVER(coverage, POINT_WALK_FAULT_MODE, reason, satp.mode);
  COVER(coverage, POINT_WALK_FAULT_LEVEL, reason, level);
  switch (reason) {
  case TW_REASON_RESERVED_BITS:
    reserved_count(coverage, entry, pbmte);
    break;
  case TW_REASON_POINTER_RESERVED:
    pointer_count(coverage, entry);
    break;
  case TW_REASON_PBMT_RESERVED:
    pbmt_count(coverage, entry, level, pbmte);
    break;
  case TW_REASON_NAPOT_RESERVED:
    COVER(coverage, level == 0 ? POINT_NAPOT_PATTERN : POINT_NAPOT_LEVEL, satp.mode);
    break;
  default:
    break;
  }
}

void coverage_entry_used(tw_coverage *coverage, uint64_t entry, const tw_pte_view *view, unsigned level, bool pbmte) {
  tw_satp satp = {0};
  tw_satp_decode(coverage->xlen, coverage->now.satp, &satp);
  if (entry & 0x300) COVER(coverage, POINT_RSW_LOW);
  if (coverage->xlen == 64 && entry & TW_PTE_RSW60T59) COVER(coverage, POINT_RSW_HIGH);
  if (view->kind != TW_PTE_LEAF) return;
  pbmt_count(coverage, entry, level, pbmte);
  if (view->napot) COVER(coverage, POINT_NAPOT_VALID, satp.mode);
}
