/* Address spaces: the operating system's side. Program records and an MMU's answers go in, MMU records come out.
 *
 * The space is a machine's memory and kernel, with as many processes as the program trace begins. It has no clock and
 * touches no MMU: it maps pages on demand, answers page faults, copies on write, swaps, switches, and says every
 * page-table store, control write and fence as an MMU record. docs/address-spaces.md has its rules, S1 and so on.
 *
 *   while (tw_space_take(...))  play the record, tell answers as they come
 *   tw_space_hungry(...)        feed the next program record, or the program is over
 *   else                        go on until an access is answered
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_H
#define TWINWALK_SPACE_H

#include "twinwalk/fences.h"
#include "twinwalk/layout.h"
#include "twinwalk/region.h"
#include "twinwalk/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Accesses that may be handed out and not yet answered. */
#define TW_SPACE_PENDING_MAX 64u

/* Segmentation faults, and stale translations, of which the space keeps the particulars; all are counted. */
#define TW_SPACE_SEGFAULTS_KEPT 64u
#define TW_SPACE_STALE_KEPT 64u

#define TW_SPACE_PROCESSES_MAX 4096u

typedef struct tw_space tw_space;

typedef struct tw_space_options {
  /* The MMU's. */
  tw_mode mode;         /* any that translates */
  unsigned asid_bits;   /* 0: address spaces are not told apart, and every switch is fenced */
  unsigned pa_bits;     /* of a physical address that are implemented; 0: the mode's */
  unsigned pmp_entries; /* not 0: entry 0 is made to grant everything before M-mode is left */
  bool adue;            /* the MMU sets A and D itself (menvcfg.ADUE=1) */
  bool svnapot;         /* it has pages of 64 KiB */
  bool svvptc;          /* new valid entries are seen in bounded time */
  /* The machine's. */
  uint64_t frame_base;   /* physical address of the first frame, a multiple of 4096; 0: 0x80000000 */
  uint64_t frame_count;  /* frames of 4096 bytes; 0: 65536 (256 MiB) on Sv32, else 262144 (1 GiB) */
  uint64_t seed;         /* order in which frames are handed out */
  uint64_t swap_pages;   /* slots of the swap device; 0: none, and to be out of frames is an error */
  uint32_t swap_latency; /* cycles from asking for a page of the disk to having it */
  const char *swap_path; /* of the swap device's file, the caller's; NULL: an unnamed file in TMPDIR */
  /* The kernel's. */
  tw_layout layout;              /* user_end 0: that of tw_layout_of(mode) */
  const tw_fence_policy *fences; /* NULL: "linux" */
  uint32_t asids;                /* at most so many ASIDs are used, 0 among them; 0: all that the MMU has */
  bool huge;       /* full blocks of 2 MiB (Sv32: 4 MiB) become large pages, and runs of 64 KiB with svnapot */
  bool keep_clean; /* nothing is reclaimed before frames are out (the default keeps 1/64 of them free) */
  /* Checks, at a price (docs/performance.md). */
  bool check_content;   /* what a program loads is what it stored */
  bool check_isolation; /* no process reaches a frame that is not its own */
} tw_space_options;

/* Reads the keys `machine.*` and `layout.*` of a program trace (docs/traces.md) into options; those that are not there
 * leave the options as they are. False and error if one is malformed. */
bool tw_space_options_read(tw_space_options *options, const tw_trace_header *program, tw_error *error);

/* What the operating system's side has done so far. */
typedef struct tw_space_counts {
  uint64_t program_accesses;        /* as they came */
  uint64_t page_crossings;          /* accesses that were split at a page boundary */
  uint64_t squashed;                /* accesses that were asked again because an older one faulted */
  uint64_t page_faults;             /* answered by changing an entry */
  uint64_t minor_faults;            /* ... without the disk */
  uint64_t major_faults;            /* ... with a page from the disk: swap, or a file's */
  uint64_t pages_mapped;            /* entries that became valid, large pages count once */
  uint64_t accessed_set;            /* faults that only set A (and D) */
  uint64_t dirty_set;               /* faults that only set D */
  uint64_t copies;                  /* copy-on-write: the page was copied */
  uint64_t reuses;                  /* ... and the last owner kept its frame */
  uint64_t spurious_faults;         /* the entry grants the access: fenced and asked again */
  uint64_t segmentation_faults;     /* nothing is there, or the region does not allow it */
  uint64_t access_faults;           /* answered with an access fault: counted, not asked again */
  uint64_t unplayed_accesses;       /* segmentation faults at addresses that the mode does not have */
  uint64_t swapped_out, swapped_in; /* pages */
  uint64_t dropped;                 /* clean pages of files that were taken out of memory */
  uint64_t file_reads;              /* pages of files that were brought into memory */
  uint64_t aged;                    /* entries whose A the clock cleared */
  uint64_t promotions, splits;      /* of large pages */
  uint64_t napot_runs;              /* runs of 16 pages that became one of 64 KiB */
  uint64_t processes;               /* that ever were */
  uint64_t forks, execs, exits, switches, rollovers;
  uint64_t calls;  /* system calls */
  uint64_t fences; /* in all, and by form: */
  uint64_t fences_page, fences_page_asid, fences_asid, fences_all;
  uint64_t unknown_fences;  /* of the program trace, with operands that were not seen: played as x0, x0 */
  uint64_t stores;          /* page-table stores */
  uint64_t kernel_accesses; /* accesses in S-mode */
  uint64_t frames_used;     /* with page tables */
  uint64_t frames_peak;
  uint64_t regions_rebased;
  uint64_t checked_loads;       /* whose content was compared */
  uint64_t content_errors;      /* loads that did not find what the program stored last */
  uint64_t content_unexplained; /* ... and that no translation which was revoked and not fenced explains */
  uint64_t content_digest; /* of what all loads found, in order: the same whatever the frames, layout, swap and seed */
  uint64_t checked_accesses; /* whose frame was looked up */
  uint64_t isolation_errors; /* accesses that reached a frame that is not their process's */
  uint64_t stale_uses;       /* a translation was used that was revoked and not fenced */
  uint64_t stale_chances;    /* ... or could have been */
} tw_space_counts;

