/* The architecture, literally: what satp, an entry and a page table mean, and what an access gets.
 *
 * Pure functions, no state, no cycles. Rule names are the anchors (`norm:NAME`) of the RISC-V Instruction Set
 * Manual; "Sv step N" is a numbered step of its section "Virtual Address Translation Process".
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPEC_H
#define TWINWALK_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TW_PAGE_BITS 12u                   /* bits of the page offset, in every mode */
#define TW_PAGE_BYTES (1u << TW_PAGE_BITS) /* bytes of the smallest page and of every table */
#define TW_MAX_LEVELS 5u                   /* levels of the deepest mode (Sv57) */

/* What an access does. The values are those of the pins (docs/pins.md). */
typedef enum tw_access { TW_FETCH = 0, TW_LOAD = 1, TW_STORE = 2, TW_AMO = 3, TW_ACCESS_COUNT } tw_access;

/* Effective privilege; the values are the architecture's. */
typedef enum tw_privilege { TW_USER = 0, TW_SUPERVISOR = 1, TW_MACHINE = 3 } tw_privilege;

/* Translation schemes. All that differs between them is a row of tw_mode_info. */
typedef enum tw_mode { TW_BARE = 0, TW_SV32, TW_SV39, TW_SV48, TW_SV57, TW_MODE_COUNT } tw_mode;

typedef struct tw_mode_info {
  const char *name;      /* "Sv39" */
  unsigned xlen;         /* bits of satp and of a virtual address register; 0 for Bare (either) */
  unsigned satp_mode;    /* value of satp.MODE that selects it (rule satp_mode) */
  unsigned levels;       /* tables on the way to a 4 KiB leaf; 0 for Bare */
  unsigned vpn_bits;     /* bits of one VPN field */
  unsigned va_bits;      /* bits of a virtual address that are translated */
  unsigned ppn_bits;     /* bits of an entry's PPN */
  unsigned pa_bits;      /* bits of a physical address: ppn_bits + 12 */
  unsigned asid_bits;    /* ASIDMAX (rule asidlen) */
  unsigned pte_bytes;    /* bytes of an entry */
  uint64_t pte_reserved; /* bits of any entry that must be zero (rule Sv39_pte_future_rsv, ...) */
} tw_mode_info;

/* The row of a mode; static storage. NULL for no mode; every other function expects a mode below TW_MODE_COUNT. */
const tw_mode_info *tw_mode_row(tw_mode mode);

/* Why an access was not translated: a closed list. The values are those of the pins (docs/pins.md). */
typedef enum tw_reason {
  TW_OK = 0,                        /* granted */
  TW_REASON_NOT_CANONICAL = 1,      /* page fault; Sv39_va_signext and its kin */
  TW_REASON_TABLE_BUS_ERROR = 2,    /* access fault; Sv step 2: the read of an entry failed */
  TW_REASON_INVALID = 3,            /* page fault; Sv step 3: V=0 */
  TW_REASON_WRITE_ONLY = 4,         /* page fault; Sv step 3: R=0 and W=1 */
  TW_REASON_RESERVED_BITS = 5,      /* page fault; Sv step 3: a reserved bit of the entry is set */
  TW_REASON_POINTER_RESERVED = 6,   /* page fault; Sv step 3: D, A or U of a pointer is set */
  TW_REASON_NO_LEAF = 7,            /* page fault; Sv step 4: a pointer at level 0 */
  TW_REASON_MISALIGNED = 8,         /* page fault; Sv step 5: low PPN bits of a superpage are set */
  TW_REASON_USER_DENIED = 9,        /* page fault; Sv step 6: U-mode, U=0 */
  TW_REASON_SUPERVISOR_DENIED = 10, /* page fault; Sv step 6: S-mode, U=1, and a fetch or SUM=0 */
  TW_REASON_READ_DENIED = 11,       /* page fault; Sv step 8: load, R=0 and not (MXR=1 and X=1) */
  TW_REASON_WRITE_DENIED = 12,      /* page fault; Sv step 8: store or amo, W=0 */
  TW_REASON_EXECUTE_DENIED = 13,    /* page fault; Sv step 8: fetch, X=0 */
  TW_REASON_ACCESSED_CLEAR = 14,    /* page fault; Sv step 9 with Svade: A=0 */
  TW_REASON_DIRTY_CLEAR = 15,       /* page fault; Sv step 9 with Svade: store or amo, D=0 */
  TW_REASON_PHYSICAL_RANGE = 16,    /* access fault; Bare: the address is wider than a physical address */
  TW_REASON_COUNT
} tw_reason;

/* Lower-case name ("dirty-clear"), one sentence for a person, and the rule or step it comes from. Static storage.
 * "unknown" and its like outside the list. */
const char *tw_reason_name(tw_reason reason);
const char *tw_reason_text(tw_reason reason);
const char *tw_reason_rule(tw_reason reason);

/* Finds a reason by its name. False if there is none. */
bool tw_reason_from_name(const char *name, tw_reason *reason);

/* Architectural causes (rule set of mcause): access faults 1, 5, 7 and page faults 12, 13, 15. */
typedef enum tw_cause {
  TW_CAUSE_NONE = 0,
  TW_CAUSE_FETCH_ACCESS_FAULT = 1,
  TW_CAUSE_LOAD_ACCESS_FAULT = 5,
  TW_CAUSE_STORE_ACCESS_FAULT = 7,
  TW_CAUSE_FETCH_PAGE_FAULT = 12,
  TW_CAUSE_LOAD_PAGE_FAULT = 13,
  TW_CAUSE_STORE_PAGE_FAULT = 15
} tw_cause;

