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
typedef enum tw_walker_state { TW_WALKER_IDLE = 0, TW_WALKER_REQUEST = 1, TW_WALKER_WAIT = 2 } tw_walker_state;
typedef enum tw_port { TW_PORT_FETCH = 0, TW_PORT_DATA = 1, TW_PORT_COUNT } tw_port;

typedef struct tw_mmu_entry {
  bool valid;
  uint8_t level;
  uint8_t flags; /* as the pins show them: V and A set, G accumulated */
  uint16_t asid;
  uint64_t vpn; /* VPN fields below the level are as they were in the address that filled it */
  uint64_t ppn;
} tw_mmu_entry;

typedef struct tw_mmu_slot {
  bool full;
  uint8_t tag;
  uint8_t kind;
  uint64_t va;
} tw_mmu_slot;

typedef struct tw_mmu_probe {
  uint64_t satp;
  uint8_t privilege, mprv, mpp, sum, mxr;
  tw_walker_state state;
  bool killed;
  tw_port owner;
  uint8_t level;
  uint8_t next_id;
  bool global;
  uint64_t table_ppn;
  uint64_t va; /* of the walk */
  tw_mmu_slot slots[TW_PORT_COUNT];
  uint64_t plru[TW_PORT_COUNT]; /* bit n is node n */
} tw_mmu_probe;

/* Copies the registers as they are between two cycles. */
void tw_mmu_probe_read(const tw_mmu *mmu, tw_mmu_probe *probe);

/* Copies one TLB entry; false if index is not below the number of entries. */
bool tw_mmu_entry_read(const tw_mmu *mmu, tw_port port, unsigned index, tw_mmu_entry *entry);

#ifdef __cplusplus
}
#endif
#endif
