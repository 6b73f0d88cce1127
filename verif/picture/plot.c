/* Draws axes, ticks, lines and areas.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TITLE_HEIGHT 20.0
#define LEFT 52.0   /* for the labels of the y axis */
#define RIGHT 18.0  /* for half a label of the x axis */
#define BOTTOM 32.0 /* for the labels and the name of the x axis */
#define TICK_ROOM 64.0
#define TICK_ROOM_Y 26.0
#define SERIES_MAX 16u

static const tw_type TITLE = {11.5, TW_INK, TW_ANCHOR_START, false, true, false};
static const tw_type TICK_X = {9, TW_INK_SOFT, TW_ANCHOR_MIDDLE, false, false, false};
static const tw_type TICK_Y = {9, TW_INK_SOFT, TW_ANCHOR_END, false, false, false};
static const tw_type AXIS_X = {9.5, TW_INK_SOFT, TW_ANCHOR_END, false, false, true};
static const tw_type AXIS_Y = {9.5, TW_INK_SOFT, TW_ANCHOR_START, false, false, true};
static const tw_paint GRID = {TW_NO_COLOUR, 0xe4e4e4, 0.7, false};
static const tw_paint FRAME = {TW_NO_COLOUR, 0x8a8a8a, 0.8, false};

/* A plot whose ranges are known, and the box in which its curves lie. */
typedef struct field {
  tw_box box;
  tw_axis x, y;
} field;

uint32_t tw_series_colour(size_t n) {
  static const uint32_t colours[TW_SERIES_COLOURS] = {0x3b6fb6, 0xe0852c, 0x4c9a4e, 0xc23b4a,
                                                      0x8560a8, 0x7d5a4f, 0xd275ad, 0x6f7780};
  return colours[n % TW_SERIES_COLOURS];
}

static double position(const tw_axis *axis, double value) {
  if (axis->logarithmic) {
    if (value < 1) return 0;
    return log2(value / axis->low) / log2(axis->high / axis->low);
  }
  return (value - axis->low) / (axis->high - axis->low);
}

static tw_point place(const field *in, double x, double y) {
  const double across = fmin(fmax(position(&in->x, x), 0), 1), up = fmin(fmax(position(&in->y, y), 0), 1);
  return (tw_point){in->box.left + across * (in->box.right - in->box.left),
                    in->box.bottom - up * (in->box.bottom - in->box.top)};
}

/* The value of a series, or the sum up to it. */
static double height_at(const tw_plot *plot, size_t series, size_t i) {
  double sum = 0;
  if (!plot->stacked) return plot->series[series].y[i];
  for (size_t s = 0; s <= series; s++) sum += plot->series[s].y[i];
  return sum;
}

static void ranges_find(field *in, const tw_plot *plot) {
  double x = 0, y = 0;
  in->x = plot->x;
  in->y = plot->y;
  for (size_t s = 0; s < plot->count; s++) {
    for (size_t i = 0; i < plot->series[s].count; i++) {
      x = fmax(x, plot->series[s].x[i]);
      y = fmax(y, height_at(plot, s, i));
    }
  }
  if (in->x.low >= in->x.high) in->x.high = x > in->x.low ? x : in->x.low + 1;
  if (in->y.low >= in->y.high) in->y.high = y > in->y.low ? y * 1.05 : in->y.low + 1;
  if (in->x.logarithmic) {
    in->x.low = 1;
    in->x.high = exp2(ceil(log2(fmax(in->x.high, 2))));
  }
}

/* The step between ticks: 1, 2 or 5 times a power of ten, so that at most `most` fit. */
static double step_choose(double range, double most) {
  const double raw = range / fmax(most, 1), power = pow(10, floor(log10(raw)));
  const double times = raw / power;
  return (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10) * power;
}

static void tick_x(tw_canvas *canvas, const field *in, double value) {
  char text[32];
  const tw_point at = place(in, value, in->y.low);
  tw_canvas_line(canvas, (tw_point){at.x, in->box.top}, at, &GRID);
  if (in->x.logarithmic && value < 100000) {
    snprintf(text, sizeof text, "%.0f", value);
  } else {
    tw_number_format(value, text, sizeof text);
  }
  tw_canvas_text(canvas, (tw_point){at.x, in->box.bottom + 12}, &TICK_X, "%s", text);
}

