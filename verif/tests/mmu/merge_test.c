/* Merging: slots that are attached to a walk in flight (W1), and what becomes of them (W4).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x40000000)
#define PA UINT64_C(0x7000)
#define M 8u /* cycles to an answer, unless a test says otherwise: what comes meanwhile is attached */
#define CLEAN (RWX & ~(unsigned)(TW_PTE_A | TW_PTE_D))

/* A 4 KiB page at VA; its entry's address. */
static uint64_t page_open(harness *h, const tw_config *config, uint64_t flags) {
  harness_open(h, config);
  h->latency = M;
  h->adue = true;
  uint64_t root = harness_root(h, 1);
  return harness_map(h, root, VA, 0, PA, flags);
}

static const tw_pins_response *answer(const harness *h, tw_port port, uint8_t tag) {
  assert_int_equal(h->answers[port][tag].count, 1);
  return &h->answers[port][tag].response;
}

/* The first walk's answers come in t+5, t+9 and t+13 (m=3). A slot that waits in a cycle in which the walker is REQUEST
 * or WAIT and gets no answer is attached in it; else, with one walker, in the next, or it walks by itself. */
static void slot_is_attached_in_request_and_wait_but_not_as_an_answer_comes(void **state) {
  (void)state;
  static harness h;
  for (unsigned walkers = 1; walkers <= 2; walkers++) {
    for (unsigned later = 0; later < 14; later++) {
      tw_config config = harness_wide();
      config.walkers = walkers;
      page_open(&h, &config, RWX);
      h.latency = 3;
      uint64_t t = h.now;
      for (unsigned i = 0; i < 14; i++) {
        if (i == 0) harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
        if (i == later) harness_request(&h, TW_PORT_FETCH, TW_FETCH, 2, VA + 4);
        harness_cycle(&h);
      }
      harness_settle(&h);
      unsigned waits = later + 1; /* the first cycle in which the slot is WAITING */
      if (waits < 2) waits = 2;   /* in t+1 the walker is still IDLE, and the data port's slot is granted */
      bool answered = waits == 5 || waits == 9 || waits >= 13;
      bool merges = !answered || (walkers == 1 && waits < 13);
      if (merges) {
        assert_int_equal(h.answers[TW_PORT_DATA][1].at, t + 14);
        assert_int_equal(h.answers[TW_PORT_FETCH][2].at, t + 15);
        assert_int_equal(h.event_at[EVENT(WALK_MERGE)], t + waits + (answered ? 1 : 0));
      } else if (walkers == 1) { /* taken in t+14 */
        assert_int_equal(h.answers[TW_PORT_FETCH][2].at, t + 14 + 13);
      } else { /* taken at once */
        assert_int_equal(h.event_at[EVENT(WALK_BEGIN)], t + waits);
      }
      assert_int_equal(h.events[EVENT(WALK_MERGE)], merges);
      assert_int_equal(h.events[EVENT(WALK_BEGIN)], merges ? 1 : 2);
      assert_int_equal(h.events[EVENT(WALK_GRANT)], 2);
      harness_close(&h);
    }
  }
}

static void attached_slot_is_judged_by_its_own_context(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  page_open(&h, &config, V_R_A);
  uint64_t satp = h.satp;
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  harness_control(&h, satp, TW_USER);
  harness_accept(&h, TW_PORT_DATA, TW_STORE, 2, VA);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 3, VA);
  harness_control(&h, satp, TW_SUPERVISOR);
  harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 4, VA);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 5, VA + 8);
  harness_settle(&h);
  assert_int_equal(answer(&h, TW_PORT_DATA, 1)->pa, PA);
  assert_int_equal(answer(&h, TW_PORT_DATA, 2)->reason, TW_REASON_WRITE_DENIED);
  assert_int_equal(answer(&h, TW_PORT_DATA, 3)->reason, TW_REASON_USER_DENIED);
  assert_int_equal(answer(&h, TW_PORT_FETCH, 4)->reason, TW_REASON_USER_DENIED);
  assert_int_equal(answer(&h, TW_PORT_DATA, 5)->pa, PA + 8);
  assert_int_equal(h.events[EVENT(WALK_BEGIN)], 1);
  assert_int_equal(h.events[EVENT(WALK_MERGE)], 4);
  assert_int_equal(h.events[EVENT(WALK_FAULT)], 3);
  harness_close(&h);
}

