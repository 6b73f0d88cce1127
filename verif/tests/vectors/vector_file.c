/* Files of recorded vectors: opening, decompression and lines; what a line says is in vector_line.c.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "vector_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "vector_line.h"

bool vector_file_from_text(vector_file *file, const char *text, size_t size) {
  *file = (vector_file){.text = malloc(size + 1)};
  if (!file->text) return false;
  memcpy(file->text, text, size);
  file->text[size] = '\0';
  file->next = file->text;
  return true;
}

/* All of an open file in memory; NULL if that cannot be had. The caller frees it. */
static char *slurp(FILE *stream, size_t *size) {
  if (fseek(stream, 0, SEEK_END) != 0) return NULL;
  const long end = ftell(stream);
  if (end < 0 || fseek(stream, 0, SEEK_SET) != 0) return NULL;
  *size = (size_t)end;
  char *bytes = malloc(*size + 1);
  if (bytes && fread(bytes, 1, *size, stream) != *size) {
    free(bytes);
    return NULL;
  }
  return bytes;
}

static bool decompress(vector_file *file, const char *bytes, size_t size) {
  const unsigned long long length = ZSTD_getFrameContentSize(bytes, size);
  if (length == ZSTD_CONTENTSIZE_ERROR || length == ZSTD_CONTENTSIZE_UNKNOWN) return false;
  file->text = malloc((size_t)length + 1);
  if (!file->text) return false;
  if (ZSTD_decompress(file->text, (size_t)length, bytes, size) != length) return false;
  file->text[length] = '\0';
  file->next = file->text;
  return true;
}

bool vector_file_open(vector_file *file, const char *path) {
  *file = (vector_file){.error = "cannot be read"};
  FILE *stream = fopen(path, "rb");
  if (!stream) return false;
  size_t size = 0;
  char *bytes = slurp(stream, &size);
  const bool closed = fclose(stream) == 0;
  if (bytes && closed) {
    file->error = "is not a whole zstd frame";
    if (decompress(file, bytes, size)) file->error = NULL;
  }
  free(bytes);
  if (file->error) vector_file_close(file);
  return !file->error;
}

/* The next line that is no comment, cut off in place; NULL if there is none. */
static char *next_line(vector_file *file) {
  while (*file->next) {
    char *line = file->next;
    char *end = strchr(line, '\n');
    file->next = end ? end + 1 : line + strlen(line);
    if (end) *end = '\0';
    file->line++;
    if (*line && *line != '#') return line;
  }
  return NULL;
}

bool vector_file_next(vector_file *file, vector_record *record) {
  char *line = next_line(file);
  if (!line) {
    if (!file->ended) file->error = "the end is missing";
    return false;
  }
  if (file->ended) {
    file->error = "something follows the end";
    return false;
  }
  if (!vector_line_parse(line, record)) {
    file->error = "this line is no record";
    return false;
  }
  file->ended = record->kind == VECTOR_END;
  return true;
}

void vector_file_close(vector_file *file) {
  free(file->text);
  file->text = NULL;
  file->next = NULL;
}
