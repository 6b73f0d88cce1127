/* The naive translator alone, on cases worked out by hand from the manual.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "naive_walk.h"

#define CELLS 8

/* A few entries; all else reads as 0. */
typedef struct small_memory {
  struct {
    uint64_t address, value;
  } cell[CELLS];
  int cells;
  int reads, swaps;
  uint64_t meddled; /* written to the entry of the first swap, just before it; 0 for nothing */
} small_memory;

static uint64_t *cell_of(small_memory *memory, uint64_t address) {
  for (int i = 0; i < memory->cells; i++) {
    if (memory->cell[i].address == address) return &memory->cell[i].value;
  }
  return NULL;
}

static void put(small_memory *memory, uint64_t address, uint64_t value) {
  memory->cell[memory->cells].address = address;
  memory->cell[memory->cells++].value = value;
}

static bool small_read(void *payload, uint64_t address, int bytes, uint64_t *value) {
  small_memory *memory = payload;
  const uint64_t *cell = cell_of(memory, address);
  memory->reads++;
  *value = cell ? *cell : 0;
  return bytes == 4 || bytes == 8;
}

static bool small_swap(void *payload, uint64_t address, int bytes, uint64_t old, uint64_t fresh, uint64_t *found) {
  small_memory *memory = payload;
  uint64_t *cell = cell_of(memory, address);
  if (memory->swaps++ == 0 && memory->meddled) *cell = memory->meddled;
  *found = *cell;
  if (*cell == old) *cell = fresh;
  return bytes == 4 || bytes == 8;
}

/* Everything a case needs; a case changes what it is about. */
typedef struct naive_case {
  naive_hart hart;
  naive_machine machine;
  naive_pmp pmp;
  naive_access access;
  small_memory memory;
} naive_case;

static naive_answer play(naive_case *scene) {
  naive_memory memory = {.read = small_read, .swap = small_swap, .payload = &scene->memory};
  return naive_walk(&scene->hart, &scene->machine, &scene->access, &memory);
}

/* Sv39, root at 0x80000000: 0x12345678 is VPN 0, 0x91, 0x145, offset 0x678. Two pointers lead to the leaf's table. */
static naive_case scene_of_sv39(uint64_t leaf) {
  naive_case made = {.hart = {.xlen = 64, .satp = (uint64_t)8 << 60 | 0x80000, .privilege = 'S'},
                     .access = {.kind = 'l', .va = 0x12345678, .bytes = 8}};
  put(&made.memory, 0x80000000, (uint64_t)0x80001 << 10 | 1);
  put(&made.memory, 0x80001000 + 0x91 * 8, (uint64_t)0x80002 << 10 | 1);
  put(&made.memory, 0x80002000 + 0x145 * 8, leaf);
  return made;
}

static uint64_t leaf_of(uint64_t page, unsigned flags) {
  return page << 10 | flags;
}

static void sv39_page_of_4_kib(void **state) {
  (void)state;
  naive_case scene = scene_of_sv39(leaf_of(0xabcde, 0xcf));
  naive_answer answer = play(&scene);
  assert_int_equal(answer.reason, TW_OK);
  assert_int_equal(answer.pa, 0xabcde678);
  assert_int_equal(answer.level, 0);
  assert_int_equal(answer.flags, 0xcf);
  assert_int_equal(answer.steps, 3);
  assert_int_equal(answer.step[2].address, 0x80002a28);
}

static void sv39_page_of_2_mib_takes_vpn_0_from_the_address(void **state) {
  (void)state;
  naive_case scene = scene_of_sv39(0);
  scene.memory.cell[1].value = leaf_of(0xabc00, 0xcf);
  naive_answer answer = play(&scene);
  assert_int_equal(answer.pa, 0xabd45678);
  assert_int_equal(answer.level, 1);
  scene.memory.cell[1].value = leaf_of(0xabc01, 0xcf);
  assert_int_equal(play(&scene).reason, TW_REASON_MISALIGNED);
}

