/* A campaign: machine after machine, world after world, access after access, on both sides.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "campaign.h"

#include "compare.h"
#include "random_draw.h"

#define WORLDS_PER_MACHINE 24u
#define ACCESSES_PER_WORLD 10u
#define PROBES_PER_WORLD 4u
#define LOCKDOWN_PROBES_PER_WORLD 16u /* with MML: there are 16 rules, for two kinds of privilege */
#define DECISIONS_PER_WORLD 4u
#define SETUP_MOST 40u

/* An entry of the world's memory, judged alone at some level for some access; and what is behind an address. */
static void decisions_make(comparison *run, const random_world *world, uint64_t *state) {
  naive_hart hart;
  naive_access access;
  random_access_draw(world, state, &hart, &access);
  const naive_scheme *scheme = naive_scheme_of(hart.xlen, hart.satp);
  uint64_t place = random_machine_address(run->machine, state);
  if (random_one_in(state, 4)) place = random_bits(state, hart.xlen == 32 ? 34 : 56);
  compare_final_check(run, &hart, &access, place);
  if (scheme->levels == 0) return;
  bool readable, updatable;
  uint64_t entry = random_entry(world, place, (unsigned)scheme->entry_bytes, &readable, &updatable);
  compare_entry(run, &hart, &access, entry, (int)random_below(state, (unsigned)scheme->levels));
  compare_table_check(run, &hart, place / 8 * 8);
}

static void probes_make(comparison *run, uint64_t *state) {
  static const char privileges[4] = {'M', 'M', 'S', 'U'};
  unsigned probes = run->machine->plain_pmp.mml ? LOCKDOWN_PROBES_PER_WORLD : PROBES_PER_WORLD;
  for (unsigned i = 0; i < probes; i++) {
    uint64_t place = random_machine_edge(run->machine, state);
    uint64_t choice = random_next(state);
    unsigned bytes = 1 + random_below(state, 64);
    compare_pmp_grant(run, privileges[choice & 3], "flsa"[choice >> 2 & 3], place, bytes);
    const naive_machine *plain = &run->machine->plain;
    if (plain->regions > 0) {
      const naive_region *region = &plain->region[random_below(state, (unsigned)plain->regions)];
      uint64_t edge = (uint64_t)(random_one_in(state, 2) ? region->first : region->end);
      compare_region(run, edge + random_below(state, 80) - (edge < 64 ? 0 : 64), bytes);
    }
  }
  uint64_t satp = random_next(state);
  if (random_one_in(state, 2)) satp &= ~((uint64_t)4 << 60);
  compare_satp(run, random_one_in(state, 2) ? 32 : 64, satp);
}

static void world_play(comparison *run, uint64_t *state, uint64_t accesses) {
  random_world world;
  random_world_make(&world, run->machine, state);
  random_memory_begin(&run->oracle_memory, &world);
  random_memory_begin(&run->naive_memory, &world);
  for (uint64_t i = 0; i < accesses; i++) {
    naive_hart hart;
    naive_access access;
    random_access_draw(&world, state, &hart, &access);
    compare_access(run, &hart, &access);
  }
  probes_make(run, state);
  for (unsigned i = 0; i < DECISIONS_PER_WORLD; i++) decisions_make(run, &world, state);
}

static void machine_set_up(comparison *run, uint64_t *state) {
  random_pmp_write list[SETUP_MOST];
  random_machine_make(run->machine, state);
  unsigned writes = random_machine_pmp_setup(run->machine, state, list, SETUP_MOST);
  for (unsigned i = 0; i < writes; i++) compare_pmp_write(run, &list[i]);
}

void campaign_run(const subject *oracle, uint64_t seed, uint64_t accesses, campaign_manner manner, tally *counts) {
  static random_machine machine;
  static comparison run;
  run = (comparison){.oracle = oracle, .machine = &machine, .tell = manner == CAMPAIGN_TELL, .counts = counts};
  uint64_t state = seed;
  while (accesses > 0) {
    machine_set_up(&run, &state);
    for (unsigned i = 0; i < WORLDS_PER_MACHINE && accesses > 0; i++) {
      if (manner == CAMPAIGN_SEARCH && counts->differences > 0) return;
      uint64_t here = accesses < ACCESSES_PER_WORLD ? accesses : ACCESSES_PER_WORLD;
      world_play(&run, &state, here);
      accesses -= here;
      if (random_one_in(&state, 4)) {
        random_pmp_write write = random_machine_pmp_write(&machine, &state);
        compare_pmp_write(&run, &write);
      }
    }
  }
}
