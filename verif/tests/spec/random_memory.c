/* One side's copy of a random world's memory.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void random_memory_begin(random_memory *memory, const random_world *world) {
  memory->world = world;
  memory->cells = 0;
  memory->records = 0;
}

void random_memory_clear_record(random_memory *memory) {
  memory->records = 0;
}

static random_cell *cell_find(random_memory *memory, uint64_t address) {
  for (unsigned i = 0; i < memory->cells; i++) {
    if (memory->cell[i].address == address) return &memory->cell[i];
  }
  return NULL;
}

static random_cell *cell_make(random_memory *memory, uint64_t address, uint64_t value) {
  random_cell *cell = cell_find(memory, address);
  if (!cell) {
    if (memory->cells == RANDOM_MEMORY_CELLS) {
      fprintf(stderr, "random_memory: more than %d entries written in one world\n", RANDOM_MEMORY_CELLS);
      abort();
    }
    cell = &memory->cell[memory->cells++];
    *cell = (random_cell){.address = address};
  }
  cell->value = value;
  return cell;
}

static void record_add(random_memory *memory, const random_record *record) {
  if (memory->records < RANDOM_MEMORY_RECORDS) memory->record[memory->records] = *record;
  memory->records++;
}

static uint64_t value_now(random_memory *memory, uint64_t address, unsigned bytes, bool *readable, bool *updatable) {
  uint64_t value = random_entry(memory->world, address, bytes, readable, updatable);
  const random_cell *cell = cell_find(memory, address);
  if (!cell) return value;
  if (cell->gone) *readable = false;
  return cell->value;
}

/* Another hart writes an entry, after it was read. */
static void change_by_itself(random_memory *memory, uint64_t address, unsigned bytes, uint64_t value) {
  unsigned changes = random_entry_changes(memory->world, address);
  if (changes == 0) return;
  random_cell *cell = cell_make(memory, address, value);
  if (cell->reads == changes) return;
  cell->reads++;
  cell->value = random_entry_change(memory->world, address, bytes, cell->reads, value);
  cell->gone = random_entry_goes(memory->world, address, cell->reads);
}

static bool memory_read(random_memory *memory, uint64_t address, unsigned bytes, uint64_t *value) {
  bool readable, updatable;
  uint64_t found = value_now(memory, address, bytes, &readable, &updatable);
  random_record record = {.address = address, .value = readable ? found : 0, .bytes = bytes, .failed = !readable};
  record_add(memory, &record);
  if (!readable) return false;
  *value = found;
  change_by_itself(memory, address, bytes, found);
  return true;
}

static bool memory_swap(random_memory *memory, uint64_t address, unsigned bytes, uint64_t expected, uint64_t desired,
                        uint64_t *found) {
  bool readable, updatable;
  uint64_t value = value_now(memory, address, bytes, &readable, &updatable);
  random_record record = {.address = address,
                          .value = updatable ? value : 0,
                          .expected = expected,
                          .desired = desired,
                          .bytes = bytes,
                          .swap = true,
                          .failed = !updatable};
  record_add(memory, &record);
  if (!updatable) return false;
  if (value == expected) cell_make(memory, address, desired);
  *found = value;
  return true;
}

static bool oracle_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  return memory_read(payload, pa, bytes, pte);
}

static bool oracle_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  return memory_swap(payload, pa, bytes, *expected, desired, expected);
}

static bool naive_read(void *payload, uint64_t address, int bytes, uint64_t *value) {
  return memory_read(payload, address, (unsigned)bytes, value);
}

static bool naive_swap(void *payload, uint64_t address, int bytes, uint64_t old, uint64_t fresh, uint64_t *found) {
  return memory_swap(payload, address, (unsigned)bytes, old, fresh, found);
}

tw_table_memory random_memory_for_oracle(random_memory *memory) {
  return (tw_table_memory){.read = oracle_read, .update = oracle_update, .payload = memory};
}

naive_memory random_memory_for_naive(random_memory *memory) {
  return (naive_memory){.read = naive_read, .swap = naive_swap, .payload = memory};
}

bool random_memory_records_equal(const random_memory *one, const random_memory *other) {
  if (one->records != other->records) return false;
  for (unsigned i = 0; i < one->records && i < RANDOM_MEMORY_RECORDS; i++) {
    const random_record *a = &one->record[i], *b = &other->record[i];
    if (a->address != b->address || a->value != b->value || a->expected != b->expected || a->desired != b->desired ||
        a->bytes != b->bytes || a->swap != b->swap || a->failed != b->failed) {
      return false;
    }
  }
  return true;
}

bool random_memory_contents_equal(const random_memory *one, const random_memory *other) {
  if (one->cells != other->cells) return false;
  for (unsigned i = 0; i < one->cells; i++) {
    const random_cell *a = &one->cell[i], *b = &other->cell[i];
    if (a->address != b->address || a->value != b->value || a->reads != b->reads || a->gone != b->gone) {
      return false;
    }
  }
  return true;
}
