/* Rows of a map: regions of two states brought together, gaps, strips of pages, and what changed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

#define RW (TW_PROT_READ | TW_PROT_WRITE)

/* Two states with one process each. */
typedef struct pair {
  tw_state states[2];
  tw_state_process *before, *after;
} pair;

static void pair_open(pair *made) {
  memset(made, 0, sizeof *made);
  made->before = fixture_process(&made->states[0], 0, "");
  made->after = fixture_process(&made->states[1], 0, "");
}

static void pair_close(pair *made) {
  tw_state_free(&made->states[0]);
  tw_state_free(&made->states[1]);
}

static tw_map_rows rows_of(const pair *of) {
  tw_map_rows rows;
  const tw_rows_request request = {of->before, of->after, true, NULL};
  assert_true(tw_map_rows_make(&rows, &request));
  return rows;
}

/* The n-th row that is a region. */
static const tw_map_row *region_row(const tw_map_rows *rows, size_t n) {
  for (size_t i = 0; i < rows->count; i++)
    if (rows->at[i].kind == TW_ROW_REGION && n-- == 0) return &rows->at[i];
  fail_msg("there is no such row");
  return NULL;
}

static size_t region_rows(const tw_map_rows *rows) {
  size_t count = 0;
  for (size_t i = 0; i < rows->count; i++) count += rows->at[i].kind == TW_ROW_REGION;
  return count;
}

static void regions_that_overlap_share_a_row(void **state) {
  (void)state;
  pair of;
  pair_open(&of);
  fixture_region(of.before, 0x10000, 0x20000, TW_REGION_DATA, RW, "");
  fixture_region(of.before, 0x80000, 0x90000, TW_REGION_STACK, RW, "");
  fixture_region(of.after, 0x10000, 0x20000, TW_REGION_DATA, RW, "");
  fixture_region(of.after, 0x40000, 0x41000, TW_REGION_MAPPED, RW, "");
  fixture_region(of.after, 0x70000, 0x90000, TW_REGION_STACK, RW, "");
  tw_map_rows rows = rows_of(&of);
  assert_int_equal(region_rows(&rows), 3);
  assert_int_equal(region_row(&rows, 0)->mark, TW_ROW_CHANGED); /* the stack grew */
  assert_int_equal(region_row(&rows, 0)->start, 0x70000);
  assert_int_equal(region_row(&rows, 0)->parts[0].start, 0x80000);
  assert_int_equal(region_row(&rows, 1)->mark, TW_ROW_NEW);
  assert_false(region_row(&rows, 1)->parts[0].there);
  assert_int_equal(region_row(&rows, 2)->mark, TW_ROW_SAME);
  tw_map_rows_free(&rows);
  pair_close(&of);
}

static void regions_that_went_are_gone_and_split_ones_changed(void **state) {
  (void)state;
  pair of;
  pair_open(&of);
  fixture_region(of.before, 0x10000, 0x20000, TW_REGION_DATA, RW, "");
  fixture_region(of.before, 0x30000, 0x40000, TW_REGION_MAPPED, RW, "");
  fixture_region(of.after, 0x10000, 0x14000, TW_REGION_DATA, RW, "");
  fixture_region(of.after, 0x14000, 0x20000, TW_REGION_DATA, TW_PROT_READ, "");
  tw_map_rows rows = rows_of(&of);
  assert_int_equal(region_rows(&rows), 3);
  assert_int_equal(region_row(&rows, 0)->mark, TW_ROW_GONE);
  assert_int_equal(region_row(&rows, 1)->mark, TW_ROW_CHANGED);
  assert_int_equal(region_row(&rows, 2)->mark, TW_ROW_CHANGED);
  tw_map_rows_free(&rows);
  pair_close(&of);
}

static void a_row_changes_with_its_pages(void **state) {
  (void)state;
  pair of;
  pair_open(&of);
  fixture_region(of.before, 0x10000, 0x20000, TW_REGION_DATA, RW, "");
  fixture_region(of.after, 0x10000, 0x20000, TW_REGION_DATA, RW, "");
  fixture_page(of.before, 0x11000, 0x80000000, 2);
  fixture_page(of.after, 0x11000, 0x80000000, 2);
  tw_map_rows rows = rows_of(&of);
  assert_int_equal(region_row(&rows, 0)->mark, TW_ROW_SAME);
  tw_map_rows_free(&rows);
  of.after->pages[0].pa = 0x80005000;
  rows = rows_of(&of);
  assert_int_equal(region_row(&rows, 0)->mark, TW_ROW_CHANGED);
  tw_map_rows_free(&rows);
  pair_close(&of);
}

static void long_gaps_are_folded_and_short_ones_are_not(void **state) {
  (void)state;
  pair of;
  pair_open(&of);
  fixture_region(of.after, 0x8000, 0x50000, TW_REGION_DATA, RW, "");
  fixture_region(of.after, 0x51000, 0x90000, TW_REGION_BSS, RW, "");
  fixture_region(of.after, 0x3ffff00000, 0x4000000000, TW_REGION_STACK, RW, "");
  tw_map_rows rows = rows_of(&of);
  size_t gaps = 0;
  for (size_t i = 0; i < rows.count; i++) {
    if (rows.at[i].kind != TW_ROW_GAP) continue;
    gaps++;
    assert_true(i == 1);
    assert_int_equal(rows.at[i].start, 0x90000);
    assert_int_equal(rows.at[i].end, 0x3ffff00000);
  }
  assert_int_equal(gaps, 1); /* what lies below 0x8000 is short beside the rest */
  tw_map_rows_free(&rows);
  pair_close(&of);
}

