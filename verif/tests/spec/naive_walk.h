/* A second translator, naive on purpose: it exists to judge the oracle, and shares no code with it. Slow and literal:
 * the manual's list of steps over bit strings; addresses are whole numbers of any width.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_NAIVE_WALK_H
#define TWINWALK_TESTS_SPEC_NAIVE_WALK_H

#include "naive_entry.h"
#include "naive_pmp.h"

#define NAIVE_REGIONS_MOST 8
#define NAIVE_STEPS_MOST 16

/* Control state of a hart, as its registers hold it. */
typedef struct naive_hart {
  int xlen;
  uint64_t satp;  /* MODE must not be a reserved one */
  char privilege; /* 'U', 'S' or 'M' */
  bool mprv;
  char mpp;
  bool sum, mxr;
  naive_extensions extensions;
} naive_hart;

/* A region: all bytes from `first` up to, not including, `end`. */
typedef struct naive_region {
  naive_number first, end;
  bool tables, updates;
} naive_region;

typedef struct naive_machine {
  int address_bits;     /* of a physical address, as implemented; 0: as many as there can be */
  const naive_pmp *pmp; /* NULL: none */
  int regions;          /* 0: everything is main memory */
  naive_region region[NAIVE_REGIONS_MOST];
} naive_machine;

typedef struct naive_access {
  char kind; /* 'f'etch, 'l'oad, 's'tore, 'a'mo */
  uint64_t va;
  int bytes;
  bool speculative;
} naive_access;

/* Reads an entry of 4 or 8 bytes; false if that fails. Puts one in the place of another if that is still there, and
 * says in *found what was there; false if that fails. */
typedef struct naive_memory {
  bool (*read)(void *payload, uint64_t address, int bytes, uint64_t *value);
  bool (*swap)(void *payload, uint64_t address, int bytes, uint64_t old, uint64_t fresh, uint64_t *found);
  void *payload;
} naive_memory;

typedef struct naive_step {
  uint64_t address, value, desired;
  int level;
  bool failed, swapped, lost; /* swapped: not a read */
} naive_step;

typedef struct naive_answer {
  tw_reason reason;
  int mcause; /* exception code; 0 if there is no exception (0 itself never is one here) */
  bool retry;
  naive_number pa; /* 0 unless translated */
  int level;       /* of the leaf, and so on; all 0 without one */
  int flags, attribute;
  bool napot;
  int steps; /* those of step[] that are in use */
  naive_step step[NAIVE_STEPS_MOST];
} naive_answer;

/* The access's effective privilege. */
char naive_privilege(const naive_hart *hart, char kind);

/* Whether one region holds all bytes from `first` on; -1 if none does. */
int naive_region_of(const naive_machine *machine, naive_number first, int bytes);

/* What keeps an entry from being read; one that could be read from being updated; an access from being made where it
 * came out. TW_OK if nothing does. */
tw_reason naive_read_obstacle(const naive_machine *machine, const naive_scheme *scheme, naive_number entry_at);
tw_reason naive_update_obstacle(const naive_machine *machine, const naive_scheme *scheme, naive_number entry_at);
tw_reason naive_final_obstacle(const naive_machine *machine, int xlen, char privilege, const naive_access *access,
                               naive_number pa);

/* The whole translation process for one access. */
naive_answer naive_walk(const naive_hart *hart, const naive_machine *machine, const naive_access *access,
                        const naive_memory *memory);

#endif
