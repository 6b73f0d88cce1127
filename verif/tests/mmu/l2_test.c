/* The L2 TLB: what it answers, its pipeline, when it stands still, and what it replaces.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x40000000)
#define PAGE(n) (VA + (uint64_t)(n)*TW_PAGE_BYTES)
#define CLEAN (RWX & ~(unsigned)TW_PTE_D)

static tw_config l2_config(unsigned entries, unsigned ways, unsigned latency) {
  tw_config config = harness_wide();
  config.l2 = (tw_l2_config){entries, ways, latency, TW_PLRU, 4};
  return config;
}

/* Pages 0 to count-1 of 4 KiB; the root. */
static uint64_t pages_open(harness *h, const tw_config *config, unsigned count) {
  harness_open(h, config);
  uint64_t root = harness_root(h, 1);
  for (unsigned n = 0; n < count; n++) harness_map(h, root, PAGE(n), 0, (uint64_t)(n + 1) << 12, RWX);
  return root;
}

/* Where a page is in the set-associative part, or -1; its set must be VPN mod sets. */
static int way_of(const harness *h, uint64_t va) {
  unsigned sets = h->config.l2.entries / h->config.l2.ways;
  uint64_t vpn = (va >> 12) & ((UINT64_C(1) << 27) - 1);
  tw_mmu_entry entry;
  for (unsigned way = 0; tw_mmu_l2_read(h->mmu, (unsigned)(vpn % sets), way, &entry); way++)
    if (entry.valid && entry.vpn == vpn) return (int)way;
  return -1;
}

static unsigned super_count(const harness *h) {
  tw_mmu_entry entry;
  unsigned count = 0;
  for (unsigned e = 0; tw_mmu_super_read(h->mmu, e, &entry); e++) count += entry.valid;
  return count;
}

static void walk_fills_l2_and_a_hit_there_fills_the_l1_of_its_port(void **state) {
  (void)state;
  static harness h;
  tw_config config = l2_config(16, 4, 2);
  uint64_t root = pages_open(&h, &config, 0);
  h.pbmte = true;
  harness_control(&h, h.satp, TW_SUPERVISOR);
  harness_cycle(&h);
  uint64_t nc = UINT64_C(1) << TW_PTE_PBMT_SHIFT;
  harness_map(&h, root, PAGE(5), 0, 0x6000, RWX | nc);
  harness_map(&h, root, VA + 0x40000000, 1, 0x200000, RWX | TW_PTE_G);
  harness_map_napot(&h, root, VA + 0x80000000, 0x30000, RWX | 2 * nc);
  const struct {
    uint64_t va, pa;
    unsigned level, flags, attribute, napot;
  } rows[] = {{PAGE(5) + 0x123, 0x6123, 0, RWX, 1, 0},
              {VA + 0x40012345, 0x212345, 1, RWX | TW_PTE_G, 0, 0},
              {VA + 0x80003456, 0x33456, 0, RWX, 2, 1}};
  for (unsigned i = 0; i < 3; i++) {
    harness_access(&h, TW_PORT_DATA, TW_LOAD, rows[i].va);
    for (unsigned round = 0; round < 2; round++) {
      tw_pins_response r = harness_access(&h, TW_PORT_FETCH, TW_FETCH, rows[i].va).response;
      assert_int_equal(r.hit, round ? TW_PIN_HIT_L1 : TW_PIN_HIT_L2);
      assert_int_equal(r.pa, rows[i].pa);
      assert_int_equal(r.level, rows[i].level);
      assert_int_equal(r.flags, rows[i].flags);
      assert_int_equal(r.attribute, rows[i].attribute);
      assert_int_equal(r.napot, rows[i].napot);
    }
  }
  assert_int_equal(h.events[EVENT(L2_HIT)], 3);
  assert_int_equal(h.events[EVENT(L2_MISS)], 3);
  assert_int_equal(super_count(&h), 2); /* the superpage and the 64 KiB page */
  harness_close(&h);
}

