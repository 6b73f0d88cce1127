/* Two threads in one address space, each with a stack of its own, add up numbers and count themselves out with an
 * atomic addition; the first thread waits for both. A program to be traced.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "linux.h"

#define WORKERS 2u
#define STACK_BYTES 16384u
#define NUMBERS 2000u

enum { CALL_EXIT_THREAD = 93, CALL_FUTEX = 98, FUTEX_WAIT = 0, FUTEX_WAKE = 1 };
enum { THREAD_FLAGS = 0x50f00 }; /* CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM: what QEMU takes for a thread */

static volatile unsigned finished, sums[WORKERS], next;

_Noreturn void work(void);

/* A thread begins here, on an empty stack. */
_Noreturn void work(void) {
  volatile unsigned numbers[NUMBERS];
  unsigned self = __atomic_fetch_add(&next, 1, __ATOMIC_SEQ_CST), sum = 0;
  for (unsigned i = 0; i < NUMBERS; i++) numbers[i] = i + self;
  for (unsigned i = 0; i < NUMBERS; i++) sum += numbers[i];
  sums[self] = sum;
  __atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
  call(CALL_FUTEX, (long)&finished, FUTEX_WAKE, 1, 0, 0, 0);
  call(CALL_EXIT_THREAD, 0, 0, 0, 0, 0, 0);
  __builtin_unreachable();
}

/* Clones; the child goes to `work` without touching the stack of its parent. */
static long begin_thread(char *stack_end) {
  register long a0 __asm__("a0") = THREAD_FLAGS, a1 __asm__("a1") = (long)stack_end;
  register long a2 __asm__("a2") = 0, a3 __asm__("a3") = 0, a4 __asm__("a4") = 0, a7 __asm__("a7") = CALL_CLONE;
  __asm__ volatile("ecall\n"
                   "  bnez a0, 1f\n"
                   "  j work\n"
                   "1:"
                   : "+r"(a0)
                   : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7)
                   : "memory");
  return a0;
}

int main(void) {
  for (unsigned i = 0; i < WORKERS; i++) {
    char *stack = map_pages(STACK_BYTES);
    if (begin_thread(stack + STACK_BYTES) < 0) return 1;
  }
  for (unsigned seen; (seen = finished) < WORKERS;) call(CALL_FUTEX, (long)&finished, FUTEX_WAIT, seen, 0, 0, 0);
  print_number("sum", sums[0] + sums[1]);
  return 0;
}
