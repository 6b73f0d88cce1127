/* The decisions of the translation process by a mode's row, for the oracle's own files: the walk has them inlined, and
 * the public functions of pte.c and context.c are these behind a mode's name.
 *
 *    8 bytes:  63  62.61  60.59  58..54    53..........10  9.8  7 6 5 4 3 2 1 0
 *              N   PBMT   RSW    reserved  PPN             RSW  D A G U X W R V      (4 bytes: PPN is 31..10, no more)
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPEC_DECISIONS_H
#define TWINWALK_SPEC_DECISIONS_H

#include "mode_table.h"

#define PPN_SHIFT 10u

static inline bool context_translates(const tw_context *context) {
  return tw_mode_table[context->satp.mode].levels != 0 && context->privilege != TW_MACHINE;
}

static inline bool va_canonical(const tw_mode_info *row, uint64_t va) {
  /* Sv32 has va_bits equal to xlen, and Bare has no xlen: nothing lies above. */
  if (row->xlen <= row->va_bits) return true;
  uint64_t above = va >> (row->va_bits - 1);
  return above == 0 || above == low_mask(row->xlen - row->va_bits + 1);
}

static inline uint64_t entry_address(const tw_mode_info *row, uint64_t table_ppn, unsigned level, uint64_t va) {
  uint64_t vpn = va >> (TW_PAGE_BITS + level * row->vpn_bits) & low_mask(row->vpn_bits);
  return (table_ppn << TW_PAGE_BITS) + vpn * row->pte_bytes;
}

static inline uint64_t entry_ppn(const tw_mode_info *row, uint64_t pte) {
  return pte >> PPN_SHIFT & low_mask(row->ppn_bits);
}

static inline bool entry_leaf(uint64_t pte) {
  return pte & (TW_PTE_R | TW_PTE_W | TW_PTE_X);
}

/* What the extensions in force make of an entry's upper bits, in a mode. */
typedef struct entry_format {
  uint64_t reserved;  /* zero in every entry */
  uint64_t leaf_only; /* N and PBMT as far as they are in force: zero in pointers */
  uint64_t pointer;   /* the bits that tell a sound pointer: of them, V alone is set */
} entry_format;

static inline entry_format entry_format_make(const tw_mode_info *row, unsigned extensions) {
  uint64_t leaf_only = 0, software = 0;
  if (extensions & TW_EXT_SVNAPOT) leaf_only |= TW_PTE_N;
  if (extensions & TW_EXT_SVPBMT) leaf_only |= TW_PTE_PBMT;
  if (extensions & TW_EXT_SVRSW60T59B) software = TW_PTE_RSW60T59;
  const uint64_t flags = TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_U | TW_PTE_A | TW_PTE_D;
  return (entry_format){.reserved = row->pte_reserved & ~(leaf_only | software),
                        .leaf_only = row->pte_reserved & leaf_only,
                        .pointer = (row->pte_reserved & ~software) | flags};
}

/* Rule set of svnapot: of the sizes that N could tell, 64 KiB is the one there is. */
#define NAPOT_PPN_BITS 4u
#define NAPOT_64K ((uint64_t)8)

static inline bool entry_napot(const entry_format *format, uint64_t pte) {
  return pte & format->leaf_only & TW_PTE_N;
}

static inline unsigned entry_pbmt(const entry_format *format, uint64_t pte) {
  return (unsigned)((pte & format->leaf_only & TW_PTE_PBMT) >> TW_PTE_PBMT_SHIFT);
}

/* Sv step 3, as far as it concerns every entry. */
static inline tw_reason entry_check(const entry_format *format, uint64_t pte) {
  if (!(pte & TW_PTE_V)) return TW_REASON_INVALID;
  if ((pte & (TW_PTE_R | TW_PTE_W)) == TW_PTE_W) return TW_REASON_WRITE_ONLY;
  return pte & format->reserved ? TW_REASON_RESERVED_BITS : TW_OK;
}

/* The rest of Sv step 3, and step 4. Rule Svpbmt_nonleaf_pte_pbmt_must_be_zero. */
static inline tw_reason pointer_check(const entry_format *format, uint64_t pte, unsigned level) {
  if (pte & (TW_PTE_D | TW_PTE_A | TW_PTE_U | format->leaf_only)) return TW_REASON_POINTER_RESERVED;
  return level == 0 ? TW_REASON_NO_LEAF : TW_OK;
}

