/* Physical memory attributes: which regions there are, and what they take.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PMA_H
#define TWINWALK_PMA_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TW_PMA_MAX 8u

/* One region: naturally aligned, of 2^bits bytes. */
typedef struct tw_pma {
  uint64_t base; /* multiple of 2^bits */
  uint8_t bits;  /* log2 of its bytes, 12 to 56 */
  bool io;       /* I/O, else main memory */
  bool tables;   /* page tables may be read here */
  bool updates;  /* A and D may be updated here */
} tw_pma;

/* Regions do not overlap. What lies in none is vacant: every access faults. No region at all: everything is main
 * memory with tables and updates. */
typedef struct tw_pma_table {
  unsigned count;
  tw_pma region[TW_PMA_MAX];
} tw_pma_table;

/* The region that holds all of [pa, pa + bytes); NULL if none does, and for an empty table. */
const tw_pma *tw_pma_find(const tw_pma_table *table, uint64_t pa, unsigned bytes);

#ifdef __cplusplus
}
#endif
#endif
