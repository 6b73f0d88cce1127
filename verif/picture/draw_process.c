/* Draws one process: its scale, a row for each region with the strip of its pages, and its tables.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "draw.h"

#define HEAD 36.0
#define ROW_REGION 36.0
#define ROW_GAP 16.0
#define ROW_KERNEL 30.0
#define ROW_MARK 13.0 /* of each marked address */
#define SCALE 52.0    /* width of the scale with its fan */
#define TAG_GAP 14.0
#define STRIP_CELLS 92u
#define STRIP_WIDTH 184.0
#define STRIP_HEIGHT 11.0
#define GRID_PITCH 5.0 /* from which on there is a gap between cells */
#define ROWS_ROOM (2 * TW_ROWS_MAX + 2)

static const tw_type LABEL = {13, TW_INK, TW_ANCHOR_START, false, true, false};
static const tw_type SUMMARY = {10, TW_INK_SOFT, TW_ANCHOR_START, false, false, false};
static const tw_type ADDRESS = {10, TW_INK, TW_ANCHOR_START, true, false, false};
static const tw_type WHAT = {10, TW_INK, TW_ANCHOR_START, false, false, false};
static const tw_type PAGES = {9.5, TW_INK_SOFT, TW_ANCHOR_START, false, false, false};
static const tw_type FOLDED = {9.5, TW_INK_SOFT, TW_ANCHOR_START, false, false, true};
static const tw_type MARK = {9.5, TW_INK_ALERT, TW_ANCHOR_START, false, false, false};
static const tw_type TAG = {9.5, TW_INK_ALERT, TW_ANCHOR_START, false, true, false};

typedef unsigned long long ull;

/* A process in one state, where it is drawn. */
typedef struct panel {
  const drawing *to;
  const tw_map_rows *rows;
  unsigned which;
  const tw_state_process *process, *other; /* in this state and in the other one; NULL: not there */
  double left, right;                      /* of the rows' texts */
} panel;

