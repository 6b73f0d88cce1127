/* Whole walks of the oracle: every reason, the order of the rules, superpages, global pointers, and what is
 * untranslated.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BIT(n) ((uint64_t)1 << (n))
#define ROOT_PPN 0x100u
#define LEAF_PPN                                                                                                       \
  ((uint64_t)0x200000) /* aligned to the size of a superpage of level 1 in Sv32, of level 2 elsewhere                  \
                        */

enum { V = TW_PTE_V, R = TW_PTE_R, W = TW_PTE_W, X = TW_PTE_X, U = TW_PTE_U, G = TW_PTE_G, A = TW_PTE_A, D = TW_PTE_D };
enum { GOOD = V | R | W | X | A | D };

/* Tables at ROOT_PPN, ROOT_PPN + 1, ...: the entry of `va` in each. Other entries cannot be read. */
typedef struct chain {
  tw_context context;
  unsigned levels;
  uint64_t va;
  uint64_t address[TW_MAX_LEVELS]; /* by depth: 0 is the root's */
  uint64_t entry[TW_MAX_LEVELS];
  int failing; /* the depth whose read fails; -1 for none */
} chain;

/* The same VPN, 3 (and offset 0x123), at every level; addresses are sums, not the oracle's. */
static chain chain_make(tw_mode mode) {
  static const unsigned levels[TW_MODE_COUNT] = {0, 2, 3, 4, 5};
  chain made = {.context = {.satp = {.mode = mode, .root_ppn = ROOT_PPN},
                            .privilege = TW_SUPERVISOR,
                            .xlen = mode == TW_SV32 ? 32 : 64},
                .levels = levels[mode],
                .va = 0x123,
                .failing = -1};
  for (unsigned depth = 0; depth < made.levels; depth++) {
    made.va += (uint64_t)3 << (12 + depth * (mode == TW_SV32 ? 10 : 9));
    made.address[depth] = (ROOT_PPN + depth) * 4096 + 3 * (mode == TW_SV32 ? 4u : 8u);
    made.entry[depth] = (uint64_t)(ROOT_PPN + depth + 1) << 10 | V;
  }
  made.entry[made.levels - 1] = LEAF_PPN << 10 | GOOD;
  return made;
}

static bool chain_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const chain *memory = payload;
  assert_int_equal(bytes, memory->context.xlen / 8);
  for (int depth = 0; depth < (int)memory->levels; depth++) {
    if (memory->address[depth] != pa) continue;
    *pte = memory->entry[depth];
    return depth != memory->failing;
  }
  fail_msg("an entry was read that is on nobody's way");
  return false;
}

static tw_walk chain_walk(chain *memory, tw_access access) {
  tw_walk walk;
  memset(&walk, 0x5a, sizeof walk);
  const tw_request request = {.access = access, .va = memory->va, .bytes = 1};
  const tw_table_memory tables = {.read = chain_read, .payload = memory};
  tw_walk_run(&memory->context, &request, &tables, &walk);
  return walk;
}

/* A fault with its cause, no address, and so many entries read. */
static void chain_expect_fault(chain *memory, tw_access access, tw_reason reason, tw_cause cause, unsigned steps) {
  tw_walk walk = chain_walk(memory, access);
  assert_int_equal(walk.reason, reason);
  assert_int_equal(walk.cause, cause);
  assert_true(walk.pa == 0);
  assert_int_equal(walk.step_count, steps);
}

static void walk_reaches_a_4_kib_leaf_through_all_levels(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    chain memory = chain_make((tw_mode)mode);
    tw_walk walk = chain_walk(&memory, TW_STORE);
    assert_int_equal(walk.reason, TW_OK);
    assert_int_equal(walk.cause, TW_CAUSE_NONE);
    assert_true(walk.pa == LEAF_PPN * 4096 + 0x123);
    assert_int_equal(walk.level, 0);
    assert_int_equal(walk.flags, GOOD);
    assert_int_equal(walk.step_count, memory.levels);
    for (unsigned depth = 0; depth < memory.levels; depth++) {
      assert_true(walk.steps[depth].pa == memory.address[depth]);
      assert_true(walk.steps[depth].pte == memory.entry[depth]);
      assert_int_equal(walk.steps[depth].level, memory.levels - 1 - depth);
      assert_false(walk.steps[depth].bus_error);
    }
  }
}