static void sv32_reaches_34_bits(void **state) {
  (void)state;
  naive_case scene = {.hart = {.xlen = 32, .satp = 0x80000000 | 0x3fffff, .privilege = 'U'},
                      .access = {.kind = 's', .va = 0xffffffff00c01004, .bytes = 4}};
  put(&scene.memory, 0x3fffff000 + 3 * 4, (uint64_t)0x200000 << 10 | 1);
  put(&scene.memory, 0x200000000 + 1 * 4, 0xfff00000 | 0xd7);
  naive_answer answer = play(&scene);
  assert_int_equal(answer.reason, TW_OK);
  assert_int_equal(answer.pa, 0x3ffc00004);
  assert_int_equal(answer.step[0].address, 0x3fffff00c);
}

static void sv57_walks_five_tables(void **state) {
  (void)state;
  naive_case scene = {.hart = {.xlen = 64, .satp = (uint64_t)10 << 60 | 1, .privilege = 'S'},
                      .access = {.kind = 'f', .va = 0xff00000000000010, .bytes = 4}};
  put(&scene.memory, 0x1000 + 256 * 8, 2 << 10 | 1);
  put(&scene.memory, 0x2000, 3 << 10 | 1);
  put(&scene.memory, 0x3000, 4 << 10 | 1);
  put(&scene.memory, 0x4000, 5 << 10 | 1);
  put(&scene.memory, 0x5000, leaf_of(0x8000000, 0x49));
  naive_answer answer = play(&scene);
  assert_int_equal(answer.reason, TW_OK);
  assert_int_equal(answer.pa, 0x8000000010);
  scene.access.va = 0xfe00000000000010;
  assert_int_equal(play(&scene).reason, TW_REASON_NOT_CANONICAL);
  assert_int_equal(play(&scene).mcause, 12);
}

static void entries_are_judged_in_the_stated_order(void **state) {
  (void)state;
  static const struct {
    uint64_t leaf;
    tw_reason reason;
  } cases[] = {
      {0xce, TW_REASON_INVALID},
      {(uint64_t)1 << 54 | 0xcd, TW_REASON_WRITE_ONLY},
      {(uint64_t)1 << 54 | 0xcf, TW_REASON_RESERVED_BITS},
      {(uint64_t)3 << 61 | 0xcf, TW_REASON_RESERVED_BITS},
      {0x41, TW_REASON_POINTER_RESERVED},
      {0x01, TW_REASON_NO_LEAF},
      {0xdf & ~0x40, TW_REASON_SUPERVISOR_DENIED},
      {0x89, TW_REASON_READ_DENIED},
      {0x8f, TW_REASON_ACCESSED_CLEAR},
      {0x4f, TW_OK},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    naive_case scene = scene_of_sv39(cases[i].leaf);
    assert_int_equal(play(&scene).reason, cases[i].reason);
  }
}

static void mxr_and_sum_open_what_they_name(void **state) {
  (void)state;
  naive_case scene = scene_of_sv39(0xd9);
  scene.hart.sum = true;
  assert_int_equal(play(&scene).reason, TW_REASON_READ_DENIED);
  scene.hart.mxr = true;
  assert_int_equal(play(&scene).reason, TW_OK);
  scene.access.kind = 'f';
  assert_int_equal(play(&scene).reason, TW_REASON_SUPERVISOR_DENIED);
  scene.hart.privilege = 'U';
  assert_int_equal(play(&scene).reason, TW_OK);
}

static void mprv_lends_a_privilege_to_data_alone(void **state) {
  (void)state;
  naive_case scene = scene_of_sv39(leaf_of(0xabcde, 0xcf));
  scene.hart.privilege = 'M';
  scene.hart.mpp = 'S';
  assert_int_equal(play(&scene).pa, 0x12345678);
  scene.hart.mprv = true;
  assert_int_equal(play(&scene).pa, 0xabcde678);
  scene.access.kind = 'f';
  assert_int_equal(play(&scene).pa, 0x12345678);
}

