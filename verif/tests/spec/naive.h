/* A second translator, naive on purpose: it exists to judge the oracle, and shares nothing with it, not even a header.
 * Written from the manual's list of steps; every rule is one function, and numbers are taken apart by division.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_NAIVE_H
#define TWINWALK_TESTS_SPEC_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

#define NAIVE_MOST_READS 5

/* How a translation can end, in the order in which the steps can end it. */
typedef enum naive_end {
  NAIVE_TRANSLATED = 100,
  NAIVE_ADDRESS_TOO_WIDE,
  NAIVE_ADDRESS_NOT_SIGN_EXTENDED,
  NAIVE_READ_FAILED,
  NAIVE_V_CLEAR,
  NAIVE_WRITABLE_NOT_READABLE,
  NAIVE_RESERVED_SET,
  NAIVE_POINTER_WITH_DAU,
  NAIVE_OUT_OF_LEVELS,
  NAIVE_SUPERPAGE_MISALIGNED,
  NAIVE_USER_ON_SUPERVISOR_PAGE,
  NAIVE_SUPERVISOR_ON_USER_PAGE,
  NAIVE_NOT_READABLE,
  NAIVE_NOT_WRITABLE,
  NAIVE_NOT_EXECUTABLE,
  NAIVE_A_CLEAR,
  NAIVE_D_CLEAR
} naive_end;

/* One access, as the registers and the instruction state it. */
typedef struct naive_access {
  int xlen;       /* 32 or 64 */
  uint64_t satp;  /* the register; MODE must not be a reserved one */
  char privilege; /* effective: 'U', 'S' or 'M' */
  char kind;      /* 'f'etch, 'l'oad, 's'tore or 'a'mo */
  bool sum;
  bool mxr;
  uint64_t va;
} naive_access;

typedef struct naive_result {
  naive_end end;
  int mcause; /* exception code; -1 if there is no exception */
  uint64_t pa;
  int leaf_level; /* -1 if no sound leaf was reached */
  int leaf_flags; /* D A G U X W R V, with G if any entry on the way had it; -1 if no sound leaf was reached */
  int reads;
} naive_result;

/* Reads `bytes` (4 or 8) of physical memory. False if that fails. */
typedef bool (*naive_reader)(void *memory, uint64_t address, int bytes, uint64_t *value);

/* Translates. Where hardware would have to set A or D, an exception is raised instead (Svade). */
naive_result naive_translate(const naive_access *access, naive_reader read, void *memory);

#endif
