/* Counts stack distances with a Fenwick tree.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "reuse.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 1024u

void tw_reuse_free(tw_reuse *reuse) {
  free(reuse->last);
  free(reuse->tree);
  free(reuse->whose);
  free(reuse->distances);
  *reuse = (tw_reuse){0};
}

/* Makes room for an element of an array of zeroes; false if memory is out. */
static bool room_make(void **array, size_t *room, size_t index, size_t bytes) {
  if (index < *room) return true;
  size_t wanted = *room ? *room : FIRST_ROOM;
  while (wanted <= index) wanted *= 2;
  char *grown = realloc(*array, wanted * bytes);
  if (!grown) return false;
  memset(grown + *room * bytes, 0, (wanted - *room) * bytes);
  *array = grown;
  *room = wanted;
  return true;
}

static void tree_add(tw_reuse *reuse, uint32_t moment, uint32_t change) {
  for (; moment <= reuse->room; moment += moment & -moment) reuse->tree[moment] += change;
}

/* Pages whose last touch was at a moment or before. */
static uint32_t tree_sum(const tw_reuse *reuse, uint32_t moment) {
  uint32_t sum = 0;
  for (; moment; moment -= moment & -moment) sum += reuse->tree[moment];
  return sum;
}

/* Numbers the moments that are still a page's last from 1 on, and makes room for more. */
static bool moments_renumber(tw_reuse *reuse) {
  uint32_t room = FIRST_ROOM;
  while (room < 4 * reuse->pages) room *= 2;
  uint32_t *tree = calloc(room + 1u, sizeof *tree), *whose = calloc(room + 1u, sizeof *whose);
  if (!tree || !whose) {
    free(tree);
    free(whose);
    return false;
  }
  uint32_t now = 0;
  for (uint32_t moment = 1; moment <= reuse->now; moment++) {
    const uint32_t page = reuse->whose[moment];
    if (reuse->last[page] != moment) continue;
    reuse->last[page] = ++now;
    whose[now] = page;
  }
  free(reuse->tree);
  free(reuse->whose);
  reuse->tree = tree;
  reuse->whose = whose;
  reuse->room = room;
  reuse->now = now;
  for (uint32_t moment = 1; moment <= now; moment++) tree_add(reuse, moment, 1);
  return true;
}

static bool distance_count(tw_reuse *reuse, uint64_t distance) {
  if (!room_make((void **)&reuse->distances, &reuse->distance_room, distance, sizeof *reuse->distances)) return false;
  reuse->distances[distance]++;
  return true;
}

bool tw_reuse_touch(tw_reuse *reuse, uint32_t page) {
  if (!room_make((void **)&reuse->last, &reuse->page_room, page, sizeof *reuse->last)) return false;
  if (page >= reuse->pages) reuse->pages = page + 1u;
  reuse->accesses++;
  if (reuse->now && reuse->last[page] == reuse->now) return distance_count(reuse, 0);
  if (reuse->now == reuse->room && !moments_renumber(reuse)) return false;
  const uint32_t last = reuse->last[page];
  if (last) {
    if (!distance_count(reuse, tree_sum(reuse, reuse->now) - tree_sum(reuse, last))) return false;
    tree_add(reuse, last, UINT32_MAX);
  } else {
    reuse->cold++;
  }
  reuse->last[page] = ++reuse->now;
  reuse->whose[reuse->now] = page;
  tree_add(reuse, reuse->now, 1);
  return true;
}

uint64_t tw_reuse_misses(const tw_reuse *reuse, uint64_t entries) {
  uint64_t misses = reuse->cold;
  for (uint64_t distance = entries; distance < reuse->distance_room; distance++) misses += reuse->distances[distance];
  return misses;
}
