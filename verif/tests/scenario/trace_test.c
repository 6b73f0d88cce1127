/* The traces that scenarios become: the same bytes everywhere, the header's keys, flat memory.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <xxhash.h>

#include <cmocka.h>

#include "story.h"

/* Something of everything. */
static const char everything[] =
    "title: something of everything\n"
    "seed: 42\n"
    "aslr: true\n"
    "machine: {frames: 4096, frame-base: 0x10000000, swap: 64, swap-latency: 2000, fences: linux, asids: 4, huge: "
    "true}\n"
    "objects: [{name: lib, size: 1M}, {name: channel, size: 64K, memory: true}]\n"
    "processes:\n"
    "  - name: a\n"
    "    segments:\n"
    "      - {name: text, at: 0x400000, size: 64K, object: lib}\n"
    "      - {name: data, size: 64K}\n"
    "      - {name: lib, object: lib, size: 1M, prot: r-x}\n"
    "    place: [{page: 0x400000, frame: 0x12345000}]\n"
    "    arguments: [x, yy]\n"
    "    run:\n"
    "      - load: {in: data, pattern: uniform, count: 500}\n"
    "      - store: {in: lib, pattern: zipf, skew: 0.8, count: 500}\n"
    "      - load: {in: lib, pattern: chase, stride: 64, count: 500}\n"
    "      - malloc: {blocks: 300, sizes: [8, 4000], live: 40, large: 2K}\n"
    "      - fork: {as: child, run: [store: {in: data, count: 20}, free: {blocks: 5}, exit: {}]}\n"
    "      - thread: {as: worker, run: [call: {depth: 20, leaf: 8}]}\n"
    "      - mmap: {name: m, size: 64K, object: channel, shared: true}\n"
    "      - amo: {in: m, count: 5, size: 4}\n"
    "      - free: {}\n"
    "      - reclaim: {pages: 3}\n"
    "      - exec: {as: other, segments: [{name: text, size: 4K}], run: [call: {depth: 9}]}\n"
    "  - {name: b, segments: [{name: data, size: 1M}], run: [repeat: {times: 3, do: [store: {in: data, count: 77}]}]}\n"
    "schedule: {every: 30}\n"
    "expect: {copies: 1, page_faults: '>= 4', content_errors: 0}\n";

static char path[] = "/tmp/twinwalk-scenario-XXXXXX";

static int path_make(void **state) {
  (void)state;
  const int file = mkstemp(path);
  return file < 0 ? -1 : close(file);
}

static int path_remove(void **state) {
  (void)state;
  return unlink(path);
}

static bool trace_record(void *payload, const tw_record *record, tw_error *error) {
  return tw_trace_write(payload, record, error);
}

static void trace_write(const char *text, const char *layout, tw_trace_form form) {
  const scenario_options options = {.layouts = story_layouts, .layout = layout};
  tw_error error = {""};
  tw_trace_header header;
  scenario *open = scenario_parse("story.yaml", text, strlen(text), &options, &error);
  if (!open) fail_msg("%s", error.text);
  tw_trace_header_init(&header, TW_TRACE_PROGRAM);
  assert_true(scenario_describe(open, &header, &error));
  tw_trace_writer *writer = tw_trace_create(path, form, &header, &error);
  assert_non_null(writer);
  const scenario_sink sink = {.record = trace_record, .payload = writer};
  if (!scenario_play(open, &sink, &error) || !tw_trace_commit(writer, &error)) fail_msg("%s", error.text);
  tw_trace_header_free(&header);
  scenario_close(open);
}

static uint64_t trace_hash(void) {
  FILE *file = fopen(path, "rb");
  XXH64_state_t *hash = XXH64_createState();
  char bytes[4096];
  assert_true(file && hash);
  XXH64_reset(hash, 0);
  for (size_t size; (size = fread(bytes, 1, sizeof bytes, file)) > 0;) XXH64_update(hash, bytes, size);
  assert_int_equal(ferror(file), 0);
  const uint64_t digest = XXH64_digest(hash);
  XXH64_freeState(hash);
  fclose(file);
  return digest;
}

/* The text form, for the binary one's compressed bytes depend on the version of zstd. */
static void the_same_seed_gives_the_same_bytes_on_every_machine(void **state) {
  static const struct {
    const char *layout;
    uint64_t hash;
  } known[] = {{"linux-sv32", 0xc09b5eaf5db6f495},
               {"linux-sv39", 0xb978f04db9315b3c},
               {"stack-at-the-bottom", 0x54d78752515d3fb6}};
  (void)state;
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    trace_write(everything, known[i].layout, TW_TRACE_TEXT);
    if (trace_hash() != known[i].hash)
      fail_msg("%s: expected 0x%llx, found 0x%llx", known[i].layout, (unsigned long long)known[i].hash,
               (unsigned long long)trace_hash());
  }
}

