/* The collector counts what happens, under its name, and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config_file.h"
#include "world.h"

typedef struct fixture {
  tw_config config;
  sweep_rig rig;
  sweep_world world;
  tw_memory *memory;
} fixture;

static int setup(void **state) {
  fixture *self = calloc(1, sizeof *self);
  const tw_memory_options memory = {.latency = {1, 0, 0}};
  const sweep_page page = {.mode = TW_SV39};
  self->config = TW_CONFIG_BASE39;
  self->memory = tw_memory_open(&memory);
  *state = self;
  tw_error error;
  assert_true(sweep_world_make(&self->world, &page, self->memory));
  assert_true(sweep_rig_open(&self->rig, &self->config, tw_dut_model_table(), &error));
  assert_true(sweep_rig_begin(&self->rig, self->memory));
  return 0;
}

static int teardown(void **state) {
  fixture *self = *state;
  sweep_rig_close(&self->rig);
  tw_memory_close(self->memory);
  free(self);
  return 0;
}

static void play(fixture *self, const sweep_step *steps, unsigned count) {
  assert_true(sweep_rig_play(&self->rig, steps, count, NULL));
}

static void control_write(fixture *self, uint64_t satp, tw_privilege privilege) {
  const sweep_step step = {.kind = SWEEP_CONTROL,
                           .control = {.valid = 1, .satp = satp, .privilege = (uint8_t)privilege}};
  play(self, &step, 1);
}

static sweep_step access_of(unsigned kind, uint64_t va, unsigned at) {
  return (sweep_step){.kind = SWEEP_ACCESS,
                      .at = at,
                      .port = kind == TW_PIN_KIND_FETCH ? TW_PORT_FETCH : TW_PORT_DATA,
                      .access = {.valid = 1, .kind = (uint8_t)kind, .size = 4, .va = va}};
}

static void load(fixture *self, uint64_t va) {
  const sweep_step step = access_of(TW_PIN_KIND_LOAD, va, 0);
  play(self, &step, 1);
}

static void supervisor(fixture *self) {
  control_write(self, sweep_satp(&self->world, self->world.root, 1), TW_SUPERVISOR);
}

static uint64_t count(const fixture *self, const char *point) {
  return tw_coverage_count(self->rig.coverage, point);
}

static void a_walk_and_a_hit_are_told_apart(void **state) {
  fixture *self = *state;
  supervisor(self);
  load(self, self->world.va);
  assert_int_equal(count(self, "translate.sv39.4k.load.s.granted.walk"), 1);
  assert_int_equal(count(self, "translate.sv39.4k.load.s.granted.l1"), 0);
  assert_int_equal(count(self, "walk.steps.sv39.3"), 1);
  load(self, self->world.va);
  load(self, self->world.va);
  assert_int_equal(count(self, "translate.sv39.4k.load.s.granted.walk"), 1);
  assert_int_equal(count(self, "translate.sv39.4k.load.s.granted.l1"), 2);
  assert_int_equal(count(self, "access.load.s.translated"), 3);
}

static void an_access_of_machine_mode_is_untranslated(void **state) {
  fixture *self = *state;
  load(self, 0x80000000);
  assert_int_equal(count(self, "untranslated.machine.load.granted"), 1);
  assert_int_equal(count(self, "access.load.m.translated"), 1);
  assert_int_equal(count(self, "access.size.4"), 1);
  assert_int_equal(count(self, "walk.parallel.1"), 0);
}

static void a_fault_is_counted_at_its_level(void **state) {
  fixture *self = *state;
  supervisor(self);
  tw_memory_write(self->memory, self->world.entry[1], 8, 0);
  load(self, self->world.va);
  assert_int_equal(count(self, "walk.fault.invalid.level1"), 1);
  assert_int_equal(count(self, "walk.fault.invalid.sv39"), 1);
  assert_int_equal(count(self, "fault.invalid.load"), 1);
  assert_int_equal(count(self, "access.load.s.page-fault"), 1);
  assert_int_equal(count(self, "walk.fault.invalid.level0") + count(self, "walk.fault.invalid.level2"), 0);
}

static void a_fence_counts_what_it_revokes_and_keeps(void **state) {
  fixture *self = *state;
  supervisor(self);
  load(self, self->world.va);
  load(self, self->world.other);
  const sweep_step fence = {.kind = SWEEP_FENCE, .fence = {.valid = 1, .has_va = 1, .va = self->world.va}};
  play(self, &fence, 1);
  assert_int_equal(count(self, "fence.sfence.va.l1"), 1);
  assert_int_equal(count(self, "fence.sfence.va.kept.va"), 1);
  assert_int_equal(count(self, "fence.cycle.idle"), 1);
  assert_int_equal(count(self, "fence.sfence.all.l1"), 0);
  assert_int_equal(count(self, "fence.outstanding"), 0);
}

static void a_fence_in_a_walk_kills_it_at_its_level(void **state) {
  fixture *self = *state;
  supervisor(self);
  const sweep_step steps[] = {access_of(TW_PIN_KIND_LOAD, self->world.va, 0),
                              {.kind = SWEEP_FENCE, .at = 3, .fence = {.valid = 1}}};
  play(self, steps, 2);
  assert_int_equal(count(self, "walk.killed.fence.level2"), 1);
  assert_int_equal(count(self, "fence.sfence.all.walk"), 1);
  assert_int_equal(count(self, "fence.outstanding"), 1);
  assert_int_equal(count(self, "walk.killed.satp.level2"), 0);
  assert_int_equal(count(self, "translate.sv39.4k.load.s.granted.walk"), 1);
}

static void a_newer_entry_is_fresh_and_an_older_answer_is_stale(void **state) {
  fixture *self = *state;
  supervisor(self);
  load(self, self->world.va);
  assert_int_equal(count(self, "stale.used") + count(self, "stale.fresh"), 0);
  tw_memory_write(self->memory, self->world.entry[0], 8, self->world.leaf ^ 1u << 12);
  load(self, self->world.va);
  assert_int_equal(count(self, "stale.used"), 1);
  const sweep_step fetch = access_of(TW_PIN_KIND_FETCH, self->world.va, 0);
  play(self, &fetch, 1);
  assert_int_equal(count(self, "stale.fresh"), 1);
}

static void a_change_of_control_counts_only_with_an_older_entry(void **state) {
  fixture *self = *state;
  supervisor(self);
  load(self, self->world.va);
  assert_int_equal(count(self, "control.sum"), 0);
  sweep_step step = {
      .kind = SWEEP_CONTROL,
      .control = {
          .valid = 1, .satp = sweep_satp(&self->world, self->world.root, 1), .privilege = TW_SUPERVISOR, .sum = 1}};
  play(self, &step, 1);
  assert_int_equal(count(self, "control.satp.same"), 1);
  load(self, self->world.other);
  load(self, self->world.other);
  assert_int_equal(count(self, "control.sum"), 0);
  load(self, self->world.va);
  assert_int_equal(count(self, "control.sum"), 1);
  assert_int_equal(count(self, "control.mxr"), 0);
}

/* Every name that is counted in a file. */
static void the_tally_is_sorted_and_complete(void **state) {
  fixture *self = *state;
  char path[] = "/tmp/coverage-XXXXXX", line[128], last[128] = "", *end;
  tw_error error;
  supervisor(self);
  load(self, self->world.va);
  close(mkstemp(path));
  assert_true(tw_coverage_write(self->rig.coverage, path, &error));
  FILE *file = fopen(path, "r");
  unsigned lines = 0;
  for (; fgets(line, sizeof line, file); lines++) {
    char *tab = strchr(line, '\t');
    assert_non_null(tab);
    *tab = '\0';
    assert_true(strcmp(last, line) < 0);
    assert_int_equal(strtoull(tab + 1, &end, 10), count(self, line));
    assert_int_equal(*end, '\n');
    snprintf(last, sizeof last, "%s", line);
  }
  fclose(file);
  remove(path);
  assert_true(lines > 5);
}

