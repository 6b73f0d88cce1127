/* The rig's subjects that have pins: a request is driven, page-table requests are answered from the rig's memory, and
 * cycles pass until the answer is visible.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "rig_internal.h"

static void memory_serve(rig *r) {
  const tw_pins_memory_out *request = &r->out.mem;
  if (!request->req_valid || !r->in.mem.req_ready) return;
  unsigned bytes = 1u << request->req_size;
  uint64_t found = request->req_expected;
  bool update = request->req_kind == TW_PIN_MEM_CAS;
  bool good = update ? rig_memory_update(r, request->req_addr, bytes, &found, request->req_desired)
                     : rig_memory_read(r, request->req_addr, bytes, &found);
  r->answer = (tw_pins_memory_in){.rsp_valid = 1, .rsp_id = request->req_id};
  r->answer.rsp_data = good ? found : UINT64_MAX; /* of an error: to be ignored */
  r->answer.rsp_error = !good;
  r->pending = true;
  r->due = r->now + r->latency;
}

/* Keeps the answers, and takes back what was accepted. */
static void outputs_take(rig *r) {
  if (r->out.fetch.valid) r->response[TW_PORT_FETCH] = r->out.fetch;
  if (r->out.data.valid) r->response[TW_PORT_DATA] = r->out.data;
  if (r->out.fetch.req_ready) r->in.fetch = (tw_pins_request){0};
  if (r->out.data.req_ready) r->in.data = (tw_pins_request){0};
  if (r->out.fence_ready) r->in.fence = (tw_pins_fence){0};
}

void rig_cycle(rig *r) {
  r->in.mem = (tw_pins_memory_in){0};
  if (r->pending && r->due == r->now) {
    r->in.mem = r->answer;
    r->pending = false;
  }
  r->in.mem.req_ready = !r->pending;
  if (r->kind == RIG_RTL) {
    rig_rtl_table.cycle(r);
  } else {
    tw_mmu_cycle(r->mmu, &r->in, &r->out);
  }
  if (r->in.rst_n) {
    memory_serve(r);
    outputs_take(r);
  } else { /* the outputs of this cycle are unknown */
    r->pending = false;
    r->in = (tw_pins_in){0};
    memset(r->response, 0, sizeof r->response);
  }
  r->in.control = (tw_pins_control){0};
  r->in.pmp = (tw_pins_pmp){0};
  r->in.rst_n = 1;
  r->now++;
}

static void request_drive(rig *r, const tw_request *request) {
  tw_pins_request *port = request->access == TW_FETCH ? &r->in.fetch : &r->in.data;
  *port = (tw_pins_request){.va = request->va,
                            .valid = 1,
                            .tag = 5,
                            .kind = (uint8_t)request->access,
                            .speculative = request->speculative,
                            .size = (uint8_t)request->bytes};
  uint64_t limit = r->now + RIG_LIMIT;
  while (port->valid) {
    rig_cycle(r);
    assert_true(r->now < limit);
  }
}

void rig_begin(rig *r, tw_access access, uint64_t va) {
  tw_request request = {.access = access, .va = va, .bytes = 1};
  request_drive(r, &request);
}

rig_answer rig_finish(rig *r, tw_access access) {
  tw_pins_response *response = &r->response[access == TW_FETCH ? TW_PORT_FETCH : TW_PORT_DATA];
  uint64_t limit = r->now + RIG_LIMIT;
  while (!response->valid) {
    rig_cycle(r);
    assert_true(r->now < limit);
  }
  assert_int_equal(response->tag, 5);
  response->valid = 0;
  return (rig_answer){.status = response->status,
                      .reason = (tw_reason)response->reason,
                      .cause = (tw_cause)response->cause,
                      .pa = response->pa,
                      .tval = response->tval,
                      .level = response->level,
                      .flags = response->flags,
                      .attribute = response->attribute,
                      .napot = response->napot,
                      .hit = response->hit};
}

rig_answer rig_pins_ask(rig *r, const tw_request *request) {
  request_drive(r, request);
  return rig_finish(r, request->access);
}

void rig_fence(rig *r, const tw_pins_fence *fence) {
  if (r->kind == RIG_ORACLE) return;
  r->in.fence = *fence;
  r->in.fence.valid = 1;
  uint64_t limit = r->now + RIG_LIMIT;
  while (r->in.fence.valid) {
    rig_cycle(r);
    assert_true(r->now < limit);
  }
  do {
    rig_cycle(r);
    assert_true(r->now < limit);
  } while (!r->out.fence_done);
}
