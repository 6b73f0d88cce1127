/* The clock of the cycle model: control registers, lookups, and the order in which the events of a cycle are decided.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const tw_pins_response SHAPE_READY = {.req_ready = 1};
static const tw_pins_response SHAPE_BUSY = {.req_ready = 0};
static const tw_pins_response SHAPE_UNTRANSLATED = {.req_ready = 1, .valid = 1, .status = TW_PIN_TRANSLATED};
static const tw_pins_response SHAPE_RETRY = {.req_ready = 1, .valid = 1, .status = TW_PIN_RETRY};

static inline void port_show(mmu_port *port, const tw_pins_response *shape, uint8_t tag, uint64_t pa) {
  port->shape = shape;
  port->tag = tag;
  port->pa = pa;
}

void mmu_port_fault(mmu_port *port, uint8_t tag, uint8_t kind, uint64_t va, tw_reason reason) {
  port->own = (tw_pins_response){.tval = va,
                                 .req_ready = 1,
                                 .valid = 1,
                                 .status = TW_PIN_FAULT,
                                 .reason = (uint8_t)reason,
                                 .cause = (uint8_t)tw_reason_cause(reason, (tw_access)kind)};
  port_show(port, &port->own, tag, 0);
}

static void retry_answer(tw_mmu *mmu, mmu_port *port, uint8_t tag) {
  port_show(port, &SHAPE_RETRY, tag, 0);
  mmu->event |= (uint32_t)TW_EVENT_FETCH_RETRY << port->event_shift;
}

/* Kinds above 3 must not be driven; the mask only keeps a mistake inside the table. */
static inline uint8_t kind_of(const tw_pins_request *request) {
  return request->kind & (TW_ACCESS_COUNT - 1u);
}

static void hit_fault(mmu_port *port, const tw_pins_request *request, uint64_t va, uint8_t reason) {
  mmu_port_fault(port, request->tag, kind_of(request), va, (tw_reason)reason);
  port->own.hit = 1;
}

/* L4, L5. */
static inline void hit_answer(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, uint64_t va,
                              const tlb_entry *entry) {
  mmu->event |= (uint32_t)TW_EVENT_FETCH_HIT << port->event_shift;
  tlb_use(&port->tlb, entry);
  uint8_t reason = port->grants[kind_of(request)][entry->shape.flags];
  if (__builtin_expect(reason != TW_OK, 0)) {
    hit_fault(port, request, va, reason);
  } else {
    port_show(port, &entry->shape, request->tag, entry->shape.pa | (va & entry->offset_mask));
  }
}

/* L6, M4, and the second half of M8. */
static void miss_answer(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, uint64_t va, bool satp_changes) {
  mmu->event |= (uint32_t)TW_EVENT_FETCH_MISS << port->event_shift;
  if (satp_changes) {
    retry_answer(mmu, port, request->tag);
    return;
  }
  port->slot =
      (mmu_slot){.full = true, .tag = request->tag, .kind = kind_of(request), .va = va, .context = port->context};
  mmu->busy = true;
  port_show(port, &SHAPE_BUSY, 0, 0);
}

/* L3 to L6 for a page of which the lines know nothing. */
static __attribute__((noinline)) void lookup_search(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request,
                                                    uint64_t va, bool satp_changes) {
  if (!tw_va_canonical(mmu->config.mode, va)) {
    mmu_port_fault(port, request->tag, kind_of(request), va, TW_REASON_NOT_CANONICAL);
    return;
  }
  tlb_entry *entry = tlb_find(&port->tlb, tlb_key(mmu->row, va, port->context.satp.asid));
  if (!entry) {
    miss_answer(mmu, port, request, va, satp_changes);
    return;
  }
  *tlb_line_of(&port->tlb, va) = (tlb_line){.tag = tlb_line_tag(&port->tlb, va), .entry = entry};
  hit_answer(mmu, port, request, va, entry);
}

/* L1, L2. */
static void untranslated_answer(const tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, uint64_t va) {
  if (va >> mmu->row->pa_bits != 0) {
    mmu_port_fault(port, request->tag, kind_of(request), va, TW_REASON_PHYSICAL_RANGE);
  } else {
    port_show(port, &SHAPE_UNTRANSLATED, request->tag, va);
  }
}