/* A region that did not fit the mode and was moved as a whole. */
typedef struct tw_space_rebase {
  uint64_t from, to, length; /* bytes */
} tw_space_rebase;

/* An access that the regions do not allow. */
typedef struct tw_space_segfault {
  uint64_t record;  /* number of the program record */
  uint32_t process; /* id */
  uint64_t va;      /* as in the program */
  tw_access kind;
  tw_reason reason; /* what the MMU answered; TW_OK: it was not played, the mode has no such address */
} tw_space_segfault;

/* A translation that the operating system had revoked without the fence that makes it so: the software's fault. */
typedef struct tw_space_stale {
  uint64_t record;      /* number of the program record that used it, or could have */
  uint64_t revoked;     /* ... of the one at which it was revoked */
  uint32_t process;     /* id */
  uint64_t va;          /* of the page, */
  uint64_t old_pa;      /* where it was, */
  uint64_t new_pa;      /* where it is; 0: nowhere */
  tw_fence_event event; /* whose fence is missing */
  bool used;            /* the MMU used it */
} tw_space_stale;

/* Opens a space; the caller closes it. It begins with process 0, with nothing mapped. `program` may be NULL. NULL and
 * error on failure. */
tw_space *tw_space_open(const tw_space_options *options, const tw_trace_header *program, tw_error *error);
void tw_space_close(tw_space *space); /* NULL is allowed */

/* Whether the next program record may be fed: everything was taken, no answer is awaited that it depends on, and not
 * as many as there may be. */
bool tw_space_hungry(const tw_space *space);

/* Takes the next program record; what it makes of it is then taken with tw_space_take. False and error if the space is
 * not hungry or the record cannot be taken (a region that has no place, a break below the heap, a process that does not
 * exist). */
bool tw_space_feed(tw_space *space, const tw_record *program, tw_error *error);

/* Hands out the next MMU record, in order, with its number set. False if there is none now: feed more if the space is
 * hungry, else wait for answers. */
bool tw_space_take(tw_space *space, tw_record *mmu);

/* The same of many accesses at once, for whoever has very many: as many as can be fed, or handed out, now, from the
 * first on. Both say how many; 0 says no more than that tw_space_feed or tw_space_take has to look. */
size_t tw_space_feed_accesses(tw_space *space, const tw_record *program, size_t count);
size_t tw_space_take_accesses(tw_space *space, tw_record *mmu, size_t room);
/* Feeds and takes at once: accesses of a program trace, as its reader gives them, become MMU records where they are.
 * Says how many, from the first on; the rest is to be fed. There is room for so many now. */
size_t tw_space_pass_room(const tw_space *space);
size_t tw_space_pass_accesses(tw_space *space, tw_record *records, size_t count);

/* Takes the final answer to an access that was handed out; every access's must be told. False and error if frames and
 * swap are out, the swap device fails, or a page came back from it that is not the page that went. */
bool tw_space_answer(tw_space *space, const tw_record_answer *answer, tw_error *error);

/* The program is over and nothing is pending: what every frame, slot and table is held by adds up. False and error if
 * one is leaked or was freed twice. */
bool tw_space_check(const tw_space *space, tw_error *error);

void tw_space_count(const tw_space *space, tw_space_counts *counts);
/* The value of a count by its field's name ("page_faults"); false if there is none. */
bool tw_space_count_named(const tw_space_counts *counts, const char *name, uint64_t *value);
/* The n-th count's name, in the order of the fields; NULL behind the last. */
const char *tw_space_count_name(size_t n);

