/* Addresses and their moments.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "moments.h"

#include <stdlib.h>
#include <string.h>

bool moments_init(moments *table, size_t size) {
  *table = (moments){.slots = calloc(size, sizeof *table->slots), .size = size};
  return table->slots != NULL;
}

void moments_free(moments *table) {
  free(table->slots);
}

void moments_clear(moments *table) {
  memset(table->slots, 0, table->size * sizeof *table->slots);
  table->used = 0;
}

moment *moments_find(const moments *table, uint64_t address) {
  size_t slot = (size_t)((address * 0x9e3779b97f4a7c15u) >> 20) & (table->size - 1);
  while (table->slots[slot].key && table->slots[slot].key != address + 1) slot = (slot + 1) & (table->size - 1);
  return &table->slots[slot];
}

moment *moments_touch(moments *table, uint64_t address, bool *fresh) {
  moment *at = moments_find(table, address);
  *fresh = at->key == 0;
  if (!*fresh) return at;
  if ((table->used + 1) * 2 >= table->size) {
    moments grown;
    if (!moments_init(&grown, table->size * 2)) return NULL;
    grown.used = table->used;
    for (size_t i = 0; i < table->size; i++)
      if (table->slots[i].key) *moments_find(&grown, table->slots[i].key - 1) = table->slots[i];
    free(table->slots);
    *table = grown;
    at = moments_find(table, address);
  }
  table->used++;
  at->key = address + 1;
  return at;
}
