/* The registers of the cycle model, and what its parts ask of one another.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MMU_INTERNAL_H
#define TWINWALK_MMU_INTERNAL_H

#include "tlb.h"
#include "twinwalk/mmu.h"

/* A miss that waits for its walk: the request, and what was in force when it was accepted (M4). */
typedef struct mmu_slot {
  bool full;
  uint8_t tag;
  uint8_t kind;
  uint64_t va;
  tw_context context;
} mmu_slot;

/* An access port. What it shows in the next cycle is `shape`, but for the address and the tag, which stand here, so
 * that a hit copies nothing. */
typedef struct mmu_port {
  const tw_pins_response *shape;
  uint64_t pa;
  uint8_t tag;
  bool translates;      /* satp.MODE is not Bare and the effective privilege is not M */
  unsigned event_shift; /* from the fetch port's event bits to this port's */
  tw_context context;   /* in force */
  mmu_slot slot;
  tw_pins_response own; /* room for a shape that is no entry's */
  tlb tlb;
} mmu_port;

typedef struct mmu_walker {
  tw_walker_state state;
  bool killed;
  tw_port owner;
  unsigned level;
  uint64_t table_ppn;
  bool global;
  uint8_t next_id;
  mmu_slot slot; /* copy of the owner's */
} mmu_walker;

struct tw_mmu {
  /* the outputs of the next cycle that are no port's */
  uint32_t event;
  uint8_t fence_done;
  bool busy; /* a slot is full or the walker is not idle */
  tw_pins_memory_out mem;

  mmu_port ports[TW_PORT_COUNT];
  mmu_walker walker;

  /* control registers */
  uint64_t satp;
  tw_status status;
  bool sum, mxr;

  /* fixed by the configuration */
  tw_config config;
  const tw_mode_info *row;
  tlb_entry untranslated; /* answers as an entry does (L2): one path for all that is granted */
  uint64_t va_mask;       /* RV32: bits 31..0 (P15) */
  uint64_t satp_mask;     /* bits of satp that are stored: ASIDLEN, RV32 */
  uint16_t asid_mask;
};

/* What befalls the slots in a cycle, before the walker has its turn. */
typedef struct mmu_happening {
  bool satp_changes;           /* M2 */
  bool fence;                  /* a fence with an effect is accepted */
  bool cancels[TW_PORT_COUNT]; /* the port's full slot is cancelled (M9) */
} mmu_happening;

/* A port answers a request with a fault. */
void mmu_port_fault(mmu_port *port, uint8_t tag, uint8_t kind, uint64_t va, tw_reason reason);

/* One cycle of the walker: takes a slot, asks memory, uses an answer. */
void mmu_walker_clock(tw_mmu *mmu, const tw_pins_memory_in *mem, const mmu_happening *happening);

#endif
