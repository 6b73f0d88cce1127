/* Which entry a fill takes and which entry a lookup answers: replacement against a second, slow implementation.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "harness.h"

#define BASE UINT64_C(0x40000000)
#define USES_PER_SIZE 400u

/* The tree as a recursion over halves of a range of leaves; nothing of it is numbered as in the page. */
typedef struct reference {
  unsigned count;
  bool right[64][7]; /* of the half-split of [first, first + 2^height) */
  int page[64];      /* -1 if invalid */
} reference;

static unsigned reference_height(const reference *r) {
  unsigned height = 0;
  while (1u << height < r->count) height++;
  return height;
}

static void reference_use(reference *r, unsigned entry) {
  for (unsigned height = reference_height(r), first = 0; height > 0; height--) {
    unsigned middle = first + (1u << (height - 1));
    bool in_right = entry >= middle;
    r->right[first][height] = !in_right;
    if (in_right) first = middle;
  }
}

static unsigned reference_victim(const reference *r) {
  for (unsigned e = 0; e < r->count; e++) {
    if (r->page[e] < 0) return e;
  }
  unsigned first = 0;
  for (unsigned height = reference_height(r); height > 0; height--) {
    unsigned middle = first + (1u << (height - 1));
    if (r->right[first][height] && middle < r->count) first = middle;
  }
  return first;
}

static int reference_find(const reference *r, int page) {
  for (unsigned e = 0; e < r->count; e++) {
    if (r->page[e] == page) return (int)e;
  }
  return -1;
}

static void replacement_access(harness *h, reference *r, tw_port port, int page) {
  uint64_t evictions = h->events[port == TW_PORT_FETCH ? EVENT(FETCH_EVICT) : EVENT(DATA_EVICT)];
  int found = reference_find(r, page);
  harness_answer answer =
      harness_access(h, port, port == TW_PORT_FETCH ? TW_FETCH : TW_LOAD, BASE + (uint64_t)page * TW_PAGE_BYTES);
  assert_int_equal(answer.response.hit, found >= 0);
  bool evicts = false;
  if (found < 0) {
    found = (int)reference_victim(r);
    evicts = r->page[found] >= 0;
    r->page[found] = page;
  }
  reference_use(r, (unsigned)found);
  assert_int_equal(h->events[port == TW_PORT_FETCH ? EVENT(FETCH_EVICT) : EVENT(DATA_EVICT)] - evictions, evicts);
  tw_mmu_entry entry;
  assert_true(tw_mmu_entry_read(h->mmu, port, (unsigned)found, &entry));
  assert_true(entry.valid);
  assert_int_equal(entry.vpn, BASE / TW_PAGE_BYTES + (unsigned)page);
}

static void replacement_run(unsigned count, tw_port port, harness_random *random) {
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.fetch_entries = port == TW_PORT_FETCH ? count : 1 + (count + 7) % 64;
  config.data_entries = port == TW_PORT_DATA ? count : 1 + (count + 7) % 64;
  harness_open(&h, &config);
  uint64_t root = harness_table(&h);
  unsigned pages = count + count / 2 + 2;
  for (unsigned p = 0; p < pages; p++) harness_map(&h, root, BASE + p * TW_PAGE_BYTES, 0, p * TW_PAGE_BYTES, RWX);
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  reference r = {.count = count};
  for (unsigned e = 0; e < 64; e++) r.page[e] = -1;
  for (unsigned use = 0; use < USES_PER_SIZE; use++) {
    unsigned page = harness_random_below(random, pages);
    if (harness_random_below(random, 16) == 0) { /* makes a hole; leaves the tree as it is */
      harness_fence_va(&h, BASE + page * TW_PAGE_BYTES);
      harness_cycle(&h);
      int found = reference_find(&r, (int)page);
      if (found >= 0) r.page[found] = -1;
    }
    replacement_access(&h, &r, port, (int)harness_random_below(random, pages));
  }
  harness_close(&h);
}

static void replacement_follows_the_tree_for_every_size(void **state) {
  (void)state;
  harness_random random = harness_random_seeded("replacement_follows_the_tree_for_every_size", 1);
  for (unsigned count = 1; count <= 64; count++) {
    replacement_run(count, TW_PORT_FETCH, &random);
    replacement_run(count, TW_PORT_DATA, &random);
  }
}

