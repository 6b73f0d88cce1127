/* Damaged traces: every flipped bit and every missing byte is told, and what was before it is delivered.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

#include <cmocka.h>

typedef struct fixture {
  char directory[SAMPLE_PATH_BYTES], good[SAMPLE_PATH_BYTES], bad[SAMPLE_PATH_BYTES];
} fixture;

static int begin(void **state) {
  fixture *at = *state;
  sample_directory(at->directory);
  sample_path(at->good, at->directory, "good");
  sample_path(at->bad, at->directory, "bad");
  return 0;
}

static int end(void **state) {
  sample_directory_remove(((fixture *)*state)->directory);
  return 0;
}

/* An error of the bad file, on one line, that says where. */
static void assert_tells(const fixture *at, const sample_outcome *outcome) {
  assert_int_equal(outcome->result, TW_TRACE_ERROR);
  assert_memory_equal(outcome->error.text, at->bad, strlen(at->bad));
  assert_int_equal(outcome->error.text[strlen(at->bad)], ':');
  assert_null(strchr(outcome->error.text, '\n'));
}

static void every_flipped_bit_of_a_binary_trace_is_told(void **state) {
  const fixture *at = *state;
  for (tw_trace_kind kind = TW_TRACE_PROGRAM; kind <= TW_TRACE_GOLDEN; kind++) {
    size_t size;
    sample_write(at->good, kind, TW_TRACE_BINARY, 3, 30);
    char **lines = sample_lines(at->good);
    uint8_t *bytes = sample_load(at->good, &size);
    for (size_t bit = 0; bit < 8 * size; bit++) {
      bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
      sample_save(at->bad, bytes, size);
      const sample_outcome outcome = sample_read(at->bad, lines);
      bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
      if (outcome.result != TW_TRACE_ERROR) fail_msg("bit %zu of byte %zu is not told", bit % 8, bit / 8);
      assert_tells(at, &outcome);
    }
    sample_lines_free(lines);
    free(bytes);
  }
}

static void every_truncation_is_told(void **state) {
  const fixture *at = *state;
  for (tw_trace_form form = TW_TRACE_TEXT; form <= TW_TRACE_BINARY; form++)
    for (tw_trace_kind kind = TW_TRACE_PROGRAM; kind <= TW_TRACE_GOLDEN; kind++) {
      size_t size;
      sample_write(at->good, kind, form, 5, 30);
      char **lines = sample_lines(at->good);
      uint8_t *bytes = sample_load(at->good, &size);
      for (size_t length = 0; length < size; length++) {
        sample_save(at->bad, bytes, length);
        const sample_outcome outcome = sample_read(at->bad, lines);
        if (outcome.result != TW_TRACE_ERROR) fail_msg("%zu of %zu bytes are taken for all", length, size);
        assert_tells(at, &outcome);
      }
      sample_lines_free(lines);
      free(bytes);
    }
}

static void anything_after_the_end_is_told(void **state) {
  const fixture *at = *state;
  for (tw_trace_form form = TW_TRACE_TEXT; form <= TW_TRACE_BINARY; form++) {
    size_t size;
    sample_write(at->good, TW_TRACE_MMU, form, 5, 30);
    uint8_t *bytes = sample_load(at->good, &size);
    bytes[size] = '\n';
    sample_save(at->bad, bytes, size + 1);
    const sample_outcome outcome = sample_read(at->bad, NULL);
    assert_tells(at, &outcome);
    assert_int_equal(outcome.records, 30);
    free(bytes);
  }
}

/* Where block n of a binary trace begins, and how many records come before it. */
static uint64_t block_offset(const uint8_t *bytes, size_t size, uint64_t n, uint64_t *records) {
  uint64_t end, entry[2];
  memcpy(&end, bytes + size - 16, 8);
  memcpy(entry, bytes + end + 48 + 16 * n, sizeof entry);
  *records = entry[1];
  return entry[0];
}

/* Damages block 2 at an offset in it, or cuts there; the records of blocks 0 and 1 must come, and the message name the
 * rest. */
