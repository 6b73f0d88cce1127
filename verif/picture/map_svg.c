/* A map as a drawing: title, what the record did, the processes beside each other, who shares what, the frames, heaps.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "draw.h"
#include "plot.h"

#define MARGIN 16.0
#define GAP 28.0 /* between panels, and between sections */
#define LINE_HEIGHT 14.5
#define LINES_SAID 12u /* of events, and of changes */

static const tw_type TITLE = {16, TW_INK, TW_ANCHOR_START, false, true, false};
static const tw_type LINE = {10.5, TW_INK_SOFT, TW_ANCHOR_START, false, false, false};
static const tw_type RECORD = {10.5, TW_INK_ALERT, TW_ANCHOR_START, true, false, false};
static const tw_type LOST = {10, TW_INK_ALERT, TW_ANCHOR_START, false, false, false};
static const tw_type HEAD = {11.5, TW_INK, TW_ANCHOR_START, false, true, false};
static const tw_type ITEM = {10, TW_INK, TW_ANCHOR_START, false, false, false};

typedef unsigned long long ull;

uint32_t draw_use_colour(tw_region_use use) {
  static const uint32_t colours[TW_REGION_USE_COUNT] = {0x9a9a9a, 0x5b8fc7, 0x9cc4e4, 0x6fb36b, 0xb5dba0, 0xf0a350,
                                                        0xcbb35d, 0xb394c9, 0xe3787c, 0xc9ccd1, 0xb9b9b9};
  return colours[(unsigned)use < TW_REGION_USE_COUNT ? use : 0];
}

uint32_t draw_page_colour(tw_page_state state) {
  static const uint32_t colours[TW_PAGE_STATE_COUNT] = {0xf6f6f6, 0x2f7d4f, 0x2d5fb8, 0xd9731a, 0x7a7f87};
  return colours[state];
}

uint32_t draw_process_colour(size_t n) {
  return tw_series_colour(n);
}

uint32_t draw_lighter(uint32_t colour, double part) {
  uint32_t lighter = 0;
  for (unsigned shift = 0; shift < 24; shift += 8) {
    const double value = (double)(colour >> shift & 0xff);
    lighter |= (uint32_t)(value + (255.0 - value) * part + 0.5) << shift;
  }
  return lighter;
}

/* Texts one below the other; the ones that are too many are counted. */
typedef struct listing {
  const drawing *to;
  tw_point at;
  double width;
  size_t said;
} listing;

static void listing_add(listing *list, const char *text) {
  char fitted[2 * TW_WORDS_BYTES];
  if (list->said++ >= LINES_SAID) return;
  snprintf(fitted, sizeof fitted, "%s", text);
  tw_text_fit(&ITEM, list->width, fitted);
  tw_canvas_text(list->to->canvas, (tw_point){list->at.x, list->at.y + 10}, &ITEM, "%s", fitted);
  list->at.y += LINE_HEIGHT;
}

static double listing_end(listing *list) {
  if (list->said > LINES_SAID) {
    tw_canvas_text(list->to->canvas, (tw_point){list->at.x, list->at.y + 10}, &ITEM, "and %zu more",
                   list->said - LINES_SAID);
    list->at.y += LINE_HEIGHT;
  }
  return list->at.y;
}

static double events_draw(const drawing *to, tw_point at, double width) {
  listing list = {to, {at.x, at.y + LINE_HEIGHT + 3}, width, 0};
  char text[TW_WORDS_BYTES];
  tw_canvas_text(to->canvas, (tw_point){at.x, at.y + 11}, &HEAD, "What it brought about");
  for (size_t i = 0; i < to->map->event_count; i++) {
    tw_words_event(&to->map->events[i], text, sizeof text);
    listing_add(&list, text);
  }
  if (!to->map->event_count) listing_add(&list, "nothing but itself");
  return listing_end(&list);
}

