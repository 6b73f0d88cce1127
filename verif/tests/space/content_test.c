/* Stamps in frames, against an array of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "content.h"
#include "random.h"

#define PAGE UINT64_C(4096)

static uint64_t digest_of(const uint64_t *words, unsigned count) {
  uint64_t digest = 0;
  for (unsigned i = 0; i < count; i++) digest = content_digest(digest, words[i]);
  return digest;
}

static void frame_that_nobody_filled_has_zeroes(void **state) {
  (void)state;
  content *store = content_open();
  uint64_t words[CONTENT_WORDS], zeroes[CONTENT_WORDS] = {0};
  memset(words, 0xff, sizeof words);
  content_get(store, 5, words);
  assert_memory_equal(words, zeroes, sizeof words);
  assert_int_equal(content_load(store, 5 * PAGE, 8), digest_of(zeroes, 1));
  content_drop(store, 5);
  content_close(store);
  content_close(NULL);
}

static void store_stamps_every_word_it_touches_and_no_other(void **state) {
  (void)state;
  static const struct {
    uint64_t offset;
    uint8_t size;
    unsigned first, last;
  } cases[] = {{0, 1, 0, 0},  {7, 1, 0, 0},    {7, 2, 0, 1},    {8, 8, 1, 1},        {9, 8, 1, 2},
               {60, 8, 7, 8}, {64, 64, 8, 15}, {65, 64, 8, 16}, {4095, 1, 511, 511}, {4032, 64, 504, 511}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    content *store = content_open();
    uint64_t words[CONTENT_WORDS];
    assert_true(content_stamp(store, 3 * PAGE + cases[i].offset, cases[i].size, 77));
    content_get(store, 3, words);
    for (unsigned n = 0; n < CONTENT_WORDS; n++)
      assert_int_equal(words[n], n >= cases[i].first && n <= cases[i].last ? 77 : 0);
    assert_int_equal(content_load(store, 3 * PAGE + cases[i].offset, cases[i].size),
                     digest_of(words + cases[i].first, cases[i].last - cases[i].first + 1));
    content_close(store);
  }
}

static void word_of_a_file_hangs_on_name_and_offset_alone(void **state) {
  (void)state;
  uint64_t libc = content_file_key("libc.so.6"), libm = content_file_key("libm.so.6");
  assert_int_not_equal(libc, libm);
  assert_int_not_equal(content_file_word(libc, 0), content_file_word(libc, 8));
  assert_int_not_equal(content_file_word(libc, 8), content_file_word(libm, 8));
  for (uint64_t offset = 0; offset < 80; offset += 8) assert_true(content_file_word(libc, offset) >> 63);
  assert_int_equal(content_file_word(libc, 4096), UINT64_C(0xf23fea134f8b668f)); /* in every run, on every machine */
  assert_int_not_equal(content_file_key(""), 0);
}

static void page_of_a_file_is_what_it_was_but_for_what_was_stored(void **state) {
  (void)state;
  content *store = content_open();
  uint64_t words[CONTENT_WORDS], key = content_file_key("data");
  assert_true(content_file(store, 9, key, 3 * PAGE));
  assert_int_equal(content_load(store, 9 * PAGE + 16, 8), content_digest(0, content_file_word(key, 3 * PAGE + 16)));
  assert_true(content_copy(store, 9, 10));
  assert_true(content_stamp(store, 10 * PAGE + 24, 4, 5));
  content_get(store, 10, words);
  for (unsigned n = 0; n < CONTENT_WORDS; n++)
    assert_int_equal(words[n], n == 3 ? 5 : content_file_word(key, 3 * PAGE + 8 * n));
  content_get(store, 9, words);
  assert_int_equal(words[3], content_file_word(key, 3 * PAGE + 24));
  assert_true(content_zero(store, 10));
  assert_int_equal(content_load(store, 10 * PAGE + 24, 8), content_digest(0, 0));
  content_close(store);
}

