/* Directed tests of the rules on privilege: SUM, MXR, MPRV with MPP, and what a fault reports.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#define VA 0x40201000u
#define USER_LEAF (LEAF | TW_PTE_U)

static const tw_access accesses[] = {TW_FETCH, TW_LOAD, TW_STORE, TW_AMO};

static void privilege_set(rig *r, tw_privilege privilege) {
  r->control.privilege = (uint8_t)privilege;
  rig_apply(r);
}

/* Rules sstatus_sum, mstatus_sum_op: SUM gives S-mode the loads and stores of U pages, never the fetches. */
static void sum_gives_supervisor_mode_the_data_of_user_pages(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, USER_LEAF);
  for (unsigned i = 0; i < 4; i++) rig_denies(&r, accesses[i], VA, TW_REASON_SUPERVISOR_DENIED);
  r.control.sum = 1;
  rig_apply(&r);
  rig_denies(&r, TW_FETCH, VA, TW_REASON_SUPERVISOR_DENIED);
  for (unsigned i = 1; i < 4; i++) rig_grants(&r, accesses[i], VA, RIG_PAGE);
  rig_close(&r);
}

/* Rule sstatus_sum: SUM has no effect in U-mode. */
static void sum_gives_user_mode_nothing(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  rig_map(&r, VA + 0x1000, 0, RIG_PAGE, USER_LEAF);
  for (unsigned sum = 0; sum < 2; sum++) {
    r.control.sum = (uint8_t)sum;
    privilege_set(&r, TW_USER);
    for (unsigned i = 0; i < 4; i++) {
      rig_denies(&r, accesses[i], VA, TW_REASON_USER_DENIED);
      rig_grants(&r, accesses[i], VA + 0x1000, RIG_PAGE);
    }
  }
  rig_close(&r);
}

/* Rules mstatus_sum_op_no-vm, sstatus_sum, sstatus_mxr: neither has an effect in Bare mode. */
static void sum_and_mxr_change_nothing_in_bare_mode(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  r.control.satp = 0;
  for (unsigned bits = 0; bits < 4; bits++) {
    r.control.sum = bits & 1;
    r.control.mxr = bits >> 1 & 1;
    rig_apply(&r);
    for (unsigned i = 0; i < 4; i++) rig_grants(&r, accesses[i], VA, VA);
  }
  rig_close(&r);
}

/* Rules sstatus_mxr, mstatus_mxr_op: MXR makes X pages readable to loads, and to nothing else. */
static void mxr_makes_executable_pages_readable(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, TW_PTE_V | TW_PTE_X | TW_PTE_A | TW_PTE_D);
  rig_map(&r, VA + 0x1000, 0, RIG_PAGE, TW_PTE_V | TW_PTE_R | TW_PTE_A | TW_PTE_D);
  rig_denies(&r, TW_LOAD, VA, TW_REASON_READ_DENIED);
  rig_grants(&r, TW_LOAD, VA + 0x1000, RIG_PAGE);
  r.control.mxr = 1;
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  rig_grants(&r, TW_LOAD, VA + 0x1000, RIG_PAGE);
  rig_denies(&r, TW_STORE, VA, TW_REASON_WRITE_DENIED);
  rig_denies(&r, TW_AMO, VA, TW_REASON_WRITE_DENIED);
  rig_denies(&r, TW_FETCH, VA + 0x1000, TW_REASON_EXECUTE_DENIED);
  rig_close(&r);
}

/* Rule mstatus_mxr_op: in M-mode MXR affects loads only through MPRV, with MPP below M. */
static void mxr_counts_in_machine_mode_only_through_mprv(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, TW_PTE_V | TW_PTE_X | TW_PTE_A);
  r.control.mprv = 1;
  for (unsigned mxr = 0; mxr < 2; mxr++) {
    r.control.mxr = (uint8_t)mxr;
    r.control.mpp = TW_MACHINE;
    privilege_set(&r, TW_MACHINE);
    rig_grants(&r, TW_LOAD, VA, VA);
    r.control.mpp = TW_SUPERVISOR;
    rig_apply(&r);
    if (mxr) {
      rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
    } else {
      rig_denies(&r, TW_LOAD, VA, TW_REASON_READ_DENIED);
    }
  }
  rig_close(&r);
}

/* Rule sfence_vma_sum_mxr_effect: changes count at once, for an entry that a TLB holds. */
static void sum_and_mxr_take_effect_without_a_fence(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, TW_PTE_V | TW_PTE_X | TW_PTE_A | TW_PTE_U);
  for (unsigned round = 0; round < 8; round++) {
    r.control.sum = round & 1;
    r.control.mxr = round >> 1 & 1;
    rig_apply(&r);
    if (!r.control.sum) {
      rig_denies(&r, TW_LOAD, VA, TW_REASON_SUPERVISOR_DENIED);
    } else if (!r.control.mxr) {
      rig_denies(&r, TW_LOAD, VA, TW_REASON_READ_DENIED);
    } else {
      rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
    }
  }
  rig_close(&r);
}