/* The drawing of M5: N = 3, use of entry 2, then the victim is entry 0, although node 3 points at no entry. */
static void tree_of_three_entries_is_as_drawn(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.data_entries = 3;
  harness_open(&h, &config);
  uint64_t root = harness_table(&h);
  for (unsigned p = 0; p < 4; p++) harness_map(&h, root, BASE + p * TW_PAGE_BYTES, 0, 0, RWX);
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  tw_mmu_probe probe;
  for (unsigned p = 0; p < 3; p++) harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + p * TW_PAGE_BYTES);
  tw_mmu_probe_read(h.mmu, &probe);
  assert_int_equal(probe.plru[TW_PORT_DATA], 1u << 3); /* node 1 = 0, node 2 = 0 (entry 1 was used), node 3 = 1 */
  harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + 3 * TW_PAGE_BYTES);
  assert_int_equal(harness_entry_index(&h, TW_PORT_DATA, BASE + 3 * TW_PAGE_BYTES, 1), 0);
  assert_int_equal(h.events[EVENT(DATA_EVICT)], 1);
  harness_close(&h);
}

static void fill_takes_the_lowest_invalid_entry(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  uint64_t root = harness_table(&h);
  for (unsigned p = 0; p < 32; p++) harness_map(&h, root, BASE + p * TW_PAGE_BYTES, 0, 0, RWX);
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  for (unsigned p = 0; p < 16; p++) {
    harness_access(&h, TW_PORT_FETCH, TW_FETCH, BASE + p * TW_PAGE_BYTES);
    assert_int_equal(harness_entry_index(&h, TW_PORT_FETCH, BASE + p * TW_PAGE_BYTES, 1), p);
  }
  static const unsigned holes[] = {13, 4, 9};
  static const unsigned filled[] = {4, 9, 13};
  for (unsigned i = 0; i < 3; i++) {
    harness_fence_va(&h, BASE + holes[i] * TW_PAGE_BYTES);
    harness_cycle(&h);
  }
  for (unsigned i = 0; i < 3; i++) {
    harness_access(&h, TW_PORT_FETCH, TW_FETCH, BASE + (20 + i) * TW_PAGE_BYTES);
    assert_int_equal(harness_entry_index(&h, TW_PORT_FETCH, BASE + (20 + i) * TW_PAGE_BYTES, 1), filled[i]);
  }
  assert_int_equal(h.events[EVENT(FETCH_EVICT)], 0);
  harness_close(&h);
}

static void hit_that_faults_uses_its_entry_and_a_faulting_walk_fills_nothing(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.data_entries = 2;
  harness_open(&h, &config);
  uint64_t root = harness_table(&h);
  for (unsigned p = 0; p < 3; p++) harness_map(&h, root, BASE + p * TW_PAGE_BYTES, 0, 0, RWX & ~(uint64_t)TW_PTE_D);
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  harness_answer answer = harness_access(&h, TW_PORT_DATA, TW_STORE, BASE);
  assert_int_equal(answer.response.reason, TW_REASON_DIRTY_CLEAR);
  assert_int_equal(answer.response.hit, 0);
  assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 0);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + TW_PAGE_BYTES);
  assert_int_equal(harness_valid_count(&h, TW_PORT_FETCH), 0);
  answer = harness_access(&h, TW_PORT_DATA, TW_STORE, BASE); /* uses entry 0, so entry 1 is the victim */
  assert_int_equal(answer.at, 1);
  assert_int_equal(answer.response.hit, 1);
  assert_int_equal(answer.response.reason, TW_REASON_DIRTY_CLEAR);
  assert_int_equal(answer.response.cause, TW_CAUSE_STORE_PAGE_FAULT);
  assert_int_equal(answer.response.tval, BASE);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + 2 * TW_PAGE_BYTES);
  assert_int_equal(harness_entry_index(&h, TW_PORT_DATA, BASE + 2 * TW_PAGE_BYTES, 1), 1);
  harness_close(&h);
}

/* Entry 1 maps a 4 KiB page, has been hit, and then entry 0 is filled with a superpage around it: entry 0 wins. */
static void of_two_matching_entries_the_lowest_wins(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  uint64_t root = harness_table(&h);
  uint64_t other = BASE + 0x40000000;
  harness_map(&h, root, other, 0, 0x1000, RWX);
  harness_map(&h, root, BASE, 0, 0x80003000, RWX);
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, other);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE);
  harness_map(&h, root, BASE, 1, 0x90000000, RWX); /* no fence: both translations are legal */
  harness_fence_va(&h, other);
  harness_cycle(&h);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE).response.pa, 0x80003000);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + 0x5000).response.pa, 0x90005000);
  harness_answer answer = harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE);
  assert_int_equal(answer.response.hit, 1);
  assert_int_equal(answer.response.pa, 0x90000000);
  assert_int_equal(answer.response.level, 1);
  harness_close(&h);
}

