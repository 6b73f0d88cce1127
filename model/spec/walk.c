/* The translation process, from an access to its outcome: Sv steps 1 to 10.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "decisions.h"

/* What the process carries from step to step, beside the outcome. The row is a copy, so that the call of the reader,
 * which could change anything behind a pointer, costs no reloads. */
typedef struct walk_request {
  tw_mode_info row;
  tw_pte_reader read;
  void *payload;
  uint64_t va;
} walk_request;

/* Rule satp_mode: a virtual address is the physical one, as far as that has the bits. */
static tw_reason untranslated_answer(const tw_context *context, uint64_t va, tw_walk *walk) {
  uint64_t pa = context->xlen == 32 ? (uint32_t)va : va;
  if (pa >> tw_mode_table[TW_BARE].pa_bits) return TW_REASON_PHYSICAL_RANGE;
  walk->pa = pa;
  return TW_OK;
}

/* Reads one entry and writes the step down. Sv step 2. */
static inline bool entry_read(const walk_request *request, uint64_t table_ppn, unsigned level, tw_step *step) {
  step->pa = entry_address(&request->row, table_ppn, level, request->va);
  step->pte = 0;
  step->level = (uint8_t)level;
  step->bus_error = !request->read(request->payload, step->pa, request->row.pte_bytes, &step->pte);
  if (step->bus_error) step->pte = 0;
  return !step->bus_error;
}

/* Sv steps 6 to 10, in a leaf. */
static inline tw_reason leaf_answer(const tw_context *context, tw_access access, const walk_request *request,
                                    uint64_t leaf_ppn, tw_walk *walk) {
  tw_reason reason = user_check(walk->flags, access, context);
  if (reason == TW_OK) reason = access_check(walk->flags, access, context->mxr);
  if (reason == TW_OK) reason = accessed_dirty_check(walk->flags, access);
  if (reason == TW_OK) walk->pa = leaf_address(&request->row, leaf_ppn, walk->level, request->va);
  return reason;
}

/* Sv steps 2 to 5, from entry to entry, and the others in the leaf. */
static inline tw_reason translate(const tw_context *context, tw_access access, const walk_request *request,
                                  tw_walk *walk) {
  if (!va_canonical(&request->row, request->va)) return TW_REASON_NOT_CANONICAL;
  uint64_t table_ppn = context->satp.root_ppn;
  uint64_t global = 0;
  unsigned level = request->row.levels - 1;
  tw_step *step = walk->steps;
  bool read = entry_read(request, table_ppn, level, step);
  while (read && level > 0 && pointer_sound(&request->row, step->pte)) {
    global |= step->pte & TW_PTE_G;
    table_ppn = entry_ppn(&request->row, step->pte);
    read = entry_read(request, table_ppn, --level, ++step);
  }
  walk->step_count = (uint8_t)(request->row.levels - level);
  if (!read) return TW_REASON_TABLE_BUS_ERROR;
  tw_reason reason = structure_check(&request->row, step->pte, level);
  if (reason != TW_OK) return reason;
  walk->level = (uint8_t)level;
  walk->flags = (uint8_t)(step->pte | global);
  return leaf_answer(context, access, request, entry_ppn(&request->row, step->pte), walk);
}

void tw_walk_run(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read, void *payload,
                 tw_walk *walk) {
  walk_request request = {.row = tw_mode_table[context->satp.mode], .read = read, .payload = payload, .va = va};
  walk->pa = 0;
  walk->level = 0;
  walk->flags = 0;
  walk->step_count = 0;
  walk->reason =
      context_translates(context) ? translate(context, access, &request, walk) : untranslated_answer(context, va, walk);
  walk->cause = walk->reason == TW_OK ? TW_CAUSE_NONE : tw_reason_cause(walk->reason, access);
}
