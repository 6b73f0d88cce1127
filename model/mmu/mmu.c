/* The clock of the cycle model: control registers, lookups, and the order in which the events of a cycle are decided.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const tw_pins_response SHAPE_BUSY = {.req_ready = 0};
static const tw_pins_response SHAPE_RETRY = {.req_ready = 1, .valid = 1, .status = TW_PIN_RETRY};

/* Answers no request as an entry answers one. */
static const tlb_entry ENTRY_NONE = {.shape = {.req_ready = 1}, .use_keep = UINT64_MAX};

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

/* The entry that is known to answer the request, or NULL if that takes a search. */
static inline const tlb_entry *port_entry(const mmu_port *port, const tw_pins_request *request) {
  return request->valid ? tlb_line_entry(&port->tlb, request->va, request->kind) : &ENTRY_NONE;
}

/* L2, L5, or no request at all. Done twice it has the same effect as done once. */
static inline void entry_answer(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, const tlb_entry *entry) {
  mmu->event |= entry->event;
  tlb_use(&port->tlb, entry);
  port_show(port, &entry->shape, request->tag & entry->tag_mask, entry->shape.pa | (request->va & entry->offset_mask));
}

/* L6, M4, and the second half of M8. */
static void miss_answer(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, uint64_t va, bool satp_changes) {
  mmu->event |= (uint32_t)TW_EVENT_FETCH_MISS << port->event_shift;
  if (satp_changes) {
    retry_answer(mmu, port, request->tag);
    return;
  }
  port->slot = (mmu_slot){.full = true, .tag = request->tag, .kind = request->kind, .va = va, .context = port->context};
  mmu->busy = true;
  port_show(port, &SHAPE_BUSY, 0, 0);
}

/* L3 to L6. The entry that grants, or NULL if the request has its answer already or waits for a walk. */
static const tlb_entry *translated_search(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, uint64_t va,
                                          bool satp_changes) {
  if (!tw_va_canonical(mmu->config.mode, va)) {
    mmu_port_fault(port, request->tag, request->kind, va, TW_REASON_NOT_CANONICAL);
    return NULL;
  }
  const tlb_entry *entry = tlb_find(&port->tlb, tlb_key(mmu->row, va, port->context.satp.asid));
  if (!entry) {
    miss_answer(mmu, port, request, va, satp_changes);
    return NULL;
  }
  tw_reason reason = tw_permission_check(entry->shape.flags, (tw_access)request->kind, &port->context);
  if (reason == TW_OK) reason = tw_accessed_dirty_check(entry->shape.flags, (tw_access)request->kind);
  if (reason == TW_OK) return entry;
  mmu->event |= entry->event;
  tlb_use(&port->tlb, entry);
  mmu_port_fault(port, request->tag, request->kind, va, reason);
  port->own.hit = 1;
  return NULL;
}

/* L1, L2. */
static const tlb_entry *untranslated_search(const tw_mmu *mmu, mmu_port *port, const tw_pins_request *request,
                                            uint64_t va) {
  if (va >> mmu->row->pa_bits == 0) return &mmu->untranslated;
  mmu_port_fault(port, request->tag, request->kind, va, TW_REASON_PHYSICAL_RANGE);
  return NULL;
}

/* One cycle of a port whose slot is empty. */
static void port_lookup(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, bool satp_changes) {
  const tlb_entry *entry = port_entry(port, request);
  if (!entry) {
    uint64_t va = request->va & mmu->va_mask;
    entry = port->translates ? translated_search(mmu, port, request, va, satp_changes)
                             : untranslated_search(mmu, port, request, va);
    if (!entry) return;
    tlb_line_write(&port->tlb, request->va, request->kind, entry);
  }
  entry_answer(mmu, port, request, entry);
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
    tlb_lines_drop(&port->tlb);
  }
}

static void control_write(tw_mmu *mmu, const tw_pins_control *control, uint64_t satp) {
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
    unsigned count = p == TW_PORT_FETCH ? mmu->config.fetch_entries : mmu->config.data_entries;
    tlb_reset(&port->tlb, count, (uint32_t)TW_EVENT_FETCH_HIT << port->event_shift);
    port->slot.full = false;
    port_show(port, &ENTRY_NONE.shape, 0, 0);
  }
  control_derive(mmu);
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
  mmu->untranslated = (tlb_entry){.shape = {.req_ready = 1, .valid = 1, .status = TW_PIN_TRANSLATED},
                                  .tag_mask = (1u << TW_TAG_BITS) - 1u,
                                  .offset_mask = mmu->va_mask,
                                  .use_keep = UINT64_MAX};
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
    port_show(port, &ENTRY_NONE.shape, 0, 0);
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
  if (in->rst_n && !mmu->busy && !in->control.valid && !in->fence.valid) {
    mmu_port *port = &mmu->ports[TW_PORT_FETCH];
    const tlb_entry *entry = port_entry(port, &in->fetch);
    if (entry) {
      entry_answer(mmu, port, &in->fetch, entry);
      port = &mmu->ports[TW_PORT_DATA];
      entry = port_entry(port, &in->data);
      if (entry) {
        entry_answer(mmu, port, &in->data, entry);
        mmu->fence_done = 0;
        return;
      }
    }
  }
  mmu_clock(mmu, in);
}
