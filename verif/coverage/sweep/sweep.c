/* Sweeps every disturbance over every cycle of an access, from before its request to after its answer.
 *
 * coverage_sweep CONFIG DESIGN TALLY: the design is a plug-in, or `model`. Every run begins with a reset, so that each
 * can be repeated alone: CONFIG DESIGN TALLY RUN. Exit status 0: model and design were equal in every cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "disturb.h"

#define SETUP_MAX 12u

typedef enum sweep_scenario {
  COLD,       /* a walk from the root */
  UPDATE,     /* A and D are clear, and hardware sets them */
  WALK_CACHE, /* a walk from a cached pointer */
  L1_HIT,     /* */
  L2_HIT,     /* */
  MERGED,     /* a second access of the page in the next cycle */
  SCENARIOS
} sweep_scenario;

static const char *const SCENARIO_NAMES[] = {"cold", "update", "walk cache", "L1 hit", "L2 hit", "merged"};

/* One run: what is disturbed, by what, and when. */
typedef struct sweep_run {
  sweep_scenario scenario;
  sweep_page page;
  unsigned kind;   /* of the access */
  unsigned timing; /* of the memory: 0 at once, 1 slow */
  unsigned error;  /* the read of this level fails, counted from 1; 0: none */
  unsigned offset;
  const sweep_disturbance *by; /* NULL: undisturbed */
} sweep_run;

typedef struct sweep {
  const tw_config *config;
  sweep_rig rig;
  unsigned long runs, only; /* `only`: the run to repeat; 0: all */
  unsigned spin;            /* which kind of access is next */
} sweep;

static tw_pins_request access_pins(unsigned kind, unsigned tag, uint64_t va) {
  return (tw_pins_request){.valid = 1, .kind = (uint8_t)kind, .tag = (uint8_t)tag, .size = 4, .va = va};
}

static sweep_step access_step(unsigned kind, unsigned tag, uint64_t va, unsigned at) {
  return (sweep_step){.kind = SWEEP_ACCESS,
                      .at = at,
                      .port = kind == TW_PIN_KIND_FETCH ? TW_PORT_FETCH : TW_PORT_DATA,
                      .access = access_pins(kind, tag, va)};
}

static tw_pins_control control_of(const sweep_run *run, const sweep_world *world) {
  return (tw_pins_control){.valid = 1,
                           .satp = sweep_satp(world, world->root, 1),
                           .privilege = run->page.user ? TW_USER : TW_SUPERVISOR,
                           .mpp = TW_SUPERVISOR,
                           .adue = run->scenario == UPDATE};
}

/* Registers, and the accesses that fill what the scenario wants filled. */
static unsigned setup_make(const sweep *self, const sweep_run *run, const sweep_world *world,
                           sweep_step steps[SETUP_MAX]) {
  unsigned count = 0;
  if (self->config->pmp_entries) {
    const uint8_t last = (uint8_t)(self->config->pmp_entries - 1);
    const uint64_t ones = UINT64_MAX >> 10;
    const tw_pins_pmp writes[] = {{.valid = 1, .kind = TW_PIN_PMP_ADDR, .index = last, .value = ones},
                                  {.valid = 1, .kind = TW_PIN_PMP_CFG, .index = last, .value = TW_PMP_NAPOT | 7},
                                  {.valid = 1, .kind = TW_PIN_PMP_ADDR, .index = 0, .value = ones}};
    for (unsigned i = 0; i < 3; i++) steps[count++] = (sweep_step){.kind = SWEEP_PMP, .at = i, .pmp = writes[i]};
  }
  steps[count++] = (sweep_step){.kind = SWEEP_CONTROL, .at = 3, .control = control_of(run, world)};
  const bool fetch = run->kind == TW_PIN_KIND_FETCH;
  if (run->scenario == WALK_CACHE) steps[count++] = access_step(TW_PIN_KIND_LOAD, 0, world->neighbour, 4);
  if (run->scenario == L1_HIT) steps[count++] = access_step(run->kind, 0, world->part, 4);
  if (run->scenario == L2_HIT)
    steps[count++] = access_step(fetch ? TW_PIN_KIND_LOAD : TW_PIN_KIND_FETCH, 0, world->part, 4);
  return count;
}

