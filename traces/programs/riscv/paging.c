/* A machine of two address spaces: both have pages from 0x00400000 up, in different frames (the first in 0x80412000 and
 * in 0x80abc000). One page is moved, behind a fence; satp is switched there and back. A program for qemu-system-riscv's
 * machine `virt`, to be traced with physical addresses: Sv39, or Sv32 where registers have 32 bits.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>

#define FINISHER 0x100000ul /* the virt machine's test device */
#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x13333
#define PAGE 4096ul
#define PAGES 16u
#define USER 0x400000ul
#define FIRST 0x80412000ul
#define SECOND 0x80abc000ul
#define MOVED 0x80700000ul
#define STRIDE 0x3000ul /* between the frames of neighbours */

enum { V = 1, R = 2, W = 4, X = 8, A = 64, D = 128, ALL = V | R | W | X | A | D };

#if __riscv_xlen == 64
#define SATP(root, asid) (8ul << 60 | (unsigned long)(asid) << 44 | (root) >> 12)
#define LEVELS 3u
#define INDEX_BITS 9u
#else
#define SATP(root, asid) (1ul << 31 | (unsigned long)(asid) << 22 | (root) >> 12)
#define LEVELS 2u
#define INDEX_BITS 10u
#endif
#define ENTRIES (1u << INDEX_BITS)

typedef unsigned long table[ENTRIES];
static table tables[8] __attribute__((aligned(4096)));
static unsigned tables_used;

void machine_begin(void);
void supervisor_begin(void);

__asm__(".section .text.start, \"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "  la sp, stack_end\n"
        "  j machine_begin\n"
        ".section .bss\n"
        ".balign 4096\n"
        "  .skip 4096\n"
        "stack_end:\n"
        ".text\n");

static unsigned long *entry_of(unsigned long *root, unsigned long va, unsigned level) {
  unsigned long *at = root;
  for (unsigned above = LEVELS; above-- > level;) {
    unsigned long *entry = &at[va >> (12 + INDEX_BITS * above) & (ENTRIES - 1)];
    if (above == level) return entry;
    if (!*entry) *entry = (unsigned long)tables[tables_used++] >> 12 << 10 | V;
    at = (unsigned long *)(*entry >> 10 << 12);
  }
  return 0;
}

static void map(unsigned long *root, unsigned long va, unsigned long pa, unsigned level) {
  *entry_of(root, va, level) = pa >> 12 << 10 | ALL;
}

static unsigned long *space_make(unsigned long frames) {
  unsigned long *root = tables[tables_used++];
  map(root, 0x80000000ul, 0x80000000ul, 1);
  map(root, FINISHER, FINISHER, 0);
  for (unsigned i = 0; i < PAGES; i++) map(root, USER + i * PAGE, frames + i * STRIDE, 0);
  return root;
}

static unsigned long *roots[2];

/* Machine mode: everything is granted, then on in supervisor mode, with the first space. */
void machine_begin(void) {
  roots[0] = space_make(FIRST);
  roots[1] = space_make(SECOND);
  __asm__ volatile("csrw pmpaddr0, %0\n"
                   "csrw pmpcfg0, %1\n"
                   "csrw satp, %2\n"
                   "sfence.vma\n"
                   "csrw mepc, %3\n"
                   "csrc mstatus, %4\n"
                   "csrs mstatus, %5\n"
                   "mret"
                   :
                   : "r"(-1l), "r"(0x1f), "r"(SATP((unsigned long)roots[0], 1)), "r"(supervisor_begin), "r"(0x1800),
                     "r"(0x800)
                   : "memory");
  __builtin_unreachable();
}

static volatile uint32_t *page(unsigned n) {
  return (volatile uint32_t *)(USER + n * PAGE);
}

static void fill(uint32_t value) {
  for (unsigned i = 0; i < PAGES; i++) *page(i) = value + i;
}

static unsigned wrong(uint32_t value) {
  unsigned count = 0;
  for (unsigned i = 0; i < PAGES; i++) count += *page(i) != value + i;
  return count;
}

static void enter(unsigned space) {
  __asm__ volatile("csrw satp, %0" : : "r"(SATP((unsigned long)roots[space], space + 1)) : "memory");
}

void supervisor_begin(void) {
  unsigned failures = 0;
  fill(100);
  enter(1);
  fill(200);
  failures += wrong(200);
  enter(0);
  failures += wrong(100);
  map(roots[0], USER + 3 * PAGE, MOVED, 0);
  __asm__ volatile("sfence.vma %0, zero" : : "r"(page(3)) : "memory");
  *page(3) = 103;
  failures += wrong(100);
  *(volatile uint32_t *)FINISHER = failures ? FINISHER_FAIL : FINISHER_PASS;
  for (;;) continue;
}
