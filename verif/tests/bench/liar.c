/* The model behind a lie.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "liar.h"

#include <stdlib.h>
#include <string.h>

#include "dut_loader.h"
#include "twinwalk/spec.h"

struct tw_dut {
  tw_dut *model;
  uint64_t cycle;
  uint64_t va[1u << TW_TAG_BITS]; /* of the data port's requests */
  tw_pins_memory_out lost;        /* an update that memory is not told of; req_valid: its answer is due */
};

/* A table of functions has no payload: the plan of the run is here. */
static liar_plan *current;
static bool current_predicted;

static const tw_dut_description *liar_describe(void) {
  static tw_dut_description description;
  description = *tw_dut_model_table()->describe();
  description.name = "liar";
  description.cycles_predicted = current_predicted;
  description.extensions &= ~current->lacks;
  if (current->lacks & TW_EXT_SVADU) description.ad = TW_DUT_SVADE;
  return &description;
}

static tw_dut *liar_open(const tw_dut_options *options, tw_error *error) {
  tw_dut *dut = calloc(1, sizeof *dut);
  if (!dut) return NULL;
  tw_dut_options truth = *options;
  if (current->has) truth.config_text = current->has;
  dut->model = tw_dut_model_table()->open(&truth, error);
  current->at = UINT64_MAX;
  return dut;
}

static void liar_close(tw_dut *dut) {
  tw_dut_model_table()->close(dut->model);
  free(dut);
}

static bool lie_tell(tw_pins_out *out) {
  tw_pins_response *data = &out->data;
  switch (current->what) {
  case LIE_ADDRESS:
    if (!data->valid || data->status != TW_PIN_TRANSLATED) return false;
    data->pa ^= 0x1000;
    return true;
  case LIE_REASON:
    if (!data->valid || data->reason != TW_REASON_INVALID) return false;
    data->reason = TW_REASON_USER_DENIED;
    return true;
  case LIE_HIT:
    if (!data->valid || data->status == TW_PIN_RETRY) return false;
    data->hit ^= TW_PIN_HIT_L1;
    return true;
  case LIE_READ:
    if (!out->mem.req_valid) return false;
    out->mem.req_addr ^= 0x800;
    return true;
  case LIE_TAG:
    if (!data->valid) return false;
    data->tag ^= 8;
    return true;
  case LIE_EVENT:
    out->event ^= TW_EVENT_WALK_KILL;
    return true;
  case LIE_UPDATE:
    if (!out->mem.req_valid || out->mem.req_kind != TW_PIN_MEM_CAS || out->mem.req_desired & TW_PTE_D) return false;
    out->mem.req_desired |= TW_PTE_D;
    return true;
  default:
    return false;
  }
}

/* The design is told that its update was made, and memory hears nothing of it. */
static void updates_lose(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  tw_pins_in told = *in;
  if (dut->lost.req_valid) {
    told.mem.rsp_valid = 1;
    told.mem.rsp_id = dut->lost.req_id;
    told.mem.rsp_data = dut->lost.req_expected;
    dut->lost.req_valid = 0;
  }
  tw_dut_model_table()->cycle(dut->model, &told, out);
  if (!out->mem.req_valid || out->mem.req_kind != TW_PIN_MEM_CAS) return;
  if (in->mem.req_ready) dut->lost = out->mem;
  memset(&out->mem, 0, sizeof out->mem);
  if (current->at == UINT64_MAX) current->at = dut->cycle;
}

static void liar_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  if (current->what == LIE_LOST && in->rst_n) {
    updates_lose(dut, in, out);
    dut->cycle++;
    return;
  }
  tw_dut_model_table()->cycle(dut->model, in, out);
  if (!in->rst_n) return;
  if (in->data.valid) dut->va[in->data.tag] = in->data.va;
  uint64_t cycle = dut->cycle++;
  if (cycle < current->from) return;
  if (current->what == LIE_SILENCE) {
    out->data.valid = out->fetch.valid = 0;
    out->data.req_ready = out->fetch.req_ready = out->fence_done = 0;
    memset(&out->mem, 0, sizeof out->mem);
    current->at = current->from;
    return;
  }
  if (current->at != UINT64_MAX) return;
  uint8_t tag = out->data.tag;
  if (!lie_tell(out)) return;
  current->at = cycle;
  current->va = dut->va[tag];
}

const tw_dut_table *liar_table(liar_plan *plan, bool predicted) {
  static const tw_dut_table table = {
      .abi = TW_DUT_ABI, .describe = liar_describe, .open = liar_open, .close = liar_close, .cycle = liar_cycle};
  current = plan;
  current_predicted = predicted;
  return &table;
}
