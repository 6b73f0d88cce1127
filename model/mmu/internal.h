/* The registers of the cycle model, and what its parts ask of one another.
 *
 * A cycle is clocked by mmu.c, which calls the parts in an order such that each finds the registers of cycle t where
 * the page says so, although they are changed in place; `mmu_now` carries what must be known of cycle t itself.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MMU_INTERNAL_H
#define TWINWALK_MMU_INTERNAL_H

#include "tlb.h"
#include "twinwalk/mmu.h"

#define CHECK_LINES 512u
#define NO_ONE TW_MMU_NONE /* no slot, no walker */

/* What is asked, as far as an answer needs it. */
typedef struct mmu_access {
  uint64_t va;
  uint8_t tag;
  uint8_t kind;
  uint8_t size;
  uint8_t privilege; /* effective */
} mmu_access;

/* An answer before the final check (M3). */
typedef struct mmu_outcome {
  uint64_t pa; /* untranslated RV64 addresses have 64 bits */
  uint8_t status;
  uint8_t reason;
  uint8_t level;
  uint8_t flags;
  uint8_t hit;
  uint8_t attribute;
  bool napot;
} mmu_outcome;

typedef struct mmu_slot {
  tw_slot_state state;
  uint8_t port;
  uint8_t walker; /* in WALKING */
  uint8_t stage;  /* in SEARCHING: its place in the ring of lookups */
  bool speculative;
  mmu_access access;
  uint64_t key; /* its VPN and satp's ASID */
  tw_context context;
  mmu_outcome outcome; /* in DONE */
} mmu_slot;

typedef struct mmu_walker {
  tw_walker_state state;
  bool killed;
  bool pbmte;
  bool global;
  uint8_t owner;
  uint8_t level;
  uint8_t reason;
  uint8_t phase;
  uint16_t attached; /* bit s is slot s */
  uint64_t vpn;
  uint64_t table_ppn;
  uint64_t entry;
} mmu_walker;

/* An access port. What it shows in the next cycle is `shape`, but for the address, the tag and ready, which stand here,
 * so that a hit copies nothing. A shape is an entry's only from a cycle in which nothing can be filled. */
typedef struct mmu_port {
  const tw_pins_response *shape;
  uint64_t pa;
  uint8_t tag;
  uint8_t ready;
  bool translates;      /* satp.MODE is not Bare and the effective privilege is not M */
  unsigned event_shift; /* from the fetch port's event bits to this port's */
  uint16_t slots;       /* bit s: slot s is this port's */
  bool answered;        /* the answer register takes `outcome` for `access` in this cycle */
  mmu_access access;
  mmu_outcome outcome;
  tw_context context;   /* in force */
  tw_pins_response own; /* room for a shape that is no entry's */
  tlb tlb;
} mmu_port;

/* The L2 TLB. */
typedef struct mmu_l2 {
  unsigned sets; /* a power of two; 0: there is no L2 TLB */
  unsigned ways;
  unsigned latency;
  bool random;
  uint16_t lfsr;
  uint8_t next; /* round robin over the slots */
  uint8_t stage;
  uint8_t ring[TW_MAX_L2_LATENCY]; /* slots whose lookups are in the pipeline; `stage` is where the next one goes */
  assoc *set;
  tlb_leaf *leaves; /* of set s and way w at s * ways + w */
  assoc super;
  assoc_filter super_filter;
  uint64_t super_keys[TW_MAX_TLB_ENTRIES];
  uint64_t super_masks[TW_MAX_TLB_ENTRIES];
  tlb_leaf super_leaves[TW_MAX_TLB_ENTRIES];
  bool sweeping;
  unsigned sweep_set, sweep_last;
  assoc_fence sweep;
} mmu_l2;

/* Pointers of one level. */
typedef struct mmu_pointers {
  assoc array;
  assoc_filter filter;
  uint64_t keys[TW_MAX_TLB_ENTRIES];
  uint64_t masks[TW_MAX_TLB_ENTRIES];
  uint64_t tables[TW_MAX_TLB_ENTRIES]; /* PPNs */
} mmu_pointers;

/* Where a walk begins. */
typedef struct mmu_start {
  uint8_t level;
  bool global;
  uint64_t table_ppn;
} mmu_start;

struct tw_mmu {
  tw_pins_out next;     /* the outputs of the next cycle that are no port's; the ports' are not used */
  uint8_t walkers_busy; /* walkers that are not idle */
  uint8_t outstanding;  /* 1 if a slot is not EMPTY or a walker is not IDLE */
  uint8_t active;       /* 1 if there is something to do even if no input says so */

