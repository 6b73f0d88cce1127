/* An oracle that is broken on purpose.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "broken.h"

#include <string.h>

const char *judge_broken_name(judge_broken broken) {
  static const char *const names[JUDGE_BROKEN_COUNT] = {
      [JUDGE_BROKEN_MXR_IGNORED] = "mxr-ignored",
      [JUDGE_BROKEN_SUM_IGNORED_FOR_STORES] = "sum-ignored-for-stores",
      [JUDGE_BROKEN_MPRV_IGNORED] = "mprv-ignored",
      [JUDGE_BROKEN_CANONICAL_IGNORED] = "canonical-ignored",
      [JUDGE_BROKEN_MISALIGNED_SUPERPAGE_TAKEN] = "misaligned-superpage-taken",
      [JUDGE_BROKEN_USER_BIT_IGNORED] = "user-bit-ignored",
      [JUDGE_BROKEN_NEIGHBOUR_FRAME] = "neighbour-frame",
      [JUDGE_BROKEN_DIRTY_NOT_SET] = "dirty-not-set",
      [JUDGE_BROKEN_NAPOT_UNKNOWN] = "napot-unknown",
      [JUDGE_BROKEN_PBMT_UNKNOWN] = "pbmt-unknown",
      [JUDGE_BROKEN_TABLE_PMP_AS_PAGE_FAULT] = "table-pmp-as-page-fault",
      [JUDGE_BROKEN_PMP_TOR_OFF_BY_ONE] = "pmp-tor-off-by-one",
      [JUDGE_BROKEN_PMP_NAPOT_DOUBLED] = "pmp-napot-doubled",
      [JUDGE_BROKEN_PMP_LAST_MATCH] = "pmp-last-match",
      [JUDGE_BROKEN_PMP_LOCK_IGNORED] = "pmp-lock-ignored",
      [JUDGE_BROKEN_PMP_FIRST_BYTE_ONLY] = "pmp-first-byte-only",
      [JUDGE_BROKEN_AMO_CAUSE] = "amo-cause",
      [JUDGE_BROKEN_TRAP_VALUE] = "trap-value"};
  return broken < JUDGE_BROKEN_COUNT ? names[broken] : NULL;
}

bool judge_broken_from_name(const char *name, judge_broken *broken) {
  for (int i = JUDGE_SOUND + 1; i < JUDGE_BROKEN_COUNT; i++) {
    if (strcmp(judge_broken_name((judge_broken)i), name) != 0) continue;
    *broken = (judge_broken)i;
    return true;
  }
  return false;
}

void judge_break_status(judge_broken broken, tw_status *status) {
  if (broken == JUDGE_BROKEN_MPRV_IGNORED) status->mprv = false;
}

void judge_break_context(judge_broken broken, tw_access access, tw_context *context) {
  if (broken == JUDGE_BROKEN_MXR_IGNORED) context->mxr = false;
  if (broken == JUDGE_BROKEN_SUM_IGNORED_FOR_STORES && (access == TW_STORE || access == TW_AMO)) context->sum = true;
  if (broken == JUDGE_BROKEN_NAPOT_UNKNOWN) context->extensions &= ~(unsigned)TW_EXT_SVNAPOT;
  if (broken == JUDGE_BROKEN_PBMT_UNKNOWN) context->extensions &= ~(unsigned)TW_EXT_SVPBMT;
}

void judge_break_request(judge_broken broken, const tw_context *context, tw_request *request) {
  if (broken == JUDGE_BROKEN_CANONICAL_IGNORED && tw_context_translates(context) && context->xlen == 64) {
    unsigned spare = 64 - tw_mode_row(context->satp.mode)->va_bits;
    request->va = (uint64_t)((int64_t)(request->va << spare) >> spare);
  }
  if (broken == JUDGE_BROKEN_PMP_FIRST_BYTE_ONLY) request->bytes = 1;
}

/* The entries in reverse order, each a range of its own: TOR has the entry before it, so those are left out. */
static void pmp_reverse(tw_pmp *pmp) {
  tw_pmp forward = *pmp;
  for (unsigned i = 0; i < pmp->count; i++) {
    pmp->cfg[i] = forward.cfg[pmp->count - 1 - i];
    pmp->addr[i] = forward.addr[pmp->count - 1 - i];
    if ((pmp->cfg[i] & TW_PMP_A) == TW_PMP_TOR) pmp->cfg[i] = 0;
  }
}

void judge_break_pmp(judge_broken broken, tw_pmp *pmp) {
  if (broken == JUDGE_BROKEN_PMP_LAST_MATCH) pmp_reverse(pmp);
  for (unsigned i = 0; i < pmp->count; i++) {
    unsigned match = pmp->cfg[i] & TW_PMP_A;
    if (broken == JUDGE_BROKEN_PMP_TOR_OFF_BY_ONE && match == TW_PMP_TOR) pmp->addr[i]++;
    if (broken == JUDGE_BROKEN_PMP_NAPOT_DOUBLED && match == TW_PMP_NAPOT) pmp->addr[i] |= pmp->addr[i] + 1;
    if (broken == JUDGE_BROKEN_PMP_LOCK_IGNORED) pmp->cfg[i] &= (uint8_t)~TW_PMP_L;
  }
}

static bool entry_is_leaf(uint64_t pte) {
  return (pte & TW_PTE_V) && (pte & (TW_PTE_R | TW_PTE_X));
}

uint64_t judge_break_read(judge_broken broken, const tw_context *context, uint64_t pte, unsigned level) {
  if (!entry_is_leaf(pte)) return pte;
  unsigned below = level * tw_mode_row(context->satp.mode)->vpn_bits;
  if (broken == JUDGE_BROKEN_MISALIGNED_SUPERPAGE_TAKEN) pte &= ~(((UINT64_C(1) << below) - 1) << 10);
  if (broken == JUDGE_BROKEN_USER_BIT_IGNORED && context->privilege == TW_USER) pte |= TW_PTE_U;
  if (broken == JUDGE_BROKEN_NEIGHBOUR_FRAME && level == 0 && !(pte & TW_PTE_N)) pte ^= UINT64_C(1) << 10;
  return pte;
}

uint64_t judge_break_write(judge_broken broken, uint64_t found, uint64_t desired) {
  if (broken == JUDGE_BROKEN_DIRTY_NOT_SET) return (desired & ~(uint64_t)TW_PTE_D) | (found & TW_PTE_D);
  return desired;
}

void judge_break_walk(judge_broken broken, tw_access access, tw_walk *walk) {
  if (broken == JUDGE_BROKEN_AMO_CAUSE && access == TW_AMO) walk->cause = tw_reason_cause(walk->reason, TW_LOAD);
  if (broken == JUDGE_BROKEN_TABLE_PMP_AS_PAGE_FAULT && walk->reason == TW_REASON_TABLE_PMP) {
    walk->reason = TW_REASON_INVALID;
    walk->cause = tw_reason_cause(walk->reason, access);
  }
}

uint64_t judge_break_tval(judge_broken broken, uint64_t tval) {
  return broken == JUDGE_BROKEN_TRAP_VALUE ? tval & ~(uint64_t)(TW_PAGE_BYTES - 1) : tval;
}