static void page_of_64_kib_takes_four_bits_from_the_address(void **state) {
  (void)state;
  naive_case scene = scene_of_sv39((uint64_t)1 << 63 | leaf_of(0xabcd8, 0xcf));
  assert_int_equal(play(&scene).reason, TW_REASON_RESERVED_BITS);
  scene.hart.extensions.svnapot = true;
  naive_answer answer = play(&scene);
  assert_int_equal(answer.pa, 0xabcd5678);
  assert_true(answer.napot);
  scene.memory.cell[2].value = (uint64_t)1 << 63 | leaf_of(0xabcdc, 0xcf);
  assert_int_equal(play(&scene).reason, TW_REASON_NAPOT_RESERVED);
  scene.memory.cell[1].value = (uint64_t)1 << 63 | leaf_of(0xabc08, 0xcf);
  assert_int_equal(play(&scene).reason, TW_REASON_NAPOT_RESERVED);
}

static void memory_types_need_pbmte(void **state) {
  (void)state;
  naive_case scene = scene_of_sv39((uint64_t)2 << 61 | leaf_of(0xabcde, 0xcf));
  scene.hart.extensions.svpbmt = true;
  assert_int_equal(play(&scene).reason, TW_REASON_RESERVED_BITS);
  scene.hart.extensions.pbmte = true;
  assert_int_equal(play(&scene).attribute, TW_PBMT_IO);
  scene.memory.cell[2].value |= (uint64_t)3 << 61;
  assert_int_equal(play(&scene).reason, TW_REASON_PBMT_RESERVED);
  scene.memory.cell[1].value |= (uint64_t)1 << 61;
  assert_int_equal(play(&scene).reason, TW_REASON_POINTER_RESERVED);
}

static void software_bits_60_and_59_are_free_with_their_extension(void **state) {
  (void)state;
  naive_case scene = scene_of_sv39((uint64_t)3 << 59 | leaf_of(0xabcde, 0xcf));
  scene.memory.cell[0].value |= (uint64_t)3 << 59;
  assert_int_equal(play(&scene).reason, TW_REASON_RESERVED_BITS);
  scene.hart.extensions.svrsw60t59b = true;
  assert_int_equal(play(&scene).pa, 0xabcde678);
}

static naive_case scene_of_updates(unsigned flags) {
  naive_case made = scene_of_sv39(leaf_of(0xabcde, flags));
  made.hart.extensions = (naive_extensions){.svadu = true, .adue = true};
  made.access.kind = 's';
  return made;
}

static void hardware_sets_a_and_d(void **state) {
  (void)state;
  naive_case scene = scene_of_updates(0x0f);
  naive_answer answer = play(&scene);
  assert_int_equal(answer.flags, 0xcf);
  assert_int_equal(scene.memory.cell[2].value, leaf_of(0xabcde, 0xcf));
  assert_int_equal(answer.steps, 4);
  assert_true(answer.step[3].swapped);
  scene = scene_of_updates(0x0f);
  scene.access.kind = 'l';
  assert_int_equal(play(&scene).flags, 0x4f);
  scene = scene_of_updates(0x0f);
  scene.hart.extensions.adue = false;
  assert_int_equal(play(&scene).reason, TW_REASON_ACCESSED_CLEAR);
}

static void speculation_updates_nothing(void **state) {
  (void)state;
  naive_case scene = scene_of_updates(0x4f);
  scene.access.speculative = true;
  naive_answer answer = play(&scene);
  assert_true(answer.retry);
  assert_int_equal(answer.reason, TW_OK);
  assert_int_equal(answer.pa, 0);
  assert_int_equal(scene.memory.swaps, 0);
}

static void lost_update_reads_the_entry_again(void **state) {
  (void)state;
  naive_case scene = scene_of_updates(0x0f);
  scene.memory.meddled = leaf_of(0x11111, 0x0f);
  naive_answer answer = play(&scene);
  assert_int_equal(answer.pa, 0x11111678);
  assert_int_equal(answer.steps, 6);
  assert_true(answer.step[3].lost);
  assert_int_equal(answer.step[3].value, leaf_of(0x11111, 0x0f));
  scene = scene_of_updates(0x0f);
  scene.memory.meddled = leaf_of(0x11111, 0x0b);
  answer = play(&scene);
  assert_int_equal(answer.reason, TW_REASON_WRITE_DENIED);
  assert_int_equal(answer.mcause, 15);
}