/* Total: what the architecture reports for a reason and an access. TW_CAUSE_NONE for TW_OK. */
tw_cause tw_reason_cause(tw_reason reason, tw_access access);

/* Flag bits of an entry, at the same place in every mode (rule set of sv32pte). */
enum {
  TW_PTE_V = 1u << 0,
  TW_PTE_R = 1u << 1,
  TW_PTE_W = 1u << 2,
  TW_PTE_X = 1u << 3,
  TW_PTE_U = 1u << 4,
  TW_PTE_G = 1u << 5,
  TW_PTE_A = 1u << 6,
  TW_PTE_D = 1u << 7
};

/* satp taken apart. */
typedef struct tw_satp {
  tw_mode mode;
  uint16_t asid;     /* 9 bits on RV32, 16 bits on RV64 */
  uint64_t root_ppn; /* 22 bits on RV32, 44 bits on RV64 */
} tw_satp;

/* Takes satp apart; xlen is 32 or 64. False if MODE is reserved (the write has no effect, satp_mode_op_unsupported);
 * then *decoded is left alone. On RV32 bits 63..32 are ignored. Bare answers ASID 0 and PPN 0, whatever stood there. */
bool tw_satp_decode(unsigned xlen, uint64_t satp, tw_satp *decoded);

/* Puts satp together; the inverse of tw_satp_decode. Fields are cut to their widths. Bare is 0 on RV32 and RV64. */
uint64_t tw_satp_encode(const tw_satp *decoded);

/* Under what an access is made. */
typedef struct tw_context {
  tw_satp satp;
  tw_privilege privilege; /* effective: after MPRV (tw_privilege_effective) */
  bool sum;               /* rule sstatus_sum */
  bool mxr;               /* rule sstatus_mxr */
  unsigned xlen;          /* 32 or 64 */
} tw_context;

/* Control bits that decide an access's effective privilege. */
typedef struct tw_status {
  tw_privilege privilege;
  bool mprv;
  tw_privilege mpp;
} tw_status;

/* Loads, stores and amos of M-mode with MPRV=1 take MPP's privilege; fetches never do. */
tw_privilege tw_privilege_effective(const tw_status *status, tw_access access);

/* Whether the access is translated at all: mode not Bare and privilege not M (rule satp_op_active). */
bool tw_context_translates(const tw_context *context);

/* Whether a virtual address is valid in a mode: bits above va_bits-1 equal bit va_bits-1; RV32 and Bare: always. */
bool tw_va_canonical(tw_mode mode, uint64_t va);

/* Address of the entry for va in the table at table_ppn, at a level (levels-1 is the root). Sv step 2. */
uint64_t tw_pte_address(tw_mode mode, uint64_t table_ppn, unsigned level, uint64_t va);

/* What Sv steps 3 to 5 make of an entry. */
typedef enum tw_pte_kind { TW_PTE_POINTER, TW_PTE_LEAF, TW_PTE_FAULT } tw_pte_kind;

typedef struct tw_pte_view {
  tw_pte_kind kind;
  tw_reason reason; /* TW_OK unless kind is TW_PTE_FAULT */
  uint64_t ppn;
  uint8_t flags; /* bits 7..0 of the entry */
} tw_pte_view;

/* Judges an entry read at a level: pointer, leaf, or the first fault of Sv steps 3, 4 and 5 in their order. PPN and
 * flags are the entry's, also of a fault. Bits 63..32 of a 4-byte entry are ignored. */
tw_pte_view tw_pte_decode(tw_mode mode, uint64_t pte, unsigned level);

/* Whether a leaf's U, R, W and X bits grant an access. TW_OK or the first reason of Sv steps 6 and 8.
 * TW_OK for M-mode, which pages do not bind. */
tw_reason tw_permission_check(uint8_t flags, tw_access access, const tw_context *context);

/* Whether A and D of a leaf allow an access under Svade. TW_OK or a reason of Sv step 9 (svade_access_ad_bit_clear). */
tw_reason tw_accessed_dirty_check(uint8_t flags, tw_access access);

/* Physical address of va in a leaf of a level. Sv step 10. */
uint64_t tw_leaf_address(tw_mode mode, uint64_t leaf_ppn, unsigned level, uint64_t va);

/* Reads an entry of `bytes` (4 or 8) at pa, little-endian. False for a bus error. */
typedef bool (*tw_pte_reader)(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte);

/* One step of a walk: which entry was read, and what it held; pte is 0 after a bus error. */
typedef struct tw_step {
  uint64_t pa;
  uint64_t pte;
  uint8_t level;
  bool bus_error;
} tw_step;

/* The outcome of an access, and the walk that led to it. A leaf is an entry that passed Sv steps 3 to 5: level and
 * flags tell of it also if it then denied the access. steps[] is written up to step_count; the rest stays as it was. */
typedef struct tw_walk {
  tw_reason reason; /* TW_OK: translated */
  tw_cause cause;
  uint64_t pa;        /* 0 unless translated */
  uint8_t level;      /* of the leaf: 0 is 4 KiB; 0 if there was none */
  uint8_t flags;      /* of the leaf, with G set if any entry on the way had it; 0 if there was none */
  uint8_t step_count; /* entries read */
  tw_step steps[TW_MAX_LEVELS];
} tw_walk;

/* The whole translation process for one access. An untranslated access (Bare or M) answers its own address, level 0,
 * no flags, no steps. */
void tw_walk_run(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read, void *payload,
                 tw_walk *walk);

const char *tw_access_name(tw_access access);          /* "fetch", "load", "store", "amo" */
const char *tw_privilege_name(tw_privilege privilege); /* "U", "S", "M" */
const char *tw_cause_name(tw_cause cause);             /* "load page fault" */

#ifdef __cplusplus
}
#endif
#endif
