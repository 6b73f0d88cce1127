/* Svadu in the oracle: when A and D are updated, by what, and what an update that fails or is lost leads to.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "walk_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { V = TW_PTE_V, R = TW_PTE_R, W = TW_PTE_W, X = TW_PTE_X, U = TW_PTE_U, G = TW_PTE_G, A = TW_PTE_A, D = TW_PTE_D };

#define LEAF ((uint64_t)FIXTURE_LEAF_PPN << 10 | V | R | W | X)
#define PAGE ((uint64_t)FIXTURE_LEAF_PPN << 12 | 0x120)

/* Svadu in force, and a leaf with the flags A and D as given. */
static walk_fixture updating(tw_mode mode, unsigned flags) {
  walk_fixture fixture;
  fixture_make(&fixture, mode);
  fixture.context.extensions = TW_EXT_SVADU;
  fixture.entry[0] = LEAF | flags;
  return fixture;
}

static bool is_write(int access) {
  return access == TW_STORE || access == TW_AMO;
}

static void updated_entry_has_a_and_for_writes_d_and_is_else_the_same(void **state) {
  (void)state;
  static const uint64_t entries[] = {0, UINT64_MAX, 0xffffffffffffff3f, LEAF, 0x8000000000000300};
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
    assert_true(tw_pte_updated(entries[i], TW_FETCH) == (entries[i] | 0x40));
    assert_true(tw_pte_updated(entries[i], TW_LOAD) == (entries[i] | 0x40));
    assert_true(tw_pte_updated(entries[i], TW_STORE) == (entries[i] | 0xc0));
    assert_true(tw_pte_updated(entries[i], TW_AMO) == (entries[i] | 0xc0));
  }
}

/* Rule menvcfg_adue_op: an update exactly where Svade would fault, in every mode. */
static void walk_updates_where_a_or_d_is_wanting(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    for (unsigned marks = 0; marks < 4; marks++) {
      const unsigned flags = (marks & 1 ? A : 0) | (marks & 2 ? D : 0);
      for (int access = 0; access < TW_ACCESS_COUNT; access++) {
        walk_fixture fixture = updating((tw_mode)mode, flags);
        const unsigned wanted = flags | A | (is_write(access) ? D : 0);
        const tw_walk walk = fixture_walk(&fixture, (tw_access)access, 1);
        assert_int_equal(walk.reason, TW_OK);
        assert_true(walk.pa == PAGE);
        assert_int_equal(walk.flags, V | R | W | X | wanted);
        assert_true(fixture.entry[0] == (LEAF | wanted));
        assert_int_equal(fixture.updates, wanted != flags);
        assert_int_equal(walk.step_count, fixture.levels + fixture.updates);
      }
    }
  }
}

static void update_is_told_as_a_step(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV39, 0);
  const tw_walk walk = fixture_walk(&fixture, TW_STORE, 1);
  const tw_step *read = &walk.steps[2], *update = &walk.steps[3];
  assert_int_equal(walk.step_count, 4);
  assert_true(read->pte == LEAF);
  assert_false(read->update);
  assert_true(read->desired == 0);
  assert_true(update->update);
  assert_true(update->pa == fixture.address[0]);
  assert_true(update->pte == LEAF);
  assert_true(update->desired == (LEAF | A | D));
  assert_int_equal(update->level, 0);
  assert_false(update->lost);
  assert_false(update->bus_error);
}

static void update_of_a_superpage_is_made_in_its_own_entry(void **state) {
  (void)state;
  for (unsigned level = 1; level < 3; level++) {
    walk_fixture fixture = updating(TW_SV39, 0);
    fixture.entry[level] = LEAF | G;
    const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 1);
    assert_int_equal(walk.reason, TW_OK);
    assert_int_equal(walk.level, level);
    assert_true(fixture.entry[level] == (LEAF | G | A));
    assert_int_equal(walk.flags, V | R | W | X | G | A);
    assert_int_equal(walk.steps[walk.step_count - 1].level, level);
  }
}

