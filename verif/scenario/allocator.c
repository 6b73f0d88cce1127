/* Chunks in the order of their addresses, those that are free also in a list, the latest first.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "allocator.h"

#include <stdlib.h>
#include <string.h>

#define HEADER 16u                    /* bytes; also the alignment of blocks */
#define CHUNK_MIN 32u                 /* with its header */
#define TOP_PAD ((uint64_t)128 << 10) /* brk asks for so much more than it needs */
#define TRIM_AT (2 * TOP_PAD)         /* so much free at the end is given back */
#define PAGE 4096u
#define NONE SIZE_MAX

typedef struct chunk {
  uint64_t start, size; /* bytes, with its header */
  size_t before, after; /* in the order of addresses; NONE */
  size_t newer, older;  /* in the free list; NONE */
  bool free;
} chunk;

typedef struct live_block {
  allocator_block block;
  size_t chunk;
} live_block;

struct allocator {
  uint64_t start, end;
  chunk *chunks; /* owned; those of `spare` are not used */
  size_t chunk_count, chunk_capacity;
  size_t spare;        /* a list by `after` */
  size_t last, newest; /* the highest chunk; the head of the free list */
  live_block *live;    /* owned */
  size_t live_count, live_capacity;
};

allocator *allocator_open(uint64_t start) {
  allocator *all = malloc(sizeof *all);
  if (all) *all = (allocator){.start = start, .end = start, .spare = NONE, .last = NONE, .newest = NONE};
  return all;
}

void allocator_close(allocator *all) {
  if (!all) return;
  free(all->chunks);
  free(all->live);
  free(all);
}

allocator *allocator_copy(const allocator *all) {
  allocator *copy = malloc(sizeof *copy);
  chunk *chunks = malloc((all->chunk_count + 1) * sizeof *chunks);
  live_block *live = malloc((all->live_count + 1) * sizeof *live);
  if (!copy || !chunks || !live) {
    free(copy);
    free(chunks);
    free(live);
    return NULL;
  }
  *copy = *all;
  copy->chunks = chunks;
  copy->live = live;
  copy->chunk_capacity = all->chunk_count + 1;
  copy->live_capacity = all->live_count + 1;
  if (all->chunk_count) memcpy(chunks, all->chunks, all->chunk_count * sizeof *chunks);
  if (all->live_count) memcpy(live, all->live, all->live_count * sizeof *live);
  return copy;
}

static bool room_make(void **items, size_t *capacity, size_t count, size_t bytes) {
  if (count < *capacity) return true;
  const size_t more = *capacity ? *capacity * 2 : 64;
  void *moved = realloc(*items, more * bytes);
  if (!moved) return false;
  *items = moved;
  *capacity = more;
  return true;
}

/* A chunk behind another (NONE: it is the first); NONE if memory is out. */
static size_t chunk_add(allocator *all, size_t before, uint64_t start, uint64_t size) {
  size_t added = all->spare;
  if (added != NONE) {
    all->spare = all->chunks[added].after;
  } else {
    void *items = all->chunks;
    const bool room = room_make(&items, &all->chunk_capacity, all->chunk_count, sizeof *all->chunks);
    all->chunks = items;
    if (!room) return NONE;
    added = all->chunk_count++;
  }
  const size_t after = before == NONE ? NONE : all->chunks[before].after;
  all->chunks[added] = (chunk){start, size, before, after, NONE, NONE, false};
  if (before != NONE) all->chunks[before].after = added;
  if (after != NONE) all->chunks[after].before = added;
  if (after == NONE) all->last = added;
  return added;
}

static void chunk_remove(allocator *all, size_t n) {
  const chunk *gone = &all->chunks[n];
  if (gone->before != NONE) all->chunks[gone->before].after = gone->after;
  if (gone->after != NONE) all->chunks[gone->after].before = gone->before;
  if (all->last == n) all->last = gone->before;
  all->chunks[n].after = all->spare;
  all->spare = n;
}

static bool read_word(const allocator_world *world, uint64_t va) {
  return world->touch(world->payload, va, false);
}

static bool write_word(const allocator_world *world, uint64_t va) {
  return world->touch(world->payload, va, true);
}

/* The head of the free list: its header, its link, and the link back of the one that was it. */
static bool free_link(allocator *all, const allocator_options *options, const allocator_world *world, size_t n) {
  chunk *linked = &all->chunks[n];
  linked->free = true;
  linked->newer = NONE;
  linked->older = all->newest;
  all->newest = n;
  if (!write_word(world, linked->start) || !write_word(world, linked->start + HEADER)) return false;
  if (linked->older == NONE) return true;
  chunk *older = &all->chunks[linked->older];
  older->newer = n;
  return write_word(world, older->start + HEADER + options->word);
}

static bool free_unlink(allocator *all, const allocator_options *options, const allocator_world *world, size_t n) {
  chunk *gone = &all->chunks[n];
  gone->free = false;
  if (gone->newer == NONE) {
    all->newest = gone->older;
  } else {
    all->chunks[gone->newer].older = gone->older;
    if (!write_word(world, all->chunks[gone->newer].start + HEADER)) return false;
  }
  if (gone->older == NONE) return true;
  all->chunks[gone->older].newer = gone->newer;
  return write_word(world, all->chunks[gone->older].start + HEADER + options->word);
}

