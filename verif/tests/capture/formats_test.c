/* ChampSim's records, lines of Dinero and Spike, written by hand, and the traces that they must become.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"
#include "imported.h"

/* A record of ChampSim (64 bytes) or CloudSuite (96), field by field. */
typedef struct bytes {
  uint8_t at[96];
} bytes;

static void put_word(bytes *record, size_t offset, uint64_t value) {
  for (size_t i = 0; i < 8; i++) record->at[offset + i] = (uint8_t)(value >> 8 * i);
}

static void expect_records(void **state, const char *format, const bytes *records, size_t count, size_t size,
                           const char *expected) {
  uint8_t file[4 * sizeof(bytes)];
  capture_result result;
  for (size_t i = 0; i < count; i++) memcpy(file + i * size, records[i].at, size);
  char *trace = imported(state, format, file, count * size, NULL, &result);
  char *body = strstr(trace, "---\n"), *end = strstr(body, "end ");
  *end = 0;
  assert_string_equal(body + 4, expected);
  assert_non_null(strstr(trace, "\nassumed: fetch-size=4 size=8\n"));
  free(trace);
}

static void champsim_reads_then_writes_with_assumed_sizes(void **state) {
  bytes records[2] = {0};
  put_word(&records[0], 0, 0x400000);
  put_word(&records[0], 16, 0x601004);           /* writes */
  put_word(&records[0], 32 + 8, 0x7fff00000ffc); /* reads; aligned to 4: no more is assumed */
  put_word(&records[0], 32 + 16, 0x602001);
  put_word(&records[1], 0, 0x400003);
  records[1].at[8] = records[1].at[9] = 1;
  expect_records(state, "champsim", records, 2, 64,
                 "map start=0x400000 length=0x1000 prot=r-x use=code\n"
                 "map start=0x601000 length=0x1000 prot=rw- use=data\n"
                 "map start=0x602000 length=0x1000 prot=r-- use=rodata\n"
                 "map start=0x7fff00000000 length=0x1000 prot=r-- use=rodata\n"
                 "fetch va=0x400000 size=4\n"
                 "load va=0x7fff00000ffc size=4\n"
                 "load va=0x602001 size=1\n"
                 "store va=0x601004 size=4\n"
                 "fetch va=0x400003 size=1\n");
}

static void cloudsuite_has_a_process_for_each_asid(void **state) {
  bytes records[3] = {0};
  for (size_t i = 0; i < 3; i++) put_word(&records[i], 0, 0x400000 + 8 * i);
  put_word(&records[0], 24 + 24, 0x601000);
  put_word(&records[1], 56 + 24, 0x601000);
  records[0].at[88] = records[2].at[88] = 7;
  records[1].at[89] = 7;
  expect_records(state, "cloudsuite", records, 3, 96,
                 "map start=0x400000 length=0x1000 prot=r-x use=code\n"
                 "map start=0x601000 length=0x1000 prot=rw- use=data\n"
                 "fetch va=0x400000 size=4\n"
                 "store va=0x601000 size=8\n"
                 "process id=65536 name=\"asid 1792\"\n"
                 "thread id=65537\n"
                 "map start=0x400000 length=0x1000 prot=r-x use=code\n"
                 "map start=0x601000 length=0x1000 prot=r-- use=rodata\n"
                 "fetch va=0x400008 size=4\n"
                 "load va=0x601000 size=8\n"
                 "thread id=1\n"
                 "fetch va=0x400010 size=4\n");
}

static void malformed_records_are_told_by_offset(void **state) {
  bytes records[2] = {0};
  uint8_t file[2 * 64 + 13] = {0};
  put_word(&records[0], 0, 0x400000);
  memcpy(file, records[0].at, 64);
  memcpy(file + 64, records[0].at, 64);
  refused(state, "champsim", file, 64 + 13,
          "/refused: offset 64: expected a record of 64 bytes, found the last 13 bytes of the file");
  refused(state, "champsim", file, 13, "/refused: offset 0: expected a record of 64 bytes");
  refused(state, "champsim", "", 0, "no access in it");
  file[64 + 9] = 2;
  refused(state, "champsim", file, 128, "/refused: offset 64: expected 0 or 1 in bytes 8 and 9 of a record");
  memcpy(file, "\xfd\x37zXZ\0\0\4\xe6\xd6", 10);
  refused(state, "champsim", file, 128, "found a compressed file: `xz -dc FILE | twinwalk import champsim - ...`");
  put_word(&records[1], 0, UINT64_MAX);
  put_word(&records[1], 16, UINT64_MAX - 7);
  refused(state, "cloudsuite", file, 96, "compressed file: `xz -dc FILE | twinwalk import cloudsuite - ...`");
}

