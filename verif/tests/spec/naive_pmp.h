/* Physical memory protection, naive on purpose: rules are intervals of whole addresses, an access is looked at one byte
 * at a time, and what Smepmp grants is its table, typed in.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_NAIVE_PMP_H
#define TWINWALK_TESTS_SPEC_NAIVE_PMP_H

#include "naive_bits.h"

#define NAIVE_PMP_MOST 64

/* One entry: its two registers as bit strings, and what they mean together with the register before. */
typedef struct naive_rule {
  naive_bits config;  /* as in NAIVE_PMP_CONFIG */
  naive_bits address; /* pmpaddr: 32 or 54 bits */
  naive_number first; /* the bytes from `first` up to, not including, `end`; none if `end` is not above `first` */
  naive_number end;
} naive_rule;

#define NAIVE_PMP_CONFIG "LzzmmXWR" /* m: OFF, TOR, NA4, NAPOT */

typedef struct naive_pmp {
  int count; /* entries implemented */
  int grain; /* G */
  int xlen;
  bool smepmp;
  bool mml, mmwp, rlb;
  naive_rule rule[NAIVE_PMP_MOST];
} naive_pmp;

/* All registers as after a reset. */
void naive_pmp_reset(naive_pmp *pmp, int count, int grain, int xlen, bool smepmp);

/* Writes of a byte of pmpcfg, of pmpaddr, and of mseccfg, with whatever keeps them from having an effect. */
void naive_pmp_write_config(naive_pmp *pmp, int index, uint8_t value);
void naive_pmp_write_address(naive_pmp *pmp, int index, uint64_t value);
void naive_pmp_write_security(naive_pmp *pmp, uint64_t value);

/* What pmpcfg holds, what pmpaddr holds, and what a read of pmpaddr shows. */
uint8_t naive_pmp_config(const naive_pmp *pmp, int index);
uint64_t naive_pmp_stored_address(const naive_pmp *pmp, int index);
uint64_t naive_pmp_shown_address(const naive_pmp *pmp, int index);

/* The entry that decides on [first, first + bytes), -1 for none; and whether it holds all of them. */
int naive_pmp_decider(const naive_pmp *pmp, uint64_t first, int bytes, bool *whole);

/* Whether an access is granted. privilege: 'U', 'S' or 'M', the effective one; kind: 'f'etch, 'l'oad, 's'tore, 'a'mo.
 */
bool naive_pmp_grants(const naive_pmp *pmp, char privilege, char kind, uint64_t first, int bytes);

#endif