/* The access, its disturbance, and an access after all that shows what is cached then. */
static bool run_play(sweep *self, const sweep_run *run, const sweep_world *world, unsigned *cycles) {
  sweep_step steps[SWEEP_STEPS];
  if (!sweep_rig_play(&self->rig, steps, setup_make(self, run, world, steps), NULL)) return false;
  unsigned count = 0;
  steps[count++] = access_step(run->kind, 1, world->va, 2);
  if (run->scenario == MERGED) steps[count++] = access_step(run->kind, 2, world->part, 3);
  if (run->by) {
    steps[count] = run->by->step;
    steps[count++].at = run->offset;
  }
  if (!sweep_rig_play(&self->rig, steps, count, cycles)) return false;
  steps[0] = access_step(TW_PIN_KIND_LOAD, 3, world->part, 0);
  steps[1] = access_step(TW_PIN_KIND_FETCH, 4, world->va, 0);
  steps[2] = access_step(TW_PIN_KIND_LOAD, 5, world->other, 1);
  return sweep_rig_play(&self->rig, steps, 3, NULL);
}

static void run_blame(const sweep *self, const sweep_run *run) {
  static const char *const kinds[] = {"fetch", "load", "store", "amo"};
  printf("run %lu of %s: %s, %s, %s, leaf at level %u%s%s%s, memory %u, error %u, %s at %u: %s\n", self->runs,
         self->config->name, tw_mode_row(run->page.mode)->name, SCENARIO_NAMES[run->scenario], kinds[run->kind],
         run->page.leaf, run->page.napot ? " of 64 KiB" : "", run->page.global_leaf ? ", global leaf" : "",
         run->page.global_pointer ? ", global pointer" : "", run->timing, run->error,
         run->by ? run->by->name : "undisturbed", run->offset, self->rig.said);
}

/* True if model and design are equal. Says in *cycles how long the access took. */
static bool run_make(sweep *self, const sweep_run *run, unsigned *cycles) {
  const tw_memory_options options = {.latency = run->timing ? (tw_latency){2, 3, 2} : (tw_latency){1, 0, 0},
                                     .seed = self->runs};
  self->runs++;
  if (self->only && run->by && self->runs != self->only) return true;
  tw_memory *memory = tw_memory_open(&options);
  sweep_world world;
  bool equal = memory && sweep_world_make(&world, &run->page, memory);
  if (equal && run->error > 0) {
    const unsigned level = world.row->levels - run->error;
    const bool update = run->error > world.row->levels - run->page.leaf;
    const tw_record_inject inject = {
        .pa = world.entry[update ? run->page.leaf : level], .nth = update ? 1 : 0, .error = true};
    equal = tw_memory_inject(memory, &inject);
  }
  equal = equal && sweep_rig_begin(&self->rig, memory) && run_play(self, run, &world, cycles);
  if (!equal) run_blame(self, run);
  tw_memory_close(memory);
  return equal;
}

/* Every disturbance in every cycle. */
static bool run_sweep(sweep *self, sweep_run *run) {
  sweep_disturbance list[DISTURB_MAX];
  sweep_world world;
  unsigned cycles = 0;
  tw_memory *memory = tw_memory_open(&(tw_memory_options){.latency = {1, 0, 0}});
  if (!memory || !sweep_world_make(&world, &run->page, memory)) return false;
  tw_memory_close(memory);
  for (unsigned kind = 0; kind < TW_ACCESS_COUNT; kind++) { /* undisturbed, and with errors */
    run->kind = kind;
    run->by = NULL;
    for (run->error = world.row->levels - run->page.leaf + 1; run->error > 0; run->error--)
      if (!run_make(self, run, &cycles)) return false;
    if (!run_make(self, run, &cycles)) return false;
  }
  const tw_pins_control control = control_of(run, &world);
  const unsigned count = sweep_disturbances(self->config, &world, &control, list);
  for (unsigned i = 0; i < count; i++) {
    run->kind = self->spin++ % TW_ACCESS_COUNT;
    run->by = &list[i];
    for (run->offset = 0; run->offset < cycles + 2; run->offset++)
      if (!run_make(self, run, &(unsigned){0})) return false;
  }
  return true;
}