/* ASID 1's own entry 0 and a global entry 1 for the same page: 0 wins for ASID 1, and 1 once 0 is gone. */
static void global_entry_answers_where_no_lower_entry_does(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  uint64_t root1 = harness_table(&h);
  uint64_t root2 = harness_table(&h);
  harness_map(&h, root1, BASE, 0, 0x80001000, RWX);
  harness_map(&h, root2, BASE, 0, 0x80002000, RWX | TW_PTE_G);
  for (unsigned round = 0; round < 2; round++) {
    harness_control(&h, harness_satp(&h, root1, 1), TW_SUPERVISOR);
    harness_cycle(&h);
    assert_int_equal(harness_access(&h, TW_PORT_FETCH, TW_FETCH, BASE).response.pa, 0x80001000);
    harness_control(&h, harness_satp(&h, root2, 2), TW_SUPERVISOR);
    harness_cycle(&h);
    harness_answer answer = harness_access(&h, TW_PORT_FETCH, TW_FETCH, BASE);
    assert_int_equal(answer.response.pa, 0x80002000);
    assert_int_equal(answer.response.hit, round);
    assert_int_equal(answer.response.flags, RWX | TW_PTE_G);
  }
  harness_fence_asid(&h, 1);
  harness_control(&h, harness_satp(&h, root1, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  harness_answer answer = harness_access(&h, TW_PORT_FETCH, TW_FETCH, BASE);
  assert_int_equal(answer.response.hit, 1);
  assert_int_equal(answer.response.pa, 0x80002000);
  harness_close(&h);
}

/* A hit on entry 0 in the cycle in which a walk fills: the victim is found with the bits as they were, and they then
 * show the lookup's use before the fill's (M5). */
static void lookup_and_fill_of_one_cycle_use_in_this_order(void **state) {
  (void)state;
  static harness h;
  for (unsigned together = 0; together < 2; together++) {
    tw_config config = TW_CONFIG_BASE39;
    config.data_entries = 4;
    config.data_slots = 2;
    harness_open(&h, &config);
    uint64_t root = harness_root(&h, 1);
    for (unsigned p = 0; p < 6; p++) harness_map(&h, root, BASE + p * TW_PAGE_BYTES, 0, 0, RWX);
    for (unsigned p = 0; p < 4; p++) harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + p * TW_PAGE_BYTES);
    /* Used last: 3, before it 2: the victim is in the lower half, where 1 was used last: entry 0. */
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, BASE + 4 * TW_PAGE_BYTES);
    harness_run(&h, together ? 6 : 5);
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, BASE); /* hits entry 0 in the cycle of the fill, or just before */
    harness_settle(&h);
    assert_int_equal(h.answers[TW_PORT_DATA][2].response.hit, TW_PIN_HIT_L1);
    assert_int_equal(harness_entry_index(&h, TW_PORT_DATA, BASE + 4 * TW_PAGE_BYTES, 1), together ? 0 : 2);
    harness_close(&h);
  }
}

/* M6: a fill writes the lowest entry that matches its request, and drops the others that do. */
static void fill_over_matching_entries_keeps_one(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.extensions = TW_EXT_SVADU;
  harness_open(&h, &config);
  h.adue = true;
  uint64_t clean = RWX & ~(uint64_t)TW_PTE_D;
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, BASE + 0x40000000, 0, 0, RWX);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + 0x40000000); /* entry 0: another page */
  harness_map(&h, root, BASE, 0, 0x1000, clean);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE);          /* entry 1: 4 KiB */
  harness_map(&h, root, BASE, 1, 0x200000, clean);          /* without a fence */
  harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + 0x1000); /* entry 2: 2 MiB */
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + 0x1000).response.pa, 0x201000);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE).response.pa, 0x1000);
  assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 3);
  assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_STORE, BASE).response.pa, 0x200000); /* matches both */
  assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 2);
  assert_int_equal(harness_entry_index(&h, TW_PORT_DATA, BASE, 1), 1);
  harness_answer a = harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + 0x1000); /* what entry 2 answered, 1 does */
  assert_int_equal(a.response.hit, TW_PIN_HIT_L1);
  assert_int_equal(a.response.flags, RWX);
  assert_int_equal(h.events[EVENT(DATA_EVICT)], 0);
  harness_close(&h);
}

