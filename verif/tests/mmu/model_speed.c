/* Prints the time of a cycle of the model: a fetch hit every cycle, a data hit every third. Not a test.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "harness.h"

#define PAGES 8u
#define BASE UINT64_C(0x40000000)

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A loop of code over a few pages; loads that go through a few others. */
static uint64_t cycles_run(tw_mmu *mmu, uint64_t cycles) {
  tw_pins_in in = {.rst_n = 1};
  tw_pins_out out;
  uint64_t sum = 0;
  in.fetch.valid = 1;
  for (uint64_t t = 0, third = 0; t < cycles; t++) {
    in.fetch.va = BASE + (t * 4) % (PAGES * TW_PAGE_BYTES);
    in.fetch.tag = t & 15;
    in.fetch.size = 4;
    bool loads = third == 0;
    third = third == 2 ? 0 : third + 1;
    in.data.valid = loads;
    in.data.kind = loads ? TW_LOAD : 0;
    in.data.size = loads ? 8 : 0;
    in.data.tag = loads ? t & 15 : 0;
    in.data.va = loads ? BASE + (t * 712) % (PAGES * TW_PAGE_BYTES) : 0;
    tw_mmu_cycle(mmu, &in, &out);
    sum += out.fetch.pa + out.data.pa + out.event;
  }
  return sum;
}

int main(int argc, char **argv) {
  uint64_t millions = argc > 1 ? strtoull(argv[1], NULL, 0) : 100;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  uint64_t root = harness_table(&h);
  for (unsigned page = 0; page < PAGES; page++) {
    uint64_t offset = page * TW_PAGE_BYTES;
    harness_map(&h, root, BASE + offset, 0, 0x90000000u + offset, RWX);
  }
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  for (unsigned page = 0; page < PAGES; page++) {
    harness_access(&h, TW_PORT_FETCH, TW_FETCH, BASE + page * TW_PAGE_BYTES);
    harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + page * TW_PAGE_BYTES);
  }
  uint64_t cycles = millions * 1000000u;
  double begin = seconds_now();
  uint64_t sum = cycles_run(h.mmu, cycles);
  double nanoseconds = (seconds_now() - begin) * 1e9;
  printf("%.2f ns a cycle (%" PRIu64 " million cycles, checksum %" PRIx64 ")\n", nanoseconds / (double)cycles, millions,
         sum);
  harness_close(&h);
  return 0;
}
