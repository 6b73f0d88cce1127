/* What the decision unit makes of an entry: the lines D1 to D20 of docs/microarchitecture.md, in their order.
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

/* The same with extensions: what of them is in force, and what the entry then means. */
typedef struct extended {
  uint64_t pte;
  unsigned level;
  unsigned extensions; /* of the MMU */
  bool adue, pbmte, speculative;
  tw_access access;
  int outcome; /* a reason, or one of these */
} extended;

enum { UPDATED = 100, RETRIED };

#define N TW_PTE_N
#define NAPOT (N | UINT64_C(8) << 10)
#define PBMT(value) (UINT64_C(value) << TW_PTE_PBMT_SHIFT)
#define ALL 0x7fu
#define CLEAN (RWX & ~(D | A))

static const extended EXTENDED[] = {
    /* D4: which bits are reserved */
    {RWX | NAPOT, 0, ALL & ~(unsigned)TW_EXT_SVNAPOT, true, true, false, TW_LOAD, TW_REASON_RESERVED_BITS},
    {RWX | NAPOT, 0, TW_EXT_SVNAPOT, false, false, false, TW_LOAD, TW_OK},
    {RWX | PBMT(1), 0, TW_EXT_SVPBMT, false, false, false, TW_LOAD, TW_REASON_RESERVED_BITS},
    {RWX | PBMT(1), 0, ALL & ~(unsigned)TW_EXT_SVPBMT, true, true, false, TW_LOAD, TW_REASON_RESERVED_BITS},
    {RWX | PBMT(1), 0, TW_EXT_SVPBMT, false, true, false, TW_LOAD, TW_OK},
    {RWX | PBMT(2), 2, TW_EXT_SVPBMT, false, true, false, TW_LOAD, TW_OK},
    {RWX | UINT64_C(3) << 59, 1, ALL & ~(unsigned)TW_EXT_SVRSW60T59B, true, true, false, TW_LOAD,
     TW_REASON_RESERVED_BITS},
    {RWX | UINT64_C(3) << 59, 1, TW_EXT_SVRSW60T59B, false, false, false, TW_LOAD, TW_OK},
    {RWX | UINT64_C(1) << 58, 1, ALL, true, true, false, TW_LOAD, TW_REASON_RESERVED_BITS},
    /* D5: of a pointer, before D6 */
    {V | N, 0, ALL, true, true, false, TW_LOAD, TW_REASON_POINTER_RESERVED},
    {V | N, 1, ALL, true, true, false, TW_LOAD, TW_REASON_POINTER_RESERVED},
    {V | PBMT(3), 1, ALL, true, true, false, TW_LOAD, TW_REASON_POINTER_RESERVED},
    {V | PBMT(1), 2, ALL, true, true, false, TW_LOAD, TW_REASON_POINTER_RESERVED},
    /* D8 before D9 before D10 before D11 */
    {RWX | PBMT(3) | NAPOT, 1, ALL, true, true, false, TW_LOAD, TW_REASON_PBMT_RESERVED},
    {RWX | PBMT(3), 0, ALL, true, true, false, TW_LOAD, TW_REASON_PBMT_RESERVED},
    {RWX | NAPOT, 1, ALL, true, true, false, TW_LOAD, TW_REASON_NAPOT_RESERVED},
    {RWX | N, 2, ALL, true, true, false, TW_LOAD, TW_REASON_NAPOT_RESERVED},
    {RWX | U | N, 0, ALL, true, true, false, TW_LOAD, TW_REASON_NAPOT_RESERVED},
    {RWX | N | UINT64_C(4) << 10, 0, ALL, true, true, false, TW_LOAD, TW_REASON_NAPOT_RESERVED},
    {RWX | N | UINT64_C(12) << 10, 0, ALL, true, true, false, TW_LOAD, TW_REASON_NAPOT_RESERVED},
    {RWX | U | UINT64_C(1) << 10, 1, ALL, true, true, false, TW_LOAD, TW_REASON_MISALIGNED},
    {CLEAN | U, 0, ALL, true, true, true, TW_LOAD, TW_REASON_SUPERVISOR_DENIED},
    {CLEAN & ~W, 0, ALL, true, true, true, TW_STORE, TW_REASON_WRITE_DENIED},
    /* D16 to D20 */
    {CLEAN, 0, ALL, false, false, true, TW_LOAD, TW_REASON_ACCESSED_CLEAR},
    {CLEAN, 0, ALL & ~(unsigned)TW_EXT_SVADU, true, false, true, TW_LOAD, TW_REASON_ACCESSED_CLEAR},
    {CLEAN | A, 0, ALL, false, false, true, TW_STORE, TW_REASON_DIRTY_CLEAR},
    {CLEAN, 0, ALL, true, false, true, TW_LOAD, RETRIED},
    {CLEAN | A, 0, ALL, true, false, true, TW_AMO, RETRIED},
    {CLEAN | A, 0, ALL, true, false, true, TW_LOAD, TW_OK},
    {CLEAN, 0, ALL, true, false, false, TW_LOAD, UPDATED},
    {CLEAN, 0, ALL, true, false, false, TW_STORE, UPDATED},
    {CLEAN, 2, TW_EXT_SVADU, true, false, false, TW_FETCH, UPDATED},
    {CLEAN | D, 1, TW_EXT_SVADU, true, false, false, TW_AMO, UPDATED},
    {CLEAN | A, 0, TW_EXT_SVADU, true, false, false, TW_STORE, UPDATED},
    {CLEAN | A, 0, TW_EXT_SVADU, true, false, false, TW_LOAD, TW_OK},
    {RWX | NAPOT | PBMT(2), 0, ALL, true, true, true, TW_STORE, TW_OK},
};

