/* Address spaces: the operating system's side. Program records and an MMU's answers go in, MMU records come out.
 *
 * The space has no clock and touches no MMU: it maps pages on demand, answers page faults (maps the page, sets A and D, or
 * reports a segmentation fault), and says every page-table store and fence as an MMU record.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_H
#define TWINWALK_SPACE_H

#include "twinwalk/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_space tw_space;

typedef struct tw_space_options {
  tw_mode mode;          /* TW_SV32 or TW_SV39 */
  uint16_t asid;         /* of the process */
  uint64_t frame_base;   /* physical address of the first frame; 0: 0x80000000 */
  uint64_t frame_count;  /* frames of 4096 bytes; 0: 262144 (1 GiB) */
  uint64_t seed;         /* order in which frames are handed out */
} tw_space_options;

/* What the operating system's side has done so far. */
typedef struct tw_space_counts {
  uint64_t program_accesses;   /* as they came */
  uint64_t page_crossings;     /* accesses that were split at a page boundary */
  uint64_t page_faults;        /* answered by mapping a page or by setting A or D */
  uint64_t pages_mapped;
  uint64_t accessed_set;       /* faults that only set A (and D) */
  uint64_t dirty_set;
  uint64_t segmentation_faults;/* nothing is there, or the region does not allow it */
  uint64_t fences;
  uint64_t stores;             /* page-table stores */
  uint64_t kernel_accesses;    /* accesses of the trap handler */
  uint64_t frames_used;        /* with page tables */
  uint64_t regions_rebased;
} tw_space_counts;

/* A region that did not fit the mode and was moved as a whole. */
typedef struct tw_space_rebase {
  uint64_t from, to, length; /* bytes */
} tw_space_rebase;

/* Opens a space for one process; the caller closes it. NULL and error on failure. */
tw_space *tw_space_open(const tw_space_options *options, const tw_trace_header *program, tw_error *error);
void tw_space_close(tw_space *space);

/* Takes the next program record; what it makes of it is then taken with tw_space_take. False and error if it cannot be
 * (a map that overlaps the kernel, an address that cannot be placed). */
bool tw_space_feed(tw_space *space, const tw_record *program, tw_error *error);

/* Hands out the next MMU record, in order, with its number set. False if there is none now: feed more. */
bool tw_space_take(tw_space *space, tw_record *mmu);

/* Takes the answer to an access that was handed out; a fault queues the handler's records and the access again, before anything
 * that was not yet handed out. False and error if frames are exhausted. */
bool tw_space_answer(tw_space *space, const tw_record_answer *answer, tw_error *error);

void tw_space_count(const tw_space *space, tw_space_counts *counts);

/* The n-th rebased region, in the order in which they were moved; false if there are fewer. */
bool tw_space_rebased(const tw_space *space, size_t n, tw_space_rebase *rebase);

/* Sets the keys that an MMU trace made by this space has in its header (docs/traces.md: what it needs). */
bool tw_space_describe(const tw_space *space, tw_trace_header *mmu, tw_error *error);

#ifdef __cplusplus
}
#endif
#endif