static void entry_that_denies_faults_with_hit_2_and_is_used(void **state) {
  (void)state;
  static harness h;
  for (unsigned adue = 0; adue < 2; adue++) {
    tw_config config = l2_config(16, 4, 2);
    uint64_t root = pages_open(&h, &config, 0);
    h.adue = adue != 0;
    harness_control(&h, h.satp, TW_SUPERVISOR);
    harness_cycle(&h);
    harness_map(&h, root, PAGE(1), 0, 0, V_R_A | TW_PTE_X); /* W=0 goes before D=0 */
    harness_map(&h, root, PAGE(2), 0, 0, CLEAN);
    harness_access(&h, TW_PORT_FETCH, TW_FETCH, PAGE(1));
    harness_access(&h, TW_PORT_FETCH, TW_FETCH, PAGE(2));
    harness_answer a = harness_access(&h, TW_PORT_DATA, TW_STORE, PAGE(1));
    assert_int_equal(a.at, 3);
    assert_int_equal(a.response.reason, TW_REASON_WRITE_DENIED);
    assert_int_equal(a.response.hit, TW_PIN_HIT_L2);
    assert_int_equal(a.response.tval, PAGE(1));
    assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 0);
    a = harness_access(&h, TW_PORT_DATA, TW_STORE, PAGE(2));
    assert_int_equal(a.response.reason, adue ? TW_OK : TW_REASON_DIRTY_CLEAR);
    assert_int_equal(a.response.hit, adue ? TW_PIN_HIT_NONE : TW_PIN_HIT_L2);
    assert_int_equal(h.events[EVENT(L2_HIT)], adue ? 1 : 2);
    assert_int_equal(h.events[EVENT(L2_MISS)], adue ? 3 : 2);
    assert_int_equal(h.events[EVENT(UPDATE)], adue);
    /* The fill of the updated entry wrote the one that matched. */
    assert_int_equal(way_of(&h, PAGE(2)), 0);
    harness_close(&h);
  }
}

static void one_lookup_is_granted_a_cycle_and_one_decided(void **state) {
  (void)state;
  static harness h;
  for (unsigned latency = 1; latency <= TW_MAX_L2_LATENCY; latency++) {
    tw_config config = l2_config(64, 4, latency);
    config.data_slots = 8;
    pages_open(&h, &config, 8);
    for (unsigned n = 0; n < 8; n++) harness_access(&h, TW_PORT_FETCH, TW_FETCH, PAGE(n));
    uint64_t t = h.now;
    for (uint8_t n = 0; n < 8; n++) {
      harness_request(&h, TW_PORT_DATA, TW_LOAD, n, PAGE(n));
      while (h.in.data.valid) harness_cycle(&h);
    }
    harness_settle(&h);
    for (unsigned n = 0; n < 8; n++) {
      /* Decided in t + n + latency; the port is not ready while an outcome waits for a later lookup's miss: never. */
      assert_int_equal(h.answers[TW_PORT_DATA][n].at, t + n + latency + 1);
      assert_int_equal(h.answers[TW_PORT_DATA][n].response.hit, TW_PIN_HIT_L2);
    }
    assert_int_equal(h.events[EVENT(L2_STALL)], 0);
    harness_close(&h);
  }
}

static void lookups_are_granted_in_turn(void **state) {
  (void)state;
  static harness h;
  tw_config config = l2_config(64, 4, 1);
  pages_open(&h, &config, 8);
  for (unsigned n = 0; n < 8; n++) {
    harness_access(&h, TW_PORT_FETCH, TW_FETCH, PAGE(n));
    harness_access(&h, TW_PORT_DATA, TW_LOAD, PAGE(n));
  }
  harness_control(&h, h.satp | UINT64_C(1) << 50, TW_SUPERVISOR); /* another ASID: all miss */
  harness_cycle(&h);
  uint64_t search_next = harness_probe(&h).search_next;
  assert_int_equal(search_next, 1); /* data slot 0 was the last */
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 1, PAGE(1));
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 0, PAGE(0));
  harness_cycle(&h);
  tw_mmu_probe probe = harness_probe(&h);
  assert_int_equal(probe.slots[0].state, TW_SLOT_SEARCH); /* from slot 1 on, the fetch port's is the first */
  assert_int_equal(probe.slots[4].state, TW_SLOT_WAITING);
  harness_cycle(&h);
  assert_int_equal(harness_probe(&h).slots[0].state, TW_SLOT_WAITING);
  harness_settle(&h);
  harness_close(&h);
}

