/* The pool of frames, against an array that knows of each frame whether it is free.
 * SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"
#include "random.h"

#define BASE UINT64_C(0x80000)

static frame_pool *pool_open(uint64_t base, uint64_t count, uint64_t low, unsigned bits, uint64_t seed) {
  tw_error error = {0};
  frame_pool *pool = frame_open(&(frame_pool_options){base, count, low, bits, seed}, &error);
  assert_non_null(pool);
  assert_string_equal(error.text, "");
  return pool;
}

static void machine_without_frames_is_refused(void **state) {
  (void)state;
  tw_error error = {0};
  assert_null(frame_open(&(frame_pool_options){.base_ppn = BASE, .block_bits = 9}, &error));
  assert_non_null(strstr(error.text, "found 0"));
  assert_null(frame_open(&(frame_pool_options){.base_ppn = BASE, .count = UINT64_MAX, .block_bits = 9}, &error));
  assert_null(frame_open(&(frame_pool_options){.base_ppn = BASE, .count = 1, .block_bits = 11}, &error));
}

static void frames_of_64_gib_cost_nothing_until_they_are_taken(void **state) {
  (void)state;
  size_t before = mallinfo2().uordblks;
  frame_pool *pool = pool_open(BASE, 1 << 24, 1 << 24, 9, 1);
  for (unsigned i = 0; i < 1000; i++) assert_non_null(frame_take(pool, FRAME_ANONYMOUS, false));
  assert_true(mallinfo2().uordblks < before + 300000);
  assert_int_equal(frame_free_count(pool, false), (1 << 24) - 1000);
  frame_close(pool);
}

/* One number made of the first frames that are handed out. */
static uint64_t order_of(uint64_t seed) {
  frame_pool *pool = pool_open(BASE, 1 << 20, 1 << 18, 9, seed);
  uint64_t hash = 0;
  for (unsigned i = 0; i < 2000; i++) hash = (hash + frame_take(pool, FRAME_FILE, i % 3 == 0)->ppn) * 0x100000001b3u;
  frame_close(pool);
  return hash;
}

static void order_of_frames_hangs_on_the_seed_alone(void **state) {
  (void)state;
  assert_int_equal(order_of(7), order_of(7));
  assert_int_not_equal(order_of(7), order_of(8));
  assert_int_not_equal(order_of(0), order_of(1));
  assert_int_equal(order_of(7), UINT64_C(0xad675b60f9773f7d)); /* on every machine */
}

static void frames_taken_one_after_the_other_are_no_neighbours(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE, 1 << 16, 1 << 16, 9, 3);
  uint64_t last = 0;
  unsigned neighbours = 0, same_block = 0;
  for (unsigned i = 0; i < 4096; i++) {
    uint64_t ppn = frame_take(pool, FRAME_ANONYMOUS, false)->ppn;
    neighbours += ppn == last + 1 || last == ppn + 1;
    same_block += ppn >> 9 == last >> 9;
    last = ppn;
  }
  assert_true(neighbours < 100);
  assert_int_equal(same_block, 4096 - 8); /* and yet one block is used up before the next is begun */
  frame_close(pool);
}

static void frames_beyond_the_direct_map_go_first(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE, 100, 40, 9, 3);
  for (unsigned i = 0; i < 60; i++) assert_true(frame_take(pool, FRAME_ANONYMOUS, false)->ppn >= BASE + 40);
  assert_int_equal(frame_free_count(pool, false), 40);
  assert_int_equal(frame_free_count(pool, true), 40);
  assert_true(frame_take(pool, FRAME_ANONYMOUS, false)->ppn < BASE + 40);
  for (unsigned i = 0; i < 39; i++) assert_true(frame_take(pool, FRAME_TABLE, true)->ppn < BASE + 40);
  assert_null(frame_take(pool, FRAME_ANONYMOUS, false));
  frame_close(pool);
}

static void kernel_gets_no_frame_that_it_cannot_reach(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE, 100, 2, 9, 3);
  assert_non_null(frame_take(pool, FRAME_TABLE, true));
  assert_non_null(frame_take(pool, FRAME_TABLE, true));
  assert_null(frame_take(pool, FRAME_TABLE, true));
  assert_int_equal(frame_free_count(pool, false), 98);
  frame_close(pool);
}

