/* The model behind a lie.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy.h"

#include <stdlib.h>
#include <string.h>

/* A request on its way. */
typedef struct flight {
  tw_pins_control control; /* in force at its handshake */
  tw_pins_request request;
} flight;

struct tw_dut {
  tw_dut *model;
  tw_pins_control control; /* in force */
  flight flights[TW_PORT_COUNT][1u << TW_TAG_BITS];
  flight last; /* the request accepted last: whose walk an update is for */
};

/* A table of functions has no payload: the plan of the run is here. */
static proxy_plan *current;

static const tw_dut_description *proxy_describe(void) {
  return tw_dut_model_table()->describe();
}

static tw_dut *proxy_open(const tw_dut_options *options, tw_error *error) {
  tw_dut *dut = calloc(1, sizeof *dut);
  if (!dut) return NULL;
  dut->model = tw_dut_model_table()->open(options, error);
  if (dut->model) return dut;
  free(dut);
  return NULL;
}

static void proxy_close(tw_dut *dut) {
  tw_dut_model_table()->close(dut->model);
  free(dut);
}

static bool is_planned(const flight *f) {
  const question_world world = {.satp = f->control.satp};
  const tw_pins_control planned = question_ask(&world, &current->context).control;
  return f->request.kind == current->context.kind && memcmp(&planned, &f->control, sizeof planned) == 0;
}

static void verdict_turn(const flight *f, tw_pins_response *pins) {
  static const uint8_t cause[] = {12, 13, 15, 15};
  const tw_pins_response kept = {.req_ready = pins->req_ready, .valid = 1, .tag = pins->tag, .hit = pins->hit};
  const bool denied = pins->status == TW_PIN_FAULT;
  *pins = kept;
  pins->status = denied ? TW_PIN_TRANSLATED : TW_PIN_FAULT;
  if (denied) {
    pins->pa = 0xc00009a8;
    return;
  }
  pins->reason = TW_REASON_SUPERVISOR_DENIED;
  pins->cause = cause[f->request.kind];
  pins->tval = f->request.va;
}

/* False if the answer has nothing to lie about. */
static bool fault_lie(tw_pins_response *pins) {
  if (pins->status != TW_PIN_FAULT) return false;
  if (current->what == LIE_REASON) {
    pins->reason = pins->reason == TW_REASON_INVALID ? TW_REASON_USER_DENIED : TW_REASON_INVALID;
  } else if (current->what == LIE_CAUSE) {
    if (pins->cause < 12) return false;
    pins->cause = pins->cause == 12 ? 1 : pins->cause == 13 ? 5 : 7;
  } else {
    pins->tval &= ~(uint64_t)0xfff;
  }
  return true;
}

static bool translation_lie(tw_pins_response *pins) {
  if (pins->status != TW_PIN_TRANSLATED || pins->flags == 0) return false;
  if (current->what == LIE_LEVEL) {
    pins->level ^= 1;
  } else if (current->what == LIE_FLAGS) {
    pins->flags ^= TW_PTE_D;
  } else {
    pins->attribute ^= 1;
  }
  return true;
}

static void answer_lie(const tw_dut *dut, tw_port port, tw_pins_response *pins) {
  const flight *f = &dut->flights[port][pins->tag];
  if (!pins->valid || !is_planned(f) || pins->hit != current->hit) return;
  bool told = true;
  switch (current->what) {
  case LIE_VERDICT:
    verdict_turn(f, pins);
    break;
  case LIE_REASON:
  case LIE_CAUSE:
  case LIE_TVAL:
    told = fault_lie(pins);
    break;
  case LIE_LEVEL:
  case LIE_FLAGS:
  case LIE_ATTRIBUTE:
    told = translation_lie(pins);
    break;
  default:
    told = false;
  }
  current->told += told;
}

static void update_lie(const tw_dut *dut, tw_pins_memory_out *pins) {
  if (!pins->req_valid || pins->req_kind != TW_PIN_MEM_CAS || !is_planned(&dut->last)) return;
  const bool store = dut->last.request.kind == TW_STORE || dut->last.request.kind == TW_AMO;
  const uint64_t honest = pins->req_desired;
  if (current->what == LIE_DIRTY && !store) pins->req_desired |= TW_PTE_D;
  if (current->what == LIE_ACCESSED && store && !(pins->req_expected & TW_PTE_A))
    pins->req_desired &= ~(uint64_t)TW_PTE_A;
  current->told += pins->req_desired != honest;
}

static void request_see(tw_dut *dut, tw_port port, const tw_pins_request *request, const tw_pins_response *ready) {
  if (!request->valid || !ready->req_ready) return;
  dut->last = (flight){dut->control, *request};
  dut->flights[port][request->tag] = dut->last;
}

static void proxy_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  tw_dut_model_table()->cycle(dut->model, in, out);
  if (!in->rst_n) {
    dut->control = (tw_pins_control){0};
    return;
  }
  answer_lie(dut, TW_PORT_FETCH, &out->fetch);
  answer_lie(dut, TW_PORT_DATA, &out->data);
  update_lie(dut, &out->mem);
  request_see(dut, TW_PORT_FETCH, &in->fetch, &out->fetch);
  request_see(dut, TW_PORT_DATA, &in->data, &out->data);
  if (in->control.valid) dut->control = in->control;
}

const tw_dut_table *proxy_table(proxy_plan *plan) {
  static const tw_dut_table table = {
      .abi = TW_DUT_ABI, .describe = proxy_describe, .open = proxy_open, .close = proxy_close, .cycle = proxy_cycle};
  current = plan;
  return &table;
}
