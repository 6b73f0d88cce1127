/* What a fence, a satp write and a cancel do to a walk, alone and together, in every cycle of it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x12345678)

enum { CANCEL = 1, SATP = 2, FENCE = 4 };

/* A walk of `steps` entries with latency m and stall w; the disturbance comes `offset` cycles after the request. */
typedef struct situation {
  tw_port port;
  unsigned steps, m, w;
  unsigned what; /* set of CANCEL, SATP, FENCE */
  unsigned offset;
} situation;

enum outcome { ANSWERED, RETRIED, NOTHING };

typedef struct expectation {
  enum outcome outcome;
  unsigned at;   /* cycle of the answer, relative to the request */
  bool kill;     /* WALK_KILL is visible in the cycle after the disturbance */
  unsigned idle; /* cycle from which on the walker is idle after a kill without a new beginning */
} expectation;

static unsigned step_cycles(const situation *s) {
  return 1 + s->m + s->w;
}

/* From the page: take in 1, first request in 2, last entry decoded in 1 + n(1+m+w). */
static expectation situation_expect(const situation *s) {
  unsigned last = 1 + s->steps * step_cycles(s);
  bool in_flight = s->offset >= 2 && s->offset <= last;
  bool slot_full = s->offset >= 1 && s->offset <= last;
  unsigned step = in_flight ? (s->offset - 2) / step_cycles(s) : 0;
  unsigned drained = 1 + (step + 1) * step_cycles(s); /* the outstanding entry's cycle */
  expectation expected = {.outcome = ANSWERED, .at = last + 1, .kill = in_flight && s->what != 0, .idle = drained + 1};
  if (!in_flight) expected.idle = 0;
  if (slot_full && (s->what & CANCEL)) {
    expected.outcome = NOTHING;
  } else if (s->offset <= last && (s->what & SATP)) {
    expected.outcome = RETRIED;
    expected.at = s->offset + 1;
  } else if (in_flight && (s->what & FENCE)) {
    expected.at = drained + 2 + s->steps * step_cycles(s);
  } else if (s->offset == 1 && (s->what & FENCE)) {
    expected.at++; /* nothing is taken in the cycle of a fence */
  }
  return expected;
}

static void situation_open(harness *h, const situation *s, uint64_t *satp) {
  harness_open(h, &TW_CONFIG_BASE39);
  h->latency = s->m;
  h->stall = s->w;
  uint64_t root = harness_table(h);
  harness_map(h, root, VA, 3 - s->steps, 0x80000000, RWX);
  *satp = harness_satp(h, root, 1);
  harness_control(h, *satp, TW_SUPERVISOR);
  harness_cycle(h);
}

static void disturb(harness *h, const situation *s, uint64_t satp) {
  if (s->what & CANCEL) harness_cancel(h, s->port, 5);
  if (s->what & SATP) harness_control(h, satp ^ UINT64_C(3) << 44, TW_SUPERVISOR); /* ASID 2, the same root */
  if (s->what & FENCE) harness_fence(h);
}

static void situation_cycle_check(const harness *h, const situation *s, const expectation *expected, unsigned t) {
  const tw_pins_response *response = harness_response(h, s->port);
  bool answers = expected->outcome != NOTHING && t == expected->at;
  assert_int_equal(response->valid, answers);
  if (answers) {
    assert_int_equal(response->tag, 5);
    assert_int_equal(response->status, expected->outcome == RETRIED ? TW_PIN_RETRY : TW_PIN_TRANSLATED);
    uint32_t beside = expected->outcome == ANSWERED ? TW_EVENT_WALK_GRANT
                      : s->port == TW_PORT_FETCH    ? TW_EVENT_FETCH_RETRY
                                                    : TW_EVENT_DATA_RETRY;
    assert_int_equal(h->out.event & beside, beside);
  }
  bool kill = (h->out.event & TW_EVENT_WALK_KILL) != 0;
  assert_int_equal(kill, expected->kill && t == s->offset + 1);
  assert_int_equal(h->out.fence_done, (s->what & FENCE) && t == s->offset + 1);
  unsigned empty_from = expected->outcome == NOTHING ? s->offset + 1 : expected->at;
  assert_int_equal(response->req_ready, t == 0 || t >= empty_from);
}

static void situation_run(const situation *s) {
  static harness h;
  uint64_t satp = 0;
  situation_open(&h, s, &satp);
  expectation expected = situation_expect(s);
  unsigned end = 6 + 2 * s->steps * step_cycles(s) + step_cycles(s);
  harness_request(&h, s->port, s->port == TW_PORT_FETCH ? TW_FETCH : TW_LOAD, 5, VA);
  for (unsigned t = 0; t < end; t++) {
    if (t == s->offset) disturb(&h, s, satp);
    harness_cycle(&h);
    situation_cycle_check(&h, s, &expected, t);
  }
  /* Whoever was not answered has filled nothing; a fence that came after the fill has revoked it. */
  bool filled = expected.outcome == ANSWERED && !((s->what & FENCE) && s->offset >= expected.at);
  assert_int_equal(harness_valid_count(&h, s->port), filled);
  harness_close(&h);
}

