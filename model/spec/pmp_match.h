/* Which PMP entry decides on an access, and what it grants, for the oracle's own files: the walk has them inlined, and
 * the public functions of pmp.c are these.
 *
 * Addresses are counted in words of 4 bytes, as pmpaddr has them. A search also tells the stretch of words around the
 * access on which the same entry decides: tables and pages usually lie in one, so that a walk searches once.
 *
 *    entry 0      [####)                              the stretch of an access at x, which entry 2 decides,
 *    entry 1                           [####)         reaches up to the entries before it
 *    entry 2   [##################################)
 *    stretch           [------x--------)
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPEC_PMP_MATCH_H
#define TWINWALK_SPEC_PMP_MATCH_H

#include "twinwalk/pmp.h"

#define PMP_RIGHTS (TW_PMP_R | TW_PMP_W | TW_PMP_X)

/* The words first to end-1; none if end is not above first. */
typedef struct pmp_words {
  uint64_t first, end;
} pmp_words;

/* The lowest-numbered entry that matches any byte, -1 if none does, and where it decides on whole accesses: nowhere if
 * it matches some bytes of this one alone. */
typedef struct pmp_match {
  int entry;
  pmp_words stretch;
} pmp_match;

/* Rules pmp_a_field_encoding, pmp_a_field_tor, pmp_napot_encoding_low_bits; of what is below the grain, NAPOT takes all
 * bits but one as ones (pmp_napot_addr_read_mask), TOR all as zeros (pmp_tor_off_addr_read_mask). */
static inline pmp_words pmp_entry_words(const tw_pmp *pmp, unsigned index, uint64_t below_grain) {
  uint64_t addr = pmp->addr[index];
  if ((pmp->cfg[index] & TW_PMP_A) == TW_PMP_NAPOT) {
    addr |= below_grain >> 1;
    return (pmp_words){addr & (addr + 1), (addr | (addr + 1)) + 1};
  }
  if ((pmp->cfg[index] & TW_PMP_A) == TW_PMP_NA4) return (pmp_words){addr, addr + 1};
  uint64_t first = index == 0 ? 0 : pmp->addr[index - 1] & ~below_grain;
  return (pmp_words){first, addr & ~below_grain};
}

/* Rules pmp_entry_priority, pmp_full_match_required. */
static inline pmp_match pmp_match_find(const tw_pmp *pmp, uint64_t pa, unsigned bytes) {
  const uint64_t first = pa >> 2, last = (pa + bytes - 1) >> 2;
  const uint64_t below_grain = ((uint64_t)1 << pmp->grain) - 1;
  pmp_words stretch = {0, UINT64_MAX};
  for (unsigned i = 0; i < pmp->count; i++) {
    if ((pmp->cfg[i] & TW_PMP_A) == TW_PMP_OFF) continue;
    const pmp_words words = pmp_entry_words(pmp, i, below_grain);
    if (words.end <= first) {
      if (words.end > stretch.first) stretch.first = words.end;
    } else if (words.first > last) {
      if (words.first < stretch.end) stretch.end = words.first;
    } else if (words.first < words.end) {
      if (words.first > first || words.end <= last) return (pmp_match){(int)i, {0, 0}};
      if (words.first > stretch.first) stretch.first = words.first;
      if (words.end < stretch.end) stretch.end = words.end;
      return (pmp_match){(int)i, stretch};
    }
  }
  return (pmp_match){-1, stretch};
}

/* Whether all bytes of an access lie in a stretch. */
static inline bool pmp_stretch_holds(const pmp_words *stretch, uint64_t pa, unsigned bytes) {
  return pa >> 2 >= stretch->first && (pa + bytes - 1) >> 2 < stretch->end;
}

extern const uint8_t pmp_mml_rights[16][2];

/* What an entry that matches every byte grants: rules pmp_rwx_check, mml_truth_table. */
static inline uint8_t pmp_rights(uint8_t cfg, uint8_t mseccfg, bool machine) {
  if (mseccfg & TW_MSECCFG_MML) return pmp_mml_rights[(cfg & TW_PMP_L) >> 4 | (cfg & PMP_RIGHTS)][machine];
  return machine && !(cfg & TW_PMP_L) ? PMP_RIGHTS : cfg & PMP_RIGHTS;
}

/* Rights where no entry matches: rules pmp_no_entry_match, mseccfg_mmwp_op_warl. With MML=1 M-mode executes nothing
 * that no rule lets it execute (Smepmp). */
static inline uint8_t pmp_background(uint8_t mseccfg, bool machine) {
  if (!machine || mseccfg & TW_MSECCFG_MMWP) return 0;
  return mseccfg & TW_MSECCFG_MML ? TW_PMP_R | TW_PMP_W : PMP_RIGHTS;
}

/* Rules pmp_exec_fault, pmp_load_fault, pmp_store_fault; an amo reads, too. */
static inline uint8_t pmp_rights_needed(tw_access access) {
  switch (access) {
  case TW_FETCH:
    return TW_PMP_X;
  case TW_LOAD:
    return TW_PMP_R;
  case TW_STORE:
    return TW_PMP_W;
  default:
    return TW_PMP_R | TW_PMP_W;
  }
}

/* Whether an access that lies in the stretch of a match is granted. */
static inline bool pmp_match_grants(const tw_pmp *pmp, int entry, tw_privilege privilege, tw_access access) {
  const bool machine = privilege == TW_MACHINE;
  const uint8_t rights =
      entry < 0 ? pmp_background(pmp->mseccfg, machine) : pmp_rights(pmp->cfg[entry], pmp->mseccfg, machine);
  const uint8_t needed = pmp_rights_needed(access);
  return (rights & needed) == needed;
}

#endif
