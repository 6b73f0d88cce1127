/* What an entry means, naive on purpose: the schemes as the manual's figures, and every way in which an entry can deny
 * an access as one question in a list.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_NAIVE_ENTRY_H
#define TWINWALK_TESTS_SPEC_NAIVE_ENTRY_H

#include "naive_bits.h"
#include "twinwalk/spec.h" /* the names of reasons, and no function */

/* One scheme. In formats, a digit is the field of that level; o the page offset; s a copy of the sign. */
typedef struct naive_scheme {
  int xlen;
  int satp_mode;
  int levels;
  int entry_bytes;
  const char *satp;    /* M the mode, A the ASID, P the page number */
  const char *address; /* a virtual address */
  const char *entry;   /* N; m: PBMT; e: bits 60 and 59; z: always reserved; t: for software; D A G U X W R V */
} naive_scheme;

/* The scheme that satp selects. NULL if MODE is a reserved one. Bare has 0 levels. */
const naive_scheme *naive_scheme_of(int xlen, uint64_t satp);

/* Whether the scheme has such a virtual address; and where the entry for it is, in a table of a level. */
bool naive_sign_extended(const naive_scheme *scheme, const naive_bits *va);
naive_number naive_entry_place(const naive_scheme *scheme, naive_number table_page, int level, const naive_bits *va);

/* Extensions as the hart has them, and the two switches of menvcfg. */
typedef struct naive_extensions {
  bool svnapot, svpbmt, svadu, svrsw60t59b;
  bool pbmte, adue;
} naive_extensions;

/* An entry before the eyes of a walk. */
typedef struct naive_sight {
  const naive_scheme *scheme;
  const naive_extensions *extensions;
  naive_bits entry;
  naive_bits va;
  int level;
  char privilege; /* 'U' or 'S' */
  char kind;      /* 'f'etch, 'l'oad, 's'tore, 'a'mo */
  bool sum, mxr;
} naive_sight;

/* The first of a list of questions that is answered with yes; TW_OK if none is. In their order: whether it is an entry
 * at all (Sv steps 3 to 5), whether it lets the access through (6, 8), whether A and D are as they must be (9). */
tw_reason naive_entry_fault(const naive_sight *sight);
tw_reason naive_entry_denial(const naive_sight *sight);
tw_reason naive_entry_staleness(const naive_sight *sight);

/* A field of the entry, as a number, and whether any bit of it is set. */
naive_number naive_entry_value(const naive_sight *sight, char letter);
bool naive_entry_has(const naive_sight *sight, char letter);

bool naive_entry_is_pointer(const naive_sight *sight);

/* The entry with A, and D for what writes. */
uint64_t naive_entry_refreshed(const naive_sight *sight);

/* The page number, all its fields; and the physical address to which a leaf takes the virtual one. */
naive_number naive_entry_page(const naive_sight *sight);
naive_number naive_entry_address(const naive_sight *sight);

#endif
