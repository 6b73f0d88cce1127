/* Draws bars of parts, legends, and numbers that are short.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "plot.h"

#define TITLE_HEIGHT 20.0
#define BAR_PITCH 17.0
#define BAR_HEIGHT 11.0
#define NAME_WIDTH 128.0
#define VALUE_WIDTH 118.0
#define LEGEND_LINE 15.0
#define LEGEND_SQUARE 9.0
#define LEGEND_GAP 14.0

static const tw_type TITLE = {11.5, TW_INK, TW_ANCHOR_START, false, true, false};
static const tw_type NAME = {10, TW_INK, TW_ANCHOR_END, false, false, false};
static const tw_type VALUE = {9.5, TW_INK_SOFT, TW_ANCHOR_START, false, false, false};
static const tw_type LEGEND = {10, TW_INK, TW_ANCHOR_START, false, false, false};
static const tw_paint EMPTY = {0xf1f1f1, TW_NO_COLOUR, 0, false};

void tw_number_format(double value, char *text, size_t size) {
  static const char *const units[] = {"", "k", "M", "G", "T", "P", "E"};
  unsigned unit = 0;
  while (fabs(value) >= 1000 && unit < 6) {
    value /= 1000;
    unit++;
  }
  snprintf(text, size, "%.4g%s", value == 0 ? 0.0 : value, units[unit]); /* and never "-0" */
}

double tw_legend_draw(tw_canvas *canvas, tw_point at, double width, const tw_legend *legend) {
  double x = at.x, y = at.y;
  if (legend->count < 2 && !(legend->count && legend->names[0][0])) return 0;
  for (size_t i = 0; i < legend->count; i++) {
    const double room = LEGEND_SQUARE + 4 + tw_text_width(&LEGEND, legend->names[i]);
    if (x > at.x && x + room > at.x + width) {
      x = at.x;
      y += LEGEND_LINE;
    }
    if (canvas) {
      const tw_box square = {x, y, x + LEGEND_SQUARE, y + LEGEND_SQUARE};
      const tw_paint paint = {legend->colours[i], 0x8a8a8a, 0.5, false};
      tw_canvas_rect(canvas, &square, &paint);
      tw_canvas_text(canvas, (tw_point){x + LEGEND_SQUARE + 4, y + 8.5}, &LEGEND, "%s", legend->names[i]);
    }
    x += room + LEGEND_GAP;
  }
  return y + LEGEND_LINE - at.y;
}

double tw_bars_height(const tw_bars *bars, double width) {
  const tw_legend legend = {bars->names, bars->colours, bars->parts};
  return TITLE_HEIGHT + tw_legend_draw(NULL, (tw_point){0, 0}, width, &legend) + 4 + BAR_PITCH * (double)bars->count;
}

static uint64_t bar_sum(const tw_bars *bars, size_t bar) {
  uint64_t sum = 0;
  for (size_t i = 0; i < bars->parts; i++) sum += bars->bars[bar].parts[i];
  return sum;
}

/* What stands behind a bar: its first part's share of all, or just how much it is. */
static void value_write(tw_canvas *canvas, tw_point at, const tw_bars *bars, size_t bar, uint64_t sum) {
  char number[32];
  tw_number_format((double)sum, number, sizeof number);
  if (!bars->shares) {
    tw_canvas_text(canvas, at, &VALUE, "%s", number);
  } else {
    const double share = sum ? 100.0 * (double)bars->bars[bar].parts[0] / (double)sum : 0.0;
    tw_canvas_text(canvas, at, &VALUE, "%.2f %% of %s", share, number);
  }
}

static void bar_draw(tw_canvas *canvas, const tw_box *box, const tw_bars *bars, size_t bar, uint64_t most) {
  char name[64];
  const uint64_t sum = bar_sum(bars, bar);
  const double left = box->left + NAME_WIDTH, width = box->right - VALUE_WIDTH - left;
  const double whole = bars->shares ? (double)sum : (double)most;
  const tw_box empty = {left, box->top, left + width, box->top + BAR_HEIGHT};
  double x = left;
  snprintf(name, sizeof name, "%s", bars->bars[bar].name);
  tw_text_fit(&NAME, NAME_WIDTH - 6, name);
  tw_canvas_text(canvas, (tw_point){left - 6, box->top + 9}, &NAME, "%s", name);
  tw_canvas_rect(canvas, &empty, &EMPTY);
  for (size_t i = 0; i < bars->parts; i++) {
    const double part = whole > 0 ? width * (double)bars->bars[bar].parts[i] / whole : 0;
    const tw_box filled = {x, box->top, x + part, box->top + BAR_HEIGHT};
    const tw_paint paint = {bars->colours[i], TW_NO_COLOUR, 0, false};
    if (part > 0) tw_canvas_rect(canvas, &filled, &paint);
    x += part;
  }
  value_write(canvas, (tw_point){left + width + 6, box->top + 9}, bars, bar, sum);
}

void tw_bars_draw(tw_canvas *canvas, const tw_box *box, const tw_bars *bars) {
  const tw_legend legend = {bars->names, bars->colours, bars->parts};
  const double width = box->right - box->left;
  uint64_t most = 0;
  tw_canvas_text(canvas, (tw_point){box->left, box->top + 11}, &TITLE, "%s", bars->title);
  double y = box->top + TITLE_HEIGHT;
  y += tw_legend_draw(canvas, (tw_point){box->left, y}, width, &legend) + 4;
  for (size_t i = 0; i < bars->count; i++)
    if (bar_sum(bars, i) > most) most = bar_sum(bars, i);
  for (size_t i = 0; i < bars->count; i++, y += BAR_PITCH) {
    const tw_box row = {box->left, y, box->right, y + BAR_PITCH};
    bar_draw(canvas, &row, bars, i, most);
  }
}
