/* The naive PMP alone, on cases worked out by hand from the manual.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "naive_pmp.h"

static void pmp_ranges_begin_and_end_where_the_manual_says(void **state) {
  (void)state;
  bool whole;
  naive_pmp pmp;
  naive_pmp_reset(&pmp, 16, 0, 64, true);
  naive_pmp_write_address(&pmp, 0, 0x1000 >> 2 | 3);
  naive_pmp_write_config(&pmp, 0, 0x1f); /* NAPOT, of 32 bytes */
  assert_int_equal(naive_pmp_decider(&pmp, 0x101c, 4, &whole), 0);
  assert_true(whole);
  assert_int_equal(naive_pmp_decider(&pmp, 0x101d, 4, &whole), 0);
  assert_false(whole);
  assert_int_equal(naive_pmp_decider(&pmp, 0x1020, 4, &whole), -1);
  assert_false(naive_pmp_grants(&pmp, 'M', 'l', 0x101d, 4));
  assert_true(naive_pmp_grants(&pmp, 'M', 'l', 0x1020, 4));
  assert_false(naive_pmp_grants(&pmp, 'S', 'l', 0x1020, 4));
  naive_pmp_write_config(&pmp, 0, 0x17); /* NA4, at 0x100c */
  assert_int_equal(naive_pmp_decider(&pmp, 0x1008, 8, &whole), 0);
  assert_false(whole);
  naive_pmp_write_address(&pmp, 1, 0x1040 >> 2);
  naive_pmp_write_config(&pmp, 1, 0x0f); /* TOR, from 0x100c */
  assert_int_equal(naive_pmp_decider(&pmp, 0x103f, 1, &whole), 1);
  assert_int_equal(naive_pmp_decider(&pmp, 0x1040, 1, &whole), -1);
}

static void pmp_grain_hides_low_bits(void **state) {
  (void)state;
  naive_pmp pmp;
  naive_pmp_reset(&pmp, 16, 3, 64, false); /* 32 bytes */
  naive_pmp_write_address(&pmp, 0, 0x405);
  assert_int_equal(naive_pmp_shown_address(&pmp, 0), 0x400);
  naive_pmp_write_config(&pmp, 0, 0x17);
  assert_int_equal(naive_pmp_config(&pmp, 0), 0x1f);
  assert_int_equal(naive_pmp_shown_address(&pmp, 0), 0x407);
  assert_int_equal(pmp.rule[0].first, 0x1000);
  assert_int_equal(pmp.rule[0].end, 0x1040);
  naive_pmp_write_config(&pmp, 0, 0x0f);
  assert_int_equal(pmp.rule[0].end, 0x1000);
  assert_int_equal(naive_pmp_stored_address(&pmp, 0), 0x405);
}

static void pmp_lock_holds_until_bypassed(void **state) {
  (void)state;
  naive_pmp pmp;
  naive_pmp_reset(&pmp, 16, 0, 64, true);
  naive_pmp_write_config(&pmp, 2, 0x8f); /* locked, TOR: locks pmpaddr1, too */
  naive_pmp_write_config(&pmp, 2, 0);
  naive_pmp_write_address(&pmp, 2, 1);
  naive_pmp_write_address(&pmp, 1, 1);
  naive_pmp_write_security(&pmp, 4);
  assert_false(pmp.rlb);
  assert_int_equal(naive_pmp_config(&pmp, 2), 0x8f);
  assert_int_equal(naive_pmp_stored_address(&pmp, 2), 0);
  assert_int_equal(naive_pmp_stored_address(&pmp, 1), 0);
  naive_pmp_reset(&pmp, 16, 0, 64, true);
  naive_pmp_write_security(&pmp, 4);
  naive_pmp_write_config(&pmp, 2, 0x8f);
  naive_pmp_write_config(&pmp, 2, 0);
  assert_int_equal(naive_pmp_config(&pmp, 2), 0);
}

static void smepmp_follows_its_table(void **state) {
  (void)state;
  naive_pmp pmp;
  naive_pmp_reset(&pmp, 16, 0, 64, true);
  naive_pmp_write_config(&pmp, 0, 0x1a);
  assert_int_equal(naive_pmp_config(&pmp, 0), 0x18); /* R=0 with W=1 is reserved as yet */
  naive_pmp_write_security(&pmp, 1);
  naive_pmp_write_address(&pmp, 0, UINT64_MAX);
  naive_pmp_write_config(&pmp, 0, 0x9d); /* M-mode code: refused */
  assert_int_equal(naive_pmp_config(&pmp, 0), 0x18);
  naive_pmp_write_config(&pmp, 0, 0x1a); /* data shared with S-mode, to read */
  assert_true(naive_pmp_grants(&pmp, 'M', 'a', 0, 8));
  assert_true(naive_pmp_grants(&pmp, 'S', 'l', 0, 8));
  assert_false(naive_pmp_grants(&pmp, 'S', 's', 0, 8));
  naive_pmp_write_config(&pmp, 0, 0x9f); /* data shared and locked, to read */
  assert_true(naive_pmp_grants(&pmp, 'M', 'l', 0, 8));
  assert_false(naive_pmp_grants(&pmp, 'M', 's', 0, 8));
  assert_false(naive_pmp_grants(&pmp, 'M', 'f', 0, 8));
  naive_pmp_write_security(&pmp, 0);
  assert_true(pmp.mml);
}

static void smepmp_decides_where_no_entry_matches(void **state) {
  (void)state;
  naive_pmp pmp;
  naive_pmp_reset(&pmp, 16, 0, 64, true);
  assert_true(naive_pmp_grants(&pmp, 'M', 'f', 0, 4));
  naive_pmp_write_security(&pmp, 1);
  assert_false(naive_pmp_grants(&pmp, 'M', 'f', 0, 4));
  assert_true(naive_pmp_grants(&pmp, 'M', 's', 0, 4));
  naive_pmp_write_security(&pmp, 2);
  assert_false(naive_pmp_grants(&pmp, 'M', 's', 0, 4));
  naive_pmp_reset(&pmp, 0, 0, 64, true);
  naive_pmp_write_security(&pmp, 2);
  assert_true(naive_pmp_grants(&pmp, 'U', 's', 0, 4));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pmp_ranges_begin_and_end_where_the_manual_says),
      cmocka_unit_test(pmp_grain_hides_low_bits),
      cmocka_unit_test(pmp_lock_holds_until_bypassed),
      cmocka_unit_test(smepmp_follows_its_table),
      cmocka_unit_test(smepmp_decides_where_no_entry_matches),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
