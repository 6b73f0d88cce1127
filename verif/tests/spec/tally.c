/* What occurred in a campaign: counting.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

#include <string.h>

static int kind_of(const naive_hart *hart, const naive_access *access) {
  bool narrow = hart->xlen == 32;
  if (naive_privilege(hart, access->kind) == 'M') return narrow ? TALLY_MACHINE32 : TALLY_MACHINE64;
  switch (naive_scheme_of(hart->xlen, hart->satp)->levels) {
  case 2:
    return TALLY_SV32;
  case 3:
    return TALLY_SV39;
  case 4:
    return TALLY_SV48;
  case 5:
    return TALLY_SV57;
  default:
    return narrow ? TALLY_BARE32 : TALLY_BARE64;
  }
}

/* Events of any walk, whatever came of it. */
static void tally_walk(uint64_t *events, const naive_answer *answer) {
  bool lost = false, updated = false;
  for (int i = 0; i < answer->steps; i++) {
    const naive_step *step = &answer->step[i];
    lost = lost || step->lost;
    updated = updated || (step->swapped && !step->lost && !step->failed);
  }
  bool well = answer->reason == TW_OK && !answer->retry;
  events[TALLY_RETRY] += answer->retry;
  events[TALLY_UPDATED] += updated;
  events[TALLY_LOST] += lost && well;
  events[TALLY_LOST_AND_CHANGED] += lost && !well;
  events[TALLY_NAPOT_DENIED] += answer->napot && answer->reason != TW_OK;
}

/* Events of a translation that succeeded. */
static void tally_leaf(uint64_t *events, const random_machine *machine, const naive_access *access, bool wide,
                       const naive_answer *answer) {
  uint64_t leaf = answer->step[answer->steps - 1].value;
  bool whole;
  events[TALLY_GLOBAL_BY_POINTER] += (answer->flags & TW_PTE_G) && !(leaf & TW_PTE_G);
  events[TALLY_NAPOT] += answer->napot;
  events[TALLY_NC] += answer->attribute == TW_PBMT_NC;
  events[TALLY_IO] += answer->attribute == TW_PBMT_IO;
  events[TALLY_SOFTWARE_60_59] += wide && (leaf & TW_PTE_RSW60T59);
  events[TALLY_NARROW] += machine->width < (wide ? 56 : 34);
  events[TALLY_REGION] += machine->plain.regions > 0;
  events[TALLY_PMP_RULE] +=
      machine->pmp_there && naive_pmp_decider(&machine->plain_pmp, (uint64_t)answer->pa, access->bytes, &whole) >= 0;
}

void tally_access(tally *counts, const random_machine *machine, const naive_hart *hart, const naive_access *access,
                  const naive_answer *answer, const random_memory *memory) {
  int kind = kind_of(hart, access);
  uint64_t *events = counts->events[kind];
  counts->accesses++;
  counts->reasons[kind][answer->reason]++;
  tally_walk(events, answer);
  events[TALLY_MORE_STEPS] += memory->records > NAIVE_STEPS_MOST;
  if (answer->reason == TW_REASON_TABLE_BUS_ERROR && memory->records <= NAIVE_STEPS_MOST) {
    counts->bus_errors[kind][answer->step[answer->steps - 1].level]++;
  }
  if (answer->reason != TW_OK || answer->retry) return;
  counts->bytes[access->bytes]++;
  if (answer->steps == 0) return;
  counts->leaves[kind][answer->level]++;
  if (memory->records <= NAIVE_STEPS_MOST) tally_leaf(events, machine, access, hart->xlen == 64, answer);
}

static void tally_lockdown(tally *counts, const naive_bits *config, char privilege, char kind, bool granted) {
  int row = 0;
  for (const char *letter = "LRWX"; *letter; letter++) {
    row = 2 * row + naive_bits_any(config, NAIVE_PMP_CONFIG, *letter);
  }
  counts->lockdown[row][privilege != 'M'][strchr("flsa", kind) - "flsa"][granted]++;
}

void tally_pmp(tally *counts, const naive_pmp *pmp, char privilege, char kind, uint64_t first, int bytes) {
  static const tally_probe by_matching[4] = {TALLY_PROBES, TALLY_PROBE_TOR, TALLY_PROBE_NA4, TALLY_PROBE_NAPOT};
  bool whole;
  int index = naive_pmp_decider(pmp, first, bytes, &whole);
  bool granted = naive_pmp_grants(pmp, privilege, kind, first, bytes);
  bool machine = privilege == 'M' && pmp->count > 0;
  if (index < 0) {
    counts->probes[TALLY_PROBE_NONE] += machine && granted;
    counts->probes[TALLY_PROBE_MMWP] += machine && pmp->mmwp;
    counts->probes[TALLY_PROBE_MML_FETCH] += machine && !pmp->mmwp && pmp->mml && kind == 'f';
    return;
  }
  const naive_bits *config = &pmp->rule[index].config;
  counts->probes[by_matching[(int)naive_bits_value(config, NAIVE_PMP_CONFIG, 'm')]]++;
  counts->probes[TALLY_PROBE_PART] += !whole;
  counts->probes[TALLY_PROBE_GRAIN] += pmp->grain > 0;
  counts->probes[TALLY_PROBE_LAST] += index >= 16;
  if (whole && pmp->mml) tally_lockdown(counts, config, privilege, kind, granted);
}
