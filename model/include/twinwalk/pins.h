/* The pins of an MMU, as C structs: one struct in, one struct out, one pair a clock cycle.
 *
 * docs/pins.md is the contract (rules P1 to P36); rtl/tw_mmu.sv has the same pins, one port a field, named
 * <group>_<field>_i or _o (fetch.req.valid is fetch_req_valid_i). Every field is present every cycle; a field whose
 * valid is low is zero, in both directions, so two structs are equal exactly if memcmp says so: the structs have no
 * padding, and unused bytes are named `zero`.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PINS_H
#define TWINWALK_PINS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TW_TAG_BITS 4u /* bits of a request's tag */
#define TW_ID_BITS 4u  /* bits of a page-table request's id */

/* Request kinds (req.kind). 0 to 3 are tw_access; the others are reserved and must not be driven. */
enum {
  TW_PIN_KIND_FETCH = 0,
  TW_PIN_KIND_LOAD = 1,
  TW_PIN_KIND_STORE = 2,
  TW_PIN_KIND_AMO = 3,
  TW_PIN_KIND_HLV = 4,
  TW_PIN_KIND_HLVX = 5,
  TW_PIN_KIND_HSV = 6
};

/* How a request ended (rsp.status). */
enum { TW_PIN_TRANSLATED = 0, TW_PIN_FAULT = 1, TW_PIN_RETRY = 2 };

/* Fence kinds (fence.kind). HFENCE.* are reserved and must not be driven. */
enum {
  TW_PIN_SFENCE_VMA = 0,
  TW_PIN_SINVAL_VMA = 1,
  TW_PIN_HFENCE_VVMA = 2,
  TW_PIN_HFENCE_GVMA = 3,
  TW_PIN_SFENCE_W_INVAL = 4,
  TW_PIN_SFENCE_INVAL_IR = 5
};

/* What a write of the PMP registers goes to (pmp.kind): the byte of pmpcfg or the pmpaddr of entry pmp.index, or
 * mseccfg. */
enum { TW_PIN_PMP_CFG = 0, TW_PIN_PMP_ADDR = 1, TW_PIN_PMP_MSECCFG = 2 };

/* Which structure answered (rsp.hit). */
enum { TW_PIN_HIT_NONE = 0, TW_PIN_HIT_L1 = 1, TW_PIN_HIT_L2 = 2 };

/* Page-table request kinds (mem.req.kind). */
enum { TW_PIN_MEM_READ = 0, TW_PIN_MEM_CAS = 1 };

/* Bits of tw_pins_out.event: what happened in the cycle before (docs/pins.md, "Events"). */
enum {
  TW_EVENT_FETCH_HIT = 1u << 0,   /* a fetch lookup found an entry, whatever it granted */
  TW_EVENT_FETCH_MISS = 1u << 1,  /* a fetch lookup found none */
  TW_EVENT_FETCH_EVICT = 1u << 2, /* a fill replaced a valid entry of the fetch TLB */
  TW_EVENT_FETCH_RETRY = 1u << 3, /* a fetch was answered RETRY */
  TW_EVENT_DATA_HIT = 1u << 4,
  TW_EVENT_DATA_MISS = 1u << 5,
  TW_EVENT_DATA_EVICT = 1u << 6,
  TW_EVENT_DATA_RETRY = 1u << 7,
  TW_EVENT_WALK_BEGIN = 1u << 8,        /* the walker took a miss */
  TW_EVENT_WALK_STEP = 1u << 9,         /* an answer to a page-table read was used */
  TW_EVENT_WALK_GRANT = 1u << 10,       /* a walk ended in a translation */
  TW_EVENT_WALK_FAULT = 1u << 11,       /* a walk ended in a fault */
  TW_EVENT_WALK_KILL = 1u << 12,        /* at least one walk was killed: fence, satp write or cancel */
  TW_EVENT_FENCE = 1u << 13,            /* a fence was accepted */
  TW_EVENT_L2_HIT = 1u << 14,           /* an L2 lookup found an entry, whatever it granted */
  TW_EVENT_L2_MISS = 1u << 15,          /* an L2 lookup found none, or one that wants an update */
  TW_EVENT_L2_EVICT = 1u << 16,         /* a fill replaced a valid entry of the L2 TLB */
  TW_EVENT_L2_STALL = 1u << 17,         /* the L2 TLB stood still although a slot searched or wanted to */
  TW_EVENT_WALK_CACHE_HIT = 1u << 18,   /* a walk began below the root */
  TW_EVENT_WALK_CACHE_EVICT = 1u << 19, /* a pointer replaced a valid one */
  TW_EVENT_WALK_MERGE = 1u << 20,       /* a miss was attached to a walk in flight */
  TW_EVENT_UPDATE = 1u << 21,           /* an update of A and D was made */
  TW_EVENT_UPDATE_LOST = 1u << 22,      /* an update found another entry */
  TW_EVENT_TABLE_DENIED = 1u << 23,     /* a page-table request was denied before it was made */
  TW_EVENT_WALKER_STALL = 1u << 24,     /* a slot waited for a walker and none was given to any slot */
  TW_EVENT_MEM_STALL = 1u << 25,        /* a page-table request was not accepted */
  TW_EVENT_FETCH_STALL = 1u << 26,      /* a fetch request was not accepted */
  TW_EVENT_DATA_STALL = 1u << 27,       /* a data request was not accepted */
  TW_EVENT_FENCE_STALL = 1u << 28,      /* a fence was not accepted */
  TW_EVENT_COUNT = 29                   /* number of event bits */
};

