/* Events: which cycles they stand for (P30), in stories whose every cycle is known.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x40000000)
#define PAGE(n) (VA + (uint64_t)(n)*TW_PAGE_BYTES)
#define GIB(n) ((uint64_t)(n) << 30)

enum {
  BEGIN = TW_EVENT_WALK_BEGIN,
  STEP = TW_EVENT_WALK_STEP,
  GRANT = TW_EVENT_WALK_GRANT,
  FAULT = TW_EVENT_WALK_FAULT,
  MISS = TW_EVENT_DATA_MISS,
  HIT = TW_EVENT_DATA_HIT
};

/* Runs the cycles t, t+1, ...; the events of cycle t+i are expected[i], with as many walkers not idle. */
static void story_check(harness *h, const uint32_t *expected, const uint8_t *walkers, unsigned cycles) {
  for (unsigned i = 0; i <= cycles; i++) {
    harness_cycle(h);
    if (i == 0) continue;
    if (h->out.event != expected[i - 1])
      fail_msg("cycle t+%u: events %x, expected %x", i - 1, h->out.event, expected[i - 1]);
    if (walkers) assert_int_equal(h->out.walkers, walkers[i - 1]);
  }
}

static uint64_t pages_open(harness *h, const tw_config *config) {
  harness_open(h, config);
  uint64_t root = harness_root(h, 1);
  for (unsigned n = 0; n < 4; n++) harness_map(h, root, PAGE(n), 0, (uint64_t)n << 12, RWX);
  harness_map(h, root, GIB(2), 2, 0, RWX);
  return root;
}

static void walk_tells_its_beginning_its_steps_and_its_end(void **state) {
  (void)state;
  static harness h;
  pages_open(&h, &TW_CONFIG_BASE39);
  static const uint32_t granted[] = {MISS, BEGIN, 0, STEP, 0, STEP, 0, STEP | GRANT, 0};
  static const uint8_t walkers[] = {0, 0, 1, 1, 1, 1, 1, 1, 0};
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(0));
  story_check(&h, granted, walkers, 9);
  static const uint32_t faulted[] = {MISS, BEGIN, 0, STEP | FAULT, 0};
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, GIB(3));
  story_check(&h, faulted, NULL, 5);
  static const uint32_t hit[] = {HIT, TW_EVENT_FETCH_MISS, BEGIN};
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(0));
  harness_cycle(&h);
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 1, PAGE(0));
  harness_cycle(&h);
  assert_int_equal(h.out.event, hit[0]);
  harness_cycle(&h);
  assert_int_equal(h.out.event, hit[1]);
  harness_cycle(&h);
  assert_int_equal(h.out.event, hit[2]);
  harness_close(&h);
}

static void stalls_are_told_in_every_cycle_of_theirs(void **state) {
  (void)state;
  static harness h;
  pages_open(&h, &TW_CONFIG_BASE39);
  h.stall = 2;
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, GIB(2));   /* in t */
  harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 1, GIB(2)); /* in t+1 */
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 2, GIB(2));
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 2, GIB(2));
  enum { BOTH = TW_EVENT_DATA_STALL | TW_EVENT_FETCH_STALL, WAITS = TW_EVENT_MEM_STALL };
  /* t+2: offered; the fetch is attached. t+4: handshake. t+5: decided for the owner, which is answered in t+6; the
   * fetch is decided in t+6. */
  static const uint32_t expected[] = {BOTH | WAITS | TW_EVENT_WALK_MERGE, BOTH | WAITS,       BOTH, BOTH | STEP | GRANT,
                                      TW_EVENT_FETCH_STALL | GRANT | HIT, TW_EVENT_FETCH_HIT, 0};
  story_check(&h, expected, NULL, 7);
  harness_close(&h);
}

static void walker_stall_is_told_while_a_miss_waits_for_a_walker(void **state) {
  (void)state;
  static harness h;
  pages_open(&h, &TW_CONFIG_BASE39);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, GIB(2));
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 1, GIB(4));
  enum { WAITS = TW_EVENT_WALKER_STALL };
  static const uint32_t expected[] = {
      MISS | TW_EVENT_FETCH_MISS, BEGIN, WAITS, WAITS | STEP | GRANT, BEGIN, 0, STEP | FAULT, 0};
  story_check(&h, expected, NULL, 8);
  /* A fence with effect: nothing is taken in its cycle. */
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, GIB(5));
  harness_fence(&h);
  static const uint32_t fenced[] = {WAITS | TW_EVENT_FENCE, BEGIN};
  story_check(&h, fenced, NULL, 2);
  harness_close(&h);
}

static void evictions_are_told_by_structure(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  config.data_entries = 1;
  config.fetch_entries = 1;
  config.l2 = (tw_l2_config){16, 1, 1, TW_PLRU, 1};
  config.walk_entries = 1;
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  for (uint64_t n = 0; n < 2; n++) {
    harness_map(&h, root, VA + (n << 16), 0, 0, RWX);          /* one set of L2, one table */
    harness_map(&h, root, VA + GIB(1) + (n << 21), 1, 0, RWX); /* superpages */
    harness_map(&h, root, GIB(8 + n), 0, 0, RWX);              /* tables of their own */
  }
  struct {
    unsigned event;
    tw_port port;
    uint64_t first, second;
  } rows[] = {{EVENT(DATA_EVICT), TW_PORT_DATA, VA, VA + (1 << 16)},
              {EVENT(FETCH_EVICT), TW_PORT_FETCH, VA, VA + (1 << 16)},
              {EVENT(L2_EVICT), TW_PORT_DATA, VA, VA + (1 << 16)},
              {EVENT(L2_EVICT), TW_PORT_DATA, VA + GIB(1), VA + GIB(1) + (1 << 21)},
              {EVENT(WALK_CACHE_EVICT), TW_PORT_DATA, GIB(8), GIB(9)}};
  for (unsigned i = 0; i < 5; i++) {
    harness_fence(&h);
    harness_cycle(&h);
    tw_access access = rows[i].port == TW_PORT_FETCH ? TW_FETCH : TW_LOAD;
    harness_access(&h, rows[i].port, access, rows[i].first);
    uint64_t before = h.events[rows[i].event];
    harness_run(&h, 2);
    assert_int_equal(h.events[rows[i].event], before);
    harness_access(&h, rows[i].port, access, rows[i].second);
    harness_run(&h, 1);
    assert_int_equal(h.events[rows[i].event] - before, rows[i].event == EVENT(WALK_CACHE_EVICT) ? 2 : 1);
  }
  harness_close(&h);
}

