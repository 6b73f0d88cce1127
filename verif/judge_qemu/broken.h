/* An oracle that is broken on purpose, to show that the judge would tell: the oracle itself stays as it is, what it is
 * asked and what it reads is changed so that it answers as one with this bug would.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_BROKEN_H
#define JUDGE_BROKEN_H

#include "layout.h"
#include "twinwalk/spec.h"

typedef enum judge_broken {
  JUDGE_SOUND = 0,
  JUDGE_BROKEN_MXR_IGNORED,
  JUDGE_BROKEN_SUM_IGNORED_FOR_STORES,
  JUDGE_BROKEN_MPRV_IGNORED,
  JUDGE_BROKEN_CANONICAL_IGNORED,
  JUDGE_BROKEN_MISALIGNED_SUPERPAGE_TAKEN,
  JUDGE_BROKEN_USER_BIT_IGNORED,
  JUDGE_BROKEN_NEIGHBOUR_FRAME,
  JUDGE_BROKEN_DIRTY_NOT_SET,
  JUDGE_BROKEN_NAPOT_UNKNOWN,
  JUDGE_BROKEN_PBMT_UNKNOWN,
  JUDGE_BROKEN_TABLE_PMP_AS_PAGE_FAULT,
  JUDGE_BROKEN_PMP_TOR_OFF_BY_ONE,
  JUDGE_BROKEN_PMP_NAPOT_DOUBLED,
  JUDGE_BROKEN_PMP_LAST_MATCH,
  JUDGE_BROKEN_PMP_LOCK_IGNORED,
  JUDGE_BROKEN_PMP_FIRST_BYTE_ONLY,
  JUDGE_BROKEN_AMO_CAUSE,
  JUDGE_BROKEN_TRAP_VALUE,
  JUDGE_BROKEN_COUNT
} judge_broken;

/* Lower-case name ("mxr-ignored"), static storage. NULL for JUDGE_SOUND and outside the list. */
const char *judge_broken_name(judge_broken broken);

/* False if there is none of that name. */
bool judge_broken_from_name(const char *name, judge_broken *broken);

/* What the oracle is asked. */
void judge_break_status(judge_broken broken, tw_status *status);
void judge_break_context(judge_broken broken, tw_access access, tw_context *context);
void judge_break_request(judge_broken broken, const tw_context *context, tw_request *request);
void judge_break_pmp(judge_broken broken, tw_pmp *pmp);

/* What it reads and writes: an entry of a level. */
uint64_t judge_break_read(judge_broken broken, const tw_context *context, uint64_t pte, unsigned level);
uint64_t judge_break_write(judge_broken broken, uint64_t found, uint64_t desired);

/* What it answers. */
void judge_break_walk(judge_broken broken, tw_access access, tw_walk *walk);
uint64_t judge_break_tval(judge_broken broken, uint64_t tval);

#endif
