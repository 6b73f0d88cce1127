/* A cycle model with page tables in a fake memory: the clock, and what the rules of the pins say of every cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <string.h>

void harness_open(harness *h, const tw_config *config) {
  tw_error error = {""};
  memset(h, 0, sizeof *h);
  h->config = *config;
  h->row = tw_mode_row(config->mode);
  h->mode = config->mode;
  h->mmu = tw_mmu_open(config, &error);
  if (!h->mmu) fail_msg("%s", error.text);
  h->latency = config->memory.minimum;
  h->pmp = (tw_pmp){.count = config->pmp_entries,
                    .grain = config->pmp_grain,
                    .xlen = h->row->xlen,
                    .smepmp = (config->extensions & TW_EXT_SMEPMP) != 0};
  h->machine = (tw_machine){.pa_bits = config->pa_bits, .pmp = &h->pmp, .regions = &h->config.regions};
  h->status = (tw_status){.privilege = TW_MACHINE};
  h->in.rst_n = 1;
  harness_pmp_open(h);
  harness_control(h, 0, TW_SUPERVISOR);
  harness_cycle(h);
}

void harness_close(harness *h) {
  tw_mmu_close(h->mmu);
}

/* P5, P16, P17. */
static void response_check(harness *h, unsigned port) {
  const tw_pins_response *response = harness_response(h, (tw_port)port);
  const tw_pins_response nothing = {.req_ready = response->req_ready};
  if (!response->valid) {
    assert_memory_equal(response, &nothing, sizeof nothing);
    return;
  }
  assert_int_equal(response->gpa | response->implicit, 0);
  if (response->status != TW_PIN_TRANSLATED) {
    assert_int_equal(response->pa | response->level | response->flags | response->napot | response->attribute, 0);
  }
  if (response->status != TW_PIN_FAULT) assert_int_equal(response->tval | response->reason | response->cause, 0);
  if (response->status == TW_PIN_RETRY) assert_int_equal(response->hit, 0);
  if (response->status == TW_PIN_FAULT) assert_int_not_equal(response->reason, TW_OK);
  if (!h->after_reset) assert_true(h->tags[port] >> response->tag & 1);
  h->tags[port] &= (uint16_t) ~(1u << response->tag);
  harness_answer *answer = &h->answers[port][response->tag];
  *answer = (harness_answer){.response = *response, .at = h->now, .count = answer->count + 1};
}

/* P33: judged when the request is first offered, by the PMP registers of that cycle. */
static void offer_check(const harness *h, const tw_pins_memory_out *request) {
  tw_context context = harness_context(h, TW_LOAD);
  context.satp.mode = h->config.mode;
  tw_access access = request->req_kind == TW_PIN_MEM_CAS ? TW_STORE : TW_LOAD;
  assert_int_equal(tw_table_check(&context, access, request->req_addr), TW_OK);
  assert_int_equal(1u << request->req_size, h->row->pte_bytes);
  assert_int_equal(request->req_addr % h->row->pte_bytes, 0);
  if (request->req_kind == TW_PIN_MEM_READ) {
    assert_int_equal(request->req_expected | request->req_desired, 0);
  } else {
    uint64_t added = request->req_expected ^ request->req_desired;
    assert_int_equal(added & ~(uint64_t)(TW_PTE_A | TW_PTE_D), 0); /* P34 */
    assert_int_equal(added & request->req_expected, 0);
    assert_int_not_equal(added, 0);
  }
}

/* P5, P25, P27. */
static void memory_check(harness *h, const tw_pins_out *before, bool waits) {
  const tw_pins_memory_out *request = &h->out.mem;
  const tw_pins_memory_out nothing = {0};
  if (waits && !h->after_reset) {
    assert_memory_equal(request, &before->mem, sizeof nothing);
    return;
  }
  if (!request->req_valid) {
    assert_memory_equal(request, &nothing, sizeof nothing);
    return;
  }
  offer_check(h, request);
  assert_false(h->pending[request->req_id].waits);
  h->steps[h->step_count % HARNESS_LOG] = (harness_step){.request = *request, .offered = h->now};
  h->step_count++;
}

static void memory_accept(harness *h) {
  const tw_pins_memory_out *request = &h->out.mem;
  if (!request->req_valid) return;
  if (!h->in.mem.req_ready) {
    h->waited++;
    return;
  }
  unsigned bytes = 1u << request->req_size;
  uint64_t pte = request->req_expected;
  bool cas = request->req_kind == TW_PIN_MEM_CAS;
  bool found = cas ? harness_update(h, request->req_addr, bytes, &pte, request->req_desired)
                   : harness_read(h, request->req_addr, bytes, &pte);
  /* What is to be ignored is made ugly: the upper half of a 4-byte entry (P28), the data of a bus error (P29). */
  if (bytes == 4) pte |= UINT64_C(0xdeadbeef) << 32;
  if (!found) pte = UINT64_MAX;
  h->pending[request->req_id] =
      (harness_pending){.waits = true,
                        .due = h->now + h->latency,
                        .step = (h->step_count - 1) % HARNESS_LOG,
                        .answer = {.rsp_data = pte, .rsp_valid = 1, .rsp_id = request->req_id, .rsp_error = !found}};
  h->steps[(h->step_count - 1) % HARNESS_LOG].accepted = h->now;
  h->waited = 0;
}

