/* A cycle model with page tables in a fake memory of chosen latency, for tests at the pins.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void harness_open(harness *h, const tw_config *config) {
  tw_error error = {""};
  memset(h, 0, sizeof *h);
  h->config = *config;
  h->row = tw_mode_row(config->mode);
  h->mmu = tw_mmu_open(config, &error);
  if (!h->mmu) fail_msg("%s", error.text);
  h->latency = config->memory.minimum;
  h->in.rst_n = 1;
  harness_control(h, 0, TW_SUPERVISOR);
  harness_cycle(h);
}

void harness_close(harness *h) {
  tw_mmu_close(h->mmu);
}

static void response_check(const tw_pins_response *response) {
  tw_pins_response shown = *response;
  shown.req_ready = 0;
  if (!response->valid) {
    const tw_pins_response nothing = {0};
    assert_memory_equal(&shown, &nothing, sizeof nothing); /* P5 */
    return;
  }
  assert_true(response->req_ready);
  assert_int_equal(response->gpa | response->attribute | response->implicit, 0);
  if (response->status != TW_PIN_TRANSLATED) assert_int_equal(response->pa | response->level | response->flags, 0);
  if (response->status != TW_PIN_FAULT) assert_int_equal(response->tval | response->reason | response->cause, 0);
  if (response->status == TW_PIN_RETRY) assert_int_equal(response->hit, 0);
}

static void memory_check(const tw_pins_out *before, const tw_pins_memory_in *in, const tw_pins_out *after) {
  const tw_pins_memory_out nothing = {0};
  if (!after->mem.req_valid) assert_memory_equal(&after->mem, &nothing, sizeof nothing); /* P5 */
  bool waits = before->mem.req_valid && !in->req_ready;
  if (waits) assert_memory_equal(&after->mem, &before->mem, sizeof nothing); /* P25 */
}

static void memory_accept(harness *h) {
  const tw_pins_memory_out *request = &h->out.mem;
  if (!request->req_valid) return;
  if (!h->in.mem.req_ready) {
    h->waited++;
    return;
  }
  assert_false(h->pending);
  unsigned bytes = 1u << request->req_size;
  uint64_t pte = 0;
  assert_int_equal(bytes, h->row->pte_bytes);
  assert_int_equal(request->req_addr % bytes, 0);
  bool found = harness_read(h, request->req_addr, bytes, &pte);
  /* What is to be ignored is made ugly: the upper half of a 4-byte entry (P28), the data of a bus error (P29). */
  if (bytes == 4) pte |= UINT64_C(0xdeadbeef) << 32;
  if (!found) pte = UINT64_MAX;
  h->answer = (tw_pins_memory_in){.rsp_data = pte, .rsp_valid = 1, .rsp_id = request->req_id, .rsp_error = !found};
  h->pending = true;
  h->due = h->now + h->latency;
  h->waited = 0;
  h->requests++;
}

static void inputs_take_back(harness *h) {
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    tw_pins_request *request = harness_port(h, (tw_port)p);
    bool accepted = request->valid && harness_response(h, (tw_port)p)->req_ready;
    if (accepted || !h->in.rst_n) {
      *request = (tw_pins_request){0};
    } else {
      request->cancel_valid = 0;
      request->cancel_tag = 0;
    }
  }
  h->in.control = (tw_pins_control){0};
  h->in.fence = (tw_pins_fence){0};
}

void harness_cycle(harness *h) {
  tw_pins_out before = h->out;
  tw_pins_memory_in memory_before = h->in.mem;
  bool reset = !h->in.rst_n;
  h->in.mem = (tw_pins_memory_in){0};
  if (h->pending && h->due == h->now) {
    h->in.mem = h->answer;
    h->pending = false;
  }
  h->in.mem.req_ready = h->waited >= h->stall;
  memset(&h->out, 0xa5, sizeof h->out);
  tw_mmu_cycle(h->mmu, &h->in, &h->out);
  response_check(&h->out.fetch);
  response_check(&h->out.data);
  bool reset_before = before.fence_ready == 0;
  if (!reset_before) memory_check(&before, &memory_before, &h->out);
  assert_int_equal(h->out.fence_ready, 1);
  for (unsigned bit = 0; bit < TW_EVENT_COUNT; bit++) h->events[bit] += h->out.event >> bit & 1;
  if (reset) {
    h->pending = false;
    h->waited = 0;
    h->out.fence_ready = 0; /* so that the next cycle is not compared with this one */
  } else {
    memory_accept(h);
  }
  inputs_take_back(h);
  h->in.rst_n = 1;
  h->now++;
}

uint64_t harness_table(harness *h) {
  assert_in_range(h->pages_used, 0, HARNESS_PAGES - 1);
  return HARNESS_FIRST_PPN + h->pages_used++;
}

