/* Keeps the shapes of a picture.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "canvas.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES 512u

void tw_canvas_init(tw_canvas *canvas) {
  *canvas = (tw_canvas){0};
}

void tw_canvas_free(tw_canvas *canvas) {
  for (size_t i = 0; i < canvas->count; i++) {
    free(canvas->shapes[i].points);
    free(canvas->shapes[i].text);
  }
  free(canvas->shapes);
  *canvas = (tw_canvas){0};
}

/* A new shape of a kind; NULL if memory is out. */
static tw_shape *shape_add(tw_canvas *canvas, tw_shape_kind kind) {
  if (canvas->failed) return NULL;
  if (canvas->count == canvas->room) {
    const size_t room = canvas->room ? canvas->room * 2 : 64;
    tw_shape *shapes = realloc(canvas->shapes, room * sizeof *shapes);
    canvas->failed = !shapes;
    if (!shapes) return NULL;
    canvas->shapes = shapes;
    canvas->room = room;
  }
  tw_shape *shape = &canvas->shapes[canvas->count++];
  *shape = (tw_shape){.kind = kind};
  return shape;
}

void tw_canvas_rect(tw_canvas *canvas, const tw_box *box, const tw_paint *paint) {
  tw_shape *shape = shape_add(canvas, TW_SHAPE_RECT);
  if (!shape) return;
  shape->box = *box;
  shape->paint = *paint;
}

static void points_add(tw_canvas *canvas, tw_shape_kind kind, const tw_point *points, size_t count,
                       const tw_paint *paint) {
  tw_point *copy = malloc(count * sizeof *copy);
  tw_shape *shape = copy ? shape_add(canvas, kind) : NULL;
  if (!shape) {
    free(copy);
    canvas->failed = true;
    return;
  }
  memcpy(copy, points, count * sizeof *copy);
  shape->points = copy;
  shape->count = count;
  shape->paint = *paint;
}

void tw_canvas_line(tw_canvas *canvas, tw_point from, tw_point to, const tw_paint *paint) {
  const tw_point points[] = {from, to};
  points_add(canvas, TW_SHAPE_CURVE, points, 2, paint);
}

void tw_canvas_curve(tw_canvas *canvas, const tw_point *points, size_t count, const tw_paint *paint) {
  if (count > 1) points_add(canvas, TW_SHAPE_CURVE, points, count, paint);
}

void tw_canvas_area(tw_canvas *canvas, const tw_point *points, size_t count, const tw_paint *paint) {
  if (count > 2) points_add(canvas, TW_SHAPE_AREA, points, count, paint);
}

void tw_canvas_text(tw_canvas *canvas, tw_point at, const tw_type *type, const char *format, ...) {
  char text[TEXT_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (!text[0]) return;
  for (char *c = text; *c; c++)
    if (*c < ' ' || *c > '~') *c = '?';
  points_add(canvas, TW_SHAPE_TEXT, &at, 1, &(tw_paint){TW_NO_COLOUR, TW_NO_COLOUR, 0, false});
  if (canvas->failed) return;
  tw_shape *shape = &canvas->shapes[canvas->count - 1];
  shape->type = *type;
  shape->text = strdup(text);
  canvas->failed = !shape->text;
}
