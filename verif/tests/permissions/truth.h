/* What the manual says of an access to a page, sentence by sentence: the expectation, written from the rules alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_PERMISSIONS_TRUTH_H
#define TWINWALK_TESTS_PERMISSIONS_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "twinwalk/spec.h"

/* Who asks for what. */
typedef struct truth_access {
  tw_access kind;
  bool user;    /* made with the rights of U-mode; else of S-mode */
  bool sum;     /* sstatus.SUM */
  bool mxr;     /* sstatus.MXR */
  bool updates; /* Svadu: menvcfg.ADUE is 1, and there */
} truth_access;

/* How it ends. */
typedef struct truth {
  tw_reason reason; /* TW_OK: granted */
  unsigned level;   /* of the leaf that grants */
  uint64_t entry;   /* that leaf, as it is in memory afterwards */
  bool update;      /* A, or A and D, were set for this access */
  bool global;      /* an entry on the way, the leaf or a pointer to it, has G */
} truth;

/* entries[l] is the entry that a walk reads at level l, if it gets there; it begins at `level`. No reserved bit is set
 * but N and PBMT, which are there; frames are aligned. */
truth truth_of(const uint64_t *entries, unsigned level, const truth_access *access);

#endif
