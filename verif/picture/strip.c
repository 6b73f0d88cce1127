/* Strips of pages, and which of them are not what they were.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

size_t tw_strip_cells(uint64_t start, uint64_t end, size_t most) {
  const uint64_t pages = (end - start) / TW_PAGE_BYTES;
  return pages < most ? (size_t)pages : most;
}

/* Place of the first page of a cell. A space has at most 2^52 pages, and a strip fewer than 2^12 cells. */
static uint64_t cell_first(uint64_t pages, size_t cell, size_t count) {
  return pages * cell / count;
}

/* The cell that a page lies in. */
static size_t cell_of(uint64_t pages, uint64_t page, size_t count) {
  size_t cell = (size_t)(page * count / pages);
  while (cell + 1 < count && cell_first(pages, cell + 1, count) <= page) cell++;
  return cell;
}

static void cells_paint(const tw_space_page *page, uint64_t start, uint64_t end, tw_cell *cells, size_t count) {
  const uint64_t pages = (end - start) / TW_PAGE_BYTES;
  const uint64_t low = page->va > start ? page->va : start;
  const uint64_t last = page->va + page->length - 1 < end - 1 ? page->va + page->length - 1 : end - 1;
  const uint64_t behind = (last - start) / TW_PAGE_BYTES + 1;
  uint64_t at = (low - start) / TW_PAGE_BYTES;
  for (size_t cell = cell_of(pages, at, count); cell < count && at < behind; cell++) {
    const uint64_t next = cell_first(pages, cell + 1, count);
    const uint64_t stop = next < behind ? next : behind;
    cells[cell].by_state[tw_page_state_of(page)] += stop - at;
    cells[cell].large |= page->length > TW_PAGE_BYTES;
    at = stop;
  }
}

static void cells_mark(const tw_page_change *change, uint64_t start, uint64_t end, tw_cell *cells, size_t count) {
  const uint64_t pages = (end - start) / TW_PAGE_BYTES;
  const tw_space_page *page = change->after ? change->after : change->before;
  if (change->before && change->before->length > page->length) page = change->before;
  const uint64_t low = page->va > start ? page->va : start;
  const uint64_t last = page->va + page->length - 1 < end - 1 ? page->va + page->length - 1 : end - 1;
  const size_t first = cell_of(pages, (low - start) / TW_PAGE_BYTES, count);
  const size_t final = cell_of(pages, (last - start) / TW_PAGE_BYTES, count);
  for (size_t cell = first; cell <= final; cell++) cells[cell].changed = true;
}

void tw_strip_make(const tw_state_process *process, const tw_state_process *other, uint64_t start, uint64_t end,
                   tw_cell *cells, size_t count) {
  const uint64_t pages = (end - start) / TW_PAGE_BYTES;
  for (size_t i = 0; i < count; i++) {
    const uint64_t first = cell_first(pages, i, count);
    cells[i] = (tw_cell){.va = start + first * TW_PAGE_BYTES, .pages = cell_first(pages, i + 1, count) - first};
  }
  for (size_t i = tw_state_page_above(process, start); i < process->page_count && process->pages[i].va < end; i++)
    cells_paint(&process->pages[i], start, end, cells, count);
  for (size_t i = 0; i < count; i++) {
    uint64_t touched = 0;
    for (unsigned state = 1; state < TW_PAGE_STATE_COUNT; state++) touched += cells[i].by_state[state];
    cells[i].by_state[TW_PAGE_UNTOUCHED] = cells[i].pages > touched ? cells[i].pages - touched : 0;
  }
  tw_page_change change;
  for (uint64_t va = start; other && tw_page_change_next(other, process, &va, end, &change);)
    cells_mark(&change, start, end, cells, count);
}

tw_page_state tw_cell_state(const tw_cell *cell) {
  tw_page_state most = TW_PAGE_UNTOUCHED;
  uint64_t pages = 0;
  for (unsigned state = 1; state < TW_PAGE_STATE_COUNT; state++) {
    if (cell->by_state[state] <= pages) continue;
    pages = cell->by_state[state];
    most = (tw_page_state)state;
  }
  return most;
}

static bool pages_alike(const tw_space_page *a, const tw_space_page *b) {
  return a->va == b->va && a->length == b->length && a->resident == b->resident && a->napot == b->napot &&
         a->flags == b->flags && a->pa == b->pa && a->slot == b->slot && tw_page_state_of(a) == tw_page_state_of(b);
}

static const tw_space_page *page_from(const tw_state_process *process, uint64_t va, uint64_t end) {
  const size_t index = process ? tw_state_page_above(process, va) : 0;
  if (!process || index >= process->page_count || process->pages[index].va >= end) return NULL;
  return &process->pages[index];
}

bool tw_page_change_next(const tw_state_process *before, const tw_state_process *after, uint64_t *va, uint64_t end,
                         tw_page_change *change) {
  while (*va < end) {
    const tw_space_page *old = page_from(before, *va, end), *now = page_from(after, *va, end);
    if (!old && !now) return false;
    if (old && now && now->va > old->va + (old->length - 1)) now = NULL; /* what comes first alone */
    if (old && now && old->va > now->va + (now->length - 1)) old = NULL;
    const tw_space_page *longer = !now || (old && old->length > now->length) ? old : now;
    *va = longer->va + longer->length;
    *change = (tw_page_change){old, now};
    if (!old || !now || !pages_alike(old, now)) return true;
    if (*va == 0) break;
  }
  return false;
}
