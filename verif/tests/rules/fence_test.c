/* Directed tests of the rules on SFENCE.VMA and Svinval. Pages are brought into the TLBs, their entries are changed, a
 * fence is made, and what it names must be read anew. What it does not name stays where there are TLBs: our fences
 * invalidate what they name and nothing else. The oracle remembers nothing, so with it everything is new.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

enum { PAGE_A, PAGE_B, PAGE_GLOBAL, PAGE_COUNT };

static const uint64_t va[PAGE_COUNT] = {0x40201000, 0xffffffc040402000, 0x40603000};
static const tw_access sides[] = {TW_FETCH, TW_LOAD};

static void asid_select(rig *r, uint16_t asid) {
  r->control.satp = rig_satp(r->mode, r->root, asid);
  rig_apply(r);
}

static uint64_t old_page(unsigned page) {
  return RIG_PAGE + page * 0x1000u;
}

static uint64_t new_page(unsigned page) {
  return RIG_PAGE + 0x100000u + page * 0x1000u;
}

/* Three pages, one of them global, used for fetches and loads under ASID 1 and ASID 2; then their entries change. */
static void pages_change(rig *r) {
  for (unsigned page = 0; page < PAGE_COUNT; page++) {
    rig_map(r, va[page], 0, old_page(page), page == PAGE_GLOBAL ? LEAF | TW_PTE_G : LEAF);
  }
  rig_fence_all(r);
  for (uint16_t asid = 1; asid <= 2; asid++) {
    asid_select(r, asid);
    for (unsigned i = 0; i < 2 * PAGE_COUNT; i++) rig_grants(r, sides[i % 2], va[i / 2], old_page(i / 2));
  }
  for (unsigned page = 0; page < PAGE_COUNT; page++) {
    rig_map(r, va[page], 0, new_page(page), page == PAGE_GLOBAL ? LEAF | TW_PTE_G : LEAF);
  }
}

/* The page is read anew under an ASID. */
static void fresh(rig *r, uint16_t asid, unsigned page) {
  asid_select(r, asid);
  for (unsigned i = 0; i < 2; i++) rig_grants(r, sides[i], va[page], new_page(page));
}

/* The page is still answered by a TLB. */
static void kept(rig *r, uint16_t asid, unsigned page) {
  if (!rig_remembers(r)) return;
  asid_select(r, asid);
  for (unsigned i = 0; i < 2; i++) {
    rig_answer answer = rig_ask(r, sides[i], va[page]);
    assert_int_not_equal(answer.hit, TW_PIN_HIT_NONE);
    assert_int_equal(answer.pa, old_page(page));
  }
}

static void all_check(void **state, unsigned kind) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = kind ? TW_EXT_SVINVAL : 0});
  pages_change(&r);
  rig_fence(&r, &(tw_pins_fence){.kind = (uint8_t)kind});
  for (unsigned page = 0; page < PAGE_COUNT; page++) {
    for (uint16_t asid = 1; asid <= 2; asid++) fresh(&r, asid, page);
  }
  rig_close(&r);
}

static void asid_check(void **state, unsigned kind) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = kind ? TW_EXT_SVINVAL : 0});
  pages_change(&r);
  rig_fence(&r, &(tw_pins_fence){.kind = (uint8_t)kind, .has_asid = 1, .asid = 1});
  fresh(&r, 1, PAGE_A);
  fresh(&r, 1, PAGE_B);
  kept(&r, 2, PAGE_A);
  kept(&r, 2, PAGE_B);
  kept(&r, 1, PAGE_GLOBAL);
  kept(&r, 2, PAGE_GLOBAL);
  rig_close(&r);
}

static void va_check(void **state, unsigned kind) {
  for (unsigned page = 0; page < PAGE_COUNT; page++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = kind ? TW_EXT_SVINVAL : 0});
    pages_change(&r);
    rig_fence(&r, &(tw_pins_fence){.kind = (uint8_t)kind, .has_va = 1, .va = va[page] | 0x7f8});
    for (uint16_t asid = 1; asid <= 2; asid++) {
      for (unsigned other = 0; other < PAGE_COUNT; other++) {
        if (other == page) {
          fresh(&r, asid, other);
        } else {
          kept(&r, asid, other);
        }
      }
    }
    rig_close(&r);
  }
}

static void va_asid_check(void **state, unsigned kind) {
  for (unsigned page = 0; page < PAGE_COUNT; page++) {
    rig r;
    rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = kind ? TW_EXT_SVINVAL : 0});
    pages_change(&r);
    rig_fence(&r, &(tw_pins_fence){.kind = (uint8_t)kind, .has_va = 1, .va = va[page], .has_asid = 1, .asid = 2});
    for (unsigned other = 0; other < PAGE_COUNT; other++) {
      if (other == page && page != PAGE_GLOBAL) {
        fresh(&r, 2, other);
      } else {
        kept(&r, 2, other);
      }
      kept(&r, 1, other);
    }
    rig_close(&r);
  }
}

