/* Text and binary say the same, and what is written can be read.
 *
 *   test_trace_round_trip docs/traces.md old [--seed N]
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

#include <cmocka.h>

typedef struct fixture {
  char directory[SAMPLE_PATH_BYTES], a[SAMPLE_PATH_BYTES], b[SAMPLE_PATH_BYTES], c[SAMPLE_PATH_BYTES];
  uint64_t seed;
  const char *documentation; /* docs/traces.md */
  const char *old;           /* traces of earlier versions */
} fixture;

static int begin(void **state) {
  fixture *at = *state;
  sample_directory(at->directory);
  sample_path(at->a, at->directory, "a");
  sample_path(at->b, at->directory, "b");
  sample_path(at->c, at->directory, "c");
  return 0;
}

static int end(void **state) {
  sample_directory_remove(((fixture *)*state)->directory);
  return 0;
}

static void assert_same_bytes(const char *a, const char *b) {
  size_t size_a, size_b;
  uint8_t *bytes_a = sample_load(a, &size_a), *bytes_b = sample_load(b, &size_b);
  assert_int_equal(size_a, size_b);
  assert_memory_equal(bytes_a, bytes_b, size_a);
  free(bytes_a);
  free(bytes_b);
}

/* Writes in one form, converts there and back, for every kind of trace. */
static void go_there_and_back(const fixture *at, tw_trace_form first, tw_trace_form second) {
  for (tw_trace_kind kind = TW_TRACE_PROGRAM; kind <= TW_TRACE_GOLDEN; kind++)
    for (uint64_t seed = at->seed; seed < at->seed + 20; seed++) {
      sample_write(at->a, kind, first, seed, seed % 4 == 0 ? 0 : seed % 4 * 100);
      sample_convert(at->a, at->b, second);
      sample_convert(at->b, at->c, first);
      assert_same_bytes(at->a, at->c);
    }
}

static void text_to_binary_to_text_loses_nothing(void **state) {
  go_there_and_back(*state, TW_TRACE_TEXT, TW_TRACE_BINARY);
}

static void binary_to_text_to_binary_loses_nothing(void **state) {
  go_there_and_back(*state, TW_TRACE_BINARY, TW_TRACE_TEXT);
}

/* The records themselves, against the generator: not only one form against the other. */
static void records_come_out_as_they_went_in(void **state) {
  const fixture *at = *state;
  for (tw_trace_kind kind = TW_TRACE_PROGRAM; kind <= TW_TRACE_GOLDEN; kind++) {
    tw_error error;
    tw_record found, expected;
    char text[2][2048];
    sample from;
    sample_write(at->a, kind, TW_TRACE_BINARY, at->seed, 5000);
    sample_begin(&from, kind, at->seed);
    tw_trace_reader *reader = tw_trace_open(at->a, &error);
    assert_non_null(reader);
    for (unsigned i = 0; i < 5000; i++) {
      const uint64_t number = from.numbers;
      sample_record(&from, &expected);
      assert_int_equal(tw_trace_read(reader, &found, &error), TW_TRACE_RECORD);
      assert_int_equal(found.number, number);
      tw_record_format(&expected, text[0], sizeof text[0]);
      tw_record_format(&found, text[1], sizeof text[1]);
      assert_string_equal(text[0], text[1]);
    }
    assert_int_equal(tw_trace_read(reader, &found, &error), TW_TRACE_END);
    assert_int_equal(tw_trace_read(reader, &found, &error), TW_TRACE_END);
    tw_trace_close(reader);
  }
}

/* Many accesses at once, in several portions, and whatever else there is one at a time. */
static void accesses_read_many_at_once_are_those_read_singly(void **state) {
  const fixture *at = *state;
  for (tw_trace_kind kind = TW_TRACE_PROGRAM; kind <= TW_TRACE_GOLDEN; kind++) {
    tw_error error;
    tw_record many[7], single;
    char text[2][2048];
    size_t read_at_once = 0;
    sample_write(at->a, kind, TW_TRACE_BINARY, at->seed, 5000);
    tw_trace_reader *one = tw_trace_open(at->a, &error), *other = tw_trace_open(at->a, &error);
    assert_true(one && other);
    for (size_t room = 1, left = 5000; left; room = room % 7 + 1) {
      size_t count = tw_trace_read_accesses(other, many, room);
      assert_in_range(count, 0, room);
      read_at_once += count;
      if (count == 0) assert_int_equal(tw_trace_read(other, &many[count++], &error), TW_TRACE_RECORD);
      for (size_t i = 0; i < count; i++, left--) {
        assert_int_equal(tw_trace_read(one, &single, &error), TW_TRACE_RECORD);
        assert_int_equal(many[i].number, single.number);
        tw_record_format(&many[i], text[0], sizeof text[0]);
        tw_record_format(&single, text[1], sizeof text[1]);
        assert_string_equal(text[0], text[1]);
      }
    }
    assert_int_not_equal(read_at_once, 0);
    assert_int_equal(tw_trace_read_accesses(other, many, 7), 0);
    tw_trace_close(one);
    tw_trace_close(other);
  }
}

