/* Lackey logs written by hand, one for every trap of the format, and the traces they must become.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "files.h"

#define HEAD "==7== Lackey, an example Valgrind tool\n==7== Command: prog arg\n==7== Parent PID: 1\n==7== \n"
#define STACK64 "map start=0x1ffefe0000 length=0x21000 prot=rw- grows-down use=stack\n"

/* Imports a log and returns the records of the trace; the caller frees them. */
static char *import(void **state, const char *log, const capture_options *how, capture_result *result) {
  char *from = files_path(*state, "log"), *to = files_path(*state, "trace.twt");
  capture_options options = how ? *how : (capture_options){0};
  tw_error error = {0};
  options.output = to;
  options.form = TW_TRACE_TEXT;
  files_write(from, log, strlen(log));
  const char *const files[] = {from};
  if (!capture_import("lackey", files, 1, &options, result, &error)) fail_msg("%s", error.text);
  char *text = files_read(to);
  free(from);
  free(to);
  return text;
}

/* The records of a log's trace must be these. */
static void expect(void **state, const char *log, const char *records) {
  capture_result result;
  char *text = import(state, log, NULL, &result);
  char *body = strstr(text, "---\n");
  assert_non_null(body);
  char *end = strstr(body, "end ");
  assert_non_null(end);
  *end = 0;
  assert_string_equal(body + 4, records);
  free(text);
}

static void accesses_become_records_and_a_modify_becomes_two(void **state) {
  expect(state,
         HEAD "I  04001000,3\n"
              " S 1fff000618,8\n"
              "I  04001003,5\n"
              " L 04001ff0,4\n"
              "I  04001008,7\n"
              " M 1fff000610,1\n",
         "map start=0x4001000 length=0x1000 prot=r-x use=code\n" STACK64 "fetch va=0x4001000 size=3\n"
         "store va=0x1fff000618 size=8\n"
         "fetch va=0x4001003 size=5\n"
         "load va=0x4001ff0 size=4\n"
         "fetch va=0x4001008 size=7\n"
         "load va=0x1fff000610 size=1\n"
         "store va=0x1fff000610 size=1\n");
}

static void touched_pages_become_runs_with_the_rights_they_need(void **state) {
  expect(state,
         "I  00108ffe,4\n"
         " S 1fff000618,8\n"
         " L 0010a000,4\n"
         " L 0010b000,4\n"
         " S 0010c000,4\n"
         " L 0010d000,4\n"
         " S 0010d000,4\n"
         " L 00200000,4\n"
         " S 1ffefd0000,4\n",
         "map start=0x108000 length=0x2000 prot=r-x use=code\n"
         "map start=0x10a000 length=0x2000 prot=r-- use=rodata\n"
         "map start=0x10c000 length=0x2000 prot=rw- use=data\n"
         "map start=0x200000 length=0x1000 prot=r-- use=rodata\n" STACK64 "fetch va=0x108ffe size=4\n"
         "store va=0x1fff000618 size=8\n"
         "load va=0x10a000 size=4\n"
         "load va=0x10b000 size=4\n"
         "store va=0x10c000 size=4\n"
         "load va=0x10d000 size=4\n"
         "store va=0x10d000 size=4\n"
         "load va=0x200000 size=4\n"
         "store va=0x1ffefd0000 size=4\n");
}

static void pages_that_were_mapped_first_are_not_part_of_the_initial_map(void **state) {
  expect(state,
         "I  00108000,4\n"
         "SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x4835000) \n"
         " S 04835000,8\n"
         "SYSCALL[7,1](11) sys_munmap ( 0x4835000, 4097 )[sync] --> Success(0x0) \n"
         "SYSCALL[7,1](10) sys_mprotect ( 0x108000, 100, 1 )[sync] --> Success(0x0) \n",
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "map start=0x4835000 length=0x2000 prot=rw- use=mapped\n"
         "store va=0x4835000 size=8\n"
         "unmap start=0x4835000 length=0x2000\n"
         "protect start=0x108000 length=0x1000 prot=r--\n");
}