static void a_tally_that_cannot_be_written_is_an_error(void **state) {
  fixture *self = *state;
  tw_error error = {0};
  assert_false(tw_coverage_write(self->rig.coverage, "/nowhere/tally.tsv", &error));
  assert_non_null(strstr(error.text, "/nowhere/tally.tsv"));
}

/* The model, but that it sets D in the flags of the answer. */
static void altered_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  tw_dut_model_table()->cycle(dut, in, out);
  if (out->data.valid) out->data.flags ^= TW_PTE_D;
}

static void the_rig_finds_a_difference(void **state) {
  fixture *self = *state;
  tw_dut_table altered = *tw_dut_model_table();
  tw_error error;
  altered.cycle = altered_cycle;
  sweep_rig_close(&self->rig);
  assert_true(sweep_rig_open(&self->rig, &self->config, &altered, &error));
  assert_true(sweep_rig_begin(&self->rig, self->memory));
  supervisor(self);
  const sweep_step step = access_of(TW_PIN_KIND_LOAD, self->world.va, 0);
  assert_false(sweep_rig_play(&self->rig, &step, 1, NULL));
  assert_non_null(strstr(self->rig.said, "data_rsp_flags is 0xcf in the model, 0x4f in the design"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(a_walk_and_a_hit_are_told_apart),
      TEST(an_access_of_machine_mode_is_untranslated),
      TEST(a_fault_is_counted_at_its_level),
      TEST(a_fence_counts_what_it_revokes_and_keeps),
      TEST(a_fence_in_a_walk_kills_it_at_its_level),
      TEST(a_newer_entry_is_fresh_and_an_older_answer_is_stale),
      TEST(a_change_of_control_counts_only_with_an_older_entry),
      TEST(the_tally_is_sorted_and_complete),
      TEST(the_rig_finds_a_difference),
      TEST(a_tally_that_cannot_be_written_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
