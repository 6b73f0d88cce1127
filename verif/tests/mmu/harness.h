/* A cycle model with page tables in a fake memory of chosen latency, for tests at the pins.
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

#define HARNESS_PAGES 64u          /* of fake memory; reads elsewhere are bus errors */
#define HARNESS_FIRST_PPN 0x80000u /* its first page */
#define HARNESS_LIMIT 2000u        /* cycles within which everything must be answered */

#define RWX (TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_A | TW_PTE_D)

typedef struct harness {
  tw_config config;
  const tw_mode_info *row;
  tw_mmu *mmu;
  uint64_t now;     /* cycles since open: the next cycle's number */
  tw_pins_in in;    /* of the next cycle */
  tw_pins_out out;  /* of the last cycle */
  unsigned latency; /* m: cycles from a request's handshake to its answer */
  unsigned stall;   /* w: cycles a request waits for ready */

  /* what has been counted */
  uint64_t requests; /* page-table requests accepted */
  uint64_t events[TW_EVENT_COUNT];

  /* the memory's own state */
  uint64_t words[HARNESS_PAGES * 512u];
  unsigned pages_used;
  unsigned waited;
  bool pending;
  uint64_t due;
  tw_pins_memory_in answer;
} harness;

/* An answer, and the cycle in which it was visible. */
typedef struct harness_answer {
  tw_pins_response response;
  uint64_t at;
} harness_answer;

/* Opens a model of the configuration, in supervisor mode, with no translation; the caller closes it. */
void harness_open(harness *h, const tw_config *config);
void harness_close(harness *h);

/* One cycle with `in`; then a request that was accepted, and every one-cycle input, are taken back. Every rule of
 * docs/pins.md that can be seen in two neighbouring cycles is asserted. */
void harness_cycle(harness *h);

/* A new empty table; its PPN. */
uint64_t harness_table(harness *h);

/* Address of the entry for va at a level, tables on the way being made as needed. */
uint64_t harness_entry(harness *h, uint64_t root, uint64_t va, unsigned level);

/* A leaf for va at a level that maps the page at pa. */
void harness_map(harness *h, uint64_t root, uint64_t va, unsigned level, uint64_t pa, uint64_t flags);

/* Reads and writes an entry; pa must be in the fake memory to be written. The reader fits tw_walk_run. */
bool harness_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte);
void harness_write(harness *h, uint64_t pa, uint64_t pte);

/* Inputs of the next cycle. */
tw_pins_request *harness_port(harness *h, tw_port port);
void harness_request(harness *h, tw_port port, tw_access access, uint8_t tag, uint64_t va);
void harness_cancel(harness *h, tw_port port, uint8_t tag);
void harness_control(harness *h, uint64_t satp, tw_privilege privilege);
void harness_fence(harness *h);
void harness_fence_va(harness *h, uint64_t va);
void harness_fence_asid(harness *h, uint16_t asid);

/* satp that selects the model's mode. */
uint64_t harness_satp(const harness *h, uint64_t root, uint16_t asid);

const tw_pins_response *harness_response(const harness *h, tw_port port);

/* Runs until the port answers. */
harness_answer harness_wait(harness *h, tw_port port);

/* Asks and runs until the answer; `at` is relative to the cycle in which the request was accepted. */
harness_answer harness_access(harness *h, tw_port port, tw_access access, uint64_t va);

/* Runs until nothing is outstanding. */
void harness_settle(harness *h);

/* Index of the only valid entry that maps va in an address space, or -1. */
int harness_entry_index(const harness *h, tw_port port, uint64_t va, uint16_t asid);
unsigned harness_valid_count(const harness *h, tw_port port);

/* A small generator for random tests, seeded by TWINWALK_SEED or else by its argument. */
typedef struct harness_random {
  uint64_t state;
} harness_random;
harness_random harness_random_seeded(const char *test, uint64_t seed);
uint64_t harness_random_next(harness_random *random);
unsigned harness_random_below(harness_random *random, unsigned bound);

#endif
