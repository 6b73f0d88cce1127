/* A second translator, naive on purpose.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive_walk.h"

#include <stddef.h>

/* A walk on its way. */
typedef struct journey {
  const naive_machine *machine;
  const naive_memory *memory;
  naive_sight sight;
  naive_number entry_at; /* address of the entry before the eyes */
  bool global;           /* an entry passed so far had G */
  naive_answer answer;
} journey;

char naive_privilege(const naive_hart *hart, char kind) {
  bool lent = hart->privilege == 'M' && hart->mprv && kind != 'f';
  return lent ? hart->mpp : hart->privilege;
}

static int exception_code(tw_reason reason, char kind) {
  static const tw_reason access_faults[] = {TW_REASON_TABLE_BUS_ERROR,  TW_REASON_TABLE_RANGE,    TW_REASON_TABLE_PMA,
                                            TW_REASON_TABLE_PMP,        TW_REASON_UPDATE_PMA,     TW_REASON_UPDATE_PMP,
                                            TW_REASON_UPDATE_BUS_ERROR, TW_REASON_PHYSICAL_RANGE, TW_REASON_PMA_DENIED,
                                            TW_REASON_PMP_DENIED};
  if (reason == TW_OK) return 0;
  for (size_t i = 0; i < sizeof access_faults / sizeof access_faults[0]; i++) {
    if (access_faults[i] == reason) return kind == 'f' ? 1 : kind == 'l' ? 5 : 7;
  }
  return kind == 'f' ? 12 : kind == 'l' ? 13 : 15;
}

static naive_number two_to_the(int exponent) {
  naive_number power = 1;
  while (exponent-- > 0) power *= 2;
  return power;
}

static bool beyond_width(const naive_machine *machine, int xlen, naive_number address) {
  int widest = xlen == 32 ? 34 : 56;
  return address >= two_to_the(machine->address_bits ? machine->address_bits : widest);
}

static bool holds_byte(const naive_region *region, naive_number byte) {
  return region->first <= byte && byte < region->end;
}

int naive_region_of(const naive_machine *machine, naive_number first, int bytes) {
  for (int i = 0; i < machine->regions; i++) {
    int held = 0;
    for (int byte = 0; byte < bytes; byte++) held += holds_byte(&machine->region[i], first + (unsigned)byte);
    if (held == bytes) return i;
  }
  return -1;
}

static bool pmp_denies(const naive_machine *machine, char privilege, char kind, naive_number first, int bytes) {
  return machine->pmp && !naive_pmp_grants(machine->pmp, privilege, kind, (uint64_t)first, bytes);
}

tw_reason naive_read_obstacle(const naive_machine *machine, const naive_scheme *scheme, naive_number entry_at) {
  int bytes = scheme->entry_bytes;
  int region = naive_region_of(machine, entry_at, bytes);
  if (beyond_width(machine, scheme->xlen, entry_at)) return TW_REASON_TABLE_RANGE;
  if (machine->regions > 0 && (region < 0 || !machine->region[region].tables)) return TW_REASON_TABLE_PMA;
  if (pmp_denies(machine, 'S', 'l', entry_at, bytes)) return TW_REASON_TABLE_PMP;
  return TW_OK;
}

tw_reason naive_update_obstacle(const naive_machine *machine, const naive_scheme *scheme, naive_number entry_at) {
  int bytes = scheme->entry_bytes;
  int region = naive_region_of(machine, entry_at, bytes);
  if (machine->regions > 0 && !machine->region[region].updates) return TW_REASON_UPDATE_PMA;
  if (pmp_denies(machine, 'S', 's', entry_at, bytes)) return TW_REASON_UPDATE_PMP;
  return TW_OK;
}

tw_reason naive_final_obstacle(const naive_machine *machine, int xlen, char privilege, const naive_access *access,
                               naive_number pa) {
  if (beyond_width(machine, xlen, pa)) return TW_REASON_PHYSICAL_RANGE;
  if (machine->regions > 0 && naive_region_of(machine, pa, access->bytes) < 0) return TW_REASON_PMA_DENIED;
  if (pmp_denies(machine, privilege, access->kind, pa, access->bytes)) return TW_REASON_PMP_DENIED;
  return TW_OK;
}

static void step_note(journey *way, naive_step step) {
  step.address = (uint64_t)way->entry_at;
  step.level = way->sight.level;
  if (way->answer.steps < NAIVE_STEPS_MOST) way->answer.step[way->answer.steps++] = step;
}

/* Sv step 2. */
static tw_reason entry_fetch(journey *way, naive_number table_page) {
  naive_sight *sight = &way->sight;
  way->entry_at = naive_entry_place(sight->scheme, table_page, sight->level, &sight->va);
  tw_reason obstacle = naive_read_obstacle(way->machine, way->sight.scheme, way->entry_at);
  if (obstacle != TW_OK) return obstacle;
  uint64_t value = 0;
  int bytes = sight->scheme->entry_bytes;
  bool good = way->memory->read(way->memory->payload, (uint64_t)way->entry_at, bytes, &value);
  sight->entry = naive_bits_of(value, 8 * bytes);
  step_note(way, (naive_step){.value = good ? (uint64_t)naive_bits_number(&sight->entry) : 0, .failed = !good});
  return good ? TW_OK : TW_REASON_TABLE_BUS_ERROR;
}

