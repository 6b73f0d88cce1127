/* Random programs. Most of what they do is near what they did last, so that pages fill, and blocks of pages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stress_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random.h"

#define PAGE UINT64_C(0x1000)
#define WINDOW UINT64_C(0x10000000) /* 16 MiB, aligned to a large page of every mode */
#define WINDOW_PAGES 4096u
#define STACK_END UINT64_C(0xb0000000)
#define HEAP UINT64_C(0x20000000)
#define HEAP_PAGES 64u
#define ALIVE_MAX 5u

typedef struct maker {
  stress_program *program;
  test_random random;
  uint32_t alive[ALIVE_MAX]; /* numbers of processes */
  unsigned alive_count, running;
  uint32_t made;
  uint64_t hot; /* where it touched pages last */
  bool heap[1u << 16];
} maker;

static void add(maker *make, tw_record record) {
  stress_program *program = make->program;
  if (program->count == program->capacity) {
    program->capacity = program->capacity ? program->capacity * 2 : 1024;
    program->at = realloc(program->at, program->capacity * sizeof *program->at);
    assert_non_null(program->at);
  }
  program->at[program->count++] = record;
}

static uint64_t below(maker *make, uint64_t limit) {
  return random_below(&make->random, limit);
}

static void add_access(maker *make, tw_access kind, uint64_t va) {
  static const uint8_t sizes[] = {1, 2, 4, 4, 8, 8, 8, 16, 64};
  uint8_t size = kind == TW_FETCH ? 4 : sizes[below(make, sizeof sizes)];
  add(make, (tw_record){.kind = TW_RECORD_ACCESS, .access = {.va = va, .kind = kind, .size = size}});
}

static tw_access any_kind(maker *make) {
  static const tw_access kinds[] = {TW_LOAD, TW_LOAD, TW_LOAD, TW_LOAD, TW_STORE, TW_STORE, TW_STORE, TW_FETCH, TW_AMO};
  return kinds[below(make, sizeof kinds / sizeof kinds[0])];
}

static uint64_t any_page(maker *make) {
  return below(make, 4) ? WINDOW + below(make, 200) * PAGE : WINDOW + below(make, WINDOW_PAGES) * PAGE;
}

static void burst(maker *make) {
  if (below(make, 3) == 0) make->hot = any_page(make);
  uint64_t place = below(make, 60);
  if (place == 0) make->hot = STACK_END - (1 + below(make, 300)) * PAGE;
  if (place == 1) make->hot = HEAP + below(make, HEAP_PAGES) * PAGE;
  for (uint64_t left = 1 + below(make, 24); left; left--) {
    uint64_t offset = below(make, 12) ? below(make, PAGE) : PAGE - 1 - below(make, 8); /* across a page boundary */
    add_access(make, any_kind(make), make->hot + below(make, 4) * PAGE + offset);
  }
}

/* Touches every page of a run, or of a block. */
static void fill(maker *make) {
  static const uint64_t pages[] = {16, 16, 16, 48, 512, 1024};
  uint64_t count = pages[below(make, 6)], start = any_page(make) & ~(count * PAGE - 1), skip = below(make, 3);
  tw_access kind = below(make, 4) ? TW_STORE : TW_LOAD;
  if (count == 48) start = any_page(make) & ~(16 * PAGE - 1);
  for (uint64_t i = 0; i < count; i++) {
    if (skip != 1 || below(make, 60)) add_access(make, kind, start + i * PAGE + below(make, PAGE - 64));
  }
}

/* A range of the window: small ones, whole runs, whole blocks. */
static tw_record any_range(maker *make, tw_record_kind kind) {
  uint64_t start = any_page(make), pages = 1 + below(make, below(make, 3) ? 8 : 200);
  if (below(make, 5) == 0) {
    pages = below(make, 2) ? 1024 : 512;
    start &= ~(pages * PAGE - 1);
  }
  if (start + pages * PAGE > WINDOW + WINDOW_PAGES * PAGE) pages = (WINDOW + WINDOW_PAGES * PAGE - start) / PAGE;
  return (tw_record){.kind = kind, .map = {.start = start, .length = pages * PAGE, .name = ""}};
}

static uint8_t any_protection(maker *make) {
  static const uint8_t protections[] = {7, 7, 7, 7, 3, 3, 3, 3, 1, 5, 4, 2, 0};
  return protections[below(make, sizeof protections)];
}

static void add_map(maker *make) {
  static const char *const names[] = {"libc.so", "libm.so", "data", "shm"};
  tw_record record = any_range(make, TW_RECORD_MAP);
  record.map.prot = any_protection(make);
  record.map.use = TW_REGION_MAPPED;
  uint64_t choice = below(make, 14);
  if (choice < 3) {
    record.map.use = TW_REGION_FILE;
    record.map.name = names[below(make, 4)];
    record.map.offset = below(make, 30) * PAGE;
    record.map.shared = choice == 0;
  }
  if (choice == 3) record.map.shared = true;
  add(make, record);
}

