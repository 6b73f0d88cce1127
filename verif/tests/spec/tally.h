/* What occurred in a campaign, counted from the naive translator's side, and what must occur in every one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_TALLY_H
#define TWINWALK_TESTS_SPEC_TALLY_H

#include "random_memory.h"

/* Kinds of accesses: by scheme in S-mode and U-mode, and M-mode, which is never translated. */
enum {
  TALLY_SV32,
  TALLY_SV39,
  TALLY_SV48,
  TALLY_SV57,
  TALLY_BARE32,
  TALLY_BARE64,
  TALLY_MACHINE32,
  TALLY_MACHINE64,
  TALLY_KINDS
};

/* Events that are counted a kind; only the translating kinds have them. */
typedef enum tally_event {
  TALLY_RETRY,             /* speculative, and an update was due */
  TALLY_UPDATED,           /* A or D was set */
  TALLY_LOST,              /* an update found another entry, and the walk then ended well */
  TALLY_LOST_AND_CHANGED,  /* ..., and the walk then ended otherwise than by a translation */
  TALLY_MORE_STEPS,        /* a walk of more steps than are kept */
  TALLY_GLOBAL_BY_POINTER, /* G in a pointer and not in the leaf */
  TALLY_NAPOT,             /* translated by a 64 KiB page; and so on */
  TALLY_NC,                /* by a page of type NC */
  TALLY_IO,                /* by a page of type IO */
  TALLY_SOFTWARE_60_59,    /* by a leaf with bits for software above the page number */
  TALLY_NAPOT_DENIED,      /* a 64 KiB page denied the access */
  TALLY_NARROW,            /* translated, in fewer physical bits than the scheme has */
  TALLY_REGION,            /* translated, within a region; into I/O memory */
  TALLY_PMP_RULE,          /* translated, granted by a PMP entry */
  TALLY_EVENTS
} tally_event;

/* Events of physical memory protection, on accesses of their own. */
typedef enum tally_probe {
  TALLY_PROBE_TOR,
  TALLY_PROBE_NA4,
  TALLY_PROBE_NAPOT,
  TALLY_PROBE_PART,          /* the entry that decides holds only a part of the bytes */
  TALLY_PROBE_NONE,          /* no entry matches, granted to M-mode */
  TALLY_PROBE_MMWP,          /* no entry matches, and MMWP denies M-mode */
  TALLY_PROBE_MML_FETCH,     /* no entry matches, and MML denies M-mode a fetch */
  TALLY_PROBE_GRAIN,         /* a grain above 4 bytes */
  TALLY_PROBE_LAST,          /* an entry from number 16 on */
  TALLY_PROBE_WRITE_CHANGED, /* a write that changed a register; that had no effect */
  TALLY_PROBE_WRITE_IGNORED,
  TALLY_PROBES
} tally_probe;

typedef struct tally {
  uint64_t accesses;
  uint64_t differences;
  uint64_t reasons[TALLY_KINDS][TW_REASON_COUNT];
  uint64_t leaves[TALLY_KINDS][TW_MAX_LEVELS];     /* translated, by level */
  uint64_t bus_errors[TALLY_KINDS][TW_MAX_LEVELS]; /* by level */
  uint64_t events[TALLY_KINDS][TALLY_EVENTS];
  uint64_t bytes[65]; /* translated, by size */
  uint64_t probes[TALLY_PROBES];
  uint64_t lockdown[16][2][TW_ACCESS_COUNT][2]; /* MML: by LRWX, M-mode or not, access, denied or granted */
} tally;

/* Counts one access's answer. `memory` is the naive side's. */
void tally_access(tally *counts, const random_machine *machine, const naive_hart *hart, const naive_access *access,
                  const naive_answer *answer, const random_memory *memory);

/* Counts one question to PMP alone. */
void tally_pmp(tally *counts, const naive_pmp *pmp, char privilege, char kind, uint64_t first, int bytes);

void tally_print(const tally *counts);

/* Whether all that can occur has occurred, and nothing else; says what is missing. */
bool tally_complete(const tally *counts);

#endif
