/* Random worlds: the control state of a hart, and accesses.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_world.h"

#include "random_draw.h"

static uint64_t sign_extend(uint64_t va, unsigned width) {
  return width >= 64 ? va : (uint64_t)((int64_t)(va << (64 - width)) >> (64 - width));
}

static uint64_t satp_draw(const random_machine *machine, unsigned *translated, uint64_t *state) {
  bool bare = random_one_in(state, 16);
  uint64_t asid = random_bits(state, machine->xlen == 32 ? 9 : 16);
  uint64_t root = random_machine_address(machine, state) >> 12;
  if (random_one_in(state, 16)) root = random_bits(state, machine->xlen == 32 ? 22 : 44);
  if (machine->xlen == 32) {
    *translated = 32;
    return (bare ? 0 : (uint64_t)1 << 31) | asid << 22 | root;
  }
  unsigned scheme = random_below(state, 3);
  *translated = bare ? 64 : 39 + 9 * scheme;
  return (bare ? 0 : (uint64_t)(8 + scheme) << 60) | asid << 44 | root;
}

static void hart_draw(random_world *world, uint64_t *state) {
  naive_hart *hart = &world->hart;
  *hart = (naive_hart){.xlen = world->machine->xlen};
  hart->satp = satp_draw(world->machine, &world->translated, state);
  hart->extensions = (naive_extensions){.svnapot = !random_one_in(state, 3),
                                        .svpbmt = !random_one_in(state, 3),
                                        .svadu = !random_one_in(state, 3),
                                        .svrsw60t59b = random_one_in(state, 2),
                                        .pbmte = !random_one_in(state, 4),
                                        .adue = !random_one_in(state, 4)};
}

void random_world_make(random_world *world, const random_machine *machine, uint64_t *state) {
  *world = (random_world){.machine = machine, .seed = random_next(state)};
  hart_draw(world, state);
  const naive_extensions *has = &world->hart.extensions;
  world->pointers = world->translated / 5 + random_below(state, 3);
  world->corruption = random_below(state, 3) * 10;
  world->read_errors = random_below(state, 2) * 32;
  world->update_errors = random_below(state, 2) * 8;
  world->volatility = random_below(state, 2) * 8;
  world->strays = random_one_in(state, 4) ? 8 : 64;
  world->stale = random_one_in(state, 2) ? 2 : 8;
  world->draws_n = has->svnapot || random_one_in(state, 32);
  world->draws_pbmt = (has->svpbmt && has->pbmte) || random_one_in(state, 32);
  world->draws_rsw = has->svrsw60t59b || random_one_in(state, 32);
  for (int i = 0; i < RANDOM_ADDRESSES; i++) world->addresses[i] = sign_extend(random_next(state), world->translated);
}

/* Sizes: the powers of two mostly, and all the others. Offsets: near those at which the generators put edges. */
static void place_draw(uint64_t *state, naive_access *access) {
  static const unsigned edges[8] = {0, 4, 8, 64, 0x800, 0x1000, 0x1000, 0xffc};
  access->bytes = 1 << random_below(state, 7);
  if (random_one_in(state, 4)) access->bytes = 1 + (int)random_below(state, 64);
  unsigned offset = (unsigned)(access->va & 4095);
  if (random_one_in(state, 2)) offset = (edges[random_below(state, 8)] + 4096 - random_below(state, 64)) % 4096;
  if (random_one_in(state, 2)) offset = offset / (unsigned)access->bytes * (unsigned)access->bytes;
  if (offset + (unsigned)access->bytes > 4096) offset = 4096 - (unsigned)access->bytes;
  access->va = (access->va & ~(uint64_t)4095) + offset;
}

/* An address around those of the world; of an untranslated access, mostly one where memory is. */
static uint64_t address_draw(const random_world *world, const naive_hart *hart, char kind, uint64_t *state) {
  bool translated = naive_privilege(hart, kind) != 'M' && naive_scheme_of(hart->xlen, hart->satp)->levels > 0;
  if (!translated && !random_one_in(state, 8)) {
    return random_one_in(state, 2) ? random_machine_edge(world->machine, state)
                                   : random_machine_address(world->machine, state);
  }
  uint64_t near = random_bits(state, 12 + random_below(state, 16));
  return world->addresses[random_below(state, RANDOM_ADDRESSES)] ^ near;
}

void random_access_draw(const random_world *world, uint64_t *state, naive_hart *hart, naive_access *access) {
  *hart = world->hart;
  uint64_t choice = random_next(state);
  hart->privilege = "MMUUUUUUUSSSSSSS"[choice & 15];
  hart->mprv = choice >> 4 & 1;
  hart->mpp = "USSM"[choice >> 5 & 3];
  hart->sum = choice >> 7 & 1;
  hart->mxr = choice >> 8 & 1;
  if ((choice >> 9 & 31) == 0) hart->extensions.pbmte = !hart->extensions.pbmte;
  if ((choice >> 14 & 31) == 0) hart->extensions.adue = !hart->extensions.adue;
  *access = (naive_access){.kind = "flsa"[choice >> 19 & 3], .speculative = (choice >> 21 & 3) == 0};
  access->va = address_draw(world, hart, access->kind, state);
  if (random_one_in(state, 24)) {
    unsigned lowest = world->translated == 64 ? 40 : world->translated - 1;
    access->va ^= (uint64_t)1 << (lowest + random_below(state, 64 - lowest));
  }
  if (world->machine->xlen == 32 && random_one_in(state, 4)) access->va ^= random_next(state) << 32;
  place_draw(state, access);
}
