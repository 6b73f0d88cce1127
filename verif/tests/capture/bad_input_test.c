/* What is no lackey log is refused with file and line, and leaves nothing behind.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "files.h"

static bool import_lackey(const char *path, const capture_options *options, capture_result *result, tw_error *error) {
  return capture_import("lackey", &path, 1, options, result, error);
}

/* Importing these bytes must fail with a message that holds `expected`. */
static void refuse(void **state, const char *bytes, size_t size, const char *expected) {
  char *from = files_path(*state, "log"), *to = files_path(*state, "trace.twt");
  capture_options options = {.output = to, .form = TW_TRACE_TEXT};
  capture_result result;
  tw_error error = {0};
  files_write(from, bytes, size);
  assert_false(import_lackey(from, &options, &result, &error));
  if (!strstr(error.text, expected)) fail_msg("expected \"%s\" in \"%s\"", expected, error.text);
  assert_non_null(strstr(error.text, "/log"));
  assert_false(files_exist(to));
  assert_int_equal(files_count(*state), 1);
  free(from);
  free(to);
}

static void refuse_text(void **state, const char *text, const char *expected) {
  refuse(state, text, strlen(text), expected);
}

static void garbage_is_told_by_line(void **state) {
  refuse_text(state, "hello\n", "/log:1: expected a line of Valgrind's lackey");
  refuse_text(state, "I  00108000,4\n\nhello world\n", "/log:3: ");
  refuse_text(state, "I  00108000,4\n\nhello world\n", "found `hello world`");
}

static void malformed_accesses_are_told_by_line(void **state) {
  static const char *const wrong[] = {"I  ,4\n",
                                      "I  00108000\n",
                                      "I  00108000,\n",
                                      "I  00108000,0\n",
                                      "I  00108000,4097\n",
                                      "I  00108000,4x\n",
                                      "I  0010800g,4\n",
                                      " L 12345678901234567,4\n",
                                      " S 1 2,4\n",
                                      "I  00108000,-4\n",
                                      " L ffffffffffffffff,8\n"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char text[64];
    snprintf(text, sizeof text, "I  00108000,4\n%s", wrong[i]);
    refuse_text(state, text, "/log:2: ");
  }
}

static void truncated_log_is_told_by_line(void **state) {
  refuse_text(state, "I  00108000,4\nI  0010", "/log:2: ");
  refuse_text(state, "I  00108000,4\nSYSCALL[7", "/log:2: ");
}

static void malformed_calls_are_told_by_line(void **state) {
  refuse_text(state, "I  00108000,4\nSYSCALL[x,1](9) sys_mmap ( ) --> Success(0x0)\n", "/log:2: ");
  refuse_text(state, "I  00108000,4\nSYSCALL[7,1](9) sys_mmap ( ) --> nonsense\n", "/log:2: ");
  refuse_text(state, "I  00108000,4\nSYSCALL[7,99999](9) sys_mmap ( ) --> Success(0x0)\n", "thread below 500");
}

static void regions_that_no_trace_can_hold_are_told_by_line(void **state) {
  refuse_text(
      state,
      "I  00108000,4\nSYSCALL[7,1](9) sys_mmap ( 0x0, 18446744073709547520, 3, 34, -1, 0 ) --> Success(0x2000)\n",
      "/log:2: expected a region that ends at 2^64 at most");
  refuse_text(state, "I  00108000,4\nSYSCALL[7,1](9) sys_mmap ( 0x0, 4096, 3, 34, -1, 0 ) --> Success(0x123)\n",
              "/log:2: expected `start` and `length` in multiples of 4096");
}

/* The reader looked for the bracket behind the end of the line. */
static void bracket_that_is_not_closed_ends_with_its_line(void **state) {
  refuse_text(state, "I  00108000,4\n --> [pre-success\nSuccess(0x0)\n", "/log:2: expected a line");
}

/* Each result makes a line of what stands behind it; there may be as many as fit. */
static void line_of_very_many_results_is_read_to_its_end(void **state) {
  const char first[] = "I  00108000,4\n", result[] = " --> N) ";
  size_t count = 100000, size = sizeof first - 1 + count * (sizeof result - 1) + 6;
  char *bytes = malloc(size), *at = bytes + sizeof first - 1;
  assert_non_null(bytes);
  memcpy(bytes, first, sizeof first - 1);
  for (size_t i = 0; i < count; i++, at += sizeof result - 1) memcpy(at, result, sizeof result - 1);
  memcpy(at, "wrong\n", 6);
  refuse(state, bytes, size, "/log:2: expected a line of Valgrind's lackey");
  free(bytes);
}

