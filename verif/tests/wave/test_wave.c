/* The waveform of a short run holds both sides, and says what happened.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_file.h"
#include "pin_table.h"
#include "scenario.h"
#include "vcd.h"
#include "viewer.h"

#define FIRST 2u /* cycle in which reset is over and every register known */
#define DIFFERENCE 20u

typedef struct fixture {
  tw_config config;
  char fst[64], save[64], folder[64];
  scenario_result result;
  vcd *v;
} fixture;

static fixture *fixture_make(const tw_config *config, bool alone, uint64_t difference) {
  fixture *f = calloc(1, sizeof *f);
  tw_error error = {0};
  assert_non_null(f);
  f->config = *config;
  snprintf(f->fst, sizeof f->fst, "wave_%s%s.fst", config->name, alone ? "_alone" : difference ? "_difference" : "");
  snprintf(f->save, sizeof f->save, "wave_%s%s.gtkw", config->name, alone ? "_alone" : difference ? "_difference" : "");
  snprintf(f->folder, sizeof f->folder, "%.50s.d", f->save);
  const scenario_options options = {&f->config, "rtl", f->fst, alone, difference};
  if (!scenario_run(&options, &f->result, &error)) fail_msg("%s", error.text);
  f->v = vcd_open(f->fst);
  assert_non_null(f->v);
  return f;
}

static int set_up_tiny32(void **state) {
  *state = fixture_make(&TW_CONFIG_TINY32, false, 0);
  return 0;
}

static int set_up_base39(void **state) {
  *state = fixture_make(&TW_CONFIG_BASE39, false, 0);
  return 0;
}

static int set_up_linux39(void **state) {
  tw_config config;
  tw_error error = {0};
  if (!tw_config_load("linux39", &config, &error)) fail_msg("%s", error.text);
  *state = fixture_make(&config, false, 0);
  return 0;
}

static int set_up_difference(void **state) {
  *state = fixture_make(&TW_CONFIG_BASE39, false, DIFFERENCE);
  return 0;
}

static int set_up_alone(void **state) {
  *state = fixture_make(&TW_CONFIG_TINY32, true, 0);
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  vcd_close(f->v);
  free(f);
  return 0;
}

static int find(const fixture *f, const char *path) {
  const int signal = vcd_find(f->v, path);
  if (signal < 0) fail_msg("%s: not in %s", path, f->fst);
  return signal;
}

static void assert_same(const fixture *f, const char *left, const char *right) {
  const int a = find(f, left), b = find(f, right);
  for (uint64_t t = FIRST; t < vcd_cycles(f->v); t++) {
    const char *x = vcd_value(f->v, a, t), *y = vcd_value(f->v, b, t);
    if (strcmp(x, y) != 0) fail_msg("cycle %llu: %s is %s, %s is %s", (unsigned long long)t, left, x, right, y);
  }
}

/* The first cycle in which a text of the lane is shown. */
static uint64_t first_cycle(const fixture *f, const char *path, const char *wanted) {
  const int signal = find(f, path);
  char text[129];
  for (uint64_t t = 0; t < vcd_cycles(f->v); t++) {
    vcd_text(f->v, signal, t, text);
    if (strcmp(text, wanted) == 0) return t;
  }
  fail_msg("%s never says '%s'", path, wanted);
  return 0;
}

static void the_run_reached_what_it_should(void **state) {
  const fixture *f = *state;
  assert_int_equal(f->result.answers, 10);
  assert_int_equal(f->result.faults, 4);
  assert_int_equal(f->result.retries, 1);
  assert_int_equal(f->result.differing, 0);
  assert_int_equal(vcd_cycles(f->v), f->result.cycles);
}

static void both_sides_show_the_same_outputs(void **state) {
  const fixture *f = *state;
  unsigned compared = 0;
  for (size_t i = 0; i < tw_pin_count; i++) {
    char dut[64], model[64];
    if (!tw_pins[i].output) continue;
    snprintf(dut, sizeof dut, "dut.%s_o", tw_pins[i].name);
    snprintf(model, sizeof model, "model.%s_o", tw_pins[i].name);
    assert_same(f, dut, model);
    compared++;
  }
  assert_true(compared > 35);
}

/* The design has a bit for each state, the model a number. */
static void assert_state(const fixture *f, const char *bit, const char *state, unsigned long number) {
  const int a = find(f, bit), b = find(f, state);
  bool seen = false;
  for (uint64_t t = FIRST; t < vcd_cycles(f->v); t++) {
    const bool is = strtoul(vcd_value(f->v, b, t), NULL, 2) == number;
    if (is != (strtoul(vcd_value(f->v, a, t), NULL, 2) == 1)) fail_msg("cycle %llu: %s", (unsigned long long)t, bit);
    seen = seen || is;
  }
  assert_true(seen);
}