static void l2_tells_hits_misses_and_standing_still(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  config.l2 = (tw_l2_config){16, 1, 2, TW_PLRU, 1};
  pages_open(&h, &config);
  static const uint32_t missed[] = {MISS, 0, TW_EVENT_L2_MISS, BEGIN, 0, STEP, 0, STEP, 0, STEP | GRANT, 0};
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(0));
  story_check(&h, missed, NULL, 11);
  static const uint32_t hit[] = {TW_EVENT_FETCH_MISS, TW_EVENT_L2_STALL | TW_EVENT_FENCE, 0, TW_EVENT_L2_MISS};
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 1, PAGE(0));
  harness_cycle(&h);
  harness_fence(&h); /* of everything: the entry goes, too */
  harness_cycle(&h);
  assert_int_equal(h.out.event, hit[0]);
  for (unsigned i = 1; i < 4; i++) {
    harness_cycle(&h);
    assert_int_equal(h.out.event, hit[i]);
  }
  harness_settle(&h);
  static const uint32_t found[] = {MISS, 0, TW_EVENT_L2_HIT, 0};
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(0));
  story_check(&h, found, NULL, 4);
  harness_close(&h);
}

static void update_denial_and_retry_are_told(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  config.pmp_entries = 16;
  harness_open(&h, &config);
  h.adue = true;
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, GIB(2), 2, 0, RWX & ~(unsigned)TW_PTE_D);
  static const uint32_t retried[] = {MISS, BEGIN, 0, STEP | TW_EVENT_DATA_RETRY, 0};
  harness_request(&h, TW_PORT_DATA, TW_STORE, 1, GIB(2));
  h.in.data.speculative = 1;
  story_check(&h, retried, NULL, 5);
  static const uint32_t updated[] = {MISS, BEGIN, 0, STEP, 0, TW_EVENT_UPDATE | GRANT, 0};
  harness_request(&h, TW_PORT_DATA, TW_STORE, 1, GIB(2));
  story_check(&h, updated, NULL, 7);
  harness_pmp(&h, TW_PIN_PMP_CFG, 15, 0);
  harness_cycle(&h);
  static const uint32_t denied[] = {MISS, BEGIN, TW_EVENT_TABLE_DENIED, FAULT, 0};
  harness_request(&h, TW_PORT_DATA, TW_STORE, 1, GIB(3));
  story_check(&h, denied, NULL, 5);
  harness_close(&h);
}

/* A DONE slot's RETRY is told when it is answered, not when it is due. */
static void retry_is_told_with_its_answer(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  pages_open(&h, &config);
  h.hold = true;
  for (uint8_t n = 0; n < 3; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, PAGE(n));
  harness_control(&h, 0, TW_SUPERVISOR);
  harness_cycle(&h);
  for (unsigned n = 0; n < 3; n++) {
    harness_cycle(&h);
    assert_int_equal(h.out.event & TW_EVENT_DATA_RETRY, TW_EVENT_DATA_RETRY);
    assert_int_equal(h.out.data.valid, 1);
    assert_int_equal(h.out.data.tag, n);
  }
  harness_cycle(&h);
  assert_int_equal(h.out.event, 0);
  harness_close(&h);
}

static void walk_cache_hit_stands_beside_the_beginning(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  config.walk_entries = 2;
  pages_open(&h, &config);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, PAGE(0));
  static const uint32_t expected[] = {MISS, BEGIN | TW_EVENT_WALK_CACHE_HIT, 0, STEP | GRANT, 0};
  harness_run(&h, 1);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(1));
  story_check(&h, expected, NULL, 5);
  harness_close(&h);
}

static void untranslated_and_not_canonical_are_neither_hit_nor_miss(void **state) {
  (void)state;
  static harness h;
  pages_open(&h, &TW_CONFIG_BASE39);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, UINT64_C(1) << 60);
  harness_control(&h, 0, TW_USER);
  harness_cycle(&h);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, 0);
  harness_run(&h, 1);
  for (unsigned bit = 0; bit < TW_EVENT_COUNT; bit++) assert_int_equal(h.events[bit], 0);
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(walk_tells_its_beginning_its_steps_and_its_end),
      cmocka_unit_test(stalls_are_told_in_every_cycle_of_theirs),
      cmocka_unit_test(walker_stall_is_told_while_a_miss_waits_for_a_walker),
      cmocka_unit_test(evictions_are_told_by_structure),
      cmocka_unit_test(l2_tells_hits_misses_and_standing_still),
      cmocka_unit_test(update_denial_and_retry_are_told),
      cmocka_unit_test(retry_is_told_with_its_answer),
      cmocka_unit_test(walk_cache_hit_stands_beside_the_beginning),
      cmocka_unit_test(untranslated_and_not_canonical_are_neither_hit_nor_miss),
  };
  return cmocka_run_group_tests_name("mmu_event", tests, NULL, NULL);
}
