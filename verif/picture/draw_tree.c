/* Draws a process's page tables: a line for each level with its size, boxes for tables, lines from each to its parent.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "draw.h"

#define TITLE_HEIGHT 20.0
#define LEVEL_PITCH 50.0
#define BOX_HEIGHT 32.0
#define BOX_PITCH 112.0
#define BOX_WIDTH 104.0
#define BOXES 4u /* of a level; if there are more, the last says how many */
#define LABEL_WIDTH 120.0

static const tw_type TITLE = {11.5, TW_INK, TW_ANCHOR_START, false, true, false};
static const tw_type LEVEL = {10, TW_INK, TW_ANCHOR_START, false, false, false};
static const tw_type SIZE = {9.5, TW_INK_SOFT, TW_ANCHOR_START, false, false, false};
static const tw_type ADDRESS = {8.6, TW_INK, TW_ANCHOR_MIDDLE, true, false, false};
static const tw_type ENTRIES = {8.5, TW_INK_SOFT, TW_ANCHOR_MIDDLE, false, false, false};
static const tw_paint LINE = {TW_NO_COLOUR, 0xa6a6a6, 0.8, false};

typedef unsigned long long ull;

/* The tables of one level that are shown, and where. */
typedef struct tree_level {
  const tw_space_table *tables[BOXES];
  size_t shown, count;
  double top;
} tree_level;

typedef struct tree {
  const drawing *to;
  const tw_state_process *process, *other;
  double left;
  unsigned levels, entries;
  unsigned table_bits; /* of the addresses that a table of level 0 maps */
  unsigned vpn_bits;
  uint64_t va_mask; /* the bits of an address that are translated: those above are a sign */
  tree_level at[TW_MAX_LEVELS];
} tree;

static double box_left(const tree *in, size_t n) {
  return in->left + LABEL_WIDTH + BOX_PITCH * (double)n;
}

static bool table_is_new(const tree *in, const tw_space_table *table) {
  for (size_t i = 0; in->other && i < in->other->table_count; i++) {
    const tw_space_table *old = &in->other->tables[i];
    if (old->pa == table->pa && old->level == table->level && old->va == table->va) return false;
  }
  return in->other != NULL;
}

/* By address, the kernel's behind the process's own. */
static int table_order(const void *left, const void *right) {
  const tw_space_table *a = *(const tw_space_table *const *)left, *b = *(const tw_space_table *const *)right;
  if (a->shared != b->shared) return a->shared - b->shared;
  return (a->va > b->va) - (a->va < b->va);
}

static void level_collect(tree *in, unsigned level) {
  tree_level *to = &in->at[level];
  const tw_space_table **all = calloc(in->process->table_count + 1, sizeof(const tw_space_table *));
  in->to->canvas->failed |= !all;
  for (size_t i = 0; all && i < in->process->table_count; i++)
    if (in->process->tables[i].level == level) all[to->count++] = &in->process->tables[i];
  if (all) qsort(all, to->count, sizeof *all, table_order);
  to->shown = to->count > BOXES ? BOXES - 1 : to->count;
  for (size_t i = 0; i < to->shown; i++) to->tables[i] = all[i];
  free(all);
}

static void entries_text(const tw_space_table *table, char *text, size_t size) {
  char tables[24], pages[24];
  tw_words_count(table->pointers, "table", tables, sizeof tables);
  tw_words_count(table->leaves, "page", pages, sizeof pages);
  if (table->pointers && table->leaves) {
    snprintf(text, size, "%s, %s", tables, pages);
  } else {
    snprintf(text, size, "%s", table->pointers ? tables : pages);
  }
}

