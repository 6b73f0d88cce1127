/* Where a program's addresses go that the mode does not have: whole regions are moved, in chunks of 16 MiB.
 *
 *   program   ....[ libraries ]...........[ stack ]      addresses of 47 bits
 *                      |                       |
 *   space     [ code ][heap]..[ libraries ]....[ stack ] kernel
 *
 * A chunk keeps its place as long as something lies in it, and chunks that touch stay together, so whatever a program
 * maps side by side stays so, and every address keeps its low 24 bits. Chunks that fit stay where they are.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_REBASE_H
#define TWINWALK_SPACE_REBASE_H

#include <stddef.h>

#include "twinwalk/space.h"

#define REBASE_CHUNK_BITS 24u
#define REBASE_REPORTED 1024u

typedef struct rebase_map {
  uint64_t limit;           /* the user part is [0, limit) */
  uint64_t identity_end;    /* below, nothing is moved, and nothing was moved there */
  uint8_t *taken;           /* of every chunk of the user part: what lies there; owned */
  tw_space_rebase *windows; /* runs of moved chunks; owned */
  size_t window_count, window_capacity;
  tw_space_rebase *moved; /* the report; owned */
  size_t moved_count;
  uint64_t moved_total;
} rebase_map;

bool rebase_open(rebase_map *map, uint64_t limit);
void rebase_close(rebase_map *map);

/* Where an address is; false if it is not in the user part and was not moved into it, or if something else was moved
 * to where it would be. */
bool rebase_address(const rebase_map *map, uint64_t va, uint64_t *moved);

/* Where a place was before it was moved. */
uint64_t rebase_origin(const rebase_map *map, uint64_t moved);

/* Finds a place for a region and, if it grows down, for `reserve` bytes in all. False and error if there is none. */
bool rebase_place(rebase_map *map, const tw_space_rebase *wanted, uint64_t reserve, uint64_t *to, tw_error *error);

/* Gives the places of moved chunks back in which nothing lies: `used` has a byte for each chunk of the user part. False
 * if memory is out. */
bool rebase_collect(rebase_map *map, const uint8_t *used);

/* The first part of [start, end) that lies in one piece: its place, its length, and whether it has a place at all. */
bool rebase_piece(const rebase_map *map, uint64_t start, uint64_t end, tw_space_rebase *piece);

#endif
