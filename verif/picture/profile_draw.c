/* Draws a profile: plots in two columns.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "plot.h"
#include "profile_internal.h"
#include "words.h"

#define MARGIN 16.0
#define COLUMN 572.0
#define GAP 28.0
#define PLOT_HEIGHT 216.0
#define HEAD 62.0
#define POINTS_MAX 512u
#define LATENCY_BINS 64u

static const tw_type TITLE = {16, TW_INK, TW_ANCHOR_START, false, true, false};
static const tw_type LINE = {10.5, TW_INK_SOFT, TW_ANCHOR_START, false, false, false};

typedef unsigned long long ull;

/* Where the next plot goes: left and right in turn. */
typedef struct sheet {
  tw_canvas *canvas;
  const tw_profile *profile;
  const tw_profile_subject *subject;
  double y, lower;
  bool right;
} sheet;

static tw_box place_next(sheet *to, double height) {
  const double left = to->right ? MARGIN + COLUMN + GAP : MARGIN;
  const tw_box box = {left, to->y, left + COLUMN, to->y + height};
  if (height > to->lower) to->lower = height;
  if (to->right) {
    to->y += to->lower + GAP;
    to->lower = 0;
  }
  to->right = !to->right;
  return box;
}

/* Several windows that are drawn as one, so that there are not more than the picture has room for. */
typedef struct bundle {
  size_t each, count;
} bundle;

static bundle bundle_choose(const tw_profile *profile) {
  const size_t windows = profile->timeline.count, each = (windows + POINTS_MAX - 1) / POINTS_MAX;
  return (bundle){each ? each : 1, each ? (windows + each - 1) / each : 0};
}

typedef double (*window_value)(const tw_timeline *timeline, size_t window, unsigned which);

static double event_value(const tw_timeline *timeline, size_t window, unsigned which) {
  return (double)timeline->windows[window].events[which];
}

/* Copies of pages that were there already: the others are part of minor and major faults. */
static double copies_value(const tw_timeline *timeline, size_t window, unsigned which) {
  const tw_window *of = &timeline->windows[window];
  return (double)of->events[which] -
         (double)(of->first_copies < of->events[which] ? of->first_copies : of->events[which]);
}

static double pages_value(const tw_timeline *timeline, size_t window, unsigned which) {
  (void)which;
  return (double)tw_window_pages(&timeline->windows[window]);
}

static double cycles_value(const tw_timeline *timeline, size_t window, unsigned which) {
  const tw_window *of = &timeline->windows[window];
  const uint64_t since = window ? of[-1].cycle : 0;
  (void)which;
  return of->accesses ? (double)(of->cycle - since) / (double)of->accesses : 0;
}

static double walks_value(const tw_timeline *timeline, size_t window, unsigned which) {
  const tw_window *of = &timeline->windows[window];
  const double accesses = (double)(of->accesses + of->kernel);
  return accesses > 0 ? 1000.0 * (double)(which ? of->data_walks : of->fetch_walks) / accesses : 0;
}

/* One line of a plot over time. */
typedef struct timed {
  const char *name;
  window_value value;
  unsigned which;
  uint32_t colour;
} timed;

typedef struct timed_plot {
  const char *title, *label;
  const timed *lines;
  size_t count;
  bool stacked; /* sums; else means */
} timed_plot;

static bool line_fill(const tw_timeline *timeline, const bundle *by, const timed *line, bool sum, double *values) {
  bool any = false;
  for (size_t point = 0; point < by->count; point++) {
    size_t windows = 0;
    double all = 0;
    for (size_t i = point * by->each; i < (point + 1) * by->each && i < timeline->count; i++, windows++)
      all += line->value(timeline, i, line->which);
    values[point] = sum ? all : all / (double)windows;
    any |= all > 0;
  }
  return any;
}

