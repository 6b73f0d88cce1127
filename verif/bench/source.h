/* Where the player takes its records from: a trace, a program with an operating system's side, a generator.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SOURCE_H
#define TWINWALK_SOURCE_H

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
  void *payload;
};

/* Opens a trace of any kind. A program trace is run through an address space. NULL and error on failure; closed with
 * ->close. */
typedef struct tw_source_options {
  const char *path;
  const tw_config *config;
  uint64_t seed;         /* of the address space's frames */
  uint64_t max_accesses; /* stop after so many accesses of the trace; 0: all */
} tw_source_options;
tw_source *tw_source_open(const tw_source_options *options, tw_error *error);

/* Puts the source's name before an error about what is in it. Returns false. */
bool tw_source_blame(const tw_source *source, tw_error *error);

#endif
