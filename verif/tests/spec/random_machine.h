/* Random machines: a physical width, windows of memory in which most addresses lie, regions around them, and PMP
 * registers that are written on both sides.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_RANDOM_MACHINE_H
#define TWINWALK_TESTS_SPEC_RANDOM_MACHINE_H

#include "naive_walk.h"
#include "subject.h"

#define RANDOM_WINDOWS 4

/* A machine, as either side sees it. */
typedef struct random_machine {
  int xlen;
  unsigned width; /* implemented bits of a physical address */
  struct {
    uint64_t base;
    unsigned bits;
  } window[RANDOM_WINDOWS];
  bool pmp_there;
  tw_pmp pmp;
  tw_pma_table regions;
  bool regions_there; /* else the oracle gets NULL */
  tw_machine oracle;
  naive_pmp plain_pmp;
  naive_machine plain;
} random_machine;

/* A write of a PMP register. */
typedef struct random_pmp_write {
  enum { RANDOM_CONFIG, RANDOM_ADDRESS, RANDOM_SECURITY } what;
  unsigned index;
  uint64_t value;
} random_pmp_write;

/* Fills a machine, its PMP as after a reset. It points at itself: it must not be moved. */
void random_machine_make(random_machine *machine, uint64_t *state);

/* A physical address in one of the windows, of any alignment. */
uint64_t random_machine_address(const random_machine *machine, uint64_t *state);

/* One near an end of what a PMP entry holds, if there is such an entry. */
uint64_t random_machine_edge(const random_machine *machine, uint64_t *state);

/* The writes with which software sets a machine's PMP up: fills list[], at most `most`; says how many. */
unsigned random_machine_pmp_setup(const random_machine *machine, uint64_t *state, random_pmp_write *list,
                                  unsigned most);

/* One more write to any register. */
random_pmp_write random_machine_pmp_write(const random_machine *machine, uint64_t *state);

/* Makes a write on both sides. Says whether the registers are equal afterwards. */
bool random_machine_write_both(const subject *oracle, random_machine *machine, const random_pmp_write *write);

#endif