static void failed_calls_change_nothing(void **state) {
  expect(state,
         "I  00108000,4\n"
         "SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-fail] Failure(0xc) \n"
         "SYSCALL[7,1](11) sys_munmap ( 0x4835000, 8192 )[sync] --> Failure(0x16) \n"
         "SYSCALL[7,1](15) sys_rt_sigreturn ( ) --> [pre-success] NoWriteResult \n",
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "call number=9\n"
         "call number=11\n"
         "call number=15\n");
}

static void mapped_files_have_their_names_and_libraries_their_zeros(void **state) {
  expect(state,
         "I  00108000,4\n"
         "SYSCALL[7,1](257) sys_openat ( 4294967196, 0x4835540(/lib/a b(1).so), 524288 ) --> [async] ... \n"
         "SYSCALL[7,1](257) ... [async] --> Success(0x4) \n"
         "SYSCALL[7,1](9) sys_mmap ( 0x0, 8000, 5, 2, 4, 4096 ) --> [pre-success] Success(0x484a000) \n"
         "SYSCALL[7,1](9) sys_mmap ( 0x484c000, 4096, 3, 50, 4294967295, 0 ) --> [pre-success] Success(0x484c000) \n"
         "SYSCALL[7,1](3) sys_close ( 4 )[sync] --> Success(0x0) \n"
         "SYSCALL[7,1](9) sys_mmap ( 0x0, 4096, 1, 1, 4, 0 ) --> [pre-success] Success(0x484e000) \n"
         "SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 0, 131106, 4294967295, 0 ) --> [pre-success] Success(0x4850000) \n",
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "call number=257 reads=0x4835540 reads-length=15\n"
         "map start=0x484a000 length=0x2000 prot=r-x use=file offset=0x1000 name=\"/lib/a b(1).so\"\n"
         "map start=0x484c000 length=0x1000 prot=rw- use=bss\n"
         "call number=3\n"
         "map start=0x484e000 length=0x1000 prot=r-- shared use=file\n"
         "map start=0x4850000 length=0x2000 prot=--- use=stack\n");
}

static void mmap2_counts_its_offset_in_pages(void **state) {
  expect(state,
         "I  08048000,4\n"
         "SYSCALL[7,1](192) sys_mmap2 ( 0x0, 4096, 1, 2, 3, 5 ) --> [pre-success] Success(0x4835000) \n",
         "map start=0x8048000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x8048000 size=4\n"
         "map start=0x4835000 length=0x1000 prot=r-- use=file offset=0x5000\n");
}

static void break_gives_the_heap_and_its_pages_are_not_inferred(void **state) {
  expect(state,
         "I  00108000,4\n"
         "SYSCALL[7,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x4035000) \n"
         "SYSCALL[7,1](12) sys_brk ( 0x4056000 ) --> [pre-success] Success(0x4056000) \n"
         " L 04035000,8\n",
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "break end=0x4035000\n"
         "break end=0x4056000\n"
         "load va=0x4035000 size=8\n");
}

static void mremap_grows_in_place_moves_and_shrinks(void **state) {
  expect(state,
         "I  00108000,4\n"
         "SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x4835000) \n"
         "SYSCALL[7,1](25) sys_mremap ( 0x4835000, 8192, 16384, 0x1 ) --> [pre-success] Success(0x4835000) \n"
         "SYSCALL[7,1](25) sys_mremap ( 0x4835000, 16384, 20480, 0x1 ) --> [pre-success] Success(0x4900000) \n"
         "SYSCALL[7,1](25) sys_mremap ( 0x4900000, 20480, 4096, 0x0 ) --> [pre-success] Success(0x4900000) \n",
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "map start=0x4835000 length=0x2000 prot=rw- use=mapped\n"
         "map start=0x4837000 length=0x2000 prot=rw- use=mapped\n"
         "unmap start=0x4835000 length=0x4000\n"
         "map start=0x4900000 length=0x5000 prot=rw- use=mapped\n"
         "unmap start=0x4901000 length=0x4000\n");
}

