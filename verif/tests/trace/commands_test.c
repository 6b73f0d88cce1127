/* `twinwalk convert`, `cat` and `diff`: what they write, and their exit statuses.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "sample.h"

#include <cmocka.h>

static const char GOLDEN[] = "twinwalk golden 3\n"
                             "config.name: base39\n"
                             "---\n"
                             "load va=0x1008 size=8\n"
                             "store va=0x2000 size=4 after=-1\n"
                             "step cycle=4 pa=0x80000008 size=8 pte=0xcf\n"
                             "answer of=1 accepted=9 answered=14 fault reason=invalid only\n"
                             "answer of=0 accepted=2 answered=7 ok pa=0x80001008 level=2 flags=DAXWRV\n"
                             "end 5\n";

typedef struct fixture {
  char directory[SAMPLE_PATH_BYTES], a[SAMPLE_PATH_BYTES], b[SAMPLE_PATH_BYTES], out[SAMPLE_PATH_BYTES],
      complaint[SAMPLE_PATH_BYTES];
  char *text; /* of the last command's standard output */
} fixture;

static int begin(void **state) {
  fixture *at = *state;
  sample_directory(at->directory);
  sample_path(at->a, at->directory, "a");
  sample_path(at->b, at->directory, "b");
  sample_path(at->out, at->directory, "out");
  sample_path(at->complaint, at->directory, "complaint");
  at->text = NULL;
  return 0;
}

static int end(void **state) {
  fixture *at = *state;
  free(at->text);
  sample_directory_remove(at->directory);
  return 0;
}

/* Points a standard stream at a file; returns what it was. */
static int redirect(FILE *stream, const char *path) {
  const int old = dup(fileno(stream)), file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  assert_true(old >= 0 && file >= 0);
  fflush(stream);
  dup2(file, fileno(stream));
  close(file);
  return old;
}

static void restore(FILE *stream, int old) {
  fflush(stream);
  dup2(old, fileno(stream));
  close(old);
}

/* Runs a subcommand with up to four arguments; its output is kept in at->text. Returns its exit status. */
static int run(fixture *at, cli_run command, const char *const arguments[5]) {
  char copies[6][SAMPLE_PATH_BYTES] = {"twinwalk"};
  char *argv[7] = {copies[0]};
  size_t size;
  int argc = 1;
  for (; argc <= 5 && arguments[argc - 1]; argc++) {
    snprintf(copies[argc], SAMPLE_PATH_BYTES, "%s", arguments[argc - 1]);
    argv[argc] = copies[argc];
  }
  const int output = redirect(stdout, at->out), complaints = redirect(stderr, at->complaint);
  const int status = command(argc, argv);
  restore(stdout, output);
  restore(stderr, complaints);
  free(at->text);
  at->text = (char *)sample_load(at->out, &size);
  return status;
}

#define RUN(at, command, ...) run(at, command, (const char *const[5]){__VA_ARGS__})

static void save_text(const char *path, const char *text) {
  sample_save(path, text, strlen(text));
}

/* GOLDEN with one piece of its text replaced. */
static void save_changed(const char *path, const char *from, const char *to) {
  char text[2 * sizeof GOLDEN];
  const char *found = strstr(GOLDEN, from);
  assert_non_null(found);
  snprintf(text, sizeof text, "%.*s%s%s", (int)(found - GOLDEN), GOLDEN, to, found + strlen(from));
  save_text(path, text);
}

static void assert_complains(const fixture *at, const char *text) {
  size_t size;
  char *complaint = (char *)sample_load(at->complaint, &size);
  if (!strstr(complaint, text)) fail_msg("found `%s`", complaint);
  free(complaint);
}

static void cat_prints_either_form_as_text(void **state) {
  fixture *at = *state;
  save_text(at->a, GOLDEN);
  assert_int_equal(RUN(at, cli_cat, at->a), CLI_OK);
  assert_string_equal(at->text, GOLDEN);
  assert_int_equal(RUN(at, cli_convert, at->a, "-o", at->b), CLI_OK);
  assert_int_equal(RUN(at, cli_cat, at->b), CLI_OK);
  assert_string_equal(at->text, GOLDEN);
}

static void convert_writes_the_form_that_is_asked_for(void **state) {
  fixture *at = *state;
  size_t size;
  save_text(at->a, GOLDEN);
  assert_int_equal(RUN(at, cli_convert, at->a, "-o", at->b, "--format=text"), CLI_OK);
  char *text = (char *)sample_load(at->b, &size);
  assert_string_equal(text, GOLDEN);
  free(text);
  assert_int_equal(RUN(at, cli_convert, at->a, "-o", at->b, "--format=binary"), CLI_OK);
  text = (char *)sample_load(at->b, &size);
  assert_memory_equal(text, "\x89TWT", 4);
  free(text);
}

static void a_damaged_trace_is_salvaged_up_to_the_damage(void **state) {
  fixture *at = *state;
  save_changed(at->a, "step cycle=4", "stop cycle=4");
  assert_int_equal(RUN(at, cli_cat, "--salvage", at->a), CLI_FAILED);
  assert_complains(at, ":6: expected a record or `end N`, found `stop`");
  assert_non_null(strstr(at->text, "\nload va=0x1008 size=8\nstore va=0x2000 size=4 after=-1\nend 2\n"));
  assert_int_equal(RUN(at, cli_convert, at->a, "-o", at->b), CLI_FAILED);
  assert_int_equal(access(at->b, F_OK), -1);
  assert_int_equal(RUN(at, cli_convert, at->a, "-o", at->b, "--salvage"), CLI_FAILED);
  const sample_outcome outcome = sample_read(at->b, NULL);
  assert_int_equal(outcome.result, TW_TRACE_END);
  assert_int_equal(outcome.records, 2);
}

