/* Random writes to the PMP registers of a machine, and the comparison of both sides' registers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "random_draw.h"
#include "random_machine.h"

/* A value of pmpaddr: the top of a range or a naturally aligned range, often at a page's edge, sometimes everything. */
static uint64_t address_draw(const random_machine *machine, uint64_t *state) {
  static const uint64_t edges[8] = {0, 0, 0, 4, 8, 64, 0x800, 0xffc};
  uint64_t address = random_machine_address(machine, state);
  if (!random_one_in(state, 4)) address = (address & ~(uint64_t)0xfff) + edges[random_below(state, 8)];
  uint64_t value = address >> 2;
  if (random_one_in(state, 2)) {
    unsigned ones = random_one_in(state, 4) ? random_below(state, 54) : random_below(state, 12);
    value = (value >> (ones + 1) << (ones + 1)) | (((uint64_t)1 << ones) - 1);
  }
  if (random_one_in(state, 32)) value = ~(uint64_t)0;
  if (random_one_in(state, 16)) value ^= random_next(state) << 32;
  return value;
}

/* Mostly everything is granted, or all but writes; with MML, any row of its table. */
static uint8_t config_draw(const random_machine *machine, uint64_t *state) {
  bool lockdown = machine->plain_pmp.mml;
  unsigned rights = TW_PMP_R | TW_PMP_W | TW_PMP_X;
  if (random_one_in(state, 6)) rights = TW_PMP_R | TW_PMP_X;
  if (random_one_in(state, lockdown ? 2 : 6)) rights = random_below(state, 8);
  unsigned config = random_below(state, 4) << 3 | rights;
  if (random_one_in(state, lockdown ? 2 : 6)) config |= TW_PMP_L;
  if (random_one_in(state, 8)) config |= random_below(state, 4) << 5;
  return (uint8_t)config;
}

/* An index, mostly of an entry that is there, and mostly a low one: those decide. */
static unsigned index_draw(const random_machine *machine, uint64_t *state) {
  unsigned count = machine->pmp.count;
  if (count == 0 || random_one_in(state, 16)) return random_below(state, TW_PMP_MAX);
  return random_one_in(state, 2) ? random_below(state, count) : random_below(state, 8);
}

random_pmp_write random_machine_pmp_write(const random_machine *machine, uint64_t *state) {
  random_pmp_write write = {.index = index_draw(machine, state)};
  unsigned choice = random_below(state, 16);
  if (choice == 0) {
    write.what = RANDOM_SECURITY;
    write.value = random_one_in(state, 4) ? random_next(state) : random_below(state, 8);
  } else if (choice < 8) {
    write.what = RANDOM_CONFIG;
    write.value = config_draw(machine, state);
  } else {
    write.what = RANDOM_ADDRESS;
    write.value = address_draw(machine, state);
  }
  return write;
}

/* A few entries in a random order, of which some lock others out; and, mostly, a last one that grants everything else
 * to S-mode and U-mode: without it, few accesses come far. */
unsigned random_machine_pmp_setup(const random_machine *machine, uint64_t *state, random_pmp_write *list,
                                  unsigned most) {
  unsigned count = 0, last = machine->pmp.count == 0 ? 0 : machine->pmp.count - 1;
  if (random_one_in(state, 2)) {
    list[count++] = (random_pmp_write){.what = RANDOM_SECURITY, .value = random_below(state, 8)};
  }
  bool grant = !random_one_in(state, 8), before = random_one_in(state, 2);
  const random_pmp_write all[2] = {{.what = RANDOM_ADDRESS, .index = last, .value = ~(uint64_t)0},
                                   {.what = RANDOM_CONFIG, .index = last, .value = TW_PMP_NAPOT | 7}};
  for (int i = 0; i < 2 && grant && before; i++) list[count++] = all[i];
  unsigned rest = random_below(state, random_one_in(state, 2) ? 12 : most - count - 2);
  for (; rest > 0; rest--) {
    list[count++] = random_machine_pmp_write(machine, state);
  }
  for (int i = 0; i < 2 && grant && !before; i++) list[count++] = all[i];
  return count;
}

static bool registers_equal(const random_machine *machine) {
  const tw_pmp *pmp = &machine->pmp;
  const naive_pmp *plain = &machine->plain_pmp;
  uint8_t security = (uint8_t)((plain->mml ? 1 : 0) + (plain->mmwp ? 2 : 0) + (plain->rlb ? 4 : 0));
  if (pmp->mseccfg != security || pmp->count != (unsigned)plain->count || pmp->grain != (unsigned)plain->grain)
    return false;
  for (unsigned i = 0; i < TW_PMP_MAX; i++) {
    if (pmp->cfg[i] != naive_pmp_config(plain, (int)i)) return false;
    if (pmp->addr[i] != naive_pmp_stored_address(plain, (int)i)) return false;
    if (i < pmp->count && tw_pmp_read_addr(pmp, i) != naive_pmp_shown_address(plain, (int)i)) return false;
  }
  return true;
}

bool random_machine_write_both(const subject *oracle, random_machine *machine, const random_pmp_write *write) {
  switch (write->what) {
  case RANDOM_CONFIG:
    oracle->write_cfg(&machine->pmp, write->index, (uint8_t)write->value);
    naive_pmp_write_config(&machine->plain_pmp, (int)write->index, (uint8_t)write->value);
    break;
  case RANDOM_ADDRESS:
    oracle->write_addr(&machine->pmp, write->index, write->value);
    naive_pmp_write_address(&machine->plain_pmp, (int)write->index, write->value);
    break;
  case RANDOM_SECURITY:
    oracle->write_mseccfg(&machine->pmp, write->value);
    naive_pmp_write_security(&machine->plain_pmp, write->value);
    break;
  }
  return registers_equal(machine);
}
