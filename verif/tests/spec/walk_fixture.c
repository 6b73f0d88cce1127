/* Tables on the way to one page, and a memory that can fail, change behind the walk's back, and be updated.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "walk_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The same VPN, 3 (and offset 0x120), at every level; addresses are sums, not the oracle's. */
void fixture_make(walk_fixture *fixture, tw_mode mode) {
  static const unsigned levels[TW_MODE_COUNT] = {0, 2, 3, 4, 5};
  const bool narrow = mode == TW_SV32;
  *fixture = (walk_fixture){.context = {.satp = {.mode = mode, .root_ppn = FIXTURE_ROOT_PPN},
                                        .privilege = TW_SUPERVISOR,
                                        .xlen = narrow ? 32 : 64},
                            .levels = levels[mode],
                            .va = 0x120,
                            .failing_read = -1};
  for (unsigned level = 0; level < fixture->levels; level++) {
    const unsigned depth = fixture->levels - 1 - level;
    fixture->va += (uint64_t)3 << (12 + level * (narrow ? 10 : 9));
    fixture->address[level] = (uint64_t)(FIXTURE_ROOT_PPN + depth) * 4096 + 3 * (narrow ? 4u : 8u);
    fixture->entry[level] = (uint64_t)(FIXTURE_ROOT_PPN + depth + 1) << 10 | TW_PTE_V;
  }
  fixture->entry[0] = (uint64_t)FIXTURE_LEAF_PPN << 10 | 0xcf; /* D A X W R V */
}

void fixture_pmp_use(walk_fixture *fixture) {
  fixture->pmp = (tw_pmp){.count = 16, .xlen = fixture->context.xlen, .smepmp = true};
  tw_pmp_write_addr(&fixture->pmp, 15, UINT64_MAX);
  tw_pmp_write_cfg(&fixture->pmp, 15, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
  fixture->machine.pmp = &fixture->pmp;
}

void fixture_pmp_set(walk_fixture *fixture, unsigned index, uint64_t base, unsigned bits, uint8_t rights) {
  tw_pmp_write_addr(&fixture->pmp, index, base >> 2 | (((uint64_t)1 << (bits - 3)) - 1));
  tw_pmp_write_cfg(&fixture->pmp, index, (uint8_t)(TW_PMP_NAPOT | rights));
}

static unsigned fixture_level(const walk_fixture *fixture, uint64_t pa, unsigned bytes) {
  assert_int_equal(bytes, fixture->context.xlen / 8);
  for (unsigned level = 0; level < fixture->levels; level++) {
    if (fixture->address[level] == pa) return level;
  }
  fail_msg("an entry was touched that is on nobody's way");
  return 0;
}

static bool fixture_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  walk_fixture *fixture = payload;
  const unsigned level = fixture_level(fixture, pa, bytes);
  fixture->reads++;
  *pte = fixture->entry[level];
  return (int)level != fixture->failing_read;
}

static bool fixture_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  walk_fixture *fixture = payload;
  const unsigned level = fixture_level(fixture, pa, bytes);
  fixture->updates++;
  if (fixture->failing_update) return false;
  if (fixture->changed < fixture->changes) fixture->entry[level] = fixture->changes_to[fixture->changed++];
  const uint64_t found = fixture->entry[level];
  if (found == *expected) fixture->entry[level] = desired;
  *expected = found;
  return true;
}

static tw_walk fixture_ask(walk_fixture *fixture, const tw_request *request) {
  const tw_table_memory memory = {.read = fixture_read, .update = fixture_update, .payload = fixture};
  tw_walk walk;
  fixture->context.machine = &fixture->machine;
  memset(&walk, 0x5a, sizeof walk);
  fixture->reads = 0;
  fixture->updates = 0;
  tw_walk_run(&fixture->context, request, &memory, &walk);
  return walk;
}

tw_walk fixture_walk(walk_fixture *fixture, tw_access access, unsigned bytes) {
  const tw_request request = {.access = access, .va = fixture->va, .bytes = bytes};
  return fixture_ask(fixture, &request);
}

tw_walk fixture_walk_speculative(walk_fixture *fixture, tw_access access) {
  const tw_request request = {.access = access, .va = fixture->va, .bytes = 1, .speculative = true};
  return fixture_ask(fixture, &request);
}

void fixture_expect_fault(walk_fixture *fixture, tw_access access, tw_reason reason, unsigned steps) {
  const tw_walk walk = fixture_walk(fixture, access, 1);
  assert_int_equal(walk.reason, reason);
  assert_int_equal(walk.cause, tw_reason_cause(reason, access));
  assert_false(walk.retry);
  assert_true(walk.pa == 0);
  assert_int_equal(walk.step_count, steps);
}
