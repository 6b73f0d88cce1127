/* Text of the plug-in for QEMU, written by hand, and the traces that it must become.
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

#define USER "# twinwalk qemu 1 riscv64 user\n0 B\n"
#define SYSTEM "# twinwalk qemu 1 riscv64 system\n0 B\n"
#define CODE "map start=0x10000 length=0x1000 prot=r-x use=code\n"
#define FETCH "0 I 10000,4\n"
#define FETCHED "fetch va=0x10000 size=4\n"

static void accesses_become_records(void **state) {
  imported_as(state, "qemu", USER FETCH "0 S 4000800830,8\n0 L 4000800830,2\n0 I 10004,2\n0 A 4000800840,4\n",
              CODE "map start=0x40007e0000 length=0x21000 prot=rw- grows-down use=stack\n" FETCHED
                   "store va=0x4000800830 size=8\n"
                   "load va=0x4000800830 size=2\n"
                   "fetch va=0x10004 size=2\n"
                   "amo va=0x4000800840 size=4\n");
}

static void system_calls_change_the_map(void **state) {
  imported_as(state, "qemu",
              USER FETCH "0 C 222 0x0 0x1800 0x3 0x22 0xffffffffffffffff 0x0\n0 R 222 0x4000801000\n"
                         "0 S 4000801000,8\n"
                         "0 C 226 0x4000801000 0x1000 0x1\n0 R 226 0x0\n"
                         "0 C 233 0x4000801000 0x1000 0x4\n0 R 233 0x0\n"
                         "0 C 215 0x4000801000 0x1800\n0 R 215 0x0\n"
                         "0 C 214 0x0\n0 R 214 0x13000\n"
                         "0 C 214 0x17000\n0 R 214 0x17000\n"
                         "0 C 94 0x0\n",
              CODE FETCHED "map start=0x4000801000 length=0x2000 prot=rw- use=mapped\n"
                           "store va=0x4000801000 size=8\n"
                           "protect start=0x4000801000 length=0x1000 prot=r--\n"
                           "advise start=0x4000801000 length=0x1000 advice=drop\n"
                           "unmap start=0x4000801000 length=0x2000\n"
                           "break end=0x13000\n"
                           "break end=0x17000\n"
                           "exit id=0\n");
}

static void other_calls_read_and_write_what_they_are_known_to(void **state) {
  imported_as(state, "qemu",
              USER FETCH "0 C 64 0x1 0x20000 0x10\n0 R 64 0xf\n"
                         "0 C 63 0x0 0x20000 0x10\n0 R 63 -9\n"
                         "0 C 63 0x0 0x20000 0x10\n0 R 63 0x3\n"
                         "0 C 135 0x0 0x0 0x30000 0x8\n0 R 135 0x0\n"
                         "0 C 113 0x0 0x30000\n0 R 113 0x0\n"
                         "0 C 999 0x20000\n0 R 999 0x5\n",
              CODE FETCHED "call number=64 reads=0x20000 reads-length=15\n"
                           "call number=63\n"
                           "call number=63 writes=0x20000 writes-length=3\n"
                           "call number=135 writes=0x30000 writes-length=8\n"
                           "call number=113 writes=0x30000 writes-length=16\n"
                           "call number=999\n");
}

static void addresses_of_32_bits_have_no_sign_and_offsets_count_pages(void **state) {
  imported_as(state, "qemu",
              "# twinwalk qemu 1 riscv32 user\n" FETCH "0 C 56 0xffffff9c 0x20000 0x0\n0 R 56 0x3\n"
              "0 C 222 0x0 0x1000 0x1 0x2 0x3 0x5\n0 R 222 0xffffffff90000000\n"
              "0 C 113 0x0 0x30000\n0 R 113 0x0\n",
              CODE FETCHED "call number=56\n"
                           "map start=0x90000000 length=0x1000 prot=r-- use=file offset=0x5000 name=\"file 1\"\n"
                           "call number=113 writes=0x30000 writes-length=8\n");
}

static void threads_take_turns_and_end(void **state) {
  imported_as(state, "qemu",
              USER FETCH "0 C 220 0x10f00 0x0\n1 B\n0 R 220 0x77\n1 I 10004,4\n0 I 10008,4\n"
                         "1 C 93 0x0\n0 I 1000c,4\n0 C 93 0x0\n",
              CODE FETCHED "call number=220\n"
                           "thread id=2\n"
                           "fetch va=0x10004 size=4\n"
                           "thread id=1\n"
                           "fetch va=0x10008 size=4\n"
                           "thread id=2\n"
                           "exit id=2\n"
                           "thread id=1\n"
                           "fetch va=0x1000c size=4\n"
                           "exit id=0\n");
}

static void number_that_is_given_again_is_another_threads(void **state) {
  imported_as(state, "qemu", USER FETCH "1 B\n1 I 10004,4\n1 C 93 0x0\n1 E\n1 B\n1 I 10008,4\n1 E\n1 B\n1 I 1000c,4\n",
              CODE FETCHED "thread id=2\n"
                           "fetch va=0x10004 size=4\n"
                           "exit id=2\n"
                           "thread id=3\n"
                           "fetch va=0x10008 size=4\n"
                           "exit id=3\n"
                           "thread id=4\n"
                           "fetch va=0x1000c size=4\n");
}

static void threads_that_outlive_their_process_are_left_out(void **state) {
  imported_as(state, "qemu", USER FETCH "1 B\n1 I 10004,4\n0 C 94 0x0\n1 I 10008,4\n1 C 93 0x0\n1 E\n",
              CODE FETCHED "thread id=2\n"
                           "fetch va=0x10004 size=4\n"
                           "thread id=1\n"
                           "exit id=0\n");
}

static void child_of_a_fork_is_announced_and_its_file_follows(void **state) {
  char *parent = files_path(*state, "q.7.log"), *child = files_path(*state, "q.8.log"),
       *to = files_path(*state, "t.twt");
  const char *const files[] = {parent, child};
  static const char parents[] = USER FETCH "0 C 220 0x11 0x0\n0 R 220 0x8\n0 C 94 0x0\n",
                    childs[] = USER "0 R 220 0x0\n0 I 10004,4\n0 C 221 0x20000 0x0 0x0\n";
  capture_options options = {.output = to, .form = TW_TRACE_TEXT};
  capture_result result;
  tw_error error = {0};
  files_write(parent, parents, strlen(parents));
  files_write(child, childs, strlen(childs));
  if (!capture_import("qemu", files, 2, &options, &result, &error)) fail_msg("%s", error.text);
  char *text = files_read(to);
  assert_non_null(
      strstr(text, CODE FETCHED "fork id=65536\nexit id=0\nthread id=65537\nfetch va=0x10004 size=4\nexec\n"));
  assert_true(result.processes == 2);
  free(text);
  free(parent);
  free(child);
  free(to);
}

static void pairs_become_places_and_moved_pages_maps(void **state) {
  imported_as(
      state, "qemu",
      SYSTEM "0 I 80000000,4,80000000\n"
             "0 S 400000,4,80412000\n"
             "0 S 400ffc,4,80412ffc\n"
             "0 S 401000,4,80413000\n"
             "0 W\n"
             "0 S 400000,4,80abc000\n"
             "0 F sfence.vma rs1=15 rs2=0\n"
             "0 L 400004,4,80412004\n",
      "map start=0x400000 length=0x2000 prot=rw- shared use=mapped offset=0x80412000 name=\"physical memory\"\n"
      "map start=0x80000000 length=0x1000 prot=r-x shared use=mapped offset=0x80000000 name=\"physical memory\"\n"
      "place va=0x80000000 pa=0x80000000\n"
      "fetch va=0x80000000 size=4\n"
      "place va=0x400000 pa=0x80412000\n"
      "store va=0x400000 size=4\n"
      "store va=0x400ffc size=4\n"
      "place va=0x401000 pa=0x80413000\n"
      "store va=0x401000 size=4\n"
      "fence unknown\n"
      "map start=0x400000 length=0x1000 prot=rwx shared use=mapped offset=0x80abc000 name=\"physical memory\"\n"
      "place va=0x400000 pa=0x80abc000\n"
      "store va=0x400000 size=4\n"
      "fence unknown\n"
      "map start=0x400000 length=0x1000 prot=rwx shared use=mapped offset=0x80412000 name=\"physical memory\"\n"
      "load va=0x400004 size=4\n");
}

/* The header's keys of the machine in which these accesses were seen must be `keys`. */
static void machine_is(void **state, const char *text, const char *keys) {
  capture_result result;
  char *trace = imported(state, "qemu", text, strlen(text), NULL, &result);
  if (!strstr(trace, keys)) fail_msg("expected \"%s\" in \"%.400s\"", keys, trace);
  free(trace);
}