/* The n-th rebased region, in the order of moving; false if there are fewer, or beyond the first 1024. */
bool tw_space_rebased(const tw_space *space, size_t n, tw_space_rebase *rebase);
/* The n-th segmentation fault; false if there were fewer, or beyond the first TW_SPACE_SEGFAULTS_KEPT. */
bool tw_space_segfault_at(const tw_space *space, size_t n, tw_space_segfault *fault);
/* The n-th stale translation; false if there were fewer, or beyond the first TW_SPACE_STALE_KEPT. */
bool tw_space_stale_at(const tw_space *space, size_t n, tw_space_stale *stale);

/* Sets the keys that an MMU trace made by this space has in its header (docs/traces.md: what it needs). */
bool tw_space_describe(const tw_space *space, tw_trace_header *mmu, tw_error *error);

/* ---- Watching: what happens, as it happens ---- */

typedef enum tw_space_event_kind {
  TW_SPACE_MINOR_FAULT, /* va, pa: the page, where it is now */
  TW_SPACE_MAJOR_FAULT,
  TW_SPACE_BITS_FAULT, /* only A or D was missing */
  TW_SPACE_COPY,       /* copy-on-write: pa is the copy */
  TW_SPACE_REUSE,
  TW_SPACE_SPURIOUS_FAULT,
  TW_SPACE_SEGFAULT,
  TW_SPACE_ACCESS_FAULT,
  TW_SPACE_SWAP_OUT, /* va of one of its mappings, pa: the frame it left */
  TW_SPACE_SWAP_IN,
  TW_SPACE_DROP,
  TW_SPACE_FORK, /* process is the parent, pa the child's id */
  TW_SPACE_EXEC,
  TW_SPACE_EXIT,
  TW_SPACE_SWITCH, /* process is the one that runs now */
  TW_SPACE_ROLLOVER,
  TW_SPACE_PROMOTE,
  TW_SPACE_SPLIT,
  TW_SPACE_FENCE, /* va 0: none */
  TW_SPACE_STALE,
  TW_SPACE_EVENT_COUNT
} tw_space_event_kind;

const char *tw_space_event_name(tw_space_event_kind kind); /* "minor fault", ... */

typedef struct tw_space_event {
  tw_space_event_kind kind;
  uint32_t process; /* id */
  uint64_t record;  /* number of the program record at which it happened */
  uint64_t va, pa;  /* bytes; 0 where there is none */
} tw_space_event;

/* An access retired: it was answered for good, and everything before it was. */
typedef struct tw_space_retired {
  uint64_t record;  /* number of the program record */
  uint32_t process; /* id */
  uint64_t va;      /* as played */
  tw_access kind;
  uint8_t size; /* bytes */
  bool kernel;  /* the kernel's own access */
  bool granted;
  const tw_record_answer *answer; /* the last; the space's */
} tw_space_retired;

typedef struct tw_space_watcher {
  void (*event)(void *payload, const tw_space_event *event);       /* or NULL */
  void (*retired)(void *payload, const tw_space_retired *retired); /* or NULL */
  void *payload;
} tw_space_watcher;

/* One watcher at a time; it must not call the space's doors. */
void tw_space_watch(tw_space *space, const tw_space_watcher *watcher);

/* ---- Looking: the address spaces as they are now ---- */

typedef struct tw_space_process {
  uint32_t id;      /* its number in the upper 16 bits */
  const char *name; /* of the program, or "" */
  bool alive, running;
  uint16_t asid; /* 0 if it has none now */
  uint64_t root_pa;
  const tw_region_list *regions;      /* the space's until it changes */
  uint64_t resident, swapped, tables; /* pages of 4096 bytes */
  uint64_t accesses, page_faults, segmentation_faults;
} tw_space_process;

size_t tw_space_processes(const tw_space *space);
/* The n-th process, in the order in which they began, also those that have ended. */
bool tw_space_process_at(const tw_space *space, size_t n, tw_space_process *process);

typedef struct tw_space_page {
  uint64_t va, length; /* bytes: 4096, 65536, 2 MiB, ... */
  bool resident;       /* else on the swap device */
  bool napot;
  uint8_t level, flags; /* of the entry, if resident */
  uint64_t pa;          /* if resident */
  uint64_t slot;        /* of the swap device, if not */
  uint32_t sharers;     /* mappings of this frame or slot, this one among them */
  bool file;            /* a file's page; else anonymous */
} tw_space_page;

/* The first page at or above an address in the user part of the n-th process; false if there is none. */
bool tw_space_page_next(const tw_space *space, size_t n, uint64_t va, tw_space_page *page);

typedef struct tw_space_table {
  uint8_t level; /* of its entries */
  uint64_t va;   /* of the first address it maps */
  uint64_t pa;
  uint32_t pointers, leaves; /* entries in use */
  bool shared;               /* the kernel's, the same in every process */
} tw_space_table;

/* The page tables of the n-th process, those above before those below; index counts from 0. False behind the last. */
bool tw_space_table_at(const tw_space *space, size_t n, size_t index, tw_space_table *table);

#ifdef __cplusplus
}
#endif
#endif
