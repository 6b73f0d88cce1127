/* What a static RISC-V program needs of Linux without a C library: an entry point and a few system calls. For programs
 * of one file; their numbers are the same in 32 and 64 bits.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PROGRAM_LINUX_H
#define TWINWALK_PROGRAM_LINUX_H

#include <stddef.h>
#include <stdint.h>

enum {
  CALL_WRITE = 64,
  CALL_EXIT = 94,
  CALL_WAIT = 95,
  CALL_BRK = 214,
  CALL_MUNMAP = 215,
  CALL_CLONE = 220,
  CALL_MMAP = 222,
  CALL_MPROTECT = 226
};
enum { PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20, SIGNAL_CHILD = 17 };
enum { WAIT_FOR_ID = 1, WAIT_EXITED = 4 };

static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = e, a5 __asm__("a5") = f, a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
  return a0;
}

/* Begins with a store to the stack, as compiled programs do. */
__asm__(".globl _start\n"
        "_start:\n"
        ".option push\n"
        ".option norelax\n"
        "  lla gp, __global_pointer$\n"
        ".option pop\n"
        "  mv a0, sp\n"
        "  andi sp, sp, -16\n"
        "  addi sp, sp, -16\n"
        "  sw zero, 0(sp)\n"
        "  call begin\n");

int main(void);
void begin(void);

void begin(void) {
  call(CALL_EXIT, main(), 0, 0, 0, 0, 0);
  __builtin_unreachable();
}

static inline void print(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  call(CALL_WRITE, 1, (long)text, (long)length, 0, 0, 0);
}

/* A line with a name and a number in hexadecimal. */
static inline void print_number(const char *name, unsigned long number) {
  char line[64], digits[20];
  size_t length = 0, count = 0;
  for (; name[length] && length < 32; length++) line[length] = name[length];
  line[length++] = ' ';
  do digits[count++] = "0123456789abcdef"[number & 15];
  while (number >>= 4);
  line[length++] = '0';
  line[length++] = 'x';
  while (count) line[length++] = digits[--count];
  line[length++] = '\n';
  call(CALL_WRITE, 1, (long)line, (long)length, 0, 0, 0);
}

static inline void *map_pages(size_t bytes) {
  return (void *)call(CALL_MMAP, 0, (long)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

#endif
