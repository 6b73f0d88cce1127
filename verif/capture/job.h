/* A program that runs under a tracer, whose log is read as it is written.
 *
 * The log goes through a FIFO that is called like the file that the tracer wants to write, so that no large file
 * appears. A forked child opens a file of its own beside it, which is read when the parent has ended.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_JOB_H
#define TWINWALK_CAPTURE_JOB_H

#include <sys/types.h>

#include "format.h"

typedef struct capture_job capture_job;

/* How a tracer is called. */
typedef struct capture_tracer {
  const char *name;
  const import_format *format;
  /* Finds the tracer, and looks at the program. False and error if it cannot be traced. */
  bool (*find)(capture_job *job, tw_error *error);
  /* The n-th word of the command before the program's; NULL behind the last. `text` has room for words that are made.
   */
  const char *(*word)(const capture_job *job, const char *directory, size_t n, char *text, size_t size);
} capture_tracer;

extern const capture_tracer TRACER_LACKEY, TRACER_QEMU;

#define JOB_WORD_MAX (3 * ELF_PATH_MAX)

struct capture_job {
  const capture_tracer *tracer;
  char *const *argv; /* the program's, ends with NULL */
  const capture_options *options;
  char tool[ELF_PATH_MAX];    /* the tracer's program */
  char plugin[ELF_PATH_MAX];  /* QEMU's */
  char program[ELF_PATH_MAX]; /* where argv[0] was found */
  bool machine;               /* argv is QEMU's own: a whole machine is traced */
  char **command;             /* owned, with its strings */
  char fifo[160], printed[160];
  pid_t child;
  int log; /* reading end of the FIFO */
  bool ended;
  int status;
};

/* Finds a program as a shell does. */
bool job_path_search(const char *name, char *found, size_t size);
/* Finds the program to be traced, and looks whether it is a file that may be executed. */
bool job_find_program(capture_job *job, tw_error *error);

/* Starts it, with its files in a directory. */
bool job_start(capture_job *job, const char *directory, tw_error *error);
/* Waits until there is something to read, or the tracer has ended. False and error in the latter case. */
bool job_wait_for_log(capture_job *job, tw_error *error);
/* Waits for the end, or kills it, and frees what it holds. */
void job_end(capture_job *job, bool kill_it);

#endif
