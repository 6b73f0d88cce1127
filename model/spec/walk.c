/* The translation process, from an access to its outcome: Sv steps 1 to 10, and the checks of every physical address.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "decisions.h"
#include "physical.h"

/* Every function that takes a walker is a part of tw_walk_run: optimized, the process is compiled once for each mode,
 * with the numbers of its row in it. */
#ifdef __OPTIMIZE__
#define PART static inline __attribute__((always_inline))
#else
#define PART static
#endif

/* What the process carries from step to step, beside the outcome. */
typedef struct walker {
  const tw_mode_info *row;
  const tw_context *context;
  const tw_request *request;
  const tw_table_memory *memory;
  entry_format format;
  physical_guard *guard;
  uint64_t table_ppn; /* a, of Sv step 2 */
  unsigned level;     /* i */
  uint64_t global;    /* G of the pointers so far */
  uint64_t pa, pte;   /* the entry that was read last */
  tw_step *step;      /* room for the next step */
  tw_step *last_step; /* that there is room for */
  tw_step *unkept;    /* room for all steps after it */
} walker;

/* The next step is the one after, or room for those that are not kept. */
PART void step_keep(walker *at) {
  if (at->step == at->last_step) {
    at->step = at->last_step = at->unkept;
  } else {
    at->step++;
  }
}

/* Reads the entry of a level and, if it is a sound pointer above level 0, goes down; if not, the walker is there:
 * TW_OK, or why there is no entry. Sv step 2. */
PART bool entry_passed(walker *at, unsigned level, tw_reason *reason) {
  const unsigned bytes = at->row->pte_bytes;
  const uint64_t pa = entry_address(at->row, at->table_ppn, level, at->request->va);
  *reason = physical_check_table(at->guard, USE_TABLE_READ, pa, bytes);
  if (*reason != TW_OK) return false;
  *at->step = (tw_step){.pa = pa, .level = (uint8_t)level};
  uint64_t pte = 0;
  if (!at->memory->read(at->memory->payload, pa, bytes, &pte)) {
    at->step->bus_error = true;
    step_keep(at);
    *reason = TW_REASON_TABLE_BUS_ERROR;
    return false;
  }
  at->step->pte = pte;
  step_keep(at);
  at->pa = pa;
  at->pte = pte;
  at->level = level;
  if (level == 0 || !pointer_sound(&at->format, pte)) return false;
  at->global |= pte & TW_PTE_G;
  at->table_ppn = entry_ppn(at->row, pte);
  return true;
}

/* From the level at which the walker is down to the first entry that is no sound pointer. The levels are written out,
 * so that the numbers of each are in its code. */
PART tw_reason descend(walker *at) {
  tw_reason reason = TW_OK;
  switch (at->level) {
  case 4:
    if (!entry_passed(at, 4, &reason)) break;
    __attribute__((fallthrough));
  case 3:
    if (!entry_passed(at, 3, &reason)) break;
    __attribute__((fallthrough));
  case 2:
    if (!entry_passed(at, 2, &reason)) break;
    __attribute__((fallthrough));
  case 1:
    if (!entry_passed(at, 1, &reason)) break;
    __attribute__((fallthrough));
  default:
    entry_passed(at, 0, &reason);
  }
  return reason;
}

/* Sets A and D of a leaf in memory, if it still is what was read; *lost says that it was not. Sv step 9. */
PART tw_reason leaf_update(walker *at, tw_walk *walk, bool *lost) {
  const unsigned bytes = at->row->pte_bytes;
  tw_reason denied = physical_check_table(at->guard, USE_TABLE_UPDATE, at->pa, bytes);
  if (denied != TW_OK) return denied;
  const uint64_t desired = entry_updated(at->pte, at->request->access);
  uint64_t found = at->pte;
  const bool good = at->memory->update(at->memory->payload, at->pa, bytes, &found, desired);
  *lost = good && (found ^ at->pte) << (64 - 8 * bytes) != 0;
  *at->step = (tw_step){.pa = at->pa,
                        .pte = good ? found : 0,
                        .desired = desired,
                        .level = (uint8_t)at->level,
                        .bus_error = !good,
                        .update = true,
                        .lost = *lost};
  step_keep(at);
  if (good && !*lost) walk->flags |= (uint8_t)desired;
  return good ? TW_OK : TW_REASON_UPDATE_BUS_ERROR;
}

/* Checks the address that was asked for, and answers it. */
PART tw_reason address_answer(physical_guard *guard, const tw_context *context, const tw_request *request, uint64_t pa,
                              tw_walk *walk) {
  tw_reason denied = physical_check(guard, USE_ACCESS, context->privilege, request->access, pa, request->bytes);
  if (denied == TW_OK) walk->pa = pa;
  return denied;
}

