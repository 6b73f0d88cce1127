/* How sizes, rights, regions and rows are said in texts and pictures.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WORDS_H
#define TWINWALK_WORDS_H

#include "map.h"

#define TW_WORDS_BYTES 160u

/* "4 KiB", "1.5 MiB", "255.9 GiB", "2^64 bytes". */
void tw_words_size(uint64_t bytes, char *text, size_t size);
/* "rwx" with dashes; 4 bytes. */
void tw_words_prot(uint8_t prot, char text[4]);
/* "1 page", "12 pages". */
void tw_words_count(uint64_t count, const char *what, char *text, size_t size);

/* What a region is and how large: "stack rw- 8 MiB", and the name of its file. */
void tw_words_part(const tw_row_part *part, char *text, size_t size);
/* How its pages are: "3 of 16 pages resident, 1 swapped", and in which frames if they are few. */
void tw_words_pages(const tw_row_part *part, const tw_state_process *process, char *text, size_t size);
/* The process's state: ASID, root, pages, tables. */
void tw_words_process(const tw_state_process *process, char *text, size_t size);
/* The machine: mode, layout, frames, swap. */
void tw_words_machine(const tw_map *map, char *text, size_t size);
/* Which moment a map that is no pair shows. */
void tw_words_moment(const tw_map *map, char *text, size_t size);
/* An event: "minor fault at 0x400000: frame 0x80001000". */
void tw_words_event(const tw_space_event *event, char *text, size_t size);
/* How a page was and is: "0x400000: untouched -> resident in 0x80001000, DAU-rw-". */
void tw_words_change(const tw_page_change *change, char *text, size_t size);
/* Who shares: "12 pages: process 0, process 1 (file, libm.so)". */
void tw_words_share(const tw_state *state, const tw_state_share *share, char *text, size_t size);
/* The last part of a path. */
const char *tw_words_base(const char *path);

/* The tables of a level of one process. */
typedef struct tw_level_sum {
  uint64_t tables, kernel;   /* of its own, and of the kernel's share */
  uint64_t pointers, leaves; /* entries of its own tables */
} tw_level_sum;
/* Adds them up by level; returns the number of levels that have tables. */
unsigned tw_level_sums(const tw_state_process *process, tw_level_sum sums[TW_MAX_LEVELS]);

#endif
