/* The memory behind the page-table port: content, latency, stalls, errors, and the rules it watches.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "memory.h"

static tw_memory *memory_open(tw_latency latency, uint64_t seed, uint64_t errors) {
  const tw_memory_options options = {
      .latency = latency, .seed = seed, .fill = 0x1122334455667788u, .error_rate = errors};
  tw_memory *memory = tw_memory_open(&options);
  assert_non_null(memory);
  return memory;
}

/* One request of 8 bytes to a quiet memory; what it met. */
typedef struct met {
  uint64_t latency, wait, data;
  uint64_t error; /* 0 or 1; no padding: compared as bytes */
} met;

static met ask_once(tw_memory *memory, uint64_t *cycle, tw_pins_memory_out out) {
  met result = {0};
  tw_pins_memory_in in = {0};
  tw_memory_read read;
  out.req_valid = 1;
  out.req_id = 5;
  tw_error error;
  for (;; result.wait++) {
    tw_memory_drive(memory, *cycle, &in);
    tw_memory_result taken = tw_memory_observe(memory, (*cycle)++, &out, &read, &error);
    if (taken == TW_MEMORY_ACCEPTED) break;
    assert_int_equal(taken, TW_MEMORY_QUIET);
    assert_true(result.wait < 5000);
  }
  out = (tw_pins_memory_out){0};
  for (result.latency = 1;; result.latency++) {
    tw_memory_drive(memory, *cycle, &in);
    tw_memory_observe(memory, (*cycle)++, &out, &read, &error);
    if (in.rsp_valid) break;
    assert_true(result.latency < 5000);
  }
  assert_int_equal(in.rsp_id, 5);
  result.data = in.rsp_data;
  result.error = in.rsp_error;
  return result;
}

static met read_once(tw_memory *memory, uint64_t *cycle, uint64_t pa) {
  return ask_once(memory, cycle, (tw_pins_memory_out){.req_size = 3, .req_addr = pa});
}

static met update_once(tw_memory *memory, uint64_t *cycle, uint64_t pa, uint64_t expected, uint64_t desired) {
  const tw_pins_memory_out out = {
      .req_kind = TW_PIN_MEM_CAS, .req_size = 3, .req_addr = pa, .req_expected = expected, .req_desired = desired};
  return ask_once(memory, cycle, out);
}

static void unwritten_memory_holds_the_fill(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){1, 0, 0}, 0, 0);
  assert_int_equal(tw_memory_read_value(memory, 0x5000, 8), 0x1122334455667788u);
  assert_int_equal(tw_memory_read_value(memory, 0x5004, 4), 0x11223344u);
  assert_true(tw_memory_write(memory, 0x5000, 4, 0xdeadbeef));
  assert_int_equal(tw_memory_read_value(memory, 0x5000, 8), 0x11223344deadbeefu);
  tw_memory_close(memory);
}

static void stores_are_masked_or_compared(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){1, 0, 0}, 0, 0);
  bool changed;
  const tw_record_store mask = {.pa = 0x8, .width = 8, .first = 0xff00, .second = 0x11};
  assert_true(tw_memory_store(memory, &mask, &changed));
  assert_true(changed);
  assert_int_equal(tw_memory_read_value(memory, 8, 8), 0x7711);
  const tw_record_store miss = {.pa = 0x8, .width = 8, .swap = true, .first = 1, .second = 2};
  assert_true(tw_memory_store(memory, &miss, &changed));
  assert_false(changed);
  const tw_record_store hit = {.pa = 0x8, .width = 8, .swap = true, .first = 0x7711, .second = 2};
  assert_true(tw_memory_store(memory, &hit, &changed));
  assert_true(changed);
  assert_int_equal(tw_memory_read_value(memory, 8, 8), 2);
  tw_memory_close(memory);
}

static void many_frames_keep_their_content(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){1, 0, 0}, 0, 0);
  for (uint64_t i = 0; i < 3000; i++) assert_true(tw_memory_write(memory, i * 0x12345000u, 8, i + 1));
  for (uint64_t i = 0; i < 3000; i++) assert_int_equal(tw_memory_read_value(memory, i * 0x12345000u, 8), i + 1);
  tw_memory_close(memory);
}

static void a_fixed_latency_is_exact_and_ready_at_once(void **state) {
  (void)state;
  uint64_t cycle = 0;
  for (unsigned latency = 1; latency < 4; latency++) {
    tw_memory *memory = memory_open((tw_latency){latency, 0, 0}, 0, 0);
    met got = read_once(memory, &cycle, 0x8000);
    assert_int_equal(got.latency, latency);
    assert_int_equal(got.wait, 0);
    assert_int_equal(got.data, 0x1122334455667788u);
    tw_memory_close(memory);
  }
}

