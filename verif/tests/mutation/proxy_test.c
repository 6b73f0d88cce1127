/* Shows that the bench looks at every output pin, each bit, in every cycle: it finds each flip of the proxy, and
 * nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_file.h"
#include "dut_loader.h"
#include "random.h"
#include "session.h"

/* The proxy's promise: variant n flips bit n-1 in cycle n+19, variant OUTPUT_BITS+n in the first one from the 20th on
 * in which it is 1. */
enum { CYCLE_OF_VARIANT_0 = 19, FIRST_CYCLE = 20, OUTPUT_BITS = 649 };

/* A stimulus without end of accesses, hits and misses, translations and faults, on both ports. */
enum { ACCESSES = 400, PAGES = 24 };

enum { RANDOM_SEED = 1, RANDOM_RECORDS = 12000 };

typedef struct stimulus {
  tw_source source;
  tw_trace_header header;
  unsigned at;
} stimulus;

/* The tables: root entry 1 is a pointer, over it PAGES leaves, of which every seventh is not valid. */
static tw_record image_make(unsigned index) {
  static const tw_record_image pointers[] = {{0x80000008, 0x20000401}, {0x80001000, 0x20000801}};
  tw_record record = {.kind = TW_RECORD_IMAGE};
  if (index < 2) {
    record.image = pointers[index];
  } else {
    uint64_t page = index - 2;
    record.image = (tw_record_image){0x80002000 + 8 * page, (0x90000 + page) << 10 | (page % 7 == 6 ? 0xce : 0xcf)};
  }
  return record;
}

static tw_record played_make(unsigned number) {
  tw_record record = {.kind = TW_RECORD_ACCESS, .number = number, .after = {.count = number > 0, .back = {1}}};
  if (number == 0) {
    record.kind = TW_RECORD_CONTROL;
    record.control = (tw_record_control){.satp = 0x8000000000080000, .privilege = TW_SUPERVISOR};
  } else if (number % 50 == 49) {
    record.kind = TW_RECORD_FENCE;
  } else {
    record.access = (tw_record_access){
        .va = 0x40000000u + number * 5 / 3 % PAGES * 0x1000u, .kind = (tw_access)(number % 3), .size = 4};
  }
  return record;
}

static tw_source_result stimulus_next(tw_source *source, tw_record *record, tw_error *error) {
  (void)error;
  stimulus *self = (stimulus *)source;
  if (self->at == PAGES + 2 + ACCESSES) return TW_SOURCE_END;
  *record = self->at < PAGES + 2 ? image_make(self->at) : played_make(self->at - PAGES - 2);
  self->at++;
  return TW_SOURCE_RECORD;
}

static void stimulus_close(tw_source *source) {
  stimulus *self = (stimulus *)source;
  tw_trace_header_free(&self->header);
  free(self);
}

static tw_source *stimulus_open(void *payload, const tw_config *config, tw_error *error) {
  (void)payload, (void)config, (void)error;
  stimulus *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  tw_trace_header_init(&self->header, TW_TRACE_MMU);
  self->source = (tw_source){.next = stimulus_next, .close = stimulus_close, .header = &self->header};
  return &self->source;
}

static tw_verdict variant_run(const tw_dut_table *table, unsigned variant, bool in_batches) {
  tw_session_options options = TW_SESSION_OPTIONS;
  options.dut = table;
  options.compare = TW_COMPARE_CYCLE;
  options.open_source = stimulus_open;
  options.variant = variant;
  options.keep_going = !in_batches;
  options.reopens = in_batches;
  tw_verdict verdict;
  tw_error error = {0};
  if (!tw_session_run(&options, &verdict, &error)) fail_msg("variant %u: %s", variant, error.text);
  return verdict;
}

