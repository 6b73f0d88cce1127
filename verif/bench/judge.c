/* Judges answers by the oracle, and keeps the addresses of entries whose change no fence has ordered yet.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

#define ROOTS 64u

typedef struct flight_note {
  tw_context context;
  tw_walk walk; /* at the request */
  uint64_t accepted;
  uint64_t stores; /* made until then */
  bool stale;      /* an older translation could be used then */
} flight_note;

struct tw_judge {
  const tw_config *config;
  tw_memory *memory;
  uint64_t *changed; /* entries changed and not fenced: open addressing, address + 1, 0 where empty */
  size_t slots, used;
  bool all_stale; /* more than can be told apart: until the next full fence any older translation may be legal */
  struct {
    uint16_t asid;
    uint64_t root;
  } roots[ROOTS]; /* root table of each ASID that was in force */
  unsigned root_count;
  uint64_t stores; /* made so far */
  bool bus_failed; /* some read ever failed, the last one in this cycle: */
  uint64_t bus_failed_at;
  flight_note notes[TW_PORT_COUNT][TW_TAGS];
};

tw_judge *tw_judge_open(const tw_config *config, tw_memory *memory) {
  tw_judge *judge = calloc(1, sizeof *judge);
  if (!judge) return NULL;
  judge->config = config;
  judge->memory = memory;
  judge->slots = 256;
  judge->changed = calloc(judge->slots, sizeof *judge->changed);
  if (judge->changed) return judge;
  free(judge);
  return NULL;
}

void tw_judge_close(tw_judge *judge) {
  if (!judge) return;
  free(judge->changed);
  free(judge);
}

static size_t changed_slot(const uint64_t *table, size_t slots, uint64_t key) {
  size_t slot = (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) & (slots - 1);
  while (table[slot] && table[slot] != key) slot = (slot + 1) & (slots - 1);
  return slot;
}

static bool changed_grow(tw_judge *judge) {
  size_t slots = judge->slots * 2;
  uint64_t *table = calloc(slots, sizeof *table);
  if (!table) return false;
  for (size_t i = 0; i < judge->slots; i++)
    if (judge->changed[i]) table[changed_slot(table, slots, judge->changed[i])] = judge->changed[i];
  free(judge->changed);
  judge->changed = table;
  judge->slots = slots;
  return true;
}

/* A fence with an address orders the leaf that it names. The slot is refilled in place so that no search ends early. */
static void changed_remove(tw_judge *judge, uint64_t pa) {
  size_t hole = changed_slot(judge->changed, judge->slots, pa + 1);
  if (!judge->changed[hole]) return;
  judge->changed[hole] = 0;
  judge->used--;
  for (size_t i = (hole + 1) & (judge->slots - 1); judge->changed[i]; i = (i + 1) & (judge->slots - 1)) {
    uint64_t key = judge->changed[i];
    judge->changed[i] = 0;
    judge->changed[changed_slot(judge->changed, judge->slots, key)] = key;
  }
}

static bool is_changed(const tw_judge *judge, uint64_t pa) {
  return judge->changed[changed_slot(judge->changed, judge->slots, pa + 1)] != 0;
}

void tw_judge_store(tw_judge *judge, const tw_record_store *store) {
  judge->stores++;
  unsigned entry = tw_mode_row(judge->config->mode)->pte_bytes;
  for (uint64_t pa = store->pa & ~(uint64_t)(entry - 1); pa < store->pa + store->width; pa += entry) {
    size_t slot = changed_slot(judge->changed, judge->slots, pa + 1);
    if (judge->changed[slot]) continue;
    judge->changed[slot] = pa + 1;
    if (++judge->used * 2 >= judge->slots && !changed_grow(judge)) judge->all_stale = true;
  }
}

/* A root that changes under the same ASID leaves translations of the old tree behind (rule satp_op_sfence_vma). */
void tw_judge_control(tw_judge *judge, const tw_control_state *control) {
  tw_context context;
  tw_control_context(control, judge->config, TW_FETCH, &context);
  if (context.satp.mode == TW_BARE) return;
  for (unsigned i = 0; i < judge->root_count; i++) {
    if (judge->roots[i].asid != context.satp.asid) continue;
    if (judge->roots[i].root != context.satp.root_ppn) judge->all_stale = true;
    judge->roots[i].root = context.satp.root_ppn;
    return;
  }
  if (judge->root_count == ROOTS) {
    judge->all_stale = true;
    return;
  }
  judge->roots[judge->root_count].asid = context.satp.asid;
  judge->roots[judge->root_count++].root = context.satp.root_ppn;
}

