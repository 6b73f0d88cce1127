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

static const tw_paint BORDER = {TW_NO_COLOUR, 0x7a7a7a, 0.8, false};

/* Pixels of a row on the scale, and those of a byte. */
typedef struct scale {
  double per_byte;
  double fixed; /* pixels of what is folded */
} scale;

static scale scale_find(const tw_map_rows *rows, double height) {
  scale found = {0, 0};
  uint64_t bytes = 0, above = 0;
  for (size_t i = 0; i < rows->count; i++) {
    const tw_map_row *row = &rows->at[i];
    if (row->kind == TW_ROW_KERNEL) found.fixed += KERNEL;
    if (row->kind == TW_ROW_GAP) found.fixed += FOLD;
    if (row->kind == TW_ROW_REGION) {
      if (i && rows->at[i - 1].kind == TW_ROW_REGION) bytes += above - row->end;
      bytes += row->end - row->start;
    }
    above = row->start;
  }
  found.per_byte = bytes ? fmax(height - found.fixed, 0) / (double)bytes : 0;
  return found;
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

/* A region: its part of the scale may lie within the row's, which is that of both states. */
static void region_draw(const drawing *to, const tw_box *row_box, const tw_map_row *row, unsigned which, double right,
                        double top, double bottom) {
  const tw_row_part *part = &row->parts[which];
  if (!part->there) return;
  const double bytes = (double)(row->end - row->start), height = row_box->bottom - row_box->top;
  tw_box piece = *row_box;
  piece.top += height * (double)(row->end - part->end) / bytes;
  piece.bottom -= height * (double)(part->start - row->start) / bytes;
  if (piece.bottom - piece.top < THINNEST) {
    const double middle = (piece.top + piece.bottom) / 2;
    piece.top = middle - THINNEST / 2;
    piece.bottom = middle + THINNEST / 2;
  }
  const uint32_t colour = draw_use_colour(part->use);
  const tw_paint paint = {colour, TW_NO_COLOUR, 0, false};
  fan_draw(to, &piece, right, top, bottom, colour);
  tw_canvas_rect(to->canvas, &piece, &paint);
}

void draw_scale(const drawing *to, const tw_box *box, const tw_map_rows *rows, unsigned which, const double *tops,
                const double *bottoms) {
  const scale found = scale_find(rows, box->bottom - box->top);
  const tw_paint kernel = {DRAW_KERNEL, TW_NO_COLOUR, 0, false};
  double y = box->top;
  uint64_t above = 0;
  for (size_t i = 0; i < rows->count; i++) {
    const tw_map_row *row = &rows->at[i];
    tw_box piece = {box->left, y, box->left + BAR, y};
    if (row->kind == TW_ROW_KERNEL) piece.bottom += KERNEL;
    if (row->kind == TW_ROW_GAP) piece.bottom += FOLD;
    if (row->kind == TW_ROW_REGION) {
      if (i && rows->at[i - 1].kind == TW_ROW_REGION) piece.top += found.per_byte * (double)(above - row->end);
      piece.bottom = piece.top + found.per_byte * (double)(row->end - row->start);
      region_draw(to, &piece, row, which, box->right, tops[i], bottoms[i]);
    } else if (row->kind == TW_ROW_GAP) {
      fold_draw(to, &piece);
    } else {
      tw_canvas_rect(to->canvas, &piece, &kernel);
    }
    y = piece.bottom;
    above = row->start;
  }
  const tw_box outline = {box->left, box->top, box->left + BAR, box->bottom};
  tw_canvas_rect(to->canvas, &outline, &BORDER);
}
