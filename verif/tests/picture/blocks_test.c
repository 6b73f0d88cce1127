/* Blocks of an allocator: a hash table against a list, forks, heaps and how broken up they are.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "blocks.h"

#define PLACES 300u
#define STEPS 20000u

static uint64_t seed_given = 1;

static uint64_t draw(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

static tw_space *space_open(void) {
  tw_error error = {0};
  const tw_space_options options = {.mode = TW_SV39, .asid_bits = 16};
  tw_space *space = tw_space_open(&options, NULL, &error);
  if (!space) fail_msg("%s", error.text);
  return space;
}

static tw_record block_record(tw_record_kind kind, uint64_t va, uint64_t size) {
  return (tw_record){.kind = kind, .block = {va, size}};
}

static void blocks_are_those_that_were_not_freed(void **state) {
  (void)state;
  static uint64_t sizes[PLACES];
  tw_space *space = space_open();
  tw_allocator allocator = {0};
  uint64_t random = seed_given;
  memset(sizes, 0, sizeof sizes);
  for (unsigned i = 0; i < STEPS; i++) {
    const size_t place = draw(&random) % PLACES;
    const uint64_t size = draw(&random) % 3 ? 1 + draw(&random) % 4000 : 0;
    const tw_record record =
        block_record(size ? TW_RECORD_ALLOC : TW_RECORD_FREE, 0x600000 + place * 0x1000 + 16, size);
    tw_allocator_take(&allocator, &record, space);
    sizes[place] = size;
  }
  size_t count, wanted = 0;
  tw_block *blocks = tw_blocks_sorted(tw_allocator_find(&allocator, 0), &count);
  assert_non_null(blocks);
  for (size_t place = 0; place < PLACES; place++) {
    if (!sizes[place]) continue;
    assert_true(wanted < count);
    assert_int_equal(blocks[wanted].va, 0x600000 + place * 0x1000 + 16);
    assert_int_equal(blocks[wanted++].size, sizes[place]);
  }
  assert_int_equal(wanted, count);
  free(blocks);
  tw_allocator_free(&allocator);
  tw_space_close(space);
}

static size_t blocks_count(const tw_allocator *allocator, uint32_t process) {
  const tw_blocks *blocks = tw_allocator_find(allocator, process);
  return blocks ? blocks->used : 0;
}

static void a_child_has_its_parents_blocks(void **state) {
  (void)state;
  tw_space *space = space_open();
  tw_allocator allocator = {0};
  const tw_record records[] = {
      block_record(TW_RECORD_ALLOC, 0x1000, 100), block_record(TW_RECORD_ALLOC, 0x2000, 100),
      {.kind = TW_RECORD_FORK, .id = 0x10000},    {.kind = TW_RECORD_THREAD, .id = 0x10001},
      block_record(TW_RECORD_FREE, 0x1000, 0),
  };
  for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) tw_allocator_take(&allocator, &records[i], space);
  assert_int_equal(blocks_count(&allocator, 0), 2);
  assert_int_equal(blocks_count(&allocator, 0x10000), 1);
  const tw_record exec = {.kind = TW_RECORD_EXEC, .name = ""};
  tw_allocator_take(&allocator, &exec, space);
  assert_int_equal(blocks_count(&allocator, 0x10000), 0);
  const tw_record exits[] = {{.kind = TW_RECORD_EXIT, .id = 2}, {.kind = TW_RECORD_EXIT, .id = 0}};
  tw_allocator_take(&allocator, &exits[0], space); /* a thread */
  assert_int_equal(blocks_count(&allocator, 0), 2);
  tw_allocator_take(&allocator, &exits[1], space);
  assert_int_equal(blocks_count(&allocator, 0), 0);
  tw_allocator_free(&allocator);
  tw_space_close(space);
}

static void a_heap_is_measured_to_the_byte(void **state) {
  (void)state;
  const tw_block blocks[] = {{0x0ff0, 16}, {0x1010, 0x100}, {0x1110, 0x10}, {0x1800, 0x200}, {0x9000, 0x4000}};
  const tw_heap_sample heap = tw_heap_measure(blocks, 5, 0x1000, 0x2000);
  assert_int_equal(heap.heap, 0x1000);
  assert_int_equal(heap.blocks, 3);
  assert_int_equal(heap.used, 0x310);
  assert_int_equal(heap.holes, 0x1000 - 0x310);
  assert_int_equal(heap.largest_hole, 0x6e0); /* between the second and the third, behind 0x1120 */
  assert_int_equal(heap.elsewhere, 16 + 0x4000);
  const tw_heap_sample empty = tw_heap_measure(blocks, 0, 0x1000, 0x2000);
  assert_int_equal(empty.largest_hole, 0x1000);
  assert_true(tw_heap_fragmentation(&empty) == 0.0);
  assert_true(tw_heap_fragmentation(&heap) > 0.0);
}

static void samples_are_thinned_and_never_too_many(void **state) {
  (void)state;
  tw_error error = {0};
  tw_space *space = space_open();
  tw_record taken;
  while (tw_space_take(space, &taken)) continue;
  const tw_record heap = {.kind = TW_RECORD_MAP,
                          .map = {.start = 0x600000, .length = 0x100000, .prot = 3, .use = TW_REGION_HEAP, .name = ""}};
  if (!tw_space_feed(space, &heap, &error)) fail_msg("%s", error.text);
  while (tw_space_take(space, &taken)) continue;
  tw_allocator allocator = {0};
  for (uint64_t i = 0; i < 5000; i++) {
    tw_record record = block_record(TW_RECORD_ALLOC, 0x600000 + i * 32, 16);
    record.number = i;
    tw_allocator_take(&allocator, &record, space);
  }
  const tw_blocks *blocks = tw_allocator_find(&allocator, 0);
  assert_non_null(blocks);
  assert_true(blocks->sample_count > TW_HEAP_SAMPLES / 4 && blocks->sample_count <= TW_HEAP_SAMPLES);
  for (size_t i = 0; i < blocks->sample_count; i++) {
    assert_int_equal(blocks->samples[i].record, (i + 1) * blocks->step - 1);
    assert_int_equal(blocks->samples[i].blocks, (i + 1) * blocks->step);
  }
  tw_allocator_free(&allocator);
  tw_space_close(space);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_are_those_that_were_not_freed),
      cmocka_unit_test(a_child_has_its_parents_blocks),
      cmocka_unit_test(a_heap_is_measured_to_the_byte),
      cmocka_unit_test(samples_are_thinned_and_never_too_many),
  };
  if (argc > 1) seed_given = strtoull(argv[1], NULL, 0);
  printf("seed %llu (to repeat: %s %llu)\n", (unsigned long long)seed_given, argv[0], (unsigned long long)seed_given);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
