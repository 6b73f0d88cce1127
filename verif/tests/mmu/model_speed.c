/* Prints the time of a cycle of the model. Not a test.
 *
 *   model_speed [MILLIONS [base39|server57 [idle|hits|misses]]]
 *
 * Hits: a fetch every cycle, a load every third. Misses: the same fetches, and a load every cycle of a working set that
 * no TLB holds, as fast as the port takes them; the page-table memory answers in the next cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness.h"

#define PAGES 8u /* that are hit */
#define BASE UINT64_C(0x40000000)
#define WIDE_TABLES 32u /* of 512 pages each, that are missed */
#define WIDE UINT64_C(0x80000000)

typedef enum load { IDLE, HITS, MISSES } load;

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static tw_config server_config(void) {
  tw_config config = TW_CONFIG_BASE39;
  config.mode = TW_SV57;
  config.extensions = (1u << TW_EXT_COUNT) - 1u;
  config.fetch_entries = config.data_entries = 48;
  config.fetch_slots = 4;
  config.data_slots = 8;
  config.l2 = (tw_l2_config){2048, 8, 3, TW_PLRU, 32};
  config.walk_entries = 16;
  config.walkers = 8;
  config.pmp_entries = 64;
  return config;
}

/* A loop of code over a few pages; loads that go through a few others. */
static void requests_drive(tw_pins_in *in, load what, uint64_t t, bool data_ready) {
  in->fetch.valid = 1;
  in->fetch.size = 4;
  in->fetch.va = BASE + (t * 4) % (PAGES * TW_PAGE_BYTES);
  in->fetch.tag = t & 15;
  if (what == MISSES && in->data.valid && !data_ready) return;
  bool loads = what == MISSES || t % 3 == 0;
  in->data.valid = loads;
  in->data.kind = loads ? TW_LOAD : 0;
  in->data.size = loads ? 8 : 0;
  in->data.tag = loads ? (in->data.tag + 1) & 15 : 0;
  in->data.va = loads ? BASE + (t * 712) % (PAGES * TW_PAGE_BYTES) : 0;
  if (what == MISSES) in->data.va = WIDE + (t * 0x9e3779b1u >> 7) % (WIDE_TABLES * 512u) * TW_PAGE_BYTES;
}

static void memory_answer(harness *h, tw_pins_memory_in *answer, const tw_pins_memory_out *request) {
  uint64_t pte = 0;
  *answer = (tw_pins_memory_in){.req_ready = 1};
  if (!request->req_valid) return;
  answer->rsp_valid = 1;
  answer->rsp_id = request->req_id;
  answer->rsp_error = !harness_read(h, request->req_addr, 1u << request->req_size, &pte);
  answer->rsp_data = pte;
}

static uint64_t cycles_run(harness *h, load what, uint64_t cycles) {
  tw_pins_in in = {.rst_n = 1, .mem.req_ready = 1};
  tw_pins_out out = {.data.req_ready = 1};
  uint64_t sum = 0;
  for (uint64_t t = 0; t < cycles; t++) {
    if (what != IDLE) requests_drive(&in, what, t, out.data.req_ready);
    tw_mmu_cycle(h->mmu, &in, &out);
    if (what == MISSES) memory_answer(h, &in.mem, &out.mem);
    sum += out.fetch.pa + out.data.pa + out.event;
  }
  return sum;
}

static void tables_make(harness *h) {
  uint64_t root = harness_root(h, 1);
  for (unsigned page = 0; page < PAGES; page++)
    harness_map(h, root, BASE + page * TW_PAGE_BYTES, 0, 0x90000000u + page * TW_PAGE_BYTES, RWX);
  for (unsigned page = 0; page < WIDE_TABLES * 512u; page++)
    harness_map(h, root, WIDE + page * TW_PAGE_BYTES, 0, 0xa0000000u + page * TW_PAGE_BYTES, RWX);
  for (unsigned page = 0; page < PAGES; page++) {
    harness_access(h, TW_PORT_FETCH, TW_FETCH, BASE + page * TW_PAGE_BYTES);
    harness_access(h, TW_PORT_DATA, TW_LOAD, BASE + page * TW_PAGE_BYTES);
  }
}

int main(int argc, char **argv) {
  uint64_t millions = argc > 1 ? strtoull(argv[1], NULL, 0) : 100;
  bool server = argc > 2 && strcmp(argv[2], "server57") == 0;
  const char *name = argc > 3 ? argv[3] : "hits";
  load what = strcmp(name, "idle") == 0 ? IDLE : strcmp(name, "misses") == 0 ? MISSES : HITS;
  tw_config config = server ? server_config() : TW_CONFIG_BASE39;
  static harness h;
  harness_open(&h, &config);
  tables_make(&h);
  uint64_t cycles = millions * 1000000u;
  double begin = seconds_now();
  uint64_t sum = cycles_run(&h, what, cycles);
  double nanoseconds = (seconds_now() - begin) * 1e9;
  printf("%s, %s: %.2f ns a cycle (%" PRIu64 " million cycles, checksum %" PRIx64 ")\n", server ? "server57" : "base39",
         name, nanoseconds / (double)cycles, millions, sum);
  harness_close(&h);
  return 0;
}
