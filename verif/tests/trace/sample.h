/* What the trace tests share: random traces that are legal, files, and records in a list.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_TRACE_SAMPLE_H
#define TWINWALK_TESTS_TRACE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "twinwalk/trace.h"

#define SAMPLE_PATH_BYTES 160u

/* A generator of legal records; the same seed gives the same trace. */
typedef struct sample {
  uint64_t random; /* state */
  tw_trace_kind kind;
  uint64_t numbers;             /* numbered records so far */
  uint64_t va[TW_ACCESS_COUNT]; /* last addresses, so that some are near */
  char name[64];
} sample;

void sample_begin(sample *from, tw_trace_kind kind, uint64_t seed);
uint64_t sample_draw(sample *from, uint64_t below); /* 0 to below-1 */
void sample_record(sample *from, tw_record *record);

/* Sets a few keys, one of them with everything that a value may hold. */
void sample_header(tw_trace_header *header, tw_trace_kind kind);

/* Writes a random trace; fails the test if it cannot. */
void sample_write(const char *path, tw_trace_kind kind, tw_trace_form form, uint64_t seed, uint64_t records);

/* Copies a trace to a form; fails the test if it cannot. */
void sample_convert(const char *from, const char *to, tw_trace_form form);

typedef struct sample_outcome {
  bool opened;
  tw_trace_result result;
  uint64_t records;
  tw_error error;
} sample_outcome;

/* Reads a trace to its end or to an error. Each record is formatted, and given to `expect` line by line if that is not
 * NULL: a line that differs fails the test. */
sample_outcome sample_read(const char *path, char *const *expect);

/* All lines of a trace's records, ended by NULL; sample_lines_free frees them. */
char **sample_lines(const char *path);
void sample_lines_free(char **lines);

/* Whole files; the caller frees the bytes. Fail the test if they cannot. */
uint8_t *sample_load(const char *path, size_t *size);
void sample_save(const char *path, const void *bytes, size_t size);

/* A fresh directory, in memory if there is one (thousands of files are written, and a disk would be waited for), and a
 * name in it. */
void sample_directory(char directory[SAMPLE_PATH_BYTES]);
void sample_directory_remove(const char *directory);    /* with the files in it */
unsigned sample_directory_count(const char *directory); /* files in it */
const char *sample_path(char path[SAMPLE_PATH_BYTES], const char *directory, const char *name);

#endif
