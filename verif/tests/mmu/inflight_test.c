/* What a change of satp, a PMP write and a cancel do to requests in flight, in every cycle of a busy stretch.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x40000000)
#define PAGE(n) (VA + (uint64_t)(n)*TW_PAGE_BYTES)
#define LENGTH 60u

/* A request of the stretch: it is offered from a cycle on. */
typedef struct offered {
  unsigned from;
  tw_port port;
  uint8_t tag;
  uint64_t va;
} offered;

/* Misses of pages 1 to 5, page 1 twice on each port; hits of page 0 among them, so that outcomes have to wait. */
static const offered STRETCH[] = {
    {0, TW_PORT_DATA, 1, PAGE(1)},   {1, TW_PORT_DATA, 2, PAGE(2)},   {1, TW_PORT_FETCH, 1, PAGE(1)},
    {2, TW_PORT_DATA, 3, PAGE(1)},   {3, TW_PORT_FETCH, 2, PAGE(3)},  {3, TW_PORT_DATA, 4, PAGE(0)},
    {4, TW_PORT_DATA, 5, PAGE(4)},   {5, TW_PORT_DATA, 6, PAGE(5)},   {6, TW_PORT_DATA, 7, PAGE(0)},
    {7, TW_PORT_DATA, 8, PAGE(0)},   {8, TW_PORT_DATA, 9, PAGE(0)},   {9, TW_PORT_DATA, 10, PAGE(0)},
    {10, TW_PORT_DATA, 11, PAGE(0)}, {11, TW_PORT_DATA, 12, PAGE(0)}, {12, TW_PORT_DATA, 13, PAGE(0)}};
#define STRETCH_COUNT (sizeof STRETCH / sizeof STRETCH[0])

static tw_config busy_config(unsigned l2_latency) {
  tw_config config = harness_wide();
  config.data_slots = 6;
  config.pmp_entries = 16;
  config.walk_entries = 2;
  if (l2_latency) config.l2 = (tw_l2_config){16, 4, l2_latency, TW_PLRU, 0};
  return config;
}

/* Pages 0 to 6; page 0 is in the data TLB, page 2 in L2 as well. The root. */
static uint64_t busy_open(harness *h, unsigned l2_latency) {
  tw_config config = busy_config(l2_latency);
  config.fetch_entries = 1;
  harness_open(h, &config);
  uint64_t root = harness_root(h, 1);
  for (unsigned n = 0; n < 7; n++) harness_map(h, root, PAGE(n), 0, (uint64_t)(n + 1) << 12, RWX);
  harness_access(h, TW_PORT_DATA, TW_LOAD, PAGE(0));
  if (l2_latency) {
    harness_access(h, TW_PORT_FETCH, TW_FETCH, PAGE(2));
    harness_access(h, TW_PORT_FETCH, TW_FETCH, PAGE(6));
  }
  harness_fence(h); /* of the walk cache, at least: another ASID's */
  h->in.fence.has_asid = 1;
  h->in.fence.asid = 77;
  harness_fence_done(h);
  h->latency = 3;
  return root;
}

static void stretch_drive(harness *h, unsigned cycle, unsigned *next) {
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    while (next[p] < STRETCH_COUNT && STRETCH[next[p]].port != (tw_port)p) next[p]++;
    if (next[p] == STRETCH_COUNT || harness_port(h, (tw_port)p)->valid || STRETCH[next[p]].from > cycle) continue;
    const offered *o = &STRETCH[next[p]++];
    harness_request(h, o->port, p == TW_PORT_FETCH ? TW_FETCH : TW_LOAD, o->tag, o->va);
  }
}

/* Who must be answered RETRY, of each port; and which states the slots were in. */
typedef struct retries {
  bool retried[TW_PORT_COUNT][HARNESS_TAGS];
  unsigned count[TW_PORT_COUNT];
  unsigned *met;
} retries;

static void retry_expect(retries *r, tw_port port, uint8_t tag) {
  r->retried[port][tag] = true;
  r->count[port]++;
}

