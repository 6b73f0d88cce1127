/* What the files of the space share: its state, and what they do for one another.
 *
 *   space.c    doors: open, feed, take, answer          window.c  accesses in their order, traps
 *   event.c    what a program record asks for           process.c begin, fork, exec, exit, switch
 *   fault.c    what a page fault means                  page.c    pages in and out of frames
 *   cache.c    pages of files and of shared memory      reclaim.c the clock, frames for whoever needs one
 *   kernel.c   its map, its way in and out, its stores  flush.c   entries changed, and the fences behind that
 *   change.c   changes of the map                       call.c    system calls
 *   watch.c    checks when an access retires            check.c   whether everything adds up
 *   view.c     looking                                  counts.c  names of counts and events
 *   huge.c     large pages
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_INTERNAL_H
#define TWINWALK_SPACE_INTERNAL_H

#include <endian.h>

#include "asid.h"
#include "content.h"
#include "frame.h"
#include "map.h"
#include "queue.h"
#include "rebase.h"
#include "reference.h"
#include "revoked.h"
#include "swap.h"
#include "table.h"
#include "twinwalk/space.h"

#define SPACE_STACK_LIMIT ((uint64_t)8 << 20) /* RLIMIT_STACK of an ordinary Linux */
#define SPACE_STACK_GUARD ((uint64_t)1 << 20) /* a growing stack keeps this distance from the region below */
#define SPACE_SPURIOUS_MAX 8u                 /* of one access; */
#define SPACE_SPURIOUS_PAGE 2u                /* as many get a fence of the page, later ones of everything */
#define SPACE_NAME_BYTES 4096u
#define SPACE_NO_ID UINT32_MAX

#define SPACE_PAGE_MASK ((uint64_t)TW_PAGE_BYTES - 1)

/* A page that is to lie in a frame, which is kept for it. */
typedef struct space_place {
  uint64_t va;
  frame *kept; /* the pool's */
} space_place;

#define SPACE_HINTS 64u

/* Where a page's entry was found last. */
typedef struct space_hint {
  uint64_t page; /* number + 1; 0: unused */
  table_slot slot;
} space_hint;

typedef struct space_process {
  uint32_t id, index; /* its id; its place among all that ever were */
  char *name;         /* owned */
  bool alive;
  asid_hold asid;
  page_table table;
  tw_region_list regions;
  bool heap_known;
  uint64_t heap_from;            /* where the program has it */
  uint64_t heap_start, heap_end; /* page-aligned, after moving */
  space_place *places;           /* owned */
  size_t place_count;
  uint64_t resident, swapped; /* pages */
  uint64_t accesses, page_faults, segmentation_faults;
  space_hint *hints; /* owned: SPACE_HINTS, by page number; forgotten when a table is freed */
} space_process;

/* Where the kernel has put itself, and where it is in what it does. */
typedef struct space_kernel {
  page_table table;              /* of no process: the kernel's share alone */
  uint64_t direct_va, direct_pa; /* the direct map: direct_va + (pa - direct_pa) */
  uint64_t text_va, text_pa;     /* one superpage of code */
  frame *stack;
  bool booted;          /* satp names a page table */
  bool inside;          /* what it does now began with a way in and wants a way out */
  unsigned since_fetch; /* records queued since the handler's last fetch */
  uint32_t delay;       /* cycles that the next store of a leaf waits: the disk's */
} space_kernel;

/* A file, or shared memory: its pages are in the page cache, by their indices. */
typedef struct space_object {
  char *name;     /* owned; NULL: memory without a name, which goes with its last region */
  uint64_t key;   /* the same in every run, and no other object's: content_file_key(name), or a number that counts up */
  uint64_t file;  /* whose content it begins with, as content_file_word wants it; 0: zeroes */
  uint64_t pages; /* in the page cache, in memory or on the swap device */
  bool used;      /* the id is an object's */
  bool mapped;    /* by a region of some process; of the moment */
} space_object;

