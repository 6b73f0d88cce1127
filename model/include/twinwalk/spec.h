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

#include "twinwalk/access.h"
#include "twinwalk/pma.h"
#include "twinwalk/pmp.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TW_PAGE_BITS 12u                   /* bits of the page offset, in every mode */
#define TW_PAGE_BYTES (1u << TW_PAGE_BITS) /* bytes of the smallest page and of every table */
#define TW_MAX_LEVELS 5u                   /* levels of the deepest mode (Sv57) */

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
  uint64_t pte_reserved; /* bits of any entry that must be zero without extensions (rule Sv39_pte_future_rsv, ...) */
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
  TW_REASON_POINTER_RESERVED = 6,   /* page fault; Sv step 3: D, A, U, N or PBMT of a pointer is set */
  TW_REASON_NO_LEAF = 7,            /* page fault; Sv step 4: a pointer at level 0 */
  TW_REASON_MISALIGNED = 8,         /* page fault; Sv step 5: low PPN bits of a superpage are set */
  TW_REASON_USER_DENIED = 9,        /* page fault; Sv step 6: U-mode, U=0 */
  TW_REASON_SUPERVISOR_DENIED = 10, /* page fault; Sv step 6: S-mode, U=1, and a fetch or SUM=0 */
  TW_REASON_READ_DENIED = 11,       /* page fault; Sv step 8: load, R=0 and not (MXR=1 and X=1) */
  TW_REASON_WRITE_DENIED = 12,      /* page fault; Sv step 8: store or amo, W=0 */
  TW_REASON_EXECUTE_DENIED = 13,    /* page fault; Sv step 8: fetch, X=0 */
  TW_REASON_ACCESSED_CLEAR = 14,    /* page fault; Sv step 9 with Svade: A=0 */
  TW_REASON_DIRTY_CLEAR = 15,       /* page fault; Sv step 9 with Svade: store or amo, D=0 */
  TW_REASON_PHYSICAL_RANGE = 16,    /* access fault; the address has a bit above the implemented physical width */
  TW_REASON_TABLE_RANGE = 17,       /* access fault; Sv step 2: so has the address of an entry */
  TW_REASON_TABLE_PMA = 18,         /* access fault; Sv step 2: no page tables there */
  TW_REASON_TABLE_PMP = 19,         /* access fault; Sv step 2: PMP denies the read of an entry */
  TW_REASON_UPDATE_PMA = 20,        /* access fault; Sv step 9: no update of A and D there */
  TW_REASON_UPDATE_PMP = 21,        /* access fault; Sv step 9: PMP denies the write of A and D */
  TW_REASON_UPDATE_BUS_ERROR = 22,  /* access fault; Sv step 9: the compare-and-swap failed on the bus */
  TW_REASON_PMA_DENIED = 23,        /* access fault; the access is not wholly within one region */
  TW_REASON_PMP_DENIED = 24,        /* access fault; PMP denies the access */
  TW_REASON_NAPOT_RESERVED = 25,    /* page fault; Sv step 3: N above level 0, or a reserved PPN pattern */
  TW_REASON_PBMT_RESERVED = 26,     /* page fault; Sv step 3: PBMT is 3 */
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

/* Fields of 8-byte entries above the PPN. */
#define TW_PTE_N (UINT64_C(1) << 63) /* Svnapot */
#define TW_PTE_PBMT_SHIFT 61u        /* Svpbmt: bits 62..61 */
#define TW_PTE_PBMT (UINT64_C(3) << TW_PTE_PBMT_SHIFT)
#define TW_PTE_RSW60T59 (UINT64_C(3) << 59) /* Svrsw60t59b: free for software */

/* Extensions, a bit each. */
enum {
  TW_EXT_SVNAPOT = 1u << 0,     /* 64 KiB pages; not in Sv32 */
  TW_EXT_SVPBMT = 1u << 1,      /* page-based memory types; not in Sv32 */
  TW_EXT_SVADU = 1u << 2,       /* hardware updates A and D; without it, Svade */
  TW_EXT_SVINVAL = 1u << 3,     /* SINVAL.VMA, SFENCE.W.INVAL, SFENCE.INVAL.IR */
  TW_EXT_SVVPTC = 1u << 4,      /* an entry made valid is seen in bounded time without a fence */
  TW_EXT_SVRSW60T59B = 1u << 5, /* bits 60..59 of an entry are free for software; not in Sv32 */
  TW_EXT_SMEPMP = 1u << 6       /* mseccfg.MML, MMWP, RLB */
};
#define TW_EXT_COUNT 7u

/* Lower-case name of the extension with bit number `bit` ("svnapot"); NULL from TW_EXT_COUNT on. */
const char *tw_extension_name(unsigned bit);

/* Those of `implemented` that decide what an entry means now: SVPBMT only with menvcfg.PBMTE, SVADU only with
 * menvcfg.ADUE (rules menvcfg_pbmte and menvcfg_adue and their kin). */
unsigned tw_extensions_in_force(unsigned implemented, bool pbmte, bool adue);

/* Page-based memory types (rule set of svpbmt). */
typedef enum tw_pbmt { TW_PBMT_PMA = 0, TW_PBMT_NC = 1, TW_PBMT_IO = 2 } tw_pbmt;

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

/* What lies behind the MMU. */
typedef struct tw_machine {
  unsigned pa_bits;  /* implemented physical address bits, at most the mode's; 0: the mode's (Bare: 34 or 56) */
  const tw_pmp *pmp; /* NULL: no PMP */
  const tw_pma_table *regions; /* NULL or empty: all is main memory */
} tw_machine;

