/* Answers as the pins must show them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "predict.h"

#include <string.h>

/* The virtual address as the hart has it. */
static uint64_t va_of(const campaign *c) {
  return c->m.row->xlen == 32 ? (uint32_t)c->world.va : c->world.va;
}

static tw_pins_response fault_of(const campaign *c, tw_reason reason, tw_access kind, bool page_fault) {
  static const uint8_t access_cause[] = {1, 5, 7, 7}, page_cause[] = {12, 13, 15, 15};
  return (tw_pins_response){.valid = 1,
                            .status = TW_PIN_FAULT,
                            .reason = (uint8_t)reason,
                            .cause = page_fault ? page_cause[kind] : access_cause[kind],
                            .tval = va_of(c)};
}

/* A fetch of M-mode: its own address, if that is one of memory. */
static tw_pins_response untranslated_of(const campaign *c, tw_access kind) {
  const tw_pma_table *regions = &c->m.config.regions;
  const uint64_t pa = va_of(c);
  bool held = regions->count == 0;
  for (unsigned i = 0; i < regions->count; i++) {
    const tw_pma *region = &regions->region[i];
    held |= pa >> region->bits == region->base >> region->bits;
  }
  if (pa >> c->m.config.pa_bits != 0) return fault_of(c, TW_REASON_PHYSICAL_RANGE, kind, false);
  if (!held) return fault_of(c, TW_REASON_PMA_DENIED, kind, false);
  return (tw_pins_response){.valid = 1, .status = TW_PIN_TRANSLATED, .pa = pa};
}

static tw_pins_response translated_of(const campaign *c, const truth *t) {
  const bool napot = c->world.napot;
  const unsigned bits = napot ? 16 : 12 + c->m.row->vpn_bits * t->level;
  return (tw_pins_response){.valid = 1,
                            .status = TW_PIN_TRANSLATED,
                            .pa = c->world.frame | (va_of(c) & ((UINT64_C(1) << bits) - 1)),
                            .level = (uint8_t)t->level,
                            .flags = (uint8_t)(t->entry | (t->global ? TW_PTE_G : 0)),
                            .attribute = c->m.row->xlen == 32 ? 0 : t->entry >> TW_PTE_PBMT_SHIFT & 3,
                            .napot = napot};
}

/* The entries as they must be; an update finds what is there, is written down, and changes nothing. */
typedef struct oracle_memory {
  const campaign *c;
  prediction *p;
} oracle_memory;

static bool oracle_memory_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const campaign *c = ((const oracle_memory *)payload)->c;
  if (bytes != c->m.row->pte_bytes) return false;
  for (unsigned level = 0; level < c->m.row->levels; level++) {
    if (c->world.address[level] != pa) continue;
    *pte = c->entry[level];
    return true;
  }
  return false;
}

static bool oracle_memory_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  oracle_memory *memory = payload;
  memory->p->oracle_pa = pa;
  memory->p->oracle_desired = desired;
  return oracle_memory_read(payload, pa, bytes, expected);
}

static void oracle_ask(const campaign *c, const question_context *context, prediction *p) {
  const tw_pins_control control = question_ask(&c->world, context).control;
  const tw_status status = {(tw_privilege)control.privilege, control.mprv, (tw_privilege)control.mpp};
  tw_context under = {.privilege = tw_privilege_effective(&status, context->kind),
                      .sum = context->sum,
                      .mxr = context->mxr,
                      .xlen = c->m.row->xlen,
                      .extensions = tw_extensions_in_force(c->m.config.extensions, control.pbmte, control.adue),
                      .machine = &c->behind};
  const tw_request request = {.access = context->kind, .va = va_of(c), .bytes = QUESTION_SIZE};
  oracle_memory payload = {c, p};
  const tw_table_memory memory = {oracle_memory_read, oracle_memory_update, &payload};
  tw_walk walk;
  tw_satp_decode(c->m.row->xlen, control.satp, &under.satp);
  tw_walk_run(&under, &request, &memory, &walk);
  if (walk.reason != TW_OK) {
    p->oracle = (tw_pins_response){.status = TW_PIN_FAULT, .reason = (uint8_t)walk.reason, .tval = va_of(c)};
    p->oracle.cause = (uint8_t)walk.cause;
  } else {
    p->oracle = (tw_pins_response){.status = walk.retry ? TW_PIN_RETRY : TW_PIN_TRANSLATED, .pa = walk.pa};
    p->oracle.level = walk.level;
    p->oracle.flags = walk.flags;
    p->oracle.attribute = walk.attribute;
    p->oracle.napot = walk.napot;
  }
  p->oracle.valid = 1;
}

void predict(const campaign *c, const question_context *context, prediction *p) {
  const truth_access access = {.kind = context->kind,
                               .user = context->way == WAY_USER || context->way == WAY_MPRV_USER,
                               .sum = context->sum,
                               .mxr = context->mxr,
                               .updates = context->adue && c->m.config.extensions & TW_EXT_SVADU};
  *p = (prediction){.translated = question_translates(context)};
  if (!p->translated) {
    p->response = untranslated_of(c, context->kind);
  } else {
    p->t = truth_of(c->entry, c->m.row->levels - 1, &access);
    p->response = p->t.reason == TW_OK ? translated_of(c, &p->t) : fault_of(c, p->t.reason, context->kind, true);
  }
  oracle_ask(c, context, p);
}

bool predict_agrees(const campaign *c, const prediction *p) {
  if (memcmp(&p->response, &p->oracle, sizeof p->response) != 0) return false;
  if (!p->t.update) return p->oracle_pa == 0;
  return p->oracle_pa == c->world.address[p->t.level] && p->oracle_desired == p->t.entry;
}
