/* Random worlds on a machine: the control state of a hart, and page tables biased so that every outcome occurs.
 *
 * A world's memory is a function of its seed and of the address, computed when it is read: every page is a table, the
 * same entry is the same whenever it is asked for, and a wrong address shows in what is read. Some entries change by
 * themselves, as if another hart wrote them, after each of their first reads.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_RANDOM_WORLD_H
#define TWINWALK_TESTS_SPEC_RANDOM_WORLD_H

#include "random_machine.h"

#define RANDOM_ADDRESSES 4

typedef struct random_world {
  const random_machine *machine;
  uint64_t seed;
  naive_hart hart;
  unsigned translated;                  /* low bits of an address that the scheme translates; xlen without one */
  unsigned pointers;                    /* of 16 entries */
  unsigned corruption;                  /* one of so many entries is broken; 0 for none; and so on */
  unsigned read_errors, update_errors;  /* cannot be read; cannot be updated */
  unsigned volatility;                  /* changes by itself */
  unsigned strays;                      /* points out of the windows */
  unsigned stale;                       /* leaf has A or D clear */
  bool draws_n, draws_pbmt, draws_rsw;  /* sets these bits */
  uint64_t addresses[RANDOM_ADDRESSES]; /* around which accesses are made */
} random_world;

/* Draws a world on a machine. */
void random_world_make(random_world *world, const random_machine *machine, uint64_t *state);

/* Draws the control state and the access of one access; the state differs from the world's in what may differ without
 * another address space: privilege, SUM, MXR, MPRV, menvcfg. */
void random_access_draw(const random_world *world, uint64_t *state, naive_hart *hart, naive_access *access);

/* What memory holds at first: whether it can be read, and updated. */
uint64_t random_entry(const random_world *world, uint64_t address, unsigned bytes, bool *readable, bool *updatable);

/* How often an entry changes by itself: mostly 0. What it becomes after the read with number `reads`, from 1 on. */
unsigned random_entry_changes(const random_world *world, uint64_t address);
uint64_t random_entry_change(const random_world *world, uint64_t address, unsigned bytes, unsigned reads, uint64_t old);

/* Whether it cannot be read any more after that read. */
bool random_entry_goes(const random_world *world, uint64_t address, unsigned reads);

#endif
