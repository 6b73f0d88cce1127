/* Maps: of states made by hand, and of captured traces, which the first argument says where to find.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_file.h"
#include "fixture.h"
#include "words.h"

static const char *captured;

static void drawing_check(const tw_map *map) {
  tw_canvas canvas;
  tw_error error = {0};
  if (!tw_map_draw(map, &canvas, &error) || !tw_canvas_check(&canvas, &error)) fail_msg("%s", error.text);
  assert_true(canvas.count > 100);
  tw_canvas_free(&canvas);
}

typedef bool (*map_writer)(const tw_map *map, FILE *stream, tw_error *error);

static bool text_write(const tw_map *map, FILE *stream, tw_error *error) {
  return tw_map_print(map, false, stream, error);
}

static bool svg_write(const tw_map *map, FILE *stream, tw_error *error) {
  tw_canvas canvas;
  const bool written = tw_map_draw(map, &canvas, error) && tw_canvas_svg(&canvas, map->title, stream, error);
  tw_canvas_free(&canvas);
  return written;
}

static char *written(const tw_map *map, map_writer writer) {
  char *text = NULL;
  size_t size = 0;
  tw_error error = {0};
  FILE *stream = open_memstream(&text, &size);
  assert_non_null(stream);
  if (!writer(map, stream, &error)) fail_msg("%s", error.text);
  assert_int_equal(fclose(stream), 0);
  return text;
}

static void says(const char *text, const char *wanted) {
  if (!strstr(text, wanted)) fail_msg("does not say \"%s\":\n%s", wanted, text);
}

static void drawings_keep_their_labels_inside_and_apart(void **state) {
  (void)state;
  for (unsigned pair = 0; pair < 2; pair++) {
    tw_map map;
    fixture_map(&map, pair);
    drawing_check(&map);
    tw_map_free(&map);
  }
}

static void the_same_state_gives_the_same_bytes(void **state) {
  (void)state;
  const map_writer writers[] = {text_write, svg_write, tw_map_json};
  for (size_t i = 0; i < 3; i++) {
    tw_map maps[2];
    fixture_map(&maps[0], true);
    fixture_map(&maps[1], true);
    char *first = written(&maps[0], writers[i]), *second = written(&maps[1], writers[i]);
    assert_string_equal(first, second);
    free(first);
    free(second);
    tw_map_free(&maps[0]);
    tw_map_free(&maps[1]);
  }
}

static void the_text_says_what_is_there(void **state) {
  (void)state;
  static const char *const wanted[] = {"0x3fffffffff +---",
                                       "stack rw-, 8 MiB",
                                       "[==..............] 2 of 16 resident (2 shared)",
                                       "nothing, 255.9 GiB; folded",
                                       "0x400123 <- - ",
                                       "  main\n",
                                       "level 0: 3 tables, 12 KiB",
                                       "heap: 64 blocks of 63.5 KiB",
                                       "12 pages of 0 and 1: page cache, libc & <more>.so"};
  tw_map map;
  fixture_map(&map, false);
  char *text = written(&map, text_write);
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) says(text, wanted[i]);
  free(text);
  tw_map_free(&map);
}

static void a_pair_says_what_changed(void **state) {
  (void)state;
  tw_map map;
  fixture_map(&map, true);
  char *text = written(&map, text_write), *svg = written(&map, svg_write);
  says(text, "record 4710: store va=0x410008 size=8");
  says(text, "copy, process 1: 0x410000, frame 0x82007000");
  says(text, "process 1, 0x410000: shared in 0x80302000 DArw- -> resident in 0x82007000 DArw-");
  says(text, "  <- changed");
  says(svg, ">changed</text>");
  assert_null(strstr(text, "process 0, example")); /* nothing changed there */
  free(text);
  free(svg);
  tw_map_free(&map);
}

static void regions_that_a_record_split_stay_to_scale(void **state) {
  (void)state;
  tw_map map;
  fixture_map(&map, true);
  tw_state_process *after = &map.states[1].processes[1];
  const uint64_t end = after->regions[1].region.end, middle = after->regions[1].region.start + 2 * TW_PAGE_BYTES;
  after->regions[1].region.end = middle; /* of what was one region, the upper part grants less */
  fixture_region(after, middle, end, TW_REGION_DATA, TW_PROT_READ, "/usr/bin/example");
  const tw_state_region upper = after->regions[after->region_count - 1];
  for (size_t i = after->region_count - 1; i > 2; i--) after->regions[i] = after->regions[i - 1];
  after->regions[2] = upper;
  drawing_check(&map);
  char *text = written(&map, text_write);
  says(text, "data r--, 24 KiB, example  <- changed");
  says(text, "data rw-, 8 KiB, example  <- changed");
  free(text);
  tw_map_free(&map);
}

static bool captured_map(tw_map *map, const char *name, const char *config, tw_map_request *request, tw_error *error) {
  static char path[4096];
  snprintf(path, sizeof path, "%s/%s", captured, name);
  request->path = path;
  if (!tw_config_load(config, &request->config, error)) fail_msg("%s", error->text);
  return tw_map_make(map, request, error);
}