static void draws_depend_on_address_and_ordinal_and_not_on_order(void **state) {
  (void)state;
  tw_memory *left = memory_open((tw_latency){1, 50, 20}, 7, 4), *right = memory_open((tw_latency){1, 50, 20}, 7, 4);
  uint64_t left_cycle = 0, right_cycle = 1000;
  met first[2][8], second[2][8];
  for (unsigned a = 0; a < 2; a++)
    for (unsigned n = 0; n < 8; n++) first[a][n] = read_once(left, &left_cycle, 0x8000 + a * 8);
  for (unsigned n = 0; n < 8; n++)
    for (unsigned a = 2; a-- > 0;) second[a][n] = read_once(right, &right_cycle, 0x8000 + a * 8);
  assert_memory_equal(first, second, sizeof first);
  bool differs = false, failed = false;
  for (unsigned n = 1; n < 8; n++) differs |= first[0][n].latency != first[0][0].latency;
  for (unsigned i = 0; i < 16; i++) failed |= first[i / 8][i % 8].error;
  assert_true(differs && failed);
  tw_memory_close(left);
  tw_memory_close(right);
}

static void an_injection_overrides_one_read(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){2, 0, 0}, 0, 0);
  const tw_record_inject inject = {.pa = 0x8000, .nth = 1, .latency = 30, .stall = 4, .error = true};
  assert_true(tw_memory_inject(memory, &inject));
  uint64_t cycle = 0;
  met zeroth = read_once(memory, &cycle, 0x8000), first = read_once(memory, &cycle, 0x8000);
  met second = read_once(memory, &cycle, 0x8000);
  assert_int_equal(zeroth.latency, 2);
  assert_false(zeroth.error);
  assert_int_equal(first.latency, 30);
  assert_int_equal(first.wait, 4);
  assert_true(first.error);
  assert_int_equal(second.latency, 2);
  assert_false(second.error);
  tw_memory_close(memory);
}

static void answers_overtake_each_other(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){1, 0, 0}, 0, 0);
  const tw_record_inject slow = {.pa = 0x8000, .latency = 9};
  assert_true(tw_memory_inject(memory, &slow));
  tw_pins_memory_in in = {0};
  tw_memory_read read;
  tw_error error;
  uint8_t order[2];
  unsigned answers = 0;
  for (uint64_t cycle = 0; cycle < 12; cycle++) {
    tw_pins_memory_out out = {0};
    if (cycle < 2)
      out =
          (tw_pins_memory_out){.req_valid = 1, .req_size = 3, .req_addr = 0x8000 + cycle * 8, .req_id = (uint8_t)cycle};
    tw_memory_drive(memory, cycle, &in);
    if (in.rsp_valid) order[answers++] = in.rsp_id;
    assert_int_not_equal(tw_memory_observe(memory, cycle, &out, &read, &error), TW_MEMORY_VIOLATION);
  }
  assert_int_equal(answers, 2);
  assert_int_equal(order[0], 1);
  assert_int_equal(order[1], 0);
  tw_memory_close(memory);
}

static void an_update_writes_only_over_what_it_expects_and_answers_what_it_found(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){3, 0, 0}, 0, 0);
  uint64_t cycle = 0;
  assert_true(tw_memory_write(memory, 0x8000, 8, 0x200f));
  assert_int_equal(update_once(memory, &cycle, 0x8000, 0x210f, 0x214f).data, 0x200f);
  assert_int_equal(tw_memory_read_value(memory, 0x8000, 8), 0x200f);
  met made = update_once(memory, &cycle, 0x8000, 0x200f, 0x20cf);
  assert_int_equal(made.data, 0x200f);
  assert_int_equal(made.latency, 3);
  assert_int_equal(tw_memory_read_value(memory, 0x8000, 8), 0x20cf);
  tw_memory_close(memory);
}

static void an_update_that_fails_writes_nothing_and_only_updates_fail_before_the_oracle(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){1, 0, 0}, 0, 0);
  const tw_record_inject inject = {.pa = 0x8000, .nth = 0, .error = true};
  assert_true(tw_memory_inject(memory, &inject));
  assert_true(tw_memory_write(memory, 0x8000, 8, 0x200f));
  uint64_t cycle = 0, found = 0x200f, pte;
  assert_true(update_once(memory, &cycle, 0x8000, 0x200f, 0x204f).error);
  assert_int_equal(tw_memory_read_value(memory, 0x8000, 8), 0x200f);
  assert_false(tw_memory_oracle_update(memory, 0x8000, 8, &found, 0x204f));
  assert_true(tw_memory_oracle_read(memory, 0x8000, 8, &pte));
  assert_false(update_once(memory, &cycle, 0x8000, 0x200f, 0x204f).error);
  assert_true(tw_memory_oracle_update(memory, 0x8000, 8, &found, 0x20cf));
  assert_int_equal(found, 0x204f);
  assert_int_equal(tw_memory_read_value(memory, 0x8000, 8), 0x204f); /* the oracle writes nothing */
  tw_memory_close(memory);
}

