/* What is kept while a log of Valgrind's lackey is read.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_LACKEY_H
#define TWINWALK_CAPTURE_LACKEY_H

#include "format.h"
#include "linux_calls.h"

#define LACKEY_PROCESSES_MAX 64u
#define LACKEY_THREADS_MAX 500u /* Valgrind's own limit of threads */

/* A system call whose result has not come yet. */
typedef struct lackey_call {
  bool seen; /* the thread was heard of */
  bool open;
  bool split; /* its result stands on a line of its own, without the thread */
  linux_call call;
} lackey_call;

typedef struct lackey_process {
  unsigned thread;    /* Valgrind's number of the thread that runs */
  bool forked, begun; /* a child begins with the result 0 of its fork */
  bool commanded;     /* it said what it runs */
} lackey_process;

typedef struct lackey_log {
  trace_builder *builder;
  linux_state linux_calls;
  const char *rest;                               /* of the line: what stands behind a result */
  lackey_process processes[LACKEY_PROCESSES_MAX]; /* by the builder's numbers */
  lackey_call *calls;                             /* of (process, thread); owned */
  unsigned waiting;                               /* calls that are split */
} lackey_log;

/* The call of a thread; both below their limits. */
static inline lackey_call *lackey_call_of(lackey_log *log, unsigned process, unsigned thread) {
  return &log->calls[process * LACKEY_THREADS_MAX + thread];
}

/* lackey_call.c: takes the arguments of a call, `name ( a, b, ... )`, apart. */
void lackey_call_parse(const char *text, linux_call *call);

#endif
