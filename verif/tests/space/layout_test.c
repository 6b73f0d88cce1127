/* Layouts: Linux's own, and those that cannot be.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "twinwalk/layout.h"

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

static void every_mode_that_translates_has_linux_s_layout(void **state) {
  (void)state;
  for (tw_mode mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    tw_error error = {0};
    const tw_layout *layout = tw_layout_of(mode);
    assert_non_null(layout);
    assert_memory_equal(layout->name, "linux-sv", 8);
    if (!tw_layout_check(layout, mode, &error)) fail_msg("%s", error.text);
  }
  assert_null(tw_layout_of(TW_BARE));
  assert_null(tw_layout_of(TW_MODE_COUNT));
  assert_int_equal(tw_layout_of(TW_SV32)->user_end, 3 * GIB);
  assert_int_equal(tw_layout_of(TW_SV32)->direct_va, 0xc0000000u);
  assert_int_equal(tw_layout_of(TW_SV32)->direct_bytes, 1016 * MIB);
  assert_int_equal(tw_layout_of(TW_SV39)->user_end, 256 * GIB);
  assert_int_equal(tw_layout_of(TW_SV39)->direct_va, 0xffffffd600000000u);
  assert_int_equal(tw_layout_of(TW_SV57)->user_end, UINT64_C(1) << 47);
  assert_int_equal(tw_layout_of(TW_SV57)->direct_va, 0xff60000000000000u);
}

static void layout_of_another_mode_is_refused(void **state) {
  (void)state;
  tw_error error = {0};
  for (tw_mode mode = TW_SV39; mode < TW_MODE_COUNT; mode++)
    assert_false(tw_layout_check(tw_layout_of(mode), TW_SV32, NULL));
  assert_false(tw_layout_check(tw_layout_of(TW_SV48), TW_SV39, &error));
  assert_non_null(strstr(error.text, "linux-sv48"));
  assert_false(tw_layout_check(tw_layout_of(TW_SV57), TW_SV48, &error));
  assert_false(tw_layout_check(tw_layout_of(TW_SV39), TW_BARE, &error));
  assert_false(tw_layout_check(tw_layout_of(TW_SV39), TW_MODE_COUNT, &error));
}

/* What is refused, and the word that the message must have. */
static void check_refused(tw_mode mode, tw_layout layout, const char *word) {
  tw_error error = {0};
  assert_false(tw_layout_check(&layout, mode, &error));
  if (!strstr(error.text, word)) fail_msg("expected `%s` in: %s", word, error.text);
}

static void check_taken(tw_mode mode, tw_layout layout) {
  tw_error error = {0};
  if (!tw_layout_check(&layout, mode, &error)) fail_msg("%s", error.text);
}

static void parts_are_multiples_of_their_pages(void **state) {
  (void)state;
  for (tw_mode mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    tw_layout layout = *tw_layout_of(mode);
    layout.user_end = 16 * MIB;
    check_taken(mode, layout);
    layout.user_end = 17 * MIB;
    check_refused(mode, layout, "user part");
    layout = *tw_layout_of(mode);
    layout.direct_va += 0x1000;
    check_refused(mode, layout, "direct map");
    layout = *tw_layout_of(mode);
    layout.direct_bytes -= 0x1000;
    check_refused(mode, layout, "direct map");
    layout = *tw_layout_of(mode);
    layout.text_va += 0x1000;
    check_refused(mode, layout, "kernel's code");
  }
}

static void parts_that_are_empty_or_without_a_level_are_refused(void **state) {
  (void)state;
  for (tw_mode mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    tw_layout layout = *tw_layout_of(mode);
    layout.user_end = 0;
    check_refused(mode, layout, "user part");
    layout = *tw_layout_of(mode);
    layout.direct_bytes = 0;
    check_refused(mode, layout, "direct map");
    layout = *tw_layout_of(mode);
    layout.direct_level = 0;
    check_refused(mode, layout, "level");
    layout.direct_level = tw_mode_row(mode)->levels;
    check_refused(mode, layout, "level");
    layout.direct_level = 77;
    check_refused(mode, layout, "level");
    layout.direct_level = 1;
    check_taken(mode, layout);
  }
}

static void parts_that_meet_are_refused_and_those_that_touch_are_not(void **state) {
  (void)state;
  tw_layout layout = *tw_layout_of(TW_SV32);
  layout.direct_bytes = 1020 * MIB;
  check_taken(TW_SV32, layout);
  layout.direct_bytes = 1024 * MIB;
  check_refused(TW_SV32, layout, "not apart");
  layout = *tw_layout_of(TW_SV32);
  layout.user_end += 16 * MIB;
  check_refused(TW_SV32, layout, "not apart");
  layout = *tw_layout_of(TW_SV32);
  layout.text_va = 0xbfc00000u;
  check_refused(TW_SV32, layout, "not apart");
  layout = *tw_layout_of(TW_SV39);
  layout.text_va = layout.direct_va + layout.direct_bytes;
  check_taken(TW_SV39, layout);
  layout.text_va -= 2 * MIB;
  check_refused(TW_SV39, layout, "not apart");
}

static void user_part_and_kernel_share_no_entry_of_the_root(void **state) {
  (void)state;
  tw_layout layout = *tw_layout_of(TW_SV39);
  layout.user_end = 4 * GIB - 16 * MIB;
  layout.text_va = 4 * GIB - 2 * MIB; /* in the last GiB of the user part */
  check_refused(TW_SV39, layout, "not apart");
  layout.user_end = 3 * GIB;
  check_taken(TW_SV39, layout);
}

static void addresses_that_the_mode_has_not_are_refused(void **state) {
  (void)state;
  tw_layout layout = *tw_layout_of(TW_SV39);
  layout.user_end += 16 * MIB;
  check_refused(TW_SV39, layout, "no such addresses");
  layout = *tw_layout_of(TW_SV39);
  layout.direct_va = UINT64_C(1) << 40;
  check_refused(TW_SV39, layout, "no such addresses");
  layout = *tw_layout_of(TW_SV39);
  layout.direct_va = UINT64_C(0) - 64 * GIB; /* beyond the last address */
  check_refused(TW_SV39, layout, "no such addresses");
  layout = *tw_layout_of(TW_SV39);
  layout.direct_bytes = UINT64_C(0) - GIB;
  check_refused(TW_SV39, layout, "no such addresses");
  layout = *tw_layout_of(TW_SV32);
  layout.user_end = UINT64_C(1) << 32;
  layout.text_va = UINT64_C(1) << 32;
  check_refused(TW_SV32, layout, "no such addresses");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_mode_that_translates_has_linux_s_layout),
      cmocka_unit_test(layout_of_another_mode_is_refused),
      cmocka_unit_test(parts_are_multiples_of_their_pages),
      cmocka_unit_test(parts_that_are_empty_or_without_a_level_are_refused),
      cmocka_unit_test(parts_that_meet_are_refused_and_those_that_touch_are_not),
      cmocka_unit_test(user_part_and_kernel_share_no_entry_of_the_root),
      cmocka_unit_test(addresses_that_the_mode_has_not_are_refused),
  };
  return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
