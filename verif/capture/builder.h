/* Builds a program trace in one pass over its source: records are written to a temporary body, and pages that are
 * touched before anything maps them are collected; at the end the initial map of each program is made of these, and
 * the body is copied behind it.
 *
 * A trace holds processes. Each runs an image: a program as it begins, with what of its map must be inferred. A forked
 * child runs its parent's; a process that begins anew, or executes another program, has one of its own.
 *
 * Memory grows with the pages that are touched, not with the length of the trace.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_BUILDER_H
#define TWINWALK_CAPTURE_BUILDER_H

#include "capture.h"
#include "elf_file.h"
#include "twinwalk/region.h"

#define BUILDER_PROCESSES_MAX 4096u

/* The object that pages with known frames map: physical memory, each page at its own address. */
#define BUILDER_MEMORY_NAME "physical memory"

/* A page that was touched, and the rights that took as long as nothing had mapped it. */
typedef struct builder_page {
  uint64_t page; /* address / 4096 */
  uint64_t pa;   /* where it lies, if has_pa */
  bool used, has_pa;
  uint8_t prot;
} builder_page;

/* A program as it begins. */
typedef struct builder_image {
  builder_page *pages; /* a hash table; owned */
  size_t page_count, page_capacity;
  bool fetched, stored;
  uint64_t first_fetch, first_store;
} builder_image;

typedef struct builder_process {
  uint32_t pid; /* its number where it was traced; 0: not known */
  unsigned image;
  bool alive;
  tw_region_list mapped; /* what was mapped so far */
  bool heap_known;
  uint64_t heap_start, heap_end;
  uint64_t generation; /* of the map: older entries of the cache are void */
} builder_process;

#define BUILDER_CACHE 1024u

typedef struct trace_builder {
  const capture_options *options;
  char directory[64], body_path[96];
  tw_trace_writer *body;
  builder_process *processes; /* owned; the index is the number in the upper 16 bits of ids */
  builder_image *images;      /* owned; 0 is the first process's */
  unsigned process_count, process_capacity, image_count, image_capacity;
  struct {
    uint64_t page, generation;
    uint8_t prot;
  } cache[BUILDER_CACHE]; /* rights known to be there or collected */
  uint64_t generations;   /* given out so far */
  uint64_t highest;       /* address */
  uint64_t lowest_frame, highest_frame;
  uint32_t thread, written; /* whose records come, and whose the last one was: docs/traces.md */
  bool placed;              /* frames are known */
  bool from_start;    /* the source begins with the program's first instruction: its first store is to its stack */
  bool children_last; /* children were traced apart and follow their parents */
  bool broken;        /* memory or the disk is out: what fails is not the source's fault */
  unsigned threads;
  unsigned bits; /* of an address, where it was traced; 0: not known */
  capture_result result;
  char command[1024];
  char assumed[64]; /* what the source does not say, for the header; "": nothing */
  const char *source;
  const char *printed;           /* path of a file with what the program printed, for the header; NULL: none is kept */
  elf_file program, interpreter; /* of image 0; count 0: not known */
} trace_builder;

bool builder_open(trace_builder *builder, const capture_options *options, const char *source, tw_error *error);
/* builder_finish.c: ends the trace: writes the maps and the body under the trace's name. */
bool builder_finish(trace_builder *builder, tw_error *error);
/* Frees everything and removes what is temporary; after builder_finish, too. */
void builder_close(trace_builder *builder);

/* The records that follow are of this thread; it is written when one comes. */
void builder_thread(trace_builder *builder, uint32_t thread);
bool builder_access(trace_builder *builder, tw_access kind, uint64_t va, uint8_t size, tw_error *error);

/* builder_events.c: what is no access. */
bool builder_map(trace_builder *builder, const tw_record_map *map, tw_error *error);
bool builder_unmap(trace_builder *builder, uint64_t start, uint64_t length, tw_error *error);
bool builder_protect(trace_builder *builder, uint64_t start, uint64_t length, uint8_t prot, tw_error *error);
bool builder_advise(trace_builder *builder, uint64_t start, uint64_t length, tw_advice advice, tw_error *error);
bool builder_break(trace_builder *builder, uint64_t end, tw_error *error);
bool builder_call(trace_builder *builder, const tw_record_call *call, tw_error *error);
bool builder_fence(trace_builder *builder, const tw_record_fence *fence, tw_error *error);
/* A child of the running process; *number becomes its number. */
bool builder_fork(trace_builder *builder, uint32_t pid, unsigned *number, tw_error *error);
/* A process with nothing mapped; it does not run yet. */
bool builder_begin(trace_builder *builder, const char *name, unsigned *number, tw_error *error);
bool builder_exec(trace_builder *builder, const char *name, tw_error *error);
/* Ends the running thread, or its process. */
bool builder_exit(trace_builder *builder, bool process, tw_error *error);
/* The page lies in this frame from now on. moved: it was touched before and lay elsewhere; first: nothing lay in the
 * frame so far. */
bool builder_place(trace_builder *builder, uint64_t va, uint64_t pa, bool moved, bool first, tw_error *error);

/* Whether a trace can hold these bytes of memory: they end before the last page of all addresses, in which nothing can
 * be mapped, and have addresses of the known width. An error if not. */
bool builder_check_range(const trace_builder *builder, uint64_t va, uint64_t bytes, tw_error *error);

/* The process that runs; the builder's until another begins. */
builder_process *builder_running(trace_builder *builder);
/* The number of the live process with this pid; process_count if there is none. */
unsigned builder_process_find(const trace_builder *builder, uint32_t pid);

/* Width of an address, as the options or the source have it; 0: not known. */
unsigned builder_bits(const trace_builder *builder);

/* Whether as many accesses were taken as the options allow. */
static inline bool builder_full(const trace_builder *builder) {
  return builder->options->limit && builder->result.accesses >= builder->options->limit;
}

/* For the parts of the builder. */
bool builder_write(trace_builder *builder, const tw_record *record, tw_error *error);
bool builder_out_of_memory(trace_builder *builder, tw_error *error);
/* builder_pages.c: collects a page, and the rights it needs if nothing has mapped it so far. False if memory is out. */
bool builder_touch(trace_builder *builder, uint64_t page, uint8_t prot);
/* The page of the running process's image, which is added if it is new. NULL if memory is out. */
builder_page *builder_page_of(trace_builder *builder, uint64_t page);
/* The running process's map changes. */
void builder_map_changed(trace_builder *builder);
bool builder_image_add(trace_builder *builder, unsigned *number);

/* initial.c: the map as a program found it. An array of regions, sorted; the caller frees it, not the names. */
typedef struct initial_map {
  tw_record_map *at;
  size_t count, capacity;
} initial_map;
bool initial_map_make(const trace_builder *builder, unsigned image, initial_map *map);

#endif