/* The encodings that the extensions reserve in a leaf (rules Svpbmt_leaf_pte_pbmt_reserved_3_fault,
 * Svnapot_reserved_encoding_fault), and Sv step 5. */
static inline tw_reason leaf_check(const tw_mode_info *row, const entry_format *format, uint64_t pte, unsigned level) {
  const uint64_t ppn = entry_ppn(row, pte);
  if (pte & format->leaf_only) {
    if (entry_pbmt(format, pte) == 3) return TW_REASON_PBMT_RESERVED;
    const bool size_known = level == 0 && (ppn & low_mask(NAPOT_PPN_BITS)) == NAPOT_64K;
    if (entry_napot(format, pte) && !size_known) return TW_REASON_NAPOT_RESERVED;
  }
  return ppn & low_mask(level * row->vpn_bits) ? TW_REASON_MISALIGNED : TW_OK;
}

/* Sv steps 3 to 5 in their order. */
static inline tw_reason structure_check(const tw_mode_info *row, const entry_format *format, uint64_t pte,
                                        unsigned level) {
  tw_reason reason = entry_check(format, pte);
  if (reason != TW_OK) return reason;
  return entry_leaf(pte) ? leaf_check(row, format, pte, level) : pointer_check(format, pte, level);
}

/* Whether structure_check finds nothing wrong with a pointer above level 0: its tests of a pointer in one comparison,
 * for the walk to go down by. */
static inline bool pointer_sound(const entry_format *format, uint64_t pte) {
  return (pte & format->pointer) == TW_PTE_V;
}

/* Sv step 6, for U and S. */
static inline tw_reason user_check(uint8_t flags, tw_access access, const tw_context *context) {
  bool user_page = flags & TW_PTE_U;
  if (context->privilege == TW_USER) return user_page ? TW_OK : TW_REASON_USER_DENIED;
  bool denied = user_page && (access == TW_FETCH || !context->sum);
  return denied ? TW_REASON_SUPERVISOR_DENIED : TW_OK;
}

/* Sv step 8. An amo needs W alone: a writable page is readable, for R=0 and W=1 is reserved. */
static inline tw_reason access_check(uint8_t flags, tw_access access, bool mxr) {
  switch (access) {
  case TW_FETCH:
    return flags & TW_PTE_X ? TW_OK : TW_REASON_EXECUTE_DENIED;
  case TW_LOAD:
    return flags & (mxr ? TW_PTE_R | TW_PTE_X : TW_PTE_R) ? TW_OK : TW_REASON_READ_DENIED;
  default:
    return flags & TW_PTE_W ? TW_OK : TW_REASON_WRITE_DENIED;
  }
}

static inline bool access_writes(tw_access access) {
  return access == TW_STORE || access == TW_AMO;
}

/* Sv step 9: the fault of Svade, or the update that is due. */
static inline tw_reason accessed_dirty_check(uint8_t flags, tw_access access) {
  if (!(flags & TW_PTE_A)) return TW_REASON_ACCESSED_CLEAR;
  return access_writes(access) && !(flags & TW_PTE_D) ? TW_REASON_DIRTY_CLEAR : TW_OK;
}

/* What Sv step 9 writes. */
static inline uint64_t entry_updated(uint64_t pte, tw_access access) {
  return pte | TW_PTE_A | (access_writes(access) ? (uint64_t)TW_PTE_D : 0);
}

/* Sv step 10. A NAPOT leaf's low PPN bits tell its size (rule Svnapot_implicit_read_ppn_subst). */
static inline uint64_t leaf_address(const tw_mode_info *row, uint64_t leaf_ppn, unsigned level, bool napot,
                                    uint64_t va) {
  unsigned offset_bits = TW_PAGE_BITS + (napot ? NAPOT_PPN_BITS : level * row->vpn_bits);
  uint64_t offset = low_mask(offset_bits);
  return ((leaf_ppn << TW_PAGE_BITS) & ~offset) | (va & offset);
}

#endif