static void sweep(unsigned what) {
  static const unsigned latencies[][2] = {{1, 0}, {5, 0}, {1, 2}, {3, 1}};
  for (unsigned port = 0; port < TW_PORT_COUNT; port++) {
    for (unsigned l = 0; l < 4; l++) {
      for (unsigned steps = 1; steps <= 3; steps++) {
        situation s = {.port = (tw_port)port, .steps = steps, .m = latencies[l][0], .w = latencies[l][1], .what = what};
        for (s.offset = 0; s.offset <= 3 + steps * step_cycles(&s); s.offset++) situation_run(&s);
      }
    }
  }
}

static void undisturbed_walk_is_answered_in_time(void **state) {
  (void)state;
  sweep(0);
}

static void fence_in_any_cycle_makes_the_walk_begin_again(void **state) {
  (void)state;
  sweep(FENCE);
}

static void satp_write_in_any_cycle_is_answered_retry(void **state) {
  (void)state;
  sweep(SATP);
}

static void cancel_in_any_cycle_leaves_no_answer_and_no_entry(void **state) {
  (void)state;
  sweep(CANCEL);
}

static void cancel_goes_before_retry_and_retry_before_fence(void **state) {
  (void)state;
  sweep(CANCEL | SATP);
  sweep(CANCEL | FENCE);
  sweep(SATP | FENCE);
  sweep(CANCEL | SATP | FENCE);
}

/* After a cancel or a RETRY in any cycle, a new miss on the port waits for the killed walk to drain, and no longer. */
static void new_miss_waits_for_the_killed_walk_to_drain(void **state) {
  (void)state;
  static harness h;
  for (unsigned what = CANCEL; what <= SATP; what++) {
    situation s = {.port = TW_PORT_DATA, .steps = 3, .m = 5, .w = 1, .what = what};
    unsigned last = 1 + s.steps * step_cycles(&s);
    for (s.offset = 1; s.offset <= last; s.offset++) {
      uint64_t satp = 0;
      situation_open(&h, &s, &satp);
      expectation expected = situation_expect(&s);
      uint64_t begin = h.now;
      harness_request(&h, s.port, TW_LOAD, 5, VA);
      for (unsigned t = 0; t <= s.offset; t++) {
        if (t == s.offset) disturb(&h, &s, satp);
        harness_cycle(&h);
      }
      if (what == SATP) assert_int_equal(harness_wait(&h, s.port, 5).at - begin, s.offset + 1);
      uint64_t accepted = h.now - begin;
      harness_request(&h, s.port, TW_LOAD, 6, VA);
      harness_answer answer = harness_wait(&h, s.port, 6);
      uint64_t taken = accepted + 1 > expected.idle ? accepted + 1 : expected.idle;
      assert_int_equal(answer.at - begin, taken + last);
      assert_int_equal(answer.response.tag, 6);
      assert_int_equal(answer.response.status, TW_PIN_TRANSLATED);
      harness_close(&h);
    }
  }
}

/* A fence, then a cancel of the slot while its killed walk drains: one kill, no answer. */
static void cancel_of_a_fenced_walk_kills_no_second_time(void **state) {
  (void)state;
  static harness h;
  situation s = {.port = TW_PORT_FETCH, .steps = 3, .m = 5, .w = 0};
  for (unsigned gap = 0; gap < 5; gap++) {
    uint64_t satp = 0;
    situation_open(&h, &s, &satp);
    harness_request(&h, TW_PORT_FETCH, TW_FETCH, 5, VA);
    for (unsigned t = 0; t < 40; t++) {
      if (t == 2) harness_fence(&h);
      if (t == 2 + gap) harness_cancel(&h, TW_PORT_FETCH, 5);
      harness_cycle(&h);
      assert_false(h.out.fetch.valid);
    }
    assert_int_equal(h.events[EVENT(WALK_KILL)], 1);
    assert_int_equal(h.step_count, 1);
    assert_int_equal(harness_valid_count(&h, TW_PORT_FETCH), 0);
    harness_close(&h);
  }
}

/* The slot is cancelled and filled again while the killed walk drains: cancelling the new request kills nothing. */
static void cancel_of_a_new_request_leaves_the_draining_walk(void **state) {
  (void)state;
  static harness h;
  situation s = {.port = TW_PORT_DATA, .steps = 3, .m = 8, .w = 0};
  uint64_t satp = 0;
  situation_open(&h, &s, &satp);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 5, VA);
  for (unsigned t = 0; t < 30; t++) {
    if (t == 3) harness_cancel(&h, TW_PORT_DATA, 5);
    if (t == 4) harness_request(&h, TW_PORT_DATA, TW_LOAD, 6, VA);
    if (t == 6) harness_cancel(&h, TW_PORT_DATA, 6);
    harness_cycle(&h);
    assert_false(h.out.data.valid);
    assert_int_equal(h.out.data.req_ready, t == 0 || t == 4 || t >= 7);
  }
  assert_int_equal(h.events[EVENT(WALK_KILL)], 1);
  assert_int_equal(h.step_count, 1);
  harness_close(&h);
}