static void addresses_beyond_the_width_are_access_faults(void **state) {
  (void)state;
  naive_case scene = scene_of_sv39(leaf_of((uint64_t)1 << 20, 0xcf));
  assert_int_equal(play(&scene).reason, TW_OK);
  scene.machine.address_bits = 32;
  assert_int_equal(play(&scene).reason, TW_REASON_PHYSICAL_RANGE);
  assert_int_equal(play(&scene).mcause, 5);
  scene.machine.address_bits = 31;
  assert_int_equal(play(&scene).reason, TW_REASON_TABLE_RANGE);
  scene.hart.privilege = 'M';
  scene.access.va = 0x80000000;
  assert_int_equal(play(&scene).reason, TW_REASON_PHYSICAL_RANGE);
}

static void regions_say_what_they_take(void **state) {
  (void)state;
  naive_case scene = scene_of_updates(0x4f);
  scene.machine.regions = 1;
  scene.machine.region[0] = (naive_region){.first = 0x80000000, .end = 0x80010000};
  assert_int_equal(play(&scene).reason, TW_REASON_TABLE_PMA);
  scene.machine.region[0].tables = true;
  assert_int_equal(play(&scene).reason, TW_REASON_UPDATE_PMA);
  scene.machine.region[0].updates = true;
  assert_int_equal(play(&scene).reason, TW_REASON_PMA_DENIED);
  assert_int_equal(naive_region_of(&scene.machine, 0x8000fff8, 8), 0);
  assert_int_equal(naive_region_of(&scene.machine, 0x8000fff9, 8), -1);
}

/* Rule 0 of 16: `config` with an address; the others off. */
static naive_case scene_of_pmp(uint8_t config, uint64_t address) {
  naive_case made = scene_of_updates(0x4f);
  naive_pmp_reset(&made.pmp, 16, 0, 64, true);
  naive_pmp_write_address(&made.pmp, 0, address);
  naive_pmp_write_config(&made.pmp, 0, config);
  return made;
}

static void pmp_binds_tables_as_s_mode_reads_and_writes(void **state) {
  (void)state;
  naive_case scene = scene_of_pmp(0x1b, UINT64_MAX); /* NAPOT, RW, everything */
  scene.machine.pmp = &scene.pmp;
  assert_int_equal(play(&scene).reason, TW_OK);
  scene = scene_of_pmp(0x19, UINT64_MAX);
  scene.machine.pmp = &scene.pmp;
  assert_int_equal(play(&scene).reason, TW_REASON_UPDATE_PMP);
  assert_int_equal(play(&scene).mcause, 7);
  scene = scene_of_pmp(0x1c, UINT64_MAX);
  scene.machine.pmp = &scene.pmp;
  assert_int_equal(play(&scene).reason, TW_REASON_TABLE_PMP);
  scene = scene_of_pmp(0x0b, 0x90000000 >> 2); /* TOR */
  scene.machine.pmp = &scene.pmp;
  assert_int_equal(play(&scene).reason, TW_REASON_PMP_DENIED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sv39_page_of_4_kib),
      cmocka_unit_test(sv39_page_of_2_mib_takes_vpn_0_from_the_address),
      cmocka_unit_test(sv32_reaches_34_bits),
      cmocka_unit_test(sv57_walks_five_tables),
      cmocka_unit_test(entries_are_judged_in_the_stated_order),
      cmocka_unit_test(mxr_and_sum_open_what_they_name),
      cmocka_unit_test(mprv_lends_a_privilege_to_data_alone),
      cmocka_unit_test(page_of_64_kib_takes_four_bits_from_the_address),
      cmocka_unit_test(memory_types_need_pbmte),
      cmocka_unit_test(software_bits_60_and_59_are_free_with_their_extension),
      cmocka_unit_test(hardware_sets_a_and_d),
      cmocka_unit_test(speculation_updates_nothing),
      cmocka_unit_test(lost_update_reads_the_entry_again),
      cmocka_unit_test(addresses_beyond_the_width_are_access_faults),
      cmocka_unit_test(regions_say_what_they_take),
      cmocka_unit_test(pmp_binds_tables_as_s_mode_reads_and_writes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
