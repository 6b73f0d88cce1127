/* A design at its pins, and a small memory of page-table entries behind it that answers in the next cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_PERMISSIONS_MACHINE_H
#define TWINWALK_TESTS_PERMISSIONS_MACHINE_H

#include "dut_loader.h"

#define MACHINE_WORDS 32u
#define MACHINE_LIMIT 400u /* cycles within which everything must be answered */
#define MACHINE_TAGS (1u << TW_TAG_BITS)

/* An entry in memory. What is at no such address answers with a bus error. */
typedef struct machine_word {
  uint64_t pa, pte;
} machine_word;

/* Which design is opened. */
typedef struct machine_choice {
  char name[300];            /* "model", "rtl", or the path of a plug-in */
  const char *config;        /* name of the configuration */
  unsigned variant;          /* of the plug-in */
  const tw_dut_table *table; /* if not NULL, this design, which `name` is a name for */
} machine_choice;

typedef struct machine {
  char subject[310]; /* as on the command line */
  tw_config config;
  const tw_mode_info *row; /* of the deepest mode */
  tw_dut_plugin plugin;
  const tw_dut_table *table;
  tw_dut *dut;
  tw_pins_in in; /* of the next cycle; what lasts one cycle, and what was accepted, is taken back */
  tw_pins_out out;
  uint64_t now; /* cycles so far */

  machine_word words[MACHINE_WORDS];
  unsigned word_count;
  unsigned reads, updates; /* page-table requests since the test last set these to 0 */
  uint64_t stray;          /* the address of the last one that is no word's; else 0 */
  tw_pins_memory_in answer;
} machine;

/* A request, and the control write just before it. */
typedef struct machine_ask {
  tw_pins_control control;
  bool in_force; /* the control write has been made */
  tw_access kind;
  uint64_t va;
  uint8_t size;
} machine_ask;

/* The choice that a command line means: a name, or NAME@VARIANT. */
machine_choice machine_choice_of(const char *subject, const char *config);

/* Opens a design of a configuration, not yet reset; the caller closes it. False and error on failure. */
bool machine_open(machine *m, const machine_choice *choice, tw_error *error);
void machine_close(machine *m);

/* Forgets everything and the words of memory; PMP then grants everything to everybody. */
void machine_reset(machine *m);
void machine_cycle(machine *m);

/* The entry at an address: set (a new word, or another value of one), and looked at. */
void machine_write(machine *m, uint64_t pa, uint64_t pte);
uint64_t machine_read(const machine *m, uint64_t pa);

void machine_pmp(machine *m, unsigned kind, unsigned index, uint64_t value);

/* An SFENCE.VMA of everything, together with the control write that `in` may hold; until it is done. False if that does
 * not come. */
bool machine_fence(machine *m);

/* Drives the control write (unless it is in force), then the request, and after its handshake a control write that
 * turns all else than satp and PBMTE around: the answer must not care (P8). Runs until the answer. False if none comes,
 * or another. */
bool machine_ask_one(machine *m, const machine_ask *ask, uint8_t tag, tw_pins_response *response);

/* Requests one a cycle, on either port, each behind its own control write. Answers are `valid` where there was one.
 * The number of asks before the first that was not accepted at once, or not answered; else the count. */
unsigned machine_ask_many(machine *m, const machine_ask *asks, unsigned count, tw_pins_response *responses);

/* Requests back to back, under the control registers as they are, each with a tag of its own, the next one when the one
 * before is accepted. False unless each is answered, once, in whatever order. */
bool machine_ask_parts(machine *m, const machine_ask *asks, unsigned count, tw_pins_response *responses);

#endif
