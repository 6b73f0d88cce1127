/* The walkers and the page-table port: take, request, answer, kill (docs/microarchitecture.md, "The walkers").
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

void mmu_walkers_reset(tw_mmu *mmu) {
  for (unsigned w = 0; w < TW_MAX_WALKERS; w++) mmu->walkers[w] = (mmu_walker){.state = TW_WALKER_IDLE};
  for (unsigned state = 0; state < TW_WALKER_STATE_COUNT; state++) mmu->walkers_in[state] = 0;
  mmu->walkers_in[TW_WALKER_IDLE] = (uint8_t)((1u << mmu->config.walkers) - 1u);
  mmu->take_next = 0;
  mmu->request_next = 0;
  mmu->offered = NO_ONE;
  mmu->denied = NO_ONE;
  mmu->denied_reason = TW_OK;
  mmu->held = false;
}

static unsigned walkers_busy(const tw_mmu *mmu) {
  return mmu->walkers_in[TW_WALKER_REQUEST] | mmu->walkers_in[TW_WALKER_WAIT] | mmu->walkers_in[TW_WALKER_UPDATE] |
         mmu->walkers_in[TW_WALKER_UPDATE_WAIT] | mmu->walkers_in[TW_WALKER_DECIDE];
}

/* M7, of walks. */
static bool fence_kills(const tw_mmu *mmu, const mmu_walker *walker, const assoc_fence *fence) {
  bool napot = walker->level == 0 && mmu->config.extensions & TW_EXT_SVNAPOT;
  uint64_t compared = napot ? mmu->napot_mask : mmu->vpn_masks[walker->level];
  if (fence->has_va && ((walker->vpn ^ fence->key) & compared) != 0) return false;
  return !fence->has_asid || (!walker->global && mmu->root.asid == fence->key >> KEY_ASID_SHIFT);
}

uint8_t mmu_walkers_killed(const tw_mmu *mmu, const mmu_now *now) {
  unsigned killed = 0;
  if (!now->satp_changes && !now->fence_effect && now->cancelled == 0) return 0;
  for (unsigned left = walkers_busy(mmu); left; left &= left - 1) {
    unsigned w = (unsigned)__builtin_ctz(left);
    const mmu_walker *walker = &mmu->walkers[w];
    if (walker->killed) continue;
    if (now->satp_changes || now->cancelled >> walker->owner & 1u ||
        (now->fence_effect && fence_kills(mmu, walker, &now->fence)))
      killed |= 1u << w;
  }
  return (uint8_t)killed;
}

/* An outstanding request has the phase from before its handshake. */
uint8_t mmu_walker_answered(const tw_mmu *mmu, const tw_pins_memory_in *mem) {
  if (!mem->rsp_valid) return NO_ONE;
  unsigned w = mem->rsp_id >> 1;
  unsigned outstanding = mmu->walkers_in[TW_WALKER_WAIT] | mmu->walkers_in[TW_WALKER_UPDATE_WAIT];
  bool expected = (outstanding >> w & 1u) != 0 && (mem->rsp_id & 1u) != mmu->walkers[w].phase;
  return expected ? (uint8_t)w : NO_ONE;
}

/* The walker with the lowest number that the slot can be attached to; NO_ONE if there is none. */
static unsigned attachable(const tw_mmu *mmu, const mmu_slot *slot, const mmu_now *now) {
  unsigned left = (mmu->walkers_in[TW_WALKER_REQUEST] | mmu->walkers_in[TW_WALKER_WAIT]) & (unsigned)~now->killed;
  bool pbmte = (slot->context.extensions & TW_EXT_SVPBMT) != 0;
  for (; left; left &= left - 1) {
    unsigned w = (unsigned)__builtin_ctz(left);
    const mmu_walker *walker = &mmu->walkers[w];
    if (walker->vpn == (slot->key & KEY_VPN) && walker->pbmte == pbmte && !walker->killed && w != now->answered)
      return w;
  }
  return NO_ONE;
}

