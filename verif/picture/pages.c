/* A hash table of pages.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "pages.h"

#include <stdlib.h>

void page_table_free(page_table *table) {
  free(table->pages);
  free(table->slots);
  *table = (page_table){0};
}

static size_t slot_find(const page_table *table, uint32_t process, uint64_t number) {
  const uint64_t key = number ^ (uint64_t)process << 52 ^ process;
  size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & (table->slot_room - 1);
  for (; table->slots[at]; at = (at + 1) & (table->slot_room - 1)) {
    const touched_page *page = &table->pages[table->slots[at] - 1];
    if (page->number == number && page->process == process) break;
  }
  return at;
}

static bool slots_grow(page_table *table) {
  page_table bigger = *table;
  bigger.slot_room = table->slot_room ? table->slot_room * 2 : 1024;
  bigger.slots = calloc(bigger.slot_room, sizeof *bigger.slots);
  if (!bigger.slots) return false;
  for (size_t i = 0; i < table->count; i++)
    bigger.slots[slot_find(&bigger, table->pages[i].process, table->pages[i].number)] = (uint32_t)i + 1;
  free(table->slots);
  *table = bigger;
  return true;
}

static bool pages_grow(page_table *table) {
  const size_t room = table->room ? table->room * 2 : 512;
  touched_page *pages = realloc(table->pages, room * sizeof *pages);
  if (!pages) return false;
  table->pages = pages;
  table->room = room;
  return true;
}

uint32_t page_table_find(const page_table *table, uint32_t process, uint64_t number) {
  if (!table->slot_room) return UINT32_MAX;
  return table->slots[slot_find(table, process, number)] - 1; /* of an empty slot, UINT32_MAX */
}

uint32_t page_table_touch(page_table *table, uint32_t process, uint64_t number) {
  const uint32_t found = page_table_find(table, process, number);
  if (found != UINT32_MAX) return found;
  if (table->count == UINT32_MAX - 1) return UINT32_MAX;
  if (table->count * 2 >= table->slot_room && !slots_grow(table)) return UINT32_MAX;
  if (table->count == table->room && !pages_grow(table)) return UINT32_MAX;
  table->pages[table->count] = (touched_page){number, process, UINT32_MAX, UINT8_MAX};
  table->slots[slot_find(table, process, number)] = (uint32_t)++table->count;
  return (uint32_t)table->count - 1;
}
