/* Files that are no traces, or wrong ones: one clear line each, that names the place, what was expected and what was
 * found.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "sample.h"

#include <cmocka.h>

typedef struct fixture {
  char directory[SAMPLE_PATH_BYTES], path[SAMPLE_PATH_BYTES];
} fixture;

static int begin(void **state) {
  fixture *at = *state;
  sample_directory(at->directory);
  sample_path(at->path, at->directory, "t");
  return 0;
}

static int end(void **state) {
  sample_directory_remove(((fixture *)*state)->directory);
  return 0;
}

/* The file's bytes are refused with a message that is the path and this. */
static void assert_refused_bytes(const fixture *at, const void *bytes, size_t size, const char *message) {
  sample_save(at->path, bytes, size);
  const sample_outcome outcome = sample_read(at->path, NULL);
  assert_int_equal(outcome.result, TW_TRACE_ERROR);
  assert_memory_equal(outcome.error.text, at->path, strlen(at->path));
  assert_string_equal(outcome.error.text + strlen(at->path), message);
}

static void assert_refused(const fixture *at, const char *text, const char *message) {
  assert_refused_bytes(at, text, strlen(text), message);
}

/* One line after an empty header and `before`, and what is said of it. */
static void assert_line_refused(const fixture *at, const char *kind, const char *before, const char *line,
                                const char *message) {
  char text[4096], expected[1024];
  unsigned number = 3;
  for (const char *newline = before; (newline = strchr(newline, '\n')) != NULL; newline++) number++;
  snprintf(text, sizeof text, "twinwalk %s 1\n\n%s%s\nend 1\n", kind, before, line);
  snprintf(expected, sizeof expected, ":%u: %s", number, message);
  assert_refused(at, text, expected);
}

static void what_is_no_trace_is_called_so(void **state) {
  const fixture *at = *state;
  static const char NONE[] = ": expected a trace, which begins with `twinwalk ` or with byte 0x89, found ";
  char expected[200];
  assert_refused(at, "", ": expected a trace, found an empty file");
  snprintf(expected, sizeof expected, "%s`I  04001000,3`", NONE);
  assert_refused(at, "I  04001000,3\n L 1fff000618,8\n", expected);
  snprintf(expected, sizeof expected, "%s`\?ELF????`", NONE);
  assert_refused_bytes(at,
                       "\x7f"
                       "ELF\1\0\0\0\n",
                       9, expected);
  assert_refused(at, "\x89PNG\r\n\x1a\n0123456789",
                 ": byte 0 (record 0): expected a binary trace's first eight bytes, found others");
  assert_refused(at, "twinwalk mmu 4\n\nend 0\n", ":1: expected a version from 1 to 3, found version 4");
  assert_refused(at, "twinwalk tlb 1\n\nend 0\n",
                 ":1: expected `twinwalk program 3`, `twinwalk mmu 3` or `twinwalk golden 3`, found `twinwalk tlb 1`");
  assert_refused(at, "twinwalk mmu 1\r\n\r\nend 0\r\n",
                 ":1: expected `twinwalk program 3`, `twinwalk mmu 3` or `twinwalk golden 3`, found `twinwalk mmu 1?`");
}

static void a_directory_and_a_missing_file_are_called_so(void **state) {
  const fixture *at = *state;
  tw_error error;
  char expected[SAMPLE_PATH_BYTES + 60];
  assert_null(tw_trace_open(at->directory, &error));
  snprintf(expected, sizeof expected, "%s: expected a trace, found a directory", at->directory);
  assert_string_equal(error.text, expected);
  assert_null(tw_trace_open(at->path, &error));
  snprintf(expected, sizeof expected, "%s: cannot open: No such file or directory", at->path);
  assert_string_equal(error.text, expected);
  assert_null(tw_trace_open(at->path, NULL));
}

static void header_lines_that_are_none_are_told(void **state) {
  const fixture *at = *state;
  assert_refused(at, "twinwalk mmu 1\nload va=1 size=1\n",
                 ":2: expected `key: value`, or `---` or an empty line to end the header, found `load va=1 size=1`");
  assert_refused(at, "twinwalk mmu 1\na: 1\nb: 2\na: 1\n", ":4: expected a key once, found `a` again");
  assert_refused(at, "twinwalk mmu 1\nBits: 1\n",
                 ":2: expected a key of letters a to z, digits, `.`, `_` and `-`, found `Bits`");
  assert_refused(at, "twinwalk mmu 1\na: \x1b[31m\n",
                 ":2: expected a value of at most 8191 bytes without control characters, found `?[31m`");
}