static void machine_has_the_frames_that_were_seen_and_some_of_its_own_below(void **state) {
  machine_is(state, SYSTEM "0 S 400000,4,82412000\n0 S 500000,4,82abc000\n",
             "\nmachine.frame-base: 0x81400000\nmachine.frames: 9917\n"
             "layout.direct-level: 1\nlayout.direct-bytes: 0x1000000\n");
  machine_is(state, SYSTEM "0 S 400000,4,40412000\n", "\nmachine.frame-base: 0x3f400000\n");
}

static void frames_of_its_own_are_main_memory_where_they_fit(void **state) {
  char text[256 * 32] = SYSTEM;
  machine_is(state, SYSTEM "0 S 400000,4,80412000\n0 S 500000,4,80abc000\n",
             "\nmachine.frame-base: 0x80000000\nmachine.frames: 6845\n"
             "layout.direct-level: 1\nlayout.direct-bytes: 0x400000\n");
  machine_is(state, SYSTEM "0 S 400000,4,80012000\n", "\nmachine.frame-base: 0x7f000000\n");
  for (unsigned page = 0; page < 200; page++) {
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, "0 S %x000,4,80%x000\n", 0x400 + page, 0x400 + page);
  }
  machine_is(state, text, "\nmachine.frame-base: 0x7f400000\n"); /* tables of so many pages may need more room */
}

