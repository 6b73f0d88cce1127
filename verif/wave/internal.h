/* What a waveform holds: the values that its signals point at, and where faults were.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_INTERNAL_H
#define TWINWALK_WAVE_INTERNAL_H

#include "lane.h"
#include "pin_table.h"
#include "wave.h"

#define WAVE_FAULTS 20u /* markers A to T; GTKWave has 26 */
#define WAVE_NAME_BYTES 40u
#define WAVE_PINS 120u /* room for the names of all pins */
#define WAVE_SCOPE_BYTES 24u

/* The fully associative TLBs: one a port, and the superpage part of L2. */
enum { WAVE_SUPER = TW_PORT_COUNT, WAVE_TLBS };

typedef struct wave_tlb {
  uint64_t valid;                             /* bit n is entry n */
  char words[TW_MAX_TLB_ENTRIES][TEXT_BYTES]; /* "3fffe000 asid 5 -> 80123000 4K DA-U-WRV" */
} wave_tlb;

struct tw_wave {
  tw_config config;
  const tw_mode_info *row;
  bool with_model;
  tw_wave_signal *signals; /* owned */
  unsigned signal_count;
  char pin_names[WAVE_PINS][WAVE_NAME_BYTES];
  char entry_names[TW_MAX_TLB_ENTRIES][WAVE_NAME_BYTES];
  char slot_scopes[TW_MMU_SLOTS][WAVE_SCOPE_BYTES];
  char walker_scopes[TW_MAX_WALKERS][WAVE_SCOPE_BYTES];
  char lane_names[TW_MAX_WALKERS][WAVE_SCOPE_BYTES];

  /* shown */
  uint64_t cycle;
  tw_pins_out out;
  tw_mmu_probe registers;
  wave_tlb tlbs[WAVE_TLBS];
  lane lane;

  /* registers after this cycle: shown in the next one */
  tw_mmu_probe next;
  wave_tlb next_tlbs[WAVE_TLBS];
  tw_mmu_entry entries[WAVE_TLBS][TW_MAX_TLB_ENTRIES]; /* as next_tlbs says them */
  bool tlbs_changed;                                   /* next_tlbs are not those that are shown */
  bool begun;
  bool shown;     /* some cycle was dumped */
  uint64_t first; /* that cycle */

  uint64_t fault_count;
  uint64_t faults[WAVE_FAULTS]; /* cycles of the first ones */
  bool differed;
  uint64_t difference; /* first cycle */
};

/* Declares all signals; their memory is there already. */
void wave_signals_declare(tw_wave *wave);
/* How many there are at most for a configuration. */
unsigned wave_signals_bound(const tw_config *config);

/* Entries of a port's TLB, or of the superpage part of L2. */
unsigned wave_entries(const tw_config *config, unsigned tlb);
/* Miss slots of both ports. */
unsigned wave_slots(const tw_config *config);
/* The Verilog port of a pin. */
void wave_pin_name(const tw_pin *pin, char name[static WAVE_NAME_BYTES]);
/* Number of nodes' bits in a tree over `entries` leaves, bit 0 unused; 0 with one entry. */
unsigned wave_plru_bits(unsigned entries);

#endif
