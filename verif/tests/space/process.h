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

/* Every mode, with answers at once and late: the body runs for each. */
#define FOR_EACH_MACHINE(mode, late)                                                                                   \
  for (unsigned each_ = 0; each_ < 8; each_++)                                                                         \
    for (bool late = each_ & 1, *once_ = &(bool){true}; *once_; *once_ = false)                                        \
      for (tw_mode mode = (tw_mode)(TW_SV32 + each_ / 2); *once_; *once_ = false)

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
/* A machine of small memory and a swap device, its process with code, data and a stack; checks are on. */
tw_space_options small_machine(tw_mode mode);
void small_open(test_machine *machine, const tw_space_options *options, bool late);
/* Asserts that the checks found nothing and everything adds up, and closes the machine. */
void small_close(test_machine *machine);
/* Program records of processes. */
tw_record program_process(tw_record_kind kind, uint32_t number);
tw_record program_file(uint64_t start, uint64_t length, uint8_t prot, const char *name, bool shared);
/* Physical address of a page of the n-th process, by its tables as the space has them; 0: it is not in memory. */
uint64_t page_pa(const test_machine *machine, size_t process, uint64_t va);
tw_space_page page_at(const test_machine *machine, size_t process, uint64_t va);
/* A store or a load of 8 bytes; the process that runs from now on. */
void store(test_machine *machine, uint64_t va);
void load(test_machine *machine, uint64_t va);
void switch_to(test_machine *machine, uint32_t number);
/* Fences of one form among the records from `first` on. */
unsigned fences_from(const test_machine *machine, size_t first, bool has_va, bool has_asid);
/* Stores to so many pages. */
void touch(test_machine *machine, uint64_t start, unsigned pages);

#endif
