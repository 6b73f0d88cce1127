/* Random traffic at the pins of random configurations: every answer is the oracle's, and comes in bounded time.
 *
 * Tables change only as the MMU itself updates A and D; what a TLB keeps of an entry may be of the time before an
 * update. After a PMP write, or a change of PBMTE, answers are compared again when a fence of everything has been done
 * with no request outstanding (P31); what is asked of the page tables is judged in every cycle (P33).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "random_world.h"

#define CYCLES 12000u
#define RUNS 120u
#define LATEST 3000u /* cycles from acceptance to the answer */

typedef struct asked {
  uint64_t at;
  bool compared;  /* not if PMP or PBMTE may have changed since */
  bool may_retry; /* satp has changed since */
  tw_request request;
  tw_context context;
} asked;

typedef struct traffic {
  harness h;
  world world;
  harness_random random;
  asked asked[TW_PORT_COUNT][HARNESS_TAGS];
  uint64_t favourites[6]; /* addresses that are asked often, so that there are hits */
  unsigned age;           /* which state of A and D the oracle is shown */
  bool unsure;            /* PMP or PBMTE have changed since the last settled fence */
  unsigned settling;      /* no new requests until it is 0 */
  unsigned pressure;      /* of requests: one in so many cycles comes with none */
} traffic;

/* What all runs together have met. */
typedef struct encounter {
  uint64_t compared, hits, l2_hits;
  uint64_t status[3];
  uint64_t reasons[TW_REASON_COUNT];
  uint64_t events[TW_EVENT_COUNT];
} encounter;

static unsigned below(traffic *t, unsigned bound) {
  return harness_random_below(&t->random, bound);
}

/* The tables now; as they were made; now but with D as it was made. An update is of one entry of a 64 KiB page, and
 * what was kept of it stands for all 16: now but with A and D, or A alone, as any of the 16 has them. */
enum { AGE_NOW, AGE_MADE, AGE_ACCESSED, AGE_GROUP, AGE_GROUP_ACCESSED, AGE_COUNT };

static uint64_t group_flags(traffic *t, uint64_t pa) {
  uint64_t flags = 0;
  for (uint64_t i = 0; i < 16; i++) {
    uint64_t pte = 0;
    if (harness_read(&t->h, (pa & ~UINT64_C(127)) + i * 8, 8, &pte)) flags |= pte & (TW_PTE_A | TW_PTE_D);
  }
  return flags;
}

static bool aged_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  traffic *t = payload;
  uint64_t now = 0;
  if (!harness_read(&t->h, pa, bytes, &now)) return false;
  uint64_t word = t->world.words[(pa - (uint64_t)HARNESS_FIRST_PPN * TW_PAGE_BYTES) / 8];
  uint64_t made = bytes == 8 ? word : (word >> (pa % 8 * 8)) & UINT32_MAX;
  bool leaf = (now & (TW_PTE_R | TW_PTE_X)) != 0;
  *pte = now;
  if (leaf && t->age == AGE_MADE) *pte = made;
  if (leaf && t->age == AGE_ACCESSED) *pte = (now & ~(uint64_t)TW_PTE_D) | (made & TW_PTE_D);
  if (t->h.config.extensions & TW_EXT_SVNAPOT && now & TW_PTE_N && t->age >= AGE_GROUP) {
    uint64_t shown = group_flags(t, pa);
    if (t->age == AGE_GROUP_ACCESSED) shown &= TW_PTE_A;
    *pte = now | shown;
  }
  return true;
}

static bool aged_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  (void)desired;
  return aged_read(payload, pa, bytes, expected);
}

static bool answer_matches(const tw_pins_response *r, const tw_walk *walk, const asked *a, unsigned xlen) {
  if (walk->retry) return r->status == TW_PIN_RETRY;
  if (walk->reason != TW_OK) {
    uint64_t tval = xlen == 32 ? a->request.va & UINT32_MAX : a->request.va;
    return r->status == TW_PIN_FAULT && r->reason == walk->reason && r->cause == walk->cause && r->tval == tval;
  }
  return r->status == TW_PIN_TRANSLATED && r->pa == walk->pa && r->level == walk->level && r->flags == walk->flags &&
         r->attribute == walk->attribute && r->napot == walk->napot;
}

