/* The table of pins covers the structs: every byte that is a pin belongs to exactly one, and no other byte to any.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pin_table.h"

/* Marks the bytes named `zero`, which are no pins. */
#define ZERO(type, field, marks) memset((marks) + offsetof(type, field), 1, sizeof((type *)0)->field)

static void marks_add(bool output, uint8_t *marks) {
  for (size_t i = 0; i < tw_pin_count; i++) {
    const tw_pin *pin = &tw_pins[i];
    if (pin->output != output) continue;
    for (unsigned b = 0; b < pin->bytes; b++) marks[pin->offset + b]++;
  }
}

static void the_table_covers_every_byte_once(void **state) {
  (void)state;
  uint8_t in[sizeof(tw_pins_in)] = {0}, out[sizeof(tw_pins_out)] = {0};
  ZERO(tw_pins_in, pmp.zero, in);
  ZERO(tw_pins_in, fetch.zero, in);
  ZERO(tw_pins_in, data.zero, in);
  ZERO(tw_pins_in, fence.zero, in);
  ZERO(tw_pins_in, mem.zero, in);
  ZERO(tw_pins_in, zero, in);
  ZERO(tw_pins_out, fetch.zero, out);
  ZERO(tw_pins_out, data.zero, out);
  ZERO(tw_pins_out, mem.zero, out);
  ZERO(tw_pins_out, zero, out);
  marks_add(false, in);
  marks_add(true, out);
  for (size_t i = 0; i < sizeof in; i++)
    if (in[i] != 1) fail_msg("byte %zu of tw_pins_in is covered %u times", i, in[i]);
  for (size_t i = 0; i < sizeof out; i++)
    if (out[i] != 1) fail_msg("byte %zu of tw_pins_out is covered %u times", i, out[i]);
}

static void widths_fit_and_names_are_single(void **state) {
  (void)state;
  for (size_t i = 0; i < tw_pin_count; i++) {
    assert_true(tw_pins[i].bits >= 1 && tw_pins[i].bits <= 8 * tw_pins[i].bytes);
    assert_ptr_equal(tw_pin_find(tw_pins[i].name), &tw_pins[i]);
  }
  assert_null(tw_pin_find("no_such_pin"));
}

static void every_changed_pin_is_found(void **state) {
  (void)state;
  for (size_t i = 0; i < tw_pin_count; i++) {
    if (!tw_pins[i].output) continue;
    tw_pins_out left = {0}, right = {0};
    const tw_pin *found[4];
    ((uint8_t *)&right)[tw_pins[i].offset] ^= 1;
    assert_int_equal(tw_pins_differ(&left, &right, found, 4), 1);
    assert_ptr_equal(found[0], &tw_pins[i]);
    assert_int_equal(tw_pin_value(found[0], &right), 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_table_covers_every_byte_once),
                                     cmocka_unit_test(widths_fit_and_names_are_single),
                                     cmocka_unit_test(every_changed_pin_is_found)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