/* Rules sfence_vma_all_asid_va, sfence_vma_op, sfence_vma_invalidation. */
static void a_fence_of_everything_revokes_every_entry(void **state) {
  all_check(state, TW_PIN_SFENCE_VMA);
}

/* Rule sfence_vma_asid_only. */
static void a_fence_of_an_asid_revokes_its_entries_but_the_global_ones(void **state) {
  asid_check(state, TW_PIN_SFENCE_VMA);
}

/* Rule sfence_vma_va_all_asid. */
static void a_fence_of_an_address_revokes_its_leaf_in_every_address_space(void **state) {
  va_check(state, TW_PIN_SFENCE_VMA);
}

/* Rule sfence_vma_va_asid. */
static void a_fence_of_address_and_asid_revokes_that_leaf_unless_it_is_global(void **state) {
  va_asid_check(state, TW_PIN_SFENCE_VMA);
}

/* Rule Svinval_sinval_vma_invalidates_same_as_sfence_vma. */
static void sinval_vma_revokes_what_sfence_vma_does(void **state) {
  all_check(state, TW_PIN_SINVAL_VMA);
  asid_check(state, TW_PIN_SINVAL_VMA);
  va_check(state, TW_PIN_SINVAL_VMA);
  va_asid_check(state, TW_PIN_SINVAL_VMA);
}

/* Rules Svinval_sequence_rs1_rs2, Svinval_sequence_reads_writes_before, Svinval_sequence_reads_writes_after,
 * Svinval_sfence_w_inval_orders_before_sinval_vma: SFENCE.W.INVAL, SINVAL.VMA, SFENCE.INVAL.IR are an SFENCE.VMA. */
static void the_sequence_of_svinval_is_a_fence(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVINVAL});
  pages_change(&r);
  rig_fence(&r, &(tw_pins_fence){.kind = TW_PIN_SFENCE_W_INVAL});
  rig_fence(&r, &(tw_pins_fence){.kind = TW_PIN_SINVAL_VMA, .has_va = 1, .va = va[PAGE_A]});
  rig_fence(&r, &(tw_pins_fence){.kind = TW_PIN_SINVAL_VMA, .has_va = 1, .va = va[PAGE_B], .has_asid = 1, .asid = 1});
  rig_fence(&r, &(tw_pins_fence){.kind = TW_PIN_SFENCE_INVAL_IR});
  fresh(&r, 1, PAGE_A);
  fresh(&r, 2, PAGE_A);
  fresh(&r, 1, PAGE_B);
  kept(&r, 2, PAGE_B);
  kept(&r, 1, PAGE_GLOBAL);
  rig_close(&r);
}

/* Rule sfence_vma_invalid_va: no effect, and no fault: the fence is done. */
static void a_fence_of_an_invalid_address_has_no_effect(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  pages_change(&r);
  for (unsigned bit = 57; bit < 64; bit++) {
    rig_fence(&r, &(tw_pins_fence){.has_va = 1, .va = va[PAGE_A] ^ BIT(bit)});
    rig_fence(&r, &(tw_pins_fence){.has_va = 1, .va = va[PAGE_B] ^ BIT(bit), .has_asid = 1, .asid = 1});
  }
  for (unsigned page = 0; page < PAGE_COUNT; page++) kept(&r, 1, page);
  rig_close(&r);
}

/* Rule sfence_vma_rs2_bits: bits of rs2 above ASIDLEN are ignored. */
static void asid_bits_of_a_fence_above_the_implemented_ones_do_not_count(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .asid_bits = 7, .pa_bits = 46});
  for (unsigned bit = 7; bit < 16; bit++) {
    pages_change(&r);
    rig_fence(&r, &(tw_pins_fence){.has_asid = 1, .asid = (uint16_t)(1 | 1u << bit)});
    fresh(&r, 1, PAGE_A);
    kept(&r, 2, PAGE_A);
  }
  rig_close(&r);
}

/* Rules sfence_vma_asid_only, sfence_vma_va_asid: ASID 0 and address 0 are values, not x0. */
static void asid_0_and_address_0_are_values(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  pages_change(&r);
  rig_fence(&r, &(tw_pins_fence){.has_asid = 1, .asid = 0});
  rig_fence(&r, &(tw_pins_fence){.has_va = 1, .va = 0});
  for (unsigned page = 0; page < PAGE_COUNT; page++) {
    kept(&r, 1, page);
    kept(&r, 2, page);
  }
  rig_close(&r);
}

