/* Where layouts put a process's parts, with and without offsets from the seed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "layout_file.h"
#include "story.h"

#define PROCESSES                                                                                                      \
  "objects: [{name: lib, size: 64K}]\n"                                                                                \
  "processes:\n"                                                                                                       \
  "  - name: a\n"                                                                                                      \
  "    segments: [{name: text, size: 8K}, {name: data, size: 4K}, {name: lib, size: 64K, object: lib}]\n"              \
  "    run: [brk: {grow: 4K}, store: {in: heap, count: 1}, call: {}]\n"

static const char *const names[] = {"linux-sv32", "linux-riscv32", "linux-sv39",
                                    "linux-sv48", "linux-sv57",    "stack-at-the-bottom"};
#define NAMES (sizeof names / sizeof names[0])

static layout_file layout_of(const char *name) {
  char path[512];
  layout_file layout;
  tw_error error = {""};
  snprintf(path, sizeof path, "%s/%s.yaml", story_layouts, name);
  if (!layout_file_read(path, &layout, &error)) fail_msg("%s", error.text);
  return layout;
}

static void the_kernels_part_of_linux_layouts_is_the_spaces(void **state) {
  static const tw_mode modes[] = {TW_SV32, TW_SV39, TW_SV48, TW_SV57};
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    const tw_layout *known = tw_layout_of(modes[i]);
    const layout_file layout = layout_of(known->name);
    assert_int_equal(layout.mode, modes[i]);
    assert_string_equal(layout.kernel.name, known->name);
    assert_int_equal(layout.kernel.user_end, known->user_end);
    assert_int_equal(layout.kernel.direct_va, known->direct_va);
    assert_int_equal(layout.kernel.direct_level, known->direct_level);
    assert_int_equal(layout.kernel.text_va, known->text_va);
  }
}

/* The address ranges of the parts, in their order. */
typedef struct parts {
  uint64_t text, heap, library, stack_end;
} parts;

static parts parts_of(const char *aslr, const char *layout) {
  char text[1024];
  snprintf(text, sizeof text, "aslr: %s\n" PROCESSES, aslr);
  story told = story_play(text, layout);
  const tw_record_map *stack = &story_map(&told, TW_REGION_STACK)->map;
  const parts found = {story_map(&told, TW_REGION_CODE)->map.start, story_record(&told, TW_RECORD_BREAK, 0)->map.start,
                       story_map(&told, TW_REGION_FILE)->map.start, stack->start + stack->length};
  assert_int_equal(story_access(&told, TW_STORE, 0)->access.va, found.heap);
  assert_in_range(story_access(&told, TW_STORE, 1)->access.va, found.stack_end - 64, found.stack_end - 8);
  story_close(&told);
  return found;
}

static void parts_lie_where_the_layout_says(void **state) {
  static const parts expected[NAMES] = {
      {0x08048000, 0x0804b000, 0xb8000000 - 0x10000, 0xc0000000},
      {0x00010000, 0x00013000, 0x95800000 - 0x10000, 0x9d800000},
      {0x00010000, 0x00013000, 0x3ff8000000 - 0x10000, 0x4000000000},
      {0x00010000, 0x00013000, 0x7ffff8000000 - 0x10000, 0x800000000000},
      {0x00010000, 0x00013000, 0x7ffff8000000 - 0x10000, 0x800000000000},
      {0x10000000, 0x10003000, 0x1000000000, 0x2000000},
  };
  (void)state;
  for (size_t i = 0; i < NAMES; i++) {
    const parts found = parts_of("false", names[i]);
    assert_int_equal(found.text, expected[i].text);
    assert_int_equal(found.heap, expected[i].heap);
    assert_int_equal(found.library, expected[i].library);
    assert_int_equal(found.stack_end, expected[i].stack_end);
  }
}

