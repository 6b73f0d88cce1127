/* The naive copy of the processes' memory, against an even more naive one: an array of words for every page.
 * SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "content.h"
#include "random.h"
#include "reference.h"

#define PAGE UINT64_C(4096)

static uint64_t found(const reference *all, uint32_t process, uint64_t va) {
  uint64_t digest = 0;
  assert_true(reference_load(all, process, va, 8, &digest));
  return digest;
}

static uint64_t stamped(uint64_t word) {
  return content_digest(0, word);
}

static void map(reference *all, uint32_t process, reference_range range) {
  assert_true(reference_map(all, process, &range));
}

static reference *with_two_processes(void) {
  reference *all = reference_open();
  assert_non_null(all);
  assert_true(reference_begin(all, 1) && reference_begin(all, 0));
  return all;
}

static void address_that_is_not_mapped_has_no_content(void **state) {
  (void)state;
  reference *all = with_two_processes();
  uint64_t digest;
  assert_false(reference_load(all, 0, 0x1000, 8, &digest));
  assert_false(reference_load(all, 7, 0x1000, 8, &digest));
  map(all, 0, (reference_range){.start = 0x1000, .end = 0x3000});
  assert_false(reference_load(all, 0, 0x0fff, 1, &digest));
  assert_true(reference_load(all, 0, 0x1000, 8, &digest));
  assert_true(reference_load(all, 0, 0x2fff, 1, &digest));
  assert_false(reference_load(all, 0, 0x3000, 8, &digest));
  assert_false(reference_load(all, 1, 0x1000, 8, &digest));
  assert_true(reference_unmap(all, 0, 0, UINT64_MAX & ~0xfffu));
  assert_false(reference_load(all, 0, 0x1000, 8, &digest));
  reference_close(all);
  reference_close(NULL);
}

static void processes_do_not_see_each_other(void **state) {
  (void)state;
  reference *all = with_two_processes();
  for (uint32_t i = 0; i < 2; i++) map(all, i, (reference_range){.start = 0x400000, .end = 0x401000});
  assert_true(reference_store(all, 0, 0x400008, 8, 5));
  assert_int_equal(found(all, 0, 0x400008), stamped(5));
  assert_int_equal(found(all, 1, 0x400008), stamped(0));
  reference_close(all);
}

static void private_page_of_a_file_is_the_file_s_until_it_is_stored_to(void **state) {
  (void)state;
  reference *all = with_two_processes();
  uint64_t key = content_file_key("lib");
  map(all, 0, (reference_range){.start = 0x10000, .end = 0x20000, .object = 3, .file = key, .offset = 0x5000});
  map(all, 1, (reference_range){.start = 0x70000, .end = 0x80000, .object = 3, .file = key, .shared = true});
  assert_int_equal(found(all, 0, 0x10008), stamped(content_file_word(key, 0x5008)));
  assert_true(reference_store(all, 1, 0x75010, 8, 9)); /* seen: the page is still the file's */
  assert_int_equal(found(all, 0, 0x10010), stamped(9));
  assert_true(reference_store(all, 0, 0x10008, 8, 4)); /* from now on it is a page of its own */
  assert_true(reference_store(all, 1, 0x75010, 8, 10));
  assert_int_equal(found(all, 0, 0x10010), stamped(9));
  assert_int_equal(found(all, 0, 0x10008), stamped(4));
  assert_int_equal(found(all, 1, 0x75008), stamped(content_file_word(key, 0x5008)));
  assert_true(reference_drop(all, 0, 0x10000, 0x20000)); /* ... and begins anew */
  assert_int_equal(found(all, 0, 0x10010), stamped(10));
  assert_int_equal(found(all, 0, 0x10008), stamped(content_file_word(key, 0x5008)));
  reference_close(all);
}

static void shared_memory_is_seen_by_all_and_survives_its_processes(void **state) {
  (void)state;
  reference *all = with_two_processes();
  reference_range range = {.start = 0x10000, .end = 0x20000, .object = 8, .shared = true};
  map(all, 0, range);
  assert_true(reference_store(all, 0, 0x12345, 1, 6));
  reference_end(all, 0);
  map(all, 1, (reference_range){.start = 0x50000, .end = 0x51000, .object = 8, .shared = true, .offset = 0x2000});
  assert_int_equal(found(all, 1, 0x50340), stamped(6));
  assert_int_equal(found(all, 1, 0x50348), stamped(0));
  assert_true(reference_drop(all, 1, 0x50000, 0x51000));
  assert_int_equal(found(all, 1, 0x50340), stamped(6));
  reference_close(all);
}

