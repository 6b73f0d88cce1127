/* Captures the project's own programs and compares the traces with what the programs say of themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture.h"
#include "files.h"

typedef struct test_programs {
  char *whereami, *threads;
  void *directory;
} test_programs;

/* Captures with the program's output going to a file; it and the trace are in the directory. */
static capture_result capture(const test_programs *programs, char *program, uint64_t limit) {
  char *trace = files_path(programs->directory, "trace.twb"), *text = files_path(programs->directory, "text");
  char *argv[] = {program, NULL};
  capture_options options = {.output = trace, .form = TW_TRACE_BINARY, .limit = limit, .keep_output = true};
  capture_result result = {0};
  tw_error error = {0};
  int status = -1;
  fflush(NULL);
  int kept = dup(STDOUT_FILENO), file = open(text, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(kept >= 0 && file >= 0);
  dup2(file, STDOUT_FILENO);
  bool done = capture_run(NULL, argv, &options, &result, &status, &error);
  dup2(kept, STDOUT_FILENO);
  close(kept);
  close(file);
  if (!done) fail_msg("%s", error.text);
  if (!limit) assert_int_equal(status, 0);
  free(trace);
  free(text);
  return result;
}

/* What the trace's regions, at any time, say of an address: the use of the last one that covered it. */
static tw_region_use use_of(const test_programs *programs, uint64_t va) {
  char *path = files_path(programs->directory, "trace.twb");
  tw_error error = {0};
  tw_record record;
  tw_region_use use = TW_REGION_USE_COUNT;
  uint64_t heap = 0, end = 0;
  tw_trace_reader *reader = tw_trace_open(path, &error);
  if (!reader) fail_msg("%s", error.text);
  while (tw_trace_read(reader, &record, &error) == TW_TRACE_RECORD) {
    if (record.kind == TW_RECORD_MAP && va - record.map.start < record.map.length) use = record.map.use;
    if (record.kind != TW_RECORD_BREAK) continue;
    if (!heap) heap = record.map.start;
    if (record.map.start > end) end = record.map.start;
  }
  tw_trace_close(reader);
  free(path);
  return va >= heap && va < end ? TW_REGION_HEAP : use;
}

static void regions_are_where_the_program_says_they_are(void **state) {
  static const struct {
    const char *what;
    tw_region_use use;
  } expected[] = {{"code", TW_REGION_CODE},
                  {"library code", TW_REGION_FILE},
                  {"read-only data", TW_REGION_RODATA},
                  {"data", TW_REGION_DATA},
                  {"bss", TW_REGION_BSS},
                  {"heap (small)", TW_REGION_HEAP},
                  {"heap (mapped)", TW_REGION_MAPPED},
                  {"stack", TW_REGION_STACK}};
  const test_programs *programs = *state;
  capture_result result = capture(programs, programs->whereami, 0);
  assert_true(result.accesses > 100000);
  assert_true(result.pages > 200);
  assert_false(result.cut);
  char *path = files_path(programs->directory, "text"), *text = files_read(path), *line = text;
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++, line = strchr(line, '\n') + 1) {
    unsigned long first, last;
    assert_true(strncmp(line, expected[i].what, strlen(expected[i].what)) == 0);
    int fields = sscanf(line + 18, "%lx .. %lx", &first, &last);
    assert_true(fields >= 1);
    /* A region's last byte tells more than its first: data and BSS share a page. */
    tw_region_use use = use_of(programs, fields == 2 ? last : first);
    if (use != expected[i].use) fail_msg("%s: found %s", expected[i].what, tw_region_use_name(use));
  }
  free(text);
  free(path);
}

static void what_the_program_printed_is_in_the_header(void **state) {
  const test_programs *programs = *state;
  capture(programs, programs->whereami, 0);
  char *trace = files_path(programs->directory, "trace.twb"), *path = files_path(programs->directory, "text");
  char *text = files_read(path), *line = text, key[32];
  tw_error error = {0};
  unsigned lines = 0;
  tw_trace_reader *reader = tw_trace_open(trace, &error);
  if (!reader) fail_msg("%s", error.text);
  for (char *end; (end = strchr(line, '\n')); line = end + 1) {
    *end = 0;
    snprintf(key, sizeof key, "output.%u", ++lines);
    const char *kept = tw_trace_header_get(tw_trace_reader_header(reader), key);
    assert_non_null(kept);
    assert_string_equal(kept, line);
  }
  assert_true(lines >= 8);
  tw_trace_close(reader);
  free(text);
  free(path);
  free(trace);
}

