/* Which walks a fence kills (M7), what becomes of a killed walk in each state, and the sweep of L2 (M11).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x1234567000)
#define GIB(n) ((uint64_t)(n) << 30)
#define CLEAN (RWX & ~(unsigned)(TW_PTE_A | TW_PTE_D))

/* Runs until walker 0 waits for the answer of its read at a level. */
static void walk_to_level(harness *h, unsigned level) {
  for (unsigned i = 0; i < 40; i++) {
    tw_mmu_walker walker = harness_probe(h).walkers[0];
    if (walker.state == TW_WALKER_WAIT && walker.level == level) return;
    if (walker.state == TW_WALKER_WAIT) harness_release(h, (uint8_t)(1 - walker.phase));
    harness_cycle(h);
  }
  fail_msg("the walk does not come to level %u", level);
}

/* A walk of ASID 5 that waits at a level, with G accumulated or not. */
static void walk_open(harness *h, bool svnapot, unsigned level, bool global) {
  tw_config config = TW_CONFIG_BASE39;
  config.extensions = svnapot ? TW_EXT_SVNAPOT : 0;
  harness_open(h, &config);
  uint64_t root = harness_root(h, 5);
  harness_map(h, root, VA, 0, 0, RWX);
  if (global && level < 2) {
    uint64_t entry = harness_entry(h, root, VA, 2);
    uint64_t pte = 0;
    harness_read(h, entry, 8, &pte);
    harness_write(h, entry, pte | TW_PTE_G);
  }
  h->hold = true;
  harness_accept(h, TW_PORT_DATA, TW_LOAD, 1, VA);
  walk_to_level(h, level);
}

/* The fence's address differs from the walk's in one bit, or in none. */
static void fence_kills_walks_whose_leaf_may_be_the_named_one(void **state) {
  (void)state;
  static harness h;
  for (unsigned level = 0; level < 3; level++) {
    for (unsigned bit = 11; bit < 38; bit++) {
      for (unsigned svnapot = 0; svnapot < 2; svnapot++) {
        walk_open(&h, svnapot, level, false);
        harness_fence_va(&h, VA ^ UINT64_C(1) << bit);
        harness_cycle(&h);
        bool kills = bit < 12 + 9 * level || (level == 0 && svnapot && bit < 16);
        assert_int_equal(harness_probe(&h).walkers[0].killed, kills);
        assert_int_equal(harness_probe(&h).slots[0].state, kills ? TW_SLOT_WAITING : TW_SLOT_WALKING);
        h.hold = false;
        harness_settle(&h);
        assert_int_equal(h.events[EVENT(WALK_KILL)], kills);
        assert_int_equal(h.events[EVENT(WALK_BEGIN)], kills ? 2 : 1);
        assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 1); /* what was not killed fills all the same */
        harness_close(&h);
      }
    }
  }
}

static void fence_of_an_asid_kills_its_walks_that_are_not_global(void **state) {
  (void)state;
  static harness h;
  for (unsigned level = 0; level < 3; level++) {
    for (unsigned bits = 0; bits < 8; bits++) {
      bool global = bits & 1 && level < 2;
      walk_open(&h, false, level, global);
      harness_fence_asid(&h, bits & 2 ? 5 : 4);
      if (bits & 4) harness_fence_va(&h, VA);
      harness_cycle(&h);
      assert_int_equal(harness_probe(&h).walkers[0].killed, !global && bits & 2);
      h.hold = false;
      harness_settle(&h);
      harness_close(&h);
    }
  }
}

static void fence_of_everything_kills_global_walks_too(void **state) {
  (void)state;
  static harness h;
  walk_open(&h, false, 0, true);
  harness_fence(&h);
  harness_cycle(&h);
  assert_true(harness_probe(&h).walkers[0].killed);
  h.hold = false;
  harness_settle(&h);
  harness_close(&h);
}

/* A full fence in each state of a walk with one attached slot that makes an update: t+1 taken, t+2 to t+4 offered and
 * held (w=2), its answer in t+7 (m=3); the update likewise, offered from t+8 on, answered in t+13; decided then for the
 * owner, in t+14 for the attached slot. */
