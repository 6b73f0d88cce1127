/* Judges answers by the oracle, and keeps the addresses of entries whose change no fence has ordered yet.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

#define ROOTS 64u

/* How far an older translation may be legal beside the present one. */
typedef enum staleness {
  FRESH,
  STALE_INVALID, /* only older entries with V=0: the present outcome, or a page fault */
  STALE_ANY      /* what an older entry held is not known here */
} staleness;

/* A table from addresses to when something last happened to them: open addressing, a power of two, key 0 where empty.
 */
typedef struct moments {
  struct moment {
    uint64_t key; /* address + 1 */
    uint64_t time;
    bool was_invalid; /* of changed entries: every older value had V=0 */
  } * slots;
  size_t size, used;
} moments;

typedef struct flight_note {
  tw_context context;
  tw_walk walk; /* at the request */
  staleness stale;
  uint64_t accepted;            /* cycle */
  uint64_t stores, full_fences; /* made until then */
} flight_note;

struct tw_judge {
  const tw_config *config;
  tw_memory *memory;
  moments changed; /* entries whose change no full fence has ordered yet */
  moments fenced;  /* virtual pages with a fence of their own since the last full one */
  uint64_t time;   /* counts stores and fences */
  bool all_stale;  /* more than can be told apart: until the next full fence any older translation may be legal */
  struct {
    uint16_t asid;
    uint64_t root;
  } roots[ROOTS]; /* root table of each ASID that was in force */
  unsigned root_count;
  uint64_t stores, full_fences; /* made so far */
  bool bus_failed;              /* some read ever failed, the last one in this cycle: */
  uint64_t bus_failed_at;
  flight_note notes[TW_PORT_COUNT][TW_TAGS];
};

static bool moments_init(moments *table, size_t size) {
  *table = (moments){.slots = calloc(size, sizeof *table->slots), .size = size};
  return table->slots != NULL;
}

static void moments_clear(moments *table) {
  memset(table->slots, 0, table->size * sizeof *table->slots);
  table->used = 0;
}

static struct moment *moments_slot(const moments *table, uint64_t address) {
  size_t slot = (size_t)((address * 0x9e3779b97f4a7c15u) >> 20) & (table->size - 1);
  while (table->slots[slot].key && table->slots[slot].key != address + 1) slot = (slot + 1) & (table->size - 1);
  return &table->slots[slot];
}

/* The moment of an address, made if there is none; NULL if memory is out. */
static struct moment *moments_touch(moments *table, uint64_t address, bool *fresh) {
  struct moment *at = moments_slot(table, address);
  *fresh = at->key == 0;
  if (!*fresh) return at;
  if ((table->used + 1) * 2 >= table->size) {
    moments grown;
    if (!moments_init(&grown, table->size * 2)) return NULL;
    grown.used = table->used;
    for (size_t i = 0; i < table->size; i++)
      if (table->slots[i].key) *moments_slot(&grown, table->slots[i].key - 1) = table->slots[i];
    free(table->slots);
    *table = grown;
    at = moments_slot(table, address);
  }
  table->used++;
  at->key = address + 1;
  return at;
}

tw_judge *tw_judge_open(const tw_config *config, tw_memory *memory) {
  tw_judge *judge = calloc(1, sizeof *judge);
  if (!judge) return NULL;
  judge->config = config;
  judge->memory = memory;
  if (moments_init(&judge->changed, 256) && moments_init(&judge->fenced, 256)) return judge;
  tw_judge_close(judge);
  return NULL;
}

void tw_judge_close(tw_judge *judge) {
  if (!judge) return;
  free(judge->changed.slots);
  free(judge->fenced.slots);
  free(judge);
}

static void entry_change(tw_judge *judge, uint64_t pa, uint64_t before) {
  bool fresh, invalid = !(before & TW_PTE_V);
  struct moment *entry = moments_touch(&judge->changed, pa, &fresh);
  if (!entry) {
    judge->all_stale = true;
    return;
  }
  entry->was_invalid = invalid && (fresh || entry->was_invalid);
  entry->time = judge->time;
}

