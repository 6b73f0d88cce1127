/* The frame of all importers: a file's lines or records, one after the other, with the place of what is wrong.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "text.h"

#define BUFFER_BYTES (1u << 20)

bool import_open(import_stream *stream, const import_format *format, trace_builder *builder, tw_error *error) {
  *stream = (import_stream){.format = format, .builder = builder, .state = calloc(1, format->state_bytes)};
  if (!stream->state) return builder_out_of_memory(builder, error);
  return format->open(stream->state, builder, error);
}

void import_close(import_stream *stream) {
  if (stream->state && stream->format->close) stream->format->close(stream->state);
  free(stream->state);
  *stream = (import_stream){0};
}

/* Puts the place before what is wrong. With keep_going it is counted, unless it is not the file's fault. */
static bool stream_refuse(import_stream *stream, const tw_error *cause, tw_error *error) {
  capture_result *result = &stream->builder->result;
  const char *at = stream->format->record_bytes ? ": offset " : ":";
  tw_error_set(error, "%.150s%s%" PRIu64 ": %.300s", stream->path, at, stream->place, cause->text);
  if (!stream->builder->options->keep_going || stream->builder->broken) return false;
  if (!result->left_out++) snprintf(result->first_left, sizeof result->first_left, "%s", error->text);
  return true;
}

static bool stream_take(import_stream *stream, char *piece, size_t length, tw_error *error) {
  tw_error cause = {0};
  if (!stream->format->record_bytes) {
    stream->place++;
    piece[length] = 0;
    if (memchr(piece, 0, length)) {
      text_unexpected(stream->format->nothing, piece, &cause);
      return stream_refuse(stream, &cause, error);
    }
  }
  if (!stream->format->take(stream->state, piece, length, &cause)) return stream_refuse(stream, &cause, error);
  return true;
}

/* Takes every whole line; what is left of the buffer moves to its front. At the end of the file the rest is a line. */
static bool stream_lines(import_stream *stream, char *buffer, size_t *filled, bool last, tw_error *error) {
  char *at = buffer, *end = buffer + *filled, *newline;
  while (!builder_full(stream->builder) && (newline = memchr(at, '\n', (size_t)(end - at)))) {
    if (!stream_take(stream, at, (size_t)(newline - at), error)) return false;
    at = newline + 1;
  }
  *filled = (size_t)(end - at);
  if (builder_full(stream->builder)) return true;
  if (*filled > stream->format->line_bytes) {
    return tw_error_set(error, "%.150s:%" PRIu64 ": expected lines of at most %zu bytes", stream->path,
                        stream->place + 1, stream->format->line_bytes);
  }
  if (last) return !*filled || stream_take(stream, at, *filled, error);
  memmove(buffer, at, *filled);
  return true;
}

static bool stream_records(import_stream *stream, char *buffer, size_t *filled, bool last, tw_error *error) {
  size_t size = stream->format->record_bytes;
  char *at = buffer;
  for (; *filled >= size && !builder_full(stream->builder); at += size, *filled -= size) {
    if (!stream_take(stream, at, size, error)) return false;
    stream->place += size;
  }
  if (last && *filled && !builder_full(stream->builder)) {
    tw_error cause;
    tw_error_set(&cause, "expected a record of %zu bytes, found the last %zu bytes of the file", size, *filled);
    return stream_refuse(stream, &cause, error);
  }
  memmove(buffer, at, *filled);
  return true;
}

static bool stream_pieces(import_stream *stream, char *buffer, size_t *filled, bool last, tw_error *error) {
  return stream->format->record_bytes ? stream_records(stream, buffer, filled, last, error)
                                      : stream_lines(stream, buffer, filled, last, error);
}

static bool stream_read_all(import_stream *stream, int file, char *buffer, tw_error *error) {
  const capture_options *options = stream->builder->options;
  size_t filled = 0;
  ssize_t got = 1;
  while (got && !builder_full(stream->builder)) {
    got = read(file, buffer + filled, BUFFER_BYTES - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tw_error_set(error, "%.150s: cannot be read: %m", stream->path);
    filled += (size_t)got;
    stream->done += (uint64_t)got;
    if (!stream_pieces(stream, buffer, &filled, !got, error)) return false;
    if (options->progress) options->progress(options->payload, stream->done, stream->total);
  }
  return true;
}

bool import_read(import_stream *stream, int file, const char *path, unsigned process, tw_error *error) {
  const import_format *format = stream->format;
  tw_error cause = {0};
  stream->path = path;
  stream->place = 0;
  if (format->begin && !format->begin(stream->state, process, error)) return false;
  char *buffer = malloc(BUFFER_BYTES + 1);
  if (!buffer) return builder_out_of_memory(stream->builder, error);
  bool done = stream_read_all(stream, file, buffer, error);
  free(buffer);
  if (!done || !format->end || builder_full(stream->builder)) return done;
  return format->end(stream->state, &cause) || stream_refuse(stream, &cause, error);
}
