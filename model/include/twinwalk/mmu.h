/* The cycle model: the micro-architecture of docs/microarchitecture.md, one call a clock cycle, pins in and pins out.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MMU_H
#define TWINWALK_MMU_H

#include "twinwalk/config.h"
#include "twinwalk/pins.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_mmu tw_mmu;

/* Opens a model in its reset state; the caller closes it. The configuration is validated. NULL and error on failure. */
tw_mmu *tw_mmu_open(const tw_config *config, tw_error *error);
void tw_mmu_close(tw_mmu *mmu);

/* One clock cycle t: writes the outputs of cycle t, which do not depend on `in`, then clocks with `in`.
 * Allocates nothing. */
void tw_mmu_cycle(tw_mmu *mmu, const tw_pins_in *in, tw_pins_out *out);

/* The registers, for waveforms and reports. Names and encodings are those of docs/microarchitecture.md. */
typedef enum tw_port { TW_PORT_FETCH = 0, TW_PORT_DATA = 1, TW_PORT_COUNT } tw_port;

typedef enum tw_slot_state {
  TW_SLOT_EMPTY = 0,
  TW_SLOT_SEARCH = 1,
  TW_SLOT_SEARCHING = 2,
  TW_SLOT_WAITING = 3,
  TW_SLOT_WALKING = 4,
  TW_SLOT_DONE = 5,
  TW_SLOT_STATE_COUNT
} tw_slot_state;

typedef enum tw_walker_state {
  TW_WALKER_IDLE = 0,
  TW_WALKER_REQUEST = 1,
  TW_WALKER_WAIT = 2,
  TW_WALKER_UPDATE = 3,
  TW_WALKER_UPDATE_WAIT = 4,
  TW_WALKER_DECIDE = 5,
  TW_WALKER_STATE_COUNT
} tw_walker_state;

/* Lower-case names ("searching", "update-wait"); static storage. "unknown" outside the list. */
const char *tw_slot_state_name(tw_slot_state state);
const char *tw_walker_state_name(tw_walker_state state);

/* An entry of an L1 TLB or of either part of the L2 TLB; all 0 if it is not valid. */
typedef struct tw_mmu_entry {
  bool valid;
  bool napot; /* N: a 64 KiB page */
  uint8_t level;
  uint8_t flags; /* as the pins show them: V and A set, G accumulated */
  uint8_t attribute;
  uint16_t asid;
  uint64_t vpn; /* VPN fields below the level are as they were in the address that filled it */
  uint64_t ppn;
} tw_mmu_entry;

/* An entry of the walk cache; all 0 if it is not valid. */
typedef struct tw_mmu_pointer {
  bool valid;
  bool global; /* accumulated, its own included */
  uint16_t asid;
  uint64_t vpn;
  uint64_t table_ppn; /* of the table that it points to */
} tw_mmu_pointer;

#define TW_MMU_SLOTS (2u * TW_MAX_SLOTS) /* of both ports */
#define TW_MMU_NONE 0xffu                /* no slot, no walker */

/* A miss slot; all but `port` is 0 (and walker TW_MMU_NONE) if it is EMPTY. */
typedef struct tw_mmu_slot {
  tw_slot_state state;
  tw_port port;
  uint8_t tag;
  uint8_t kind;
  uint8_t size;   /* bytes */
  uint8_t walker; /* in WALKING: that it owns or is attached to; else TW_MMU_NONE */
  bool speculative;
  uint8_t privilege; /* the context: what was in force when the request was accepted */
  bool sum, mxr, adue, pbmte;
  uint64_t va;
} tw_mmu_slot;

/* A walker. What a walk leaves behind when it ends stays in the registers until the next one. */
typedef struct tw_mmu_walker {
  tw_walker_state state;
  bool killed;
  bool global; /* G, accumulated */
  bool pbmte;
  uint8_t owner; /* number of a slot */
  uint8_t level;
  uint8_t reason; /* tw_reason */
  uint8_t phase;
  uint16_t attached; /* bit s is slot s */
  uint64_t vpn;
  uint64_t table_ppn;
  uint64_t entry;
} tw_mmu_walker;

/* The sweep of the set-associative part of L2 that a fence began. */
typedef struct tw_mmu_sweep {
  bool active;
  bool has_va, has_asid;
  uint16_t asid;
  uint64_t vpn;
  unsigned set;  /* treated next */
  unsigned last; /* treated last */
} tw_mmu_sweep;

typedef struct tw_mmu_probe {
  uint64_t satp;
  uint8_t privilege, mprv, mpp, sum, mxr, adue, pbmte;
  uint8_t slot_count; /* of both ports */
  uint8_t walker_count;
  uint8_t held;                                 /* the walker that the page-table port is held for, or TW_MMU_NONE */
  uint8_t search_next, take_next, request_next; /* the round robins' pointers: two over slots, one over walkers */
  uint16_t lfsr;                                /* of random replacement */
  uint64_t plru[TW_PORT_COUNT];                 /* bit n is node n */
  tw_mmu_slot slots[TW_MMU_SLOTS];              /* in their one order: the data port's, then the fetch port's */
  tw_mmu_walker walkers[TW_MAX_WALKERS];
  tw_mmu_sweep sweep;
} tw_mmu_probe;

/* Copies the registers as they are between two cycles. */
void tw_mmu_probe_read(const tw_mmu *mmu, tw_mmu_probe *probe);

/* The PMP registers as they are between two cycles; the model's. */
const tw_pmp *tw_mmu_pmp(const tw_mmu *mmu);

/* Copies one entry of an L1 TLB; false if index is not below the number of entries. */
bool tw_mmu_entry_read(const tw_mmu *mmu, tw_port port, unsigned index, tw_mmu_entry *entry);

/* Copies one entry of the set-associative part of L2; false if there is none at this place. */
bool tw_mmu_l2_read(const tw_mmu *mmu, unsigned set, unsigned way, tw_mmu_entry *entry);

/* Copies one entry of the superpage part of L2; false if index is not below the number of entries. */
bool tw_mmu_super_read(const tw_mmu *mmu, unsigned index, tw_mmu_entry *entry);

/* Copies one pointer of the walk cache, which was read at a level; false if there is none at this place. */
bool tw_mmu_pointer_read(const tw_mmu *mmu, unsigned level, unsigned index, tw_mmu_pointer *pointer);

#ifdef __cplusplus
}
#endif
#endif
