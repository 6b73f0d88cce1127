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

#define TW_MAX_TLB_ENTRIES 64u  /* of an L1 TLB, of the superpage part of L2, of a level of the walk cache */
#define TW_MAX_SLOTS 8u         /* miss slots of a port */
#define TW_MAX_WALKERS 8u       /* */
#define TW_MAX_L2_ENTRIES 4096u /* of the set-associative part */
#define TW_MAX_L2_WAYS 16u      /* */
#define TW_MAX_L2_LATENCY 8u    /* cycles */

/* How a set of the L2 TLB chooses its victim. */
typedef enum tw_replacement { TW_PLRU = 0, TW_RANDOM = 1 } tw_replacement;

/* The L2 TLB that both ports share. */
typedef struct tw_l2_config {
  unsigned entries; /* of 4 KiB pages: 0 (no L2 TLB), or 16 to 4096; entries / ways is a power of two */
  unsigned ways;    /* 1 to 16; 0 if there is no L2 TLB */
  unsigned latency; /* cycles of a lookup, 1 to 8; 0 if there is no L2 TLB */
  tw_replacement replacement;
  unsigned super_entries; /* of larger pages, fully associative, 0 to 64; 0 if there is no L2 TLB */
} tw_l2_config;

/* Latency of the page-table memory, in cycles. A span of 0 is a fixed latency; else the latency and the stall of a
 * request are drawn from [minimum, minimum + span], keyed by seed, address and the request's ordinal there. */
typedef struct tw_latency {
  unsigned minimum;    /* cycles from handshake to answer, 1 to 1000 */
  unsigned span;       /* cycles, 0 to 1000 */
  unsigned stall_span; /* cycles a request waits for ready, drawn from [0, stall_span]; 0 to 1000 */
} tw_latency;

typedef struct tw_config {
  char name[32];          /* [a-z0-9_-]+ */
  tw_mode mode;           /* the deepest translating mode; on RV64 the shallower ones are there, too */
  unsigned extensions;    /* TW_EXT_* implemented; Sv32: only SVADU, SVINVAL, SVVPTC, SMEPMP */
  unsigned pa_bits;       /* physical address bits: 32 to 56, Sv32: 32 to 34 */
  unsigned asid_bits;     /* 0 to the mode's ASIDMAX */
  unsigned fetch_entries; /* 1 to TW_MAX_TLB_ENTRIES */
  unsigned data_entries;  /* 1 to TW_MAX_TLB_ENTRIES */
  unsigned fetch_slots;   /* misses outstanding, 1 to TW_MAX_SLOTS */
  unsigned data_slots;    /* misses outstanding, 1 to TW_MAX_SLOTS */
  tw_l2_config l2;
  unsigned walk_entries; /* pointers cached of each level, 0 to TW_MAX_TLB_ENTRIES */
  unsigned walkers;      /* 1 to TW_MAX_WALKERS */
  unsigned pmp_entries;  /* 0, 16 or 64 */
  unsigned pmp_grain;    /* G, 0 to 20 */
  tw_pma_table regions;
  tw_latency memory;
} tw_config;

/* Sv39, 16 + 16 entries, 16 ASID bits, no extension, one walker, memory that answers in the next cycle. */
#define TW_CONFIG_BASE39                                                                                               \
  ((tw_config){.name = "base39",                                                                                       \
               .mode = TW_SV39,                                                                                        \
               .pa_bits = 56,                                                                                          \
               .asid_bits = 16,                                                                                        \
               .fetch_entries = 16,                                                                                    \
               .data_entries = 16,                                                                                     \
               .fetch_slots = 1,                                                                                       \
               .data_slots = 1,                                                                                        \
               .walkers = 1,                                                                                           \
               .memory = {1, 0, 0}})

/* Sv32, 4 + 4 entries, 9 ASID bits, no extension, one walker, memory that answers in the next cycle. */
#define TW_CONFIG_TINY32                                                                                               \
  ((tw_config){.name = "tiny32",                                                                                       \
               .mode = TW_SV32,                                                                                        \
               .pa_bits = 34,                                                                                          \
               .asid_bits = 9,                                                                                         \
               .fetch_entries = 4,                                                                                     \
               .data_entries = 4,                                                                                      \
               .fetch_slots = 1,                                                                                       \
               .data_slots = 1,                                                                                        \
               .walkers = 1,                                                                                           \
               .memory = {1, 0, 0}})

/* Whether every field is in its range; if not, the error names the first key that is wrong and what it may be. */
bool tw_config_validate(const tw_config *config, tw_error *error);

/* A 64-bit fingerprint of everything that decides cycles, the name left out. Stable between releases. */
uint64_t tw_config_hash(const tw_config *config);

#ifdef __cplusplus
}
#endif
#endif
