/* A sorted array of regions.
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/region.h"

#include <stdlib.h>
#include <string.h>

void tw_region_free(tw_region_list *list) {
  free(list->at);
  *list = (tw_region_list){0};
}

size_t tw_region_above(const tw_region_list *list, uint64_t va) {
  size_t low = 0, high = list->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (list->at[middle].end > va) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

tw_region *tw_region_find(const tw_region_list *list, uint64_t va) {
  size_t index = tw_region_above(list, va);
  return index < list->count && list->at[index].start <= va ? &list->at[index] : NULL;
}

tw_region *tw_region_of_use(const tw_region_list *list, tw_region_use use) {
  for (size_t i = 0; i < list->count; i++) {
    if (list->at[i].use == use) return &list->at[i];
  }
  return NULL;
}

static bool region_open_gap(tw_region_list *list, size_t index, const tw_region *value) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? list->capacity * 2 : 32;
    tw_region *at = realloc(list->at, capacity * sizeof *at);
    if (!at) return false;
    list->at = at;
    list->capacity = capacity;
  }
  memmove(list->at + index + 1, list->at + index, (list->count - index) * sizeof *list->at);
  list->at[index] = *value;
  list->count++;
  return true;
}

static void region_close_gap(tw_region_list *list, size_t index) {
  list->count--;
  memmove(list->at + index, list->at + index + 1, (list->count - index) * sizeof *list->at);
}

/* Makes va a border: a region that holds it in its inside becomes two. */
static bool region_split(tw_region_list *list, uint64_t va) {
  size_t index = tw_region_above(list, va);
  if (index == list->count || list->at[index].start >= va) return true;
  tw_region upper = list->at[index];
  if (upper.object) upper.offset += va - upper.start;
  upper.start = va;
  if (!region_open_gap(list, index + 1, &upper)) return false;
  list->at[index].end = va;
  return true;
}

static bool region_alike(const tw_region *a, const tw_region *b) {
  return a->end == b->start && a->prot == b->prot && a->use == b->use && a->shared == b->shared &&
         a->grows_down == b->grows_down && a->advice == b->advice && a->object == b->object &&
         (!a->object || a->offset + (a->end - a->start) == b->offset);
}

/* Joins neighbours from the one below `index` on, for as long as they begin at or below `end`. */
static void region_join(tw_region_list *list, size_t index, uint64_t end) {
  if (index) index--;
  while (index + 1 < list->count && list->at[index].start <= end) {
    if (region_alike(&list->at[index], &list->at[index + 1])) {
      list->at[index].end = list->at[index + 1].end;
      region_close_gap(list, index + 1);
    } else {
      index++;
    }
  }
}

bool tw_region_carve(tw_region_list *list, uint64_t start, uint64_t end) {
  if (!region_split(list, start) || !region_split(list, end)) return false;
  size_t index = tw_region_above(list, start);
  while (index < list->count && list->at[index].start < end) region_close_gap(list, index);
  return true;
}

bool tw_region_insert(tw_region_list *list, const tw_region *added) {
  if (added->start == added->end) return true;
  if (!tw_region_carve(list, added->start, added->end)) return false;
  size_t index = tw_region_above(list, added->start);
  if (!region_open_gap(list, index, added)) return false;
  region_join(list, index, added->end);
  return true;
}

/* Makes the borders of [start, end) borders of regions, and finds the first one inside. */
static bool region_cut(tw_region_list *list, uint64_t start, uint64_t end, size_t *first) {
  if (!region_split(list, start) || !region_split(list, end)) return false;
  *first = tw_region_above(list, start);
  return true;
}

bool tw_region_protect(tw_region_list *list, uint64_t start, uint64_t end, uint8_t prot) {
  size_t first;
  if (!region_cut(list, start, end, &first)) return false;
  for (size_t i = first; i < list->count && list->at[i].start < end; i++) list->at[i].prot = prot;
  region_join(list, first, end);
  return true;
}

bool tw_region_advise(tw_region_list *list, uint64_t start, uint64_t end, tw_advice advice) {
  size_t first;
  if (!region_cut(list, start, end, &first)) return false;
  for (size_t i = first; i < list->count && list->at[i].start < end; i++) list->at[i].advice = advice;
  region_join(list, first, end);
  return true;
}

bool tw_region_copy(tw_region_list *copy, const tw_region_list *list) {
  if (!list->count) return true;
  copy->at = malloc(list->count * sizeof *copy->at);
  if (!copy->at) return false;
  memcpy(copy->at, list->at, list->count * sizeof *copy->at);
  copy->count = copy->capacity = list->count;
  return true;
}
