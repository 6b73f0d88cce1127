/* What was compared, by mode, kind, privilege and outcome.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_TALLY_H
#define JUDGE_TALLY_H

#include "deviation.h"

/* U, S, M, and M-mode with MPRV as U, S and M. */
#define JUDGE_STANDINGS 6

typedef struct judge_tally {
  uint64_t checked;     /* accesses whose outcome was the oracle's to predict, and was compared */
  uint64_t differences; /* of any kind */
  uint64_t registers;   /* satp, pmpcfg and pmpaddr read back and compared */
  uint64_t words;       /* of page tables and frames compared at the end of a run, 8 bytes each */
  uint64_t modes[2][TW_MODE_COUNT][TW_REASON_COUNT]; /* [0] RV32, [1] RV64 */
  uint64_t kinds[TW_ACCESS_COUNT][TW_REASON_COUNT];
  uint64_t standings[JUDGE_STANDINGS][TW_REASON_COUNT];
  uint64_t widths[4]; /* 1, 2, 4, 8 bytes */
  uint64_t misaligned;
  uint64_t excluded[JUDGE_DEVIATION_COUNT];
} judge_tally;

/* Which row of `standings` an access belongs to. */
unsigned judge_standing(const tw_status *status);

void judge_tally_print(const judge_tally *tally);

/* Whether every outcome that QEMU can produce was there; what is missing is said. xlen is 32 or 64, or 0 for both. */
bool judge_tally_complete(const judge_tally *tally, unsigned xlen);

#endif
