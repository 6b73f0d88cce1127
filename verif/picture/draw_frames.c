/* Draws the machine's frames, and who shares them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "draw.h"
#include "plot.h"

#define TITLE_HEIGHT 20.0
#define CELL_SMALL 6.0
#define CELL_LARGE 12.0
#define FEW 700u /* frames that get large cells */
#define ROWS_MAX 12u
#define ROW_HEIGHT 12.0
#define FOLD_HEIGHT 13.0
#define ADDRESS_WIDTH 100.0
#define OWNERS_MAX 14u  /* in the legend */
#define OWNERS_SEEN 16u /* in a cell */
#define LINE_HEIGHT 15.0
#define SHARES_SAID 10u
#define DOTS_MAX 8u
#define DOT_PITCH 11.0

static const tw_type TITLE = {11.5, TW_INK, TW_ANCHOR_START, false, true, false};
static const tw_type NOTE = {9.5, TW_INK_SOFT, TW_ANCHOR_START, false, false, false};
static const tw_type ADDRESS = {9, TW_INK_SOFT, TW_ANCHOR_START, true, false, false};
static const tw_type FOLDED = {9, TW_INK_SOFT, TW_ANCHOR_START, false, false, true};
static const tw_type SHARE = {10, TW_INK, TW_ANCHOR_START, false, false, false};

typedef unsigned long long ull;

/* What lies in a cell: 0 nothing, then page tables, several processes', and one number for each process. */
enum { OWNER_NONE, OWNER_TABLES, OWNER_SEVERAL, OWNER_FIRST };

/* The frames of a machine as cells in rows, of which those alone are drawn in which something lies. */
typedef struct grid {
  uint64_t base, frames, per_cell;
  size_t columns;
  double cell; /* pixels */
} grid;

typedef struct owned {
  uint64_t frame;
  uint32_t owner;
} owned;

static int owned_order(const void *left, const void *right) {
  const owned *a = left, *b = right;
  if (a->frame != b->frame) return a->frame > b->frame ? 1 : -1;
  return (a->owner > b->owner) - (a->owner < b->owner);
}

static uint32_t owner_colour(uint32_t owner) {
  if (owner == OWNER_TABLES) return DRAW_TABLES;
  if (owner == OWNER_SEVERAL) return DRAW_SEVERAL;
  return draw_process_colour(owner - OWNER_FIRST);
}

static size_t owned_collect(const tw_state *state, uint64_t base, owned *list) {
  size_t count = 0;
  for (size_t n = 0; n < state->process_count; n++) {
    const tw_state_process *process = &state->processes[n];
    for (size_t i = 0; i < process->page_count; i++) {
      const tw_space_page *page = &process->pages[i];
      for (uint64_t offset = 0; page->resident && offset < page->length; offset += TW_PAGE_BYTES, count++)
        if (list) list[count] = (owned){(page->pa + offset - base) / TW_PAGE_BYTES, OWNER_FIRST + (uint32_t)n};
    }
    for (size_t i = 0; i < process->table_count; i++, count++)
      if (list) list[count] = (owned){(process->tables[i].pa - base) / TW_PAGE_BYTES, OWNER_TABLES};
  }
  return count;
}

/* Makes one of all entries of a frame. */
static size_t owned_merge(owned *list, size_t count) {
  size_t kept = 0;
  qsort(list, count, sizeof *list, owned_order);
  for (size_t i = 0; i < count; i++) {
    if (kept && list[kept - 1].frame == list[i].frame) {
      if (list[kept - 1].owner != list[i].owner) list[kept - 1].owner = OWNER_SEVERAL;
    } else {
      list[kept++] = list[i];
    }
  }
  return kept;
}

/* The row that a frame's cell is in. */
static uint64_t row_of(const grid *of, uint64_t frame) {
  return frame / of->per_cell / of->columns;
}

static size_t rows_used(const grid *of, const owned *list, size_t count) {
  size_t rows = 0;
  for (size_t i = 0; i < count; i++) rows += i == 0 || row_of(of, list[i].frame) != row_of(of, list[i - 1].frame);
  return rows;
}