/* Rules sfence_vma_va_all_asid, sfence_vma_va_asid: any address in a superpage or a 64 KiB page names its leaf. */
static void any_address_of_a_large_page_names_its_leaf(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVNAPOT});
  for (unsigned form = 0; form < 2; form++) {
    for (unsigned level = 0; level < 3; level++) {
      const uint64_t size = level ? BIT(TW_PAGE_BITS + 9 * level) : 0x10000, base = (2 + 4 * form) * GIB;
      const uint64_t flags = level ? LEAF : LEAF | TW_PTE_N, low = level ? 0 : 0x8000;
      const uint64_t other = base + size - 0x1000;
      rig_map(&r, base, level, GIB + low, flags);
      if (level == 0) rig_map(&r, other, level, GIB + low, flags);
      rig_grants(&r, TW_LOAD, base, GIB);
      rig_map(&r, base, level, 2 * GIB + low, flags);
      rig_fence(&r, &(tw_pins_fence){.has_va = 1, .va = other, .has_asid = (uint8_t)form});
      rig_grants(&r, TW_LOAD, base, 2 * GIB);
      rig_write(&r, rig_entry(&r, base, level), 0);
      if (level < 2) rig_write(&r, rig_entry(&r, base, level + 1), 0); /* the next level's leaf goes there */
      rig_fence_all(&r);
    }
  }
  rig_close(&r);
}

/* Rules sfence_vma_ordering, sfence_vma_all_asid_va, sfence_vma_asid_only: without an address the fence orders stores
 * to every level: a pointer that changed is read anew. */
static void a_fence_without_an_address_reaches_pointers(void **state) {
  for (unsigned level = 1; level < 3; level++) {
    for (unsigned form = 0; form < 2; form++) {
      rig r;
      rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
      const uint64_t root = r.root;
      rig_map(&r, va[PAGE_A], 0, old_page(0), LEAF);
      rig_grants(&r, TW_LOAD, va[PAGE_A], old_page(0));
      const uint64_t pointer = rig_entry(&r, va[PAGE_A], level);
      r.root = rig_table(&r);
      rig_map(&r, va[PAGE_A], 0, new_page(0), LEAF);
      rig_write(&r, pointer, rig_read(&r, rig_entry(&r, va[PAGE_A], level)));
      r.root = root;
      rig_fence(&r, &(tw_pins_fence){.has_asid = (uint8_t)form});
      rig_grants(&r, TW_LOAD, va[PAGE_A] + 8, new_page(0) + 8);
      rig_close(&r);
    }
  }
}

/* Rule sfence_vma_ordering_semantics: before the fence the answer is one that was valid since the last one; after it,
 * the newer one alone. */
static void between_store_and_fence_either_translation_is_used(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  pages_change(&r);
  for (unsigned page = 0; page < PAGE_COUNT; page++) {
    rig_answer answer = rig_ask(&r, TW_LOAD, va[page]);
    assert_true(answer.pa == old_page(page) || answer.pa == new_page(page));
  }
  rig_fence_all(&r);
  for (unsigned page = 0; page < PAGE_COUNT; page++) fresh(&r, 1, page);
  rig_close(&r);
}

/* Rule sfence_vma_ordering, in mid-walk: whatever the cycle of the fence, an access after it sees the stores before it
 * (rocket-chip #1527: a walk cache that was filled after the fence). */
static void a_fence_in_any_cycle_of_a_walk_revokes_what_the_walk_has_read(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  if (!rig_remembers(&r)) { /* the oracle has no cycles: store, then access */
    pages_change(&r);
    fresh(&r, 1, PAGE_A);
    rig_close(&r);
    return;
  }
  r.latency = 3;
  for (unsigned wait = 0; wait < 24; wait++) {
    rig_map(&r, va[PAGE_A], 0, old_page(0), LEAF);
    rig_fence_all(&r);
    rig_begin(&r, TW_LOAD, va[PAGE_A]);
    for (unsigned i = 0; i < wait; i++) rig_cycle(&r);
    rig_map(&r, va[PAGE_A], 0, new_page(0), LEAF);
    rig_fence(&r, &(tw_pins_fence){.has_va = wait & 1, .va = wait & 1 ? va[PAGE_A] : 0});
    rig_answer answer = rig_finish(&r, TW_LOAD);
    assert_int_equal(answer.status, TW_PIN_TRANSLATED);
    assert_true(answer.pa == old_page(0) || answer.pa == new_page(0));
    rig_grants(&r, TW_LOAD, va[PAGE_A], new_page(0));
  }
  rig_close(&r);
}

