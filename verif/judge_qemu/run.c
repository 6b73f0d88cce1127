/* A run: drawn, predicted, tried.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "run.h"
#include "machine.h"

#include <stdio.h>
#include <string.h>

#define MENVCFG_PBMTE (UINT64_C(1) << 62)

static const judge_variant VARIANTS[] = {
    {.name = "rv64, Svnapot, Svpbmt", .xlen = 64, .svnapot = true, .svpbmt = true},
    {.name = "rv32", .xlen = 32},
    {.name = "rv64, no extension", .xlen = 64},
    {.name = "rv32, PMP locks", .xlen = 32, .locks = true},
    {.name = "rv64, Svnapot, PMP locks", .xlen = 64, .svnapot = true, .locks = true},
    {.name = "rv64, Svpbmt", .xlen = 64, .svpbmt = true},
};

const unsigned judge_variants = sizeof VARIANTS / sizeof VARIANTS[0];

const judge_variant *judge_run_variant(unsigned number) {
  return &VARIANTS[number % judge_variants];
}

static uint8_t *at(judge_run *run, uint64_t pa) {
  return judge_ram_at(run->image->ram, pa, 1);
}

/* Addresses first, then configurations, as the guest writes them: what is locked stays. A range up to address 0 is left
 * out: it matches nothing (rule pmp_a_field_tor), but everything in QEMU 7.2. */
static void pmp_write(tw_pmp *pmp, judge_plan *plan) {
  for (unsigned i = 0; i < JUDGE_PMP_ENTRIES; i++) tw_pmp_write_addr(pmp, i, plan->pmpaddr[i]);
  for (unsigned i = 0; i < JUDGE_PMP_ENTRIES; i++) {
    bool empty = (plan->pmpcfg[i] & TW_PMP_A) == TW_PMP_TOR && pmp->addr[i] == 0;
    if (empty) plan->pmpcfg[i] = 0;
    tw_pmp_write_cfg(pmp, i, plan->pmpcfg[i]);
  }
}

static void world_fill(const judge_plan *plan, judge_world *world, unsigned first) {
  world->satp = plan->satp;
  world->satp_reserved = plan->satp_reserved;
  world->menvcfg = plan->pbmte ? MENVCFG_PBMTE : 0;
  memcpy(world->pmpaddr, plan->pmpaddr, sizeof world->pmpaddr);
  memcpy(world->pmpcfg, plan->pmpcfg, sizeof world->pmpcfg);
  world->first = first;
}

static void vectors_draw(judge_run *run, judge_world *world, draw *random) {
  unsigned w = run->world_count;
  judge_vector *vectors = (judge_vector *)(void *)at(run, JUDGE_VECTORS);
  judge_place place = {.plan = &run->plans[w], .pmp = &run->pmps[w], .ram = run->image->ram};
  while (world->count < JUDGE_VECTORS_PER_WORLD && run->try_count < run->vectors) {
    unsigned index = run->try_count++;
    run->tries[index].access = judge_vector_draw(&place, random, &vectors[index]);
    run->tries[index].world = w;
    world->count++;
  }
}

bool judge_run_draw(judge_run *run) {
  if (!judge_image_reset(run->image, run->guest)) return false;
  draw random = {run->seed ^ (uint64_t)run->number << 40};
  judge_world *worlds = (judge_world *)(void *)at(run, JUDGE_WORLDS);
  uint64_t next_table = JUDGE_TABLES;
  tw_pmp pmp = {.count = JUDGE_PMP_ENTRIES, .xlen = run->variant->xlen};
  tw_pmp_reset(&pmp);
  run->world_count = run->try_count = 0;
  while (run->try_count < run->vectors && run->world_count < JUDGE_MAX_WORLDS) {
    judge_plan *plan = &run->plans[run->world_count];
    if (!judge_world_draw(plan, run->variant, &random, run->image->ram, &next_table)) break;
    pmp_write(&pmp, plan);
    run->pmps[run->world_count] = pmp;
    world_fill(plan, &worlds[run->world_count], run->try_count);
    vectors_draw(run, &worlds[run->world_count], &random);
    run->world_count++;
  }
  ((judge_control *)(void *)at(run, JUDGE_CONTROL))->worlds = run->world_count;
  return run->try_count > 0;
}

static void predict_all(judge_run *run) {
  const judge_vector *vectors = (const judge_vector *)(void *)at(run, JUDGE_VECTORS);
  memcpy(run->image->expected, run->image->ram, JUDGE_FRAMES_END - JUDGE_RAM);
  for (unsigned i = 0; i < run->try_count; i++) {
    judge_try *tried = &run->tries[i];
    judge_place place = {.plan = &run->plans[tried->world],
                         .pmp = &run->pmps[tried->world],
                         .ram = run->image->expected,
                         .keep = true,
                         .broken = run->broken};
    tried->prediction = judge_predict(&place, &tried->access, &vectors[i]);
  }
}

bool judge_run_do(judge_run *run, judge_tally *tally) {
  if (!judge_run_draw(run)) {
    fprintf(stderr, "run %u could not be drawn\n", run->number);
    return false;
  }
  predict_all(run);
  const judge_control *control = (const judge_control *)(void *)at(run, JUDGE_CONTROL);
  bool ended = judge_machine_run(run->variant, run->image->path);
  if (!ended || control->finished != 1) {
    fprintf(stderr, "run %u (%s) stopped in world %u, vector %u\n", run->number, run->variant->name, control->world,
            control->vector);
    if (control->finished == 2)
      fprintf(stderr, "the guest trapped outside a vector: cause %llu, epc %llx, tval %llx\n",
              (unsigned long long)control->stray.cause, (unsigned long long)control->stray.epc,
              (unsigned long long)control->stray.tval);
    return false;
  }
  judge_run_compare(run, tally);
  return true;
}
