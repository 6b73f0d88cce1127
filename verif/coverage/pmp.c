/* Counts what PMP decides, and what becomes of writes to its registers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#define RIGHTS (TW_PMP_R | TW_PMP_W | TW_PMP_X)

static void match_count(tw_coverage *coverage, unsigned entry) {
  const tw_pmp *pmp = &coverage->pmp;
  for (unsigned i = 0; i < entry; i++) {
    if ((pmp->cfg[i] & TW_PMP_A) != TW_PMP_OFF || pmp->addr[i] == 0) continue;
    COVER(coverage, POINT_PMP_MATCH_OFF);
    break;
  }
  switch (pmp->cfg[entry] & TW_PMP_A) {
  case TW_PMP_TOR:
    COVER(coverage, entry == 0 ? POINT_PMP_MATCH_TOR0 : POINT_PMP_MATCH_TOR);
    break;
  case TW_PMP_NA4:
    COVER(coverage, POINT_PMP_MATCH_NA4);
    break;
  default:
    COVER(coverage, POINT_PMP_MATCH_NAPOT);
    break;
  }
}

/* Whether the entries after the deciding one would have decided otherwise. */
static void priority_count(tw_coverage *coverage, const coverage_flight *flight, uint64_t pa, int entry, bool denied) {
  bool whole;
  tw_pmp later = coverage->pmp;
  for (int i = 0; i <= entry; i++) later.cfg[i] &= (uint8_t)~TW_PMP_A;
  if (tw_pmp_match(&later, pa, flight->size, &whole) < 0) return;
  if (tw_pmp_check(&later, flight->context.privilege, (tw_access)flight->kind, pa, flight->size) == denied)
    COVER(coverage, POINT_PMP_PRIORITY);
}

/* An access within a grain of a bound that is written finer than the grain. */
static void grain_count(tw_coverage *coverage, uint64_t pa) {
  const tw_pmp *pmp = &coverage->pmp;
  const uint64_t below = (UINT64_C(1) << pmp->grain) - 1, word = pa >> 2;
  if (pmp->grain == 0) return;
  for (unsigned i = 0; i < pmp->count; i++) {
    const unsigned how = pmp->cfg[i] & TW_PMP_A;
    const bool tor = how == TW_PMP_TOR && pmp->addr[i] & below && (pmp->addr[i] & ~below) == (word & ~below);
    const bool napot =
        how == TW_PMP_NAPOT && (pmp->addr[i] & below >> 1) != below >> 1 && (pmp->addr[i] & ~below) == (word & ~below);
    if (tor) COVER(coverage, POINT_PMP_GRAIN_TOR);
    if (napot) COVER(coverage, POINT_PMP_GRAIN_NAPOT);
  }
}

/* What the deciding entry's configuration means, for an access that it matches wholly. */
static void rule_count(tw_coverage *coverage, const coverage_flight *flight, uint8_t cfg, bool denied) {
  const tw_privilege privilege = flight->context.privilege;
  const unsigned outcome = denied ? DENIED : GRANTED;
  if (!(coverage->pmp.mseccfg & TW_MSECCFG_MML)) {
    if (privilege == TW_MACHINE && cfg & TW_PMP_L) COVER(coverage, POINT_PMP_LOCKED, outcome);
    return;
  }
  const unsigned lrwx =
      (cfg & TW_PMP_L ? 8u : 0u) | (cfg & TW_PMP_R ? 4u : 0u) | (cfg & TW_PMP_W ? 2u : 0u) | (cfg & TW_PMP_X ? 1u : 0u);
  COVER(coverage, privilege == TW_MACHINE ? POINT_MML_M : POINT_MML_SU, lrwx, flight->kind, outcome);
}

void coverage_pmp_access(tw_coverage *coverage, const coverage_flight *flight, uint64_t pa, bool denied) {
  const tw_privilege privilege = flight->context.privilege;
  bool whole;
  if (coverage->pmp.count == 0) return;
  const int entry = tw_pmp_match(&coverage->pmp, pa, flight->size, &whole);
  grain_count(coverage, pa);
  if (entry < 0) {
    COVER(coverage, POINT_PMP_MATCH_NONE);
    COVER(coverage, POINT_PMP_NONE, privilege);
    if (privilege == TW_MACHINE && denied && coverage->pmp.mseccfg & TW_MSECCFG_MMWP)
      COVER(coverage, POINT_MMWP_DENIED);
    return;
  }
  match_count(coverage, (unsigned)entry);
  COVER(coverage, POINT_PMP_DECIDED, denied ? DENIED : GRANTED, flight->kind, privilege);
  if (whole) {
    rule_count(coverage, flight, coverage->pmp.cfg[entry], denied);
  } else {
    COVER(coverage, POINT_PMP_PARTIAL);
  }
  priority_count(coverage, flight, pa, entry, denied);
}