static double changes_draw(const drawing *to, tw_point at, double width) {
  listing list = {to, {at.x, at.y + LINE_HEIGHT + 3}, width, 0};
  const tw_map *map = to->map;
  char text[TW_WORDS_BYTES], line[2 * TW_WORDS_BYTES];
  tw_canvas_text(to->canvas, (tw_point){at.x, at.y + 11}, &HEAD, "What changed");
  for (size_t n = 0; n < map->states[1].process_count; n++) {
    uint64_t va = 0;
    tw_page_change change;
    if (!tw_map_shows(map, n)) continue;
    while (tw_page_change_next(tw_map_process(map, 0, n), tw_map_process(map, 1, n), &va, UINT64_MAX, &change)) {
      tw_words_change(&change, text, sizeof text);
      snprintf(line, sizeof line, "process %u, %s", map->states[1].processes[n].id >> 16, text);
      listing_add(&list, line);
    }
  }
  if (!list.said) listing_add(&list, "no page");
  return listing_end(&list);
}

static double head_draw(const drawing *to, double width) {
  const tw_map *map = to->map;
  char text[2 * TW_WORDS_BYTES];
  snprintf(text, sizeof text, "%s", map->title);
  tw_text_fit(&TITLE, width, text);
  tw_canvas_text(to->canvas, (tw_point){MARGIN, MARGIN + 14}, &TITLE, "%s", text);
  tw_words_machine(map, text, sizeof text);
  tw_text_fit(&LINE, width, text);
  tw_canvas_text(to->canvas, (tw_point){MARGIN, MARGIN + 32}, &LINE, "%s", text);
  if (!map->pair) {
    tw_words_moment(map, text, sizeof text);
    tw_canvas_text(to->canvas, (tw_point){MARGIN, MARGIN + 47}, &LINE, "%s", text);
    return MARGIN + 47 + GAP / 2;
  }
  snprintf(text, sizeof text, "record %llu: %s", (ull)map->record, map->record_text);
  tw_text_fit(&RECORD, width, text);
  tw_canvas_text(to->canvas, (tw_point){MARGIN, MARGIN + 47}, &RECORD, "%s", text);
  const double top = MARGIN + 62, left = events_draw(to, (tw_point){MARGIN, top}, DRAW_PANEL);
  const double right = changes_draw(to, (tw_point){MARGIN + DRAW_PANEL + GAP, top}, DRAW_PANEL);
  return (left > right ? left : right) + GAP / 2;
}

/* A process in both states, or at one moment. Returns the height of what is higher. */
static double process_draw(const drawing *to, tw_point at, size_t n) {
  const tw_map *map = to->map;
  tw_map_rows rows;
  const tw_rows_request request = {tw_map_process(map, 0, n), tw_map_process(map, 1, n), map->pair,
                                   &map->machine.layout};
  double height = 0;
  if (!tw_map_rows_make(&rows, &request)) {
    to->canvas->failed = true;
    return 0;
  }
  if (map->pair) {
    height = draw_process(to, at, &rows, 0, n);
    at.x += DRAW_PANEL + GAP;
  }
  const double after = draw_process(to, at, &rows, 1, n);
  tw_map_rows_free(&rows);
  return after > height ? after : height;
}

static double processes_draw(const drawing *to, double y) {
  double lowest = 0;
  bool second = false;
  for (size_t n = 0; n < to->map->states[1].process_count; n++) {
    if (!tw_map_draws(to->map, n)) continue;
    const tw_point at = {second ? MARGIN + DRAW_PANEL + GAP : MARGIN, y};
    const double height = process_draw(to, at, n);
    lowest = height > lowest ? height : lowest;
    second = !second && !to->map->pair;
    if (second) continue;
    y += lowest + GAP;
    lowest = 0;
  }
  return second ? y + lowest + GAP : y;
}

static double frames_draw(const drawing *to, double y, double width) {
  double height;
  if (to->map->pair) {
    height = draw_frames(to, (tw_point){MARGIN, y}, DRAW_PANEL, 0);
    const double after = draw_frames(to, (tw_point){MARGIN + DRAW_PANEL + GAP, y}, DRAW_PANEL, 1);
    height = after > height ? after : height;
  } else {
    height = draw_frames(to, (tw_point){MARGIN, y}, width, 1);
  }
  return y + height + GAP / 2;
}