/* Rule Svadu_disabled_hw_update_falls_back_to_svade, svade_access_ad_bit_clear. */
static void walk_faults_instead_without_svadu(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    walk_fixture fixture = updating((tw_mode)mode, D);
    fixture.context.extensions = ~(unsigned)TW_EXT_SVADU;
    for (int access = 0; access < TW_ACCESS_COUNT; access++) {
      fixture_expect_fault(&fixture, (tw_access)access, TW_REASON_ACCESSED_CLEAR, fixture.levels);
    }
    fixture.entry[0] = LEAF | A;
    fixture_expect_fault(&fixture, TW_STORE, TW_REASON_DIRTY_CLEAR, fixture.levels);
    fixture_expect_fault(&fixture, TW_AMO, TW_REASON_DIRTY_CLEAR, fixture.levels);
    assert_int_equal(fixture_walk(&fixture, TW_LOAD, 1).reason, TW_OK);
    assert_int_equal(fixture.updates, 0);
  }
}

/* Sv steps 6 and 8 come before step 9: what is denied is not marked. */
static void denied_access_updates_nothing(void **state) {
  (void)state;
  static const struct {
    tw_access access;
    unsigned flags;
    tw_reason reason;
  } lines[] = {{TW_LOAD, V | R | U, TW_REASON_SUPERVISOR_DENIED},
               {TW_LOAD, V | X, TW_REASON_READ_DENIED},
               {TW_STORE, V | R, TW_REASON_WRITE_DENIED},
               {TW_AMO, V | R, TW_REASON_WRITE_DENIED},
               {TW_FETCH, V | R, TW_REASON_EXECUTE_DENIED}};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    walk_fixture fixture = updating(TW_SV48, 0);
    fixture.entry[0] = lines[i].flags;
    fixture_expect_fault(&fixture, lines[i].access, lines[i].reason, 4);
    assert_int_equal(fixture.updates, 0);
    assert_true(fixture.entry[0] == lines[i].flags);
  }
}

/* Rule P14 of the pins: asked again once it is not speculative any more. */
static void speculative_access_is_to_be_asked_again_where_an_update_is_due(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV39, A);
  for (int access = 0; access < TW_ACCESS_COUNT; access++) {
    const tw_walk walk = fixture_walk_speculative(&fixture, (tw_access)access);
    assert_int_equal(walk.reason, TW_OK);
    assert_int_equal(walk.cause, TW_CAUSE_NONE);
    assert_int_equal(walk.retry, is_write(access));
    assert_true(walk.pa == (is_write(access) ? 0 : PAGE));
    assert_int_equal(walk.flags, V | R | W | X | A);
    assert_int_equal(fixture.updates, 0);
  }
  fixture.entry[0] = LEAF;
  assert_true(fixture_walk_speculative(&fixture, TW_FETCH).retry);
  fixture.entry[0] = V | R | U; /* a fault stays one */
  assert_int_equal(fixture_walk_speculative(&fixture, TW_LOAD).reason, TW_REASON_SUPERVISOR_DENIED);
}

static void speculative_access_faults_where_svade_does(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV39, 0);
  fixture.context.extensions = 0;
  const tw_walk walk = fixture_walk_speculative(&fixture, TW_LOAD);
  assert_int_equal(walk.reason, TW_REASON_ACCESSED_CLEAR);
  assert_false(walk.retry);
}

/* Sv step 9: the walk goes back to step 2, at the same level, and judges what it finds there. */
static void lost_update_reads_the_entry_again(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV39, 0);
  fixture.changes = 1;
  fixture.changes_to[0] = LEAF | A | D | G;
  const tw_walk walk = fixture_walk(&fixture, TW_STORE, 1);
  assert_int_equal(walk.reason, TW_OK);
  assert_int_equal(walk.flags, V | R | W | X | A | D | G);
  assert_int_equal(walk.step_count, 5);
  assert_true(walk.steps[3].update && walk.steps[3].lost);
  assert_true(walk.steps[3].pte == (LEAF | A | D | G));
  assert_true(walk.steps[3].desired == (LEAF | A | D));
  assert_false(walk.steps[4].update);
  assert_true(walk.steps[4].pa == fixture.address[0]);
  assert_int_equal(fixture.reads, 4);
  assert_int_equal(fixture.updates, 1);
}