bool harness_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const harness *h = payload;
  uint64_t first = (uint64_t)HARNESS_FIRST_PPN * TW_PAGE_BYTES;
  if (pa < first || pa >= first + HARNESS_PAGES * TW_PAGE_BYTES) return false;
  uint64_t word = h->words[(pa - first) / 8];
  *pte = bytes == 8 ? word : (word >> (pa % 8 * 8)) & UINT32_MAX;
  return true;
}

void harness_write(harness *h, uint64_t pa, uint64_t pte) {
  uint64_t first = (uint64_t)HARNESS_FIRST_PPN * TW_PAGE_BYTES;
  assert_in_range(pa, first, first + HARNESS_PAGES * TW_PAGE_BYTES - 1);
  uint64_t *word = &h->words[(pa - first) / 8];
  uint64_t mask = h->row->pte_bytes == 8 ? UINT64_MAX : (uint64_t)UINT32_MAX << (pa % 8 * 8);
  *word = (*word & ~mask) | ((pte << (pa % 8 * 8)) & mask);
}

uint64_t harness_entry(harness *h, uint64_t root, uint64_t va, unsigned level) {
  uint64_t table = root;
  for (unsigned at = h->row->levels - 1; at > level; at--) {
    uint64_t pa = tw_pte_address(h->config.mode, table, at, va);
    uint64_t pte = 0;
    assert_true(harness_read(h, pa, h->row->pte_bytes, &pte));
    if ((pte & TW_PTE_V) == 0) {
      pte = harness_table(h) << 10 | TW_PTE_V;
      harness_write(h, pa, pte);
    }
    table = pte >> 10;
  }
  return tw_pte_address(h->config.mode, table, level, va);
}

void harness_map(harness *h, uint64_t root, uint64_t va, unsigned level, uint64_t pa, uint64_t flags) {
  harness_write(h, harness_entry(h, root, va, level), (pa >> TW_PAGE_BITS) << 10 | flags);
}

tw_pins_request *harness_port(harness *h, tw_port port) {
  return port == TW_PORT_FETCH ? &h->in.fetch : &h->in.data;
}

void harness_request(harness *h, tw_port port, tw_access access, uint8_t tag, uint64_t va) {
  tw_pins_request *request = harness_port(h, port);
  request->valid = 1;
  request->kind = (uint8_t)access;
  request->tag = tag;
  request->va = va;
}

void harness_cancel(harness *h, tw_port port, uint8_t tag) {
  tw_pins_request *request = harness_port(h, port);
  request->cancel_valid = 1;
  request->cancel_tag = tag;
}

void harness_control(harness *h, uint64_t satp, tw_privilege privilege) {
  h->in.control = (tw_pins_control){.satp = satp, .valid = 1, .privilege = (uint8_t)privilege};
}

void harness_fence(harness *h) {
  h->in.fence = (tw_pins_fence){.valid = 1};
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

uint64_t harness_satp(const harness *h, uint64_t root, uint16_t asid) {
  bool is_rv32 = h->row->xlen == 32;
  return (uint64_t)h->row->satp_mode << (is_rv32 ? 31 : 60) | (uint64_t)asid << (is_rv32 ? 22 : 44) | root;
}

const tw_pins_response *harness_response(const harness *h, tw_port port) {
  return port == TW_PORT_FETCH ? &h->out.fetch : &h->out.data;
}

harness_answer harness_wait(harness *h, tw_port port) {
  for (unsigned i = 0; i < HARNESS_LIMIT; i++) {
    harness_cycle(h);
    const tw_pins_response *response = harness_response(h, port);
    if (response->valid) return (harness_answer){.response = *response, .at = h->now - 1};
  }
  fail_msg("no answer within %u cycles", HARNESS_LIMIT);
  return (harness_answer){.at = 0};
}

harness_answer harness_access(harness *h, tw_port port, tw_access access, uint64_t va) {
  harness_request(h, port, access, 0, va);
  while (harness_port(h, port)->valid) harness_cycle(h);
  uint64_t accepted = h->now - 1;
  harness_answer answer = harness_wait(h, port);
  answer.at -= accepted;
  return answer;
}

void harness_settle(harness *h) {
  tw_mmu_probe probe;
  for (unsigned i = 0; i < HARNESS_LIMIT; i++) {
    harness_cycle(h);
    tw_mmu_probe_read(h->mmu, &probe);
    bool idle = probe.state == TW_WALKER_IDLE && !probe.slots[TW_PORT_FETCH].full && !probe.slots[TW_PORT_DATA].full;
    if (idle && !h->in.fetch.valid && !h->in.data.valid) return;
  }
  fail_msg("not idle within %u cycles", HARNESS_LIMIT);
}

int harness_entry_index(const harness *h, tw_port port, uint64_t va, uint16_t asid) {
  tw_mmu_entry entry;
  int found = -1;
  for (unsigned e = 0; tw_mmu_entry_read(h->mmu, port, e, &entry); e++) {
    unsigned below = entry.level * h->row->vpn_bits;
    uint64_t pages = UINT64_C(1) << (h->row->va_bits - TW_PAGE_BITS);
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
