/* Records that a trace may hold and no sane program makes: at the ends of the address space, of any length, of
 * processes that are not there. Each is taken or refused with a message; what was taken adds up.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hoarder.h"

#define PAGE UINT64_C(0x1000)

static uint64_t any_number(test_random *random) {
  uint64_t power = UINT64_C(1) << random_below(random, 64);
  switch (random_below(random, 6)) {
  case 0:
    return random_next(random);
  case 1:
    return power;
  case 2:
    return power - 1;
  case 3:
    return UINT64_C(0) - power;
  case 4:
    return random_below(random, 0x40000);
  default:
    return 0x400000 + random_below(random, 64) * PAGE + random_below(random, 3);
  }
}

static uint64_t any_page(test_random *random) {
  return any_number(random) & ~(PAGE - 1);
}

static tw_record any_map(test_random *random, tw_record_kind kind) {
  static const char *const names[] = {"", "a", "libc.so"};
  tw_record record = {.kind = kind};
  record.map.start = any_page(random);
  record.map.length = any_page(random);
  record.map.name = "";
  if (kind == TW_RECORD_MAP || kind == TW_RECORD_PROTECT) record.map.prot = (uint8_t)random_below(random, 8);
  if (kind == TW_RECORD_ADVISE) record.map.advice = (tw_advice)random_below(random, TW_ADVICE_COUNT);
  if (kind != TW_RECORD_MAP) return record;
  record.map.offset = random_below(random, 2) ? 0 : any_page(random);
  record.map.use = (tw_region_use)(1 + random_below(random, TW_REGION_USE_COUNT - 1));
  record.map.shared = random_below(random, 4) == 0;
  record.map.grows_down = random_below(random, 4) == 0;
  record.map.name = names[random_below(random, 3)];
  return record;
}

static tw_record any_record(test_random *random) {
  static const tw_record_kind maps[] = {TW_RECORD_MAP, TW_RECORD_MAP, TW_RECORD_UNMAP, TW_RECORD_PROTECT,
                                        TW_RECORD_ADVISE};
  static const tw_record_kind ids[] = {TW_RECORD_THREAD, TW_RECORD_FORK, TW_RECORD_EXIT, TW_RECORD_PROCESS};
  tw_record record = {.kind = TW_RECORD_ACCESS};
  switch (random_below(random, 12)) {
  case 0:
  case 1:
  case 2:
    return any_map(random, maps[random_below(random, 5)]);
  case 3:
    record.kind = random_below(random, 4) ? TW_RECORD_THREAD : ids[random_below(random, 4)];
    record.id = (uint32_t)random_below(random, record.kind == TW_RECORD_THREAD ? 1 : 9) << 16 |
                (uint32_t)random_below(random, 2);
    record.name = "";
    return record;
  case 4:
    record.kind = random_below(random, 2) ? TW_RECORD_BREAK : TW_RECORD_EXEC;
    if (record.kind == TW_RECORD_BREAK) record.map = (tw_record_map){.start = any_number(random), .name = ""};
    return record;
  case 5:
    record.kind = random_below(random, 2) ? TW_RECORD_RECLAIM : TW_RECORD_PLACE;
    if (record.kind == TW_RECORD_PLACE)
      record.place = (tw_record_place){any_page(random), any_page(random)};
    else
      record.pages = any_number(random);
    return record;
  case 6:
    record.kind = TW_RECORD_CALL;
    record.call = (tw_record_call){.reads = any_number(random), .writes = any_number(random)};
    record.call.reads_length = 1 + (uint32_t)random_below(random, 9000);
    record.call.writes_length = 1 + (uint32_t)random_below(random, 9000);
    return record;
  default:
    record.access.kind = (tw_access)random_below(random, 4);
    record.access.va = any_number(random);
    record.access.size = (uint8_t)(1 + random_below(random, 64));
    return record;
  }
}

/* Feeds records until one is refused. Returns how many were taken. */
static unsigned play(uint64_t seed) {
  static hoarder mmu;
  test_random random = {seed};
  tw_mode mode = (tw_mode)(TW_SV32 + random_below(&random, 4));
  const tw_space_options options = {.mode = mode,
                                    .asid_bits = (unsigned)random_below(&random, 9),
                                    .frame_count = 64 + random_below(&random, 300),
                                    .swap_pages = random_below(&random, 2) * 1000,
                                    .seed = seed,
                                    .adue = random_below(&random, 2),
                                    .svnapot = true,
                                    .huge = true,
                                    .check_content = true,
                                    .check_isolation = true};
  tw_error error = {0};
  unsigned taken = 0;
  hoarder_open(&mmu, &options, (unsigned)random_below(&random, 17), seed);
  for (unsigned i = 0; i < 200; i++) {
    tw_record record = any_record(&random);
    if (!tw_record_check(&record, TW_TRACE_PROGRAM, &error)) continue;
    error.text[0] = '\0';
    if (!hoarder_feed(&mmu, &record, &error) || !hoarder_settle(&mmu, &error)) {
      assert_string_not_equal(error.text, "");
      break;
    }
    taken++;
    if (!tw_space_check(mmu.space, &error)) fail_msg("seed %" PRIu64 ": %s", seed, error.text);
  }
  tw_space_counts counts;
  tw_space_count(mmu.space, &counts);
  assert_int_equal(counts.content_errors, 0);
  assert_int_equal(counts.isolation_errors, 0);
  hoarder_close(&mmu);
  return taken;
}

static void record_of_any_kind_is_taken_or_refused(void **state) {
  (void)state;
  uint64_t first = random_seeded(__func__, 1).state, taken = 0;
  for (uint64_t seed = first; seed < first + 500; seed++) taken += play(seed);
  printf("%" PRIu64 " records were taken\n", taken);
  assert_true(taken > 1000);
}

/* Its pages below would be other pages of the file. */
static void region_of_a_file_does_not_grow_down(void **state) {
  (void)state;
  static hoarder mmu;
  tw_error error = {0};
  const tw_space_options options = {.mode = TW_SV39, .asid_bits = 9, .check_content = true};
  tw_record map = {.kind = TW_RECORD_MAP, .map = {.start = 0x100000, .length = PAGE, .prot = TW_PROT_READ}};
  tw_record load = {.kind = TW_RECORD_ACCESS, .access = {.va = 0xff000, .kind = TW_LOAD, .size = 8}};
  map.map.use = TW_REGION_CODE;
  map.map.grows_down = true;
  map.map.name = "libc.so";
  hoarder_open(&mmu, &options, 0, 1);
  assert_true(hoarder_feed(&mmu, &map, &error) && hoarder_feed(&mmu, &load, &error) && hoarder_settle(&mmu, &error));
  tw_space_counts counts;
  tw_space_count(mmu.space, &counts);
  assert_int_equal(counts.segmentation_faults, 1);
  assert_int_equal(counts.content_errors, 0);
  hoarder_close(&mmu);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(region_of_a_file_does_not_grow_down),
      cmocka_unit_test(record_of_any_kind_is_taken_or_refused),
  };
  return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