/* Rules sfence_vma_va_all_asid, sfence_vma_ordering, in mid-walk: the walk of a large page is revoked by any address in
 * it, whatever the cycle. */
static void a_fence_in_any_cycle_of_the_walk_of_a_large_page_names_it_by_any_address(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39, .with = TW_EXT_SVNAPOT});
  r.latency = 3;
  for (unsigned level = 0; level < 3; level++) {
    const uint64_t size = level ? BIT(TW_PAGE_BITS + 9 * level) : 0x10000, base = (2 + level) * GIB;
    const uint64_t flags = level ? LEAF : LEAF | TW_PTE_N, low = level ? 0 : 0x8000;
    for (unsigned wait = 0; wait < 20; wait++) {
      rig_map(&r, base, level, GIB + low, flags);
      rig_fence_all(&r);
      if (rig_remembers(&r)) rig_begin(&r, TW_LOAD, base);
      for (unsigned i = 0; i < wait && rig_remembers(&r); i++) rig_cycle(&r);
      rig_map(&r, base, level, 2 * GIB + low, flags);
      rig_fence(&r, &(tw_pins_fence){.has_va = 1, .va = base + size - 0x1000});
      if (rig_remembers(&r)) assert_int_equal(rig_finish(&r, TW_LOAD).status, TW_PIN_TRANSLATED);
      rig_grants(&r, TW_LOAD, base, 2 * GIB);
    }
  }
  rig_close(&r);
}

/* Rule sfence_vma_implicit_access: no table is read but those of satp as it is: after a write of satp in mid-walk every
 * read is of the new tables. */
static void after_a_write_of_satp_only_the_new_tables_are_read(void **state) {
  rig r;
  rig_open(&r, state, &(rig_needs){.mode = TW_SV39});
  rig_map(&r, va[PAGE_A], 0, old_page(0), LEAF);
  const uint64_t old_root = r.root, boundary = rig_table(&r);
  r.root = rig_table(&r);
  rig_map(&r, va[PAGE_A], 0, new_page(0), LEAF);
  const uint64_t new_root = r.root;
  r.latency = 3;
  for (unsigned wait = 0; wait < 16; wait++) {
    if (rig_remembers(&r)) {
      r.root = old_root;
      asid_select(&r, 1);
      rig_fence_all(&r);
      rig_begin(&r, TW_LOAD, va[PAGE_A]);
      for (unsigned i = 0; i < wait; i++) rig_cycle(&r);
    }
    r.root = new_root;
    asid_select(&r, 2);
    r.logged = 0;
    if (rig_remembers(&r)) {
      rig_answer answer = rig_finish(&r, TW_LOAD);
      assert_true(answer.status == TW_PIN_RETRY || answer.pa == old_page(0));
    }
    unsigned stray = r.logged; /* a read that was offered already must be made, as the pins have it (P25) */
    assert_true(stray <= 1);
    rig_grants(&r, TW_LOAD, va[PAGE_A], new_page(0));
    for (unsigned i = 0; i < r.logged; i++) assert_true(r.log[i].pa / TW_PAGE_BYTES > boundary);
  }
  rig_close(&r);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_fence_of_everything_revokes_every_entry),
      cmocka_unit_test(a_fence_of_an_asid_revokes_its_entries_but_the_global_ones),
      cmocka_unit_test(a_fence_of_an_address_revokes_its_leaf_in_every_address_space),
      cmocka_unit_test(a_fence_of_address_and_asid_revokes_that_leaf_unless_it_is_global),
      cmocka_unit_test(sinval_vma_revokes_what_sfence_vma_does),
      cmocka_unit_test(the_sequence_of_svinval_is_a_fence),
      cmocka_unit_test(a_fence_of_an_invalid_address_has_no_effect),
      cmocka_unit_test(asid_bits_of_a_fence_above_the_implemented_ones_do_not_count),
      cmocka_unit_test(asid_0_and_address_0_are_values),
      cmocka_unit_test(any_address_of_a_large_page_names_its_leaf),
      cmocka_unit_test(a_fence_without_an_address_reaches_pointers),
      cmocka_unit_test(between_store_and_fence_either_translation_is_used),
      cmocka_unit_test(a_fence_in_any_cycle_of_a_walk_revokes_what_the_walk_has_read),
      cmocka_unit_test(a_fence_in_any_cycle_of_the_walk_of_a_large_page_names_it_by_any_address),
      cmocka_unit_test(after_a_write_of_satp_only_the_new_tables_are_read),
  };
  return RIG_MAIN(tests);
}