static void pair_that_contradicts_is_told_with_both(void **state) {
  static const char text[] =
      SYSTEM "0 S 400000,4,80412000\n0 S 401000,4,80413000\n0 L 400008,4,80abc008\n0 L 400008,4,80412008\n";
  capture_result result;
  refused_text(state, "qemu", text,
               "/refused:5: 0x400008 is at 0x80abc008 here, but the page 0x400000 was at 0x80412000 in line 3, and no "
               "fence or write of satp came between");
  char *trace = imported(state, "qemu", text, strlen(text), &(capture_options){.keep_going = true}, &result);
  assert_true(result.left_out == 1 && result.accesses == 3);
  assert_non_null(strstr(trace, "\nleft-out: 1\n"));
  free(trace);
}

static void fence_of_a_known_page_lets_that_page_move_alone(void **state) {
  refused_text(state, "qemu",
               SYSTEM "0 S 400000,4,80412000\n0 S 401000,4,80413000\n0 F sfence.vma rs1=15 rs2=0 va=0x400000\n"
                      "0 L 400000,4,80abc000\n0 L 401000,4,80abd000\n",
               "/refused:7: 0x401000 is at");
}

static void untranslated_accesses_contradict_nothing(void **state) {
  imported_as(
      state, "qemu", SYSTEM "0 S 80200000,4,80412000\n0 S 80200000,4,80200000\n0 L 80200000,4,80412000\n",
      "map start=0x80200000 length=0x1000 prot=rw- shared use=mapped offset=0x80412000 name=\"physical memory\"\n"
      "place va=0x80200000 pa=0x80412000\n"
      "store va=0x80200000 size=4\n"
      "process id=65536 name=\"untranslated\"\n"
      "thread id=65537\n"
      "map start=0x80200000 length=0x1000 prot=rw- shared use=mapped offset=0x80200000 name=\"physical memory\"\n"
      "place va=0x80200000 pa=0x80200000\n"
      "store va=0x80200000 size=4\n"
      "thread id=1\n"
      "load va=0x80200000 size=4\n");
}

static void fences_are_known_as_far_as_their_operands_are(void **state) {
  imported_as(state, "qemu",
              SYSTEM "0 I 80000000,4\n"
                     "0 F sfence.vma rs1=0 rs2=0\n"
                     "0 F sfence.vma rs1=5 rs2=0\n"
                     "0 F sfence.vma rs1=0 rs2=5 asid=0\n"
                     "0 F sinval.vma rs1=5 rs2=6 va=0x0 asid=3\n"
                     "0 F sinval.vma rs1=5 rs2=6 va=0x0\n"
                     "0 F sfence.w.inval rs1=0 rs2=0\n"
                     "0 F hfence.gvma rs1=0 rs2=0\n",
              "map start=0x80000000 length=0x1000 prot=r-x use=code\n"
              "fetch va=0x80000000 size=4\n"
              "fence\n"
              "fence unknown\n"
              "fence asid=0\n"
              "fence va=0x0 asid=3 kind=sinval.vma\n"
              "fence unknown kind=sinval.vma\n"
              "fence kind=sfence.w.inval\n");
}