static void cancel_of_another_tag_has_no_effect(void **state) {
  (void)state;
  static harness h;
  situation s = {.port = TW_PORT_DATA, .steps = 3, .m = 1, .w = 0};
  uint64_t satp = 0;
  situation_open(&h, &s, &satp);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 5, VA);
  for (unsigned t = 0; t < 9; t++) {
    harness_cancel(&h, TW_PORT_DATA, 4);
    harness_cancel(&h, TW_PORT_FETCH, 5);
    harness_cycle(&h);
    assert_int_equal(h.out.data.valid, t == 8);
  }
  harness_close(&h);
}

/* The other port's slot waits: its cancel, too, spares the walk, and a satp write retries both ports at once. */
static void waiting_slot_is_cancelled_and_retried_without_a_walk(void **state) {
  (void)state;
  static harness h;
  situation s = {.steps = 3, .m = 1, .w = 0};
  for (unsigned offset = 1; offset <= 7; offset++) {
    for (unsigned retry = 0; retry < 2; retry++) {
      uint64_t satp = 0;
      situation_open(&h, &s, &satp);
      harness_request(&h, TW_PORT_DATA, TW_LOAD, 5, VA);
      harness_request(&h, TW_PORT_FETCH, TW_FETCH, 6, VA);
      for (unsigned t = 0; t < 20; t++) {
        if (t == offset && !retry) harness_cancel(&h, TW_PORT_FETCH, 6);
        if (t == offset && retry) harness_control(&h, satp + 1, TW_SUPERVISOR);
        harness_cycle(&h);
        assert_int_equal(h.out.data.valid, t == (retry ? offset + 1 : 8));
        assert_int_equal(h.out.fetch.valid, retry && t == offset + 1);
      }
      assert_int_equal(h.events[EVENT(WALK_KILL)], retry && offset > 1);
      assert_int_equal(h.events[EVENT(WALK_BEGIN)], !(retry && offset == 1));
      harness_close(&h);
    }
  }
}

/* With its page's entry already there a request is no miss: a satp write in the same cycle does not retry it. */
static void hit_in_the_cycle_of_a_satp_write_is_answered(void **state) {
  (void)state;
  static harness h;
  situation s = {.port = TW_PORT_DATA, .steps = 3, .m = 1, .w = 0};
  uint64_t satp = 0;
  situation_open(&h, &s, &satp);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 5, VA);
  harness_control(&h, 0, TW_SUPERVISOR);
  harness_fence(&h);
  harness_cycle(&h);
  harness_request(&h, TW_PORT_DATA, TW_LOAD, 6, VA);
  harness_cycle(&h);
  assert_int_equal(h.out.data.status, TW_PIN_TRANSLATED);
  assert_int_equal(h.out.data.pa, 0x80000000 | (VA & 0xfff));
  assert_int_equal(h.out.data.hit, 1);
  assert_int_equal(h.out.fence_done, 1);
  harness_cycle(&h);
  assert_int_equal(h.out.data.pa, VA);
  assert_int_equal(h.out.data.hit, 0);
  harness_close(&h);
}

static void fences_are_done_back_to_back(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  for (unsigned t = 0; t < 6; t++) {
    if (t >= 1 && t <= 3) harness_fence(&h);
    harness_cycle(&h);
    assert_int_equal(h.out.fence_done, t >= 2 && t <= 4);
    assert_int_equal(h.out.event, t >= 2 && t <= 4 ? TW_EVENT_FENCE : 0);
  }
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(undisturbed_walk_is_answered_in_time),
      cmocka_unit_test(fence_in_any_cycle_makes_the_walk_begin_again),
      cmocka_unit_test(satp_write_in_any_cycle_is_answered_retry),
      cmocka_unit_test(cancel_in_any_cycle_leaves_no_answer_and_no_entry),
      cmocka_unit_test(cancel_goes_before_retry_and_retry_before_fence),
      cmocka_unit_test(new_miss_waits_for_the_killed_walk_to_drain),
      cmocka_unit_test(cancel_of_a_fenced_walk_kills_no_second_time),
      cmocka_unit_test(cancel_of_a_new_request_leaves_the_draining_walk),
      cmocka_unit_test(cancel_of_another_tag_has_no_effect),
      cmocka_unit_test(waiting_slot_is_cancelled_and_retried_without_a_walk),
      cmocka_unit_test(hit_in_the_cycle_of_a_satp_write_is_answered),
      cmocka_unit_test(fences_are_done_back_to_back),
  };
  return cmocka_run_group_tests_name("mmu_disturbance", tests, NULL, NULL);
}
