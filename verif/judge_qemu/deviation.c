/* Where QEMU 7.2 is known to differ from the architecture.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "deviation.h"

const char *judge_deviation_text(judge_deviation deviation) {
  static const char *const texts[JUDGE_DEVIATION_COUNT] = {
      [JUDGE_AGREES] = "none",
      [JUDGE_PBMTE_IGNORED] = "menvcfg.PBMTE=0 does not make PBMT reserved",
      [JUDGE_PBMT_RESERVED_TAKEN] = "PBMT=3 in a leaf does not fault",
      [JUDGE_RESERVED_BITS_TAKEN] =
          "with Svnapot or Svpbmt, bits 60..54 of an entry do not fault; nor N of a leaf, with Svpbmt alone",
      [JUDGE_TABLE_VACANT_PAGE_FAULT] = "a page table where there is no memory gives a page fault",
      [JUDGE_UPDATE_UNPROTECTED] = "PMP does not stop the update of A and D",
      [JUDGE_NAPOT_UPDATED] = "A and D are set in a leaf that then faults for its N",
      [JUDGE_ADDRESS_CUT] = "RV32: physical addresses have 32 bits",
      [JUDGE_VACANT_TVAL] = "a misaligned load where there is no memory shows an aligned address",
      [JUDGE_DEVIATION_UNKNOWN] = "not known"};
  return texts[deviation];
}

judge_deviation judge_deviation_of(const judge_plan *plan, const tw_walk *walk) {
  uint64_t pte = walk->step_count != 0 ? walk->steps[walk->step_count - 1].pte : 0;
  switch (walk->reason) {
  case TW_REASON_PBMT_RESERVED:
    return JUDGE_PBMT_RESERVED_TAKEN;
  case TW_REASON_RESERVED_BITS:
    return pte & TW_PTE_PBMT && plan->variant->svpbmt ? JUDGE_PBMTE_IGNORED : JUDGE_RESERVED_BITS_TAKEN;
  case TW_REASON_TABLE_PMA:
    return JUDGE_TABLE_VACANT_PAGE_FAULT;
  case TW_REASON_UPDATE_PMP:
    return JUDGE_UPDATE_UNPROTECTED;
  case TW_REASON_NAPOT_RESERVED:
    return JUDGE_NAPOT_UPDATED;
  case TW_REASON_PHYSICAL_RANGE:
    return JUDGE_VACANT_TVAL;
  case TW_REASON_PMA_DENIED:
    return plan->mode == TW_SV32 && pte >> 30 != 0 ? JUDGE_ADDRESS_CUT : JUDGE_VACANT_TVAL;
  default:
    return JUDGE_DEVIATION_UNKNOWN;
  }
}

uint64_t judge_qemu_entry(const judge_plan *plan, judge_reading reading, tw_access access, uint64_t pte) {
  const judge_variant *variant = plan->variant;
  if (reading == JUDGE_READ_AS_WRITTEN) return pte;
  if (variant->svnapot || variant->svpbmt) pte &= ~(UINT64_C(0x7f) << 54);
  if (!(pte & TW_PTE_V) || !(pte & (TW_PTE_R | TW_PTE_W | TW_PTE_X))) return pte;
  bool ignored = !plan->pbmte || (pte & TW_PTE_PBMT) == TW_PTE_PBMT;
  if (variant->svpbmt && ignored) pte &= ~TW_PTE_PBMT;
  if (variant->svpbmt && !variant->svnapot) pte &= ~TW_PTE_N;
  if (variant->xlen == 32) pte &= (UINT64_C(1) << 30) - 1;
  if (reading == JUDGE_READ_QEMU_BEFORE_NAPOT) pte &= ~TW_PTE_N;
  return tw_pte_updated(pte, access);
}

uint64_t judge_qemu_vacant_tval(tw_access access, uint64_t va, unsigned bytes) {
  return access == TW_LOAD ? va & ~(uint64_t)(bytes - 1) : va;
}
