/* A world: a satp, the page tables it points to, a PMP, and what there is to aim at.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_WORLD_H
#define JUDGE_WORLD_H

#include "draw.h"
#include "layout.h"
#include "twinwalk/spec.h"

#define JUDGE_MAX_ANCHORS 20
#define JUDGE_MAX_EDGES 48
#define JUDGE_LIKED_FRAMES 6
#define JUDGE_MAX_TABLES 128

/* What QEMU is started as. */
typedef struct judge_variant {
  const char *name;
  unsigned xlen;
  bool svnapot;
  bool svpbmt;
  bool locks; /* PMP entries may be locked, for the rest of the run */
} judge_variant;

/* A virtual page, and the physical page that it is meant to reach. */
typedef struct judge_anchor {
  uint64_t va;
  uint64_t target;
  unsigned page_bits; /* log2 of its bytes */
} judge_anchor;

typedef struct judge_plan {
  const judge_variant *variant;
  tw_mode mode;
  uint64_t satp;
  uint64_t satp_reserved; /* as in judge_world */
  bool pbmte;
  uint64_t stubs[2]; /* virtual address of the page of stubs, in U-mode and in S-mode */
  unsigned anchor_count;
  judge_anchor anchors[JUDGE_MAX_ANCHORS];
  uint64_t liked[JUDGE_LIKED_FRAMES]; /* frames that anchors and PMP entries share */
  unsigned table_count;
  uint64_t tables[JUDGE_MAX_TABLES]; /* the root first */
  unsigned edge_count;
  uint64_t edges[JUDGE_MAX_EDGES]; /* physical addresses at which PMP regions begin or end */
  uint8_t pmpcfg[JUDGE_PMP_ENTRIES];
  uint64_t pmpaddr[JUDGE_PMP_ENTRIES];
} judge_plan;

/* Draws a world. Page tables go to `ram`, from *next_table on, which moves on. False if the table pool is used up. */
bool judge_world_draw(judge_plan *plan, const judge_variant *variant, draw *random, uint8_t *ram, uint64_t *next_table);

/* Draws the PMP registers to be written; part of judge_world_draw. */
void judge_pmp_draw(judge_plan *plan, draw *random);

/* Draws what there is in page tables, for the anchors; part of judge_world_draw. */
bool judge_tables_draw(judge_plan *plan, draw *random, uint8_t *ram, uint64_t *next_table);

/* Extensions that the entries of a world are read with. */
unsigned judge_world_extensions(const judge_variant *variant, bool pbmte);

/* Whether an access may be tried at a physical address: it is in a frame, or vacant for sure. The devices of the virt
 * machine, the page tables and the guest are left alone. */
bool judge_address_harmless(unsigned xlen, uint64_t pa, unsigned bytes);

/* A page in which there is nothing. */
uint64_t judge_vacant_draw(unsigned xlen, draw *random);

#endif
