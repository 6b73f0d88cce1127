/* Directed tests of the rules on satp: its fields, its modes, and when it is active.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#define VA 0x40201000u

static const tw_mode wide_modes[] = {TW_SV39, TW_SV48, TW_SV57};

/* Rule satp; Sv step 1: a walk begins at the table that satp.PPN names. */
static void a_walk_begins_at_the_table_of_satp(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  uint64_t first = r.root;
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  r.root = rig_table(&r);
  rig_map(&r, VA, 0, RIG_PAGE + 0x5000, LEAF);
  uint64_t second = r.root;
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  assert_int_equal(r.log[0].pa / TW_PAGE_BYTES, first);
  r.control.satp = rig_satp(TW_SV39, second, 1);
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE + 0x5000);
  assert_int_equal(r.log[0].pa / TW_PAGE_BYTES, second);
  rig_close(&r);
}

/* Rules satp_mode, svbare_satp_mode_bare: Bare can be selected, and addresses are then physical. */
static void in_bare_addresses_are_physical(void **state) {
  static const tw_mode modes[] = {TW_SV32, TW_SV39};
  for (unsigned m = 0; m < 2; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = modes[m]});
    rig_denies(&r, TW_LOAD, VA, TW_REASON_INVALID);
    r.control.satp = 0;
    for (unsigned privilege = TW_USER; privilege <= TW_SUPERVISOR; privilege++) {
      r.control.privilege = (uint8_t)privilege;
      rig_apply(&r);
      for (unsigned access = 0; access < TW_ACCESS_COUNT; access++) {
        rig_answer answer = rig_ask(&r, (tw_access)access, VA);
        assert_int_equal(answer.status, TW_PIN_TRANSLATED);
        assert_int_equal(answer.pa, VA);
        assert_int_equal(answer.reads | answer.level | answer.flags, 0);
      }
    }
    rig_close(&r);
  }
}

/* Rules satp_mode_sxlen32, satp_ppn_sv32_sz: the other mode of RV32 is Sv32, and the root's number has 22 bits. */
static void rv32_translates_by_sv32_from_a_root_of_22_bits(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV32});
  rig_map(&r, VA, 0, 0x3abcde000, LEAF);
  rig_grants(&r, TW_LOAD, VA | 0x123, 0x3abcde123);
  r.control.satp = BIT(31) | 0x3fffff;
  rig_apply(&r);
  rig_ask(&r, TW_LOAD, 0xffc03000);
  assert_int_equal(r.log[0].pa, 0x3fffffffc);
  rig_close(&r);
}

/* Rule satp_mode_sxlen64: MODE 8, 9 and 10 are Sv39, Sv48 and Sv57. */
static void rv64_has_sv39_sv48_and_sv57(void **state) {
  for (unsigned m = 0; m < 3; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = wide_modes[m]});
    rig_map(&r, VA, 0, RIG_PAGE, LEAF);
    r.control.satp = (uint64_t)(8 + m) << 60 | r.root;
    rig_apply(&r);
    rig_grants(&r, TW_STORE, VA | 0xabc, RIG_PAGE | 0xabc);
    rig_close(&r);
  }
}

/* Rules satp_ppn_sv39_sz, satp_ppn_sv48_sz, satp_ppn_sv57_sz; Sv39_pt_align: the root's number has 44 bits, and a table
 * begins where they say, at a page boundary. */
static void rv64_roots_have_44_bits_and_tables_are_page_aligned(void **state) {
  for (unsigned m = 0; m < 3; m++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = wide_modes[m]});
    r.control.satp = rig_satp(wide_modes[m], BIT(44) - 2, 0);
    rig_apply(&r);
    rig_ask(&r, TW_LOAD, 0);
    if (r.config.pa_bits == 56) assert_int_equal(r.log[0].pa, (BIT(44) - 2) << 12);
    if (r.config.pa_bits < 56) assert_int_equal(r.logged, 0);
    rig_close(&r);
  }
}

/* Rule satp_mode_op_unsupported: a write with a MODE that is not there changes no field. */
static void a_write_of_an_unsupported_mode_changes_nothing(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  const uint64_t satp = r.control.satp;
  for (uint64_t mode = 1; mode < 16; mode++) {
    if (mode >= 8 && mode <= 10) continue;
    r.control.satp = mode << 60 | UINT64_C(0x5555) << 44 | 0x12345;
    rig_apply(&r);
    rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
    rig_fence_all(&r);
    rig_answer answer = rig_ask(&r, TW_LOAD, VA);
    assert_int_equal(answer.reads, 3);
    assert_int_equal(r.log[0].pa / TW_PAGE_BYTES, satp & (BIT(44) - 1));
  }
  rig_close(&r);
}

/* Rule satp_mode_op_unsupported, of a mode that the architecture has and the machine has not. */
static void a_write_of_a_mode_that_is_too_deep_changes_nothing(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .deepest = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  r.control.satp = rig_satp(TW_SV57, rig_table(&r), 0);
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  rig_close(&r);
}

