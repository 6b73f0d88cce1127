/* The clock of the cycle model: the order in which what happens in a cycle is decided.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Answers no request as an entry answers one. */
static const tlb_entry ENTRY_NONE = {.use_keep = UINT64_MAX};

static void mmu_reset(tw_mmu *mmu) {
  mmu->next = (tw_pins_out){.fence_ready = 1};
  mmu->fence_owed = false;
  mmu->walkers_busy = 0;
  mmu->outstanding = false;
  mmu->active = false;
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) mmu_port_reset(mmu, (tw_port)p);
  mmu_slots_reset(mmu);
  mmu_walkers_reset(mmu);
  mmu_l2_reset(mmu);
  mmu_pointers_reset(mmu);
  mmu_control_reset(mmu);
}

/* What follows from the configuration. */
static void mmu_configure(tw_mmu *mmu, const tw_config *config) {
  const tw_mode_info *row = tw_mode_row(config->mode);
  bool is_rv32 = row->xlen == 32;
  mmu->config = *config;
  mmu->row = row;
  mmu->slot_count = config->data_slots + config->fetch_slots;
  mmu->va_mask = is_rv32 ? UINT32_MAX : UINT64_MAX;
  mmu->pte_mask = row->pte_bytes == 4 ? UINT32_MAX : UINT64_MAX;
  mmu->asid_mask = (uint16_t)((1u << config->asid_bits) - 1u);
  /* In satp the ASID stands right above the PPN, in every mode (rule satp_mode). */
  uint64_t asid_field = ((UINT64_C(1) << row->asid_bits) - 1) << row->ppn_bits;
  mmu->satp_mask = mmu->va_mask & ~(asid_field & ~((uint64_t)mmu->asid_mask << row->ppn_bits));
  uint64_t vpn = (UINT64_C(1) << (row->levels * row->vpn_bits)) - 1;
  for (unsigned level = 0; level < row->levels; level++)
    mmu->vpn_masks[level] = vpn & ~((UINT64_C(1) << (level * row->vpn_bits)) - 1);
  mmu->napot_mask = vpn & ~UINT64_C(15);
  mmu->pmp = (tw_pmp){.count = config->pmp_entries,
                      .grain = config->pmp_grain,
                      .xlen = row->xlen,
                      .smepmp = (config->extensions & TW_EXT_SMEPMP) != 0};
  mmu->machine = (tw_machine){.pa_bits = config->pa_bits, .pmp = &mmu->pmp, .regions = &mmu->config.regions};
  mmu->unprotected = config->pmp_entries == 0 && config->regions.count == 0;
  mmu->ports[TW_PORT_DATA].event_shift = 4;
  mmu->untranslated = (tlb_entry){.shape = {.valid = 1, .status = TW_PIN_TRANSLATED},
                                  .tag_mask = TAG_MASK,
                                  .offset_mask = mmu->va_mask,
                                  .use_keep = UINT64_MAX};
}

tw_mmu *tw_mmu_open(const tw_config *config, tw_error *error) {
  if (!tw_config_validate(config, error)) return NULL;
  size_t bytes = sizeof(tw_mmu) + mmu_l2_bytes(&config->l2);
  tw_mmu *mmu = calloc(1, bytes);
  if (!mmu) {
    tw_error_set(error, "no memory for a model of %zu bytes", bytes);
    return NULL;
  }
  mmu_configure(mmu, config);
  mmu_l2_open(&mmu->l2, &config->l2, mmu + 1);
  mmu_reset(mmu);
  return mmu;
}

void tw_mmu_close(tw_mmu *mmu) {
  free(mmu);
}

/* From the registers and inputs of cycle t. */
static mmu_now now_find(const tw_mmu *mmu, const tw_pins_in *in) {
  mmu_now now = {.in = in, .satp = mmu->satp, .filled = {NO_ONE, NO_ONE}};
  if (in->control.valid) now.satp = mmu_satp_after(mmu, &in->control);
  now.satp_changes = now.satp != mmu->satp;
  if (in->fence.valid && mmu->next.fence_ready) now.fence_effect = mmu_fence_effect(mmu, &in->fence, &now.fence);
  now.cancelled = mmu_slots_cancelled(mmu, in);
  now.waiting = mmu->slots_in[TW_SLOT_WAITING];
  now.answered = mmu_walker_answered(mmu, &in->mem);
  now.killed = mmu_walkers_killed(mmu, &now);
  return now;
}

/* Whether the page-table port or the decision unit have anything to do. */
static bool walkers_move(const tw_mmu *mmu, const mmu_now *now) {
  return mmu->offered != NO_ONE || mmu->denied != NO_ONE || now->answered != NO_ONE ||
         mmu->walkers_in[TW_WALKER_DECIDE] != 0;
}