static void record_lines_that_are_none_are_told(void **state) {
  const fixture *at = *state;
  assert_line_refused(at, "mmu", "", "lood va=1 size=1", "expected a record or `end N`, found `lood`");
  assert_line_refused(at, "mmu", "", "load va=1 size=1 level=3", "expected a field of `load`, found `level=3`");
  assert_line_refused(at, "mmu", "", "load va=1 size", "expected a field of `load`, found `size`");
  assert_line_refused(at, "mmu", "", "load va=1", "expected `size` in `load`, found the end of the line");
  assert_line_refused(at, "mmu", "", "load va=1 size=1 va=1", "expected `va` at most once, found it again");
  assert_line_refused(at, "mmu", "", "load va=0x10000000000000000 size=1",
                      "expected a number from 0 to 18446744073709551615 for `va`, found `0x10000000000000000`");
  assert_line_refused(at, "mmu", "", "load va=-1 size=1",
                      "expected a number from 0 to 18446744073709551615 for `va`, found `-1`");
  assert_line_refused(at, "mmu", "", "load va=12a size=1",
                      "expected a number from 0 to 18446744073709551615 for `va`, found `12a`");
  assert_line_refused(at, "mmu", "", "load va=1 size=256", "expected a number from 0 to 255 for `size`, found `256`");
  assert_line_refused(at, "mmu", "", "load va=1 size=65", "expected a `size` from 1 to 64, found 65");
  assert_line_refused(at, "mmu", "", "load va=0xfff size=2",
                      "expected an access within one page, found va=0xfff size=2");
  assert_line_refused(at, "mmu", "", "control satp=0 privilege=H sum=0 mxr=0",
                      "expected a privilege, U, S or M, found `H`");
  assert_line_refused(at, "mmu", "", "pte pa=4 width=8 and=0 or=0",
                      "expected a `pa` that is a multiple of 8 in `pte`, found 0x4");
  assert_line_refused(at, "mmu", "", "pte pa=0 width=8 and=0 or=0 write=0",
                      "expected no `and` in this `pte`, found it");
  assert_line_refused(at, "mmu", "", "image pa=0x100000000000000 value=0",
                      "expected a `pa` of at most 56 bits in `image`, found 0x100000000000000");
  assert_line_refused(at, "mmu", "", "answer of=0 accepted=1 answered=2 retry",
                      "expected a record of a mmu trace, found `answer`");
  assert_line_refused(at, "program", "", "map start=0 length=4096 prot=rwx use=hip",
                      "expected a region's use such as `heap`, found `hip`");
  assert_line_refused(at, "program", "", "map start=0 length=4096 prot=rwx use=heap name=\"a",
                      "expected a name in double quotes, found `\"a`");
  assert_line_refused(at, "program", "", "load va=0 size=8 after=all",
                      "expected no `after` or `delay` in this record, found one");
}

static void program_records_that_are_none_are_told(void **state) {
  const fixture *at = *state;
  assert_line_refused(at, "program", "", "process id=0x10001",
                      "expected a process's `id` with 0 in its lower 16 bits, found 65537");
  assert_line_refused(at, "program", "", "exec id=0x10000", "expected a field of `exec`, found `id=0x10000`");
  assert_line_refused(at, "program", "", "call reads=0x1000", "expected `number` in `call`, found the end of the line");
  assert_line_refused(at, "program", "", "call number=1 reads=0x1000",
                      "expected `reads-length` with `reads` in `call`, found none");
  assert_line_refused(at, "program", "", "call number=1 writes=0xfffffffffffffff8 writes-length=9",
                      "expected a range that ends at 2^64 at most, found writes=0xfffffffffffffff8 writes-length=9");
  assert_line_refused(at, "program", "", "call number=1 reads-length=0x100000000",
                      "expected a number from 0 to 4294967295 for `reads-length`, found `0x100000000`");
  assert_line_refused(at, "program", "", "place va=0x400004 pa=0x1000",
                      "expected a `va` that is a multiple of 4096 in `place`, found 0x400004");
  assert_line_refused(at, "program", "", "place va=0x400000 pa=0x1004",
                      "expected a `pa` that is a multiple of 4096 in `place`, found 0x1004");
  assert_line_refused(at, "program", "", "place va=0x400000 pa=0x100000000000000",
                      "expected a `pa` of at most 56 bits in `place`, found 0x100000000000000");
  assert_line_refused(at, "program", "", "advise start=0x1000 length=0x1000 advice=hot",
                      "expected `huge`, `no-huge`, `cold` or `drop` for `advice`, found `hot`");
  assert_line_refused(at, "program", "", "advise start=0x1000 length=0x800 advice=cold",
                      "expected `start` and `length` in multiples of 4096, and a length, found 0x1000 and 0x800");
  assert_line_refused(at, "program", "", "alloc va=0xffffffffffffff00 size=257",
                      "expected a block that ends at 2^64 at most, found va=0xffffffffffffff00 size=257");
  assert_line_refused(at, "program", "", "free va=0x1000 size=8", "expected a field of `free`, found `size=8`");
  assert_line_refused(at, "program", "", "reclaim pages=0", "expected at least 1 for `pages` in `reclaim`, found 0");
  assert_line_refused(at, "mmu", "", "reclaim pages=1", "expected a record of a mmu trace, found `reclaim`");
}

