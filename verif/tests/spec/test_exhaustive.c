/* Every permission decision of the oracle: all values of the ten low bits of an entry, in every level, for every kind
 * of access, U and S, SUM, MXR, and A and D by fault (Svade) and by hardware (Svadu), in Sv32 and Sv39; against a
 * second reading of the steps, written as the manual words them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "walk_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What is decided about, in the words of the steps. */
typedef struct question {
  bool v, r, w, x, u, a, d; /* of the entry at a level; G and the two bits for software decide nothing */
  unsigned level;
  tw_access access;
  bool user_mode; /* else supervisor mode */
  bool sum, mxr;
  bool svadu;
} question;

/* How it must end. */
typedef struct expectation {
  tw_reason reason;
  bool leaf;    /* a leaf was reached */
  bool updated; /* A, and D for a write, are set in memory */
} expectation;

static expectation fault(tw_reason reason, bool leaf) {
  return (expectation){.reason = reason, .leaf = leaf};
}

/* "Otherwise, a leaf PTE has been reached": steps 6 to 9. There is no shadow stack (step 7). The frame is aligned and
 * no reserved bit is set (step 5). */
static expectation expected_of_leaf(const question *q) {
  const bool store = q->access == TW_STORE || q->access == TW_AMO; /* an amo counts as a store */
  /* 6: "Determine if the requested memory access is allowed by the pte.u bit, given the current privilege mode and the
   * value of the SUM and MXR fields" */
  if (q->user_mode && !q->u) return fault(TW_REASON_USER_DENIED, true);
  if (!q->user_mode && q->u && q->access == TW_FETCH) return fault(TW_REASON_SUPERVISOR_DENIED, true);
  if (!q->user_mode && q->u && !q->sum) return fault(TW_REASON_SUPERVISOR_DENIED, true);
  /* 8: "... by the pte.r, pte.w and pte.x bits" */
  if (q->access == TW_LOAD && !q->r && !(q->mxr && q->x)) return fault(TW_REASON_READ_DENIED, true);
  if (store && !q->w) return fault(TW_REASON_WRITE_DENIED, true);
  if (q->access == TW_FETCH && !q->x) return fault(TW_REASON_EXECUTE_DENIED, true);
  /* 9: "If pte.a=0, or if the original memory access is a store and pte.d=0" */
  if (!q->a || (store && !q->d)) {
    if (q->svadu) return (expectation){.reason = TW_OK, .leaf = true, .updated = true};
    return fault(!q->a ? TW_REASON_ACCESSED_CLEAR : TW_REASON_DIRTY_CLEAR, true);
  }
  return (expectation){.reason = TW_OK, .leaf = true};
}

/* 3: "If pte.v=0, or if pte.r=0 and pte.w=1, ... stop and raise a page-fault exception"; 4: "If pte.r=1 or pte.x=1, go
 * to step 5. Otherwise, this PTE is a pointer to the next level"; and D, A and U are reserved in pointers. What a
 * pointer above level 0 points to is a table whose entry is not valid. */
static expectation expected(const question *q) {
  if (!q->v) return fault(TW_REASON_INVALID, false);
  if (!q->r && q->w) return fault(TW_REASON_WRITE_ONLY, false);
  if (q->r || q->x) return expected_of_leaf(q);
  if (q->d || q->a || q->u) return fault(TW_REASON_POINTER_RESERVED, false);
  if (q->level == 0) return fault(TW_REASON_NO_LEAF, false);
  return fault(TW_REASON_INVALID, false);
}

static question question_of(unsigned low, unsigned level, unsigned choice) {
  return (question){.v = low & 1,
                    .r = low & 2,
                    .w = low & 4,
                    .x = low & 8,
                    .u = low & 16,
                    .a = low & 64,
                    .d = low & 128,
                    .level = level,
                    .access = (tw_access)(choice & 3),
                    .user_mode = choice & 4,
                    .sum = choice & 8,
                    .mxr = choice & 16,
                    .svadu = choice & 32};
}

/* The entry of this level; those above are pointers, those below not valid. A pointer points to the table below. */
static void question_prepare(walk_fixture *fixture, tw_mode mode, unsigned low, const question *q) {
  fixture_make(fixture, mode);
  const uint64_t pointed = fixture->entry[q->level] & ~(uint64_t)0x3ff;
  for (unsigned below = 0; below <= q->level; below++) fixture->entry[below] = 0;
  const bool pointer = q->level > 0 && !q->r && !q->w && !q->x;
  fixture->entry[q->level] = (pointer ? pointed : (uint64_t)FIXTURE_LEAF_PPN << 10) | low;
  fixture->context.privilege = q->user_mode ? TW_USER : TW_SUPERVISOR;
  fixture->context.sum = q->sum;
  fixture->context.mxr = q->mxr;
  fixture->context.extensions = q->svadu ? TW_EXT_SVADU : 0;
}

static void question_ask(tw_mode mode, unsigned low, const question *q) {
  static const tw_cause page_fault[TW_ACCESS_COUNT] = {12, 13, 15, 15};
  walk_fixture fixture;
  question_prepare(&fixture, mode, low, q);
  const expectation e = expected(q);
  const bool store = q->access == TW_STORE || q->access == TW_AMO;
  uint64_t entry = fixture.entry[q->level];
  const tw_walk walk = fixture_walk(&fixture, q->access, 1);
  if (e.updated) entry |= 64 | (store ? 128 : 0);
  assert_true(fixture.entry[q->level] == entry);
  assert_int_equal(fixture.updates, e.updated);
  assert_int_equal(walk.reason, e.reason);
  assert_int_equal(walk.cause, e.reason == TW_OK ? 0 : page_fault[q->access]);
  assert_int_equal(walk.level, e.leaf ? q->level : 0);
  assert_int_equal(walk.flags, e.leaf ? entry & 0xff : 0);
  const uint64_t page_bytes = (uint64_t)4096 << q->level * (mode == TW_SV32 ? 10 : 9);
  const uint64_t pa = (uint64_t)FIXTURE_LEAF_PPN * 4096 + fixture.va % page_bytes;
  assert_true(walk.pa == (e.reason == TW_OK ? pa : 0));
}

static void mode_ask(tw_mode mode, unsigned levels) {
  unsigned asked = 0;
  for (unsigned level = 0; level < levels; level++) {
    for (unsigned low = 0; low < 1024; low++) {
      for (unsigned choice = 0; choice < 64; choice++) {
        const question q = question_of(low, level, choice);
        question_ask(mode, low, &q);
        asked++;
      }
    }
  }
  assert_int_equal(asked, levels * 1024 * 4 * 2 * 2 * 2 * 2);
}

static void every_decision_in_sv32_is_that_of_the_steps(void **state) {
  (void)state;
  mode_ask(TW_SV32, 2);
}

static void every_decision_in_sv39_is_that_of_the_steps(void **state) {
  (void)state;
  mode_ask(TW_SV39, 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_decision_in_sv32_is_that_of_the_steps),
      cmocka_unit_test(every_decision_in_sv39_is_that_of_the_steps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