static void the_header_keeps_keys_values_and_their_order(void **state) {
  const fixture *at = *state;
  for (tw_trace_form form = TW_TRACE_TEXT; form <= TW_TRACE_BINARY; form++) {
    tw_error error;
    tw_trace_header expected;
    sample_header(&expected, TW_TRACE_MMU);
    sample_write(at->a, TW_TRACE_MMU, form, at->seed, 1);
    tw_trace_reader *reader = tw_trace_open(at->a, &error);
    assert_non_null(reader);
    const tw_trace_header *found = tw_trace_reader_header(reader);
    assert_int_equal(tw_trace_reader_form(reader), form);
    assert_int_equal(found->kind, TW_TRACE_MMU);
    assert_int_equal(found->count, expected.count);
    for (size_t i = 0; i < expected.count; i++) {
      assert_string_equal(found->keys[i], expected.keys[i]);
      assert_string_equal(found->values[i], expected.values[i]);
    }
    tw_trace_close(reader);
    tw_trace_header_free(&expected);
  }
}

static void a_trace_of_many_blocks_comes_out_whole(void **state) {
  const fixture *at = *state;
  sample_write(at->a, TW_TRACE_GOLDEN, TW_TRACE_BINARY, at->seed, 200000);
  char **lines = sample_lines(at->a);
  sample_convert(at->a, at->b, TW_TRACE_TEXT);
  const sample_outcome outcome = sample_read(at->b, lines);
  assert_int_equal(outcome.result, TW_TRACE_END);
  assert_int_equal(outcome.records, 200000);
  sample_lines_free(lines);
}

/* Every text that is marked as a trace in docs/traces.md is one, and says all it seems to say. */
static void the_documented_examples_are_traces(void **state) {
  const fixture *at = *state;
  size_t size;
  unsigned examples = 0;
  char *text = (char *)sample_load(at->documentation, &size);
  for (char *begin = text, *end; (begin = strstr(begin, "\n```twinwalk\n")) != NULL; begin = end, examples++) {
    begin += strlen("\n```twinwalk\n");
    end = strstr(begin, "```");
    assert_non_null(end);
    sample_save(at->a, begin, (size_t)(end - begin));
    const sample_outcome outcome = sample_read(at->a, NULL);
    if (outcome.result != TW_TRACE_END) fail_msg("%s", outcome.error.text);
    assert_true(outcome.records >= 4);
  }
  assert_int_equal(examples, 5);
  free(text);
}

/* Appends the bytes of one line of xxd -g1, "offset: xx xx ...  text". */
static size_t take_dump_line(const char *line, uint8_t *bytes) {
  unsigned byte;
  size_t count = 0;
  for (const char *at = strchr(line, ':') + 2; at[0] != ' ' && sscanf(at, "%2x", &byte) == 1; at += 3)
    bytes[count++] = (uint8_t)byte;
  return count;
}

/* The binary example of docs/traces.md is the text example before it (the last of all). */
static void the_documented_bytes_are_the_documented_trace(void **state) {
  const fixture *at = *state;
  size_t size, used = 0;
  uint8_t bytes[1024];
  char *text = (char *)sample_load(at->documentation, &size), *dump = strstr(text, "\n```xxd\n"), *example = NULL;
  assert_non_null(dump);
  for (char *next = text; (next = strstr(next, "\n```twinwalk\n")) != NULL; next++) example = next;
  assert_non_null(example);
  example += strlen("\n```twinwalk\n");
  sample_save(at->a, example, (size_t)(strstr(example, "```") - example));
  for (char *line = dump + strlen("\n```xxd\n"); *line != '`' && used + 16 < sizeof bytes;
       line = strchr(line, '\n') + 1)
    used += take_dump_line(line, bytes + used);
  sample_save(at->b, bytes, used);
  char **lines = sample_lines(at->a);
  const sample_outcome outcome = sample_read(at->b, lines);
  if (outcome.result != TW_TRACE_END) fail_msg("%s", outcome.error.text);
  assert_int_equal(outcome.records, 4);
  sample_lines_free(lines);
  free(text);
}

