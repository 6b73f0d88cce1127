/* What a lookup costs the cycle model: N loads of one kind, one at a time, at the pins. Not a test.
 *
 *   hit    of 8 pages that the data TLB holds
 *   l2     of pages that the L2 TLB holds and the data TLB does not: all that L2 has room for, one after the other
 *   walk   of 48 pages that nothing holds: three reads each; there is no L2 TLB
 *   split  of one page of which PMP grants a part, in the data TLB: no verdict on the whole page can be remembered
 *
 * Run it under callgrind with two different N; the difference of the instructions over the difference of N is the cost
 * of a lookup, with all cycles until its answer and this program's loop.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

#define BASE UINT64_C(0x40000000)
#define FRAMES UINT64_C(0x90000000)
#define HIT_PAGES 8u
#define WALK_PAGES 48u /* three times what the data TLB has room for */
#define ENTRY_BYTES 8u
#define DENIED UINT64_C(0xc0000000) /* from here on, entries of PMP that are in nobody's way */

typedef struct cost {
  harness h;
  unsigned pages;
  uint64_t count;
  uint64_t events[TW_EVENT_COUNT];
  tw_pins_memory_in answer; /* of the page tables, in the next cycle */
} cost;

/* All entries but the last, which grants everything, lie above all addresses that are used; of `split`, entry 0 denies
 * the upper half of the page. */
static void pmp_fill(harness *h, bool splits) {
  for (unsigned i = 0; i + 1 < h->config.pmp_entries; i++) {
    uint64_t napot = (DENIED + i * UINT64_C(0x10000)) >> 2 | 0x1fff; /* 64 KiB */
    if (splits && i == 0) napot = (FRAMES + TW_PAGE_BYTES / 2) >> 2 | 0xff;
    harness_pmp(h, TW_PIN_PMP_ADDR, i, napot);
    harness_cycle(h);
    harness_pmp(h, TW_PIN_PMP_CFG, i, TW_PMP_NAPOT);
    harness_cycle(h);
  }
}

/* Every page was asked for once. */
static void pages_open(cost *run, const tw_config *config, bool splits) {
  harness *h = &run->h;
  harness_open(h, config);
  pmp_fill(h, splits);
  uint64_t root = harness_table(h);
  for (unsigned page = 0; page < run->pages; page++) {
    uint64_t offset = (uint64_t)page * TW_PAGE_BYTES;
    harness_map(h, root, BASE + offset, 0, FRAMES + offset, RWX);
  }
  harness_control(h, harness_satp(h, root, 1), TW_SUPERVISOR);
  harness_cycle(h);
  for (unsigned page = 0; page < run->pages; page++)
    harness_access(h, TW_PORT_DATA, TW_LOAD, BASE + (uint64_t)page * TW_PAGE_BYTES);
  harness_settle(h);
}

static void cycle_run(cost *run, tw_pins_in *in, tw_pins_out *out) {
  in->mem = run->answer;
  tw_mmu_cycle(run->h.mmu, in, out);
  run->answer = (tw_pins_memory_in){.req_ready = 1};
  if (out->mem.req_valid) {
    run->answer.rsp_valid = 1;
    run->answer.rsp_id = out->mem.req_id;
    harness_read(&run->h, out->mem.req_addr, ENTRY_BYTES, &run->answer.rsp_data);
  }
  for (uint32_t left = out->event; left; left &= left - 1) run->events[__builtin_ctz(left)]++;
}

/* The number of lookups that were not answered by their page. */
static uint64_t lookups_run(cost *run) {
  tw_pins_in in = {.rst_n = 1};
  tw_pins_out out;
  uint64_t wrong = 0;
  run->answer.req_ready = 1;
  for (uint64_t i = 0, page = 0; i < run->count; i++) {
    in.data =
        (tw_pins_request){.va = BASE + page * TW_PAGE_BYTES, .valid = 1, .tag = i & 15, .kind = TW_LOAD, .size = 8};
    cycle_run(run, &in, &out);
    in.data = (tw_pins_request){.va = 0};
    do cycle_run(run, &in, &out);
    while (!out.data.valid);
    wrong += out.data.status != TW_PIN_TRANSLATED || out.data.pa != FRAMES + page * TW_PAGE_BYTES;
    page = page + 1 == run->pages ? 0 : page + 1;
  }
  cycle_run(run, &in, &out); /* shows the last one's events */
  return wrong;
}

/* Whether each lookup was one of its kind. */
static bool counts_right(const cost *run, const char *kind) {
  const uint64_t *events = run->events;
  uint64_t l2_hits = strcmp(kind, "l2") == 0 ? run->count : 0;
  uint64_t walks = strcmp(kind, "walk") == 0 ? run->count : 0;
  return events[EVENT(DATA_HIT)] == run->count - l2_hits - walks && events[EVENT(L2_HIT)] == l2_hits &&
         events[EVENT(WALK_GRANT)] == walks;
}

static unsigned pages_of(const char *kind, unsigned l2_entries) {
  if (strcmp(kind, "hit") == 0) return HIT_PAGES;
  if (strcmp(kind, "l2") == 0) return l2_entries;
  if (strcmp(kind, "walk") == 0 && l2_entries == 0) return WALK_PAGES;
  return strcmp(kind, "split") == 0 ? 1 : 0;
}

int main(int argc, char **argv) {
  static cost run;
  tw_config config = TW_CONFIG_BASE39;
  if (argc == 5) {
    unsigned l2_entries = (unsigned)strtoul(argv[2], NULL, 10);
    run.pages = pages_of(argv[1], l2_entries);
    run.count = strtoull(argv[4], NULL, 10);
    config.pmp_entries = (unsigned)strtoul(argv[3], NULL, 10);
    if (l2_entries) config.l2 = (tw_l2_config){l2_entries, 4, 2, TW_PLRU, 16};
  }
  tw_error error;
  if (run.pages == 0 || run.count == 0 || !tw_config_validate(&config, &error)) {
    fprintf(stderr, "usage: %s hit|l2|walk|split L2_ENTRIES PMP_ENTRIES LOOKUPS (a walk with 0 L2 entries)\n", argv[0]);
    return 2;
  }
  pages_open(&run, &config, strcmp(argv[1], "split") == 0);
  uint64_t wrong = lookups_run(&run);
  bool right = wrong == 0 && counts_right(&run, argv[1]);
  printf("%s: %" PRIu64 " lookups, %" PRIu64 " hits, %" PRIu64 " L2 hits, %" PRIu64 " walks\n", argv[1], run.count,
         run.events[EVENT(DATA_HIT)], run.events[EVENT(L2_HIT)], run.events[EVENT(WALK_GRANT)]);
  harness_close(&run.h);
  if (!right) fprintf(stderr, "%s: lookups were not all of this kind (%" PRIu64 " wrong answers)\n", argv[0], wrong);
  return right ? 0 : 1;
}
