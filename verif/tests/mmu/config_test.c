/* Which configurations open a model, and what their fingerprint tells apart.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "harness.h"

static void refused(const tw_config *config, const char *key) {
  tw_error error = {""};
  assert_false(tw_config_validate(config, &error));
  assert_int_equal(strncmp(error.text, key, strlen(key)), 0);
  assert_int_equal(error.text[strlen(key)], ':');
  assert_false(tw_config_validate(config, NULL));
  assert_null(tw_mmu_open(config, &error));
}

static void accepted(const tw_config *config) {
  tw_error error = {""};
  if (!tw_config_validate(config, &error)) fail_msg("%s", error.text);
  tw_mmu *mmu = tw_mmu_open(config, &error);
  assert_non_null(mmu);
  tw_mmu_close(mmu);
}

static bool memory_is_out;

void *__real_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes) {
  return memory_is_out ? NULL : __real_calloc(count, bytes);
}

static void model_that_finds_no_memory_says_so(void **state) {
  (void)state;
  tw_error error = {""};
  memory_is_out = true;
  tw_mmu *mmu = tw_mmu_open(&TW_CONFIG_BASE39, &error);
  memory_is_out = false;
  assert_null(mmu);
  assert_int_equal(strncmp(error.text, "no memory for a model of ", 25), 0);
}

static void numbers_are_accepted_to_their_ends_and_not_beyond(void **state) {
  (void)state;
  const struct {
    const char *key;
    size_t offset;
    unsigned low, high;
  } rows[] = {{"fetch_tlb.entries", offsetof(tw_config, fetch_entries), 1, 64},
              {"data_tlb.entries", offsetof(tw_config, data_entries), 1, 64},
              {"fetch_tlb.slots", offsetof(tw_config, fetch_slots), 1, 8},
              {"data_tlb.slots", offsetof(tw_config, data_slots), 1, 8},
              {"pa_bits", offsetof(tw_config, pa_bits), 32, 56},
              {"asid_bits", offsetof(tw_config, asid_bits), 0, 16},
              {"l2.latency", offsetof(tw_config, l2.latency), 1, 8},
              {"l2.super_entries", offsetof(tw_config, l2.super_entries), 0, 64},
              {"walk_entries", offsetof(tw_config, walk_entries), 0, 64},
              {"walkers", offsetof(tw_config, walkers), 1, 8},
              {"pmp_grain", offsetof(tw_config, pmp_grain), 0, 20},
              {"extensions", offsetof(tw_config, extensions), 0, 0x7f},
              {"memory.latency", offsetof(tw_config, memory.minimum), 1, 1000},
              {"memory.span", offsetof(tw_config, memory.span), 0, 1000},
              {"memory.stall", offsetof(tw_config, memory.stall_span), 0, 1000}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    tw_config config = TW_CONFIG_BASE39;
    config.l2 = (tw_l2_config){64, 4, 2, TW_PLRU, 8};
    unsigned *value = (unsigned *)(void *)((char *)&config + rows[i].offset);
    *value = rows[i].low;
    accepted(&config);
    *value = rows[i].high;
    accepted(&config);
    *value = rows[i].high + 1;
    refused(&config, rows[i].key);
    *value = rows[i].low - 1; /* wraps to the largest number where low is 0 */
    refused(&config, rows[i].key);
  }
}

static void complaint_says_what_a_key_may_be(void **state) {
  (void)state;
  tw_error error = {""};
  tw_config config = TW_CONFIG_BASE39;
  config.walkers = 9;
  assert_false(tw_config_validate(&config, &error));
  assert_string_equal(error.text, "walkers: expected 1 to 8, found 9");
  config = TW_CONFIG_BASE39;
  config.l2 = (tw_l2_config){96, 4, 1, TW_PLRU, 0};
  assert_false(tw_config_validate(&config, &error));
  assert_string_equal(error.text, "l2.entries: expected l2.ways (4) times a power of two, found 96");
}

static void widths_are_those_of_the_mode(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_TINY32;
  accepted(&config);
  config.asid_bits = 10;
  refused(&config, "asid_bits");
  config = TW_CONFIG_TINY32;
  config.pa_bits = 35;
  refused(&config, "pa_bits");
}