/* The cycle of the write, and the next. Slots without an outcome are RETRY, and so is a miss that is accepted now. */
static void satp_change(harness *h, uint64_t root, retries *r) {
  tw_mmu_probe probe = harness_probe(h);
  for (unsigned s = 0; s < probe.slot_count; s++) {
    const tw_mmu_slot *slot = &probe.slots[s];
    r->met[slot->state]++;
    if (slot->state != TW_SLOT_EMPTY && slot->state != TW_SLOT_DONE) retry_expect(r, slot->port, slot->tag);
  }
  const tw_pins_request offer[TW_PORT_COUNT] = {h->in.fetch, h->in.data};
  harness_control(h, harness_satp(h, root, 2), TW_SUPERVISOR);
  harness_cycle(h);
  probe = harness_probe(h);
  for (unsigned s = 0; s < probe.slot_count; s++) /* one a port may be answered already */
    assert_true(probe.slots[s].state == TW_SLOT_EMPTY || probe.slots[s].state == TW_SLOT_DONE);
  for (unsigned w = 0; w < probe.walker_count; w++)
    assert_true(probe.walkers[w].state == TW_WALKER_IDLE || probe.walkers[w].killed);
  const bool taken[TW_PORT_COUNT] = {offer[0].valid && !h->in.fetch.valid, offer[1].valid && !h->in.data.valid};
  harness_cycle(h);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    if (!taken[p] || offer[p].va == PAGE(0)) continue;
    assert_int_equal(h->answers[p][offer[p].tag].at, h->now - 1); /* at once */
    retry_expect(r, (tw_port)p, offer[p].tag);
  }
}

static void retries_check(const harness *h, const retries *r) {
  for (unsigned i = 0; i < STRETCH_COUNT; i++) {
    const harness_answer *a = &h->answers[STRETCH[i].port][STRETCH[i].tag];
    bool retry = r->retried[STRETCH[i].port][STRETCH[i].tag];
    assert_int_equal(a->count, 1);
    assert_int_equal(a->response.status, retry ? TW_PIN_RETRY : TW_PIN_TRANSLATED);
    if (!retry) assert_int_equal(a->response.pa, (STRETCH[i].va - VA) + 0x1000);
  }
  assert_int_equal(h->events[EVENT(FETCH_RETRY)], r->count[TW_PORT_FETCH]);
  assert_int_equal(h->events[EVENT(DATA_RETRY)], r->count[TW_PORT_DATA]);
}

static void satp_change_in_any_cycle_retries_what_has_no_outcome(void **state) {
  (void)state;
  static harness h;
  unsigned met[TW_SLOT_STATE_COUNT] = {0};
  for (unsigned latency = 0; latency <= 3; latency += 3) {
    for (unsigned write = 0; write < LENGTH; write++) {
      uint64_t root = busy_open(&h, latency);
      unsigned next[2] = {0, 0};
      retries r = {.met = met};
      for (unsigned cycle = 0; cycle < LENGTH; cycle++) {
        stretch_drive(&h, cycle, next);
        if (cycle == write) {
          satp_change(&h, root, &r);
        } else {
          harness_cycle(&h);
        }
      }
      harness_settle(&h);
      retries_check(&h, &r);
      harness_close(&h);
    }
  }
  for (unsigned s = 0; s < TW_SLOT_STATE_COUNT; s++) assert_int_not_equal(met[s], 0);
}

/* One answer a cycle, the slot with the lowest number first; the port is ready when all are answered. */
static void retries_are_answered_in_the_slots_order(void **state) {
  (void)state;
  static harness h;
  busy_open(&h, 0);
  h.hold = true;
  for (uint8_t n = 0; n < 6; n++) harness_accept(&h, TW_PORT_DATA, TW_LOAD, n, PAGE(n + 1));
  harness_control(&h, 0, TW_SUPERVISOR);
  harness_cycle(&h);
  uint64_t t = h.now - 1;
  for (unsigned n = 0; n < 6; n++) {
    harness_cycle(&h);
    assert_int_equal(h.answers[TW_PORT_DATA][n].at, t + 1 + n);
    assert_int_equal(h.answers[TW_PORT_DATA][n].response.status, TW_PIN_RETRY);
    assert_int_equal(h.out.data.req_ready, n == 5);
    assert_int_equal((h.out.event & TW_EVENT_DATA_RETRY) != 0, 1);
  }
  assert_int_equal(h.events[EVENT(WALK_KILL)], 1);
  harness_close(&h);
}