/* A table of winners that counts its generations must not take an old one for the new one when the count wraps. */
static void evicted_page_misses_after_any_number_of_fills(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.data_entries = 1;
  harness_open(&h, &config);
  uint64_t root = harness_table(&h);
  for (unsigned p = 0; p < 3; p++) harness_map(&h, root, BASE + p * TW_PAGE_BYTES, 0, p * TW_PAGE_BYTES, RWX);
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  for (unsigned distance = 4090; distance < 4100; distance++) {
    assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + 2 * TW_PAGE_BYTES).response.hit, 0);
    assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + 2 * TW_PAGE_BYTES).response.hit, 1);
    for (unsigned fills = 0; fills < distance; fills++) {
      harness_answer answer = harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE + fills % 2 * TW_PAGE_BYTES);
      assert_int_equal(answer.response.hit, 0);
    }
  }
  harness_close(&h);
}

/* A count of what may match must be right after any number of fills. */
static void page_hits_after_any_number_of_fills(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_BASE39;
  config.data_entries = 2;
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  for (unsigned p = 0; p < 3; p++) harness_map(&h, root, BASE + p * TW_PAGE_BYTES, 0, p * TW_PAGE_BYTES, RWX);
  for (unsigned fills = 0; fills < 1200; fills++) {
    uint64_t va = BASE + fills % 3 * TW_PAGE_BYTES;
    assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, va).response.hit, TW_PIN_HIT_NONE);
    for (unsigned p = 0; p < 2; p++) /* this one, and the one before */
      assert_int_equal(
          harness_access(&h, TW_PORT_DATA, TW_AMO, BASE + (fills + 3 - p) % 3 * TW_PAGE_BYTES).response.hit,
          fills || p == 0 ? TW_PIN_HIT_L1 : TW_PIN_HIT_NONE);
    harness_access(&h, TW_PORT_DATA, TW_LOAD, va);
    if (fills == 0) {
      harness_fence_va(&h, BASE + 2 * TW_PAGE_BYTES);
      harness_cycle(&h);
    }
  }
  harness_close(&h);
}

/* What a hit grants is that of the control registers after any number of writes to them. */
static void hit_follows_the_control_registers_after_any_number_of_writes(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, BASE, 0, 0, RWX | TW_PTE_U);
  harness_control(&h, h.satp, TW_USER);
  harness_cycle(&h);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE);
  for (unsigned distance = 4094; distance <= 4098; distance++) {
    for (unsigned user = 0; user < 2; user++) {
      for (unsigned i = 0; i < distance; i++) { /* all alike */
        harness_control(&h, h.satp, user ? TW_USER : TW_SUPERVISOR);
        harness_cycle(&h);
      }
      tw_pins_response r = harness_access(&h, TW_PORT_DATA, TW_LOAD, BASE).response;
      assert_int_equal(r.hit, TW_PIN_HIT_L1);
      assert_int_equal(r.reason, user ? TW_OK : TW_REASON_SUPERVISOR_DENIED);
    }
  }
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(replacement_follows_the_tree_for_every_size),
      cmocka_unit_test(tree_of_three_entries_is_as_drawn),
      cmocka_unit_test(fill_takes_the_lowest_invalid_entry),
      cmocka_unit_test(hit_that_faults_uses_its_entry_and_a_faulting_walk_fills_nothing),
      cmocka_unit_test(of_two_matching_entries_the_lowest_wins),
      cmocka_unit_test(global_entry_answers_where_no_lower_entry_does),
      cmocka_unit_test(lookup_and_fill_of_one_cycle_use_in_this_order),
      cmocka_unit_test(fill_over_matching_entries_keeps_one),
      cmocka_unit_test(hit_follows_the_control_registers_after_any_number_of_writes),
      cmocka_unit_test(page_hits_after_any_number_of_fills),
      cmocka_unit_test(evicted_page_misses_after_any_number_of_fills),
  };
  return cmocka_run_group_tests_name("mmu_tlb", tests, NULL, NULL);
}