static tw_walker_state state_after(const harness *h, tw_walker_state before, uint64_t t, unsigned offset) {
  bool handshake = h->steps[0].accepted == t + offset || (h->step_count > 1 && h->steps[1].accepted == t + offset);
  if (before == TW_WALKER_DECIDE) return TW_WALKER_IDLE;
  if (offset == 7 || offset == 13) return TW_WALKER_IDLE; /* the answer is thrown away */
  if (before == TW_WALKER_REQUEST && handshake) return TW_WALKER_WAIT;
  if (before == TW_WALKER_UPDATE && handshake) return TW_WALKER_UPDATE_WAIT;
  return before;
}

static void killed_walk_check(const harness *h, tw_walker_state before, uint64_t t, unsigned offset) {
  tw_mmu_probe after = harness_probe(h);
  tw_walker_state expected = state_after(h, before, t, offset);
  assert_int_equal(after.walkers[0].state, expected);
  if (expected != TW_WALKER_IDLE) assert_true(after.walkers[0].killed);
  if (before == TW_WALKER_IDLE) return;
  assert_int_equal(after.walkers[0].attached, 0);
  if (offset < 14) assert_int_equal(after.slots[0].state, TW_SLOT_WAITING);
  if (offset > 2 && offset <= 14) assert_int_equal(after.slots[1].state, TW_SLOT_WAITING);
}

static void killed_walk_ends_as_its_state_says(void **state) {
  (void)state;
  static harness h;
  for (unsigned offset = 1; offset <= 15; offset++) {
    tw_config config = harness_wide();
    config.walkers = 1;
    harness_open(&h, &config);
    h.adue = true;
    uint64_t root = harness_root(&h, 1);
    uint64_t entry = harness_map(&h, root, GIB(1), 2, 0, CLEAN);
    h.latency = 3;
    h.stall = 2;
    uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_STORE, 1, GIB(1));
    for (unsigned i = 1; i < offset; i++) {
      if (i == 1) harness_request(&h, TW_PORT_DATA, TW_STORE, 2, GIB(1));
      harness_cycle(&h);
    }
    tw_walker_state before = harness_probe(&h).walkers[0].state;
    harness_fence(&h);
    harness_cycle(&h);
    killed_walk_check(&h, before, t, offset);
    harness_settle(&h);
    assert_int_equal(h.events[EVENT(WALK_KILL)], before != TW_WALKER_IDLE);
    uint64_t pte = 0;
    harness_read(&h, entry, 8, &pte);
    assert_int_equal(pte & 0xff, RWX); /* whatever happened, the update is made in the end */
    assert_int_equal(h.answers[TW_PORT_DATA][1].response.flags, RWX);
    /* Made by the killed walk, it is due no more when the page is walked again. */
    assert_int_equal(h.events[EVENT(UPDATE)], offset >= 8 && offset <= 13 ? 0 : 1);
    harness_close(&h);
  }
}

/* A walk in flight elsewhere fills in the very cycle of a fence that names another page. */
static void fill_in_the_cycle_of_a_fence_stays(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  config.l2 = (tw_l2_config){16, 4, 1, TW_PLRU, 2};
  config.walk_entries = 2;
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, VA, 0, 0, RWX);
  harness_map(&h, root, VA + TW_PAGE_BYTES * 16, 0, 0, RWX);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA + TW_PAGE_BYTES * 16);
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA); /* one read: decided in t + 4 */
  harness_run(&h, 3);
  harness_fence_va(&h, VA + TW_PAGE_BYTES * 16);
  harness_cycle(&h);
  harness_run(&h, 3);
  assert_int_equal(h.answers[TW_PORT_DATA][1].at, t + 5);
  assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 1);
  assert_true(harness_entry_index(&h, TW_PORT_DATA, VA, 1) >= 0);
  assert_int_equal(harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA).response.hit, TW_PIN_HIT_L2);
  harness_close(&h);
}

static tw_config swept_config(void) {
  tw_config config = harness_wide();
  config.l2 = (tw_l2_config){64, 4, 1, TW_PLRU, 2};
  config.data_entries = 1;
  return config;
}

