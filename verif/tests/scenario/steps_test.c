/* What each step becomes: accesses, recursion, maps, births, ends.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "story.h"

#define PROCESS(run)                                                                                                   \
  "processes:\n"                                                                                                       \
  "  - name: a\n"                                                                                                      \
  "    segments: [{name: text, at: 0x400000, size: 4K}, {name: data, at: 0x500000, size: 64K}]\n"                      \
  "    run:\n" run

static uint64_t va_of(const story *told, tw_access kind, size_t n) {
  return story_access(told, kind, n)->access.va;
}

static void every_access_stands_behind_a_fetch(void **state) {
  story told = story_play(PROCESS("      - load: {in: data, count: 9}\n      - amo: {in: data, count: 3}\n"), NULL);
  (void)state;
  assert_int_equal(story_accesses(&told, TW_FETCH), 12);
  assert_int_equal(story_accesses(&told, TW_LOAD), 9);
  assert_int_equal(story_accesses(&told, TW_AMO), 3);
  for (size_t i = 1; i < told.count; i++)
    if (told.records[i].kind == TW_RECORD_ACCESS && told.records[i].access.kind != TW_FETCH) {
      assert_int_equal(told.records[i - 1].access.kind, TW_FETCH);
      assert_in_range(told.records[i - 1].access.va, 0x400000, 0x400fff);
    }
  story_close(&told);
}

static void sequential_accesses_follow_one_another_and_wrap(void **state) {
  story told = story_play(PROCESS("      - load: {in: data, from: 0xff00, count: 40}\n"), NULL);
  (void)state;
  for (size_t i = 0; i < 40; i++) assert_int_equal(va_of(&told, TW_LOAD, i), 0x50ff00 + i % 32 * 8);
  story_close(&told);
}

static void strided_accesses_step_by_pages_or_as_told(void **state) {
  story told = story_play(PROCESS("      - load: {in: data, pattern: strided, count: 17}\n"
                                  "      - store: {in: data, pattern: strided, stride: 96, size: 2, count: 9}\n"),
                          NULL);
  (void)state;
  for (size_t i = 0; i < 17; i++) assert_int_equal(va_of(&told, TW_LOAD, i), 0x500000 + i % 16 * 4096);
  for (size_t i = 0; i < 9; i++) assert_int_equal(va_of(&told, TW_STORE, i), 0x500000 + i * 96);
  assert_int_equal(story_access(&told, TW_STORE, 0)->access.size, 2);
  story_close(&told);
}

static void a_chase_visits_every_element_once_in_no_order(void **state) {
  story told = story_play(PROCESS("      - load: {in: data, pattern: chase, stride: 64, count: 2048}\n"), NULL);
  unsigned char seen[1024] = {0};
  size_t neighbours = 0;
  (void)state;
  for (size_t i = 0; i < 1024; i++) {
    const uint64_t element = (va_of(&told, TW_LOAD, i) - 0x500000) / 64;
    assert_int_equal(va_of(&told, TW_LOAD, i) % 64, 0);
    assert_int_equal(seen[element]++, 0);
    assert_int_equal(va_of(&told, TW_LOAD, i), va_of(&told, TW_LOAD, i + 1024)); /* the same chain again */
    neighbours += i && va_of(&told, TW_LOAD, i) == va_of(&told, TW_LOAD, i - 1) + 64;
  }
  assert_true(neighbours < 20);
  story_close(&told);
}

static void drawn_patterns_stay_in_their_range_and_differ(void **state) {
  story told =
      story_play(PROCESS("      - load: {in: data, from: 0x1000, length: 0x2000, pattern: uniform, count: 999}\n"
                         "      - store: {in: data, pattern: zipf, skew: 1.2, count: 999}\n"),
                 NULL);
  size_t most = 0;
  (void)state;
  for (size_t i = 0; i < 999; i++) {
    assert_in_range(va_of(&told, TW_LOAD, i), 0x501000, 0x502fff);
    assert_in_range(va_of(&told, TW_STORE, i), 0x500000, 0x50ffff);
    size_t same = 0;
    for (size_t j = 0; j < 999; j++) same += va_of(&told, TW_STORE, i) == va_of(&told, TW_STORE, j);
    if (same > most) most = same;
  }
  assert_in_range(most, 150, 350); /* rank 1 has 1 / zeta(1.2) or so of it: 0.24 among 8192 */
  story_close(&told);
}

