/* Draws an address space to scale: regions and short gaps by their bytes, long gaps folded.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "draw.h"

#define BAR 24.0     /* width */
#define FOLD 13.0    /* height of a folded gap, */
#define KERNEL 22.0  /* and of the kernel's share */
#define THINNEST 1.6 /* of a region */
#define FAN_PALE 0.78
#define STRETCHES (2 * TW_ROWS_MAX + 2)

static const tw_paint BORDER = {TW_NO_COLOUR, 0x7a7a7a, 0.8, false};

/* A stretch of addresses and its place on the scale. Rows of two states may overlap, stretches do not. */
typedef struct stretch {
  uint64_t start, end;
  double top, bottom;
} stretch;

typedef struct scale {
  stretch at[STRETCHES]; /* from the highest address down */
  size_t count;
} scale;

/* Adds what a region's row has below the stretches so far, and the short gap above it. */
static void stretch_add(scale *to, const tw_map_row *row, bool follows) {
  const uint64_t lowest = to->count ? to->at[to->count - 1].start : UINT64_MAX;
  const uint64_t end = row->end < lowest ? row->end : lowest;
  if (row->start >= lowest) return;
  if (follows && end < lowest) to->at[to->count++] = (stretch){end, lowest, 0, 0};
  to->at[to->count++] = (stretch){row->start, end, 0, 0};
}

/* Pixels of what has a height of its own, whatever its bytes. */
static double fixed_height(const tw_map_row *row) {
  return row->kind == TW_ROW_KERNEL ? KERNEL : row->kind == TW_ROW_GAP ? FOLD : 0;
}

static void scale_find(scale *to, const tw_map_rows *rows, const tw_box *box) {
  double y = box->top, fixed = 0, bytes = 0;
  to->count = 0;
  for (size_t i = 0; i < rows->count; i++) {
    fixed += fixed_height(&rows->at[i]);
    if (rows->at[i].kind == TW_ROW_REGION) stretch_add(to, &rows->at[i], i && rows->at[i - 1].kind == TW_ROW_REGION);
  }
  for (size_t n = 0; n < to->count; n++) bytes += (double)(to->at[n].end - to->at[n].start);
  const double per_byte = bytes > 0 ? fmax(box->bottom - box->top - fixed, 0) / bytes : 0;
  size_t n = 0;
  for (size_t i = 0; i < rows->count; i++) {
    y += fixed_height(&rows->at[i]);
    for (; rows->at[i].kind == TW_ROW_REGION && n < to->count && to->at[n].start >= rows->at[i].start; n++) {
      to->at[n].top = y;
      y += per_byte * (double)(to->at[n].end - to->at[n].start);
      to->at[n].bottom = y;
    }
  }
}

/* Where an address is; the end of a region is looked for from below, its start from above. */
static double scale_place(const scale *in, uint64_t va, bool is_end) {
  for (size_t n = 0; n < in->count; n++) {
    const stretch *at = &in->at[n];
    if (is_end ? va > at->end || va <= at->start : va >= at->end || va < at->start) continue;
    return at->bottom - (at->bottom - at->top) * (double)(va - at->start) / (double)(at->end - at->start);
  }
  return in->count ? in->at[in->count - 1].bottom : 0;
}

/* Two slanted strokes across the bar: here the scale is broken. */
static void fold_draw(const drawing *to, const tw_box *box) {
  const double middle = (box->top + box->bottom) / 2;
  const tw_paint blank = {0xfafafa, TW_NO_COLOUR, 0, false};
  tw_canvas_rect(to->canvas, box, &blank);
  for (int i = -1; i <= 1; i += 2) {
    const double y = middle + 2.0 * i;
    tw_canvas_line(to->canvas, (tw_point){box->left, y + 2}, (tw_point){box->right, y - 2}, &BORDER);
  }
}

static void fan_draw(const drawing *to, const tw_box *piece, double right, double top, double bottom, uint32_t colour) {
  const tw_point corners[] = {{piece->right, piece->top}, {right, top}, {right, bottom}, {piece->right, piece->bottom}};
  const tw_paint paint = {draw_lighter(colour, FAN_PALE), TW_NO_COLOUR, 0, false};
  tw_canvas_area(to->canvas, corners, 4, &paint);
}

static void region_draw(const drawing *to, const tw_box *box, const scale *in, const tw_row_part *part, double top,
                        double bottom) {
  if (!part->there) return;
  tw_box piece = {box->left, scale_place(in, part->end, true), box->left + BAR, scale_place(in, part->start, false)};
  if (piece.bottom - piece.top < THINNEST) {
    const double middle = (piece.top + piece.bottom) / 2;
    piece.top = middle - THINNEST / 2;
    piece.bottom = middle + THINNEST / 2;
  }
  const uint32_t colour = draw_use_colour(part->use);
  const tw_paint paint = {colour, TW_NO_COLOUR, 0, false};
  fan_draw(to, &piece, box->right, top, bottom, colour);
  tw_canvas_rect(to->canvas, &piece, &paint);
}

void draw_scale(const drawing *to, const tw_box *box, const tw_map_rows *rows, unsigned which, const double *tops,
                const double *bottoms) {
  const tw_paint kernel = {DRAW_KERNEL, TW_NO_COLOUR, 0, false};
  scale in;
  double y = box->top;
  scale_find(&in, rows, box);
  for (size_t i = 0; i < rows->count; i++) {
    const tw_map_row *row = &rows->at[i];
    const tw_box piece = {box->left, y, box->left + BAR, y + fixed_height(row)};
    if (row->kind == TW_ROW_KERNEL) tw_canvas_rect(to->canvas, &piece, &kernel);
    if (row->kind == TW_ROW_GAP) fold_draw(to, &piece);
    if (row->kind == TW_ROW_REGION) region_draw(to, box, &in, &row->parts[which], tops[i], bottoms[i]);
    if (row->kind == TW_ROW_REGION) y = fmax(y, scale_place(&in, row->start, false));
    y = fmax(y, piece.bottom);
  }
  const tw_box outline = {box->left, box->top, box->left + BAR, box->bottom};
  tw_canvas_rect(to->canvas, &outline, &BORDER);
}