/* As few frames in a cell as there is room for. */
static void grid_choose(grid *of, double width, const owned *list, size_t count) {
  of->cell = of->frames <= FEW ? CELL_LARGE : CELL_SMALL;
  of->columns = (size_t)((width - ADDRESS_WIDTH) / of->cell);
  of->per_cell = 1;
  while (rows_used(of, list, count) > ROWS_MAX) of->per_cell *= 2;
}

/* Who has most of the frames from list[0] on that lie in the cell, *taken in all; of owners beyond the first few,
 * nobody keeps count. */
static uint32_t cell_owner(const grid *of, const owned *list, size_t count, size_t *taken) {
  struct {
    uint32_t owner;
    uint64_t frames;
  } seen[OWNERS_SEEN] = {{0, 0}};
  const uint64_t cell = list->frame / of->per_cell;
  size_t best = 0;
  for (*taken = 0; *taken < count && list[*taken].frame / of->per_cell == cell; (*taken)++) {
    size_t at = 0;
    while (at < OWNERS_SEEN && seen[at].frames && seen[at].owner != list[*taken].owner) at++;
    if (at == OWNERS_SEEN) continue;
    seen[at].owner = list[*taken].owner;
    if (++seen[at].frames > seen[best].frames) best = at;
  }
  return seen[best].owner;
}

/* One row: its address, its frames that the machine has, and what lies in them. Returns how many of the list it took.
 */
static size_t row_draw(const drawing *to, const grid *of, tw_point at, const owned *list, size_t count) {
  static const tw_paint background = {0xf3f3f3, 0xc9c9c9, 0.5, false};
  const uint64_t row = row_of(of, list->frame), first = row * of->columns * of->per_cell;
  const uint64_t cells = (of->frames - first + of->per_cell - 1) / of->per_cell;
  const double columns = (double)(cells < of->columns ? cells : of->columns), left = at.x + ADDRESS_WIDTH;
  const tw_box box = {left, at.y, left + of->cell * columns, at.y + of->cell};
  size_t i = 0;
  tw_canvas_text(to->canvas, (tw_point){at.x, at.y + of->cell / 2 + 3}, &ADDRESS, "0x%llx",
                 (ull)(of->base + first * TW_PAGE_BYTES));
  tw_canvas_rect(to->canvas, &box, &background);
  for (size_t taken; i < count && row_of(of, list[i].frame) == row; i += taken) {
    const uint64_t cell = list[i].frame / of->per_cell % of->columns;
    const uint32_t owner = cell_owner(of, &list[i], count - i, &taken);
    const double x = left + of->cell * (double)cell;
    const tw_box filled = {x + 0.4, at.y + 0.4, x + of->cell - 0.4, at.y + of->cell - 0.4};
    const tw_paint paint = {owner_colour(owner), TW_NO_COLOUR, 0, false};
    tw_canvas_rect(to->canvas, &filled, &paint);
  }
  return i;
}

static double rows_draw(const drawing *to, const grid *of, tw_point at, const owned *list, size_t count) {
  double y = at.y;
  uint64_t behind = 0;
  for (size_t i = 0; i < count && list[i].frame < of->frames;) {
    const uint64_t row = row_of(of, list[i].frame);
    if (row != behind) {
      char bytes[32];
      tw_words_size((row - behind) * of->columns * of->per_cell * TW_PAGE_BYTES, bytes, sizeof bytes);
      tw_canvas_text(to->canvas, (tw_point){at.x + ADDRESS_WIDTH, y + 8}, &FOLDED, "nothing: %s, folded", bytes);
      y += FOLD_HEIGHT;
    }
    i += row_draw(to, of, (tw_point){at.x, y}, &list[i], count - i);
    y += fmax(of->cell + 1, ROW_HEIGHT);
    behind = row + 1;
  }
  return y - at.y;
}