static void diff_finds_equal_traces_equal_in_any_form(void **state) {
  fixture *at = *state;
  save_text(at->a, GOLDEN);
  assert_int_equal(RUN(at, cli_convert, at->a, "-o", at->b), CLI_OK);
  assert_int_equal(RUN(at, cli_diff, at->a, at->b), CLI_OK);
  assert_string_equal(at->text, "equal: 2 records asked, 2 answers and 1 page-table reads compared\n");
}

static void diff_tells_every_class_of_difference(void **state) {
  static const struct {
    const char *from, *to, *told;
  } CASES[] = {
      {"pa=0x80001008", "pa=0x80001000", "; outcome: 1\n"},
      {"reason=invalid", "reason=no-leaf", "fault: invalid; against fault: no-leaf"},
      {"flags=DAXWRV", "flags=DAXWRV hit", "; hit: 1\n"},
      {"answered=14", "answered=15", "same outcome; after 5 cycles against 6"},
      {"accepted=9 answered=14", "accepted=10 answered=15", "asked in cycle 9 against 10"},
      {" only", "", "; only: 1\n"},
      {"answer of=0", "answer of=0 attempt=1", "; missing: 2\n"},
      {"cycle=4", "cycle=5", "the same page-table read, in cycle 4 against 5"},
      {"pte=0xcf", "pte=0xcd", "another page-table read"},
      {"va=0x2000", "va=0x3000", "; stimulus: 1\n"},
  };
  fixture *at = *state;
  save_text(at->a, GOLDEN);
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    save_changed(at->b, CASES[i].from, CASES[i].to);
    assert_int_equal(RUN(at, cli_diff, at->a, at->b), CLI_DIFFERENT);
    if (!strstr(at->text, CASES[i].told)) fail_msg("`%s` is told as `%s`", CASES[i].to, at->text);
  }
}

static void diff_matches_answers_whatever_their_order(void **state) {
  static const char SECOND[] = "answer of=1 accepted=9 answered=14 fault reason=invalid only\n";
  fixture *at = *state;
  char text[2 * sizeof GOLDEN];
  const char *found = strstr(GOLDEN, SECOND);
  save_text(at->a, GOLDEN);
  snprintf(text, sizeof text, "%.*s%.*s%send 5\n", (int)(found - GOLDEN), GOLDEN,
           (int)(strstr(found, "end") - found - (long)strlen(SECOND)), found + strlen(SECOND), SECOND);
  save_text(at->b, text);
  assert_int_equal(RUN(at, cli_diff, at->a, at->b), CLI_OK);
}

static void diff_tells_headers_but_does_not_judge_them(void **state) {
  fixture *at = *state;
  save_text(at->a, GOLDEN);
  save_changed(at->b, "base39", "other");
  assert_int_equal(RUN(at, cli_diff, at->a, at->b), CLI_OK);
  assert_non_null(strstr(at->text, "header: config.name: base39 against other\n"));
}

static void diff_refuses_what_it_cannot_compare(void **state) {
  fixture *at = *state;
  save_text(at->a, GOLDEN);
  save_text(at->b, "twinwalk mmu 1\n---\nend 0\n");
  assert_int_equal(RUN(at, cli_diff, at->a, at->b), CLI_FAILED);
  assert_complains(at, "expected a golden trace");
  save_text(at->b, "twinwalk golden 1\n---\nend 0\n");
  assert_int_equal(RUN(at, cli_diff, at->b, at->b), CLI_FAILED);
  assert_complains(at, "nothing was compared");
  save_changed(at->b, "end 5", "end 4");
  assert_int_equal(RUN(at, cli_diff, at->a, at->b), CLI_FAILED);
  assert_complains(at, "expected `end 5`, found `end 4`");
}

static void diff_writes_json(void **state) {
  fixture *at = *state;
  save_text(at->a, GOLDEN);
  save_changed(at->b, "answered=14", "answered=15");
  assert_int_equal(RUN(at, cli_diff, "--json", "--all", at->a, at->b), CLI_DIFFERENT);
  assert_non_null(strstr(
      at->text, "\"class\":\"cycles\",\"number\":1,\"attempt\":0,\"access\":\"store va=0x2000 size=4 after=-1\""));
  assert_non_null(strstr(at->text, "\"equal\":false}\n"));
}

int main(void) {
  static fixture at;
#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, begin, end, &at)
  const struct CMUnitTest tests[] = {
      TEST(cat_prints_either_form_as_text),
      TEST(convert_writes_the_form_that_is_asked_for),
      TEST(a_damaged_trace_is_salvaged_up_to_the_damage),
      TEST(diff_finds_equal_traces_equal_in_any_form),
      TEST(diff_tells_every_class_of_difference),
      TEST(diff_matches_answers_whatever_their_order),
      TEST(diff_tells_headers_but_does_not_judge_them),
      TEST(diff_refuses_what_it_cannot_compare),
      TEST(diff_writes_json),
  };
  return cmocka_run_group_tests_name("trace_commands", tests, NULL, NULL);
}
