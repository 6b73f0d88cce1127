/* The judgement itself: answers, and updates of A and D.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "judge_internal.h"

static bool is_write(tw_access access) {
  return access == TW_STORE || access == TW_AMO;
}

/* The flags of an untranslated access are 0, of a fault too; the rest of a translation is compared as it is. Flags in
 * `lacking` may be clear in the answer. */
static bool is_equal(const tw_walk *walk, const tw_record_answer *answer, unsigned lacking) {
  if (walk->retry) return answer->status == TW_PIN_RETRY;
  if (walk->reason != TW_OK) return answer->status == TW_PIN_FAULT && answer->reason == (uint8_t)walk->reason;
  return answer->status == TW_PIN_TRANSLATED && answer->pa == walk->pa && answer->level == walk->level &&
         (answer->flags | lacking) == (walk->flags | lacking) && answer->attribute == walk->attribute &&
         answer->napot == walk->napot;
}

static bool is_pmp(unsigned reason) {
  return reason == TW_REASON_TABLE_PMP || reason == TW_REASON_UPDATE_PMP || reason == TW_REASON_PMP_DENIED;
}

static bool is_mark(unsigned reason) {
  return reason == TW_REASON_ACCESSED_CLEAR || reason == TW_REASON_DIRTY_CLEAR;
}

/* Where a register decides that was written since the last full fence, what was decided before may be kept. */
static bool is_kept(const tw_judge *judge, const flight_note *note, const tw_flight *flight,
                    const tw_record_answer *answer, const tw_walk *expected) {
  const unsigned said = answer->status == TW_PIN_FAULT ? answer->reason : 0;
  const unsigned now = (unsigned)expected->reason, then = (unsigned)note->walk.reason;
  if (flight->pmp_changed) return true;
  const bool pmp = judge->pmp_stale || note->pmp_stale, adue = judge->adue_stale || note->adue_stale;
  if (pmp && (is_pmp(said) || is_pmp(now) || is_pmp(then))) return true;
  return adue && (is_mark(said) || is_mark(now) || is_mark(then) || answer->status == TW_PIN_RETRY);
}

/* What an entry of the time before the design set A or D in memory may answer. */
static bool is_of_before_the_mark(const flight_note *note, const tw_record_answer *answer, const tw_walk *expected) {
  const bool write = is_write(note->access.kind);
  if (!write) return is_equal(expected, answer, TW_PTE_D) || is_equal(&note->walk, answer, TW_PTE_D);
  if (answer->status == TW_PIN_RETRY) return note->access.speculative;
  return answer->status == TW_PIN_FAULT && answer->reason == TW_REASON_DIRTY_CLEAR &&
         !(note->context.extensions & TW_EXT_SVADU);
}

static tw_judgement unequal_judge(tw_judge *judge, const flight_note *note, const tw_flight *flight,
                                  const tw_record_answer *answer, const tw_walk *expected, unsigned stale) {
  const bool fault = answer->status == TW_PIN_FAULT;
  const bool failed = judge_bus_error(expected) || judge_bus_error(&note->walk);
  if (is_kept(judge, note, flight, answer, expected)) return TW_JUDGED_UNDECIDED;
  if (stale & STALE_MARKED && is_of_before_the_mark(note, answer, expected)) return TW_JUDGED_LEGAL;
  /* A bus error is of one request, not of an address: a cached translation, or one read before or after, may be right.
   */
  if (fault && (answer->reason == TW_REASON_TABLE_BUS_ERROR || answer->reason == TW_REASON_UPDATE_BUS_ERROR))
    return judge->bus_failed && judge->bus_failed_at >= note->accepted ? TW_JUDGED_UNDECIDED : TW_JUDGED_ILLEGAL;
  if (stale & STALE_ANY || failed) return TW_JUDGED_UNDECIDED;
  if (stale & STALE_INVALID && fault && answer->reason == TW_REASON_INVALID) return TW_JUDGED_LEGAL;
  return TW_JUDGED_ILLEGAL;
}