static void lost_update_is_made_again_if_it_is_still_due(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV32, 0);
  fixture.changes = 2;
  fixture.changes_to[0] = LEAF | A;
  fixture.changes_to[1] = LEAF | 0x100;
  const tw_walk walk = fixture_walk(&fixture, TW_STORE, 1);
  assert_int_equal(walk.reason, TW_OK);
  assert_true(fixture.entry[0] == (LEAF | 0x100 | A | D));
  assert_int_equal(fixture.updates, 3);
  assert_int_equal(walk.step_count, 2 + 1 + 2 + 2);
}

/* What is found after a lost update may be no leaf, or one that denies. */
static void lost_update_ends_in_what_is_found_then(void **state) {
  (void)state;
  static const struct {
    uint64_t found;
    tw_reason reason;
    unsigned flags;
  } lines[] = {{0, TW_REASON_INVALID, 0},
               {W | V, TW_REASON_WRITE_ONLY, 0},
               {LEAF | U | A | D, TW_REASON_SUPERVISOR_DENIED, V | R | W | X | U | A | D},
               {V, TW_REASON_NO_LEAF, 0}};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    walk_fixture fixture = updating(TW_SV39, 0);
    fixture.changes = 1;
    fixture.changes_to[0] = lines[i].found;
    const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 1);
    assert_int_equal(walk.reason, lines[i].reason);
    assert_int_equal(walk.flags, lines[i].flags);
    assert_true(walk.pa == 0);
    assert_int_equal(walk.step_count, 5);
  }
}

static void lost_update_of_a_superpage_goes_down_if_it_is_a_pointer_now(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV39, 0);
  const uint64_t pointer = fixture.entry[2];
  fixture.entry[2] = LEAF;
  fixture.changes = 1;
  fixture.changes_to[0] = pointer | G;
  const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 1);
  assert_int_equal(walk.reason, TW_OK);
  assert_int_equal(walk.level, 0);
  assert_true(walk.pa == PAGE);
  assert_int_equal(walk.flags, V | R | W | X | G | A);
  assert_int_equal(walk.step_count, 6); /* leaf, lost update, pointer, pointer, leaf, update */
}

static void lost_update_may_be_followed_by_a_bus_error(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV39, 0);
  const uint64_t pointer = fixture.entry[2];
  fixture.entry[2] = LEAF;
  fixture.changes = 1;
  fixture.changes_to[0] = pointer;
  fixture.failing_read = 1;
  const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 1);
  assert_int_equal(walk.reason, TW_REASON_TABLE_BUS_ERROR);
  assert_int_equal(walk.level, 0);
  assert_int_equal(walk.flags, 0);
  assert_int_equal(walk.step_count, 4);
}

/* TW_MAX_STEPS: the first ones are kept, and no more is written. */
static void walk_that_loses_many_updates_keeps_its_first_steps(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV39, 0);
  fixture.changes = FIXTURE_CHANGES;
  for (unsigned i = 0; i < FIXTURE_CHANGES; i++) fixture.changes_to[i] = LEAF | (i % 2 ? 0 : 0x100);
  const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 1);
  assert_int_equal(walk.reason, TW_OK);
  assert_true(walk.pa == PAGE);
  assert_int_equal(walk.flags, V | R | W | X | A);
  assert_int_equal(fixture.updates, FIXTURE_CHANGES + 1);
  assert_int_equal(walk.step_count, TW_MAX_STEPS);
  for (unsigned i = 2; i < TW_MAX_STEPS; i++) {
    assert_int_equal(walk.steps[i].update, i % 2);
    assert_int_equal(walk.steps[i].lost, i % 2);
    assert_true(walk.steps[i].pa == fixture.address[0]);
  }
}

/* Sv32: an update compares 32 bits. */
static void upper_half_of_a_narrow_entry_loses_no_update(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV32, 0);
  fixture.entry[0] |= 0xdeadbeef00000000;
  const tw_walk walk = fixture_walk(&fixture, TW_LOAD, 1);
  assert_int_equal(walk.reason, TW_OK);
  assert_int_equal(fixture.updates, 1);
  assert_false(walk.steps[2].lost);
}