static void fences_of_the_wrong_trace_are_told(void **state) {
  static const char UNKNOWN[] =
      "expected `unknown` only in a fence of a program trace, in place of `va` and `asid`, found it";
  const fixture *at = *state;
  assert_line_refused(at, "mmu", "", "fence unknown", UNKNOWN);
  assert_line_refused(at, "program", "", "fence unknown asid=1", UNKNOWN);
  assert_line_refused(at, "program", "", "fence unknown va=0x1000", UNKNOWN);
  assert_line_refused(at, "program", "", "fence unknown kind=sfence.w.inval", UNKNOWN);
  assert_line_refused(at, "program", "", "fence after=all", "expected no `after` or `delay` in this record, found one");
}

static void records_out_of_order_are_told(void **state) {
  const fixture *at = *state;
  assert_line_refused(at, "mmu", "", "fence after=-1",
                      "expected `after` to name one of the 0 played records before, found -1");
  assert_line_refused(at, "mmu", "fence\n", "fence after=-0",
                      "expected `all` or at most 3 items such as `-1` for `after`, found `-0`");
  assert_line_refused(at, "mmu", "fence\n", "image pa=0 value=0",
                      "expected `image` and `inject` before the first played record, found one after it");
  assert_line_refused(at, "golden", "fence\n", "answer of=1 accepted=1 answered=2 retry",
                      "expected an answer of one of the 1 played records before, found `of=1`");
  assert_line_refused(at, "golden", "load va=0 size=1\n", "answer of=0 accepted=1 answered=2 ok pa=0 level=5",
                      "expected a `level` from 0 to 4, found 5");
  assert_line_refused(at, "golden", "load va=0 size=1\n", "answer of=0 accepted=1 answered=1 ok pa=0 level=0",
                      "expected `answered` after `accepted`, found 1 and 1");
  assert_line_refused(at, "golden", "load va=0 size=1\n", "answer of=0 accepted=1 answered=2 fault",
                      "expected `reason` in `answer`, found the end of the line");
  assert_line_refused(at, "golden", "load va=0 size=1\n", "answer of=0 accepted=1 answered=2 fault reason=ok",
                      "expected a reason from 1 to 26, as it is a fault, found 0");
}

static void a_wrong_count_is_told(void **state) {
  const fixture *at = *state;
  assert_refused(at, "twinwalk mmu 1\n\nfence\nend 9223372036854775808\n",
                 ":4: expected `end 1`, found `end 9223372036854775808`");
  assert_refused(at, "twinwalk mmu 1\n\nfence\n",
                 ":4: expected a record or `end N`, found the end of the file (truncated after 1 records)");
  assert_refused(at, "twinwalk mmu 1\n\nend 0\nfence\n", ":4: expected the end of the file after `end`, found more");
}

static void a_line_without_end_is_told(void **state) {
  const fixture *at = *state;
  const size_t size = 1 << 20;
  char *text = malloc(size);
  assert_non_null(text);
  memset(text, 'a', size);
  memcpy(text, "twinwalk mmu 1\n\n", 16);
  assert_refused_bytes(at, text, size, ":3: expected a line of at most 32767 bytes, found a longer one");
  memset(text + 16, 0, 10);
  assert_refused_bytes(at, text, size, ":3: expected text, found a byte of 0");
  free(text);
}