static void dinero_has_sizes_in_its_extended_form_only(void **state) {
  capture_result result;
  static const char text[] = "2 400000\n 0 0x7fff0012 a comment\n1 601003\n3 601004\n4 0\n5 0\n\n";
  char *trace = imported(state, "din", text, strlen(text), NULL, &result);
  assert_non_null(strstr(trace, "\nassumed: size=4\n"));
  assert_non_null(strstr(trace, "fetch va=0x400000 size=4\n"
                                "load va=0x7fff0012 size=2\n"
                                "store va=0x601003 size=1\n"
                                "load va=0x601004 size=4\n"
                                "end "));
  free(trace);
  imported_as(state, "din", "i 400000 4\nr 7fff0010 10\nw 0x601f00 50\r\nm 601000 1 why\nc 0 20\nv 0 20\n",
              "map start=0x400000 length=0x1000 prot=r-x use=code\n"
              "map start=0x601000 length=0x1000 prot=rw- use=data\n"
              "map start=0x7fff0000 length=0x1000 prot=r-- use=rodata\n"
              "fetch va=0x400000 size=4\n"
              "load va=0x7fff0010 size=16\n"
              "store va=0x601f00 size=64\n"
              "store va=0x601f40 size=16\n"
              "load va=0x601000 size=1\n");
}

static void malformed_lines_of_dinero_are_told(void **state) {
  static const char *const wrong[] = {"6 400000",   "2",        "2400000",    "2 x",
                                      "2 400000x",  "r 400000", "r 400000 0", "r 400000 1001",
                                      "r 400000 x", "x 0 1",    "r 400000 8x"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char text[64];
    snprintf(text, sizeof text, "2 400000\n%s\n", wrong[i]);
    refused_text(state, "din", text, "/refused:2: expected a");
  }
  refused_text(state, "din", "1 ffffffffffffffffff\n", "/refused:1: expected a line of Dinero");
  refused_text(state, "din", "2 400000\n1 fffffffffffffffc\n",
               "/refused:2: expected addresses below 0xfffffffffffff000, found 0xffffffffffffffff");
  refused_text(state, "din", "2 400000\nr ffffffffffffeff0 20\n", "/refused:2: expected addresses below");
  refused_text(state, "din", "c 0 20\n", "no access in it: expected lines of Dinero");
}

static void spike_has_sizes_of_its_instructions(void **state) {
  imported_as(state, "spike",
              "core   0: 3 0x0000000080000000 (0x00000297) x5  0x0000000080000000\n"
              "core   0: 0x0000000080000004 (0x0002b303) ld      t1, 0(t0)\n"
              "core   0: 3 0x0000000080000004 (0x0002b303) x6  0x0000000000000001 mem 0x0000000080001000\n"
              "core   0: 3 0x0000000080000008 (0x00628023) mem 0x0000000080001008 0x1\n"
              "core   0: 3 0x000000008000000c (0x4388) x10 0x0000000000000000 mem 0x0000000080001010\n"
              "core   0: >>>>  main\n"
              "core   0: exception trap_user_ecall, epc 0x0000000080000000\n"
              "core   0: 3 0x000000008000000e (0x0062a3af) x7  0x0000000000000000 mem 0x0000000080001020 mem "
              "0x0000000080001020 0x00000001\n",
              "map start=0x80000000 length=0x1000 prot=r-x use=code\n"
              "map start=0x80001000 length=0x1000 prot=rw- use=data\n"
              "fetch va=0x80000000 size=4\n"
              "fetch va=0x80000004 size=4\n"
              "load va=0x80001000 size=8\n"
              "fetch va=0x80000008 size=4\n"
              "store va=0x80001008 size=1\n"
              "fetch va=0x8000000c size=2\n"
              "load va=0x80001010 size=4\n"
              "fetch va=0x8000000e size=4\n"
              "amo va=0x80001020 size=4\n");
}

