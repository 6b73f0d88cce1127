/* Builds a program trace in one pass over its source: records are written to a temporary body, and pages that are
 * touched before anything maps them are collected; at the end the initial map is made of these, and the body is copied
 * behind it.
 *
 * Memory grows with the pages that are touched, not with the length of the trace.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_BUILDER_H
#define TWINWALK_CAPTURE_BUILDER_H

#include "capture.h"
#include "elf_file.h"
#include "twinwalk/region.h"

/* A page that was touched, and the rights that took as long as nothing had mapped it. */
typedef struct builder_page {
  uint64_t page; /* address / 4096 */
  bool used;
  uint8_t prot;
} builder_page;

#define BUILDER_CACHE 1024u

typedef struct trace_builder {
  const capture_options *options;
  char directory[64], body_path[96];
  tw_trace_writer *body;
  tw_region_list mapped; /* what mmap and brk mapped so far, of the first process */
  builder_page *pages;   /* a hash table; owned */
  size_t page_count, page_capacity;
  struct {
    uint64_t page, generation;
    uint8_t prot;
  } cache[BUILDER_CACHE]; /* rights known to be there or collected */
  uint64_t generation;    /* of the map: older cache entries are void */
  bool heap_known;
  uint64_t heap_end;
  bool fetched, stored;
  uint64_t first_fetch, first_store;
  uint64_t highest;   /* address */
  bool children_last; /* children were traced apart and follow their parents */
  uint32_t thread;    /* whose records are written: docs/traces.md */
  unsigned threads, processes;
  capture_result result;
  char command[1024];
  const char *source;
  elf_file program, interpreter; /* count 0: not known */
} trace_builder;

bool builder_open(trace_builder *builder, const capture_options *options, const char *source, tw_error *error);
/* Ends the trace: writes the map and the body under the trace's name. */
bool builder_finish(trace_builder *builder, tw_error *error);
/* Frees everything and removes what is temporary; after builder_finish, too. */
void builder_close(trace_builder *builder);

/* The records that follow are of this thread. */
bool builder_thread(trace_builder *builder, uint32_t thread, tw_error *error);
bool builder_access(trace_builder *builder, tw_access kind, uint64_t va, uint8_t size, tw_error *error);
bool builder_map(trace_builder *builder, const tw_record_map *map, tw_error *error);
bool builder_unmap(trace_builder *builder, uint64_t start, uint64_t length, tw_error *error);
bool builder_protect(trace_builder *builder, uint64_t start, uint64_t length, uint8_t prot, tw_error *error);
bool builder_break(trace_builder *builder, uint64_t end, tw_error *error);
/* FORK or EXIT. */
bool builder_event(trace_builder *builder, tw_record_kind kind, uint32_t id, tw_error *error);

/* Whether as many accesses were taken as the options allow. */
static inline bool builder_full(const trace_builder *builder) {
  return builder->options->limit && builder->result.accesses >= builder->options->limit;
}

/* initial.c: the map as the program found it. An array of regions, sorted; the caller frees it, not the names. */
typedef struct initial_map {
  tw_record_map *at;
  size_t count, capacity;
} initial_map;
bool initial_map_make(const trace_builder *builder, initial_map *map);

#endif
