/* Sv steps 3 to 9 as sentences.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "truth.h"

static bool bit(uint64_t entry, unsigned number) {
  return entry >> number & 1;
}

/* sstatus_sum: "When SUM=0, S-mode memory accesses to pages that are accessible by U-mode (U=1) will fault. When SUM=1,
 * these accesses are permitted. SUM has no effect [...] when executing in U-mode. Note that S-mode can never execute
 * instructions from user pages, regardless of the state of SUM." And a page with U=0 is none of U-mode's. */
static bool page_is_accessible(bool u, const truth_access *access) {
  if (access->user) return u;
  if (!u) return true;
  return access->kind == TW_FETCH ? false : access->sum;
}

/* sstatus_mxr: "When MXR=0, only loads from pages marked readable (R=1) will succeed. When MXR=1, loads from pages
 * marked either readable or executable (R=1 or X=1) will succeed." Stores and amos want W, fetches X. */
static tw_reason right_that_lacks(uint64_t entry, const truth_access *access) {
  const bool r = bit(entry, 1), w = bit(entry, 2), x = bit(entry, 3);
  switch (access->kind) {
  case TW_FETCH:
    return x ? TW_OK : TW_REASON_EXECUTE_DENIED;
  case TW_LOAD:
    return (access->mxr ? r || x : r) ? TW_OK : TW_REASON_READ_DENIED;
  default:
    return w ? TW_OK : TW_REASON_WRITE_DENIED;
  }
}

/* Step 9: "If pte.a=0, or if the original memory access is a store and pte.d=0: if the Svade extension is implemented,
 * stop and raise a page-fault exception [...] set pte.a to 1 and, if the original memory access is a store, also set
 * pte.d to 1." */
static void accessed_and_dirty_settle(truth *t, const truth_access *access) {
  const bool writes = access->kind == TW_STORE || access->kind == TW_AMO;
  const bool a_lacks = !bit(t->entry, 6), d_lacks = writes && !bit(t->entry, 7);
  if (!a_lacks && !d_lacks) return;
  if (!access->updates) {
    t->reason = a_lacks ? TW_REASON_ACCESSED_CLEAR : TW_REASON_DIRTY_CLEAR;
    return;
  }
  t->update = true;
  t->entry |= 1u << 6;
  if (writes) t->entry |= 1u << 7;
}

static truth leaf_judge(uint64_t entry, unsigned level, const truth_access *access) {
  truth t = {.level = level, .entry = entry, .global = bit(entry, 5)};
  if (!page_is_accessible(bit(entry, 4), access)) {
    t.reason = access->user ? TW_REASON_USER_DENIED : TW_REASON_SUPERVISOR_DENIED;
  } else {
    t.reason = right_that_lacks(entry, access);
  }
  if (t.reason == TW_OK) accessed_and_dirty_settle(&t, access);
  return t;
}

/* Step 3: "If pte.v=0, or if pte.r=0 and pte.w=1, or if any bits or encodings that are reserved for future standard use
 * are set within pte": D, A, U, N and PBMT are that in a pointer. Step 4: "If pte.r=1 or pte.x=1, go to step 5.
 * Otherwise, this PTE is a pointer to the next level of the page table. Let i=i-1. If i<0, stop and raise a page-fault
 * exception". */
truth truth_of(const uint64_t *entries, unsigned level, const truth_access *access) {
  const uint64_t entry = entries[level];
  const bool v = bit(entry, 0), r = bit(entry, 1), w = bit(entry, 2), x = bit(entry, 3);
  if (!v) return (truth){.reason = TW_REASON_INVALID};
  if (!r && w) return (truth){.reason = TW_REASON_WRITE_ONLY};
  if (r || x) return leaf_judge(entry, level, access);
  const bool u = bit(entry, 4), a = bit(entry, 6), d = bit(entry, 7);
  if (d || a || u || entry >> 61 != 0) return (truth){.reason = TW_REASON_POINTER_RESERVED};
  if (level == 0) return (truth){.reason = TW_REASON_NO_LEAF};
  truth t = truth_of(entries, level - 1, access);
  t.global = t.global || bit(entry, 5);
  return t;
}
