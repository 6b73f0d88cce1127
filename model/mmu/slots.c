/* The miss slots: filled, cancelled, given an outcome (docs/microarchitecture.md, "Miss slots", M4, M8, M9).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

void mmu_slots_reset(tw_mmu *mmu) {
  unsigned data = (1u << mmu->config.data_slots) - 1u;
  unsigned all = (1u << mmu->slot_count) - 1u;
  mmu->ports[TW_PORT_DATA].slots = (uint16_t)data;
  mmu->ports[TW_PORT_FETCH].slots = (uint16_t)(all & ~data);
  for (unsigned s = 0; s < mmu->slot_count; s++)
    mmu->slots[s] = (mmu_slot){.port = data >> s & 1u ? TW_PORT_DATA : TW_PORT_FETCH, .walker = NO_ONE};
  for (unsigned state = 0; state < TW_SLOT_STATE_COUNT; state++) mmu->slots_in[state] = 0;
  mmu->slots_in[TW_SLOT_EMPTY] = (uint16_t)all;
}

/* The port's slot that holds the tag, as a mask; a tag is held once. */
static uint16_t tag_slot(const tw_mmu *mmu, const mmu_port *port, uint8_t tag) {
  unsigned held = port->slots & (unsigned)~mmu->slots_in[TW_SLOT_EMPTY];
  for (; held; held &= held - 1) {
    if (mmu->slots[__builtin_ctz(held)].access.tag == (tag & TAG_MASK)) return (uint16_t)(held & -held);
  }
  return 0;
}

uint16_t mmu_slots_cancelled(const tw_mmu *mmu, const tw_pins_in *in) {
  uint16_t cancelled = 0;
  if (in->fetch.cancel_valid) cancelled = tag_slot(mmu, &mmu->ports[TW_PORT_FETCH], in->fetch.cancel_tag);
  if (in->data.cancel_valid) cancelled |= tag_slot(mmu, &mmu->ports[TW_PORT_DATA], in->data.cancel_tag);
  return cancelled;
}

void mmu_slots_cancel(tw_mmu *mmu, const mmu_now *now) {
  for (unsigned left = now->cancelled; left; left &= left - 1) {
    unsigned number = (unsigned)__builtin_ctz(left);
    const mmu_slot *slot = &mmu->slots[number];
    if (slot->state == TW_SLOT_SEARCHING) mmu_l2_forget(mmu, number);
    if (slot->state == TW_SLOT_WALKING) mmu->walkers[slot->walker].attached &= (uint16_t) ~(1u << number);
    mmu_slot_move(mmu, number, TW_SLOT_EMPTY);
  }
}

void mmu_slot_done(tw_mmu *mmu, unsigned number, const mmu_outcome *outcome) {
  mmu->slots[number].outcome = *outcome;
  mmu_slot_move(mmu, number, TW_SLOT_DONE);
}

void mmu_slots_retry(tw_mmu *mmu) {
  unsigned left = mmu->slots_in[TW_SLOT_SEARCH] | mmu->slots_in[TW_SLOT_SEARCHING] | mmu->slots_in[TW_SLOT_WAITING] |
                  mmu->slots_in[TW_SLOT_WALKING];
  for (; left; left &= left - 1) {
    unsigned number = (unsigned)__builtin_ctz(left);
    if (mmu->slots[number].state == TW_SLOT_SEARCHING) mmu_l2_forget(mmu, number);
    mmu_slot_done(mmu, number, &(mmu_outcome){.status = TW_PIN_RETRY});
  }
}

void mmu_slots_fill(tw_mmu *mmu, const mmu_now *now) {
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    unsigned number = now->filled[p];
    if (number == NO_ONE) continue;
    const mmu_port *port = &mmu->ports[p];
    const tw_pins_request *request = p == TW_PORT_FETCH ? &now->in->fetch : &now->in->data;
    mmu_slot *slot = &mmu->slots[number];
    slot->access = port->access;
    slot->speculative = request->speculative != 0;
    slot->key = mmu_key(mmu, port->access.va);
    slot->context = port->context;
    mmu_slot_move(mmu, number, mmu->l2.sets ? TW_SLOT_SEARCH : TW_SLOT_WAITING);
  }
}
