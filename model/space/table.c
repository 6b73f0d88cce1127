/* Page tables as a tree of nodes, each a copy of one table in physical memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdlib.h>

struct table_node {
  uint64_t ppn;
  table_node **child; /* tables below; in the same allocation */
  uint64_t entry[];
};

static size_t table_entries(const page_table *table) {
  return (size_t)1 << table->info->vpn_bits;
}

static unsigned table_shift(const page_table *table, unsigned level) {
  return TW_PAGE_BITS + table->info->vpn_bits * level;
}

static size_t table_index(const page_table *table, unsigned level, uint64_t va) {
  return (size_t)(va >> table_shift(table, level)) & (table_entries(table) - 1);
}

static table_node *table_node_new(const page_table *table, frame_pool *frames, tw_error *error) {
  size_t entries = table_entries(table);
  table_node *node = calloc(1, sizeof *node + entries * (sizeof node->entry[0] + sizeof(table_node *)));
  if (!node) {
    tw_error_set(error, "out of memory for page tables");
    return NULL;
  }
  node->child = (table_node **)(void *)(node->entry + entries);
  if (!frame_take(frames, &node->ppn)) {
    tw_error_set(error, "out of frames: all %u are in use, and a page table needs one more", frames->count);
    free(node);
    return NULL;
  }
  return node;
}

static void table_node_free(const page_table *table, table_node *node) {
  for (size_t i = 0; i < table_entries(table); i++) {
    if (node->child[i]) table_node_free(table, node->child[i]);
  }
  free(node);
}

bool table_open(page_table *table, tw_mode mode, frame_pool *frames, tw_error *error) {
  *table = (page_table){.mode = mode, .info = tw_mode_row(mode)};
  table->root = table_node_new(table, frames, error);
  return table->root;
}

void table_close(page_table *table) {
  if (table->root) table_node_free(table, table->root);
  table->root = NULL;
}

uint64_t table_root_ppn(const page_table *table) {
  return table->root->ppn;
}

static void table_slot_set(const page_table *table, table_node *node, unsigned level, uint64_t va, table_slot *slot) {
  slot->entry = &node->entry[table_index(table, level, va)];
  slot->pa = tw_pte_address(table->mode, node->ppn, level, va);
}

bool table_make(page_table *table, frame_pool *frames, uint64_t va, unsigned level, table_slot *slot,
                table_pointers *made, tw_error *error) {
  table_node *node = table->root;
  made->count = 0;
  for (unsigned at = table->info->levels - 1; at > level; at--) {
    size_t index = table_index(table, at, va);
    if (!node->child[index]) {
      table_node *child = table_node_new(table, frames, error);
      if (!child) return false;
      node->child[index] = child;
      node->entry[index] = table_entry(child->ppn, TW_PTE_V);
      made->at[made->count].pa = tw_pte_address(table->mode, node->ppn, at, va);
      made->at[made->count++].value = node->entry[index];
    }
    node = node->child[index];
  }
  table_slot_set(table, node, level, va, slot);
  return true;
}

bool table_next(const page_table *table, uint64_t *va, uint64_t end, table_slot *slot) {
  while (*va < end) {
    table_node *node = table->root;
    unsigned level = table->info->levels - 1;
    while (level && node->child[table_index(table, level, *va)]) node = node->child[table_index(table, level--, *va)];
    if (!level && node->entry[table_index(table, 0, *va)]) {
      table_slot_set(table, node, 0, *va, slot);
      return true;
    }
    uint64_t span = (uint64_t)1 << table_shift(table, level);
    *va = (*va | (span - 1)) + 1;
  }
  return false;
}
