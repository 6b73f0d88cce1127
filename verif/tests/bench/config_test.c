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
  assert_true(tw_config_load("edge1", &config, &error));
  assert_int_equal(config.fetch_entries + config.data_entries + config.fetch_slots + config.walkers, 4);
  assert_int_equal(config.asid_bits + config.l2.entries + config.walk_entries, 0);
  assert_int_equal(config.pa_bits, 32);
  assert_true(tw_config_load("odd", &config, &error));
  assert_int_equal(config.fetch_entries * 10 + config.data_entries, 175);
  assert_int_equal(config.l2.replacement, TW_RANDOM);
  assert_int_equal(config.l2.entries / config.l2.ways, 16);
  assert_true(tw_config_load("server57", &config, &error));
  assert_int_equal(config.extensions, (1u << TW_EXT_COUNT) - 1);
  assert_int_equal(config.walkers * 100 + config.pmp_entries, 864);
}

static void regions_of_linux39_are_io_and_two_kinds_of_memory(void **state) {
  (void)state;
  tw_error error;
  tw_config config;
  if (!tw_config_load("linux39", &config, &error)) fail_msg("%s", error.text);
  const tw_pma io = {0, 31, true, false, false}, memory = {0x80000000, 31, false, true, true};
  const tw_pma high = {0x100000000, 32, false, true, false};
  assert_int_equal(config.regions.count, 3);
  const tw_pma expected[] = {io, memory, high};
  for (unsigned i = 0; i < 3; i++) {
    const tw_pma *region = &config.regions.region[i];
    assert_int_equal(region->base, expected[i].base);
    assert_int_equal(region->bits, expected[i].bits);
    assert_int_equal(region->io * 4 + region->tables * 2 + region->updates,
                     expected[i].io * 4 + expected[i].tables * 2 + expected[i].updates);
  }
}

static void what_is_left_out_has_its_default(void **state) {
  (void)state;
  static const char text[] = "mode: Sv48\nfetch_tlb: {entries: 5}\ndata_tlb:\n  entries: 6\n";
  tw_error error;
  tw_config config;
  if (!tw_config_parse("some.yaml", text, strlen(text), &config, &error)) fail_msg("%s", error.text);
  assert_int_equal(config.pa_bits, 56);
  assert_int_equal(config.asid_bits, 16);
  assert_int_equal(config.fetch_slots * 10 + config.data_slots, 11);
  assert_int_equal(config.walkers, 1);
  assert_int_equal(config.memory.minimum, 1);
  assert_int_equal(config.extensions + config.l2.entries + config.walk_entries + config.pmp_entries, 0);
  assert_int_equal(config.regions.count, 0);
}

static void every_configuration_survives_being_written(void **state) {
  (void)state;
  static const char *const names[] = {"tiny32", "base39", "linux39", "server57", "edge1", "odd"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    tw_error error;
    tw_config read, config;
    assert_true(tw_config_load(names[i], &config, &error));
    config.memory = (tw_latency){7, 8, 9};
    char text[TW_CONFIG_TEXT_BYTES];
    int size = tw_config_format(&config, text, sizeof text);
    assert_in_range(size, 1, sizeof text - 1);
    if (!tw_config_parse("some.yaml", text, (size_t)size, &read, &error)) fail_msg("%s", error.text);
    assert_int_equal(tw_config_hash(&read), tw_config_hash(&config));
  }
}

/* A good file with one line of it replaced. */
static void refused(const char *from, const char *to, const char *const *mentions) {
  char text[TW_CONFIG_TEXT_BYTES + 64];
  tw_config config = TW_CONFIG_BASE39;
  tw_error error = {0};
  tw_config_format(&config, text, sizeof text);
  char *at = strstr(text, from);
  assert_non_null(at);
  char rest[TW_CONFIG_TEXT_BYTES];
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
  refused("  entries: 16\n", "", (const char *const[]){"fetch_tlb.entries", "missing", "1 to 64", NULL});
  refused("mode: Sv39", "mode: Sv64", (const char *const[]){"mode", "Sv32, Sv39, Sv48 or Sv57", "Sv64", NULL});
  refused("pa_bits: 56", "pa_bits: 31", (const char *const[]){"pa_bits", "32 to 56", "31", NULL});
  refused("slots: 1", "slots: 9", (const char *const[]){"fetch_tlb.slots", "1 to 8", "9", NULL});
  refused("walkers: 1", "walkers: 0", (const char *const[]){"walkers", "1 to 8", NULL});
  refused("walk_entries: 0", "walk_entries: 65", (const char *const[]){"walk_entries", "0 to 64", NULL});
  refused("pmp_entries: 0", "pmp_entries: 8", (const char *const[]){"pmp_entries", "0, 16 or 64", "8", NULL});
  refused("pmp_grain: 0", "pmp_grain: 21", (const char *const[]){"pmp_grain", "0 to 20", NULL});
  refused("extensions: none", "extensions: svnapot svmagic", (const char *const[]){"extensions", "svmagic", NULL});
  refused("mode: Sv39\n", "", (const char *const[]){"mode", "missing", NULL});
  refused("latency: 1", "latency: 0", (const char *const[]){"memory.latency", "1 to 1000", NULL});
  refused("mode: Sv39", "mode: Sv39\nways: 4", (const char *const[]){"ways", NULL});
  refused("asid_bits: 16", "asid_bits: {", (const char *const[]){"not a configuration", NULL});
}

static void broken_l2_tlbs_and_regions_are_told(void **state) {
  (void)state;
  static const char at[] = "walkers: 1";
  refused(at, "walkers: 1\nl2: {entries: 64}", (const char *const[]){"l2.ways", "missing", NULL});
  refused(at, "walkers: 1\nl2: {entries: 8, ways: 1}", (const char *const[]){"l2.entries", "16 to 4096", NULL});
  refused(at, "walkers: 1\nl2: {entries: 60, ways: 4}", (const char *const[]){"l2.entries", "power of two", NULL});
  refused(at, "walkers: 1\nl2: {entries: 64, ways: 4, latency: 9}",
          (const char *const[]){"l2.latency", "1 to 8", NULL});
  refused(at, "walkers: 1\nl2: {entries: 64, ways: 4, replacement: lru}",
          (const char *const[]){"l2.replacement", "plru or random", "lru", NULL});
  refused(at, "walkers: 1\nregions: [{bits: 30}]", (const char *const[]){"regions.base", "missing", NULL});
  refused(at, "walkers: 1\nregions: [{base: 0x0, bits: 11}]", (const char *const[]){"regions.bits", "12 to 56", NULL});
  refused(at, "walkers: 1\nregions: [{base: 0x1000, bits: 13}]", (const char *const[]){"regions", "multiple", NULL});
  refused(at, "walkers: 1\nregions: [{base: 0x0, bits: 13}, {base: 0x1000, bits: 12}]",
          (const char *const[]){"regions", "overlap", NULL});
  refused(at, "walkers: 1\nregions: [{base: 0x0, bits: 13, io: maybe}]",
          (const char *const[]){"regions.io", "true or false", NULL});
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
                                     cmocka_unit_test(regions_of_linux39_are_io_and_two_kinds_of_memory),
                                     cmocka_unit_test(what_is_left_out_has_its_default),
                                     cmocka_unit_test(every_configuration_survives_being_written),
                                     cmocka_unit_test(broken_configurations_name_key_and_range),
                                     cmocka_unit_test(broken_l2_tlbs_and_regions_are_told),
                                     cmocka_unit_test(an_empty_or_missing_file_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
