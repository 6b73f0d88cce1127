/* What each form of fence revokes, page size by page size.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x1234567000)

typedef struct form {
  unsigned level;
  bool global;
  bool has_va, va_matches;
  bool has_asid, asid_matches;
} form;

/* Rules sfence_vma_all_asid_va, _asid_only, _va_all_asid, _va_asid. */
static bool form_revokes(const form *f) {
  if (!f->has_va && !f->has_asid) return true;
  if (f->has_va && !f->va_matches) return false;
  if (f->has_asid) return f->asid_matches && !f->global;
  return true;
}

static void form_fence(harness *h, const form *f) {
  unsigned page_bits = TW_PAGE_BITS + f->level * h->row->vpn_bits;
  uint64_t in_page = VA ^ (UINT64_C(1) << (page_bits - 1)); /* the page's other half */
  uint64_t beside = VA ^ UINT64_C(1) << page_bits;
  h->in.fence.valid = 1;
  if (f->has_va) harness_fence_va(h, f->va_matches ? in_page : beside);
  if (f->has_asid) harness_fence_asid(h, f->asid_matches ? 5 : 6);
}

static void form_run(const tw_config *config, const form *f) {
  static harness h;
  harness_open(&h, config);
  uint64_t va = config->mode == TW_SV32 ? VA & UINT32_MAX : VA;
  uint64_t root = harness_table(&h);
  uint64_t satp = harness_satp(&h, root, 5);
  harness_map(&h, root, va, f->level, 0, RWX | (f->global ? TW_PTE_G : 0u));
  harness_control(&h, satp, TW_SUPERVISOR);
  harness_cycle(&h);
  harness_access(&h, TW_PORT_FETCH, TW_FETCH, va);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, va);
  form_fence(&h, f);
  harness_cycle(&h);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    assert_int_equal(harness_valid_count(&h, (tw_port)p), !form_revokes(f));
    harness_answer answer = harness_access(&h, (tw_port)p, p == TW_PORT_FETCH ? TW_FETCH : TW_LOAD, va);
    assert_int_equal(answer.response.hit, !form_revokes(f));
    assert_int_equal(answer.response.status, TW_PIN_TRANSLATED);
  }
  harness_close(&h);
}

static void fence_revokes_what_its_form_names_and_nothing_else(void **state) {
  (void)state;
  for (unsigned bits = 0; bits < 32; bits++) {
    form f = {.global = bits & 1,
              .has_va = bits & 2,
              .va_matches = bits & 4,
              .has_asid = bits & 8,
              .asid_matches = bits & 16};
    for (f.level = 0; f.level < 3; f.level++) form_run(&TW_CONFIG_BASE39, &f);
    for (f.level = 0; f.level < 2; f.level++) form_run(&TW_CONFIG_TINY32, &f);
  }
}

/* At whatever level the pointer is. */
static void global_pointer_makes_its_pages_global(void **state) {
  (void)state;
  static harness h;
  for (unsigned level = 1; level < 3; level++) {
    harness_open(&h, &TW_CONFIG_BASE39);
    uint64_t root = harness_table(&h);
    harness_map(&h, root, VA, 0, 0, RWX);
    uint64_t pointer = harness_entry(&h, root, VA, level);
    uint64_t pte = 0;
    harness_read(&h, pointer, 8, &pte);
    harness_write(&h, pointer, pte | TW_PTE_G);
    harness_control(&h, harness_satp(&h, root, 5), TW_SUPERVISOR);
    harness_cycle(&h);
    assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA).response.flags, RWX | TW_PTE_G);
    harness_fence_asid(&h, 5);
    harness_control(&h, harness_satp(&h, root, 6), TW_SUPERVISOR);
    harness_cycle(&h);
    harness_answer answer = harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
    assert_int_equal(answer.response.hit, 1);
    assert_int_equal(answer.response.flags, RWX | TW_PTE_G);
    /* The next walk begins with no G. */
    harness_map(&h, root, VA & 0x3fffffff, 0, 0, RWX);
    assert_int_equal(harness_access(&h, TW_PORT_DATA, TW_LOAD, VA & 0x3fffffff).response.flags, RWX);
    harness_close(&h);
  }
}