/* Whether a configuration has what the scenario is about. */
static bool scenario_applies(const tw_config *config, sweep_scenario scenario, const sweep_page *page) {
  switch (scenario) {
  case UPDATE:
    return config->extensions & TW_EXT_SVADU;
  case WALK_CACHE:
    return config->walk_entries > 0 && page->leaf + 1 < tw_mode_row(page->mode)->levels;
  case L2_HIT:
    return config->l2.ways > 0;
  case MERGED:
    return config->data_slots > 1;
  default:
    return true;
  }
}

static bool page_sweep(sweep *self, const sweep_page *page, unsigned round) {
  for (sweep_scenario scenario = COLD; scenario < SCENARIOS; scenario++) {
    sweep_run run = {.scenario = scenario, .page = *page};
    if (!scenario_applies(self->config, scenario, page)) continue;
    run.page.stale = scenario == UPDATE;
    run.page.user = (round + scenario) & 1;
    for (run.timing = 0; run.timing < 2; run.timing++)
      if (!run_sweep(self, &run)) return false;
  }
  return true;
}

/* Every size of page of every mode; globality goes round. */
static bool config_sweep(sweep *self) {
  const tw_mode first = self->config->mode == TW_SV32 ? TW_SV32 : TW_SV39;
  unsigned round = 0;
  for (tw_mode mode = first; mode <= self->config->mode; mode++) {
    const bool napot = self->config->extensions & TW_EXT_SVNAPOT;
    for (unsigned size = 0; size < tw_mode_row(mode)->levels + napot; size++, round++) {
      sweep_page page = {.mode = mode, .leaf = size < tw_mode_row(mode)->levels ? size : 0};
      page.napot = size == tw_mode_row(mode)->levels;
      page.global_leaf = round % 3 == 1;
      page.global_pointer = round % 3 == 2;
      if (!page_sweep(self, &page, round)) return false;
    }
  }
  return true;
}

static int sweep_all(sweep *self, const char *tally) {
  tw_error error = {0};
  if (!config_sweep(self)) return 1;
  printf("%s: %lu runs, %llu cycles, %llu answers, model and design equal in every cycle\n", self->config->name,
         self->runs, (unsigned long long)self->rig.cycles, (unsigned long long)self->rig.answers);
  if (self->rig.answers > 0 && tw_coverage_write(self->rig.coverage, tally, &error)) return 0;
  fprintf(stderr, "coverage_sweep: %s\n", error.text[0] ? error.text : "compared nothing");
  return 2;
}

int main(int argc, char **argv) {
  sweep self = {0};
  tw_config config;
  tw_dut_plugin plugin = {0};
  tw_error error = {0};
  if (argc < 4 || argc > 5) {
    fprintf(stderr, "usage: coverage_sweep CONFIG DESIGN TALLY [RUN]\n");
    return 2;
  }
  if (argc == 5) self.only = strtoul(argv[4], NULL, 10);
  self.config = &config;
  int status = 2;
  const tw_dut_choice choice = {argv[2], argv[1], false};
  if (tw_config_load(argv[1], &config, &error) && tw_dut_load(&choice, &plugin, &error) &&
      sweep_rig_open(&self.rig, &config, plugin.table, &error)) {
    status = sweep_all(&self, argv[3]);
    sweep_rig_close(&self.rig);
  }
  if (error.text[0]) fprintf(stderr, "coverage_sweep: %s\n", error.text);
  tw_dut_unload(&plugin);
  return status;
}
