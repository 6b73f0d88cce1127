/* Plays records into the pins of one MMU: a partial order (docs/traces.md, rules T1 to T8).
 *
 * Records are taken in order; each goes to the pending place of its pins (fetch, data, fence, control, PMP, page-table
 * store) and waits there until everything in its `after` is complete and its delay has passed. So a port asks in order,
 * one request a cycle, with up to 16 outstanding, one a tag, as far as `after` and the port's ready allow; answers come
 * in any order. The inputs of a cycle depend on the outputs of cycles before it alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PLAYER_H
#define TWINWALK_PLAYER_H

#include "memory.h"
#include "source.h"
#include "twinwalk/mmu.h"

#define TW_TAGS (1u << TW_TAG_BITS)

/* The player's name in golden traces: in the order of the trace, on each port a window of 16 requests. */
#define TW_PLAYER_ISSUE "in-order-per-port-16"

/* The control state in force, as rules P6 and P7 make it. */
typedef struct tw_control_state {
  uint64_t satp; /* as stored: without the ASID bits that are not implemented */
  uint8_t privilege, mprv, mpp, sum, mxr, adue, pbmte;
} tw_control_state;

/* An access on its way: in its place, or accepted and not yet answered. */
typedef struct tw_flight {
  uint64_t number;    /* of its record */
  uint64_t accepted;  /* cycle of the request handshake */
  uint64_t cancel_at; /* cycle of its cancel; 0: none */
  tw_record_access access;
  uint32_t attempt;
  tw_port port;
  uint8_t tag;
  tw_control_state control; /* in force at its request handshake */
  bool cancelling;          /* its cancel is on the pins */
  bool satp_changed;        /* while it was outstanding, so it may be answered RETRY (P18) */
  bool pmp_changed;         /* while it was outstanding, so it may be judged by either (P31) */
} tw_flight;

/* Who wants to know what happens. Any function may be NULL. */
typedef struct tw_observer {
  void *payload;
  void (*taken)(void *payload, const tw_record *record);    /* from the source, in its order */
  void (*accepted)(void *payload, const tw_flight *flight); /* request handshake */
  void (*answered)(void *payload, const tw_flight *flight, const tw_record_answer *answer);
  void (*offered)(void *payload, const tw_pins_memory_out *pins); /* page-table request, in its first cycle */
  void (*read)(void *payload, const tw_memory_read *read);        /* page-table read or update, at its handshake */
  void (*control)(void *payload, uint64_t cycle,
                  const tw_record *record);                            /* control write, in force from the next cycle */
  void (*pmp)(void *payload, uint64_t cycle, const tw_record *record); /* PMP write, likewise */
  /* A page-table store, just done; `before` was there. */
  void (*store)(void *payload, uint64_t cycle, const tw_record *record, uint64_t before);
  void (*fence)(void *payload, uint64_t cycle, const tw_record *record); /* fence handshake */
} tw_observer;

typedef struct tw_player_counts {
  uint64_t cycles;
  uint64_t accesses; /* that got their final answer */
  uint64_t answers;  /* all of them, RETRY and faults that were asked again included */
  uint64_t faults[TW_REASON_COUNT];
  uint64_t retries;    /* answers RETRY */
  uint64_t hits;       /* answers with hit not 0 */
  uint64_t superpages; /* translations through a leaf above level 0 */
  uint64_t globals;    /* translations with G set */
  uint64_t cancelled;
  uint64_t controls, pmps, stores, fences;
  uint64_t steps;   /* page-table reads */
  uint64_t updates; /* of A and D that were asked for */
  uint64_t bus_errors;
  uint64_t overlapped;  /* requests accepted while the same port had one outstanding */
  uint64_t overtakings; /* answers to requests while an older one of the same port was outstanding */
  uint64_t events[TW_EVENT_COUNT];
  uint64_t walk_cycles; /* walkers that were not idle, summed over the cycles */
} tw_player_counts;

typedef struct tw_player_options {
  tw_source *source; /* the caller's */
  tw_memory *memory; /* the caller's */
  const tw_config *config;
  tw_observer observer;
} tw_player_options;

typedef struct tw_player tw_player;

/* NULL if memory is out. */
tw_player *tw_player_open(const tw_player_options *options);
void tw_player_close(tw_player *player);

/* Prepares the inputs of the next cycle; they stay the player's and valid until observe. NULL and error if the source
 * fails. */
const tw_pins_in *tw_player_drive(tw_player *player, tw_error *error);

typedef enum tw_player_result { TW_PLAYER_GOOD, TW_PLAYER_VIOLATION, TW_PLAYER_FAILED } tw_player_result;

/* Takes the outputs of the cycle that was driven. VIOLATION: the MMU broke a rule of docs/pins.md, error says which;
 * FAILED: the source failed. */
tw_player_result tw_player_observe(tw_player *player, const tw_pins_out *out, tw_error *error);

/* Everything was taken, presented and completed. */
bool tw_player_done(const tw_player *player);
/* The cycle that is next driven, or is driven now; 0 is the first one out of reset. */
uint64_t tw_player_cycle(const tw_player *player);
/* Cycles since anything last happened, while something is owed. */
uint64_t tw_player_idle_cycles(const tw_player *player);
const tw_player_counts *tw_player_counted(const tw_player *player);
const tw_control_state *tw_player_control(const tw_player *player);
/* What lies behind the MMU, with the PMP registers as they are in force; the player's. */
const tw_machine *tw_player_machine(const tw_player *player);

/* The access in flight under a tag; NULL if there is none. The player's. */
const tw_flight *tw_player_flight(const tw_player *player, tw_port port, uint8_t tag);
/* The access that a port requests in the cycle that is driven; UINT64_MAX if it requests none. Between drive and
 * observe. */
uint64_t tw_player_requested(const tw_player *player, tw_port port);
/* Describes what is pending and outstanding, one line each. */
void tw_player_describe(const tw_player *player, char *text, size_t size);

/* The context of an access under a control state, before a machine (NULL: nothing behind the MMU denies anything). */
void tw_control_context(const tw_control_state *control, const tw_config *config, const tw_machine *machine,
                        tw_access access, tw_context *context);
/* What a control write makes of the state (P6, P7). True if it changed satp. */
bool tw_control_apply(tw_control_state *control, const tw_config *config, const tw_record_control *write);

#endif
