/* Frames in use, found by their page numbers, with the pages that lie in them, and the clock of those that may leave.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <stdlib.h>

#include "frame_blocks.h"

struct frame_pool {
  frame_blocks blocks;
  frame **table; /* hashed by ppn, linear probing; a power of two */
  size_t table_size, table_used;
  uint64_t of_bits[FRAME_BLOCK_BITS_MAX + 1]; /* how many frames and blocks there are, by size */
  uint64_t used, peak;
  frame *hand; /* of the clock */
  size_t on_clock;
};

frame_pool *frame_open(const frame_pool_options *options, tw_error *error) {
  if (!options->count || options->count > UINT64_C(1) << 52 || options->base_ppn > UINT64_C(1) << 52) {
    tw_error_set(error, "a machine needs 1 to 2^52 frames, found %llu", (unsigned long long)options->count);
    return NULL;
  }
  if (options->block_bits > FRAME_BLOCK_BITS_MAX) {
    tw_error_set(error, "a block of frames has at most 2^%u, found 2^%u", FRAME_BLOCK_BITS_MAX, options->block_bits);
    return NULL;
  }
  frame_pool *pool = calloc(1, sizeof *pool);
  if (!pool) {
    tw_error_set(error, "out of memory for the machine's frames");
    return NULL;
  }
  frame_blocks_open(&pool->blocks, options->base_ppn, options->count, options->low_count, options->block_bits,
                    options->seed);
  return pool;
}

static void frame_free(frame *freed) {
  free(freed->mappings);
  free(freed);
}

void frame_close(frame_pool *pool) {
  if (!pool) return;
  for (size_t i = 0; i < pool->table_size; i++) {
    if (pool->table[i]) frame_free(pool->table[i]);
  }
  free(pool->table);
  frame_blocks_close(&pool->blocks);
  free(pool);
}

static size_t table_home(const frame_pool *pool, uint64_t ppn) {
  return (size_t)(ppn * 0x9e3779b97f4a7c15u >> 32) & (pool->table_size - 1);
}

static size_t table_place(const frame_pool *pool, uint64_t ppn) {
  size_t at = table_home(pool, ppn);
  while (pool->table[at] && pool->table[at]->ppn != ppn) at = (at + 1) & (pool->table_size - 1);
  return at;
}

/* Makes room for so many more. */
static bool table_reserve(frame_pool *pool, size_t more) {
  if ((pool->table_used + more) * 2 <= pool->table_size) return true;
  frame_pool grown = *pool;
  if (!grown.table_size) grown.table_size = 64;
  while ((pool->table_used + more) * 2 > grown.table_size) grown.table_size *= 2;
  grown.table = calloc(grown.table_size, sizeof(frame *));
  if (!grown.table) return false;
  for (size_t i = 0; i < pool->table_size; i++) {
    if (pool->table[i]) grown.table[table_place(&grown, pool->table[i]->ppn)] = pool->table[i];
  }
  free(pool->table);
  *pool = grown;
  return true;
}

static void table_add(frame_pool *pool, frame *added) {
  pool->table[table_place(pool, added->ppn)] = added;
  pool->table_used++;
  pool->of_bits[added->bits]++;
}

/* Closes the gap behind it, so that a search may end at the first empty place. */
static void table_remove(frame_pool *pool, const frame *removed) {
  size_t mask = pool->table_size - 1, gap = table_place(pool, removed->ppn);
  for (size_t at = (gap + 1) & mask; pool->table[at]; at = (at + 1) & mask) {
    size_t home = table_home(pool, pool->table[at]->ppn);
    if (((at - home) & mask) < ((at - gap) & mask)) continue;
    pool->table[gap] = pool->table[at];
    gap = at;
  }
  pool->table[gap] = NULL;
  pool->table_used--;
  pool->of_bits[removed->bits]--;
}

/* Before a frame is taken: what is needed to keep account of it. */
static frame *frame_make(frame_pool *pool) {
  return table_reserve(pool, 1) ? calloc(1, sizeof(frame)) : NULL;
}

static frame *frame_begin(frame_pool *pool, frame *made, uint64_t ppn, unsigned bits, frame_kind kind) {
  *made = (frame){.ppn = ppn, .kind = kind, .bits = (uint8_t)bits, .slot = FRAME_NO_SLOT};
  table_add(pool, made);
  pool->used += UINT64_C(1) << bits;
  if (pool->used > pool->peak) pool->peak = pool->used;
  return made;
}

frame *frame_take(frame_pool *pool, frame_kind kind, bool low) {
  uint64_t ppn;
  frame *made = frame_make(pool);
  if (made && frame_blocks_take(&pool->blocks, low, &ppn)) return frame_begin(pool, made, ppn, 0, kind);
  free(made);
  return NULL;
}

frame *frame_take_at(frame_pool *pool, uint64_t ppn, frame_kind kind) {
  frame *made = frame_make(pool);
  if (made && frame_blocks_take_at(&pool->blocks, ppn)) return frame_begin(pool, made, ppn, 0, kind);
  free(made);
  return NULL;
}

frame *frame_take_block(frame_pool *pool, unsigned bits, frame_kind kind) {
  uint64_t ppn;
  frame *made = frame_make(pool);
  if (made && frame_blocks_take_run(&pool->blocks, bits, &ppn)) return frame_begin(pool, made, ppn, bits, kind);
  free(made);
  return NULL;
}

