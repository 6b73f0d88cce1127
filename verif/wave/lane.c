/* The lane: what happens, in words. A text is made when it begins and cleared when it ends, not in between.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "lane.h"

#include <string.h>

#include "pin_table.h"

#define FAULT_COLOUR "red"
#define AGAIN_COLOUR "purple" /* the access or its walk begins again */

static const char *const port_names[TW_PORT_COUNT] = {"fetch", "data"};

void lane_begin(lane *l, const tw_config *config) {
  memset(l, 0, sizeof *l);
  l->config = config;
  l->xlen = tw_mode_row(config->mode)->xlen;
}

static const tw_pins_request *request_of(const tw_pins_in *in, unsigned port) {
  return port == TW_PORT_FETCH ? &in->fetch : &in->data;
}

static const tw_pins_response *response_of(const tw_pins_out *out, unsigned port) {
  return port == TW_PORT_FETCH ? &out->fetch : &out->data;
}

static tw_context context_in_force(const lane *l, const tw_mmu_probe *now, tw_access access) {
  const tw_status status = {(tw_privilege)now->privilege, now->mprv, (tw_privilege)now->mpp};
  tw_context context = {
      .privilege = tw_privilege_effective(&status, access), .sum = now->sum, .mxr = now->mxr, .xlen = l->xlen};
  (void)tw_satp_decode(l->xlen, now->satp, &context.satp); /* a stored satp has a supported MODE (M1) */
  return context;
}

static void add_number_or_tag(text *t, uint64_t number, uint8_t tag) {
  if (number == TW_WAVE_UNNUMBERED) {
    text_add(t, "tag ");
    text_add_number(t, tag);
  } else {
    text_add(t, "#");
    text_add_number(t, number);
  }
}

/* "#1234 load 3fffe010 U" */
static void say_request(text *t, const tw_pins_request *pins, const lane_request *request) {
  text_clear(t);
  add_number_or_tag(t, request->number, pins->tag);
  text_add(t, " ");
  text_add(t, pins->kind < TW_ACCESS_COUNT ? tw_access_name((tw_access)pins->kind) : "reserved kind");
  text_add(t, " ");
  text_add_hex(t, pins->va);
  text_add(t, " ");
  text_add(t, tw_privilege_name(request->context.privilege));
  if (pins->speculative) text_add(t, " speculative");
}

static void request_cycle(lane *l, unsigned port, const tw_wave_sample *sample, const tw_mmu_probe *now) {
  const tw_pins_request *pins = request_of(sample->in, port);
  const bool accepted = pins->valid && sample->in->rst_n && response_of(sample->model, port)->req_ready;
  if (!accepted) {
    if (!now->slots[port].full) text_linger(&l->request[port]);
    return;
  }
  lane_request *request = &l->requests[port][pins->tag % LANE_TAGS];
  request->number = sample->access[port];
  request->kind = pins->kind;
  request->context = context_in_force(l, now, (tw_access)pins->kind);
  say_request(&l->request[port], pins, request);
}

/* "#1234 -> 80123010 4K DA-U-WRV hit", "#1234 -> FAULT dirty-clear, store page fault", "#1234 -> RETRY" */
static void say_answer(const lane *l, text *t, const tw_pins_response *pins, const lane_request *request) {
  text_clear(t);
  add_number_or_tag(t, request->number, pins->tag);
  text_add(t, " -> ");
  if (pins->status == TW_PIN_TRANSLATED) {
    text_add_hex(t, pins->pa);
    text_add(t, " ");
    if (pins->flags) {
      text_add_page(t, l->config->mode, pins->level);
      text_add(t, " ");
      text_add_flags(t, pins->flags);
    } else {
      text_add(t, "untranslated");
    }
    if (pins->hit) text_add(t, " hit");
  } else if (pins->status == TW_PIN_FAULT) {
    text_add(t, "FAULT ");
    text_add(t, tw_reason_name((tw_reason)pins->reason));
    text_add(t, ", ");
    text_add(t, tw_cause_name((tw_cause)pins->cause));
    text_mark(t, FAULT_COLOUR);
  } else {
    text_add(t, "RETRY");
    text_mark(t, AGAIN_COLOUR);
  }
}

static void answer_cycle(lane *l, unsigned port, const tw_pins_out *out) {
  const tw_pins_response *pins = response_of(out, port);
  if (!pins->valid) {
    text_linger(&l->answer[port]);
    return;
  }
  say_answer(l, &l->answer[port], pins, &l->requests[port][pins->tag % LANE_TAGS]);
  if (pins->status == TW_PIN_FAULT) l->fault = 1;
}