static void limit_ends_the_program_and_is_noted(void **state) {
  const test_programs *programs = *state;
  capture_result result = capture(programs, programs->whereami, 5000);
  assert_true(result.cut);
  assert_true(result.accesses == 5000);
  char *path = files_path(programs->directory, "trace.twb");
  tw_error error = {0};
  tw_trace_reader *reader = tw_trace_open(path, &error);
  assert_non_null(reader);
  assert_string_equal(tw_trace_header_get(tw_trace_reader_header(reader), "cut"), "5000");
  tw_trace_close(reader);
  free(path);
}

static void child_follows_its_parent(void **state) {
  const test_programs *programs = *state;
  capture_result result = capture(programs, programs->threads, 0);
  char *path = files_path(programs->directory, "trace.twb");
  tw_error error = {0};
  tw_record record;
  unsigned forks = 0, process = 0;
  uint64_t accesses[2] = {0, 0};
  assert_int_equal(result.processes, 2);
  assert_true(result.threads >= 3);
  tw_trace_reader *reader = tw_trace_open(path, &error);
  assert_non_null(reader);
  assert_string_equal(tw_trace_header_get(tw_trace_reader_header(reader), "interleaving"), "children-last");
  while (tw_trace_read(reader, &record, &error) == TW_TRACE_RECORD) {
    forks += record.kind == TW_RECORD_FORK;
    if (record.kind == TW_RECORD_THREAD) {
      assert_true(record.id >> 16 >= process && record.id >> 16 < 2);
      process = record.id >> 16;
    }
    accesses[process] += record.kind == TW_RECORD_ACCESS;
  }
  assert_int_equal(forks, 1);
  assert_true(accesses[0] > 100000 && accesses[1] > 100);
  tw_trace_close(reader);
  free(path);
}

static void program_that_does_not_exist_is_told(void **state) {
  const test_programs *programs = *state;
  char *trace = files_path(programs->directory, "none.twb");
  char *argv[] = {"/no/such/program", NULL}, *directory[] = {programs->directory, NULL};
  capture_options options = {.output = trace, .form = TW_TRACE_BINARY};
  capture_result result;
  tw_error error = {0};
  int status;
  assert_false(capture_run(NULL, argv, &options, &result, &status, &error));
  assert_string_equal(error.text, "/no/such/program: cannot be executed: No such file or directory");
  assert_false(capture_run(NULL, directory, &options, &result, &status, &error));
  assert_non_null(strstr(error.text, "no regular file"));
  assert_false(files_exist(trace));
  free(trace);
}

static void missing_valgrind_is_told(void **state) {
  const test_programs *programs = *state;
  char *path = strdup(getenv("PATH"));
  char *argv[] = {programs->whereami, NULL};
  capture_options options = {.output = "none.twb", .form = TW_TRACE_BINARY};
  capture_result result;
  tw_error error = {0};
  int status;
  setenv("PATH", programs->directory, 1);
  bool done = capture_run(NULL, argv, &options, &result, &status, &error);
  setenv("PATH", path, 1);
  free(path);
  assert_false(done);
  assert_non_null(strstr(error.text, "apt install valgrind"));
}

int main(int argc, char **argv) {
  test_programs state = {argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL, NULL};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(regions_are_where_the_program_says_they_are, &state),
      cmocka_unit_test_prestate(what_the_program_printed_is_in_the_header, &state),
      cmocka_unit_test_prestate(limit_ends_the_program_and_is_noted, &state),
      cmocka_unit_test_prestate(child_follows_its_parent, &state),
      cmocka_unit_test_prestate(program_that_does_not_exist_is_told, &state),
      cmocka_unit_test_prestate(missing_valgrind_is_told, &state),
  };
  if (argc != 3) {
    fprintf(stderr, "usage: %s WHEREAMI THREADS\n", argv[0]);
    return 2;
  }
  if (system("valgrind --version >/dev/null 2>&1")) {
    printf("SKIPPED: valgrind is not installed, so nothing can be captured\n");
    return 77;
  }
  if (files_setup(&state.directory)) return 2;
  int failed = cmocka_run_group_tests_name("capture", tests, NULL, NULL);
  return files_teardown(&state.directory) ? 2 : failed;
}