static void extended_run(const extended *r) {
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.extensions = r->extensions;
  harness_open(&h, &config);
  h.adue = r->adue;
  h.pbmte = r->pbmte;
  uint64_t root = harness_root(&h, 1);
  uint64_t entry = harness_entry(&h, root, VA, r->level);
  harness_write(&h, entry, r->pte);
  tw_port port = r->access == TW_FETCH ? TW_PORT_FETCH : TW_PORT_DATA;
  harness_request(&h, port, r->access, 1, VA);
  harness_port(&h, port)->speculative = r->speculative;
  harness_answer answer = harness_wait(&h, port, 1);
  bool dirties = r->access == TW_STORE || r->access == TW_AMO;
  uint64_t expected = r->outcome == UPDATED ? r->pte | A | (dirties ? D : 0) : r->pte;
  uint64_t found = 0;
  assert_true(harness_read(&h, entry, 8, &found));
  assert_int_equal(found, expected);
  assert_int_equal(h.step_count, 3 - r->level + (r->outcome == UPDATED ? 1u : 0u));
  assert_int_equal(h.events[EVENT(UPDATE)], r->outcome == UPDATED);
  bool translated = r->outcome == TW_OK || r->outcome == UPDATED;
  assert_int_equal(answer.response.status, translated              ? TW_PIN_TRANSLATED
                                           : r->outcome == RETRIED ? TW_PIN_RETRY
                                                                   : TW_PIN_FAULT);
  assert_int_equal(answer.response.reason, translated || r->outcome == RETRIED ? TW_OK : r->outcome);
  if (translated) {
    assert_int_equal(answer.response.flags, expected & 0xff);
    assert_int_equal(answer.response.attribute, r->pbmte ? r->pte >> TW_PTE_PBMT_SHIFT & 3 : 0);
    assert_int_equal(answer.response.napot, (r->pte & N) != 0);
  }
  assert_int_equal(harness_valid_count(&h, port), translated);
  assert_int_equal(h.events[EVENT(WALK_GRANT)], translated);
  assert_int_equal(h.events[EVENT(WALK_FAULT)], answer.response.status == TW_PIN_FAULT);
  assert_int_equal(h.events[EVENT(DATA_RETRY)], r->outcome == RETRIED);
  harness_close(&h);
}

static void extensions_in_force_decide_what_an_entry_means(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof EXTENDED / sizeof EXTENDED[0]; i++) extended_run(&EXTENDED[i]);
}

