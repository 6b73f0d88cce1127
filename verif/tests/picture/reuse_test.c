/* Stack distances and working sets, against the plainest way to find them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reuse.h"
#include "timeline.h"

#define PAGES 600u
#define ACCESSES 40000u

/* The seed of the run: the first argument, or 1. */
static uint64_t seed_given = 1;

static uint64_t draw(uint64_t *state) {
  *state += 0x9e3779b97f4a7c15u;
  uint64_t x = *state;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

/* Mostly near pages, now and then a far one, as programs do. */
static uint32_t page_draw(uint64_t *state, uint32_t last) {
  const uint64_t drawn = draw(state);
  if (drawn % 4 == 0) return last;
  if (drawn % 4 < 3) return (uint32_t)((last + drawn / 4 % 9) % PAGES);
  return (uint32_t)(drawn / 4 % PAGES);
}

/* An LRU stack as a list: the place of a page is its distance. */
static uint64_t naive_touch(uint32_t *stack, size_t *count, uint32_t page) {
  size_t at = 0;
  while (at < *count && stack[at] != page) at++;
  const bool cold = at == *count;
  if (cold) (*count)++;
  memmove(stack + 1, stack, at * sizeof *stack);
  stack[0] = page;
  return cold ? UINT64_MAX : at;
}

static void distances_are_those_of_an_lru_stack(void **state) {
  (void)state;
  static uint32_t stack[PAGES];
  static uint64_t distances[PAGES];
  tw_reuse reuse = {0};
  uint64_t random = seed_given, cold = 0;
  size_t count = 0;
  uint32_t page = 0;
  for (unsigned i = 0; i < ACCESSES; i++) {
    page = page_draw(&random, page);
    assert_true(tw_reuse_touch(&reuse, page));
    const uint64_t distance = naive_touch(stack, &count, page);
    if (distance == UINT64_MAX) {
      cold++;
    } else {
      distances[distance]++;
    }
  }
  assert_int_equal(reuse.accesses, ACCESSES);
  assert_int_equal(reuse.cold, cold);
  for (size_t i = 0; i < PAGES; i++) assert_int_equal(i < reuse.distance_room ? reuse.distances[i] : 0, distances[i]);
  tw_reuse_free(&reuse);
}

static void misses_are_those_of_an_lru_memory(void **state) {
  (void)state;
  static uint32_t stack[PAGES];
  tw_reuse reuse = {0};
  uint64_t random = seed_given + 1, misses = 0;
  size_t count = 0;
  uint32_t page = 0;
  for (unsigned i = 0; i < ACCESSES; i++) {
    page = page_draw(&random, page);
    assert_true(tw_reuse_touch(&reuse, page));
    misses += naive_touch(stack, &count, page) >= 16;
  }
  assert_int_equal(tw_reuse_misses(&reuse, 16), misses);
  assert_int_equal(tw_reuse_misses(&reuse, 0), reuse.accesses);
  assert_int_equal(tw_reuse_misses(&reuse, PAGES), reuse.cold);
  tw_reuse_free(&reuse);
}

/* Different pages in accesses [first, end) of a run. */
static uint64_t naive_pages(const uint32_t *accesses, size_t first, size_t end) {
  static bool seen[PAGES];
  uint64_t pages = 0;
  memset(seen, 0, sizeof seen);
  for (size_t i = first; i < end; i++) {
    pages += !seen[accesses[i]];
    seen[accesses[i]] = true;
  }
  return pages;
}

/* Plays a run as the profile does. */
static void timeline_play(tw_timeline *timeline, const uint32_t *accesses, size_t count) {
  static uint32_t last[PAGES];
  memset(last, 0xff, sizeof last);
  for (size_t i = 0; i < count; i++) {
    bool halved;
    tw_window *window = tw_timeline_next(timeline, &halved);
    assert_non_null(window);
    for (size_t page = 0; halved && page < PAGES; page++)
      if (last[page] != UINT32_MAX) last[page] /= 2;
    const uint32_t now = (uint32_t)(window - timeline->windows);
    tw_window_touch(window, now, last[accesses[i]]);
    last[accesses[i]] = now;
    window->accesses++;
  }
}

static void working_sets_stay_exact_when_windows_are_joined(void **state) {
  (void)state;
  static uint32_t accesses[ACCESSES];
  uint64_t random = seed_given + 2;
  for (size_t i = 0; i < ACCESSES; i++) accesses[i] = page_draw(&random, i ? accesses[i - 1] : 0);
  for (size_t count = 1; count <= ACCESSES; count = count * 3 + 7) {
    tw_timeline timeline;
    tw_timeline_init(&timeline, 0);
    timeline_play(&timeline, accesses, count);
    assert_true(timeline.count <= TW_WINDOWS_MAX);
    size_t first = 0;
    for (size_t i = 0; i < timeline.count; i++) {
      const size_t end = first + timeline.windows[i].accesses;
      assert_int_equal(tw_window_pages(&timeline.windows[i]), naive_pages(accesses, first, end));
      first = end;
    }
    assert_int_equal(first, count);
    tw_timeline_free(&timeline);
  }
}

static void windows_of_a_given_length_are_not_joined(void **state) {
  (void)state;
  static uint32_t accesses[1000];
  tw_timeline timeline;
  tw_timeline_init(&timeline, 2);
  timeline_play(&timeline, accesses, 1000);
  assert_int_equal(timeline.length, 2);
  assert_int_equal(timeline.count, 500);
  tw_timeline_free(&timeline);
}

static void too_many_windows_of_a_given_length_are_refused(void **state) {
  (void)state;
  tw_timeline timeline;
  bool halved;
  tw_timeline_init(&timeline, 1);
  for (unsigned i = 0; i < TW_WINDOWS_FIXED_MAX; i++) {
    tw_window *window = tw_timeline_next(&timeline, &halved);
    assert_non_null(window);
    window->accesses++;
  }
  assert_false(timeline.full);
  assert_null(tw_timeline_next(&timeline, &halved));
  assert_true(timeline.full);
  tw_timeline_free(&timeline);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances_are_those_of_an_lru_stack),
      cmocka_unit_test(misses_are_those_of_an_lru_memory),
      cmocka_unit_test(working_sets_stay_exact_when_windows_are_joined),
      cmocka_unit_test(windows_of_a_given_length_are_not_joined),
      cmocka_unit_test(too_many_windows_of_a_given_length_are_refused),
  };
  if (argc > 1) seed_given = strtoull(argv[1], NULL, 0);
  printf("seed %llu (to repeat: %s %llu)\n", (unsigned long long)seed_given, argv[0], (unsigned long long)seed_given);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
