/* Why an access was not translated: names, rules, and the cause that the architecture reports.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/spec.h"

#include <stddef.h>
#include <string.h>

typedef enum fault_class { NO_FAULT, PAGE_FAULT, ACCESS_FAULT, FAULT_CLASS_COUNT } fault_class;

typedef struct reason_info {
  const char *name;
  const char *text;
  const char *rule;
  fault_class fault;
} reason_info;

static const reason_info REASONS[TW_REASON_COUNT] = {
    [TW_OK] = {"ok", "The access is granted.", "Sv step 10", NO_FAULT},
    [TW_REASON_NOT_CANONICAL] = {"not-canonical",
                                 "The upper bits of the virtual address do not all equal the highest translated bit.",
                                 "Sv39_va_signext, Sv48_va_signext, Sv57_va_signext", PAGE_FAULT},
    [TW_REASON_TABLE_BUS_ERROR] = {"table-bus-error", "The read of a page-table entry failed.", "Sv step 2",
                                   ACCESS_FAULT},
    [TW_REASON_INVALID] = {"invalid", "The entry is not valid (V=0).", "Sv step 3", PAGE_FAULT},
    [TW_REASON_WRITE_ONLY] = {"write-only", "The entry has the reserved encoding R=0 and W=1.", "Sv step 3",
                              PAGE_FAULT},
    [TW_REASON_RESERVED_BITS] = {"reserved-bits", "A reserved bit of the entry is set.",
                                 "Sv step 3; Sv39_pte_svnapot_rsv, Sv39_pte_svpbmt_rsv, Sv39_pte_future_rsv",
                                 PAGE_FAULT},
    [TW_REASON_POINTER_RESERVED] = {"pointer-reserved", "The entry is a pointer, and its D, A, U, N or PBMT is set.",
                                    "Sv step 3; Svpbmt_nonleaf_pte_pbmt_must_be_zero", PAGE_FAULT},
    [TW_REASON_NO_LEAF] = {"no-leaf", "The entry of the last level is a pointer.", "Sv step 4", PAGE_FAULT},
    [TW_REASON_MISALIGNED] = {"misaligned", "The superpage's physical address is not aligned to its size.",
                              "Sv step 5; Sv39_superpage_align_fault and its kin", PAGE_FAULT},
    [TW_REASON_USER_DENIED] = {"user-denied", "U-mode may not use a page with U=0.", "Sv step 6", PAGE_FAULT},
    [TW_REASON_SUPERVISOR_DENIED] = {"supervisor-denied",
                                     "S-mode may not use a page with U=1 for a fetch, nor for data while SUM=0.",
                                     "Sv step 6; sstatus_sum", PAGE_FAULT},
    [TW_REASON_READ_DENIED] = {"read-denied", "The page is not readable, nor executable with MXR=1.",
                               "Sv step 8; sstatus_mxr", PAGE_FAULT},
    [TW_REASON_WRITE_DENIED] = {"write-denied", "The page is not writable (W=0).", "Sv step 8", PAGE_FAULT},
    [TW_REASON_EXECUTE_DENIED] = {"execute-denied", "The page is not executable (X=0).", "Sv step 8", PAGE_FAULT},
    [TW_REASON_ACCESSED_CLEAR] = {"accessed-clear", "The page's A is clear, and hardware does not set it.",
                                  "Sv step 9; svade_access_ad_bit_clear", PAGE_FAULT},
    [TW_REASON_DIRTY_CLEAR] = {"dirty-clear", "The page is written, its D is clear, and hardware does not set it.",
                               "Sv step 9; svade_access_ad_bit_clear", PAGE_FAULT},
    [TW_REASON_PHYSICAL_RANGE] = {"physical-range", "The physical address is wider than the implemented ones.",
                                  "satp_mode; Sv step 10", ACCESS_FAULT},
    [TW_REASON_TABLE_RANGE] = {"table-range", "The address of a page-table entry is wider than the implemented ones.",
                               "Sv step 2", ACCESS_FAULT},
    [TW_REASON_TABLE_PMA] = {"table-pma", "No page tables may be read in that region of memory, or there is none.",
                             "Sv step 2; pma_chk_paddr", ACCESS_FAULT},
    [TW_REASON_TABLE_PMP] = {"table-pmp", "PMP denies the read of a page-table entry, made as S-mode.",
                             "Sv step 2; pmp_check_pagetable_access", ACCESS_FAULT},
    [TW_REASON_UPDATE_PMA] = {"update-pma", "A and D may not be updated in that region of memory.",
                              "Sv step 9; pma_chk_paddr", ACCESS_FAULT},
    [TW_REASON_UPDATE_PMP] = {"update-pmp", "PMP denies the update of A and D, a write made as S-mode.",
                              "Sv step 9; pmp_check_pagetable_access", ACCESS_FAULT},
    [TW_REASON_UPDATE_BUS_ERROR] = {"update-bus-error", "The update of A and D failed on the bus.", "Sv step 9",
                                    ACCESS_FAULT},
    [TW_REASON_PMA_DENIED] = {"pma-denied", "The access does not lie wholly within one region of memory.",
                              "pma_chk_paddr", ACCESS_FAULT},
    [TW_REASON_PMP_DENIED] = {"pmp-denied", "PMP denies the access.",
                              "pmp_exec_fault, pmp_load_fault, pmp_store_fault; pmp_no_entry_match", ACCESS_FAULT},
    [TW_REASON_NAPOT_RESERVED] = {"napot-reserved", "N is set, and the level or PPN[3:0] does not tell of 64 KiB.",
                                  "Sv step 3; Svnapot_reserved_encoding_fault", PAGE_FAULT},
    [TW_REASON_PBMT_RESERVED] = {"pbmt-reserved", "The leaf has the reserved memory type PBMT=3.",
                                 "Sv step 3; Svpbmt_leaf_pte_pbmt_reserved_3_fault", PAGE_FAULT},
};

static const tw_cause CAUSES[FAULT_CLASS_COUNT][TW_ACCESS_COUNT] = {
    [NO_FAULT] = {TW_CAUSE_NONE, TW_CAUSE_NONE, TW_CAUSE_NONE, TW_CAUSE_NONE},
    [PAGE_FAULT] = {TW_CAUSE_FETCH_PAGE_FAULT, TW_CAUSE_LOAD_PAGE_FAULT, TW_CAUSE_STORE_PAGE_FAULT,
                    TW_CAUSE_STORE_PAGE_FAULT},
    [ACCESS_FAULT] = {TW_CAUSE_FETCH_ACCESS_FAULT, TW_CAUSE_LOAD_ACCESS_FAULT, TW_CAUSE_STORE_ACCESS_FAULT,
                      TW_CAUSE_STORE_ACCESS_FAULT},
};

static const reason_info UNKNOWN = {"unknown", "No such reason.", "none", NO_FAULT};

static const reason_info *reason_row(tw_reason reason) {
  return (unsigned)reason < TW_REASON_COUNT ? &REASONS[reason] : &UNKNOWN;
}

const char *tw_reason_name(tw_reason reason) {
  return reason_row(reason)->name;
}

const char *tw_reason_text(tw_reason reason) {
  return reason_row(reason)->text;
}

const char *tw_reason_rule(tw_reason reason) {
  return reason_row(reason)->rule;
}

bool tw_reason_from_name(const char *name, tw_reason *reason) {
  for (unsigned i = 0; i < TW_REASON_COUNT; i++) {
    if (strcmp(name, REASONS[i].name) == 0) {
      *reason = (tw_reason)i;
      return true;
    }
  }
  return false;
}

tw_cause tw_reason_cause(tw_reason reason, tw_access access) {
  return (unsigned)access < TW_ACCESS_COUNT ? CAUSES[reason_row(reason)->fault][access] : TW_CAUSE_NONE;
}

const char *tw_cause_name(tw_cause cause) {
  switch (cause) {
  case TW_CAUSE_NONE:
    return "none";
  case TW_CAUSE_FETCH_ACCESS_FAULT:
    return "fetch access fault";
  case TW_CAUSE_LOAD_ACCESS_FAULT:
    return "load access fault";
  case TW_CAUSE_STORE_ACCESS_FAULT:
    return "store access fault";
  case TW_CAUSE_FETCH_PAGE_FAULT:
    return "fetch page fault";
  case TW_CAUSE_LOAD_PAGE_FAULT:
    return "load page fault";
  case TW_CAUSE_STORE_PAGE_FAULT:
    return "store page fault";
  }
  return "unknown";
}