/* Another hart changes the entry between the walk's read and its compare-and-swap: the walk reads it again. */
static void lost_update_reads_the_entry_again(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.extensions = TW_EXT_SVADU;
  static const struct {
    uint64_t pte;
    tw_reason reason;
    unsigned updates;
  } others[] = {{CLEAN | UINT64_C(7) << 10, TW_OK, 1}, {RWX | UINT64_C(7) << 10, TW_OK, 0}, {0, TW_REASON_INVALID, 0}};
  for (unsigned i = 0; i < 3; i++) {
    harness_open(&h, &config);
    h.adue = true;
    uint64_t root = harness_root(&h, 1);
    uint64_t entry = harness_entry(&h, root, VA, 0);
    harness_write(&h, entry, CLEAN);
    uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_STORE, 1, VA);
    while (!(h.out.mem.req_valid && h.out.mem.req_kind == TW_PIN_MEM_CAS)) {
      harness_cycle(&h);
      if (h.now == t + 8) harness_write(&h, entry, others[i].pte); /* the swap is in the next cycle */
    }
    assert_int_equal(h.now, t + 9);
    harness_settle(&h);
    const harness_answer *answer = &h.answers[TW_PORT_DATA][1];
    assert_int_equal(answer->response.reason, others[i].reason);
    assert_int_equal(answer->at, t + 2 + 2 * (5 + others[i].updates));
    assert_int_equal(h.events[EVENT(UPDATE_LOST)], 1);
    assert_int_equal(h.events[EVENT(UPDATE)], others[i].updates);
    if (answer->response.reason == TW_OK) assert_int_equal(answer->response.pa, 7u << 12 | (VA & 0xfff));
    harness_close(&h);
  }
}

static void four_byte_update_compares_four_bytes(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_TINY32;
  config.extensions = TW_EXT_SVADU;
  harness_open(&h, &config);
  h.adue = true;
  uint64_t root = harness_root(&h, 1);
  for (uint64_t page = 0; page < 2; page++) {
    uint64_t entry = harness_map(&h, root, page << 12, 0, UINT64_C(0x300000000), V | R | W);
    tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_STORE, page << 12 | 5).response;
    assert_int_equal(r.pa, UINT64_C(0x300000005));
    assert_int_equal(r.flags, V | R | W | A | D);
    uint64_t found = 0;
    harness_read(&h, entry, 4, &found);
    assert_int_equal(found, UINT64_C(0x300000) << 10 | V | R | W | A | D);
  }
  assert_int_equal(h.events[EVENT(UPDATE)], 2);
  harness_close(&h);
}

static void bus_error_of_an_update_is_an_access_fault(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.extensions = TW_EXT_SVADU;
  harness_open(&h, &config);
  h.adue = true;
  uint64_t root = harness_root(&h, 1);
  uint64_t entry = harness_map(&h, root, VA, 0, 0, CLEAN);
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_AMO, 1, VA);
  while (h.now < t + 8) harness_cycle(&h);
  h.error_pa = entry;
  harness_settle(&h);
  tw_pins_response r = h.answers[TW_PORT_DATA][1].response;
  assert_int_equal(r.reason, TW_REASON_UPDATE_BUS_ERROR);
  assert_int_equal(r.cause, TW_CAUSE_STORE_ACCESS_FAULT);
  assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 0);
  harness_close(&h);
}

/* Every mode of an MMU of Sv57, at every level: the address is the leaf's, with the offset of the access. */
static void every_mode_walks_to_every_level(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.mode = TW_SV57;
  for (tw_mode mode = TW_SV39; mode <= TW_SV57; mode++) {
    unsigned levels = tw_mode_row(mode)->levels;
    for (unsigned level = 0; level < levels; level++) {
      harness_open(&h, &config);
      h.mode = mode;
      uint64_t root = harness_root(&h, 1);
      uint64_t va = UINT64_C(0xdeadbeefcafe) | UINT64_MAX << (tw_mode_row(mode)->va_bits - 1);
      uint64_t pa = UINT64_C(1) << (level == 4 ? 55 : 12 + 9 * level);
      if (level == 4) pa = 0;
      harness_map(&h, root, va, level, pa, RWX);
      harness_answer a = harness_access(&h, TW_PORT_DATA, TW_LOAD, va);
      uint64_t offset = va & ((UINT64_C(1) << (12 + 9 * level)) - 1);
      assert_int_equal(a.at, 2 + 2 * (levels - level));
      assert_int_equal(a.response.pa, pa | offset);
      assert_int_equal(a.response.level, level);
      harness_close(&h);
    }
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
      cmocka_unit_test(extensions_in_force_decide_what_an_entry_means),
      cmocka_unit_test(lost_update_reads_the_entry_again),
      cmocka_unit_test(four_byte_update_compares_four_bytes),
      cmocka_unit_test(bus_error_of_an_update_is_an_access_fault),
      cmocka_unit_test(every_mode_walks_to_every_level),
      cmocka_unit_test(hit_answers_what_a_walk_would),
      cmocka_unit_test(four_byte_entries_come_right_justified),
  };
  return cmocka_run_group_tests_name("mmu_walk", tests, NULL, NULL);
}
