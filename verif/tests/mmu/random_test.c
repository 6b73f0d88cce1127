/* Random traffic on both ports, with table changes, fences, control writes and cancels: every answer is the oracle's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "harness.h"

#define CYCLES 200000u
#define RUNS 12u
#define SPACES 2u /* address spaces, one ASID each */
#define TAG_COUNT 16u

typedef struct asked {
  bool outstanding;
  bool again;        /* was answered RETRY, and is asked once more */
  bool satp_changed; /* since it was accepted: RETRY is allowed */
  uint8_t tag;
  tw_access access;
  uint64_t va;
  tw_context context;
  tw_walk at_handshake; /* the oracle's answer for the tables as they stood then */
} asked;

typedef struct traffic {
  harness h;
  harness_random random;
  uint64_t roots[SPACES];
  uint64_t satp;
  tw_status status;
  bool sum, mxr;
  asked ports[TW_PORT_COUNT];
  uint8_t next_tag;
  uint64_t favourites[4];    /* addresses that are asked often, so that there are hits */
  unsigned pages;            /* data pages of the VA pool, per table */
  uint64_t pointers[SPACES]; /* what superpage_change() replaces */
  bool replaced[SPACES];
  uint64_t store_pa, store_pte; /* becomes visible after the cycle in which its fence is accepted */
  bool stores;
  unsigned counts[3]; /* answers by status */
  unsigned hits;
} traffic;

static unsigned below(traffic *t, unsigned bound) {
  return harness_random_below(&t->random, bound);
}

/* The upper half of the addresses is shared by all spaces (and sometimes global); the lower half is each space's own.
 */
static uint64_t va_draw(traffic *t) {
  const tw_mode_info *row = t->h.row;
  uint64_t upper = below(t, 2);
  uint64_t va = (uint64_t)below(t, 4096);
  va |= (uint64_t)below(t, t->pages) << TW_PAGE_BITS;
  va |= (uint64_t)below(t, 2) << (TW_PAGE_BITS + row->vpn_bits);
  if (row->levels > 2) va |= (uint64_t)below(t, 2) << (TW_PAGE_BITS + 2 * row->vpn_bits);
  if (upper) va |= row->xlen == 32 ? UINT64_C(1) << 31 : UINT64_MAX << (row->va_bits - 1);
  if (row->xlen == 64 && below(t, 40) == 0) va ^= UINT64_C(1) << (row->va_bits + below(t, 64 - row->va_bits));
  return va;
}

static bool va_is_upper(const traffic *t, uint64_t va) {
  return (va >> (t->h.row->va_bits - 1) & 1) != 0;
}

static uint64_t leaf_draw(traffic *t, unsigned level, bool may_be_global) {
  uint64_t ppn = (uint64_t)below(t, 1u << 20) << (level * t->h.row->vpn_bits);
  if (level > 0 && below(t, 12) == 0) ppn ^= 1;
  uint64_t flags = below(t, 4) == 0 ? below(t, 256) : RWX | (below(t, 2) ? (uint64_t)TW_PTE_U : 0u);
  if (!may_be_global) flags &= ~(uint64_t)TW_PTE_G;
  uint64_t pte = (ppn & ((UINT64_C(1) << t->h.row->ppn_bits) - 1)) << 10 | flags;
  if (t->h.row->pte_bytes == 8 && below(t, 40) == 0) pte |= UINT64_C(1) << 60;
  return pte;
}

/* Makes all tables once; what changes later are leaves, at level 0 and, for part of the pool, at level 1. */
static void tables_make(traffic *t) {
  const tw_mode_info *row = t->h.row;
  for (unsigned s = 0; s < SPACES; s++) t->roots[s] = harness_table(&t->h);
  for (unsigned top = 0; top < (row->levels > 2 ? 4u : 2u); top++) {
    bool upper = top % 2 != 0;
    uint64_t va = upper ? (row->xlen == 32 ? UINT64_C(1) << 31 : UINT64_MAX << (row->va_bits - 1)) : 0;
    if (top >= 2) va |= UINT64_C(1) << (TW_PAGE_BITS + 2 * row->vpn_bits);
    for (unsigned s = 0; s < SPACES; s++) {
      for (unsigned middle = 0; middle < 2; middle++) {
        uint64_t at = va | (uint64_t)middle << (TW_PAGE_BITS + row->vpn_bits);
        uint64_t entry = harness_entry(&t->h, t->roots[s], at, 1);
        if (s > 0 && upper) { /* shared: the same pointers as space 0 */
          uint64_t pte = 0;
          unsigned level = row->levels > 2 ? 2 : 1;
          harness_read(&t->h, harness_entry(&t->h, t->roots[0], at, level), row->pte_bytes, &pte);
          harness_write(&t->h, harness_entry(&t->h, t->roots[s], at, level), pte);
          continue;
        }
        for (unsigned page = 0; page < t->pages; page++) {
          uint64_t leaf = harness_entry(&t->h, t->roots[s], at | (uint64_t)page << TW_PAGE_BITS, 0);
          harness_write(&t->h, leaf, leaf_draw(t, 0, upper));
        }
        uint64_t pte = 0;
        harness_read(&t->h, entry, row->pte_bytes, &pte);
        if (upper && middle) harness_write(&t->h, entry, pte | TW_PTE_G);
      }
    }
  }
}