/* A plot over the accesses of the program; lines in which nothing ever is are left out. */
static void timed_draw(sheet *to, const timed_plot *plot) {
  const tw_timeline *timeline = &to->profile->timeline;
  const bundle by = bundle_choose(to->profile);
  tw_series series[TW_SPACE_EVENT_COUNT];
  double *values = calloc((plot->count + 1) * (by.count + 1), sizeof *values), *x = values;
  size_t used = 0;
  uint64_t end = 0;
  to->canvas->failed |= !values;
  if (!values) return;
  for (size_t i = 0; i < timeline->count; i++) {
    if (i % by.each == 0) x[i / by.each] = (double)end;
    end += timeline->windows[i].accesses;
  }
  for (size_t i = 0; i < plot->count; i++) {
    double *y = values + (used + 1) * (by.count + 1);
    if (!line_fill(timeline, &by, &plot->lines[i], plot->stacked, y) && plot->count > 1) continue;
    series[used++] = (tw_series){plot->lines[i].name, plot->lines[i].colour, x, y, by.count};
  }
  const tw_plot drawn = {plot->title,
                         {"accesses of the program", 0, end ? (double)end : 1, false},
                         {plot->label, 0, 0, false},
                         series,
                         used,
                         plot->stacked};
  const tw_box box = place_next(to, PLOT_HEIGHT);
  if (used) tw_plot_draw(to->canvas, &box, &drawn);
  free(values);
}

static bool any_event(const tw_profile *profile, const timed *lines, size_t count) {
  for (size_t i = 0; i < count; i++)
    for (size_t window = 0; window < profile->timeline.count; window++)
      if (profile->timeline.windows[window].events[lines[i].which]) return true;
  return false;
}

static void times_draw(sheet *to) {
  const timed faults[] = {{"minor", event_value, TW_SPACE_MINOR_FAULT, 0x3b6fb6},
                          {"major (disk)", event_value, TW_SPACE_MAJOR_FAULT, 0xe0852c},
                          {"A or D missing", event_value, TW_SPACE_BITS_FAULT, 0x9cc4e4},
                          {"copied", copies_value, TW_SPACE_COPY, 0x4c9a4e},
                          {"reused", event_value, TW_SPACE_REUSE, 0xb5dba0},
                          {"spurious", event_value, TW_SPACE_SPURIOUS_FAULT, 0x8560a8},
                          {"segmentation", event_value, TW_SPACE_SEGFAULT, 0xc23b4a},
                          {"access", event_value, TW_SPACE_ACCESS_FAULT, 0x6f7780}};
  const timed pages[] = {{"", pages_value, 0, 0x4c9a4e}};
  const timed cycles[] = {{"", cycles_value, 0, 0x8560a8}};
  const timed walks[] = {{"fetches", walks_value, 0, 0x3b6fb6}, {"loads and stores", walks_value, 1, 0xe0852c}};
  const timed disk[] = {{"swapped out", event_value, TW_SPACE_SWAP_OUT, 0xe0852c},
                        {"swapped in", event_value, TW_SPACE_SWAP_IN, 0x3b6fb6},
                        {"dropped", event_value, TW_SPACE_DROP, 0xc4c4c4}};
  const timed_plot all[] = {{"Faults by type over time", "faults in a window", faults, 8, true},
                            {"Working set over time", "different pages in a window", pages, 1, false},
                            {"Cycles per access of the program over time", "cycles", cycles, 1, false},
                            {"Walks over time", "in 1000 accesses", walks, 2, false},
                            {"Swapping over time", "pages in a window", disk, 3, true}};
  if (any_event(to->profile, faults, 8)) timed_draw(to, &all[0]);
  for (size_t i = 1; i < 4; i++) timed_draw(to, &all[i]);
  if (any_event(to->profile, disk, 3)) timed_draw(to, &all[4]);
}

/* Misses of an LRU memory by its size, where the size's logarithm is drawn. */
static void reuse_draw(sheet *to) {
  static const char *const names[] = {"fetches", "loads and stores", "both"};
  double x[TW_STACK_COUNT][POINTS_MAX], y[TW_STACK_COUNT][POINTS_MAX];
  tw_series series[TW_STACK_COUNT];
  double most = 2;
  for (unsigned stack = 0; stack < TW_STACK_COUNT; stack++) {
    const tw_reuse *reuse = &to->profile->reuse[stack];
    size_t count = 0;
    for (uint64_t entries = 1; count < POINTS_MAX; entries += entries / 8 + 1) {
      x[stack][count] = (double)entries;
      y[stack][count++] =
          reuse->accesses ? 100.0 * (double)tw_reuse_misses(reuse, entries) / (double)reuse->accesses : 0;
      if (entries >= reuse->cold) break;
    }
    if (x[stack][count - 1] > most) most = x[stack][count - 1];
    series[stack] = (tw_series){names[stack], tw_series_colour(stack), x[stack], y[stack], count};
  }
  const tw_plot plot = {"Reuse of pages",
                        {"entries of a fully associative LRU TLB", 1, most, true},
                        {"misses, %", 0, 0, false},
                        series,
                        TW_STACK_COUNT,
                        false};
  const tw_box box = place_next(to, PLOT_HEIGHT);
  tw_plot_draw(to->canvas, &box, &plot);
}

