/* Brings the regions of two states together, row by row.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

/* A gap is folded if it is longer than this part of all regions together. */
#define FOLD_PART 24u

const char *tw_row_mark_name(tw_row_mark mark) {
  static const char *const names[] = {"", "new", "gone", "changed"};
  return (unsigned)mark < 4 ? names[mark] : "";
}

static void part_begin(tw_row_part *part, const tw_state_region *region) {
  part->there = true;
  part->start = region->region.start;
  part->end = region->region.end;
  part->bytes = region->region.end - region->region.start;
  part->regions = 1;
  part->use = region->region.use;
  part->prot = region->region.prot;
  part->shared = region->region.shared;
  part->name = region->name;
}

/* A region below those that the part has. */
static void part_add(tw_row_part *part, const tw_state_region *region) {
  if (!part->there) {
    part_begin(part, region);
    return;
  }
  part->start = region->region.start;
  part->bytes += region->region.end - region->region.start;
  part->regions++;
  part->mixed |= part->use != region->region.use || part->prot != region->region.prot ||
                 part->shared != region->region.shared || strcmp(part->name, region->name) != 0;
}

static bool regions_overlap(const tw_region *a, const tw_region *b) {
  return a->start < b->end && b->start < a->end;
}

/* The next regions of both states from above, as a pair if they overlap. Indices count down to 0. */
typedef struct pairing {
  const tw_state_process *processes[2];
  size_t left[2];
} pairing;

static const tw_state_region *pairing_top(const pairing *pairs, unsigned which) {
  return pairs->left[which] ? &pairs->processes[which]->regions[pairs->left[which] - 1] : NULL;
}

static bool pairing_next(pairing *pairs, const tw_state_region *taken[2]) {
  const tw_state_region *tops[2] = {pairing_top(pairs, 0), pairing_top(pairs, 1)};
  bool take[2] = {tops[0] != NULL, tops[1] != NULL};
  if (take[0] && take[1] && !regions_overlap(&tops[0]->region, &tops[1]->region)) {
    const bool first_is_above = tops[0]->region.start > tops[1]->region.start;
    take[0] = first_is_above;
    take[1] = !first_is_above;
  }
  for (unsigned which = 0; which < 2; which++) {
    taken[which] = take[which] ? tops[which] : NULL;
    if (take[which]) pairs->left[which]--;
  }
  return take[0] || take[1];
}

/* How many neighbours may share a row, and whether they must be for the same use. */
typedef struct joining {
  size_t most;
  bool alike;
} joining;

static bool row_joins(const tw_map_row *row, const tw_state_region *taken[2], const joining *how) {
  for (unsigned which = 0; which < 2; which++) {
    const tw_row_part *part = &row->parts[which];
    if (part->regions >= how->most) return false;
    if (how->alike && taken[which] && part->there && part->use != taken[which]->region.use) return false;
  }
  return true;
}

/* Writes the rows of the regions, as many as there is room for, and says how many there are. */
static size_t rows_write(const pairing *from, const joining *how, tw_map_row *rows, size_t room) {
  pairing pairs = *from;
  const tw_state_region *taken[2];
  tw_map_row row = {0};
  size_t count = 0;
  while (pairing_next(&pairs, taken)) {
    if (count == 0 || !row_joins(&row, taken, how)) {
      if (count && count <= room) rows[count - 1] = row;
      row = (tw_map_row){.kind = TW_ROW_REGION};
      count++;
    }
    for (unsigned which = 0; which < 2; which++)
      if (taken[which]) part_add(&row.parts[which], taken[which]);
  }
  if (count && count <= room) rows[count - 1] = row;
  return count;
}

static size_t rows_fit(const pairing *pairs, tw_map_row *rows) {
  joining how = {1, true};
  size_t count = rows_write(pairs, &how, rows, TW_ROWS_MAX);
  const size_t regions = pairs->left[0] + pairs->left[1];
  while (count > TW_ROWS_MAX) {
    if (how.most <= regions) {
      how.most *= 2;
    } else { /* no use has few enough runs */
      how = (joining){2, false};
    }
    count = rows_write(pairs, &how, rows, TW_ROWS_MAX);
  }
  return count;
}

