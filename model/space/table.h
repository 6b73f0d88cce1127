/* Page tables as their operating system wrote them: a tree of tables, each with the frame that it lies in.
 *
 * Tables of the kernel's share hang in the trees of all processes; they belong to the kernel's own tree.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_TABLE_H
#define TWINWALK_SPACE_TABLE_H

#include <stddef.h>

#include "twinwalk/spec.h"

typedef struct table_node {
  uint64_t ppn;
  uint64_t va;               /* of the first address it maps */
  uint8_t level;             /* of its entries */
  bool shared;               /* the kernel's: it hangs in many trees and is freed with the kernel's own */
  uint16_t pointers, leaves; /* entries that are not 0: those to tables below, and the others */
  struct table_node **child; /* tables below, in the same allocation; NULL at level 0 */
  uint64_t entry[];
} table_node;

typedef struct page_table {
  tw_mode mode;
  const tw_mode_info *info;
  table_node *root; /* owned, with all below that is not shared */
} page_table;

/* An entry: where it is in its table, in physical memory, and what it maps. */
typedef struct table_slot {
  table_node *node;
  uint64_t *entry; /* changed through table_set alone */
  uint64_t pa;
  uint64_t va;   /* of the first address it maps */
  uint8_t level; /* of the entry */
} table_slot;

/* Bits that no hardware looks at while V is 0. */
#define TABLE_SWAPPED (1u << 8) /* V=0: the upper bits are a slot of the swap device */

/* Entry made of a page number (or slot) and flags. */
static inline uint64_t table_entry(uint64_t ppn, uint64_t flags) {
  return ppn << 10 | flags;
}

/* The page number, or slot, of an entry that is no 64 KiB leaf. */
static inline uint64_t table_entry_ppn(uint64_t entry) {
  return (entry & ~(TW_PTE_N | TW_PTE_PBMT | TW_PTE_RSW60T59)) >> 10;
}

/* The frame that a leaf's first page lies in: the 16 entries of a 64 KiB page are alike and name the run. */
static inline uint64_t table_slot_ppn(const table_slot *slot) {
  uint64_t ppn = table_entry_ppn(*slot->entry);
  return *slot->entry & TW_PTE_N ? (ppn & ~(uint64_t)15) | (slot->va >> TW_PAGE_BITS & 15) : ppn;
}

/* What an entry that is not 0 and no pointer says of its page. */
static inline bool table_is_swapped(uint64_t entry) {
  return (entry & (TW_PTE_V | TABLE_SWAPPED)) == TABLE_SWAPPED;
}

static inline size_t table_entries(const page_table *table) {
  return (size_t)1 << table->info->vpn_bits;
}

static inline unsigned table_shift(const page_table *table, unsigned level) {
  return TW_PAGE_BITS + table->info->vpn_bits * level;
}

/* Bytes that an entry of a level maps. */
static inline uint64_t table_span(const page_table *table, unsigned level) {
  return (uint64_t)1 << table_shift(table, level);
}

static inline size_t table_index(const page_table *table, unsigned level, uint64_t va) {
  return (size_t)(va >> table_shift(table, level)) & (table_entries(table) - 1);
}

/* Makes the root, in a frame. False if memory is out. */
bool table_open(page_table *table, tw_mode mode, uint64_t root_ppn);
void table_close(page_table *table); /* one that was not opened is allowed */

/* The entry for an address at a level, or the lowest one on the way to it (slot->level says) if tables are missing. */
void table_reach(const page_table *table, uint64_t va, unsigned level, table_slot *slot);
/* Hangs a new table, in a frame, into an entry that is 0. The entry's new value is returned; 0 if memory is out. */
uint64_t table_hang(const page_table *table, const table_slot *slot, uint64_t ppn);
/* Takes the table below an entry out of the tree and frees it: it is empty. The entry becomes 0. */
void table_unhang(const table_slot *slot);
/* Hangs another tree's table, or copies its leaf, into the same place of this root. */
void table_share(const page_table *table, const table_node *from, size_t index);

/* Writes an entry that is no pointer. */
static inline void table_set(const table_slot *slot, uint64_t value) {
  slot->node->leaves = (uint16_t)(slot->node->leaves + (value != 0) - (*slot->entry != 0));
  *slot->entry = value;
}

/* The first entry at or above *va, and below `end`, that is not 0 and no pointer; *va becomes the first address above
 * its start that it maps. False if there is none. */
bool table_next(const page_table *table, uint64_t *va, uint64_t end, table_slot *slot);

/* The entry of a leaf (or of a page that is not there) that maps an address; its entry is 0 if there is none. */
static inline void table_find(const page_table *table, uint64_t va, table_slot *slot) {
  table_reach(table, va, 0, slot);
}

#endif