static void digest_tells_order_and_number_of_words(void **state) {
  (void)state;
  const uint64_t words[] = {1, 2, 0, 0, 2, 1};
  assert_int_not_equal(digest_of(words, 2), digest_of(words + 4, 2));
  assert_int_not_equal(digest_of(words + 2, 1), digest_of(words + 2, 2));
  assert_int_not_equal(digest_of(words + 2, 1), 0);
}

static void frames_that_were_only_filled_take_no_pages(void **state) {
  (void)state;
  size_t before = mallinfo2().uordblks;
  content *store = content_open();
  for (uint64_t ppn = 0; ppn < 10000; ppn++) {
    assert_true(ppn % 2 ? content_zero(store, ppn) : content_file(store, ppn, 7, ppn * PAGE));
    assert_true(content_copy(store, ppn, ppn + 100000));
  }
  assert_true(mallinfo2().uordblks < before + 20000 * 200);
  content_close(store);
}

#define FRAMES 200u
#define STRIDE 64u /* so that hashes meet */

typedef struct naive {
  uint64_t words[FRAMES][CONTENT_WORDS];
} naive;

static void naive_step(naive *model, content *store, test_random *random, uint64_t stamp) {
  uint64_t frame = random_below(random, FRAMES), other = random_below(random, FRAMES), *words = model->words[frame];
  uint8_t size = (uint8_t)(1 + random_below(random, 64));
  uint64_t offset = random_below(random, PAGE - size + 1), file = 1 + random_below(random, 3);
  switch (random_below(random, 8)) {
  case 0:
    memset(words, 0, sizeof model->words[0]);
    assert_true(content_zero(store, frame * STRIDE));
    break;
  case 1:
    for (unsigned n = 0; n < CONTENT_WORDS; n++) words[n] = content_file_word(file, stamp * PAGE + 8 * n);
    assert_true(content_file(store, frame * STRIDE, file, stamp * PAGE));
    break;
  case 2:
    memmove(words, model->words[other], sizeof model->words[0]);
    assert_true(content_copy(store, other * STRIDE, frame * STRIDE));
    break;
  case 3:
    for (unsigned n = 0; n < CONTENT_WORDS; n++) words[n] = random_next(random);
    assert_true(content_put(store, frame * STRIDE, words));
    break;
  case 4:
    memset(words, 0, sizeof model->words[0]);
    content_drop(store, frame * STRIDE);
    break;
  default:
    for (uint64_t n = offset / 8; n <= (offset + size - 1) / 8; n++) words[n] = stamp;
    assert_true(content_stamp(store, frame * STRIDE * PAGE + offset, size, stamp));
  }
  assert_int_equal(content_load(store, other * STRIDE * PAGE + offset, size),
                   digest_of(model->words[other] + offset / 8, (unsigned)((offset + size - 1) / 8 - offset / 8 + 1)));
}

static void frames_agree_with_an_array_whatever_is_done(void **state) {
  (void)state;
  test_random random = random_seeded(__func__, 42);
  naive *model = calloc(1, sizeof *model);
  content *store = content_open();
  assert_non_null(model);
  for (uint64_t step = 1; step < 20000; step++) naive_step(model, store, &random, step);
  for (unsigned frame = 0; frame < FRAMES; frame++) {
    uint64_t words[CONTENT_WORDS];
    content_get(store, frame * STRIDE, words);
    assert_memory_equal(words, model->words[frame], sizeof words);
  }
  content_close(store);
  free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frame_that_nobody_filled_has_zeroes),
      cmocka_unit_test(store_stamps_every_word_it_touches_and_no_other),
      cmocka_unit_test(word_of_a_file_hangs_on_name_and_offset_alone),
      cmocka_unit_test(page_of_a_file_is_what_it_was_but_for_what_was_stored),
      cmocka_unit_test(digest_tells_order_and_number_of_words),
      cmocka_unit_test(frames_that_were_only_filled_take_no_pages),
      cmocka_unit_test(frames_agree_with_an_array_whatever_is_done),
  };
  return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