/* Rule mstatus_mprv_ldst_op: with MPRV=1 loads and stores are translated and protected as MPP's. */
static void mprv_lends_loads_and_stores_the_privilege_of_mpp(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  rig_map(&r, VA + 0x1000, 0, RIG_PAGE + 0x1000, USER_LEAF);
  privilege_set(&r, TW_MACHINE);
  for (unsigned i = 1; i < 4; i++) {
    r.control.mprv = 0;
    r.control.mpp = TW_USER;
    rig_apply(&r);
    rig_grants(&r, accesses[i], VA, VA);
    r.control.mprv = 1;
    rig_apply(&r);
    rig_denies(&r, accesses[i], VA, TW_REASON_USER_DENIED);
    rig_grants(&r, accesses[i], VA + 0x1000, RIG_PAGE + 0x1000);
    r.control.mpp = TW_SUPERVISOR;
    rig_apply(&r);
    rig_grants(&r, accesses[i], VA, RIG_PAGE);
    rig_denies(&r, accesses[i], VA + 0x1000, TW_REASON_SUPERVISOR_DENIED);
    r.control.mpp = TW_MACHINE;
    rig_apply(&r);
    rig_grants(&r, accesses[i], VA, VA);
  }
  rig_close(&r);
}

/* Rule mstatus_mprv_inst_xlat_op: fetches go their own way. */
static void mprv_lends_fetches_nothing(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  r.control.mprv = 1;
  for (unsigned mpp = 0; mpp < 4; mpp++) {
    if (mpp == 2) continue; /* no privilege */
    r.control.mpp = (uint8_t)mpp;
    privilege_set(&r, TW_MACHINE);
    rig_grants(&r, TW_FETCH, VA, VA);
  }
  rig_close(&r);
}

/* Rule mstatus_sum_op_mprv_mpp: SUM counts for M-mode's loads and stores that are made as S-mode. */
static void sum_counts_where_mprv_lends_supervisor_mode(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, USER_LEAF);
  r.control.mprv = 1;
  r.control.mpp = TW_SUPERVISOR;
  privilege_set(&r, TW_MACHINE);
  rig_denies(&r, TW_LOAD, VA, TW_REASON_SUPERVISOR_DENIED);
  r.control.sum = 1;
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  rig_grants(&r, TW_STORE, VA, RIG_PAGE);
  rig_close(&r);
}

/* Rule mstatus_mie_mprv_rst: MPRV is 0 after reset, and the hart is in M-mode with satp Bare. */
static void reset_clears_mprv_and_satp(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  r.control.mprv = 1;
  r.control.mpp = TW_SUPERVISOR;
  privilege_set(&r, TW_MACHINE);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  rig_reset(&r);
  rig_grants(&r, TW_LOAD, VA, VA);
  rig_grants(&r, TW_FETCH, VA, VA);
  rig_close(&r);
}

/* Rules stval_op_faulting_addr, stval_acc, mtval_vaddr_wr1, mtval_vaddr_and_0_sz, sstvala_stval_faulting_vaddr: a fault
 * shows the whole virtual address, whatever its reason. */
static void a_fault_shows_the_whole_virtual_address(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  static const uint64_t addresses[] = {0, 0x1234, 0x3fffffffff, 0xffffffc000000000, UINT64_MAX, 0x0123456789abcdef};
  for (unsigned a = 0; a < 6; a++) {
    for (unsigned i = 0; i < 4; i++) {
      rig_answer answer = rig_ask(&r, accesses[i], addresses[a]);
      assert_int_equal(answer.status, TW_PIN_FAULT);
      assert_true(answer.tval == addresses[a]);
    }
  }
  rig_close(&r);
}

/* Rule mtval_vaddr_not_paddr: an access fault shows the virtual address, too: of a table, and of the page. */
static void an_access_fault_shows_the_virtual_address(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .pmp_entries = 16});
  rig_region(&r, 0, rig_napot(RIG_PAGE, 12), TW_PMP_NAPOT);
  rig_region(&r, 1, RIG_EVERYTHING, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  rig_answer answer = rig_ask(&r, TW_LOAD, VA | 0x44);
  assert_int_equal(answer.reason, TW_REASON_PMP_DENIED);
  assert_int_equal(answer.cause, TW_CAUSE_LOAD_ACCESS_FAULT);
  assert_int_equal(answer.tval, VA | 0x44);
  r.broken = rig_entry(&r, VA + 0x1000, 0);
  answer = rig_ask(&r, TW_STORE, VA + 0x1008);
  assert_int_equal(answer.reason, TW_REASON_TABLE_BUS_ERROR);
  assert_int_equal(answer.tval, VA + 0x1008);
  rig_close(&r);
}

