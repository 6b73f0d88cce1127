/* The tree of tables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdlib.h>

static table_node *table_node_new(const page_table *table, unsigned level, uint64_t va, uint64_t ppn) {
  size_t entries = table_entries(table), child_bytes = level ? entries * sizeof(table_node *) : 0;
  table_node *node = calloc(1, sizeof *node + entries * sizeof node->entry[0] + child_bytes);
  if (!node) return NULL;
  node->ppn = ppn;
  node->va = va;
  node->level = (uint8_t)level;
  if (level) node->child = (table_node **)(void *)(node->entry + entries);
  return node;
}

static void table_node_free(const page_table *table, table_node *node, bool shared) {
  for (size_t i = 0; node->child && i < table_entries(table); i++) {
    if (node->child[i] && node->child[i]->shared == shared) table_node_free(table, node->child[i], shared);
  }
  free(node);
}

bool table_open(page_table *table, tw_mode mode, uint64_t root_ppn) {
  *table = (page_table){.mode = mode, .info = tw_mode_row(mode)};
  table->root = table_node_new(table, table->info->levels - 1, 0, root_ppn);
  return table->root;
}

void table_close(page_table *table) {
  if (table->root) table_node_free(table, table->root, table->root->shared);
  table->root = NULL;
}

/* The first address that an entry maps, with the bits above the mode's as they must be. */
static uint64_t table_address(const page_table *table, const table_node *node, size_t index) {
  uint64_t va = node->va + ((uint64_t)index << table_shift(table, node->level));
  unsigned unused = 64 - table->info->va_bits;
  return table->info->xlen == 32 ? va : (uint64_t)((int64_t)(va << unused) >> unused);
}

static void table_slot_set(const page_table *table, table_node *node, size_t index, table_slot *slot) {
  slot->node = node;
  slot->entry = &node->entry[index];
  slot->pa = (node->ppn << TW_PAGE_BITS) + index * table->info->pte_bytes;
  slot->va = table_address(table, node, index);
  slot->level = node->level;
}

void table_reach(const page_table *table, uint64_t va, unsigned level, table_slot *slot) {
  table_node *node = table->root;
  size_t index = table_index(table, node->level, va);
  while (node->level > level && node->child[index]) {
    node = node->child[index];
    index = table_index(table, node->level, va);
  }
  table_slot_set(table, node, index, slot);
}

uint64_t table_hang(const page_table *table, const table_slot *slot, uint64_t ppn) {
  table_node *below = table_node_new(table, slot->level - 1u, slot->va, ppn);
  if (!below) return 0;
  below->shared = slot->node->shared;
  slot->node->child[slot->entry - slot->node->entry] = below;
  slot->node->pointers++;
  return *slot->entry = table_entry(ppn, TW_PTE_V);
}

void table_unhang(const table_slot *slot) {
  table_node **below = &slot->node->child[slot->entry - slot->node->entry];
  free(*below);
  *below = NULL;
  *slot->entry = 0;
  slot->node->pointers--;
}

void table_share(const page_table *table, const table_node *from, size_t index) {
  table_node *root = table->root;
  root->entry[index] = from->entry[index];
  root->child[index] = from->child[index];
  if (from->child[index]) {
    root->pointers++;
  } else {
    root->leaves++;
  }
}

bool table_next(const page_table *table, uint64_t *va, uint64_t end, table_slot *slot) {
  while (*va < end) {
    table_node *node = table->root;
    size_t index = table_index(table, node->level, *va);
    while (node->child && node->child[index]) {
      node = node->child[index];
      index = table_index(table, node->level, *va);
    }
    size_t entries = table_entries(table), first = index;
    while (index < entries && !node->entry[index]) index++;
    uint64_t at = node->va + ((uint64_t)index << table_shift(table, node->level));
    if (index > first) *va = at;
    if (index == entries || (node->child && node->child[index])) continue;
    if (*va >= end) return false;
    table_slot_set(table, node, index, slot);
    return true;
  }
  return false;
}
