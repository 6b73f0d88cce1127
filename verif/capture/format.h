/* A format that is imported: how to take it apart, piece by piece. One file a format, on a common frame.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_FORMAT_H
#define TWINWALK_CAPTURE_FORMAT_H

#include "builder.h"

typedef struct import_format {
  const char *name;    /* as on the command line, and in the header's key `source` */
  const char *what;    /* in a few words, for help */
  const char *nothing; /* what was expected of a file without accesses */
  size_t state_bytes;  /* of what the format keeps; begins with zeros */
  size_t record_bytes; /* of a record; 0: lines of text, each with a 0 in the place of its newline */
  size_t line_bytes;   /* of the longest line */
  bool (*open)(void *state, trace_builder *builder, tw_error *error);
  /* Takes a line or a record. False and error, without a place, if it is malformed. */
  bool (*take)(void *state, char *piece, size_t length, tw_error *error);
  /* A file begins: 0, or the number of the process whose it is; NULL: a trace is one file. */
  bool (*begin)(void *state, unsigned process, tw_error *error);
  /* It ends. NULL: there is nothing to do. */
  bool (*end)(void *state, tw_error *error);
  void (*close)(void *state); /* after a failed open, too; NULL: there is nothing to do */
} import_format;

extern const import_format FORMAT_LACKEY, FORMAT_QEMU, FORMAT_CHAMPSIM, FORMAT_CLOUDSUITE, FORMAT_DIN, FORMAT_SPIKE;

/* NULL if there is none of that name. */
const import_format *import_format_find(const char *name);

/* A trace that is being read. */
typedef struct import_stream {
  const import_format *format;
  trace_builder *builder;
  void *state;          /* the format's */
  const char *path;     /* for messages */
  uint64_t place;       /* the line, or the record's offset */
  uint64_t done, total; /* bytes; total 0: unknown */
} import_stream;

/* Makes the state. False and error on failure; close in any case. */
bool import_open(import_stream *stream, const import_format *format, trace_builder *builder, tw_error *error);
void import_close(import_stream *stream);
/* Takes a file to its end, or until the trace is full. process: whose file it is, 0 for the first. False and error,
 * with the file and the place in it, on failure. */
bool import_read(import_stream *stream, int file, const char *path, unsigned process, tw_error *error);

#endif