typedef enum window_state { WINDOW_READY, WINDOW_PENDING, WINDOW_DONE, WINDOW_FAULTED } window_state;

/* An access of a program, or of the kernel on a program's memory: from feeding to retirement in one place. */
typedef struct window_entry {
  uint64_t va;     /* as played */
  uint64_t number; /* of the MMU record, once handed out */
  uint64_t record; /* number of the program record */
  uint64_t origin; /* va as in the program, before it was moved */
  uint64_t pa;     /* once done */
  union {
    struct {
      uint8_t kind;     /* tw_access */
      uint8_t size;     /* bytes */
      uint8_t part;     /* 1: the second half of an access that crosses a page */
      uint8_t state;    /* window_state */
      uint8_t reason;   /* once faulted */
      uint8_t spurious; /* faults on an entry that grants it */
      bool call;        /* a system call's, in S-mode */
      bool told;        /* a stale translation that it met was told */
    };
    uint64_t traits; /* all of these, to be written at once */
  };
} window_entry;

/* Traits of an access that is fed: the first four. */
static inline uint64_t window_traits(unsigned kind, unsigned size, unsigned part, window_state state) {
  return htole64(kind | size << 8 | part << 16 | (uint64_t)state << 24);
}

#define SPACE_WINDOW 64u

/* Places count up and are used modulo SPACE_WINDOW: [head, next) was handed out, [next, tail) is to be. */
typedef struct space_window {
  window_entry at[SPACE_WINDOW];
  tw_record_answer answers[SPACE_WINDOW]; /* of those that are done; kept for a watcher alone */
  uint32_t head, next, tail;
  uint32_t pending; /* of [head, next) */
  uint32_t shift;   /* the number of the access that was handed out last, less its place */
  bool faulted;     /* some of them did */
  bool trapped;     /* the oldest faulted: nothing more is handed out */
} space_window;

/* The kernel's own accesses that are not yet answered: all are older than what is in the window. */
typedef struct space_urgent {
  tw_record_access access[TW_SPACE_PENDING_MAX];
  uint64_t number[TW_SPACE_PENDING_MAX];
  unsigned count;
} space_urgent;

/* What records must name in `after`. */
typedef struct space_order {
  uint64_t number;       /* of the next record */
  uint64_t control;      /* of the last control write */
  uint64_t port[2];      /* of the last access on the fetch and on the data port */
  uint64_t fetch[2];     /* of the last instruction's fetch, and of its second half; 0: there is none to wait for */
  uint64_t kernel_fetch; /* of the kernel's last fetch */
} space_order;

/* A system call whose accesses to the program's memory are being made. */
typedef struct space_call {
  bool active;
  tw_record_call left; /* of the ranges, what was not yet in the window */
  uint64_t record;
  unsigned turn; /* words that the copying loop moves before its next fetch */
} space_call;