static void add_change(maker *make) {
  uint64_t choice = below(make, 16);
  tw_record record;
  if (choice < 8) {
    add_map(make);
    return;
  }
  record = any_range(make, choice < 10 ? TW_RECORD_UNMAP : choice < 13 ? TW_RECORD_PROTECT : TW_RECORD_ADVISE);
  if (record.kind == TW_RECORD_UNMAP && below(make, 8)) record.map.length = PAGE * (1 + below(make, 4));
  if (record.map.start + record.map.length > WINDOW + WINDOW_PAGES * PAGE) record.map.length = PAGE;
  if (record.kind == TW_RECORD_PROTECT) record.map.prot = any_protection(make);
  if (record.kind == TW_RECORD_ADVISE) record.map.advice = (tw_advice)(1 + below(make, TW_ADVICE_COUNT - 1));
  add(make, record);
}

static void add_break(maker *make) {
  bool *known = &make->heap[make->alive[make->running]];
  uint64_t end = *known ? HEAP + below(make, HEAP_PAGES) * PAGE + below(make, PAGE) : HEAP;
  *known = true;
  add(make, (tw_record){.kind = TW_RECORD_BREAK, .map = {.start = end, .name = ""}});
}

static void add_call(maker *make) {
  const tw_record_call call = {.reads = make->hot + below(make, PAGE),
                               .reads_length = 1 + (uint32_t)below(make, 300),
                               .writes = any_page(make) + below(make, PAGE),
                               .writes_length = 1 + (uint32_t)below(make, 5000)};
  add(make, (tw_record){.kind = TW_RECORD_CALL, .call = call});
}

static void add_fence(maker *make) {
  uint64_t form = below(make, 5);
  tw_record_fence fence = {.has_va = form == 0 || form == 1, .has_asid = form == 1 || form == 2, .unknown = form == 3};
  if (fence.has_va) fence.va = any_page(make);
  add(make, (tw_record){.kind = TW_RECORD_FENCE, .fence = fence});
}

static void begin_regions(maker *make) {
  tw_record stack = {.kind = TW_RECORD_MAP,
                     .map = {.start = STACK_END - 8 * PAGE,
                             .length = 8 * PAGE,
                             .prot = 3,
                             .use = TW_REGION_STACK,
                             .grows_down = true,
                             .name = ""}};
  add(make, stack);
  add(make, (tw_record){.kind = TW_RECORD_MAP,
                        .map = {.start = WINDOW,
                                .length = WINDOW_PAGES * PAGE,
                                .prot = below(make, 4) ? 7 : 3,
                                .use = TW_REGION_MAPPED,
                                .name = ""}});
  for (uint64_t left = below(make, 6); left; left--) add_map(make);
}

static void add_thread(maker *make, unsigned chosen) {
  make->running = chosen;
  add(make, (tw_record){.kind = TW_RECORD_THREAD, .id = make->alive[chosen] << 16 | (uint32_t)(1 + below(make, 2))});
}

static void add_process(maker *make, tw_record_kind kind) {
  if (make->alive_count == ALIVE_MAX || make->made > 200) return;
  uint32_t number = make->made++;
  add(make, (tw_record){.kind = kind, .id = number << 16, .name = "child"});
  make->heap[number] = kind == TW_RECORD_FORK && make->heap[make->alive[make->running]];
  make->alive[make->alive_count++] = number;
  if (kind != TW_RECORD_PROCESS) return;
  add_thread(make, make->alive_count - 1);
  begin_regions(make);
}

static void add_exit(maker *make) {
  if (make->alive_count == 1) return;
  unsigned chosen = (unsigned)below(make, make->alive_count);
  bool runs = chosen == make->running;
  add(make, (tw_record){.kind = TW_RECORD_EXIT, .id = make->alive[chosen] << 16});
  make->alive[chosen] = make->alive[--make->alive_count];
  if (make->running == make->alive_count) make->running = chosen;
  if (runs) add_thread(make, (unsigned)below(make, make->alive_count));
}

static void add_exec(maker *make) {
  add(make, (tw_record){.kind = TW_RECORD_EXEC, .name = "other"});
  make->heap[make->alive[make->running]] = false;
  begin_regions(make);
}

static void step(maker *make) {
  uint64_t choice = below(make, 400);
  if (choice < 250)
    burst(make);
  else if (choice < 285)
    fill(make);
  else if (choice < 335)
    add_change(make);
  else if (choice < 340)
    add_break(make);
  else if (choice < 348)
    add(make, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = 1 + below(make, 60)});
  else if (choice < 354)
    add_call(make);
  else if (choice < 357)
    add_fence(make);
  else if (choice < 362)
    add_process(make, TW_RECORD_FORK);
  else if (choice < 364)
    add_process(make, TW_RECORD_PROCESS);
  else if (choice < 369)
    add_exit(make);
  else if (choice < 370)
    add_exec(make);
  else
    add_thread(make, (unsigned)below(make, make->alive_count));
}

void stress_program_make(stress_program *program, uint64_t seed, unsigned steps) {
  maker *make = calloc(1, sizeof *make);
  assert_non_null(make);
  *program = (stress_program){0};
  make->program = program;
  make->random = (test_random){seed};
  make->alive_count = make->made = 1;
  make->hot = WINDOW;
  begin_regions(make);
  while (steps--) step(make);
  free(make);
}

void stress_program_free(stress_program *program) {
  free(program->at);
}
