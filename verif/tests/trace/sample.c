/* Random traces, and files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void sample_header(tw_trace_header *header, tw_trace_kind kind) {
  tw_trace_header_init(header, kind);
  assert_true(tw_trace_header_set(header, "source", "random"));
  assert_true(tw_trace_header_set(header, "odd.key-0_9", " leading blank, tab\t, # no comment: \"quoted\" \xc3\xa9 "));
  assert_true(tw_trace_header_set(header, "empty", "%s", ""));
}

static void write_or_fail(tw_trace_writer *writer, const tw_record *record) {
  tw_error error;
  if (!tw_trace_write(writer, record, &error)) fail_msg("%s", error.text);
}

void sample_write(const char *path, tw_trace_kind kind, tw_trace_form form, uint64_t seed, uint64_t records) {
  tw_trace_header header;
  tw_error error;
  tw_record record;
  sample from;
  sample_header(&header, kind);
  tw_trace_writer *writer = tw_trace_create(path, form, &header, &error);
  tw_trace_header_free(&header);
  if (!writer) fail_msg("%s", error.text);
  sample_begin(&from, kind, seed);
  for (uint64_t i = 0; i < records; i++) {
    sample_record(&from, &record);
    write_or_fail(writer, &record);
  }
  if (!tw_trace_commit(writer, &error)) fail_msg("%s", error.text);
}

void sample_convert(const char *from, const char *to, tw_trace_form form) {
  tw_error error;
  tw_record record;
  tw_trace_result result;
  tw_trace_reader *reader = tw_trace_open(from, &error);
  if (!reader) fail_msg("%s", error.text);
  tw_trace_writer *writer = tw_trace_create(to, form, tw_trace_reader_header(reader), &error);
  if (!writer) fail_msg("%s", error.text);
  while ((result = tw_trace_read(reader, &record, &error)) == TW_TRACE_RECORD) write_or_fail(writer, &record);
  if (result != TW_TRACE_END || !tw_trace_commit(writer, &error)) fail_msg("%s", error.text);
  tw_trace_close(reader);
}

sample_outcome sample_read(const char *path, char *const *expect) {
  static const size_t LINE_BYTES = 1 << 15;
  sample_outcome outcome = {.result = TW_TRACE_ERROR};
  tw_record record;
  tw_trace_reader *reader = tw_trace_open(path, &outcome.error);
  if (!reader) return outcome;
  outcome.opened = true;
  char *line = malloc(LINE_BYTES);
  assert_non_null(line);
  while ((outcome.result = tw_trace_read(reader, &record, &outcome.error)) == TW_TRACE_RECORD) {
    tw_record_format(&record, line, LINE_BYTES);
    if (expect && (!expect[outcome.records] || strcmp(expect[outcome.records], line) != 0))
      fail_msg("record %llu is `%s`", (unsigned long long)outcome.records, line);
    outcome.records++;
  }
  free(line);
  tw_trace_close(reader);
  return outcome;
}

char **sample_lines(const char *path) {
  char **lines = NULL, line[1 << 15];
  size_t count = 0;
  tw_error error;
  tw_record record;
  tw_trace_reader *reader = tw_trace_open(path, &error);
  if (!reader) fail_msg("%s", error.text);
  do {
    if ((count & (count - 1)) == 0) lines = realloc(lines, (count == 0 ? 1 : 2 * count) * sizeof *lines);
    assert_non_null(lines);
    const tw_trace_result result = tw_trace_read(reader, &record, &error);
    if (result == TW_TRACE_ERROR) fail_msg("%s", error.text);
    if (result == TW_TRACE_RECORD) tw_record_format(&record, line, sizeof line);
    lines[count] = result == TW_TRACE_RECORD ? strdup(line) : NULL;
  } while (lines[count++]);
  tw_trace_close(reader);
  return lines;
}

void sample_lines_free(char **lines) {
  for (char **line = lines; *line; line++) free(*line);
  free(lines);
}

uint8_t *sample_load(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  *size = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(*size + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *size, file), *size);
  bytes[*size] = 0;
  fclose(file);
  return bytes;
}

void sample_save(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

void sample_directory(char directory[SAMPLE_PATH_BYTES]) {
  const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
  snprintf(directory, SAMPLE_PATH_BYTES, "%.100s/trace-test-XXXXXX", base ? base : "/tmp");
  assert_non_null(mkdtemp(directory));
}

/* Calls unlink on every file of a directory if asked to; how many there were. */
static unsigned visit_directory(const char *directory, bool remove_them) {
  unsigned count = 0;
  char path[SAMPLE_PATH_BYTES + 256];
  DIR *open = opendir(directory);
  assert_non_null(open);
  for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    count++;
    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    if (remove_them) unlink(path);
  }
  closedir(open);
  return count;
}

void sample_directory_remove(const char *directory) {
  visit_directory(directory, true);
  rmdir(directory);
}

unsigned sample_directory_count(const char *directory) {
  return visit_directory(directory, false);
}

const char *sample_path(char path[SAMPLE_PATH_BYTES], const char *directory, const char *name) {
  snprintf(path, SAMPLE_PATH_BYTES, "%.110s/%.40s", directory, name);
  return path;
}