/* 16 sets; the fence's ASID is nobody's, so that nothing is killed. */
static void sweep_treats_a_set_a_cycle_unless_a_walk_is_decided(void **state) {
  (void)state;
  static harness h;
  for (unsigned decisions = 0; decisions <= 3; decisions++) {
    tw_config config = swept_config();
    harness_open(&h, &config);
    uint64_t root = harness_root(&h, 1);
    for (uint64_t n = 0; n < 32; n++) harness_map(&h, root, VA + (n << 12), 0, n << 12, RWX);
    for (uint64_t n = 0; n < 32; n++) harness_access(&h, TW_PORT_DATA, TW_LOAD, VA + (n << 12));
    if (decisions) {
      harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 1, GIB(100)); /* invalid at its first entry, or later */
      harness_map(&h, root, GIB(100), 3 - decisions, 0, RWX);
      harness_run(&h, 1);
    }
    harness_fence_asid(&h, 9);
    harness_cycle(&h);
    uint64_t t = h.now - 1;
    unsigned set = 0;
    for (unsigned i = 1; i <= 16 + decisions; i++) {
      tw_mmu_sweep sweep = harness_probe(&h).sweep;
      assert_true(sweep.active);
      assert_true(sweep.has_asid && !sweep.has_va);
      assert_int_equal(sweep.asid, 9);
      assert_in_range(sweep.set, set, set + 1);
      set = sweep.set;
      assert_int_equal(sweep.last, 15);
      harness_cycle(&h);
      assert_int_equal(h.out.fence_ready, 0);
      assert_int_equal(h.out.fence_done, 0);
    }
    harness_cycle(&h);
    assert_int_equal(h.out.fence_done, 1);
    assert_int_equal(h.out.fence_ready, 1);
    assert_int_equal(h.done_at, t + 1 + 16 + decisions);
    harness_close(&h);
  }
}

static void sweep_revokes_in_its_sets_what_the_fence_names(void **state) {
  (void)state;
  static harness h;
  for (unsigned form = 0; form < 4; form++) { /* bit 0: an address; bit 1: an ASID */
    tw_config config = swept_config();
    harness_open(&h, &config);
    uint64_t root = harness_root(&h, 1);
    for (uint64_t n = 0; n < 32; n++) harness_map(&h, root, VA + (n << 12), 0, 0, RWX | (n == 7 ? TW_PTE_G : 0u));
    for (uint64_t n = 0; n < 32; n++) harness_access(&h, TW_PORT_DATA, TW_LOAD, VA + (n << 12));
    harness_control(&h, harness_satp(&h, root, 2), TW_SUPERVISOR);
    harness_cycle(&h);
    for (uint64_t n = 0; n < 32; n++) harness_access(&h, TW_PORT_DATA, TW_LOAD, VA + (n << 12));
    if (form & 1) harness_fence_va(&h, VA + (3 << 12));
    if (form & 2) harness_fence_asid(&h, 1);
    if (form == 0) harness_fence(&h);
    harness_fence_done(&h);
    tw_mmu_entry entry;
    unsigned count = 0;
    for (unsigned set = 0; set < 16; set++) {
      for (unsigned way = 0; way < 4; way++) {
        assert_true(tw_mmu_l2_read(h.mmu, set, way, &entry));
        count += entry.valid;
        bool named = entry.vpn == (VA >> 12) + 3;
        bool own = entry.asid == 1 && !(entry.flags & TW_PTE_G);
        if (entry.valid) assert_false((!(form & 1) || named) && (!(form & 2) || own));
      }
    }
    static const unsigned left[] = {0, 63 - 2, 63 - 31, 63 - 1}; /* the global page is there once */
    assert_int_equal(count, left[form]);
    harness_close(&h);
  }
}