static void walk_begin(tw_mmu *mmu, unsigned number, mmu_now *now) {
  unsigned w = (unsigned)__builtin_ctz(mmu->walkers_in[TW_WALKER_IDLE]);
  mmu_slot *slot = &mmu->slots[number];
  mmu_walker *walker = &mmu->walkers[w];
  mmu_start start = mmu_pointers_lookup(mmu, slot->key, now);
  walker->killed = false;
  walker->owner = (uint8_t)number;
  walker->attached = 0;
  walker->vpn = slot->key & KEY_VPN;
  walker->pbmte = (slot->context.extensions & TW_EXT_SVPBMT) != 0;
  walker->level = start.level;
  walker->table_ppn = start.table_ppn;
  walker->global = start.global;
  walker->reason = TW_OK;
  mmu_walker_move(mmu, walker, TW_WALKER_REQUEST);
  slot->walker = (uint8_t)w;
  mmu->next.event |= TW_EVENT_WALK_BEGIN;
}

/* W1 for one slot. False if no walker can have it. */
static bool slot_take(tw_mmu *mmu, unsigned number, mmu_now *now) {
  mmu_slot *slot = &mmu->slots[number];
  unsigned w = attachable(mmu, slot, now);
  if (w != NO_ONE) {
    mmu->walkers[w].attached |= (uint16_t)(1u << number);
    slot->walker = (uint8_t)w;
    mmu->next.event |= TW_EVENT_WALK_MERGE;
  } else if (mmu->walkers_in[TW_WALKER_IDLE]) {
    walk_begin(mmu, number, now);
  } else {
    return false;
  }
  mmu_slot_move(mmu, number, TW_SLOT_WALKING);
  mmu->take_next = mmu_successor(number, mmu->slot_count);
  return true;
}

/* W1. The slots that are cancelled in this cycle are EMPTY already. */
void mmu_walkers_take(tw_mmu *mmu, mmu_now *now) {
  unsigned left = now->fence_effect || now->satp_changes ? 0 : mmu->slots_in[TW_SLOT_WAITING];
  while (left) {
    unsigned number = mmu_round_robin(left, mmu->take_next);
    if (slot_take(mmu, number, now)) return;
    left &= ~(1u << number);
  }
  mmu->next.event |= TW_EVENT_WALKER_STALL;
}

/* The slots wait again; those that are cancelled in this cycle are EMPTY already. A walker stays for the answer that it
 * will get, or for the request that it has offered. */
void mmu_walkers_kill(tw_mmu *mmu, const mmu_now *now) {
  mmu->next.event |= TW_EVENT_WALK_KILL;
  for (unsigned left = now->killed; left; left &= left - 1) {
    unsigned w = (unsigned)__builtin_ctz(left);
    mmu_walker *walker = &mmu->walkers[w];
    unsigned slots = walker->attached;
    if ((now->cancelled >> walker->owner & 1u) == 0) slots |= 1u << walker->owner;
    for (; slots; slots &= slots - 1) mmu_slot_move(mmu, (unsigned)__builtin_ctz(slots), TW_SLOT_WAITING);
    walker->attached = 0;
    walker->killed = true;
    bool waits = walker->state == TW_WALKER_WAIT || walker->state == TW_WALKER_UPDATE_WAIT || mmu->offered == w;
    if (!waits) mmu_walker_move(mmu, walker, TW_WALKER_IDLE);
  }
}

/* W2: what becomes of the request that is offered or denied in this cycle. */
static void request_clock(tw_mmu *mmu, const mmu_now *now) {
  if (mmu->denied != NO_ONE) {
    mmu_walker *walker = &mmu->walkers[mmu->denied];
    mmu->next.event |= TW_EVENT_TABLE_DENIED;
    mmu->request_next = mmu_successor(mmu->denied, mmu->config.walkers);
    if (now->killed >> mmu->denied & 1u) return;
    walker->reason = (uint8_t)mmu->denied_reason;
    mmu_walker_move(mmu, walker, TW_WALKER_DECIDE);
  } else if (mmu->offered != NO_ONE) {
    mmu_walker *walker = &mmu->walkers[mmu->offered];
    mmu->held = !now->in->mem.req_ready;
    if (mmu->held) {
      mmu->next.event |= TW_EVENT_MEM_STALL;
      return;
    }
    mmu->request_next = mmu_successor(mmu->offered, mmu->config.walkers);
    walker->phase ^= 1u;
    mmu_walker_move(mmu, walker, walker->state == TW_WALKER_REQUEST ? TW_WALKER_WAIT : TW_WALKER_UPDATE_WAIT);
  }
}

