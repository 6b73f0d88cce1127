/* The allocator of scenarios: blocks do not overlap, what is given back is used again, large ones are mapped.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "draw.h"

#define HEAP 0x10000000u
#define MAPPED 0x70000000u

typedef struct world {
  uint64_t end, mapped, unmapped; /* of the heap; bytes */
  uint64_t next;                  /* mapping */
  size_t touches;
  bool stops;
} world;

static bool touch(void *payload, uint64_t va, bool write) {
  world *around = payload;
  (void)write;
  around->touches++;
  if (va < MAPPED) assert_in_range(va, HEAP, around->end - 8); /* nothing beyond the break */
  return !around->stops;
}

static bool extend(void *payload, uint64_t end) {
  world *around = payload;
  assert_int_equal(end % 4096, 0);
  around->end = end;
  return true;
}

static uint64_t map(void *payload, uint64_t length) {
  world *around = payload;
  const uint64_t start = around->next;
  assert_int_equal(length % 4096, 0);
  around->mapped += length;
  around->next += length;
  return start;
}

static bool unmap(void *payload, uint64_t start, uint64_t length) {
  world *around = payload;
  assert_int_equal(start % 4096, 0);
  around->unmapped += length;
  return true;
}

static const allocator_options first_fit = {.word = 8, .large = 128u << 10}, best_fit = {8, 128u << 10, true};

static world around_make(void) {
  return (world){.end = HEAP, .next = MAPPED};
}

static allocator_world doors(world *around) {
  return (allocator_world){touch, extend, map, unmap, around};
}

static uint64_t take(allocator *all, const allocator_options *options, world *around, uint64_t size) {
  const allocator_world seen = doors(around);
  allocator_block block;
  assert_true(allocator_take(all, options, &seen, size, &block));
  assert_int_equal(block.va % 16, 0);
  return block.va;
}

static void give(allocator *all, world *around, uint64_t va) {
  const allocator_world seen = doors(around);
  for (size_t n = 0; n < allocator_live(all); n++) {
    if (allocator_block_at(all, n)->va != va) continue;
    assert_true(allocator_give(all, &first_fit, &seen, n));
    return;
  }
  fail_msg("there is no block at 0x%llx", (unsigned long long)va);
}

static void blocks_follow_one_another_in_a_fresh_heap(void **state) {
  world around = around_make();
  allocator *all = allocator_open(HEAP);
  (void)state;
  assert_int_equal(take(all, &first_fit, &around, 100), HEAP + 16);
  assert_int_equal(take(all, &first_fit, &around, 1), HEAP + 16 + 112 + 16);
  assert_int_equal(take(all, &first_fit, &around, 16), HEAP + 16 + 112 + 16 + 16 + 16);
  assert_in_range(around.end, HEAP + (128 << 10), HEAP + (136 << 10));
  allocator_close(all);
}

static void what_is_given_back_is_taken_again(void **state) {
  world around = around_make();
  allocator *all = allocator_open(HEAP);
  (void)state;
  const uint64_t first = take(all, &first_fit, &around, 100);
  take(all, &first_fit, &around, 100);
  give(all, &around, first);
  assert_int_equal(take(all, &first_fit, &around, 100), first);
  allocator_close(all);
}

static void neighbours_that_are_free_become_one(void **state) {
  world around = around_make();
  allocator *all = allocator_open(HEAP);
  uint64_t va[5];
  (void)state;
  for (size_t i = 0; i < 5; i++) va[i] = take(all, &first_fit, &around, 240);
  give(all, &around, va[1]);
  give(all, &around, va[3]);
  give(all, &around, va[2]); /* joins both */
  assert_int_equal(take(all, &first_fit, &around, 3 * 256 - 16), va[1]);
  allocator_close(all);
}

static void best_fit_takes_the_smallest_that_fits(void **state) {
  world around = around_make();
  allocator *all = allocator_open(HEAP);
  (void)state;
  const uint64_t small = take(all, &best_fit, &around, 112);
  take(all, &best_fit, &around, 16);
  const uint64_t wide = take(all, &best_fit, &around, 1008);
  take(all, &best_fit, &around, 16);
  give(all, &around, small);
  give(all, &around, wide); /* the head of the free list: first fit would take it */
  assert_int_equal(take(all, &best_fit, &around, 100), small);
  allocator_close(all);
}

static void large_blocks_are_mapped_and_unmapped(void **state) {
  world around = around_make();
  allocator *all = allocator_open(HEAP);
  (void)state;
  const uint64_t below = take(all, &first_fit, &around, (128 << 10) - 1);
  const uint64_t large = take(all, &first_fit, &around, 128 << 10);
  assert_true(below < MAPPED);
  assert_int_equal(large, MAPPED + 16);
  assert_int_equal(around.mapped, (128 << 10) + 4096);
  give(all, &around, large);
  assert_int_equal(around.unmapped, around.mapped);
  allocator_close(all);
}

