/* Entries change, and fences follow as the policy asks (S15); what is revoked and not yet fenced is kept account of.
 *
 * Where the policy asks for a fence a page it follows at once; ranges, address spaces and all follow at the end.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

bool space_flush_held(const tw_space *space, const space_process *process, uint16_t *asid) {
  *asid = process->asid.asid;
  if (space->asids.count == 1) return process == space->running;
  return process->asid.generation == space->asids.generation;
}

static bool flush_fence(tw_space *space, const space_process *process, const tw_record_fence *fence, tw_error *error) {
  revoked_fence(space->revoked, fence);
  space_watch_event(space, TW_SPACE_FENCE, process->id, fence->va, 0);
  return space_kernel_enter(space, error) && space_kernel_fence(space, fence, error);
}

static bool flush_page(tw_space *space, const space_process *process, uint64_t va, bool by_asid, tw_error *error) {
  const tw_record_fence fence = {
      .va = va, .has_va = true, .has_asid = by_asid, .asid = by_asid ? process->asid.asid : 0};
  return flush_fence(space, process, &fence, error);
}

static bool flush_process(tw_space *space, const space_process *process, bool by_asid, tw_error *error) {
  const tw_record_fence fence = {.has_asid = by_asid, .asid = by_asid ? process->asid.asid : 0};
  return flush_fence(space, process, &fence, error);
}

/* What an MMU may still hold of the entry as it was. */
static bool flush_revoke(tw_space *space, const space_flush *flush, const table_slot *slot, uint64_t old,
                         tw_error *error) {
  const uint8_t rights = TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_U;
  uint64_t now = *slot->entry;
  uint16_t asid;
  if (!(old & TW_PTE_V) || !space_flush_held(space, flush->process, &asid)) return true;
  table_slot was = *slot;
  was.entry = &old;
  bool moved = !(now & TW_PTE_V) || table_slot_ppn(&was) != table_slot_ppn(slot);
  uint8_t lost = moved ? rights : (uint8_t)(old & ~now & rights);
  if (!lost) return true;
  const revoked_item item = {.asid = asid,
                             .va = slot->va,
                             .length = table_span(&flush->process->table, slot->level),
                             .old_pa = table_slot_ppn(&was) << TW_PAGE_BITS,
                             .new_pa = now & TW_PTE_V ? table_slot_ppn(slot) << TW_PAGE_BITS : 0,
                             .lost = lost,
                             .event = flush->event,
                             .process = flush->process->id,
                             .record = space->record};
  return revoked_add(space->revoked, &item) || tw_error_set(error, "out of memory for revoked translations");
}

bool space_flush_table(tw_space *space, space_flush *flush, const table_slot *slot, tw_error *error) {
  uint16_t asid;
  flush->tables = true;
  if (!space_flush_held(space, flush->process, &asid)) return true;
  const revoked_item item = {.asid = asid,
                             .va = slot->va,
                             .length = table_span(&flush->process->table, slot->level),
                             .table = true,
                             .lost = TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_U,
                             .event = flush->event,
                             .process = flush->process->id,
                             .record = space->record};
  return revoked_add(space->revoked, &item) || tw_error_set(error, "out of memory for revoked translations");
}

static tw_fence_form flush_form(const tw_space *space, tw_fence_event event) {
  return space->fences.on[event];
}

static bool flush_at_once(tw_fence_form form) {
  return form == TW_FENCE_PAGE || form == TW_FENCE_PAGE_ASID;
}

bool space_flush_write(tw_space *space, space_flush *flush, const table_slot *slot, uint64_t keep, uint64_t set,
                       tw_error *error) {
  uint64_t old = *slot->entry;
  tw_fence_form form = flush_form(space, flush->event);
  uint16_t asid;
  if (!space_kernel_enter(space, error) || !space_kernel_write(space, slot, keep, set, error) ||
      !flush_revoke(space, flush, slot, old, error))
    return false;
  if (!space_flush_held(space, flush->process, &asid)) return true;
  if (flush_at_once(form)) return flush_page(space, flush->process, slot->va, form == TW_FENCE_PAGE_ASID, error);
  if (!flush->any || slot->va < flush->first) flush->first = slot->va;
  if (!flush->any || slot->va > flush->last) flush->last = slot->va;
  flush->any = true;
  return true;
}

