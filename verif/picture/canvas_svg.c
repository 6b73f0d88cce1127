/* Writes a picture as SVG 1.1. Numbers have one digit behind the point, so that the bytes do not depend on the last
 * bit of a computation.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "picture_file.h"

#define SANS "DejaVu Sans, Verdana, Arial, sans-serif"
#define MONO "DejaVu Sans Mono, Menlo, Consolas, monospace"

/* A length in tenths of a pixel, without a trailing zero, and never as "-0". */
static void number_write(FILE *stream, double value) {
  const long tenths = lround(value * 10.0);
  const long whole = tenths / 10, rest = labs(tenths % 10);
  fprintf(stream, "%s%ld", tenths < 0 && whole == 0 ? "-" : "", whole);
  if (rest) fprintf(stream, ".%ld", rest);
}

static void attribute_write(FILE *stream, const char *name, double value) {
  fprintf(stream, " %s=\"", name);
  number_write(stream, value);
  fputc('"', stream);
}

static void escaped_write(FILE *stream, const char *text) {
  for (; *text; text++) {
    switch (*text) {
    case '&':
      fputs("&amp;", stream);
      break;
    case '<':
      fputs("&lt;", stream);
      break;
    case '>':
      fputs("&gt;", stream);
      break;
    case '"':
      fputs("&quot;", stream);
      break;
    default:
      fputc(*text < ' ' || *text > '~' ? '?' : *text, stream);
    }
  }
}

static void paint_write(FILE *stream, const tw_paint *paint) {
  if (paint->fill == TW_NO_COLOUR) {
    fputs(" fill=\"none\"", stream);
  } else {
    fprintf(stream, " fill=\"#%06x\"", paint->fill);
  }
  if (paint->stroke == TW_NO_COLOUR) return;
  fprintf(stream, " stroke=\"#%06x\"", paint->stroke);
  attribute_write(stream, "stroke-width", paint->width);
  if (paint->dashed) fputs(" stroke-dasharray=\"3 2\"", stream);
}

static void rect_write(FILE *stream, const tw_shape *shape) {
  fputs("<rect", stream);
  attribute_write(stream, "x", shape->box.left);
  attribute_write(stream, "y", shape->box.top);
  attribute_write(stream, "width", shape->box.right - shape->box.left);
  attribute_write(stream, "height", shape->box.bottom - shape->box.top);
  paint_write(stream, &shape->paint);
  fputs("/>\n", stream);
}

static void points_write(FILE *stream, const tw_shape *shape) {
  fprintf(stream, "<%s points=\"", shape->kind == TW_SHAPE_CURVE ? "polyline" : "polygon");
  for (size_t i = 0; i < shape->count; i++) {
    if (i) fputc(' ', stream);
    number_write(stream, shape->points[i].x);
    fputc(',', stream);
    number_write(stream, shape->points[i].y);
  }
  fputc('"', stream);
  paint_write(stream, &shape->paint);
  fputs("/>\n", stream);
}

static void text_write(FILE *stream, const tw_shape *shape) {
  static const char *const anchors[] = {"start", "middle", "end"};
  const tw_type *type = &shape->type;
  fputs("<text", stream);
  attribute_write(stream, "x", shape->points[0].x);
  attribute_write(stream, "y", shape->points[0].y);
  attribute_write(stream, "font-size", type->size);
  fprintf(stream, " fill=\"#%06x\"", type->colour);
  if (type->mono) fputs(" font-family=\"" MONO "\"", stream);
  if (type->bold) fputs(" font-weight=\"bold\"", stream);
  if (type->italic) fputs(" font-style=\"italic\"", stream);
  if (type->anchor != TW_ANCHOR_START) fprintf(stream, " text-anchor=\"%s\"", anchors[type->anchor]);
  fputc('>', stream);
  escaped_write(stream, shape->text);
  fputs("</text>\n", stream);
}

bool tw_canvas_svg(const tw_canvas *canvas, const char *title, FILE *stream, tw_error *error) {
  if (canvas->failed) return tw_error_set(error, "memory is out");
  fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"", stream);
  attribute_write(stream, "width", canvas->width);
  attribute_write(stream, "height", canvas->height);
  fputs(" viewBox=\"0 0 ", stream);
  number_write(stream, canvas->width);
  fputc(' ', stream);
  number_write(stream, canvas->height);
  fputs("\" font-family=\"" SANS "\">\n<title>", stream);
  escaped_write(stream, title);
  fprintf(stream, "</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#%06x\"/>\n", TW_PAPER);
  for (size_t i = 0; i < canvas->count; i++) {
    const tw_shape *shape = &canvas->shapes[i];
    if (shape->kind == TW_SHAPE_RECT) rect_write(stream, shape);
    if (shape->kind == TW_SHAPE_CURVE || shape->kind == TW_SHAPE_AREA) points_write(stream, shape);
    if (shape->kind == TW_SHAPE_TEXT) text_write(stream, shape);
  }
  fputs("</svg>\n", stream);
  return !ferror(stream) || tw_error_set(error, "%s", strerror(errno));
}

bool tw_canvas_save(const tw_canvas *canvas, const char *title, const char *path, tw_error *error) {
  picture_file file;
  if (canvas->failed) return tw_error_set(error, "memory is out");
  if (!picture_file_open(&file, path, error)) return false;
  tw_error said;
  if (!tw_canvas_svg(canvas, title, file.stream, &said)) {
    tw_error_set(error, "%s: cannot write: %s", file.name, said.text);
    picture_file_abandon(&file);
    return false;
  }
  return picture_file_commit(&file, error);
}
