/* A cycle model with page tables in a fake memory of chosen latency, for tests at the pins.
 *
 * Every cycle is judged by the rules of docs/pins.md that can be seen from outside, and written down: which request was
 * answered when, what was asked of the page tables, which event happened when. A test drives the inputs of the next
 * cycle, runs, and reads what was written down.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_MMU_HARNESS_H
#define TWINWALK_TESTS_MMU_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "twinwalk/mmu.h"
#include "twinwalk/spec.h"

#define HARNESS_PAGES 256u         /* of fake memory; accesses elsewhere are bus errors */
#define HARNESS_FIRST_PPN 0x80000u /* its first page */
#define HARNESS_LIMIT 4000u        /* cycles within which everything must be answered */
#define HARNESS_LOG 4096u          /* page-table requests that are written down; the last ones */
#define HARNESS_IDS (1u << TW_ID_BITS)
#define HARNESS_TAGS (1u << TW_TAG_BITS)

#define V_R_A (TW_PTE_V | TW_PTE_R | TW_PTE_A)
#define RWX (TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_A | TW_PTE_D)
#define EVENT(name) ((unsigned)__builtin_ctz(TW_EVENT_##name)) /* its bit number */

/* The last answer to a tag, and the cycle in which it was visible. */
typedef struct harness_answer {
  tw_pins_response response;
  uint64_t at;
  unsigned count; /* answers to this tag so far */
} harness_answer;

/* A page-table request. Cycles are 0 until they have happened. */
typedef struct harness_step {
  tw_pins_memory_out request;
  uint64_t offered, accepted, answered;
} harness_step;

typedef struct harness_pending {
  bool waits;    /* an answer is due */
  bool released; /* if the memory is held */
  uint64_t due;
  unsigned step;
  tw_pins_memory_in answer;
} harness_pending;

typedef struct harness {
  tw_config config;
  const tw_mode_info *row; /* of the deepest mode */
  tw_mode mode;            /* of the tables that are made; the deepest one unless a test says otherwise */
  tw_mmu *mmu;
  uint64_t now;      /* cycles since open: the next cycle's number */
  tw_pins_in in;     /* of the next cycle */
  tw_pins_out out;   /* of the last cycle */
  unsigned latency;  /* m: cycles from a request's handshake to its answer */
  unsigned stall;    /* w: cycles a request waits for ready */
  bool hold;         /* the memory answers only what is released */
  uint64_t error_pa; /* accesses to it fail, too; 0: none */

  /* what has been written down */
  harness_answer answers[TW_PORT_COUNT][HARNESS_TAGS];
  harness_step steps[HARNESS_LOG];   /* number n is at n % HARNESS_LOG */
  unsigned step_count;               /* page-table requests offered */
  uint64_t events[TW_EVENT_COUNT];   /* how often */
  uint64_t event_at[TW_EVENT_COUNT]; /* the last cycle in which it happened */
  uint64_t done_at;                  /* the last cycle in which fence_done was 1 */

  /* the registers as they must be, and what is outstanding */
  uint64_t satp;
  tw_status status;
  bool sum, mxr, adue, pbmte;
  tw_pmp pmp;
  tw_machine machine;
  uint16_t tags[TW_PORT_COUNT];
  unsigned fences;
  bool after_reset;

  /* the memory's own state */
  uint64_t words[HARNESS_PAGES * 512u];
  unsigned pages_used;
  unsigned waited;
  harness_pending pending[HARNESS_IDS];
} harness;

/* Sv39 with every extension, 4 data and 2 fetch slots, 2 walkers; no L2 TLB, walk cache, PMP or regions. */
tw_config harness_wide(void);

/* Opens a model of the configuration, in supervisor mode, with no translation, PMP granting everything; the caller
 * closes it. */
void harness_open(harness *h, const tw_config *config);
void harness_close(harness *h);

/* One cycle with `in`; then a request that was accepted, a fence that was, and every one-cycle input, are taken back.
 */
void harness_cycle(harness *h);
void harness_run(harness *h, unsigned cycles);

/* Runs until nothing is outstanding. */
void harness_settle(harness *h);

/* A new empty table; its PPN. */
uint64_t harness_table(harness *h);

/* Address of the entry for va at a level, tables on the way being made as needed. */
uint64_t harness_entry(harness *h, uint64_t root, uint64_t va, unsigned level);

/* A leaf for va at a level that maps the page at pa; `flags` may have bits above the PPN. Its entry's address. */
uint64_t harness_map(harness *h, uint64_t root, uint64_t va, unsigned level, uint64_t pa, uint64_t flags);

/* A 64 KiB page at va, 16 entries, that maps pa. */
void harness_map_napot(harness *h, uint64_t root, uint64_t va, uint64_t pa, uint64_t flags);

/* Reads, updates and writes an entry; pa must be in the fake memory to be written. The first two fit tw_walk_run. */
bool harness_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte);
bool harness_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired);
void harness_write(harness *h, uint64_t pa, uint64_t pte);

/* Inputs of the next cycle. */
tw_pins_request *harness_port(harness *h, tw_port port);
void harness_request(harness *h, tw_port port, tw_access access, uint8_t tag, uint64_t va);
void harness_cancel(harness *h, tw_port port, uint8_t tag);
void harness_control(harness *h, uint64_t satp, tw_privilege privilege); /* SUM and MXR 0; ADUE, PBMTE as they are */
void harness_fence(harness *h);
void harness_fence_va(harness *h, uint64_t va);
void harness_fence_asid(harness *h, uint16_t asid);
void harness_pmp(harness *h, uint8_t kind, unsigned index, uint64_t value);

/* Two cycles in which the last PMP entry, if there is one, is written to grant everything. */
void harness_pmp_open(harness *h);

/* satp that selects h->mode. */
uint64_t harness_satp(const harness *h, uint64_t root, uint16_t asid);

/* A new root, and satp set to it with an ASID in supervisor mode. */
uint64_t harness_root(harness *h, uint16_t asid);

const tw_pins_response *harness_response(const harness *h, tw_port port);

/* Requests, which must be accepted at once; the cycle in which it was. */
uint64_t harness_accept(harness *h, tw_port port, tw_access access, uint8_t tag, uint64_t va);

/* Runs until the tag is answered again. */
harness_answer harness_wait(harness *h, tw_port port, uint8_t tag);

/* Asks with tag 15 and runs until the answer; `at` is relative to the cycle in which the request was accepted. */
harness_answer harness_access(harness *h, tw_port port, tw_access access, uint64_t va);

/* Runs with the fence that is driven until it is done; cycles from its acceptance to fence_done. */
uint64_t harness_fence_done(harness *h);

/* What an access of this port is made under, by the registers. */
tw_context harness_context(const harness *h, tw_access access);

/* Lets the memory answer a request that is held, in the next cycle. */
void harness_release(harness *h, uint8_t id);

/* Page-table request number n. */
const harness_step *harness_step_at(const harness *h, unsigned n);

/* Index of the only valid entry that maps va in an address space, or -1. */
int harness_entry_index(const harness *h, tw_port port, uint64_t va, uint16_t asid);
unsigned harness_valid_count(const harness *h, tw_port port);

tw_mmu_probe harness_probe(const harness *h);

/* A small generator for random tests, seeded by TWINWALK_SEED or else by its argument. */
typedef struct harness_random {
  uint64_t state;
} harness_random;
harness_random harness_random_seeded(const char *test, uint64_t seed);
uint64_t harness_random_next(harness_random *random);
unsigned harness_random_below(harness_random *random, unsigned bound);

#endif
