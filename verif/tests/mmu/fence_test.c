/* What each form of fence revokes, page size by page size.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#define VA UINT64_C(0x1234567000)

typedef struct form {
  unsigned size;
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

/* Page sizes by their level, and 64 KiB beside. */
enum { NAPOT = 5 };

static unsigned page_bits(const harness *h, unsigned size) {
  return size == NAPOT ? 16 : TW_PAGE_BITS + size * h->row->vpn_bits;
}

static void form_fence(harness *h, const form *f) {
  uint64_t in_page = VA ^ (UINT64_C(1) << (page_bits(h, f->size) - 1)); /* the page's other half */
  uint64_t beside = VA ^ UINT64_C(1) << page_bits(h, f->size);
  h->in.fence.valid = 1;
  if (f->has_va) harness_fence_va(h, f->va_matches ? in_page : beside);
  if (f->has_asid) harness_fence_asid(h, f->asid_matches ? 5 : 6);
}

static unsigned l2_count(const harness *h) {
  tw_mmu_entry entry;
  unsigned count = 0;
  for (unsigned set = 0; tw_mmu_l2_read(h->mmu, set, 0, &entry); set++)
    for (unsigned way = 0; tw_mmu_l2_read(h->mmu, set, way, &entry); way++) count += entry.valid;
  for (unsigned e = 0; tw_mmu_super_read(h->mmu, e, &entry); e++) count += entry.valid;
  return count;
}

static unsigned pointer_count(const harness *h) {
  tw_mmu_pointer pointer;
  unsigned count = 0;
  for (unsigned level = 1; level < h->row->levels; level++)
    for (unsigned e = 0; tw_mmu_pointer_read(h->mmu, level, e, &pointer); e++) count += pointer.valid;
  return count;
}

/* A page that is global by its leaf; the pointers to it are not. */
static void form_run(const tw_config *config, const form *f) {
  static harness h;
  harness_open(&h, config);
  uint64_t va = config->mode == TW_SV32 ? VA & UINT32_MAX : VA;
  uint64_t root = harness_root(&h, 5);
  uint64_t flags = RWX | (f->global ? TW_PTE_G : 0u);
  if (f->size == NAPOT) {
    harness_map_napot(&h, root, va & ~UINT64_C(0xffff), 0, flags);
  } else {
    harness_map(&h, root, va, f->size, 0, flags);
  }
  harness_access(&h, TW_PORT_FETCH, TW_FETCH, va);
  harness_access(&h, TW_PORT_DATA, TW_LOAD, va);
  unsigned pointers = config->walk_entries ? h.row->levels - 1 - (f->size == NAPOT ? 0 : f->size) : 0;
  assert_int_equal(l2_count(&h), config->l2.entries > 0);
  assert_int_equal(pointer_count(&h), pointers);
  form_fence(&h, f);
  uint64_t sweep = !config->l2.entries || (!f->has_va && !f->has_asid) ? 0 : f->has_va ? 1 : 8;
  assert_int_equal(harness_fence_done(&h), 1 + sweep);
  bool revoked = form_revokes(f);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) assert_int_equal(harness_valid_count(&h, (tw_port)p), !revoked);
  assert_int_equal(l2_count(&h), config->l2.entries > 0 && !revoked);
  bool pointers_go = !f->has_va && (!f->has_asid || f->asid_matches);
  assert_int_equal(pointer_count(&h), pointers_go ? 0 : pointers);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    tw_pins_response r = harness_access(&h, (tw_port)p, p == TW_PORT_FETCH ? TW_FETCH : TW_LOAD, va).response;
    assert_int_equal(r.hit == TW_PIN_HIT_L1, !revoked);
    assert_int_equal(r.status, TW_PIN_TRANSLATED);
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
    tw_config wide = harness_wide();
    wide.l2 = (tw_l2_config){16, 2, 1, TW_PLRU, 2};
    wide.walk_entries = 2;
    tw_config small = TW_CONFIG_TINY32;
    small.l2 = wide.l2;
    small.walk_entries = 1;
    for (f.size = 0; f.size < 3; f.size++) form_run(&TW_CONFIG_BASE39, &f);
    for (f.size = 0; f.size < 2; f.size++) form_run(&TW_CONFIG_TINY32, &f);
    for (f.size = 0; f.size < 3; f.size++) form_run(&wide, &f);
    for (f.size = 0; f.size < 2; f.size++) form_run(&small, &f);
    f.size = NAPOT;
    form_run(&wide, &f);
  }
}

/* ASID alone: a pointer that is global by itself or by one above stays. */
static void fence_of_an_asid_spares_global_pointers(void **state) {
  (void)state;
  static harness h;
  for (unsigned level = 1; level < 3; level++) {
    tw_config config = harness_wide();
    config.walk_entries = 2;
    harness_open(&h, &config);
    uint64_t root = harness_root(&h, 5);
    harness_map(&h, root, VA, 0, 0, RWX);
    uint64_t entry = harness_entry(&h, root, VA, level);
    uint64_t pte = 0;
    harness_read(&h, entry, 8, &pte);
    harness_write(&h, entry, pte | TW_PTE_G);
    harness_access(&h, TW_PORT_DATA, TW_LOAD, VA);
    assert_int_equal(pointer_count(&h), 2);
    harness_fence_asid(&h, 5);
    harness_cycle(&h);
    assert_int_equal(pointer_count(&h), level); /* of level 2 and so of level 1, or of level 1 alone */
    harness_close(&h);
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
  assert_int_equal(h.events[EVENT(WALK_KILL)], 0);
  assert_int_equal(harness_valid_count(&h, TW_PORT_DATA), 1);
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
      cmocka_unit_test(fence_of_an_asid_spares_global_pointers),
      cmocka_unit_test(global_pointer_makes_its_pages_global),
      cmocka_unit_test(fence_of_address_zero_and_asid_zero_names_them),
      cmocka_unit_test(fence_of_a_non_canonical_address_has_no_effect),
      cmocka_unit_test(fence_ignores_what_its_mmu_has_not),
  };
  return cmocka_run_group_tests_name("mmu_fence", tests, NULL, NULL);
}
