/* Follows the walkers: beginnings, page-table answers, decisions, kills.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#define ENTRY_AD ((uint64_t)(TW_PTE_A | TW_PTE_D))

static tw_mode satp_mode(const tw_coverage *coverage) {
  tw_satp satp = {0};
  tw_satp_decode(coverage->xlen, coverage->now.satp, &satp);
  return satp.mode;
}

/* Walkers that were IDLE and are not: they began, at the root or below a cached pointer. */
void coverage_walks_begin(tw_coverage *coverage) {
  const tw_mode mode = satp_mode(coverage);
  const unsigned levels = tw_mode_row(mode)->levels;
  unsigned busy = 0;
  for (unsigned w = 0; w < coverage->now.walker_count; w++) {
    const tw_mmu_walker *walker = &coverage->now.walkers[w];
    if (walker->state == TW_WALKER_IDLE) continue;
    busy++;
    if (coverage->previous.walkers[w].state != TW_WALKER_IDLE) continue;
    coverage->walks[w] = (coverage_walk){0};
    if (walker->level + 1u < levels) COVER(coverage, POINT_WALK_CACHE, mode, walker->level + 1u);
  }
  if (busy > 0) COVER(coverage, POINT_WALK_PARALLEL, busy);
}

static void events_count(tw_coverage *coverage, uint32_t event) {
  if (event & (TW_EVENT_FETCH_EVICT | TW_EVENT_DATA_EVICT)) COVER(coverage, POINT_TLB_EVICT, STRUCTURE_L1);
  if (event & TW_EVENT_L2_EVICT) COVER(coverage, POINT_TLB_EVICT, STRUCTURE_L2);
  if (event & TW_EVENT_WALK_CACHE_EVICT) COVER(coverage, POINT_TLB_EVICT, STRUCTURE_WALKCACHE);
  if (event & TW_EVENT_WALK_MERGE) COVER(coverage, POINT_WALK_MERGE);
}

static bool slot_cancelled(const tw_mmu_slot *slot, const tw_pins_in *in) {
  const tw_pins_request *port = slot->port == TW_PORT_FETCH ? &in->fetch : &in->data;
  return port->cancel_valid && port->cancel_tag == slot->tag;
}

/* Which walks are killed in this cycle, and by what. */
static void kills_count(tw_coverage *coverage, const tw_pins_in *in, bool fence) {
  const bool satp = in->control.valid && coverage_satp_changes(coverage, &in->control);
  coverage->killed = 0;
  for (unsigned w = 0; w < coverage->now.walker_count; w++) {
    const tw_mmu_walker *walker = &coverage->now.walkers[w];
    if (walker->state == TW_WALKER_IDLE || walker->killed) continue;
    const bool by_fence = fence && coverage_fence_walker(coverage, &in->fence, walker);
    const bool by_cancel = slot_cancelled(&coverage->now.slots[walker->owner], in);
    if (by_fence) COVER(coverage, POINT_WALK_KILLED, BY_FENCE, walker->level);
    if (satp) COVER(coverage, POINT_WALK_KILLED, BY_SATP, walker->level);
    if (by_cancel) COVER(coverage, POINT_WALK_KILLED, BY_CANCEL, walker->level);
    if (by_fence || satp || by_cancel) coverage->killed |= (uint8_t)(1u << w);
  }
}

/* Whether an entry is another one than when it was last read, with no fence since. */
static void read_note(tw_coverage *coverage, const tw_mmu_walker *walker, coverage_walk *walk, uint64_t entry) {
  const uint64_t pa =
      tw_pte_address(satp_mode(coverage), walker->table_ppn, walker->level, walker->vpn << TW_PAGE_BITS);
  coverage_read *read = &coverage->reads[(pa >> 2 ^ pa >> 12) % READS];
  if (read->pa == pa && read->fences == coverage->fences && ((read->entry ^ entry) & ~ENTRY_AD) != 0) {
    walk->fresh = true;
    walk->valid |= !(read->entry & TW_PTE_V) && entry & TW_PTE_V;
  }
  if (walk->fresh && read->pa == pa && read->fences == coverage->fences) return; /* until it is used */
  *read = (coverage_read){pa, entry, coverage->fences};
}