/* Rules Sv39_leaf_any_level, Sv39_page_sizes and their kin. */
static void walk_stops_at_a_superpage_of_every_level(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    chain memory = chain_make((tw_mode)mode);
    unsigned vpn_bits = mode == TW_SV32 ? 10 : 9;
    for (unsigned depth = 0; depth < memory.levels; depth++) {
      unsigned level = memory.levels - 1 - depth;
      uint64_t page = BIT(mode == TW_SV32 ? 33 : 55);
      uint64_t offset_mask = BIT(12 + level * vpn_bits) - 1;
      chain super = memory;
      super.entry[depth] = page / 4096 << 10 | GOOD;
      tw_walk walk = chain_walk(&super, TW_LOAD);
      assert_int_equal(walk.reason, TW_OK);
      assert_int_equal(walk.level, level);
      assert_int_equal(walk.step_count, depth + 1);
      assert_true(walk.pa == page + (super.va & offset_mask));
    }
  }
}

static void walk_leaves_unused_steps_unwritten(void **state) {
  (void)state;
  chain memory = chain_make(TW_SV39);
  memory.entry[0] = GOOD;
  tw_walk walk = chain_walk(&memory, TW_LOAD);
  assert_int_equal(walk.step_count, 1);
  for (unsigned i = 1; i < TW_MAX_LEVELS; i++) assert_true(walk.steps[i].pa == 0x5a5a5a5a5a5a5a5a);
}

static void walk_faults_on_a_bus_error_at_every_level(void **state) {
  (void)state;
  static const tw_cause causes[TW_ACCESS_COUNT] = {1, 5, 7, 7};
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    chain memory = chain_make((tw_mode)mode);
    for (memory.failing = 0; memory.failing < (int)memory.levels; memory.failing++) {
      unsigned steps = (unsigned)memory.failing + 1;
      for (int access = 0; access < TW_ACCESS_COUNT; access++) {
        chain_expect_fault(&memory, (tw_access)access, TW_REASON_TABLE_BUS_ERROR, causes[access], steps);
      }
      tw_walk walk = chain_walk(&memory, TW_LOAD);
      assert_true(walk.steps[steps - 1].bus_error);
      assert_true(walk.steps[steps - 1].pte == 0);
      assert_int_equal(walk.flags, 0);
      assert_int_equal(walk.level, 0);
    }
  }
}

static void walk_faults_on_an_address_that_is_not_canonical_without_reading(void **state) {
  (void)state;
  for (int mode = TW_SV39; mode < TW_MODE_COUNT; mode++) {
    chain memory = chain_make((tw_mode)mode);
    memory.va |= BIT(63);
    memory.failing = 0;
    chain_expect_fault(&memory, TW_FETCH, TW_REASON_NOT_CANONICAL, TW_CAUSE_FETCH_PAGE_FAULT, 0);
  }
}

/* Sv steps 3 to 5 in each entry of the way, and the fault ends the walk there. */
static void walk_faults_at_the_entry_that_is_broken(void **state) {
  (void)state;
  static const struct {
    uint64_t entry;
    tw_reason reason;
  } broken[] = {{0, TW_REASON_INVALID},
                {W | V, TW_REASON_WRITE_ONLY},
                {V | U, TW_REASON_POINTER_RESERVED},
                {V | A, TW_REASON_POINTER_RESERVED},
                {V | D, TW_REASON_POINTER_RESERVED},
                {BIT(54) | V, TW_REASON_RESERVED_BITS},
                {BIT(63) | GOOD, TW_REASON_RESERVED_BITS}};
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    chain memory = chain_make((tw_mode)mode);
    for (unsigned depth = 0; depth < memory.levels; depth++) {
      for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        if (mode == TW_SV32 && broken[i].reason == TW_REASON_RESERVED_BITS) continue;
        chain bad = memory;
        bad.entry[depth] = broken[i].entry;
        chain_expect_fault(&bad, TW_LOAD, broken[i].reason, TW_CAUSE_LOAD_PAGE_FAULT, depth + 1);
      }
    }
  }
}

