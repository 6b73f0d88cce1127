/* Free frames, block by block: a bitmap for each block that was touched, on a list that says how much of it is free.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame_blocks.h"

#include <stdlib.h>

#define RUN_MASK UINT64_C(0xffff)

static uint64_t mix(uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

/* splitmix64: every seed, 0 too, gives a sequence of its own. */
static uint64_t draw(frame_blocks *blocks) {
  return mix(blocks->random += 0x9e3779b97f4a7c15u);
}

static uint64_t zone_blocks(const frame_zone *zone, unsigned block_bits) {
  if (zone->first == zone->end) return 0;
  return ((zone->end - 1) >> block_bits) - (zone->first >> block_bits) + 1;
}

static void zone_open(frame_zone *zone, uint64_t first, uint64_t end, unsigned block_bits, uint64_t seed) {
  *zone = (frame_zone){.first = first, .end = end, .free = end - first, .seed = seed};
  uint64_t count = zone_blocks(zone, block_bits);
  while ((UINT64_C(1) << zone->order_bits) < count) zone->order_bits++;
}

void frame_blocks_open(frame_blocks *blocks, uint64_t base, uint64_t count, uint64_t low_count, unsigned block_bits,
                       uint64_t seed) {
  uint64_t boundary = base + (low_count < count ? low_count : count);
  *blocks = (frame_blocks){.block_bits = block_bits, .random = seed};
  zone_open(&blocks->zones[true], base, boundary, block_bits, mix(seed + 1));
  zone_open(&blocks->zones[false], boundary, base + count, block_bits, mix(seed + 2));
}

void frame_blocks_close(frame_blocks *blocks) {
  for (size_t i = 0; i < blocks->table_size; i++) free(blocks->table[i]);
  free(blocks->table);
  *blocks = (frame_blocks){0};
}

/* The n-th number of the zone's order: a one-to-one function of numbers of order_bits bits. */
static uint64_t zone_order(const frame_zone *zone, uint64_t n) {
  uint64_t mask = (UINT64_C(1) << zone->order_bits) - 1;
  for (unsigned round = 0; round < 4; round++) {
    uint64_t key = mix(zone->seed + round);
    n = (n * (key | 1) + (key >> 17)) & mask;
    n ^= n >> (zone->order_bits / 2 + 1);
  }
  return n;
}

static size_t table_place(const frame_blocks *blocks, uint64_t number, bool low) {
  size_t at = (size_t)mix(number * 2 + low) & (blocks->table_size - 1);
  for (const frame_block *found; (found = blocks->table[at]); at = (at + 1) & (blocks->table_size - 1)) {
    if (found->number == number && found->low == low) break;
  }
  return at;
}

static frame_block *table_find(const frame_blocks *blocks, uint64_t number, bool low) {
  return blocks->table_size ? blocks->table[table_place(blocks, number, low)] : NULL;
}

static bool table_grow(frame_blocks *blocks) {
  if (blocks->table_used * 2 < blocks->table_size) return true;
  frame_blocks grown = *blocks;
  grown.table_size = blocks->table_size ? blocks->table_size * 2 : 16;
  grown.table = calloc(grown.table_size, sizeof(frame_block *));
  if (!grown.table) return false;
  for (size_t i = 0; i < blocks->table_size; i++) {
    frame_block *moved = blocks->table[i];
    if (moved) grown.table[table_place(&grown, moved->number, moved->low)] = moved;
  }
  free(blocks->table);
  *blocks = grown;
  return true;
}

static void list_remove(frame_zone *zone, frame_block *block) {
  if (block->before)
    block->before->next = block->next;
  else
    zone->lists[block->vacancy] = block->next;
  if (block->next) block->next->before = block->before;
}

static void list_add(frame_zone *zone, frame_block *block, frame_vacancy vacancy) {
  block->vacancy = vacancy;
  block->before = NULL;
  block->next = zone->lists[vacancy];
  if (block->next) block->next->before = block;
  zone->lists[vacancy] = block;
}

static frame_vacancy vacancy_of(const frame_blocks *blocks, const frame_block *block) {
  if (!block->free) return VACANCY_NONE;
  if (block->free == 1u << blocks->block_bits) return VACANCY_WHOLE;
  return block->free_runs ? VACANCY_RUNS : VACANCY_BROKEN;
}

static bool run_is_free(const frame_block *block, unsigned at) {
  return !(block->used[at / 64] >> (at % 64 & ~15u) & RUN_MASK);
}

static void bits_set(frame_block *block, unsigned first, unsigned count, bool used) {
  for (unsigned at = first; at < first + count; at++) {
    bool was_run = run_is_free(block, at);
    uint64_t bit = UINT64_C(1) << at % 64;
    block->used[at / 64] = used ? block->used[at / 64] | bit : block->used[at / 64] & ~bit;
    block->free_runs = block->free_runs - was_run + run_is_free(block, at);
  }
  block->free = used ? block->free - count : block->free + count;
}

/* Makes the record of a block that was not touched yet. */
static frame_block *block_make(frame_blocks *blocks, uint64_t number, bool low) {
  frame_zone *zone = &blocks->zones[low];
  frame_block *block = table_grow(blocks) ? malloc(sizeof *block) : NULL;
  if (!block) return NULL;
  *block = (frame_block){.number = number, .low = low};
  for (unsigned i = 0; i < FRAME_BLOCK_WORDS; i++) block->used[i] = UINT64_MAX;
  uint64_t first = number << blocks->block_bits, end = (number + 1) << blocks->block_bits;
  uint64_t from = first < zone->first ? zone->first : first, to = end < zone->end ? end : zone->end;
  bits_set(block, (unsigned)(from - first), (unsigned)(to - from), false);
  blocks->table[table_place(blocks, number, low)] = block;
  blocks->table_used++;
  list_add(zone, block, vacancy_of(blocks, block));
  return block;
}

