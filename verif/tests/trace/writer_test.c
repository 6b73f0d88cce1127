/* A trace appears under its name whole, or not at all: full disks, forbidden records, links, devices.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sample.h"

#include <cmocka.h>

typedef struct fixture {
  char directory[SAMPLE_PATH_BYTES], path[SAMPLE_PATH_BYTES];
} fixture;

static int begin(void **state) {
  fixture *at = *state;
  sample_directory(at->directory);
  sample_path(at->path, at->directory, "t");
  return 0;
}

static int end(void **state) {
  sample_directory_remove(((fixture *)*state)->directory);
  return 0;
}

static tw_trace_writer *create(const char *path, tw_trace_form form, tw_error *error) {
  tw_trace_header header;
  tw_trace_header_init(&header, TW_TRACE_MMU);
  tw_trace_writer *writer = tw_trace_create(path, form, &header, error);
  tw_trace_header_free(&header);
  return writer;
}

/* Writes random records until an error or the last of them, and commits. */
static bool write_many(tw_trace_writer *writer, uint64_t records, tw_error *error) {
  sample from;
  tw_record record;
  bool good = true;
  sample_begin(&from, TW_TRACE_MMU, 1);
  for (uint64_t i = 0; good && i < records; i++) {
    sample_record(&from, &record);
    good = tw_trace_write(writer, &record, error);
  }
  if (!good)
    assert_false(tw_trace_commit(writer, error));
  else
    good = tw_trace_commit(writer, error);
  return good;
}

static void assert_holds(const char *path, const char *text) {
  size_t size;
  uint8_t *bytes = sample_load(path, &size);
  assert_string_equal((char *)bytes, text);
  free(bytes);
}

static void a_full_disk_is_told_and_leaves_the_old_file(void **state) {
  const fixture *at = *state;
  const struct rlimit small = {100000, RLIM_INFINITY};
  struct rlimit old;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  for (tw_trace_form form = TW_TRACE_TEXT; form <= TW_TRACE_BINARY; form++) {
    tw_error error = {""};
    sample_save(at->path, "old", 3);
    tw_trace_writer *writer = create(at->path, form, &error);
    assert_non_null(writer);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const bool good = write_many(writer, 100000, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_false(good);
    assert_non_null(strstr(error.text, ": cannot write: File too large"));
    assert_holds(at->path, "old");
    assert_int_equal(sample_directory_count(at->directory), 1);
  }
}

/* The error comes when the trace is so short that nothing is written before its end. */
static void a_full_device_is_told_at_the_end(void **state) {
  (void)state;
  for (tw_trace_form form = TW_TRACE_TEXT; form <= TW_TRACE_BINARY; form++) {
    tw_error error = {""};
    tw_trace_writer *writer = create("/dev/full", form, &error);
    assert_non_null(writer);
    assert_false(write_many(writer, 3, &error));
    assert_string_equal(error.text, "/dev/full: cannot write: No space left on device");
  }
}

static void a_device_stays_a_device(void **state) {
  tw_error error = {""};
  struct stat status;
  (void)state;
  tw_trace_writer *writer = create("/dev/null", TW_TRACE_BINARY, &error);
  assert_non_null(writer);
  assert_true(write_many(writer, 3, &error));
  assert_int_equal(stat("/dev/null", &status), 0);
  assert_true(S_ISCHR(status.st_mode));
}

static void a_trace_is_under_its_name_only_when_committed(void **state) {
  const fixture *at = *state;
  tw_error error = {""};
  sample_save(at->path, "old", 3);
  tw_trace_writer *writer = create(at->path, TW_TRACE_BINARY, &error);
  assert_non_null(writer);
  assert_int_equal(sample_directory_count(at->directory), 2);
  assert_holds(at->path, "old");
  assert_true(write_many(writer, 1000, &error));
  assert_int_equal(sample_directory_count(at->directory), 1);
  assert_int_equal(sample_read(at->path, NULL).records, 1000);
}

static void an_abandoned_trace_leaves_nothing(void **state) {
  const fixture *at = *state;
  tw_error error = {""};
  tw_trace_writer *writer = create(at->path, TW_TRACE_TEXT, &error);
  assert_non_null(writer);
  tw_trace_abandon(writer);
  tw_trace_abandon(NULL);
  assert_int_equal(sample_directory_count(at->directory), 0);
}

static void a_forbidden_record_is_told_and_ends_the_trace(void **state) {
  const fixture *at = *state;
  const tw_record good = {.kind = TW_RECORD_FENCE};
  const tw_record bad = {.kind = TW_RECORD_ACCESS, .access = {.kind = TW_LOAD, .va = 4095, .size = 2}};
  char expected[SAMPLE_PATH_BYTES + 100];
  tw_error error = {""};
  tw_trace_writer *writer = create(at->path, TW_TRACE_BINARY, &error);
  assert_non_null(writer);
  assert_true(tw_trace_write(writer, &good, &error));
  assert_false(tw_trace_write(writer, &bad, &error));
  snprintf(expected, sizeof expected, "%s: record 1: expected an access within one page, found va=0xfff size=2",
           at->path);
  assert_string_equal(error.text, expected);
  assert_false(tw_trace_write(writer, &good, &error));
  assert_string_equal(error.text, expected);
  assert_false(tw_trace_commit(writer, &error));
  assert_string_equal(error.text, expected);
  assert_int_equal(sample_directory_count(at->directory), 0);
}

static void a_link_stays_and_its_target_is_replaced(void **state) {
  const fixture *at = *state;
  char link_path[SAMPLE_PATH_BYTES];
  struct stat status;
  tw_error error = {""};
  sample_save(at->path, "old", 3);
  assert_int_equal(symlink("t", sample_path(link_path, at->directory, "link")), 0);
  tw_trace_writer *writer = create(link_path, TW_TRACE_TEXT, &error);
  assert_non_null(writer);
  assert_true(write_many(writer, 10, &error));
  assert_int_equal(lstat(link_path, &status), 0);
  assert_true(S_ISLNK(status.st_mode));
  assert_int_equal(sample_read(at->path, NULL).records, 10);
}

static void a_place_that_is_not_there_is_told(void **state) {
  const fixture *at = *state;
  char path[SAMPLE_PATH_BYTES], expected[SAMPLE_PATH_BYTES + 60];
  tw_error error = {""};
  sample_path(path, at->directory, "none/t");
  assert_null(create(path, TW_TRACE_TEXT, &error));
  snprintf(expected, sizeof expected, "%s: cannot create: No such file or directory", path);
  assert_string_equal(error.text, expected);
  assert_null(create(at->directory, TW_TRACE_TEXT, &error));
  snprintf(expected, sizeof expected, "%s: cannot open: Is a directory", at->directory);
  assert_string_equal(error.text, expected);
}

int main(void) {
  static fixture at;
  signal(SIGXFSZ, SIG_IGN);
#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, begin, end, &at)
  const struct CMUnitTest tests[] = {
      TEST(a_full_disk_is_told_and_leaves_the_old_file),
      TEST(a_full_device_is_told_at_the_end),
      TEST(a_device_stays_a_device),
      TEST(a_trace_is_under_its_name_only_when_committed),
      TEST(an_abandoned_trace_leaves_nothing),
      TEST(a_forbidden_record_is_told_and_ends_the_trace),
      TEST(a_link_stays_and_its_target_is_replaced),
      TEST(a_place_that_is_not_there_is_told),
  };
  return cmocka_run_group_tests_name("trace_writer", tests, NULL, NULL);
}
