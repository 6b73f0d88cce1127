/* A map: the address spaces of a program trace at its end, or before and after one of its records.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MAP_H
#define TWINWALK_MAP_H

#include <stdio.h>

#include "canvas.h"
#include "rows.h"
#include "twinwalk/config.h"

/* An address that somebody wants to find in the map. */
typedef struct tw_map_mark {
  uint64_t va; /* as the program has it */
  char *name;  /* owned */
} tw_map_mark;

/* Parts of a map, as text or as a drawing. */
enum {
  TW_MAP_REGIONS = 1,
  TW_MAP_TABLES = 2,
  TW_MAP_SHARED = 4,
  TW_MAP_FRAMES = 8, /* of drawings alone */
  TW_MAP_HEAP = 16,
  TW_MAP_ALL = 31
};
/* The part with a name ("regions", "tables", "shared", "frames", "heap"); 0 if there is none. */
unsigned tw_map_part(const char *name, size_t length);

/* What is to be drawn. */
typedef struct tw_map_request {
  const char *path; /* of the trace; "-" is standard input */
  tw_config config; /* of the MMU */
  bool has_at;      /* before and after record `at`; else the state at the end, */
  bool has_until;   /* or behind record `at` */
  uint64_t at;
  bool has_process;
  uint32_t process;               /* its number: the upper 16 bits of its id */
  unsigned parts;                 /* of them those that are shown; 0: all */
  const tw_trace_header *machine; /* keys `machine.*` that go before the trace's; NULL: none */
  void (*progress)(void *payload, uint64_t done, uint64_t total); /* bytes; may be NULL */
  void *payload;
} tw_map_request;

/* Begins as {0}. */
typedef struct tw_map {
  char *title; /* what the trace says it is, or its name; owned */
  char *trace; /* the trace's path; owned */
  unsigned parts;
  tw_mode mode;
  tw_space_options machine; /* as the trace and the configuration have it, defaults filled in */
  uint64_t records; /* program records that were taken; of a trace in which every process ends, without the exits
                       at its end: the map shows how they were before */
  bool ended;       /* it is such a trace */
  bool until;       /* the map is of the moment behind the last of them */
  bool pair;        /* two states: before and after `record` */
  uint64_t record;
  char *record_text;      /* that record as text; owned; NULL */
  tw_state states[2];     /* before, after; the second alone if there is no pair */
  tw_space_event *events; /* what the record brought about; owned */
  size_t event_count;
  tw_allocator allocator; /* with the samples of the heaps */
  tw_map_mark *marks;     /* owned */
  size_t mark_count;
  tw_space_rebase *moved; /* regions that did not fit the mode; owned */
  size_t moved_count;
  bool has_process; /* only this one is shown */
  uint32_t process;
  bool failed; /* memory was out in the watcher */
} tw_map;

/* Plays a program trace as far as it is asked for. False and error: the trace is none or is no program trace, the
 * record or the process is not there, the program does not run. */
bool tw_map_make(tw_map *map, const tw_map_request *request, tw_error *error);
void tw_map_free(tw_map *map);

/* Reads marks from lines of "NAME 0xADDRESS ...", as programs print addresses; lines without a hexadecimal number are
 * skipped. "-" is standard input. False and error on failure, or if there is none. */
bool tw_map_marks_read(tw_map *map, const char *path, tw_error *error);
/* Adds one. False and error if memory is out. */
bool tw_map_mark_add(tw_map *map, const char *name, uint64_t va, tw_error *error);

/* Whether a mark lies in a region of a process that is drawn. */
bool tw_map_mark_lies(const tw_map *map, const tw_map_mark *mark);
/* Where a mark's address is in the map: its region may have been moved as a whole. */
uint64_t tw_map_mark_va(const tw_map *map, const tw_map_mark *mark);

/* Whether the n-th process of the states is shown: it was asked for, or none was and it lives in one of them. */
bool tw_map_shows(const tw_map *map, size_t n);
/* Whether it is drawn: of two states, those processes alone in which something changed, unless one was asked for or
 * nothing changed at all. */
bool tw_map_draws(const tw_map *map, size_t n);
/* The n-th process of a state (0 before, 1 after); NULL if it has not begun, or has ended. */
const tw_state_process *tw_map_process(const tw_map *map, unsigned which, size_t n);

/* The three ways to show it. False and error if memory is out or the stream fails. */
bool tw_map_print(const tw_map *map, bool colours, FILE *stream, tw_error *error);
bool tw_map_json(const tw_map *map, FILE *stream, tw_error *error);
/* The drawing; the caller frees the canvas. */
bool tw_map_draw(const tw_map *map, tw_canvas *canvas, tw_error *error);
bool tw_map_save(const tw_map *map, const char *path, tw_error *error);

#endif
