/* Plots on a canvas: lines and stacked areas over an axis, and bars of shares.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PLOT_H
#define TWINWALK_PLOT_H

#include "canvas.h"

/* Colours of series, apart from each other also for those who see few of them. */
#define TW_SERIES_COLOURS 8u
uint32_t tw_series_colour(size_t n);

typedef struct tw_series {
  const char *name;
  uint32_t colour;
  const double *x, *y; /* the caller's */
  size_t count;
} tw_series;

typedef struct tw_axis {
  const char *label;
  double low, high; /* low == high: what the series have, from 0 on */
  bool logarithmic; /* base 2, from 1 on */
} tw_axis;

typedef struct tw_plot {
  const char *title;
  tw_axis x, y;
  const tw_series *series; /* the caller's */
  size_t count;
  bool stacked; /* the series have the same x; each is drawn on those before it, as an area */
} tw_plot;

/* Draws a plot into a box, with title, legend, axes, ticks and labels. */
void tw_plot_draw(tw_canvas *canvas, const tw_box *box, const tw_plot *plot);

/* A row of bars: the parts of a whole. */
typedef struct tw_bar {
  const char *name;
  const uint64_t *parts; /* as many as there are series; the caller's */
} tw_bar;

typedef struct tw_bars {
  const char *title;
  const char *const *names; /* of the parts */
  const uint32_t *colours;
  size_t parts;
  const tw_bar *bars; /* the caller's */
  size_t count;
  bool shares; /* every bar is as long as any other; else as long as its sum is large */
} tw_bars;

/* How high bars are. */
double tw_bars_height(const tw_bars *bars, double width);
/* Draws them from the box's top on. */
void tw_bars_draw(tw_canvas *canvas, const tw_box *box, const tw_bars *bars);

/* "0", "250", "1.5k", "20M". */
void tw_number_format(double value, char *text, size_t size);

/* A legend: squares and names from left to right, in as many lines as it takes. Returns its height; draws it if there
 * is a canvas. */
typedef struct tw_legend {
  const char *const *names;
  const uint32_t *colours;
  size_t count;
} tw_legend;
double tw_legend_draw(tw_canvas *canvas, tw_point at, double width, const tw_legend *legend);

#endif
