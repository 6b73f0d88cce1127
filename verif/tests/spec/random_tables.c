/* Random page tables and random accesses, biased so that every outcome occurs.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_tables.h"

/* Lowest bits of a virtual address that the scheme of a kind translates. */
static const int TRANSLATED_BITS[WORLD_KINDS] = {32, 39, 48, 57, 32, 64};

/* splitmix64 */
uint64_t random_next(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static unsigned below(uint64_t *state, unsigned limit) {
  return (unsigned)((random_next(state) >> 32) * limit >> 32);
}

static bool one_in(uint64_t *state, unsigned count) {
  return count != 0 && below(state, count) == 0;
}

static uint64_t sign_extend(uint64_t va, int width) {
  return width == 64 ? va : (uint64_t)((int64_t)(va << (64 - width)) >> (64 - width));
}

static uint64_t satp_draw(int kind, uint64_t *state) {
  uint64_t fields = random_next(state);
  switch (kind) {
  case WORLD_BARE32:
  case WORLD_BARE64:
    return 0;
  case WORLD_SV32:
    return (uint64_t)1 << 31 | (fields & 0x7fffffff);
  default:
    return (uint64_t)(8 + kind - WORLD_SV39) << 60 | (fields & 0x0fffffffffffffff);
  }
}

random_world random_world_make(uint64_t seed) {
  uint64_t state = seed;
  random_world world = {.seed = random_next(&state)};
  world.kind = one_in(&state, 32) ? WORLD_BARE32 + (int)below(&state, 2) : (int)below(&state, WORLD_BARE32);
  world.xlen = world.kind == WORLD_SV32 || world.kind == WORLD_BARE32 ? 32 : 64;
  world.satp = satp_draw(world.kind, &state);
  world.pointers = 8 + below(&state, 8);
  world.corruption = below(&state, 3) * 8;
  world.bus_errors = below(&state, 2) * 24;
  for (int i = 0; i < WORLD_ADDRESSES; i++) {
    uint64_t address = random_next(&state);
    if (world.kind == WORLD_BARE64 && i % 2 == 0) address >>= 8; /* of 56 bits, so that it can be granted */
    world.addresses[i] = sign_extend(address, TRANSLATED_BITS[world.kind]);
  }
  return world;
}

/* An address that is not canonical, or not for sure: one bit at or above the highest translated one is flipped. */
static uint64_t upper_bit_flip(const random_world *world, uint64_t va, uint64_t *state) {
  unsigned lowest = (unsigned)TRANSLATED_BITS[world->kind] - 1;
  return va ^ (uint64_t)1 << (lowest + below(state, 64 - lowest));
}

random_access random_access_make(const random_world *world, uint64_t *state) {
  static const char privileges[16] = {'M', 'U', 'U', 'U', 'U', 'U', 'U', 'S', 'S', 'S', 'S', 'S', 'S', 'S', 'S', 'S'};
  static const char kinds[4] = {'f', 'l', 's', 'a'};
  uint64_t choice = random_next(state);
  random_access access = {.privilege = privileges[choice & 15],
                          .kind = kinds[choice >> 4 & 3],
                          .sum = choice >> 6 & 1,
                          .mxr = choice >> 7 & 1};
  uint64_t near = random_next(state) >> (64 - 12 - below(state, 16));
  access.va = world->addresses[choice >> 8 & 3] ^ near;
  if (one_in(state, 16)) access.va = upper_bit_flip(world, access.va, state);
  if (world->xlen == 32 && one_in(state, 4)) access.va ^= random_next(state) << 32;
  return access;
}

/* Breaks one of the rules of Sv step 3, in a pointer or a leaf. */
static uint64_t entry_corrupt(uint64_t entry, unsigned bytes, uint64_t *state) {
  switch (below(state, 4)) {
  case 0:
    return entry & ~(uint64_t)1;
  case 1:
    return (entry & ~(uint64_t)2) | 4;
  case 2:
    return entry ^ (uint64_t)1 << (below(state, 3) == 0 ? 4 : 6 + below(state, 2));
  default:
    return bytes == 8 ? entry | (uint64_t)1 << (54 + below(state, 10)) : entry;
  }
}

/* A page number whose lowest fields are 0, so that it suits a superpage, or all but one bit of them. */
static uint64_t page_draw(unsigned bytes, uint64_t *state) {
  unsigned field = bytes == 8 ? 9 : 10;
  unsigned fields = below(state, bytes == 8 ? 5 : 2);
  unsigned clear = fields * field;
  uint64_t page = random_next(state) >> (bytes == 8 ? 20 : 42);
  page = page >> clear << clear;
  if (clear != 0 && one_in(state, 8)) page |= (uint64_t)1 << below(state, clear);
  return page;
}

static uint64_t pointer_draw(unsigned bytes, uint64_t *state) {
  uint64_t page = random_next(state) >> (bytes == 8 ? 20 : 42);
  uint64_t global = one_in(state, 8) ? 0x20 : 0;
  uint64_t software = below(state, 4);
  return page << 10 | software << 8 | global | 1;
}

static uint64_t leaf_draw(unsigned bytes, uint64_t *state) {
  static const uint64_t rights[8] = {2, 6, 8, 10, 14, 6, 14, 10};
  uint64_t entry = page_draw(bytes, state) << 10 | 1 | rights[below(state, 8)];
  entry |= (uint64_t)below(state, 4) << 8;
  entry |= one_in(state, 2) ? 0x10 : 0;
  entry |= one_in(state, 8) ? 0x20 : 0;
  entry |= one_in(state, 8) ? 0 : 0x40;
  entry |= one_in(state, 4) ? 0 : 0x80;
  return entry;
}

bool random_world_read(const random_world *world, uint64_t address, unsigned bytes, uint64_t *value) {
  uint64_t state = world->seed ^ address * 0xd6e8feb86659fd93u;
  if (one_in(&state, world->bus_errors)) return false;
  bool pointer = below(&state, 16) < world->pointers;
  uint64_t entry = pointer ? pointer_draw(bytes, &state) : leaf_draw(bytes, &state);
  if (one_in(&state, world->corruption)) entry = entry_corrupt(entry, bytes, &state);
  *value = entry;
  return true;
}
