/* A machine that was traced whole, operating system and all: its address spaces, and where their pages lie.
 *
 * Every pair of a virtual and a physical address is checked: a page that lies elsewhere than before, without a fence or
 * a write of satp since, is a contradiction; with one, it was moved.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_MACHINE_H
#define TWINWALK_CAPTURE_MACHINE_H

#include "builder.h"

#define MACHINE_HARTS_MAX 256u

/* Where a page lies. */
typedef struct machine_pair {
  uint64_t page, frame; /* addresses / 4096 */
  uint64_t epoch;       /* when it was last seen: fences and writes of satp before it */
  uint64_t fenced;      /* the epoch of the last fence of this page alone */
  uint64_t place;       /* line of the trace in which it was first seen to lie there */
  uint32_t process;     /* its number */
  bool used, known;     /* known: the frame is */
} machine_pair;

typedef struct machine_root {
  uint64_t root; /* of satp: mode and number of the page that holds the table */
  unsigned process;
} machine_root;

typedef struct machine_trace {
  trace_builder *builder;
  machine_pair *pairs; /* a hash table; owned */
  size_t count, capacity;
  machine_root *roots; /* owned */
  size_t root_count, root_capacity;
  uint64_t epoch;
  uint64_t changed;                    /* the epoch of the last fence of more than a page, or write of satp */
  unsigned running[MACHINE_HARTS_MAX]; /* the process whose tables satp names, by hart */
  unsigned bare;                       /* the process of accesses without translation; NO_PROCESS: none yet */
  bool begun;                          /* something was accessed, or satp written */
} machine_trace;

#define MACHINE_NO_PROCESS UINT32_MAX

void machine_open(machine_trace *machine, trace_builder *builder);
void machine_close(machine_trace *machine);

typedef struct machine_access {
  unsigned hart;
  tw_access kind;
  uint64_t va, pa;
  uint8_t size;
  bool has_pa;
  bool bare;      /* known to be without translation */
  uint64_t place; /* line */
} machine_access;

bool machine_take(machine_trace *machine, const machine_access *access, tw_error *error);
/* A fence by a hart; `unknown` if its operands were not seen. */
bool machine_fence(machine_trace *machine, unsigned hart, const tw_record_fence *fence, tw_error *error);
/* A write of satp whose value is not known. */
bool machine_switch(machine_trace *machine, unsigned hart, tw_error *error);
/* ... and one of this value. */
bool machine_satp(machine_trace *machine, unsigned hart, uint64_t satp, unsigned xlen, tw_error *error);

#endif
