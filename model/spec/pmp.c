/* Physical memory protection: the registers, and whether they grant an access.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "pmp_match.h"

#include <string.h>

void tw_pmp_reset(tw_pmp *pmp) {
  pmp->mseccfg = 0;
  memset(pmp->cfg, 0, sizeof pmp->cfg);
  memset(pmp->addr, 0, sizeof pmp->addr);
}

static bool locking_bypassed(const tw_pmp *pmp) {
  return pmp->mseccfg & TW_MSECCFG_RLB;
}

/* Rules pmp_l_bit_function, mseccfg_rlb_op_warl. */
static bool entry_locked(const tw_pmp *pmp, unsigned index) {
  return pmp->cfg[index] & TW_PMP_L && !locking_bypassed(pmp);
}

/* Whether a configuration lets M-mode execute while MML=1, whatever its A: with L=1 and X=1, but for the shared
 * read-only data of LRWX=1111, and the shared code of LRWX=1010. Rules mseccfg_mml_X_restrict,
 * mseccfg_mml_shared_L1_op. */
static bool executes_in_machine_mode(uint8_t cfg) {
  return pmp_entry_rights(cfg, TW_MSECCFG_MML, true) & TW_PMP_X;
}

void tw_pmp_write_cfg(tw_pmp *pmp, unsigned index, uint8_t value) {
  if (index >= pmp->count || entry_locked(pmp, index)) return;
  const bool mml = pmp->mseccfg & TW_MSECCFG_MML;
  uint8_t cfg = value & (TW_PMP_L | TW_PMP_A | PMP_RIGHTS);
  if (mml && !locking_bypassed(pmp) && executes_in_machine_mode(cfg)) return;
  if (!mml && !(cfg & TW_PMP_R)) cfg &= (uint8_t)~TW_PMP_W;                           /* rule pmp_rwx_warl */
  if (pmp->grain > 0 && (cfg & TW_PMP_A) == TW_PMP_NA4) cfg |= (uint8_t)TW_PMP_NAPOT; /* pmp_na4_select_restriction */
  pmp->cfg[index] = cfg;
}

/* Rule pmp_l_bit_write_protection. */
static bool top_of_locked_range(const tw_pmp *pmp, unsigned index) {
  return index + 1 < pmp->count && (pmp->cfg[index + 1] & TW_PMP_A) == TW_PMP_TOR && entry_locked(pmp, index + 1);
}

/* Rule pmp_addr_encoding: bits 33..2 or 55..2 of an address. */
static uint64_t implemented_bits(const tw_pmp *pmp) {
  return ((uint64_t)1 << (pmp->xlen == 32 ? 32 : 54)) - 1;
}

void tw_pmp_write_addr(tw_pmp *pmp, unsigned index, uint64_t value) {
  if (index >= pmp->count || entry_locked(pmp, index) || top_of_locked_range(pmp, index)) return;
  pmp->addr[index] = value & implemented_bits(pmp);
}

/* Rule mseccfg_rlb_op_warl: entries that are off count, too. */
static bool any_lock(const tw_pmp *pmp) {
  for (unsigned i = 0; i < pmp->count; i++) {
    if (pmp->cfg[i] & TW_PMP_L) return true;
  }
  return false;
}

void tw_pmp_write_mseccfg(tw_pmp *pmp, uint64_t value) {
  if (!pmp->smepmp) return;
  const uint8_t sticky = TW_MSECCFG_MML | TW_MSECCFG_MMWP; /* rules mseccfg_mml_sticky, mseccfg_mmwp_op_warl */
  uint8_t written = (uint8_t)(value & (sticky | TW_MSECCFG_RLB));
  if (!locking_bypassed(pmp) && any_lock(pmp)) written &= (uint8_t)~TW_MSECCFG_RLB;
  pmp->mseccfg = (uint8_t)((pmp->mseccfg & sticky) | written);
}

uint64_t tw_pmp_read_addr(const tw_pmp *pmp, unsigned index) {
  if (index >= pmp->count) return 0;
  const uint64_t below_grain = ((uint64_t)1 << pmp->grain) - 1;
  const bool power_of_two = pmp->cfg[index] & TW_PMP_NA4; /* A[1]: NA4 or NAPOT */
  return power_of_two ? pmp->addr[index] | below_grain >> 1 : pmp->addr[index] & ~below_grain;
}
