/* What programs must find in memory, whatever the kernel does: each process's pages by their virtual addresses, kept
 * naively.
 *
 * No frames, no page tables, no copy-on-write, no swap: a fork copies, a file's page and shared memory exist once. It
 * is told what programs do, never what the kernel did, so that it can judge what the kernel did.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_REFERENCE_H
#define TWINWALK_SPACE_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct reference reference;

/* A range of pages that a process maps from now on: those of an object (key 0: none, zeroes) from an offset on. */
typedef struct reference_range {
  uint64_t start, end; /* bytes, multiples of 4096 */
  uint64_t object;     /* 0, or a number that stands for a file or for shared memory */
  uint64_t file;       /* content_file_key of a file that has content; 0: the object begins with zeroes */
  uint64_t offset;     /* of `start` in the object */
  bool shared;         /* stores are seen by all who map the object */
} reference_range;

reference *reference_open(void); /* NULL if memory is out; the caller closes it */
void reference_close(reference *all);

/* All of these: false if memory is out. */
bool reference_begin(reference *all, uint32_t process);
bool reference_fork(reference *all, uint32_t parent, uint32_t child);
void reference_end(reference *all, uint32_t process); /* exit, and before exec's new ranges */
bool reference_map(reference *all, uint32_t process, const reference_range *range); /* in place of what was there */
bool reference_unmap(reference *all, uint32_t process, uint64_t start, uint64_t end);
bool reference_drop(reference *all, uint32_t process, uint64_t start, uint64_t end); /* private content begins anew */
void reference_forget(reference *all, uint64_t object); /* nobody maps it any more, nor will */
bool reference_store(reference *all, uint32_t process, uint64_t va, uint8_t size, uint64_t stamp); /* within a page */
/* As content_load; false if nothing is mapped there. */
bool reference_load(const reference *all, uint32_t process, uint64_t va, uint8_t size, uint64_t *digest);

#endif
