/* What the memory of a random world holds: pointers, leaves, and entries broken in one way each.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_draw.h"
#include "random_world.h"

/* The sequence that an address begins; `salt` tells the uses apart. */
static uint64_t sequence(const random_world *world, uint64_t address, uint64_t salt) {
  uint64_t state = world->seed ^ address * 0xd6e8feb86659fd93u ^ salt * 0xa0761d6478bd642fu;
  return random_next(&state);
}

/* A page number in the windows, or far from them. */
static uint64_t page_draw(const random_world *world, unsigned bytes, uint64_t *state) {
  if (random_one_in(state, world->strays)) return random_bits(state, bytes == 8 ? 44 : 22);
  return random_machine_address(world->machine, state) >> 12;
}

/* Bits above the page number, as far as the world sets them. */
static uint64_t upper_draw(const random_world *world, uint64_t *state) {
  uint64_t upper = 0;
  if (world->draws_rsw) upper |= random_bits(state, 2) << 59;
  if (world->draws_pbmt && random_one_in(state, 2)) upper |= (uint64_t)random_below(state, 3) << 61;
  if (world->draws_pbmt && random_one_in(state, 24)) upper |= (uint64_t)3 << 61;
  return upper;
}

static uint64_t pointer_draw(const random_world *world, unsigned bytes, uint64_t *state) {
  uint64_t entry = page_draw(world, bytes, state) << 10 | 1;
  if (random_one_in(state, 8)) entry |= TW_PTE_G;
  entry |= random_bits(state, 2) << 8;
  if (bytes == 8 && world->draws_rsw) entry |= random_bits(state, 2) << 59;
  return entry;
}

/* A page number whose lowest fields are 0, so that it suits a superpage, or all but one bit of them; or one of 64 KiB,
 * or one that almost is. */
static uint64_t leaf_page_draw(const random_world *world, unsigned bytes, uint64_t *state) {
  uint64_t page = page_draw(world, bytes, state);
  if (random_one_in(state, 4)) page = random_machine_edge(world->machine, state) >> 12;
  if (bytes == 8 && world->draws_n && random_one_in(state, 4)) {
    uint64_t last = random_one_in(state, 8) ? random_bits(state, 4) : 8;
    return page >> 4 << 4 | last | (uint64_t)1 << 53;
  }
  unsigned most = bytes == 8 ? 4 : 1, field = bytes == 8 ? 9 : 10;
  unsigned clear = (random_one_in(state, 2) ? most : random_below(state, most + 1)) * field;
  page = page >> clear << clear;
  if (clear != 0 && random_one_in(state, 8)) page |= (uint64_t)1 << random_below(state, clear);
  return page;
}

static uint64_t leaf_draw(const random_world *world, unsigned bytes, uint64_t *state) {
  static const uint64_t rights[8] = {2, 6, 8, 10, 14, 6, 14, 10};
  uint64_t entry = leaf_page_draw(world, bytes, state) << 10 | 1 | rights[random_below(state, 8)];
  entry |= random_bits(state, 2) << 8;
  if (random_one_in(state, 2)) entry |= TW_PTE_U;
  if (random_one_in(state, 8)) entry |= TW_PTE_G;
  if (!random_one_in(state, world->stale)) entry |= TW_PTE_A;
  if (!random_one_in(state, world->stale)) entry |= TW_PTE_D;
  return bytes == 8 ? entry | upper_draw(world, state) : entry;
}

/* Breaks one rule, in a pointer or a leaf. */
static uint64_t entry_corrupt(uint64_t entry, unsigned bytes, uint64_t *state) {
  switch (random_below(state, 5)) {
  case 0:
    return entry & ~(uint64_t)TW_PTE_V;
  case 1:
    return (entry & ~(uint64_t)TW_PTE_R) | TW_PTE_W;
  case 2:
    return entry ^ (random_one_in(state, 3) ? TW_PTE_U : random_one_in(state, 2) ? TW_PTE_A : TW_PTE_D);
  case 3:
    return bytes == 8 ? entry | (uint64_t)1 << (59 + random_below(state, 5)) : entry;
  default:
    return bytes == 8 ? entry | (uint64_t)1 << (54 + random_below(state, 5)) : entry;
  }
}

static uint64_t entry_draw(const random_world *world, unsigned bytes, uint64_t *state) {
  bool pointer = random_below(state, 16) < world->pointers;
  uint64_t entry = pointer ? pointer_draw(world, bytes, state) : leaf_draw(world, bytes, state);
  if (random_one_in(state, world->corruption)) entry = entry_corrupt(entry, bytes, state);
  return bytes == 8 ? entry : entry & 0xffffffff;
}

uint64_t random_entry(const random_world *world, uint64_t address, unsigned bytes, bool *readable, bool *updatable) {
  uint64_t state = sequence(world, address, 1);
  *readable = !random_one_in(&state, world->read_errors);
  *updatable = !random_one_in(&state, world->update_errors);
  return entry_draw(world, bytes, &state);
}

unsigned random_entry_changes(const random_world *world, uint64_t address) {
  uint64_t state = sequence(world, address, 2);
  if (!random_one_in(&state, world->volatility)) return 0;
  return random_one_in(&state, 6) ? 12 : 1 + random_below(&state, 3);
}

/* Mostly a change that leaves a leaf a leaf: bits for software, permissions, A and D set by the other hart. An entry
 * with many changes only counts in the bits for software, so that one update is lost after the other. */
uint64_t random_entry_change(const random_world *world, uint64_t address, unsigned bytes, unsigned reads,
                             uint64_t old) {
  uint64_t state = sequence(world, address, 2 + reads);
  if (random_entry_changes(world, address) > 4) return old ^ (uint64_t)(reads ^ (reads - 1)) % 4 << 8;
  switch (random_below(&state, 8)) {
  case 0:
    return old & ~(uint64_t)TW_PTE_V;
  case 1:
    return old ^ TW_PTE_U;
  case 2:
    return old ^ TW_PTE_W;
  case 3:
    return old | TW_PTE_A;
  case 4:
    return old | TW_PTE_A | TW_PTE_D;
  case 5:
    return entry_draw(world, bytes, &state);
  default:
    return old ^ 1u << (8 + random_below(&state, 2));
  }
}

bool random_entry_goes(const random_world *world, uint64_t address, unsigned reads) {
  uint64_t state = sequence(world, address, 100 + reads);
  return world->read_errors != 0 && random_one_in(&state, 12);
}
