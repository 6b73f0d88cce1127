/* Which PMP entry decides on an access, and what it grants, for the oracle's own files. The search is in physical.c.
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
