/* ASIDs: no two processes have the same one in one generation.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "asid.h"
#include "random.h"

static void asid_0_is_no_process_s_while_there_are_others(void **state) {
  (void)state;
  for (unsigned bits = 1; bits <= 16; bits++) {
    asid_pool pool;
    asid_open(&pool, bits, 0);
    assert_int_equal(pool.count, 1u << bits);
    for (uint32_t i = 1; i < pool.count; i++) {
      asid_hold hold = {0};
      assert_false(asid_get(&pool, &hold));
      assert_int_equal(hold.asid, i);
    }
    asid_hold last = {0};
    assert_true(asid_get(&pool, &last));
    assert_int_equal(last.asid, 1);
  }
}

static void machine_without_asids_tells_none_apart(void **state) {
  (void)state;
  for (unsigned limited = 0; limited < 2; limited++) {
    asid_pool pool;
    asid_hold one = {0}, other = {0};
    asid_open(&pool, limited ? 16 : 0, limited);
    assert_int_equal(pool.count, 1);
    assert_false(asid_get(&pool, &one) || asid_get(&pool, &other) || asid_get(&pool, &one));
    assert_int_equal(one.asid, 0);
    assert_int_equal(other.asid, 0);
  }
}

static void limit_counts_asid_0_and_is_no_more_than_there_are(void **state) {
  (void)state;
  asid_pool pool;
  asid_open(&pool, 9, 4);
  assert_int_equal(pool.count, 4);
  asid_open(&pool, 2, 100);
  assert_int_equal(pool.count, 4);
  asid_open(&pool, 40, 0);
  assert_int_equal(pool.count, 65536);
}

static void process_keeps_its_asid_while_the_generation_lasts(void **state) {
  (void)state;
  asid_pool pool;
  asid_hold holds[4] = {0};
  asid_open(&pool, 2, 0);
  for (unsigned i = 0; i < 3; i++) assert_false(asid_get(&pool, &holds[i]));
  for (unsigned i = 0; i < 3; i++) assert_false(asid_get(&pool, &holds[i]));
  assert_int_equal(holds[0].asid, 1);
  assert_true(asid_get(&pool, &holds[3]));
  assert_int_equal(holds[3].asid, 1);
  assert_false(asid_get(&pool, &holds[3]));
  assert_false(asid_get(&pool, &holds[0])); /* in its turn it gets a new one */
  assert_int_equal(holds[0].asid, 2);
  assert_int_equal(pool.generation, 2);
}

static void no_two_processes_share_an_asid_that_was_not_fenced(void **state) {
  (void)state;
  test_random random = random_seeded(__func__, 3);
  for (uint32_t count = 2; count < 12; count++) {
    asid_pool pool;
    asid_hold holds[20] = {0};
    int owner[16]; /* since the last fence; -1: nobody */
    for (unsigned i = 0; i < 16; i++) owner[i] = -1;
    asid_open(&pool, 4, count);
    for (unsigned step = 0; step < 2000; step++) {
      int chosen = (int)random_below(&random, 20);
      if (asid_get(&pool, &holds[chosen]))
        for (unsigned i = 0; i < 16; i++) owner[i] = -1;
      uint16_t asid = holds[chosen].asid;
      assert_in_range(asid, 1, count - 1);
      assert_true(owner[asid] == -1 || owner[asid] == chosen);
      owner[asid] = chosen;
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(asid_0_is_no_process_s_while_there_are_others),
      cmocka_unit_test(machine_without_asids_tells_none_apart),
      cmocka_unit_test(limit_counts_asid_0_and_is_no_more_than_there_are),
      cmocka_unit_test(process_keeps_its_asid_while_the_generation_lasts),
      cmocka_unit_test(no_two_processes_share_an_asid_that_was_not_fenced),
  };
  return cmocka_run_group_tests_name("asid", tests, NULL, NULL);
}
