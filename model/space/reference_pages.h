/* Pages of stamps by their numbers, for the naive copy of what programs find in memory: only those that were stored to.
 * A set of pages begins as {0}.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_REFERENCE_PAGES_H
#define TWINWALK_SPACE_REFERENCE_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct reference_pages {
  struct reference_group **buckets; /* owned */
  size_t size;                      /* a power of two, or 0 */
  size_t count;                     /* of groups of neighbours */
} reference_pages;

void reference_pages_free(reference_pages *pages);
/* The words of a page, or NULL; the set's until the page is dropped. `owner` tells pages of the same number apart. */
uint64_t *reference_pages_find(const reference_pages *pages, uint64_t owner, uint64_t number);
/* Adds a page that is not there. NULL if memory is out. */
uint64_t *reference_pages_add(reference_pages *pages, uint64_t owner, uint64_t number, const uint64_t *words);
/* Drops an owner's pages [first, end). */
void reference_pages_drop(reference_pages *pages, uint64_t owner, uint64_t first, uint64_t end);
/* Adds copies of all pages to `copy`, which is empty. False if memory is out. */
bool reference_pages_copy(reference_pages *copy, const reference_pages *pages);

#endif
