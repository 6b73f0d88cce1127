/* Random page tables and random accesses, biased so that every outcome occurs.
 *
 * A world's memory is a function of its seed and of the address, computed when it is read: every physical page is a
 * table, the same entry is the same whenever it is asked for, and a wrong address shows in what is read.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_RANDOM_TABLES_H
#define TWINWALK_TESTS_SPEC_RANDOM_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#define WORLD_ADDRESSES 4

/* Kinds of a world: the four schemes, and no translation on both widths. */
enum { WORLD_SV32, WORLD_SV39, WORLD_SV48, WORLD_SV57, WORLD_BARE32, WORLD_BARE64, WORLD_KINDS };

typedef struct random_world {
  uint64_t seed;
  int kind;
  int xlen;
  uint64_t satp;
  unsigned pointers;                   /* of 16 entries */
  unsigned corruption;                 /* one of so many entries breaks a rule of Sv step 3; 0 for none */
  unsigned bus_errors;                 /* one of so many entries cannot be read; 0 for none */
  uint64_t addresses[WORLD_ADDRESSES]; /* around which accesses are made */
} random_world;

typedef struct random_access {
  uint64_t va;
  char privilege; /* 'U', 'S', 'M' */
  char kind;      /* 'f', 'l', 's', 'a' */
  bool sum;
  bool mxr;
} random_access;

/* The next number of a sequence; *state is its place. */
uint64_t random_next(uint64_t *state);

/* A world that depends on its seed alone. */
random_world random_world_make(uint64_t seed);

/* An access to a world, drawn from a sequence. */
random_access random_access_make(const random_world *world, uint64_t *state);

/* What a world's memory holds. False for a bus error. */
bool random_world_read(const random_world *world, uint64_t address, unsigned bytes, uint64_t *value);

#endif