static void fault_decide(tw_coverage *coverage, const tw_mmu_walker *walker, const tw_mmu_slot *slot,
                         coverage_leaf *leaf, tw_reason reason) {
  switch (reason) {
  case TW_REASON_TABLE_BUS_ERROR:
    COVER(coverage, POINT_BUS_ERROR, walker->level);
    COVER(coverage, POINT_WALK_FAULT_LEVEL, reason, walker->level);
    return;
  case TW_REASON_TABLE_PMP:
    COVER(coverage, POINT_PMP_TABLE, DENIED);
    COVER(coverage, POINT_WALK_FAULT_LEVEL, reason, walker->level);
    return;
  case TW_REASON_UPDATE_PMP:
    COVER(coverage, POINT_PMP_UPDATE, DENIED);
    break;
  case TW_REASON_UPDATE_PMA:
  case TW_REASON_UPDATE_BUS_ERROR:
    break;
  default:
    COVER(coverage, POINT_WALK_FAULT_LEVEL, reason, walker->level);
    return;
  }
  const unsigned extensions = tw_extensions_in_force(coverage->config.extensions, slot->pbmte, slot->adue);
  const tw_pte_view view = tw_pte_decode(satp_mode(coverage), extensions, walker->entry, walker->level);
  COVER(coverage, POINT_AD_DENIED, reason);
  *leaf =
      (coverage_leaf){.found = true, .napot = view.napot, .level = walker->level, .flags = view.flags, .ppn = view.ppn};
}

/* D20. */
static void grant_count(tw_coverage *coverage, const tw_mmu_walker *walker, coverage_walk *walk,
                        const tw_mmu_slot *slot, const tw_pte_view *view) {
  const tw_mode mode = satp_mode(coverage);
  if (walk->reads <= tw_mode_row(mode)->levels) COVER(coverage, POINT_WALK_STEPS, mode, walk->reads);
  if (view->flags & TW_PTE_G) {
    COVER(coverage, POINT_WALK_GLOBAL_LEAF);
  } else if (walker->global) {
    COVER(coverage, POINT_WALK_GLOBAL_POINTER);
  }
  if (walk->fresh) COVER(coverage, POINT_STALE_FRESH);
  if (walk->fresh && walk->valid && coverage->config.extensions & TW_EXT_SVVPTC) COVER(coverage, POINT_SVVPTC_SEEN);
  if (slot->pbmte != coverage->now.pbmte) return; /* it fills nothing */
  coverage->fills[slot->port] = true;
  coverage->fill_vpn[slot->port] = slot->va;
}

static void leaf_decide(tw_coverage *coverage, unsigned w, const tw_mmu_slot *slot, coverage_flight *flight,
                        uint64_t entry, const tw_pte_view *view) {
  const tw_mmu_walker *walker = &coverage->now.walkers[w];
  coverage_walk *walk = &coverage->walks[w];
  const tw_access access = (tw_access)slot->kind;
  const tw_reason denied = tw_permission_check(view->flags, access, &flight->context);
  if (walk->lost) coverage_update_reread(coverage, view, denied);
  walk->lost = false;
  flight->leaf[STRUCTURE_WALK] = (coverage_leaf){.found = true,
                                                 .napot = view->napot,
                                                 .level = walker->level,
                                                 .flags = view->flags,
                                                 .attribute = view->attribute,
                                                 .ppn = view->ppn};
  if (denied != TW_OK) {
    coverage_update_refused(coverage, entry, denied, slot);
    return;
  }
  if (tw_accessed_dirty_check(view->flags, access) == TW_OK) {
    coverage_entry_used(coverage, entry, view, walker->level, slot->pbmte);
    grant_count(coverage, walker, walk, slot, view);
  } else if (slot->adue && slot->speculative) {
    COVER(coverage, POINT_AD_SPECULATIVE);
  }
}

/* W4 for a walker that is not killed. */
static void walk_decide(tw_coverage *coverage, unsigned w, uint64_t entry, tw_reason reason) {
  const tw_mmu_walker *walker = &coverage->now.walkers[w];
  const tw_mmu_slot *slot = &coverage->now.slots[walker->owner];
  coverage_flight *flight = coverage_slot_flight(coverage, slot);
  if (reason != TW_OK) {
    fault_decide(coverage, walker, slot, &flight->leaf[STRUCTURE_WALK], reason);
    return;
  }
  const unsigned extensions = tw_extensions_in_force(coverage->config.extensions, slot->pbmte, slot->adue);
  const tw_pte_view view = tw_pte_decode(satp_mode(coverage), extensions, entry, walker->level);
  if (view.kind == TW_PTE_LEAF) {
    leaf_decide(coverage, w, slot, flight, entry, &view);
    return;
  }
  if (coverage->walks[w].lost) coverage_update_reread(coverage, &view, TW_OK);
  coverage->walks[w].lost = false;
  if (view.kind == TW_PTE_POINTER) {
    coverage_entry_used(coverage, entry, &view, walker->level, slot->pbmte);
  } else {
    coverage_entry_fault(coverage, entry, walker->level, view.reason, slot->pbmte);
    coverage_update_refused(coverage, entry, view.reason, slot);
  }
}

