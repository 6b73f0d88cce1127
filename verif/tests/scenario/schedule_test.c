/* Who runs when: one after the other, in turn, by a list, by yielding and waiting.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "story.h"

/* Three processes of so many loads each: without code, so that an access is a load. */
#define PROCESS(name, count)                                                                                           \
  "  - {name: " name ", segments: [{name: data, size: 4K}], run: [load: {in: data, count: " count "}]}\n"
#define THREE "processes:\n" PROCESS("a", "10") PROCESS("b", "7") PROCESS("c", "4")

/* Who made the accesses, a letter each; capitals for threads beyond the first. */
static const char *turns(const story *told, char *text) {
  char *at = text;
  uint32_t id = 1;
  for (size_t i = 0; i < told->count; i++) {
    if (told->records[i].kind == TW_RECORD_THREAD) id = told->records[i].id;
    if (told->records[i].kind == TW_RECORD_ACCESS)
      *at++ = (char)((id & 0xffff) == 1 ? 'a' + (id >> 16) : 'A' + (id >> 16));
  }
  *at = '\0';
  return text;
}

static void expect_turns(const char *text, const char *expected) {
  char found[256];
  story told = story_play(text, NULL);
  assert_string_equal(turns(&told, found), expected);
  story_close(&told);
}

static void processes_run_one_after_the_other(void **state) {
  (void)state;
  expect_turns(THREE, "aaaaaaaaaabbbbbbbcccc");
}

static void turns_go_round(void **state) {
  (void)state;
  expect_turns("schedule: {every: 3}\n" THREE, "aaabbbcccaaabbbcaaaba");
}

static void turns_follow_a_list(void **state) {
  (void)state;
  expect_turns("schedule: {every: 2, order: [c, a, a]}\n" THREE, "ccaaaaccaaaaaabbbbbbb");
}

static void a_switch_gives_the_turn_away(void **state) {
  (void)state;
  expect_turns("processes:\n"
               "  - {name: a, segments: [{name: data, size: 4K}], run: [load: {in: data}, switch: {to: c},"
               " load: {in: data}]}\n" PROCESS("b", "2") PROCESS("c", "3"),
               "acccabb");
}

static void who_waits_goes_on_when_the_other_has_ended(void **state) {
  (void)state;
  expect_turns("schedule: {every: 1}\nprocesses:\n"
               "  - {name: a, segments: [{name: data, size: 4K}], run: [load: {in: data}, wait: {for: b},"
               " load: {in: data}]}\n" PROCESS("b", "3") PROCESS("c", "5"),
               "abcbcbcacc");
}

static void threads_take_turns_as_processes_do(void **state) {
  (void)state;
  expect_turns(
      "schedule: {every: 2}\nprocesses:\n"
      "  - {name: a, segments: [{name: data, size: 4K}], run: [thread: {as: t, run: [load: {in: data, count: 4}]},"
      " load: {in: data, count: 4}]}\n" PROCESS("b", "2"),
      "aabbAAaaAA");
}

static void the_processes_end_takes_its_threads_along(void **state) {
  (void)state;
  expect_turns(
      "schedule: {every: 2}\nprocesses:\n"
      "  - {name: a, segments: [{name: data, size: 4K}], run: [thread: {as: t, run: [load: {in: data, count: 99}]},"
      " load: {in: data, count: 3}, exit: {}]}\n",
      "aaAAa");
}

static void processes_begin_when_their_turn_comes(void **state) {
  story told = story_play(THREE, NULL);
  size_t loads = 0;
  (void)state;
  for (const tw_record *record = told.records; record->kind != TW_RECORD_PROCESS; record++)
    loads += record->kind == TW_RECORD_ACCESS;
  assert_int_equal(loads, 10);
  assert_int_equal(story_record(&told, TW_RECORD_PROCESS, 0)->id, 0x10000);
  assert_string_equal(story_record(&told, TW_RECORD_PROCESS, 0)->name, "b");
  assert_int_equal(story_record(&told, TW_RECORD_PROCESS, 1)->id, 0x20000);
  story_close(&told);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(processes_run_one_after_the_other),
      cmocka_unit_test(turns_go_round),
      cmocka_unit_test(turns_follow_a_list),
      cmocka_unit_test(a_switch_gives_the_turn_away),
      cmocka_unit_test(who_waits_goes_on_when_the_other_has_ended),
      cmocka_unit_test(threads_take_turns_as_processes_do),
      cmocka_unit_test(the_processes_end_takes_its_threads_along),
      cmocka_unit_test(processes_begin_when_their_turn_comes),
  };
  if (argc != 2) return 2;
  story_layouts = argv[1];
  return cmocka_run_group_tests(tests, NULL, NULL);
}
