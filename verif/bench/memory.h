/* Page-table memory: sparse, slow as it is told to be, able to fail; one object behind one page-table port.
 *
 * Up to 16 requests are outstanding, reads and compare-and-swaps; each is done at its handshake and answered after its
 * latency, one a cycle. Latency, stall and failure are drawn from (seed, address, how often that address was asked for
 * before), so two designs that ask in different orders meet the same memory.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_MEMORY_H
#define TWINWALK_MEMORY_H

#include <stddef.h>

#include "twinwalk/config.h"
#include "twinwalk/pins.h"
#include "twinwalk/trace.h"

#define TW_MEMORY_IDS 16u

typedef struct tw_memory_options {
  tw_latency latency;
  uint64_t seed;
  uint64_t fill;       /* eight bytes that unwritten memory holds, little-endian */
  uint64_t error_rate; /* one request in so many fails; 0: none */
} tw_memory_options;

/* A read or an update (a compare-and-swap) as it was made, for golden traces, reports and comparison. */
typedef struct tw_memory_read {
  uint64_t cycle;    /* of the handshake */
  uint64_t answered; /* cycle of the answer, if no other takes its place then; else up to 15 later */
  uint64_t pa;
  uint64_t pte;      /* what was there; 0 if error */
  uint64_t expected; /* of an update: memory became `desired` if this was there */
  uint64_t desired;
  uint8_t size; /* bytes */
  bool error;
  bool update;
} tw_memory_read;

typedef struct tw_memory tw_memory;

/* NULL if memory is out. The caller closes it. */
tw_memory *tw_memory_open(const tw_memory_options *options);
void tw_memory_close(tw_memory *memory);

/* Content. Addresses are aligned to bytes (4 or 8). False if memory is out. */
bool tw_memory_write(tw_memory *memory, uint64_t pa, unsigned bytes, uint64_t value);
uint64_t tw_memory_read_value(const tw_memory *memory, uint64_t pa, unsigned bytes);
/* A page-table store as a trace says it. Says in *changed (may be NULL) whether the value changed. */
bool tw_memory_store(tw_memory *memory, const tw_record_store *store, bool *changed);

/* The content as the oracle sees it: no latency, no count; a request fails where the last one of its kind to that
 * address failed. An update finds what is there and changes nothing: the oracle asks what would happen. */
bool tw_memory_oracle_read(void *memory, uint64_t pa, unsigned bytes, uint64_t *pte);
bool tw_memory_oracle_update(void *memory, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired);
/* Both, over a memory. */
tw_table_memory tw_memory_oracle(tw_memory *memory);

/* Overrides what is drawn for one request. False if memory is out. */
bool tw_memory_inject(tw_memory *memory, const tw_record_inject *inject);

/* Sets the memory's pins of this cycle, from what it saw in cycles before. */
void tw_memory_drive(tw_memory *memory, uint64_t cycle, tw_pins_memory_in *pins);

typedef enum tw_memory_result { TW_MEMORY_QUIET, TW_MEMORY_ACCEPTED, TW_MEMORY_VIOLATION } tw_memory_result;

/* Takes the MMU's pins of this cycle. ACCEPTED: *read tells of the handshake. VIOLATION: a rule of docs/pins.md was
 * broken and error says which. */
tw_memory_result tw_memory_observe(tw_memory *memory, uint64_t cycle, const tw_pins_memory_out *pins,
                                   tw_memory_read *read, tw_error *error);

/* Whether the pins may change in the next cycle, or a request is there that must not: if not, memory need be neither
 * driven nor, without a request, observed. */
bool tw_memory_busy(const tw_memory *memory);

/* Whether a request was offered in the cycle before and not accepted. */
bool tw_memory_holds(const tw_memory *memory);

/* Forgets outstanding requests: the MMU was reset. */
void tw_memory_reset(tw_memory *memory);

#endif
