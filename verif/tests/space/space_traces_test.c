/* The captured traces, under an MMU that is the oracle: every access ends granted, and pages are what they should be.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "machine.h"

#define TRACES_MAX 64u

typedef struct trace_list {
  char *paths[TRACES_MAX];
  size_t count;
} trace_list;

static int list_traces(void **state) {
  trace_list *list = *state;
  const char *directory = list->paths[0];
  DIR *opened = opendir(directory);
  list->paths[0] = NULL;
  if (!opened) {
    print_error("%s: no such directory\n", directory);
    return -1;
  }
  for (struct dirent *entry; list->count < TRACES_MAX && (entry = readdir(opened));) {
    size_t length = strlen(entry->d_name);
    if (length < 4 || strcmp(entry->d_name + length - 4, ".twb")) continue;
    if (asprintf(&list->paths[list->count++], "%s/%s", directory, entry->d_name) < 0) return -1;
  }
  closedir(opened);
  return 0;
}

static int free_traces(void **state) {
  trace_list *list = *state;
  for (size_t i = 0; i < list->count; i++) free(list->paths[i]);
  return 0;
}

/* Plays a trace to its end, or to `limit` records; but for the exits, so that there is something to look at. */
static void play(test_machine *machine, const char *path, const tw_space_options *options, uint64_t limit) {
  tw_error error = {0};
  tw_record record;
  tw_trace_result read = TW_TRACE_END;
  tw_trace_reader *reader = tw_trace_open(path, &error);
  if (!reader) fail_msg("%s", error.text);
  machine_open(machine, options);
  machine->keep = false;
  for (uint64_t n = 0; n < limit && (read = tw_trace_read(reader, &record, &error)) == TW_TRACE_RECORD; n++) {
    if (record.kind != TW_RECORD_EXIT) machine_feed(machine, &record);
  }
  if (read == TW_TRACE_ERROR) fail_msg("%s", error.text);
  machine_settle(machine);
  tw_trace_close(reader);
}

static void print_segfaults(const char *path, const tw_space *space) {
  tw_space_segfault fault;
  for (size_t i = 0; i < 8 && tw_space_segfault_at(space, i, &fault); i++) {
    print_error("%s: record %" PRIu64 ": %s of 0x%" PRIx64 ": %s\n", path, fault.record, tw_access_name(fault.kind),
                fault.va, tw_reason_name(fault.reason));
  }
}

/* Pages of the user part, one by one: every one has U and not G, and a frame of its own. */
static uint64_t check_pages(test_machine *machine, const tw_space_options *options, uint64_t from, uint64_t to) {
  bool *seen = calloc(options->frame_count, sizeof *seen);
  uint64_t pages = 0;
  assert_non_null(seen);
  for (uint64_t va = from; va < to;) {
    tw_walk walk = machine_walk(machine, TW_USER, TW_LOAD, va);
    if (walk.reason != TW_OK) {
      walk = machine_walk(machine, TW_USER, TW_FETCH, va);
    }
    if (walk.reason != TW_OK) {
      uint64_t step =
          walk.step_count
              ? (uint64_t)1 << (12 + (options->mode == TW_SV32 ? 10 : 9) * walk.steps[walk.step_count - 1].level)
              : 4096;
      va = (va | (step - 1)) + 1;
      continue;
    }
    uint64_t frame = (walk.pa - 0x80000000u) / 4096;
    assert_int_equal(walk.flags & (TW_PTE_U | TW_PTE_G), TW_PTE_U);
    assert_true(frame < options->frame_count && !seen[frame]);
    seen[frame] = true;
    pages++;
    va += 4096;
  }
  free(seen);
  return pages;
}

static void every_access_of_a_captured_trace_ends_granted(void **state) {
  const trace_list *list = *state;
  assert_true(list->count >= 3);
  for (size_t i = 0; i < 2 * list->count; i++) {
    const char *path = list->paths[i / 2];
    bool sv32 = i % 2;
    test_machine machine;
    tw_space_options options = {.mode = sv32 ? TW_SV32 : TW_SV39, .frame_count = 32768, .seed = i};
    play(&machine, path, &options, UINT64_MAX);
    tw_space_counts counts = machine_counts(&machine);
    print_segfaults(path, machine.space);
    print_message("%s %s: %" PRIu64 " accesses, %" PRIu64 " pages mapped, %" PRIu64 " regions rebased\n", path,
                  sv32 ? "Sv32" : "Sv39", counts.program_accesses, counts.pages_mapped, counts.regions_rebased);
    assert_int_equal(counts.segmentation_faults, 0);
    assert_int_equal(counts.spurious_faults, 0);
    assert_true(counts.program_accesses > 100000);
    assert_true(machine.granted == counts.program_accesses + counts.page_crossings + counts.kernel_accesses);
    assert_true(machine.faults == counts.page_faults);
    uint64_t pages = check_pages(&machine, &options, 0, sv32 ? 0xc0000000u : 0x4000000000u);
    assert_true(pages > 50 && pages <= counts.pages_mapped);
    machine_check(&machine);
    tw_record end = {.kind = TW_RECORD_EXIT};
    machine_feed(&machine, &end);
    machine_check(&machine);
    machine_close(&machine);
  }
}

static void two_runs_of_a_trace_give_the_same_records(void **state) {
  const trace_list *list = *state;
  uint64_t hash[3];
  for (unsigned i = 0; i < 3; i++) {
    test_machine machine;
    play(&machine, list->paths[0], &(tw_space_options){.mode = TW_SV32, .seed = i / 2}, 100000);
    hash[i] = machine.hash;
    machine_close(&machine);
  }
  assert_true(hash[0] == hash[1] && hash[0] != hash[2]);
}

static void late_answers_end_granted_too(void **state) {
  const trace_list *list = *state;
  test_machine machine;
  tw_error error = {0};
  tw_record record;
  tw_trace_reader *reader = tw_trace_open(list->paths[0], &error);
  assert_non_null(reader);
  machine_open(&machine, &(tw_space_options){.mode = TW_SV39});
  machine.keep = false;
  machine.late = true;
  for (unsigned n = 0; n < 100000 && tw_trace_read(reader, &record, &error) == TW_TRACE_RECORD; n++) {
    machine_feed(&machine, &record);
  }
  machine_settle(&machine);
  assert_int_equal(machine_counts(&machine).segmentation_faults, 0);
  /* A fault behind another one is forgotten with it. */
  assert_true(machine.faults >= machine_counts(&machine).page_faults);
  tw_trace_close(reader);
  machine_close(&machine);
}

int main(int argc, char **argv) {
  trace_list list = {.paths = {argc > 1 ? argv[1] : NULL}};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(every_access_of_a_captured_trace_ends_granted, &list),
      cmocka_unit_test_prestate(two_runs_of_a_trace_give_the_same_records, &list),
      cmocka_unit_test_prestate(late_answers_end_granted_too, &list),
  };
  void *state = &list;
  if (argc != 2) {
    fprintf(stderr, "usage: %s DIRECTORY-OF-TRACES\n", argv[0]);
    return 2;
  }
  if (list_traces(&state)) return 2;
  int failed = cmocka_run_group_tests_name("space_traces", tests, NULL, NULL);
  free_traces(&state);
  return failed;
}