static void recursion_pushes_and_pops_the_same_frames(void **state) {
  story told = story_play(PROCESS("      - call: {depth: 50, frame: 96, leaf: 4}\n"), "linux-sv32");
  (void)state;
  assert_int_equal(story_accesses(&told, TW_STORE), 2 * 50 + 2);
  assert_int_equal(story_accesses(&told, TW_LOAD), 2 * 50 + 2);
  assert_int_equal(va_of(&told, TW_STORE, 0), 0xc0000000 - 16 - 4);
  for (size_t level = 0; level < 50; level++) {
    assert_int_equal(va_of(&told, TW_STORE, 2 * level), 0xc0000000 - 16 - 4 - 96 * level);
    assert_int_equal(va_of(&told, TW_LOAD, 2 + 2 * level), va_of(&told, TW_STORE, 2 * (49 - level)));
  }
  assert_in_range(va_of(&told, TW_STORE, 100), 0xc0000000 - 16 - 50 * 96, 0xc0000000 - 16 - 49 * 96 - 12);
  story_close(&told);
}

static void mappings_are_placed_and_known_by_name(void **state) {
  story told = story_play("objects: [{name: f, size: 1M}, {name: m, size: 64K, memory: true}]\n" PROCESS(
                              "      - mmap: {name: one, size: 5000, object: f, offset: 8K, prot: r--}\n"
                              "      - mmap: {name: two, size: 64K, object: m, shared: true}\n"
                              "      - load: {in: one, count: 1}\n"
                              "      - mprotect: {in: two, from: 4K, length: 8K, prot: ---}\n"
                              "      - madvise: {in: two, advice: cold}\n"
                              "      - munmap: {in: one}\n"
                              "      - load: {in: one, count: 1}\n"),
                          "linux-sv32");
  (void)state;
  const tw_record_map *one = &story_map(&told, TW_REGION_FILE)->map, *two = &story_map(&told, TW_REGION_MAPPED)->map;
  assert_int_equal(one->start, 0xc0000000 - (128 << 20) - 8192);
  assert_int_equal(one->length, 8192);
  assert_int_equal(one->offset, 8192);
  assert_int_equal(one->prot, TW_PROT_READ);
  assert_string_equal(one->name, "f");
  assert_int_equal(two->start + two->length, one->start);
  assert_true(two->shared);
  assert_string_equal(two->name, "m");
  const tw_record_map *changed = &story_record(&told, TW_RECORD_PROTECT, 0)->map;
  assert_int_equal(changed->start, two->start + 4096);
  assert_int_equal(changed->length, 8192);
  assert_int_equal(story_record(&told, TW_RECORD_ADVISE, 0)->map.advice, TW_ADVICE_COLD);
  assert_int_equal(story_record(&told, TW_RECORD_UNMAP, 0)->map.start, one->start);
  assert_int_equal(va_of(&told, TW_LOAD, 0), one->start);
  assert_int_equal(va_of(&told, TW_LOAD, 1), one->start); /* used after it was unmapped */
  story_close(&told);
}

static void the_heap_grows_and_shrinks_behind_the_data(void **state) {
  story told = story_play(PROCESS("      - brk: {grow: 10000}\n"
                                  "      - store: {in: heap, pattern: strided, count: 3}\n"
                                  "      - brk: {shrink: 8192}\n"),
                          NULL);
  (void)state;
  assert_int_equal(story_record(&told, TW_RECORD_BREAK, 0)->map.start, 0x510000);
  assert_int_equal(story_record(&told, TW_RECORD_BREAK, 1)->map.start, 0x510000 + 10000);
  assert_int_equal(story_record(&told, TW_RECORD_BREAK, 2)->map.start, 0x510000 + 10000 - 8192);
  assert_int_equal(va_of(&told, TW_STORE, 2), 0x512000);
  story_close(&told);
}

static void system_calls_name_what_they_read_and_write(void **state) {
  story told = story_play(PROCESS("      - syscall: {number: 63, writes: {in: data, from: 100, length: 300}}\n"
                                  "      - syscall: {number: 64, reads: {in: data}}\n"),
                          NULL);
  (void)state;
  const tw_record_call *first = &story_record(&told, TW_RECORD_CALL, 0)->call;
  assert_int_equal(first->number, 63);
  assert_int_equal(first->writes, 0x500064);
  assert_int_equal(first->writes_length, 300);
  assert_int_equal(first->reads_length, 0);
  assert_int_equal(story_record(&told, TW_RECORD_CALL, 1)->call.reads_length, 0x10000);
  story_close(&told);
}

/* What the n-th access's thread is, by the records before it. */
static uint32_t thread_of(const story *told, tw_access kind, size_t n) {
  uint32_t id = 1;
  const tw_record *looked = story_access(told, kind, n);
  for (const tw_record *record = told->records; record != looked; record++)
    if (record->kind == TW_RECORD_THREAD) id = record->id;
  return id;
}

