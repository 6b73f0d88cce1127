/* What occurred in a campaign: the table for a person, and what must occur.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tally.h"

static const char *const KINDS[TALLY_KINDS] = {"Sv32", "Sv39", "Sv48", "Sv57", "Bare32", "Bare64", "M32", "M64"};
static const int LEVELS[TALLY_KINDS] = {2, 3, 4, 5, 0, 0, 0, 0};

static const char *const EVENTS[TALLY_EVENTS] = {
    [TALLY_RETRY] = "retry",
    [TALLY_UPDATED] = "updated",
    [TALLY_LOST] = "update lost, translated",
    [TALLY_LOST_AND_CHANGED] = "update lost, not so",
    [TALLY_MORE_STEPS] = "more than 16 steps",
    [TALLY_GLOBAL_BY_POINTER] = "global by a pointer",
    [TALLY_NAPOT] = "64 KiB page",
    [TALLY_NC] = "type NC",
    [TALLY_IO] = "type IO",
    [TALLY_SOFTWARE_60_59] = "bits 60..59 used",
    [TALLY_NAPOT_DENIED] = "64 KiB page denied",
    [TALLY_NARROW] = "narrow addresses",
    [TALLY_REGION] = "in a region",
    [TALLY_PMP_RULE] = "by a PMP entry",
};

static const char *const PROBES[TALLY_PROBES] = {
    [TALLY_PROBE_TOR] = "TOR",
    [TALLY_PROBE_NA4] = "NA4",
    [TALLY_PROBE_NAPOT] = "NAPOT",
    [TALLY_PROBE_PART] = "entry holds a part",
    [TALLY_PROBE_NONE] = "no entry, granted",
    [TALLY_PROBE_MMWP] = "no entry, MMWP",
    [TALLY_PROBE_MML_FETCH] = "no entry, MML fetch",
    [TALLY_PROBE_GRAIN] = "grain above 4",
    [TALLY_PROBE_LAST] = "entry 16 or above",
    [TALLY_PROBE_WRITE_CHANGED] = "write with an effect",
    [TALLY_PROBE_WRITE_IGNORED] = "write without",
};

static void row_print(const char *name, const uint64_t *first, size_t stride) {
  print_message("%-24s", name);
  for (int kind = 0; kind < TALLY_KINDS; kind++) print_message(" %8" PRIu64, first[(size_t)kind * stride]);
  print_message("\n");
}

void tally_print(const tally *counts) {
  print_message("%-24s", "");
  for (int kind = 0; kind < TALLY_KINDS; kind++) print_message(" %8s", KINDS[kind]);
  print_message("\n");
  for (int reason = 0; reason < TW_REASON_COUNT; reason++) {
    row_print(tw_reason_name((tw_reason)reason), &counts->reasons[0][reason], TW_REASON_COUNT);
  }
  for (int level = 0; level < (int)TW_MAX_LEVELS; level++) {
    const char *names[TW_MAX_LEVELS] = {"page of level 0", "level 1", "level 2", "level 3", "level 4"};
    row_print(names[level], &counts->leaves[0][level], TW_MAX_LEVELS);
  }
  for (int event = 0; event < TALLY_EVENTS; event++) {
    row_print(EVENTS[event], &counts->events[0][event], TALLY_EVENTS);
  }
  for (int probe = 0; probe < TALLY_PROBES; probe++) {
    print_message("PMP: %-20s %8" PRIu64 "\n", PROBES[probe], counts->probes[probe]);
  }
}

/* Untranslated accesses end in no page fault. RV32 has no sign extension, and 4-byte entries no reserved bits. */
static bool reason_possible(int kind, tw_reason reason) {
  switch (reason) {
  case TW_OK:
  case TW_REASON_PHYSICAL_RANGE:
  case TW_REASON_PMA_DENIED:
  case TW_REASON_PMP_DENIED:
    return true;
  case TW_REASON_NOT_CANONICAL:
  case TW_REASON_RESERVED_BITS:
  case TW_REASON_NAPOT_RESERVED:
  case TW_REASON_PBMT_RESERVED:
    return LEVELS[kind] > 2;
  default:
    return LEVELS[kind] > 0;
  }
}

static bool event_possible(int kind, tally_event event) {
  bool of_wide_entries = event == TALLY_NAPOT || event == TALLY_NC || event == TALLY_IO ||
                         event == TALLY_SOFTWARE_60_59 || event == TALLY_NAPOT_DENIED;
  return LEVELS[kind] > (of_wide_entries ? 2 : 0);
}

/* Whether a count is above 0 exactly if it can be. */
static bool expected(const char *kind, const char *name, uint64_t count, bool possible) {
  if ((count > 0) == possible) return true;
  print_message("%s, %s: %s\n", kind, name, possible ? "never occurred" : "occurred, and cannot");
  return false;
}

static bool kind_complete(const tally *counts, int kind) {
  bool complete = true;
  for (int reason = 0; reason < TW_REASON_COUNT; reason++) {
    complete &= expected(KINDS[kind], tw_reason_name((tw_reason)reason), counts->reasons[kind][reason],
                         reason_possible(kind, (tw_reason)reason));
  }
  for (int event = 0; event < TALLY_EVENTS; event++) {
    complete &=
        expected(KINDS[kind], EVENTS[event], counts->events[kind][event], event_possible(kind, (tally_event)event));
  }
  for (int level = 0; level < (int)TW_MAX_LEVELS; level++) {
    bool possible = level < LEVELS[kind];
    complete &= expected(KINDS[kind], "a page of some level", counts->leaves[kind][level], possible);
    complete &= expected(KINDS[kind], "a bus error of some level", counts->bus_errors[kind][level], possible);
  }
  return complete;
}

/* With MML, every row of the table was asked for every access, and always answered alike. */
static bool lockdown_complete(const tally *counts) {
  bool complete = true;
  for (int i = 0; i < 16 * 2 * TW_ACCESS_COUNT; i++) {
    int row = i / (2 * TW_ACCESS_COUNT), others = i / TW_ACCESS_COUNT % 2, access = i % TW_ACCESS_COUNT;
    const uint64_t *asked = counts->lockdown[row][others][access];
    char name[64];
    snprintf(name, sizeof name, "LRWX %d%d%d%d, %s, %s", row >> 3, row >> 2 & 1, row >> 1 & 1, row & 1,
             others ? "S or U" : "M", tw_access_name((tw_access)access));
    complete &= expected("MML", name, asked[0] + asked[1], true);
    complete &= expected("MML with two answers", name, asked[0] && asked[1], false);
  }
  return complete;
}

bool tally_complete(const tally *counts) {
  bool complete = lockdown_complete(counts);
  for (int kind = 0; kind < TALLY_KINDS; kind++) complete &= kind_complete(counts, kind);
  for (int probe = 0; probe < TALLY_PROBES; probe++) {
    complete &= expected("PMP", PROBES[probe], counts->probes[probe], true);
  }
  for (int bytes = 1; bytes <= 64; bytes++) complete &= expected("any", "a size", counts->bytes[bytes], true);
  return complete;
}
