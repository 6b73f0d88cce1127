/* Address spaces at a moment, copied out of a space: what a map shows, and nothing of how it is drawn.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_STATE_H
#define TWINWALK_STATE_H

#include "blocks.h"
#include "names.h"

/* How a page is. */
typedef enum tw_page_state {
  TW_PAGE_UNTOUCHED, /* nothing is there */
  TW_PAGE_RESIDENT,  /* in a frame of its own */
  TW_PAGE_SHARED,    /* in a frame that other pages lie in, too */
  TW_PAGE_SWAPPED,   /* on the swap device */
  TW_PAGE_BARRED,    /* in a frame, but its entry has V=0: the region grants nothing */
  TW_PAGE_STATE_COUNT
} tw_page_state;

tw_page_state tw_page_state_of(const tw_space_page *page);
const char *tw_page_state_name(tw_page_state state); /* "untouched", ... */

/* A region and its name. */
typedef struct tw_state_region {
  tw_region region;
  char *name; /* owned; "" if it has none */
} tw_state_region;

typedef struct tw_state_process {
  uint32_t id;
  char *name; /* owned; "" if it has none */
  bool alive, running;
  uint16_t asid;
  uint64_t root_pa;
  uint64_t resident, swapped; /* pages of 4096 bytes */
  uint64_t accesses, page_faults, segmentation_faults;
  tw_state_region *regions; /* owned; by address */
  size_t region_count;
  tw_space_page *pages; /* owned; by address */
  size_t page_count;
  tw_space_table *tables; /* owned; those above before those below */
  size_t table_count;
  tw_block *blocks; /* owned; of its allocator, by address */
  size_t block_count;
  tw_heap_sample heap; /* all 0 if it has no heap or no blocks */
} tw_state_process;

/* Frames, or slots of the swap device, that pages of the same processes lie in. */
typedef struct tw_state_share {
  uint32_t *members; /* places of the processes in the state, rising; owned; at least two */
  size_t member_count;
  uint64_t pages; /* of 4096 bytes */
  bool file;      /* of the page cache; else anonymous */
  bool swapped;   /* on the swap device */
  char *name;     /* of the region of the first page found; owned */
} tw_state_share;

/* Begins as {0}. */
typedef struct tw_state {
  tw_state_process *processes; /* owned; in the order in which they began */
  size_t process_count;
  tw_state_share *shares; /* owned; most pages first */
  size_t share_count;
  tw_space_counts counts;
} tw_state;

/* Copies what a space is like now. False and error if memory is out. */
bool tw_state_take(tw_state *state, const tw_space *space, const tw_names *names, const tw_allocator *allocator,
                   tw_error *error);
/* Finds who shares what, once the processes are there; tw_state_take does it. False if memory is out. */
bool tw_state_shares_find(tw_state *state);
void tw_state_free(tw_state *state);

/* The page that holds an address, or NULL; the state's. */
const tw_space_page *tw_state_page_find(const tw_state_process *process, uint64_t va);
/* Index of the first page that ends above an address; page_count if there is none. */
size_t tw_state_page_above(const tw_state_process *process, uint64_t va);
/* The region that holds an address, or NULL; the state's. */
const tw_state_region *tw_state_region_find(const tw_state_process *process, uint64_t va);

/* What a process is called in a picture: its number and name. */
void tw_state_process_label(const tw_state_process *process, char *text, size_t size);

#endif
