/* The translation process, from an access to its outcome: Sv steps 1 to 10, and the checks of every physical address.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "decisions.h"
#include "physical.h"

/* What the process carries from step to step, beside the outcome. Row and memory are copies, so that the calls of
 * the reader, which could change anything behind a pointer, cost no reloads. */
typedef struct walk_state {
  tw_mode_info row;
  entry_format format;
  tw_table_memory memory;
  uint64_t va;
  physical_guard guard;
  tw_step unkept; /* the step after the last that a walk keeps */
} walk_state;

/* What became of a leaf. */
typedef enum leaf_outcome { LEAF_ANSWERED, LEAF_CHANGED } leaf_outcome;

static inline tw_step *step_begin(walk_state *state, tw_walk *walk, uint64_t pa, unsigned level) {
  tw_step *step = walk->step_count < TW_MAX_STEPS ? &walk->steps[walk->step_count++] : &state->unkept;
  step->pa = pa;
  step->level = (uint8_t)level;
  return step;
}

/* Checks the address of an entry and reads it. Sv step 2. */
static inline tw_reason entry_read(walk_state *state, uint64_t pa, unsigned level, tw_walk *walk, uint64_t *pte) {
  const unsigned bytes = state->row.pte_bytes;
  tw_reason denied = physical_check_table(&state->guard, USE_TABLE_READ, pa, bytes);
  if (denied != TW_OK) return denied;
  uint64_t value = 0;
  const bool good = state->memory.read(state->memory.payload, pa, bytes, &value);
  if (!good) value = 0;
  tw_step *step = step_begin(state, walk, pa, level);
  step->pte = value;
  step->desired = 0;
  step->bus_error = !good;
  step->update = false;
  step->lost = false;
  *pte = value;
  return good ? TW_OK : TW_REASON_TABLE_BUS_ERROR;
}

/* Sets A and D of a leaf in memory, if it still is what was read. Sv step 9. */
static leaf_outcome leaf_update(walk_state *state, tw_access access, uint64_t pa, uint64_t pte, tw_walk *walk) {
  const unsigned bytes = state->row.pte_bytes;
  walk->reason = physical_check_table(&state->guard, USE_TABLE_UPDATE, pa, bytes);
  if (walk->reason != TW_OK) return LEAF_ANSWERED;
  uint64_t found = pte;
  const uint64_t desired = entry_updated(pte, access);
  const bool good = state->memory.update(state->memory.payload, pa, bytes, &found, desired);
  const uint64_t compared = bytes == 4 ? UINT32_MAX : UINT64_MAX;
  tw_step *step = step_begin(state, walk, pa, walk->level);
  step->pte = good ? found : 0;
  step->desired = desired;
  step->bus_error = !good;
  step->update = true;
  step->lost = good && (found ^ pte) & compared;
  if (step->lost) return LEAF_CHANGED;
  if (good) walk->flags |= (uint8_t)desired;
  if (!good) walk->reason = TW_REASON_UPDATE_BUS_ERROR;
  return LEAF_ANSWERED;
}

/* Checks the address that was asked for, and answers it. */
static inline void address_answer(const tw_context *context, const tw_request *request, physical_guard *guard,
                                  uint64_t pa, tw_walk *walk) {
  walk->reason = physical_check(guard, USE_ACCESS, context->privilege, request->access, pa, request->bytes);
  if (walk->reason == TW_OK) walk->pa = pa;
}

/* Sv steps 6 to 10, in a leaf that was read at pa. */
static inline leaf_outcome leaf_answer(const tw_context *context, const tw_request *request, walk_state *state,
                                       uint64_t pa, uint64_t pte, tw_walk *walk) {
  const tw_access access = request->access;
  walk->reason = user_check(walk->flags, access, context);
  if (walk->reason == TW_OK) walk->reason = access_check(walk->flags, access, context->mxr);
  if (walk->reason != TW_OK) return LEAF_ANSWERED;
  walk->reason = accessed_dirty_check(walk->flags, access);
  if (walk->reason != TW_OK) {
    if (!(context->extensions & TW_EXT_SVADU)) return LEAF_ANSWERED;
    if (request->speculative) {
      walk->reason = TW_OK;
      walk->retry = true;
      return LEAF_ANSWERED;
    }
    if (leaf_update(state, access, pa, pte, walk) == LEAF_CHANGED) return LEAF_CHANGED;
    if (walk->reason != TW_OK) return LEAF_ANSWERED;
  }
  const uint64_t address = leaf_address(&state->row, entry_ppn(&state->row, pte), walk->level, walk->napot, state->va);
  address_answer(context, request, &state->guard, address, walk);
  return LEAF_ANSWERED;
}

/* Writes down the leaf that the walk has come to; level 0 and no flags until then. */
static inline void leaf_tell(const walk_state *state, uint64_t pte, uint64_t global, unsigned level, tw_walk *walk) {
  walk->level = (uint8_t)level;
  walk->flags = (uint8_t)(pte | global);
  walk->attribute = (uint8_t)entry_pbmt(&state->format, pte);
  walk->napot = entry_napot(&state->format, pte);
}

static inline void leaf_none(tw_walk *walk) {
  walk->level = 0;
  walk->flags = 0;
  walk->attribute = 0;
  walk->napot = false;
}

/* Sv steps 2 to 5, from entry to entry, and the others in the leaf; a leaf that changed is read again. */
static inline void translate(const tw_context *context, const tw_request *request, walk_state *state, tw_walk *walk) {
  walk->reason = TW_REASON_NOT_CANONICAL;
  if (!va_canonical(&state->row, state->va)) return;
  uint64_t table_ppn = context->satp.root_ppn, global = 0;
  unsigned level = state->row.levels - 1;
  for (;;) {
    const uint64_t pa = entry_address(&state->row, table_ppn, level, state->va);
    uint64_t pte = 0;
    walk->reason = entry_read(state, pa, level, walk, &pte);
    if (walk->reason != TW_OK) return;
    if (level > 0 && pointer_sound(&state->format, pte)) {
      global |= pte & TW_PTE_G;
      table_ppn = entry_ppn(&state->row, pte);
      level--;
      continue;
    }
    walk->reason = structure_check(&state->row, &state->format, pte, level);
    if (walk->reason != TW_OK) return;
    leaf_tell(state, pte, global, level, walk);
    if (leaf_answer(context, request, state, pa, pte, walk) == LEAF_ANSWERED) return;
    leaf_none(walk);
  }
}

/* Rule satp_mode: a virtual address is the physical one. */
static void untranslated_answer(const tw_context *context, const tw_request *request, tw_walk *walk) {
  physical_guard guard = physical_guard_make(context);
  const uint64_t pa = context->xlen == 32 ? (uint32_t)request->va : request->va;
  address_answer(context, request, &guard, pa, walk);
}

void tw_walk_run(const tw_context *context, const tw_request *request, const tw_table_memory *memory, tw_walk *walk) {
  walk->retry = false;
  walk->pa = 0;
  walk->step_count = 0;
  leaf_none(walk);
  if (context_translates(context)) {
    const tw_mode_info *row = &tw_mode_table[context->satp.mode];
    walk_state state = {.row = *row,
                        .format = entry_format_make(row, context->extensions),
                        .memory = *memory,
                        .va = request->va,
                        .guard = physical_guard_make(context)};
    translate(context, request, &state, walk);
  } else {
    untranslated_answer(context, request, walk);
  }
  walk->cause = walk->reason == TW_OK ? TW_CAUSE_NONE : tw_reason_cause(walk->reason, request->access);
}
