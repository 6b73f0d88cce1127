/* Vectors recorded from another reference model, replayed against the oracle, and proofs that the replay can fail.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ENOUGH = 100, SHOWN = 20 };

static const char *const files[] = {VECTORS "/entries.txt.zst", VECTORS "/walks.txt.zst", VECTORS "/pmp.txt.zst"};
enum { FILE_COUNT = sizeof files / sizeof files[0] };

static const char *const classes[] = {
    "svade",     "svadu",  "reserved-bits", "pbmt",      "napot",       "svrsw60t59b", "shape", "permission",
    "canonical", "mprv",   "satp-mode",     "table-pmp", "update-pmp",  "data-pmp",    "range", "vacant",
    "order",     "smepmp", "pmp-writes",    "pmp-grain", "pmp-partial", "everything"};
enum { CLASS_COUNT = sizeof classes / sizeof classes[0] };

/* The model's memory does not fail on the bus where there is memory. */
static bool reason_recorded(tw_reason reason) {
  return reason != TW_REASON_TABLE_BUS_ERROR && reason != TW_REASON_UPDATE_BUS_ERROR;
}

static void show_difference(const char *path, const vector_file *file, const vector_replay *replay) {
  printf("%s:%u (%s): %s\n", path, file->line, replay->scene.class, replay->difference);
}

/* Replays a file and counts it. */
static void replay_file(const char *path, tally *sum) {
  vector_file file;
  if (!vector_file_open(&file, path)) fail_msg("%s: %s", path, file.error);
  static vector_replay replay;
  vector_record record;
  const unsigned before = sum->vectors;
  while (vector_file_next(&file, &record)) {
    if (!replay_record(&replay, &record) && sum->differences++ < SHOWN) show_difference(path, &file, &replay);
    assert_true(tally_record(sum, &replay, &record));
    if (record.kind == VECTOR_END) assert_int_equal(record.of.total, sum->vectors - before);
  }
  if (file.error) fail_msg("%s:%u: %s", path, file.line, file.error);
  vector_file_close(&file);
}

static void recorded_answers_are_the_oracles(void **state) {
  (void)state;
  tally sum = {0};
  for (unsigned i = 0; i < FILE_COUNT; i++) replay_file(files[i], &sum);
  tally_print(&sum);
  assert_int_equal(sum.differences, 0);
  assert_int_equal(sum.class_count, CLASS_COUNT);
  for (unsigned i = 0; i < CLASS_COUNT; i++) {
    const tally_class *row = tally_find(&sum, classes[i]);
    if (!row || tally_class_vectors(row) < ENOUGH) fail_msg("fewer than %d vectors of class %s", ENOUGH, classes[i]);
  }
  for (tw_reason reason = TW_REASON_NOT_CANONICAL; reason < TW_REASON_COUNT; reason++) {
    if (!reason_recorded(reason)) continue;
    if (sum.reasons[reason] < ENOUGH) fail_msg("fewer than %d vectors for %s", ENOUGH, tw_reason_name(reason));
  }
  assert_true(sum.changed >= ENOUGH);
}

/* Changes one thing that was recorded. False if the record has no such thing. */
typedef bool (*alteration)(vector_record *record);

static bool alter_pa(vector_record *record) {
  if (record->kind != VECTOR_ACCESS || record->of.access.cause != 0) return false;
  record->of.access.pa ^= 0x1000;
  return true;
}

/* Another fault of the same access: a page fault for an access fault, and the other way. */
static bool alter_cause(vector_record *record) {
  if (record->kind != VECTOR_ACCESS || record->of.access.cause == 0) return false;
  const bool page_fault = record->of.access.cause >= TW_CAUSE_FETCH_PAGE_FAULT;
  const tw_reason reason = page_fault ? TW_REASON_TABLE_PMP : TW_REASON_INVALID;
  record->of.access.cause = (uint64_t)tw_reason_cause(reason, record->of.access.request.access);
  return true;
}

static bool alter_tval(vector_record *record) {
  if (record->kind != VECTOR_ACCESS || record->of.access.cause == 0) return false;
  record->of.access.tval ^= 1;
  return true;
}