static void registers_stand_in_their_cycle(void **state) {
  const fixture *f = *state;
  assert_state(f, "dut.tw_mmu.i_walkers.request_q", "model.walker_0.state", TW_WALKER_REQUEST);
  assert_state(f, "dut.tw_mmu.i_walkers.wait_q", "model.walker_0.state", TW_WALKER_WAIT);
  assert_state(f, "dut.tw_mmu.i_data.i_slots.waiting_q", "model.data_slot_0.state", TW_SLOT_WAITING);
  assert_state(f, "dut.tw_mmu.i_fetch.i_slots.walking_q", "model.fetch_slot_0.state", TW_SLOT_WALKING);
  assert_same(f, "dut.tw_mmu.i_data.i_lookup.i_tlb.i_tags.valid_q", "model.data_tlb.valid");
}

static void the_lane_tells_an_access_and_its_walk(void **state) {
  const fixture *f = *state;
  const uint64_t asked = first_cycle(f, "lane.data", "#1 load 3fffe010 U");
  const uint64_t begun =
      first_cycle(f, "lane.walker_0", f->config.mode == TW_SV32 ? "data L1 walk begins" : "data L2 walk begins");
  const uint64_t leaf = first_cycle(f, "lane.walker_0", "data L0 leaf 80123000 4K DA-U-WRV, pte 20048cd7");
  const uint64_t answered = first_cycle(f, "lane.data_answer", "#1 -> 80123010 4K DA-U-WRV");
  assert_int_equal(begun, asked + 2);                                      /* W1 */
  assert_int_equal(answered, leaf + 1);                                    /* W3 */
  assert_int_equal(answered, asked + (f->config.mode == TW_SV32 ? 6 : 8)); /* docs/microarchitecture.md, Cycles */
  assert_int_equal(first_cycle(f, "lane.data_answer", "#2 -> 80123018 4K DA-U-WRV hit"),
                   first_cycle(f, "lane.data", "#2 store 3fffe018 U") + 1);
}

static void the_lane_tells_faults_fences_and_retries(void **state) {
  const fixture *f = *state;
  const uint64_t fault = first_cycle(f, "lane.data_answer", "?red?#5 -> FAULT dirty-clear, store page fault");
  assert_string_equal(vcd_value(f->v, find(f, "lane.fault"), fault), "1");
  assert_string_equal(vcd_value(f->v, find(f, "lane.fault"), fault - 1), "0");
  first_cycle(f, "lane.walker_0", "?red?data L0 FAULT invalid, pte 0");
  first_cycle(f, "lane.fence", "sfence.vma va 3fffd020");
  first_cycle(f, "lane.walker_0",
              f->config.mode == TW_SV32 ? "?purple?fetch L1 thrown away, killed before"
                                        : "?purple?fetch L2 thrown away, killed before");
  first_cycle(f, "lane.walker_0", "?red?data L0 FAULT dirty-clear, leaf 80124000 4K -A-U-WRV, pte 20049057");
  first_cycle(f, "lane.data_answer", "?purple?#9 -> RETRY");
  first_cycle(f, "lane.control",
              f->config.mode == TW_SV32 ? "Sv32 root 80000000 asid 6, U" : "Sv39 root 80000000 asid 6, U");
}

static unsigned count_lines(const char *path, const char *begin) {
  char line[256];
  unsigned count = 0;
  FILE *from = fopen(path, "r");
  assert_non_null(from);
  while (fgets(line, sizeof line, from)) count += strncmp(line, begin, strlen(begin)) == 0;
  fclose(from);
  return count;
}

static unsigned check_rows(const fixture *f) {
  char line[256], path[160];
  unsigned rows = 0;
  FILE *from = fopen(f->save, "r");
  assert_non_null(from);
  while (fgets(line, sizeof line, from)) {
    if (sscanf(line, "+{%*[^}]} %159s", path) != 1) continue;
    find(f, path);
    rows++;
  }
  fclose(from);
  return rows;
}

static void every_row_of_the_save_file_is_a_signal(void **state) {
  assert_true(check_rows(*state) > 100);
}

/* PMP grants nothing after reset: every walk ends at its first request. */
static void several_walkers_have_rows_of_their_own(void **state) {
  const fixture *f = *state;
  first_cycle(f, "lane.walker_0", "?red?data.0 L2 FAULT table-pmp");
  first_cycle(f, "lane.data_answer", "?red?#1 -> FAULT table-pmp, load access fault");
  find(f, "lane.walker_1");
  find(f, "model.walker_1.state");
  find(f, "model.data_slot_3.state");
  find(f, "model.l2.sweep");
  find(f, "model.l2_super.entry_15");
  assert_same(f, "dut.tw_mmu.i_l2.gen_l2.gen_super.i_super.i_tags.valid_q", "model.l2_super.valid");
}

static void every_translation_of_the_save_file_is_there(void **state) {
  const fixture *f = *state;
  char path[128], line[256], name[128];
  FILE *from = fopen(f->save, "r");
  assert_non_null(from);
  while (fgets(line, sizeof line, from)) {
    if (sscanf(line, "^%*[>0-9] %127s", name) == 1) assert_true(count_lines(name, "") > 0);
  }
  fclose(from);
  snprintf(path, sizeof path, "%s/reason.txt", f->folder);
  assert_int_equal(count_lines(path, "0F ?red?dirty-clear"), 1);
  snprintf(path, sizeof path, "%s/flags.txt", f->folder);
  assert_int_equal(count_lines(path, "D7 DA-U-WRV"), 1);
}

