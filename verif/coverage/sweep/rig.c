/* Clocks model and design with the same pins, and compares all outputs in every cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "config_file.h"
#include "pin_table.h"

#define RESET_CYCLES 2u
#define HANG_CYCLES 4000u /* more than a sweep of the largest L2 TLB takes */

bool sweep_rig_open(sweep_rig *rig, const tw_config *config, const tw_dut_table *table, tw_error *error) {
  char text[TW_CONFIG_TEXT_BYTES];
  tw_config_format(config, text, sizeof text);
  const tw_dut_options options = {.config_text = text, .seed = 1};
  *rig = (sweep_rig){.config = config, .table = table};
  rig->design = table->open(&options, error);
  if (rig->design) rig->model = tw_mmu_open(config, error);
  if (rig->model) rig->coverage = tw_coverage_open(config);
  if (rig->coverage) return true;
  sweep_rig_close(rig);
  return rig->model ? tw_error_set(error, "memory is out") : false;
}

void sweep_rig_close(sweep_rig *rig) {
  tw_coverage_close(rig->coverage);
  if (rig->model) tw_mmu_close(rig->model);
  if (rig->design) rig->table->close(rig->design);
  rig->coverage = NULL;
  rig->design = NULL;
}

static bool outputs_equal(sweep_rig *rig, const tw_pins_out *design) {
  const tw_pin *pins[4];
  if (memcmp(&rig->out, design, sizeof *design) == 0) return true;
  const size_t count = tw_pins_differ(&rig->out, design, pins, 4);
  size_t used = (size_t)snprintf(rig->said, sizeof rig->said, "cycle %llu:", (unsigned long long)rig->cycle);
  for (size_t i = 0; i < count && i < 4; i++)
    used += (size_t)snprintf(
        rig->said + used, sizeof rig->said - used, " %s is 0x%llx in the model, 0x%llx in the design;", pins[i]->name,
        (unsigned long long)tw_pin_value(pins[i], &rig->out), (unsigned long long)tw_pin_value(pins[i], design));
  return count == 0; /* bytes that are no pins may differ */
}

/* One cycle of both. In the first cycles of all there is nothing to compare. */
static bool both_clock(sweep_rig *rig, bool known) {
  tw_pins_out design = {0};
  tw_error error = {0};
  tw_memory_read read;
  if (rig->in.rst_n) tw_memory_drive(rig->memory, rig->cycle, &rig->in.mem);
  tw_coverage_before(rig->coverage, rig->model, &rig->in);
  tw_mmu_cycle(rig->model, &rig->in, &rig->out);
  tw_coverage_after(rig->coverage, &rig->in, &rig->out);
  rig->table->cycle(rig->design, &rig->in, &design);
  if (known && !outputs_equal(rig, &design)) return false;
  if (rig->in.rst_n &&
      tw_memory_observe(rig->memory, rig->cycle, &rig->out.mem, &read, &error) == TW_MEMORY_VIOLATION) {
    snprintf(rig->said, sizeof rig->said, "cycle %llu: %s", (unsigned long long)rig->cycle, error.text);
    return false;
  }
  rig->answers += rig->out.fetch.valid + (uint64_t)rig->out.data.valid;
  rig->cycle++;
  rig->cycles++;
  return true;
}

static void everything_forget(sweep_rig *rig) {
  tw_memory_reset(rig->memory);
  rig->in = (tw_pins_in){.rst_n = 1};
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    rig->asked[p] = 0;
    rig->port_step[p] = NULL;
  }
  rig->fence_step = NULL;
  rig->fences = 0;
}

bool sweep_rig_begin(sweep_rig *rig, tw_memory *memory) {
  const bool first = rig->cycles == 0;
  rig->memory = memory;
  rig->tables = tw_memory_oracle(memory);
  tw_coverage_tables(rig->coverage, &rig->tables);
  rig->cycle = 0;
  everything_forget(rig);
  rig->in.rst_n = 0;
  for (unsigned i = 0; i < RESET_CYCLES; i++)
    if (!both_clock(rig, !first)) return false;
  rig->in.rst_n = 1;
  return true;
}

static tw_pins_request *port_pins(sweep_rig *rig, tw_port port) {
  return port == TW_PORT_FETCH ? &rig->in.fetch : &rig->in.data;
}