void tw_judge_store(tw_judge *judge, const tw_record_store *store, uint64_t before) {
  unsigned entry = tw_mode_row(judge->config->mode)->pte_bytes;
  uint64_t first = store->pa & ~(uint64_t)(entry - 1);
  judge->stores++;
  judge->time++;
  for (uint64_t pa = first; pa < store->pa + store->width; pa += entry) {
    bool upper = pa > store->pa;
    /* Half an entry says nothing of its V. */
    entry_change(judge, pa, store->width < entry ? TW_PTE_V : upper ? before >> 32 : before);
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

/* A fence of one address orders the leaf entry of that address, not the pointers before it (rule
 * sfence_vma_va_all_asid). Fences of one ASID are left out: what they leave stale is judged more mildly than it could
 * be. */
void tw_judge_fence(tw_judge *judge, const tw_record_fence *fence, const tw_control_state *control) {
  judge->time++;
  if (fence->has_asid || (fence->has_va && !tw_va_canonical(judge->config->mode, fence->va))) return;
  if (fence->has_va) {
    bool fresh;
    uint64_t va = tw_mode_row(judge->config->mode)->xlen == 32 ? (uint32_t)fence->va : fence->va;
    struct moment *page = moments_touch(&judge->fenced, va >> TW_PAGE_BITS, &fresh);
    if (page) page->time = judge->time;
    return;
  }
  moments_clear(&judge->changed);
  moments_clear(&judge->fenced);
  judge->full_fences++;
  judge->all_stale = false;
  judge->root_count = 0;
  tw_judge_control(judge, control);
}

static staleness step_staleness(const tw_judge *judge, const tw_walk *walk, unsigned step, uint64_t va) {
  const struct moment *entry = moments_slot(&judge->changed, walk->steps[step].pa);
  if (!entry->key) return FRESH;
  const struct moment *page = moments_slot(&judge->fenced, va >> TW_PAGE_BITS);
  bool last = step + 1u == walk->step_count;
  if (last && page->key && page->time > entry->time) return FRESH;
  return entry->was_invalid ? STALE_INVALID : STALE_ANY;
}

static staleness walk_staleness(const tw_judge *judge, const tw_context *context, const tw_walk *walk, uint64_t va) {
  if (!tw_context_translates(context)) return FRESH;
  if (judge->all_stale) return STALE_ANY;
  if (context->xlen == 32) va = (uint32_t)va;
  staleness worst = FRESH;
  for (unsigned i = 0; i < walk->step_count; i++) {
    staleness step = step_staleness(judge, walk, i, va);
    if (step > worst) worst = step;
  }
  return worst;
}

/* The flags of an untranslated access are 0, of a fault too; the rest of a translation is compared as it is. */
static bool is_equal(const tw_walk *walk, const tw_record_answer *answer) {
  if (walk->reason != TW_OK) return answer->status == TW_PIN_FAULT && answer->reason == (uint8_t)walk->reason;
  return answer->status == TW_PIN_TRANSLATED && answer->pa == walk->pa && answer->level == walk->level &&
         answer->flags == walk->flags;
}

void tw_judge_read(tw_judge *judge, const tw_memory_read *read) {
  if (!read->error) return;
  judge->bus_failed = true;
  judge->bus_failed_at = read->cycle;
}

static bool had_bus_error(const tw_walk *walk) {
  return walk->step_count > 0 && walk->steps[walk->step_count - 1].bus_error;
}

static void oracle_ask(const tw_judge *judge, const tw_context *context, const tw_record_access *access,
                       tw_walk *walk) {
  const tw_request request = {
      .access = access->kind, .va = access->va, .bytes = access->size, .speculative = access->speculative};
  const tw_table_memory tables = {.read = tw_memory_oracle_read, .payload = judge->memory};
  tw_walk_run(context, &request, &tables, walk);
}

/* Whether a global mapping of another address space that was in force may answer instead: legal, if unwise of the
 * software, where two trees disagree on it. */
static bool global_elsewhere(const tw_judge *judge, const flight_note *note, const tw_record_access *access,
                             const tw_walk *expected) {
  for (unsigned i = 0; i < judge->root_count; i++) {
    if (judge->roots[i].root == note->context.satp.root_ppn) continue;
    tw_context context = note->context;
    context.satp.root_ppn = judge->roots[i].root;
    tw_walk walk;
    oracle_ask(judge, &context, access, &walk);
    if (had_bus_error(&walk) || walk_staleness(judge, &context, &walk, access->va) != FRESH) return true;
    bool same = walk.reason == expected->reason && walk.pa == expected->pa && walk.level == expected->level &&
                walk.flags == expected->flags;
    if (walk.flags & TW_PTE_G && !same) return true;
  }
  return false;
}

/* What older entries may be behind an answer that would be given now; `walk` is the oracle's. */
static staleness present_staleness(const tw_judge *judge, const flight_note *note, const tw_record_access *access,
                                   const tw_walk *walk) {
  if (!tw_context_translates(&note->context)) return FRESH;
  if (judge->root_count > 1 && global_elsewhere(judge, note, access, walk)) return STALE_ANY;
  return walk_staleness(judge, &note->context, walk, access->va);
}

void tw_judge_accepted(tw_judge *judge, const tw_flight *flight) {
  flight_note *note = &judge->notes[flight->port][flight->tag];
  note->accepted = flight->accepted;
  tw_control_context(&flight->control, judge->config, flight->access.kind, &note->context);
  oracle_ask(judge, &note->context, &flight->access, &note->walk);
  note->stores = judge->stores;
  note->full_fences = judge->full_fences;
  note->stale = present_staleness(judge, note, &flight->access, &note->walk);
}

/* The worst of what could be stale at the request, now, and between. */
static staleness answer_staleness(const tw_judge *judge, const flight_note *note, const tw_record_access *access,
                                  const tw_walk *expected) {
  if (!tw_context_translates(&note->context)) return FRESH;
  /* A full fence in flight has swept away what was changed before it. */
  if (judge->stores != note->stores && judge->full_fences != note->full_fences) return STALE_ANY;
  staleness now = present_staleness(judge, note, access, expected);
  staleness then = walk_staleness(judge, &note->context, &note->walk, access->va);
  staleness worst = now > then ? now : then;
  return worst > note->stale ? worst : note->stale;
}

tw_judgement tw_judge_answer(tw_judge *judge, const tw_flight *flight, const tw_record_answer *answer,
                             tw_walk *expected) {
  const flight_note *note = &judge->notes[flight->port][flight->tag];
  oracle_ask(judge, &note->context, &flight->access, expected);
  if (answer->status == TW_PIN_RETRY) return flight->satp_changed ? TW_JUDGED_LEGAL : TW_JUDGED_ILLEGAL;
  bool now = is_equal(expected, answer), then = is_equal(&note->walk, answer);
  bool failed = had_bus_error(expected) || had_bus_error(&note->walk);
  staleness stale = answer_staleness(judge, note, &flight->access, expected);
  if (now && then && stale == FRESH && !flight->satp_changed && !failed) return TW_JUDGED_ONLY;
  if (now || then) return TW_JUDGED_LEGAL;
  /* A bus error is of one read, not of an address: a cached translation, or one read before or after, may be right. */
  bool fault = answer->status == TW_PIN_FAULT;
  if (fault && answer->reason == TW_REASON_TABLE_BUS_ERROR)
    return judge->bus_failed && judge->bus_failed_at >= note->accepted ? TW_JUDGED_UNDECIDED : TW_JUDGED_ILLEGAL;
  if (stale == STALE_ANY || failed) return TW_JUDGED_UNDECIDED;
  if (stale == STALE_INVALID && fault && answer->reason == TW_REASON_INVALID) return TW_JUDGED_LEGAL;
  return TW_JUDGED_ILLEGAL;
}
