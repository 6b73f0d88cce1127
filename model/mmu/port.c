/* The access ports: lookups (L1 to L7), and what is answered (M3, M10).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

static const tw_pins_response SHAPE_NONE;

void mmu_port_reset(tw_mmu *mmu, tw_port number) {
  mmu_port *port = &mmu->ports[number];
  unsigned count = number == TW_PORT_FETCH ? mmu->config.fetch_entries : mmu->config.data_entries;
  tlb_reset(&port->tlb, count, (uint32_t)TW_EVENT_FETCH_HIT << port->event_shift, mmu->vpn_masks[0]);
  port->shape = &SHAPE_NONE;
  port->pa = 0;
  port->tag = 0;
  port->ready = 1;
  port->answered = false;
}

static void port_event(tw_mmu *mmu, const mmu_port *port, uint32_t event_of_fetch) {
  mmu->next.event |= event_of_fetch << port->event_shift;
}

static void answer_take(mmu_port *port, const mmu_access *access, const mmu_outcome *outcome) {
  port->answered = true;
  port->access = *access;
  port->outcome = *outcome;
}

/* L5, L7, and the second half of M8. */
static void miss_take(tw_mmu *mmu, mmu_port *port, const mmu_access *access, mmu_now *now) {
  port_event(mmu, port, TW_EVENT_FETCH_MISS);
  if (now->satp_changes) {
    port_event(mmu, port, TW_EVENT_FETCH_RETRY);
    answer_take(port, access, &(mmu_outcome){.status = TW_PIN_RETRY});
    return;
  }
  unsigned empty = mmu->slots_in[TW_SLOT_EMPTY] & port->slots;
  now->filled[port - mmu->ports] = (uint8_t)__builtin_ctz(empty);
  port->access = *access;
}

/* L6. The page is remembered for the lookups to come if it is granted as a whole. */
static void entry_grant(tw_mmu *mmu, mmu_port *port, const mmu_access *access, const tlb_entry *entry) {
  uint64_t pa = entry->shape.pa | (access->va & entry->offset_mask);
  mmu_outcome granted = {.pa = pa,
                         .status = TW_PIN_TRANSLATED,
                         .level = entry->shape.level,
                         .flags = entry->shape.flags,
                         .hit = entry->shape.hit,
                         .attribute = entry->shape.attribute,
                         .napot = entry->shape.napot};
  answer_take(port, access, &granted);
  if (mmu_page_granted(mmu, (tw_privilege)access->privilege, (tw_access)access->kind, pa))
    tlb_line_write(&port->tlb, access->va, access->kind, entry);
}

static void fault_take(mmu_port *port, const mmu_access *access, tw_reason reason, uint8_t hit) {
  answer_take(port, access, &(mmu_outcome){.status = TW_PIN_FAULT, .reason = (uint8_t)reason, .hit = hit});
}

/* L2 to L7. */
static void translated_lookup(tw_mmu *mmu, mmu_port *port, const mmu_access *access, mmu_now *now) {
  if (!tw_va_canonical(mmu->root.mode, access->va)) {
    fault_take(port, access, TW_REASON_NOT_CANONICAL, TW_PIN_HIT_NONE);
    return;
  }
  int found = assoc_find(&port->tlb.array, mmu_key(mmu, access->va));
  bool update = found < 0;
  tw_reason reason = TW_OK;
  const tlb_entry *entry = &port->tlb.entries[found < 0 ? 0 : found];
  if (found >= 0) reason = mmu_flags_check(entry->leaf.flags, (tw_access)access->kind, &port->context, &update);
  if (update) {
    miss_take(mmu, port, access, now);
    return;
  }
  mmu->next.event |= entry->event;
  tlb_use(&port->tlb, entry);
  if (reason != TW_OK) {
    fault_take(port, access, reason, TW_PIN_HIT_L1);
  } else {
    entry_grant(mmu, port, access, entry);
  }
}

/* A lookup that is answered by a line. The shape is copied: its entry may be overwritten in this cycle. */
static bool line_lookup(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, uint64_t va) {
  const tlb_entry *entry = tlb_line_entry(&port->tlb, va, request->kind);
  if (!entry) return false;
  mmu->next.event |= entry->event;
  tlb_use(&port->tlb, entry);
  port->own = entry->shape;
  port->shape = &port->own;
  port->tag = request->tag & TAG_MASK;
  port->pa = entry->shape.pa | (va & entry->offset_mask);
  return true;
}