static void next_fence_waits_for_the_sweep_and_requests_do_not(void **state) {
  (void)state;
  static harness h;
  tw_config config = swept_config();
  config.data_entries = 2;
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, VA, 0, 0x5000, RWX);
  harness_map(&h, root, VA + 0x1000, 0, 0x6000, RWX);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  harness_fence_asid(&h, 9);
  harness_cycle(&h);
  uint64_t t = h.now - 1;
  harness_fence_va(&h, VA + 0x5000);
  uint64_t hit = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, VA + 0x1000); /* misses: searches when the sweep is over, in t + 17 */
  while (h.in.fence.valid) harness_cycle(&h);
  assert_int_equal(h.now - 1, t + 17);
  harness_settle(&h);
  assert_int_equal(h.answers[TW_PORT_DATA][1].at, hit + 1);
  assert_int_equal(h.done_at, t + 17 + 2);
  assert_int_equal(h.events[EVENT(FENCE_STALL)], 16);
  /* The second fence and its sweep stand still, too: the lookup is made in t + 19, and the walk takes 3 steps. */
  assert_int_equal(h.answers[TW_PORT_DATA][2].at, t + 19 + 1 + 7);
  harness_close(&h);
}

static void fence_without_effect_is_done_in_the_next_cycle_and_touches_nothing(void **state) {
  (void)state;
  static harness h;
  for (unsigned what = 0; what < 3; what++) {
    tw_config config = swept_config();
    harness_open(&h, &config);
    uint64_t root = harness_root(&h, 1);
    harness_map(&h, root, VA, 0, 0x5000, RWX);
    harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
    harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 1, GIB(100));
    harness_run(&h, 2);
    if (what == 0) harness_fence_va(&h, VA | UINT64_C(1) << 50);
    if (what == 1) h.in.fence = (tw_pins_fence){.valid = 1, .kind = TW_PIN_SFENCE_W_INVAL};
    if (what == 2) h.in.fence = (tw_pins_fence){.valid = 1, .kind = TW_PIN_SFENCE_INVAL_IR};
    assert_int_equal(harness_fence_done(&h), 1);
    harness_settle(&h);
    assert_int_equal(h.events[EVENT(WALK_KILL)] + h.events[EVENT(L2_STALL)], 0);
    assert_int_equal(h.events[EVENT(FENCE)], 1);
    assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.hit, TW_PIN_HIT_L1);
    assert_int_equal(harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA).response.hit, TW_PIN_HIT_L2);
    harness_close(&h);
  }
}

static void sinval_vma_is_a_fence_like_sfence_vma(void **state) {
  (void)state;
  static harness h;
  tw_config config = swept_config();
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, VA, 0, 0x5000, RWX);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  harness_fence_va(&h, VA);
  h.in.fence.kind = TW_PIN_SINVAL_VMA;
  assert_int_equal(harness_fence_done(&h), 2);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.hit, TW_PIN_HIT_NONE);
  harness_close(&h);
}

/* An address that Sv57 has and Sv39 has not: the fence has effect although satp says Sv39. */
static void address_is_judged_by_the_deepest_mode(void **state) {
  (void)state;
  static harness h;
  tw_config config = swept_config();
  config.mode = TW_SV57;
  harness_open(&h, &config);
  h.mode = TW_SV39;
  harness_root(&h, 1);
  harness_fence_va(&h, UINT64_C(1) << 50);
  assert_int_equal(harness_fence_done(&h), 2);
  harness_fence_va(&h, UINT64_C(1) << 56);
  assert_int_equal(harness_fence_done(&h), 1);
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fence_kills_walks_whose_leaf_may_be_the_named_one),
      cmocka_unit_test(fence_of_an_asid_kills_its_walks_that_are_not_global),
      cmocka_unit_test(fence_of_everything_kills_global_walks_too),
      cmocka_unit_test(killed_walk_ends_as_its_state_says),
      cmocka_unit_test(fill_in_the_cycle_of_a_fence_stays),
      cmocka_unit_test(sweep_treats_a_set_a_cycle_unless_a_walk_is_decided),
      cmocka_unit_test(sweep_revokes_in_its_sets_what_the_fence_names),
      cmocka_unit_test(next_fence_waits_for_the_sweep_and_requests_do_not),
      cmocka_unit_test(fence_without_effect_is_done_in_the_next_cycle_and_touches_nothing),
      cmocka_unit_test(sinval_vma_is_a_fence_like_sfence_vma),
      cmocka_unit_test(address_is_judged_by_the_deepest_mode),
  };
  return cmocka_run_group_tests_name("mmu_kill", tests, NULL, NULL);
}