/* Under what an access is made. */
typedef struct tw_context {
  tw_satp satp;
  tw_privilege privilege;    /* effective: after MPRV (tw_privilege_effective) */
  bool sum;                  /* rule sstatus_sum */
  bool mxr;                  /* rule sstatus_mxr */
  unsigned xlen;             /* 32 or 64 */
  unsigned extensions;       /* those in force (tw_extensions_in_force) */
  const tw_machine *machine; /* what lies behind the MMU; NULL: full physical width, no PMP, one region */
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
  uint8_t flags;     /* bits 7..0 of the entry */
  uint8_t attribute; /* tw_pbmt of a leaf; 0 unless Svpbmt is in force */
  bool napot;        /* a 64 KiB leaf */
} tw_pte_view;

/* Judges an entry read at a level, with the extensions in force: pointer, leaf, or the first fault of Sv steps 3, 4
 * and 5, in the order of docs/microarchitecture.md, D2 to D10. PPN and flags are the entry's, also of a fault; the
 * low four PPN bits of a NAPOT leaf are 0. Bits 63..32 of a 4-byte entry are ignored. */
tw_pte_view tw_pte_decode(tw_mode mode, unsigned extensions, uint64_t pte, unsigned level);

/* Whether a leaf's U, R, W and X bits grant an access. TW_OK or the first reason of Sv steps 6 and 8.
 * TW_OK for M-mode, which pages do not bind. */
tw_reason tw_permission_check(uint8_t flags, tw_access access, const tw_context *context);

/* Whether A and D of a leaf allow an access as they are. TW_OK or a reason of Sv step 9: with Svade it is the fault
 * (svade_access_ad_bit_clear), with Svadu in force it says that an update is due. */
tw_reason tw_accessed_dirty_check(uint8_t flags, tw_access access);

/* The entry with A set, and D for a store or amo: what Sv step 9 writes. */
uint64_t tw_pte_updated(uint64_t pte, tw_access access);

/* Physical address of va in a leaf of a level; napot: of 64 KiB. Sv step 10 (and rule set of svnapot). */
uint64_t tw_leaf_address(tw_mode mode, uint64_t leaf_ppn, unsigned level, bool napot, uint64_t va);

/* Whether an access of `bytes` at a physical address may be made: width, regions, PMP, in this order. TW_OK,
 * TW_REASON_PHYSICAL_RANGE, TW_REASON_PMA_DENIED or TW_REASON_PMP_DENIED. */
tw_reason tw_final_check(const tw_context *context, tw_access access, uint64_t pa, unsigned bytes);

/* The same for an implicit read (TW_LOAD: TABLE_*) or A/D update (TW_STORE: UPDATE_*) of an entry, made as S-mode. */
tw_reason tw_table_check(const tw_context *context, tw_access access, uint64_t pa);

/* Reads an entry of `bytes` (4 or 8) at pa, little-endian. False for a bus error. */
typedef bool (*tw_pte_reader)(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte);

/* Compare-and-swap of an entry: if it is *expected, writes desired; *expected becomes what was found. False for a bus
 * error. */
typedef bool (*tw_pte_updater)(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired);

/* Memory as a walk sees it. */
typedef struct tw_table_memory {
  tw_pte_reader read;
  tw_pte_updater update; /* may be NULL if Svadu is never in force */
  void *payload;
} tw_table_memory;

/* What is asked. */
typedef struct tw_request {
  tw_access access;
  uint64_t va;
  unsigned bytes;   /* 1 to 64; the access does not cross a page (rule P13 of docs/pins.md) */
  bool speculative; /* no update of A and D: where one is due, `retry` is the outcome */
} tw_request;

/* One step of a walk: which entry was read or updated, and what it held; pte is 0 after a bus error. */
typedef struct tw_step {
  uint64_t pa;
  uint64_t pte;     /* what was found there */
  uint64_t desired; /* of an update: what was written if `pte` was as expected */
  uint8_t level;
  bool bus_error;
  bool update; /* a compare-and-swap */
  bool lost;   /* an update that found another entry: the walk reads again (Sv step 9) */
} tw_step;

#define TW_MAX_STEPS 16u /* steps kept of a walk; a walk that lost more updates keeps the first ones */

/* The outcome of an access, and the walk that led to it. A leaf is an entry that passed Sv steps 3 to 5: level and
 * flags tell of it also if it then denied the access. steps[] is written up to step_count; the rest stays as it was. */
typedef struct tw_walk {
  tw_reason reason; /* TW_OK: translated, or retry */
  tw_cause cause;
  bool retry;         /* speculative, and an update of A or D was due */
  uint64_t pa;        /* 0 unless translated */
  uint8_t level;      /* of the leaf: 0 is 4 KiB; 0 if there was none */
  uint8_t flags;      /* of the leaf (after an update), G set if any entry on the way had it; 0 if there was none */
  uint8_t attribute;  /* tw_pbmt of the leaf */
  bool napot;         /* the leaf is of 64 KiB */
  uint8_t step_count; /* entries read or updated, at most TW_MAX_STEPS */
  tw_step steps[TW_MAX_STEPS];
} tw_walk;

/* The whole translation process for one access, with PMP and regions. An untranslated access (Bare or M) answers its
 * own address, level 0, no flags, no steps. */
void tw_walk_run(const tw_context *context, const tw_request *request, const tw_table_memory *memory, tw_walk *walk);

const char *tw_access_name(tw_access access);          /* "fetch", "load", "store", "amo" */
const char *tw_privilege_name(tw_privilege privilege); /* "U", "S", "M" */
const char *tw_cause_name(tw_cause cause);             /* "load page fault" */

#ifdef __cplusplus
}
#endif
#endif
