/* The ledger of what was taken back and not fenced, against a plain list.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "random.h"
#include "revoked.h"

#define MIB UINT64_C(0x100000)

static revoked_item item_at(uint16_t asid, uint64_t va, uint64_t length, uint64_t record) {
  return (revoked_item){.asid = asid, .va = va, .length = length, .old_pa = va + 1, .record = record};
}

static revoked *with(const revoked_item *items, size_t count) {
  revoked *ledger = revoked_open();
  assert_non_null(ledger);
  for (size_t i = 0; i < count; i++) assert_true(revoked_add(ledger, &items[i]));
  assert_int_equal(revoked_count(ledger), count);
  return ledger;
}

static const tw_record_fence all = {0};

static tw_record_fence fence_va(uint64_t va) {
  return (tw_record_fence){.va = va, .has_va = true};
}

static tw_record_fence fence_asid(uint16_t asid) {
  return (tw_record_fence){.asid = asid, .has_asid = true};
}

static tw_record_fence fence_both(uint64_t va, uint16_t asid) {
  return (tw_record_fence){.va = va, .has_va = true, .asid = asid, .has_asid = true};
}

static void empty_ledger_has_nothing_to_find(void **state) {
  (void)state;
  revoked *ledger = revoked_open();
  assert_null(revoked_find(ledger, 0, 0));
  revoked_fence(ledger, &all);
  assert_int_equal(revoked_count(ledger), 0);
  revoked_close(ledger);
  revoked_close(NULL);
}

static void access_was_led_where_the_page_was_and_nowhere_else(void **state) {
  (void)state;
  const revoked_item items[] = {{.asid = 3, .va = 0x5000, .length = 0x1000, .old_pa = 0x80001000},
                                {.asid = 3, .va = 0x5000, .length = 0x1000, .old_pa = 0x80007000, .record = 1},
                                {.asid = 4, .length = 0, .record = 2}};
  revoked *ledger = with(items, 3);
  assert_non_null(revoked_used(ledger, 3, 0x5123, 0x80001123));
  assert_non_null(revoked_used(ledger, 3, 0x5fff, 0x80007fff));
  assert_null(revoked_used(ledger, 3, 0x5123, 0x80002123));
  assert_null(revoked_used(ledger, 3, 0x6000, 0x80002000));
  assert_non_null(revoked_used(ledger, 4, 0x6000, 0x80002000)); /* all of the ASID */
  assert_null(revoked_used(ledger, 5, 0x5123, 0x80001123));
  revoked_close(ledger);
}

static void page_is_met_from_its_first_to_its_last_byte_under_its_asid(void **state) {
  (void)state;
  static const uint64_t lengths[] = {0x1000, 0x10000, 0x200000, 0x400000, 0x40000000};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    revoked_item item = item_at(3, lengths[i] * 5, lengths[i], 1);
    revoked *ledger = with(&item, 1);
    assert_null(revoked_find(ledger, 3, item.va - 1));
    assert_non_null(revoked_find(ledger, 3, item.va));
    assert_non_null(revoked_find(ledger, 3, item.va + lengths[i] - 1));
    assert_null(revoked_find(ledger, 3, item.va + lengths[i]));
    assert_null(revoked_find(ledger, 4, item.va));
    revoked_close(ledger);
  }
}