/* The next block of the seeded order that was not touched yet. NULL if there is none, or memory is out. */
static frame_block *zone_next(frame_blocks *blocks, bool low) {
  frame_zone *zone = &blocks->zones[low];
  uint64_t count = zone_blocks(zone, blocks->block_bits), numbers = count ? UINT64_C(1) << zone->order_bits : 0;
  for (; zone->drawn < numbers; zone->drawn++) {
    uint64_t chosen = zone_order(zone, zone->drawn);
    uint64_t number = (zone->first >> blocks->block_bits) + chosen;
    if (chosen < count && !table_find(blocks, number, low)) return block_make(blocks, number, low);
  }
  return NULL;
}

static void block_change(frame_blocks *blocks, frame_block *block, unsigned first, unsigned count, bool used) {
  frame_zone *zone = &blocks->zones[block->low];
  bits_set(block, first, count, used);
  zone->free = used ? zone->free - count : zone->free + count;
  frame_vacancy vacancy = vacancy_of(blocks, block);
  if (vacancy == block->vacancy) return;
  list_remove(zone, block);
  list_add(zone, block, vacancy);
}

/* The place of the n-th free frame. */
static unsigned block_free_at(const frame_block *block, unsigned n) {
  unsigned word = 0;
  for (;; word++) {
    unsigned here = (unsigned)__builtin_popcountll(~block->used[word]);
    if (n < here) break;
    n -= here;
  }
  uint64_t free_bits = ~block->used[word];
  while (n--) free_bits &= free_bits - 1;
  return word * 64 + (unsigned)__builtin_ctzll(free_bits);
}

static bool zone_take(frame_blocks *blocks, bool low, uint64_t *ppn) {
  frame_zone *zone = &blocks->zones[low];
  if (!zone->free) return false;
  frame_block *block = zone->lists[VACANCY_BROKEN];
  if (!block) block = zone->lists[VACANCY_RUNS];
  if (!block) block = zone->lists[VACANCY_WHOLE];
  if (!block) block = zone_next(blocks, low);
  if (!block) return false;
  unsigned at = block_free_at(block, (unsigned)(draw(blocks) % block->free));
  block_change(blocks, block, at, 1, true);
  *ppn = (block->number << blocks->block_bits) + at;
  return true;
}

bool frame_blocks_take(frame_blocks *blocks, bool low, uint64_t *ppn) {
  return (!low && zone_take(blocks, false, ppn)) || zone_take(blocks, true, ppn);
}

bool frame_blocks_take_at(frame_blocks *blocks, uint64_t ppn) {
  bool low = ppn < blocks->zones[true].end;
  const frame_zone *zone = &blocks->zones[low];
  if (ppn < zone->first || ppn >= zone->end) return false;
  uint64_t number = ppn >> blocks->block_bits;
  unsigned at = (unsigned)(ppn - (number << blocks->block_bits));
  frame_block *block = table_find(blocks, number, low);
  if (!block) block = block_make(blocks, number, low);
  if (!block || block->used[at / 64] >> at % 64 & 1) return false;
  block_change(blocks, block, at, 1, true);
  return true;
}

/* The first free run of a size in a block; false if there is none. */
static bool block_run(const frame_blocks *blocks, const frame_block *block, unsigned bits, unsigned *at) {
  unsigned size = 1u << bits;
  for (*at = 0; *at < 1u << blocks->block_bits; *at += size) {
    uint64_t used = 0;
    if (size < 64) used = block->used[*at / 64] >> *at % 64 & ((UINT64_C(1) << size) - 1);
    for (unsigned word = *at / 64; word < (*at + size) / 64 && size >= 64; word++) used |= block->used[word];
    if (!used) return true;
  }
  return false;
}

static bool block_take_run(frame_blocks *blocks, frame_block *block, unsigned bits, uint64_t *ppn) {
  unsigned at;
  if (!block_run(blocks, block, bits, &at)) return false;
  block_change(blocks, block, at, 1u << bits, true);
  *ppn = (block->number << blocks->block_bits) + at;
  return true;
}

static bool list_take_run(frame_blocks *blocks, frame_block *block, unsigned bits, uint64_t *ppn) {
  while (block && !block_take_run(blocks, block, bits, ppn)) block = block->next;
  return block != NULL;
}

static bool zone_take_run(frame_blocks *blocks, bool low, unsigned bits, uint64_t *ppn) {
  frame_zone *zone = &blocks->zones[low];
  if (bits < FRAME_RUN_BITS && list_take_run(blocks, zone->lists[VACANCY_BROKEN], bits, ppn)) return true;
  if (bits < blocks->block_bits && list_take_run(blocks, zone->lists[VACANCY_RUNS], bits, ppn)) return true;
  if (list_take_run(blocks, zone->lists[VACANCY_WHOLE], bits, ppn)) return true;
  frame_block *block = zone_next(blocks, low);
  while (block && !block_take_run(blocks, block, bits, ppn)) block = zone_next(blocks, low);
  return block != NULL;
}

bool frame_blocks_take_run(frame_blocks *blocks, unsigned bits, uint64_t *ppn) {
  if (bits > blocks->block_bits) return false;
  return zone_take_run(blocks, false, bits, ppn) || zone_take_run(blocks, true, bits, ppn);
}

void frame_blocks_give(frame_blocks *blocks, uint64_t ppn, unsigned bits) {
  uint64_t number = ppn >> blocks->block_bits;
  unsigned at = (unsigned)(ppn - (number << blocks->block_bits));
  block_change(blocks, table_find(blocks, number, ppn < blocks->zones[true].end), at, 1u << bits, false);
}
