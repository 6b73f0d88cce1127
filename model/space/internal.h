/* What the files of the space share: its state, and the steps of its kernel.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_INTERNAL_H
#define TWINWALK_SPACE_INTERNAL_H

#include "queue.h"
#include "rebase.h"
#include "table.h"
#include "twinwalk/region.h"
#include "twinwalk/space.h"

#define SPACE_STACK_LIMIT ((uint64_t)8 << 20) /* RLIMIT_STACK of an ordinary Linux */
#define SPACE_STACK_GUARD ((uint64_t)1 << 20) /* a growing stack keeps this distance from the region below */

/* Where a mode's parts lie, as on a recent Linux: it hands out 47 bits of addresses at most, also in Sv57. */
typedef struct space_layout {
  uint64_t user_limit;   /* the user part is [0, user_limit) */
  uint64_t direct_va;    /* of the direct map, */
  unsigned direct_level; /* of pages of this level, */
  uint64_t frames_max;   /* which ends below the kernel's code; one page of it for alignment */
  uint64_t text_va;      /* of the kernel's code */
} space_layout;

/* kernel.c; NULL for a mode that does not translate. */
const space_layout *space_layout_of(tw_mode mode);

/* What belongs to one process; everything else belongs to the machine. */
typedef struct space_process {
  uint16_t asid;
  page_table table;
  tw_region_list regions;
  bool heap_known;
  uint64_t heap_from;            /* where the program has it */
  uint64_t heap_start, heap_end; /* page-aligned, after moving */
} space_process;

/* Where the kernel has put itself. */
typedef struct space_kernel {
  uint64_t direct_va, direct_pa; /* the direct map: direct_va + (pa - direct_pa) */
  uint64_t text_va, text_pa;     /* one superpage of code */
  unsigned text_level;
  uint64_t stack_pa;    /* of the kernel stack's frame */
  unsigned since_fetch; /* records queued since the handler's last fetch */
} space_kernel;

/* An access that is to be handed out, or was and is not yet answered. */
typedef struct space_pending {
  tw_record_access access;
  queue_origin origin;
} space_pending;

#define SPACE_SLOTS (TW_SPACE_PENDING_MAX + 2u)

/* Accesses stay where they are from feeding to answering; lists name their slots. */
typedef struct space_slots {
  space_pending at[SPACE_SLOTS];
  uint8_t free[SPACE_SLOTS];
  uint8_t ready[2]; /* the program's, at most one access and its second half */
  uint8_t pending[TW_SPACE_PENDING_MAX];
  uint64_t number[TW_SPACE_PENDING_MAX]; /* of the pending ones */
  unsigned free_count, ready_first, ready_count, pending_count;
} space_slots;

struct tw_space {
  tw_mode mode;
  const tw_mode_info *info;
  const space_layout *layout;
  tw_space_options options;
  frame_pool frames;
  space_kernel kernel;
  space_process process;
  rebase_map rebase;
  record_queue urgent; /* the kernel's records: before the program's */
  bool deferred;       /* a change of the map waits until nothing is pending */
  tw_record change;
  space_slots slots;
  uint64_t number;          /* of the next record */
  uint64_t control_number;  /* of the last control write */
  uint64_t port_number[2];  /* of the last access on the fetch and on the data port */
  uint64_t fetch_number[2]; /* of the last instruction's fetch, and of its second half; 0: there is none */
  bool foreign;             /* the program's records are another process's */
  tw_space_counts counts;
  tw_space_segfault segfaults[TW_SPACE_SEGFAULTS_KEPT];
};

/* kernel.c: what the kernel does, as records; all false and error if memory or frames are out. */
bool space_kernel_boot(tw_space *space, tw_error *error);
bool space_kernel_enter(tw_space *space, tw_error *error);
bool space_kernel_leave(tw_space *space, tw_error *error);
/* Changes an entry as the kernel does: a store through the direct map, entry := (entry & keep) | set. */
bool space_kernel_write(tw_space *space, const table_slot *slot, uint64_t keep, uint64_t set, tw_error *error);
/* Makes the tables above va's page, writing the pointers, and finds its entry. */
bool space_kernel_reach(tw_space *space, uint64_t va, table_slot *slot, tw_error *error);
bool space_kernel_fence(tw_space *space, const uint64_t *va, tw_error *error); /* NULL: the whole ASID */

/* fault.c: answers a fault of an access that is no longer pending. */
bool space_fault_answer(tw_space *space, const space_pending *fault, tw_reason reason, tw_error *error);
void space_fault_segfault(tw_space *space, const space_pending *fault, tw_reason reason);
/* R, W, X and U of a page, as an entry has them; 0 if nothing is granted. */
uint8_t space_fault_flags(uint8_t prot);

/* change.c: MAP, UNMAP, PROTECT or BREAK, once nothing is pending. */
bool space_change_apply(tw_space *space, const tw_record *change, tw_error *error);

#endif