static bool overlaps_any(const tw_state_process *process, const tw_row_part *part) {
  const tw_region whole = {.start = part->start, .end = part->end};
  for (size_t i = 0; process && i < process->region_count; i++)
    if (regions_overlap(&process->regions[i].region, &whole)) return true;
  return false;
}

static bool parts_alike(const tw_row_part *a, const tw_row_part *b) {
  return a->start == b->start && a->end == b->end && a->regions == b->regions && a->use == b->use &&
         a->prot == b->prot && a->shared == b->shared && strcmp(a->name, b->name) == 0;
}

static tw_row_mark mark_find(const tw_map_row *row, const tw_rows_request *request) {
  const tw_row_part *before = &row->parts[0], *after = &row->parts[1];
  if (!request->pair) return TW_ROW_SAME;
  if (!before->there) return overlaps_any(request->before, after) ? TW_ROW_CHANGED : TW_ROW_NEW;
  if (!after->there) return overlaps_any(request->after, before) ? TW_ROW_CHANGED : TW_ROW_GONE;
  uint64_t va = row->start;
  tw_page_change change;
  const bool same =
      parts_alike(before, after) && !tw_page_change_next(request->before, request->after, &va, row->end, &change);
  return same ? TW_ROW_SAME : TW_ROW_CHANGED;
}

static void part_count(tw_row_part *part, const tw_state_process *process) {
  const uint64_t pages = part->bytes / TW_PAGE_BYTES;
  uint64_t touched = 0;
  for (size_t i = tw_state_page_above(process, part->start);
       i < process->page_count && process->pages[i].va < part->end; i++) {
    const tw_space_page *page = &process->pages[i];
    const uint64_t small = page->length / TW_PAGE_BYTES;
    part->pages[tw_page_state_of(page)] += small;
    touched += small;
    if (small > 1) part->large += small;
  }
  part->pages[TW_PAGE_UNTOUCHED] = pages > touched ? pages - touched : 0;
}

static void row_finish(tw_map_row *row, const tw_rows_request *request) {
  const tw_row_part *before = &row->parts[0], *after = &row->parts[1];
  row->start = !before->there || (after->there && after->start < before->start) ? after->start : before->start;
  row->end = !before->there || (after->there && after->end > before->end) ? after->end : before->end;
  if (before->there) part_count(&row->parts[0], request->before);
  if (after->there) part_count(&row->parts[1], request->after);
  row->mark = mark_find(row, request);
}

/* Puts a row for the kernel and for every gap that is to be folded between the rows of the regions. */
static void gaps_insert(tw_map_rows *rows, const tw_map_row *regions, size_t count, const tw_layout *layout) {
  uint64_t bytes = 0, above = layout ? layout->user_end : count ? regions[0].end : 0;
  for (size_t i = 0; i < count; i++) bytes += regions[i].end - regions[i].start;
  if (layout) rows->at[rows->count++] = (tw_map_row){.kind = TW_ROW_KERNEL, .start = layout->user_end};
  for (size_t i = 0; i <= count; i++) {
    const uint64_t end = i < count ? regions[i].end : 0;
    if (above > end && (above - end) > bytes / FOLD_PART)
      rows->at[rows->count++] = (tw_map_row){.kind = TW_ROW_GAP, .start = end, .end = above};
    if (i == count) break;
    rows->at[rows->count++] = regions[i];
    if (regions[i].start < above) above = regions[i].start; /* rows of two states may overlap */
  }
}

bool tw_map_rows_make(tw_map_rows *rows, const tw_rows_request *request) {
  const pairing pairs = {
      {request->before, request->after},
      {request->before ? request->before->region_count : 0, request->after ? request->after->region_count : 0}};
  tw_map_row regions[TW_ROWS_MAX];
  const size_t count = rows_fit(&pairs, regions);
  *rows = (tw_map_rows){.at = calloc(2 * TW_ROWS_MAX + 2, sizeof *rows->at)};
  if (!rows->at) return false;
  for (size_t i = 0; i < count; i++) row_finish(&regions[i], request);
  gaps_insert(rows, regions, count, request->layout);
  return true;
}

void tw_map_rows_free(tw_map_rows *rows) {
  free(rows->at);
  *rows = (tw_map_rows){0};
}