static void an_update_that_sets_more_than_a_and_d_is_a_violation(void **state) {
  (void)state;
  static const uint64_t wrong[][2] = {{0x200f, 0x200f}, {0x200f, 0x208f}, {0x200f, 0x206f}, {0x20cf, 0x208f}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    tw_memory *memory = memory_open((tw_latency){1, 0, 0}, 0, 0);
    tw_pins_memory_in in = {0};
    tw_memory_read read;
    tw_error error;
    const tw_pins_memory_out out = {.req_valid = 1,
                                    .req_kind = TW_PIN_MEM_CAS,
                                    .req_size = 3,
                                    .req_addr = 0x8000,
                                    .req_expected = wrong[i][0],
                                    .req_desired = wrong[i][1]};
    tw_memory_drive(memory, 0, &in);
    assert_int_equal(tw_memory_observe(memory, 0, &out, &read, &error), TW_MEMORY_VIOLATION);
    assert_non_null(strstr(error.text, "P34"));
    tw_memory_close(memory);
  }
}

static void sixteen_requests_are_outstanding_and_one_is_answered_a_cycle(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){20, 0, 0}, 0, 0);
  tw_pins_memory_in in = {0};
  tw_memory_read read;
  tw_error error;
  uint16_t answered = 0;
  for (uint64_t cycle = 0; cycle < 36; cycle++) {
    const tw_pins_memory_out out = {
        .req_valid = cycle < 16, .req_size = 3, .req_addr = 0x8000 + cycle * 8, .req_id = (uint8_t)cycle & 15};
    const tw_pins_memory_out quiet = {0};
    tw_memory_drive(memory, cycle, &in);
    if (cycle < 16) assert_int_equal(in.req_ready, 1);
    if (cycle == 16) assert_int_equal(in.req_ready, 0);
    assert_int_equal(in.rsp_valid, cycle >= 20);
    if (in.rsp_valid) answered = (uint16_t)(answered | 1u << in.rsp_id);
    assert_int_not_equal(tw_memory_observe(memory, cycle, out.req_valid ? &out : &quiet, &read, &error),
                         TW_MEMORY_VIOLATION);
  }
  assert_int_equal(answered, 0xffff);
  tw_memory_close(memory);
}

static void a_retracted_request_and_a_busy_id_are_violations(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){5, 0, 3}, 0, 0);
  tw_pins_memory_in in = {0};
  tw_memory_read read;
  tw_error error;
  tw_pins_memory_out out = {.req_valid = 1, .req_size = 3, .req_addr = 0x8000};
  tw_memory_drive(memory, 0, &in);
  assert_int_equal(tw_memory_observe(memory, 0, &out, &read, &error), TW_MEMORY_QUIET);
  tw_memory_drive(memory, 1, &in);
  out.req_addr = 0x8008;
  assert_int_equal(tw_memory_observe(memory, 1, &out, &read, &error), TW_MEMORY_VIOLATION);
  assert_non_null(strstr(error.text, "P25"));
  tw_memory_close(memory);

  memory = memory_open((tw_latency){5, 0, 0}, 0, 0);
  tw_memory_drive(memory, 0, &in);
  assert_int_equal(tw_memory_observe(memory, 0, &out, &read, &error), TW_MEMORY_ACCEPTED);
  tw_memory_drive(memory, 1, &in);
  assert_int_equal(tw_memory_observe(memory, 1, &out, &read, &error), TW_MEMORY_VIOLATION);
  assert_non_null(strstr(error.text, "P27"));
  tw_memory_close(memory);
}

static void the_oracle_sees_an_error_where_the_last_read_failed(void **state) {
  (void)state;
  tw_memory *memory = memory_open((tw_latency){1, 0, 0}, 0, 0);
  const tw_record_inject inject = {.pa = 0x8000, .nth = 0, .error = true};
  assert_true(tw_memory_inject(memory, &inject));
  uint64_t cycle = 0, pte;
  assert_true(tw_memory_oracle_read(memory, 0x8000, 8, &pte));
  assert_true(read_once(memory, &cycle, 0x8000).error);
  assert_false(tw_memory_oracle_read(memory, 0x8000, 8, &pte));
  assert_false(read_once(memory, &cycle, 0x8000).error);
  assert_true(tw_memory_oracle_read(memory, 0x8000, 8, &pte));
  tw_memory_close(memory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unwritten_memory_holds_the_fill),
      cmocka_unit_test(stores_are_masked_or_compared),
      cmocka_unit_test(many_frames_keep_their_content),
      cmocka_unit_test(a_fixed_latency_is_exact_and_ready_at_once),
      cmocka_unit_test(draws_depend_on_address_and_ordinal_and_not_on_order),
      cmocka_unit_test(an_injection_overrides_one_read),
      cmocka_unit_test(answers_overtake_each_other),
      cmocka_unit_test(an_update_writes_only_over_what_it_expects_and_answers_what_it_found),
      cmocka_unit_test(an_update_that_fails_writes_nothing_and_only_updates_fail_before_the_oracle),
      cmocka_unit_test(an_update_that_sets_more_than_a_and_d_is_a_violation),
      cmocka_unit_test(sixteen_requests_are_outstanding_and_one_is_answered_a_cycle),
      cmocka_unit_test(a_retracted_request_and_a_busy_id_are_violations),
      cmocka_unit_test(the_oracle_sees_an_error_where_the_last_read_failed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