/* Demands that the report names this one pin, in this cycle. */
static void report_check(const char *report, const tw_pin *pin, uint64_t cycle) {
  char expected[64];
  snprintf(expected, sizeof expected, "\nPins that differ in cycle %llu\n", (unsigned long long)cycle);
  const char *pins = report ? strstr(report, expected) : NULL;
  if (!pins) fail_msg("%s: expected `%s`, found: %s", pin->name, expected + 1, report ? report : "no report");
  const char *line = strchr(pins + strlen(expected), '\n'); /* the names of both sides */
  assert_non_null(line);
  size_t length = strlen(pin->name);
  if (strncmp(line, "\n  ", 3) != 0 || strncmp(line + 3, pin->name, length) != 0 || line[3 + length] != ' ')
    fail_msg("%s: another pin is named: %s", pin->name, line);
  const char *after = strchr(line + 1, '\n');
  if (!after || after[1] != '\n') fail_msg("%s: more than this pin is named: %s", pin->name, line);
}

static void every_flipped_bit_is_reported_in_its_cycle(void **state) {
  const tw_dut_table *table = *state;
  unsigned variant = 0;
  for (size_t i = 0; i < tw_pin_count; i++) {
    for (unsigned bit = 0; tw_pins[i].output && bit < tw_pins[i].bits; bit++) {
      variant++;
      tw_verdict verdict = variant_run(table, variant, false);
      if (verdict.passed || verdict.differences != 1)
        fail_msg("%s, bit %u: %llu differences", tw_pins[i].name, bit, (unsigned long long)verdict.differences);
      report_check(verdict.report, &tw_pins[i], CYCLE_OF_VARIANT_0 + variant);
      assert_true(verdict.counts.cycles > CYCLE_OF_VARIANT_0 + variant);
      tw_verdict batches = variant_run(table, variant, true);
      assert_string_equal(batches.report, verdict.report);
      tw_verdict_free(&batches);
      tw_verdict_free(&verdict);
    }
  }
  print_message("%u bits flipped, each reported in its cycle\n", variant);
  assert_int_equal(variant, OUTPUT_BITS);
  assert_int_equal(2 * variant + 1, table->describe()->variants);
}

/* For each bit the first cycle in which it is 1, of a run of random records; 0: never. */
typedef struct set_bits {
  uint64_t cycle;
  uint64_t first[OUTPUT_BITS];
} set_bits;

static bool watch_begin(void *payload, const tw_config *config, tw_memory *memory, tw_error *error) {
  (void)payload, (void)config, (void)memory, (void)error;
  return true;
}

static void watch_before(void *payload, const tw_mmu *model, const tw_pins_in *in) {
  (void)payload, (void)model, (void)in;
}

static void watch_after(void *payload, const tw_pins_in *in, const tw_pins_out *out) {
  (void)in;
  set_bits *seen = payload;
  unsigned at = 0;
  for (size_t i = 0; i < tw_pin_count; i++) {
    if (!tw_pins[i].output) continue;
    const uint64_t value = tw_pin_value(&tw_pins[i], out);
    for (unsigned bit = 0; bit < tw_pins[i].bits; bit++, at++)
      if (value >> bit & 1 && !seen->first[at] && seen->cycle >= FIRST_CYCLE) seen->first[at] = seen->cycle;
  }
  seen->cycle++;
}

static tw_source *random_open(void *payload, const tw_config *config, tw_error *error) {
  (void)payload;
  const tw_random_options options = {.config = config, .seed = RANDOM_SEED, .records = RANDOM_RECORDS};
  return tw_random_open(&options, error);
}

static tw_verdict random_run(const tw_dut_table *table, unsigned variant, set_bits *seen) {
  tw_session_options options = TW_SESSION_OPTIONS;
  tw_error error = {0};
  if (!tw_config_load("mini39", &options.config, &error)) fail_msg("%s", error.text);
  options.dut = table;
  options.compare = TW_COMPARE_CYCLE;
  options.open_source = random_open;
  options.seed = RANDOM_SEED;
  options.has_seed = true;
  options.variant = variant;
  options.reopens = !seen;
  options.memory.error_rate = 20;
  options.memory.stall = 2;
  if (seen) options.watch = (tw_cycle_watch){seen, watch_begin, watch_before, watch_after};
  tw_verdict verdict;
  if (!tw_session_run(&options, &verdict, &error)) fail_msg("variant %u: %s", variant, error.text);
  return verdict;
}