/* What ends the walk in this very cycle, whatever the memory answers; NULL if nothing does. */
static const char *killer(const lane *l, const tw_pins_in *in, const tw_mmu_probe *now, const tw_mmu_probe *next) {
  const tw_pins_request *owner = request_of(in, now->owner);
  if (now->killed) return "killed before";
  if (!in->rst_n) return "reset";
  if (owner->cancel_valid && now->slots[now->owner].full && owner->cancel_tag == now->slots[now->owner].tag) {
    return "killed by a cancel";
  }
  if (next->satp != now->satp) return "killed by satp";
  if (in->fence.valid && (!in->fence.has_va || tw_va_canonical(l->config->mode, in->fence.va)))
    return "killed by a fence";
  return NULL;
}

static tw_reason leaf_reason(const lane *l, const tw_mmu_probe *now, const tw_pte_view *view) {
  const lane_request *request = &l->requests[now->owner][now->slots[now->owner].tag % LANE_TAGS];
  const tw_access access = (tw_access)request->kind;
  const tw_reason reason = tw_permission_check(view->flags, access, &request->context);
  return reason == TW_OK ? tw_accessed_dirty_check(view->flags, access) : reason;
}

/* "table 80002000, pte 20000801", "leaf 80123000 4K DA-U-WRV, ...", "FAULT dirty-clear, leaf 80123000 4K -A-U-WRV" */
static void say_step(const lane *l, text *t, const tw_pins_memory_in *mem, const tw_mmu_probe *now) {
  if (mem->rsp_error) {
    text_add(t, "FAULT ");
    text_add(t, tw_reason_name(TW_REASON_TABLE_BUS_ERROR));
    text_mark(t, FAULT_COLOUR);
    return;
  }
  const tw_pte_view view = tw_pte_decode(l->config->mode, 0, mem->rsp_data, now->level);
  const tw_reason reason = view.kind == TW_PTE_LEAF ? leaf_reason(l, now, &view) : TW_OK;
  if (reason != TW_OK) {
    text_add(t, "FAULT ");
    text_add(t, tw_reason_name(reason));
    text_add(t, ", ");
  }
  text_add_pte(t, l->config->mode, &view, now->level);
  text_add(t, ", pte ");
  text_add_hex(t, mem->rsp_data);
  if (reason != TW_OK || view.kind == TW_PTE_FAULT) text_mark(t, FAULT_COLOUR);
}

static void begin_step(text *t, const tw_mmu_probe *now) {
  text_clear(t);
  text_add(t, port_names[now->owner]);
  text_add(t, " L");
  text_add_number(t, now->level);
  text_add(t, " ");
}

/* A step's text stands until the next step is told: the reads in between are told by the memory's lane. */
static void walk_cycle(lane *l, const tw_wave_sample *sample, const tw_mmu_probe *now, const tw_mmu_probe *next) {
  text *t = &l->walk;
  const bool begins = now->state == TW_WALKER_REQUEST && !l->walking;
  l->walking = now->state != TW_WALKER_IDLE;
  if (!l->walking) {
    text_linger(t);
  } else if (begins) {
    begin_step(t, now);
    text_add(t, "walk begins");
  } else if (now->state == TW_WALKER_WAIT && sample->in->mem.rsp_valid) {
    const char *why = killer(l, sample->in, now, next);
    begin_step(t, now);
    if (why) {
      text_add(t, "thrown away, ");
      text_add(t, why);
      text_mark(t, AGAIN_COLOUR);
    } else {
      say_step(l, t, &sample->in->mem, now);
    }
  }
}

/* "@80001ff8" from the request on, "@80001ff8 = 20000801" from the answer on */
static void memory_cycle(lane *l, const tw_pins_in *in, const tw_pins_out *out) {
  text *t = &l->memory;
  if (!in->rst_n) {
    text_clear(t);
    l->reads_open = 0;
  } else if (in->mem.rsp_valid) {
    text_clear(t);
    text_add(t, "@");
    text_add_hex(t, l->reads[in->mem.rsp_id % LANE_IDS]);
    text_add(t, in->mem.rsp_error ? " bus error" : " = ");
    if (!in->mem.rsp_error) text_add_hex(t, in->mem.rsp_data);
    l->reads_open--;
  } else if (out->mem.req_valid && !l->requesting) {
    text_clear(t);
    text_add(t, "@");
    text_add_hex(t, out->mem.req_addr);
  } else if (!l->requesting && l->reads_open == 0) {
    text_linger(t);
  }
  l->requesting = out->mem.req_valid && !in->mem.req_ready;
  if (!out->mem.req_valid || !in->mem.req_ready || !in->rst_n) return;
  l->reads[out->mem.req_id % LANE_IDS] = out->mem.req_addr;
  l->reads_open++;
}