static void a_child_goes_on_with_its_own_steps(void **state) {
  story told = story_play(PROCESS("      - mmap: {name: m, size: 4K}\n"
                                  "      - store: {in: m, count: 1}\n"
                                  "      - fork: {as: child, run: [load: {in: m, count: 2}, exit: {}]}\n"
                                  "      - wait: {for: child}\n"
                                  "      - load: {in: data, count: 1}\n"
                                  "      - exit: {}\n"),
                          NULL);
  (void)state;
  assert_int_equal(story_record(&told, TW_RECORD_FORK, 0)->id, 0x10000);
  assert_int_equal(thread_of(&told, TW_STORE, 0), 1);
  assert_int_equal(thread_of(&told, TW_LOAD, 0), 0x10001);
  assert_int_equal(va_of(&told, TW_LOAD, 0), va_of(&told, TW_STORE, 0));
  assert_int_equal(thread_of(&told, TW_LOAD, 2), 1); /* behind the child's end */
  assert_int_equal(story_record(&told, TW_RECORD_EXIT, 0)->id, 0x10000);
  assert_int_equal(story_record(&told, TW_RECORD_EXIT, 1)->id, 0);
  story_close(&told);
}

static void a_thread_has_its_own_stack_above_a_guard_page(void **state) {
  story told = story_play(PROCESS("      - thread: {as: worker, stack: 64K, run: [call: {depth: 2}, exit: {}]}\n"
                                  "      - wait: {for: worker}\n"
                                  "      - call: {}\n"),
                          NULL);
  (void)state;
  const tw_record_map *guard = &story_map(&told, TW_REGION_GUARD)->map;
  assert_int_equal(guard->length, 4096);
  assert_int_equal(guard->prot, 0);
  const uint64_t top = guard->start + 4096 + 65536;
  assert_int_equal(va_of(&told, TW_STORE, 0), top - 16 - 8);
  assert_int_equal(thread_of(&told, TW_STORE, 0), 2);
  assert_int_equal(thread_of(&told, TW_STORE, 4), 1);
  assert_true(va_of(&told, TW_STORE, 4) > top);
  assert_int_equal(story_record(&told, TW_RECORD_EXIT, 0)->id, 2);
  story_close(&told);
}

static void exec_gives_the_map_up_and_begins_another(void **state) {
  story told =
      story_play(PROCESS("      - store: {in: data, count: 1}\n"
                         "      - repeat:\n"
                         "          do:\n"
                         "            - exec: {as: other, segments: [{name: text, size: 4K}, {name: bss, size: "
                         "8K}], run: [store: {in: bss, from: 4096, count: 1}]}\n"),
                 NULL);
  (void)state;
  assert_string_equal(story_record(&told, TW_RECORD_EXEC, 0)->name, "other");
  assert_int_equal(va_of(&told, TW_STORE, 1), 0x10000 + 4096 + 4096);
  assert_int_equal(story_accesses(&told, TW_STORE), 2); /* nothing comes back from exec */
  story_close(&told);
}

static void repeats_repeat_what_is_in_them(void **state) {
  story told = story_play(
      PROCESS("      - repeat: {times: 3, do: [repeat: {times: 2, do: [load: {in: data, count: 5}]}, reclaim: {}]}\n"),
      NULL);
  (void)state;
  assert_int_equal(story_accesses(&told, TW_LOAD), 30);
  assert_int_equal(story_count(&told, TW_RECORD_RECLAIM), 3);
  story_close(&told);
}

static void another_seed_draws_other_accesses(void **state) {
  static const char text[] = PROCESS("      - load: {in: data, pattern: uniform, count: 100}\n");
  story one = story_play_seed(text, NULL, 1), same = story_play_seed(text, NULL, 1),
        two = story_play_seed(text, NULL, 2);
  size_t differ = 0;
  (void)state;
  assert_int_equal(one.count, same.count);
  for (size_t i = 0; i < 100; i++) {
    assert_int_equal(va_of(&one, TW_LOAD, i), va_of(&same, TW_LOAD, i));
    differ += va_of(&one, TW_LOAD, i) != va_of(&two, TW_LOAD, i);
  }
  assert_true(differ > 90);
  story_close(&one);
  story_close(&same);
  story_close(&two);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_access_stands_behind_a_fetch),
      cmocka_unit_test(sequential_accesses_follow_one_another_and_wrap),
      cmocka_unit_test(strided_accesses_step_by_pages_or_as_told),
      cmocka_unit_test(a_chase_visits_every_element_once_in_no_order),
      cmocka_unit_test(drawn_patterns_stay_in_their_range_and_differ),
      cmocka_unit_test(recursion_pushes_and_pops_the_same_frames),
      cmocka_unit_test(mappings_are_placed_and_known_by_name),
      cmocka_unit_test(the_heap_grows_and_shrinks_behind_the_data),
      cmocka_unit_test(system_calls_name_what_they_read_and_write),
      cmocka_unit_test(a_child_goes_on_with_its_own_steps),
      cmocka_unit_test(a_thread_has_its_own_stack_above_a_guard_page),
      cmocka_unit_test(exec_gives_the_map_up_and_begins_another),
      cmocka_unit_test(repeats_repeat_what_is_in_them),
      cmocka_unit_test(another_seed_draws_other_accesses),
  };
  if (argc != 2) return 2;
  story_layouts = argv[1];
  return cmocka_run_group_tests(tests, NULL, NULL);
}
