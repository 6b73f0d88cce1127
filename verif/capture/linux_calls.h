/* System calls of Linux, and what they do to an address space: as Valgrind names them on x86, and by their numbers on
 * RISC-V.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_LINUX_CALLS_H
#define TWINWALK_CAPTURE_LINUX_CALLS_H

#include "builder.h"

typedef enum linux_effect {
  LINUX_NONE, /* nothing beyond what it reads and writes */
  LINUX_MMAP,
  LINUX_MMAP2, /* its offset counts pages */
  LINUX_MUNMAP,
  LINUX_MREMAP,
  LINUX_MPROTECT,
  LINUX_MADVISE,
  LINUX_BREAK,
  LINUX_OPEN,
  LINUX_CLOSE,
  LINUX_CLONE,
  LINUX_FORK,
  LINUX_EXEC,
  LINUX_EXIT,
  LINUX_EXIT_GROUP
} linux_effect;

/* How many bytes: of a range in the program's memory, which begins at an argument. */
typedef enum linux_length {
  LENGTH_NONE,
  LENGTH_BYTES,  /* so many */
  LENGTH_WORDS,  /* so many longs */
  LENGTH_RESULT, /* what the call returned */
  LENGTH_PATH    /* a path with its 0, where the trace has its text */
} linux_length;

typedef struct linux_range {
  linux_length length;
  uint8_t argument;
  uint16_t amount, amount_x86; /* of BYTES and WORDS; x86's if it differs, else 0 */
} linux_range;

/* What is known of a call. */
typedef struct linux_kind {
  const char *name; /* Valgrind's, without sys_; "" if x86 has no such */
  uint16_t number;  /* RISC-V's; 0: it has no such */
  linux_effect effect;
  linux_range reads, writes;
} linux_kind;

/* A call as it was made. */
typedef struct linux_call {
  const linux_kind *kind; /* never NULL: there is a kind for what is not known */
  uint32_t number;        /* as the traced machine counts them */
  unsigned count;         /* of arguments that are known */
  uint64_t arguments[6];
  char path[512]; /* of the file that it names; "": not known */
} linux_call;

/* Names of open files, by process and number. */
typedef struct linux_process {
  char **files; /* owned, also each name */
  size_t count;
} linux_process;

typedef struct linux_state {
  trace_builder *builder;
  bool x86;
  linux_process *processes; /* owned; by the builder's numbers */
  unsigned process_count;
  uint64_t opened; /* files whose names are not known get a number each */
} linux_state;

void linux_close(linux_state *state);
const linux_kind *linux_kind_named(const char *name);   /* with sys_, or without */
const linux_kind *linux_kind_numbered(uint64_t number); /* RISC-V's */

/* What the call does, or did: for the process that made it, which runs. Of a fork, announces the child, once. Exits and
 * successful execs are applied when they are made, others when they return. False and error on failure. */
bool linux_apply(linux_state *state, const linux_call *call, uint64_t result, bool failed, tw_error *error);
/* The child with this pid, which is announced if it is not known; *number becomes its number. */
bool linux_fork(linux_state *state, uint32_t pid, unsigned *number, tw_error *error);
/* Whether a clone's flags make a thread, not a process. */
bool linux_makes_thread(const linux_call *call);

#endif