/* sfence_vma_all_asid_va, sfence_vma_asid_only, sfence_vma_va_all_asid, sfence_vma_va_asid. */
static void fence_reaches_what_its_operands_say(void **state) {
  (void)state;
  const revoked_item items[] = {item_at(1, 0x5000, 0x1000, 1), item_at(2, 0x5000, 0x1000, 2),
                                item_at(1, 0x6000, 0x1000, 3), item_at(2, 0, 0, 4)};
  const struct {
    tw_record_fence fence;
    unsigned left; /* a bit an item */
  } cases[] = {{all, 0},
               {fence_asid(1), 10},
               {fence_asid(2), 5},
               {fence_asid(0), 15},
               {fence_va(0x5fff), 12},
               {fence_va(0x7000), 15},
               {fence_va(0), 15},
               {fence_both(0x5000, 1), 14},
               {fence_both(0x5000, 2), 13},
               {fence_both(0x6000, 2), 15},
               {{.unknown = true}, 0},
               {{.kind = TW_FENCE_SINVAL_VMA}, 0},
               {{.kind = TW_FENCE_SFENCE_W_INVAL}, 15},
               {{.kind = TW_FENCE_SFENCE_INVAL_IR}, 15}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    revoked *ledger = with(items, 4);
    revoked_fence(ledger, &cases[i].fence);
    unsigned left = cases[i].left;
    assert_int_equal(revoked_count(ledger), __builtin_popcount(left));
    assert_int_equal(revoked_find(ledger, 1, 0x5000) != NULL, left & 1);
    assert_int_equal(revoked_find(ledger, 2, 0x5000) != NULL, (left >> 1 | left >> 3) & 1);
    assert_int_equal(revoked_find(ledger, 1, 0x6000) != NULL, left >> 2 & 1);
    assert_int_equal(revoked_find(ledger, 2, 0x9000) != NULL, left >> 3 & 1);
    revoked_close(ledger);
  }
}

static void superpage_is_one_leaf_and_any_address_in_it_reaches_it(void **state) {
  (void)state;
  revoked_item item = item_at(1, 4 * MIB, 2 * MIB, 1);
  revoked *ledger = with(&item, 1);
  tw_record_fence beside = fence_va(6 * MIB), last = fence_both(6 * MIB - 1, 1);
  revoked_fence(ledger, &beside);
  assert_int_equal(revoked_count(ledger), 1);
  revoked_fence(ledger, &last);
  assert_int_equal(revoked_count(ledger), 0);
  revoked_close(ledger);
}

static void table_is_reached_by_no_fence_with_an_address(void **state) {
  (void)state;
  revoked_item item = item_at(1, 4 * MIB, 2 * MIB, 1);
  item.table = true;
  revoked *ledger = with(&item, 1);
  tw_record_fence page = fence_va(4 * MIB), both = fence_both(4 * MIB, 1), asid = fence_asid(1);
  revoked_fence(ledger, &page);
  revoked_fence(ledger, &both);
  assert_true(revoked_find(ledger, 1, 5 * MIB)->table);
  revoked_fence(ledger, &asid);
  assert_int_equal(revoked_count(ledger), 0);
  revoked_close(ledger);
}

static void oldest_item_is_told_first(void **state) {
  (void)state;
  revoked_item items[] = {item_at(1, 0x200000, 0x1000, 7), item_at(1, 0x200000, 0x200000, 8), item_at(1, 0, 0, 9)};
  for (unsigned first = 0; first < 3; first++) {
    revoked_item turned[] = {items[first], items[(first + 1) % 3], items[(first + 2) % 3]};
    revoked *ledger = with(turned, 3);
    assert_int_equal(revoked_find(ledger, 1, 0x200000)->record, 7 + first);
    revoked_close(ledger);
  }
}

static void what_is_revoked_again_is_one_item(void **state) {
  (void)state;
  revoked *ledger = revoked_open();
  revoked_item item = item_at(1, 0x5000, 0x1000, 1);
  item.lost = TW_PTE_W;
  for (uint64_t i = 0; i < 1000; i++) {
    item.record = i + 1;
    item.new_pa = i * 0x1000;
    if (i == 999) item.lost = TW_PTE_R;
    assert_true(revoked_add(ledger, &item));
  }
  assert_int_equal(revoked_count(ledger), 1);
  const revoked_item *found = revoked_find(ledger, 1, 0x5000);
  assert_int_equal(found->record, 1);
  assert_int_equal(found->new_pa, 999 * 0x1000);
  assert_int_equal(found->lost, TW_PTE_R | TW_PTE_W);
  item.old_pa = 5;
  assert_true(revoked_add(ledger, &item));
  assert_int_equal(revoked_count(ledger), 2);
  revoked_close(ledger);
}