/* M2: Bare to Bare with another ASID is a change, too; bits that are not stored, and an unsupported mode, are none. */
static void change_of_satp_is_one_of_the_value_stored(void **state) {
  (void)state;
  static harness h;
  tw_config config = busy_config(0);
  config.asid_bits = 4;
  for (unsigned what = 0; what < 4; what++) {
    harness_open(&h, &config);
    uint64_t root = harness_root(&h, 1);
    harness_map(&h, root, PAGE(1), 0, 0, RWX);
    uint64_t satp = h.satp;
    static const uint64_t changes[] = {UINT64_C(1) << 60, UINT64_C(1) << 48, UINT64_C(1) << 47, 1};
    harness_accept(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(1));
    harness_run(&h, 2);
    harness_control(&h, satp ^ changes[what], TW_USER);
    harness_cycle(&h);
    harness_settle(&h);
    assert_int_equal(h.answers[TW_PORT_DATA][1].response.status, what < 2 ? TW_PIN_TRANSLATED : TW_PIN_RETRY);
    assert_int_equal(h.events[EVENT(WALK_KILL)], what >= 2);
    harness_close(&h);
  }
}

/* Everything but satp: the requests in flight keep their context, and are answered as if nothing had been written. */
static void other_control_writes_disturb_nothing(void **state) {
  (void)state;
  static harness h;
  static harness_answer undisturbed[TW_PORT_COUNT][HARNESS_TAGS];
  for (unsigned write = 0; write <= 40; write++) { /* in cycle write - 1, or not at all */
    busy_open(&h, 2);
    unsigned denied = 0; /* at most one a port */
    unsigned next[2] = {0, 0};
    for (unsigned cycle = 0; cycle < LENGTH; cycle++) {
      stretch_drive(&h, cycle, next);
      if (write && cycle == write - 1) {
        harness_control(&h, h.satp, TW_USER);
        h.in.control.adue = 1;
        h.in.control.pbmte = 1;
        h.in.control.mxr = 1;
      }
      if (write && cycle == write) { /* back, for those that come later */
        h.adue = h.pbmte = false;
        harness_control(&h, h.satp, TW_SUPERVISOR);
      }
      harness_cycle(&h);
    }
    harness_settle(&h);
    for (unsigned i = 0; i < STRETCH_COUNT; i++) {
      harness_answer *a = &h.answers[STRETCH[i].port][STRETCH[i].tag];
      harness_answer *u = &undisturbed[STRETCH[i].port][STRETCH[i].tag];
      if (write == 0) *u = *a;
      assert_int_equal(a->count, 1);
      if (write && a->response.reason == TW_REASON_USER_DENIED && ++denied <= 2)
        continue; /* accepted in the one cycle in which U-mode was in force */
      assert_int_equal(a->response.status, u->response.status);
      assert_int_equal(a->response.pa, u->response.pa);
      assert_int_equal(a->response.flags, u->response.flags);
    }
    harness_close(&h);
  }
}

/* The walk is decided in t + 7 + Λ, by the PBMTE of its request; what it found is kept if that is in force still. */
static void walk_under_another_pbmte_is_answered_and_fills_nothing(void **state) {
  (void)state;
  static harness h;
  for (unsigned write = 0; write <= 12; write++) {
    for (unsigned pbmte = 0; pbmte < 2; pbmte++) {
      tw_config config = busy_config(2);
      harness_open(&h, &config);
      h.pbmte = pbmte != 0;
      uint64_t root = harness_root(&h, 1);
      harness_map(&h, root, VA, 0, 0x5000, RWX | (pbmte ? UINT64_C(1) << TW_PTE_PBMT_SHIFT : 0));
      harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, VA);
      for (unsigned i = 0; i <= 12; i++) {
        if (i == write) h.pbmte = !pbmte, harness_control(&h, h.satp, TW_SUPERVISOR);
        harness_cycle(&h);
      }
      const harness_answer *a = &h.answers[TW_PORT_DATA][1];
      assert_int_equal(a->count, 1);
      assert_int_equal(a->response.attribute, pbmte);
      bool kept = write >= 9;
      assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), kept);
      tw_pins_response r = harness_access(&h, TW_PORT_FETCH, TW_FETCH, VA).response;
      assert_int_equal(r.hit, kept ? TW_PIN_HIT_L2 : TW_PIN_HIT_NONE);
      assert_int_equal(r.reason, kept || !pbmte ? TW_OK : TW_REASON_RESERVED_BITS);
      harness_close(&h);
    }
  }
}

/* PMP takes the tables away, or the page: in force from the cycle after the write on. With m = 1 and w = 1 the three
 * requests are first offered in t+2, t+5 and t+8, and the answer is visible in t+11. */
