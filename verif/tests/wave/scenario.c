/* The scenario: a list of operations, each of which ends before the next begins unless it says otherwise.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <string.h>

#include "config_file.h"
#include "memory.h"

#define ROOT 0x80000000u
#define FIRST_TABLE 0x80001000u
#define LIMIT 600u

typedef enum op_kind { OP_SATP, OP_ACCESS, OP_FENCE, OP_PAUSE, OP_END } op_kind;

typedef struct op {
  op_kind kind;
  tw_access access;
  uint64_t va;
  bool overlap; /* the next operation begins in the next cycle */
} op;

static const op ops[] = {
    {OP_ACCESS, TW_LOAD, 0x80001234, false}, /* untranslated */
    {OP_SATP, 0, 5, false},
    {OP_ACCESS, TW_LOAD, SCENARIO_GOOD, false},
    {OP_ACCESS, TW_STORE, SCENARIO_GOOD + 8, false},
    {OP_ACCESS, TW_LOAD, SCENARIO_CLEAN, true},
    {OP_ACCESS, TW_FETCH, SCENARIO_CODE, false},
    {OP_ACCESS, TW_STORE, SCENARIO_CLEAN, false}, /* dirty-clear, from a hit */
    {OP_ACCESS, TW_LOAD, SCENARIO_NOWHERE, false},
    {OP_ACCESS, TW_FETCH, SCENARIO_GOOD, true}, /* killed by the fence, then execute-denied */
    {OP_PAUSE, 0, 0, true},
    {OP_FENCE, 0, SCENARIO_CLEAN, false},
    {OP_ACCESS, TW_STORE, SCENARIO_CLEAN, false}, /* dirty-clear, from a walk */
    {OP_ACCESS, TW_LOAD, SCENARIO_CLEAN + 0x10, true},
    {OP_SATP, 0, 6, false}, /* RETRY */
    {OP_END, 0, 0, false},
};

typedef struct run {
  const tw_config *config;
  const tw_mode_info *row;
  tw_memory *memory;
  tw_mmu *mmu;
  tw_dut_plugin plugin;
  tw_dut *dut;
  tw_wave *wave;
  uint64_t next_table;
  unsigned at;     /* operation that is next or on the pins */
  uint64_t number; /* of the next access */
  int outstanding;
  tw_pins_in in;
} run;

/* Makes the tables on the way to a 4 KiB page. */
static bool map(run *r, uint64_t va, uint64_t pa, uint8_t flags) {
  uint64_t table = ROOT;
  for (unsigned level = r->row->levels - 1; level > 0; level--) {
    const uint64_t at = tw_pte_address(r->config->mode, table >> TW_PAGE_BITS, level, va);
    uint64_t pte = tw_memory_read_value(r->memory, at, r->row->pte_bytes);
    if ((pte & TW_PTE_V) == 0) {
      pte = r->next_table >> TW_PAGE_BITS << 10 | TW_PTE_V;
      r->next_table += TW_PAGE_BYTES;
      if (!tw_memory_write(r->memory, at, r->row->pte_bytes, pte)) return false;
    }
    table = tw_pte_decode(r->config->mode, 0, pte, level).ppn << TW_PAGE_BITS;
  }
  const uint64_t at = tw_pte_address(r->config->mode, table >> TW_PAGE_BITS, 0, va);
  return tw_memory_write(r->memory, at, r->row->pte_bytes, pa >> TW_PAGE_BITS << 10 | flags);
}

static bool map_all(run *r) {
  const uint8_t user = TW_PTE_V | TW_PTE_U | TW_PTE_A;
  r->next_table = FIRST_TABLE;
  return map(r, SCENARIO_GOOD, SCENARIO_GOOD_PA, user | TW_PTE_R | TW_PTE_W | TW_PTE_D) &&
         map(r, SCENARIO_CLEAN, 0x80124000, user | TW_PTE_R | TW_PTE_W) &&
         map(r, SCENARIO_CODE, 0x80200000, user | TW_PTE_R | TW_PTE_X);
}

static void drive_access(run *r, const op *now) {
  tw_pins_request *request = now->access == TW_FETCH ? &r->in.fetch : &r->in.data;
  request->valid = 1;
  request->kind = (uint8_t)now->access;
  request->tag = (uint8_t)(r->number & 15u);
  request->size = 4;
  request->va = now->va;
}

static void drive_satp(run *r, uint64_t asid) {
  const tw_satp satp = {r->config->mode, (uint16_t)asid, ROOT >> TW_PAGE_BITS};
  r->in.control.valid = 1;
  r->in.control.privilege = TW_USER;
  r->in.control.satp = tw_satp_encode(&satp);
}