static void many_regions_share_rows_and_none_is_lost(void **state) {
  (void)state;
  for (size_t regions = TW_ROWS_MAX - 1; regions < 20000; regions = regions * 3 + 1) {
    pair of;
    uint64_t bytes = 0, shown = 0;
    size_t counted = 0;
    pair_open(&of);
    for (size_t i = 0; i < regions; i++) {
      const tw_region_use use = i % 7 == 3 ? TW_REGION_FILE : TW_REGION_MAPPED;
      fixture_region(of.after, 0x100000 + i * 0x4000, 0x102000 + i * 0x4000, use, RW, "");
      bytes += 0x2000;
    }
    tw_map_rows rows = rows_of(&of);
    assert_true(region_rows(&rows) <= TW_ROWS_MAX);
    for (size_t i = 0; i < region_rows(&rows); i++) {
      const tw_row_part *part = &region_row(&rows, i)->parts[1];
      counted += part->regions;
      shown += part->bytes;
      assert_int_equal(part->pages[TW_PAGE_UNTOUCHED], part->bytes / TW_PAGE_BYTES);
    }
    assert_int_equal(counted, regions);
    assert_int_equal(shown, bytes);
    tw_map_rows_free(&rows);
    pair_close(&of);
  }
}

static void cells_hold_every_page_once(void **state) {
  (void)state;
  pair of;
  pair_open(&of);
  const uint64_t start = 0x100000, pages = 1000;
  uint64_t resident = 0, swapped = 0;
  for (uint64_t i = 0; i < pages; i += 1 + i % 5) {
    if (i % 3) {
      fixture_page(of.after, start + i * TW_PAGE_BYTES, 0x80000000 + i * TW_PAGE_BYTES, 1);
      resident++;
    } else {
      fixture_swapped(of.after, start + i * TW_PAGE_BYTES, i, 1);
      swapped++;
    }
  }
  for (size_t count = 1; count < 200; count += 13) {
    tw_cell cells[200];
    uint64_t sums[TW_PAGE_STATE_COUNT] = {0}, all = 0;
    tw_strip_make(of.after, NULL, start, start + pages * TW_PAGE_BYTES, cells, count);
    for (size_t i = 0; i < count; i++) {
      uint64_t in_cell = 0;
      for (unsigned s = 0; s < TW_PAGE_STATE_COUNT; s++) {
        sums[s] += cells[i].by_state[s];
        in_cell += cells[i].by_state[s];
      }
      assert_int_equal(in_cell, cells[i].pages);
      all += cells[i].pages;
    }
    assert_int_equal(all, pages);
    assert_int_equal(sums[TW_PAGE_RESIDENT], resident);
    assert_int_equal(sums[TW_PAGE_SWAPPED], swapped);
  }
  pair_close(&of);
}

static void large_pages_fill_their_cells(void **state) {
  (void)state;
  pair of;
  tw_cell cells[8];
  pair_open(&of);
  fixture_page(of.after, 0x200000, 0x80200000, 1);
  of.after->pages[0].length = 0x200000;
  tw_strip_make(of.after, of.before, 0x100000, 0x500000, cells, 8); /* half a MiB each */
  for (size_t i = 0; i < 8; i++) {
    const bool inside = i >= 2 && i < 6;
    assert_int_equal(cells[i].by_state[TW_PAGE_RESIDENT], inside ? 128 : 0);
    assert_int_equal(cells[i].large, inside);
    assert_int_equal(cells[i].changed, inside);
  }
  pair_close(&of);
}

static void changes_come_one_by_one(void **state) {
  (void)state;
  pair of;
  tw_page_change change;
  uint64_t va = 0;
  pair_open(&of);
  fixture_page(of.before, 0x1000, 0x80000000, 1);
  fixture_page(of.before, 0x3000, 0x80001000, 1);
  fixture_page(of.before, 0x5000, 0x80002000, 1);
  fixture_page(of.after, 0x1000, 0x80000000, 1);
  fixture_page(of.after, 0x4000, 0x80007000, 1);
  fixture_swapped(of.after, 0x5000, 9, 1);
  assert_true(tw_page_change_next(of.before, of.after, &va, UINT64_MAX, &change));
  assert_true(change.before && change.before->va == 0x3000 && !change.after);
  assert_true(tw_page_change_next(of.before, of.after, &va, UINT64_MAX, &change));
  assert_true(change.after && change.after->va == 0x4000 && !change.before);
  assert_true(tw_page_change_next(of.before, of.after, &va, UINT64_MAX, &change));
  assert_true(change.before && change.after && !change.after->resident);
  assert_false(tw_page_change_next(of.before, of.after, &va, UINT64_MAX, &change));
  va = 0;
  assert_true(tw_page_change_next(NULL, of.after, &va, UINT64_MAX, &change));
  assert_true(!change.before && change.after->va == 0x1000);
  pair_close(&of);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(regions_that_overlap_share_a_row),
      cmocka_unit_test(regions_that_went_are_gone_and_split_ones_changed),
      cmocka_unit_test(a_row_changes_with_its_pages),
      cmocka_unit_test(long_gaps_are_folded_and_short_ones_are_not),
      cmocka_unit_test(many_regions_share_rows_and_none_is_lost),
      cmocka_unit_test(cells_hold_every_page_once),
      cmocka_unit_test(large_pages_fill_their_cells),
      cmocka_unit_test(changes_come_one_by_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
