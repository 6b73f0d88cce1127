/* What was compared, by mode, kind, privilege and outcome.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

static const char *const STANDINGS[JUDGE_STANDINGS] = {"U", "S", "M", "M as U", "M as S", "M as M"};

unsigned judge_standing(const tw_status *status) {
  if (status->privilege != TW_MACHINE) return (unsigned)status->privilege;
  if (!status->mprv) return 2;
  return 3 + (status->mpp == TW_MACHINE ? 2u : (unsigned)status->mpp);
}

static uint64_t reason_count(const judge_tally *tally, tw_reason reason) {
  uint64_t count = 0;
  for (int kind = 0; kind < TW_ACCESS_COUNT; kind++) count += tally->kinds[kind][reason];
  return count;
}

static void heading_print(void) {
  printf("%-19s", "outcome");
  for (int kind = 0; kind < TW_ACCESS_COUNT; kind++) printf(" %7s", tw_access_name((tw_access)kind));
  for (int i = 0; i < JUDGE_STANDINGS; i++) printf(" %7s", STANDINGS[i]);
  printf(" %7s %7s %7s %7s %7s %7s\n", "Bare32", "Sv32", "Bare64", "Sv39", "Sv48", "Sv57");
}

static void row_print(const judge_tally *tally, tw_reason reason) {
  printf("%-19s", reason == TW_OK ? "granted" : tw_reason_name(reason));
  for (int kind = 0; kind < TW_ACCESS_COUNT; kind++) printf(" %7" PRIu64, tally->kinds[kind][reason]);
  for (int i = 0; i < JUDGE_STANDINGS; i++) printf(" %7" PRIu64, tally->standings[i][reason]);
  printf(" %7" PRIu64 " %7" PRIu64, tally->modes[0][TW_BARE][reason], tally->modes[0][TW_SV32][reason]);
  printf(" %7" PRIu64, tally->modes[1][TW_BARE][reason]);
  for (int mode = TW_SV39; mode < TW_MODE_COUNT; mode++) printf(" %7" PRIu64, tally->modes[1][mode][reason]);
  printf("\n");
}

void judge_tally_print(const judge_tally *tally) {
  heading_print();
  for (int reason = 0; reason < TW_REASON_COUNT; reason++) {
    if (reason_count(tally, (tw_reason)reason) != 0) row_print(tally, (tw_reason)reason);
  }
  printf("widths of 1, 2, 4, 8 bytes: %" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64 "; misaligned: %" PRIu64 "\n",
         tally->widths[0], tally->widths[1], tally->widths[2], tally->widths[3], tally->misaligned);
  printf("registers read back: %" PRIu64 "; words of memory compared: %" PRIu64 "\n", tally->registers, tally->words);
  for (int i = JUDGE_AGREES + 1; i < JUDGE_DEVIATION_UNKNOWN; i++) {
    printf("excluded, %7" PRIu64 ": %s\n", tally->excluded[i], judge_deviation_text((judge_deviation)i));
  }
}

/* What QEMU can produce, on both XLENs; beside it on RV64 alone. The rest is by A and D (Svade), bus errors and widths
 * that the virt machine does not have. */
static const tw_reason ALWAYS[] = {TW_OK,
                                   TW_REASON_INVALID,
                                   TW_REASON_WRITE_ONLY,
                                   TW_REASON_POINTER_RESERVED,
                                   TW_REASON_NO_LEAF,
                                   TW_REASON_MISALIGNED,
                                   TW_REASON_USER_DENIED,
                                   TW_REASON_SUPERVISOR_DENIED,
                                   TW_REASON_TABLE_PMP,
                                   TW_REASON_PMA_DENIED,
                                   TW_REASON_PMP_DENIED};
static const tw_reason RV64_ONLY[] = {TW_REASON_NOT_CANONICAL, TW_REASON_RESERVED_BITS, TW_REASON_PHYSICAL_RANGE,
                                      TW_REASON_NAPOT_RESERVED};

static bool missing_tell(const char *what, const char *name, uint64_t count) {
  if (count == 0) printf("never occurred: %s, %s\n", what, name);
  return count == 0;
}

static bool reasons_missing(const judge_tally *tally, const tw_reason *reasons, size_t count, unsigned word) {
  bool missing = false;
  for (size_t i = 0; i < count; i++) {
    uint64_t seen = 0;
    for (int mode = 0; mode < TW_MODE_COUNT; mode++) seen += tally->modes[word][mode][reasons[i]];
    missing |= missing_tell(word ? "RV64" : "RV32", tw_reason_name(reasons[i]), seen);
  }
  return missing;
}

/* Each kind of access is granted, and denied by its own right. */
static bool kinds_missing(const judge_tally *tally) {
  static const tw_reason rights[TW_ACCESS_COUNT] = {TW_REASON_EXECUTE_DENIED, TW_REASON_READ_DENIED,
                                                    TW_REASON_WRITE_DENIED, TW_REASON_WRITE_DENIED};
  bool missing = false;
  for (int kind = 0; kind < TW_ACCESS_COUNT; kind++) {
    const char *name = tw_access_name((tw_access)kind);
    missing |= missing_tell(name, "granted", tally->kinds[kind][TW_OK]);
    missing |= missing_tell(name, tw_reason_name(rights[kind]), tally->kinds[kind][rights[kind]]);
    missing |= missing_tell(name, "pmp-denied", tally->kinds[kind][TW_REASON_PMP_DENIED]);
    missing |= missing_tell(name, "table-pmp", tally->kinds[kind][TW_REASON_TABLE_PMP]);
  }
  return missing;
}

/* Every mode, and every standing, is granted something and denied something. */
static bool modes_missing(const judge_tally *tally, unsigned xlen) {
  bool missing = false;
  for (int mode = 0; mode < TW_MODE_COUNT; mode++) {
    for (unsigned word = 0; word < 2; word++) {
      if (xlen == (word ? 32u : 64u) || (mode != TW_BARE && (mode == TW_SV32) == (word == 1))) continue;
      missing |= missing_tell(tw_mode_row((tw_mode)mode)->name, "granted", tally->modes[word][mode][TW_OK]);
      missing |=
          missing_tell(tw_mode_row((tw_mode)mode)->name, "pmp-denied", tally->modes[word][mode][TW_REASON_PMP_DENIED]);
    }
  }
  for (int i = 0; i < JUDGE_STANDINGS; i++) {
    missing |= missing_tell(STANDINGS[i], "granted", tally->standings[i][TW_OK]);
    missing |= missing_tell(STANDINGS[i], "pmp-denied", tally->standings[i][TW_REASON_PMP_DENIED]);
  }
  return missing;
}

bool judge_tally_complete(const judge_tally *tally, unsigned xlen) {
  const size_t always = sizeof ALWAYS / sizeof ALWAYS[0];
  bool missing = kinds_missing(tally);
  missing |= modes_missing(tally, xlen);
  if (xlen != 64) missing |= reasons_missing(tally, ALWAYS, always, 0);
  if (xlen != 32) missing |= reasons_missing(tally, ALWAYS, always, 1);
  if (xlen != 32) missing |= reasons_missing(tally, RV64_ONLY, sizeof RV64_ONLY / sizeof RV64_ONLY[0], 1);
  return !missing;
}