tw_judgement tw_judge_answer(tw_judge *judge, const tw_flight *flight, const tw_record_answer *answer,
                             tw_walk *expected) {
  flight_note *note = &judge->notes[flight->port][flight->tag];
  judge->why = NULL;
  note->active = false;
  judge_ask(judge, &note->context, &note->access, expected);
  if (answer->status == TW_PIN_RETRY && flight->satp_changed) return TW_JUDGED_LEGAL;
  const bool now = is_equal(expected, answer, 0), then = is_equal(&note->walk, answer, 0);
  const bool failed = judge_bus_error(expected) || judge_bus_error(&note->walk);
  const unsigned stale = judge_answer_staleness(judge, note, expected);
  const bool settled =
      then && !judge_update_due(&note->walk); /* A and D were set; cleared since, they may be used (P20) */
  if (answer->status == TW_PIN_TRANSLATED && judge_update_due(expected) && !failed && !settled) {
    if (stale & STALE_ANY || is_kept(judge, note, flight, answer, expected)) return TW_JUDGED_UNDECIDED;
    judge->why = "A or D was due, and is not set in memory";
    return TW_JUDGED_ILLEGAL;
  }
  if (now && then && !stale && !flight->satp_changed && !flight->pmp_changed && !failed) return TW_JUDGED_ONLY;
  if (now || then) return TW_JUDGED_LEGAL;
  return unequal_judge(judge, note, flight, answer, expected, stale);
}

/* Memory in which one entry still is what a design expects it to be. */
typedef struct expectation {
  tw_memory *memory;
  uint64_t pa, pte;
} expectation;

static bool expectation_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const expectation *self = payload;
  if (pa != self->pa) return tw_memory_oracle_read(self->memory, pa, bytes, pte);
  *pte = self->pte;
  return true;
}

static bool expectation_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  (void)payload, (void)pa, (void)bytes, (void)expected, (void)desired;
  return true;
}

/* Whether some walk of an access may come to an entry at all: its place in a table is a VPN field's, and D is set for
 * writes only. */
static bool may_update(const flight_note *note, const tw_pins_memory_out *pins) {
  const tw_mode mode = note->context.satp.mode;
  const bool dirties = (pins->req_expected ^ pins->req_desired) & TW_PTE_D;
  bool meets = false;
  for (unsigned level = 0; level < tw_mode_row(mode)->levels; level++)
    meets = meets || tw_pte_address(mode, pins->req_addr >> TW_PAGE_BITS, level, note->access.va) == pins->req_addr;
  return meets && (!dirties || is_write(note->access.kind));
}

/* Whether an access calls for an update: not speculative, and every step before it is granted. */
static tw_judgement note_update(const tw_judge *judge, const flight_note *note, const tw_pins_memory_out *pins) {
  if (!note->active || note->access.speculative || !(note->context.extensions & TW_EXT_SVADU)) return TW_JUDGED_ILLEGAL;
  if (!tw_context_translates(&note->context) || !may_update(note, pins)) return TW_JUDGED_ILLEGAL;
  expectation payload = {judge->memory, pins->req_addr, pins->req_expected};
  const tw_table_memory tables = {expectation_read, expectation_update, &payload};
  const tw_request request = {.access = note->access.kind, .va = note->access.va, .bytes = note->access.size};
  tw_walk walk;
  tw_walk_run(&note->context, &request, &tables, &walk);
  for (unsigned i = 0; i < walk.step_count; i++)
    if (walk.steps[i].update && walk.steps[i].pa == pins->req_addr && walk.steps[i].desired == pins->req_desired)
      return TW_JUDGED_LEGAL;
  const unsigned stale = judge_walk_staleness(judge, &note->context, &walk, note->access.va) | note->stale;
  return stale & STALE_ANY || judge->pmp_stale || note->pmp_stale ? TW_JUDGED_UNDECIDED : TW_JUDGED_ILLEGAL;
}

tw_judgement tw_judge_update(tw_judge *judge, const tw_pins_memory_out *pins) {
  tw_judgement best = TW_JUDGED_ILLEGAL;
  for (unsigned port = 0; port < TW_PORT_COUNT; port++)
    for (unsigned tag = 0; tag < TW_TAGS && best != TW_JUDGED_LEGAL; tag++) {
      const tw_judgement judged[] = {note_update(judge, &judge->notes[port][tag], pins),
                                     note_update(judge, &judge->cancelled[port][tag], pins)};
      for (unsigned i = 0; i < 2; i++)
        if (judged[i] > best) best = judged[i];
    }
  return best;
}
