/* Random machines: width, windows, regions.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_machine.h"

#include <string.h>

#include "random_draw.h"

static void windows_draw(random_machine *machine, uint64_t *state) {
  for (int i = 0; i < RANDOM_WINDOWS; i++) {
    unsigned spare = machine->width - 12;
    unsigned bits = 12 + (random_one_in(state, 2) ? random_below(state, 4) : random_below(state, spare + 1));
    if (random_one_in(state, 4)) bits = machine->width - random_below(state, 3);
    machine->window[i].bits = bits;
    machine->window[i].base = random_bits(state, machine->width - bits) << bits;
  }
}

static bool overlaps(const tw_pma_table *table, uint64_t base, unsigned bits) {
  for (unsigned i = 0; i < table->count; i++) {
    unsigned larger = table->region[i].bits > bits ? table->region[i].bits : bits;
    if (table->region[i].base >> larger == base >> larger) return true;
  }
  return false;
}

static void region_add(random_machine *machine, uint64_t base, unsigned bits, uint64_t *state) {
  tw_pma_table *table = &machine->regions;
  naive_machine *plain = &machine->plain;
  if (table->count == TW_PMA_MAX || overlaps(table, base, bits)) return;
  bool tables = !random_one_in(state, 12);
  bool updates = !random_one_in(state, 5);
  table->region[table->count++] = (tw_pma){
      .base = base, .bits = (uint8_t)bits, .io = random_one_in(state, 4), .tables = tables, .updates = updates};
  naive_number size = (naive_number)1 << bits;
  plain->region[plain->regions++] =
      (naive_region){.first = base, .end = base + size, .tables = tables, .updates = updates};
}

/* The window with so many larger ones before it; they may be equal in size. */
static unsigned window_by_size(const random_machine *machine, unsigned rank) {
  for (unsigned i = 0;; i++) {
    unsigned before = 0;
    for (unsigned j = 0; j < RANDOM_WINDOWS; j++) {
      unsigned bits = machine->window[j].bits;
      before += bits > machine->window[i].bits || (bits == machine->window[i].bits && j < i);
    }
    if (before == rank) return i;
  }
}

/* None, or one a window, mostly the largest first so that few stay vacant, and a few more anywhere. */
static void regions_draw(random_machine *machine, uint64_t *state) {
  machine->regions_there = !random_one_in(state, 4);
  if (!machine->regions_there || random_one_in(state, 4)) return;
  unsigned first = random_below(state, RANDOM_WINDOWS);
  bool by_size = !random_one_in(state, 4);
  for (unsigned i = 0; i < RANDOM_WINDOWS; i++) {
    unsigned window = by_size ? window_by_size(machine, i) : (first + i) % RANDOM_WINDOWS;
    region_add(machine, machine->window[window].base, machine->window[window].bits, state);
  }
  for (unsigned i = random_below(state, 5); i > 0; i--) {
    unsigned bits = 12 + random_below(state, machine->width - 12);
    region_add(machine, random_bits(state, machine->width - bits) << bits, bits, state);
  }
}

static void pmp_draw(random_machine *machine, uint64_t *state) {
  static const unsigned counts[4] = {0, 16, 16, 64};
  machine->pmp_there = !random_one_in(state, 4);
  unsigned count = counts[random_below(state, 4)];
  unsigned grain = random_one_in(state, 2)   ? 0
                   : random_one_in(state, 2) ? random_below(state, 4)
                                             : random_below(state, 21);
  bool smepmp = random_one_in(state, 2);
  memset(&machine->pmp, 0x5a, sizeof machine->pmp);
  machine->pmp.count = count;
  machine->pmp.grain = grain;
  machine->pmp.xlen = (unsigned)machine->xlen;
  machine->pmp.smepmp = smepmp;
  tw_pmp_reset(&machine->pmp);
  naive_pmp_reset(&machine->plain_pmp, (int)count, (int)grain, machine->xlen, smepmp);
}

void random_machine_make(random_machine *machine, uint64_t *state) {
  memset(machine, 0, sizeof *machine);
  bool narrow = random_one_in(state, 4);
  unsigned widest = narrow ? 34 : 56, least = narrow ? 20 : 32;
  machine->xlen = narrow ? 32 : 64;
  machine->width = random_one_in(state, 3) ? widest : least + random_below(state, widest - least + 1);
  bool said = machine->width != widest || random_one_in(state, 2);
  windows_draw(machine, state);
  regions_draw(machine, state);
  pmp_draw(machine, state);
  machine->plain.address_bits = said ? (int)machine->width : 0;
  machine->plain.pmp = machine->pmp_there ? &machine->plain_pmp : NULL;
  machine->oracle = (tw_machine){.pa_bits = said ? machine->width : 0,
                                 .pmp = machine->pmp_there ? &machine->pmp : NULL,
                                 .regions = machine->regions_there ? &machine->regions : NULL};
}

uint64_t random_machine_address(const random_machine *machine, uint64_t *state) {
  unsigned window = random_below(state, RANDOM_WINDOWS);
  return machine->window[window].base + random_bits(state, machine->window[window].bits);
}

uint64_t random_machine_edge(const random_machine *machine, uint64_t *state) {
  const naive_pmp *pmp = &machine->plain_pmp;
  if (pmp->count == 0 || random_one_in(state, 8)) return random_machine_address(machine, state);
  const naive_rule *rule = &pmp->rule[random_below(state, random_one_in(state, 2) ? 8 : (unsigned)pmp->count)];
  if (rule->end <= rule->first) return random_machine_address(machine, state);
  uint64_t place = (uint64_t)(random_one_in(state, 2) ? rule->first : rule->end);
  place += random_below(state, 80);
  place -= place < 64 ? 0 : 64;
  return place & (((uint64_t)1 << machine->width) - 1);
}