/* W3 for a walk that is not killed. True if the decision unit is used. */
static bool answer_take(tw_mmu *mmu, mmu_walker *walker, const tw_pins_memory_in *mem) {
  uint64_t data = mem->rsp_data & mmu->pte_mask;
  if (walker->state == TW_WALKER_WAIT) {
    mmu->next.event |= TW_EVENT_WALK_STEP;
    walker->entry = data;
    if (mem->rsp_error) walker->reason = TW_REASON_TABLE_BUS_ERROR;
  } else if (mem->rsp_error) {
    walker->reason = TW_REASON_UPDATE_BUS_ERROR;
  } else if (data == walker->entry) {
    mmu->next.event |= TW_EVENT_UPDATE;
    walker->entry = tw_pte_updated(walker->entry, (tw_access)mmu->slots[walker->owner].access.kind);
  } else {
    mmu->next.event |= TW_EVENT_UPDATE_LOST;
    mmu_walker_move(mmu, walker, TW_WALKER_REQUEST);
    return false;
  }
  return true;
}

/* W2 to W4. */
void mmu_walkers_clock(tw_mmu *mmu, mmu_now *now) {
  unsigned deciding = mmu->walkers_in[TW_WALKER_DECIDE]; /* those killed in this cycle are IDLE already */
  request_clock(mmu, now);
  if (now->answered != NO_ONE) {
    mmu_walker *walker = &mmu->walkers[now->answered];
    if (walker->killed) {
      mmu_walker_move(mmu, walker, TW_WALKER_IDLE);
    } else {
      now->decided = answer_take(mmu, walker, &now->in->mem);
      if (now->decided) mmu_decide(mmu, walker, now);
    }
  }
  if (now->decided || deciding == 0) return;
  now->decided = true;
  mmu_decide(mmu, &mmu->walkers[__builtin_ctz(deciding)], now);
}

static void request_offer(tw_mmu *mmu, unsigned w, uint64_t address) {
  const mmu_walker *walker = &mmu->walkers[w];
  mmu->offered = (uint8_t)w;
  mmu->next.mem = (tw_pins_memory_out){.req_addr = address,
                                       .req_valid = 1,
                                       .req_id = (uint8_t)(w * 2 + walker->phase),
                                       .req_kind = TW_PIN_MEM_READ,
                                       .req_size = mmu->row->pte_bytes == 4 ? 2 : 3};
  if (walker->state != TW_WALKER_UPDATE) return;
  mmu->next.mem.req_kind = TW_PIN_MEM_CAS;
  mmu->next.mem.req_expected = walker->entry;
  mmu->next.mem.req_desired = tw_pte_updated(walker->entry, (tw_access)mmu->slots[walker->owner].access.kind);
}

/* W2, from the registers of the next cycle: whose request will be offered or denied then. A request that is held stays
 * as it is (P25), whatever becomes of its owner. */
void mmu_request_choose(tw_mmu *mmu) {
  if (mmu->held) return;
  mmu->offered = NO_ONE;
  mmu->denied = NO_ONE;
  mmu->next.mem.req_valid = 0;
  unsigned wanting = mmu->walkers_in[TW_WALKER_REQUEST] | mmu->walkers_in[TW_WALKER_UPDATE];
  if (wanting != 0 && mmu->walkers_in[TW_WALKER_DECIDE] == 0) {
    unsigned w = mmu_round_robin(wanting, mmu->request_next);
    const mmu_walker *walker = &mmu->walkers[w];
    uint64_t address = tw_pte_address(mmu->root.mode, walker->table_ppn, walker->level, walker->vpn << TW_PAGE_BITS);
    mmu->denied_reason = mmu_table_check(mmu, walker->state == TW_WALKER_UPDATE ? TW_STORE : TW_LOAD, address);
    if (mmu->denied_reason == TW_OK) {
      request_offer(mmu, w, address);
      return;
    }
    mmu->denied = (uint8_t)w;
  }
  mmu->next.mem = (tw_pins_memory_out){0};
}