/* The answer of this cycle: of those that are due, the one that has been for longest. */
static tw_pins_memory_in memory_answer(harness *h) {
  harness_pending *first = NULL;
  for (unsigned id = 0; id < HARNESS_IDS; id++) {
    harness_pending *p = &h->pending[id];
    bool due = p->waits && p->due <= h->now && (!h->hold || p->released);
    if (due && (!first || p->due < first->due)) first = p;
  }
  if (!first) return (tw_pins_memory_in){0};
  first->waits = false;
  h->steps[first->step].answered = h->now;
  return first->answer;
}

static void registers_follow(harness *h) {
  const tw_pins_pmp *pmp = &h->in.pmp;
  if (pmp->valid && pmp->kind == TW_PIN_PMP_CFG) tw_pmp_write_cfg(&h->pmp, pmp->index, (uint8_t)pmp->value);
  if (pmp->valid && pmp->kind == TW_PIN_PMP_ADDR) tw_pmp_write_addr(&h->pmp, pmp->index, pmp->value);
  if (pmp->valid && pmp->kind == TW_PIN_PMP_MSECCFG) tw_pmp_write_mseccfg(&h->pmp, pmp->value);
  const tw_pins_control *control = &h->in.control;
  if (!control->valid) return;
  tw_satp satp;
  bool known = tw_satp_decode(h->row->xlen, control->satp, &satp);
  if (known && (satp.mode == TW_BARE || satp.mode <= h->config.mode)) h->satp = control->satp;
  h->status = (tw_status){(tw_privilege)control->privilege, control->mprv != 0, (tw_privilege)control->mpp};
  h->sum = control->sum != 0;
  h->mxr = control->mxr != 0;
  h->adue = control->adue != 0;
  h->pbmte = control->pbmte != 0;
}

/* Requests are accepted, fences, and cancels; what lasts one cycle is taken back. */
static void inputs_take_back(harness *h) {
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    tw_pins_request *request = harness_port(h, (tw_port)p);
    uint16_t tag = (uint16_t)(1u << request->tag);
    if (request->cancel_valid) h->tags[p] &= (uint16_t) ~(1u << request->cancel_tag);
    if (request->valid && harness_response(h, (tw_port)p)->req_ready) {
      assert_false(h->tags[p] & tag); /* P11 */
      h->tags[p] |= tag;
      *request = (tw_pins_request){0};
    }
    request->cancel_valid = 0;
    request->cancel_tag = 0;
  }
  if (h->in.fence.valid && h->out.fence_ready) {
    h->fences++;
    h->in.fence = (tw_pins_fence){0};
  }
  h->in.control = (tw_pins_control){0};
  h->in.pmp = (tw_pins_pmp){0};
}

static void everything_forget(harness *h) {
  const uint8_t ready = h->in.mem.req_ready;
  h->in = (tw_pins_in){.mem = {.req_ready = ready}};
  memset(h->pending, 0, sizeof h->pending);
  memset(h->tags, 0, sizeof h->tags);
  h->waited = 0;
  h->fences = 0;
  h->satp = 0;
  h->status = (tw_status){.privilege = TW_MACHINE};
  h->sum = h->mxr = h->adue = h->pbmte = false;
  tw_pmp_reset(&h->pmp);
}

void harness_cycle(harness *h) {
  tw_pins_out before = h->out;
  bool waits = before.mem.req_valid && !h->in.mem.req_ready;
  h->in.mem = memory_answer(h);
  h->in.mem.req_ready = h->waited >= h->stall;
  memset(&h->out, 0xa5, sizeof h->out);
  tw_mmu_cycle(h->mmu, &h->in, &h->out);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) response_check(h, p);
  memory_check(h, &before, waits);
  assert_in_range(h->out.walkers, 0, h->config.walkers);
  assert_int_equal(h->out.event >> TW_EVENT_COUNT, 0);
  for (unsigned bit = 0; bit < TW_EVENT_COUNT; bit++) {
    if ((h->out.event >> bit & 1) == 0) continue;
    h->events[bit]++;
    h->event_at[bit] = h->now - 1;
  }
  if (h->out.fence_done) {
    assert_int_not_equal(h->fences, 0); /* P21 */
    h->fences--;
    h->done_at = h->now;
  }
  h->after_reset = !h->in.rst_n;
  if (h->after_reset) {
    everything_forget(h);
  } else {
    memory_accept(h);
    registers_follow(h);
    inputs_take_back(h);
  }
  h->in.rst_n = 1;
  h->now++;
}