static void captured_programs_are_drawn(void **state) {
  (void)state;
  static const char *const traces[] = {"true.twb", "ls.twb", "whereami.twb", "threads.twb"};
  static const char *const configs[] = {"base39", "tiny32", "linux39", "odd", "server57"};
  for (size_t i = 0; i < 4; i++) {
    for (size_t c = 0; c < 5; c++) {
      tw_map map;
      tw_error error = {0};
      tw_map_request request = {.path = NULL};
      if (!captured_map(&map, traces[i], configs[c], &request, &error)) fail_msg("%s", error.text);
      assert_true(map.ended);
      drawing_check(&map);
      tw_map_free(&map);
    }
  }
}

static void every_printed_address_is_found(void **state) {
  (void)state;
  static const struct {
    const char *name;
    tw_region_use use;
  } wanted[] = {{"code", TW_REGION_CODE},   {"library code", TW_REGION_FILE}, {"read-only data", TW_REGION_RODATA},
                {"data", TW_REGION_DATA},   {"heap (small)", TW_REGION_HEAP}, {"heap (mapped)", TW_REGION_MAPPED},
                {"stack", TW_REGION_STACK}, {"bss", TW_REGION_DATA}}; /* it begins in the last page of the data */
  static const char *const configs[] = {"base39", "tiny32"};          /* moved, in the second */
  for (size_t c = 0; c < 2; c++) {
    tw_map map;
    tw_error error = {0};
    tw_map_request request = {.has_until = true, .at = 300000};
    char path[4096];
    if (!captured_map(&map, "whereami.twb", configs[c], &request, &error)) fail_msg("%s", error.text);
    snprintf(path, sizeof path, "%s/whereami.txt", captured);
    if (!tw_map_marks_read(&map, path, &error)) fail_msg("%s", error.text);
    assert_int_equal(map.mark_count, sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < map.mark_count; i++) {
      size_t row = 0;
      while (strcmp(wanted[row].name, map.marks[i].name) != 0) row++;
      const uint64_t va = tw_map_mark_va(&map, &map.marks[i]);
      const tw_state_region *region = tw_state_region_find(tw_map_process(&map, 1, 0), va);
      assert_non_null(region);
      assert_int_equal(region->region.use, wanted[row].use);
      assert_non_null(tw_state_page_find(tw_map_process(&map, 1, 0), va));
    }
    drawing_check(&map);
    tw_map_free(&map);
  }
}

static void before_and_after_differ_by_what_the_record_did(void **state) {
  (void)state;
  unsigned faulted = 0;
  for (uint64_t record = 9; record < 60; record++) {
    tw_map map;
    tw_error error = {0};
    tw_map_request request = {.has_at = true, .at = record};
    if (!captured_map(&map, "true.twb", "base39", &request, &error)) fail_msg("%s", error.text);
    const tw_space_counts *before = &map.states[0].counts, *after = &map.states[1].counts;
    uint64_t va = 0, changes = 0;
    tw_page_change change;
    while (tw_page_change_next(tw_map_process(&map, 0, 0), tw_map_process(&map, 1, 0), &va, UINT64_MAX, &change))
      changes++;
    assert_int_equal(changes, after->page_faults - before->page_faults);
    faulted += changes > 0;
    drawing_check(&map);
    tw_map_free(&map);
  }
  assert_true(faulted > 0);
}

static void what_cannot_be_drawn_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *trace;
    tw_map_request request;
    const char *says;
  } rows[] = {
      {"true.twb", {.has_at = true, .at = 1000000}, "there is no record 1000000: the last is 148624"},
      {"true.twb", {.has_until = true, .at = 148625}, "there is no record 148625: the last is 148624"},
      {"true.twb", {.has_process = true, .process = 1}, "there is no process 1: 1 began so far"},
      {"true.twb", {.has_at = true, .at = 5, .has_process = true, .process = 7}, "there is no process 7"},
      {"none.twb", {.has_at = false}, "none.twb"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    tw_map map;
    tw_error error = {0};
    tw_map_request request = rows[i].request;
    assert_false(captured_map(&map, rows[i].trace, "base39", &request, &error));
    says(error.text, rows[i].says);
  }
}

static void sizes_are_said_in_their_units(void **state) {
  (void)state;
  static const struct {
    uint64_t bytes;
    const char *wanted;
  } rows[] = {{0, "0 bytes"},       {4096, "4 KiB"},         {1536, "1.5 KiB"},        {8 << 20, "8 MiB"},
              {1023, "1023 bytes"}, {1048575, "1023.9 KiB"}, {UINT64_MAX, "15.9 EiB"}, {UINT64_C(1) << 63, "8 EiB"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char text[32];
    tw_words_size(rows[i].bytes, text, sizeof text);
    assert_string_equal(text, rows[i].wanted);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(drawings_keep_their_labels_inside_and_apart),
      cmocka_unit_test(the_same_state_gives_the_same_bytes),
      cmocka_unit_test(the_text_says_what_is_there),
      cmocka_unit_test(a_pair_says_what_changed),
      cmocka_unit_test(regions_that_a_record_split_stay_to_scale),
      cmocka_unit_test(captured_programs_are_drawn),
      cmocka_unit_test(every_printed_address_is_found),
      cmocka_unit_test(before_and_after_differ_by_what_the_record_did),
      cmocka_unit_test(what_cannot_be_drawn_is_refused),
      cmocka_unit_test(sizes_are_said_in_their_units),
  };
  if (argc != 2) return 2;
  captured = argv[1];
  return cmocka_run_group_tests(tests, NULL, NULL);
}
