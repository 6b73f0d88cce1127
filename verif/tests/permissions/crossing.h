/* Two pages that touch, and accesses around their boundary: what the halves of an access must get (P13 of
 * docs/pins.md), written from the rules alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_PERMISSIONS_CROSSING_H
#define TWINWALK_TESTS_PERMISSIONS_CROSSING_H

#include "machine.h"

#define CROSSING_SIZES 64u /* bytes of an access: 1 to this many */

/* What becomes of an access of S-mode, SUM=0, to a page. */
typedef enum crossing_kind {
  PAGE_GOOD,    /* all rights, A and D */
  PAGE_INVALID, /* V=0 */
  PAGE_USER,    /* U-mode's */
  PAGE_CLEAN,   /* as PAGE_GOOD, but D=0 */
  PAGE_KINDS
} crossing_kind;

typedef enum crossing_size { SIZE_4K, SIZE_64K, SIZE_SUPER /* of level 1 */ } crossing_size;

/* The page on one side of the boundary. */
typedef struct crossing_page {
  crossing_kind kind;
  crossing_size size;
  uint64_t frame;    /* set: physical address of the boundary: behind the first page, or at the second */
  uint64_t entry_pa; /* set: of its leaf */
  uint64_t entry;    /* set: as it must be in memory */
} crossing_page;

/* Both pages, and the registers. */
typedef struct crossing_scene {
  uint64_t boundary; /* virtual address of the second page's first byte */
  crossing_page pages[2];
  bool bare;        /* no translation: the pages are those at the boundary's own address */
  bool adue;        /* menvcfg.ADUE */
  bool cold;        /* a fence before every access */
  unsigned front;   /* PMP grants of the first page only so many bytes before the boundary; 0: all */
  unsigned back;    /* PMP grants of the second page only so many bytes from the boundary on; 0: all */
  bool by_granting; /* PMP says so by what it grants, and not by what it denies */
} crossing_scene;

/* A half of an access, or all of it. */
typedef struct crossing_half {
  uint64_t va; /* of its first byte */
  unsigned size;
  unsigned page; /* 0 or 1 */
} crossing_half;

typedef struct crossing {
  machine m;
  crossing_scene scene;
  tw_pins_control control;
  tw_pmp pmp;                              /* for the oracle */
  tw_machine behind;                       /* for the oracle */
  char error[2600];                        /* what is wrong first; "" if nothing is: then nothing more is asked */
  uint64_t accesses, crossings, faults[3]; /* of crossings: in the first half alone, in the second alone, in both */
} crossing;

/* False and error on failure; the caller closes it, and then has the counts printed. */
bool crossing_open(crossing *c, const machine_choice *choice, tw_error *error);
void crossing_close(crossing *c);

/* From reset: pages, registers. */
void crossing_set(crossing *c, const crossing_scene *scene);

/* What whoever issues an access makes of it: the number of its parts. */
unsigned crossing_split(const crossing *c, uint64_t va, unsigned size, crossing_half halves[2]);

/* What a half must get, `tag` and `hit` left 0. */
tw_pins_response crossing_must(const crossing *c, const crossing_half *half, tw_access access);

/* Puts an access in its halves, back to back, and judges the answers, and what is in memory. */
void crossing_put(crossing *c, tw_access access, uint64_t va, unsigned size);

/* Every size, from every byte of the last 64 before the boundary and from the boundary; each for one kind of access, or
 * for all. */
void crossing_put_all(crossing *c, bool all_kinds);

#endif
