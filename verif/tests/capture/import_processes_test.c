/* Lackey logs of several processes and programs, written by hand, and the traces they must become.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"
#include "imported.h"

#define STACK64 "map start=0x1ffefe0000 length=0x21000 prot=rw- grows-down use=stack\n"

static void child_in_the_same_log_is_told_from_its_parent(void **state) {
  imported_as(
      state, "lackey",
      "==7== Command: prog\n"
      "I  00108000,4\n"
      "SYSCALL[7,1](56) sys_clone ( 1200011, 0x0, 0x0, 0x4a2ca10, 0x0 )   clone(fork): process 7 created child 9\n"
      " --> [pre-success] Success(0x9) \n"
      "I  00108004,4\n"
      " --> [pre-success] Success(0x0) \n"
      "I  00108008,4\n"
      "SYSCALL[9,1](273) sys_set_robust_list ( 0x4a2ca20, 24 )[sync] --> Success(0x0) \n"
      "SYSCALL[7,1](61) sys_wait4 ( 9, 0x1fff0004cc, 0, 0x0 ) --> [async] ... \n"
      "SYSCALL[9,1](11) sys_munmap ( 0x4835000, 4096 )[sync] --> Success(0x0) \n"
      "SYSCALL[9,1](231) exit_group( 0 ) --> [pre-success] Success(0x0) \n"
      "==9== \n"
      "SYSCALL[7,1](61) ... [async] --> Success(0x9) \n"
      "I  0010800c,4\n"
      "SYSCALL[7,1](231) exit_group( 0 ) --> [pre-success] Success(0x0) \n"
      "==7== \n",
      "map start=0x108000 length=0x1000 prot=r-x use=code\n"
      "fetch va=0x108000 size=4\n"
      "fork id=65536\n"
      "fetch va=0x108004 size=4\n"
      "thread id=65537\n"
      "fetch va=0x108008 size=4\n"
      "call number=273\n"
      "unmap start=0x4835000 length=0x1000\n"
      "exit id=65536\n"
      "thread id=1\n"
      "call number=61 writes=0x1fff0004cc writes-length=4\n"
      "fetch va=0x10800c size=4\n"
      "exit id=0\n");
}

static void child_may_be_heard_of_before_its_parent_goes_on(void **state) {
  imported_as(
      state, "lackey",
      "I  00108000,4\n"
      "SYSCALL[7,1](56) sys_clone ( 1200011, 0x0, 0x0, 0x4a2ca10, 0x0 )   clone(fork): process 7 created child 9\n"
      " --> [pre-success] Success(0x0) \n"
      "I  00108004,4\n"
      " --> [pre-success] Success(0x9) --7--   SCHED[1]: releasing lock (VG_(vg_yield)) -> VgTs_Yielding\n"
      "I  00108008,4\n",
      "map start=0x108000 length=0x1000 prot=r-x use=code\n"
      "fetch va=0x108000 size=4\n"
      "fork id=65536\n"
      "thread id=65537\n"
      "fetch va=0x108004 size=4\n"
      "thread id=1\n"
      "fetch va=0x108008 size=4\n");
}

static void what_a_child_touches_was_there_before_the_fork(void **state) {
  imported_as(state, "lackey",
              "I  00108000,4\n"
              "SYSCALL[7,1](57) sys_fork ( )   fork: process 7 created child 9\n"
              " --> [pre-success] Success(0x0) \n"
              "I  00208000,4\n",
              "map start=0x108000 length=0x1000 prot=r-x use=code\n"
              "map start=0x208000 length=0x1000 prot=r-x use=code\n"
              "fetch va=0x108000 size=4\n"
              "fork id=65536\n"
              "thread id=65537\n"
              "fetch va=0x208000 size=4\n");
}

static void program_that_is_executed_has_a_map_of_its_own(void **state) {
  imported_as(state, "lackey",
              "==7== Command: first\n"
              "I  00108000,4\n"
              " S 1fff000618,8\n"
              "SYSCALL[7,1](59) sys_execve ( 0x109000(/bin/second), 0x0, 0x0 ) \n"
              "==7== Command: second\n"
              "I  00208000,4\n"
              " S 2fff000618,8\n",
              "map start=0x108000 length=0x1000 prot=r-x use=code\n" STACK64 "fetch va=0x108000 size=4\n"
              "store va=0x1fff000618 size=8\n"
              "exec name=\"second\"\n"
              "map start=0x208000 length=0x1000 prot=r-x use=code\n"
              "map start=0x2ffefe0000 length=0x21000 prot=rw- grows-down use=stack\n"
              "fetch va=0x208000 size=4\n"
              "store va=0x2fff000618 size=8\n");
}

static void program_that_is_executed_and_not_traced_ends_the_map(void **state) {
  imported_as(state, "lackey",
              "I  00108000,4\n"
              "SYSCALL[7,1](59) sys_execve ( 0x109000(/bin/second), 0x0, 0x0 ) --> [async] ... \n"
              "SYSCALL[7,1](59) ... [async] --> Failure(0x2) \n"
              "SYSCALL[7,1](59) sys_execve ( 0x109000(/bin/other), 0x0, 0x0 ) \n",
              "map start=0x108000 length=0x1000 prot=r-x use=code\n"
              "fetch va=0x108000 size=4\n"
              "call number=59\n"
              "exec name=\"/bin/other\"\n");
}

static void child_of_a_file_of_its_own_follows_its_parent(void **state) {
  char *parent = files_path(*state, "log.7"), *child = files_path(*state, "log.9"), *to = files_path(*state, "t.twt");
  const char *const files[] = {parent, child};
  static const char parents[] = "==7== Command: prog\n"
                                "I  00108000,4\n"
                                "SYSCALL[7,1](57) sys_fork ( )   fork: process 7 created child 9\n"
                                " --> [pre-success] Success(0x9) \n"
                                "I  00108004,4\n"
                                "SYSCALL[7,1](231) exit_group( 0 ) --> [pre-success] Success(0x0) \n",
                    childs[] = "==9== Command: prog\n"
                               "I  00108008,4\n"
                               "SYSCALL[9,1](231) exit_group( 0 ) --> [pre-success] Success(0x0) \n";
  capture_options options = {.output = to, .form = TW_TRACE_TEXT};
  capture_result result;
  tw_error error = {0};
  files_write(parent, parents, strlen(parents));
  files_write(child, childs, strlen(childs));
  if (!capture_import("lackey", files, 2, &options, &result, &error)) fail_msg("%s", error.text);
  char *text = files_read(to);
  assert_non_null(strstr(text, "\ninterleaving: children-last\n"));
  assert_non_null(strstr(text, "fork id=65536\n"
                               "fetch va=0x108004 size=4\n"
                               "exit id=0\n"
                               "thread id=65537\n"
                               "fetch va=0x108008 size=4\n"
                               "exit id=65536\n"));
  free(text);
  const char *const wrong[] = {child, parent};
  assert_false(capture_import("lackey", wrong, 2, &options, &result, &error));
  assert_non_null(strstr(error.text, "log.7: whose is it?"));
  free(parent);
  free(child);
  free(to);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(child_in_the_same_log_is_told_from_its_parent),
      cmocka_unit_test(child_may_be_heard_of_before_its_parent_goes_on),
      cmocka_unit_test(what_a_child_touches_was_there_before_the_fork),
      cmocka_unit_test(program_that_is_executed_has_a_map_of_its_own),
      cmocka_unit_test(program_that_is_executed_and_not_traced_ends_the_map),
      cmocka_unit_test(child_of_a_file_of_its_own_follows_its_parent),
  };
  return cmocka_run_group_tests_name("import_processes", tests, files_setup, files_teardown);
}
