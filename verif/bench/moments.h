/* A table from addresses to when something last happened to them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MOMENTS_H
#define TWINWALK_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct moment {
  uint64_t key; /* address + 1 */
  uint64_t time;
  bool stored;      /* of changed entries: by a store, */
  bool was_invalid; /* and every older value had V=0 */
  bool was_pointer; /* some older value was a pointer: a fence of one address does not order it */
  bool marked;      /* of changed entries: A or D was set by the design */
} moment;

/* Open addressing, a power of two, key 0 where empty. */
typedef struct moments {
  moment *slots;
  size_t size, used;
} moments;

/* False if memory is out. `size` is a power of two. */
bool moments_init(moments *table, size_t size);
void moments_free(moments *table);
void moments_clear(moments *table);
/* The moment of an address; its key is 0 if there is none. */
moment *moments_find(const moments *table, uint64_t address);
/* The same, made if there is none; NULL if memory is out. */
moment *moments_touch(moments *table, uint64_t address, bool *fresh);

#endif
