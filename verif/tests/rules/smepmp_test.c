/* Directed tests of the rules of Smepmp: mseccfg and what PMP entries mean with it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#define AREA RIG_PAGE
#define L TW_PMP_L
#define R TW_PMP_R
#define W TW_PMP_W
#define X TW_PMP_X

static const tw_access accesses[] = {TW_FETCH, TW_LOAD, TW_STORE};
static const uint8_t needed[] = {X, R, W};
static const rig_needs smepmp = {.mode = TW_SV39, .with = TW_EXT_SMEPMP, .pmp_entries = 16};

/* A machine in M-mode, satp Bare. */
static void machine_open(rig *r, void **state, const rig_needs *needs) {
  rig_open(r, state, needs);
  r->control.satp = 0;
  r->control.privilege = TW_MACHINE;
  rig_apply(r);
}

static void mseccfg_write(rig *r, uint64_t value) {
  rig_pmp(r, TW_PIN_PMP_MSECCFG, 0, value);
}

static bool granted(rig *r, tw_privilege privilege, tw_access access, uint64_t pa) {
  r->control.privilege = (uint8_t)privilege;
  rig_apply(r);
  return rig_ask_bytes(r, access, pa, 4).status == TW_PIN_TRANSLATED;
}

/* What an access of each kind gets there: R, W, X. */
static uint8_t rights(rig *r, tw_privilege privilege, uint64_t pa) {
  uint8_t found = 0;
  for (unsigned i = 0; i < 3; i++) found |= granted(r, privilege, accesses[i], pa) ? needed[i] : 0;
  return found;
}

/* Rule mml_truth_table: what entry LRWX gives S and U, and M. */
static const struct {
  uint8_t cfg, lower, machine;
} truth[] = {
    {0, 0, 0},
    {X, X, 0},
    {W, R, R | W},
    {W | X, R | W, R | W},
    {R, R, 0},
    {R | X, R | X, 0},
    {R | W, R | W, 0},
    {R | W | X, R | W | X, 0},
    {L, 0, 0},
    {L | X, 0, X},
    {L | W, X, X},
    {L | W | X, X, R | X},
    {L | R, 0, R},
    {L | R | X, 0, R | X},
    {L | R | W, 0, R | W},
    {L | R | W | X, R, R},
};

/* Checks those entries of the truth table whose configuration has the bits of `set` and none of `clear`. */
static void truth_check(void **state, uint8_t set, uint8_t clear) {
  for (unsigned i = 0; i < 16; i++) {
    if ((truth[i].cfg & set) != set || truth[i].cfg & clear) continue;
    rig r;
    machine_open(&r, state, &smepmp);
    mseccfg_write(&r, TW_MSECCFG_MML | TW_MSECCFG_RLB);
    rig_region(&r, 0, rig_napot(AREA, 12), (uint8_t)(TW_PMP_NAPOT | truth[i].cfg));
    assert_int_equal(rights(&r, TW_MACHINE, AREA), truth[i].machine);
    assert_int_equal(rights(&r, TW_SUPERVISOR, AREA), truth[i].lower);
    assert_int_equal(rights(&r, TW_USER, AREA), truth[i].lower);
    rig_close(&r);
  }
}

/* Rules mml_truth_table, mseccfg_mml_pmpcfg_L_op. */
static void every_entry_means_what_the_truth_table_says(void **state) {
  truth_check(state, 0, 0);
}

/* Rule mseccfg_mml_M_rule_op: with L, M-mode alone; and the entry is locked. */
static void a_machine_only_rule_binds_machine_mode_and_denies_the_others(void **state) {
  truth_check(state, L | R, W);
  truth_check(state, L | X, W);
  rig r;
  machine_open(&r, state, &smepmp);
  mseccfg_write(&r, TW_MSECCFG_MML);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | L | R);
  rig_region(&r, 0, rig_napot(AREA, 13), TW_PMP_NAPOT | R | W);
  assert_int_equal(rights(&r, TW_MACHINE, AREA), R);
  assert_int_equal(rights(&r, TW_SUPERVISOR, AREA + 0x1000), 0);
  rig_close(&r);
}

/* Rules mseccfg_mml_shared_rule_op, mseccfg_mml_shared_L0_op: data for both, M-mode reads and writes. */
static void shared_data_without_l_is_read_and_written_by_machine_mode(void **state) {
  truth_check(state, W, L | R);
}

