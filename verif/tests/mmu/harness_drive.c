/* What a test drives and waits for, and the tables in the fake memory.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define FIRST ((uint64_t)HARNESS_FIRST_PPN * TW_PAGE_BYTES)
#define END (FIRST + HARNESS_PAGES * TW_PAGE_BYTES)

tw_config harness_wide(void) {
  tw_config config = TW_CONFIG_BASE39;
  config.extensions = (1u << TW_EXT_COUNT) - 1u;
  config.data_slots = 4;
  config.fetch_slots = 2;
  config.walkers = 2;
  return config;
}

uint64_t harness_table(harness *h) {
  assert_in_range(h->pages_used, 0, HARNESS_PAGES - 1);
  return HARNESS_FIRST_PPN + h->pages_used++;
}

bool harness_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const harness *h = payload;
  if (pa < FIRST || pa >= END || (h->error_pa && pa == h->error_pa)) return false;
  uint64_t word = h->words[(pa - FIRST) / 8];
  *pte = bytes == 8 ? word : (word >> (pa % 8 * 8)) & UINT32_MAX;
  return true;
}

bool harness_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  uint64_t found = 0;
  if (!harness_read(payload, pa, bytes, &found)) return false;
  if (found == *expected) harness_write(payload, pa, desired);
  *expected = found;
  return true;
}

void harness_write(harness *h, uint64_t pa, uint64_t pte) {
  assert_in_range(pa, FIRST, END - 1);
  uint64_t *word = &h->words[(pa - FIRST) / 8];
  uint64_t mask = h->row->pte_bytes == 8 ? UINT64_MAX : (uint64_t)UINT32_MAX << (pa % 8 * 8);
  *word = (*word & ~mask) | ((pte << (pa % 8 * 8)) & mask);
}

uint64_t harness_entry(harness *h, uint64_t root, uint64_t va, unsigned level) {
  uint64_t table = root;
  for (unsigned at = tw_mode_row(h->mode)->levels - 1; at > level; at--) {
    uint64_t pa = tw_pte_address(h->mode, table, at, va);
    uint64_t pte = 0;
    assert_true(harness_read(h, pa, h->row->pte_bytes, &pte));
    if ((pte & TW_PTE_V) == 0) {
      pte = harness_table(h) << 10 | TW_PTE_V;
      harness_write(h, pa, pte);
    }
    table = (pte >> 10) & ((UINT64_C(1) << h->row->ppn_bits) - 1);
  }
  return tw_pte_address(h->mode, table, level, va);
}

uint64_t harness_map(harness *h, uint64_t root, uint64_t va, unsigned level, uint64_t pa, uint64_t flags) {
  uint64_t entry = harness_entry(h, root, va, level);
  harness_write(h, entry, (pa >> TW_PAGE_BITS) << 10 | flags);
  return entry;
}

void harness_map_napot(harness *h, uint64_t root, uint64_t va, uint64_t pa, uint64_t flags) {
  for (uint64_t page = 0; page < 16; page++)
    harness_map(h, root, va + page * TW_PAGE_BYTES, 0, pa | 8 * TW_PAGE_BYTES, flags | TW_PTE_N);
}

tw_pins_request *harness_port(harness *h, tw_port port) {
  return port == TW_PORT_FETCH ? &h->in.fetch : &h->in.data;
}

void harness_request(harness *h, tw_port port, tw_access access, uint8_t tag, uint64_t va) {
  tw_pins_request *request = harness_port(h, port);
  request->valid = 1;
  request->kind = (uint8_t)access;
  request->size = 1;
  request->speculative = 0;
  request->tag = tag;
  request->va = va;
}

void harness_cancel(harness *h, tw_port port, uint8_t tag) {
  tw_pins_request *request = harness_port(h, port);
  request->cancel_valid = 1;
  request->cancel_tag = tag;
}

void harness_control(harness *h, uint64_t satp, tw_privilege privilege) {
  h->in.control =
      (tw_pins_control){.satp = satp, .valid = 1, .privilege = (uint8_t)privilege, .adue = h->adue, .pbmte = h->pbmte};
}

void harness_fence(harness *h) {
  h->in.fence.valid = 1;
}

void harness_fence_va(harness *h, uint64_t va) {
  h->in.fence.valid = 1;
  h->in.fence.has_va = 1;
  h->in.fence.va = va;
}

void harness_fence_asid(harness *h, uint16_t asid) {
  h->in.fence.valid = 1;
  h->in.fence.has_asid = 1;
  h->in.fence.asid = asid;
}

void harness_pmp(harness *h, uint8_t kind, unsigned index, uint64_t value) {
  h->in.pmp = (tw_pins_pmp){.value = value, .valid = 1, .kind = kind, .index = (uint8_t)index};
}

void harness_pmp_open(harness *h) {
  if (h->config.pmp_entries == 0) return;
  unsigned last = h->config.pmp_entries - 1;
  harness_pmp(h, TW_PIN_PMP_ADDR, last, UINT64_MAX);
  harness_cycle(h);
  harness_pmp(h, TW_PIN_PMP_CFG, last, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
  harness_cycle(h);
}

uint64_t harness_satp(const harness *h, uint64_t root, uint16_t asid) {
  bool is_rv32 = h->row->xlen == 32;
  uint64_t mode = tw_mode_row(h->mode)->satp_mode;
  return mode << (is_rv32 ? 31 : 60) | (uint64_t)asid << (is_rv32 ? 22 : 44) | root;
}

uint64_t harness_root(harness *h, uint16_t asid) {
  uint64_t root = harness_table(h);
  harness_control(h, harness_satp(h, root, asid), TW_SUPERVISOR);
  harness_cycle(h);
  return root;
}

const tw_pins_response *harness_response(const harness *h, tw_port port) {
  return port == TW_PORT_FETCH ? &h->out.fetch : &h->out.data;
}

void harness_run(harness *h, unsigned cycles) {
  for (unsigned i = 0; i < cycles; i++) harness_cycle(h);
}

uint64_t harness_accept(harness *h, tw_port port, tw_access access, uint8_t tag, uint64_t va) {
  harness_request(h, port, access, tag, va);
  harness_cycle(h);
  assert_false(harness_port(h, port)->valid);
  return h->now - 1;
}

harness_answer harness_wait(harness *h, tw_port port, uint8_t tag) {
  const harness_answer *answer = &h->answers[port][tag];
  unsigned before = answer->count;
  for (unsigned i = 0; i < HARNESS_LIMIT; i++) {
    harness_cycle(h);
    if (answer->count != before) return *answer;
  }
  fail_msg("no answer within %u cycles", HARNESS_LIMIT);
  return (harness_answer){.at = 0};
}

harness_answer harness_access(harness *h, tw_port port, tw_access access, uint64_t va) {
  harness_request(h, port, access, HARNESS_TAGS - 1, va);
  while (harness_port(h, port)->valid) harness_cycle(h);
  uint64_t accepted = h->now - 1;
  harness_answer answer = harness_wait(h, port, HARNESS_TAGS - 1);
  answer.at -= accepted;
  return answer;
}

uint64_t harness_fence_done(harness *h) {
  while (h->in.fence.valid) harness_cycle(h);
  uint64_t accepted = h->now - 1;
  for (unsigned i = 0; i < HARNESS_LIMIT && h->fences; i++) harness_cycle(h);
  assert_int_equal(h->fences, 0);
  return h->done_at - accepted;
}

tw_context harness_context(const harness *h, tw_access access) {
  tw_context context = {.privilege = tw_privilege_effective(&h->status, access),
                        .sum = h->sum,
                        .mxr = h->mxr,
                        .xlen = h->row->xlen,
                        .extensions = tw_extensions_in_force(h->config.extensions, h->pbmte, h->adue),
                        .machine = &h->machine};
  assert_true(tw_satp_decode(h->row->xlen, h->satp, &context.satp));
  return context;
}

void harness_release(harness *h, uint8_t id) {
  assert_true(h->pending[id].waits);
  h->pending[id].released = true;
}

const harness_step *harness_step_at(const harness *h, unsigned n) {
  assert_in_range(n, 0, h->step_count - 1);
  return &h->steps[n % HARNESS_LOG];
}

tw_mmu_probe harness_probe(const harness *h) {
  tw_mmu_probe probe;
  tw_mmu_probe_read(h->mmu, &probe);
  return probe;
}

static bool settled(const harness *h) {
  tw_mmu_probe probe = harness_probe(h);
  for (unsigned s = 0; s < probe.slot_count; s++)
    if (probe.slots[s].state != TW_SLOT_EMPTY) return false;
  for (unsigned w = 0; w < probe.walker_count; w++)
    if (probe.walkers[w].state != TW_WALKER_IDLE) return false;
  return !probe.sweep.active && h->fences == 0 && h->tags[0] == 0 && h->tags[1] == 0;
}

void harness_settle(harness *h) {
  for (unsigned i = 0; i < HARNESS_LIMIT; i++) {
    harness_cycle(h);
    if (settled(h) && !h->in.fetch.valid && !h->in.data.valid) return;
  }
  fail_msg("not idle within %u cycles", HARNESS_LIMIT);
}

int harness_entry_index(const harness *h, tw_port port, uint64_t va, uint16_t asid) {
  tw_mmu_entry entry;
  int found = -1;
  for (unsigned e = 0; tw_mmu_entry_read(h->mmu, port, e, &entry); e++) {
    unsigned below = entry.napot ? 4u : entry.level * h->row->vpn_bits;
    uint64_t pages = UINT64_C(1) << (h->row->levels * h->row->vpn_bits);
    bool same_page = ((va >> TW_PAGE_BITS) % pages) >> below == entry.vpn >> below;
    bool same_space = (entry.flags & TW_PTE_G) != 0 || entry.asid == asid;
    if (!entry.valid || !same_page || !same_space) continue;
    assert_int_equal(found, -1);
    found = (int)e;
  }
  return found;
}

unsigned harness_valid_count(const harness *h, tw_port port) {
  tw_mmu_entry entry;
  unsigned count = 0;
  for (unsigned e = 0; tw_mmu_entry_read(h->mmu, port, e, &entry); e++) count += entry.valid;
  return count;
}

harness_random harness_random_seeded(const char *test, uint64_t seed) {
  const char *wish = getenv("TWINWALK_SEED");
  if (wish) seed = strtoull(wish, NULL, 0);
  printf("%s: seed %" PRIu64 "; repeat with TWINWALK_SEED=%" PRIu64 "\n", test, seed, seed);
  return (harness_random){.state = seed};
}

/* splitmix64 */
uint64_t harness_random_next(harness_random *random) {
  uint64_t z = random->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

unsigned harness_random_below(harness_random *random, unsigned bound) {
  return (unsigned)(harness_random_next(random) % bound);
}