static void fence_cycle(lane *l, const tw_pins_fence *fence) {
  text *t = &l->fence;
  if (!fence->valid) {
    text_linger(t);
    return;
  }
  text_clear(t);
  text_add(t, "sfence.vma");
  if (!fence->has_va && !fence->has_asid) text_add(t, " everything");
  if (fence->has_va) {
    text_add(t, " va ");
    text_add_hex(t, fence->va);
  }
  if (fence->has_asid) {
    text_add(t, " asid ");
    text_add_number(t, fence->asid);
  }
}

/* "Sv39 root 80001000 asid 5, U SUM MXR MPRV as S" */
static void say_control(const lane *l, text *t, const tw_mmu_probe *now) {
  tw_satp satp = {.mode = TW_BARE};
  (void)tw_satp_decode(l->xlen, now->satp, &satp);
  text_clear(t);
  text_add(t, tw_mode_row(satp.mode)->name);
  if (satp.mode != TW_BARE) {
    text_add(t, " root ");
    text_add_hex(t, satp.root_ppn << TW_PAGE_BITS);
    text_add(t, " asid ");
    text_add_number(t, satp.asid);
  }
  text_add(t, ", ");
  text_add(t, tw_privilege_name((tw_privilege)now->privilege));
  if (now->sum) text_add(t, " SUM");
  if (now->mxr) text_add(t, " MXR");
  if (!now->mprv) return;
  text_add(t, " MPRV as ");
  text_add(t, tw_privilege_name((tw_privilege)now->mpp));
}

static bool control_changes(const tw_mmu_probe *now, const tw_mmu_probe *next) {
  return now->satp != next->satp || now->privilege != next->privilege || now->mprv != next->mprv ||
         now->mpp != next->mpp || now->sum != next->sum || now->mxr != next->mxr;
}

static void event_cycle(lane *l, uint32_t event) {
  static const char *const names[TW_EVENT_COUNT] = {
      "fetch-hit",  "fetch-miss", "fetch-evict", "fetch-retry", "data-hit",   "data-miss", "data-evict",
      "data-retry", "walk-begin", "walk-step",   "walk-grant",  "walk-fault", "walk-kill", "fence"};
  if (event == l->last_event) return;
  l->last_event = event;
  text_clear(&l->event);
  for (unsigned bit = 0; bit < TW_EVENT_COUNT; bit++) {
    if ((event >> bit & 1u) == 0) continue;
    if (l->event.length) text_add(&l->event, " ");
    text_add(&l->event, names[bit]);
  }
}

/* "fetch_rsp_pa is 80123010, model 80124010, and 3 more pins" */
static void say_difference(text *t, const tw_pins_out *dut, const tw_pins_out *model) {
  const tw_pin *pin;
  const size_t count = tw_pins_differ(dut, model, &pin, 1);
  if (count == 0) return;
  text_add(t, pin->name);
  text_add(t, " is ");
  text_add_hex(t, tw_pin_value(pin, dut));
  text_add(t, ", model ");
  text_add_hex(t, tw_pin_value(pin, model));
  if (count > 1) {
    text_add(t, ", and ");
    text_add_number(t, count - 1);
    text_add(t, " more");
  }
  text_mark(t, FAULT_COLOUR);
}

void lane_cycle(lane *l, const tw_wave_sample *sample, const tw_mmu_probe *now, const tw_mmu_probe *next) {
  l->fault = 0;
  for (unsigned port = 0; port < TW_PORT_COUNT; port++) {
    answer_cycle(l, port, sample->model);
    request_cycle(l, port, sample, now);
  }
  walk_cycle(l, sample, now, next);
  memory_cycle(l, sample->in, sample->model);
  fence_cycle(l, &sample->in->fence);
  event_cycle(l, sample->model->event);
  if (!l->control_known) say_control(l, &l->control, now);
  l->control_known = !control_changes(now, next);
  text_clear(&l->differs);
  l->difference = sample->dut && memcmp(sample->dut, sample->model, sizeof *sample->dut) != 0;
  if (l->difference) say_difference(&l->differs, sample->dut, sample->model);
}