static void walk_faults_on_a_pointer_at_level_0(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    chain memory = chain_make((tw_mode)mode);
    memory.entry[memory.levels - 1] = (uint64_t)ROOT_PPN << 10 | V;
    chain_expect_fault(&memory, TW_AMO, TW_REASON_NO_LEAF, TW_CAUSE_STORE_PAGE_FAULT, memory.levels);
  }
}

static void walk_faults_on_misaligned_superpage(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    chain memory = chain_make((tw_mode)mode);
    for (unsigned depth = 0; depth + 1 < memory.levels; depth++) {
      chain bad = memory;
      bad.entry[depth] = BIT(10) | GOOD;
      chain_expect_fault(&bad, TW_FETCH, TW_REASON_MISALIGNED, TW_CAUSE_FETCH_PAGE_FAULT, depth + 1);
      tw_walk walk = chain_walk(&bad, TW_FETCH);
      assert_int_equal(walk.level, 0);
      assert_int_equal(walk.flags, 0);
    }
  }
}

/* Sv steps 6, 8, 9: a leaf that breaks several rules is told of the first. Each line repairs the line before. */
static void walk_names_the_first_rule_that_a_leaf_denies_by(void **state) {
  (void)state;
  static const struct {
    tw_privilege privilege;
    tw_access access;
    unsigned flags;
    tw_reason reason;
  } lines[] = {
      {TW_USER, TW_STORE, V | R, TW_REASON_USER_DENIED},
      {TW_USER, TW_STORE, V | R | U, TW_REASON_WRITE_DENIED},
      {TW_USER, TW_STORE, V | R | W | U, TW_REASON_ACCESSED_CLEAR},
      {TW_USER, TW_STORE, V | R | W | U | A, TW_REASON_DIRTY_CLEAR},
      {TW_USER, TW_STORE, V | R | W | U | A | D, TW_OK},
      {TW_SUPERVISOR, TW_AMO, V | R | U, TW_REASON_SUPERVISOR_DENIED},
      {TW_SUPERVISOR, TW_AMO, V | R, TW_REASON_WRITE_DENIED},
      {TW_SUPERVISOR, TW_AMO, V | R | W, TW_REASON_ACCESSED_CLEAR},
      {TW_SUPERVISOR, TW_AMO, V | R | W | A, TW_REASON_DIRTY_CLEAR},
      {TW_SUPERVISOR, TW_LOAD, V | X | U, TW_REASON_SUPERVISOR_DENIED},
      {TW_SUPERVISOR, TW_LOAD, V | X, TW_REASON_READ_DENIED},
      {TW_SUPERVISOR, TW_LOAD, V | R, TW_REASON_ACCESSED_CLEAR},
      {TW_SUPERVISOR, TW_LOAD, V | R | A, TW_OK},
      {TW_SUPERVISOR, TW_FETCH, V | R | U, TW_REASON_SUPERVISOR_DENIED},
      {TW_SUPERVISOR, TW_FETCH, V | R, TW_REASON_EXECUTE_DENIED},
      {TW_SUPERVISOR, TW_FETCH, V | X, TW_REASON_ACCESSED_CLEAR},
      {TW_SUPERVISOR, TW_FETCH, V | X | A, TW_OK},
  };
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
      chain memory = chain_make((tw_mode)mode);
      memory.context.privilege = lines[i].privilege;
      memory.entry[memory.levels - 1] = lines[i].flags;
      tw_walk walk = chain_walk(&memory, lines[i].access);
      assert_int_equal(walk.reason, lines[i].reason);
      assert_int_equal(walk.cause, tw_reason_cause(lines[i].reason, lines[i].access));
      assert_int_equal(walk.flags, lines[i].flags);
    }
  }
}

