/* Neighbours are kept together in a group, so that dropping a wide range does not look at each page number.
 * SPDX-License-Identifier: Apache-2.0 */
#include "reference_pages.h"

#include <stdlib.h>
#include <string.h>

#include "content.h"

#define GROUP_PAGES 512u

typedef struct reference_group {
  uint64_t owner, number; /* of the first page / GROUP_PAGES */
  struct reference_group *next;
  unsigned count;               /* of pages */
  uint64_t *pages[GROUP_PAGES]; /* owned, of CONTENT_WORDS; NULL: not there */
} reference_group;

void reference_pages_free(reference_pages *pages) {
  for (size_t i = 0; i < pages->size; i++) {
    for (reference_group *group = pages->buckets[i], *next; group; group = next) {
      next = group->next;
      for (unsigned n = 0; n < GROUP_PAGES; n++) free(group->pages[n]);
      free(group);
    }
  }
  free(pages->buckets);
  *pages = (reference_pages){0};
}

static reference_group **bucket_of(const reference_pages *pages, uint64_t owner, uint64_t number) {
  uint64_t hash = (owner * 0xff51afd7ed558ccdu ^ number) * 0x9e3779b97f4a7c15u;
  return &pages->buckets[(size_t)(hash >> 32) & (pages->size - 1)];
}

static reference_group *group_find(const reference_pages *pages, uint64_t owner, uint64_t number) {
  reference_group *group = pages->size ? *bucket_of(pages, owner, number) : NULL;
  while (group && (group->owner != owner || group->number != number)) group = group->next;
  return group;
}

uint64_t *reference_pages_find(const reference_pages *pages, uint64_t owner, uint64_t number) {
  const reference_group *group = group_find(pages, owner, number / GROUP_PAGES);
  return group ? group->pages[number % GROUP_PAGES] : NULL;
}

static bool pages_grow(reference_pages *pages) {
  if (pages->count < pages->size) return true;
  reference_pages grown = {.size = pages->size ? pages->size * 2 : 8, .count = pages->count};
  grown.buckets = calloc(grown.size, sizeof(reference_group *));
  if (!grown.buckets) return false;
  for (size_t i = 0; i < pages->size; i++) {
    for (reference_group *moved = pages->buckets[i], *next; moved; moved = next) {
      next = moved->next;
      reference_group **bucket = bucket_of(&grown, moved->owner, moved->number);
      moved->next = *bucket;
      *bucket = moved;
    }
  }
  free(pages->buckets);
  *pages = grown;
  return true;
}

static reference_group *group_make(reference_pages *pages, uint64_t owner, uint64_t number) {
  reference_group *group = group_find(pages, owner, number);
  if (group) return group;
  group = pages_grow(pages) ? calloc(1, sizeof *group) : NULL;
  if (!group) return NULL;
  reference_group **bucket = bucket_of(pages, owner, number);
  group->owner = owner;
  group->number = number;
  group->next = *bucket;
  *bucket = group;
  pages->count++;
  return group;
}

uint64_t *reference_pages_add(reference_pages *pages, uint64_t owner, uint64_t number, const uint64_t *words) {
  reference_group *group = group_make(pages, owner, number / GROUP_PAGES);
  uint64_t *page = group ? malloc(CONTENT_WORDS * sizeof *page) : NULL;
  if (!page) return NULL;
  memcpy(page, words, CONTENT_WORDS * sizeof *page);
  group->pages[number % GROUP_PAGES] = page;
  group->count++;
  return page;
}

/* Drops the pages of [first, end) that are in the group, and the group if it has none then: true. */
static bool group_drop(reference_pages *pages, reference_group **link, uint64_t first, uint64_t end) {
  reference_group *group = *link;
  uint64_t base = group->number * GROUP_PAGES;
  uint64_t from = first > base ? first - base : 0, to = end - base < GROUP_PAGES ? end - base : GROUP_PAGES;
  for (uint64_t n = from; n < to && group->count; n++) {
    group->count -= group->pages[n] != NULL;
    free(group->pages[n]);
    group->pages[n] = NULL;
  }
  if (group->count) return false;
  *link = group->next;
  pages->count--;
  free(group);
  return true;
}

static bool group_touches(const reference_group *group, uint64_t owner, uint64_t first, uint64_t end) {
  return group->owner == owner && group->number >= first / GROUP_PAGES && group->number <= (end - 1) / GROUP_PAGES;
}

/* Drops in one bucket. */
static void bucket_drop(reference_pages *pages, reference_group **link, uint64_t owner, uint64_t first, uint64_t end) {
  while (*link) {
    bool gone = group_touches(*link, owner, first, end) && group_drop(pages, link, first, end);
    if (!gone) link = &(*link)->next;
  }
}

void reference_pages_drop(reference_pages *pages, uint64_t owner, uint64_t first, uint64_t end) {
  if (!pages->count || first >= end) return;
  uint64_t number = first / GROUP_PAGES, last = (end - 1) / GROUP_PAGES;
  if (last - number < pages->size) {
    for (; number <= last; number++) bucket_drop(pages, bucket_of(pages, owner, number), owner, first, end);
  } else {
    for (size_t i = 0; i < pages->size; i++) bucket_drop(pages, &pages->buckets[i], owner, first, end);
  }
}

bool reference_pages_copy(reference_pages *copy, const reference_pages *pages) {
  for (size_t i = 0; i < pages->size; i++) {
    for (const reference_group *group = pages->buckets[i]; group; group = group->next) {
      for (unsigned n = 0; n < GROUP_PAGES; n++) {
        uint64_t number = group->number * GROUP_PAGES + n;
        if (group->pages[n] && !reference_pages_add(copy, group->owner, number, group->pages[n])) return false;
      }
    }
  }
  return true;
}