static void known_values_of_satp_make_processes(void **state) {
  imported_as(
      state, "qemu",
      SYSTEM "0 I 80000000,4,80000000\n"
             "0 W 0x8000100000080010\n0 S 400000,4,80412000\n"
             "0 W 0x8000200000080020\n0 S 400000,4,80abc000\n"
             "0 W 0x8000100000080010\n0 L 400000,4,80412000\n"
             "0 W 0\n0 I 80000004,4,80000004\n",
      "map start=0x80000000 length=0x1000 prot=r-x shared use=mapped offset=0x80000000 name=\"physical memory\"\n"
      "place va=0x80000000 pa=0x80000000\n"
      "fetch va=0x80000000 size=4\n"
      "process id=65536\n"
      "thread id=65537\n"
      "map start=0x400000 length=0x1000 prot=rw- shared use=mapped offset=0x80412000 name=\"physical memory\"\n"
      "place va=0x400000 pa=0x80412000\n"
      "store va=0x400000 size=4\n"
      "process id=131072\n"
      "thread id=131073\n"
      "map start=0x400000 length=0x1000 prot=rw- shared use=mapped offset=0x80abc000 name=\"physical memory\"\n"
      "place va=0x400000 pa=0x80abc000\n"
      "store va=0x400000 size=4\n"
      "thread id=65537\n"
      "load va=0x400000 size=4\n"
      "thread id=1\n"
      "fetch va=0x80000004 size=4\n");
}

static void trace_that_the_plug_in_cut_is_cut(void **state) {
  static const char text[] = USER FETCH "# cut: the limit of bytes was reached\n";
  capture_result result;
  char *trace = imported(state, "qemu", text, strlen(text), NULL, &result);
  assert_true(result.cut);
  assert_non_null(strstr(trace, "\ncut: 1\n"));
  free(trace);
}

