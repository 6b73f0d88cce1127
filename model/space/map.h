/* Numbers by numbers: a hash table for pages of files and slots of the swap device.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_MAP_H
#define TWINWALK_SPACE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct map_cell {
  uint64_t key, value; /* key MAP_NO_KEY: empty */
} map_cell;

#define MAP_NO_KEY UINT64_MAX

/* Begins as {0}. */
typedef struct number_map {
  map_cell *cells; /* owned */
  size_t count, capacity;
} number_map;

void map_free(number_map *map);
/* The cell of a key, or NULL; the map's until it changes. */
map_cell *map_find(const number_map *map, uint64_t key);
/* Sets the value of a key, which is not MAP_NO_KEY. False if memory is out. */
bool map_put(number_map *map, uint64_t key, uint64_t value);
void map_remove(number_map *map, uint64_t key); /* one that is not there is allowed */
/* Every cell in use, in no particular order: *cursor counts from 0. NULL behind the last. */
const map_cell *map_next(const number_map *map, size_t *cursor);

#endif