/* An L2 hit of Λ = 4 is under way; in one cycle of it the TLB stands still, so that the answer comes one later. */
static void it_stands_still_as_the_page_says(void **state) {
  (void)state;
  static harness h;
  enum { FENCE, SWEEP, DECISION, NOTHING, FENCE_WITHOUT_EFFECT, WRITE, CASES };
  for (unsigned what = 0; what < CASES; what++) {
    for (unsigned offset = 1; offset <= 4; offset++) {
      tw_config config = l2_config(16, 4, 4);
      uint64_t root = pages_open(&h, &config, 2);
      harness_map(&h, root, VA + 0x80000000, 2, 0, RWX);
      harness_access(&h, TW_PORT_FETCH, TW_FETCH, PAGE(0));
      uint64_t stalls = h.events[EVENT(L2_STALL)];
      h.hold = true;
      if (what == DECISION) { /* a walk that is answered when the test says so */
        harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 2, VA + 0x80000000);
        harness_run(&h, 8);
      }
      uint64_t t = h.now;
      for (unsigned i = 0; i < 9; i++) {
        if (i == 0) harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(0));
        if (i == offset && what == FENCE) harness_fence_va(&h, PAGE(1)), h.in.fence.has_asid = 1, h.in.fence.asid = 9;
        if (i == offset - 1 && what == SWEEP) harness_fence_va(&h, PAGE(1));
        if (i == offset && what == DECISION) harness_release(&h, (uint8_t)(h.pending[0].waits ? 0 : 1));
        if (i == offset && what == FENCE_WITHOUT_EFFECT) h.in.fence = (tw_pins_fence){.valid = 1, .kind = 5};
        if (i == offset && what == WRITE) harness_control(&h, h.satp, TW_USER);
        harness_cycle(&h);
      }
      h.hold = false;
      harness_settle(&h);
      /* A fence stands still in its own cycle and in its sweep's. */
      unsigned still[CASES] = {[FENCE] = 2, [SWEEP] = offset == 1 ? 1 : 2, [DECISION] = 1};
      assert_int_equal(h.answers[TW_PORT_DATA][1].at, t + 5 + still[what]);
      assert_int_equal(h.answers[TW_PORT_DATA][1].response.hit, TW_PIN_HIT_L2);
      assert_int_equal(h.events[EVENT(L2_STALL)] - stalls, still[what]);
      harness_close(&h);
    }
  }
}

static void cancel_takes_a_lookup_out_of_the_pipeline(void **state) {
  (void)state;
  static harness h;
  for (unsigned offset = 1; offset <= 5; offset++) {
    tw_config config = l2_config(16, 4, 4);
    pages_open(&h, &config, 2);
    harness_access(&h, TW_PORT_FETCH, TW_FETCH, PAGE(0));
    uint64_t hits = h.events[EVENT(L2_HIT)];
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(0));
    harness_run(&h, offset - 1);
    harness_cancel(&h, TW_PORT_DATA, 1);
    harness_cycle(&h);
    harness_run(&h, 8);
    assert_int_equal(h.events[EVENT(L2_HIT)] - hits, offset == 5);
    assert_int_equal(h.answers[TW_PORT_DATA][1].count, offset == 5); /* visible in the cycle of its cancel */
    assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), offset == 5);
    harness_close(&h);
  }
}

/* A second, slow implementation of one set: halves of halves, nothing numbered as in the page. */
typedef struct reference {
  unsigned count;
  bool random;
  unsigned lfsr;
  bool right[16][5];
  int page[16];
} reference;

static unsigned reference_height(const reference *r) {
  unsigned height = 0;
  while (1u << height < r->count) height++;
  return height;
}