  mmu_port ports[TW_PORT_COUNT];

  /* slots and walkers; bit masks by state */
  mmu_slot slots[TW_MMU_SLOTS];
  uint16_t slots_in[TW_SLOT_STATE_COUNT];
  unsigned slot_count;
  uint8_t take_next; /* round robin over the slots */
  mmu_walker walkers[TW_MAX_WALKERS];
  uint8_t walkers_in[TW_WALKER_STATE_COUNT];

  /* the page-table port */
  uint8_t request_next; /* round robin over the walkers */
  uint8_t offered;      /* the walker whose request is offered in this cycle */
  bool held;            /* since an earlier cycle */
  uint8_t denied;       /* the walker whose request is denied in this cycle, and why */
  tw_reason denied_reason;

  mmu_l2 l2;
  mmu_pointers pointers[TW_MAX_LEVELS]; /* by level; 0 is unused */

  bool fence_owed; /* a fence is treated, and not done for an update that it overtook (M11) */

  /* control and PMP registers */
  uint64_t satp;
  tw_status status;
  bool sum, mxr, adue, pbmte;
  tw_satp root; /* satp taken apart */
  tw_pmp pmp;

  /* pages that are known to be granted as a whole; all 0 after a PMP write */
  uint64_t granted[CHECK_LINES];

  /* fixed by the configuration */
  tw_config config;
  const tw_mode_info *row; /* of the deepest mode */
  tw_machine machine;
  bool unprotected;       /* neither PMP nor regions */
  tlb_entry untranslated; /* answers as an entry does (L1): one path for all that is granted */
  uint64_t va_mask;       /* RV32: bits 31..0 (P15) */
  uint64_t pte_mask;      /* RV32: bits 31..0 (P28) */
  uint64_t satp_mask;     /* bits of satp that are stored: ASIDLEN, RV32 */
  uint16_t asid_mask;
  uint64_t vpn_masks[TW_MAX_LEVELS]; /* the VPN fields at and above a level */
  uint64_t napot_mask;               /* the VPN of a 64 KiB page */
};

/* What happens in cycle t, from its registers and inputs, found before anything is changed. */
typedef struct mmu_now {
  const tw_pins_in *in;
  uint64_t satp;       /* after the control write */
  bool satp_changes;   /* M2 */
  bool fence_effect;   /* a fence with effect is accepted */
  assoc_fence fence;   /* that fence */
  uint16_t cancelled;  /* slots */
  uint16_t waiting;    /* slots that are WAITING in cycle t */
  uint8_t killed;      /* walkers that are killed in cycle t */
  uint8_t answered;    /* the walker that gets an answer */
  bool decided;        /* the decision unit is used */
  unsigned used_level; /* at which the walk cache has a hit, or 0, and the tree bits of that level before */
  uint64_t used_tree;
  uint8_t filled[TW_PORT_COUNT]; /* the slot that a miss of this cycle fills, or NO_ONE */
} mmu_now;

/* The first of a round robin's pointer and its successors that is in the mask; the mask is not empty. */
static inline unsigned mmu_round_robin(unsigned mask, unsigned pointer) {
  unsigned after = mask >> pointer;
  return after ? pointer + (unsigned)__builtin_ctz(after) : (unsigned)__builtin_ctz(mask);
}

static inline uint8_t mmu_successor(unsigned granted, unsigned count) {
  return (uint8_t)(granted + 1 == count ? 0 : granted + 1);
}

static inline uint64_t mmu_key(const tw_mmu *mmu, uint64_t va) {
  return ((va >> TW_PAGE_BITS) & mmu->vpn_masks[0]) | (uint64_t)mmu->root.asid << KEY_ASID_SHIFT;
}

static inline uint64_t mmu_leaf_mask(const tw_mmu *mmu, const tlb_leaf *leaf) {
  uint64_t vpn = leaf->napot ? mmu->napot_mask : mmu->vpn_masks[leaf->level];
  return vpn | (leaf->flags & TW_PTE_G ? 0 : KEY_ASID);
}

/* control.c: control registers */
uint64_t mmu_satp_after(const tw_mmu *mmu, const tw_pins_control *control); /* M1, P7 */
void mmu_control_reset(tw_mmu *mmu);
void mmu_control_write(tw_mmu *mmu, const mmu_now *now);
void mmu_pmp_write(tw_mmu *mmu, const tw_pins_pmp *write);