/* The answer's words on the leaf before the eyes. */
static void leaf_note(journey *way, uint64_t entry) {
  const naive_sight *sight = &way->sight;
  way->answer.level = sight->level;
  way->answer.flags = (int)(entry % 256);
  bool has_global = naive_entry_has(sight, 'G');
  if (way->global && !has_global) way->answer.flags += 32;
  way->answer.attribute = (int)naive_entry_value(sight, 'm');
  way->answer.napot = naive_entry_has(sight, 'N');
}

static void leaf_forget(journey *way) {
  way->answer.level = way->answer.flags = way->answer.attribute = 0;
  way->answer.napot = false;
}

/* Sv step 9 with hardware updates. Says in *lost whether the entry was another one by now. */
static tw_reason entry_update(journey *way, bool *lost) {
  tw_reason obstacle = naive_update_obstacle(way->machine, way->sight.scheme, way->entry_at);
  if (obstacle != TW_OK) return obstacle;
  int bytes = way->sight.scheme->entry_bytes;
  uint64_t old = (uint64_t)naive_bits_number(&way->sight.entry), found = 0;
  uint64_t fresh = naive_entry_refreshed(&way->sight);
  bool good = way->memory->swap(way->memory->payload, (uint64_t)way->entry_at, bytes, old, fresh, &found);
  *lost = good && found != old;
  step_note(way,
            (naive_step){.value = good ? found : 0, .desired = fresh, .failed = !good, .swapped = true, .lost = *lost});
  if (good && !*lost) leaf_note(way, fresh);
  return good ? TW_OK : TW_REASON_UPDATE_BUS_ERROR;
}

/* Sv steps 6 to 9 on a leaf. *again: back to Sv step 2 at the same level. */
static tw_reason leaf_visit(journey *way, bool speculative, bool *again) {
  tw_reason reason = naive_entry_denial(&way->sight);
  if (reason != TW_OK) return reason;
  reason = naive_entry_staleness(&way->sight);
  bool by_hardware = way->sight.extensions->svadu && way->sight.extensions->adue;
  if (reason == TW_OK || !by_hardware) return reason;
  if (speculative) {
    way->answer.retry = true;
    return TW_OK;
  }
  return entry_update(way, again);
}

/* Sv steps 1 to 9. */
static tw_reason travel(journey *way, naive_number table_page, bool speculative) {
  for (;;) {
    leaf_forget(way);
    tw_reason reason = entry_fetch(way, table_page);
    if (reason == TW_OK) reason = naive_entry_fault(&way->sight);
    if (reason != TW_OK) return reason;
    if (naive_entry_is_pointer(&way->sight)) {
      way->global = way->global || naive_entry_has(&way->sight, 'G');
      table_page = naive_entry_page(&way->sight);
      way->sight.level--;
      continue;
    }
    leaf_note(way, (uint64_t)naive_bits_number(&way->sight.entry));
    bool again = false;
    reason = leaf_visit(way, speculative, &again);
    if (!again) return reason;
  }
}

static tw_reason translate(journey *way, const naive_hart *hart, bool speculative) {
  if (!naive_sign_extended(way->sight.scheme, &way->sight.va)) return TW_REASON_NOT_CANONICAL;
  naive_bits satp = naive_bits_of(hart->satp, hart->xlen);
  naive_number root = naive_bits_value(&satp, way->sight.scheme->satp, 'P');
  tw_reason reason = travel(way, root, speculative);
  if (reason == TW_OK && !way->answer.retry) way->answer.pa = naive_entry_address(&way->sight);
  return reason;
}

naive_answer naive_walk(const naive_hart *hart, const naive_machine *machine, const naive_access *access,
                        const naive_memory *memory) {
  const naive_scheme *scheme = naive_scheme_of(hart->xlen, hart->satp);
  char privilege = naive_privilege(hart, access->kind);
  journey way = {.machine = machine,
                 .memory = memory,
                 .sight = {.scheme = scheme,
                           .extensions = &hart->extensions,
                           .va = naive_bits_of(access->va, hart->xlen),
                           .level = scheme->levels - 1,
                           .privilege = privilege,
                           .kind = access->kind,
                           .sum = hart->sum,
                           .mxr = hart->mxr}};
  naive_answer *answer = &way.answer;
  if (privilege == 'M' || scheme->levels == 0) {
    answer->pa = naive_bits_number(&way.sight.va);
  } else {
    answer->reason = translate(&way, hart, access->speculative);
  }
  if (answer->reason == TW_OK && !answer->retry) {
    answer->reason = naive_final_obstacle(machine, hart->xlen, privilege, access, answer->pa);
  }
  if (answer->reason != TW_OK) answer->pa = 0;
  answer->mcause = exception_code(answer->reason, access->kind);
  return *answer;
}