static void malformed_lines_are_told(void **state) {
  static const struct {
    const char *line, *expected;
  } wrong[] = {{"hello", "expected a line of the plug-in for QEMU"},
               {"0", "expected a line of the plug-in for QEMU"},
               {"0 Q", "found `0 Q`"},
               {"0 I", "found `0 I`"},
               {"0 I 10000", "an access `VA,SIZE[,PA]`"},
               {"0 I 10000,", "an access `VA,SIZE[,PA]`"},
               {"0 I 10000,65", "of 1 to 64 bytes"},
               {"0 I 1000x,4", "an access"},
               {"0 L 12345678901234567,4", "an access"},
               {"0 L 10000,4,", "a physical address"},
               {"0 L 10000,4,80000000 ", "found `10000,4,80000000 `"},
               {"0 L 10000,4,80000004", "the same place in the page"},
               {"0 L ffffffffffffffff,4", "wraps around"},
               {"0 L 10000,4,ffffffffffff0000", "at most 56 bits"},
               {"99999 I 10000,4", "a processor below 4096"},
               {"0 C", "found `0 C`"},
               {"0 C x", "a system call's number"},
               {"0 C 64 y", "a system call's arguments"},
               {"0 C 64 1 2 3 4 5 6 7", "at most six arguments"},
               {"0 R 64", "number and result"},
               {"0 F", "found `0 F`"},
               {"0 F fence", "a fence (`sfence.vma rs1=15 rs2=0`)"},
               {"0 F sfence.vma rs1=x", "a fence"},
               {"0 F sfence.vma rs1=1 rs2=1 va=0 asid=65536", "a fence"},
               {"0 W x", "a value of satp"},
               {"0 W 0x8000000000000000 1", "a value of satp"},
               {"300 F sfence.vma rs1=0 rs2=0", "at most 256 harts"},
               {"# twinwalk qemu 2 riscv64 user", "`# twinwalk qemu 1 riscv64 user`"},
               {"# twinwalk qemu 1 arm user", "`# twinwalk qemu 1 riscv64 user`"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char text[128];
    snprintf(text, sizeof text, FETCH "%s\n", wrong[i].line);
    refused_text(state, "qemu", text, "/refused:2: ");
    refused_text(state, "qemu", text, wrong[i].expected);
  }
  refused_text(state, "qemu", USER, "no access in it: expected text of the plug-in for QEMU");
}

static void breaks_where_no_heap_can_end_are_told(void **state) {
  static const char zero[] = USER FETCH "0 C 214 0x0\n0 R 214 0x0\n0 I 10004,4\n";
  capture_result result;
  refused_text(state, "qemu", zero, "/refused:5: expected a break at which a heap can end, found 0x0");
  refused_text(state, "qemu", FETCH "0 C 214 0x0\n0 R 214 0x20000\n0 C 214 0x1f000\n0 R 214 0x1f000\n",
               "/refused:5: expected a break from 0x20000 on, where the heap begins, found 0x1f000");
  char *trace = imported(state, "qemu", zero, strlen(zero), &(capture_options){.keep_going = true}, &result);
  assert_true(result.left_out == 1 && result.accesses == 2);
  assert_null(strstr(trace, "break"));
  free(trace);
}

static void last_page_of_all_addresses_is_told(void **state) {
  refused_text(state, "qemu", SYSTEM "0 S 400000,4,80412000\n0 S fffffffffffff008,4,80413008\n",
               "/refused:4: expected addresses below 0xfffffffffffff000, found 0xfffffffffffff00b");
  refused_text(state, "qemu",
               FETCH "0 C 222 0x0 0x1000 0x3 0x22 0x0 0x0\n0 R 222 0xffffffffffff000\n"
                     "0 C 222 0x0 0x2000 0x3 0x22 0x0 0x0\n0 R 222 0xffffffffffffe000\n",
               "/refused:5: expected a region that ends below 2^64, found 0x2000 bytes at 0xffffffffffffe000");
}

static void calls_that_cannot_be_are_told(void **state) {
  refused_text(state, "qemu", FETCH "0 C 64 0x1\n0 R 63 0x0\n", "/refused:3: expected the result of system call 64");
  refused_text(state, "qemu", FETCH "0 C 222 0x0 0x1000 0x3 0x22 0x0 0x0\n0 R 222 0x123\n",
               "/refused:3: expected `start` and `length` in multiples of 4096");
  refused_text(state, "qemu", FETCH "0 C 222 0x0 0xfffffffffffff000 0x3 0x22 0x0 0x0\n0 R 222 0x2000\n",
               "/refused:3: expected a region that ends at 2^64 at most");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accesses_become_records),
      cmocka_unit_test(system_calls_change_the_map),
      cmocka_unit_test(other_calls_read_and_write_what_they_are_known_to),
      cmocka_unit_test(addresses_of_32_bits_have_no_sign_and_offsets_count_pages),
      cmocka_unit_test(threads_take_turns_and_end),
      cmocka_unit_test(number_that_is_given_again_is_another_threads),
      cmocka_unit_test(threads_that_outlive_their_process_are_left_out),
      cmocka_unit_test(child_of_a_fork_is_announced_and_its_file_follows),
      cmocka_unit_test(pairs_become_places_and_moved_pages_maps),
      cmocka_unit_test(machine_has_the_frames_that_were_seen_and_some_of_its_own_below),
      cmocka_unit_test(frames_of_its_own_are_main_memory_where_they_fit),
      cmocka_unit_test(pair_that_contradicts_is_told_with_both),
      cmocka_unit_test(fence_of_a_known_page_lets_that_page_move_alone),
      cmocka_unit_test(untranslated_accesses_contradict_nothing),
      cmocka_unit_test(fences_are_known_as_far_as_their_operands_are),
      cmocka_unit_test(known_values_of_satp_make_processes),
      cmocka_unit_test(trace_that_the_plug_in_cut_is_cut),
      cmocka_unit_test(malformed_lines_are_told),
      cmocka_unit_test(breaks_where_no_heap_can_end_are_told),
      cmocka_unit_test(last_page_of_all_addresses_is_told),
      cmocka_unit_test(calls_that_cannot_be_are_told),
  };
  return cmocka_run_group_tests_name("import_qemu", tests, files_setup, files_teardown);
}