struct tw_space {
  tw_mode mode;
  const tw_mode_info *info;
  tw_space_options options; /* nothing left to default */
  tw_fence_policy fences;
  frame_pool *frames;
  uint64_t frames_low, frames_kept_free; /* in the direct map; fewer free ones, and pages leave */
  frame *pinned[2];                      /* these do not leave now */
  swap_device *swap;                     /* NULL: none */
  number_map swap_frames;                /* slot to page number: an anonymous frame with the same content */
  asid_pool asids;
  space_kernel kernel;
  space_process *processes[TW_SPACE_PROCESSES_MAX]; /* owned */
  size_t process_count;
  uint32_t *process_of;   /* owned: by the number in the upper 16 bits of an id, index + 1 */
  space_process *running; /* NULL: the kernel alone */
  space_object *objects;  /* owned; an id is an index + 1 */
  size_t object_count, object_capacity;
  uint64_t unnamed_count, unnamed_made; /* objects without a name: that are, and that ever were */
  number_map cache;                     /* of (object, page): page number * 2, or slot * 2 + 1 */
  rebase_map rebase;
  record_queue urgent; /* the kernel's records: before the program's */
  space_urgent kernel_pending;
  space_window window;
  space_order order;
  space_call call;
  bool waiting;         /* an event waits until nothing is pending */
  window_entry nowhere; /* of an event that is an access to no address */
  tw_record event;
  char event_name[SPACE_NAME_BYTES];
  uint64_t record; /* number of the program record that is being worked on */
  tw_space_counts counts;
  tw_space_segfault segfaults[TW_SPACE_SEGFAULTS_KEPT];
  tw_space_stale stale[TW_SPACE_STALE_KEPT];
  size_t segfault_count, stale_count; /* kept */
  content *content;                   /* with check_content */
  reference *reference;               /* ... */
  revoked *revoked;
  tw_space_watcher watcher;
  bool misled; /* a store went where a revoked translation led: what loads find is the software's fault from then on */
  bool watchful; /* something is to be done when an access retires */
};

/* ---- kernel.c: all false and error if memory is out ---- */

/* Makes the kernel's share, process 0's tables, and the first way out into U-mode. */
bool space_kernel_boot(tw_space *space, tw_error *error);
/* Into the kernel, unless it is inside already. */
bool space_kernel_enter(tw_space *space, tw_error *error);
/* Out of it, if it is inside; where no process runs it stays. */
bool space_kernel_leave(tw_space *space, tw_error *error);
/* A control write that names a process's tables (NULL: the kernel's own). */
bool space_kernel_control(tw_space *space, const space_process *process, tw_privilege privilege, bool sum,
                          tw_error *error);
bool space_kernel_fetch(tw_space *space, uint64_t offset, tw_error *error);
/* A store through the direct map and what it does: memory := (memory & keep) | set. Before boot, the latter alone. */
bool space_kernel_store(tw_space *space, uint64_t pa, uint64_t keep, uint64_t set, tw_error *error);
bool space_kernel_fence(tw_space *space, const tw_record_fence *fence, tw_error *error);
/* The entry for an address at a level, or that of a large page which maps it; tables on the way are made, and may cost
 * other pages their frames. */
bool space_kernel_reach(tw_space *space, const page_table *table, uint64_t va, unsigned level, table_slot *slot,
                        tw_error *error);
/* Changes an entry that is no pointer. */
bool space_kernel_write(tw_space *space, const table_slot *slot, uint64_t keep, uint64_t set, tw_error *error);
/* Makes a root with the kernel's share, and gives it back. */
bool space_kernel_root_make(tw_space *space, page_table *table, tw_error *error);
bool space_kernel_root_free(tw_space *space, page_table *table, tw_error *error);

enum { TEXT_ENTRY = 0x1040, TEXT_FAULT = 0x9a30, TEXT_SET_ENTRY = 0xb2f4, TEXT_FENCE = 0xc118, TEXT_RETURN = 0x11c0 };
enum { TEXT_SWITCH = 0x6e80, TEXT_CALL = 0x1344, TEXT_COPY = 0xd520, TEXT_TABLE = 0xb680 };

/* ---- flush.c ---- */

/* Entries of a process that change for one reason, and the fences that this asks for. Begins with event and process,
 * the rest 0. */
typedef struct space_flush {
  tw_fence_event event;
  space_process *process;
  bool any;
  bool tables;          /* tables were freed: a fence with an address is not enough */
  uint64_t first, last; /* pages' addresses */
} space_flush;

/* Enters the kernel if need be, changes an entry that is no pointer, keeps account of what is revoked. */
bool space_flush_write(tw_space *space, space_flush *flush, const table_slot *slot, uint64_t keep, uint64_t set,
                       tw_error *error);