static tw_context context_now(const traffic *t, tw_access access) {
  tw_context context = {.sum = t->sum, .mxr = t->mxr, .xlen = t->h.row->xlen};
  assert_true(tw_satp_decode(t->h.row->xlen, t->satp, &context.satp));
  context.privilege = tw_privilege_effective(&t->status, access);
  return context;
}

static void oracle_ask(traffic *t, const asked *a, tw_walk *walk) {
  const tw_request request = {.access = a->access, .va = a->va, .bytes = 1};
  const tw_table_memory tables = {.read = harness_read, .payload = &t->h};
  tw_walk_run(&a->context, &request, &tables, walk);
}

static void answer_check(traffic *t, asked *a, const tw_pins_response *response) {
  assert_true(a->outstanding);
  assert_int_equal(response->tag, a->tag);
  a->outstanding = false;
  t->counts[response->status]++;
  t->hits += response->hit;
  if (response->status == TW_PIN_RETRY) {
    assert_true(a->satp_changed);
    a->again = true;
    return;
  }
  tw_walk expected;
  oracle_ask(t, a, &expected);
  bool immediate = response->hit || expected.step_count == 0;
  if (immediate) expected = a->at_handshake; /* looked up before what came since */
  assert_int_equal(response->reason, expected.reason);
  assert_int_equal(response->cause, expected.cause);
  assert_int_equal(response->pa, expected.pa);
  if (expected.reason == TW_OK) {
    assert_int_equal(response->status, TW_PIN_TRANSLATED);
    assert_int_equal(response->level, expected.level);
    assert_int_equal(response->flags, expected.flags);
  } else {
    assert_int_equal(response->status, TW_PIN_FAULT);
    assert_int_equal(response->tval, a->va);
  }
}

static uint64_t superpage_va(const traffic *t) {
  return UINT64_C(1) << (TW_PAGE_BITS + t->h.row->vpn_bits);
}

/* A level-0 entry changes, with a fence that revokes it: by address, by address and ASID, or wholly. */
static void leaf_change(traffic *t) {
  uint64_t va = va_draw(t);
  if (!tw_va_canonical(t->h.config.mode, va)) return;
  unsigned space = below(t, SPACES);
  bool upper = va_is_upper(t, va);
  unsigned table_bits = TW_PAGE_BITS + t->h.row->vpn_bits;
  if (!upper && t->replaced[space] && va >> table_bits == superpage_va(t) >> table_bits) return;
  t->stores = true;
  t->store_pa = harness_entry(&t->h, t->roots[upper ? 0 : space], va, 0);
  t->store_pte = leaf_draw(t, 0, upper);
  t->h.in.fence.valid = 1;
  unsigned form = below(t, 4);
  if (form != 0) harness_fence_va(&t->h, va);
  if (form == 1 && !upper) harness_fence_asid(&t->h, (uint16_t)(space + 1));
}

/* A level-1 pointer of a space's own half becomes a superpage or points nowhere, and the other way round. */
static void superpage_change(traffic *t) {
  unsigned space = below(t, SPACES);
  t->stores = true;
  t->store_pa = harness_entry(&t->h, t->roots[space], superpage_va(t), 1);
  if (!t->replaced[space]) harness_read(&t->h, t->store_pa, t->h.row->pte_bytes, &t->pointers[space]);
  t->replaced[space] = below(t, 3) != 0;
  t->store_pte = t->pointers[space];
  if (t->replaced[space]) t->store_pte = below(t, 4) ? leaf_draw(t, 1, false) | TW_PTE_R : TW_PTE_V;
  t->h.in.fence.valid = 1;
  if (below(t, 2)) harness_fence_asid(&t->h, (uint16_t)(space + 1));
}

static void control_change(traffic *t) {
  static const tw_privilege privileges[] = {TW_USER, TW_SUPERVISOR, TW_SUPERVISOR, TW_MACHINE};
  tw_pins_control *control = &t->h.in.control;
  unsigned space = below(t, 2 * SPACES + 1);
  uint64_t satp = t->satp;
  if (space < SPACES) satp = harness_satp(&t->h, t->roots[space], (uint16_t)(space + 1));
  if (space == SPACES) satp = 0;
  harness_control(&t->h, satp, privileges[below(t, 4)]);
  control->sum = (uint8_t)below(t, 2);
  control->mxr = (uint8_t)below(t, 2);
  control->mprv = (uint8_t)below(t, 2);
  control->mpp = (uint8_t)privileges[below(t, 4)];
}

