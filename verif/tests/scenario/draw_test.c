/* Random numbers, orders and Zipf's law: the same everywhere, and what they should be.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zipf.h"

/* The values that the authors of splitmix64 publish for seed 1234567. */
static void numbers_are_those_of_splitmix64(void **state) {
  static const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                      4593380528125082431u, 16408922859458223821u};
  draw_stream stream = {1234567};
  (void)state;
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) assert_int_equal(draw_next(&stream), expected[i]);
}

static void numbers_below_a_bound_come_equally_often(void **state) {
  draw_stream stream = {7};
  unsigned counts[6] = {0};
  (void)state;
  for (unsigned i = 0; i < 60000; i++) counts[draw_below(&stream, 6)]++;
  for (unsigned i = 0; i < 6; i++) assert_in_range(counts[i], 9600, 10400); /* four standard deviations are 365 */
  for (unsigned i = 0; i < 100; i++) assert_int_equal(draw_below(&stream, 1), 0);
}

static void orders_hold_every_number_once(void **state) {
  static const uint64_t counts[] = {1, 2, 3, 4, 5, 63, 64, 65, 1000, 65537};
  (void)state;
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    unsigned char *seen = calloc(counts[i], 1);
    draw_order order;
    assert_non_null(seen);
    draw_order_open(&order, counts[i], i);
    for (uint64_t at = 0; at < counts[i]; at++) {
      const uint64_t number = draw_order_at(&order, at);
      assert_true(number < counts[i]);
      assert_false(seen[number]);
      seen[number] = 1;
    }
    free(seen);
  }
}

static void orders_are_shuffled(void **state) {
  draw_order order;
  unsigned in_place = 0, neighbours = 0;
  (void)state;
  draw_order_open(&order, 10000, 1);
  for (uint64_t at = 1; at < 10000; at++) {
    in_place += draw_order_at(&order, at) == at;
    neighbours += draw_order_at(&order, at) == draw_order_at(&order, at - 1) + 1;
  }
  assert_in_range(in_place, 0, 10);
  assert_in_range(neighbours, 0, 10);
}

/* Sums of 2^40 / r^skew that were computed in 60 digits. */
static void zipf_sums_are_exact_to_seven_digits(void **state) {
  static const struct {
    unsigned skew;
    uint64_t rank, sum;
  } expected[] = {{0, 1, 1099511627776u},       {0, 1000, 1099511627776000u}, {1000, 1, 1099511627776u},
                  {1000, 2, 1649267441664u},    {1000, 10, 3220434652624u},   {1000, 1000, 8230362250553u},
                  {500, 2, 1876983755769u},     {500, 100, 20439485561099u},  {990, 1000, 8498073932941u},
                  {2000, 1000, 1807525171369u}, {4000, 3, 1181805322138u}};
  (void)state;
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    zipf *law = zipf_open(1000, expected[i].skew, 1);
    assert_non_null(law);
    const uint64_t sum = zipf_sum(law, expected[i].rank);
    const uint64_t difference = sum > expected[i].sum ? sum - expected[i].sum : expected[i].sum - sum;
    if (difference > expected[i].sum / 10000000)
      fail_msg("skew %u, %llu ranks: expected %llu, found %llu", expected[i].skew, (unsigned long long)expected[i].rank,
               (unsigned long long)expected[i].sum, (unsigned long long)sum);
    zipf_close(law);
  }
}

static int descending(const void *left, const void *right) {
  const unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
  return a < b ? 1 : a > b ? -1 : 0;
}

static void zipf_draws_as_often_as_its_law_says(void **state) {
  enum { ELEMENTS = 100, DRAWS = 1000000 };
  unsigned counts[ELEMENTS] = {0};
  zipf *law = zipf_open(ELEMENTS, 1000, 3);
  draw_stream stream = {5};
  (void)state;
  assert_non_null(law);
  for (unsigned i = 0; i < DRAWS; i++) {
    const uint64_t element = zipf_draw(law, &stream);
    assert_true(element < ELEMENTS);
    counts[element]++;
  }
  qsort(counts, ELEMENTS, sizeof counts[0], descending);
  for (uint64_t rank = 1; rank <= 10; rank++) {
    const uint64_t weight = zipf_sum(law, rank) - (rank > 1 ? zipf_sum(law, rank - 1) : 0);
    const uint64_t due = weight * DRAWS / zipf_sum(law, ELEMENTS);
    assert_in_range(counts[rank - 1], due - due / 20, due + due / 20);
  }
  zipf_close(law);
}

static void zipf_reaches_every_element_of_many(void **state) {
  const uint64_t count = (uint64_t)3 << 20; /* three times the ranks */
  unsigned char *seen = calloc(count, 1);
  zipf *law = zipf_open(count, 0, 1);
  draw_stream stream = {9};
  uint64_t reached = 0;
  (void)state;
  assert_true(law && seen);
  for (uint64_t i = 0; i < 8 * count; i++) {
    const uint64_t element = zipf_draw(law, &stream);
    assert_true(element < count);
    reached += !seen[element];
    seen[element] = 1;
  }
  assert_true(reached > count - count / 1000); /* all but 1 in 2981 are due */
  free(seen);
  zipf_close(law);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_those_of_splitmix64),     cmocka_unit_test(numbers_below_a_bound_come_equally_often),
      cmocka_unit_test(orders_hold_every_number_once),       cmocka_unit_test(orders_are_shuffled),
      cmocka_unit_test(zipf_sums_are_exact_to_seven_digits), cmocka_unit_test(zipf_draws_as_often_as_its_law_says),
      cmocka_unit_test(zipf_reaches_every_element_of_many),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
