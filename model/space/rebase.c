/* Moves regions that do not fit, chunk by chunk.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rebase.h"

#include <inttypes.h>
#include <stdlib.h>

enum { CHUNK_FREE = 0, CHUNK_OWN, CHUNK_MOVED };

#define CHUNK(va) ((int64_t)((va) >> REBASE_CHUNK_BITS))
#define CHUNK_BYTES ((uint64_t)1 << REBASE_CHUNK_BITS)

bool rebase_open(rebase_map *map, uint64_t limit) {
  *map = (rebase_map){.limit = limit, .identity_end = limit};
  map->taken = calloc((size_t)CHUNK(limit), 1);
  map->moved = calloc(REBASE_REPORTED, sizeof *map->moved);
  if (map->taken && map->moved) return true;
  rebase_close(map);
  return false;
}

void rebase_close(rebase_map *map) {
  free(map->taken);
  free(map->windows);
  free(map->moved);
  *map = (rebase_map){0};
}

static const tw_space_rebase *rebase_window(const rebase_map *map, uint64_t va) {
  for (size_t i = 0; i < map->window_count; i++) {
    if (va - map->windows[i].from < map->windows[i].length) return &map->windows[i];
  }
  return NULL;
}

bool rebase_address(const rebase_map *map, uint64_t va, uint64_t *moved) {
  const tw_space_rebase *window = va < map->identity_end ? NULL : rebase_window(map, va);
  *moved = window ? va - window->from + window->to : va;
  return window || va < map->identity_end || (va < map->limit && map->taken[CHUNK(va)] != CHUNK_MOVED);
}

uint64_t rebase_origin(const rebase_map *map, uint64_t moved) {
  for (size_t i = 0; i < map->window_count; i++) {
    const tw_space_rebase *window = &map->windows[i];
    if (moved - window->to < window->length) return moved - window->to + window->from;
  }
  return moved;
}

/* Chunks [first, last] of the program that want to lie at the distance `delta`, in chunks. */
typedef struct chunk_run {
  int64_t first, last, delta;
} chunk_run;

static bool rebase_chunk(const rebase_map *map, int64_t chunk, int64_t *delta) {
  const tw_space_rebase *window = rebase_window(map, (uint64_t)chunk << REBASE_CHUNK_BITS);
  if (window) *delta = CHUNK(window->to) - CHUNK(window->from);
  return window;
}

/* Whether every chunk of a run either lies at that distance already or can be put there. */
static bool rebase_run_fits(const rebase_map *map, const chunk_run *run) {
  for (int64_t chunk = run->first; chunk <= run->last; chunk++) {
    int64_t delta, target = chunk + run->delta;
    if (target < 0 || target >= CHUNK(map->limit)) return false;
    if (rebase_chunk(map, chunk, &delta)) {
      if (delta != run->delta) return false;
    } else if (chunk < CHUNK(map->limit) && map->taken[chunk] == CHUNK_OWN) {
      if (run->delta != 0) return false;
    } else if (map->taken[target] != CHUNK_FREE) {
      return false;
    }
  }
  return true;
}

static bool rebase_window_add(rebase_map *map, int64_t chunk, int64_t delta) {
  uint64_t from = (uint64_t)chunk << REBASE_CHUNK_BITS, to = (uint64_t)(chunk + delta) << REBASE_CHUNK_BITS;
  if (from < map->identity_end) map->identity_end = from;
  if (to < map->identity_end) map->identity_end = to;
  for (size_t i = 0; i < map->window_count; i++) {
    tw_space_rebase *window = &map->windows[i];
    if (window->from + window->length == from && window->to + window->length == to) {
      window->length += CHUNK_BYTES;
      return true;
    }
  }
  if (map->window_count == map->window_capacity) {
    size_t capacity = map->window_capacity ? map->window_capacity * 2 : 8;
    tw_space_rebase *windows = realloc(map->windows, capacity * sizeof *windows);
    if (!windows) return false;
    map->windows = windows;
    map->window_capacity = capacity;
  }
  map->windows[map->window_count++] = (tw_space_rebase){from, to, CHUNK_BYTES};
  return true;
}

static bool rebase_run_claim(rebase_map *map, const chunk_run *run) {
  for (int64_t chunk = run->first; chunk <= run->last; chunk++) {
    int64_t delta;
    if (rebase_chunk(map, chunk, &delta)) continue;
    map->taken[chunk + run->delta] = run->delta ? CHUNK_MOVED : CHUNK_OWN;
    if (run->delta && !rebase_window_add(map, chunk, run->delta)) return false;
  }
  return true;
}

/* A new place for a run: a stack's is the highest that is free; anything else goes into the middle of the largest free
 * run, so that neighbours that come later find room on either side. */
static bool rebase_run_place(const rebase_map *map, chunk_run *run, bool highest) {
  int64_t length = run->last - run->first + 1, best = 0, best_length = 0, free_length = 0;
  for (int64_t chunk = 0; chunk < CHUNK(map->limit); chunk++) {
    free_length = map->taken[chunk] == CHUNK_FREE ? free_length + 1 : 0;
    if (highest ? free_length >= length : free_length > best_length) {
      best_length = free_length;
      best = chunk - free_length + 1;
    }
  }
  if (best_length < length) return false;
  run->delta = best + (highest ? best_length - length : (best_length - length) / 2) - run->first;
  return true;
}

