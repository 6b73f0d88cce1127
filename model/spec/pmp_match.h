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

/* Rules pmp_entry_priority, pmp_full_match_required. */
void pmp_match_find(const tw_pmp *pmp, uint64_t pa, unsigned bytes, pmp_match *match);

/* Whether all bytes of an access lie in a stretch. */
static inline bool pmp_stretch_holds(const pmp_stretch *stretch, uint64_t pa, unsigned bytes) {
  return pa >= stretch->first && pa + bytes <= stretch->end;
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
