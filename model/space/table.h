/* A process's page tables, as its operating system wrote them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_TABLE_H
#define TWINWALK_SPACE_TABLE_H

#include "frame.h"
#include "twinwalk/error.h"
#include "twinwalk/spec.h"

typedef struct table_node table_node;

typedef struct page_table {
  tw_mode mode;
  const tw_mode_info *info;
  table_node *root; /* owned */
} page_table;

/* An entry, and where it is in physical memory. */
typedef struct table_slot {
  uint64_t *entry;
  uint64_t pa;
} table_slot;

/* Pointers that had to be written on the way to an entry, the highest level first. */
typedef struct table_pointers {
  unsigned count;
  struct {
    uint64_t pa, value;
  } at[TW_MAX_LEVELS];
} table_pointers;

bool table_open(page_table *table, tw_mode mode, frame_pool *frames, tw_error *error);
void table_close(page_table *table);
uint64_t table_root_ppn(const page_table *table);

/* Entry made of a page number and flags. */
static inline uint64_t table_entry(uint64_t ppn, uint8_t flags) {
  return ppn << 10 | flags;
}

static inline uint64_t table_entry_ppn(uint64_t entry) {
  return entry >> 10;
}

/* Finds the entry for va at a level, making the tables above it. False and error if frames or memory are out. */
bool table_make(page_table *table, frame_pool *frames, uint64_t va, unsigned level, table_slot *slot,
                table_pointers *made, tw_error *error);

/* Finds the first entry of a 4 KiB page in [*va, end) that is not 0, and sets *va to its page. */
bool table_next(const page_table *table, uint64_t *va, uint64_t end, table_slot *slot);

#endif