static void extensions_are_those_of_the_mode(void **state) {
  (void)state;
  for (unsigned bit = 0; bit < TW_EXT_COUNT; bit++) {
    tw_config config = TW_CONFIG_TINY32;
    config.extensions = 1u << bit;
    if (config.extensions & (TW_EXT_SVNAPOT | TW_EXT_SVPBMT | TW_EXT_SVRSW60T59B)) {
      refused(&config, "extensions");
    } else {
      accepted(&config);
    }
    config = TW_CONFIG_BASE39;
    config.extensions = 1u << bit;
    accepted(&config);
  }
}

static void modes_are_the_four_that_translate(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  static const int modes[] = {TW_BARE, TW_MODE_COUNT, 77};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    config.mode = (tw_mode)modes[i];
    refused(&config, "mode");
  }
  config = TW_CONFIG_TINY32;
  for (config.mode = TW_SV32; config.mode < TW_MODE_COUNT; config.mode++) accepted(&config);
}

static void l2_has_a_power_of_two_of_sets_or_is_not_there(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  for (unsigned ways = 0; ways <= 17; ways++) {
    for (unsigned entries = 1; entries <= 4097; entries++) {
      config.l2 = (tw_l2_config){entries, ways, 1, TW_RANDOM, 64};
      unsigned sets = ways ? entries / ways : 0;
      bool legal = entries >= 16 && entries <= 4096 && ways >= 1 && ways <= 16 && sets * ways == entries &&
                   (sets & (sets - 1)) == 0;
      assert_int_equal(tw_config_validate(&config, NULL), legal);
    }
  }
  config.l2 = (tw_l2_config){0, 1, 0, TW_PLRU, 0};
  refused(&config, "l2.ways (without l2.entries)");
  config.l2 = (tw_l2_config){0, 0, 1, TW_PLRU, 0};
  refused(&config, "l2.latency (without l2.entries)");
  config.l2 = (tw_l2_config){0, 0, 0, TW_RANDOM, 0};
  refused(&config, "l2.replacement");
  config.l2 = (tw_l2_config){0, 0, 0, TW_PLRU, 1};
  refused(&config, "l2.super_entries (without l2.entries)");
  config.l2 = (tw_l2_config){16, 1, 1, (tw_replacement)2, 1};
  refused(&config, "l2.replacement");
}

static void pmp_has_0_or_16_or_64_entries(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  for (config.pmp_entries = 0; config.pmp_entries < 70; config.pmp_entries++) {
    if (config.pmp_entries == 0 || config.pmp_entries == 16 || config.pmp_entries == 64) {
      accepted(&config);
    } else {
      refused(&config, "pmp_entries");
    }
  }
}

static void regions_are_aligned_and_apart(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  config.regions = (tw_pma_table){2, {{0x1000, 12, false, true, true}, {0x4000, 14, true, false, false}}};
  accepted(&config);
  config.regions.region[1].base = 0x2000;
  refused(&config, "regions[1].base");
  config.regions.region[1].base = UINT64_C(1) << 56;
  refused(&config, "regions[1].base");
  config.regions.region[1].base = 0;
  refused(&config, "regions[1]");
  config.regions.region[1] = (tw_pma){0, 11, false, false, false};
  refused(&config, "regions[1].bits");
  config.regions.region[1] = (tw_pma){0, 57, false, false, false};
  refused(&config, "regions[1].bits");
  config.regions = (tw_pma_table){1, {{0, 56, false, true, true}}};
  accepted(&config);
  config.regions.count = 9;
  refused(&config, "regions");
}

static void names_are_short_and_plain(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  static const char *const bad[] = {"", "Base", "a b", "x/y", "a{", "a:", "a+", "\xc3\xa4"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    memset(config.name, 0, sizeof config.name);
    memcpy(config.name, bad[i], strlen(bad[i]));
    refused(&config, "name");
  }
  memcpy(config.name, "az-09_", sizeof "az-09_");
  accepted(&config);
  memset(config.name, 'a', sizeof config.name); /* not terminated */
  refused(&config, "name");
  config.name[sizeof config.name - 1] = '\0';
  accepted(&config);
}