static void shared_memory_that_is_forgotten_begins_with_zeroes(void **state) {
  (void)state;
  reference *all = with_two_processes();
  const reference_range range = {.start = 0x400000, .end = 0x402000, .object = 7, .shared = true};
  map(all, 0, range);
  map(all, 1, (reference_range){.start = 0x400000, .end = 0x402000, .object = 8, .shared = true});
  for (uint32_t i = 0; i < 2; i++) assert_true(reference_store(all, i, 0x401008, 8, 5));
  reference_forget(all, 7);
  assert_true(found(all, 0, 0x401008) == stamped(0));
  assert_true(found(all, 1, 0x401008) == stamped(5));
  reference_close(all);
}

static void fork_copies_and_both_go_their_ways(void **state) {
  (void)state;
  reference *all = with_two_processes();
  map(all, 0, (reference_range){.start = 0x1000, .end = 0x2000});
  map(all, 0, (reference_range){.start = 0x2000, .end = 0x3000, .object = 2, .shared = true});
  assert_true(reference_store(all, 0, 0x1000, 8, 1) && reference_store(all, 0, 0x2000, 8, 2));
  assert_true(reference_fork(all, 0, 5));
  assert_true(reference_store(all, 5, 0x1000, 8, 3) && reference_store(all, 5, 0x2000, 8, 4));
  assert_int_equal(found(all, 0, 0x1000), stamped(1));
  assert_int_equal(found(all, 5, 0x1000), stamped(3));
  assert_int_equal(found(all, 0, 0x2000), stamped(4));
  reference_end(all, 0);
  assert_int_equal(found(all, 5, 0x1000), stamped(3));
  uint64_t digest;
  assert_false(reference_load(all, 0, 0x1000, 8, &digest));
  reference_end(all, 0);
  reference_close(all);
}

static void map_takes_the_place_of_what_was_there(void **state) {
  (void)state;
  reference *all = with_two_processes();
  uint64_t key = content_file_key("f");
  map(all, 0, (reference_range){.start = 0x10000, .end = 0x20000, .object = 1, .file = key});
  for (uint64_t va = 0x10000; va < 0x20000; va += PAGE) assert_true(reference_store(all, 0, va, 8, va));
  map(all, 0, (reference_range){.start = 0x14000, .end = 0x16000});
  assert_int_equal(found(all, 0, 0x13000), stamped(0x13000));
  assert_int_equal(found(all, 0, 0x14000), stamped(0));
  assert_int_equal(found(all, 0, 0x15ff8), stamped(0));
  assert_int_equal(found(all, 0, 0x16000), stamped(0x16000));
  assert_int_equal(found(all, 0, 0x16008), stamped(content_file_word(key, 0x6008)));
  reference_close(all);
}

static void memory_grows_with_the_pages_there_are_and_not_with_the_trace(void **state) {
  (void)state;
  reference *all = with_two_processes();
  size_t before = mallinfo2().uordblks;
  for (uint64_t i = 0; i < 100000; i++) {
    uint64_t va = i * 0x200000;
    map(all, 0, (reference_range){.start = va, .end = va + PAGE});
    assert_true(reference_store(all, 0, va, 8, i + 1));
    assert_int_equal(found(all, 0, va), stamped(i + 1));
    assert_true(reference_unmap(all, 0, i % 2 ? va : 0, i % 2 ? va + PAGE : UINT64_C(1) << 47));
  }
  map(all, 0, (reference_range){.start = 0, .end = UINT64_C(1) << 47});
  for (uint64_t i = 0; i < 1000; i++) assert_int_equal(found(all, 0, i << 30), stamped(0));
  assert_true(mallinfo2().uordblks < before + 100000);
  reference_close(all);
}

/* ---- Random, against an array of words for every page ---- */

#define PROCESSES 4u
#define PAGES 24u /* of a process, from BEGIN on: on both sides of a multiple of 2 MiB */
#define BEGIN (UINT64_C(0x600000) - 12 * PAGE)
#define OBJECTS 3u
#define OBJECT_PAGES 40u

typedef struct naive_page {
  bool mapped, shared, own;
  uint64_t object, number; /* its page of the object; object 0: none */
  uint64_t words[CONTENT_WORDS];
} naive_page;

typedef struct naive {
  naive_page pages[PROCESSES][PAGES];
  uint64_t objects[OBJECTS + 1][OBJECT_PAGES][CONTENT_WORDS];
} naive;

static uint64_t *naive_words(naive *model, naive_page *page) {
  static uint64_t zeroes[CONTENT_WORDS];
  if (page->own) return page->words;
  return page->object ? model->objects[page->object][page->number] : zeroes;
}