static void frame_of_a_wish_is_given_once(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE + 5, 1000, 1000, 9, 3);
  assert_null(frame_take_at(pool, BASE + 4, FRAME_ANONYMOUS));
  assert_null(frame_take_at(pool, BASE + 1005, FRAME_ANONYMOUS));
  assert_null(frame_take_at(pool, UINT64_MAX, FRAME_ANONYMOUS));
  frame *first = frame_take_at(pool, BASE + 5, FRAME_ANONYMOUS), *last = frame_take_at(pool, BASE + 1004, FRAME_FILE);
  assert_int_equal(first->ppn, BASE + 5);
  assert_int_equal(last->kind, FRAME_FILE);
  assert_int_equal(last->slot, FRAME_NO_SLOT);
  assert_null(frame_take_at(pool, BASE + 5, FRAME_ANONYMOUS));
  frame_give(pool, first);
  assert_non_null(frame_take_at(pool, BASE + 5, FRAME_ANONYMOUS));
  for (unsigned i = 2; i < 1000; i++) assert_non_null(frame_take(pool, FRAME_ANONYMOUS, false));
  assert_null(frame_take(pool, FRAME_ANONYMOUS, false));
  frame_close(pool);
}

static void blocks_stay_whole_while_others_are_broken_into(void **state) {
  (void)state;
  for (unsigned bits = 9; bits <= 10; bits++) {
    uint64_t size = UINT64_C(1) << bits;
    frame_pool *pool = pool_open(BASE, 8 * size, 4 * size, bits, 3);
    for (unsigned i = 0; i < 3 * size + 1; i++) assert_non_null(frame_take(pool, FRAME_ANONYMOUS, false));
    for (unsigned i = 0; i < 4; i++) assert_int_equal(frame_take_block(pool, bits, FRAME_ANONYMOUS)->ppn % size, 0);
    assert_null(frame_take_block(pool, bits, FRAME_ANONYMOUS));
    assert_int_equal(frame_used(pool), 7 * size + 1);
    frame_close(pool);
  }
}

static void block_is_aligned_in_memory_and_not_in_the_pool(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE + 1, 1023, 1023, 9, 3);
  const frame *block = frame_take_block(pool, 9, FRAME_ANONYMOUS);
  assert_int_equal(block->ppn, BASE + 512);
  assert_null(frame_take_block(pool, 9, FRAME_ANONYMOUS));
  assert_null(frame_take_block(pool, 10, FRAME_ANONYMOUS));
  for (unsigned i = 0; i < 31; i++) assert_int_equal(frame_take_block(pool, 4, FRAME_ANONYMOUS)->ppn % 16, 0);
  assert_null(frame_take_block(pool, 4, FRAME_ANONYMOUS));
  for (unsigned i = 0; i < 15; i++) assert_non_null(frame_take(pool, FRAME_ANONYMOUS, false));
  assert_int_equal(frame_free_count(pool, false), 0);
  frame_close(pool);
}

static void block_lies_on_one_side_of_the_direct_map_s_end(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE, 512, 256, 9, 3);
  assert_null(frame_take_block(pool, 9, FRAME_ANONYMOUS));
  assert_true(frame_take_block(pool, 8, FRAME_ANONYMOUS)->ppn == BASE + 256);
  assert_true(frame_take_block(pool, 8, FRAME_ANONYMOUS)->ppn == BASE);
  frame_close(pool);
}

static void block_is_found_by_each_of_its_page_numbers(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE, 1024, 1024, 9, 3);
  frame *block = frame_take_block(pool, 9, FRAME_ANONYMOUS), *run = frame_take_block(pool, 4, FRAME_ANONYMOUS);
  for (unsigned i = 0; i < 512; i++) assert_ptr_equal(frame_find(pool, block->ppn + i), block);
  for (unsigned i = 0; i < 16; i++) assert_ptr_equal(frame_find(pool, run->ppn + i), run);
  assert_null(frame_find(pool, run->ppn + 16));
  assert_null(frame_find(pool, UINT64_MAX));
  frame_give(pool, block);
  for (unsigned i = 0; i < 512; i++) assert_null(frame_find(pool, BASE + (run->ppn < BASE + 512 ? 512 : 0) + i));
  frame_close(pool);
}

