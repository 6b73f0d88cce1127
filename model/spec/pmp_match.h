/* Which PMP entry decides on an access, and what it grants, for the oracle's own files.
 *
 * A search also tells the stretch of addresses around the access on which the same entry decides: tables and pages
 * usually lie in one, so that a walk searches once.
 *
 *    entry 0      [####)                              the stretch of an access at x, which entry 2 decides,
 *    entry 1                           [####)         reaches up to the entries before it
 *    entry 2   [##################################)
 *    stretch           [------x--------)
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPEC_PMP_MATCH_H
#define TWINWALK_SPEC_PMP_MATCH_H

#include <stddef.h>
#include <string.h>

#include "twinwalk/pmp.h"

#define PMP_RIGHTS (TW_PMP_R | TW_PMP_W | TW_PMP_X)

/* The addresses first to end-1; none if both are equal. */
typedef struct pmp_stretch {
  uint64_t first, end;
} pmp_stretch;

/* The lowest-numbered entry that matches any byte, -1 if none does; where it decides on whole accesses: nowhere if it
 * matches some bytes of this one alone; and the rights that it grants there, TW_PMP_R, W and X. */
typedef struct pmp_match {
  pmp_stretch stretch;
  int entry;
  uint8_t user_rights, machine_rights; /* of S- and U-mode, and of M-mode */
} pmp_match;

#define R TW_PMP_R
#define W TW_PMP_W
#define X TW_PMP_X

