/* Prints where its code, its data, its heap and its stack lie, and touches all of them: a program to be traced.
 *
 * Pages are visited in an order that a TLB of a few dozen entries cannot hold, several times over.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u
#define TABLE_BYTES (64u * 1024u)
#define BIG_BYTES (512u * 1024u) /* more than malloc takes from the heap: it maps it */
#define SMALL_BYTES 1024u
#define SMALL_COUNT 96u
#define STACK_BYTES (192u * 1024u)
#define ROUNDS 24u

static const unsigned char rodata[TABLE_BYTES] = {1, 2, 3, 5, 8, 13, 21};
static unsigned char data[TABLE_BYTES] = {1, 1, 2, 3, 5, 8, 13};
static unsigned char bss[TABLE_BYTES];

static void place(const char *what, const void *first, size_t bytes) {
  printf("%-18s %#14lx", what, (unsigned long)(uintptr_t)first);
  if (bytes) printf(" .. %#14lx", (unsigned long)(uintptr_t)first + bytes - 1);
  putchar('\n');
}

/* Adds up a byte of every page, in strides that jump about: 7 has no common divisor with the page counts used. */
static unsigned visit(const unsigned char *bytes, size_t size) {
  size_t pages = size / PAGE;
  unsigned sum = 0;
  for (size_t i = 0; i < pages; i++) sum += bytes[i * 7 % pages * PAGE];
  return sum;
}

static void fill(unsigned char *bytes, size_t size, unsigned value) {
  size_t pages = size / PAGE;
  for (size_t i = 0; i < pages; i++) bytes[i * 7 % pages * PAGE] = (unsigned char)(value + i);
}

/* Uses a stack that grows while the program runs, page by page. */
static unsigned deep(unsigned depth) {
  volatile unsigned char frame[PAGE];
  frame[0] = (unsigned char)depth;
  return depth ? deep(depth - 1) + frame[0] : frame[0];
}

int main(void) {
  unsigned char *small[SMALL_COUNT], *big = malloc(BIG_BYTES);
  unsigned sum = 0;
  int local = 0;
  for (unsigned i = 0; i < SMALL_COUNT; i++) small[i] = malloc(SMALL_BYTES);
  if (!big || !small[SMALL_COUNT - 1]) return 1;
  place("code", (const void *)(uintptr_t)main, 0);
  place("library code", (const void *)(uintptr_t)printf, 0);
  place("read-only data", rodata, sizeof rodata);
  place("data", data, sizeof data);
  place("bss", bss, sizeof bss);
  place("heap (small)", small[0], (size_t)(small[SMALL_COUNT - 1] - small[0]) + SMALL_BYTES);
  place("heap (mapped)", big, BIG_BYTES);
  place("stack", &local, 0);
  for (unsigned round = 0; round < ROUNDS; round++) {
    sum += visit(rodata, sizeof rodata);
    fill(data, sizeof data, round);
    fill(bss, sizeof bss, round);
    fill(big, BIG_BYTES, round);
    for (unsigned i = 0; i < SMALL_COUNT; i++) {
      if (small[i]) memset(small[i], (int)round, 16);
    }
    sum += visit(data, sizeof data) + visit(bss, sizeof bss) + visit(big, BIG_BYTES);
    sum += deep(STACK_BYTES / PAGE);
  }
  printf("%u\n", sum);
  for (unsigned i = 0; i < SMALL_COUNT; i++) free(small[i]);
  free(big);
  return 0;
}