static void a_free_end_of_the_heap_is_given_back(void **state) {
  world around = around_make();
  allocator *all = allocator_open(HEAP);
  uint64_t va[10], heap, unused;
  (void)state;
  for (size_t i = 0; i < 10; i++) va[i] = take(all, &first_fit, &around, 100 << 10);
  const uint64_t full = around.end;
  for (size_t i = 10; i-- > 0;) give(all, &around, va[i]);
  assert_true(around.end < full - (700 << 10));
  allocator_measure(all, &heap, &unused);
  assert_int_equal(heap, around.end - HEAP);
  assert_int_equal(unused, heap);
  allocator_close(all);
}

static void holes_make_the_heap_fragmented(void **state) {
  world around = around_make();
  allocator *all = allocator_open(HEAP);
  uint64_t va[1000], heap, unused;
  (void)state;
  for (size_t i = 0; i < 1000; i++) va[i] = take(all, &first_fit, &around, 112);
  for (size_t i = 0; i < 1000; i += 2) give(all, &around, va[i]);
  allocator_measure(all, &heap, &unused);
  assert_true(unused >= 500 * 128);
  const uint64_t end = around.end;
  for (size_t i = 0; i < 500; i++) take(all, &first_fit, &around, 240); /* fits no hole */
  assert_true(around.end > end);
  allocator_close(all);
}

static int by_address(const void *left, const void *right) {
  const allocator_block *a = left, *b = right;
  return a->va < b->va ? -1 : a->va > b->va;
}

static void random_work_never_gives_a_byte_twice(void **state) {
  enum { LIVE = 300 };
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    print_message("seed %llu\n", (unsigned long long)seed);
    const allocator_options *options = seed % 2 ? &first_fit : &best_fit;
    world around = around_make();
    const allocator_world seen = doors(&around);
    allocator *all = allocator_open(HEAP);
    draw_stream random = {seed};
    for (unsigned step = 0; step < 3000; step++) {
      const size_t live = allocator_live(all);
      if (live == LIVE || (live && draw_below(&random, 3) == 0)) {
        assert_true(allocator_give(all, options, &seen, draw_below(&random, live)));
      } else {
        take(all, options, &around, 1 + draw_below(&random, (uint64_t)1 << (1 + draw_below(&random, 18))));
      }
      if (step % 300) continue;
      allocator_block blocks[LIVE];
      for (size_t n = 0; n < allocator_live(all); n++) blocks[n] = *allocator_block_at(all, n);
      qsort(blocks, allocator_live(all), sizeof blocks[0], by_address);
      for (size_t n = 1; n < allocator_live(all); n++)
        assert_true(blocks[n - 1].va + blocks[n - 1].size + 16 <= blocks[n].va);
    }
    while (allocator_live(all)) assert_true(allocator_give(all, options, &seen, 0));
    uint64_t heap, unused;
    allocator_measure(all, &heap, &unused);
    assert_int_equal(heap, unused);
    assert_int_equal(around.mapped, around.unmapped);
    allocator_close(all);
  }
}

static void a_copy_goes_its_own_way(void **state) {
  world around = around_make();
  allocator *all = allocator_open(HEAP);
  (void)state;
  const uint64_t first = take(all, &first_fit, &around, 100);
  take(all, &first_fit, &around, 100);
  allocator *copy = allocator_copy(all);
  assert_non_null(copy);
  give(copy, &around, first);
  assert_int_equal(take(copy, &first_fit, &around, 100), first);
  assert_int_not_equal(take(all, &first_fit, &around, 100), first);
  allocator_close(all);
  allocator_close(copy);
}

static void it_stops_when_the_world_does(void **state) {
  world around = around_make();
  const allocator_world seen = doors(&around);
  allocator *all = allocator_open(HEAP);
  allocator_block block;
  (void)state;
  around.stops = true;
  assert_false(allocator_take(all, &first_fit, &seen, 100, &block));
  assert_false(allocator_take(all, &first_fit, &seen, 1 << 20, &block));
  allocator_close(all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_follow_one_another_in_a_fresh_heap),
      cmocka_unit_test(what_is_given_back_is_taken_again),
      cmocka_unit_test(neighbours_that_are_free_become_one),
      cmocka_unit_test(best_fit_takes_the_smallest_that_fits),
      cmocka_unit_test(large_blocks_are_mapped_and_unmapped),
      cmocka_unit_test(a_free_end_of_the_heap_is_given_back),
      cmocka_unit_test(holes_make_the_heap_fragmented),
      cmocka_unit_test(random_work_never_gives_a_byte_twice),
      cmocka_unit_test(a_copy_goes_its_own_way),
      cmocka_unit_test(it_stops_when_the_world_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