static void access_glued_to_a_clone_line_is_read(void **state) {
  expect(state,
         "I  00108000,4\n"
         "SYSCALL[7,1](56) sys_clone ( 3d0f00, 0x522ef70, 0x522f990, 0x522f990, 0x522f6c0 ) --> [pre-success] "
         "Success(0xa95) I  00108004,3\n"
         "SYSCALL[7,2](273) sys_set_robust_list ( 0x522f9a0, 24 )[sync] --> Success(0x0) \n"
         "I  00108008,3\n"
         "SYSCALL[7,2](60) exit( 0 ) --> [pre-success] Success(0x0) \n"
         "\n"
         "SYSCALL[7,1](56) sys_clone ( 3d0f00, 0x522ef70, 0x522f990, 0x522f990, 0x522f6c0 ) --> [pre-success] "
         "Success(0xa96)  L 00108004,3\n",
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "call number=56\n"
         "fetch va=0x108004 size=3\n"
         "thread id=2\n"
         "call number=273\n"
         "fetch va=0x108008 size=3\n"
         "exit id=2\n"
         "thread id=1\n"
         "call number=56\n"
         "load va=0x108004 size=3\n");
}

static void results_of_calls_of_two_threads_may_cross(void **state) {
  expect(state,
         "I  00108000,4\n"
         "SYSCALL[7,1](9) sys_mmap ( 0x0, 4096, 3, 34, 4294967295, 0 ) --> [async] ... \n"
         "SYSCALL[7,2](11) sys_munmap ( 0x5000000, 4096 ) --> [async] ... \n"
         "SYSCALL[7,1](9) ... [async] --> Success(0x4835000) \n"
         "SYSCALL[7,2](11) ... [async] --> Success(0x0) \n",
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "map start=0x4835000 length=0x1000 prot=rw- use=mapped\n"
         "thread id=2\n"
         "unmap start=0x5000000 length=0x1000\n");
}

static void scheduler_lines_say_whose_accesses_follow(void **state) {
  expect(state,
         "==7== \n"
         "--7--   SCHED[1]:  acquired lock (thread_wrapper(starting new thread))\n"
         "--7--   SCHED[1]: entering VG_(scheduler)\n"
         "I  00108000,4\n"
         "--7--   SCHED[1]: releasing lock (VG_(vg_yield)) -> VgTs_Yielding\n"
         "--7--   SCHED[3]:  acquired lock (VG_(vg_yield))\n"
         "I  00108004,4\n"
         "--7-- some other message\n"
         "--7--   SCHED[1]:  acquired lock (VG_(vg_yield))\n"
         "I  00108008,4\n",
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "thread id=3\n"
         "fetch va=0x108004 size=4\n"
         "thread id=1\n"
         "fetch va=0x108008 size=4\n");
}

static void unimplemented_call_and_blank_lines_are_passed_over(void **state) {
  expect(state,
         "I  00108000,4\n"
         "SYSCALL[7,1](334) unimplemented (by the kernel) syscall: 334! (ni_syscall)\n"
         " --> [pre-fail] Failure(0x26) \n"
         "\n"
         "   \n"
         "I  00108004,4\n",
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "call number=334\n"
         "fetch va=0x108004 size=4\n");
}

static void what_cannot_be_taken_is_left_out_and_counted(void **state) {
  capture_result result;
  char *text = import(state, "I  00108000,4\nnonsense\n L 0010800x,4\n L 00108000,4\n",
                      &(capture_options){.keep_going = true}, &result);
  assert_true(result.left_out == 2 && result.accesses == 2);
  assert_non_null(strstr(result.first_left, "/log:2: expected a line of Valgrind's lackey"));
  assert_non_null(strstr(text, "\nleft-out: 2\n"));
  free(text);
}

