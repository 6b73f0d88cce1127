/* Draws what a profile counted by segment, process and page size, and the run's counts, as bars.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "plot.h"
#include "profile_internal.h"

#define MARGIN 16.0
#define COLUMN 572.0
#define GAP 28.0
#define BARS_MAX 16u
#define NAME_BYTES 32u

static const char *const HIT_NAMES[] = {"hit", "hit in L2", "walked", "faulted"};
static const uint32_t HIT_COLOURS[] = {0x4c9a4e, 0xb5dba0, 0xe0852c, 0xc23b4a};

/* Bars as they are collected. */
typedef struct bar_list {
  char names[BARS_MAX][NAME_BYTES];
  uint64_t parts[BARS_MAX][4];
  tw_bar bars[BARS_MAX];
  size_t count;
} bar_list;

static void hits_add(bar_list *list, const char *name, const tw_hits *hits) {
  if (!tw_hits_sum(hits) || list->count == BARS_MAX) return;
  const size_t at = list->count++;
  snprintf(list->names[at], NAME_BYTES, "%s", name);
  list->parts[at][0] = hits->first;
  list->parts[at][1] = hits->second;
  list->parts[at][2] = hits->walked;
  list->parts[at][3] = hits->faulted;
  list->bars[at] = (tw_bar){list->names[at], list->parts[at]};
}

static void count_add(bar_list *list, const char *name, uint64_t count) {
  if (list->count == BARS_MAX) return;
  const size_t at = list->count++;
  snprintf(list->names[at], NAME_BYTES, "%s", name);
  list->parts[at][0] = count;
  list->bars[at] = (tw_bar){list->names[at], list->parts[at]};
}

static double list_draw(tw_canvas *canvas, tw_point at, const char *title, const bar_list *list, bool counts) {
  static const char *const none[] = {""};
  static const uint32_t colour[] = {0x3b6fb6};
  const tw_bars bars = {.title = title,
                        .names = counts ? none : HIT_NAMES,
                        .colours = counts ? colour : HIT_COLOURS,
                        .parts = counts ? 1 : 4,
                        .bars = list->bars,
                        .count = list->count,
                        .shares = !counts};
  const tw_box box = {at.x, at.y, at.x + COLUMN, at.y};
  if (!list->count) return 0;
  tw_bars_draw(canvas, &box, &bars);
  return tw_bars_height(&bars, COLUMN) + GAP;
}

static double segments_draw(tw_canvas *canvas, const tw_profile *profile, tw_point at) {
  bar_list list = {.count = 0};
  for (unsigned use = 0; use < TW_REGION_USE_COUNT; use++)
    hits_add(&list, tw_profile_segment_name(use), &profile->segments[use]);
  return list_draw(canvas, at, "Where accesses were answered, by segment", &list, false);
}

static double processes_draw(tw_canvas *canvas, const tw_profile *profile, tw_point at) {
  bar_list list = {.count = 0};
  char name[NAME_BYTES];
  for (size_t i = 0; i < profile->process_count; i++) {
    snprintf(name, sizeof name, "%s %u", profile->has_space ? "process" : "ASID", profile->processes[i].process);
    hits_add(&list, name, &profile->processes[i].hits);
  }
  const bool all = list.count == profile->process_count;
  return list_draw(canvas, at, all ? "By process" : "By process, the first of them", &list, false);
}

static double sizes_draw(tw_canvas *canvas, const tw_profile *profile, tw_point at) {
  bar_list list = {.count = 0};
  char name[NAME_BYTES];
  for (unsigned size = 0; size < TW_PAGE_SIZES; size++) {
    tw_profile_size_name(profile, size, name, sizeof name);
    hits_add(&list, name, &profile->sizes[size]);
  }
  return list_draw(canvas, at, "By page size", &list, false);
}

static double counts_draw(tw_canvas *canvas, const tw_space_counts *space, tw_point at) {
  bar_list list = {.count = 0};
  count_add(&list, "minor faults", space->minor_faults);
  count_add(&list, "major faults", space->major_faults);
  count_add(&list, "A or D set", space->accessed_set + space->dirty_set);
  count_add(&list, "copies", space->copies);
  count_add(&list, "reuses", space->reuses);
  count_add(&list, "swapped out", space->swapped_out);
  count_add(&list, "swapped in", space->swapped_in);
  count_add(&list, "dropped", space->dropped);
  count_add(&list, "segmentation faults", space->segmentation_faults);
  return list_draw(canvas, at, "What the operating system did", &list, true);
}

static double fences_draw(tw_canvas *canvas, const tw_space_counts *space, tw_point at) {
  bar_list list = {.count = 0};
  count_add(&list, "va, x0", space->fences_page);
  count_add(&list, "va, asid", space->fences_page_asid);
  count_add(&list, "x0, asid", space->fences_asid);
  count_add(&list, "x0, x0", space->fences_all);
  return list_draw(canvas, at, "Fences by form (sfence.vma)", &list, true);
}

double profile_bars_draw(tw_canvas *canvas, const tw_profile *profile, const tw_profile_subject *subject, double top) {
  const double left = MARGIN, right = MARGIN + COLUMN + GAP;
  double low = top, other = top;
  if (profile->has_space) low += segments_draw(canvas, profile, (tw_point){left, low});
  other += processes_draw(canvas, profile, (tw_point){right, other});
  other += sizes_draw(canvas, profile, (tw_point){right, other});
  if (subject->space) low += counts_draw(canvas, subject->space, (tw_point){left, low});
  if (subject->space) other += fences_draw(canvas, subject->space, (tw_point){right, other});
  return (low > other ? low : other) - GAP;
}