static void fault_of_the_walk_is_shared(void **state) {
  (void)state;
  static harness h;
  static const tw_reason reasons[] = {TW_REASON_INVALID, TW_REASON_TABLE_BUS_ERROR, TW_REASON_TABLE_PMP};
  for (unsigned why = 0; why < 3; why++) {
    tw_config config = harness_wide();
    config.pmp_entries = 16;
    uint64_t entry = page_open(&h, &config, why == 0 ? 0 : RWX);
    if (why == 1) h.error_pa = entry;
    if (why == 2) {
      harness_pmp(&h, TW_PIN_PMP_ADDR, 0, entry >> 2);
      harness_cycle(&h);
      harness_pmp(&h, TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT);
      harness_cycle(&h);
    }
    uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
    harness_accept(&h, TW_PORT_DATA, TW_STORE, 2, VA);
    harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 3, VA);
    harness_settle(&h);
    static const unsigned causes[][3] = {{13, 15, 12}, {5, 7, 1}, {5, 7, 1}};
    for (uint8_t tag = 1; tag <= 3; tag++) {
      tw_port port = tag == 3 ? TW_PORT_FETCH : TW_PORT_DATA;
      assert_int_equal(answer(&h, port, tag)->reason, reasons[why]);
      assert_int_equal(answer(&h, port, tag)->cause, causes[why][tag - 1]);
      assert_int_equal(h.answers[port][tag].at, t + 1 + (why == 2 ? 2 * (1 + M) + 2 : 3 * (1 + M)) + tag);
    }
    assert_int_equal(h.step_count, why == 2 ? 2 : 3);
    harness_close(&h);
  }
}

static void slot_may_be_attached_in_the_cycle_of_the_denial(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  config.pmp_entries = 16;
  page_open(&h, &config, RWX);
  harness_pmp(&h, TW_PIN_PMP_CFG, 15, 0);
  harness_cycle(&h);
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA); /* denied in t + 2 */
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, VA);              /* waits in t + 2 */
  harness_settle(&h);
  assert_int_equal(h.answers[TW_PORT_DATA][1].at, t + 4);
  assert_int_equal(h.answers[TW_PORT_DATA][2].at, t + 5);
  assert_int_equal(h.events[EVENT(TABLE_DENIED)], 1);
  assert_int_equal(answer(&h, TW_PORT_DATA, 2)->reason, TW_REASON_TABLE_PMP);
  harness_close(&h);
}

/* The owner's store may not update D; the loads that were attached walk again, and are granted. */
static void failed_update_is_not_shared(void **state) {
  (void)state;
  static harness h;
  for (unsigned why = 0; why < 3; why++) {
    tw_config config = harness_wide();
    config.pmp_entries = 16;
    config.regions = (tw_pma_table){2, {{UINT64_C(0x80000000), 28, false, true, why != 1}, {0, 30, false, true, true}}};
    uint64_t entry = page_open(&h, &config, CLEAN | TW_PTE_A);
    if (why == 0) {
      harness_pmp(&h, TW_PIN_PMP_CFG, 15, TW_PMP_NAPOT | TW_PMP_R);
      harness_cycle(&h);
    }
    uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_STORE, 1, VA);
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, VA);
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, 3, VA + 1);
    while (h.now < t + 2 + 3 * (1 + M)) harness_cycle(&h);
    if (why == 2) h.error_pa = entry;
    harness_run(&h, 1);
    h.error_pa = 0;
    harness_settle(&h);
    static const tw_reason reasons[] = {TW_REASON_UPDATE_PMP, TW_REASON_UPDATE_PMA, TW_REASON_UPDATE_BUS_ERROR};
    assert_int_equal(answer(&h, TW_PORT_DATA, 1)->reason, reasons[why]);
    assert_int_equal(answer(&h, TW_PORT_DATA, 2)->pa, PA);
    assert_int_equal(answer(&h, TW_PORT_DATA, 3)->pa, PA + 1);
    assert_int_equal(h.events[EVENT(WALK_BEGIN)], 2); /* one of them is attached to the other */
    assert_int_equal(h.events[EVENT(WALK_MERGE)], 3);
    assert_int_equal(h.events[EVENT(UPDATE)], 0);
    harness_close(&h);
  }
}

static void attached_slots_see_the_updated_entry(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  page_open(&h, &config, CLEAN);
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_STORE, 1, VA);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, VA);
  harness_accept(&h, TW_PORT_DATA, TW_STORE, 3, VA);
  harness_settle(&h);
  for (uint8_t tag = 1; tag <= 3; tag++) {
    assert_int_equal(answer(&h, TW_PORT_DATA, tag)->flags, RWX);
    assert_int_equal(h.answers[TW_PORT_DATA][tag].at, t + 1 + 4 * (1 + M) + tag);
  }
  assert_int_equal(h.events[EVENT(UPDATE)], 1);
  assert_int_equal(h.step_count, 4);
  harness_close(&h);
}