/* A binary trace with every checksum right and these lengths, so that it is the lengths that are refused. */
static size_t forge(uint8_t *bytes, tw_trace_kind kind, const void *content, uint32_t size, uint32_t count) {
  uint64_t checksum;
  uint8_t *block = bytes + 24;
  memset(bytes, 0, 24 + 48);
  memcpy(bytes, "\x89TWT\r\n\x1a\n", 8);
  bytes[8] = 1;
  bytes[10] = (uint8_t)kind;
  checksum = XXH64(bytes, 16, 0);
  memcpy(bytes + 16, &checksum, 8);
  const uint32_t packed = (uint32_t)ZSTD_compress(block + 48, 4096, content, size, 1);
  memcpy(block, "TWBK", 4);
  memcpy(block + 4, &packed, 4);
  memcpy(block + 8, &size, 4);
  memcpy(block + 12, &count, 4);
  checksum = XXH64(block + 48, packed, 0);
  memcpy(block + 32, &checksum, 8);
  checksum = XXH64(block, 40, 0);
  memcpy(block + 40, &checksum, 8);
  return 24 + 48 + packed;
}

/* One field of the forged block is changed, and its header's checksum made right again. */
static void assert_block_refused(const fixture *at, size_t offset, uint64_t value, size_t width, const char *message) {
  uint8_t bytes[8192];
  const size_t size = forge(bytes, TW_TRACE_MMU, "\x84\x10", 2, 1);
  memcpy(bytes + 24 + offset, &value, width);
  const uint64_t checksum = XXH64(bytes + 24, 40, 0);
  memcpy(bytes + 24 + 40, &checksum, 8);
  assert_refused_bytes(at, bytes, size, message);
}

static void binary_lengths_are_believed_only_in_their_bounds(void **state) {
  const fixture *at = *state;
  assert_block_refused(at, 4, UINT32_MAX, 4,
                       ": byte 24 (record 0): expected a block of at most 1048576 bytes, found 4294967295 packed, 2 "
                       "unpacked, 1 records");
  assert_block_refused(at, 8, UINT32_MAX, 4,
                       ": byte 24 (record 0): expected a block of at most 1048576 bytes, found 11 packed, 4294967295 "
                       "unpacked, 1 records");
  assert_block_refused(
      at, 12, 3, 4,
      ": byte 24 (record 0): expected a block of at most 1048576 bytes, found 11 packed, 2 unpacked, 3 records");
  assert_block_refused(at, 8, 3, 4, ": byte 24 (record 0): expected one zstd frame of 3 bytes, found something else");
  assert_block_refused(
      at, 16, (uint64_t)1 << 63, 8,
      ": byte 24 (record 0): expected record 0, number 0, found a block of record 9223372036854775808, number 0");
  assert_block_refused(at, 12, 2, 4, ": byte 24 (record 1): expected a record, found the end of the block");
}

static void assert_content_refused(const fixture *at, tw_trace_kind kind, const char *content, uint32_t size,
                                   uint32_t count, const char *message) {
  uint8_t bytes[8192];
  char expected[300];
  snprintf(expected, sizeof expected, ": byte 24 (record %u): %s", count - 1, message);
  assert_refused_bytes(at, bytes, forge(bytes, kind, content, size, count), expected);
}

static void binary_records_that_are_none_are_told(void **state) {
  const fixture *at = *state;
#define CONTENT(bytes) bytes, sizeof bytes - 1
  assert_content_refused(at, TW_TRACE_MMU, CONTENT("\x30"), 1,
                         "expected a record, found a kind of record that there is not");
  assert_content_refused(at, TW_TRACE_MMU, CONTENT("\x41\x01\x01\x00\x84\x00"), 1,
                         "expected a record, found a manner without an access of its kind");
  assert_content_refused(at, TW_TRACE_MMU, CONTENT("\x40\x01\x01\x00\x84\x00"), 1,
                         "expected `after` to name one of the 0 played records before, found -1");
  assert_content_refused(at, TW_TRACE_MMU, CONTENT("\x40\x00\x08\x84\x00"), 1,
                         "expected a record, found a flag that has no meaning");
  assert_content_refused(at, TW_TRACE_MMU, CONTENT("\x84\x00\x9c\x00\x00"), 2,
                         "expected a `size` from 1 to 64, found 0");
  assert_content_refused(at, TW_TRACE_MMU, CONTENT("\x84\x00\xe4\x00"), 2,
                         "expected a record, found the end of the block");
  assert_content_refused(at, TW_TRACE_MMU, CONTENT("\x84\x00\x88\xff"), 2,
                         "expected an access that ends below 2^64, found va=0xffffffffffffffff");
  assert_content_refused(at, TW_TRACE_GOLDEN, CONTENT("\x84\x00\x20\x00\x01\x00\x01\x00\x05\x00"), 2,
                         "expected a `level` from 0 to 4, found 5");
  assert_content_refused(at, TW_TRACE_MMU, CONTENT("\x84\x00\x84\x00\x84"), 1 + 1 + 1,
                         "expected a record, found the end of the block");
}

