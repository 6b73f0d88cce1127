/* The pages that a run touched: each gets a number, in the order of first touches.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PAGES_H
#define TWINWALK_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct touched_page {
  uint64_t number;  /* virtual page number */
  uint32_t process; /* its number */
  uint32_t window;  /* that it was last touched in; UINT32_MAX: none */
  uint8_t use;      /* of its region; UINT8_MAX: to be found out */
} touched_page;

typedef struct page_table {
  touched_page *pages; /* owned; by their numbers */
  size_t count, room;
  uint32_t *slots; /* a hash table of numbers and one; 0: empty; owned */
  size_t slot_room;
} page_table;

void page_table_free(page_table *table);
/* The number of a page, which is new if it was not there; UINT32_MAX if memory is out. */
uint32_t page_table_touch(page_table *table, uint32_t process, uint64_t number);
/* The same without making one: UINT32_MAX if it is not there. */
uint32_t page_table_find(const page_table *table, uint32_t process, uint64_t number);

#endif
