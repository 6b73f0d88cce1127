/* One machine for the directed tests of the rules: page tables in a small memory, control and PMP registers, and a
 * question at a time. Behind it stands the oracle, the cycle model, or the RTL; a test that one of them passes asks
 * the others the same.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_RULES_RIG_H
#define TWINWALK_TESTS_RULES_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "twinwalk/mmu.h"
#include "twinwalk/spec.h"

#define RIG_PAGES 80u           /* of memory */
#define RIG_BASE 0x80000000u    /* physical address of the first; what lies elsewhere answers with a bus error */
#define RIG_PAGE 0x40000000u    /* a physical page for leaves, aligned to 1 GiB; nobody reads it */
#define RIG_FROZEN 0x100000000u /* physical address of RIG_FROZEN_PAGES more */
#define RIG_FROZEN_PAGES 8u
#define RIG_LOG 64u               /* page-table requests remembered of a question */
#define RIG_LIMIT 5000u           /* cycles within which everything must be answered */
#define RIG_EVERYTHING UINT64_MAX /* pmpaddr of a NAPOT region that is all there is */

#define VRWX (TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X)
#define LEAF (VRWX | TW_PTE_A | TW_PTE_D) /* a leaf of S-mode that grants everything */
#define GIB ((uint64_t)1 << 30)
#define BIT(n) ((uint64_t)1 << (n))

typedef enum rig_kind { RIG_ORACLE, RIG_MODEL, RIG_RTL } rig_kind;

/* What a test needs of the machine. */
typedef struct rig_needs {
  tw_mode mode;                /* must be there, besides Bare; translation is on in it */
  tw_mode deepest;             /* exactly, of the modes of the machine; 0: any */
  unsigned with;               /* extensions that must be there */
  unsigned without;            /* extensions that must not */
  unsigned pmp_entries;        /* at least so many, all off; 0: PMP grants everything, if there is one */
  unsigned grain;              /* exactly, if pmp_entries is not 0 */
  unsigned asid_bits;          /* exactly; 0: the mode's ASIDMAX */
  unsigned pa_bits;            /* exactly; 0: the mode's */
  bool no_pmp;                 /* there must be no PMP */
  const tw_pma_table *regions; /* exactly; NULL: none */
} rig_needs;

typedef struct rig_request {
  uint64_t pa;
  uint64_t desired; /* of an update */
  bool update;
} rig_request;

typedef struct rig_answer {
  unsigned status; /* TW_PIN_TRANSLATED, FAULT, RETRY */
  tw_reason reason;
  tw_cause cause;
  uint64_t pa, tval;
  unsigned level, flags, attribute;
  bool napot;
  unsigned hit;   /* TW_PIN_HIT_*; the oracle: none */
  unsigned reads; /* page-table reads of this question */
  unsigned updates;
} rig_answer;

typedef struct rig {
  rig_kind kind;
  tw_config config;
  tw_mode mode;            /* that rig_map writes tables for */
  uint64_t root;           /* PPN of the table that rig_map starts at */
  tw_pins_control control; /* taken over by rig_apply */

  uint8_t memory[RIG_PAGES + RIG_FROZEN_PAGES][TW_PAGE_BYTES];
  unsigned pages_used;
  uint64_t broken;     /* requests for the entry at this address fail on the bus; 0: none */
  bool broken_update;  /* ... only updates do */
  uint64_t tamper_pa;  /* before the next update of this entry it is overwritten; 0: never */
  uint64_t tamper_pte; /* with this */
  rig_request log[RIG_LOG];
  unsigned logged;

  /* the oracle */
  tw_status status;
  uint64_t satp;
  tw_pmp pmp;

  /* at the pins */
  tw_mmu *mmu;
  void *dut; /* of rig_rtl.c */
  tw_pins_in in;
  tw_pins_out out;
  tw_pins_memory_in answer;
  tw_pins_response response[TW_PORT_COUNT]; /* the last answer of a port that rig_finish has not taken */
  uint64_t now, due;
  unsigned latency; /* cycles from a page-table request to its answer */
  bool pending;
} rig;

/* Opens the machine of the subject that `state` names, in S-mode, translating by an empty table with ASID 0 (Bare if
 * needs->mode is). Skips the test if the subject has no such machine. Every open machine is closed by the test. */
void rig_open(rig *r, void **state, const rig_needs *needs);
void rig_close(rig *r);

/* The same, but false if the subject has no such machine: for the further machines of a test that has tried one. */
bool rig_try(rig *r, const rig_needs *needs);

/* Whether it remembers translations: all but the oracle. */
bool rig_remembers(const rig *r);

/* Tables. */
uint64_t rig_table(rig *r);
uint64_t rig_entry(rig *r, uint64_t va, unsigned level); /* its address; tables on the way are made */
void rig_write(rig *r, uint64_t pa, uint64_t pte);
uint64_t rig_read(const rig *r, uint64_t pa);
uint64_t rig_map(rig *r, uint64_t va, unsigned level, uint64_t pa, uint64_t flags); /* the entry's address */
uint64_t rig_satp(tw_mode mode, uint64_t root, uint16_t asid);

/* Registers: `control` as the test has set it; a PMP register; both in one. */
void rig_apply(rig *r);
void rig_pmp(rig *r, unsigned kind, unsigned index, uint64_t value);
void rig_region(rig *r, unsigned index, uint64_t addr, uint8_t cfg); /* pmpaddr, then pmpcfg */
void rig_reset(rig *r);

/* Questions. Without a size: one byte. */
rig_answer rig_ask(rig *r, tw_access access, uint64_t va);
rig_answer rig_ask_bytes(rig *r, tw_access access, uint64_t va, unsigned bytes);
rig_answer rig_ask_speculative(rig *r, tw_access access, uint64_t va);

/* The same in two parts, at the pins only: asked, and some cycles later answered. */
void rig_begin(rig *r, tw_access access, uint64_t va);
void rig_cycle(rig *r);
rig_answer rig_finish(rig *r, tw_access access);

/* Fences; without effect on the oracle, which remembers nothing. */
void rig_fence(rig *r, const tw_pins_fence *fence);
void rig_fence_all(rig *r);

/* Expectations. */
void rig_grants(rig *r, tw_access access, uint64_t va, uint64_t pa);
void rig_denies(rig *r, tw_access access, uint64_t va, tw_reason reason);
uint64_t rig_napot(uint64_t base, unsigned bits); /* pmpaddr of a NAPOT region of 2^bits bytes */

/* The RTL (rig_rtl.c). `open` is false if no named configuration has what is needed. */
typedef bool (*rig_rtl_open)(rig *r, const rig_needs *needs);
typedef struct rig_rtl {
  rig_rtl_open open;
  void (*close)(rig *r);
  void (*cycle)(rig *r);
} rig_rtl;
extern const rig_rtl rig_rtl_table;

/* Runs the tests once for each subject that the program's arguments name: `oracle`, `model`, `rtl`. */
int rig_main(int count, char **arguments, const struct CMUnitTest *tests, size_t size);
#define RIG_MAIN(tests) rig_main(argc, argv, tests, sizeof(tests) / sizeof(tests)[0])

#endif
