/* What the player puts on the pins of requests, control and PMP writes, and what it demands of page-table requests.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "script.h"

#define GOOD(wires) assert_int_equal(wires_observe(wires), TW_PLAYER_GOOD)

static tw_record *script_pmp(script *self, tw_pmp_register target, uint8_t index, uint64_t value) {
  tw_record *record = script_fence(self);
  record->kind = TW_RECORD_PMP;
  record->pmp = (tw_record_pmp){.target = target, .index = index, .value = value};
  return record;
}

/* As wires_begin, with PMP. */
static void guarded_begin(wires *w) {
  wires_begin(w);
  tw_player_close(w->player);
  w->config.pmp_entries = 16;
  const tw_player_options options = {.source = &w->script.source, .memory = w->memory, .config = &w->config};
  w->player = tw_player_open(&options);
  assert_non_null(w->player);
}

static void size_and_speculation_are_on_the_pins_and_gone_after_the_handshake(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  tw_record *load = script_access(&w.script, TW_LOAD, 0x1003);
  load->access.size = 37;
  load->access.speculative = true;
  wires_begin(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.size, 37);
  assert_int_equal(w.in->data.speculative, 1);
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.valid | w.in->data.size | w.in->data.speculative, 0);
  wires_end(&w);
}

static void a_speculative_request_is_asked_again_without_speculation(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000)->access.speculative = true;
  wires_begin(&w);
  wires_idle(&w, 1);
  wires_drive(&w);
  wires_answer(&w, TW_PORT_DATA, 0, TW_PIN_RETRY);
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->data.valid, 1);
  assert_int_equal(w.in->data.speculative, 0);
  assert_int_equal(w.in->data.va, 0x1000);
  wires_end(&w);
}

static void a_hit_under_a_miss_is_asked_and_counted(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000);
  script_access(&w.script, TW_LOAD, 0x2000);
  wires_begin(&w);
  wires_idle(&w, 2);
  wires_drive(&w);
  wires_answer(&w, TW_PORT_DATA, 1, TW_PIN_TRANSLATED);
  GOOD(&w);
  wires_drive(&w);
  wires_answer(&w, TW_PORT_DATA, 0, TW_PIN_TRANSLATED);
  GOOD(&w);
  assert_int_equal(tw_player_counted(w.player)->overlapped, 1);
  assert_int_equal(tw_player_counted(w.player)->overtakings, 1);
  wires_end(&w);
}

static void environment_bits_of_control_writes_are_on_the_pins(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_control(&w.script, 0, TW_SUPERVISOR)->control.adue = true;
  script_control(&w.script, 0, TW_SUPERVISOR)->control.pbmte = true;
  wires_begin(&w);
  wires_drive(&w);
  assert_int_equal(w.in->control.valid & w.in->control.adue, 1);
  assert_int_equal(w.in->control.pbmte, 0);
  GOOD(&w);
  wires_drive(&w);
  assert_int_equal(w.in->control.valid & w.in->control.pbmte, 1);
  GOOD(&w);
  assert_int_equal(tw_player_control(w.player)->adue | tw_player_control(w.player)->pbmte, 0); /* P36: not there */
  wires_end(&w);
}

static void a_pmp_write_is_in_force_from_the_next_cycle_on(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_pmp(&w.script, TW_PMP_ADDR, 3, 0x1234);
  script_after_last(script_pmp(&w.script, TW_PMP_CFG, 3, TW_PMP_NA4 | TW_PMP_R));
  guarded_begin(&w);
  const tw_pmp *pmp = tw_player_machine(w.player)->pmp;
  wires_drive(&w);
  assert_int_equal(w.in->pmp.valid, 1);
  assert_int_equal(w.in->pmp.kind * 100 + w.in->pmp.index, 103);
  assert_int_equal(w.in->pmp.value, 0x1234);
  assert_int_equal(pmp->addr[3], 0);
  GOOD(&w);
  assert_int_equal(pmp->addr[3], 0x1234);
  wires_drive(&w);
  assert_int_equal(w.in->pmp.valid, 1);
  assert_int_equal(w.in->pmp.kind, TW_PIN_PMP_CFG);
  GOOD(&w);
  assert_int_equal(pmp->cfg[3], TW_PMP_NA4 | TW_PMP_R);
  wires_drive(&w);
  assert_int_equal(w.in->pmp.valid, 0);
  assert_int_equal(tw_player_counted(w.player)->pmps, 2);
  wires_end(&w);
}