/* Sv steps 6 to 10, in a leaf; *lost says that it is to be read again. */
PART tw_reason leaf_answer(walker *at, tw_walk *walk, bool *lost) {
  const tw_access access = at->request->access;
  tw_reason reason = user_check(walk->flags, access, at->context);
  if (reason == TW_OK) reason = access_check(walk->flags, access, at->context->mxr);
  if (reason != TW_OK) return reason;
  reason = accessed_dirty_check(walk->flags, access);
  if (reason != TW_OK) {
    if (!(at->context->extensions & TW_EXT_SVADU)) return reason;
    walk->retry = at->request->speculative;
    if (walk->retry) return TW_OK;
    reason = leaf_update(at, walk, lost);
    if (reason != TW_OK || *lost) return reason;
  }
  const uint64_t pa = leaf_address(at->row, entry_ppn(at->row, at->pte), at->level, walk->napot, at->request->va);
  return address_answer(at->guard, at->context, at->request, pa, walk);
}

/* Writes down what is known of the leaf. */
PART void leaf_tell(tw_walk *walk, unsigned level, uint64_t flags, unsigned attribute, bool napot) {
  walk->level = (uint8_t)level;
  walk->flags = (uint8_t)flags;
  walk->attribute = (uint8_t)attribute;
  walk->napot = napot;
}

/* Sv steps 2 to 5, from entry to entry, and the others in the leaf; a leaf that has changed is read again. */
PART tw_reason translate(walker *at, tw_walk *walk) {
  if (!va_canonical(at->row, at->request->va)) return TW_REASON_NOT_CANONICAL;
  for (;;) {
    tw_reason reason = descend(at);
    if (reason != TW_OK) return reason;
    reason = structure_check(at->row, &at->format, at->pte, at->level);
    if (reason != TW_OK) return reason;
    leaf_tell(walk, at->level, at->pte | at->global, entry_pbmt(&at->format, at->pte),
              entry_napot(&at->format, at->pte));
    bool lost = false;
    reason = leaf_answer(at, walk, &lost);
    if (!lost) return reason;
    leaf_tell(walk, 0, 0, 0, false);
  }
}

PART tw_reason translate_in_mode(const tw_mode_info *row, const tw_context *context, const tw_request *request,
                                 const tw_table_memory *memory, tw_walk *walk) {
  tw_step unkept;
  physical_guard guard;
  physical_guard_make(&guard, context->machine, row->pa_bits);
  walker at = {.row = row,
               .context = context,
               .request = request,
               .memory = memory,
               .format = entry_format_make(row, context->extensions),
               .guard = &guard,
               .table_ppn = context->satp.root_ppn,
               .level = row->levels - 1,
               .step = walk->steps,
               .last_step = &walk->steps[TW_MAX_STEPS - 1],
               .unkept = &unkept};
  tw_reason reason = translate(&at, walk);
  walk->step_count = (uint8_t)(at.step == &unkept ? TW_MAX_STEPS : at.step - walk->steps);
  return reason;
}

/* Rule satp_mode: a virtual address is the physical one. */
static tw_reason untranslated_answer(const tw_context *context, const tw_request *request, tw_walk *walk) {
  physical_guard guard;
  physical_guard_make(&guard, context->machine, physical_bits(context));
  const uint64_t pa = context->xlen == 32 ? (uint32_t)request->va : request->va;
  walk->step_count = 0;
  return address_answer(&guard, context, request, pa, walk);
}

PART tw_reason walk_answer(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                           tw_walk *walk) {
  if (context->privilege == TW_MACHINE) return untranslated_answer(context, request, walk);
  switch (context->satp.mode) {
  case TW_SV32:
    return translate_in_mode(&tw_mode_table[TW_SV32], context, request, memory, walk);
  case TW_SV39:
    return translate_in_mode(&tw_mode_table[TW_SV39], context, request, memory, walk);
  case TW_SV48:
    return translate_in_mode(&tw_mode_table[TW_SV48], context, request, memory, walk);
  case TW_SV57:
    return translate_in_mode(&tw_mode_table[TW_SV57], context, request, memory, walk);
  default:
    return untranslated_answer(context, request, walk);
  }
}

void tw_walk_run(const tw_context *context, const tw_request *request, const tw_table_memory *memory, tw_walk *walk) {
  walk->retry = false;
  walk->pa = 0;
  leaf_tell(walk, 0, 0, 0, false);
  walk->reason = walk_answer(context, request, memory, walk);
  walk->cause = walk->reason == TW_OK ? TW_CAUSE_NONE : tw_reason_cause(walk->reason, request->access);
}
