/* What the judge makes of the past: which older translations may be legal still.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "judge_internal.h"

#define NAPOT_ENTRIES 16u /* of a page of 64 KiB */

static unsigned entry_staleness(const tw_judge *judge, uint64_t pa, uint64_t va, bool last) {
  const moment *entry = moments_find(&judge->changed, pa);
  if (!entry->key) return 0;
  const moment *page = moments_find(&judge->fenced, va >> TW_PAGE_BITS);
  if (last && page->key && page->time > entry->time && !entry->was_pointer) return 0;
  unsigned stale = entry->marked ? STALE_MARKED : 0;
  if (entry->stored) stale |= entry->was_invalid ? STALE_INVALID : STALE_ANY;
  return stale;
}

/* One entry of a 64 KiB page speaks for all sixteen: those around a leaf may have answered in its place, and where they
 * do not agree, which one does is not told. */
static unsigned neighbours_staleness(const tw_judge *judge, uint64_t entry, uint64_t va) {
  const uint64_t marks = TW_PTE_A | TW_PTE_D, first = entry & ~(uint64_t)(8 * NAPOT_ENTRIES - 1);
  const uint64_t own = tw_memory_read_value(judge->memory, entry, 8);
  unsigned stale = 0;
  for (uint64_t pa = first; pa < first + 8 * NAPOT_ENTRIES; pa += 8) {
    if (pa == entry) continue;
    uint64_t pte = tw_memory_read_value(judge->memory, pa, 8);
    bool napot = (pte & TW_PTE_N) && (pte & TW_PTE_V);
    if (napot && (pte != own || (own & marks) != marks || judge->config->pmp_entries)) stale |= STALE_ANY;
    const unsigned changed = entry_staleness(judge, pa, va, true);
    if (changed & ~(unsigned)STALE_MARKED || (changed && napot)) stale |= STALE_ANY;
  }
  return stale;
}

/* The entry of level 0 that a walk read, or was denied to read; false if it did not come so far. */
static bool last_entry(const tw_context *context, const tw_walk *walk, uint64_t va, uint64_t *pa) {
  const tw_mode_info *row = tw_mode_row(context->satp.mode);
  for (unsigned i = 0; i < walk->step_count; i++) {
    const tw_step *step = &walk->steps[i];
    *pa = step->pa;
    if (step->level == 0) return true;
    const uint64_t table = step->pte >> 10 & ((1ull << row->ppn_bits) - 1);
    *pa = tw_pte_address(context->satp.mode, table, 0, va);
    if (step->level == 1 && walk->step_count == i + 1u && walk->reason == TW_REASON_TABLE_PMP) return true;
  }
  return false;
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
  }
  uint64_t entry;
  if (judge->config->extensions & TW_EXT_SVNAPOT && last_entry(context, walk, va, &entry))
    stale |= neighbours_staleness(judge, entry, va);
  return stale;
}

/* Whether some entry on the way was global: what it is a part of, a pointer too, may be kept for all address spaces. */
static bool is_global(const tw_walk *walk) {
  const uint64_t global = TW_PTE_V | TW_PTE_G;
  for (unsigned i = 0; i < walk->step_count; i++)
    if (!walk->steps[i].update && (walk->steps[i].pte & global) == global) return true;
  return false;
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
    if (is_global(&walk) && !same) return true;
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
