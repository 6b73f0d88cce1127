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

static void numbers_are_accepted_to_their_ends_and_not_beyond(void **state) {
  (void)state;
  const struct {
    const char *key;
    size_t offset;
    unsigned low, high;
  } rows[] = {{"fetch_entries", offsetof(tw_config, fetch_entries), 1, 64},
              {"data_entries", offsetof(tw_config, data_entries), 1, 64},
              {"asid_bits", offsetof(tw_config, asid_bits), 0, 16},
              {"memory.minimum", offsetof(tw_config, memory.minimum), 1, 1000},
              {"memory.span", offsetof(tw_config, memory.span), 0, 1000},
              {"memory.stall_span", offsetof(tw_config, memory.stall_span), 0, 1000}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    tw_config config = TW_CONFIG_BASE39;
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

static void asid_width_is_that_of_the_mode(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_TINY32;
  accepted(&config);
  config.asid_bits = 10;
  refused(&config, "asid_bits");
}

static void modes_that_the_model_has_not_are_refused(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  static const int modes[] = {TW_BARE, TW_SV48, TW_SV57, TW_MODE_COUNT, 77};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    config.mode = (tw_mode)modes[i];
    refused(&config, "mode");
  }
}

static void names_are_short_and_plain(void **state) {
  (void)state;
  tw_config config = TW_CONFIG_BASE39;
  static const char *const bad[] = {"", "Base", "a b", "x/y", "\xc3\xa4"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    memset(config.name, 0, sizeof config.name);
    memcpy(config.name, bad[i], strlen(bad[i]));
    refused(&config, "name");
  }
  memset(config.name, 'a', sizeof config.name); /* not terminated */
  refused(&config, "name");
  config.name[sizeof config.name - 1] = '\0';
  accepted(&config);
}

/* Golden traces carry these numbers: they are FNV-1a over the seven fields, and never change. */
static void hash_is_stable_between_releases(void **state) {
  (void)state;
  assert_true(tw_config_hash(&TW_CONFIG_BASE39) == UINT64_C(0x52f09896adfe8bd6));
  assert_true(tw_config_hash(&TW_CONFIG_TINY32) == UINT64_C(0x80d847b208c4603c));
}

static void hash_tells_apart_everything_but_the_name(void **state) {
  (void)state;
  tw_config base = TW_CONFIG_BASE39;
  uint64_t hash = tw_config_hash(&base);
  tw_config config = base;
  memset(config.name, 'z', 5);
  assert_true(tw_config_hash(&config) == hash);
  config = base, config.mode = TW_SV32;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.fetch_entries++;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.data_entries++;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.asid_bits--;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.memory.minimum++;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.memory.span++;
  assert_true(tw_config_hash(&config) != hash);
  config = base, config.memory.stall_span++;
  assert_true(tw_config_hash(&config) != hash);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_accepted_to_their_ends_and_not_beyond),
      cmocka_unit_test(asid_width_is_that_of_the_mode),
      cmocka_unit_test(modes_that_the_model_has_not_are_refused),
      cmocka_unit_test(names_are_short_and_plain),
      cmocka_unit_test(hash_is_stable_between_releases),
      cmocka_unit_test(hash_tells_apart_everything_but_the_name),
  };
  return cmocka_run_group_tests_name("mmu_config", tests, NULL, NULL);
}
