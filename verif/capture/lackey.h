/* Reads a log of Valgrind's lackey, line by line, into a program trace.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_LACKEY_H
#define TWINWALK_CAPTURE_LACKEY_H

#include "builder.h"

#define LACKEY_PROCESSES_MAX 64u
#define LACKEY_THREADS_MAX 500u /* Valgrind's own limit of threads */
#define LACKEY_FILES_MAX 1024u
#define LACKEY_LINE_MAX 65536u
#define LACKEY_BUFFER_BYTES (1u << 20)

/* A system call whose result has not come yet. */
typedef struct lackey_call {
  bool seen; /* the thread was heard of */
  bool open;
  bool split; /* its result stands on a line of its own, without the thread */
  char name[32];
  unsigned count;
  uint64_t arguments[6];
  char path[512]; /* in parentheses behind an argument; "" if there is none */
} lackey_call;

typedef struct lackey_process {
  uint32_t pid;
  unsigned thread;    /* Valgrind's number of the thread that runs */
  bool forked, begun; /* a child begins with the result 0 of its fork */
  bool commanded;     /* it said what it runs */
} lackey_process;

typedef struct lackey_log {
  trace_builder *builder;
  const char *path;           /* for messages */
  const char *rest;           /* of the line: what stands behind a result */
  uint64_t line, done, total; /* lines; bytes read, and in all (0: unknown) */
  lackey_process processes[LACKEY_PROCESSES_MAX];
  unsigned process_count, current; /* index of the process that runs: 0 is the first */
  lackey_call *calls;              /* of (process, thread); owned */
  char *files[LACKEY_FILES_MAX];   /* names of the first process's open files; owned */
} lackey_log;

bool lackey_open(lackey_log *log, trace_builder *builder, tw_error *error);
void lackey_close(lackey_log *log);

/* Reads lines to the end of a file, or until the trace is full. index: of the process whose file it is, 0 for a log of
 * all. False and error, with file and line, on failure. */
bool lackey_read(lackey_log *log, int file, const char *path, unsigned index, tw_error *error);

/* lackey_calls.c: takes the arguments of a call, `name ( a, b, ... )`, apart. */
void lackey_call_parse(const char *text, lackey_call *call);
/* What a successful call means for the process that made it. */
bool lackey_call_apply(lackey_log *log, const lackey_call *call, uint64_t result, tw_error *error);
/* The call of a thread; NULL if the thread's number is out of range. */
lackey_call *lackey_call_of(lackey_log *log, unsigned process, unsigned thread);
/* The process with this pid, made if it is new; LACKEY_PROCESSES_MAX if there are too many. */
unsigned lackey_process_of(lackey_log *log, uint32_t pid);
/* Announces a child. */
bool lackey_process_fork(lackey_log *log, uint32_t pid, tw_error *error);

#endif
