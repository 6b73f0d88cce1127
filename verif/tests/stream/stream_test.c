/* Traces are streamed: a trace ten times as long takes no more memory, in lockstep and when a golden trace is written.
 *
 * Usage: test_stream TWINWALK TRACE FOLDER
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "twinwalk/trace.h"

/* The longer run may take so much more: allocators round, and the operating system's side has its tables. */
#define SLACK_KIB 2048
/* The budget of the design: below 256 MiB plus the memory image. */
#define BUDGET_KIB (256 * 1024)

#define PROCESSES 4u
#define PROCESS_PAGES 100u
#define TURN_ACCESSES 500u

typedef struct stream_files {
  const char *twinwalk, *trace, *folder;
  char once[4096], often[4096], golden[4096], processes[4096];
} stream_files;

/* Writes the records of a program trace but its end, and its accesses again and again. */
static uint64_t trace_repeat(const char *from, const char *to, unsigned times) {
  tw_error error;
  tw_trace_writer *writer = NULL;
  uint64_t accesses = 0;
  for (unsigned i = 0; i < times; i++) {
    tw_trace_reader *reader = tw_trace_open(from, &error);
    assert_non_null(reader);
    if (!writer) writer = tw_trace_create(to, TW_TRACE_BINARY, tw_trace_reader_header(reader), &error);
    assert_non_null(writer);
    tw_record record;
    while (tw_trace_read(reader, &record, &error) == TW_TRACE_RECORD) {
      bool is_access = record.kind == TW_RECORD_ACCESS;
      accesses += is_access;
      if (is_access || (i == 0 && record.kind != TW_RECORD_EXIT)) assert_true(tw_trace_write(writer, &record, &error));
    }
    tw_trace_close(reader);
  }
  assert_true(tw_trace_commit(writer, &error));
  return accesses;
}

static void record_write(tw_trace_writer *writer, tw_record record) {
  tw_error error;
  if (!tw_trace_write(writer, &record, &error)) fail_msg("%s", error.text);
}

/* Four processes in turn, with fewer frames than pages. */
static void processes_write(const char *to, unsigned turns) {
  tw_error error;
  tw_trace_header header;
  tw_trace_header_init(&header, TW_TRACE_PROGRAM);
  assert_true(tw_trace_header_set(&header, "machine.frames", "300") &&
              tw_trace_header_set(&header, "machine.swap", "1000"));
  tw_trace_writer *writer = tw_trace_create(to, TW_TRACE_BINARY, &header, &error);
  tw_trace_header_free(&header);
  assert_non_null(writer);
  for (unsigned turn = 0; turn < turns; turn++) {
    const unsigned id = turn % PROCESSES;
    if (turn > 0 && turn < PROCESSES)
      record_write(writer, (tw_record){.kind = TW_RECORD_PROCESS, .id = id << 16, .name = ""});
    record_write(writer, (tw_record){.kind = TW_RECORD_THREAD, .id = id << 16 | 1});
    if (turn < PROCESSES)
      record_write(writer, (tw_record){.kind = TW_RECORD_MAP,
                                       .map = {.start = 0x400000,
                                               .length = PROCESS_PAGES * TW_PAGE_BYTES,
                                               .prot = TW_PROT_READ | TW_PROT_WRITE,
                                               .use = TW_REGION_DATA,
                                               .name = ""}});
    for (unsigned i = 0; i < TURN_ACCESSES; i++) {
      const unsigned page = i < 400 ? i % 10 : (turn + i) % PROCESS_PAGES;
      const tw_record_access access = {
          .va = 0x400000 + page * TW_PAGE_BYTES + 8 * (i % 512), .kind = i % 3 ? TW_LOAD : TW_STORE, .size = 8};
      record_write(writer, (tw_record){.kind = TW_RECORD_ACCESS, .access = access});
    }
  }
  assert_true(tw_trace_commit(writer, &error));
}

/* Runs a command without its output; its peak resident memory in KiB. */
static long peak_memory(char *const arguments[]) {
  pid_t child = fork();
  assert_int_not_equal(child, -1);
  if (child == 0) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    execv(arguments[0], arguments);
    _exit(127);
  }
  int status;
  struct rusage usage;
  assert_int_equal(wait4(child, &status, 0, &usage), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  return usage.ru_maxrss;
}

static void flat_check(const char *what, long once, long often) {
  print_message("%s: %ld KiB once, %ld KiB ten times\n", what, once, often);
  assert_true(often <= once + SLACK_KIB);
  assert_true(often <= BUDGET_KIB);
}

static void lockstep_takes_no_more_memory_for_a_trace_ten_times_as_long(void **state) {
  stream_files *files = *state;
  char *once[] = {(char *)files->twinwalk, "cosim", files->once, "-c", "base39", NULL};
  char *often[] = {(char *)files->twinwalk, "cosim", files->often, "-c", "base39", NULL};
  flat_check("lockstep", peak_memory(once), peak_memory(often));
}

static void golden_traces_take_no_more_memory_for_a_trace_ten_times_as_long(void **state) {
  stream_files *files = *state;
  char *once[] = {(char *)files->twinwalk, "golden", files->once, "-c", "base39", "-o", files->golden, NULL};
  char *often[] = {(char *)files->twinwalk, "golden", files->often, "-c", "base39", "-o", files->golden, NULL};
  flat_check("golden", peak_memory(once), peak_memory(often));
  char *judge[] = {(char *)files->twinwalk, "cosim", files->golden, "-c", "base39", NULL};
  long judged = peak_memory(judge);
  print_message("judged by the long golden trace: %ld KiB\n", judged);
  assert_true(judged <= BUDGET_KIB);
}

/* With everything checked, and pages on their way to the swap device and back. */
static void golden_of_four_processes_takes_no_more_memory_for_a_trace_ten_times_as_long(void **state) {
  stream_files *files = *state;
  char *command[] = {(char *)files->twinwalk, "golden", files->processes, "-c", "base39", "-o", files->golden, NULL};
  processes_write(files->processes, 200);
  const long once = peak_memory(command);
  processes_write(files->processes, 2000);
  flat_check("golden of four processes", once, peak_memory(command));
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "Usage: %s TWINWALK TRACE FOLDER\n", argv[0]);
    return 2;
  }
  static stream_files files;
  files = (stream_files){.twinwalk = argv[1], .trace = argv[2], .folder = argv[3]};
  snprintf(files.once, sizeof files.once, "%s/once.twb", files.folder);
  snprintf(files.often, sizeof files.often, "%s/often.twb", files.folder);
  snprintf(files.golden, sizeof files.golden, "%s/golden.twb", files.folder);
  snprintf(files.processes, sizeof files.processes, "%s/processes.twb", files.folder);
  uint64_t once = trace_repeat(files.trace, files.once, 1);
  uint64_t often = trace_repeat(files.trace, files.often, 10);
  if (often != 10 * once || once < 100000) return 2;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(lockstep_takes_no_more_memory_for_a_trace_ten_times_as_long, &files),
      cmocka_unit_test_prestate(golden_traces_take_no_more_memory_for_a_trace_ten_times_as_long, &files),
      cmocka_unit_test_prestate(golden_of_four_processes_takes_no_more_memory_for_a_trace_ten_times_as_long, &files),
  };
  int failures = cmocka_run_group_tests_name("stream", tests, NULL, NULL);
  unlink(files.once);
  unlink(files.often);
  unlink(files.golden);
  unlink(files.processes);
  return failures;
}
