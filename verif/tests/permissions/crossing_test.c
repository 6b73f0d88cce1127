/* Accesses of 1 to 64 bytes, misaligned and across a page boundary, asked in their halves: each half is translated and
 * checked on its own, and its trap value is its first byte (P13, rule pmp_misaligned_access_behavior).
 *
 *   test_permissions_crossing SUBJECT CONFIG...     SUBJECT is model, rtl, a plug-in's path, or mutants@NUMBER
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crossing.h"

#define BOUNDARY 0x1c800000u /* the beginning of a page of every size up to 8 MiB */
#define INSIDE 0x3000u       /* from it, a boundary between two pages of one table */

static crossing opened;

static crossing *begin(void **state) {
  tw_error error = {""};
  if (!crossing_open(&opened, *state, &error)) fail_msg("%s", error.text);
  return &opened;
}

static void end(crossing *c) {
  crossing_close(c);
  if (c->error[0]) fail_msg("%s", c->error);
}

/* Which sizes of pages meet; the last one with Svnapot only. */
static const crossing_size sizes[][2] = {
    {SIZE_4K, SIZE_4K}, {SIZE_4K, SIZE_SUPER}, {SIZE_SUPER, SIZE_4K}, {SIZE_SUPER, SIZE_SUPER}, {SIZE_64K, SIZE_64K}};

static unsigned size_pairs(const crossing *c) {
  return (unsigned)(sizeof sizes / sizeof sizes[0]) - !(c->m.config.extensions & TW_EXT_SVNAPOT);
}

static crossing_scene scene_of(uint64_t boundary, crossing_kind first, crossing_kind second) {
  return (crossing_scene){.boundary = boundary, .pages = {{.kind = first}, {.kind = second}}};
}

static void both_halves_of_every_access_are_translated(void **state) {
  crossing *c = begin(state);
  for (unsigned pair = 0; pair < size_pairs(c); pair++) {
    for (unsigned inside = 0; inside < (pair == 0 ? 2u : 1u); inside++) {
      crossing_scene scene = scene_of(BOUNDARY + inside * INSIDE, PAGE_GOOD, PAGE_GOOD);
      scene.pages[0].size = sizes[pair][0];
      scene.pages[1].size = sizes[pair][1];
      for (unsigned cold = 0; cold < 2; cold++) {
        scene.cold = cold;
        crossing_set(c, &scene);
        crossing_put_all(c, true);
      }
    }
  }
  end(c);
  assert_int_equal(c->faults[0] + c->faults[1] + c->faults[2], 0);
  assert_true(c->crossings > 0);
}

static void a_fault_is_that_of_the_half_that_has_it(void **state) {
  crossing *c = begin(state);
  for (unsigned pair = 0; pair < size_pairs(c); pair++) {
    for (unsigned kinds = 1; kinds < PAGE_KINDS * PAGE_KINDS; kinds++) {
      crossing_scene scene = scene_of(BOUNDARY, kinds % PAGE_KINDS, kinds / PAGE_KINDS);
      scene.pages[0].size = sizes[pair][0];
      scene.pages[1].size = sizes[pair][1];
      crossing_set(c, &scene);
      crossing_put_all(c, pair == 0);
    }
  }
  end(c);
  for (unsigned which = 0; which < 3; which++) assert_true(c->faults[which] > 0);
}

/* Regions that end inside the first page, inside the second, or inside both, 4 to 64 bytes from the boundary. */
static void pmp_grants_or_denies_each_half_alone(void **state) {
  crossing *c = begin(state);
  const unsigned step = 4u << c->m.config.pmp_grain;
  const bool guarded = c->m.config.pmp_entries > 0;
  for (unsigned edge = step; edge <= CROSSING_SIZES && guarded; edge += step) {
    for (unsigned which = 1; which <= 3; which++) {
      crossing_scene scene = scene_of(BOUNDARY, PAGE_GOOD, PAGE_GOOD);
      scene.front = which & 1 ? edge : 0;
      scene.back = which == 1 ? 0 : which == 2 ? edge : edge % 32 + step;
      scene.by_granting = edge / step % 2;
      crossing_set(c, &scene);
      crossing_put_all(c, true);
      scene.bare = true;
      scene.boundary = 0x90003000u;
      crossing_set(c, &scene);
      crossing_put_all(c, false);
    }
  }
  end(c);
  if (!guarded) skip();
  for (unsigned which = 0; which < 3; which++)
    assert_int_equal(c->faults[which] > 0, which < 2 || 2 * step < CROSSING_SIZES);
}

