/* A difference, for a person.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_COMPARE_PRINT_H
#define TWINWALK_TESTS_SPEC_COMPARE_PRINT_H

#include "compare.h"

/* All that a person needs to do the access by hand: the machine, the hart, both answers with their steps, and what
 * either side's memory saw. */
void compare_print_access(const comparison *run, const naive_hart *hart, const naive_access *access,
                          const tw_walk *walk, const naive_answer *naive);

/* Width, regions, and the PMP entries that are not off. */
void compare_print_machine(const random_machine *machine);

#endif
