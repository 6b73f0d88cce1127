/* Program traces from real programs: run one under Valgrind or QEMU, or take a trace that another tool made.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_H
#define TWINWALK_CAPTURE_H

#include "twinwalk/trace.h"

/* Told now and then; done and total are bytes, total 0: unknown. */
typedef void (*capture_progress)(void *payload, uint64_t done, uint64_t total);

typedef struct capture_options {
  const char *output; /* path of the trace, "-" is standard output */
  tw_trace_form form;
  unsigned bits;             /* 32, 64, or 0: as it turns out */
  const char *name;          /* of the program; NULL: from its command */
  uint64_t limit;            /* accesses after which the trace is cut; 0: none */
  bool keep_going;           /* what cannot be taken is left out and counted */
  bool keep_output;          /* capture: what the program prints is kept in the header */
  capture_progress progress; /* may be NULL */
  void *payload;
} capture_options;

/* What a trace holds. */
typedef struct capture_result {
  uint64_t records, accesses, pages;
  uint64_t left_out;    /* lines or records of the source, with keep_going */
  char first_left[512]; /* why the first of them was */
  unsigned regions;     /* of the initial maps */
  unsigned threads, processes;
  bool cut;
} capture_result;

/* Makes a program trace of what another tool wrote (docs/importing.md). files[0] is the trace, "-" is standard input;
 * the others, if the format has such, are those of forked children: the last number in a file's name is its process's.
 * False and error on failure: nothing is left behind then. */
bool capture_import(const char *format, const char *const *files, size_t count, const capture_options *options,
                    capture_result *result, tw_error *error);
/* The n-th format's name, and what it is in a few words; NULL behind the last. */
const char *capture_format_at(size_t n, const char **what);
/* Whether the traces of children may follow in files of their own. */
bool capture_format_has_children(const char *name);

/* Runs a program under a tracer, "lackey" or "qemu" (NULL: qemu for RISC-V programs, else lackey), and makes its trace;
 * *status is the program's exit status, as a shell says it. argv ends with NULL. Children that it forks are traced too
 * and follow it; programs that it executes are not. False and error on failure. */
bool capture_run(const char *tracer, char *const argv[], const capture_options *options, capture_result *result,
                 int *status, tw_error *error);

#endif