static bool alter_changed_value(vector_record *record) {
  if (record->kind != VECTOR_ACCESS || record->of.access.changed_count == 0) return false;
  record->of.access.changed[0].value ^= TW_PTE_D;
  return true;
}

static bool alter_changed_address(vector_record *record) {
  if (record->kind != VECTOR_ACCESS || record->of.access.changed_count == 0) return false;
  record->of.access.changed[0].pa ^= 8;
  return true;
}

static bool drop_change(vector_record *record) {
  if (record->kind != VECTOR_ACCESS || record->of.access.changed_count == 0) return false;
  record->of.access.changed_count--;
  return true;
}

static bool alter_register_read(vector_record *record) {
  if (record->kind != VECTOR_WRITE) return false;
  record->of.write.read ^= 1;
  return true;
}

static bool alter_register_at_the_end(vector_record *record) {
  if (record->kind != VECTOR_ALL || record->of.all.count == 0) return false;
  record->of.all.registers[record->of.all.count - 1].value ^= 4;
  return true;
}

/* Replays all files, each record that can be altered a second time, altered, on a copy of the scene: every one must
 * be found. Returns how many there were. */
static unsigned altered_records(alteration alter) {
  static vector_replay replay, copy;
  unsigned altered = 0;
  for (unsigned i = 0; i < FILE_COUNT; i++) {
    vector_file file;
    vector_record record;
    if (!vector_file_open(&file, files[i])) fail_msg("%s: %s", files[i], file.error);
    while (vector_file_next(&file, &record)) {
      vector_record changed = record;
      copy = replay;
      if (alter(&changed)) {
        altered++;
        if (replay_record(&copy, &changed)) fail_msg("%s:%u: altered, and not found", files[i], file.line);
      }
      replay_record(&replay, &record);
    }
    vector_file_close(&file);
  }
  return altered;
}

static void altered_answers_are_found(void **state) {
  (void)state;
  const alteration alterations[] = {alter_pa,
                                    alter_cause,
                                    alter_tval,
                                    alter_changed_value,
                                    alter_changed_address,
                                    drop_change,
                                    alter_register_read,
                                    alter_register_at_the_end};
  for (unsigned i = 0; i < sizeof alterations / sizeof alterations[0]; i++) {
    const unsigned altered = altered_records(alterations[i]);
    printf("alteration %u: %u records, all found\n", i, altered);
    assert_true(altered >= ENOUGH);
  }
}

/* Reads a text to its end; the error, NULL if there is none. */
static const char *error_of(const char *text) {
  vector_file file;
  vector_record record;
  assert_true(vector_file_from_text(&file, text, strlen(text)));
  while (vector_file_next(&file, &record)) {
  }
  const char *error = file.error;
  vector_file_close(&file);
  return error;
}

static void damaged_files_are_refused(void **state) {
  (void)state;
  assert_null(error_of("# a comment\nscene svade 64 svadu+svpbmt 56 16 0\nload 1000 8 = 1000\nend 1\n"));
  static const char *const damaged[] = {"",
                                        "scene svade 64 - 56 16 0\n",
                                        "end 0\nend 0\n",
                                        "scene svade 64 sv 56 16 0\nend 0\n",
                                        "scene svade 64 - 56 16\nend 0\n",
                                        "scene svade 64 - 56 65 0\nend 0\n",
                                        "load 1000 8 ? 1000\nend 1\n",
                                        "load 1000 8 ! 0 1000\nend 1\n",
                                        "load 1000 8 = \nend 1\n",
                                        "load 1000 8 = 1000 2000\nend 1\n",
                                        "jump 1000 8 = 1000\nend 1\n",
                                        "context 0 H U -\nend 0\n",
                                        "context 0 S U q\nend 0\n",
                                        "addr 64 0 0\nend 0\n",
                                        "cfg 0 1\nend 0\n",
                                        "all addr=1\nword\nend 0\n",
                                        "word 10 xyz\nend 0\n",
                                        "region 80000000 14 2\nend 0\n"};
  for (unsigned i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
    if (!error_of(damaged[i])) fail_msg("taken for a whole file: %s", damaged[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(recorded_answers_are_the_oracles),
                                     cmocka_unit_test(altered_answers_are_found),
                                     cmocka_unit_test(damaged_files_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
