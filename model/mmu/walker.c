/* The page-table walker (docs/microarchitecture.md, "The walker").
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

static void request_show(tw_mmu *mmu) {
  const mmu_walker *walker = &mmu->walker;
  mmu->mem = (tw_pins_memory_out){
      .req_addr = tw_pte_address(mmu->config.mode, walker->table_ppn, walker->level, walker->slot.va),
      .req_valid = 1,
      .req_id = walker->next_id,
      .req_kind = TW_PIN_MEM_READ,
      .req_size = mmu->row->pte_bytes == 4 ? 2 : 3};
}

/* W1. Slots that a cancel or a satp write empties in this cycle are empty already. */
static void idle_clock(tw_mmu *mmu) {
  static const tw_port order[TW_PORT_COUNT] = {TW_PORT_DATA, TW_PORT_FETCH};
  for (unsigned i = 0; i < TW_PORT_COUNT; i++) {
    const mmu_slot *slot = &mmu->ports[order[i]].slot;
    if (!slot->full) continue;
    mmu->walker = (mmu_walker){.state = TW_WALKER_REQUEST,
                               .owner = order[i],
                               .level = mmu->row->levels - 1,
                               .table_ppn = slot->context.satp.root_ppn,
                               .next_id = mmu->walker.next_id,
                               .slot = *slot};
    mmu->event |= TW_EVENT_WALK_BEGIN;
    request_show(mmu);
    return;
  }
}

/* W2. */
static void request_clock(tw_mmu *mmu, bool ready) {
  if (!ready) return;
  mmu->walker.state = TW_WALKER_WAIT;
  mmu->walker.next_id = (uint8_t)((mmu->walker.next_id + 1u) % (1u << TW_ID_BITS));
  mmu->mem = (tw_pins_memory_out){0};
}

static void walk_fault(tw_mmu *mmu, tw_reason reason) {
  mmu_walker *walker = &mmu->walker;
  mmu_port *port = &mmu->ports[walker->owner];
  mmu_port_fault(port, walker->slot.tag, walker->slot.kind, walker->slot.va, reason);
  port->slot.full = false;
  walker->state = TW_WALKER_IDLE;
  mmu->event |= TW_EVENT_WALK_FAULT;
}

static void walk_grant(tw_mmu *mmu, const tw_pte_view *leaf, uint8_t flags) {
  mmu_walker *walker = &mmu->walker;
  const mmu_slot *slot = &walker->slot;
  mmu_port *port = &mmu->ports[walker->owner];
  tw_mode mode = mmu->config.mode;
  tlb_leaf fill = {.va = slot->va,
                   .ppn = leaf->ppn,
                   .pa = tw_leaf_address(mode, leaf->ppn, walker->level, 0),
                   .asid = slot->context.satp.asid,
                   .level = (uint8_t)walker->level,
                   .flags = flags};
  if (tlb_fill(&port->tlb, mmu->row, &fill)) mmu->event |= (uint32_t)TW_EVENT_FETCH_EVICT << port->event_shift;
  port->own = (tw_pins_response){
      .req_ready = 1, .valid = 1, .status = TW_PIN_TRANSLATED, .level = (uint8_t)walker->level, .flags = flags};
  port->shape = &port->own;
  port->pa = tw_leaf_address(mode, leaf->ppn, walker->level, slot->va);
  port->tag = slot->tag;
  port->slot.full = false;
  walker->state = TW_WALKER_IDLE;
  mmu->event |= TW_EVENT_WALK_GRANT;
}

/* D9 to D16. */
static void leaf_use(tw_mmu *mmu, const tw_pte_view *leaf) {
  const mmu_walker *walker = &mmu->walker;
  const mmu_slot *slot = &walker->slot;
  tw_reason reason = tw_permission_check(leaf->flags, (tw_access)slot->kind, &slot->context);
  if (reason == TW_OK) reason = tw_accessed_dirty_check(leaf->flags, (tw_access)slot->kind);
  if (reason != TW_OK) {
    walk_fault(mmu, reason);
    return;
  }
  walk_grant(mmu, leaf, (uint8_t)(leaf->flags | (walker->global ? TW_PTE_G : 0)));
}

/* W3, D1 to D16. */
static void answer_use(tw_mmu *mmu, const tw_pins_memory_in *mem) {
  mmu_walker *walker = &mmu->walker;
  mmu->event |= TW_EVENT_WALK_STEP;
  if (mem->rsp_error) {
    walk_fault(mmu, TW_REASON_TABLE_BUS_ERROR);
    return;
  }
  uint64_t pte = mmu->row->pte_bytes == 4 ? mem->rsp_data & UINT32_MAX : mem->rsp_data;
  tw_pte_view view = tw_pte_decode(mmu->config.mode, pte, walker->level);
  switch (view.kind) {
  case TW_PTE_FAULT:
    walk_fault(mmu, view.reason);
    return;
  case TW_PTE_LEAF:
    leaf_use(mmu, &view);
    return;
  case TW_PTE_POINTER:
    walker->level--;
    walker->table_ppn = view.ppn;
    walker->global = walker->global || (view.flags & TW_PTE_G) != 0;
    walker->state = TW_WALKER_REQUEST;
    request_show(mmu);
    return;
  }
}

static void wait_clock(tw_mmu *mmu, const tw_pins_memory_in *mem) {
  mmu_walker *walker = &mmu->walker;
  uint8_t id = (uint8_t)((walker->next_id + (1u << TW_ID_BITS) - 1u) % (1u << TW_ID_BITS));
  if (!mem->rsp_valid || mem->rsp_id != id) return;
  if (walker->killed) {
    walker->state = TW_WALKER_IDLE;
    return;
  }
  answer_use(mmu, mem);
}

void mmu_walker_clock(tw_mmu *mmu, const tw_pins_memory_in *mem, const mmu_happening *happening) {
  mmu_walker *walker = &mmu->walker;
  if (walker->state == TW_WALKER_IDLE) {
    idle_clock(mmu);
    return;
  }
  /* While the walk is not killed, the owner's slot is the walk's: its cancel is the walk's cancel. */
  if (!walker->killed && (happening->satp_changes || happening->fence || happening->cancels[walker->owner])) {
    walker->killed = true;
    mmu->event |= TW_EVENT_WALK_KILL;
  }
  if (walker->state == TW_WALKER_REQUEST) {
    request_clock(mmu, mem->req_ready != 0);
  } else {
    wait_clock(mmu, mem);
  }
}