/* Golden traces carry these numbers: FNV-1a over the fields in the order of the struct, each of 8 bytes. */
static void hash_is_that_of_the_fields_in_their_order(void **state) {
  (void)state;
  assert_true(tw_config_hash(&TW_CONFIG_BASE39) == UINT64_C(0x42c21c4ab52e9def));
  assert_true(tw_config_hash(&TW_CONFIG_TINY32) == UINT64_C(0x72c8dc3f0d497d8f));
}

static const size_t HASHED[] = {offsetof(tw_config, mode),
                                offsetof(tw_config, extensions),
                                offsetof(tw_config, pa_bits),
                                offsetof(tw_config, asid_bits),
                                offsetof(tw_config, fetch_entries),
                                offsetof(tw_config, data_entries),
                                offsetof(tw_config, fetch_slots),
                                offsetof(tw_config, data_slots),
                                offsetof(tw_config, l2.entries),
                                offsetof(tw_config, l2.ways),
                                offsetof(tw_config, l2.latency),
                                offsetof(tw_config, l2.replacement),
                                offsetof(tw_config, l2.super_entries),
                                offsetof(tw_config, walk_entries),
                                offsetof(tw_config, walkers),
                                offsetof(tw_config, pmp_entries),
                                offsetof(tw_config, pmp_grain),
                                offsetof(tw_config, memory.minimum),
                                offsetof(tw_config, memory.span),
                                offsetof(tw_config, memory.stall_span),
                                offsetof(tw_config, regions.count)};
#define HASHED_COUNT (sizeof HASHED / sizeof HASHED[0])

static void hash_tells_apart_everything_but_the_name(void **state) {
  (void)state;
  tw_config base = TW_CONFIG_BASE39;
  base.l2 = (tw_l2_config){64, 4, 2, TW_PLRU, 8};
  base.regions = (tw_pma_table){1, {{0x1000, 12, false, true, true}}};
  uint64_t hash = tw_config_hash(&base);
  tw_config config = base;
  memset(config.name, 'z', 5);
  assert_true(tw_config_hash(&config) == hash);
  uint64_t seen[HASHED_COUNT];
  for (size_t i = 0; i < HASHED_COUNT; i++) {
    config = base;
    unsigned value;
    memcpy(&value, (char *)&config + HASHED[i], sizeof value);
    value++;
    memcpy((char *)&config + HASHED[i], &value, sizeof value);
    seen[i] = tw_config_hash(&config);
    assert_true(seen[i] != hash);
    for (size_t other = 0; other < i; other++) assert_true(seen[i] != seen[other]);
  }
}

static void hash_tells_regions_apart(void **state) {
  (void)state;
  tw_config base = TW_CONFIG_BASE39;
  base.regions = (tw_pma_table){1, {{0x1000, 12, false, true, true}}};
  uint64_t hash = tw_config_hash(&base);
  tw_config config;
  config = base, config.regions.count = TW_PMA_MAX + 1; /* not legal, and not read beyond its end */
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.regions.region[0].base = 0x2000;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.regions.region[0].bits = 13;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.regions.region[0].io = true;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.regions.region[0].tables = false;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.regions.region[0].updates = false;
  assert_true(tw_config_hash(&config) != hash);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(model_that_finds_no_memory_says_so),
      cmocka_unit_test(numbers_are_accepted_to_their_ends_and_not_beyond),
      cmocka_unit_test(complaint_says_what_a_key_may_be),
      cmocka_unit_test(widths_are_those_of_the_mode),
      cmocka_unit_test(extensions_are_those_of_the_mode),
      cmocka_unit_test(modes_are_the_four_that_translate),
      cmocka_unit_test(l2_has_a_power_of_two_of_sets_or_is_not_there),
      cmocka_unit_test(pmp_has_0_or_16_or_64_entries),
      cmocka_unit_test(regions_are_aligned_and_apart),
      cmocka_unit_test(names_are_short_and_plain),
      cmocka_unit_test(hash_is_that_of_the_fields_in_their_order),
      cmocka_unit_test(hash_tells_apart_everything_but_the_name),
      cmocka_unit_test(hash_tells_regions_apart),
  };
  return cmocka_run_group_tests_name("mmu_config", tests, NULL, NULL);
}