static void block_that_is_split_is_its_frames_with_their_mappings(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE, 1024, 1024, 9, 3);
  frame *block = frame_take_block(pool, 9, FRAME_ANONYMOUS);
  block->dirty = true;
  assert_true(frame_map(block, (frame_mapping){1, 0x200000}));
  assert_true(frame_map(block, (frame_mapping){2, 0x40000000}));
  frame_clock_add(pool, block);
  uint64_t first = block->ppn;
  assert_true(frame_split(pool, block));
  assert_int_equal(frame_used(pool), 512);
  assert_int_equal(frame_clock_count(pool), 512);
  for (uint64_t i = 0; i < 512; i++) {
    frame *part = frame_find(pool, first + i);
    assert_int_equal(part->ppn, first + i);
    assert_int_equal(part->bits, 0);
    assert_true(part->dirty && part->kind == FRAME_ANONYMOUS && part->slot == FRAME_NO_SLOT);
    assert_int_equal(part->mapping_count, 2);
    assert_true(frame_unmap(part, (frame_mapping){1, 0x200000 + (i << 12)}));
    assert_true(frame_unmap(part, (frame_mapping){2, 0x40000000 + (i << 12)}));
    frame_clock_remove(pool, part);
    frame_give(pool, part);
  }
  assert_int_equal(frame_clock_count(pool), 0);
  assert_int_equal(frame_free_count(pool, false), 1024);
  assert_int_equal(frame_peak(pool), 512);
  assert_non_null(frame_take_block(pool, 9, FRAME_ANONYMOUS));
  assert_non_null(frame_take_block(pool, 9, FRAME_ANONYMOUS));
  frame_close(pool);
}

static void frames_that_are_joined_are_the_block_again(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE, 1024, 1024, 9, 3);
  frame *block = frame_take_block(pool, 9, FRAME_ANONYMOUS);
  uint64_t first = block->ppn;
  assert_true(frame_map(block, (frame_mapping){1, 0x200000}));
  frame_clock_add(pool, block);
  assert_true(frame_split(pool, block));
  block = frame_join(pool, first, 9);
  assert_int_equal(block->ppn, first);
  assert_int_equal(block->bits, 9);
  assert_int_equal(frame_clock_count(pool), 1);
  assert_int_equal(frame_used(pool), 512);
  for (uint64_t i = 0; i < 512; i++) assert_ptr_equal(frame_find(pool, first + i), block);
  assert_true(frame_unmap(block, (frame_mapping){1, 0x200000}));
  frame_clock_remove(pool, block);
  frame_give(pool, block);
  assert_int_equal(frame_free_count(pool, false), 1024);
  frame_close(pool);
}

static void mapping_is_forgotten_once(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE, 16, 16, 9, 3);
  frame *shared = frame_take(pool, FRAME_FILE, false);
  for (uint32_t i = 0; i < 100; i++) assert_true(frame_map(shared, (frame_mapping){i, 0x1000}));
  assert_false(frame_unmap(shared, (frame_mapping){5, 0x2000}));
  assert_false(frame_unmap(shared, (frame_mapping){100, 0x1000}));
  for (uint32_t i = 0; i < 100; i++) assert_true(frame_unmap(shared, (frame_mapping){i, 0x1000}));
  assert_false(frame_unmap(shared, (frame_mapping){5, 0x1000}));
  assert_int_equal(shared->mapping_count, 0);
  frame_close(pool);
}

