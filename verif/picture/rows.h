/* The rows of one process's map: its regions from the highest to the lowest address, with the gaps between them, before
 * and after a program record or at one moment.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_ROWS_H
#define TWINWALK_ROWS_H

#include "state.h"

/* A process has at most so many rows of regions; if it has more regions, neighbours share a row. */
#define TW_ROWS_MAX 40u

typedef enum tw_row_kind {
  TW_ROW_KERNEL, /* the kernel's share */
  TW_ROW_GAP,    /* nothing is mapped; so long that a scale folds it */
  TW_ROW_REGION
} tw_row_kind;

/* What a record did to a row. */
typedef enum tw_row_mark { TW_ROW_SAME, TW_ROW_NEW, TW_ROW_GONE, TW_ROW_CHANGED } tw_row_mark;

const char *tw_row_mark_name(tw_row_mark mark); /* "", "new", "gone", "changed" */

/* A row in one of the two states. */
typedef struct tw_row_part {
  bool there;
  uint64_t start, end; /* bytes */
  uint64_t bytes;      /* of its regions: gaps between those are not counted */
  size_t regions;
  bool mixed;                          /* several regions that are not alike */
  tw_region_use use;                   /* of the first region */
  uint8_t prot;                        /* of it */
  bool shared;                         /* of it */
  const char *name;                    /* of it; the state's */
  uint64_t pages[TW_PAGE_STATE_COUNT]; /* of 4096 bytes, by what they are like */
  uint64_t large;                      /* of them, in pages larger than 4096 bytes */
} tw_row_part;

typedef struct tw_map_row {
  tw_row_kind kind;
  uint64_t start, end;  /* bytes, of both parts together */
  tw_row_part parts[2]; /* before, after; of a map at one moment the second */
  tw_row_mark mark;
} tw_map_row;

typedef struct tw_map_rows {
  tw_map_row *at; /* owned */
  size_t count;
} tw_map_rows;

/* The rows of a process that may be missing (NULL) in one of the states. `before` NULL and not `pair`: a map at one
 * moment. False if memory is out. */
typedef struct tw_rows_request {
  const tw_state_process *before, *after;
  bool pair;
  const tw_layout *layout; /* NULL: no row for the kernel */
} tw_rows_request;
bool tw_map_rows_make(tw_map_rows *rows, const tw_rows_request *request);
void tw_map_rows_free(tw_map_rows *rows);

/* A run of pages of a region, as one cell of its strip. */
typedef struct tw_cell {
  uint64_t va;    /* of its first page */
  uint64_t pages; /* of 4096 bytes */
  uint64_t by_state[TW_PAGE_STATE_COUNT];
  bool changed; /* some page is not what it was in the other state */
  bool large;   /* some page is larger than 4096 bytes */
} tw_cell;

/* How many cells a strip of at most `most` has. */
size_t tw_strip_cells(uint64_t start, uint64_t end, size_t most);
/* Fills the cells of the strip from start to end. `other` is the process in the other state: NULL if there is none. */
void tw_strip_make(const tw_state_process *process, const tw_state_process *other, uint64_t start, uint64_t end,
                   tw_cell *cells, size_t count);
/* The state that most of a cell's touched pages are in. */
tw_page_state tw_cell_state(const tw_cell *cell);

/* A page that is not what it was. */
typedef struct tw_page_change {
  const tw_space_page *before, *after; /* the states'; NULL: there was, or is, none */
} tw_page_change;

/* The next page at or above *va that differs between two states of a process (either may be NULL); *va moves behind it.
 * False if there is none below `end`. */
bool tw_page_change_next(const tw_state_process *before, const tw_state_process *after, uint64_t *va, uint64_t end,
                         tw_page_change *change);

#endif