static void spike_tells_address_spaces_apart_and_knows_its_fences(void **state) {
  imported_as(state, "spike",
              "core   0: 3 0x0000000080000000 (0x18029073) c384_satp 0x8000100000080010\n"
              "core   0: 1 0x0000000000400000 (0x12528073)\n"
              "core   0: 1 0x0000000000400004 (0x000002b7) x5  0x0000000000401000\n"
              "core   0: 1 0x0000000000400008 (0x12028073)\n"
              "core   0: 1 0x000000000040000c (0x12000073)\n"
              "core   0: 3 0x0000000080000004 (0x00000013)\n"
              "core   0: 1 0x0000000000400010 (0x18031073) c384_satp 0x8000200000080020\n"
              "core   0: 0 0x0000000000400014 (0x00000013)\n",
              "map start=0x80000000 length=0x1000 prot=r-x use=code\n"
              "fetch va=0x80000000 size=4\n"
              "process id=65536\n"
              "thread id=65537\n"
              "map start=0x400000 length=0x1000 prot=r-x use=code\n"
              "fetch va=0x400000 size=4\n"
              "fence unknown\n"
              "fetch va=0x400004 size=4\n"
              "fetch va=0x400008 size=4\n"
              "fence va=0x401000\n"
              "fetch va=0x40000c size=4\n"
              "fence\n"
              "thread id=1\n"
              "fetch va=0x80000004 size=4\n"
              "thread id=65537\n"
              "fetch va=0x400010 size=4\n"
              "process id=131072\n"
              "thread id=131073\n"
              "map start=0x400000 length=0x1000 prot=r-x use=code\n"
              "fetch va=0x400014 size=4\n");
}

static void spike_of_32_bits_says_so_by_its_digits(void **state) {
  capture_result result;
  static const char text[] =
      "core   0: 3 0x80000000 (0x00000297) x5  0x80000000\n3 0x80000004 (0x6388) mem 0x80000010\n";
  char *trace = imported(state, "spike", text, strlen(text), NULL, &result);
  assert_non_null(strstr(trace, "\nbits: 32\n"));
  assert_non_null(strstr(trace, "load va=0x80000010 size=4\n"));
  free(trace);
}

static void malformed_lines_of_spike_are_told(void **state) {
  static const char *const wrong[] = {"hello",
                                      "core",
                                      "core   0 3 0x80000000 (0x00000297)",
                                      "core 999: 3 0x80000000 (0x00000297)",
                                      "core   0: 3 80000000 (0x00000297)",
                                      "core   0: 3 0x (0x00000297)",
                                      "core   0: 3 0x80000000 00000297",
                                      "core   0: 3 0x80000000 (0x123456789)",
                                      "core   0: 3 0x80000000 (0x00000297",
                                      "core   0: 3 0x80000000 (0x00000297)x",
                                      "core   0: 3 0x80000000 (0x00000297) mem",
                                      "core   0: 3 0x80000000 (0x00000297) mem 0x80000000 0x",
                                      "core   0: 3 0x80000000 (0x00000297) c384_satp x",
                                      "core   0: 3 0xfffffffffffffffe (0x00000297)"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char text[160];
    snprintf(text, sizeof text, "core   0: 3 0x80000000 (0x00000297)\n%s\n", wrong[i]);
    refused_text(state, "spike", text, "/refused:2: ");
  }
  refused_text(state, "spike", "core   0: >>>>  main\n", "no access in it: expected a log of spike");
}

static void endless_lines_and_bytes_that_are_no_text_are_refused(void **state) {
  static const char *const formats[] = {"qemu", "din", "spike"};
  size_t size = 3u << 20;
  char *endless = malloc(size);
  assert_non_null(endless);
  memset(endless, 'x', size);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    refused(state, formats[i], endless, size, "expected lines of at most");
    refused(state, formats[i], "\0\x1b[31m\n", 7, "/refused:1: expected ");
    refused(state, formats[i], "\x1b[31m\n", 6, "found `.[31m`");
  }
  free(endless);
}

static void format_that_does_not_exist_is_told(void **state) {
  capture_result result;
  tw_error error = {0};
  const char *const files[] = {"none"};
  (void)state;
  assert_false(capture_import("nothing", files, 1, &(capture_options){.output = "none"}, &result, &error));
  assert_string_equal(error.text, "nothing: no such format");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(champsim_reads_then_writes_with_assumed_sizes),
      cmocka_unit_test(cloudsuite_has_a_process_for_each_asid),
      cmocka_unit_test(malformed_records_are_told_by_offset),
      cmocka_unit_test(dinero_has_sizes_in_its_extended_form_only),
      cmocka_unit_test(malformed_lines_of_dinero_are_told),
      cmocka_unit_test(spike_has_sizes_of_its_instructions),
      cmocka_unit_test(spike_tells_address_spaces_apart_and_knows_its_fences),
      cmocka_unit_test(spike_of_32_bits_says_so_by_its_digits),
      cmocka_unit_test(malformed_lines_of_spike_are_told),
      cmocka_unit_test(endless_lines_and_bytes_that_are_no_text_are_refused),
      cmocka_unit_test(format_that_does_not_exist_is_told),
  };
  return cmocka_run_group_tests_name("import_formats", tests, files_setup, files_teardown);
}