/* Puts a step on its pins. False if they are taken. */
static bool step_present(sweep_rig *rig, const sweep_step *step) {
  tw_pins_request *pins = port_pins(rig, step->port);
  switch (step->kind) {
  case SWEEP_ACCESS:
    if (rig->port_step[step->port]) return false;
    if ((unsigned)rig->asked[step->port] >> step->access.tag & 1u) return false;
    rig->port_step[step->port] = step;
    pins->va = step->access.va;
    pins->valid = 1;
    pins->tag = step->access.tag;
    pins->kind = step->access.kind;
    pins->speculative = step->access.speculative;
    pins->size = step->access.size;
    return true;
  case SWEEP_FENCE:
    if (rig->fence_step) return false;
    rig->fence_step = step;
    rig->in.fence = step->fence;
    return true;
  case SWEEP_CONTROL:
    rig->in.control = step->control;
    return true;
  case SWEEP_PMP:
    rig->in.pmp = step->pmp;
    return true;
  case SWEEP_CANCEL:
    pins->cancel_valid = 1;
    pins->cancel_tag = step->access.tag;
    return true;
  case SWEEP_STORE:
    return tw_memory_write(rig->memory, step->pa, rig->config->mode == TW_SV32 ? 4 : 8, step->value);
  case SWEEP_RESET:
    everything_forget(rig);
    rig->in.rst_n = 0;
    return true;
  }
  return false;
}

static void port_observe(sweep_rig *rig, tw_port port, const tw_pins_response *response) {
  tw_pins_request *pins = port_pins(rig, port);
  if (response->valid) rig->asked[port] &= (uint16_t) ~(1u << response->tag);
  if (pins->cancel_valid) rig->asked[port] &= (uint16_t) ~(1u << pins->cancel_tag);
  pins->cancel_valid = pins->cancel_tag = 0;
  if (!rig->port_step[port] || !response->req_ready) return;
  rig->asked[port] |= (uint16_t)(1u << pins->tag);
  rig->port_step[port] = NULL;
  *pins = (tw_pins_request){0};
}

/* Takes what was on the pins of a cycle off them, if it is done. */
static void cycle_observe(sweep_rig *rig) {
  if (!rig->in.rst_n) {
    rig->in.rst_n = 1;
    return;
  }
  port_observe(rig, TW_PORT_FETCH, &rig->out.fetch);
  port_observe(rig, TW_PORT_DATA, &rig->out.data);
  if (rig->out.fence_done) rig->fences--;
  if (rig->fence_step && rig->out.fence_ready) {
    rig->fences++;
    rig->fence_step = NULL;
    rig->in.fence = (tw_pins_fence){0};
  }
  rig->in.control = (tw_pins_control){0};
  rig->in.pmp = (tw_pins_pmp){0};
}

static bool all_quiet(const sweep_rig *rig) {
  return !rig->port_step[0] && !rig->port_step[1] && !rig->fence_step && rig->asked[0] == 0 && rig->asked[1] == 0 &&
         rig->fences == 0 && rig->out.walkers == 0 && !rig->out.mem.req_valid && !tw_memory_busy(rig->memory);
}

bool sweep_rig_play(sweep_rig *rig, const sweep_step *steps, unsigned count, unsigned *cycles) {
  bool done[SWEEP_STEPS] = {false};
  unsigned left = count, quiet = 0, busy = 0;
  for (unsigned t = 0; left > 0 || quiet < 3; t++) {
    for (unsigned i = 0; i < count; i++) {
      if (done[i] || steps[i].at > t || !step_present(rig, &steps[i])) continue;
      done[i] = true;
      left--;
    }
    if (!both_clock(rig, true)) return false;
    cycle_observe(rig);
    quiet = all_quiet(rig) ? quiet + 1 : 0;
    if (quiet == 0) busy = t;
    if (t - busy < HANG_CYCLES && t < 2 * HANG_CYCLES) continue;
    snprintf(rig->said, sizeof rig->said, "cycle %llu: hangs", (unsigned long long)rig->cycle);
    return false;
  }
  if (cycles) *cycles = busy + 1;
  return true;
}
