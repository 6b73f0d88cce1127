/* What the judge makes of the past: which older translations may be legal still.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "judge_internal.h"

#define NAPOT_ENTRIES 16u /* of a page of 64 KiB */

static unsigned entry_staleness(const tw_judge *judge, uint64_t pa, uint64_t va, bool last) {
  const moment *entry = moments_find(&judge->changed, pa);
  if (!entry->key) return 0;
  const moment *page = moments_find(&judge->fenced, va >> TW_PAGE_BITS);
  if (last && page->key && page->time > entry->time) return 0;
  unsigned stale = entry->marked ? STALE_MARKED : 0;
  if (entry->stored) stale |= entry->was_invalid ? STALE_INVALID : STALE_ANY;
  return stale;
}

/* One entry of a 64 KiB page speaks for all sixteen: those around a leaf may have answered in its place, and where they
 * do not agree, which one does is not told. */
static unsigned neighbours_staleness(const tw_judge *judge, const tw_step *step, uint64_t va) {
  const uint64_t marks = TW_PTE_A | TW_PTE_D, first = step->pa & ~(uint64_t)(8 * NAPOT_ENTRIES - 1);
  unsigned stale = 0;
  for (uint64_t pa = first; pa < first + 8 * NAPOT_ENTRIES; pa += 8) {
    if (pa == step->pa) continue;
    uint64_t pte = tw_memory_read_value(judge->memory, pa, 8);
    bool napot = (pte & TW_PTE_N) && (pte & TW_PTE_V);
    if (napot && (pte != step->pte || (step->pte & marks) != marks)) stale |= STALE_ANY;
    const unsigned changed = entry_staleness(judge, pa, va, true);
    if (changed & ~(unsigned)STALE_MARKED || (changed && napot)) stale |= STALE_ANY;
  }
  return stale;
}

unsigned judge_walk_staleness(const tw_judge *judge, const tw_context *context, const tw_walk *walk, uint64_t va) {
  if (!tw_context_translates(context)) return 0;
  if (judge->all_stale) return STALE_ANY;
  if (context->xlen == 32) va = (uint32_t)va;
  unsigned stale = 0;
  for (unsigned i = 0; i < walk->step_count; i++) {
    const tw_step *step = &walk->steps[i];
    bool last = i + 1u == walk->step_count || walk->steps[i + 1].update;
    stale |= entry_staleness(judge, step->pa, va, last);
    if (step->level == 0 && judge->config->extensions & TW_EXT_SVNAPOT && !step->update)
      stale |= neighbours_staleness(judge, step, va);
  }
  return stale;
}

/* Whether a global mapping of another address space that was in force may answer instead: legal, if unwise of the
 * software, where two trees disagree on it. */
static bool global_elsewhere(const tw_judge *judge, const flight_note *note, const tw_walk *expected) {
  for (unsigned i = 0; i < judge->root_count; i++) {
    const judge_root *root = &judge->roots[i];
    if (root->root == note->context.satp.root_ppn && root->mode == note->context.satp.mode) continue;
    tw_context context = note->context;
    context.satp.root_ppn = root->root;
    context.satp.mode = root->mode;
    tw_walk walk;
    judge_ask(judge, &context, &note->access, &walk);
    if (judge_bus_error(&walk) || judge_walk_staleness(judge, &context, &walk, note->access.va)) return true;
    bool same = walk.reason == expected->reason && walk.retry == expected->retry && walk.pa == expected->pa &&
                walk.level == expected->level && walk.flags == expected->flags && walk.napot == expected->napot &&
                walk.attribute == expected->attribute;
    if (walk.flags & TW_PTE_G && !same) return true;
  }
  return false;
}

unsigned judge_present_staleness(const tw_judge *judge, const flight_note *note, const tw_walk *walk) {
  if (!tw_context_translates(&note->context)) return 0;
  if (judge->root_count > 1 && global_elsewhere(judge, note, walk)) return STALE_ANY;
  return judge_walk_staleness(judge, &note->context, walk, note->access.va);
}

unsigned judge_answer_staleness(const tw_judge *judge, const flight_note *note, const tw_walk *expected) {
  if (!tw_context_translates(&note->context)) return 0;
  /* A full fence in flight has swept away what was changed before it. */
  if (judge->stores != note->stores && judge->full_fences != note->full_fences) return STALE_ANY;
  return judge_present_staleness(judge, note, expected) | note->stale |
         judge_walk_staleness(judge, &note->context, &note->walk, note->access.va);
}
