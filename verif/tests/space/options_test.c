/* What a program trace's header says of its machine, and what it must not say.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "twinwalk/space.h"

typedef struct pair {
  const char *key, *value;
} pair;

static tw_trace_header header_of(const pair *pairs, size_t count) {
  tw_trace_header header;
  tw_trace_header_init(&header, TW_TRACE_PROGRAM);
  for (size_t i = 0; i < count; i++) assert_true(tw_trace_header_set(&header, pairs[i].key, "%s", pairs[i].value));
  return header;
}

static tw_space_options read_well(tw_space_options options, const pair *pairs, size_t count) {
  tw_error error = {0};
  tw_trace_header header = header_of(pairs, count);
  if (!tw_space_options_read(&options, &header, &error)) fail_msg("%s", error.text);
  tw_trace_header_free(&header);
  return options;
}

#define READ(options, ...) read_well(options, (pair[]){__VA_ARGS__}, sizeof((pair[]){__VA_ARGS__}) / sizeof(pair))

static void header_without_keys_leaves_the_options_as_they_are(void **state) {
  (void)state;
  tw_space_options options;
  memset(&options, 0x5a, sizeof options);
  options.mode = TW_SV39;
  tw_space_options read = READ(options, {"title", "machine.frames"});
  assert_memory_equal(&read, &options, sizeof options);
}

static void every_key_of_the_machine_is_read(void **state) {
  (void)state;
  tw_space_options options = {.mode = TW_SV39};
  options = READ(options, {"machine.frames", "4096"}, {"machine.frame-base", "0x10000000"},
                 {"machine.seed", "0xffffffffffffffff"}, {"machine.swap", "1024"}, {"machine.swap-latency", "2000"},
                 {"machine.fences", "lazy"}, {"machine.asids", "4"}, {"machine.huge", "1"});
  assert_int_equal(options.frame_count, 4096);
  assert_int_equal(options.frame_base, 0x10000000);
  assert_int_equal(options.seed, UINT64_MAX);
  assert_int_equal(options.swap_pages, 1024);
  assert_int_equal(options.swap_latency, 2000);
  assert_ptr_equal(options.fences, tw_fence_policy_find("lazy"));
  assert_int_equal(options.asids, 4);
  assert_true(options.huge);
  assert_int_equal(options.layout.user_end, 0);
  assert_false(READ(options, {"machine.huge", "0"}).huge);
  assert_true(READ(options, {"machine.huge", "true"}).huge);
  assert_false(READ(options, {"machine.huge", "false"}).huge);
}

static void layout_of_the_mode_is_changed_key_by_key(void **state) {
  (void)state;
  tw_space_options options = {.mode = TW_SV39};
  options = READ(options, {"layout.mode", "Sv39"}, {"layout.name", "small"}, {"layout.user-end", "0x40000000"});
  tw_layout expected = *tw_layout_of(TW_SV39);
  memset(expected.name, 0, sizeof expected.name);
  strcpy(expected.name, "small");
  expected.user_end = 0x40000000;
  assert_string_equal(options.layout.name, "small");
  assert_int_equal(options.layout.user_end, expected.user_end);
  assert_int_equal(options.layout.direct_va, expected.direct_va);
  options = READ(options, {"layout.direct-va", "0xffffffe000000000"}, {"layout.direct-level", "1"},
                 {"layout.direct-bytes", "0x200000"}, {"layout.text-va", "0xffffffff80200000"});
  assert_int_equal(options.layout.user_end, expected.user_end);
  assert_int_equal(options.layout.direct_va, 0xffffffe000000000u);
  assert_int_equal(options.layout.direct_level, 1);
  assert_int_equal(options.layout.direct_bytes, 0x200000);
  assert_int_equal(options.layout.text_va, 0xffffffff80200000u);
}

static void layout_of_another_mode_is_passed_over(void **state) {
  (void)state;
  tw_space_options options = {.mode = TW_SV32};
  tw_space_options read = READ(options, {"layout.mode", "Sv39"}, {"layout.user-end", "0x4000000000"});
  assert_int_equal(read.layout.user_end, 0);
  options.mode = TW_SV39;
  read = READ(options, {"layout.mode", "sv39"}, {"layout.user-end", "0x2000000000"});
  assert_int_equal(read.layout.user_end, 0x2000000000);
  assert_int_equal(READ(options, {"layout.mode", "Sv39"}).layout.user_end, 0);
}

static const pair refused[] = {
    {"machine.frames", "0"},
    {"machine.frames", "many"},
    {"machine.frames", "-1"},
    {"machine.frames", ""},
    {"machine.frames", "0x100000000001"},
    {"machine.frames", "18446744073709551616"},
    {"machine.frame-base", "0x1001"},
    {"machine.frame-base", "0xfffffffffffff000"},
    {"machine.seed", "1.5"},
    {"machine.swap", "1k"},
    {"machine.swap", "0xffffffffffffffff"},
    {"machine.swap-latency", "4294967296"},
    {"machine.fences", "none"},
    {"machine.fences", ""},
    {"machine.asids", "4294967296"},
    {"machine.huge", "2"},
    {"machine.huge", "yes"},
    {"layout.mode", "Sv64"},
    {"layout.mode", "Bare"},
    {"layout.name", ""},
    {"layout.name", "a name that has more than thirty-one bytes"},
    {"layout.user-end", "0"},
    {"layout.user-end", "x"},
    {"layout.direct-va", ""},
    {"layout.direct-level", "0"},
    {"layout.direct-level", "5"},
    {"layout.direct-bytes", "0"},
    {"layout.text-va", "text"},
};

static void value_that_cannot_be_is_refused_and_changes_nothing(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    tw_space_options options = {.mode = TW_SV39, .seed = 5}, before = options;
    tw_error error = {0};
    const pair pairs[] = {{"machine.seed", "9"}, refused[i]};
    tw_trace_header header = header_of(pairs, 2);
    if (tw_space_options_read(&options, &header, &error))
      fail_msg("%s: %s was taken", refused[i].key, refused[i].value);
    if (!strstr(error.text, refused[i].key)) fail_msg("no `%s` in: %s", refused[i].key, error.text);
    assert_memory_equal(&options, &before, sizeof options);
    tw_trace_header_free(&header);
  }
}

static void message_says_what_was_expected_and_what_was_found(void **state) {
  (void)state;
  tw_space_options options = {.mode = TW_SV39};
  tw_error error = {0};
  tw_trace_header header = header_of((pair[]){{"machine.fences", "lasy"}}, 1);
  assert_false(tw_space_options_read(&options, &header, &error));
  assert_string_equal(error.text,
                      "header key `machine.fences`: expected one of linux, linux-6.1, linux-svvptc, full, lazy, "
                      "missing-unmap, missing-protect, missing-copy, missing-reclaim, found `lasy`");
  tw_trace_header_free(&header);
}

static void layout_whose_parts_do_not_fit_is_refused(void **state) {
  (void)state;
  tw_space_options options = {.mode = TW_SV39};
  tw_error error = {0};
  tw_trace_header header = header_of((pair[]){{"layout.user-end", "0x8000000000"}, {"layout.name", "wide"}}, 2);
  assert_false(tw_space_options_read(&options, &header, &error));
  assert_non_null(strstr(error.text, "layout.*"));
  assert_non_null(strstr(error.text, "`wide`"));
  assert_int_equal(options.layout.user_end, 0);
  tw_trace_header_free(&header);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(header_without_keys_leaves_the_options_as_they_are),
      cmocka_unit_test(every_key_of_the_machine_is_read),
      cmocka_unit_test(layout_of_the_mode_is_changed_key_by_key),
      cmocka_unit_test(layout_of_another_mode_is_passed_over),
      cmocka_unit_test(value_that_cannot_be_is_refused_and_changes_nothing),
      cmocka_unit_test(message_says_what_was_expected_and_what_was_found),
      cmocka_unit_test(layout_whose_parts_do_not_fit_is_refused),
  };
  return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
