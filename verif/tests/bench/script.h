/* A scripted source and a scripted design, for tests of the player and the session.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_BENCH_SCRIPT_H
#define TWINWALK_TESTS_BENCH_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "player.h"
#include "source.h"

#define SCRIPT_MAX 64u

/* Records in an array, numbered as they are added. */
typedef struct script {
  tw_source source; /* first */
  tw_trace_header header;
  tw_record records[SCRIPT_MAX];
  unsigned count, next;
} script;

void script_init(script *script);
/* Adds a record and returns it, for further fields. */
tw_record *script_access(script *script, tw_access kind, uint64_t va);
tw_record *script_control(script *script, uint64_t satp, tw_privilege privilege);
tw_record *script_fence(script *script);
tw_record *script_store(script *script, uint64_t pa, uint64_t value);
/* The source offers many accesses at once. */
void script_offer_accesses(script *script);
/* The record waits for the one before it. */
void script_after_last(tw_record *record);

/* A player over a script and a bench of wires: the test sets the outputs of each cycle. */
typedef struct wires {
  tw_config config;
  script script;
  tw_memory *memory;
  tw_player *player;
  const tw_pins_in *in; /* of the cycle that is driven */
  tw_pins_out out;      /* what the test answers; request, fence and memory ready by themselves */
  tw_error error;
} wires;

void wires_begin(wires *wires); /* after the script is written */
void wires_end(wires *wires);
/* Drives the next cycle, with outputs that answer nothing. */
void wires_drive(wires *wires);
/* Answers a tag in this cycle. */
void wires_answer(wires *wires, tw_port port, uint8_t tag, uint8_t status);
tw_player_result wires_observe(wires *wires);
/* Drives and observes cycles in which nothing is answered. */
void wires_idle(wires *wires, unsigned cycles);

#endif
