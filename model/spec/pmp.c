/* Physical memory protection: the registers, and whether they grant an access.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "pmp_match.h"

#include <stddef.h>
#include <string.h>

#define R TW_PMP_R
#define W TW_PMP_W
#define X TW_PMP_X

/* Rule mml_truth_table, by LXWR as in pmpcfg: what S and U may do, and what M may. */
static const uint8_t MML_RIGHTS[16][2] = {
    /* LXWR    S, U           M */
    /* 0000 */ {0, 0},
    /* 0001 */ {R, 0},
    /* 0010 */ {R, R | W}, /* shared data */
    /* 0011 */ {R | W, 0},
    /* 0100 */ {X, 0},
    /* 0101 */ {R | X, 0},
    /* 0110 */ {R | W, R | W}, /* shared data */
    /* 0111 */ {R | W | X, 0},
    /* 1000 */ {0, 0},
    /* 1001 */ {0, R},
    /* 1010 */ {X, X}, /* shared code */
    /* 1011 */ {0, R | W},
    /* 1100 */ {0, X},
    /* 1101 */ {0, R | X},
    /* 1110 */ {X, R | X}, /* shared code */
    /* 1111 */ {R, R},     /* shared data, read-only */
};

#undef R
#undef W
#undef X

/* What an entry that matches every byte grants: rules pmp_rwx_check, mml_truth_table. */
static uint8_t entry_rights(uint8_t cfg, uint8_t mseccfg, bool machine) {
  if (mseccfg & TW_MSECCFG_MML) return MML_RIGHTS[(cfg & TW_PMP_L) >> 4 | (cfg & PMP_RIGHTS)][machine];
  return machine && !(cfg & TW_PMP_L) ? PMP_RIGHTS : cfg & PMP_RIGHTS;
}

/* What is granted where no entry matches: rules pmp_no_entry_match, mseccfg_mmwp_op_warl. With MML=1 M-mode executes
 * nothing but what a rule lets it execute (Smepmp). */
static uint8_t background_rights(uint8_t mseccfg, bool machine) {
  if (!machine || mseccfg & TW_MSECCFG_MMWP) return 0;
  return mseccfg & TW_MSECCFG_MML ? TW_PMP_R | TW_PMP_W : PMP_RIGHTS;
}

/* Words of 4 bytes, as pmpaddr counts them: first to end-1; none if end is not above first. */
typedef struct pmp_words {
  uint64_t first, end;
} pmp_words;

/* Makes a stretch end before an entry that lies above the access, or begin after one that lies below. */
static inline void stretch_end(pmp_words *stretch, uint64_t first) {
  stretch->end = first < stretch->end ? first : stretch->end;
}

static inline void stretch_begin(pmp_words *stretch, uint64_t end) {
  stretch->first = end > stretch->first ? end : stretch->first;
}

/* Rule pmp_napot_encoding_low_bits: the lowest ones and the zero above them are any bits. */
static inline pmp_words napot_words(uint64_t addr) {
  return (pmp_words){addr & (addr + 1), (addr | (addr + 1)) + 1};
}

/* Whether a NAPOT entry matches nothing of an access, the words first to last; a stretch that it ends is cut. */
static inline bool napot_aside(uint64_t addr, uint64_t first, uint64_t last, pmp_words *stretch) {
  const pmp_words words = napot_words(addr);
  if (addr > first) { /* a word of the entry, so that it does not lie below */
    if (words.first <= last) return false;
    stretch_end(stretch, words.first);
  } else {
    if (words.end > first) return false;
    stretch_begin(stretch, words.end);
  }
  return true;
}

/* Rules pmp_a_field_encoding, pmp_a_field_tor, pmp_tor_off_addr_read_mask, of an entry that is not off. */
static inline pmp_words entry_words(const tw_pmp *pmp, size_t index, uint64_t below_grain) {
  const uint64_t addr = pmp->addr[index];
  switch (pmp->cfg[index] & TW_PMP_A) {
  case TW_PMP_TOR:
    return (pmp_words){index == 0 ? 0 : pmp->addr[index - 1] & ~below_grain, addr & ~below_grain};
  case TW_PMP_NA4:
    return (pmp_words){addr, addr + 1};
  default:
    return napot_words(addr | below_grain >> 1);
  }
}

static inline void entry_decides(const tw_pmp *pmp, size_t index, pmp_words stretch, pmp_match *match) {
  match->stretch = (pmp_stretch){stretch.first << 2, stretch.end << 2};
  match->entry = (int)index;
  match->user_rights = entry_rights(pmp->cfg[index], pmp->mseccfg, false);
  match->machine_rights = entry_rights(pmp->cfg[index], pmp->mseccfg, true);
}

static void no_entry_decides(const tw_pmp *pmp, pmp_words stretch, pmp_match *match) {
  match->stretch = (pmp_stretch){stretch.first << 2, stretch.end << 2};
  match->entry = -1;
  match->user_rights = background_rights(pmp->mseccfg, false);
  match->machine_rights = background_rights(pmp->mseccfg, true);
}

void pmp_match_find(const tw_pmp *pmp, uint64_t pa, unsigned bytes, pmp_match *match) {
  const uint64_t first = pa >> 2, last = (pa + bytes - 1) >> 2;
  const uint64_t below_grain = ((uint64_t)1 << pmp->grain) - 1;
  const uint64_t napot_ones = below_grain >> 1; /* rule pmp_napot_addr_read_mask */
  pmp_words stretch = {0, UINT64_MAX >> 2};
  for (size_t i = 0; i < pmp->count; i++) {
    /* A[1]: NAPOT, or NA4, which lies within what NAPOT would match. Most entries are aside. */
    if (pmp->cfg[i] & TW_PMP_NA4) {
      if (napot_aside(pmp->addr[i] | napot_ones, first, last, &stretch)) continue;
    } else if (!(pmp->cfg[i] & TW_PMP_TOR)) {
      continue;
    }
    const pmp_words words = entry_words(pmp, i, below_grain);
    if (words.end <= first) {
      stretch_begin(&stretch, words.end);
    } else if (words.first > last) {
      stretch_end(&stretch, words.first);
    } else if (words.first < words.end) {
      const bool whole = words.first <= first && words.end > last;
      stretch_begin(&stretch, words.first);
      stretch_end(&stretch, words.end);
      entry_decides(pmp, i, whole ? stretch : (pmp_words){0, 0}, match);
      return;
    }
  }
  no_entry_decides(pmp, stretch, match);
}

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

/* Whether a configuration of MML=1 lets M-mode execute: of the locked ones those with X, but for the shared read-only
 * data of LRWX=1111, and the shared code of LRWX=1010. Rules mseccfg_mml_X_restrict, mseccfg_mml_shared_L1_op. */
static bool executes_in_machine_mode(uint8_t cfg) {
  return entry_rights(cfg, TW_MSECCFG_MML, true) & TW_PMP_X;
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

bool tw_pmp_check(const tw_pmp *pmp, tw_privilege privilege, tw_access access, uint64_t pa, unsigned bytes) {
  if (!pmp || pmp->count == 0) return true;
  pmp_match match;
  pmp_match_find(pmp, pa, bytes, &match);
  return pmp_stretch_holds(&match.stretch, pa, bytes) && pmp_match_grants(&match, privilege, access);
}

int tw_pmp_match(const tw_pmp *pmp, uint64_t pa, unsigned bytes, bool *whole) {
  pmp_match match;
  pmp_match_find(pmp, pa, bytes, &match);
  *whole = match.entry >= 0 && pmp_stretch_holds(&match.stretch, pa, bytes);
  return match.entry;
}