/* "A half that is granted may be performed though the other is not": its D is set. */
static void d_is_set_for_the_halves_that_pages_grant(void **state) {
  static const crossing_kind kinds[][2] = {
      {PAGE_CLEAN, PAGE_CLEAN}, {PAGE_CLEAN, PAGE_INVALID}, {PAGE_INVALID, PAGE_CLEAN}, {PAGE_CLEAN, PAGE_USER}};
  crossing *c = begin(state);
  const bool updates = (c->m.config.extensions & TW_EXT_SVADU) != 0;
  for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0] && updates; i++) {
    for (unsigned size = 1; size <= CROSSING_SIZES; size++) {
      for (unsigned before = 0; before <= CROSSING_SIZES; before++) {
        crossing_scene scene = scene_of(BOUNDARY, kinds[i][0], kinds[i][1]);
        scene.adue = true;
        if (c->m.config.pmp_entries && before % 3 == 0) scene.back = 32;
        crossing_set(c, &scene);
        crossing_put(c, TW_LOAD, BOUNDARY - before, size);
        crossing_put(c, before % 2 ? TW_STORE : TW_AMO, BOUNDARY - before, size);
        crossing_put(c, TW_STORE, BOUNDARY - before, size);
      }
    }
  }
  end(c);
  if (!updates) skip();
}

/* The pages at both ends of the hole of addresses that are not canonical, and those at both ends of all addresses. */
static void accesses_go_on_at_the_other_end_of_the_addresses(void **state) {
  crossing *c = begin(state);
  const bool rv32 = c->m.row->xlen == 32;
  const uint64_t half = UINT64_C(1) << (c->m.row->va_bits - 1);
  const uint64_t boundaries[] = {0, half, rv32 ? half : ~half + 1};
  for (unsigned i = 0; i < sizeof boundaries / sizeof boundaries[0]; i++) {
    const crossing_scene scene = scene_of(boundaries[i], PAGE_GOOD, PAGE_GOOD);
    crossing_set(c, &scene);
    crossing_put_all(c, true);
  }
  end(c);
  assert_int_equal(c->faults[0] > 0, !rv32);
  assert_int_equal(c->faults[1] > 0, !rv32);
}

typedef struct crossing_test {
  const char *name;
  CMUnitTestFunction function;
} crossing_test;

static const crossing_test all[] = {
    {"both_halves_of_every_access_are_translated", both_halves_of_every_access_are_translated},
    {"a_fault_is_that_of_the_half_that_has_it", a_fault_is_that_of_the_half_that_has_it},
    {"pmp_grants_or_denies_each_half_alone", pmp_grants_or_denies_each_half_alone},
    {"d_is_set_for_the_halves_that_pages_grant", d_is_set_for_the_halves_that_pages_grant},
    {"accesses_go_on_at_the_other_end_of_the_addresses", accesses_go_on_at_the_other_end_of_the_addresses},
};
#define TESTS (sizeof all / sizeof all[0])

int main(int argc, char **argv) {
  machine_choice choices[8];
  struct CMUnitTest tests[8 * TESTS];
  char names[8 * TESTS][100];
  const unsigned configs = argc > 2 ? (unsigned)argc - 2 : 0;
  if (configs == 0 || configs > 8) {
    fprintf(stderr, "usage: %s SUBJECT CONFIG...\n", argv[0]);
    return 2;
  }
  for (unsigned i = 0; i < configs * TESTS; i++) {
    machine_choice *choice = &choices[i / TESTS];
    *choice = machine_choice_of(argv[1], argv[2 + i / TESTS]);
    snprintf(names[i], sizeof names[i], "%s (%s %s)", all[i % TESTS].name, argv[1], choice->config);
    tests[i] = (struct CMUnitTest){names[i], all[i % TESTS].function, NULL, NULL, choice};
  }
  return _cmocka_run_group_tests("permissions_crossing", tests, configs * TESTS, NULL, NULL);
}
