/* The walk cache: where a walk begins, what is kept of a pointer, and what is replaced.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x2000000000)
#define LEVEL_BITS(level) (12 + 9 * (level))

static tw_config cache_config(tw_mode mode, unsigned entries) {
  tw_config config = harness_wide();
  config.mode = mode;
  config.walk_entries = entries;
  config.data_entries = 1;
  return config;
}

/* A page of a level, that differs from VA in the VPN field of a level. */
static uint64_t beside(uint64_t va, unsigned level) {
  return va ^ UINT64_C(1) << LEVEL_BITS(level);
}

static unsigned pointer_count(const harness *h, unsigned level) {
  tw_mmu_pointer pointer;
  unsigned count = 0;
  for (unsigned e = 0; tw_mmu_pointer_read(h->mmu, level, e, &pointer); e++) count += pointer.valid;
  return count;
}

static unsigned steps_of(harness *h, uint64_t va) {
  unsigned before = h->step_count;
  tw_pins_response r = harness_access(h, TW_PORT_DATA, TW_LOAD, va).response;
  assert_int_equal(r.status, TW_PIN_TRANSLATED);
  return h->step_count - before;
}

/* After a walk to VA, a walk that shares the tables from a level on begins at the lowest one. */
static void walk_begins_below_the_lowest_pointer_that_matches(void **state) {
  (void)state;
  static harness h;
  for (tw_mode mode = TW_SV39; mode <= TW_SV57; mode++) {
    unsigned levels = tw_mode_row(mode)->levels;
    for (unsigned entries = 0; entries <= 1; entries++) {
      for (unsigned level = 0; level < levels; level++) {
        tw_config config = cache_config(mode, entries);
        harness_open(&h, &config);
        uint64_t root = harness_root(&h, 1);
        harness_map(&h, root, VA, 0, 0, RWX);
        harness_map(&h, root, beside(VA, level), 0, 0x5000, RWX);
        assert_int_equal(steps_of(&h, VA), levels);
        for (unsigned l = 1; l < levels; l++) assert_int_equal(pointer_count(&h, l), entries);
        assert_int_equal(steps_of(&h, beside(VA, level)), entries ? level + 1 : levels);
        assert_int_equal(h.events[EVENT(WALK_CACHE_HIT)], entries && level + 1 < levels);
        harness_close(&h);
      }
    }
  }
}

static void shallower_mode_begins_at_its_own_root(void **state) {
  (void)state;
  static harness h;
  tw_config config = cache_config(TW_SV57, 4);
  harness_open(&h, &config);
  uint64_t deep = harness_root(&h, 1);
  harness_map(&h, deep, VA, 0, 0, RWX);
  assert_int_equal(steps_of(&h, VA), 5);
  h.mode = TW_SV39;
  uint64_t va = UINT64_C(0x12345678);
  uint64_t shallow = harness_root(&h, 2);
  harness_map(&h, shallow, va, 0, 0x7000, RWX);
  harness_map(&h, shallow, beside(va, 1), 0, 0x8000, RWX);
  assert_int_equal(steps_of(&h, va), 3);
  assert_int_equal(pointer_count(&h, 2), 2); /* one of each space */
  assert_int_equal(pointer_count(&h, 3), 1);
  assert_int_equal(steps_of(&h, beside(va, 1)), 2);
  harness_close(&h);
}

static void pointer_is_of_its_asid_unless_it_is_global(void **state) {
  (void)state;
  static harness h;
  for (unsigned global = 0; global < 2; global++) {
    tw_config config = cache_config(TW_SV39, 4);
    harness_open(&h, &config);
    uint64_t root = harness_root(&h, 1);
    harness_map(&h, root, VA, 0, 0, RWX);
    harness_map(&h, root, beside(VA, 0), 0, 0x3000, RWX);
    uint64_t top = harness_entry(&h, root, VA, 2);
    uint64_t pte = 0;
    harness_read(&h, top, 8, &pte);
    harness_write(&h, top, pte | (global ? TW_PTE_G : 0u)); /* G of the level above is accumulated */
    assert_int_equal(steps_of(&h, VA), 3);
    tw_mmu_pointer pointer;
    for (unsigned level = 1; level <= 2; level++) {
      assert_true(tw_mmu_pointer_read(h.mmu, level, 0, &pointer));
      assert_int_equal(pointer.global, global);
    }
    harness_control(&h, harness_satp(&h, root, 2), TW_SUPERVISOR);
    harness_cycle(&h);
    assert_int_equal(steps_of(&h, beside(VA, 0)), global ? 1 : 3);
    /* A walk that begins below a global pointer has its G. */
    assert_int_equal(h.answers[TW_PORT_DATA][15].response.flags, global ? RWX | TW_PTE_G : RWX);
    harness_close(&h);
  }
}

static void global_pointer_at_level_1_leaves_the_one_above_as_it_is(void **state) {
  (void)state;
  static harness h;
  tw_config config = cache_config(TW_SV39, 4);
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, VA, 0, 0, RWX);
  uint64_t entry = harness_entry(&h, root, VA, 1);
  uint64_t pte = 0;
  harness_read(&h, entry, 8, &pte);
  harness_write(&h, entry, pte | TW_PTE_G);
  steps_of(&h, VA);
  tw_mmu_pointer pointer;
  assert_true(tw_mmu_pointer_read(h.mmu, 2, 0, &pointer) && !pointer.global);
  assert_int_equal(pointer.asid, 1);
  assert_true(tw_mmu_pointer_read(h.mmu, 1, 0, &pointer) && pointer.global);
  assert_int_equal(pointer.table_ppn, pte >> 10);
  assert_int_equal(pointer.vpn, VA >> 12);
  harness_close(&h);
}