/* Rules mseccfg_mml_shared_rule_op, mseccfg_mml_shared_L1_op: code for both; and the entry is locked. */
static void shared_code_is_executed_by_everybody_and_locked(void **state) {
  truth_check(state, L | W, R);
  rig r;
  machine_open(&r, state, &smepmp);
  mseccfg_write(&r, TW_MSECCFG_MML | TW_MSECCFG_RLB);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | L | W);
  mseccfg_write(&r, TW_MSECCFG_MML);
  rig_region(&r, 0, rig_napot(AREA, 13), TW_PMP_NAPOT | R | W);
  assert_int_equal(rights(&r, TW_MACHINE, AREA), X);
  assert_int_equal(rights(&r, TW_SUPERVISOR, AREA + 0x1000), 0);
  rig_close(&r);
}

/* Rule mseccfg_mml_shared_LRWX_1111_op: data that everybody reads and nobody writes; and the entry is locked. */
static void shared_data_with_all_four_bits_is_read_only_and_locked(void **state) {
  truth_check(state, L | R | W | X, 0);
  rig r;
  machine_open(&r, state, &smepmp);
  mseccfg_write(&r, TW_MSECCFG_MML);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | L | R | W | X);
  rig_region(&r, 0, rig_napot(AREA, 13), TW_PMP_NAPOT | R | W);
  assert_int_equal(rights(&r, TW_MACHINE, AREA), R);
  assert_int_equal(rights(&r, TW_USER, AREA), R);
  assert_int_equal(rights(&r, TW_SUPERVISOR, AREA + 0x1000), 0);
  rig_close(&r);
}

/* Rule mseccfg_mml_X_restrict: with MML=1 no rule is added by which M-mode may execute, unless RLB is set. */
static void no_rule_is_added_that_lets_machine_mode_execute(void **state) {
  for (unsigned i = 0; i < 16; i++) {
    rig r;
    machine_open(&r, state, &smepmp);
    mseccfg_write(&r, TW_MSECCFG_MML);
    rig_region(&r, 0, rig_napot(AREA, 12), (uint8_t)(TW_PMP_NAPOT | truth[i].cfg));
    bool refused = truth[i].machine & X;
    assert_int_equal(rights(&r, TW_SUPERVISOR, AREA), refused ? 0 : truth[i].lower);
    /* Where the entry stays off, M-mode has what lies under no rule: R and W. */
    assert_int_equal(rights(&r, TW_MACHINE, AREA), refused ? R | W : truth[i].machine);
    rig_close(&r);
  }
}

/* Rule mseccfg_mml_sticky, mseccfg_mmwp_op_warl, mseccfg_locking: both stay set until reset. */
static void mml_and_mmwp_stay_set_until_reset(void **state) {
  rig r;
  machine_open(&r, state, &smepmp);
  mseccfg_write(&r, TW_MSECCFG_MML | TW_MSECCFG_MMWP);
  mseccfg_write(&r, 0);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | R);
  assert_int_equal(rights(&r, TW_MACHINE, AREA), 0);
  assert_int_equal(rights(&r, TW_MACHINE, AREA + 0x1000), 0);
  rig_reset(&r);
  r.control.satp = 0;
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | R);
  assert_int_equal(rights(&r, TW_MACHINE, AREA), R | W | X);
  assert_int_equal(rights(&r, TW_MACHINE, AREA + 0x1000), R | W | X);
  rig_close(&r);
}

/* Rule mseccfg_mmwp_op_warl: with MMWP M-mode has nothing where no entry matches; rule pmp_no_entry_match without. */
static void with_mmwp_machine_mode_has_nothing_without_a_match(void **state) {
  rig r;
  machine_open(&r, state, &smepmp);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | R);
  assert_int_equal(rights(&r, TW_MACHINE, AREA + 0x1000), R | W | X);
  mseccfg_write(&r, TW_MSECCFG_MMWP);
  assert_int_equal(rights(&r, TW_MACHINE, AREA + 0x1000), 0);
  assert_int_equal(rights(&r, TW_MACHINE, AREA), R | W | X); /* a match without L, MML=0 */
  assert_int_equal(rights(&r, TW_SUPERVISOR, AREA + 0x1000), 0);
  rig_close(&r);
}

