/* The naive translator: the manual's steps, one after another, and each scheme's pictures written out.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

typedef enum scheme { BARE, SV32, SV39, SV48, SV57 } scheme;

/* Fields as the manual's pictures name them; ppn[0] and vpn[0] are the lowest. */
typedef struct virtual_address {
  uint64_t vpn[5];
  uint64_t page_offset;
} virtual_address;

typedef struct table_entry {
  bool v, r, w, x, u, g, a, d;
  uint64_t ppn[5];
  uint64_t reserved;
} table_entry;

static uint64_t two_to_the(int exponent) {
  uint64_t power = 1;
  while (exponent-- > 0) power = power * 2;
  return power;
}

/* Bits high..low of a value, as in value[high:low]; fewer than 64 of them. */
static uint64_t bits(uint64_t value, int high, int low) {
  return value / two_to_the(low) % two_to_the(high - low + 1);
}

static bool bit(uint64_t value, int position) {
  return bits(value, position, position) == 1;
}

/* Rule satp_mode. */
static scheme satp_scheme(const naive_access *access) {
  if (access->xlen == 32) return bit(access->satp, 31) ? SV32 : BARE;
  switch (bits(access->satp, 63, 60)) {
  case 8:
    return SV39;
  case 9:
    return SV48;
  case 10:
    return SV57;
  default:
    return BARE;
  }
}

/* Rules satp_ppn_sv32_sz, satp_ppn_sv39_sz. */
static uint64_t satp_ppn(const naive_access *access) {
  return access->xlen == 32 ? bits(access->satp, 21, 0) : bits(access->satp, 43, 0);
}

/* Rules Sv39_levels, Sv48_levels, Sv57_levels. */
static int levels_of(scheme which) {
  if (which == SV32) return 2;
  if (which == SV39) return 3;
  if (which == SV48) return 4;
  return 5;
}

/* Rules Sv39_PTESIZE, Sv48_PTESIZE, Sv57_PTESIZE. */
static int pte_size(scheme which) {
  return which == SV32 ? 4 : 8;
}

/* Rules Sv39_va_signext, Sv48_va_signext, Sv57_va_signext. */
static bool sign_extended(scheme which, uint64_t va) {
  if (which == SV32) return true;
  int sign = which == SV39 ? 38 : which == SV48 ? 47 : 56;
  for (int i = sign + 1; i <= 63; i++) {
    if (bit(va, i) != bit(va, sign)) return false;
  }
  return true;
}

static virtual_address split_virtual_address(scheme which, uint64_t va) {
  virtual_address split = {.page_offset = bits(va, 11, 0)};
  if (which == SV32) {
    split.vpn[0] = bits(va, 21, 12);
    split.vpn[1] = bits(va, 31, 22);
    return split;
  }
  split.vpn[0] = bits(va, 20, 12);
  split.vpn[1] = bits(va, 29, 21);
  split.vpn[2] = bits(va, 38, 30);
  if (which != SV39) split.vpn[3] = bits(va, 47, 39);
  if (which == SV57) split.vpn[4] = bits(va, 56, 48);
  return split;
}

static void split_ppn(scheme which, uint64_t pte, uint64_t ppn[5]) {
  if (which == SV32) {
    ppn[0] = bits(pte, 19, 10);
    ppn[1] = bits(pte, 31, 20);
    return;
  }
  ppn[0] = bits(pte, 18, 10);
  ppn[1] = bits(pte, 27, 19);
  if (which == SV39) {
    ppn[2] = bits(pte, 53, 28);
  } else if (which == SV48) {
    ppn[2] = bits(pte, 36, 28);
    ppn[3] = bits(pte, 53, 37);
  } else {
    ppn[2] = bits(pte, 36, 28);
    ppn[3] = bits(pte, 45, 37);
    ppn[4] = bits(pte, 53, 46);
  }
}

static table_entry split_entry(scheme which, uint64_t pte) {
  table_entry entry = {.v = bit(pte, 0),
                       .r = bit(pte, 1),
                       .w = bit(pte, 2),
                       .x = bit(pte, 3),
                       .u = bit(pte, 4),
                       .g = bit(pte, 5),
                       .a = bit(pte, 6),
                       .d = bit(pte, 7)};
  split_ppn(which, pte, entry.ppn);
  entry.reserved = which == SV32 ? 0 : bits(pte, 63, 54);
  return entry;
}

/* A physical address of its fields, as the pictures of physical addresses place them. */
static uint64_t join_physical_address(scheme which, const uint64_t ppn[5], uint64_t page_offset) {
  uint64_t page = 0;
  for (int i = levels_of(which) - 1; i >= 0; i--) {
    page = page * (which == SV32 ? 1024 : 512) + ppn[i];
  }
  return page * 4096 + page_offset;
}

/* Sv step 3: what no entry may be. */
static naive_end step_3(const table_entry *entry) {
  bool pointer = !entry->r && !entry->w && !entry->x;
  if (!entry->v) return NAIVE_V_CLEAR;
  if (!entry->r && entry->w) return NAIVE_WRITABLE_NOT_READABLE;
  if (entry->reserved != 0) return NAIVE_RESERVED_SET;
  if (pointer && (entry->d || entry->a || entry->u)) return NAIVE_POINTER_WITH_DAU;
  return NAIVE_TRANSLATED;
}

/* Sv step 5: if i > 0 and pte.ppn[i-1:0] is not 0. */
static naive_end step_5(const table_entry *entry, int i) {
  for (int j = 0; j < i; j++) {
    if (entry->ppn[j] != 0) return NAIVE_SUPERPAGE_MISALIGNED;
  }
  return NAIVE_TRANSLATED;
}

