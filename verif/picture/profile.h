/* What a run did over time, by segment, process and page size, and how its pages were used again.
 *
 *   space ── retired, event ──┐
 *                             ├──> profile ──> text, JSON, plots
 *   source of MMU records ────┘ (of a trace that has no space behind it)
 *
 * Counted are accesses as they were answered for good. What a fault made an access wait is in the next access's cycles.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PROFILE_H
#define TWINWALK_PROFILE_H

#include <stdio.h>

#include "canvas.h"
#include "reuse.h"
#include "source.h"
#include "timeline.h"

/* Latencies that are counted exactly; longer ones are one. */
#define TW_LATENCIES 4096u
#define TW_PAGE_SIZES (2u * TW_MAX_LEVELS) /* twice the level, and 1 if the page is of 64 KiB */

/* How accesses were answered. */
typedef struct tw_hits {
  uint64_t first;  /* by the TLB of their port */
  uint64_t second; /* by the L2 TLB */
  uint64_t walked;
  uint64_t faulted; /* and were not asked again */
} tw_hits;

typedef struct tw_process_hits {
  uint32_t process; /* its number; of a trace with no space behind it, the ASID */
  tw_hits hits;
} tw_process_hits;

/* The TLB that a page is looked for in. */
typedef enum tw_stack { TW_STACK_FETCH, TW_STACK_DATA, TW_STACK_BOTH, TW_STACK_COUNT } tw_stack;

typedef struct tw_profile {
  char *title; /* what the program trace says it is; owned; NULL */
  bool has_space;
  tw_mode mode;
  tw_timeline timeline;
  tw_reuse reuse[TW_STACK_COUNT];        /* of the programs' pages of 4096 bytes */
  tw_hits segments[TW_REGION_USE_COUNT]; /* by use; 0: no region */
  tw_process_hits *processes;            /* owned; by number */
  size_t process_count;
  tw_hits sizes[TW_PAGE_SIZES];
  uint64_t latencies[TW_LATENCIES + 1]; /* of accesses that walked, from handshake to answer, by cycles */
  struct page_table *pages;             /* owned */
  const tw_space *space;                /* whose accesses they are; the source's */
  const tw_sample_state *sample;        /* of a run that is sampled; the source's */
  uint32_t asid;                        /* of an MMU trace's last control write */
  tw_space_event last;                  /* the event before */
  bool failed;                          /* memory was out */
} tw_profile;

/* Window: accesses; 0: as it turns out. NULL if memory is out. The caller closes it. */
tw_profile *tw_profile_open(tw_mode mode, uint64_t window);
void tw_profile_close(tw_profile *profile);

/* For the options of a source of a program trace: the watcher; then the source itself. */
tw_space_watcher tw_profile_watcher(tw_profile *profile);
void tw_profile_begin(tw_profile *profile, const tw_source *source);
/* For another trace: a source that passes everything on and looks at it. Takes the source over, also on failure (NULL:
 * memory is out). */
tw_source *tw_profile_source(tw_profile *profile, tw_source *source);

/* Whether all went well. False and error if memory was out, or there were too many windows. */
bool tw_profile_check(const tw_profile *profile, tw_error *error);

/* Names: of a segment, of a page size ("4 KiB"); the latter into text. */
const char *tw_profile_segment_name(unsigned use);
void tw_profile_size_name(const tw_profile *profile, unsigned size, char *text, size_t room);
/* All accesses of a tally. */
uint64_t tw_hits_sum(const tw_hits *hits);
/* The latency that a part of the walks did not exceed: 0.5 is the median. */
uint64_t tw_profile_latency(const tw_profile *profile, double part);

/* What goes with a picture: the trace, the configuration and the run's counts. */
typedef struct tw_profile_subject {
  const char *trace;
  const tw_config *config;
  const tw_space_counts *space; /* NULL: none */
  uint64_t cycles, accesses;
} tw_profile_subject;

void tw_profile_print(const tw_profile *profile, FILE *stream);
/* As an object of the JSON library; the caller's. NULL if memory is out. */
struct json_t *tw_profile_json(const tw_profile *profile);
bool tw_profile_draw(const tw_profile *profile, const tw_profile_subject *subject, tw_canvas *canvas, tw_error *error);
bool tw_profile_save(const tw_profile *profile, const tw_profile_subject *subject, const char *path, tw_error *error);

#endif