/* The histogram ends where all but a thousandth of the walks do; the rest is in its last bin. */
static void latency_draw(sheet *to) {
  const tw_profile *profile = to->profile;
  const uint64_t end = tw_profile_latency(profile, 0.999) + 1, each = (end + LATENCY_BINS - 1) / LATENCY_BINS;
  double x[LATENCY_BINS + 1], y[LATENCY_BINS + 1];
  const size_t bins = (size_t)((end + each - 1) / each);
  for (size_t bin = 0; bin <= bins; bin++) {
    x[bin] = (double)(bin * each);
    y[bin] = 0;
  }
  for (unsigned cycles = 0; cycles <= TW_LATENCIES; cycles++)
    y[cycles / each < bins ? cycles / each : bins - 1] += (double)profile->latencies[cycles];
  const tw_series series = {"", 0x3b6fb6, x, y, bins};
  const tw_plot plot = {"Cycles from request to answer, of accesses that walked",
                        {"cycles", 0, (double)(bins * each), false},
                        {"accesses", 0, 0, false},
                        &series,
                        1,
                        true};
  const tw_box box = place_next(to, PLOT_HEIGHT);
  tw_plot_draw(to->canvas, &box, &plot);
}

static void head_draw(const sheet *to) {
  const tw_profile_subject *subject = to->subject;
  const tw_config *config = subject->config;
  char text[2 * TW_WORDS_BYTES];
  snprintf(text, sizeof text, "%s", to->profile->title ? to->profile->title : tw_words_base(subject->trace));
  tw_text_fit(&TITLE, 2 * COLUMN + GAP, text);
  tw_canvas_text(to->canvas, (tw_point){MARGIN, MARGIN + 14}, &TITLE, "%s", text);
  snprintf(text, sizeof text, "configuration %s: %s, %u + %u entries", config->name, tw_mode_row(config->mode)->name,
           config->fetch_entries, config->data_entries);
  tw_canvas_text(to->canvas, (tw_point){MARGIN, MARGIN + 32}, &LINE, "%s", text);
  tw_canvas_text(to->canvas, (tw_point){MARGIN, MARGIN + 47}, &LINE,
                 "%llu accesses in %llu cycles; a window is %llu accesses of the program", (ull)subject->accesses,
                 (ull)subject->cycles, (ull)to->profile->timeline.length);
}

bool tw_profile_draw(const tw_profile *profile, const tw_profile_subject *subject, tw_canvas *canvas, tw_error *error) {
  sheet to = {canvas, profile, subject, MARGIN + HEAD, 0, false};
  tw_canvas_init(canvas);
  head_draw(&to);
  times_draw(&to);
  reuse_draw(&to);
  latency_draw(&to);
  if (to.right) place_next(&to, 0);
  to.y = profile_bars_draw(canvas, profile, subject, to.y);
  canvas->width = 2 * MARGIN + 2 * COLUMN + GAP;
  canvas->height = to.y + MARGIN;
  if (!canvas->failed) return true;
  tw_canvas_free(canvas);
  return tw_error_set(error, "memory is out");
}

bool tw_profile_save(const tw_profile *profile, const tw_profile_subject *subject, const char *path, tw_error *error) {
  tw_canvas canvas;
  if (!tw_profile_draw(profile, subject, &canvas, error)) return false;
  const bool saved =
      tw_canvas_save(&canvas, profile->title ? profile->title : tw_words_base(subject->trace), path, error);
  tw_canvas_free(&canvas);
  return saved;
}