/* Sv step 6: the U bit. */
static naive_end step_6(const table_entry *entry, const naive_access *access) {
  if (access->privilege == 'U' && !entry->u) return NAIVE_USER_ON_SUPERVISOR_PAGE;
  if (access->privilege == 'S' && entry->u && access->kind == 'f') return NAIVE_SUPERVISOR_ON_USER_PAGE;
  if (access->privilege == 'S' && entry->u && !access->sum) return NAIVE_SUPERVISOR_ON_USER_PAGE;
  return NAIVE_TRANSLATED;
}

/* Sv step 8: the R, W and X bits. */
static naive_end step_8(const table_entry *entry, const naive_access *access) {
  bool loadable = entry->r || (entry->x && access->mxr);
  if (access->kind == 'l' && !loadable) return NAIVE_NOT_READABLE;
  if (access->kind == 's' && !entry->w) return NAIVE_NOT_WRITABLE;
  if (access->kind == 'a' && !entry->w) return NAIVE_NOT_WRITABLE;
  if (access->kind == 'f' && !entry->x) return NAIVE_NOT_EXECUTABLE;
  return NAIVE_TRANSLATED;
}

/* Sv step 9, rule svade_access_ad_bit_clear. */
static naive_end step_9(const table_entry *entry, const naive_access *access) {
  if (!entry->a) return NAIVE_A_CLEAR;
  if (access->kind == 's' && !entry->d) return NAIVE_D_CLEAR;
  if (access->kind == 'a' && !entry->d) return NAIVE_D_CLEAR;
  return NAIVE_TRANSLATED;
}

/* Sv step 10. */
static uint64_t step_10(scheme which, const table_entry *entry, const virtual_address *va, int i) {
  uint64_t ppn[5] = {0};
  for (int j = 0; j < levels_of(which); j++) ppn[j] = j < i ? va->vpn[j] : entry->ppn[j];
  return join_physical_address(which, ppn, va->page_offset);
}

static int flags_of(const table_entry *entry, bool global) {
  return (entry->v ? 1 : 0) + (entry->r ? 2 : 0) + (entry->w ? 4 : 0) + (entry->x ? 8 : 0) + (entry->u ? 16 : 0) +
         (global ? 32 : 0) + (entry->a ? 64 : 0) + (entry->d ? 128 : 0);
}

static int page_fault_code(char kind) {
  return kind == 'f' ? 12 : kind == 'l' ? 13 : 15;
}

static int access_fault_code(char kind) {
  return kind == 'f' ? 1 : kind == 'l' ? 5 : 7;
}

/* Rule satp_mode: without translation a virtual address is the physical one, of at most 56 bits on RV64. */
static naive_result untranslated(const naive_access *access) {
  naive_result result = {.end = NAIVE_TRANSLATED, .mcause = -1, .leaf_level = -1, .leaf_flags = -1};
  if (access->xlen == 32) {
    result.pa = bits(access->va, 31, 0);
  } else if (bits(access->va, 63, 56) == 0) {
    result.pa = access->va;
  } else {
    result.end = NAIVE_ADDRESS_TOO_WIDE;
    result.mcause = access_fault_code(access->kind);
  }
  return result;
}

/* Sv steps 5 to 10, in a leaf at level i. */
static void finish_in_leaf(scheme which, const naive_access *access, const table_entry *entry, bool global, int i,
                           naive_result *result) {
  virtual_address va = split_virtual_address(which, access->va);
  result->end = step_5(entry, i);
  if (result->end != NAIVE_TRANSLATED) return;
  result->leaf_level = i;
  result->leaf_flags = flags_of(entry, global);
  result->end = step_6(entry, access);
  if (result->end != NAIVE_TRANSLATED) return;
  result->end = step_8(entry, access);
  if (result->end != NAIVE_TRANSLATED) return;
  result->end = step_9(entry, access);
  if (result->end != NAIVE_TRANSLATED) return;
  result->pa = step_10(which, entry, &va, i);
}

/* Sv steps 1 to 10. */
static void translate(scheme which, const naive_access *access, naive_reader read, void *memory, naive_result *result) {
  virtual_address va = split_virtual_address(which, access->va);
  uint64_t a = satp_ppn(access) * 4096;
  bool global = false;
  for (int i = levels_of(which) - 1; i >= 0; i--) {
    uint64_t pte = 0;
    result->end = NAIVE_READ_FAILED;
    result->reads++;
    if (!read(memory, a + va.vpn[i] * (uint64_t)pte_size(which), pte_size(which), &pte)) return;
    table_entry entry = split_entry(which, pte);
    result->end = step_3(&entry);
    if (result->end != NAIVE_TRANSLATED) return;
    global = global || entry.g;
    if (entry.r || entry.x) {
      finish_in_leaf(which, access, &entry, global, i, result);
      return;
    }
    a = join_physical_address(which, entry.ppn, 0);
  }
  result->end = NAIVE_OUT_OF_LEVELS;
}

naive_result naive_translate(const naive_access *access, naive_reader read, void *memory) {
  scheme which = satp_scheme(access);
  if (which == BARE || access->privilege == 'M') return untranslated(access);
  naive_result result = {.mcause = -1, .leaf_level = -1, .leaf_flags = -1};
  if (!sign_extended(which, access->va)) {
    result.end = NAIVE_ADDRESS_NOT_SIGN_EXTENDED;
  } else {
    translate(which, access, read, memory, &result);
  }
  if (result.end == NAIVE_READ_FAILED) {
    result.mcause = access_fault_code(access->kind);
  } else if (result.end != NAIVE_TRANSLATED) {
    result.mcause = page_fault_code(access->kind);
  }
  return result;
}