/* Rules mseccfg_rlb_op_warl, mseccfg_locking: with RLB=1 locked rules change; once cleared with a lock, it stays 0. */
static void rlb_opens_locked_rules_and_cannot_come_back(void **state) {
  rig r;
  machine_open(&r, state, &smepmp);
  mseccfg_write(&r, TW_MSECCFG_RLB);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | L | R);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | L | R | W);
  assert_int_equal(rights(&r, TW_MACHINE, AREA), R | W);
  rig_pmp(&r, TW_PIN_PMP_CFG, 3, TW_PMP_OFF | L); /* a lock of an entry that is off counts */
  rig_pmp(&r, TW_PIN_PMP_CFG, 0, 0);
  mseccfg_write(&r, 0);
  mseccfg_write(&r, TW_MSECCFG_RLB);
  rig_pmp(&r, TW_PIN_PMP_CFG, 3, 0);
  rig_region(&r, 3, rig_napot(AREA, 12), TW_PMP_NAPOT | L | X);
  assert_int_equal(rights(&r, TW_MACHINE, AREA), R | W | X);
  rig_close(&r);
}

/* Rule mseccfg_rlb_mmwp_mml_presence: without Smepmp mseccfg has none of them. */
static void without_smepmp_mseccfg_does_nothing(void **state) {
  rig r;
  machine_open(&r, state, &(rig_needs){.mode = TW_SV39, .without = TW_EXT_SMEPMP, .pmp_entries = 16});
  mseccfg_write(&r, TW_MSECCFG_MML | TW_MSECCFG_MMWP | TW_MSECCFG_RLB);
  rig_region(&r, 0, rig_napot(AREA, 12), TW_PMP_NAPOT | L | R);
  rig_pmp(&r, TW_PIN_PMP_CFG, 0, 0);
  assert_int_equal(rights(&r, TW_MACHINE, AREA), R);
  assert_int_equal(rights(&r, TW_SUPERVISOR, AREA), R);
  assert_int_equal(rights(&r, TW_MACHINE, AREA + 0x1000), R | W | X);
  rig_close(&r);
}

/* Rules smepmp_no_mml_limit, smepmp_no_mml_behavior, smepmp_machine_unlimited: with MML=0 a rule binds everybody (L) or
 * leaves M-mode all; what no locked rule protects M-mode has whole. */
static void without_mml_no_rule_is_for_the_lower_modes_alone(void **state) {
  rig r;
  machine_open(&r, state, &smepmp);
  for (unsigned i = 0; i < 8; i++) { /* first all without L: an entry with L stays */
    if ((truth[i].cfg & (R | W)) == W) continue;
    rig_region(&r, 0, rig_napot(AREA, 12), (uint8_t)(TW_PMP_NAPOT | truth[i].cfg));
    assert_int_equal(rights(&r, TW_MACHINE, AREA), R | W | X);
    assert_int_equal(rights(&r, TW_USER, AREA), truth[i].cfg);
  }
  for (unsigned i = 0; i < 8; i++) {
    if ((truth[i].cfg & (R | W)) == W) continue;
    uint64_t page = AREA + (i + 1) * 0x1000;
    rig_region(&r, i + 1, rig_napot(page, 12), (uint8_t)(TW_PMP_NAPOT | L | truth[i].cfg));
    assert_int_equal(rights(&r, TW_MACHINE, page), truth[i].cfg);
    assert_int_equal(rights(&r, TW_USER, page), truth[i].cfg);
  }
  rig_close(&r);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_entry_means_what_the_truth_table_says),
      cmocka_unit_test(a_machine_only_rule_binds_machine_mode_and_denies_the_others),
      cmocka_unit_test(shared_data_without_l_is_read_and_written_by_machine_mode),
      cmocka_unit_test(shared_code_is_executed_by_everybody_and_locked),
      cmocka_unit_test(shared_data_with_all_four_bits_is_read_only_and_locked),
      cmocka_unit_test(no_rule_is_added_that_lets_machine_mode_execute),
      cmocka_unit_test(mml_and_mmwp_stay_set_until_reset),
      cmocka_unit_test(with_mmwp_machine_mode_has_nothing_without_a_match),
      cmocka_unit_test(rlb_opens_locked_rules_and_cannot_come_back),
      cmocka_unit_test(without_smepmp_mseccfg_does_nothing),
      cmocka_unit_test(without_mml_no_rule_is_for_the_lower_modes_alone),
  };
  return RIG_MAIN(tests);
}
