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

/* What a TLB holds: the outcome of a walk, with the address of the page's first byte. */
typedef struct machine_tlb_entry {
  bool valid;
  uint16_t asid;
  uint64_t va, length; /* bytes */
  tw_walk walk;
} machine_tlb_entry;

typedef struct test_machine test_machine;

struct test_machine {
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
  uint64_t hash;          /* of every record */
  uint64_t fed;           /* program records */
  machine_tlb_entry *tlb; /* owned; none unless it was given one */
  size_t tlb_size, tlb_next;
  /* Falsifies an answer; or NULL. */
  void (*lie)(test_machine *machine, const tw_record *record, tw_record_answer *answer);
};

/* Opens a machine and a space; asserts on failure. */
void machine_open(test_machine *machine, const tw_space_options *options);
void machine_close(test_machine *machine);
/* Gives it a TLB, filled in turn, that forgets nothing without a fence. */
void machine_give_tlb(test_machine *machine, size_t entries);
/* Feeds one program record and plays whatever comes of it, all of it unless answers are late. Asserts on errors. */
void machine_feed(test_machine *machine, tw_record *program);
/* As machine_feed, but false and error if the space refuses. */
bool machine_try(test_machine *machine, tw_record *program, tw_error *error);
/* Plays records that were handed out many at once. */
void machine_play_all(test_machine *machine, const tw_record *records, size_t count);
/* Tells all answers and plays whatever comes of them. */
void machine_settle(test_machine *machine);
/* The walk of an address under the control state as it is. */
tw_walk machine_walk(test_machine *machine, tw_privilege privilege, tw_access access, uint64_t va);
/* What memory holds at an address that is a multiple of 4. */
uint32_t machine_word_at(const test_machine *machine, uint64_t pa);
/* Asserts that everything is held by exactly what counts it. */
void machine_check(const test_machine *machine);
tw_space_counts machine_counts(const test_machine *machine);

/* Program records. */
tw_record program_access(tw_access kind, uint64_t va, uint8_t size);
tw_record program_map(uint64_t start, uint64_t length, uint8_t prot, tw_region_use use);
tw_record program_range(tw_record_kind kind, uint64_t start, uint64_t length, uint8_t prot);

#endif
