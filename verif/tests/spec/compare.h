/* One question to both sides, and whether they answer alike in every respect.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_COMPARE_H
#define TWINWALK_TESTS_SPEC_COMPARE_H

#include "random_memory.h"
#include "subject.h"
#include "tally.h"

/* Both sides' memory of a world. */
typedef struct comparison {
  const subject *oracle;
  random_machine *machine;
  random_memory oracle_memory, naive_memory;
  bool tell; /* print the first difference */
  tally *counts;
} comparison;

/* Each counts what occurred, and a difference if there is one. */
void compare_access(comparison *run, const naive_hart *hart, const naive_access *access);
void compare_pmp_write(comparison *run, const random_pmp_write *write);
void compare_pmp_grant(comparison *run, char privilege, char kind, uint64_t first, unsigned bytes);
void compare_region(comparison *run, uint64_t first, unsigned bytes);
void compare_satp(comparison *run, int xlen, uint64_t satp);

/* The oracle's single decisions, which others use without its walk: an entry, and an access or an entry at a place. */
void compare_entry(comparison *run, const naive_hart *hart, const naive_access *access, uint64_t entry, int level);
void compare_final_check(comparison *run, const naive_hart *hart, const naive_access *access, uint64_t place);
void compare_table_check(comparison *run, const naive_hart *hart, uint64_t place);

/* The hart's state in the oracle's words, for an access; and a difference, counted and told once. */
tw_context compare_context(const naive_hart *hart, const random_machine *machine, char kind);
tw_access compare_kind(char kind);
void compare_difference(comparison *run, const char *what, uint64_t value, unsigned more);

#endif
