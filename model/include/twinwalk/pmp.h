/* Physical memory protection: the registers, what a write to them does, and whether they grant an access.
 *
 * Pure functions over a struct. Rule names are those of the chapters "Physical Memory Protection" and Smepmp.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PMP_H
#define TWINWALK_PMP_H

#include <stdbool.h>
#include <stdint.h>

#include "twinwalk/access.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TW_PMP_MAX 64u

/* Bits of a pmpcfg byte. */
enum { TW_PMP_R = 1u << 0, TW_PMP_W = 1u << 1, TW_PMP_X = 1u << 2, TW_PMP_A = 3u << 3, TW_PMP_L = 1u << 7 };
enum { TW_PMP_OFF = 0u << 3, TW_PMP_TOR = 1u << 3, TW_PMP_NA4 = 2u << 3, TW_PMP_NAPOT = 3u << 3 };

/* Bits of mseccfg. */
enum { TW_MSECCFG_MML = 1u << 0, TW_MSECCFG_MMWP = 1u << 1, TW_MSECCFG_RLB = 1u << 2 };

typedef struct tw_pmp {
  unsigned count;            /* entries implemented: 0, 16 or 64; with 0 everything is granted */
  unsigned grain;            /* G: regions are multiples of 2^(G+2) bytes; 0 to 20 */
  unsigned xlen;             /* 32: addresses have 34 bits, pmpaddr 32; 64: 56 and 54 */
  bool smepmp;               /* mseccfg is there */
  uint8_t mseccfg;           /* TW_MSECCFG_* */
  uint8_t cfg[TW_PMP_MAX];   /* as stored */
  uint64_t addr[TW_PMP_MAX]; /* bits 33..2 or 55..2 of an address, as written */
} tw_pmp;

/* Everything off and unlocked, mseccfg 0; count, grain, xlen and smepmp stay. */
void tw_pmp_reset(tw_pmp *pmp);

/* A write of one byte of a pmpcfg register. Without effect if the entry is locked (and RLB 0) or beyond count, or if
 * MML=1, RLB=0 and it would add a rule with M-mode execution, whatever its A (rule set of smepmp: L=1 and RWX = 001,
 * 010, 011 or 101). Bits 6..5 read 0. R=0 with W=1 is reserved while MML=0: W is cleared. NA4 with G above 0 becomes
 * NAPOT. */
void tw_pmp_write_cfg(tw_pmp *pmp, unsigned index, uint8_t value);

/* A write of pmpaddr. Without effect if the entry is locked, or the next one is locked and TOR (RLB=0), or beyond
 * count. Bits above the width are dropped. */
void tw_pmp_write_addr(tw_pmp *pmp, unsigned index, uint64_t value);

/* A write of mseccfg. MML and MMWP are sticky; RLB cannot be set while any entry is locked, unless it is set. Without
 * effect without Smepmp. */
void tw_pmp_write_mseccfg(tw_pmp *pmp, uint64_t value);

/* What a read of pmpaddr shows: with G of 2 and more, bits G-2..0 are ones in NAPOT; with G of 1 and more, bits G-1..0
 * are zeros in OFF and TOR. */
uint64_t tw_pmp_read_addr(const tw_pmp *pmp, unsigned index);

/* Whether an access of `bytes` at pa, made with an effective privilege, is granted: the entry with the lowest number
 * that matches any byte must match all of them and grant it. If none matches: S and U are denied (unless there are no
 * entries), M is denied with MMWP=1, and fetches of M with MML=1. An amo needs R and W. NULL grants everything. */
bool tw_pmp_check(const tw_pmp *pmp, tw_privilege privilege, tw_access access, uint64_t pa, unsigned bytes);

/* The entry that decides, for explanations: -1 if none matches; *whole says whether it matches every byte. */
int tw_pmp_match(const tw_pmp *pmp, uint64_t pa, unsigned bytes, bool *whole);

#ifdef __cplusplus
}
#endif
#endif
