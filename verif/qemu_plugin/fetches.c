/* The instructions that were translated: a hash table that only grows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fetches.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
  pthread_mutex_t lock;
  fetch **table; /* a capacity that is a power of two; empty places are NULL */
  size_t count, capacity;
  bool system;
  uint64_t ram;                   /* physical address of RAM, */
  uintptr_t ram_host, ram_behind; /* and where it lies; 0: not known yet */
} fetches = {.lock = PTHREAD_MUTEX_INITIALIZER};

void fetches_open(bool system, uint64_t ram) {
  fetches.system = system;
  fetches.ram = ram;
}

/* The end of the mapping of QEMU's memory that holds an address; 0 if there is none. */
static uintptr_t host_mapping_end(uintptr_t host) {
  char line[512];
  uintptr_t end = 0;
  FILE *maps = fopen("/proc/self/maps", "re");
  while (maps && !end && fgets(line, sizeof line, maps)) {
    unsigned long first, behind;
    if (sscanf(line, "%lx-%lx", &first, &behind) == 2 && host >= first && host < behind) end = behind;
  }
  if (maps) fclose(maps);
  return end;
}

static void physical_find(fetch *found, uintptr_t host) {
  if (!fetches.system || !host) return;
  if (!fetches.ram_host && found->va >= fetches.ram) {
    fetches.ram_behind = host_mapping_end(host);
    fetches.ram_host = host - (uintptr_t)(found->va - fetches.ram);
  }
  if (!fetches.ram_host || host < fetches.ram_host || host >= fetches.ram_behind) return;
  found->pa = fetches.ram + (host - fetches.ram_host);
  found->has_pa = true;
}

/* Where an instruction is in a table, or is to be put. */
static fetch **fetch_place(fetch **table, size_t capacity, const fetch *wanted) {
  uint64_t key = (wanted->va ^ wanted->pa << 21 ^ wanted->size) * 0x9e3779b97f4a7c15u;
  size_t at = (size_t)(key >> 32) & (capacity - 1);
  while (table[at] && (table[at]->va != wanted->va || table[at]->pa != wanted->pa || table[at]->size != wanted->size ||
                       table[at]->has_pa != wanted->has_pa)) {
    at = (at + 1) & (capacity - 1);
  }
  return &table[at];
}

static bool fetches_grow(void) {
  size_t capacity = fetches.capacity ? fetches.capacity * 2 : 4096;
  fetch **table = calloc(capacity, sizeof *table);
  if (!table) return false;
  for (size_t i = 0; i < fetches.capacity; i++) {
    if (fetches.table[i]) *fetch_place(table, capacity, fetches.table[i]) = fetches.table[i];
  }
  free(fetches.table);
  fetches.table = table;
  fetches.capacity = capacity;
  return true;
}

static const fetch *fetch_add(const fetch *wanted) {
  if (fetches.count * 2 >= fetches.capacity && !fetches_grow()) return NULL;
  fetch **place = fetch_place(fetches.table, fetches.capacity, wanted);
  if (*place) return *place;
  *place = malloc(sizeof **place);
  if (!*place) return NULL;
  **place = *wanted;
  fetches.count++;
  return *place;
}

const fetch *fetch_of(uint64_t va, const void *host, uint8_t size) {
  fetch wanted = {.va = va, .size = size};
  pthread_mutex_lock(&fetches.lock);
  physical_find(&wanted, (uintptr_t)host);
  const fetch *found = fetch_add(&wanted);
  pthread_mutex_unlock(&fetches.lock);
  return found;
}

bool fetches_in_ram(uint64_t pa) {
  pthread_mutex_lock(&fetches.lock);
  bool inside = fetches.ram_host && pa >= fetches.ram && pa - fetches.ram < fetches.ram_behind - fetches.ram_host;
  pthread_mutex_unlock(&fetches.lock);
  return inside;
}