static void answer_explain(const traffic *t, const asked *a, const tw_pins_response *r, const tw_walk *walk) {
  print_message(
      "cycle %llu, asked in %llu: %s %llx as %u, size %u: pins say status %u reason %u pa %llx level %u flags %x "
      "hit %u, the oracle reason %u retry %d pa %llx level %u flags %x\n",
      (unsigned long long)t->h.now, (unsigned long long)a->at, tw_access_name(a->request.access),
      (unsigned long long)a->request.va, (unsigned)a->context.privilege, a->request.bytes, r->status, r->reason,
      (unsigned long long)r->pa, r->level, r->flags, r->hit, (unsigned)walk->reason, walk->retry,
      (unsigned long long)walk->pa, walk->level, walk->flags);
  fail_msg("an answer differs from the oracle's");
}

static void answer_check(traffic *t, unsigned port, encounter *met) {
  const tw_pins_response *r = harness_response(&t->h, (tw_port)port);
  if (!r->valid) return;
  const asked *a = &t->asked[port][r->tag];
  met->status[r->status]++;
  met->reasons[r->reason]++;
  met->hits += r->hit == TW_PIN_HIT_L1;
  met->l2_hits += r->hit == TW_PIN_HIT_L2;
  if (r->status == TW_PIN_RETRY && a->may_retry) return;
  if (!a->compared) return;
  met->compared++;
  const tw_table_memory memory = {.read = aged_read, .update = aged_update, .payload = t};
  tw_walk walk;
  for (t->age = AGE_NOW; t->age < AGE_COUNT; t->age++) {
    tw_walk_run(&a->context, &a->request, &memory, &walk);
    if (answer_matches(r, &walk, a, t->h.row->xlen)) return;
  }
  answer_explain(t, a, r, &walk);
}

static void request_draw(traffic *t, tw_port port) {
  tw_pins_request *request = harness_port(&t->h, port);
  if (t->h.tags[port] && below(t, 40) == 0) harness_cancel(&t->h, port, (uint8_t)below(t, HARNESS_TAGS));
  if (request->valid || t->settling || below(t, t->pressure) == 0) return;
  uint8_t tag = (uint8_t)below(t, HARNESS_TAGS);
  if (t->h.tags[port] >> tag & 1) return;
  uint64_t *favourite = &t->favourites[below(t, 6)];
  if (below(t, 60) == 0) *favourite = world_va_draw(&t->world);
  uint64_t va = (below(t, 12) ? *favourite : world_va_draw(&t->world)) | below(t, TW_PAGE_BYTES);
  unsigned room = TW_PAGE_BYTES - (unsigned)(va % TW_PAGE_BYTES);
  tw_access access = port == TW_PORT_FETCH ? TW_FETCH : (tw_access)(TW_LOAD + below(t, 3));
  if (t->h.row->xlen == 32 && below(t, 4) == 0) va |= harness_random_next(&t->random) << 32;
  harness_request(&t->h, port, access, tag, va);
  request->size = (uint8_t)(1 + below(t, room < 64 ? room : 64));
  request->speculative = below(t, 4) == 0;
}

static void control_draw(traffic *t) {
  static const tw_privilege privileges[] = {TW_USER, TW_SUPERVISOR, TW_SUPERVISOR, TW_USER, TW_SUPERVISOR, TW_MACHINE};
  unsigned space = below(t, 12);
  uint64_t satp = t->h.satp;
  if (space < 3) satp = t->world.satps[space % t->world.spaces];
  if (space == 3 && below(t, 2)) satp = 0;
  if (space == 4) satp = UINT64_C(7) << 60 | 1; /* reserved on RV64; Bare, other fields set, on RV32 */
  harness_control(&t->h, satp, privileges[below(t, 6)]);
  tw_pins_control *control = &t->h.in.control;
  control->sum = (uint8_t)below(t, 2);
  control->mxr = (uint8_t)below(t, 2);
  control->mprv = (uint8_t)below(t, 2);
  control->mpp = (uint8_t)privileges[below(t, 6)];
  control->adue = (uint8_t)below(t, 2);
  if (below(t, 20) == 0) control->pbmte ^= 1;
}