/* Control write: when valid, the MMU takes all fields over and uses them from the next cycle on. */
typedef struct tw_pins_control {
  uint64_t satp;
  uint8_t valid;     /* 1 bit: the change flag */
  uint8_t privilege; /* 2 bits */
  uint8_t mprv;      /* 1 bit */
  uint8_t mpp;       /* 2 bits */
  uint8_t sum;       /* 1 bit */
  uint8_t mxr;       /* 1 bit */
  uint8_t adue;      /* 1 bit: menvcfg.ADUE */
  uint8_t pbmte;     /* 1 bit: menvcfg.PBMTE */
} tw_pins_control;

/* A write to the PMP registers, in force from the next cycle on. */
typedef struct tw_pins_pmp {
  uint64_t value; /* cfg: bits 7..0; addr: 54 bits; mseccfg: bits 2..0 */
  uint8_t valid;  /* 1 bit */
  uint8_t kind;   /* 2 bits: TW_PIN_PMP_* */
  uint8_t index;  /* 6 bits: the entry; 0 for mseccfg */
  uint8_t zero[5];
} tw_pins_pmp;

/* One access port, towards the MMU. */
typedef struct tw_pins_request {
  uint64_t va;
  uint8_t valid;        /* 1 bit */
  uint8_t tag;          /* TW_TAG_BITS */
  uint8_t kind;         /* 3 bits */
  uint8_t speculative;  /* 1 bit: nobody will take a trap for it yet */
  uint8_t cancel_valid; /* 1 bit: withdraw the earlier request cancel_tag */
  uint8_t cancel_tag;   /* TW_TAG_BITS */
  uint8_t size;         /* 7 bits: bytes, 1 to 64 */
  uint8_t zero[1];
} tw_pins_request;

typedef struct tw_pins_fence {
  uint64_t va;      /* value of rs1; 0 unless has_va */
  uint16_t asid;    /* value of rs2; 0 unless has_asid */
  uint8_t valid;    /* 1 bit */
  uint8_t kind;     /* 3 bits */
  uint8_t has_va;   /* 1 bit: rs1 is not x0 */
  uint8_t has_asid; /* 1 bit: rs2 is not x0 */
  uint8_t zero[2];
} tw_pins_fence;

/* Page-table memory port, towards the MMU. */
typedef struct tw_pins_memory_in {
  uint64_t rsp_data; /* the entry as it was, right-justified; bits above its size are ignored */
  uint8_t rsp_valid; /* 1 bit */
  uint8_t rsp_id;    /* TW_ID_BITS */
  uint8_t rsp_error; /* 1 bit: bus error; rsp_data is ignored */
  uint8_t req_ready; /* 1 bit */
  uint8_t zero[4];
} tw_pins_memory_in;

typedef struct tw_pins_in {
  tw_pins_control control;
  tw_pins_pmp pmp;
  tw_pins_request fetch;
  tw_pins_request data;
  tw_pins_fence fence;
  tw_pins_memory_in mem;
  uint8_t rst_n; /* 1 bit: 0 resets */
  uint8_t zero[7];
} tw_pins_in;

/* One access port, from the MMU. */
typedef struct tw_pins_response {
  uint64_t pa;       /* 56 bits; 0 unless TRANSLATED */
  uint64_t tval;     /* the faulting virtual address; 0 unless FAULT */
  uint64_t gpa;      /* reserved for guest-physical addresses: 0 */
  uint8_t req_ready; /* 1 bit */
  uint8_t valid;     /* 1 bit */
  uint8_t tag;       /* TW_TAG_BITS */
  uint8_t status;    /* 2 bits: TW_PIN_TRANSLATED, FAULT, RETRY */
  uint8_t reason;    /* 5 bits: tw_reason; 0 unless FAULT */
  uint8_t cause;     /* 5 bits: tw_cause; 0 unless FAULT */
  uint8_t level;     /* 3 bits: of the leaf; 0 unless TRANSLATED */
  uint8_t flags;     /* 8 bits: of the leaf, G accumulated; 0 unless TRANSLATED through an entry */
  uint8_t hit;       /* 2 bits: TW_PIN_HIT_*: the structure that answered, if it was not a walk */
  uint8_t attribute; /* 2 bits: tw_pbmt; 0 unless TRANSLATED */
  uint8_t implicit;  /* 1 bit: reserved for faults of implicit accesses: 0 */
  uint8_t napot;     /* 1 bit: the leaf is of 64 KiB; 0 unless TRANSLATED */
  uint8_t zero[4];
} tw_pins_response;

/* Page-table memory port, from the MMU. */
typedef struct tw_pins_memory_out {
  uint64_t req_addr;     /* 56 bits, aligned to the entry's size */
  uint64_t req_expected; /* compare-and-swap: written if this is there; else 0 */
  uint64_t req_desired;  /* compare-and-swap: what is written; else 0 */
  uint8_t req_valid;     /* 1 bit */
  uint8_t req_id;        /* TW_ID_BITS */
  uint8_t req_kind;      /* 1 bit: TW_PIN_MEM_* */
  uint8_t req_size;      /* 2 bits: log2 of bytes: 2 or 3 */
  uint8_t zero[4];
} tw_pins_memory_out;

typedef struct tw_pins_out {
  tw_pins_response fetch;
  tw_pins_response data;
  tw_pins_memory_out mem;
  uint32_t event;      /* TW_EVENT_COUNT bits */
  uint8_t fence_ready; /* 1 bit */
  uint8_t fence_done;  /* 1 bit */
  uint8_t walkers;     /* 4 bits: walkers that were not idle in the cycle before */
  uint8_t zero[1];
} tw_pins_out;

#ifdef __cplusplus
}
#endif
#endif