static void null_pointer_and_signal_give_no_region(void **state) {
  expect(state,
         "I  00108000,4\n"
         " S 0000fff8,8\n"
         "SCHEDSETJMP(line 1034) tid 1, jumped=1476725570\n"
         " L 00010000,8\n",
         "map start=0x10000 length=0x1000 prot=r-- use=rodata\n"
         "map start=0x108000 length=0x1000 prot=r-x use=code\n"
         "fetch va=0x108000 size=4\n"
         "store va=0xfff8 size=8\n"
         "load va=0x10000 size=8\n");
}

static void large_access_comes_in_parts_of_64_bytes(void **state) {
  expect(state, " L 00108000,136\n",
         "map start=0x108000 length=0x1000 prot=r-- use=rodata\n"
         "load va=0x108000 size=64\n"
         "load va=0x108040 size=64\n"
         "load va=0x108080 size=8\n");
}

static void last_line_needs_no_newline(void **state) {
  expect(state, " L 00108000,8",
         "map start=0x108000 length=0x1000 prot=r-- use=rodata\n"
         "load va=0x108000 size=8\n");
}

static void width_is_that_of_the_addresses_unless_it_is_given(void **state) {
  capture_result result;
  char *text = import(state, HEAD " L fffff000,4\n", NULL, &result);
  assert_non_null(strstr(text, "\nbits: 32\n"));
  assert_non_null(strstr(text, "\nprogram: prog\n"));
  assert_non_null(strstr(text, "\ncommand: prog arg\n"));
  assert_non_null(strstr(text, "\ninterleaving: none\n"));
  free(text);
  text = import(state, HEAD " L fffff000,4\n", &(capture_options){.bits = 64, .name = "other"}, &result);
  assert_non_null(strstr(text, "\nbits: 64\n"));
  assert_non_null(strstr(text, "\nprogram: other\n"));
  free(text);
  text = import(state, HEAD " L fffffffe,4\n", NULL, &result);
  assert_non_null(strstr(text, "\nbits: 64\n"));
  free(text);
}

static void limit_cuts_and_says_so(void **state) {
  capture_result result;
  char *text =
      import(state, "I  00108000,4\n L 00108000,4\n S 1fff000000,4\n", &(capture_options){.limit = 2}, &result);
  assert_true(result.cut);
  assert_true(result.accesses == 2 && result.pages == 1 && result.regions == 1);
  assert_non_null(strstr(text, "\ncut: 2\n"));
  assert_null(strstr(text, "stack"));
  free(text);
  text = import(state, "I  00108000,4\n L 00108000,4\n", &(capture_options){.limit = 3}, &result);
  assert_false(result.cut);
  assert_null(strstr(text, "\ncut:"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accesses_become_records_and_a_modify_becomes_two),
      cmocka_unit_test(touched_pages_become_runs_with_the_rights_they_need),
      cmocka_unit_test(pages_that_were_mapped_first_are_not_part_of_the_initial_map),
      cmocka_unit_test(failed_calls_change_nothing),
      cmocka_unit_test(mapped_files_have_their_names_and_libraries_their_zeros),
      cmocka_unit_test(mmap2_counts_its_offset_in_pages),
      cmocka_unit_test(break_gives_the_heap_and_its_pages_are_not_inferred),
      cmocka_unit_test(mremap_grows_in_place_moves_and_shrinks),
      cmocka_unit_test(access_glued_to_a_clone_line_is_read),
      cmocka_unit_test(results_of_calls_of_two_threads_may_cross),
      cmocka_unit_test(scheduler_lines_say_whose_accesses_follow),
      cmocka_unit_test(unimplemented_call_and_blank_lines_are_passed_over),
      cmocka_unit_test(what_cannot_be_taken_is_left_out_and_counted),
      cmocka_unit_test(null_pointer_and_signal_give_no_region),
      cmocka_unit_test(large_access_comes_in_parts_of_64_bytes),
      cmocka_unit_test(last_line_needs_no_newline),
      cmocka_unit_test(width_is_that_of_the_addresses_unless_it_is_given),
      cmocka_unit_test(limit_cuts_and_says_so),
  };
  return cmocka_run_group_tests_name("import", tests, files_setup, files_teardown);
}