/* What a filter that is a program answers to a line. */
static void ask(const fixture *f, const char *filter, const char *line, char answer[static 128]) {
  char command[256];
  snprintf(command, sizeof command, "echo '%s' | ./%s/%s", line, f->folder, filter);
  FILE *from = popen(command, "r");
  assert_non_null(from);
  assert_non_null(fgets(answer, 128, from));
  assert_int_equal(pclose(from), 0);
  answer[strcspn(answer, "\n")] = '\0';
}

static void entries_are_taken_apart(void **state) {
  const fixture *f = *state;
  char answer[128];
  ask(f, "pte.sh", "0000000020048CD7", answer);
  assert_string_equal(answer, "?dark green?leaf 80123000 DA-U-WRV");
  ask(f, "pte.sh", "0000000020000401", answer);
  assert_string_equal(answer, "table 80001000 -------V");
  ask(f, "pte.sh", "003FFFFFFFFFFCD6", answer);
  assert_string_equal(answer, "?red?invalid DA-U-WR- fffffffffff000");
}

static void an_access_is_found_by_its_number(void **state) {
  const fixture *f = *state;
  uint64_t cycle;
  tw_error error = {0};
  assert_true(tw_viewer_find_access(f->fst, 5, &cycle, &error));
  assert_int_equal(cycle, first_cycle(f, "lane.data", "#5 store 3fffd020 U"));
  assert_false(tw_viewer_find_access(f->fst, 1000, &cycle, &error));
  assert_non_null(strstr(error.text, "access 1000"));
}

static void a_difference_is_marked(void **state) {
  const fixture *f = *state;
  char text[129], marker[32];
  const int difference = find(f, "lane.difference");
  for (uint64_t t = FIRST; t < vcd_cycles(f->v); t++) {
    assert_string_equal(vcd_value(f->v, difference, t), t == DIFFERENCE ? "1" : "0");
  }
  vcd_text(f->v, find(f, "lane.differs"), DIFFERENCE, text);
  assert_string_equal(text, "?red?data_rsp_pa is 1000, model 0");
  snprintf(marker, sizeof marker, "*-1.300000 %u ", DIFFERENCE);
  assert_int_equal(count_lines(f->save, marker), 1);
  assert_int_equal(count_lines(f->save, "[markername] Zdifference"), 1);
}

static void a_design_alone_has_a_lane_and_no_model(void **state) {
  const fixture *f = *state;
  assert_int_equal(vcd_find(f->v, "model.walker_0.state"), -1);
  first_cycle(f, "lane.data", "#1 load 3fffe010 U");
  first_cycle(f, "lane.data_answer", "?red?#5 -> FAULT dirty-clear, store page fault");
  first_cycle(f, "lane.control", "Sv32 root 80000000 asid 6, U");
  assert_true(check_rows(f) > 40);
}

static void the_viewer_says_that_there_is_no_display(void **state) {
  tw_error error = {0};
  (void)state;
  unsetenv("DISPLAY");
  unsetenv("WAYLAND_DISPLAY");
  assert_false(tw_viewer_check(&error));
  assert_non_null(strstr(error.text, "display"));
  setenv("PATH", "/nonexistent", 1);
  assert_false(tw_viewer_check(&error));
  assert_non_null(strstr(error.text, "not installed"));
}

#define WITH_BOTH(test)                                                                                                \
  {#test " (tiny32)", test, set_up_tiny32, tear_down, NULL}, {                                                         \
#test " (base39)", test, set_up_base39, tear_down, NULL                                                            \
  }

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_BOTH(the_run_reached_what_it_should),
      WITH_BOTH(both_sides_show_the_same_outputs),
      WITH_BOTH(registers_stand_in_their_cycle),
      WITH_BOTH(the_lane_tells_an_access_and_its_walk),
      WITH_BOTH(the_lane_tells_faults_fences_and_retries),
      WITH_BOTH(every_row_of_the_save_file_is_a_signal),
      WITH_BOTH(every_translation_of_the_save_file_is_there),
      WITH_BOTH(entries_are_taken_apart),
      WITH_BOTH(an_access_is_found_by_its_number),
      cmocka_unit_test_setup_teardown(both_sides_show_the_same_outputs, set_up_linux39, tear_down),
      cmocka_unit_test_setup_teardown(several_walkers_have_rows_of_their_own, set_up_linux39, tear_down),
      cmocka_unit_test_setup_teardown(every_row_of_the_save_file_is_a_signal, set_up_linux39, tear_down),
      cmocka_unit_test_setup_teardown(a_difference_is_marked, set_up_difference, tear_down),
      cmocka_unit_test_setup_teardown(a_design_alone_has_a_lane_and_no_model, set_up_alone, tear_down),
      cmocka_unit_test(the_viewer_says_that_there_is_no_display),
  };
  return cmocka_run_group_tests_name("wave", tests, NULL, NULL);
}
