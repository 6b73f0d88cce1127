/* Looks at a picture: everything inside, no text over another.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "canvas.h"

#define SLACK 0.05 /* pixels: less than what is written */

static tw_box shape_box(const tw_shape *shape) {
  if (shape->kind == TW_SHAPE_RECT) return shape->box;
  if (shape->kind == TW_SHAPE_TEXT) return tw_shape_text_box(shape);
  tw_box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (size_t i = 0; i < shape->count; i++) {
    box.left = fmin(box.left, shape->points[i].x);
    box.right = fmax(box.right, shape->points[i].x);
    box.top = fmin(box.top, shape->points[i].y);
    box.bottom = fmax(box.bottom, shape->points[i].y);
  }
  return box;
}

static bool inside_check(const tw_canvas *canvas, const tw_shape *shape, tw_error *error) {
  const tw_box box = shape_box(shape);
  if (box.left >= -SLACK && box.top >= -SLACK && box.right <= canvas->width + SLACK &&
      box.bottom <= canvas->height + SLACK && box.left <= box.right + SLACK && box.top <= box.bottom + SLACK)
    return true;
  return tw_error_set(error, "%s%s%s from (%.1f, %.1f) to (%.1f, %.1f) leaves the picture of %.1f by %.1f",
                      shape->text ? "\"" : "a shape", shape->text ? shape->text : "", shape->text ? "\"" : "", box.left,
                      box.top, box.right, box.bottom, canvas->width, canvas->height);
}

typedef struct label {
  tw_box box;
  const char *text;
} label;

static int label_order(const void *left, const void *right) {
  const double a = ((const label *)left)->box.top, b = ((const label *)right)->box.top;
  return (a > b) - (a < b);
}

/* The labels are sorted by their tops, so only those that begin above the bottom of one can meet it. */
static bool labels_check(const label *labels, size_t count, tw_error *error) {
  for (size_t i = 0; i < count; i++) {
    const tw_box *box = &labels[i].box;
    for (size_t j = i + 1; j < count && labels[j].box.top < box->bottom - SLACK; j++) {
      const tw_box *other = &labels[j].box;
      if (other->left < box->right - SLACK && box->left < other->right - SLACK)
        return tw_error_set(error, "\"%s\" and \"%s\" overlap near (%.1f, %.1f)", labels[i].text, labels[j].text,
                            other->left, other->top);
    }
  }
  return true;
}

bool tw_canvas_check(const tw_canvas *canvas, tw_error *error) {
  label *labels = canvas->failed ? NULL : calloc(canvas->count + 1, sizeof *labels);
  if (!labels) return tw_error_set(error, "memory is out");
  size_t count = 0;
  bool good = canvas->count > 0 || tw_error_set(error, "the picture is empty");
  for (size_t i = 0; i < canvas->count && good; i++) {
    const tw_shape *shape = &canvas->shapes[i];
    good = inside_check(canvas, shape, error);
    if (shape->kind == TW_SHAPE_TEXT) labels[count++] = (label){tw_shape_text_box(shape), shape->text};
  }
  qsort(labels, count, sizeof *labels, label_order);
  good = good && labels_check(labels, count, error);
  free(labels);
  return good;
}