static void damage_block(const fixture *at, size_t where, bool cut) {
  size_t size;
  uint64_t records;
  char expected[80];
  char **lines = sample_lines(at->good);
  uint8_t *bytes = sample_load(at->good, &size);
  const uint64_t offset = block_offset(bytes, size, 2, &records);
  bytes[offset + where] ^= 0x10;
  sample_save(at->bad, bytes, cut ? offset + where : size);
  const sample_outcome outcome = sample_read(at->bad, lines);
  assert_tells(at, &outcome);
  assert_true(records > 1000);
  assert_int_equal(outcome.records, records);
  snprintf(expected, sizeof expected, ": byte %llu (record %llu): ", (unsigned long long)offset,
           (unsigned long long)records);
  assert_non_null(strstr(outcome.error.text, expected));
  assert_non_null(strstr(outcome.error.text, cut ? "truncated" : "corrupt"));
  sample_lines_free(lines);
  free(bytes);
}

static void everything_before_a_damaged_block_is_delivered(void **state) {
  const fixture *at = *state;
  sample_write(at->good, TW_TRACE_GOLDEN, TW_TRACE_BINARY, 7, 100000);
  damage_block(at, 0, false);
  damage_block(at, 5, false);
  damage_block(at, 17, false);
  damage_block(at, 47, false);
  damage_block(at, 48, false);
  damage_block(at, 10000, false);
  damage_block(at, 20, true);
  damage_block(at, 10000, true);
}

/* Blocks that are each good, but in the wrong order, or one too few or too many. */
static void blocks_that_are_moved_are_told(void **state) {
  const fixture *at = *state;
  size_t size;
  uint64_t records, offset[4];
  sample_write(at->good, TW_TRACE_PROGRAM, TW_TRACE_BINARY, 7, 200000);
  uint8_t *bytes = sample_load(at->good, &size), *moved = malloc(2 * size);
  assert_non_null(moved);
  for (unsigned i = 0; i < 4; i++) offset[i] = block_offset(bytes, size, i, &records);
  const size_t one = offset[2] - offset[1];
  memcpy(moved, bytes, offset[1]);
  memcpy(moved + offset[1], bytes + offset[2], size - offset[2]);
  sample_save(at->bad, moved, size - one);
  sample_outcome outcome = sample_read(at->bad, NULL);
  assert_tells(at, &outcome);
  memcpy(moved, bytes, offset[2]);
  memcpy(moved + offset[2], bytes + offset[1], size - offset[1]);
  sample_save(at->bad, moved, size + one);
  outcome = sample_read(at->bad, NULL);
  assert_tells(at, &outcome);
  free(bytes);
  free(moved);
}

static void an_error_is_final(void **state) {
  const fixture *at = *state;
  size_t size;
  tw_error error = {""}, again = {""};
  tw_record record;
  tw_trace_result result;
  sample_write(at->good, TW_TRACE_MMU, TW_TRACE_TEXT, 9, 20);
  uint8_t *bytes = sample_load(at->good, &size);
  *strstr((char *)bytes, "\nend") = 'x';
  sample_save(at->bad, bytes, size);
  tw_trace_reader *reader = tw_trace_open(at->bad, &error);
  assert_non_null(reader);
  while ((result = tw_trace_read(reader, &record, &error)) == TW_TRACE_RECORD) continue;
  assert_int_equal(result, TW_TRACE_ERROR);
  assert_int_equal(tw_trace_read(reader, &record, &again), TW_TRACE_ERROR);
  assert_string_equal(error.text, again.text);
  tw_trace_close(reader);
  free(bytes);
}

int main(void) {
  static fixture at;
#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, begin, end, &at)
  const struct CMUnitTest tests[] = {
      TEST(every_flipped_bit_of_a_binary_trace_is_told),
      TEST(every_truncation_is_told),
      TEST(anything_after_the_end_is_told),
      TEST(everything_before_a_damaged_block_is_delivered),
      TEST(blocks_that_are_moved_are_told),
      TEST(an_error_is_final),
  };
  return cmocka_run_group_tests_name("trace_damage", tests, NULL, NULL);
}
