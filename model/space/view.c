/* Looking at the address spaces as they are: processes, their pages and their tables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#define NAPOT_BYTES (UINT64_C(16) << TW_PAGE_BITS)

size_t tw_space_processes(const tw_space *space) {
  return space->process_count;
}

static uint64_t view_tables(const table_node *node, size_t entries) {
  uint64_t tables = 1;
  for (size_t i = 0; node->child && i < entries; i++) {
    if (node->child[i] && !node->child[i]->shared) tables += view_tables(node->child[i], entries);
  }
  return tables;
}

bool tw_space_process_at(const tw_space *space, size_t n, tw_space_process *process) {
  if (n >= space->process_count) return false;
  const space_process *seen = space->processes[n];
  const table_node *root = seen->table.root;
  bool current = seen->asid.generation == space->asids.generation;
  *process = (tw_space_process){.id = seen->id,
                                .name = seen->name,
                                .alive = seen->alive,
                                .running = seen == space->running,
                                .asid = seen->alive && current ? seen->asid.asid : 0,
                                .root_pa = root ? root->ppn << TW_PAGE_BITS : 0,
                                .regions = &seen->regions,
                                .resident = seen->resident,
                                .swapped = seen->swapped,
                                .tables = root ? view_tables(root, table_entries(&seen->table)) : 0,
                                .accesses = seen->accesses,
                                .page_faults = seen->page_faults,
                                .segmentation_faults = seen->segmentation_faults};
  return true;
}

static void view_swapped(const tw_space *space, const table_slot *slot, tw_space_page *page) {
  page->slot = table_entry_ppn(*slot->entry);
  const map_cell *resident = map_find(&space->swap_frames, page->slot);
  const frame *lies = resident ? frame_find(space->frames, resident->value) : NULL;
  page->sharers = swap_holders(space->swap, page->slot) + (lies ? lies->mapping_count - 1 : 0);
}

static void view_resident(const tw_space *space, const table_slot *slot, tw_space_page *page) {
  const frame *lies = space_page_frame(space, slot);
  page->resident = true;
  page->napot = (*slot->entry & TW_PTE_N) != 0;
  page->level = slot->level;
  page->flags = (uint8_t)(*slot->entry & 0xffu);
  page->pa = table_slot_ppn(slot) << TW_PAGE_BITS;
  if (page->napot) page->length = NAPOT_BYTES;
  if (!lies) return;
  page->file = lies->kind == FRAME_FILE;
  page->sharers = lies->mapping_count;
}

bool tw_space_page_next(const tw_space *space, size_t n, uint64_t va, tw_space_page *page) {
  if (n >= space->process_count || !space->processes[n]->table.root) return false;
  const page_table *table = &space->processes[n]->table;
  uint64_t end = space->options.layout.user_end, asked = va;
  table_slot slot;
  while (table_next(table, &va, end, &slot)) {
    bool napot = *slot.entry & TW_PTE_N;
    uint64_t start = napot ? slot.va & ~(NAPOT_BYTES - 1) : slot.va;
    if (start >= asked) {
      *page = (tw_space_page){.va = start, .length = table_span(table, slot.level)};
      if (table_is_swapped(*slot.entry)) {
        view_swapped(space, &slot, page);
      } else {
        view_resident(space, &slot, page);
      }
      return true;
    }
    va = start + (napot ? NAPOT_BYTES : table_span(table, slot.level));
  }
  return false;
}

/* The tables of one level, those of lower addresses first. */
static const table_node *view_level(const table_node *node, unsigned level, size_t entries, size_t *index) {
  if (node->level == level) return (*index)-- ? NULL : node;
  for (size_t i = 0; i < entries; i++) {
    const table_node *found = node->child[i] ? view_level(node->child[i], level, entries, index) : NULL;
    if (found) return found;
  }
  return NULL;
}

bool tw_space_table_at(const tw_space *space, size_t n, size_t index, tw_space_table *table) {
  if (n >= space->process_count || !space->processes[n]->table.root) return false;
  const page_table *tables = &space->processes[n]->table;
  const table_node *found = NULL;
  for (unsigned level = tables->info->levels; !found && level--;) {
    found = view_level(tables->root, level, table_entries(tables), &index);
  }
  if (!found) return false;
  *table = (tw_space_table){.level = found->level,
                            .va = found->va,
                            .pa = found->ppn << TW_PAGE_BITS,
                            .pointers = found->pointers,
                            .leaves = found->leaves,
                            .shared = found->shared};
  return true;
}