/* One cycle of a port whose slot is empty. */
static inline void port_lookup(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, bool satp_changes) {
  if (!request->valid) {
    port_show(port, &SHAPE_READY, 0, 0);
    return;
  }
  uint64_t va = request->va & mmu->va_mask;
  if (__builtin_expect(!port->translates, 0)) {
    untranslated_answer(mmu, port, request, va);
    return;
  }
  const tlb_line *line = tlb_line_of(&port->tlb, va);
  if (__builtin_expect(line->tag == tlb_line_tag(&port->tlb, va), 1)) {
    hit_answer(mmu, port, request, va, line->entry);
  } else {
    lookup_search(mmu, port, request, va, satp_changes);
  }
}

/* satp as a control write leaves it (M1, P7). */
static uint64_t satp_after(const tw_mmu *mmu, const tw_pins_control *control) {
  tw_satp decoded;
  uint64_t written = control->satp & mmu->satp_mask;
  bool known = tw_satp_decode(mmu->row->xlen, written, &decoded);
  bool supported = known && (decoded.mode == TW_BARE || decoded.mode == mmu->config.mode);
  return supported ? written : mmu->satp;
}

/* What follows from the control registers, once for all accesses until the next write. */
static void control_derive(tw_mmu *mmu) {
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    mmu_port *port = &mmu->ports[p];
    tw_access access = p == TW_PORT_FETCH ? TW_FETCH : TW_LOAD;
    tw_context *context = &port->context;
    tw_satp_decode(mmu->row->xlen, mmu->satp, &context->satp);
    context->privilege = tw_privilege_effective(&mmu->status, access);
    context->sum = mmu->sum;
    context->mxr = mmu->mxr;
    context->xlen = mmu->row->xlen;
    port->translates = tw_context_translates(context);
    unsigned user = context->privilege == TW_USER ? 4u : 0u;
    port->grants = mmu->grants[user | (context->sum ? 2u : 0u) | (context->mxr ? 1u : 0u)];
  }
}

static void control_write(tw_mmu *mmu, const tw_pins_control *control, uint64_t satp) {
  if (satp != mmu->satp) {
    for (unsigned p = 0; p < TW_PORT_COUNT; p++) tlb_lines_drop(&mmu->ports[p].tlb);
  }
  mmu->satp = satp;
  mmu->status = (tw_status){
      .privilege = (tw_privilege)control->privilege, .mprv = control->mprv != 0, .mpp = (tw_privilege)control->mpp};
  mmu->sum = control->sum != 0;
  mmu->mxr = control->mxr != 0;
  control_derive(mmu);
}

static void mmu_reset(tw_mmu *mmu) {
  mmu->event = 0;
  mmu->fence_done = 0;
  mmu->busy = false;
  mmu->mem = (tw_pins_memory_out){0};
  mmu->walker = (mmu_walker){.state = TW_WALKER_IDLE};
  mmu->satp = 0;
  mmu->status = (tw_status){.privilege = TW_MACHINE, .mprv = false, .mpp = TW_USER};
  mmu->sum = false;
  mmu->mxr = false;
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    mmu_port *port = &mmu->ports[p];
    tlb_reset(&port->tlb, p == TW_PORT_FETCH ? mmu->config.fetch_entries : mmu->config.data_entries);
    port->slot.full = false;
    port_show(port, &SHAPE_READY, 0, 0);
  }
  control_derive(mmu);
}

/* Reasons of D9 to D15 for every context, kind and flags, from the oracle's own decisions. */
static void grants_prepare(tw_mmu *mmu) {
  for (unsigned row = 0; row < MMU_GRANT_ROWS; row++) {
    tw_context context = {.satp = {.mode = mmu->config.mode},
                          .privilege = (row & 4u) != 0 ? TW_USER : TW_SUPERVISOR,
                          .sum = (row & 2u) != 0,
                          .mxr = (row & 1u) != 0,
                          .xlen = mmu->row->xlen};
    for (unsigned kind = 0; kind < TW_ACCESS_COUNT; kind++) {
      for (unsigned flags = 0; flags < MMU_GRANT_COLUMNS; flags++) {
        tw_reason reason = tw_permission_check((uint8_t)flags, (tw_access)kind, &context);
        if (reason == TW_OK) reason = tw_accessed_dirty_check((uint8_t)flags, (tw_access)kind);
        mmu->grants[row][kind][flags] = (uint8_t)reason;
      }
    }
  }
}