/* ---- Random, against a list ---- */

#define ITEMS 4000u

typedef struct naive {
  revoked_item items[ITEMS];
  bool there[ITEMS];
  unsigned count;
} naive;

static bool naive_holds(const revoked_item *item, uint64_t va) {
  return item->length == 0 || va / item->length == item->va / item->length;
}

static revoked_item naive_draw(test_random *random, uint64_t record) {
  static const uint64_t lengths[] = {0x1000, 0x1000, 0x1000, 0x10000, 0x200000, 0};
  uint64_t length = lengths[random_below(random, 6)], page = random_below(random, 40);
  revoked_item item =
      item_at((uint16_t)random_below(random, 4), length ? page * 0x8000 / length * length : 0, length, record);
  item.old_pa = record;
  item.event = (tw_fence_event)random_below(random, TW_FENCED_COUNT);
  return item;
}

static tw_record_fence naive_draw_fence(test_random *random) {
  uint64_t form = random_below(random, 200);
  return (tw_record_fence){.va = random_below(random, 40) * 0x8000 + random_below(random, 0x1000),
                           .asid = (uint16_t)random_below(random, 4),
                           .has_va = form > 5,
                           .has_asid = form > 2 && form % 2};
}

static void naive_fence(naive *model, const tw_record_fence *fence) {
  for (unsigned i = 0; i < model->count; i++) {
    const revoked_item *item = &model->items[i];
    bool asid = !fence->has_asid || item->asid == fence->asid;
    bool va = !fence->has_va || (item->length && naive_holds(item, fence->va));
    if (asid && va) model->there[i] = false;
  }
}

static void naive_look(const naive *model, const revoked *ledger, test_random *random) {
  uint64_t va = random_below(random, 41 * 0x8000), expected = UINT64_MAX;
  uint16_t asid = (uint16_t)random_below(random, 5);
  for (unsigned i = 0; i < model->count && expected == UINT64_MAX; i++) {
    const revoked_item *item = &model->items[i];
    if (model->there[i] && item->asid == asid && naive_holds(item, va)) expected = item->record;
  }
  const revoked_item *found = revoked_find(ledger, asid, va);
  assert_int_equal(found ? found->record : UINT64_MAX, expected);
}

static void ledger_agrees_with_a_list_whatever_is_fenced(void **state) {
  (void)state;
  test_random random = random_seeded(__func__, 77);
  static naive model;
  revoked *ledger = revoked_open();
  while (model.count < ITEMS) {
    uint64_t choice = random_below(&random, 10);
    if (choice < 4) {
      model.items[model.count] = naive_draw(&random, model.count);
      model.there[model.count] = true;
      assert_true(revoked_add(ledger, &model.items[model.count++]));
    } else if (choice < 6) {
      tw_record_fence fence = naive_draw_fence(&random);
      naive_fence(&model, &fence);
      revoked_fence(ledger, &fence);
    } else {
      naive_look(&model, ledger, &random);
    }
    unsigned left = 0;
    for (unsigned i = 0; i < model.count; i++) left += model.there[i];
    assert_int_equal(revoked_count(ledger), left);
  }
  revoked_close(ledger);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(empty_ledger_has_nothing_to_find),
      cmocka_unit_test(access_was_led_where_the_page_was_and_nowhere_else),
      cmocka_unit_test(page_is_met_from_its_first_to_its_last_byte_under_its_asid),
      cmocka_unit_test(fence_reaches_what_its_operands_say),
      cmocka_unit_test(superpage_is_one_leaf_and_any_address_in_it_reaches_it),
      cmocka_unit_test(table_is_reached_by_no_fence_with_an_address),
      cmocka_unit_test(oldest_item_is_told_first),
      cmocka_unit_test(what_is_revoked_again_is_one_item),
      cmocka_unit_test(ledger_agrees_with_a_list_whatever_is_fenced),
  };
  return cmocka_run_group_tests_name("revoked", tests, NULL, NULL);
}