/* Looks through the free list; *found NONE if nothing fits. */
static bool free_search(const allocator *all, const allocator_options *options, const allocator_world *world,
                        uint64_t need, size_t *found) {
  *found = NONE;
  for (size_t n = all->newest; n != NONE; n = all->chunks[n].older) {
    const chunk *looked = &all->chunks[n];
    if (!read_word(world, looked->start)) return false;
    if (looked->size >= need && (*found == NONE || looked->size < all->chunks[*found].size)) *found = n;
    if (*found != NONE && !options->best_fit) return true;
    if (!read_word(world, looked->start + HEADER)) return false;
  }
  return true;
}

/* Has the heap grow so that its last chunk is free and large enough. */
static bool heap_grow(allocator *all, const allocator_options *options, const allocator_world *world, uint64_t need,
                      size_t *found) {
  const bool has_free = all->last != NONE && all->chunks[all->last].free;
  const uint64_t more = has_free ? need - all->chunks[all->last].size : need;
  const uint64_t end = (all->end + more + TOP_PAD + PAGE - 1) / PAGE * PAGE, start = all->end;
  if (!world->extend(world->payload, end)) return false;
  all->end = end;
  if (has_free) {
    *found = all->last;
    all->chunks[*found].size += end - start;
    return write_word(world, all->chunks[*found].start);
  }
  *found = chunk_add(all, all->last, start, end - start);
  return *found != NONE && free_link(all, options, world, *found);
}

static bool live_add(allocator *all, const allocator_block *block, size_t n) {
  void *items = all->live;
  const bool room = room_make(&items, &all->live_capacity, all->live_count, sizeof *all->live);
  all->live = items;
  if (room) all->live[all->live_count++] = (live_block){*block, n};
  return room;
}

static bool mapped_take(allocator *all, const allocator_world *world, uint64_t size, allocator_block *block) {
  const uint64_t length = (size + HEADER + PAGE - 1) / PAGE * PAGE;
  const uint64_t start = world->map(world->payload, length);
  if (!start || !write_word(world, start)) return false;
  *block = (allocator_block){start + HEADER, size, length};
  return live_add(all, block, NONE);
}

bool allocator_take(allocator *all, const allocator_options *options, const allocator_world *world, uint64_t size,
                    allocator_block *block) {
  const uint64_t payload = (size + HEADER - 1) / HEADER * HEADER;
  const uint64_t need = payload + HEADER < CHUNK_MIN ? CHUNK_MIN : payload + HEADER;
  size_t found;
  if (size >= options->large) return mapped_take(all, world, size, block);
  if (!free_search(all, options, world, need, &found)) return false;
  if (found == NONE && !heap_grow(all, options, world, need, &found)) return false;
  if (!free_unlink(all, options, world, found)) return false;
  if (all->chunks[found].size >= need + CHUNK_MIN) {
    const uint64_t start = all->chunks[found].start + need, rest = all->chunks[found].size - need;
    all->chunks[found].size = need;
    const size_t behind = chunk_add(all, found, start, rest);
    if (behind == NONE || !free_link(all, options, world, behind)) return false;
  }
  if (!write_word(world, all->chunks[found].start)) return false;
  *block = (allocator_block){all->chunks[found].start + HEADER, size, 0};
  return live_add(all, block, found);
}

/* Joins a chunk that becomes free with free neighbours; returns the chunk that they are. */
static bool chunk_join(allocator *all, const allocator_options *options, const allocator_world *world, size_t *n) {
  const size_t after = all->chunks[*n].after, before = all->chunks[*n].before;
  if (after != NONE && !read_word(world, all->chunks[after].start)) return false;
  if (after != NONE && all->chunks[after].free) {
    if (!free_unlink(all, options, world, after)) return false;
    all->chunks[*n].size += all->chunks[after].size;
    chunk_remove(all, after);
  }
  if (before == NONE || !all->chunks[before].free) return true;
  if (!read_word(world, all->chunks[before].start) || !free_unlink(all, options, world, before)) return false;
  all->chunks[before].size += all->chunks[*n].size;
  chunk_remove(all, *n);
  *n = before;
  return true;
}

/* Gives the end of the heap back if much of it is free. */
static bool heap_trim(allocator *all, const allocator_world *world, size_t n) {
  chunk *top = &all->chunks[n];
  if (n != all->last || top->size < TRIM_AT) return true;
  const uint64_t end = (top->start + TOP_PAD + PAGE - 1) / PAGE * PAGE;
  top->size = end - top->start;
  all->end = end;
  return write_word(world, top->start) && world->extend(world->payload, end);
}

bool allocator_give(allocator *all, const allocator_options *options, const allocator_world *world, size_t n) {
  const live_block given = all->live[n];
  size_t freed = given.chunk;
  if (!read_word(world, given.block.va - HEADER)) return false;
  all->live[n] = all->live[--all->live_count];
  if (freed == NONE) return world->unmap(world->payload, given.block.va - HEADER, given.block.mapped);
  return chunk_join(all, options, world, &freed) && free_link(all, options, world, freed) &&
         heap_trim(all, world, freed);
}

size_t allocator_live(const allocator *all) {
  return all->live_count;
}

const allocator_block *allocator_block_at(const allocator *all, size_t n) {
  return &all->live[n].block;
}

void allocator_measure(const allocator *all, uint64_t *heap, uint64_t *unused) {
  *heap = all->end - all->start;
  *unused = 0;
  for (size_t n = all->newest; n != NONE; n = all->chunks[n].older) *unused += all->chunks[n].size;
}
