/* A process with code, data and a stack, and what tests ask of the records it gives.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SPACE_TEST_PROCESS_H
#define SPACE_TEST_PROCESS_H

#include "machine.h"

#define RW (TW_PROT_READ | TW_PROT_WRITE)
#define RX (TW_PROT_READ | TW_PROT_EXECUTE)
#define CODE 0x10000u
#define DATA 0x20000u
#define STACK_END 0xbff00000u

void feed(test_machine *machine, tw_record record);
/* Opens a machine with code, data and a stack of one page. */
void process_open(test_machine *machine, tw_mode mode);
/* The kinds of records from `first` on, a letter each: C control, F L S kernel accesses, f l s the program's, P store,
 * V fence. */
const char *shape(const test_machine *machine, size_t first, char *text, size_t size);
/* Asserts that every record is ordered after the last control write, by itself, by what it waits for, or by its port.
 */
void check_order(const test_machine *machine);
/* A walk over code and data that faults often, with changes of the map in between. */
void play_mixture(test_machine *machine, unsigned steps);
/* Stores to so many pages. */
void touch(test_machine *machine, uint64_t start, unsigned pages);

#endif
