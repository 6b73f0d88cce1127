/* A program trace as a source: what it is run with, what is checked, who looks on, what came of it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dut_loader.h"
#include "outcome.h"
#include "session.h"

/* A parent and its copy, both of which write a page that both have. */
static const char BODY[] = "---\n"
                           "map start=0x10000 length=0x2000 prot=r-x use=code\n"
                           "map start=0x400000 length=0x4000 prot=rw- use=data\n"
                           "fetch va=0x10000 size=4\n"
                           "store va=0x400000 size=4\n"
                           "fork id=0x10000\n"
                           "thread id=0x10001\n"
                           "store va=0x400000 size=4\n"
                           "load va=0x400000 size=4\n"
                           "exit id=0x10000\n"
                           "thread id=1\n"
                           "store va=0x400000 size=4\n"
                           "end 11\n";

typedef struct fixture {
  const char *path;
  tw_config config;
} fixture;

static int begin(void **state) {
  static char path[64];
  static fixture at;
  strcpy(path, "/tmp/twinwalk-program-XXXXXX");
  at = (fixture){.path = path, .config = TW_CONFIG_BASE39};
  const int file = mkstemp(path);
  *state = &at;
  return file >= 0 ? close(file) : -1;
}

static int end(void **state) {
  return unlink(((fixture *)*state)->path);
}

static void trace_write(const fixture *at, const char *kind, const char *header) {
  FILE *file = fopen(at->path, "w");
  assert_non_null(file);
  fprintf(file, "twinwalk %s 3\n%s%s", kind, header, strcmp(kind, "program") == 0 ? BODY : "---\nfence\nend 1\n");
  assert_int_equal(fclose(file), 0);
}

static tw_source *open_or_fail(const fixture *at, tw_source_options options) {
  tw_error error;
  options.path = at->path;
  options.config = &at->config;
  tw_source *source = tw_source_open(&options, &error);
  if (!source) fail_msg("%s", error.text);
  return source;
}

static void assert_checks(const fixture *at, const char *header, tw_checks checks, bool content, bool isolation) {
  trace_write(at, "program", header);
  tw_source *source = open_or_fail(at, (tw_source_options){.checks = checks});
  assert_int_equal(source->content_checked, content);
  assert_int_equal(source->isolation_checked, isolation);
  source->close(source);
}

static void everything_is_checked_unless_the_trace_is_of_one_process_and_expects_nothing(void **state) {
  const fixture *at = *state;
  assert_checks(at, "", TW_CHECKS_DEFAULT, true, true);
  assert_checks(at, "interleaving: none\n", TW_CHECKS_DEFAULT, false, false);
  assert_checks(at, "interleaving: serialised\n", TW_CHECKS_DEFAULT, false, false);
  assert_checks(at, "interleaving: children-last\n", TW_CHECKS_DEFAULT, true, true);
  assert_checks(at, "interleaving: none\nexpect.copies: == 1\n", TW_CHECKS_DEFAULT, true, true);
  assert_checks(at, "interleaving: none\nmachine.swap: 10\n", TW_CHECKS_DEFAULT, true, true);
  assert_checks(at, "", TW_CHECKS_NONE, false, false);
  assert_checks(at, "", TW_CHECKS_CONTENT, true, false);
  assert_checks(at, "", TW_CHECKS_ISOLATION, false, true);
  assert_checks(at, "interleaving: none\n", TW_CHECKS_ALL, true, true);
}

static void only_a_program_trace_has_address_spaces(void **state) {
  const fixture *at = *state;
  trace_write(at, "program", "");
  tw_source *source = open_or_fail(at, (tw_source_options){0});
  assert_non_null(tw_source_space(source));
  assert_int_equal(tw_space_processes(tw_source_space(source)), 1);
  source->close(source);
  trace_write(at, "mmu", "");
  source = open_or_fail(at, (tw_source_options){0});
  assert_null(tw_source_space(source));
  source->close(source);
}

typedef struct seen {
  unsigned events[TW_SPACE_EVENT_COUNT];
  unsigned retired, granted;
} seen;

static void event_note(void *payload, const tw_space_event *event) {
  ((seen *)payload)->events[event->kind]++;
}

static void retired_note(void *payload, const tw_space_retired *retired) {
  seen *all = payload;
  if (retired->kernel) return;
  all->retired++;
  all->granted += retired->granted;
}

typedef struct opening {
  const fixture *at;
  tw_source_options options;
  bool singly; /* accesses are taken one at a time */
} opening;

static tw_source *source_open(void *payload, const tw_config *config, tw_error *error) {
  const opening *self = payload;
  tw_source_options options = self->options;
  options.path = self->at->path;
  options.config = config;
  tw_source *source = tw_source_open(&options, error);
  if (source && self->singly) source->accesses = NULL;
  return source;
}

/* Runs the trace on the model, beside itself. */
static bool run_taking(const fixture *at, tw_source_options options, bool singly, tw_verdict *verdict,
                       tw_error *error) {
  opening self = {at, options, singly};
  tw_session_options session = TW_SESSION_OPTIONS;
  session.config = at->config;
  session.dut = tw_dut_model_table();
  session.compare = TW_COMPARE_CYCLE;
  session.open_source = source_open;
  session.payload = &self;
  session.reopens = options.watcher == NULL;
  session.cut = options.max_accesses != 0;
  return tw_session_run(&session, verdict, error);
}

static bool run(const fixture *at, tw_source_options options, tw_verdict *verdict, tw_error *error) {
  return run_taking(at, options, false, verdict, error);
}