static void reference_use(reference *r, unsigned entry) {
  for (unsigned height = reference_height(r), first = 0; height > 0; height--) {
    unsigned middle = first + (1u << (height - 1));
    r->right[first][height] = entry < middle;
    if (entry >= middle) first = middle;
  }
}

static unsigned reference_place(reference *r, bool *evicts) {
  for (unsigned e = 0; e < r->count; e++)
    if (r->page[e] < 0) return e;
  *evicts = true;
  if (r->random) {
    unsigned way = (r->lfsr % 256) * r->count / 256;
    unsigned out = r->lfsr & 1;
    r->lfsr /= 2;
    if (out) r->lfsr ^= 0xB400;
    return way;
  }
  unsigned first = 0;
  for (unsigned height = reference_height(r); height > 0; height--) {
    unsigned middle = first + (1u << (height - 1));
    if (r->right[first][height] && middle < r->count) first = middle;
  }
  return first;
}

/* Pages of one set are asked at random through an L1 TLB of one entry, so that L2 sees nearly all of it. */
static void set_run(unsigned ways, tw_replacement replacement, harness_random *random) {
  static harness h;
  tw_config config = l2_config(ways * (ways < 4 ? 16 : 4), ways, 1);
  config.data_entries = 1;
  config.l2.replacement = replacement;
  unsigned sets = config.l2.entries / ways;
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  unsigned pages = ways + ways / 2 + 2;
  for (unsigned p = 0; p < pages; p++) harness_map(&h, root, PAGE(p * sets + 3), 0, 0, RWX);
  reference r = {.count = ways, .random = replacement == TW_RANDOM, .lfsr = 0xACE1};
  for (unsigned e = 0; e < 16; e++) r.page[e] = -1;
  int last = -1;
  for (unsigned use = 0; use < 200; use++) {
    int page = (int)harness_random_below(random, pages);
    uint64_t evictions = h.events[EVENT(L2_EVICT)];
    tw_pins_response a = harness_access(&h, TW_PORT_DATA, TW_LOAD, PAGE((unsigned)page * sets + 3)).response;
    if (page == last) continue; /* L1 */
    last = page;
    bool evicts = false;
    int found = way_of(&h, PAGE((unsigned)page * sets + 3));
    int expected = -1;
    for (unsigned e = 0; e < ways; e++)
      if (r.page[e] == page) expected = (int)e;
    assert_int_equal(a.hit, expected >= 0 ? TW_PIN_HIT_L2 : TW_PIN_HIT_NONE);
    if (expected < 0) expected = (int)reference_place(&r, &evicts);
    r.page[expected] = page;
    reference_use(&r, (unsigned)expected);
    assert_int_equal(found, expected);
    assert_int_equal(h.events[EVENT(L2_EVICT)] - evictions, evicts);
    assert_int_equal(harness_probe(&h).lfsr, r.lfsr);
  }
  harness_close(&h);
}

static void sets_replace_by_their_tree_or_by_the_lfsr(void **state) {
  (void)state;
  harness_random random = harness_random_seeded("sets_replace_by_their_tree_or_by_the_lfsr", 3);
  for (unsigned ways = 1; ways <= TW_MAX_L2_WAYS; ways++) {
    set_run(ways, TW_PLRU, &random);
    set_run(ways, TW_RANDOM, &random);
  }
}

static void superpages_have_a_part_of_their_own_or_none(void **state) {
  (void)state;
  static harness h;
  for (unsigned entries = 0; entries <= 3; entries++) {
    tw_config config = l2_config(16, 1, 1);
    config.l2.super_entries = entries;
    config.data_entries = 1;
    harness_open(&h, &config);
    uint64_t root = harness_root(&h, 1);
    for (uint64_t n = 0; n < 5; n++) harness_map(&h, root, VA + (n << 21), 1, n << 21, RWX);
    for (uint64_t n = 0; n < 5; n++) harness_access(&h, TW_PORT_DATA, TW_LOAD, VA + (n << 21));
    assert_int_equal(super_count(&h), entries);
    assert_int_equal(h.events[EVENT(L2_EVICT)], entries ? 5 - entries : 0);
    tw_mmu_entry entry;
    for (unsigned set = 0; set < 16; set++) {
      assert_true(tw_mmu_l2_read(h.mmu, set, 0, &entry));
      assert_false(entry.valid);
    }
    tw_pins_response r = harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA + (UINT64_C(4) << 21) + 0x1234).response;
    assert_int_equal(r.hit, entries ? TW_PIN_HIT_L2 : TW_PIN_HIT_NONE);
    assert_int_equal(r.pa, (UINT64_C(4) << 21) + 0x1234);
    harness_close(&h);
  }
}