static bool flush_range(tw_space *space, const space_flush *flush, tw_error *error) {
  if (flush->tables || (flush->last - flush->first) / TW_PAGE_BYTES >= space->fences.range_pages) {
    return flush_process(space, flush->process, true, error);
  }
  for (uint64_t va = flush->first; va <= flush->last; va += TW_PAGE_BYTES) {
    if (!flush_page(space, flush->process, va, true, error)) return false;
  }
  return true;
}

bool space_flush_end(tw_space *space, space_flush *flush, tw_error *error) {
  uint16_t asid;
  if (!(flush->any || flush->tables) || !space_flush_held(space, flush->process, &asid)) return true;
  switch (flush_form(space, flush->event)) {
  case TW_FENCE_PAGE:
    /* The pages had theirs; tables that were freed want more. */
    return !flush->tables || flush_process(space, flush->process, false, error);
  case TW_FENCE_PAGE_ASID:
    return !flush->tables || flush_process(space, flush->process, true, error);
  case TW_FENCE_RANGE:
    return flush_range(space, flush, error);
  case TW_FENCE_ASID:
    return flush_process(space, flush->process, true, error);
  case TW_FENCE_ALL:
    return flush_process(space, flush->process, false, error);
  default:
    return true;
  }
}

bool space_flush_all(tw_space *space, tw_fence_event event, space_process *process, tw_error *error) {
  tw_fence_form form = flush_form(space, event);
  if (form == TW_FENCE_NONE) return true;
  bool by_asid = form == TW_FENCE_ASID || form == TW_FENCE_RANGE || form == TW_FENCE_PAGE_ASID;
  return flush_process(space, process, by_asid, error);
}

bool space_flush_page(tw_space *space, tw_fence_event event, space_process *process, uint64_t va, tw_error *error) {
  tw_fence_form form = flush_form(space, event);
  if (form == TW_FENCE_NONE) return true;
  if (form == TW_FENCE_ASID || form == TW_FENCE_ALL) return flush_process(space, process, form == TW_FENCE_ASID, error);
  return flush_page(space, process, va, form != TW_FENCE_PAGE, error);
}

/* What [start, end), where no region is, is widened to: up to the neighbours. The last entry of the root is the
 * process's alone, however much of it the user part has. */
static void flush_gap(const space_process *process, uint64_t user_end, uint64_t *start, uint64_t *end) {
  const tw_region_list *regions = &process->regions;
  size_t above = tw_region_above(regions, *start);
  *start = above ? regions->at[above - 1].end : 0;
  uint64_t root = table_span(&process->table, process->table.info->levels - 1u);
  *end = above < regions->count ? regions->at[above].start : (user_end + root - 1) & ~(root - 1);
}

/* Tables below one level all of whose addresses lie in the range: they are empty. */
static bool flush_level(tw_space *space, space_flush *flush, unsigned level, const uint64_t range[2], tw_error *error) {
  const page_table *table = &flush->process->table;
  uint64_t span = table_span(table, level), va = (range[0] + span - 1) & ~(span - 1);
  while (va < range[1] && range[1] - va >= span) {
    table_slot slot;
    table_reach(table, va, level, &slot);
    uint64_t step = slot.level == level ? span : table_span(table, slot.level);
    table_node *below = slot.level == level ? slot.node->child[slot.entry - slot.node->entry] : NULL;
    if (below && !below->pointers && !below->leaves) {
      frame_give(space->frames, frame_find(space->frames, below->ppn));
      table_unhang(&slot);
      if (!space_flush_table(space, flush, &slot, error) || !space_kernel_enter(space, error) ||
          !space_kernel_fetch(space, TEXT_SET_ENTRY, error) || !space_kernel_store(space, slot.pa, 0, 0, error))
        return false;
    }
    va = (va & ~(step - 1)) + step;
  }
  return true;
}

bool space_flush_tables(tw_space *space, space_flush *flush, uint64_t start, uint64_t end, tw_error *error) {
  const page_table *table = &flush->process->table;
  uint64_t range[2] = {start, end};
  flush_gap(flush->process, space->options.layout.user_end, &range[0], &range[1]);
  for (unsigned level = 1; level < table->info->levels; level++) {
    if (!flush_level(space, flush, level, range, error)) return false;
  }
  if (flush->tables) space_process_forget_hints(flush->process);
  return true;
}