/* Files that the writers of versions 1 and 2 made: 60 records each; both forms are the same. */
static void traces_of_earlier_versions_are_read(void **state) {
  static const char *const KINDS[] = {"program", "mmu", "golden"};
  const fixture *at = *state;
  for (unsigned kind = 0; kind < 3; kind++)
    for (unsigned version = 1; version <= 2; version++) {
      char path[2][4096];
      tw_error error;
      for (unsigned form = 0; form < 2; form++)
        snprintf(path[form], sizeof path[form], "%s/%s-%u.tw%c", at->old, KINDS[kind], version, form ? 'b' : 't');
      tw_trace_reader *reader = tw_trace_open(path[1], &error);
      if (!reader) fail_msg("%s", error.text);
      assert_int_equal(tw_trace_reader_header(reader)->version, version);
      tw_trace_close(reader);
      char **lines = sample_lines(path[0]);
      const sample_outcome outcome = sample_read(path[1], lines);
      if (outcome.result != TW_TRACE_END) fail_msg("%s", outcome.error.text);
      assert_int_equal(outcome.records, 60);
      sample_convert(path[1], at->a, TW_TRACE_TEXT);
      assert_int_equal(sample_read(at->a, lines).records, 60);
      sample_lines_free(lines);
    }
}

static void a_trace_of_version_1_is_read(void **state) {
  const fixture *at = *state;
  static const char OLD[] = "twinwalk golden 1\n---\nload va=0x1008 size=8\nfence va=0x1000 asid=3\n"
                            "answer of=0 accepted=2 answered=7 ok pa=0x80001008 level=2 flags=DAXWRV hit only\nend 3\n";
  sample_save(at->a, OLD, sizeof OLD - 1);
  const sample_outcome outcome = sample_read(at->a, NULL);
  if (outcome.result != TW_TRACE_END) fail_msg("%s", outcome.error.text);
  assert_int_equal(outcome.records, 3);
}

static void a_trace_of_a_later_version_is_refused(void **state) {
  const fixture *at = *state;
  static const char LATER[] = "twinwalk mmu 4\n---\nend 0\n";
  sample_save(at->a, LATER, sizeof LATER - 1);
  tw_error error;
  assert_null(tw_trace_open(at->a, &error));
  assert_non_null(strstr(error.text, "expected a version from 1 to 3, found version 4"));
}

static void assert_formats_as(const tw_record *record, const char *expected) {
  char text[200];
  const int length = tw_record_format(record, text, sizeof text);
  assert_string_equal(text, expected);
  assert_int_equal(length, strlen(expected));
  assert_int_equal(tw_record_format(record, text, 7), length);
  assert_int_equal(strlen(text), 6);
  assert_int_equal(tw_record_format(record, NULL, 0), length);
}

static void a_record_is_formatted_as_documented(void **state) {
  (void)state;
  assert_formats_as(&(tw_record){.kind = TW_RECORD_ACCESS,
                                 .after = {.count = 2, .back = {1, 3}},
                                 .access = {.kind = TW_LOAD, .va = 0x3ffff010, .size = 8, .retries = 3}},
                    "load va=0x3ffff010 size=8 retries=3 after=-1,-3");
  assert_formats_as(
      &(tw_record){.kind = TW_RECORD_FENCE, .after = {.all = true}, .fence = {.has_va = true, .has_asid = true}},
      "fence va=0x0 asid=0 after=all");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_FENCE, .delay = 2}, "fence delay=2");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_FENCE, .fence = {.kind = TW_FENCE_SINVAL_VMA, .has_va = true}},
                    "fence va=0x0 kind=sinval.vma");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_PMP, .pmp = {.target = TW_PMP_CFG, .index = 3, .value = 0x1f}},
                    "pmp register=cfg index=3 value=0x1f");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_PMP, .pmp = {.target = TW_PMP_MSECCFG}},
                    "pmp register=mseccfg value=0x0");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_CONTROL, .control = {.adue = true, .pbmte = true}},
                    "control satp=0x0 privilege=U sum=0 mxr=0 adue=1 pbmte=1");
  assert_formats_as(
      &(tw_record){.kind = TW_RECORD_STEP,
                   .step = {.cycle = 9, .pa = 8, .size = 8, .update = true, .pte = 1, .expected = 1, .desired = 0x41}},
      "step cycle=9 pa=0x8 size=8 pte=0x1 expect=0x1 write=0x41");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_ANSWER,
                                 .answer = {.answered = 3, .attribute = 2, .napot = true, .hit = true, .l2 = true}},
                    "answer of=0 accepted=0 answered=3 ok pa=0x0 level=0 attribute=2 napot hit l2");
  assert_formats_as(
      &(tw_record){.kind = TW_RECORD_STORE, .store = {.pa = 8, .width = 4, .swap = true, .first = 1, .second = 2}},
      "pte pa=0x8 width=4 expect=0x1 write=0x2");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_ANSWER,
                                 .answer = {.access = 17,
                                            .accepted = 100,
                                            .answered = 108,
                                            .status = 1,
                                            .reason = TW_REASON_DIRTY_CLEAR,
                                            .only = true}},
                    "answer of=17 accepted=100 answered=108 fault reason=dirty-clear only");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_MAP,
                                 .map = {.length = 4096, .prot = 5, .use = TW_REGION_FILE, .name = "a \"b\\\n"}},
                    "map start=0x0 length=0x1000 prot=r-x use=file name=\"a \\\"b\\\\\\x0a\"");
}