void mmu_port_lookup(tw_mmu *mmu, tw_port number, mmu_now *now) {
  mmu_port *port = &mmu->ports[number];
  const tw_pins_request *request = number == TW_PORT_FETCH ? &now->in->fetch : &now->in->data;
  port->shape = &SHAPE_NONE;
  port->pa = 0;
  port->tag = 0;
  port->answered = false;
  port->tlb.tree_before = port->tlb.array.tree;
  if (!request->valid) return;
  if (!port->ready) {
    mmu->next.event |= number == TW_PORT_FETCH ? TW_EVENT_FETCH_STALL : TW_EVENT_DATA_STALL;
    return;
  }
  uint64_t va = request->va & mmu->va_mask;
  /* A line knows the PMP registers of this cycle, and the answer is judged by those of the next. */
  if (!now->in->pmp.valid && line_lookup(mmu, port, request, va)) return;
  mmu_access access = {.va = va,
                       .tag = request->tag & TAG_MASK,
                       .kind = request->kind,
                       .size = request->size,
                       .privilege = (uint8_t)port->context.privilege};
  if (port->translates) {
    translated_lookup(mmu, port, &access, now);
  } else {
    entry_grant(mmu, port, &access, &mmu->untranslated);
  }
}

void mmu_port_fill(tw_mmu *mmu, const mmu_slot *slot, const tlb_leaf *leaf) {
  mmu_port *port = &mmu->ports[slot->port];
  unsigned page_bits = TW_PAGE_BITS + (leaf->napot ? 4u : leaf->level * mmu->row->vpn_bits);
  tlb_fill fill = {.leaf = *leaf, .key = slot->key, .mask = mmu_leaf_mask(mmu, leaf), .page_bits = page_bits};
  if (tlb_fill_write(&port->tlb, &fill)) port_event(mmu, port, TW_EVENT_FETCH_EVICT);
}

/* M10: the lookup's answer first, then the lowest slot that is DONE. */
static void slot_answer(tw_mmu *mmu, mmu_port *port) {
  unsigned done = mmu->slots_in[TW_SLOT_DONE] & port->slots;
  if (done == 0) return;
  unsigned number = (unsigned)__builtin_ctz(done);
  const mmu_slot *slot = &mmu->slots[number];
  answer_take(port, &slot->access, &slot->outcome);
  if (slot->outcome.status == TW_PIN_RETRY) port_event(mmu, port, TW_EVENT_FETCH_RETRY);
  mmu_slot_move(mmu, number, TW_SLOT_EMPTY);
}

/* M3, with the PMP registers of the cycle in which the answer is visible. */
static void answer_show(tw_mmu *mmu, mmu_port *port) {
  const mmu_access *access = &port->access;
  const mmu_outcome *outcome = &port->outcome;
  tw_reason reason = (tw_reason)outcome->reason;
  uint8_t status = outcome->status;
  if (status == TW_PIN_TRANSLATED) {
    reason = mmu_final_check(mmu, access, outcome->pa);
    if (reason != TW_OK) status = TW_PIN_FAULT;
  }
  tw_pins_response *shown = &port->own;
  *shown = (tw_pins_response){.valid = 1, .status = status, .hit = outcome->hit};
  if (status == TW_PIN_FAULT) {
    shown->reason = (uint8_t)reason;
    shown->cause = (uint8_t)tw_reason_cause(reason, (tw_access)access->kind);
    shown->tval = access->va;
  } else if (status == TW_PIN_TRANSLATED) {
    shown->level = outcome->level;
    shown->flags = outcome->flags;
    shown->attribute = outcome->attribute;
    shown->napot = outcome->napot;
    port->pa = outcome->pa;
  }
  port->shape = shown;
  port->tag = access->tag;
}

void mmu_port_answer(tw_mmu *mmu, tw_port number) {
  mmu_port *port = &mmu->ports[number];
  bool looked_up = port->answered || port->shape != &SHAPE_NONE;
  if (!looked_up) slot_answer(mmu, port);
  if (port->answered) answer_show(mmu, port);
  unsigned done = mmu->slots_in[TW_SLOT_DONE] & port->slots;
  port->ready = (mmu->slots_in[TW_SLOT_EMPTY] & port->slots) != 0 && done == 0;
}