static void box_draw(const tree *in, const tree_level *level, size_t n) {
  const tw_space_table *table = level->tables[n];
  const double left = box_left(in, n), middle = left + BOX_WIDTH / 2;
  const bool is_new = table_is_new(in, table);
  const tw_box box = {left, level->top, left + BOX_WIDTH, level->top + BOX_HEIGHT};
  const double used = (double)(table->pointers + table->leaves) / in->entries;
  const tw_box gauge = {left + 4, box.bottom - 5, left + 4 + (BOX_WIDTH - 8) * used, box.bottom - 2.5};
  const tw_box whole = {left + 4, box.bottom - 5, left + BOX_WIDTH - 4, box.bottom - 2.5};
  const tw_paint paint = {table->shared ? 0xececef : 0xfdf6e3, is_new ? TW_INK_ALERT : 0x9a8f73, is_new ? 1.8 : 0.8,
                          false};
  const tw_paint filled = {table->shared ? 0x7b8087 : 0xb58900, TW_NO_COLOUR, 0, false};
  const tw_paint empty = {0xdad6cb, TW_NO_COLOUR, 0, false};
  char text[64];
  tw_canvas_rect(in->to->canvas, &box, &paint);
  tw_canvas_text(in->to->canvas, (tw_point){middle, box.top + 10}, &ADDRESS, "0x%llx", (ull)table->va);
  entries_text(table, text, sizeof text);
  tw_canvas_text(in->to->canvas, (tw_point){middle, box.top + 21}, &ENTRIES, "%s",
                 table->shared ? "the kernel's" : text);
  tw_canvas_rect(in->to->canvas, &whole, &empty);
  tw_canvas_rect(in->to->canvas, &gauge, &filled);
}

/* The line to the table above that points to this one, if that is shown. */
static void edge_draw(const tree *in, unsigned level, size_t n) {
  const tree_level *above = &in->at[level + 1];
  const unsigned bits = in->table_bits + in->vpn_bits * (level + 1);
  for (size_t i = 0; i < above->shown; i++) {
    if (((above->tables[i]->va ^ in->at[level].tables[n]->va) & in->va_mask) >> bits) continue;
    tw_canvas_line(in->to->canvas, (tw_point){box_left(in, i) + BOX_WIDTH / 2, above->top + BOX_HEIGHT},
                   (tw_point){box_left(in, n) + BOX_WIDTH / 2, in->at[level].top}, &LINE);
    return;
  }
}

static void level_draw(const tree *in, unsigned level, const tw_level_sum *sum) {
  const tree_level *at = &in->at[level];
  char bytes[32], count[32];
  tw_words_count(sum->tables, "table", count, sizeof count);
  tw_words_size(sum->tables * TW_PAGE_BYTES, bytes, sizeof bytes);
  tw_canvas_text(in->to->canvas, (tw_point){in->left, at->top + 13}, &LEVEL, "level %u", level);
  tw_canvas_text(in->to->canvas, (tw_point){in->left, at->top + 25}, &SIZE, "%s, %s", count, bytes);
  for (size_t i = 0; i < at->shown; i++) {
    if (level + 1 < in->levels) edge_draw(in, level, i);
    box_draw(in, at, i);
  }
  if (at->count > at->shown)
    tw_canvas_text(in->to->canvas, (tw_point){box_left(in, at->shown) + BOX_WIDTH / 2, at->top + 19}, &ENTRIES,
                   "and %zu more", at->count - at->shown);
}

double draw_tree(const drawing *to, tw_point at, unsigned which, size_t n) {
  const tw_mode_info *mode = tw_mode_row(to->map->mode);
  tree in = {.to = to,
             .process = tw_map_process(to->map, which, n),
             .other = to->map->pair ? tw_map_process(to->map, !which, n) : NULL,
             .left = at.x,
             .entries = TW_PAGE_BYTES / mode->pte_bytes,
             .table_bits = TW_PAGE_BITS + mode->vpn_bits,
             .vpn_bits = mode->vpn_bits,
             .va_mask = (UINT64_C(1) << mode->va_bits) - 1};
  tw_level_sum sums[TW_MAX_LEVELS];
  uint64_t own = 0;
  char bytes[32];
  in.levels = tw_level_sums(in.process, sums);
  if (!in.levels) return 0;
  for (unsigned level = 0; level < in.levels; level++) {
    level_collect(&in, level);
    in.at[level].top = at.y + TITLE_HEIGHT + LEVEL_PITCH * (in.levels - 1 - level);
    own += sums[level].tables;
  }
  tw_words_size(own * TW_PAGE_BYTES, bytes, sizeof bytes);
  tw_canvas_text(to->canvas, (tw_point){at.x, at.y + 11}, &TITLE, "Page tables, %s", bytes);
  for (unsigned level = in.levels; level-- > 0;) level_draw(&in, level, &sums[level]);
  return TITLE_HEIGHT + LEVEL_PITCH * in.levels;
}