static void update_answer(tw_coverage *coverage, unsigned w, const tw_pins_memory_in *mem, uint64_t data) {
  const tw_mmu_walker *walker = &coverage->now.walkers[w];
  coverage_flight *flight = coverage_slot_flight(coverage, &coverage->now.slots[walker->owner]);
  if (mem->rsp_error) {
    walk_decide(coverage, w, walker->entry, TW_REASON_UPDATE_BUS_ERROR);
  } else if (data == walker->entry) {
    coverage_update_made(coverage, walker, flight);
    walk_decide(coverage, w, tw_pte_updated(walker->entry, (tw_access)flight->kind), TW_OK);
  } else {
    COVER(coverage, POINT_AD_LOST);
    coverage->walks[w].lost = true;
  }
}

/* W3. True if the decision unit is used. */
static bool memory_answer(tw_coverage *coverage, const tw_pins_memory_in *mem) {
  const unsigned w = mem->rsp_id >> 1;
  const tw_mmu_walker *walker = &coverage->now.walkers[w];
  const bool waits = walker->state == TW_WALKER_WAIT || walker->state == TW_WALKER_UPDATE_WAIT;
  if (w >= coverage->now.walker_count || !waits || (mem->rsp_id & 1u) == walker->phase) return false;
  if (walker->killed || (unsigned)coverage->killed >> w & 1u) return false;
  const uint64_t data = coverage->xlen == 32 ? (uint32_t)mem->rsp_data : mem->rsp_data;
  if (walker->state == TW_WALKER_UPDATE_WAIT) {
    const bool lost = !mem->rsp_error && data != walker->entry;
    update_answer(coverage, w, mem, data);
    return !lost;
  }
  coverage->walks[w].reads++;
  if (!mem->rsp_error) read_note(coverage, walker, &coverage->walks[w], data);
  walk_decide(coverage, w, data, mem->rsp_error ? TW_REASON_TABLE_BUS_ERROR : TW_OK);
  return true;
}

/* Requests leave in one order, answers come in another. */
static void order_count(tw_coverage *coverage, const tw_pins_in *in, const tw_pins_out *out) {
  if (in->mem.rsp_valid) {
    unsigned place = 0;
    while (place < coverage->order_count && coverage->order[place] != in->mem.rsp_id) place++;
    if (place < coverage->order_count) {
      if (place > 0) COVER(coverage, POINT_WALK_ORDER);
      for (coverage->order_count--; place < coverage->order_count; place++)
        coverage->order[place] = coverage->order[place + 1];
    }
  }
  if (!out->mem.req_valid || !in->mem.req_ready || coverage->order_count == sizeof coverage->order) return;
  coverage->order[coverage->order_count++] = out->mem.req_id;
  if (coverage->config.pmp_entries == 0) return;
  COVER(coverage, out->mem.req_kind == TW_PIN_MEM_CAS ? POINT_PMP_UPDATE : POINT_PMP_TABLE, GRANTED);
}

void coverage_walks(tw_coverage *coverage, const tw_pins_in *in, const tw_pins_out *out) {
  const bool fence = in->fence.valid && out->fence_ready && coverage_fence_has_effect(coverage, &in->fence);
  events_count(coverage, out->event);
  order_count(coverage, in, out);
  kills_count(coverage, in, fence);
  if (in->mem.rsp_valid && memory_answer(coverage, &in->mem)) return;
  for (unsigned w = 0; w < coverage->now.walker_count; w++) {
    const tw_mmu_walker *walker = &coverage->now.walkers[w];
    if (walker->state != TW_WALKER_DECIDE || walker->killed || (unsigned)coverage->killed >> w & 1u) continue;
    walk_decide(coverage, w, walker->entry, (tw_reason)walker->reason);
    return;
  }
}