static void offsets_stay_within_the_entropy_and_vary(void **state) {
  (void)state;
  for (size_t i = 0; i < NAMES; i++) {
    const layout_file layout = layout_of(names[i]);
    const parts still = parts_of("false", names[i]);
    uint64_t heaps = 0, libraries = 0, stacks = 0;
    for (unsigned seed = 0; seed < 40; seed++) {
      char text[16];
      snprintf(text, sizeof text, "%u", seed);
      const parts found = parts_of(text, names[i]);
      assert_int_equal(found.text, still.text); /* it is not relocatable */
      assert_true(found.heap >= still.heap);
      assert_true((found.heap - still.heap) >> 12 < (uint64_t)1 << layout.entropy[LAYOUT_HEAP]);
      assert_true((still.stack_end - found.stack_end) >> 12 < (uint64_t)1 << layout.entropy[LAYOUT_STACK]);
      heaps |= found.heap ^ still.heap;
      stacks |= found.stack_end ^ still.stack_end;
      libraries |= found.library ^ still.library;
    }
    /* Forty draws of a bit are alike once in 2^39. */
    assert_true(heaps >> 12 >= ((uint64_t)1 << layout.entropy[LAYOUT_HEAP]) - 1);
    assert_true(stacks >> 12 >= (uint64_t)1 << (layout.entropy[LAYOUT_STACK] - 1));
    assert_true(libraries >> 12 >= (uint64_t)1 << (layout.entropy[LAYOUT_MMAP] - 1));
  }
}

static void without_offsets_every_seed_gives_the_same_map(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed < 5; seed++) {
    story told = story_play_seed("aslr: false\n" PROCESSES, NULL, seed);
    assert_int_equal(story_map(&told, TW_REGION_FILE)->map.start, 0x3ff8000000 - 0x10000);
    story_close(&told);
  }
}

static void two_processes_get_offsets_of_their_own(void **state) {
  story told = story_play("aslr: true\nprocesses:\n"
                          "  - {name: a, segments: [{name: text, size: 4K}]}\n"
                          "  - {name: b, segments: [{name: text, size: 4K}]}\n",
                          NULL);
  (void)state;
  assert_int_not_equal(story_record(&told, TW_RECORD_BREAK, 0)->map.start,
                       story_record(&told, TW_RECORD_BREAK, 1)->map.start);
  story_close(&told);
}

static void layouts_that_cannot_be_are_refused(void **state) {
  static const struct {
    const char *text, *expected;
  } bad[] = {
      {"", "bad.yaml:1: the file is empty"},
      {"mode: Sv31", "bad.yaml:1: key mode: expected Sv32, Sv39, Sv48 or Sv57"},
      {"mode: Sv39\nuser-end: 0x1001", "bad.yaml:2: key user-end: expected a multiple of 4096"},
      {"mode: Sv39\nuser-end: 0x4000000000\nprogram: 0x4000000000\nstack-end: 0x4000000000\n"
       "mmap: {grows: down, below-stack: 128M}\nkernel: {direct: 0xffffffd600000000, direct-level: 2, "
       "direct-bytes: 128G, text: 0xffffffff80000000}",
       "lies behind user-end"},
      {"mode: Sv39\nuser-end: 0x4000000000\nprogram: 0x10000\nstack-end: 0x10000\n"
       "mmap: {grows: up, from: 0x100000}\nkernel: {direct: 0xffffffd600000000, direct-level: 2, "
       "direct-bytes: 128G, text: 0xffffffff80000000}",
       "no room for a stack"},
      {"mode: Sv32\nuser-end: 0xc1000000\nprogram: 0x10000\nstack-end: 0xc0000000\n"
       "mmap: {grows: down, below-stack: 128M}\nkernel: {direct: 0xc0000000, direct-bytes: 1G, text: 0xffc00000}",
       "not apart"},
      {"mode: Sv39\nuser-end: 0x4000000000\nprogram: 0x10000\nstack-end: 0x4000000000\n"
       "mmap: {grows: down}\n",
       "bad.yaml:5: key mmap: expected either `from` or `below-stack`"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    layout_file layout;
    tw_error error = {""};
    assert_false(layout_file_parse("bad.yaml", bad[i].text, strlen(bad[i].text), &layout, &error));
    if (!strstr(error.text, bad[i].expected)) fail_msg("expected \"%s\", found \"%s\"", bad[i].expected, error.text);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_kernels_part_of_linux_layouts_is_the_spaces),
      cmocka_unit_test(parts_lie_where_the_layout_says),
      cmocka_unit_test(offsets_stay_within_the_entropy_and_vary),
      cmocka_unit_test(without_offsets_every_seed_gives_the_same_map),
      cmocka_unit_test(two_processes_get_offsets_of_their_own),
      cmocka_unit_test(layouts_that_cannot_be_are_refused),
  };
  if (argc != 2) return 2;
  story_layouts = argv[1];
  return cmocka_run_group_tests(tests, NULL, NULL);
}
