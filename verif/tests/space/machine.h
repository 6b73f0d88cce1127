/* A machine whose MMU is the oracle: memory, control state, and a space that it answers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SPACE_TEST_MACHINE_H
#define SPACE_TEST_MACHINE_H

#include "twinwalk/space.h"

typedef struct machine_word {
  uint64_t key, value; /* key: address / 4 + 1; 0: unused */
} machine_word;

/* Every MMU record that was handed out, if it is kept, and how accesses ended. */
typedef struct machine_log {
  tw_record record;
  tw_walk walk;
} machine_log;

typedef struct test_machine {
  tw_space *space;
  machine_word *words; /* owned */
  size_t word_count, word_capacity;
  tw_context context;
  tw_machine behind; /* `context` points to it, */
  tw_pmp pmp;        /* and it to this */
  bool late;         /* answers are told when the space will not go on without, the youngest first */
  tw_record_answer waiting[TW_SPACE_PENDING_MAX];
  unsigned waiting_count;
  bool keep;        /* whether to keep the log */
  machine_log *log; /* owned */
  size_t log_count, log_capacity;
  uint64_t accesses, granted, faults;
  uint64_t hash; /* of every record */
} test_machine;

/* Opens a machine and a space; asserts on failure. */
void machine_open(test_machine *machine, const tw_space_options *options);
void machine_close(test_machine *machine);
/* Feeds one program record and plays whatever comes of it, all of it unless answers are late. Asserts on errors. */
void machine_feed(test_machine *machine, tw_record *program);
/* As machine_feed, but false and error if the space refuses. */
bool machine_try(test_machine *machine, tw_record *program, tw_error *error);
/* Tells all answers and plays whatever comes of them. */
void machine_settle(test_machine *machine);
/* The walk of an address under the control state as it is. */
tw_walk machine_walk(test_machine *machine, tw_privilege privilege, tw_access access, uint64_t va);
tw_space_counts machine_counts(const test_machine *machine);

/* Program records. */
tw_record program_access(tw_access kind, uint64_t va, uint8_t size);
tw_record program_map(uint64_t start, uint64_t length, uint8_t prot, tw_region_use use);
tw_record program_range(tw_record_kind kind, uint64_t start, uint64_t length, uint8_t prot);

#endif
