/* What the walker makes of an entry: the lines D1 to D16 of docs/microarchitecture.md, in their order.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x3654321abc)
#define V ((uint64_t)TW_PTE_V)
#define R ((uint64_t)TW_PTE_R)
#define W ((uint64_t)TW_PTE_W)
#define X ((uint64_t)TW_PTE_X)
#define U ((uint64_t)TW_PTE_U)
#define G ((uint64_t)TW_PTE_G)
#define A ((uint64_t)TW_PTE_A)
#define D ((uint64_t)TW_PTE_D)
#define RESERVED (UINT64_C(1) << 54)
#define NOWHERE (UINT64_C(0x12345) << 10) /* a pointer outside of memory */

typedef struct row {
  uint64_t pte;
  unsigned level; /* at which the walk finds it */
  tw_access access;
  tw_privilege privilege;
  bool sum, mxr;
  tw_reason reason;
} row;

/* Each row that has a later fault's cause, too, says that the first line goes before it. */
static const row ROWS[] = {
    {V | NOWHERE, 1, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_TABLE_BUS_ERROR},
    {V | NOWHERE, 2, TW_STORE, TW_USER, false, false, TW_REASON_TABLE_BUS_ERROR},
    {R | W | X | A | D, 0, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_INVALID},
    {W | RESERVED, 2, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_INVALID},
    {V | W | RESERVED, 1, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_WRITE_ONLY},
    {V | W | X | A | D, 0, TW_FETCH, TW_SUPERVISOR, false, false, TW_REASON_WRITE_ONLY},
    {V | RESERVED | U, 1, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_RESERVED_BITS},
    {RWX | RESERVED, 0, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_RESERVED_BITS},
    {RWX | UINT64_C(1) << 63, 0, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_RESERVED_BITS},
    {V | D, 0, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_POINTER_RESERVED},
    {V | A, 1, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_POINTER_RESERVED},
    {V | U, 2, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_POINTER_RESERVED},
    {V, 0, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_NO_LEAF},
    {V | G, 0, TW_FETCH, TW_USER, false, false, TW_REASON_NO_LEAF},
    {V | R | UINT64_C(1) << 10, 1, TW_LOAD, TW_USER, false, false, TW_REASON_MISALIGNED},
    {RWX | UINT64_C(1) << 27, 2, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_MISALIGNED},
    {V | X, 0, TW_LOAD, TW_USER, false, false, TW_REASON_USER_DENIED},
    {RWX | U, 0, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_SUPERVISOR_DENIED},
    {RWX | U, 0, TW_FETCH, TW_SUPERVISOR, true, false, TW_REASON_SUPERVISOR_DENIED},
    {V | X | U, 0, TW_STORE, TW_SUPERVISOR, false, false, TW_REASON_SUPERVISOR_DENIED},
    {V | X, 0, TW_LOAD, TW_SUPERVISOR, false, false, TW_REASON_READ_DENIED},
    {V | X, 0, TW_LOAD, TW_SUPERVISOR, false, true, TW_REASON_ACCESSED_CLEAR},
    {V | R | X, 0, TW_STORE, TW_SUPERVISOR, false, false, TW_REASON_WRITE_DENIED},
    {V | X | U | A, 0, TW_AMO, TW_USER, false, true, TW_REASON_WRITE_DENIED},
    {V | R | W, 0, TW_FETCH, TW_SUPERVISOR, false, true, TW_REASON_EXECUTE_DENIED},
    {V | R | W | D, 0, TW_STORE, TW_SUPERVISOR, false, false, TW_REASON_ACCESSED_CLEAR},
    {V | R | W, 0, TW_AMO, TW_SUPERVISOR, false, false, TW_REASON_ACCESSED_CLEAR},
    {V | R | W | A, 0, TW_STORE, TW_SUPERVISOR, false, false, TW_REASON_DIRTY_CLEAR},
    {V | R | W | A, 0, TW_AMO, TW_SUPERVISOR, false, false, TW_REASON_DIRTY_CLEAR},
    {V | R | W | A, 0, TW_LOAD, TW_SUPERVISOR, false, false, TW_OK},
    {V | X | A, 0, TW_LOAD, TW_SUPERVISOR, false, true, TW_OK},
    {V | X | A | U, 0, TW_FETCH, TW_USER, false, false, TW_OK},
    {RWX | U, 1, TW_AMO, TW_SUPERVISOR, true, false, TW_OK},
    {RWX | UINT64_C(3) << 8, 2, TW_STORE, TW_SUPERVISOR, false, false, TW_OK}, /* RSW is ignored */
};