static void ticks_x(tw_canvas *canvas, const field *in) {
  const double room = (in->box.right - in->box.left) / TICK_ROOM;
  if (in->x.logarithmic) {
    const double powers = log2(in->x.high);
    const double step = fmax(1, ceil(powers / fmax(room, 1)));
    for (double power = 0; power <= powers + 0.001; power += step) tick_x(canvas, in, exp2(power));
    return;
  }
  const double step = step_choose(in->x.high - in->x.low, room);
  const double first = ceil(in->x.low / step - 1e-9);
  for (double n = first; n * step <= in->x.high * (1 + 1e-9); n++) tick_x(canvas, in, n * step);
}

static void ticks_y(tw_canvas *canvas, const field *in) {
  const double room = (in->box.bottom - in->box.top) / TICK_ROOM_Y;
  const double step = step_choose(in->y.high - in->y.low, room);
  for (double n = ceil(in->y.low / step - 1e-9); n * step <= in->y.high * (1 + 1e-9); n++) {
    char text[32];
    const tw_point at = place(in, in->x.low, n * step);
    tw_canvas_line(canvas, at, (tw_point){in->box.right, at.y}, &GRID);
    tw_number_format(n * step, text, sizeof text);
    tw_canvas_text(canvas, (tw_point){at.x - 5, at.y + 3}, &TICK_Y, "%s", text);
  }
}

static void curve_draw(tw_canvas *canvas, const field *in, const tw_series *series) {
  tw_point *points = calloc(series->count + 1, sizeof *points);
  canvas->failed |= !points;
  for (size_t i = 0; points && i < series->count; i++) points[i] = place(in, series->x[i], series->y[i]);
  const tw_paint paint = {TW_NO_COLOUR, series->colour, 1.6, false};
  const tw_paint dot = {series->colour, TW_NO_COLOUR, 0, false};
  if (points && series->count == 1) {
    const tw_box box = {points[0].x - 2, points[0].y - 2, points[0].x + 2, points[0].y + 2};
    tw_canvas_rect(canvas, &box, &dot);
  } else if (points) {
    tw_canvas_curve(canvas, points, series->count, &paint);
  }
  free(points);
}

/* One layer of a stack: along its upper edge and back along its lower one, in steps from each x to the next. */
static void layer_draw(tw_canvas *canvas, const field *in, const tw_plot *plot, size_t series) {
  const tw_series *of = &plot->series[series];
  const size_t count = of->count;
  tw_point *points = calloc(4 * count + 1, sizeof *points);
  bool any = false;
  canvas->failed |= !points;
  for (size_t i = 0; points && i < count; i++) {
    const double next = i + 1 < count ? of->x[i + 1] : in->x.high;
    const double over = height_at(plot, series, i), under = series ? height_at(plot, series - 1, i) : in->y.low;
    any |= of->y[i] > 0;
    points[2 * i] = place(in, of->x[i], over);
    points[2 * i + 1] = place(in, next, over);
    points[4 * count - 1 - 2 * i] = place(in, of->x[i], under);
    points[4 * count - 2 - 2 * i] = place(in, next, under);
  }
  const tw_paint paint = {of->colour, TW_NO_COLOUR, 0, false};
  if (points && any) tw_canvas_area(canvas, points, 4 * count, &paint);
  free(points);
}

void tw_plot_draw(tw_canvas *canvas, const tw_box *box, const tw_plot *plot) {
  const char *names[SERIES_MAX];
  uint32_t colours[SERIES_MAX];
  field in;
  for (size_t s = 0; s < plot->count && s < SERIES_MAX; s++) {
    names[s] = plot->series[s].name;
    colours[s] = plot->series[s].colour;
  }
  const tw_legend legend = {names, colours, plot->count > SERIES_MAX ? SERIES_MAX : plot->count};
  const double width = box->right - box->left;
  tw_canvas_text(canvas, (tw_point){box->left, box->top + 11}, &TITLE, "%s", plot->title);
  double top = box->top + TITLE_HEIGHT;
  top += tw_legend_draw(canvas, (tw_point){box->left, top}, width, &legend);
  tw_canvas_text(canvas, (tw_point){box->left, top + 9}, &AXIS_Y, "%s", plot->y.label);
  in.box = (tw_box){box->left + LEFT, top + 18, box->right - RIGHT, box->bottom - BOTTOM};
  ranges_find(&in, plot);
  ticks_x(canvas, &in);
  ticks_y(canvas, &in);
  for (size_t s = 0; s < plot->count; s++) {
    if (plot->stacked) {
      layer_draw(canvas, &in, plot, s);
    } else {
      curve_draw(canvas, &in, &plot->series[s]);
    }
  }
  tw_canvas_rect(canvas, &in.box, &FRAME);
  tw_canvas_text(canvas, (tw_point){in.box.right, box->bottom - 4}, &AXIS_X, "%s", plot->x.label);
}