static void naive_own(naive *model, naive_page *page) {
  if (page->own || (page->shared && page->object)) return;
  memcpy(page->words, naive_words(model, page), sizeof page->words);
  page->own = true;
}

static void naive_change(naive *model, reference *all, test_random *random, uint32_t process) {
  uint64_t first = random_below(random, PAGES), count = 1 + random_below(random, PAGES - first);
  uint64_t choice = random_below(random, 6), object = random_below(random, OBJECTS + 1);
  uint64_t number = random_below(random, OBJECT_PAGES - count + 1);
  reference_range range = {.start = BEGIN + first * PAGE, .end = BEGIN + (first + count) * PAGE, .object = object};
  range.file = object == 1 ? 0 : object * 100;
  range.offset = number * PAGE;
  range.shared = random_below(random, 2);
  for (uint64_t i = first; i < first + count; i++) {
    naive_page *page = &model->pages[process][i];
    if (choice < 3)
      *page = (naive_page){true, range.shared, false, object, number + i - first, {0}};
    else if (choice == 3)
      page->own = false;
    else
      *page = (naive_page){0};
  }
  if (choice < 3)
    assert_true(reference_map(all, process, &range));
  else if (choice == 3)
    assert_true(reference_drop(all, process, range.start, range.end));
  else
    assert_true(reference_unmap(all, process, range.start, range.end));
}

static void naive_fork(naive *model, reference *all, test_random *random) {
  uint32_t parent = (uint32_t)random_below(random, PROCESSES), child = (uint32_t)random_below(random, PROCESSES);
  if (parent == child) return;
  reference_end(all, child);
  assert_true(reference_fork(all, parent, child));
  memcpy(model->pages[child], model->pages[parent], sizeof model->pages[0]);
}

static void naive_access(naive *model, reference *all, test_random *random, uint64_t stamp) {
  uint32_t process = (uint32_t)random_below(random, PROCESSES);
  uint64_t at = random_below(random, PAGES), digest = 0, expected = 0;
  uint8_t size = (uint8_t)(1 + random_below(random, 64));
  uint64_t offset = random_below(random, PAGE - size + 1), va = BEGIN + at * PAGE + offset;
  naive_page *page = &model->pages[process][at];
  if (page->mapped && stamp % 2) {
    naive_own(model, page);
    for (uint64_t n = offset / 8; n <= (offset + size - 1) / 8; n++) naive_words(model, page)[n] = stamp;
    assert_true(reference_store(all, process, va, size, stamp));
  }
  assert_int_equal(reference_load(all, process, va, size, &digest), page->mapped);
  if (!page->mapped) return;
  for (uint64_t n = offset / 8; n <= (offset + size - 1) / 8; n++)
    expected = content_digest(expected, naive_words(model, page)[n]);
  assert_int_equal(digest, expected);
}

static void memory_agrees_with_arrays_of_words_whatever_is_done(void **state) {
  (void)state;
  test_random random = random_seeded(__func__, 1234);
  naive *model = calloc(1, sizeof *model);
  reference *all = reference_open();
  assert_true(model && all);
  for (uint64_t object = 2; object <= OBJECTS; object++) {
    for (uint64_t n = 0; n < OBJECT_PAGES * CONTENT_WORDS; n++)
      model->objects[object][n / CONTENT_WORDS][n % CONTENT_WORDS] = content_file_word(object * 100, n * 8);
  }
  for (uint32_t i = 0; i < PROCESSES; i++) assert_true(reference_begin(all, i));
  for (uint64_t step = 1; step < 100000; step++) {
    uint64_t choice = random_below(&random, 100);
    if (choice == 0)
      naive_fork(model, all, &random);
    else if (choice < 10)
      naive_change(model, all, &random, (uint32_t)random_below(&random, PROCESSES));
    else
      naive_access(model, all, &random, step);
  }
  reference_close(all);
  free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(address_that_is_not_mapped_has_no_content),
      cmocka_unit_test(processes_do_not_see_each_other),
      cmocka_unit_test(private_page_of_a_file_is_the_file_s_until_it_is_stored_to),
      cmocka_unit_test(shared_memory_is_seen_by_all_and_survives_its_processes),
      cmocka_unit_test(shared_memory_that_is_forgotten_begins_with_zeroes),
      cmocka_unit_test(fork_copies_and_both_go_their_ways),
      cmocka_unit_test(map_takes_the_place_of_what_was_there),
      cmocka_unit_test(memory_grows_with_the_pages_there_are_and_not_with_the_trace),
      cmocka_unit_test(memory_agrees_with_arrays_of_words_whatever_is_done),
  };
  return cmocka_run_group_tests_name("reference", tests, NULL, NULL);
}