static void row_run(const row *r) {
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  uint64_t root = harness_table(&h);
  harness_write(&h, harness_entry(&h, root, VA, r->level), r->pte);
  harness_control(&h, harness_satp(&h, root, 1), r->privilege);
  h.in.control.sum = r->sum;
  h.in.control.mxr = r->mxr;
  harness_cycle(&h);
  tw_port port = r->access == TW_FETCH ? TW_PORT_FETCH : TW_PORT_DATA;
  harness_answer answer = harness_access(&h, port, r->access, VA);
  unsigned steps = 3 - r->level + (r->reason == TW_REASON_TABLE_BUS_ERROR ? 1 : 0);
  assert_int_equal(answer.at, 2 + 2 * steps);
  assert_int_equal(answer.response.reason, r->reason);
  assert_int_equal(answer.response.status, r->reason == TW_OK ? TW_PIN_TRANSLATED : TW_PIN_FAULT);
  assert_int_equal(harness_valid_count(&h, port), r->reason == TW_OK);
  if (r->reason == TW_OK) {
    assert_int_equal(answer.response.pa, VA & ((UINT64_C(1) << (12 + 9 * r->level)) - 1));
    assert_int_equal(answer.response.flags, r->pte & 0xff);
  } else {
    bool access_fault = r->reason == TW_REASON_TABLE_BUS_ERROR;
    static const unsigned causes[2][4] = {{12, 13, 15, 15}, {1, 5, 7, 7}};
    assert_int_equal(answer.response.cause, causes[access_fault][r->access]);
    assert_int_equal(answer.response.tval, VA);
  }
  harness_close(&h);
}

static void entry_is_judged_by_the_first_line_that_applies(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    row_run(&ROWS[i]);
  }
}

/* Every flag combination of a resident entry against every context: the hit answers what a walk would. */
static void hit_answers_what_a_walk_would(void **state) {
  (void)state;
  static harness h;
  for (unsigned bits = 0; bits < 16; bits++) {
    /* An entry that somebody may fill: R or X, W only with R. */
    uint64_t flags = V | A | (bits & 1 ? R : X) | (bits & 2 ? R | W : 0) | (bits & 4 ? U : 0) | (bits & 8 ? D : 0);
    for (unsigned context = 0; context < 8; context++) {
      for (unsigned access = TW_FETCH; access <= TW_AMO; access++) {
        harness_open(&h, &TW_CONFIG_BASE39);
        uint64_t root = harness_table(&h);
        uint64_t satp = harness_satp(&h, root, 1);
        harness_map(&h, root, VA, 0, 0x80000000, flags);
        tw_privilege privilege = context & 4 ? TW_USER : TW_SUPERVISOR;
        tw_port port = access == TW_FETCH ? TW_PORT_FETCH : TW_PORT_DATA;
        harness_control(&h, satp, privilege);
        h.in.control.sum = context >> 1 & 1;
        h.in.control.mxr = context & 1;
        harness_cycle(&h);
        tw_pins_response walked = harness_access(&h, port, (tw_access)access, VA).response;
        /* Somebody who may fills the TLB, then the first context asks again. */
        harness_control(&h, satp, flags & U ? TW_USER : TW_SUPERVISOR);
        h.in.control.mxr = 1;
        harness_cycle(&h);
        harness_access(&h, port, port == TW_PORT_FETCH ? TW_FETCH : TW_LOAD, VA);
        bool resident = harness_valid_count(&h, port) == 1;
        harness_control(&h, satp, privilege);
        h.in.control.sum = context >> 1 & 1;
        h.in.control.mxr = context & 1;
        harness_cycle(&h);
        tw_pins_response hit = harness_access(&h, port, (tw_access)access, VA).response;
        assert_int_equal(hit.hit, resident);
        walked.hit = hit.hit;
        assert_memory_equal(&hit, &walked, sizeof hit);
        harness_close(&h);
      }
    }
  }
}

static void four_byte_entries_come_right_justified(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_TINY32);
  uint64_t root = harness_table(&h);
  harness_map(&h, root, 0x1000, 0, UINT64_C(0x3fffff000), RWX); /* an odd entry, and the widest PPN */
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  harness_answer answer = harness_access(&h, TW_PORT_DATA, TW_LOAD, 0x1234);
  assert_int_equal(answer.response.pa, UINT64_C(0x3fffff234));
  harness_map(&h, root, 0x400000, 1, UINT64_C(0x3ffc00000), RWX);
  answer = harness_access(&h, TW_PORT_DATA, TW_LOAD, 0x7fffff);
  assert_int_equal(answer.response.pa, UINT64_C(0x3ffffffff));
  assert_int_equal(answer.response.level, 1);
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(entry_is_judged_by_the_first_line_that_applies),
      cmocka_unit_test(hit_answers_what_a_walk_would),
      cmocka_unit_test(four_byte_entries_come_right_justified),
  };
  return cmocka_run_group_tests_name("mmu_walk", tests, NULL, NULL);
}
