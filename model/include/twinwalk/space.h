/* Address spaces: the operating system's side. Program records and an MMU's answers go in, MMU records come out.
 *
 * The space has no clock and touches no MMU: it maps pages on demand, answers page faults (maps the page, sets A and D,
 * or reports a segmentation fault), and says every page-table store and fence as an MMU record. docs/address-spaces.md.
 *
 *   while (tw_space_take(...))  play the record, tell answers as they come
 *   tw_space_hungry(...)        feed the next program record, or the program is over
 *   else                        go on until an access is answered
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_H
#define TWINWALK_SPACE_H

#include "twinwalk/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Accesses that may be handed out and not yet answered. */
#define TW_SPACE_PENDING_MAX 64u

/* Segmentation faults of which the space keeps the particulars; all are counted. */
#define TW_SPACE_SEGFAULTS_KEPT 64u

typedef struct tw_space tw_space;

typedef struct tw_space_options {
  tw_mode mode;         /* any that translates */
  uint16_t asid;        /* of the process */
  uint64_t frame_base;  /* physical address of the first frame, a multiple of 4096; 0: 0x80000000 */
  uint64_t frame_count; /* frames of 4096 bytes; 0: 65536 (256 MiB) on Sv32, else 262144 (1 GiB) */
  uint64_t seed;        /* order in which frames are handed out */
  unsigned pa_bits;     /* of a physical address that are implemented; 0: the mode's */
  unsigned pmp_entries; /* not 0: entry 0 is made to grant everything before M-mode is left */
} tw_space_options;

/* What the operating system's side has done so far. */
typedef struct tw_space_counts {
  uint64_t program_accesses; /* as they came, without those of other processes */
  uint64_t page_crossings;   /* accesses that were split at a page boundary */
  uint64_t page_faults;      /* answered by mapping a page or by setting A or D */
  uint64_t pages_mapped;
  uint64_t accessed_set;        /* faults that only set A (and D) */
  uint64_t dirty_set;           /* faults that only set D */
  uint64_t spurious_faults;     /* the entry grants the access: asked again behind the handler that made it so */
  uint64_t segmentation_faults; /* nothing is there, or the region does not allow it */
  uint64_t access_faults;       /* answered with an access fault: counted, not asked again */
  uint64_t unplayed_accesses;   /* segmentation faults at addresses that the mode does not have */
  uint64_t foreign_records;     /* of other processes: left out */
  uint64_t fences;
  uint64_t stores;          /* page-table stores */
  uint64_t kernel_accesses; /* accesses of the trap handler */
  uint64_t frames_used;     /* with page tables */
  uint64_t regions_rebased;
} tw_space_counts;

/* A region that did not fit the mode and was moved as a whole. */
typedef struct tw_space_rebase {
  uint64_t from, to, length; /* bytes */
} tw_space_rebase;

/* An access that the regions do not allow. */
typedef struct tw_space_segfault {
  uint64_t record; /* number of the program record */
  uint64_t va;     /* as in the program */
  tw_access kind;
  tw_reason reason; /* what the MMU answered; TW_OK: it was not played, the mode has no such address */
} tw_space_segfault;

/* Opens a space for one process; the caller closes it. NULL and error on failure. */
tw_space *tw_space_open(const tw_space_options *options, const tw_trace_header *program, tw_error *error);
void tw_space_close(tw_space *space); /* NULL is allowed */

/* Whether the next program record may be fed: everything was taken, and no answer is awaited that it depends on. */
bool tw_space_hungry(const tw_space *space);

/* Takes the next program record; what it makes of it is then taken with tw_space_take. False and error if the space is
 * not hungry or the record cannot be taken (a region that has no place, a break below the heap). */
bool tw_space_feed(tw_space *space, const tw_record *program, tw_error *error);

/* Hands out the next MMU record, in order, with its number set. False if there is none now: feed more if the space is
 * hungry, else wait for answers. */
bool tw_space_take(tw_space *space, tw_record *mmu);

/* Takes the final answer to an access that was handed out; every access's must be told. A fault queues the handler's
 * records and the access again, before anything that was not yet handed out. False and error if frames are out. */
bool tw_space_answer(tw_space *space, const tw_record_answer *answer, tw_error *error);

void tw_space_count(const tw_space *space, tw_space_counts *counts);

/* The n-th rebased region, in the order of moving; false if there are fewer, or beyond the first 1024. */
bool tw_space_rebased(const tw_space *space, size_t n, tw_space_rebase *rebase);

/* The n-th segmentation fault; false if there were fewer, or beyond the first TW_SPACE_SEGFAULTS_KEPT. */
bool tw_space_segfault_at(const tw_space *space, size_t n, tw_space_segfault *fault);

/* Sets the keys that an MMU trace made by this space has in its header (docs/traces.md: what it needs). */
bool tw_space_describe(const tw_space *space, tw_trace_header *mmu, tw_error *error);

#ifdef __cplusplus
}
#endif
#endif