static void a_watcher_sees_what_happens(void **state) {
  const fixture *at = *state;
  seen all = {0};
  const tw_space_watcher watcher = {event_note, retired_note, &all};
  tw_verdict verdict;
  tw_error error;
  trace_write(at, "program", "");
  if (!run(at, (tw_source_options){.watcher = &watcher}, &verdict, &error)) fail_msg("%s", error.text);
  assert_true(verdict.passed);
  assert_int_equal(all.events[TW_SPACE_FORK], 1);
  assert_int_equal(all.events[TW_SPACE_COPY], 1);
  assert_int_equal(all.events[TW_SPACE_REUSE], 1);
  assert_int_equal(all.events[TW_SPACE_EXIT], 1);
  assert_int_equal(all.events[TW_SPACE_SWITCH], 2);
  assert_int_equal(all.retired, 5);
  assert_int_equal(all.granted, 5);
  tw_verdict_free(&verdict);
}

static void expectations_are_judged_at_the_end_and_only_there(void **state) {
  static const struct {
    const char *header;
    size_t count, unmet;
  } CASES[] = {
      {"expect.copies: == 1\nexpect.reuses: == 1\n", 2, 0}, {"expect.copies: != 1\nexpect.reuses: < 2\n", 2, 1},
      {"expect.copies: < 1\nexpect.copies_: == 1\n", 0, 0}, {"expect.copies: <= 1\nexpect.forks: >= 1\n", 2, 0},
      {"expect.copies: > 1\nexpect.forks: >= 2\n", 2, 2},   {"expect.copies: > 0\nexpect.forks: <= 0x0\n", 2, 1},
  };
  const fixture *at = *state;
  for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
    tw_verdict verdict;
    tw_error error;
    trace_write(at, "program", CASES[i].header);
    const bool done = run(at, (tw_source_options){0}, &verdict, &error);
    if (CASES[i].count == 0) { /* there is no such count */
      assert_false(done);
      assert_non_null(strstr(error.text, "expect.copies_"));
      continue;
    }
    if (!done) fail_msg("%s", error.text);
    assert_int_equal(verdict.outcome.expectations.count, CASES[i].count);
    assert_int_equal(verdict.outcome.unmet, CASES[i].unmet);
    assert_int_equal(verdict.passed, CASES[i].unmet == 0);
    assert_int_equal(verdict.differences, 0);
    tw_verdict_free(&verdict);
    if (!run(at, (tw_source_options){.max_accesses = 2}, &verdict, &error)) fail_msg("%s", error.text);
    assert_true(verdict.passed && !verdict.outcome.whole);
    assert_int_equal(verdict.space.copies, 0);
    tw_verdict_free(&verdict);
  }
}

/* When many are handed out at once, more of them are asked again behind a fault; what the program does is the same. */
static void accesses_taken_at_once_do_what_those_taken_singly_do(void **state) {
  static const char *const traces[] = {TRACES "/threads.twb", TRACES "/ls.twb"};
  fixture at = *(const fixture *)*state;
  for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
    tw_verdict many, one;
    tw_error error;
    at.path = traces[i];
    for (uint64_t accesses = 60000; accesses < 60003; accesses++) {
      const tw_source_options options = {.checks = TW_CHECKS_ALL, .max_accesses = accesses};
      if (!run(&at, options, &many, &error)) fail_msg("%s", error.text);
      if (!run_taking(&at, options, true, &one, &error)) fail_msg("%s", error.text);
      assert_true(many.passed && one.passed && many.space.page_faults > 10);
      assert_int_equal(many.space.program_accesses, accesses);
      assert_int_equal(one.space.program_accesses, accesses);
      assert_int_equal(many.space.content_digest, one.space.content_digest);
      assert_int_equal(many.space.page_faults, one.space.page_faults);
      assert_int_equal(many.space.checked_accesses, one.space.checked_accesses);
      assert_int_equal(many.space.fences, one.space.fences);
      tw_verdict_free(&many);
      tw_verdict_free(&one);
    }
  }
}

static void the_options_machine_goes_before_the_traces(void **state) {
  const fixture *at = *state;
  tw_trace_header machine;
  tw_error error;
  tw_trace_header_init(&machine, TW_TRACE_PROGRAM);
  trace_write(at, "program", "machine.frames: 1000\n");
  tw_source *source = open_or_fail(at, (tw_source_options){0});
  assert_string_equal(tw_trace_header_get(source->header, "space.frames"), "1000");
  source->close(source);
  assert_true(tw_trace_header_set(&machine, "machine.frames", "2000"));
  source = open_or_fail(at, (tw_source_options){.machine = &machine});
  assert_string_equal(tw_trace_header_get(source->header, "space.frames"), "2000");
  source->close(source);
  assert_true(tw_trace_header_set(&machine, "machine.frames", "none"));
  const tw_source_options options = {.path = at->path, .config = &at->config, .machine = &machine};
  assert_null(tw_source_open(&options, &error));
  assert_non_null(strstr(error.text, "--machine: header key `machine.frames`"));
  tw_trace_header_free(&machine);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(everything_is_checked_unless_the_trace_is_of_one_process_and_expects_nothing),
      TEST(only_a_program_trace_has_address_spaces),
      TEST(a_watcher_sees_what_happens),
      TEST(expectations_are_judged_at_the_end_and_only_there),
      TEST(accesses_taken_at_once_do_what_those_taken_singly_do),
      TEST(the_options_machine_goes_before_the_traces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