/* Rule mml_truth_table, by LXWR as in pmpcfg: what S and U may do, and what M may. */
static const uint8_t PMP_MML_RIGHTS[16][2] = {
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
static inline uint8_t pmp_entry_rights(uint8_t cfg, uint8_t mseccfg, bool machine) {
  if (mseccfg & TW_MSECCFG_MML) return PMP_MML_RIGHTS[(cfg & TW_PMP_L) >> 4 | (cfg & PMP_RIGHTS)][machine];
  return machine && !(cfg & TW_PMP_L) ? PMP_RIGHTS : cfg & PMP_RIGHTS;
}

/* What is granted where no entry matches: rules pmp_no_entry_match, mseccfg_mmwp_op_warl. With MML=1 M-mode executes
 * nothing but what a rule lets it execute (Smepmp). */
static inline uint8_t pmp_background_rights(uint8_t mseccfg, bool machine) {
  if (!machine || mseccfg & TW_MSECCFG_MMWP) return 0;
  return mseccfg & TW_MSECCFG_MML ? TW_PMP_R | TW_PMP_W : PMP_RIGHTS;
}

/* Words of 4 bytes, as pmpaddr counts them: first to end-1; none if end is not above first. */
typedef struct pmp_words {
  uint64_t first, end;
} pmp_words;

/* Makes a stretch end before an entry that lies above the access, or begin after one that lies below. */
static inline void pmp_stretch_end(pmp_words *stretch, uint64_t first) {
  stretch->end = first < stretch->end ? first : stretch->end;
}

static inline void pmp_stretch_begin(pmp_words *stretch, uint64_t end) {
  stretch->first = end > stretch->first ? end : stretch->first;
}

/* Rule pmp_napot_encoding_low_bits: the lowest ones and the zero above them are any bits. Below the grain all bits but
 * the highest are ones (pmp_napot_addr_read_mask): it is the caller who sets them. */
static inline pmp_words pmp_napot_words(uint64_t addr) {
  return (pmp_words){addr & (addr + 1), (addr | (addr + 1)) + 1};
}

/* Whether a NAPOT entry matches nothing of an access, the words first to last; a stretch that it ends is cut. */
static inline bool pmp_napot_aside(uint64_t addr, uint64_t first, uint64_t last, pmp_words *stretch) {
  const pmp_words words = pmp_napot_words(addr);
  if (addr > first) { /* a word of the entry, so that it does not lie below */
    if (words.first <= last) return false;
    pmp_stretch_end(stretch, words.first);
  } else {
    if (words.end > first) return false;
    pmp_stretch_begin(stretch, words.end);
  }
  return true;
}

/* Rules pmp_a_field_encoding, pmp_a_field_tor, pmp_tor_off_addr_read_mask, of an entry that is not off. */
static inline pmp_words pmp_entry_words(const tw_pmp *pmp, size_t index, uint64_t below_grain) {
  const uint64_t addr = pmp->addr[index];
  switch (pmp->cfg[index] & TW_PMP_A) {
  case TW_PMP_TOR:
    return (pmp_words){index == 0 ? 0 : pmp->addr[index - 1] & ~below_grain, addr & ~below_grain};
  case TW_PMP_NA4:
    return (pmp_words){addr, addr + 1};
  default:
    return pmp_napot_words(addr | below_grain >> 1);
  }
}

static inline void pmp_entry_decides(const tw_pmp *pmp, size_t index, pmp_words stretch, pmp_match *match) {
  match->stretch = (pmp_stretch){stretch.first << 2, stretch.end << 2};
  match->entry = (int)index;
  match->user_rights = pmp_entry_rights(pmp->cfg[index], pmp->mseccfg, false);
  match->machine_rights = pmp_entry_rights(pmp->cfg[index], pmp->mseccfg, true);
}

static inline void pmp_no_entry_decides(const tw_pmp *pmp, pmp_words stretch, pmp_match *match) {
  match->stretch = (pmp_stretch){stretch.first << 2, stretch.end << 2};
  match->entry = -1;
  match->user_rights = pmp_background_rights(pmp->mseccfg, false);
  match->machine_rights = pmp_background_rights(pmp->mseccfg, true);
}

/* How many entries from `addr` on match nothing of an access, if all eight are NAPOT, or NA4, which lies within what
 * NAPOT would match; the stretch is cut by them. */
static inline size_t pmp_eight_aside(const uint64_t addr[8], uint64_t napot_ones, uint64_t first, uint64_t last,
                                     pmp_words *stretch) {
  for (size_t i = 0; i < 8; i++) {
    if (!pmp_napot_aside(addr[i] | napot_ones, first, last, stretch)) return i;
  }
  return 8;
}

/* The first entry from `index` on that may match anything of an access: most of eight entries are told at once that
 * they are off, or are NAPOT and aside. */
static inline size_t pmp_entry_candidate(const tw_pmp *pmp, size_t index, uint64_t napot_ones, uint64_t first,
                                         uint64_t last, pmp_words *stretch) {
  const uint64_t each = UINT64_C(0x0101010101010101);
  while (index + 8 <= pmp->count) {
    uint64_t cfg;
    memcpy(&cfg, &pmp->cfg[index], sizeof cfg);
    size_t aside = 0;
    if ((cfg & TW_PMP_A * each) == 0) aside = 8;
    if ((cfg & TW_PMP_NA4 * each) == TW_PMP_NA4 * each)
      aside = pmp_eight_aside(&pmp->addr[index], napot_ones, first, last, stretch);
    index += aside;
    if (aside < 8) break;
  }
  return index;
}

/* Rules pmp_entry_priority, pmp_full_match_required. */
static inline void pmp_match_find(const tw_pmp *pmp, uint64_t pa, unsigned bytes, pmp_match *match) {
  const uint64_t first = pa >> 2, last = (pa + bytes - 1) >> 2;
  const uint64_t below_grain = ((uint64_t)1 << pmp->grain) - 1;
  pmp_words stretch = {0, UINT64_MAX >> 2};
  for (size_t i = 0; i < pmp->count; i++) {
    if (i % 8 == 0) i = pmp_entry_candidate(pmp, i, below_grain >> 1, first, last, &stretch);
    if (i == pmp->count) break;
    if ((pmp->cfg[i] & TW_PMP_A) == TW_PMP_OFF) continue;
    const pmp_words words = pmp_entry_words(pmp, i, below_grain);
    if (words.end <= first) {
      pmp_stretch_begin(&stretch, words.end);
    } else if (words.first > last) {
      pmp_stretch_end(&stretch, words.first);
    } else if (words.first < words.end) {
      const bool whole = words.first <= first && words.end > last;
      pmp_stretch_begin(&stretch, words.first);
      pmp_stretch_end(&stretch, words.end);
      pmp_entry_decides(pmp, i, whole ? stretch : (pmp_words){0, 0}, match);
      return;
    }
  }
  pmp_no_entry_decides(pmp, stretch, match);
}

/* Whether all bytes of an access lie in a stretch; its last byte must have an address. */
static inline bool pmp_stretch_holds(const pmp_stretch *stretch, uint64_t pa, unsigned bytes) {
  return pa >= stretch->first && pa + bytes - 1 < stretch->end;
}

/* Rules pmp_exec_fault, pmp_load_fault, pmp_store_fault; an amo reads, too. */
static inline uint8_t pmp_rights_needed(tw_access access) {
  static const uint8_t needed[TW_ACCESS_COUNT] = {
      [TW_FETCH] = TW_PMP_X, [TW_LOAD] = TW_PMP_R, [TW_STORE] = TW_PMP_W, [TW_AMO] = TW_PMP_R | TW_PMP_W};
  return needed[access];
}

/* Whether an access that lies in the stretch of a match is granted. */
static inline bool pmp_match_grants(const pmp_match *match, tw_privilege privilege, tw_access access) {
  const uint8_t rights = privilege == TW_MACHINE ? match->machine_rights : match->user_rights;
  const uint8_t needed = pmp_rights_needed(access);
  return (rights & needed) == needed;
}

#endif