static void a_program_record_is_formatted_as_documented(void **state) {
  (void)state;
  assert_formats_as(&(tw_record){.kind = TW_RECORD_PROCESS, .id = 0x20000, .name = "sh"},
                    "process id=131072 name=\"sh\"");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_PROCESS, .name = ""}, "process id=0");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_EXEC, .name = "/bin/ls"}, "exec name=\"/bin/ls\"");
  assert_formats_as(
      &(tw_record){.kind = TW_RECORD_CALL, .call = {.number = 63, .writes = 0x2a008, .writes_length = 512}},
      "call number=63 writes=0x2a008 writes-length=512");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_CALL, .call = {.reads = 0x10, .reads_length = 1}},
                    "call number=0 reads=0x10 reads-length=1");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_PLACE, .place = {.va = 0x400000, .pa = 0x12345000}},
                    "place va=0x400000 pa=0x12345000");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_ADVISE,
                                 .map = {.start = 0x200000, .length = 0x400000, .advice = TW_ADVICE_NO_HUGE}},
                    "advise start=0x200000 length=0x400000 advice=no-huge");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_ALLOC, .block = {.va = 0x24010, .size = 24}},
                    "alloc va=0x24010 size=24");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_FREE, .block = {.va = 0x24010}}, "free va=0x24010");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_RECLAIM, .pages = 64}, "reclaim pages=64");
  assert_formats_as(&(tw_record){.kind = TW_RECORD_FENCE, .fence = {.unknown = true}}, "fence unknown");
}

/* Blocks are found by the index and agree with it: somebody may begin to read at any of them. */
static void the_index_leads_to_every_block(void **state) {
  const fixture *at = *state;
  size_t size;
  uint64_t offset, blocks, expected = 0;
  uint32_t count;
  sample_write(at->a, TW_TRACE_MMU, TW_TRACE_BINARY, at->seed, 200000);
  uint8_t *bytes = sample_load(at->a, &size);
  assert_memory_equal(bytes + size - 8, "TWT-END\n", 8);
  memcpy(&offset, bytes + size - 16, 8);
  assert_memory_equal(bytes + offset, "TWEN", 4);
  memcpy(&blocks, bytes + offset + 8, 8);
  assert_true(blocks > 3);
  assert_int_equal(offset + 48 + 16 * blocks + 16, size);
  for (uint64_t i = 0; i < blocks; i++) {
    uint64_t entry[2], before;
    memcpy(entry, bytes + offset + 48 + 16 * i, sizeof entry);
    assert_memory_equal(bytes + entry[0], "TWBK", 4);
    memcpy(&before, bytes + entry[0] + 16, 8);
    memcpy(&count, bytes + entry[0] + 12, 4);
    assert_int_equal(before, entry[1]);
    assert_int_equal(before, expected);
    expected += count;
  }
  assert_int_equal(expected, 200000);
  free(bytes);
}

int main(int argc, char **argv) {
  static fixture at = {.seed = 1};
  at.documentation = argc > 1 ? argv[1] : "docs/traces.md";
  at.old = argc > 2 ? argv[2] : "verif/tests/trace/old";
  if (argc > 4 && strcmp(argv[3], "--seed") == 0) at.seed = strtoull(argv[4], NULL, 0);
  printf("seed %llu; to repeat: %s %s %s --seed %llu\n", (unsigned long long)at.seed, argv[0], at.documentation, at.old,
         (unsigned long long)at.seed);
#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, begin, end, &at)
  const struct CMUnitTest tests[] = {
      TEST(text_to_binary_to_text_loses_nothing),
      TEST(binary_to_text_to_binary_loses_nothing),
      TEST(records_come_out_as_they_went_in),
      TEST(accesses_read_many_at_once_are_those_read_singly),
      TEST(the_header_keeps_keys_values_and_their_order),
      TEST(a_trace_of_many_blocks_comes_out_whole),
      TEST(the_documented_examples_are_traces),
      TEST(the_documented_bytes_are_the_documented_trace),
      TEST(a_record_is_formatted_as_documented),
      TEST(a_program_record_is_formatted_as_documented),
      TEST(traces_of_earlier_versions_are_read),
      TEST(a_trace_of_version_1_is_read),
      TEST(a_trace_of_a_later_version_is_refused),
      TEST(the_index_leads_to_every_block),
  };
  return cmocka_run_group_tests_name("trace_round_trip", tests, NULL, NULL);
}
