/* Machines with large pages of every size, and what tests of them ask.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SPACE_TEST_HUGE_MACHINE_H
#define SPACE_TEST_HUGE_MACHINE_H

#include "process.h"

#define LARGE UINT64_C(0x40000000) /* where its region of 16 MiB begins: aligned in every mode */
#define PAGE UINT64_C(0x1000)

/* Pages of 4 MiB; of 2 MiB; these and 64 KiB. */
typedef struct huge_kind {
  const char *name;
  tw_mode mode;
  bool svnapot, adue;
} huge_kind;

enum { HUGE_KINDS = 7 };
extern const huge_kind huge_kinds[HUGE_KINDS];

uint64_t huge_pages_of(const huge_kind *of); /* in a large page */
bool huge_has_runs(const huge_kind *of);
/* 32 MiB of frames, as much swap, every check, and huge pages. */
tw_space_options huge_options_of(const huge_kind *of);
/* A machine with a TLB and the region. */
void huge_open_with(test_machine *machine, const tw_space_options *options);
void huge_open_kind(test_machine *machine, const huge_kind *of);
/* Asserts that nothing was lost, nobody saw what is not theirs and everything adds up, and closes it. */
void huge_close_well(test_machine *machine);
/* An access to each of so many pages. */
void huge_access_pages(test_machine *machine, tw_access access, uint64_t start, uint64_t pages);
tw_walk huge_looked_at(test_machine *machine, uint64_t va);
bool huge_is_large(test_machine *machine, uint64_t va);
bool huge_is_run(test_machine *machine, uint64_t va);

#endif
