/* Tables on the way to one page, and a memory that can fail, change behind the walk's back, and be updated.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_WALK_FIXTURE_H
#define TWINWALK_TESTS_SPEC_WALK_FIXTURE_H

#include "twinwalk/spec.h"

#define FIXTURE_ROOT_PPN 0x100u
#define FIXTURE_LEAF_PPN                                                                                               \
  0x80000u /* aligned to the size of a superpage of level 1 in every mode, of level 2 in Sv39                          \
            */
#define FIXTURE_CHANGES 32u

/* Tables at FIXTURE_ROOT_PPN and after it: the entry of `va` in each. Other entries cannot be read. */
typedef struct walk_fixture {
  tw_context context; /* of `machine`, when it is asked */
  tw_machine machine;
  tw_pmp pmp; /* the machine's, if fixture_pmp_use was called */
  unsigned levels;
  uint64_t va;
  uint64_t address[TW_MAX_LEVELS]; /* by level */
  uint64_t entry[TW_MAX_LEVELS];
  int failing_read; /* the level whose read fails; -1 for none */
  bool failing_update;
  unsigned changes, changed; /* stores that others make just before an update: how many, how many of them made */
  uint64_t changes_to[FIXTURE_CHANGES]; /* what they leave */
  unsigned reads, updates;
} walk_fixture;

/* A writable and executable page for S-mode with A and D set, at level 0. */
void fixture_make(walk_fixture *fixture, tw_mode mode);

/* 16 PMP entries; entry 15 grants everything. */
void fixture_pmp_use(walk_fixture *fixture);

/* A PMP entry for the naturally aligned 2^bits bytes at base. */
void fixture_pmp_set(walk_fixture *fixture, unsigned index, uint64_t base, unsigned bits, uint8_t rights);

/* An access of `bytes` at va. The walk begins with bytes of 0x5a, so that what is left alone shows. */
tw_walk fixture_walk(walk_fixture *fixture, tw_access access, unsigned bytes);
tw_walk fixture_walk_speculative(walk_fixture *fixture, tw_access access);

/* The walk ends in this fault, with the cause of the access, no address and so many steps. */
void fixture_expect_fault(walk_fixture *fixture, tw_access access, tw_reason reason, unsigned steps);

#endif
