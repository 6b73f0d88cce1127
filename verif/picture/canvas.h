/* A picture as a list of shapes: rectangles, lines, curves, areas and texts, in the order in which they are painted.
 *
 * Lengths are pixels; x grows to the right, y grows down. If memory is out, the canvas remembers it and the next door
 * that can fail says so.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CANVAS_H
#define TWINWALK_CANVAS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "twinwalk/error.h"

/* A colour is 0xRRGGBB. */
#define TW_NO_COLOUR UINT32_MAX

/* Inks that every picture uses. */
enum {
  TW_INK = 0x222222,
  TW_INK_SOFT = 0x5c5c5c,
  TW_INK_FAINT = 0xc4c4c4,
  TW_INK_ALERT = 0xc0182b,
  TW_PAPER = 0xffffff
};

typedef struct tw_paint {
  uint32_t fill, stroke; /* TW_NO_COLOUR: none */
  double width;          /* of the stroke */
  bool dashed;
} tw_paint;

typedef enum tw_anchor { TW_ANCHOR_START, TW_ANCHOR_MIDDLE, TW_ANCHOR_END } tw_anchor;

typedef struct tw_type {
  double size;
  uint32_t colour;
  tw_anchor anchor;
  bool mono, bold, italic;
} tw_type;

typedef struct tw_point {
  double x, y;
} tw_point;

typedef struct tw_box {
  double left, top, right, bottom;
} tw_box;

typedef enum tw_shape_kind { TW_SHAPE_RECT, TW_SHAPE_CURVE, TW_SHAPE_AREA, TW_SHAPE_TEXT } tw_shape_kind;

typedef struct tw_shape {
  tw_shape_kind kind;
  tw_paint paint;   /* of all but texts */
  tw_box box;       /* of a rectangle */
  tw_point *points; /* of a curve or an area; of a text one, on its base line; owned */
  size_t count;
  tw_type type; /* of a text */
  char *text;   /* owned */
} tw_shape;

typedef struct tw_canvas {
  double width, height;
  tw_shape *shapes; /* owned */
  size_t count, room;
  bool failed; /* memory was out */
} tw_canvas;

void tw_canvas_init(tw_canvas *canvas);
void tw_canvas_free(tw_canvas *canvas);

void tw_canvas_rect(tw_canvas *canvas, const tw_box *box, const tw_paint *paint);
void tw_canvas_line(tw_canvas *canvas, tw_point from, tw_point to, const tw_paint *paint);
void tw_canvas_curve(tw_canvas *canvas, const tw_point *points, size_t count, const tw_paint *paint);
/* A closed area. */
void tw_canvas_area(tw_canvas *canvas, const tw_point *points, size_t count, const tw_paint *paint);
/* A text on its base line. Bytes that are not printable ASCII are shown as '?'. */
__attribute__((format(printf, 4, 5))) void tw_canvas_text(tw_canvas *canvas, tw_point at, const tw_type *type,
                                                          const char *format, ...);

/* How wide a text is at most, in any of the fonts that a viewer may take for it. */
double tw_text_width(const tw_type *type, const char *text);
/* Cuts a text to a width; what was cut ends in "...". */
void tw_text_fit(const tw_type *type, double width, char *text);
/* What a text covers. */
tw_box tw_shape_text_box(const tw_shape *shape);

/* Whether everything lies in the picture and no text covers another. False and error, naming the first that does not.
 */
bool tw_canvas_check(const tw_canvas *canvas, tw_error *error);

/* Writes the picture as SVG; the same shapes give the same bytes. False and error if memory was out, or the stream
 * fails. `title` is for those who cannot see. */
bool tw_canvas_svg(const tw_canvas *canvas, const char *title, FILE *stream, tw_error *error);

/* The same to a file that appears under its name when it is complete, or not at all; "-" is standard output. */
bool tw_canvas_save(const tw_canvas *canvas, const char *title, const char *path, tw_error *error);

#endif