/* One text, cut to a width; returns how wide it became. */
__attribute__((format(printf, 5, 6))) static double text_put(const panel *in, tw_point at, const tw_type *type,
                                                             double width, const char *format, ...) {
  char text[2 * TW_WORDS_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  tw_text_fit(type, width, text);
  tw_canvas_text(in->to->canvas, at, type, "%s", text);
  return tw_text_width(type, text);
}

static bool mark_lies_in(const tw_map *map, size_t mark, const tw_map_row *row) {
  const uint64_t va = tw_map_mark_va(map, &map->marks[mark]);
  return row->kind == TW_ROW_REGION && va >= row->start && va < row->end;
}

static double row_height(const tw_map *map, const tw_map_row *row) {
  if (row->kind == TW_ROW_KERNEL) return ROW_KERNEL;
  if (row->kind == TW_ROW_GAP) return ROW_GAP;
  double height = ROW_REGION;
  for (size_t i = 0; i < map->mark_count; i++)
    if (mark_lies_in(map, i, row)) height += ROW_MARK;
  return height;
}

/* The states of one cell, one upon the other, by their part of its pages. */
static void cell_draw(const panel *in, const tw_box *box, const tw_cell *cell) {
  double bottom = box->bottom;
  uint64_t touched = cell->pages - cell->by_state[TW_PAGE_UNTOUCHED];
  for (unsigned state = 1; state < TW_PAGE_STATE_COUNT; state++) {
    if (!cell->by_state[state]) continue;
    const double whole = fmax((box->bottom - box->top) * (double)touched / (double)cell->pages, 4);
    const double height = whole * (double)cell->by_state[state] / (double)touched;
    const tw_box part = {box->left, bottom - height, box->right, bottom};
    const tw_paint paint = {draw_page_colour((tw_page_state)state), TW_NO_COLOUR, 0, false};
    tw_canvas_rect(in->to->canvas, &part, &paint);
    bottom -= height;
  }
}

/* Whether all pages of two cells are in one state, so that they can be drawn as one. */
static bool cells_alike(const tw_cell *a, const tw_cell *b) {
  const tw_page_state state = tw_cell_state(a);
  return a->by_state[state] == a->pages && b->by_state[state] == b->pages;
}

/* Cells that are too narrow for a gap between them are drawn in runs. */
static void cells_draw(const panel *in, tw_point at, const tw_cell *cells, size_t count) {
  const double pitch = STRIP_WIDTH / (double)count, inset = pitch >= GRID_PITCH ? 0.5 : 0;
  for (size_t i = 0, next; i < count; i = next) {
    for (next = i + 1; inset <= 0 && next < count && cells_alike(&cells[i], &cells[next]);) next++;
    const tw_box box = {at.x + pitch * (double)i + inset, at.y + 0.5, at.x + pitch * (double)next - inset,
                        at.y + STRIP_HEIGHT - 0.5};
    cell_draw(in, &box, &cells[i]);
  }
}

/* A line along the cells for which something holds. */
static void lines_draw(const panel *in, const tw_box *line, uint32_t colour, const tw_cell *cells, size_t count,
                       bool changed) {
  const double pitch = STRIP_WIDTH / (double)count;
  const tw_paint paint = {colour, TW_NO_COLOUR, 0, false};
  for (size_t i = 0, next; i < count; i = next) {
    const bool drawn = changed ? cells[i].changed : cells[i].large;
    for (next = i + 1; next < count && (changed ? cells[next].changed : cells[next].large) == drawn;) next++;
    const tw_box box = {line->left + pitch * (double)i, line->top, line->left + pitch * (double)next, line->bottom};
    if (drawn) tw_canvas_rect(in->to->canvas, &box, &paint);
  }
}

static void strip_draw(const panel *in, tw_point at, const tw_row_part *part) {
  static const tw_paint border = {0xf6f6f6, 0x9a9a9a, 0.6, false};
  tw_cell cells[STRIP_CELLS];
  const size_t count = tw_strip_cells(part->start, part->end, STRIP_CELLS);
  const tw_box frame = {at.x, at.y, at.x + STRIP_WIDTH, at.y + STRIP_HEIGHT};
  const tw_box under = {at.x, frame.bottom + 1.5, frame.right, frame.bottom + 3.5};
  const tw_box over = {at.x, at.y - 2.4, frame.right, at.y - 0.9};
  tw_strip_make(in->process, in->other, part->start, part->end, cells, count);
  tw_canvas_rect(in->to->canvas, &frame, &border);
  cells_draw(in, at, cells, count);
  lines_draw(in, &under, TW_INK_ALERT, cells, count, true);
  lines_draw(in, &over, TW_INK, cells, count, false);
}

/* The marked addresses of a row: a tick at the strip, and a line with the address and its name. */
static void marks_draw(const panel *in, double top, const tw_map_row *row, const tw_row_part *part) {
  const tw_map *map = in->to->map;
  double y = top + ROW_REGION + 5;
  for (size_t i = 0; i < map->mark_count; i++) {
    if (!mark_lies_in(map, i, row)) continue;
    const uint64_t va = tw_map_mark_va(map, &map->marks[i]);
    if (va >= part->start && va < part->end) {
      const double x = in->left + STRIP_WIDTH * (double)(va - part->start) / (double)(part->end - part->start);
      const tw_point tick[] = {{x, top + 28}, {x - 3, top + 33}, {x + 3, top + 33}};
      const tw_paint paint = {TW_INK_ALERT, TW_NO_COLOUR, 0, false};
      tw_canvas_area(in->to->canvas, tick, 3, &paint);
      text_put(in, (tw_point){in->left + 8, y}, &MARK, in->right - in->left - 8, "0x%llx  %s", (ull)va,
               map->marks[i].name);
    }
    y += ROW_MARK;
  }
}

static void region_draw(const panel *in, double top, const tw_map_row *row) {
  const tw_row_part *part = &row->parts[in->which];
  char what[TW_WORDS_BYTES], pages[TW_WORDS_BYTES];
  const bool tagged = row->mark && (in->which || row->mark == TW_ROW_GONE);
  const char *tag = tagged ? tw_row_mark_name(row->mark) : "";
  const double tag_width = tw_text_width(&TAG, tag) + TAG_GAP;
  if (!part->there) {
    const double width = text_put(in, (tw_point){in->left, top + 10}, &FOLDED, 200, "%s",
                                  row->mark == TW_ROW_CHANGED ? "(part of a region above)" : "(not mapped)");
    tw_canvas_text(in->to->canvas, (tw_point){in->left + width + TAG_GAP, top + 10}, &TAG, "%s", tag);
    return;
  }
  tw_words_part(part, what, sizeof what);
  tw_words_pages(part, in->process, pages, sizeof pages);
  double x = in->left;
  x += text_put(in, (tw_point){x, top + 10}, &ADDRESS, in->right - x, "0x%llx-0x%llx", (ull)part->start,
                (ull)part->end - 1);
  x += 8 + text_put(in, (tw_point){x + 8, top + 10}, &WHAT, in->right - x - 8 - tag_width, "%s", what);
  tw_canvas_text(in->to->canvas, (tw_point){x + TAG_GAP, top + 10}, &TAG, "%s", tag);
  strip_draw(in, (tw_point){in->left, top + 16}, part);
  text_put(in, (tw_point){in->left + STRIP_WIDTH + 8, top + 25.5}, &PAGES, in->right - in->left - STRIP_WIDTH - 8, "%s",
           pages);
  marks_draw(in, top, row, part);
}

static void kernel_draw(const panel *in, double top) {
  const tw_layout *layout = &in->to->map->machine.layout;
  text_put(in, (tw_point){in->left, top + 10}, &FOLDED, in->right - in->left,
           "0x%llx: the kernel's code, the same in every process", (ull)layout->text_va);
  text_put(in, (tw_point){in->left, top + 22}, &FOLDED, in->right - in->left,
           "0x%llx: all frames, mapped for the kernel", (ull)layout->direct_va);
}

static void gap_draw(const panel *in, double top, const tw_map_row *row) {
  char bytes[32];
  tw_words_size(row->end - row->start, bytes, sizeof bytes);
  text_put(in, (tw_point){in->left, top + 10}, &FOLDED, in->right - in->left, "nothing: %s, folded", bytes);
}

static double rows_draw(const panel *in, double top) {
  double tops[ROWS_ROOM], bottoms[ROWS_ROOM], y = top;
  for (size_t i = 0; i < in->rows->count; i++) {
    const double height = row_height(in->to->map, &in->rows->at[i]);
    tops[i] = y;
    bottoms[i] = y + height - 4;
    y += height;
  }
  const tw_box box = {in->left - SCALE, top, in->left - 6, y};
  if (in->process) draw_scale(in->to, &box, in->rows, in->which, tops, bottoms);
  for (size_t i = 0; i < in->rows->count; i++) {
    const tw_map_row *row = &in->rows->at[i];
    if (row->kind == TW_ROW_KERNEL) kernel_draw(in, tops[i]);
    if (row->kind == TW_ROW_GAP) gap_draw(in, tops[i], row);
    if (row->kind == TW_ROW_REGION) region_draw(in, tops[i], row);
  }
  return y - top;
}

/* The square says which frames of the physical memory are the process's. */
static void head_draw(const panel *in, tw_point at, size_t n) {
  const tw_map *map = in->to->map;
  const tw_state_process *shown = in->process ? in->process : tw_map_process(map, !in->which, n);
  char label[TW_WORDS_BYTES], summary[2 * TW_WORDS_BYTES];
  const tw_box square = {at.x, at.y + 2, at.x + 10, at.y + 12};
  const tw_paint paint = {draw_process_colour(n), TW_NO_COLOUR, 0, false};
  tw_canvas_rect(in->to->canvas, &square, &paint);
  tw_state_process_label(shown, label, sizeof label);
  text_put(in, (tw_point){at.x + 16, at.y + 12}, &LABEL, DRAW_PANEL - 16, "%s%s%s", label,
           !map->pair  ? ""
           : in->which ? ": after"
                       : ": before",
           in->process && in->process->running ? " (running)" : "");
  if (in->process) {
    tw_words_process(in->process, summary, sizeof summary);
  } else {
    snprintf(summary, sizeof summary, "%s", in->which ? "has ended" : "has not begun");
  }
  text_put(in, (tw_point){at.x, at.y + 27}, &SUMMARY, DRAW_PANEL, "%s", summary);
}

double draw_process(const drawing *to, tw_point at, const tw_map_rows *rows, unsigned which, size_t n) {
  const tw_map *map = to->map;
  const panel in = {to,
                    rows,
                    which,
                    tw_map_process(map, which, n),
                    map->pair ? tw_map_process(map, !which, n) : NULL,
                    at.x + SCALE,
                    at.x + DRAW_PANEL};
  double height = HEAD;
  head_draw(&in, at, n);
  if (map->parts & TW_MAP_REGIONS) height += rows_draw(&in, at.y + height) + 10;
  if (map->parts & TW_MAP_TABLES && in.process) height += draw_tree(to, (tw_point){at.x, at.y + height}, which, n);
  return height;
}