static void an_access_outstanding_over_a_pmp_write_is_marked(void **state) {
  (void)state;
  static wires w;
  script_init(&w.script);
  script_access(&w.script, TW_LOAD, 0x1000);
  script_pmp(&w.script, TW_PMP_ADDR, 0, 1)->delay = 2;
  tw_record *late = script_access(&w.script, TW_FETCH, 0x2000);
  script_after_last(late);
  guarded_begin(&w);
  wires_idle(&w, 4);
  assert_true(tw_player_flight(w.player, TW_PORT_DATA, 0)->pmp_changed);
  assert_false(tw_player_flight(w.player, TW_PORT_FETCH, 0)->pmp_changed);
  wires_end(&w);
}

static const uint64_t sv39 = 8ull << 60;

/* Offers a page-table request when PMP denies everything to S-mode. */
static void a_page_table_request_that_pmp_denies_breaks_a_rule(void **state) {
  (void)state;
  for (unsigned opened = 0; opened < 2; opened++) {
    static wires w;
    script_init(&w.script);
    script_control(&w.script, sv39 | 0x80, TW_SUPERVISOR);
    script_pmp(&w.script, TW_PMP_ADDR, 15, (1ull << 54) - 1);
    if (opened) script_after_last(script_pmp(&w.script, TW_PMP_CFG, 15, TW_PMP_NAPOT | TW_PMP_R));
    script_access(&w.script, TW_LOAD, 0x1000)->after.all = true;
    guarded_begin(&w);
    wires_idle(&w, 4);
    wires_drive(&w);
    w.out.mem = (tw_pins_memory_out){.req_valid = 1, .req_size = 3, .req_addr = 0x80000};
    assert_int_equal(wires_observe(&w), opened ? TW_PLAYER_GOOD : TW_PLAYER_VIOLATION);
    if (!opened) assert_non_null(strstr(w.error.text, "P33"));
    wires_end(&w);
  }
}

static void shallower_modes_are_taken_over_and_deeper_ones_are_not(void **state) {
  (void)state;
  static const struct {
    tw_mode deepest;
    uint64_t modes; /* bit n: satp.MODE n */
  } has[] = {{TW_SV39, 1u << 8}, {TW_SV48, 1u << 8 | 1u << 9}, {TW_SV57, 1u << 8 | 1u << 9 | 1u << 10}};
  for (size_t i = 0; i < sizeof has / sizeof has[0]; i++) {
    tw_config config = TW_CONFIG_BASE39;
    config.mode = has[i].deepest;
    for (uint64_t mode = 0; mode < 16; mode++) {
      tw_control_state control = {.satp = 0x77};
      const tw_record_control write = {.satp = mode << 60 | 0x123};
      const bool taken = mode == 0 || (has[i].modes >> mode & 1);
      assert_int_equal(tw_control_apply(&control, &config, &write), taken);
      assert_int_equal(control.satp, taken ? write.satp : 0x77);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(size_and_speculation_are_on_the_pins_and_gone_after_the_handshake),
      cmocka_unit_test(a_speculative_request_is_asked_again_without_speculation),
      cmocka_unit_test(a_hit_under_a_miss_is_asked_and_counted),
      cmocka_unit_test(environment_bits_of_control_writes_are_on_the_pins),
      cmocka_unit_test(a_pmp_write_is_in_force_from_the_next_cycle_on),
      cmocka_unit_test(an_access_outstanding_over_a_pmp_write_is_marked),
      cmocka_unit_test(a_page_table_request_that_pmp_denies_breaks_a_rule),
      cmocka_unit_test(shallower_modes_are_taken_over_and_deeper_ones_are_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