/* The order of preference: where parts of it are already, where it says, beside a neighbour, anywhere. */
static bool rebase_run_choose(const rebase_map *map, chunk_run *run, bool highest) {
  for (int64_t chunk = run->first; chunk <= run->last; chunk++) {
    if (rebase_chunk(map, chunk, &run->delta)) return rebase_run_fits(map, run);
  }
  run->delta = 0;
  if (run->last < CHUNK(map->limit)) {
    bool own = true;
    for (int64_t chunk = run->first; chunk <= run->last; chunk++) own = own && map->taken[chunk] != CHUNK_MOVED;
    if (own) return true;
  }
  if (run->first > 0 && rebase_chunk(map, run->first - 1, &run->delta) && rebase_run_fits(map, run)) return true;
  if (rebase_chunk(map, run->last + 1, &run->delta) && rebase_run_fits(map, run)) return true;
  return rebase_run_place(map, run, highest) && rebase_run_fits(map, run);
}

/* A region that lies inside of one already told is not told again, and one that has grown is told as it is now. */
static void rebase_report(rebase_map *map, const tw_space_rebase *moved) {
  for (size_t i = 0; i < map->moved_count; i++) {
    tw_space_rebase *told = &map->moved[i];
    if (moved->from == told->from && moved->length > told->length) told->length = moved->length;
    if (moved->from >= told->from && moved->from + moved->length <= told->from + told->length) return;
  }
  map->moved_total++;
  if (map->moved_count < REBASE_REPORTED) map->moved[map->moved_count++] = *moved;
}

bool rebase_place(rebase_map *map, const tw_space_rebase *wanted, uint64_t reserve, uint64_t *to, tw_error *error) {
  uint64_t end = wanted->from + wanted->length, start = wanted->from;
  if (end < start) return tw_error_set(error, "region 0x%" PRIx64 " wraps around", start);
  if (end - start < reserve) start = end > reserve ? end - reserve : 0;
  chunk_run run = {CHUNK(start), CHUNK(end - 1), 0};
  if (run.last - run.first >= CHUNK(map->limit) || !rebase_run_choose(map, &run, reserve != 0)) {
    return tw_error_set(error,
                        "no place for region 0x%" PRIx64 "-0x%" PRIx64 " in the user part, which ends at 0x%" PRIx64,
                        wanted->from, end, map->limit);
  }
  if (!rebase_run_claim(map, &run)) return tw_error_set(error, "out of memory");
  *to = wanted->from + ((uint64_t)run.delta << REBASE_CHUNK_BITS);
  if (run.delta) rebase_report(map, &(tw_space_rebase){wanted->from, *to, wanted->length});
  return true;
}

/* Where the next moved chunk begins above an address that has no place; `end` if there is none below that. */
static uint64_t rebase_next(const rebase_map *map, uint64_t start, uint64_t end) {
  uint64_t next = end;
  for (size_t i = 0; i < map->window_count; i++) {
    uint64_t from = map->windows[i].from;
    if (from > start && from < next) next = from;
  }
  return next;
}

/* The end of the chunks from `start` on that all are the program's own, or all are not. */
static uint64_t rebase_alike(const rebase_map *map, uint64_t start, uint64_t end) {
  int64_t chunk = CHUNK(start), last = CHUNK(end < map->limit ? end : map->limit);
  bool moved = map->taken[chunk] == CHUNK_MOVED;
  while (++chunk < last && (map->taken[chunk] == CHUNK_MOVED) == moved) continue;
  return (uint64_t)chunk << REBASE_CHUNK_BITS;
}

bool rebase_piece(const rebase_map *map, uint64_t start, uint64_t end, tw_space_rebase *piece) {
  uint64_t length = end - start;
  const tw_space_rebase *window = map->window_count ? rebase_window(map, start) : NULL;
  if (window) {
    uint64_t left = window->length - (start - window->from);
    if (left < length) length = left;
  } else if (map->window_count) {
    uint64_t border = rebase_next(map, start, end);
    uint64_t alike = start < map->limit ? rebase_alike(map, start, border) : border;
    length = (alike < border ? alike : border) - start;
  }
  *piece = (tw_space_rebase){.from = start, .length = length};
  return rebase_address(map, start, &piece->to);
}

bool rebase_collect(rebase_map *map, const uint8_t *used) {
  rebase_map kept = *map;
  kept.windows = NULL;
  kept.window_count = kept.window_capacity = 0;
  kept.identity_end = map->limit;
  for (size_t i = 0; i < map->window_count; i++) {
    const tw_space_rebase *window = &map->windows[i];
    int64_t delta = CHUNK(window->to) - CHUNK(window->from), first = CHUNK(window->from);
    for (int64_t chunk = first; chunk < first + CHUNK(window->length); chunk++) {
      if (!used[chunk + delta]) {
        map->taken[chunk + delta] = CHUNK_FREE;
      } else if (!rebase_window_add(&kept, chunk, delta)) {
        free(kept.windows);
        return false;
      }
    }
  }
  free(map->windows);
  *map = kept;
  return true;
}