tw_mmu *tw_mmu_open(const tw_config *config, tw_error *error) {
  if (!tw_config_validate(config, error)) return NULL;
  tw_mmu *mmu = calloc(1, sizeof *mmu);
  if (!mmu) {
    tw_error_set(error, "no memory for a model of %zu bytes", sizeof *mmu);
    return NULL;
  }
  mmu->config = *config;
  mmu->row = tw_mode_row(config->mode);
  bool is_rv32 = mmu->row->xlen == 32;
  mmu->va_mask = is_rv32 ? UINT32_MAX : UINT64_MAX;
  mmu->asid_mask = (uint16_t)((1u << config->asid_bits) - 1u);
  /* In satp the ASID stands right above the PPN, in every mode (rule satp_mode). */
  uint64_t asid_field = ((UINT64_C(1) << mmu->row->asid_bits) - 1) << mmu->row->ppn_bits;
  mmu->satp_mask = mmu->va_mask & ~(asid_field & ~((uint64_t)mmu->asid_mask << mmu->row->ppn_bits));
  mmu->ports[TW_PORT_DATA].event_shift = 4;
  grants_prepare(mmu);
  mmu_reset(mmu);
  return mmu;
}

void tw_mmu_close(tw_mmu *mmu) {
  free(mmu);
}

static void fence_apply(tw_mmu *mmu, const tw_pins_fence *fence) {
  tlb_fence revoked = {.has_va = fence->has_va != 0,
                       .has_asid = fence->has_asid != 0,
                       .va = fence->va & mmu->va_mask,
                       .asid = fence->asid & mmu->asid_mask};
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) tlb_invalidate(&mmu->ports[p].tlb, mmu->row, &revoked);
}

/* A port whose slot is full: cancel before RETRY (M8, M9); the walker's answer, if any, comes after. */
static void slot_clock(tw_mmu *mmu, mmu_port *port, bool cancelled, bool satp_changes) {
  port_show(port, &SHAPE_BUSY, 0, 0);
  if (cancelled) {
    port->slot.full = false;
    port_show(port, &SHAPE_READY, 0, 0);
  } else if (satp_changes) {
    port->slot.full = false;
    retry_answer(mmu, port, port->slot.tag);
  }
}

/* A cycle in which anything but lookups may happen. */
static __attribute__((noinline)) void mmu_clock(tw_mmu *mmu, const tw_pins_in *in) {
  if (!in->rst_n) {
    mmu_reset(mmu);
    return;
  }
  const tw_pins_request *requests[TW_PORT_COUNT] = {&in->fetch, &in->data};
  uint64_t satp = in->control.valid ? satp_after(mmu, &in->control) : mmu->satp;
  mmu_happening happening = {.satp_changes = satp != mmu->satp};
  happening.fence =
      in->fence.valid && (!in->fence.has_va || tw_va_canonical(mmu->config.mode, in->fence.va & mmu->va_mask));
  bool full[TW_PORT_COUNT];
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    const mmu_slot *slot = &mmu->ports[p].slot;
    full[p] = slot->full;
    happening.cancels[p] = slot->full && requests[p]->cancel_valid && requests[p]->cancel_tag == slot->tag;
    if (full[p]) slot_clock(mmu, &mmu->ports[p], happening.cancels[p], happening.satp_changes);
  }
  mmu_walker_clock(mmu, &in->mem, &happening);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    if (!full[p]) port_lookup(mmu, &mmu->ports[p], requests[p], happening.satp_changes);
  }
  mmu->busy =
      mmu->ports[TW_PORT_FETCH].slot.full || mmu->ports[TW_PORT_DATA].slot.full || mmu->walker.state != TW_WALKER_IDLE;
  if (happening.fence) fence_apply(mmu, &in->fence);
  if (in->fence.valid) mmu->event |= TW_EVENT_FENCE;
  mmu->fence_done = in->fence.valid != 0;
  if (in->control.valid) control_write(mmu, &in->control, satp);
}

static inline void response_write(tw_pins_response *response, const mmu_port *port) {
  *response = *port->shape;
  response->pa = port->pa;
  response->tag = port->tag;
}

void tw_mmu_cycle(tw_mmu *mmu, const tw_pins_in *in, tw_pins_out *out) {
  response_write(&out->fetch, &mmu->ports[TW_PORT_FETCH]);
  response_write(&out->data, &mmu->ports[TW_PORT_DATA]);
  out->mem = mmu->mem;
  out->event = mmu->event;
  out->fence_ready = 1;
  out->fence_done = mmu->fence_done;
  memset(out->zero, 0, sizeof out->zero);
  mmu->event = 0;
  if (__builtin_expect(!in->rst_n || mmu->busy || in->control.valid || in->fence.valid, 0)) {
    mmu_clock(mmu, in);
    return;
  }
  mmu->fence_done = 0;
  port_lookup(mmu, &mmu->ports[TW_PORT_FETCH], &in->fetch, false);
  port_lookup(mmu, &mmu->ports[TW_PORT_DATA], &in->data, false);
}