static void clock_goes_round_and_new_frames_come_last(void **state) {
  (void)state;
  frame_pool *pool = pool_open(BASE, 16, 16, 9, 3);
  frame *frames[4];
  assert_null(frame_clock_turn(pool));
  for (unsigned i = 0; i < 4; i++) frames[i] = frame_take(pool, FRAME_ANONYMOUS, false);
  for (unsigned i = 0; i < 3; i++) frame_clock_add(pool, frames[i]);
  assert_ptr_equal(frame_clock_turn(pool), frames[0]);
  frame_clock_add(pool, frames[3]); /* behind the hand: after 1, 2 and 0 */
  assert_ptr_equal(frame_clock_turn(pool), frames[1]);
  assert_ptr_equal(frame_clock_turn(pool), frames[2]);
  frame_clock_remove(pool, frames[0]); /* under the hand */
  frame_clock_remove(pool, frames[0]);
  assert_int_equal(frame_clock_count(pool), 3);
  assert_ptr_equal(frame_clock_turn(pool), frames[3]);
  assert_ptr_equal(frame_clock_turn(pool), frames[1]);
  for (unsigned i = 1; i < 4; i++) frame_clock_remove(pool, frames[i]);
  assert_null(frame_clock_turn(pool));
  assert_int_equal(frame_clock_count(pool), 0);
  frame_clock_add(pool, frames[2]);
  assert_ptr_equal(frame_clock_turn(pool), frames[2]);
  assert_ptr_equal(frame_clock_turn(pool), frames[2]);
  frame_close(pool);
}

/* ---- Random, against an array ---- */

#define COUNT 3000u
#define LOW 1700u
#define FIRST 37u /* frames are BASE + FIRST to BASE + FIRST + COUNT - 1 */

typedef struct naive {
  frame_pool *pool;
  frame *owner[FIRST + COUNT]; /* by page number - BASE; NULL: free */
  uint64_t used, peak;
} naive;

static void naive_own(naive *model, frame *taken, unsigned bits, frame_kind kind) {
  assert_int_equal(taken->bits, bits);
  assert_int_equal(taken->kind, kind);
  assert_int_equal(taken->ppn & ((UINT64_C(1) << bits) - 1), 0);
  assert_true(taken->ppn >= BASE + FIRST && taken->ppn + (UINT64_C(1) << bits) <= BASE + FIRST + COUNT);
  for (uint64_t i = 0; i < UINT64_C(1) << bits; i++) {
    assert_null(model->owner[taken->ppn - BASE + i]);
    model->owner[taken->ppn - BASE + i] = taken;
  }
  model->used += UINT64_C(1) << bits;
  if (model->used > model->peak) model->peak = model->used;
}

static uint64_t naive_free(const naive *model, bool low) {
  uint64_t count = 0;
  for (unsigned i = FIRST; i < FIRST + (low ? LOW : COUNT); i++) count += !model->owner[i];
  return count;
}

static bool naive_has_run(const naive *model, unsigned bits) {
  unsigned size = 1u << bits;
  for (unsigned at = 0; at + size <= FIRST + COUNT; at += size) {
    unsigned free_here = 0;
    bool apart = at + size <= FIRST + LOW || at >= FIRST + LOW;
    for (unsigned i = at; i < at + size && apart && i >= FIRST; i++) free_here += !model->owner[i];
    if (free_here == size) return true;
  }
  return false;
}

static void naive_take(naive *model, test_random *random) {
  bool low = random_below(random, 3) == 0;
  frame_kind kind = low ? FRAME_TABLE : FRAME_ANONYMOUS;
  uint64_t beyond = naive_free(model, false) - naive_free(model, true);
  frame *taken = frame_take(model->pool, kind, low);
  assert_int_equal(taken != NULL, naive_free(model, low) > 0);
  if (!taken) return;
  assert_int_equal(taken->ppn >= BASE + FIRST + LOW, !low && beyond);
  naive_own(model, taken, 0, kind);
}

static void naive_take_at(naive *model, test_random *random) {
  uint64_t wish = random_below(random, FIRST + COUNT + 20);
  bool is_free = wish >= FIRST && wish < FIRST + COUNT && !model->owner[wish];
  frame *taken = frame_take_at(model->pool, BASE + wish, FRAME_FILE);
  assert_int_equal(taken != NULL, is_free);
  if (!taken) return;
  assert_int_equal(taken->ppn, BASE + wish);
  naive_own(model, taken, 0, FRAME_FILE);
}

