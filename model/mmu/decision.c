/* The decision unit: what an entry means for the owner of the walk that read it (W4, D1 to D20).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

/* D7. */
static void pointer_follow(tw_mmu *mmu, mmu_walker *walker, const tw_pte_view *view, const mmu_now *now) {
  bool global = walker->global || (view->flags & TW_PTE_G) != 0;
  mmu_pointers_fill(mmu, walker, view->ppn, global, now);
  walker->level--;
  walker->table_ppn = view->ppn;
  walker->global = global;
  mmu_walker_move(mmu, walker, TW_WALKER_REQUEST);
}

/* The walk goes on with the attached slot of the lowest number, or ends. */
static void owner_release(tw_mmu *mmu, mmu_walker *walker, tw_reason reason) {
  bool update_failed =
      reason == TW_REASON_UPDATE_PMA || reason == TW_REASON_UPDATE_PMP || reason == TW_REASON_UPDATE_BUS_ERROR;
  if (walker->attached && !update_failed) {
    walker->owner = (uint8_t)__builtin_ctz(walker->attached);
    walker->attached &= (uint16_t)(walker->attached - 1);
    mmu_walker_move(mmu, walker, TW_WALKER_DECIDE);
    return;
  }
  for (unsigned left = walker->attached; left; left &= left - 1)
    mmu_slot_move(mmu, (unsigned)__builtin_ctz(left), TW_SLOT_WAITING);
  walker->attached = 0;
  mmu_walker_move(mmu, walker, TW_WALKER_IDLE);
}

static void walk_fault(tw_mmu *mmu, mmu_walker *walker, tw_reason reason) {
  mmu->next.event |= TW_EVENT_WALK_FAULT;
  mmu_slot_done(mmu, walker->owner, &(mmu_outcome){.status = TW_PIN_FAULT, .reason = (uint8_t)reason});
  owner_release(mmu, walker, reason);
}

/* Whether a slot reads entries as the control registers do now; else nothing may be kept of it (menvcfg_pbmte_fence).
 */
static bool pbmte_in_force(const tw_mmu *mmu, const mmu_slot *slot) {
  return ((slot->context.extensions & TW_EXT_SVPBMT) != 0) == mmu->pbmte;
}

/* D20. */
static void walk_grant(tw_mmu *mmu, mmu_walker *walker, const tw_pte_view *view) {
  const mmu_slot *slot = &mmu->slots[walker->owner];
  tlb_leaf leaf = {.vpn = walker->vpn,
                   .ppn = view->ppn,
                   .asid = mmu->root.asid,
                   .level = walker->level,
                   .flags = (uint8_t)(view->flags | (walker->global ? TW_PTE_G : 0)),
                   .attribute = view->attribute,
                   .napot = view->napot};
  mmu_outcome outcome = {.pa = tw_leaf_address(mmu->root.mode, leaf.ppn, leaf.level, leaf.napot, slot->access.va),
                         .status = TW_PIN_TRANSLATED,
                         .level = leaf.level,
                         .flags = leaf.flags,
                         .attribute = leaf.attribute,
                         .napot = leaf.napot};
  mmu->next.event |= TW_EVENT_WALK_GRANT;
  mmu_slot_done(mmu, walker->owner, &outcome);
  if (pbmte_in_force(mmu, slot)) {
    mmu_port_fill(mmu, slot, &leaf);
    mmu_l2_fill(mmu, &leaf, slot->key);
  }
  owner_release(mmu, walker, TW_OK);
}

/* D11 to D20. */
static void leaf_decide(tw_mmu *mmu, mmu_walker *walker, const tw_pte_view *view) {
  const mmu_slot *slot = &mmu->slots[walker->owner];
  bool update;
  tw_reason reason = mmu_flags_check(view->flags, (tw_access)slot->access.kind, &slot->context, &update);
  if (reason != TW_OK) {
    walk_fault(mmu, walker, reason);
  } else if (!update) {
    walk_grant(mmu, walker, view);
  } else if (slot->speculative) {
    mmu_slot_done(mmu, walker->owner, &(mmu_outcome){.status = TW_PIN_RETRY});
    owner_release(mmu, walker, TW_OK);
  } else {
    mmu_walker_move(mmu, walker, TW_WALKER_UPDATE);
  }
}

void mmu_decide(tw_mmu *mmu, mmu_walker *walker, const mmu_now *now) {
  if (walker->reason != TW_OK) {
    walk_fault(mmu, walker, (tw_reason)walker->reason);
    return;
  }
  unsigned extensions = mmu->slots[walker->owner].context.extensions;
  tw_pte_view view = tw_pte_decode(mmu->root.mode, extensions, walker->entry, walker->level);
  if (view.kind == TW_PTE_FAULT) {
    walk_fault(mmu, walker, view.reason);
  } else if (view.kind == TW_PTE_POINTER) {
    pointer_follow(mmu, walker, &view, now);
  } else {
    leaf_decide(mmu, walker, &view);
  }
}