static void a_binary_trace_is_the_same_again(void **state) {
  (void)state;
  trace_write(everything, NULL, TW_TRACE_BINARY);
  const uint64_t first = trace_hash();
  trace_write(everything, NULL, TW_TRACE_BINARY);
  assert_int_equal(trace_hash(), first);
}

static void the_header_says_machine_layout_and_expectations(void **state) {
  static const struct {
    const char *key, *value;
  } expected[] = {{"bits", "64"},
                  {"source", "gen"},
                  {"program", "a"},
                  {"title", "something of everything"},
                  {"layout.name", "linux-sv39"},
                  {"layout.mode", "Sv39"},
                  {"layout.user-end", "0x4000000000"},
                  {"layout.direct-va", "0xffffffd600000000"},
                  {"layout.direct-level", "2"},
                  {"layout.direct-bytes", "0x2000000000"},
                  {"layout.text-va", "0xffffffff80000000"},
                  {"machine.frames", "4096"},
                  {"machine.frame-base", "0x10000000"},
                  {"machine.swap", "64"},
                  {"machine.swap-latency", "2000"},
                  {"machine.fences", "linux"},
                  {"machine.asids", "4"},
                  {"machine.huge", "1"},
                  {"expect.copies", "== 1"},
                  {"expect.page_faults", ">= 4"},
                  {"expect.content_errors", "== 0"}};
  tw_error error = {""};
  (void)state;
  trace_write(everything, NULL, TW_TRACE_BINARY);
  tw_trace_reader *reader = tw_trace_open(path, &error);
  assert_non_null(reader);
  const tw_trace_header *header = tw_trace_reader_header(reader);
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    const char *value = tw_trace_header_get(header, expected[i].key);
    if (!value) fail_msg("there is no key %s", expected[i].key);
    assert_string_equal(value, expected[i].value);
  }
  assert_int_equal(header->count, sizeof expected / sizeof expected[0]);
  tw_trace_close(reader);
}

static bool count_record(void *payload, const tw_record *record, tw_error *error) {
  (void)error;
  *(uint64_t *)payload += record->kind == TW_RECORD_ACCESS;
  return true;
}

static long memory_peak(void) {
  struct rusage usage;
  assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_maxrss; /* KiB */
}

/* Three million accesses of four processes take no more memory than a hundred thousand; as a list they took 300 MB. */
static void memory_does_not_grow_with_the_accesses(void **state) {
  static const char text[] =
      "processes:\n"
      "  - {name: a, segments: [{name: text, size: 64K}, {name: data, size: 16M}], run: [load: {in: data, pattern: "
      "uniform, count: %u}]}\n"
      "  - {name: b, segments: [{name: text, size: 64K}, {name: data, size: 16M}], run: [store: {in: data, pattern: "
      "zipf, count: %u}]}\n"
      "  - {name: c, segments: [{name: text, size: 64K}, {name: data, size: 16M}], run: [load: {in: data, pattern: "
      "chase, count: %u}]}\n"
      "  - {name: d, segments: [{name: text, size: 64K}], run: [repeat: {times: %u, do: [call: {depth: 10}]}]}\n"
      "schedule: {every: 1000}\n";
  const scenario_options options = {.layouts = story_layouts};
  long peak = 0;
  (void)state;
  for (unsigned scale = 1; scale <= 30; scale *= 30) {
    char filled[1024];
    uint64_t accesses = 0;
    tw_error error = {""};
    snprintf(filled, sizeof filled, text, 12500 * scale, 12500 * scale, 12500 * scale, 312 * scale);
    scenario *open = scenario_parse("story.yaml", filled, strlen(filled), &options, &error);
    const scenario_sink sink = {.record = count_record, .payload = &accesses};
    if (!open || !scenario_play(open, &sink, &error)) fail_msg("%s", error.text);
    scenario_close(open);
    assert_in_range(accesses, 99000ull * scale, 101000ull * scale);
    if (scale > 1) assert_in_range(memory_peak(), 0, peak + 65536);
    peak = memory_peak();
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_seed_gives_the_same_bytes_on_every_machine),
      cmocka_unit_test(a_binary_trace_is_the_same_again),
      cmocka_unit_test(the_header_says_machine_layout_and_expectations),
      cmocka_unit_test(memory_does_not_grow_with_the_accesses),
  };
  if (argc != 2) return 2;
  story_layouts = argv[1];
  return cmocka_run_group_tests(tests, path_make, path_remove);
}
