/* Where the player takes its records from: a trace, a program with an operating system's side, a generator.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SOURCE_H
#define TWINWALK_SOURCE_H

#include "sample.h"
#include "twinwalk/config.h"
#include "twinwalk/space.h"
#include "twinwalk/trace.h"

typedef enum tw_source_result {
  TW_SOURCE_RECORD, /* a record was given: image, inject, or a played one */
  TW_SOURCE_WAIT,   /* none before another answer */
  TW_SOURCE_END,
  TW_SOURCE_ERROR
} tw_source_result;

/* Takes the ANSWER and STEP records of a golden trace, which are not played. */
typedef void (*tw_source_expect)(void *payload, const tw_record *record);

typedef struct tw_source tw_source;
struct tw_source {
  tw_source_result (*next)(tw_source *source, tw_record *record, tw_error *error);
  /* Gives the accesses that come next, as many as are at hand and at most `room`, and says how many. 0: ask for the
   * next record; it may yet be an access. NULL if the source does not offer it. */
  unsigned (*accesses)(tw_source *source, tw_record *records, unsigned room);
  /* Takes the final answer of an access. NULL if the source does not care. */
  bool (*answer)(tw_source *source, const tw_record_answer *answer, tw_error *error);
  void (*close)(tw_source *source);
  /* The operating system's counts; NULL if there is none. */
  bool (*counts)(const tw_source *source, tw_space_counts *counts);
  /* How much was read so far and in all (0: unknown); NULL if that cannot be told. */
  void (*progress)(const tw_source *source, uint64_t *done, uint64_t *total);
  const char *name;              /* of the file, for messages; NULL: there is none. The options' */
  tw_trace_kind kind;            /* of the trace that is read */
  const tw_trace_header *header; /* of the MMU records: what they need, what memory does; the source's */
  tw_source_expect expect;       /* set by who wants them; may be NULL */
  void *payload;                 /* of expect */
  /* Of a program trace with its operating system's side; else NULL and false. */
  const tw_space *space;          /* the source's */
  const tw_trace_header *program; /* the program trace's own; the source's */
  bool content_checked, isolation_checked;
  tw_sample_state *sample; /* of a run that is sampled; the source's */
};

/* What the operating system's side checks. */
typedef enum tw_checks {
  TW_CHECKS_DEFAULT, /* none if the trace says that it is of one process, expects nothing and has no swap; else all */
  TW_CHECKS_NONE,
  TW_CHECKS_CONTENT,
  TW_CHECKS_ISOLATION,
  TW_CHECKS_ALL
} tw_checks;

/* "none", "content", "isolation", "all"; false if it is none of them. */
bool tw_checks_from_name(const char *name, tw_checks *checks);

/* Opens a trace of any kind. A program trace is run through an address space, with what the configuration has, then
 * what the trace's header says, then what the options say. NULL and error on failure; closed with ->close. */
typedef struct tw_source_options {
  const char *path;
  const tw_config *config;
  uint64_t seed;         /* of the address space's frames */
  bool has_seed;         /* it goes before the trace's */
  uint64_t max_accesses; /* stop after so many accesses of the trace; 0: all */
  /* Of program traces: another trace is refused with any of them but the watcher. */
  const tw_trace_header *machine; /* keys `machine.*` that go before the trace's; NULL: none. The caller's */
  const char *swap_path;          /* of the swap device's file; NULL: an unnamed one. The caller's */
  tw_checks checks;
  tw_sample sample;
  const tw_space_watcher *watcher; /* NULL: nobody looks on. The caller's */
} tw_source_options;
tw_source *tw_source_open(const tw_source_options *options, tw_error *error);

/* The address spaces behind a source; NULL if there are none. The source's. */
static inline const tw_space *tw_source_space(const tw_source *source) {
  return source->space;
}

/* Puts the source's name before an error about what is in it. Returns false. */
bool tw_source_blame(const tw_source *source, tw_error *error);

#endif