bool space_flush_end(tw_space *space, space_flush *flush, tw_error *error);
/* A fence for what happened to all of an address space: a switch, new generations. */
bool space_flush_all(tw_space *space, tw_fence_event event, space_process *process, tw_error *error);
/* One page that is the process's, for an access that faulted on an entry that grants it. */
bool space_flush_page(tw_space *space, tw_fence_event event, space_process *process, uint64_t va, tw_error *error);
/* Keeps account of a table that is no longer pointed to, all of whose pages are gone. */
bool space_flush_table(tw_space *space, space_flush *flush, const table_slot *slot, tw_error *error);
/* Frees the tables that [start, end), where no region is any more, leaves without a region. */
bool space_flush_tables(tw_space *space, space_flush *flush, uint64_t start, uint64_t end, tw_error *error);
/* Whether an MMU may hold translations of a process; the ASID under which it does. */
bool space_flush_held(const tw_space *space, const space_process *process, uint16_t *asid);

/* ---- reclaim.c ---- */

/* A frame, at the price of other pages if need be. NULL and error if there is none. */
frame *space_frame_take(tw_space *space, frame_kind kind, bool low, tw_error *error);
/* Before a page is needed: takes pages out of memory until enough frames are free. Inside the kernel. */
bool space_reclaim_balance(tw_space *space, tw_error *error);
bool space_reclaim_pages(tw_space *space, uint64_t pages, tw_error *error);
/* Takes one frame's pages out of memory, unless it cannot be (*gone says). */
bool space_reclaim_frame(tw_space *space, frame *victim, bool *gone, tw_error *error);

/* ---- page.c ---- */

/* The frame of a leaf. */
frame *space_page_frame(const tw_space *space, const table_slot *slot);
/* Whether nobody else has what is in an anonymous frame: no other page, in memory or on the swap device. */
bool space_page_exclusive(const tw_space *space, const frame *lies);
/* The frame's content is not what its file or slot has any more: whoever sets D in an entry, or learns it, says so. */
void space_page_dirtied(tw_space *space, frame *written);
/* An anonymous frame with zeroes, or one that a process keeps for this page. */
frame *space_page_new(tw_space *space, space_process *process, uint64_t va, frame_kind kind, tw_error *error);
/* Gives an anonymous frame that no page lies in back. */
void space_page_give(tw_space *space, frame *given);
/* A page of a process lies in the frame now; or not any more (`entry`: its entry as it was). */
bool space_page_map(tw_space *space, space_process *process, uint64_t va, frame *lies, tw_error *error);
bool space_page_unmap(tw_space *space, space_process *process, const table_slot *slot, uint64_t entry, tw_error *error);
/* A page on the swap device comes back: its frame, and whether the disk was asked. `writes`: it is to be written. */
frame *space_page_swap_in(tw_space *space, space_process *process, uint64_t va, uint64_t slot, bool writes, bool *disk,
                          tw_error *error);
/* A copy of a frame, for a process's page. */
frame *space_page_copy(tw_space *space, space_process *process, uint64_t va, frame *from, tw_error *error);
/* Keeps a frame for a page that is yet to come; gives those in a range back. */
bool space_page_place(tw_space *space, space_process *process, uint64_t va, uint64_t pa, tw_error *error);
void space_page_unplace(tw_space *space, space_process *process, uint64_t start, uint64_t end);
/* Rights that a region gives its pages, as an entry has them (R, W, X, U, V); 0 if it gives none. */
uint8_t space_page_flags(uint8_t prot);
/* ... that a page may have while it lies in this frame: without W if a store has to copy it. */
uint8_t space_page_rights(const tw_space *space, const tw_region *region, const frame *lies);

/* ---- cache.c ---- */

/* The object that a MAP record maps; 0: none. False and error if memory is out. */
bool space_cache_object(tw_space *space, const tw_record_map *map, uint32_t *object, tw_error *error);
static inline const space_object *space_object_of(const tw_space *space, uint32_t object) {
  return &space->objects[object - 1];
}
/* The frame of the page of an object that a process's region has at an address; *disk: it was read from the disk.
 * `process` may keep a frame for it; NULL: none does. */
