/* Asking the oracle about one access in a world: as it is, as QEMU is known to deviate, or broken on purpose.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_ORACLE_H
#define JUDGE_ORACLE_H

#include "broken.h"
#include "world.h"

/* What is tried, and by whom. */
typedef struct judge_access {
  tw_access kind;
  uint64_t va;
  unsigned bytes;
  tw_status status; /* privilege, MPRV, MPP */
  bool sum;
  bool mxr;
} judge_access;

/* Where it is tried. */
typedef struct judge_place {
  const judge_plan *plan;
  const tw_pmp *pmp;
  uint8_t *ram;        /* page tables */
  bool keep;           /* A and D are written to `ram` */
  judge_broken broken; /* what is broken on purpose */
} judge_place;

/* The effective privilege of an access. */
tw_privilege judge_effective(const judge_place *place, const judge_access *access);

/* Where QEMU would go with the access if neither PMP nor what is there stood in its way: TW_OK and an address, or why
 * nowhere. */
tw_reason judge_reach(const judge_place *place, const judge_access *access, uint64_t *pa);

/* What becomes of the access. */
typedef struct judge_answer {
  tw_walk walk;
  uint64_t tval;
  bool updated; /* an entry was changed, or would have been if place->keep were set */
} judge_answer;

judge_answer judge_ask(const judge_place *place, const judge_access *access);

/* The same with the deviations of QEMU 7.2. */
judge_answer judge_ask_as_qemu(const judge_place *place, const judge_access *access);

#endif