/* Rules stval_op_load_store_fault, mtval_vaddr_wr2, stval_faulting_address_variable_instr, mtval_varlen_wr: an access
 * across two pages is asked for in two halves; the half that faults shows its own first byte. */
static void the_half_of_an_access_that_faults_shows_its_own_address(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  for (unsigned i = 0; i < 4; i++) {
    rig_answer first = rig_ask_bytes(&r, accesses[i], VA + 0xffe, 2);
    rig_answer second = rig_ask_bytes(&r, accesses[i], VA + 0x1000, 2);
    assert_int_equal(first.status, TW_PIN_TRANSLATED);
    assert_int_equal(second.reason, TW_REASON_INVALID);
    assert_int_equal(second.tval, VA + 0x1000);
  }
  rig_close(&r);
}

/* Rules exc_priority, mcause_exccode_pri1: the first fault that the translation meets comes first; an access fault of
 * the final address comes after every page fault. */
static void what_the_translation_meets_first_is_reported(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .pmp_entries = 16});
  rig_region(&r, 0, rig_napot(RIG_PAGE, 12), TW_PMP_NAPOT);
  rig_region(&r, 1, RIG_EVERYTHING, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
  rig_map(&r, VA, 0, RIG_PAGE, USER_LEAF);
  for (unsigned i = 0; i < 4; i++) rig_denies(&r, accesses[i], VA, TW_REASON_SUPERVISOR_DENIED);
  r.control.sum = 1;
  rig_apply(&r);
  for (unsigned i = 1; i < 4; i++) rig_denies(&r, accesses[i], VA, TW_REASON_PMP_DENIED);
  for (unsigned i = 1; i < 4; i++) rig_denies(&r, accesses[i], VA, TW_REASON_PMP_DENIED); /* where a TLB has it */
  rig_denies(&r, TW_FETCH, VA, TW_REASON_SUPERVISOR_DENIED);
  r.broken = rig_entry(&r, VA + 0x200000, 0);
  rig_write(&r, r.broken, TW_PTE_W);
  rig_denies(&r, TW_LOAD, VA + 0x200000, TW_REASON_TABLE_BUS_ERROR);
  rig_close(&r);
}

/* Rule mstatus_mxr_sum_op_acc_fault: SUM and MXR do not open what PMP or a region denies. */
static void sum_and_mxr_open_nothing_that_pmp_denies(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .pmp_entries = 16});
  rig_region(&r, 0, rig_napot(RIG_PAGE, 12), TW_PMP_NAPOT | TW_PMP_X);
  rig_region(&r, 1, RIG_EVERYTHING, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
  rig_map(&r, VA, 0, RIG_PAGE, TW_PTE_V | TW_PTE_X | TW_PTE_A | TW_PTE_D | TW_PTE_U);
  r.control.sum = r.control.mxr = 1;
  rig_apply(&r);
  rig_denies(&r, TW_LOAD, VA, TW_REASON_PMP_DENIED);
  rig_denies(&r, TW_STORE, VA, TW_REASON_WRITE_DENIED);
  privilege_set(&r, TW_USER);
  rig_denies(&r, TW_LOAD, VA, TW_REASON_PMP_DENIED);
  rig_grants(&r, TW_FETCH, VA, RIG_PAGE);
  r.control.satp = 0;
  rig_apply(&r);
  rig_denies(&r, TW_LOAD, RIG_PAGE, TW_REASON_PMP_DENIED);
  rig_close(&r);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(sum_gives_supervisor_mode_the_data_of_user_pages),
      cmocka_unit_test(sum_gives_user_mode_nothing),
      cmocka_unit_test(sum_and_mxr_change_nothing_in_bare_mode),
      cmocka_unit_test(mxr_makes_executable_pages_readable),
      cmocka_unit_test(mxr_counts_in_machine_mode_only_through_mprv),
      cmocka_unit_test(sum_and_mxr_take_effect_without_a_fence),
      cmocka_unit_test(mprv_lends_loads_and_stores_the_privilege_of_mpp),
      cmocka_unit_test(mprv_lends_fetches_nothing),
      cmocka_unit_test(sum_counts_where_mprv_lends_supervisor_mode),
      cmocka_unit_test(reset_clears_mprv_and_satp),
      cmocka_unit_test(a_fault_shows_the_whole_virtual_address),
      cmocka_unit_test(an_access_fault_shows_the_virtual_address),
      cmocka_unit_test(the_half_of_an_access_that_faults_shows_its_own_address),
      cmocka_unit_test(what_the_translation_meets_first_is_reported),
      cmocka_unit_test(sum_and_mxr_open_nothing_that_pmp_denies),
  };
  return RIG_MAIN(tests);
}