void tw_judge_fence(tw_judge *judge, const tw_record_fence *fence, const tw_control_state *control) {
  if (!fence->has_va && !fence->has_asid) {
    memset(judge->changed, 0, judge->slots * sizeof *judge->changed);
    judge->used = 0;
    judge->all_stale = false;
    judge->root_count = 0;
    tw_judge_control(judge, control);
    return;
  }
  if (!fence->has_va || fence->has_asid || !tw_va_canonical(judge->config->mode, fence->va)) return;
  tw_context context;
  tw_control_context(control, judge->config, TW_LOAD, &context);
  context.privilege = TW_SUPERVISOR;
  if (context.satp.mode == TW_BARE) return;
  tw_walk walk;
  tw_walk_run(&context, TW_LOAD, fence->va, tw_memory_oracle_read, judge->memory, &walk);
  if (walk.step_count) changed_remove(judge, walk.steps[walk.step_count - 1].pa);
}

/* The flags of an untranslated access are 0, of a fault too; the rest of a translation is compared as it is. */
static bool is_equal(const tw_walk *walk, const tw_record_answer *answer) {
  if (walk->reason != TW_OK) return answer->status == TW_PIN_FAULT && answer->reason == (uint8_t)walk->reason;
  return answer->status == TW_PIN_TRANSLATED && answer->pa == walk->pa && answer->level == walk->level &&
         answer->flags == walk->flags;
}

static bool touches_changed(const tw_judge *judge, const tw_walk *walk) {
  for (unsigned i = 0; i < walk->step_count; i++)
    if (is_changed(judge, walk->steps[i].pa)) return true;
  return false;
}

void tw_judge_accepted(tw_judge *judge, const tw_flight *flight) {
  flight_note *note = &judge->notes[flight->port][flight->tag];
  note->accepted = flight->accepted;
  tw_control_context(&flight->control, judge->config, flight->access.kind, &note->context);
  tw_walk_run(&note->context, flight->access.kind, flight->access.va, tw_memory_oracle_read, judge->memory,
              &note->walk);
  note->stores = judge->stores;
  note->stale = judge->all_stale || touches_changed(judge, &note->walk);
}

void tw_judge_read(tw_judge *judge, const tw_memory_read *read) {
  if (!read->error) return;
  judge->bus_failed = true;
  judge->bus_failed_at = read->cycle;
}

static bool had_bus_error(const tw_walk *walk) {
  return walk->step_count > 0 && walk->steps[walk->step_count - 1].bus_error;
}

tw_judgement tw_judge_answer(tw_judge *judge, const tw_flight *flight, const tw_record_answer *answer,
                             tw_walk *expected) {
  const flight_note *note = &judge->notes[flight->port][flight->tag];
  tw_walk_run(&note->context, flight->access.kind, flight->access.va, tw_memory_oracle_read, judge->memory, expected);
  if (answer->status == TW_PIN_RETRY) return flight->satp_changed ? TW_JUDGED_LEGAL : TW_JUDGED_ILLEGAL;
  bool now = is_equal(expected, answer), then = is_equal(&note->walk, answer);
  bool stale = tw_context_translates(&note->context) &&
               (note->stale || judge->all_stale || judge->stores != note->stores || touches_changed(judge, expected) ||
                touches_changed(judge, &note->walk));
  if (now && then && !stale && !flight->satp_changed && !had_bus_error(expected)) return TW_JUDGED_ONLY;
  if (now || then) return TW_JUDGED_LEGAL;
  /* A bus error is of one read, not of an address: a cached translation, or one read before or after, may be right. */
  bool failed = judge->bus_failed && judge->bus_failed_at >= note->accepted;
  if (answer->status == TW_PIN_FAULT && answer->reason == TW_REASON_TABLE_BUS_ERROR)
    return failed ? TW_JUDGED_UNDECIDED : TW_JUDGED_ILLEGAL;
  if (stale || had_bus_error(expected) || had_bus_error(&note->walk)) return TW_JUDGED_UNDECIDED;
  return TW_JUDGED_ILLEGAL;
}