/* A 4 KiB page and, later and without a fence, a superpage around it: the set goes before the superpage part, and a
 * fill of one part leaves the other alone. */
static void set_goes_before_the_superpage_part(void **state) {
  (void)state;
  static harness h;
  tw_config config = l2_config(16, 4, 1);
  config.data_entries = 1;
  uint64_t root = pages_open(&h, &config, 1);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, PAGE(0));
  harness_map(&h, root, VA, 1, 0x200000, RWX);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, PAGE(1)); /* fills the superpage part */
  assert_int_equal(super_count(&h), 1);
  assert_int_equal(way_of(&h, PAGE(0)), 0);
  tw_pins_response r = harness_access(&h, TW_PORT_FETCH, TW_FETCH, PAGE(0)).response;
  assert_int_equal(r.hit, TW_PIN_HIT_L2);
  assert_int_equal(r.pa, 0x1000);
  r = harness_access(&h, TW_PORT_FETCH, TW_FETCH, PAGE(2)).response;
  assert_int_equal(r.hit, TW_PIN_HIT_L2);
  assert_int_equal(r.pa, 0x202000);
  harness_close(&h);
}

/* Overlapping superpages of two sizes, both without a fence between: a fill that matches both writes the lower one and
 * drops the other (M6). */
static void fill_over_several_matching_entries_keeps_one(void **state) {
  (void)state;
  static harness h;
  tw_config config = l2_config(16, 4, 1);
  config.extensions = TW_EXT_SVADU;
  config.data_entries = 1;
  config.fetch_entries = 1;
  harness_open(&h, &config);
  h.adue = true;
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, VA, 1, 0, CLEAN);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);                       /* super entry 0: 2 MiB, not dirty */
  harness_map(&h, root, VA, 2, 0, CLEAN);                              /* the tables change: 1 GiB */
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA + (UINT64_C(1) << 21)); /* super entry 1: 1 GiB */
  assert_int_equal(super_count(&h), 2);
  harness_access(&h, TW_PORT_DATA, TW_STORE, VA); /* a miss for D in every TLB: walks, updates, fills */
  assert_int_equal(super_count(&h), 1);
  tw_mmu_entry kept;
  assert_true(tw_mmu_super_read(h.mmu, 0, &kept));
  assert_true(kept.valid);
  assert_int_equal(kept.level, 2);
  assert_int_equal(kept.flags, RWX);
  assert_int_equal(h.events[EVENT(L2_EVICT)], 0);
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(walk_fills_l2_and_a_hit_there_fills_the_l1_of_its_port),
      cmocka_unit_test(entry_that_denies_faults_with_hit_2_and_is_used),
      cmocka_unit_test(one_lookup_is_granted_a_cycle_and_one_decided),
      cmocka_unit_test(lookups_are_granted_in_turn),
      cmocka_unit_test(it_stands_still_as_the_page_says),
      cmocka_unit_test(cancel_takes_a_lookup_out_of_the_pipeline),
      cmocka_unit_test(sets_replace_by_their_tree_or_by_the_lfsr),
      cmocka_unit_test(superpages_have_a_part_of_their_own_or_none),
      cmocka_unit_test(set_goes_before_the_superpage_part),
      cmocka_unit_test(fill_over_several_matching_entries_keeps_one),
  };
  return cmocka_run_group_tests_name("mmu_l2", tests, NULL, NULL);
}