static double owners_draw(const drawing *to, tw_point at, double width, const owned *list, size_t count) {
  char texts[OWNERS_MAX][TW_WORDS_BYTES];
  const char *names[OWNERS_MAX];
  uint32_t colours[OWNERS_MAX];
  size_t shown = 0;
  const tw_state *state = &to->map->states[1];
  for (uint32_t owner = OWNER_TABLES; owner < OWNER_FIRST + state->process_count && shown < OWNERS_MAX; owner++) {
    uint64_t frames = 0;
    char label[TW_WORDS_BYTES];
    for (size_t i = 0; i < count; i++) frames += list[i].owner == owner;
    if (!frames) continue;
    if (owner >= OWNER_FIRST) tw_state_process_label(&state->processes[owner - OWNER_FIRST], label, 40);
    snprintf(texts[shown], TW_WORDS_BYTES, "%.40s: %llu",
             owner == OWNER_TABLES    ? "page tables"
             : owner == OWNER_SEVERAL ? "several processes"
                                      : label,
             (ull)frames);
    names[shown] = texts[shown];
    colours[shown++] = owner_colour(owner);
  }
  const tw_legend legend = {names, colours, shown};
  return tw_legend_draw(to->canvas, at, width, &legend);
}

double draw_frames(const drawing *to, tw_point at, double width, unsigned which) {
  const tw_map *map = to->map;
  const tw_state *state = &map->states[which];
  grid of = {.base = map->machine.frame_base, .frames = map->machine.frame_count};
  size_t count = owned_collect(state, of.base, NULL);
  owned *list = calloc(count + 1, sizeof *list);
  to->canvas->failed |= !list;
  if (!list) return 0;
  owned_collect(state, of.base, list);
  count = owned_merge(list, count);
  grid_choose(&of, width, list, count);
  char bytes[32];
  tw_words_size(of.per_cell * TW_PAGE_BYTES, bytes, sizeof bytes);
  tw_canvas_text(to->canvas, (tw_point){at.x, at.y + 11}, &TITLE, "Physical memory%s",
                 !map->pair ? ""
                 : which    ? ": after"
                            : ": before");
  tw_canvas_text(to->canvas, (tw_point){at.x, at.y + 25}, &NOTE, "0x%llx to 0x%llx; a cell is %llu frame%s (%s)",
                 (ull)of.base, (ull)(of.base + of.frames * TW_PAGE_BYTES - 1), (ull)of.per_cell,
                 of.per_cell == 1 ? "" : "s", bytes);
  double y = at.y + TITLE_HEIGHT + 12;
  y += rows_draw(to, &of, (tw_point){at.x, y}, list, count) + 8;
  y += owners_draw(to, (tw_point){at.x, y}, width, list, count);
  free(list);
  return y - at.y;
}

double draw_shares(const drawing *to, tw_point at, double width) {
  const tw_state *state = &to->map->states[1];
  char text[2 * TW_WORDS_BYTES];
  if (!state->share_count) return 0;
  double y = at.y + TITLE_HEIGHT, left = at.x;
  for (size_t i = 0; i < state->share_count && i < SHARES_SAID; i++) {
    const size_t dots = state->shares[i].member_count < DOTS_MAX ? state->shares[i].member_count : DOTS_MAX;
    left = fmax(left, at.x + DOT_PITCH * (double)dots + 6);
  }
  tw_canvas_text(to->canvas, (tw_point){at.x, at.y + 11}, &TITLE, "Shared between processes%s",
                 to->map->pair ? ": after" : "");
  for (size_t i = 0; i < state->share_count && i < SHARES_SAID; i++, y += LINE_HEIGHT) {
    const tw_state_share *share = &state->shares[i];
    double x = at.x;
    for (size_t m = 0; m < share->member_count && m < DOTS_MAX; m++, x += DOT_PITCH) {
      const tw_box dot = {x, y + 1, x + 9, y + 10};
      const tw_paint paint = {draw_process_colour(share->members[m]), TW_NO_COLOUR, 0, false};
      tw_canvas_rect(to->canvas, &dot, &paint);
    }
    tw_words_share(state, share, text, sizeof text);
    tw_text_fit(&SHARE, at.x + width - left, text);
    tw_canvas_text(to->canvas, (tw_point){left, y + 9}, &SHARE, "%s", text);
  }
  if (state->share_count > SHARES_SAID) {
    tw_canvas_text(to->canvas, (tw_point){left, y + 9}, &SHARE, "and %zu more", state->share_count - SHARES_SAID);
    y += LINE_HEIGHT;
  }
  return y - at.y;
}
