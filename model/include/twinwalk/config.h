/* A micro-architecture: the sizes that docs/microarchitecture.md leaves open.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CONFIG_H
#define TWINWALK_CONFIG_H

#include "twinwalk/error.h"
#include "twinwalk/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TW_MAX_TLB_ENTRIES 64u

/* Latency of the page-table memory, in cycles. A span of 0 is a fixed latency; else the latency and the stall of a
 * request are drawn from [minimum, minimum + span], keyed by seed, address and the request's ordinal there. */
typedef struct tw_latency {
  unsigned minimum;    /* cycles from handshake to answer, 1 to 1000 */
  unsigned span;       /* cycles, 0 to 1000 */
  unsigned stall_span; /* cycles a request waits for ready, drawn from [0, stall_span]; 0 to 1000 */
} tw_latency;

typedef struct tw_config {
  char name[32];          /* [a-z0-9_-]+ */
  tw_mode mode;           /* the translating mode: TW_SV32 or TW_SV39 */
  unsigned fetch_entries; /* 1 to TW_MAX_TLB_ENTRIES */
  unsigned data_entries;  /* 1 to TW_MAX_TLB_ENTRIES */
  unsigned asid_bits;     /* 0 to the mode's ASIDMAX */
  tw_latency memory;
} tw_config;

/* Sv39, 16 + 16 entries, 16 ASID bits, memory that answers in the next cycle. */
#define TW_CONFIG_BASE39 ((tw_config){"base39", TW_SV39, 16, 16, 16, {1, 0, 0}})

/* Sv32, 4 + 4 entries, 9 ASID bits, memory that answers in the next cycle. */
#define TW_CONFIG_TINY32 ((tw_config){"tiny32", TW_SV32, 4, 4, 9, {1, 0, 0}})

/* Whether every field is in its range; if not, the error names the first key that is wrong and what it may be. */
bool tw_config_validate(const tw_config *config, tw_error *error);

/* A 64-bit fingerprint of everything that decides cycles, the name left out. Stable between releases. */
uint64_t tw_config_hash(const tw_config *config);

#ifdef __cplusplus
}
#endif
#endif