static void binary_program_records_that_are_none_are_told(void **state) {
  const fixture *at = *state;
  assert_content_refused(at, TW_TRACE_PROGRAM, CONTENT("\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), 1,
                         "expected a record, found a number of more than 64 bits");
  assert_content_refused(at, TW_TRACE_PROGRAM, CONTENT("\x06\xff\xff\xff\xff\x1f"), 1,
                         "expected a record, found a number that is too large for its field");
  assert_content_refused(at, TW_TRACE_PROGRAM, CONTENT("\x02\x00\x0b\x00\x01\x00\x00"), 1,
                         "expected a region's use from 1 to 10, found 11");
  assert_content_refused(at, TW_TRACE_PROGRAM,
                         CONTENT("\x02\x00\x01\x00\x01\x00\x05"
                                 "abc"),
                         1, "expected a record, found a name with a zero byte or without an end");
  assert_content_refused(at, TW_TRACE_PROGRAM,
                         CONTENT("\x09\x80\x80\x04\x05"
                                 "abc"),
                         1, "expected a record, found a name with a zero byte or without an end");
  assert_content_refused(at, TW_TRACE_PROGRAM, CONTENT("\x0d\x05\x01\x01"), 1,
                         "expected an advice from 1 to 4, found 5");
  assert_content_refused(at, TW_TRACE_PROGRAM, CONTENT("\x0c\x01\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), 1,
                         "expected a record, found a number that is too large for its field");
  assert_content_refused(at, TW_TRACE_PROGRAM, CONTENT("\x14\x00\x60"), 1,
                         "expected a record, found a flag that has no meaning");
  assert_content_refused(at, TW_TRACE_PROGRAM, CONTENT("\x0b\x01\x00\x00\x00"), 1,
                         "expected a record, found the end of the block");
}

static void bytes_left_over_in_a_block_are_told(void **state) {
  const fixture *at = *state;
  uint8_t bytes[8192];
  const size_t size = forge(bytes, TW_TRACE_MMU, "\x84\x00\x84\x00", 4, 1);
  assert_refused_bytes(at, bytes, size,
                       ": byte 24 (record 1): expected the block's end after its last record, found more");
}

static void a_header_takes_only_good_keys_and_values(void **state) {
  tw_trace_header header;
  tw_error error;
  uint64_t number;
  (void)state;
  tw_trace_header_init(&header, TW_TRACE_MMU);
  assert_false(tw_trace_header_set(&header, "", "x"));
  assert_false(tw_trace_header_set(&header, "9a", "x"));
  assert_false(tw_trace_header_set(&header, "a b", "x"));
  assert_false(tw_trace_header_set(&header, "a", "two\nlines"));
  assert_false(tw_trace_header_set(&header, "a", "%8192s", "x"));
  assert_int_equal(header.count, 0);
  assert_true(tw_trace_header_set(&header, "a", "%d", 1));
  assert_true(tw_trace_header_set(&header, "b", "0x10"));
  assert_true(tw_trace_header_set(&header, "a", "many"));
  assert_int_equal(header.count, 2);
  assert_string_equal(tw_trace_header_get(&header, "a"), "many");
  assert_null(tw_trace_header_get(&header, "c"));
  assert_true(tw_trace_header_number(&header, "b", 5, &number, &error) && number == 16);
  assert_true(tw_trace_header_number(&header, "c", 5, &number, &error) && number == 5);
  assert_false(tw_trace_header_number(&header, "a", 5, &number, &error));
  assert_string_equal(error.text, "header key `a`: expected a number, found `many`");
  tw_trace_header_free(&header);
}

int main(void) {
  static fixture at;
#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, begin, end, &at)
  const struct CMUnitTest tests[] = {
      TEST(what_is_no_trace_is_called_so),
      TEST(a_directory_and_a_missing_file_are_called_so),
      TEST(header_lines_that_are_none_are_told),
      TEST(record_lines_that_are_none_are_told),
      TEST(program_records_that_are_none_are_told),
      TEST(fences_of_the_wrong_trace_are_told),
      TEST(records_out_of_order_are_told),
      TEST(a_wrong_count_is_told),
      TEST(a_line_without_end_is_told),
      TEST(binary_lengths_are_believed_only_in_their_bounds),
      TEST(binary_records_that_are_none_are_told),
      TEST(binary_program_records_that_are_none_are_told),
      TEST(bytes_left_over_in_a_block_are_told),
      TEST(a_header_takes_only_good_keys_and_values),
  };
  return cmocka_run_group_tests_name("trace_hostile", tests, NULL, NULL);
}
