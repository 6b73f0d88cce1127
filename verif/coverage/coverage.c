/* Opens the collector, and leads it through a cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "internal.h"

tw_coverage *tw_coverage_open(const tw_config *config) {
  tw_coverage *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  self->config = *config;
  self->row = tw_mode_row(config->mode);
  self->vpn_mask = (UINT64_C(1) << (self->row->levels * self->row->vpn_bits)) - 1;
  self->xlen = self->row->xlen;
  self->reset = self->pmp_changes = true;
  self->machine = (tw_machine){.pa_bits = config->pa_bits, .pmp = &self->pmp, .regions = &self->config.regions};
  self->tally = tally_open();
  if (self->tally) return self;
  free(self);
  return NULL;
}

void tw_coverage_close(tw_coverage *coverage) {
  if (!coverage) return;
  tally_close(coverage->tally);
  free(coverage);
}

void tw_coverage_tables(tw_coverage *coverage, const tw_table_memory *tables) {
  coverage->tables = tables;
}

uint64_t tw_coverage_count(const tw_coverage *coverage, const char *point) {
  return tally_count(coverage->tally, point);
}

bool tw_coverage_write(const tw_coverage *coverage, const char *path, tw_error *error) {
  return tally_write(coverage->tally, path, error);
}

void tw_coverage_before(tw_coverage *coverage, const tw_mmu *mmu, const tw_pins_in *in) {
  coverage->previous = coverage->now;
  tw_mmu_probe_read(mmu, &coverage->now);
  if (coverage->reset) coverage->previous = coverage->now;
  coverage->reset = false;
  if (coverage->pmp_changes) coverage->pmp = *tw_mmu_pmp(mmu);
  coverage->pmp_changes = false;
  coverage_walks_begin(coverage);
  coverage_lookups(coverage, mmu, in);
  if (in->rst_n && in->fence.valid && coverage_fence_ready(coverage)) coverage_fence(coverage, mmu, in);
}

/* The MMU forgets everything (P4). */
static void reset_take(tw_coverage *coverage) {
  for (unsigned w = 0; w < coverage->now.walker_count; w++) {
    const tw_mmu_walker *walker = &coverage->now.walkers[w];
    if (walker->state != TW_WALKER_IDLE && !walker->killed) COVER(coverage, POINT_WALK_KILLED, BY_RESET, walker->level);
    coverage->walks[w] = (coverage_walk){0};
  }
  coverage_pmp_reset(coverage);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    for (unsigned t = 0; t < TAGS; t++) coverage->flights[p][t].open = false;
    coverage->fills[p] = false;
  }
  for (unsigned bit = 0; bit < BIT_COUNT; bit++) coverage->changed[bit] = 0;
  coverage->open = coverage->order_count = coverage->sequence = 0;
  coverage->pmp_written = coverage->asid_cut = coverage->fence_open = false;
  coverage->fences++;
  coverage->reset = coverage->pmp_changes = true;
}

static void flight_close(tw_coverage *coverage, coverage_flight *flight) {
  if (!flight->open) return;
  flight->open = false;
  coverage->open--;
}

static void port_answer(tw_coverage *coverage, tw_port port, const tw_pins_response *response) {
  if (!response->valid) return;
  coverage_flight *flight = &coverage->flights[port][response->tag];
  if (!flight->open) return;
  coverage_answer(coverage, flight, response);
  flight_close(coverage, flight);
}

/* Cancels are of requests before this cycle's. */
static void port_take(tw_coverage *coverage, tw_port port, const tw_pins_request *request, bool ready) {
  if (request->cancel_valid) flight_close(coverage, &coverage->flights[port][request->cancel_tag]);
  if (!request->valid || !ready) return;
  coverage_flight *flight = &coverage->flights[port][request->tag];
  coverage_request(coverage, flight, request, &coverage->lookups[port]);
  if (coverage->lookups[port].matched) coverage_control_hit(coverage, port, coverage->lookups[port].index);
  coverage->open++;
}

void tw_coverage_after(tw_coverage *coverage, const tw_pins_in *in, const tw_pins_out *out) {
  port_answer(coverage, TW_PORT_FETCH, &out->fetch);
  port_answer(coverage, TW_PORT_DATA, &out->data);
  coverage->cycle++;
  if (!in->rst_n) {
    reset_take(coverage);
    return;
  }
  if (out->fence_done) coverage->fence_open = false;
  if (in->fence.valid && out->fence_ready) {
    if (coverage->open > 0) COVER(coverage, POINT_FENCE_OUTSTANDING);
    coverage->fence_open = true;
  }
  coverage_walks(coverage, in, out);
  port_take(coverage, TW_PORT_FETCH, &in->fetch, out->fetch.req_ready);
  port_take(coverage, TW_PORT_DATA, &in->data, out->data.req_ready);
  if (in->control.valid) coverage_control(coverage, &in->control);
  if (in->pmp.valid) coverage_pmp_write(coverage, &in->pmp);
}