frame *space_cache_bring(tw_space *space, space_process *process, const tw_region *region, uint64_t va, bool *disk,
                         tw_error *error);
/* A frame of the page cache has left memory: to a slot, or (FRAME_NO_SLOT) for nowhere. */
bool space_cache_leave(tw_space *space, const frame *leaving, uint64_t slot, tw_error *error);
/* Forgets objects that no region maps any more: memory without a name, and what has no page in memory. */
void space_cache_collect(tw_space *space);
void space_cache_close(tw_space *space);

/* ---- fault.c ---- */

typedef enum fault_outcome { FAULT_ERROR, FAULT_AGAIN, FAULT_OVER } fault_outcome;

/* Answers the fault of the oldest access: it is to be asked again, or has ended as it is. */
fault_outcome space_fault_answer(tw_space *space, window_entry *oldest, tw_error *error);
void space_fault_segfault(tw_space *space, const window_entry *access, tw_reason reason);

/* ---- window.c ---- */

/* An access to an address that cannot be played: a segmentation fault. */
void space_window_nowhere(tw_space *space, const window_entry *access);
/* Puts an access of the running process into the window, which has room. False: there is no such address. */
bool space_window_add(tw_space *space, const window_entry *access);
void space_window_feed(tw_space *space, const tw_record *program);

static inline uint32_t space_window_room(const tw_space *space) {
  return SPACE_WINDOW - (space->window.tail - space->window.head);
}

static inline bool space_is_idle(const tw_space *space) {
  const space_window *window = &space->window;
  return window->head == window->tail && !window->pending && !space->kernel_pending.count;
}

/* ---- event.c, change.c, process.c, call.c: what a program record asks for, once the window is empty ---- */

bool space_event_apply(tw_space *space, const tw_record *event, tw_error *error);
bool space_change_apply(tw_space *space, const tw_record *change, tw_error *error);
/* Takes the pages of [start, end) away from a process; the regions are the caller's business. */
bool space_change_clear(tw_space *space, space_flush *flush, uint64_t start, uint64_t end, tw_error *error);

space_process *space_process_new(tw_space *space, uint32_t id, const char *name, tw_error *error);
space_process *space_process_find(const tw_space *space, uint32_t id);
bool space_process_apply(tw_space *space, const tw_record *event, tw_error *error);
void space_process_close(space_process *process);
void space_process_forget_hints(space_process *process);

bool space_call_begin(tw_space *space, const tw_record *event, tw_error *error);
/* Puts more of a call's accesses into the window, or ends it. */
bool space_call_go_on(tw_space *space, tw_error *error);
/* One of them met a segmentation fault: the rest is not made. */
void space_call_abandon(tw_space *space);

/* ---- watch.c ---- */

void space_watch_event(tw_space *space, tw_space_event_kind kind, uint32_t process, uint64_t va, uint64_t pa);
/* What an access that was granted did to the world, and whether it was right. False and error if memory is out. */
bool space_watch_retire(tw_space *space, window_entry *done, tw_error *error);
/* Tells the watcher of it; `granted`: else it has ended with a fault. */
void space_watch_retired(tw_space *space, const window_entry *done, bool granted);
/* An access faulted where a translation was revoked and not fenced. */
void space_watch_faulted(tw_space *space, window_entry *faulted);
void space_watch_kernel(tw_space *space, const tw_record_access *access, const tw_record_answer *answer);
/* Learns A and D as the hardware set them. */
void space_watch_learn(tw_space *space, uint64_t va, uint8_t flags);
/* After whatever may have changed it. */
void space_watch_update(tw_space *space);

/* Where an address of a process leads; the slot's entry is 0, or has V=0, if nowhere. */
const table_slot *space_process_look(space_process *process, uint64_t va);

#endif