/* Step 5 comes before step 6: a superpage both misaligned and denied is misaligned. */
static void walk_tells_of_misalignment_before_it_tells_of_denial(void **state) {
  (void)state;
  chain memory = chain_make(TW_SV39);
  memory.context.privilege = TW_USER;
  memory.entry[0] = BIT(10) | V | R;
  chain_expect_fault(&memory, TW_STORE, TW_REASON_MISALIGNED, TW_CAUSE_STORE_PAGE_FAULT, 1);
  memory.entry[0] = V | R;
  chain_expect_fault(&memory, TW_STORE, TW_REASON_USER_DENIED, TW_CAUSE_STORE_PAGE_FAULT, 1);
  assert_int_equal(chain_walk(&memory, TW_STORE).level, 2);
}

static void walk_obeys_sum_and_mxr(void **state) {
  (void)state;
  chain memory = chain_make(TW_SV48);
  memory.entry[3] = V | X | U | A;
  chain_expect_fault(&memory, TW_LOAD, TW_REASON_SUPERVISOR_DENIED, TW_CAUSE_LOAD_PAGE_FAULT, 4);
  memory.context.sum = true;
  chain_expect_fault(&memory, TW_LOAD, TW_REASON_READ_DENIED, TW_CAUSE_LOAD_PAGE_FAULT, 4);
  memory.context.mxr = true;
  assert_int_equal(chain_walk(&memory, TW_LOAD).reason, TW_OK);
  chain_expect_fault(&memory, TW_FETCH, TW_REASON_SUPERVISOR_DENIED, TW_CAUSE_FETCH_PAGE_FAULT, 4);
}

static void walk_accumulates_g_from_any_pointer_on_the_way(void **state) {
  (void)state;
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    chain memory = chain_make((tw_mode)mode);
    assert_int_equal(chain_walk(&memory, TW_LOAD).flags & G, 0);
    for (unsigned depth = 0; depth < memory.levels; depth++) {
      chain global = memory;
      global.entry[depth] |= G;
      assert_int_equal(chain_walk(&global, TW_LOAD).flags, GOOD | G);
    }
  }
}

static void walk_of_rv32_ignores_the_upper_half_of_the_address(void **state) {
  (void)state;
  chain memory = chain_make(TW_SV32);
  memory.va |= 0xdeadbeef00000000;
  tw_walk walk = chain_walk(&memory, TW_LOAD);
  assert_int_equal(walk.reason, TW_OK);
  assert_true(walk.pa == LEAF_PPN * 4096 + 0x123);
}

static void walk_reaches_the_upper_half_of_every_address_space(void **state) {
  (void)state;
  static const unsigned va_bits[TW_MODE_COUNT] = {0, 32, 39, 48, 57};
  for (int mode = TW_SV32; mode < TW_MODE_COUNT; mode++) {
    chain memory = chain_make((tw_mode)mode);
    memory.va = 0 - BIT(va_bits[mode] - 1);
    unsigned half = mode == TW_SV32 ? 512 : 256;
    memory.address[0] = ROOT_PPN * 4096 + half * (mode == TW_SV32 ? 4u : 8u);
    for (unsigned depth = 1; depth < memory.levels; depth++) memory.address[depth] = (ROOT_PPN + depth) * 4096;
    tw_walk walk = chain_walk(&memory, TW_LOAD);
    assert_int_equal(walk.reason, TW_OK);
    assert_true(walk.pa == LEAF_PPN * 4096);
  }
}

