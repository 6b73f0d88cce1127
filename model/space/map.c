/* Open addressing with linear probing; a removed cell's followers move up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "map.h"

#include <stdlib.h>

static size_t map_home(const number_map *map, uint64_t key) {
  return (size_t)((key ^ key >> 32) * 0x9e3779b97f4a7c15u >> 20) & (map->capacity - 1);
}

void map_free(number_map *map) {
  free(map->cells);
  *map = (number_map){0};
}

/* The cell of a key, or the empty one where it belongs. */
static map_cell *map_cell_of(const number_map *map, uint64_t key) {
  size_t at = map_home(map, key);
  while (map->cells[at].key != MAP_NO_KEY && map->cells[at].key != key) at = (at + 1) & (map->capacity - 1);
  return &map->cells[at];
}

map_cell *map_find(const number_map *map, uint64_t key) {
  if (!map->count) return NULL;
  map_cell *cell = map_cell_of(map, key);
  return cell->key == MAP_NO_KEY ? NULL : cell;
}

static bool map_grow(number_map *map) {
  number_map grown = {.count = map->count, .capacity = map->capacity ? map->capacity * 2 : 64};
  grown.cells = malloc(grown.capacity * sizeof *grown.cells);
  if (!grown.cells) return false;
  for (size_t i = 0; i < grown.capacity; i++) grown.cells[i].key = MAP_NO_KEY;
  for (size_t i = 0; i < map->capacity; i++) {
    if (map->cells[i].key != MAP_NO_KEY) *map_cell_of(&grown, map->cells[i].key) = map->cells[i];
  }
  free(map->cells);
  *map = grown;
  return true;
}

bool map_put(number_map *map, uint64_t key, uint64_t value) {
  if (map->count * 2 >= map->capacity && !map_grow(map)) return false;
  map_cell *cell = map_cell_of(map, key);
  map->count += cell->key == MAP_NO_KEY;
  *cell = (map_cell){key, value};
  return true;
}

void map_remove(number_map *map, uint64_t key) {
  map_cell *cell = map_find(map, key);
  if (!cell) return;
  size_t hole = (size_t)(cell - map->cells), mask = map->capacity - 1;
  for (size_t at = (hole + 1) & mask; map->cells[at].key != MAP_NO_KEY; at = (at + 1) & mask) {
    size_t home = map_home(map, map->cells[at].key);
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    map->cells[hole] = map->cells[at];
    hole = at;
  }
  map->cells[hole].key = MAP_NO_KEY;
  map->count--;
}

const map_cell *map_next(const number_map *map, size_t *cursor) {
  while (*cursor < map->capacity) {
    const map_cell *cell = &map->cells[(*cursor)++];
    if (cell->key != MAP_NO_KEY) return cell;
  }
  return NULL;
}
