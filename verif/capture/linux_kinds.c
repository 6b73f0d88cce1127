/* The system calls of Linux of which something is known: a table.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "linux_calls.h"

#define BYTES(argument, amount)                                                                                        \
  { LENGTH_BYTES, argument, amount, 0 }
#define WORDS(argument, amount)                                                                                        \
  { LENGTH_WORDS, argument, amount, 0 }
#define RESULT(argument)                                                                                               \
  { LENGTH_RESULT, argument, 0, 0 }
#define PATH(argument)                                                                                                 \
  { LENGTH_PATH, argument, 0, 0 }
#define NOTHING                                                                                                        \
  { LENGTH_NONE, 0, 0, 0 }
#define STAT(argument)                                                                                                 \
  { LENGTH_BYTES, argument, 128, 144 }

static const linux_kind UNKNOWN = {"", 0, LINUX_NONE, NOTHING, NOTHING};

static const linux_kind KINDS[] = {
    {"mmap", 222, LINUX_MMAP, NOTHING, NOTHING},
    {"mmap2", 0, LINUX_MMAP2, NOTHING, NOTHING},
    {"munmap", 215, LINUX_MUNMAP, NOTHING, NOTHING},
    {"mremap", 216, LINUX_MREMAP, NOTHING, NOTHING},
    {"mprotect", 226, LINUX_MPROTECT, NOTHING, NOTHING},
    {"madvise", 233, LINUX_MADVISE, NOTHING, NOTHING},
    {"brk", 214, LINUX_BREAK, NOTHING, NOTHING},
    {"openat", 56, LINUX_OPEN, PATH(1), NOTHING},
    {"open", 0, LINUX_OPEN, PATH(0), NOTHING},
    {"close", 57, LINUX_CLOSE, NOTHING, NOTHING},
    {"clone", 220, LINUX_CLONE, NOTHING, NOTHING},
    {"clone3", 435, LINUX_NONE, NOTHING, NOTHING},
    {"fork", 0, LINUX_FORK, NOTHING, NOTHING},
    {"vfork", 0, LINUX_FORK, NOTHING, NOTHING},
    {"execve", 221, LINUX_EXEC, PATH(0), NOTHING},
    {"exit", 93, LINUX_EXIT, NOTHING, NOTHING},
    {"exit_group", 94, LINUX_EXIT_GROUP, NOTHING, NOTHING},
    {"read", 63, LINUX_NONE, NOTHING, RESULT(1)},
    {"write", 64, LINUX_NONE, RESULT(1), NOTHING},
    {"pread64", 67, LINUX_NONE, NOTHING, RESULT(1)},
    {"pwrite64", 68, LINUX_NONE, RESULT(1), NOTHING},
    {"recvfrom", 207, LINUX_NONE, NOTHING, RESULT(1)},
    {"sendto", 206, LINUX_NONE, RESULT(1), NOTHING},
    {"getrandom", 278, LINUX_NONE, NOTHING, RESULT(0)},
    {"getcwd", 17, LINUX_NONE, NOTHING, RESULT(0)},
    {"getdents64", 61, LINUX_NONE, NOTHING, RESULT(1)},
    {"readlinkat", 78, LINUX_NONE, PATH(1), RESULT(2)},
    {"readlink", 0, LINUX_NONE, PATH(0), RESULT(1)},
    {"sched_getaffinity", 123, LINUX_NONE, NOTHING, RESULT(2)},
    {"access", 0, LINUX_NONE, PATH(0), NOTHING},
    {"faccessat", 48, LINUX_NONE, PATH(1), NOTHING},
    {"newfstatat", 79, LINUX_NONE, PATH(1), STAT(2)},
    {"newstat", 0, LINUX_NONE, PATH(0), STAT(1)},
    {"newfstat", 80, LINUX_NONE, NOTHING, STAT(1)},
    {"statx", 291, LINUX_NONE, PATH(1), BYTES(4, 256)},
    {"newuname", 160, LINUX_NONE, NOTHING, BYTES(0, 390)},
    {"prlimit64", 261, LINUX_NONE, BYTES(2, 16), BYTES(3, 16)},
    {"pipe2", 59, LINUX_NONE, NOTHING, BYTES(0, 8)},
    {"pipe", 0, LINUX_NONE, NOTHING, BYTES(0, 8)},
    {"wait4", 260, LINUX_NONE, NOTHING, BYTES(1, 4)},
    {"futex", 98, LINUX_NONE, BYTES(0, 4), NOTHING},
    {"rt_sigprocmask", 135, LINUX_NONE, BYTES(1, 8), BYTES(2, 8)},
    {"clock_gettime", 113, LINUX_NONE, NOTHING, WORDS(1, 2)},
    {"clock_gettime64", 403, LINUX_NONE, NOTHING, BYTES(1, 16)},
    {"gettimeofday", 169, LINUX_NONE, NOTHING, WORDS(0, 2)},
    {"nanosleep", 101, LINUX_NONE, WORDS(0, 2), NOTHING},
    {"clock_nanosleep", 115, LINUX_NONE, WORDS(2, 2), NOTHING},
};

const linux_kind *linux_kind_named(const char *name) {
  if (strncmp(name, "sys_", 4) == 0) name += 4;
  for (size_t i = 0; *name && i < sizeof KINDS / sizeof *KINDS; i++) {
    if (strcmp(KINDS[i].name, name) == 0) return &KINDS[i];
  }
  return &UNKNOWN;
}

const linux_kind *linux_kind_numbered(uint64_t number) {
  for (size_t i = 0; number && i < sizeof KINDS / sizeof *KINDS; i++) {
    if (KINDS[i].number == number) return &KINDS[i];
  }
  return &UNKNOWN;
}