static void control_follow(traffic *t, const tw_pins_control *control) {
  if (!control->valid) return;
  bool changed = control->satp != t->satp;
  t->satp = control->satp;
  t->status = (tw_status){
      .privilege = (tw_privilege)control->privilege, .mprv = control->mprv, .mpp = (tw_privilege)control->mpp};
  t->sum = control->sum;
  t->mxr = control->mxr;
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) t->ports[p].satp_changed |= changed;
}

static void requests_draw(traffic *t) {
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    asked *a = &t->ports[p];
    if (a->outstanding && below(t, 60) == 0) harness_cancel(&t->h, (tw_port)p, a->tag);
    if (harness_port(&t->h, (tw_port)p)->valid) continue;
    if (!a->again && below(t, 4) == 0) continue;
    tw_access access = p == TW_PORT_FETCH ? TW_FETCH : (tw_access)(TW_LOAD + below(t, 3));
    uint64_t *favourite = &t->favourites[below(t, 4)];
    if (below(t, 50) == 0) *favourite = va_draw(t);
    uint64_t va = below(t, 12) ? *favourite : va_draw(t);
    if (a->again) {
      access = a->access;
      va = a->va;
    }
    a->again = false;
    harness_request(&t->h, (tw_port)p, access, t->next_tag, va);
    t->next_tag = (uint8_t)((t->next_tag + 1) % TAG_COUNT);
  }
}

static void stimulus_draw(traffic *t) {
  requests_draw(t);
  if (below(t, 80) == 0) control_change(t);
  t->stores = false;
  unsigned change = below(t, 600);
  if (change == 0) superpage_change(t);
  if (change > 0 && change < 8) leaf_change(t);
}

/* The oracle answers a request as it is accepted, too: a hit sees the tables as they stood then. */
static void request_foresee(traffic *t, tw_port port, asked *coming) {
  const tw_pins_request *request = harness_port(&t->h, port);
  if (!request->valid) return;
  tw_access access = (tw_access)request->kind;
  *coming = (asked){
      .outstanding = true, .tag = request->tag, .access = access, .va = request->va, .context = context_now(t, access)};
  oracle_ask(t, coming, &coming->at_handshake);
}

static void traffic_cycle(traffic *t) {
  asked coming[TW_PORT_COUNT] = {{.outstanding = false}};
  stimulus_draw(t);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) request_foresee(t, (tw_port)p, &coming[p]);
  tw_pins_in in = t->h.in;
  harness_cycle(&t->h);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    const tw_pins_response *response = harness_response(&t->h, (tw_port)p);
    const tw_pins_request *request = p == TW_PORT_FETCH ? &in.fetch : &in.data;
    if (response->valid) answer_check(t, &t->ports[p], response);
    if (request->cancel_valid) t->ports[p].outstanding = false;
    if (request->valid && response->req_ready) t->ports[p] = coming[p];
  }
  control_follow(t, &in.control);
  if (t->stores) harness_write(&t->h, t->store_pa, t->store_pte);
}

/* What all runs together have met. */
typedef struct encounter {
  uint64_t counts[3];
  uint64_t hits;
  uint64_t events[TW_EVENT_COUNT];
} encounter;

static void traffic_run(const tw_config *config, unsigned latency, unsigned stall, harness_random random,
                        encounter *met) {
  static traffic t;
  memset(&t, 0, sizeof t);
  harness_open(&t.h, config);
  t.h.latency = latency;
  t.h.stall = stall;
  t.random = random;
  t.pages = 6;
  t.status = (tw_status){.privilege = TW_SUPERVISOR};
  tables_make(&t);
  for (unsigned cycle = 0; cycle < CYCLES; cycle++) traffic_cycle(&t);
  for (unsigned status = 0; status < 3; status++) met->counts[status] += t.counts[status];
  met->hits += t.hits;
  for (unsigned bit = 0; bit < TW_EVENT_COUNT; bit++) met->events[bit] += t.h.events[bit];
  harness_close(&t.h);
}

static void random_traffic_is_answered_as_the_oracle_says(void **state) {
  (void)state;
  harness_random random = harness_random_seeded("random_traffic_is_answered_as_the_oracle_says", 20240607);
  encounter met = {.hits = 0};
  for (unsigned run = 0; run < RUNS; run++) {
    tw_config config = run % 2 ? TW_CONFIG_BASE39 : TW_CONFIG_TINY32;
    config.fetch_entries = 1 + harness_random_below(&random, 9);
    config.data_entries = 1 + harness_random_below(&random, 9);
    unsigned latency = 1 + harness_random_below(&random, 6);
    unsigned stall = harness_random_below(&random, 3);
    traffic_run(&config, latency, stall, (harness_random){.state = harness_random_next(&random)}, &met);
  }
  /* Traffic that never met these would have tested nothing. */
  for (unsigned status = 0; status < 3; status++) assert_true(met.counts[status] > 2000);
  assert_true(met.hits > 10000);
  for (unsigned bit = 0; bit < TW_EVENT_COUNT; bit++) assert_true(met.events[bit] > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_traffic_is_answered_as_the_oracle_says)};
  return cmocka_run_group_tests_name("mmu_random", tests, NULL, NULL);
}