static double legends_draw(const drawing *to, double y, double width) {
  const char *names[TW_REGION_USE_COUNT];
  uint32_t colours[TW_REGION_USE_COUNT];
  size_t count = 0;
  for (unsigned use = TW_REGION_CODE; use <= TW_REGION_STACK; use++, count++) {
    names[count] = tw_region_use_name((tw_region_use)use);
    colours[count] = draw_use_colour((tw_region_use)use);
  }
  names[count] = tw_region_use_name(TW_REGION_GUARD);
  colours[count++] = draw_use_colour(TW_REGION_GUARD);
  tw_canvas_text(to->canvas, (tw_point){MARGIN, y + 9}, &LINE, "regions:");
  tw_legend legend = {names, colours, count};
  y += tw_legend_draw(to->canvas, (tw_point){MARGIN + 60, y}, width - 60, &legend);
  count = 0;
  for (unsigned state = 0; state < TW_PAGE_STATE_COUNT; state++, count++) {
    names[count] = tw_page_state_name((tw_page_state)state);
    colours[count] = draw_page_colour((tw_page_state)state);
  }
  tw_canvas_text(to->canvas, (tw_point){MARGIN, y + 9}, &LINE, "pages:");
  legend.count = count;
  return y + tw_legend_draw(to->canvas, (tw_point){MARGIN + 60, y}, width - 60, &legend);
}

/* Marks that lie nowhere, in a line. */
static double lost_draw(const drawing *to, double y, double width) {
  const tw_map *map = to->map;
  char text[512] = "in no region: ";
  bool any = false;
  for (size_t i = 0; i < map->mark_count; i++) {
    const size_t length = strlen(text);
    if (tw_map_mark_lies(map, &map->marks[i])) continue;
    snprintf(text + length, sizeof text - length, "%s0x%llx %s", any ? ", " : "",
             (ull)tw_map_mark_va(map, &map->marks[i]), map->marks[i].name);
    any = true;
  }
  if (!any) return y;
  tw_text_fit(&LOST, width, text);
  tw_canvas_text(to->canvas, (tw_point){MARGIN, y + 9}, &LOST, "%s", text);
  return y + LINE_HEIGHT + GAP / 2;
}

static void map_draw(const drawing *to) {
  const tw_map *map = to->map;
  size_t shown = 0;
  for (size_t n = 0; n < map->states[1].process_count; n++) shown += tw_map_draws(map, n);
  const double width = map->pair || shown > 1 ? 2 * DRAW_PANEL + GAP : DRAW_PANEL;
  double y = head_draw(to, width);
  if (map->parts & (TW_MAP_REGIONS | TW_MAP_TABLES)) y = processes_draw(to, y);
  if (map->parts & TW_MAP_REGIONS) y = lost_draw(to, y, width);
  const double shares = map->parts & TW_MAP_SHARED ? draw_shares(to, (tw_point){MARGIN, y}, width) : 0;
  y += shares > 0 ? shares + GAP / 2 : 0;
  if (map->parts & TW_MAP_FRAMES) y = frames_draw(to, y, width);
  for (size_t n = 0; n < map->states[1].process_count && map->parts & TW_MAP_HEAP; n++) {
    const double heap = tw_map_draws(map, n) ? draw_heap(to, (tw_point){MARGIN, y}, width, n) : 0;
    y += heap > 0 ? heap + GAP / 2 : 0;
  }
  to->canvas->height = (map->parts & TW_MAP_REGIONS ? legends_draw(to, y, width) : y) + MARGIN;
  to->canvas->width = width + 2 * MARGIN;
}

bool tw_map_draw(const tw_map *map, tw_canvas *canvas, tw_error *error) {
  const drawing to = {canvas, map};
  tw_canvas_init(canvas);
  map_draw(&to);
  if (!canvas->failed) return true;
  tw_canvas_free(canvas);
  return tw_error_set(error, "memory is out");
}

bool tw_map_save(const tw_map *map, const char *path, tw_error *error) {
  tw_canvas canvas;
  if (!tw_map_draw(map, &canvas, error)) return false;
  const bool saved = tw_canvas_save(&canvas, map->title, path, error);
  tw_canvas_free(&canvas);
  return saved;
}