/* A load's update sets A; the attached store then needs D, and makes an update of its own. */
static void attached_slot_makes_its_own_update(void **state) {
  (void)state;
  static harness h;
  for (unsigned speculative = 0; speculative < 2; speculative++) {
    tw_config config = harness_wide();
    uint64_t entry = page_open(&h, &config, CLEAN);
    harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
    h.in.data.speculative = speculative != 0;
    harness_cycle(&h);
    harness_accept(&h, TW_PORT_DATA, TW_STORE, 2, VA);
    harness_settle(&h);
    assert_int_equal(answer(&h, TW_PORT_DATA, 1)->status, speculative ? TW_PIN_RETRY : TW_PIN_TRANSLATED);
    if (!speculative) assert_int_equal(answer(&h, TW_PORT_DATA, 1)->flags, CLEAN | TW_PTE_A);
    assert_int_equal(answer(&h, TW_PORT_DATA, 2)->flags, RWX);
    assert_int_equal(h.events[EVENT(UPDATE)], speculative ? 1 : 2);
    assert_int_equal(h.events[EVENT(WALK_BEGIN)], 1);
    uint64_t pte = 0;
    harness_read(&h, entry, 8, &pte);
    assert_int_equal(pte & 0xff, RWX);
    harness_close(&h);
  }
}

static void adue_is_each_slots_own(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  page_open(&h, &config, CLEAN);
  h.adue = false;
  harness_control(&h, h.satp, TW_SUPERVISOR);
  harness_cycle(&h);
  h.adue = true;
  harness_control(&h, h.satp, TW_SUPERVISOR);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, VA);
  harness_settle(&h);
  assert_int_equal(answer(&h, TW_PORT_DATA, 1)->reason, TW_REASON_ACCESSED_CLEAR);
  assert_int_equal(answer(&h, TW_PORT_DATA, 2)->flags, CLEAN | TW_PTE_A);
  assert_int_equal(h.events[EVENT(WALK_MERGE)], 1);
  harness_close(&h);
}

static void walks_of_different_pbmte_are_not_merged(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  page_open(&h, &config, RWX | UINT64_C(1) << TW_PTE_PBMT_SHIFT);
  h.pbmte = true;
  harness_control(&h, h.satp, TW_SUPERVISOR);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, VA);
  harness_settle(&h);
  assert_int_equal(answer(&h, TW_PORT_DATA, 1)->reason, TW_REASON_RESERVED_BITS);
  assert_int_equal(answer(&h, TW_PORT_DATA, 2)->attribute, TW_PBMT_NC);
  assert_int_equal(h.events[EVENT(WALK_MERGE)], 0);
  assert_int_equal(h.events[EVENT(WALK_BEGIN)], 2);
  harness_close(&h);
}

static void only_the_whole_vpn_merges(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  harness_open(&h, &config);
  uint64_t root = harness_root(&h, 1);
  harness_map(&h, root, VA, 1, 0, RWX); /* a superpage: two of its pages are two walks */
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, VA + TW_PAGE_BYTES);
  harness_settle(&h);
  assert_int_equal(h.events[EVENT(WALK_MERGE)], 0);
  assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 1); /* the second fill writes the entry that matches */
  harness_close(&h);
}

/* A second walk of the page begins as the first gets an answer; a third slot is attached to the lower walker. */
static void of_two_walks_the_lower_walker_is_joined(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  page_open(&h, &config, RWX);
  h.latency = 1;
  uint64_t t = harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA); /* its first answer comes in t + 3 */
  harness_run(&h, 1);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 2, VA);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 3, VA);
  harness_cycle(&h);
  tw_mmu_probe probe = harness_probe(&h);
  assert_int_equal(h.now, t + 5);
  assert_int_equal(probe.walkers[0].attached, 1u << 2);
  assert_int_equal(probe.walkers[1].owner, 1);
  assert_int_equal(probe.walkers[1].attached, 0);
  harness_settle(&h);
  assert_int_equal(h.step_count, 6);
  assert_int_equal(answer(&h, TW_PORT_DATA, 3)->pa, PA);
  harness_close(&h);
}

static void attached_slot_of_the_other_port_fills_its_own_tlb(void **state) {
  (void)state;
  static harness h;
  tw_config config = harness_wide();
  page_open(&h, &config, RWX);
  harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
  harness_accept(&h, TW_PORT_FETCH, TW_FETCH, 2, VA);
  harness_settle(&h);
  assert_int_equal(harness_valid_count(&h, TW_PORT_FETCH), 1);
  assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 1);
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slot_is_attached_in_request_and_wait_but_not_as_an_answer_comes),
      cmocka_unit_test(attached_slot_is_judged_by_its_own_context),
      cmocka_unit_test(fault_of_the_walk_is_shared),
      cmocka_unit_test(slot_may_be_attached_in_the_cycle_of_the_denial),
      cmocka_unit_test(failed_update_is_not_shared),
      cmocka_unit_test(attached_slots_see_the_updated_entry),
      cmocka_unit_test(attached_slot_makes_its_own_update),
      cmocka_unit_test(adue_is_each_slots_own),
      cmocka_unit_test(walks_of_different_pbmte_are_not_merged),
      cmocka_unit_test(only_the_whole_vpn_merges),
      cmocka_unit_test(of_two_walks_the_lower_walker_is_joined),
      cmocka_unit_test(attached_slot_of_the_other_port_fills_its_own_tlb),
  };
  return cmocka_run_group_tests_name("mmu_merge", tests, NULL, NULL);
}