/* Reserved for two stages: always 0 in a machine that has one. */
static bool is_reserved(const tw_pin *pin) {
  return strstr(pin->name, "_gpa") || strstr(pin->name, "_implicit");
}

/* The flips of cycle n+19 are nearly all of a 0. These are of a 1, in a machine that has every extension: attributes,
 * 64 KiB pages, updates, all events. */
static void every_bit_that_is_1_is_missed_when_it_is_not(void **state) {
  const tw_dut_table *table = *state;
  set_bits seen = {0};
  print_message("random stimulus: seed %d, %d records; to repeat, run this test again\n", RANDOM_SEED, RANDOM_RECORDS);
  tw_verdict passed = random_run(table, 0, &seen);
  assert_true(passed.passed);
  tw_verdict_free(&passed);
  unsigned at = 0, flips = 0;
  for (size_t i = 0; i < tw_pin_count; i++) {
    unsigned flips_before = flips;
    for (unsigned bit = 0; tw_pins[i].output && bit < tw_pins[i].bits; bit++, at++) {
      if (!seen.first[at]) continue;
      tw_verdict verdict = random_run(table, OUTPUT_BITS + 1 + at, NULL);
      if (verdict.passed) fail_msg("%s, bit %u: not missed", tw_pins[i].name, bit);
      report_check(verdict.report, &tw_pins[i], seen.first[at]);
      tw_verdict_free(&verdict);
      flips++;
    }
    if (tw_pins[i].output && (flips == flips_before) != is_reserved(&tw_pins[i]))
      fail_msg("%s: %u of its bits were 1", tw_pins[i].name, flips - flips_before);
  }
  print_message("%u of %u bits were 1, and missed in their cycle\n", flips, at);
}

/* A field that is no pin of the table would be flipped and compared by nobody. */
static void every_output_field_is_a_pin(void **state) {
  (void)state;
  uint8_t covered[sizeof(tw_pins_out)] = {0};
  memset(covered + offsetof(tw_pins_out, fetch.zero), 1, sizeof((tw_pins_out *)0)->fetch.zero);
  memset(covered + offsetof(tw_pins_out, data.zero), 1, sizeof((tw_pins_out *)0)->data.zero);
  memset(covered + offsetof(tw_pins_out, mem.zero), 1, sizeof((tw_pins_out *)0)->mem.zero);
  memset(covered + offsetof(tw_pins_out, zero), 1, sizeof((tw_pins_out *)0)->zero);
  for (size_t i = 0; i < tw_pin_count; i++) {
    for (size_t byte = 0; tw_pins[i].output && byte < tw_pins[i].bytes; byte++) {
      assert_int_equal(covered[tw_pins[i].offset + byte], 0);
      covered[tw_pins[i].offset + byte] = 1;
    }
  }
  for (size_t byte = 0; byte < sizeof covered; byte++)
    if (!covered[byte]) fail_msg("byte %zu of tw_pins_out belongs to no pin", byte);
}

static void without_a_flip_nothing_differs(void **state) {
  tw_verdict verdict = variant_run(*state, 0, false);
  assert_true(verdict.passed);
  assert_int_equal(verdict.differences, 0);
  assert_true(verdict.compared > 100);
  assert_true(verdict.counts.faults[TW_REASON_INVALID] > 0);
  assert_true(verdict.counts.hits > 0 && verdict.counts.hits < verdict.counts.answers);
  tw_verdict_free(&verdict);
}

int main(int argc, char **argv) {
  tw_error error = {0};
  tw_dut_plugin plugin;
  const tw_dut_choice choice = {.name = argc > 1 ? argv[1] : "", .config = "base39"};
  if (!tw_dut_load(&choice, &plugin, &error)) {
    fprintf(stderr, "%s\n", error.text);
    return 2;
  }
  void *table = (void *)(uintptr_t)plugin.table;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(without_a_flip_nothing_differs, table),
      cmocka_unit_test_prestate(every_flipped_bit_is_reported_in_its_cycle, table),
      cmocka_unit_test_prestate(every_bit_that_is_1_is_missed_when_it_is_not, table),
      cmocka_unit_test_prestate(every_output_field_is_a_pin, table),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  tw_dut_unload(&plugin);
  return failed;
}