/* Faults fill nothing in the TLBs, but the pointers on the way are kept. */
static void pointers_of_a_walk_that_faults_are_kept(void **state) {
  (void)state;
  static harness h;
  tw_config config = cache_config(TW_SV39, 4);
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, VA, 0, 0, 0);
  for (unsigned round = 0; round < 2; round++) {
    unsigned steps = round ? 1 : 3;
    unsigned before = h.step_count;
    assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.reason, TW_REASON_INVALID);
    assert_int_equal(h.step_count - before, steps);
  }
  harness_close(&h);
}

/* Each level has its own tree: pointers of level 1, asked at random, against a second implementation that knows only
 * uses. */
static void levels_replace_each_by_its_own_tree(void **state) {
  (void)state;
  static harness h;
  harness_random random = harness_random_seeded("levels_replace_each_by_its_own_tree", 5);
  tw_config config = cache_config(TW_SV39, 4);
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  for (uint64_t n = 0; n < 7; n++) harness_map(&h, root, VA + (n << 21), 0, n << 12, RWX);
  int kept[4] = {-1, -1, -1, -1}; /* which table an entry points to */
  unsigned last_half = 0;         /* of the tree of 4: the half and, per half, the entry used last */
  unsigned last_in_half[2] = {0, 0};
  bool used = false;
  for (unsigned i = 0; i < 300; i++) {
    int n = (int)harness_random_below(&random, 7);
    if (harness_entry_index(&h, TW_PORT_DATA, VA + ((uint64_t)n << 21), 1) >= 0) continue; /* in L1 */
    uint64_t evictions = h.events[EVENT(WALK_CACHE_EVICT)];
    int found = -1;
    for (int e = 0; e < 4; e++)
      if (kept[e] == n) found = e;
    assert_int_equal(steps_of(&h, VA + ((uint64_t)n << 21)), found >= 0 ? 1 : used ? 2 : 3);
    bool evicts = false;
    for (int e = 0; e < 4 && found < 0; e++)
      if (kept[e] < 0) found = e;
    if (found < 0) {
      unsigned half = 1 - last_half;
      found = (int)(half * 2 + 1 - last_in_half[half]);
      evicts = true;
    }
    kept[found] = n;
    last_half = (unsigned)found / 2;
    last_in_half[last_half] = (unsigned)found % 2;
    assert_int_equal(h.events[EVENT(WALK_CACHE_EVICT)] - evictions, evicts);
    used = true;
  }
  assert_int_equal(pointer_count(&h, 2), 1); /* one pointer above, which is found and not filled again */
  harness_close(&h);
}

/* A walk that begins below pointer 0 in the very cycle in which another walk's pointer evicts: the victim is found with
 * the bits as they were (M5), and is entry 0 all the same. */
static void lookup_and_fill_of_one_cycle_use_in_this_order(void **state) {
  (void)state;
  static harness h;
  for (unsigned together = 0; together < 2; together++) {
    tw_config config = cache_config(TW_SV39, 2);
    harness_open(&h, &config);
    uint64_t root = harness_root(&h, 1);
    for (uint64_t n = 0; n < 3; n++) harness_map(&h, root, VA + (n << 21), 0, n << 12, RWX);
    harness_map(&h, root, beside(VA, 0), 0, 0x7000, RWX);
    steps_of(&h, VA);                                             /* level 1, entry 0 */
    steps_of(&h, VA + (1 << 21));                                 /* entry 1, used last */
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA + (2 << 21)); /* its pointer is decided in t + 3 */
    harness_run(&h, together ? 1 : 0);
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, beside(VA, 0)); /* taken in t + 3, or just before */
    harness_settle(&h);
    tw_mmu_pointer pointer;
    assert_true(tw_mmu_pointer_read(h.mmu, 1, together ? 0 : 1, &pointer));
    assert_int_equal(pointer.vpn >> 9, (VA >> 21) + 2);
    harness_close(&h);
  }
}

static void walk_of_rv32_uses_its_one_level(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_TINY32;
  config.walk_entries = 2;
  config.data_entries = 1;
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, 0x400000, 0, 0x1000, RWX);
  harness_map(&h, root, 0x7ff000, 0, 0x2000, RWX);
  assert_int_equal(steps_of(&h, 0x400000), 2);
  assert_int_equal(steps_of(&h, 0x7ff000), 1);
  tw_mmu_pointer pointer;
  assert_true(tw_mmu_pointer_read(h.mmu, 1, 0, &pointer));
  assert_false(tw_mmu_pointer_read(h.mmu, 2, 0, &pointer));
  assert_false(tw_mmu_pointer_read(h.mmu, 0, 0, &pointer));
  assert_false(tw_mmu_pointer_read(h.mmu, 1, 2, &pointer));
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(walk_begins_below_the_lowest_pointer_that_matches),
      cmocka_unit_test(shallower_mode_begins_at_its_own_root),
      cmocka_unit_test(pointer_is_of_its_asid_unless_it_is_global),
      cmocka_unit_test(global_pointer_at_level_1_leaves_the_one_above_as_it_is),
      cmocka_unit_test(pointers_of_a_walk_that_faults_are_kept),
      cmocka_unit_test(levels_replace_each_by_its_own_tree),
      cmocka_unit_test(lookup_and_fill_of_one_cycle_use_in_this_order),
      cmocka_unit_test(walk_of_rv32_uses_its_one_level),
  };
  return cmocka_run_group_tests_name("mmu_walk_cache", tests, NULL, NULL);
}