/* checks.c: PMP, regions, physical width */
void mmu_checks_forget(tw_mmu *mmu);
bool mmu_page_granted(tw_mmu *mmu, tw_privilege privilege, tw_access access, uint64_t pa); /* for any bytes in it */
tw_reason mmu_final_check(tw_mmu *mmu, const mmu_access *access, uint64_t pa);             /* F1 to F3 */
tw_reason mmu_table_check(tw_mmu *mmu, tw_access access, uint64_t pa);                     /* T1 to T3 */
/* L3 to L6, of the flags of an entry: TW_OK or why not; *update: neither, it is a miss. */
tw_reason mmu_flags_check(uint8_t flags, tw_access access, const tw_context *context, bool *update);

/* port.c: lookups, answers */
void mmu_port_reset(tw_mmu *mmu, tw_port port);
void mmu_port_lookup(tw_mmu *mmu, tw_port port, mmu_now *now);
void mmu_port_answer(tw_mmu *mmu, tw_port port);
void mmu_port_fill(tw_mmu *mmu, const mmu_slot *slot, const tlb_leaf *leaf);

/* slots.c: the miss slots */
void mmu_slots_reset(tw_mmu *mmu);
static inline void mmu_slot_move(tw_mmu *mmu, unsigned number, tw_slot_state state) {
  mmu_slot *slot = &mmu->slots[number];
  mmu->slots_in[slot->state] &= (uint16_t) ~(1u << number);
  mmu->slots_in[state] |= (uint16_t)(1u << number);
  slot->state = state;
}
uint16_t mmu_slots_cancelled(const tw_mmu *mmu, const tw_pins_in *in);
void mmu_slots_cancel(tw_mmu *mmu, const mmu_now *now);
void mmu_slots_retry(tw_mmu *mmu);
void mmu_slots_fill(tw_mmu *mmu, const mmu_now *now);
void mmu_slot_done(tw_mmu *mmu, unsigned number, const mmu_outcome *outcome);

/* l2.c: the L2 TLB */
size_t mmu_l2_bytes(const tw_l2_config *config);
void mmu_l2_open(mmu_l2 *l2, const tw_l2_config *config, void *room);
void mmu_l2_reset(tw_mmu *mmu);
void mmu_l2_clock(tw_mmu *mmu, const mmu_now *now);
void mmu_l2_fill(tw_mmu *mmu, const tlb_leaf *leaf, uint64_t key);
void mmu_l2_forget(tw_mmu *mmu, unsigned slot); /* takes its lookup out of the pipeline */

/* walk_cache.c: the walk cache */
void mmu_pointers_reset(tw_mmu *mmu);
mmu_start mmu_pointers_lookup(tw_mmu *mmu, uint64_t key, mmu_now *now);
void mmu_pointers_fill(tw_mmu *mmu, const mmu_walker *walker, uint64_t table_ppn, bool global, const mmu_now *now);
void mmu_pointers_fence(tw_mmu *mmu, const assoc_fence *fence);

/* walkers.c: the walkers and the page-table port */
void mmu_walkers_reset(tw_mmu *mmu);
uint8_t mmu_walkers_killed(const tw_mmu *mmu, const mmu_now *now);
uint8_t mmu_walker_answered(const tw_mmu *mmu, const tw_pins_memory_in *mem);
void mmu_walkers_take(tw_mmu *mmu, mmu_now *now);
void mmu_walkers_kill(tw_mmu *mmu, const mmu_now *now);
void mmu_walkers_clock(tw_mmu *mmu, mmu_now *now);
void mmu_request_choose(tw_mmu *mmu);

/* decision.c: what an entry means for its owner (W4) */
void mmu_decide(tw_mmu *mmu, mmu_walker *walker, const mmu_now *now);
static inline void mmu_walker_move(tw_mmu *mmu, mmu_walker *walker, tw_walker_state state) {
  mmu->walkers_busy = (uint8_t)(mmu->walkers_busy + (walker->state == TW_WALKER_IDLE) - (state == TW_WALKER_IDLE));
  unsigned bit = 1u << (unsigned)(walker - mmu->walkers);
  mmu->walkers_in[walker->state] &= (uint8_t)~bit;
  mmu->walkers_in[state] |= (uint8_t)bit;
  walker->state = state;
}

/* fence.c: fences and the sweep */
bool mmu_fence_effect(const tw_mmu *mmu, const tw_pins_fence *fence, assoc_fence *as_keys);
void mmu_fence_clock(tw_mmu *mmu, const mmu_now *now);

#endif