/* Sets the inputs of a cycle; whether the operation on them may be over in it. */
static void drive(run *r, uint64_t cycle) {
  const op *now = &ops[r->at];
  const bool waits = r->at > 0 && !ops[r->at - 1].overlap && r->outstanding > 0;
  memset(&r->in, 0, sizeof r->in);
  tw_memory_drive(r->memory, cycle, &r->in.mem);
  r->in.rst_n = cycle >= 2;
  if (cycle < 4 || waits) return;
  if (now->kind == OP_ACCESS) drive_access(r, now);
  if (now->kind == OP_SATP) drive_satp(r, now->va);
  if (now->kind == OP_FENCE) {
    r->in.fence.valid = r->in.fence.has_va = 1;
    r->in.fence.va = now->va;
  }
}

static void take(run *r, const tw_pins_out *out, scenario_result *result) {
  const tw_pins_response *answers[] = {&out->fetch, &out->data};
  for (unsigned i = 0; i < 2; i++) {
    if (!answers[i]->valid) continue;
    r->outstanding--;
    result->answers++;
    result->faults += answers[i]->status == TW_PIN_FAULT;
    result->retries += answers[i]->status == TW_PIN_RETRY;
  }
  const bool accepted = (r->in.fetch.valid && out->fetch.req_ready) || (r->in.data.valid && out->data.req_ready);
  if (accepted) {
    r->outstanding++;
    r->number++;
  }
  const bool waited = ops[r->at].kind == OP_PAUSE;
  if (accepted || r->in.control.valid || r->in.fence.valid || waited) r->at++;
}

static bool run_cycle(run *r, uint64_t cycle, const scenario_options *options, scenario_result *result,
                      tw_error *error) {
  tw_pins_out model = {0}, dut = {0};
  drive(r, cycle);
  tw_mmu_cycle(r->mmu, &r->in, &model);
  r->plugin.table->cycle(r->dut, &r->in, &dut);
  if (cycle >= 1 && memcmp(&model, &dut, sizeof model) != 0) result->differing++;
  if (cycle == options->difference && cycle) dut.data.pa ^= 0x1000;
  const tw_wave_sample sample = {cycle,
                                 &r->in,
                                 options->alone ? &dut : &model,
                                 cycle && !options->alone ? &dut : NULL,
                                 options->alone ? NULL : r->mmu,
                                 false,
                                 {r->number, r->number}};
  tw_wave_cycle(r->wave, &sample);
  r->plugin.table->wave_dump(r->dut, cycle);
  take(r, &model, result);
  tw_memory_read read;
  return tw_memory_observe(r->memory, cycle, &model.mem, &read, error) != TW_MEMORY_VIOLATION;
}

static bool run_all(run *r, const scenario_options *options, scenario_result *result, tw_error *error) {
  unsigned count;
  const tw_wave_signal *signals = tw_wave_signals(r->wave, &count);
  if (!map_all(r)) return tw_error_set(error, "out of memory");
  if (!r->plugin.table->wave_open(r->dut, options->fst_path, signals, count, error)) return false;
  bool good = true;
  uint64_t cycle = 0, end = LIMIT;
  for (; good && cycle < end; cycle++) {
    good = run_cycle(r, cycle, options, result, error);
    if (ops[r->at].kind == OP_END && r->outstanding == 0 && end == LIMIT) end = cycle + 6;
  }
  result->cycles = cycle;
  r->plugin.table->wave_close(r->dut);
  if (good && end == LIMIT) return tw_error_set(error, "not over after %u cycles", LIMIT);
  return good && tw_wave_save(r->wave, options->fst_path, strcmp(options->dut, "rtl") == 0, error);
}

static bool open_all(run *r, const scenario_options *options, tw_error *error) {
  const tw_dut_choice choice = {options->dut, options->config->name, true};
  const tw_memory_options memory = {.latency = options->config->memory};
  if (!tw_dut_load(&choice, &r->plugin, error)) return false;
  r->dut = r->plugin.table->open(&(tw_dut_options){.seed = 1}, error);
  r->memory = tw_memory_open(&memory);
  r->mmu = tw_mmu_open(options->config, error);
  r->wave = tw_wave_open(options->config, !options->alone, error);
  return r->dut && r->memory && r->mmu && r->wave;
}

bool scenario_run(const scenario_options *options, scenario_result *result, tw_error *error) {
  run r = {.config = options->config, .row = tw_mode_row(options->config->mode)};
  *result = (scenario_result){0};
  const bool good = open_all(&r, options, error) && run_all(&r, options, result, error);
  tw_wave_close(r.wave);
  tw_mmu_close(r.mmu);
  if (r.memory) tw_memory_close(r.memory);
  if (r.dut) r.plugin.table->close(r.dut);
  if (r.plugin.table) tw_dut_unload(&r.plugin);
  return good;
}
