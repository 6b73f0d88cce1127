/* Model and design in lockstep, driven pin by pin: steps are played at the cycles that they name.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SWEEP_RIG_H
#define TWINWALK_SWEEP_RIG_H

#include "coverage.h"
#include "dut_loader.h"
#include "memory.h"

typedef enum sweep_kind {
  SWEEP_ACCESS,
  SWEEP_FENCE,
  SWEEP_CONTROL,
  SWEEP_PMP,
  SWEEP_CANCEL,
  SWEEP_STORE, /* to a page table */
  SWEEP_RESET
} sweep_kind;

/* Something that happens at the pins, or in memory. Accesses and fences wait for their handshake. */
typedef struct sweep_step {
  sweep_kind kind;
  unsigned at; /* cycle of the phase, or later if the pins are taken */
  tw_port port;
  tw_pins_request access; /* SWEEP_CANCEL: its tag */
  tw_pins_fence fence;
  tw_pins_control control;
  tw_pins_pmp pmp;
  uint64_t pa, value; /* of a store */
} sweep_step;

#define SWEEP_STEPS 24u /* of a phase, at most */

typedef struct sweep_rig {
  const tw_config *config;
  const tw_dut_table *table;
  tw_dut *design;
  tw_mmu *model;
  tw_coverage *coverage;
  tw_memory *memory;
  tw_table_memory tables;
  tw_pins_in in;
  tw_pins_out out;
  uint64_t cycle;                                          /* of the run */
  uint64_t cycles, answers;                                /* of all runs */
  uint16_t asked[TW_PORT_COUNT];                           /* tags that are not answered */
  const sweep_step *port_step[TW_PORT_COUNT], *fence_step; /* on the pins, without their handshake */
  unsigned fences;                                         /* accepted and not done */
  char said[1024];                                         /* what went wrong */
} sweep_rig;

/* Opens model and design; the caller closes the rig. False and error on failure. */
bool sweep_rig_open(sweep_rig *rig, const tw_config *config, const tw_dut_table *table, tw_error *error);
void sweep_rig_close(sweep_rig *rig);

/* Resets both, before a memory, which stays the caller's. False if they differ. */
bool sweep_rig_begin(sweep_rig *rig, tw_memory *memory);

/* Plays steps, in the order of their cycles, until everything is answered and nothing is at work any more. Says in
 * *cycles (may be NULL) how many cycles it took until then. False if model and design differ, or hang. */
bool sweep_rig_play(sweep_rig *rig, const sweep_step *steps, unsigned count, unsigned *cycles);

#endif