static tw_walk untranslated_walk(tw_mode mode, tw_privilege privilege, unsigned xlen, uint64_t va) {
  chain memory = {.context = {.satp = {.mode = mode, .root_ppn = ROOT_PPN}, .privilege = privilege, .xlen = xlen},
                  .va = va};
  return chain_walk(&memory, TW_STORE);
}

/* Rule satp_mode: Bare, and M-mode whatever the mode. */
static void untranslated_access_answers_its_own_address_and_reads_nothing(void **state) {
  (void)state;
  static const struct {
    tw_mode mode;
    tw_privilege privilege;
  } cases[] = {{TW_BARE, TW_USER},    {TW_BARE, TW_SUPERVISOR}, {TW_BARE, TW_MACHINE},
               {TW_SV39, TW_MACHINE}, {TW_SV48, TW_MACHINE},    {TW_SV57, TW_MACHINE}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tw_walk walk = untranslated_walk(cases[i].mode, cases[i].privilege, 64, 0x00ffffffffffffff);
    assert_int_equal(walk.reason, TW_OK);
    assert_int_equal(walk.cause, TW_CAUSE_NONE);
    assert_true(walk.pa == 0x00ffffffffffffff);
    assert_int_equal(walk.level, 0);
    assert_int_equal(walk.flags, 0);
    assert_int_equal(walk.step_count, 0);
  }
}

static void untranslated_address_wider_than_a_physical_one_is_an_access_fault(void **state) {
  (void)state;
  for (unsigned bit = 56; bit < 64; bit++) {
    tw_walk walk = untranslated_walk(TW_BARE, TW_SUPERVISOR, 64, BIT(bit));
    assert_int_equal(walk.reason, TW_REASON_PHYSICAL_RANGE);
    assert_int_equal(walk.cause, TW_CAUSE_STORE_ACCESS_FAULT);
    assert_true(walk.pa == 0);
    walk = untranslated_walk(TW_SV39, TW_MACHINE, 64, BIT(bit));
    assert_int_equal(walk.reason, TW_REASON_PHYSICAL_RANGE);
  }
}

static void untranslated_address_of_rv32_is_its_lower_half(void **state) {
  (void)state;
  assert_true(untranslated_walk(TW_BARE, TW_USER, 32, 0xdeadbeef89abcdef).pa == 0x89abcdef);
  assert_true(untranslated_walk(TW_SV32, TW_MACHINE, 32, UINT64_MAX).pa == 0xffffffff);
  assert_int_equal(untranslated_walk(TW_BARE, TW_USER, 32, UINT64_MAX).reason, TW_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(walk_reaches_a_4_kib_leaf_through_all_levels),
      cmocka_unit_test(walk_stops_at_a_superpage_of_every_level),
      cmocka_unit_test(walk_leaves_unused_steps_unwritten),
      cmocka_unit_test(walk_faults_on_a_bus_error_at_every_level),
      cmocka_unit_test(walk_faults_on_an_address_that_is_not_canonical_without_reading),
      cmocka_unit_test(walk_faults_at_the_entry_that_is_broken),
      cmocka_unit_test(walk_faults_on_a_pointer_at_level_0),
      cmocka_unit_test(walk_faults_on_misaligned_superpage),
      cmocka_unit_test(walk_names_the_first_rule_that_a_leaf_denies_by),
      cmocka_unit_test(walk_tells_of_misalignment_before_it_tells_of_denial),
      cmocka_unit_test(walk_obeys_sum_and_mxr),
      cmocka_unit_test(walk_accumulates_g_from_any_pointer_on_the_way),
      cmocka_unit_test(walk_of_rv32_ignores_the_upper_half_of_the_address),
      cmocka_unit_test(walk_reaches_the_upper_half_of_every_address_space),
      cmocka_unit_test(untranslated_access_answers_its_own_address_and_reads_nothing),
      cmocka_unit_test(untranslated_address_wider_than_a_physical_one_is_an_access_fault),
      cmocka_unit_test(untranslated_address_of_rv32_is_its_lower_half),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
