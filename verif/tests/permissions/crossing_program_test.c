/* What a program's accesses across page boundaries become at the pins: every size, every offset, with faults in the
 * first half, the second, both or none. The operating system's side splits them; the pins show how.
 *
 *   test_permissions_crossing_program SUBJECT CONFIG...     SUBJECT is model, rtl, a plug-in's path, or mutants@NUMBER
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crossing_program.h"
#include "machine.h"

#define CYCLES_MAX UINT64_C(50000000)

/* What a source that splits wrongly does to the halves of the first access that crosses. */
typedef enum split_lie {
  SPLIT_RIGHT,
  SPLIT_WHOLE,   /* the first half is as long as the access */
  SPLIT_SHORT,   /* the second half is a byte short */
  SPLIT_ADDRESS, /* the second half begins a byte late */
  SPLIT_ORDER,   /* the second half comes first */
  SPLIT_COUNT
} split_lie;

/* A source between the program and the player. */
typedef struct splitter {
  tw_source source; /* first: a tw_source is what the player holds */
  tw_source *inner;
  split_lie what;
  bool told;
  tw_record kept; /* delivered next */
  bool keeps;
} splitter;

static bool is_first_half(const tw_record *record) {
  return record->kind == TW_RECORD_ACCESS && record->access.size < 64 && record->access.size > 1 &&
         record->access.va < 0x80000000u && (record->access.va + record->access.size) % TW_PAGE_BYTES == 0;
}

static bool are_halves(const tw_record *first, const tw_record *second) {
  return second->kind == TW_RECORD_ACCESS && second->access.va == first->access.va + first->access.size &&
         second->access.kind == first->access.kind && second->access.size > 1;
}

static void halves_falsify(split_lie what, tw_record_access *first, tw_record_access *second) {
  const tw_record_access kept = *first;
  if (what == SPLIT_WHOLE) first->size = (uint8_t)(first->size + second->size);
  if (what == SPLIT_SHORT) second->size--;
  if (what == SPLIT_ADDRESS) second->va++;
  if (what != SPLIT_ORDER) return;
  *first = *second;
  *second = kept;
}

static tw_source_result splitter_next(tw_source *source, tw_record *record, tw_error *error) {
  splitter *self = (splitter *)source;
  if (self->keeps) {
    *record = self->kept;
    self->keeps = false;
    return TW_SOURCE_RECORD;
  }
  const tw_source_result result = self->inner->next(self->inner, record, error);
  if (result != TW_SOURCE_RECORD || self->told || self->what == SPLIT_RIGHT || !is_first_half(record)) return result;
  self->keeps = self->inner->next(self->inner, &self->kept, error) == TW_SOURCE_RECORD;
  if (!self->keeps || !are_halves(record, &self->kept)) return result;
  halves_falsify(self->what, &record->access, &self->kept.access);
  self->told = true;
  return result;
}

static bool splitter_answer(tw_source *source, const tw_record_answer *answer, tw_error *error) {
  splitter *self = (splitter *)source;
  return self->inner->answer(self->inner, answer, error);
}

/* One run of the program. */
typedef struct run {
  char path[100];
  machine m; /* for its configuration and its plug-in */
  program_watch watch;
  splitter split;
  tw_side side;
  uint64_t illegal;
  tw_space_counts counts;
} run;

static void run_answered(void *payload, const tw_flight *flight, const tw_record_answer *answer) {
  run *r = payload;
  (void)flight;
  (void)answer;
  r->illegal += r->side.judgement == TW_JUDGED_ILLEGAL;
}

static void source_begin(run *r, split_lie what) {
  tw_error error = {""};
  const char *folder = getenv("TMPDIR");
  snprintf(r->path, sizeof r->path, "%s/crossing-XXXXXX", folder ? folder : "/tmp");
  const int file = mkstemp(r->path);
  assert_true(file >= 0);
  close(file);
  program_write(r->path, &r->watch);
  const tw_source_options options = {.path = r->path, .config = &r->m.config, .seed = 1};
  r->split = (splitter){.what = what, .inner = tw_source_open(&options, &error)};
  if (!r->split.inner) fail_msg("%s", error.text);
  r->split.source = *r->split.inner;
  r->split.source.next = splitter_next;
  r->split.source.accesses = NULL;
  r->split.source.answer = splitter_answer;
}

