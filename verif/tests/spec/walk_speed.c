/* How fast the oracle walks: N full three-level Sv39 walks to a 4 KiB leaf, by tw_walk_run. Not a test.
 *
 * With 16 PMP entries: a last one that grants everything, and 15 before it that lie above all addresses of the walk
 * ("above") or between those of the tables and those of the pages ("between").
 *
 * Run it under callgrind with two different N; the difference of the instructions over the difference of N is the cost
 * of a walk.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/spec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TABLES 3u
#define ENTRIES 512u

/* Tables 0, 1 and 2 (root first) lie one after another from physical address 0. */
static bool table_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const uint64_t *memory = payload;
  (void)bytes;
  *pte = memory[pa / sizeof *memory];
  return true;
}

/* One pointer from each table to the next, and a last table full of leaves. */
static uint64_t *tables_build(void) {
  uint64_t *memory = calloc((size_t)TABLES * ENTRIES, sizeof *memory);
  if (!memory) return NULL;
  memory[0] = (uint64_t)1 << 10 | TW_PTE_V;
  memory[ENTRIES] = (uint64_t)2 << 10 | TW_PTE_V;
  for (uint64_t i = 0; i < ENTRIES; i++) {
    memory[2 * ENTRIES + i] = (0x80000 + i) << 10 | TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_U | TW_PTE_A | TW_PTE_D;
  }
  return memory;
}

/* 15 entries of 64 KiB from an address on that grant nothing, and one that grants everything. */
static tw_pmp pmp_build(uint64_t base) {
  tw_pmp pmp = {.count = 16, .xlen = 64};
  for (unsigned i = 0; i < 15; i++) {
    tw_pmp_write_addr(&pmp, i, (base + i * UINT64_C(0x10000)) >> 2 | 0x1fff);
    tw_pmp_write_cfg(&pmp, i, TW_PMP_NAPOT);
  }
  tw_pmp_write_addr(&pmp, 15, UINT64_MAX);
  tw_pmp_write_cfg(&pmp, 15, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
  return pmp;
}

static double seconds_now(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The number of walks that were not granted by the third entry, which must be 0. */
static uint64_t walks_run(uint64_t *memory, uint64_t count, const tw_pmp *pmp) {
  const tw_machine machine = {.pmp = pmp};
  tw_context context = {.satp = {.mode = TW_SV39}, .privilege = TW_USER, .xlen = 64, .machine = pmp ? &machine : NULL};
  const tw_table_memory tables = {.read = table_read, .payload = memory};
  tw_request request = {.access = TW_LOAD, .bytes = 8};
  uint64_t failed = 0;
  for (uint64_t i = 0; i < count; i++) {
    uint64_t page = i % ENTRIES;
    tw_walk walk;
    request.va = page * TW_PAGE_BYTES;
    tw_walk_run(&context, &request, &tables, &walk);
    failed += walk.reason != TW_OK || walk.step_count != TABLES || walk.pa != (0x80000 + page) * TW_PAGE_BYTES;
  }
  return failed;
}

int main(int argc, char **argv) {
  uint64_t count = argc >= 2 ? strtoull(argv[argc - 1], NULL, 10) : 0;
  bool between = argc == 3 && strcmp(argv[1], "between") == 0;
  bool above = argc == 3 && strcmp(argv[1], "above") == 0;
  bool protect = argc == 3;
  if (count == 0 || argc > 3 || (protect && !between && !above)) {
    fprintf(stderr, "usage: %s [above | between] N (walks, above 0)\n", argv[0]);
    return 2;
  }
  const tw_pmp pmp = pmp_build(between ? 0x10000000 : 0xc0000000);
  uint64_t *memory = tables_build();
  if (!memory) {
    fprintf(stderr, "%s: out of memory\n", argv[0]);
    return 2;
  }
  double start = seconds_now();
  uint64_t failed = walks_run(memory, count, protect ? &pmp : NULL);
  double seconds = seconds_now() - start;
  free(memory);
  if (failed) {
    fprintf(stderr, "%s: %" PRIu64 " of %" PRIu64 " walks went wrong\n", argv[0], failed, count);
    return 1;
  }
  printf("walks_per_second %.0f\n", (double)count / seconds);
  return 0;
}
