/* Where QEMU 7.2 is known to differ from the architecture (docs/outside-judge.md): what it does instead, so that even
 * what is excluded from the comparison is not just anything.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_DEVIATION_H
#define JUDGE_DEVIATION_H

#include "world.h"

typedef enum judge_deviation {
  JUDGE_AGREES = 0,
  JUDGE_PBMTE_IGNORED,
  JUDGE_PBMT_RESERVED_TAKEN,
  JUDGE_RESERVED_BITS_TAKEN,
  JUDGE_TABLE_VACANT_PAGE_FAULT,
  JUDGE_UPDATE_UNPROTECTED,
  JUDGE_NAPOT_UPDATED,
  JUDGE_ADDRESS_CUT,
  JUDGE_VACANT_TVAL,
  JUDGE_DEVIATION_UNKNOWN,
  JUDGE_DEVIATION_COUNT
} judge_deviation;

/* What QEMU does. */
const char *judge_deviation_text(judge_deviation deviation);

/* Which deviation explains that QEMU differs from the oracle's answer. */
judge_deviation judge_deviation_of(const judge_plan *plan, const tw_walk *walk);

/* How entries are read. */
typedef enum judge_reading {
  JUDGE_READ_AS_WRITTEN,
  JUDGE_READ_QEMU,             /* what QEMU ignores is cleared; A and D are set, because nothing stops their update */
  JUDGE_READ_QEMU_BEFORE_NAPOT /* and N is cleared, too */
} judge_reading;

uint64_t judge_qemu_entry(const judge_plan *plan, judge_reading reading, tw_access access, uint64_t pte);

/* The trap value of an access where there is nothing. */
uint64_t judge_qemu_vacant_tval(tw_access access, uint64_t va, unsigned bytes);

#endif