static void run_begin(run *r, const machine_choice *choice, split_lie what) {
  tw_error error = {""};
  memset(r, 0, sizeof *r);
  if (!machine_open(&r->m, choice, &error)) fail_msg("%s", error.text);
  source_begin(r, what);
  const tw_side_options options = {.name = choice->name,
                                   .table = r->m.table,
                                   .config = &r->m.config,
                                   .seed = 1,
                                   .variant = choice->variant,
                                   .source = &r->split.source,
                                   .memory = {.latency = {.minimum = 1, .span = 8}, .seed = 3},
                                   .judged = true,
                                   .observer = {.payload = r, .answered = run_answered}};
  if (!tw_side_open(&r->side, &options, &error)) fail_msg("%s", error.text);
  r->side.cycled = program_look;
  r->side.cycled_payload = &r->watch;
}

static void run_play(run *r) {
  tw_error error = {""};
  for (unsigned i = 0; i < TW_RESET_CYCLES; i++) tw_side_reset(&r->side);
  for (uint64_t cycle = 0; cycle < CYCLES_MAX && !r->watch.error[0] && !tw_player_done(r->side.player); cycle += 64) {
    if (tw_side_run(&r->side, 64, &error) != TW_PLAYER_GOOD && !r->watch.error[0]) fail_msg("%s", error.text);
  }
  r->split.inner->counts(r->split.inner, &r->counts);
}

static void run_end(run *r) {
  tw_side_close(&r->side);
  r->split.inner->close(r->split.inner);
  machine_close(&r->m);
  free(r->watch.parts);
  remove(r->path);
}

static run opened;

static void accesses_across_pages_are_asked_in_their_halves(void **state) {
  run_begin(&opened, *state, SPLIT_RIGHT);
  run_play(&opened);
  const bool done = tw_player_done(opened.side.player);
  if (done) program_check(&opened.watch);
  char error[sizeof opened.watch.error];
  memcpy(error, opened.watch.error, sizeof error);
  run_end(&opened);
  if (error[0]) fail_msg("%s", error);
  assert_true(done);
  assert_int_equal(opened.illegal, 0);
  assert_int_equal(opened.counts.page_crossings, PROGRAM_CROSSINGS);
  assert_int_equal(opened.counts.page_faults, 2 * PROGRAM_CROSSINGS + 2);
  assert_int_equal(opened.counts.segmentation_faults + opened.counts.access_faults, 0);
  printf("%u accesses across a page, %u within, %llu requests\n", PROGRAM_CROSSINGS, PROGRAM_INSIDE,
         (unsigned long long)opened.watch.requests);
}

static void whoever_splits_wrongly_is_found(void **state) {
  for (split_lie what = SPLIT_WHOLE; what < SPLIT_COUNT; what++) {
    run_begin(&opened, *state, what);
    run_play(&opened);
    const bool found = opened.watch.error[0] != '\0', told = opened.split.told;
    run_end(&opened);
    if (!told || !found) fail_msg("splitting wrongly in way %u: %s", what, told ? "not found" : "not tried");
  }
}

int main(int argc, char **argv) {
  machine_choice choices[8];
  struct CMUnitTest tests[16];
  const unsigned configs = argc > 2 ? (unsigned)argc - 2 : 0;
  if (configs == 0 || configs > 8) {
    fprintf(stderr, "usage: %s SUBJECT CONFIG...\n", argv[0]);
    return 2;
  }
  for (unsigned i = 0; i < configs; i++) {
    choices[i] = machine_choice_of(argv[1], argv[2 + i]);
    tests[2 * i] =
        (struct CMUnitTest)cmocka_unit_test_prestate(accesses_across_pages_are_asked_in_their_halves, &choices[i]);
    tests[2 * i + 1] = (struct CMUnitTest)cmocka_unit_test_prestate(whoever_splits_wrongly_is_found, &choices[i]);
  }
  return _cmocka_run_group_tests("permissions_crossing_program", tests, 2 * configs, NULL, NULL);
}
