/* Program traces from real programs: run one under Valgrind's lackey, or take a log that somebody made.
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
  capture_progress progress; /* may be NULL */
  void *payload;
} capture_options;

/* What a trace holds. */
typedef struct capture_result {
  uint64_t records, accesses, pages;
  unsigned regions; /* of the initial map */
  unsigned threads, processes;
  bool cut;
} capture_result;

/* Makes a program trace of a log that Valgrind's lackey wrote with --trace-mem=yes --trace-syscalls=yes; "-" is
 * standard input. False and error on failure: nothing is left behind then. */
bool capture_import_lackey(const char *log, const capture_options *options, capture_result *result, tw_error *error);

/* Runs a program under Valgrind and makes its trace; *status is the program's exit status, as a shell says it. argv
 * ends with NULL. Children that it forks are traced too and follow it; programs that it executes are not. False and
 * error on failure. */
bool capture_run(char *const argv[], const capture_options *options, capture_result *result, int *status,
                 tw_error *error);

#endif