/* Rule asidlen: bits of an ASID above those that are implemented are not there. */
static void asid_bits_above_the_implemented_ones_do_not_count(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .asid_bits = 7, .pa_bits = 46});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  r.control.satp = rig_satp(TW_SV39, r.root, 0x3);
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  r.control.satp = rig_satp(TW_SV39, r.root, 0xff83);
  rig_apply(&r);
  rig_answer answer = rig_ask(&r, TW_LOAD, VA);
  assert_int_equal(answer.status, TW_PIN_TRANSLATED);
  if (rig_remembers(&r)) assert_int_equal(answer.hit, TW_PIN_HIT_L1); /* the same address space */
  r.control.satp = rig_satp(TW_SV39, r.root, 0x43);
  rig_apply(&r);
  assert_int_equal(rig_ask(&r, TW_LOAD, VA).hit, TW_PIN_HIT_NONE); /* the highest bit that is there counts */
  rig_close(&r);
}

/* Rule satp_op_active: with an effective privilege of M satp is not active, and no table is read. */
static void satp_is_active_in_s_and_u_alone(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF | TW_PTE_U);
  r.control.privilege = TW_MACHINE;
  rig_apply(&r);
  for (unsigned access = 0; access < TW_ACCESS_COUNT; access++) {
    rig_answer answer = rig_ask(&r, (tw_access)access, VA);
    assert_int_equal(answer.pa, VA);
    assert_int_equal(answer.reads, 0);
  }
  r.control.privilege = TW_USER;
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  r.control.privilege = TW_SUPERVISOR;
  r.control.sum = 1;
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  rig_close(&r);
}

/* Rule satp_op_sfence_vma: a write of satp invalidates nothing: an entry is used again when its ASID is back. */
static void a_write_of_satp_invalidates_nothing(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  const uint64_t satp = rig_satp(TW_SV39, r.root, 1);
  r.control.satp = satp;
  rig_apply(&r);
  rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
  r.control.satp = rig_satp(TW_SV39, rig_table(&r), 2);
  rig_apply(&r);
  rig_denies(&r, TW_LOAD, VA, TW_REASON_INVALID);
  r.control.satp = satp;
  rig_apply(&r);
  rig_answer answer = rig_ask(&r, TW_LOAD, VA);
  assert_int_equal(answer.pa, RIG_PAGE);
  if (rig_remembers(&r)) assert_int_equal(answer.hit, TW_PIN_HIT_L1);
  rig_close(&r);
}

/* Rule sfence_vma_mode_effect: from Bare and to Bare takes effect at once, with an entry in the TLB. */
static void to_bare_and_back_takes_effect_without_a_fence(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV48});
  rig_map(&r, VA, 0, RIG_PAGE, LEAF);
  const uint64_t satp = r.control.satp;
  for (unsigned round = 0; round < 3; round++) {
    rig_grants(&r, TW_LOAD, VA, RIG_PAGE);
    r.control.satp = 0;
    rig_apply(&r);
    rig_grants(&r, TW_LOAD, VA, VA);
    r.control.satp = satp;
    rig_apply(&r);
  }
  rig_close(&r);
}

/* Rule sfence_vma_asid_effect: the next access is made in the address space of the new ASID. */
static void a_change_of_asid_takes_effect_without_a_fence(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  uint64_t root[2], satp[2];
  for (uint16_t asid = 0; asid < 2; asid++) {
    r.root = root[asid] = rig_table(&r);
    rig_map(&r, VA, 0, RIG_PAGE + asid * 0x1000u, LEAF);
    satp[asid] = rig_satp(TW_SV39, root[asid], (uint16_t)(asid + 1));
  }
  for (unsigned round = 0; round < 6; round++) {
    r.control.satp = satp[round % 2];
    rig_apply(&r);
    rig_grants(&r, TW_LOAD, VA, RIG_PAGE + round % 2 * 0x1000u);
  }
  rig_close(&r);
}

/* Rule asid_hart_private: two machines give one ASID two meanings. */
static void an_asid_means_one_thing_to_one_machine(void **state) {
  rig r[2];
  for (unsigned i = 0; i < 2; i++) {
    rig_open(&r[i], state, &(rig_needs){.mode = TW_SV39});
    rig_map(&r[i], VA, 0, RIG_PAGE + i * 0x1000u, LEAF);
  }
  for (unsigned round = 0; round < 4; round++) {
    rig_grants(&r[round % 2], TW_LOAD, VA, RIG_PAGE + round % 2 * 0x1000u);
  }
  rig_fence_all(&r[0]);
  if (rig_remembers(&r[1])) assert_int_equal(rig_ask(&r[1], TW_LOAD, VA).hit, TW_PIN_HIT_L1);
  for (unsigned i = 0; i < 2; i++) rig_close(&r[i]);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_walk_begins_at_the_table_of_satp),
      cmocka_unit_test(in_bare_addresses_are_physical),
      cmocka_unit_test(rv32_translates_by_sv32_from_a_root_of_22_bits),
      cmocka_unit_test(rv64_has_sv39_sv48_and_sv57),
      cmocka_unit_test(rv64_roots_have_44_bits_and_tables_are_page_aligned),
      cmocka_unit_test(a_write_of_an_unsupported_mode_changes_nothing),
      cmocka_unit_test(a_write_of_a_mode_that_is_too_deep_changes_nothing),
      cmocka_unit_test(asid_bits_above_the_implemented_ones_do_not_count),
      cmocka_unit_test(satp_is_active_in_s_and_u_alone),
      cmocka_unit_test(a_write_of_satp_invalidates_nothing),
      cmocka_unit_test(to_bare_and_back_takes_effect_without_a_fence),
      cmocka_unit_test(a_change_of_asid_takes_effect_without_a_fence),
      cmocka_unit_test(an_asid_means_one_thing_to_one_machine),
  };
  return RIG_MAIN(tests);
}