/* What the next cycle has to know before it begins. */
static void next_prepare(tw_mmu *mmu) {
  mmu_request_choose(mmu);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) mmu_port_answer(mmu, (tw_port)p);
  unsigned empty = mmu->slots_in[TW_SLOT_EMPTY];
  unsigned moving = mmu->slots_in[TW_SLOT_SEARCH] | mmu->slots_in[TW_SLOT_SEARCHING] | mmu->slots_in[TW_SLOT_WAITING] |
                    mmu->slots_in[TW_SLOT_DONE];
  unsigned asking =
      mmu->walkers_in[TW_WALKER_REQUEST] | mmu->walkers_in[TW_WALKER_UPDATE] | mmu->walkers_in[TW_WALKER_DECIDE];
  mmu->outstanding = mmu->walkers_busy != 0 || empty != (1u << mmu->slot_count) - 1u;
  mmu->active = moving != 0 || asking != 0 || mmu->l2.sweeping || mmu->fence_owed;
}

/* A cycle in which anything but lookups may happen. */
static __attribute__((noinline)) void mmu_clock(tw_mmu *mmu, const tw_pins_in *in) {
  if (!in->rst_n) {
    mmu_reset(mmu);
    return;
  }
  mmu_now now = now_find(mmu, in);
  unsigned searching = mmu->slots_in[TW_SLOT_SEARCH] | mmu->slots_in[TW_SLOT_SEARCHING];
  mmu->next.walkers = mmu->walkers_busy;
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) mmu_port_lookup(mmu, (tw_port)p, &now);
  if (now.cancelled) mmu_slots_cancel(mmu, &now);
  if (now.waiting) mmu_walkers_take(mmu, &now);
  if (now.killed) mmu_walkers_kill(mmu, &now);
  if (walkers_move(mmu, &now)) mmu_walkers_clock(mmu, &now);
  if (now.satp_changes) mmu_slots_retry(mmu);
  if (searching) mmu_l2_clock(mmu, &now);
  mmu_slots_fill(mmu, &now);
  mmu->next.fence_done = 0;
  if (in->fence.valid || mmu->l2.sweeping || mmu->fence_owed) mmu_fence_clock(mmu, &now);
  if (in->pmp.valid) mmu_pmp_write(mmu, &in->pmp);
  if (in->control.valid) mmu_control_write(mmu, &now);
  next_prepare(mmu);
}

/* The entry that is known to answer the request, or NULL if that takes a search. */
static inline const tlb_entry *port_entry(const tw_mmu *mmu, const mmu_port *port, const tw_pins_request *request) {
  if (!request->valid) return &ENTRY_NONE;
  return port->ready ? tlb_line_entry(&port->tlb, request->va & mmu->va_mask, request->kind) : NULL;
}

static inline void entry_answer(tw_mmu *mmu, mmu_port *port, const tw_pins_request *request, const tlb_entry *entry) {
  mmu->next.event |= entry->event;
  tlb_use(&port->tlb, entry);
  port->shape = &entry->shape;
  port->tag = request->tag & entry->tag_mask;
  port->pa = entry->shape.pa | (request->va & entry->offset_mask);
}

/* A cycle in which nothing but lookups happens, each of which is answered by an entry that is known. False, and nothing
 * is changed, if it is not. */
static inline bool quiet_clock(tw_mmu *mmu, const tw_pins_in *in) {
  unsigned answers = in->mem.rsp_valid | in->fetch.cancel_valid | in->data.cancel_valid;
  unsigned writes = in->control.valid | in->fence.valid | in->pmp.valid;
  if (!in->rst_n || (writes | (answers & mmu->outstanding) | mmu->active)) return false;
  mmu_port *fetch = &mmu->ports[TW_PORT_FETCH];
  mmu_port *data = &mmu->ports[TW_PORT_DATA];
  const tlb_entry *fetch_entry = port_entry(mmu, fetch, &in->fetch);
  const tlb_entry *data_entry = port_entry(mmu, data, &in->data);
  if (!fetch_entry || !data_entry) return false;
  entry_answer(mmu, fetch, &in->fetch, fetch_entry);
  entry_answer(mmu, data, &in->data, data_entry);
  mmu->next.fence_done = 0;
  mmu->next.walkers = mmu->walkers_busy;
  return true;
}

static inline void response_write(tw_pins_response *response, const mmu_port *port) {
  *response = *port->shape;
  response->pa = port->pa;
  response->tag = port->tag;
  response->req_ready = port->ready;
}

void tw_mmu_cycle(tw_mmu *mmu, const tw_pins_in *in, tw_pins_out *out) {
  response_write(&out->fetch, &mmu->ports[TW_PORT_FETCH]);
  response_write(&out->data, &mmu->ports[TW_PORT_DATA]);
  memcpy(&out->mem, &mmu->next.mem, sizeof *out - offsetof(tw_pins_out, mem));
  mmu->next.event = 0;
  if (!quiet_clock(mmu, in)) mmu_clock(mmu, in);
}
