/* Configurations: those that come along, and what is said of broken ones.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "config_file.h"

static void named_configurations_are_what_they_say(void **state) {
  (void)state;
  tw_error error;
  tw_config config;
  const tw_config base = TW_CONFIG_BASE39, tiny = TW_CONFIG_TINY32;
  if (!tw_config_load("base39", &config, &error)) fail_msg("%s", error.text);
  assert_string_equal(config.name, "base39");
  assert_int_equal(tw_config_hash(&config), tw_config_hash(&base));
  assert_true(tw_config_load("tiny32", &config, &error));
  assert_int_equal(tw_config_hash(&config), tw_config_hash(&tiny));
  assert_true(tw_config_load("edge32", &config, &error));
  assert_int_equal(config.fetch_entries + config.data_entries + config.asid_bits, 2);
  assert_true(tw_config_load("odd39", &config, &error));
  assert_int_equal(config.fetch_entries * 10 + config.data_entries, 73);
  assert_int_equal(config.asid_bits, 4);
}

static void a_configuration_survives_being_written(void **state) {
  (void)state;
  tw_error error;
  tw_config read, config = TW_CONFIG_TINY32;
  config.memory = (tw_latency){7, 8, 9};
  char text[512];
  int size = tw_config_format(&config, text, sizeof text);
  if (!tw_config_parse("tiny32.yaml", text, (size_t)size, &read, &error)) fail_msg("%s", error.text);
  assert_int_equal(tw_config_hash(&read), tw_config_hash(&config));
}

/* A good file with one line of it replaced. */
static void refused(const char *from, const char *to, const char *const *mentions) {
  char text[1024];
  tw_config config = TW_CONFIG_BASE39;
  tw_error error = {0};
  tw_config_format(&config, text, sizeof text);
  char *at = strstr(text, from);
  assert_non_null(at);
  char rest[1024];
  snprintf(rest, sizeof rest, "%s", at + strlen(from));
  snprintf(at, sizeof text - (size_t)(at - text), "%s%s", to, rest);
  if (tw_config_parse("some.yaml", text, strlen(text), &config, &error)) fail_msg("accepted:\n%s", text);
  assert_non_null(strstr(error.text, "some.yaml"));
  for (; *mentions; mentions++)
    if (!strstr(error.text, *mentions)) fail_msg("\"%s\" does not mention %s", error.text, *mentions);
}

static void broken_configurations_name_key_and_range(void **state) {
  (void)state;
  refused("entries: 16", "entries: -3", (const char *const[]){"fetch_tlb.entries", "1 to 64", "-3", NULL});
  refused("entries: 16", "entries: 9223372036854775808", (const char *const[]){"fetch_tlb.entries", "1 to 64", NULL});
  refused("entries: 16", "entries: 0", (const char *const[]){"fetch_tlb.entries", "1 to 64", NULL});
  refused("entries: 16", "entries: 65", (const char *const[]){"fetch_tlb.entries", "1 to 64", NULL});
  refused("entries: 16", "entries: many", (const char *const[]){"fetch_tlb.entries", "whole number", "many", NULL});
  refused("entries: 16", "entries: [1, 2]", (const char *const[]){"entries", NULL});
  refused("asid_bits: 16", "asid_bits: 17", (const char *const[]){"asid_bits", "0 to 16", NULL});
  refused("asid_bits: 16\n", "", (const char *const[]){"asid_bits", "missing", "0 to 16", NULL});
  refused("mode: Sv39", "mode: Sv48", (const char *const[]){"mode", "Sv32 or Sv39", "Sv48", NULL});
  refused("mode: Sv39\n", "", (const char *const[]){"mode", "missing", NULL});
  refused("latency: 1", "latency: 0", (const char *const[]){"memory.latency", "1 to 1000", NULL});
  refused("mode: Sv39", "mode: Sv39\nways: 4", (const char *const[]){"ways", NULL});
  refused("asid_bits: 16", "asid_bits: {", (const char *const[]){"not a configuration", NULL});
}

static void an_empty_or_missing_file_is_refused(void **state) {
  (void)state;
  tw_config config;
  tw_error error = {0};
  assert_false(tw_config_parse("some.yaml", "", 0, &config, &error));
  assert_non_null(strstr(error.text, "some.yaml"));
  assert_false(tw_config_read("no/such/file.yaml", &config, &error));
  assert_non_null(strstr(error.text, "no/such/file.yaml"));
  assert_false(tw_config_load("no-such-name", &config, &error));
  assert_non_null(strstr(error.text, "no-such-name.yaml"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(named_configurations_are_what_they_say),
                                     cmocka_unit_test(a_configuration_survives_being_written),
                                     cmocka_unit_test(broken_configurations_name_key_and_range),
                                     cmocka_unit_test(an_empty_or_missing_file_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