static void binary_bytes_are_refused_and_not_printed(void **state) {
  char bytes[4096];
  uint32_t random = 1;
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)((random = random * 1664525u + 1013904223u) >> 24);
  refuse(state, bytes, sizeof bytes, "/log:1: ");
  refuse(state, "I  00108000,4\n\0\x1b[31m\n", 20, "/log:2: ");
  refuse(state, "\x1b[31m\n", 6, "found `.[31m`");
}

static void endless_line_is_refused(void **state) {
  size_t size = 3u << 20;
  char *bytes = malloc(size);
  assert_non_null(bytes);
  memset(bytes, 'x', size);
  refuse(state, bytes, size, "expected lines of at most");
  free(bytes);
}

static void log_without_accesses_is_refused(void **state) {
  refuse_text(state, "", "no access in it");
  refuse_text(state, "==7== Lackey, an example Valgrind tool\n", "no access in it");
}

static void address_wider_than_the_given_width_is_refused(void **state) {
  char *from = files_path(*state, "log"), *to = files_path(*state, "trace.twt");
  capture_options options = {.output = to, .form = TW_TRACE_TEXT, .bits = 32};
  capture_result result;
  tw_error error = {0};
  files_write(from, "I  100000000,4\n", 15);
  assert_false(import_lackey(from, &options, &result, &error));
  assert_non_null(strstr(error.text, "/log:1: expected addresses of 32 bits, found 0x100000000"));
  free(from);
  free(to);
}

static void process_that_has_ended_does_not_go_on(void **state) {
  refuse_text(state,
              "I  00108000,4\nSYSCALL[7,1](231) exit_group( 0 ) --> [pre-success] Success(0x0) \nI  00108004,4\n",
              "/log:3: process 0 goes on here, but it has ended");
}

static void missing_file_and_directory_are_refused(void **state) {
  char *none = files_path(*state, "none"), *to = files_path(*state, "trace.twt");
  capture_options options = {.output = to, .form = TW_TRACE_TEXT};
  capture_result result;
  tw_error error = {0};
  assert_false(import_lackey(none, &options, &result, &error));
  assert_non_null(strstr(error.text, "/none: cannot be opened: No such file"));
  assert_false(import_lackey(*state, &options, &result, &error));
  assert_non_null(strstr(error.text, "is a directory"));
  assert_false(files_exist(to));
  free(none);
  free(to);
}

static void output_that_cannot_be_written_is_told(void **state) {
  char *from = files_path(*state, "log"), *to = files_path(*state, "no/such/trace.twt");
  capture_options options = {.output = to, .form = TW_TRACE_TEXT};
  capture_result result;
  tw_error error = {0};
  files_write(from, "I  00108000,4\n", 14);
  assert_false(import_lackey(from, &options, &result, &error));
  assert_non_null(strstr(error.text, "no/such"));
  free(from);
  free(to);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(garbage_is_told_by_line),
      cmocka_unit_test(malformed_accesses_are_told_by_line),
      cmocka_unit_test(truncated_log_is_told_by_line),
      cmocka_unit_test(malformed_calls_are_told_by_line),
      cmocka_unit_test(regions_that_no_trace_can_hold_are_told_by_line),
      cmocka_unit_test(bracket_that_is_not_closed_ends_with_its_line),
      cmocka_unit_test(line_of_very_many_results_is_read_to_its_end),
      cmocka_unit_test(binary_bytes_are_refused_and_not_printed),
      cmocka_unit_test(endless_line_is_refused),
      cmocka_unit_test(log_without_accesses_is_refused),
      cmocka_unit_test(address_wider_than_the_given_width_is_refused),
      cmocka_unit_test(process_that_has_ended_does_not_go_on),
      cmocka_unit_test(missing_file_and_directory_are_refused),
      cmocka_unit_test(output_that_cannot_be_written_is_told),
  };
  return cmocka_run_group_tests_name("import_bad_input", tests, files_setup, files_teardown);
}