static bool locked(const tw_pmp *pmp, unsigned index) {
  return index < pmp->count && pmp->cfg[index] & TW_PMP_L;
}

/* Whether a rule of MML=1 lets M-mode execute. */
static bool executes(unsigned cfg) {
  const unsigned rights = cfg & RIGHTS;
  return cfg & TW_PMP_L && ((rights & TW_PMP_X && rights != RIGHTS) || rights == TW_PMP_W);
}

static void cfg_write_count(tw_coverage *coverage, unsigned index, unsigned value) {
  const tw_pmp *pmp = &coverage->pmp;
  const bool rlb = pmp->mseccfg & TW_MSECCFG_RLB, mml = pmp->mseccfg & TW_MSECCFG_MML;
  if (locked(pmp, index) && !rlb) {
    COVER(coverage, POINT_PMP_WRITE_LOCKED_CFG);
    return;
  }
  if (locked(pmp, index)) COVER(coverage, POINT_RLB_WRITE);
  if (mml && executes(value)) {
    COVER(coverage, rlb ? POINT_X_RLB : POINT_X_REFUSED);
    if (!rlb) return;
  }
  COVER(coverage, POINT_PMP_WRITE_CFG);
  if (!mml && (value & (TW_PMP_R | TW_PMP_W)) == TW_PMP_W) COVER(coverage, POINT_PMP_WRITE_RESERVED);
  if (pmp->grain > 0 && (value & TW_PMP_A) == TW_PMP_NA4) COVER(coverage, POINT_PMP_WRITE_NA4_GRAIN);
}

static void addr_write_count(tw_coverage *coverage, unsigned index) {
  const tw_pmp *pmp = &coverage->pmp;
  const bool rlb = pmp->mseccfg & TW_MSECCFG_RLB;
  const bool below = locked(pmp, index + 1) && (pmp->cfg[index + 1] & TW_PMP_A) == TW_PMP_TOR;
  if (!rlb && locked(pmp, index)) {
    COVER(coverage, POINT_PMP_WRITE_LOCKED_ADDR);
  } else if (!rlb && below) {
    COVER(coverage, POINT_PMP_WRITE_BELOW_TOR);
  } else {
    COVER(coverage, POINT_PMP_WRITE_ADDR);
    if (locked(pmp, index) || below) COVER(coverage, POINT_RLB_WRITE);
  }
}

static void mseccfg_write_count(tw_coverage *coverage, uint64_t value) {
  const tw_pmp *pmp = &coverage->pmp;
  bool any = false;
  for (unsigned i = 0; i < pmp->count; i++) any = any || locked(pmp, i);
  if (!pmp->smepmp) return;
  const bool mml = pmp->mseccfg & TW_MSECCFG_MML, mmwp = pmp->mseccfg & TW_MSECCFG_MMWP;
  const bool rlb = pmp->mseccfg & TW_MSECCFG_RLB;
  if (!mml && value & TW_MSECCFG_MML) COVER(coverage, POINT_MML_SET);
  if (mml && !(value & TW_MSECCFG_MML)) COVER(coverage, POINT_MML_STICKY);
  if (!mmwp && value & TW_MSECCFG_MMWP) COVER(coverage, POINT_MMWP_SET);
  if (mmwp && !(value & TW_MSECCFG_MMWP)) COVER(coverage, POINT_MMWP_STICKY);
  if (!rlb && value & TW_MSECCFG_RLB) COVER(coverage, any ? POINT_RLB_REFUSED : POINT_RLB_SET);
  if (rlb && !(value & TW_MSECCFG_RLB)) COVER(coverage, POINT_RLB_CLEARED);
}

void coverage_pmp_write(tw_coverage *coverage, const tw_pins_pmp *write) {
  coverage->pmp_changes = true;
  for (unsigned w = 0; w < coverage->now.walker_count; w++) {
    if (coverage->now.walkers[w].state == TW_WALKER_IDLE || coverage->now.walkers[w].killed) continue;
    COVER(coverage, POINT_WALK_DURING, BIT_PMP);
    break;
  }
  if (coverage->pmp.count == 0) return;
  coverage->pmp_written = true;
  if (write->kind == TW_PIN_PMP_MSECCFG) {
    mseccfg_write_count(coverage, write->value);
  } else if (write->index >= coverage->pmp.count) {
    COVER(coverage, POINT_PMP_WRITE_BEYOND);
  } else if (write->kind == TW_PIN_PMP_CFG) {
    cfg_write_count(coverage, write->index, (unsigned)write->value);
  } else {
    addr_write_count(coverage, write->index);
  }
}

void coverage_pmp_reset(tw_coverage *coverage) {
  for (unsigned i = 0; i < coverage->pmp.count; i++) {
    if (!locked(&coverage->pmp, i)) continue;
    COVER(coverage, POINT_PMP_RESET);
    return;
  }
}