static void fence_draw(traffic *t) {
  static const uint8_t kinds[] = {TW_PIN_SFENCE_VMA, TW_PIN_SINVAL_VMA, TW_PIN_SFENCE_W_INVAL, TW_PIN_SFENCE_INVAL_IR};
  bool svinval = (t->h.config.extensions & TW_EXT_SVINVAL) != 0;
  tw_pins_fence *fence = &t->h.in.fence;
  if (fence->valid) return;
  harness_fence(&t->h);
  fence->kind = kinds[svinval ? below(t, 4) : 0];
  if (fence->kind >= TW_PIN_SFENCE_W_INVAL) return;
  if (below(t, 3)) harness_fence_va(&t->h, below(t, 2) ? t->favourites[below(t, 6)] : world_va_draw(&t->world));
  if (below(t, 2)) harness_fence_asid(&t->h, (uint16_t)below(t, 4));
}

/* What has made the oracle unsure is over when everything is fenced and nothing is outstanding. */
static void settle_step(traffic *t) {
  if (t->h.tags[0] || t->h.tags[1] || t->h.in.fetch.valid || t->h.in.data.valid || t->h.in.fence.valid || t->h.fences)
    return;
  if (t->settling == 2) {
    harness_fence(&t->h);
  } else {
    t->unsure = false;
  }
  t->settling--;
}

static void stimulus_draw(traffic *t) {
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) request_draw(t, (tw_port)p);
  t->h.latency = 1 + below(t, below(t, 4) ? 3 : 20);
  t->h.stall = below(t, 3) ? 0 : below(t, 5);
  if (t->settling) {
    settle_step(t);
    return;
  }
  if (below(t, 150) == 0) control_draw(t);
  if (below(t, 200) == 0) fence_draw(t);
  if (t->unsure ? below(t, 4) == 0 : below(t, 1500) == 0) {
    world_pmp_draw(&t->world);
    t->unsure = true;
  }
  if (t->unsure && below(t, 60) == 0) t->settling = 2;
}

static void asked_take_back(traffic *t, bool compared, bool may_retry) {
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    for (unsigned tag = 0; tag < HARNESS_TAGS; tag++) {
      t->asked[p][tag].compared &= compared;
      t->asked[p][tag].may_retry |= may_retry;
    }
  }
}

static void asked_write(traffic *t, unsigned port) {
  const tw_pins_request *request = harness_port(&t->h, (tw_port)port);
  if (!request->valid) return;
  tw_access access = (tw_access)request->kind;
  t->asked[port][request->tag] = (asked){.at = t->h.now,
                                         .compared = !t->unsure,
                                         .request = {.access = access,
                                                     .va = request->va,
                                                     .bytes = request->size,
                                                     .speculative = request->speculative != 0},
                                         .context = harness_context(&t->h, access)};
}

static void liveness_check(const traffic *t) {
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    for (unsigned tag = 0; tag < HARNESS_TAGS; tag++) {
      if ((t->h.tags[p] >> tag & 1) == 0) continue;
      if (t->h.now - t->asked[p][tag].at > LATEST) fail_msg("cycle %llu: not answered", (unsigned long long)t->h.now);
    }
  }
}

/* Owner, attached, and the slot's own walker say the same. */
static void registers_check(const harness *h) {
  tw_mmu_probe probe = harness_probe(h);
  unsigned walking = 0;
  for (unsigned w = 0; w < probe.walker_count; w++) {
    const tw_mmu_walker *walker = &probe.walkers[w];
    if (walker->state == TW_WALKER_IDLE || walker->killed) {
      assert_int_equal(walker->attached, 0);
      continue;
    }
    unsigned slots = walker->attached | 1u << walker->owner;
    assert_int_equal(slots & walking, 0);
    assert_false(walker->attached >> walker->owner & 1);
    walking |= slots;
    for (unsigned s = 0; s < probe.slot_count; s++)
      if (slots >> s & 1) assert_int_equal(probe.slots[s].walker, w);
  }
  for (unsigned s = 0; s < probe.slot_count; s++)
    assert_int_equal(probe.slots[s].state == TW_SLOT_WALKING, walking >> s & 1);
}

