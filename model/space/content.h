/* What is in the frames: a stamp for each 8 bytes, which says who wrote there last.
 *
 * A store stamps every word it touches with its record's number + 1; zeroed memory has 0; a file's word has a number
 * made of the file's name and the word's offset, with the top bit set. Frames that were only filled take no memory
 * until they are stored to.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_CONTENT_H
#define TWINWALK_SPACE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#define CONTENT_WORDS 512u /* of a page */

/* What a word of a file holds: the same in every run, whatever the addresses. `file` is content_file_key(name). */
uint64_t content_file_key(const char *name);
uint64_t content_file_word(uint64_t file, uint64_t offset); /* offset in bytes, a multiple of 8 */

typedef struct content content;

content *content_open(void); /* NULL if memory is out; the caller closes it */
void content_close(content *store);

/* All of these: false if memory is out. */
bool content_zero(content *store, uint64_t ppn);
bool content_file(content *store, uint64_t ppn, uint64_t file, uint64_t offset); /* offset of the page in the file */
bool content_copy(content *store, uint64_t from_ppn, uint64_t to_ppn);
bool content_put(content *store, uint64_t ppn, const uint64_t words[CONTENT_WORDS]);
bool content_stamp(content *store, uint64_t pa, uint8_t size, uint64_t stamp); /* within a page */

void content_get(const content *store, uint64_t ppn,
                 uint64_t words[CONTENT_WORDS]); /* zeroes if nothing was put there */
void content_drop(content *store, uint64_t ppn); /* the frame is given back */
/* One number made of the stamps of the words that [pa, pa+size) touches; size 1 to 64, within a page. */
uint64_t content_load(const content *store, uint64_t pa, uint8_t size);
/* ... and how it is made, for whoever has the words elsewhere. */
uint64_t content_digest(uint64_t digest, uint64_t word);

#endif
