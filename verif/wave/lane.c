/* The lane: what happens at the pins, in words. A text is made when it begins and cleared when it ends, not in between.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "lane.h"

#include <string.h>

#include "pin_table.h"
#include "twinwalk/trace.h"

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

/* The privilege with which an access is made that is requested now. */
static tw_privilege privilege_in_force(const tw_mmu_probe *now, tw_access access) {
  const tw_status status = {(tw_privilege)now->privilege, now->mprv, (tw_privilege)now->mpp};
  return tw_privilege_effective(&status, access);
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
  text_add(t, tw_privilege_name((tw_privilege)request->privilege));
  if (pins->speculative) text_add(t, " speculative");
}

static bool is_port_busy(const tw_mmu_probe *now, unsigned port) {
  for (unsigned i = 0; i < now->slot_count; i++)
    if (now->slots[i].port == port && now->slots[i].state != TW_SLOT_EMPTY) return true;
  return false;
}

static void request_cycle(lane *l, unsigned port, const tw_wave_sample *sample, const tw_mmu_probe *now) {
  const tw_pins_request *pins = request_of(sample->in, port);
  const bool accepted = pins->valid && sample->in->rst_n && response_of(sample->model, port)->req_ready;
  if (!accepted) {
    if (!is_port_busy(now, port)) text_linger(&l->request[port]);
    return;
  }
  lane_request *request = &l->requests[port][pins->tag % LANE_TAGS];
  request->number = sample->access[port];
  request->privilege = (uint8_t)privilege_in_force(now, (tw_access)pins->kind);
  say_request(&l->request[port], pins, request);
}

static void add_attribute(text *t, uint8_t attribute) {
  if (attribute) text_add(t, attribute == TW_PBMT_NC ? " NC" : " IO");
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
      text_add_page(t, l->config->mode, pins->level, pins->napot);
      text_add(t, " ");
      text_add_flags(t, pins->flags);
      add_attribute(t, pins->attribute);
    } else {
      text_add(t, "untranslated");
    }
    if (pins->hit) text_add(t, pins->hit == TW_PIN_HIT_L2 ? " L2 hit" : " hit");
  } else if (pins->status == TW_PIN_FAULT) {
    text_add(t, "FAULT ");
    text_add(t, tw_reason_name((tw_reason)pins->reason));
    text_add(t, ", ");
    text_add(t, tw_cause_name((tw_cause)pins->cause));
    text_mark(t, LANE_FAULT_COLOUR);
  } else {
    text_add(t, "RETRY");
    text_mark(t, LANE_AGAIN_COLOUR);
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
    text_add(t, in->mem.rsp_error ? " bus error" : l->updates[in->mem.rsp_id % LANE_IDS] ? " held " : " = ");
    if (!in->mem.rsp_error) text_add_hex(t, in->mem.rsp_data);
    l->reads_open--;
  } else if (out->mem.req_valid && !l->requesting) {
    text_clear(t);
    text_add(t, "@");
    text_add_hex(t, out->mem.req_addr);
    if (out->mem.req_kind == TW_PIN_MEM_CAS) {
      text_add(t, " := ");
      text_add_hex(t, out->mem.req_desired);
    }
  } else if (!l->requesting && l->reads_open == 0) {
    text_linger(t);
  }
  l->requesting = out->mem.req_valid && !in->mem.req_ready;
  if (!out->mem.req_valid || !in->mem.req_ready || !in->rst_n) return;
  l->reads[out->mem.req_id % LANE_IDS] = out->mem.req_addr;
  l->updates[out->mem.req_id % LANE_IDS] = out->mem.req_kind == TW_PIN_MEM_CAS;
  l->reads_open++;
}

static void fence_cycle(lane *l, const tw_pins_fence *fence) {
  text *t = &l->fence;
  if (!fence->valid) {
    text_linger(t);
    return;
  }
  text_clear(t);
  const char *name = tw_fence_kind_name(fence->kind);
  text_add(t, name ? name : "reserved fence");
  if (fence->kind >= TW_FENCE_SFENCE_W_INVAL) return;
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

/* "pmpaddr 3 := 20000fff" */
static void pmp_cycle(lane *l, const tw_pins_pmp *pmp) {
  text *t = &l->pmp;
  if (!pmp->valid) {
    text_linger(t);
    return;
  }
  text_clear(t);
  text_add(t, pmp->kind == TW_PIN_PMP_CFG ? "pmpcfg " : pmp->kind == TW_PIN_PMP_ADDR ? "pmpaddr " : "mseccfg");
  if (pmp->kind != TW_PIN_PMP_MSECCFG) text_add_number(t, pmp->index);
  text_add(t, " := ");
  text_add_hex(t, pmp->value);
}

/* "Sv39 root 80001000 asid 5, U SUM MXR ADUE PBMTE MPRV as S" */
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
  if (now->adue) text_add(t, " ADUE");
  if (now->pbmte) text_add(t, " PBMTE");
  if (!now->mprv) return;
  text_add(t, " MPRV as ");
  text_add(t, tw_privilege_name((tw_privilege)now->mpp));
}

static bool control_changes(const tw_mmu_probe *now, const tw_mmu_probe *next) {
  return now->satp != next->satp || now->privilege != next->privilege || now->mprv != next->mprv ||
         now->mpp != next->mpp || now->sum != next->sum || now->mxr != next->mxr || now->adue != next->adue ||
         now->pbmte != next->pbmte;
}

static void event_cycle(lane *l, uint32_t event) {
  if (event == l->last_event) return;
  l->last_event = event;
  text_clear(&l->event);
  for (unsigned bit = 0; bit < TW_EVENT_COUNT; bit++) {
    if ((event >> bit & 1u) == 0) continue;
    if (l->event.length) text_add(&l->event, " ");
    text_add_lower(&l->event, tw_event_name(bit));
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
  text_mark(t, LANE_FAULT_COLOUR);
}

void lane_cycle(lane *l, const tw_wave_sample *sample, const tw_mmu_probe *now, const tw_mmu_probe *next) {
  l->fault = 0;
  for (unsigned port = 0; port < TW_PORT_COUNT; port++) {
    answer_cycle(l, port, sample->model);
    request_cycle(l, port, sample, now);
  }
  for (unsigned i = 0; i < now->walker_count; i++) lane_walk_cycle(l, i, sample, now, next);
  memory_cycle(l, sample->in, sample->model);
  fence_cycle(l, &sample->in->fence);
  pmp_cycle(l, &sample->in->pmp);
  event_cycle(l, sample->model->event);
  if (!l->control_known) say_control(l, &l->control, now);
  l->control_known = !control_changes(now, next);
  text_clear(&l->differs);
  l->difference = sample->dut && memcmp(sample->dut, sample->model, sizeof *sample->dut) != 0;
  if (l->difference) say_difference(&l->differs, sample->dut, sample->model);
}