void frame_give(frame_pool *pool, frame *given) {
  table_remove(pool, given);
  frame_blocks_give(&pool->blocks, given->ppn, given->bits);
  pool->used -= UINT64_C(1) << given->bits;
  frame_free(given);
}

/* The n-th of a block's frames, on no clock and not yet found by its number. NULL if memory is out. */
static frame *split_part(const frame *block, uint64_t n) {
  frame *part = malloc(sizeof *part);
  size_t bytes = block->mapping_count * sizeof(frame_mapping);
  frame_mapping *mappings = part && bytes ? malloc(bytes) : NULL;
  if (!part || (bytes && !mappings)) {
    free(part);
    return NULL;
  }
  *part = *block;
  part->ppn += n;
  part->index += n;
  part->bits = 0;
  part->slot = FRAME_NO_SLOT;
  part->before = part->behind = NULL;
  part->mappings = mappings;
  part->mapping_capacity = block->mapping_count;
  for (uint32_t i = 0; i < block->mapping_count; i++) {
    mappings[i] = block->mappings[i];
    mappings[i].va += n << 12;
  }
  return part;
}

bool frame_split(frame_pool *pool, frame *block) {
  frame *parts[1u << FRAME_BLOCK_BITS_MAX];
  size_t count = (size_t)1 << block->bits, made = 1;
  if (!table_reserve(pool, count)) return false;
  for (; made < count; made++) {
    parts[made] = split_part(block, made);
    if (!parts[made]) break;
  }
  if (made < count) {
    while (--made) frame_free(parts[made]);
    return false;
  }
  table_remove(pool, block);
  block->bits = 0;
  table_add(pool, block);
  for (size_t i = 1; i < count; i++) {
    table_add(pool, parts[i]);
    if (block->before) frame_clock_add(pool, parts[i]);
  }
  return true;
}

frame *frame_join(frame_pool *pool, uint64_t ppn, unsigned bits) {
  frame *block = frame_find(pool, ppn);
  for (uint64_t i = 1; i < UINT64_C(1) << bits; i++) {
    frame *part = frame_find(pool, ppn + i);
    frame_clock_remove(pool, part);
    table_remove(pool, part);
    frame_free(part);
  }
  table_remove(pool, block);
  block->bits = (uint8_t)bits;
  table_add(pool, block);
  return block;
}

frame *frame_find(const frame_pool *pool, uint64_t ppn) {
  if (!pool->table_size) return NULL;
  for (unsigned bits = 0; bits <= pool->blocks.block_bits; bits++) {
    if (!pool->of_bits[bits]) continue;
    frame *found = pool->table[table_place(pool, ppn >> bits << bits)];
    if (found && found->bits >= bits) return found;
  }
  return NULL;
}

uint64_t frame_free_count(const frame_pool *pool, bool low) {
  return pool->blocks.zones[true].free + (low ? 0 : pool->blocks.zones[false].free);
}

uint64_t frame_used(const frame_pool *pool) {
  return pool->used;
}

uint64_t frame_peak(const frame_pool *pool) {
  return pool->peak;
}

frame *frame_next(const frame_pool *pool, size_t *cursor) {
  while (*cursor < pool->table_size) {
    frame *found = pool->table[(*cursor)++];
    if (found) return found;
  }
  return NULL;
}

bool frame_map(frame *mapped, frame_mapping mapping) {
  if (mapped->mapping_count == mapped->mapping_capacity) {
    uint32_t capacity = mapped->mapping_capacity ? mapped->mapping_capacity * 2 : 1;
    frame_mapping *grown = realloc(mapped->mappings, capacity * sizeof *grown);
    if (!grown) return false;
    mapped->mappings = grown;
    mapped->mapping_capacity = capacity;
  }
  mapped->mappings[mapped->mapping_count++] = mapping;
  return true;
}

bool frame_unmap(frame *mapped, frame_mapping mapping) {
  for (uint32_t i = 0; i < mapped->mapping_count; i++) {
    const frame_mapping *at = &mapped->mappings[i];
    if (at->process != mapping.process || at->va != mapping.va) continue;
    mapped->mappings[i] = mapped->mappings[--mapped->mapping_count];
    return true;
  }
  return false;
}

void frame_clock_add(frame_pool *pool, frame *added) {
  if (!pool->hand) pool->hand = added->before = added->behind = added;
  added->behind = pool->hand;
  added->before = pool->hand->before;
  added->before->behind = added;
  added->behind->before = added;
  pool->on_clock++;
}

void frame_clock_remove(frame_pool *pool, frame *removed) {
  if (!removed->before) return;
  if (pool->hand == removed) pool->hand = removed->behind == removed ? NULL : removed->behind;
  removed->before->behind = removed->behind;
  removed->behind->before = removed->before;
  removed->before = removed->behind = NULL;
  pool->on_clock--;
}

frame *frame_clock_turn(frame_pool *pool) {
  frame *under = pool->hand;
  if (under) pool->hand = under->behind;
  return under;
}

size_t frame_clock_count(const frame_pool *pool) {
  return pool->on_clock;
}