/* Sv step 9: access faults of the original access. */
static void update_that_fails_on_the_bus_is_an_access_fault(void **state) {
  (void)state;
  static const tw_cause causes[TW_ACCESS_COUNT] = {1, 5, 7, 7};
  for (int access = 0; access < TW_ACCESS_COUNT; access++) {
    walk_fixture fixture = updating(TW_SV39, 0);
    fixture.failing_update = true;
    const tw_walk walk = fixture_walk(&fixture, (tw_access)access, 1);
    assert_int_equal(walk.reason, TW_REASON_UPDATE_BUS_ERROR);
    assert_int_equal(walk.cause, causes[access]);
    assert_int_equal(walk.flags, V | R | W | X);
    assert_int_equal(walk.step_count, 4);
    assert_true(walk.steps[3].bus_error && walk.steps[3].update && !walk.steps[3].lost);
    assert_true(walk.steps[3].pte == 0);
    assert_true(walk.steps[3].desired == (LEAF | A | (is_write(access) ? (unsigned)D : 0)));
  }
}

/* Sv step 9: the check comes before the update, which is then not made. */
static void update_is_a_write_for_regions_and_pmp(void **state) {
  (void)state;
  const tw_pma_table regions = {.count = 1, .region = {{.base = 0, .bits = 56, .tables = true}}};
  walk_fixture fixture = updating(TW_SV39, 0);
  fixture.machine.regions = &regions;
  fixture_expect_fault(&fixture, TW_LOAD, TW_REASON_UPDATE_PMA, 3);
  assert_int_equal(fixture_walk(&fixture, TW_FETCH, 1).cause, TW_CAUSE_FETCH_ACCESS_FAULT);
  fixture.machine.regions = NULL;
  fixture_pmp_use(&fixture);
  fixture_pmp_set(&fixture, 0, fixture.address[0] & ~(uint64_t)0xfff, 12, TW_PMP_R);
  fixture_expect_fault(&fixture, TW_LOAD, TW_REASON_UPDATE_PMP, 3);
  assert_int_equal(fixture_walk(&fixture, TW_LOAD, 1).flags, V | R | W | X);
  assert_int_equal(fixture.updates, 0);
  fixture_pmp_set(&fixture, 0, fixture.address[0] & ~(uint64_t)0xfff, 12, TW_PMP_R | TW_PMP_W);
  assert_int_equal(fixture_walk(&fixture, TW_LOAD, 1).reason, TW_OK);
}

/* Sv step 9 comes before the access itself is checked. */
static void update_is_made_for_an_access_that_pmp_then_denies(void **state) {
  (void)state;
  walk_fixture fixture = updating(TW_SV39, 0);
  fixture_pmp_use(&fixture);
  fixture_pmp_set(&fixture, 0, PAGE & ~(uint64_t)0xfff, 12, 0);
  const tw_walk walk = fixture_walk(&fixture, TW_STORE, 1);
  assert_int_equal(walk.reason, TW_REASON_PMP_DENIED);
  assert_int_equal(walk.flags, V | R | W | X | A | D);
  assert_true(fixture.entry[0] == (LEAF | A | D));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(updated_entry_has_a_and_for_writes_d_and_is_else_the_same),
      cmocka_unit_test(walk_updates_where_a_or_d_is_wanting),
      cmocka_unit_test(update_is_told_as_a_step),
      cmocka_unit_test(update_of_a_superpage_is_made_in_its_own_entry),
      cmocka_unit_test(walk_faults_instead_without_svadu),
      cmocka_unit_test(denied_access_updates_nothing),
      cmocka_unit_test(speculative_access_is_to_be_asked_again_where_an_update_is_due),
      cmocka_unit_test(speculative_access_faults_where_svade_does),
      cmocka_unit_test(lost_update_reads_the_entry_again),
      cmocka_unit_test(lost_update_is_made_again_if_it_is_still_due),
      cmocka_unit_test(lost_update_ends_in_what_is_found_then),
      cmocka_unit_test(lost_update_of_a_superpage_goes_down_if_it_is_a_pointer_now),
      cmocka_unit_test(lost_update_may_be_followed_by_a_bus_error),
      cmocka_unit_test(walk_that_loses_many_updates_keeps_its_first_steps),
      cmocka_unit_test(upper_half_of_a_narrow_entry_loses_no_update),
      cmocka_unit_test(update_that_fails_on_the_bus_is_an_access_fault),
      cmocka_unit_test(update_is_a_write_for_regions_and_pmp),
      cmocka_unit_test(update_is_made_for_an_access_that_pmp_then_denies),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
