/* Oracles with one decision broken: writes to the PMP registers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "broken.h"

/* A lock that locks nothing. */
static void cfg_unlocked(tw_pmp *pmp, unsigned index, uint8_t value) {
  uint8_t before = pmp->mseccfg;
  pmp->mseccfg |= TW_MSECCFG_RLB;
  tw_pmp_write_cfg(pmp, index, value);
  pmp->mseccfg = before;
}

static void addr_unlocked(tw_pmp *pmp, unsigned index, uint64_t value) {
  uint8_t before = pmp->mseccfg;
  pmp->mseccfg |= TW_MSECCFG_RLB;
  tw_pmp_write_addr(pmp, index, value);
  pmp->mseccfg = before;
}

/* The entry's own lock is kept; that of the range above it is not. */
static void addr_below_range_unlocked(tw_pmp *pmp, unsigned index, uint64_t value) {
  if (index < pmp->count && (pmp->cfg[index] & TW_PMP_L)) {
    tw_pmp_write_addr(pmp, index, value);
  } else {
    addr_unlocked(pmp, index, value);
  }
}

/* The lock is kept even if RLB is set. */
static void cfg_without_bypass(tw_pmp *pmp, unsigned index, uint8_t value) {
  if (index < pmp->count && (pmp->cfg[index] & TW_PMP_L)) return;
  tw_pmp_write_cfg(pmp, index, value);
}

/* With MML, a rule by which M-mode may execute is taken. */
static void cfg_adds_machine_code(tw_pmp *pmp, unsigned index, uint8_t value) {
  bool locked = index < pmp->count && (pmp->cfg[index] & TW_PMP_L);
  bool lockdown = pmp->mseccfg & TW_MSECCFG_MML;
  if (lockdown && !locked) {
    cfg_unlocked(pmp, index, value);
  } else {
    tw_pmp_write_cfg(pmp, index, value);
  }
}

static void cfg_reserved_kept(tw_pmp *pmp, unsigned index, uint8_t value) {
  uint8_t before = index < pmp->count ? pmp->cfg[index] : 0;
  tw_pmp_write_cfg(pmp, index, value);
  bool taken = index < pmp->count && pmp->cfg[index] != before;
  if (taken && (value & TW_PMP_W)) pmp->cfg[index] |= TW_PMP_W;
}

static void cfg_na4_kept(tw_pmp *pmp, unsigned index, uint8_t value) {
  uint8_t before = index < pmp->count ? pmp->cfg[index] : 0;
  tw_pmp_write_cfg(pmp, index, value);
  bool taken = index < pmp->count && pmp->cfg[index] != before;
  if (taken && (value & TW_PMP_A) == TW_PMP_NA4) {
    pmp->cfg[index] = (uint8_t)((pmp->cfg[index] & ~TW_PMP_A) | TW_PMP_NA4);
  }
}

static void mseccfg_not_sticky(tw_pmp *pmp, uint64_t value) {
  tw_pmp_write_mseccfg(pmp, value);
  pmp->mseccfg &= (uint8_t)(value | TW_MSECCFG_RLB);
}

static void mseccfg_bypass_always(tw_pmp *pmp, uint64_t value) {
  tw_pmp_write_mseccfg(pmp, value);
  if (pmp->smepmp && (value & TW_MSECCFG_RLB)) pmp->mseccfg |= TW_MSECCFG_RLB;
}

static void mseccfg_without_smepmp(tw_pmp *pmp, uint64_t value) {
  bool before = pmp->smepmp;
  pmp->smepmp = true;
  tw_pmp_write_mseccfg(pmp, value);
  pmp->smepmp = before;
}

const subject *broken_registers(size_t *count) {
  static const subject list[] = {
      {"lock ignored by pmpcfg", tw_walk_run, cfg_unlocked, tw_pmp_write_addr, tw_pmp_write_mseccfg},
      {"lock ignored by pmpaddr", tw_walk_run, tw_pmp_write_cfg, addr_unlocked, tw_pmp_write_mseccfg},
      {"lock of a range, at its bottom", tw_walk_run, tw_pmp_write_cfg, addr_below_range_unlocked,
       tw_pmp_write_mseccfg},
      {"RLB ignored", tw_walk_run, cfg_without_bypass, tw_pmp_write_addr, tw_pmp_write_mseccfg},
      {"MML takes M-mode code", tw_walk_run, cfg_adds_machine_code, tw_pmp_write_addr, tw_pmp_write_mseccfg},
      {"R=0 with W=1 kept", tw_walk_run, cfg_reserved_kept, tw_pmp_write_addr, tw_pmp_write_mseccfg},
      {"NA4 kept with a grain", tw_walk_run, cfg_na4_kept, tw_pmp_write_addr, tw_pmp_write_mseccfg},
      {"mseccfg not sticky", tw_walk_run, tw_pmp_write_cfg, tw_pmp_write_addr, mseccfg_not_sticky},
      {"RLB set under a lock", tw_walk_run, tw_pmp_write_cfg, tw_pmp_write_addr, mseccfg_bypass_always},
      {"mseccfg without Smepmp", tw_walk_run, tw_pmp_write_cfg, tw_pmp_write_addr, mseccfg_without_smepmp},
  };
  *count = sizeof list / sizeof list[0];
  return list;
}