static void naive_take_block(naive *model, test_random *random) {
  static const unsigned sizes[] = {4, 4, 9, 9, 1, 3, 6, 8};
  unsigned bits = sizes[random_below(random, 8)];
  frame *taken = frame_take_block(model->pool, bits, FRAME_ANONYMOUS);
  assert_int_equal(taken != NULL, naive_has_run(model, bits));
  if (taken) naive_own(model, taken, bits, FRAME_ANONYMOUS);
}

static void naive_give(naive *model, frame *given) {
  uint64_t size = UINT64_C(1) << given->bits;
  for (uint64_t i = 0; i < size; i++) model->owner[given->ppn - BASE + i] = NULL;
  model->used -= size;
  frame_clock_remove(model->pool, given);
  frame_give(model->pool, given);
}

static void naive_split(naive *model, frame *block) {
  uint64_t first = block->ppn, size = UINT64_C(1) << block->bits;
  assert_true(frame_split(model->pool, block));
  for (uint64_t i = 0; i < size; i++) {
    model->owner[first - BASE + i] = frame_find(model->pool, first + i);
    assert_int_equal(model->owner[first - BASE + i]->ppn, first + i);
  }
}

static void naive_check(const naive *model) {
  uint64_t listed = 0;
  size_t cursor = 0;
  for (unsigned i = 0; i < FIRST + COUNT; i++) assert_ptr_equal(frame_find(model->pool, BASE + i), model->owner[i]);
  for (const frame *at; (at = frame_next(model->pool, &cursor));) listed += UINT64_C(1) << at->bits;
  assert_int_equal(listed, model->used);
  assert_int_equal(frame_used(model->pool), model->used);
  assert_int_equal(frame_peak(model->pool), model->peak);
  assert_int_equal(frame_free_count(model->pool, false), naive_free(model, false));
  assert_int_equal(frame_free_count(model->pool, true), naive_free(model, true));
}

static void pool_agrees_with_an_array_whatever_is_asked(void **state) {
  (void)state;
  test_random random = random_seeded(__func__, 20260101);
  naive model = {.pool = pool_open(BASE + FIRST, COUNT, LOW, 9, 5)};
  for (unsigned step = 0; step < 30000; step++) {
    bool fill = step / 3000 % 2 == 0; /* by turns it fills up and empties */
    uint64_t choice = random_below(&random, 100);
    frame *owner = model.owner[FIRST + random_below(&random, COUNT)];
    if (choice < (fill ? 40u : 10u))
      naive_take(&model, &random);
    else if (choice < (fill ? 50u : 15u))
      naive_take_at(&model, &random);
    else if (choice < (fill ? 60u : 20u))
      naive_take_block(&model, &random);
    else if (owner && choice < 70)
      naive_split(&model, owner);
    else if (owner && choice < 80 && !owner->before)
      frame_clock_add(model.pool, owner);
    else if (owner)
      naive_give(&model, owner);
    if (step % 500 == 0) naive_check(&model);
  }
  naive_check(&model);
  frame_close(model.pool);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(machine_without_frames_is_refused),
      cmocka_unit_test(frames_of_64_gib_cost_nothing_until_they_are_taken),
      cmocka_unit_test(order_of_frames_hangs_on_the_seed_alone),
      cmocka_unit_test(frames_taken_one_after_the_other_are_no_neighbours),
      cmocka_unit_test(frames_beyond_the_direct_map_go_first),
      cmocka_unit_test(kernel_gets_no_frame_that_it_cannot_reach),
      cmocka_unit_test(frame_of_a_wish_is_given_once),
      cmocka_unit_test(blocks_stay_whole_while_others_are_broken_into),
      cmocka_unit_test(block_is_aligned_in_memory_and_not_in_the_pool),
      cmocka_unit_test(block_lies_on_one_side_of_the_direct_map_s_end),
      cmocka_unit_test(block_is_found_by_each_of_its_page_numbers),
      cmocka_unit_test(block_that_is_split_is_its_frames_with_their_mappings),
      cmocka_unit_test(frames_that_are_joined_are_the_block_again),
      cmocka_unit_test(mapping_is_forgotten_once),
      cmocka_unit_test(clock_goes_round_and_new_frames_come_last),
      cmocka_unit_test(pool_agrees_with_an_array_whatever_is_asked),
  };
  return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