static void fence_of_address_zero_and_asid_zero_names_them(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  uint64_t root = harness_table(&h);
  harness_map(&h, root, 0, 0, 0, RWX);
  harness_map(&h, root, 0x1000, 0, 0, RWX);
  harness_control(&h, harness_satp(&h, root, 0), TW_SUPERVISOR);
  harness_cycle(&h);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, 0);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, 0x1000);
  harness_fence_va(&h, 0);
  harness_fence_asid(&h, 0);
  harness_cycle(&h);
  assert_int_equal(harness_entry_index(&h, TW_PORT_DATA, 0, 0), -1);
  assert_int_equal(harness_entry_index(&h, TW_PORT_DATA, 0x1000, 0), 1);
  harness_close(&h);
}

/* Rule sfence_vma_invalid_va: no entry goes, no walk is killed, and the fence is done. */
static void fence_of_a_non_canonical_address_has_no_effect(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  uint64_t root = harness_table(&h);
  harness_map(&h, root, VA, 0, 0, RWX);
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 1, VA);
  for (unsigned t = 0; t < 9; t++) {
    harness_fence_va(&h, VA | UINT64_C(1) << 40);
    harness_cycle(&h);
    assert_int_equal(h.out.fetch.valid, t == 8);
    assert_int_equal(h.out.fence_done, t > 0);
    if (t > 0) assert_true(h.out.event & TW_EVENT_FENCE);
  }
  assert_int_equal(h.events[12], 0);
  assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 1);
  harness_close(&h);
}

static void fence_kills_a_walk_that_it_does_not_name(void **state) {
  (void)state;
  static harness h;
  harness_open(&h, &TW_CONFIG_BASE39);
  uint64_t root = harness_table(&h);
  harness_map(&h, root, VA, 0, 0, RWX);
  harness_control(&h, harness_satp(&h, root, 1), TW_SUPERVISOR);
  harness_cycle(&h);
  harness_request(&h, TW_PORT_FETCH, TW_FETCH, 1, VA);
  for (unsigned t = 0; t < 12; t++) {
    if (t == 2) harness_fence_va(&h, VA + 0x40000000);
    if (t == 2) harness_fence_asid(&h, 9);
    harness_cycle(&h);
    assert_int_equal(h.out.fetch.valid, t == 11);
  }
  assert_int_equal(h.events[12], 1);
  harness_close(&h);
}

static void fence_ignores_what_its_mmu_has_not(void **state) {
  (void)state;
  static harness h;
  tw_config config = TW_CONFIG_TINY32;
  config.asid_bits = 4;
  harness_open(&h, &config);
  uint64_t root = harness_table(&h);
  harness_map(&h, root, 0x1000, 0, 0, RWX);
  harness_map(&h, root, 0x2000, 0, 0, RWX);
  harness_control(&h, harness_satp(&h, root, 3), TW_SUPERVISOR);
  harness_cycle(&h);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, 0x1000);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, 0x2000);
  harness_fence_va(&h, 0xdeadbeef00001000); /* RV32: bits 63..32 are ignored (P15) */
  harness_fence_asid(&h, 0xff43);           /* ASIDLEN 4: bits above 3 are ignored (P23) */
  harness_cycle(&h);
  assert_int_equal(harness_entry_index(&h, TW_PORT_DATA, 0x1000, 3), -1);
  assert_int_equal(harness_entry_index(&h, TW_PORT_DATA, 0x2000, 3), 1);
  harness_close(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fence_revokes_what_its_form_names_and_nothing_else),
      cmocka_unit_test(global_pointer_makes_its_pages_global),
      cmocka_unit_test(fence_of_address_zero_and_asid_zero_names_them),
      cmocka_unit_test(fence_of_a_non_canonical_address_has_no_effect),
      cmocka_unit_test(fence_kills_a_walk_that_it_does_not_name),
      cmocka_unit_test(fence_ignores_what_its_mmu_has_not),
  };
  return cmocka_run_group_tests_name("mmu_fence", tests, NULL, NULL);
}