static void traffic_cycle(traffic *t, encounter *met) {
  stimulus_draw(t);
  uint64_t satp_before = t->h.satp;
  if (t->h.in.pmp.valid || (t->h.in.control.valid && t->h.in.control.pbmte != t->h.pbmte)) {
    t->unsure = true;
    asked_take_back(t, false, false);
  }
  asked kept[TW_PORT_COUNT];
  uint8_t tags[TW_PORT_COUNT];
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    tags[p] = harness_port(&t->h, (tw_port)p)->tag;
    kept[p] = t->asked[p][tags[p]];
    asked_write(t, p);
  }
  harness_cycle(&t->h);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    /* An answer of this cycle is of an earlier request, perhaps with the tag of the one that is offered. */
    asked coming = t->asked[p][tags[p]];
    t->asked[p][tags[p]] = kept[p];
    answer_check(t, p, met);
    bool held = harness_port(&t->h, (tw_port)p)->valid;
    if (!held && (t->h.tags[p] >> tags[p] & 1) && coming.at == t->h.now - 1) t->asked[p][tags[p]] = coming;
  }
  if (t->h.satp != satp_before) asked_take_back(t, true, true);
  registers_check(&t->h);
  if (t->h.now % 64 == 0) liveness_check(t);
}

static void traffic_run(const tw_config *config, harness_random random, encounter *met) {
  static traffic t;
  memset(&t, 0, sizeof t);
  harness_open(&t.h, config);
  t.random = random;
  t.pressure = 2 + below(&t, 12);
  world_make(&t.world, &t.h, &t.random);
  for (unsigned i = 0; i < 6; i++) t.favourites[i] = world_va_draw(&t.world);
  for (unsigned cycle = 0; cycle < CYCLES; cycle++) {
    traffic_cycle(&t, met);
    if (below(&t, 8000) == 0) { /* after which nothing is known */
      t.h.in.rst_n = 0;
      harness_cycle(&t.h);
      harness_pmp_open(&t.h);
    }
  }
  t.h.in.fetch = t.h.in.data = (tw_pins_request){0};
  harness_settle(&t.h);
  for (unsigned bit = 0; bit < TW_EVENT_COUNT; bit++) met->events[bit] += t.h.events[bit];
  harness_close(&t.h);
}

static void random_traffic_is_answered_as_the_oracle_says(void **state) {
  (void)state;
  harness_random random = harness_random_seeded("random_traffic_is_answered_as_the_oracle_says", 20240607);
  static encounter met;
  for (unsigned run = 0; run < RUNS; run++) {
    tw_config config = world_config_draw(&random);
    uint64_t seed = harness_random_next(&random);
    traffic_run(&config, (harness_random){.state = seed}, &met);
  }
  /* Traffic that never met these would have tested nothing. */
  assert_true(met.compared > 100000 && met.hits > 100000 && met.l2_hits > 1000);
  for (unsigned status = 0; status < 3; status++) assert_true(met.status[status] > 1000);
  for (unsigned bit = 0; bit < TW_EVENT_COUNT; bit++) {
    bool never = bit == EVENT(UPDATE_LOST); /* nobody else changes an entry */
    if (!never && met.events[bit] < 100) fail_msg("event %u happened %u times", bit, (unsigned)met.events[bit]);
  }
  for (unsigned reason = 1; reason < TW_REASON_COUNT; reason++) {
    bool never = reason == TW_REASON_UPDATE_BUS_ERROR; /* what was read is there */
    if (!never && met.reasons[reason] == 0) fail_msg("reason %u was never given", reason);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_traffic_is_answered_as_the_oracle_says)};
  return cmocka_run_group_tests_name("mmu_random", tests, NULL, NULL);
}