static void pmp_write_in_any_cycle_of_a_walk_counts_from_the_next(void **state) {
  (void)state;
  static harness h;
  for (unsigned tables = 0; tables < 2; tables++) {
    for (unsigned write = 0; write < 12; write++) {
      busy_open(&h, 0);
      h.config.walk_entries = 0;
      h.latency = 1;
      h.stall = 1;
      harness_fence(&h);
      uint64_t taken = tables ? UINT64_C(0x80000000) >> 2 | 0xffffff : UINT64_C(0x6000) >> 2 | 0x1ff;
      harness_pmp(&h, TW_PIN_PMP_ADDR, 0, taken);
      harness_cycle(&h);
      unsigned steps = h.step_count;
      harness_request(&h, TW_PORT_DATA, TW_LOAD, 1, PAGE(5));
      for (unsigned i = 0; i < 16; i++) {
        if (i == write) harness_pmp(&h, TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT);
        harness_cycle(&h);
      }
      const harness_answer *a = &h.answers[TW_PORT_DATA][1];
      assert_int_equal(a->count, 1);
      unsigned made = write < 2 ? 0 : write < 5 ? 1 : write < 8 ? 2 : 3;
      if (tables) {
        assert_int_equal(h.step_count - steps, made);
        assert_int_equal(a->response.reason, made < 3 ? TW_REASON_TABLE_PMP : TW_OK);
      } else {
        assert_int_equal(a->response.reason, write < 11 ? TW_REASON_PMP_DENIED : TW_OK);
      }
      harness_close(&h);
    }
  }
}

/* The state of the slot that holds a request; *owns: it is the owner of a walk. */
static tw_slot_state state_of(const harness *h, const offered *o, bool *owns) {
  tw_mmu_probe probe = harness_probe(h);
  *owns = false;
  for (unsigned s = 0; s < probe.slot_count; s++) {
    const tw_mmu_slot *slot = &probe.slots[s];
    if (slot->state == TW_SLOT_EMPTY || slot->port != o->port || slot->tag != o->tag) continue;
    *owns = slot->walker != TW_MMU_NONE && probe.walkers[slot->walker].owner == s;
    return slot->state;
  }
  return TW_SLOT_EMPTY;
}

/* All but the one that was cancelled are answered once, and right. */
static void others_check(const harness *h, unsigned victim, bool cancelled) {
  for (unsigned i = 0; i < STRETCH_COUNT; i++) {
    const harness_answer *a = &h->answers[STRETCH[i].port][STRETCH[i].tag];
    assert_int_equal(a->count, i == victim && cancelled ? 0 : 1);
    if (a->count) assert_int_equal(a->response.pa, (STRETCH[i].va - VA) + 0x1000);
  }
}

/* Every request of the stretch is cancelled in every cycle: if a slot held it, it is not answered. */
static void cancel_in_any_cycle_takes_one_request_out(void **state) {
  (void)state;
  static harness h;
  unsigned met[TW_SLOT_STATE_COUNT] = {0};
  unsigned owners = 0;
  for (unsigned latency = 0; latency <= 3; latency += 3) {
    for (unsigned victim = 0; victim < STRETCH_COUNT; victim++) {
      const offered *v = &STRETCH[victim];
      for (unsigned cancel = v->from + 1; cancel < LENGTH; cancel++) {
        busy_open(&h, latency);
        unsigned next[2] = {0, 0};
        bool owns = false;
        tw_slot_state was = TW_SLOT_EMPTY;
        for (unsigned cycle = 0; cycle < LENGTH; cycle++) {
          stretch_drive(&h, cycle, next);
          if (cycle == cancel) was = state_of(&h, v, &owns);
          if (cycle == cancel) harness_cancel(&h, v->port, v->tag);
          harness_cycle(&h);
        }
        met[was]++;
        owners += owns;
        harness_settle(&h);
        others_check(&h, victim, was != TW_SLOT_EMPTY);
        harness_close(&h);
      }
    }
  }
  for (unsigned s = 0; s < TW_SLOT_STATE_COUNT; s++) assert_int_not_equal(met[s], 0);
  assert_true(owners > 0 && owners < met[TW_SLOT_WALKING]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(satp_change_in_any_cycle_retries_what_has_no_outcome),
      cmocka_unit_test(retries_are_answered_in_the_slots_order),
      cmocka_unit_test(change_of_satp_is_one_of_the_value_stored),
      cmocka_unit_test(other_control_writes_disturb_nothing),
      cmocka_unit_test(walk_under_another_pbmte_is_answered_and_fills_nothing),
      cmocka_unit_test(pmp_write_in_any_cycle_of_a_walk_counts_from_the_next),
      cmocka_unit_test(cancel_in_any_cycle_takes_one_request_out),
  };
  return cmocka_run_group_tests_name("mmu_inflight", tests, NULL, NULL);
}
