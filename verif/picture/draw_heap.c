/* Draws the blocks of a heap to scale, and how it broke up over time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "draw.h"
#include "plot.h"

#define TITLE_HEIGHT 20.0
#define NOTE_HEIGHT 16.0
#define ADDRESS_WIDTH 112.0
#define ROW_HEIGHT 13.0
#define ROW_PITCH 17.0
#define ROW_BYTES 16384u /* of a heap that is small enough for that */
#define ROWS_MAX 10u
#define PLOT_HEIGHT 168.0
#define USED 0xe0852cu
#define HOLE 0xfdf3e7u

static const tw_type TITLE = {11.5, TW_INK, TW_ANCHOR_START, false, true, false};
static const tw_type NOTE = {9.5, TW_INK_SOFT, TW_ANCHOR_START, false, false, false};
static const tw_type ADDRESS = {9, TW_INK_SOFT, TW_ANCHOR_START, true, false, false};

typedef unsigned long long ull;

/* A line of the heap: these bytes, at this place. */
typedef struct line {
  uint64_t start, end;
  tw_box box;
} line;

static void run_draw(const drawing *to, const line *on, uint64_t start, uint64_t end) {
  static const tw_paint paint = {USED, TW_NO_COLOUR, 0, false};
  const double per_byte = (on->box.right - on->box.left) / (double)(on->end - on->start);
  if (start < on->start) start = on->start;
  if (end > on->end) end = on->end;
  const tw_box box = {on->box.left + per_byte * (double)(start - on->start), on->box.top + 1,
                      on->box.left + per_byte * (double)(end - on->start), on->box.bottom - 1};
  tw_canvas_rect(to->canvas, &box, &paint);
}

/* The blocks of a line; those between which less than half a pixel is free are drawn as one. */
static void blocks_draw(const drawing *to, const line *on, const tw_state_process *process) {
  const uint64_t close = (uint64_t)((double)(on->end - on->start) / (on->box.right - on->box.left) / 2);
  uint64_t start = 0, end = 0;
  for (size_t i = 0; i < process->block_count; i++) {
    const tw_block *block = &process->blocks[i];
    if (block->va >= on->end || block->va + block->size <= on->start) continue;
    if (end && block->va <= end + close) {
      end = block->va + block->size;
      continue;
    }
    if (end) run_draw(to, on, start, end);
    start = block->va;
    end = block->va + block->size;
  }
  if (end) run_draw(to, on, start, end);
}

static double lines_draw(const drawing *to, tw_point at, double width, const tw_state_process *process,
                         const tw_region *heap) {
  static const tw_paint hole = {HOLE, 0xc9b79f, 0.6, false};
  const uint64_t bytes = heap->end - heap->start;
  uint64_t each = ROW_BYTES;
  while (each * ROWS_MAX < bytes) each *= 2;
  double y = at.y;
  for (uint64_t start = heap->start; start < heap->end; start += each, y += ROW_PITCH) {
    const uint64_t end = heap->end - start < each ? heap->end : start + each;
    const double part = (width - ADDRESS_WIDTH) * (double)(end - start) / (double)each;
    const line on = {start, end, {at.x + ADDRESS_WIDTH, y, at.x + ADDRESS_WIDTH + part, y + ROW_HEIGHT}};
    tw_canvas_text(to->canvas, (tw_point){at.x, y + 10}, &ADDRESS, "0x%llx", (ull)start);
    tw_canvas_rect(to->canvas, &on.box, &hole);
    blocks_draw(to, &on, process);
  }
  return y - at.y;
}

/* Two plots beside each other: bytes, and how broken up the free ones are. */
static double samples_draw(const drawing *to, tw_point at, double width, const tw_blocks *blocks) {
  const size_t count = blocks->sample_count;
  double *x = calloc(5 * count + 1, sizeof *x);
  to->canvas->failed |= !x;
  if (!x) return 0;
  double *used = x + count, *holes = used + count, *broken = holes + count;
  for (size_t i = 0; i < count; i++) {
    const tw_heap_sample *sample = &blocks->samples[i];
    x[i] = (double)sample->record;
    used[i] = (double)sample->used / 1024;
    holes[i] = (double)sample->holes / 1024;
    broken[i] = tw_heap_fragmentation(sample);
  }
  const double low = x[0], high = count > 1 ? x[count - 1] : x[0] + 1, half = (width - 24) / 2;
  const tw_series bytes[] = {{"in blocks", USED, x, used, count}, {"free", 0xf3d9b8, x, holes, count}};
  const tw_series shares[] = {{"", 0x8560a8, x, broken, count}};
  const tw_plot left = {
      "The heap's bytes over time", {"program record", low, high, false}, {"KiB", 0, 0, false}, bytes, 2, true};
  const tw_plot right = {"Fragmentation over time",
                         {"program record", low, high, false},
                         {"1 - longest free run / all free bytes", 0, 1, false},
                         shares,
                         1,
                         false};
  const tw_box boxes[] = {{at.x, at.y, at.x + half, at.y + PLOT_HEIGHT},
                          {at.x + half + 24, at.y, at.x + width, at.y + PLOT_HEIGHT}};
  tw_plot_draw(to->canvas, &boxes[0], &left);
  tw_plot_draw(to->canvas, &boxes[1], &right);
  free(x);
  return PLOT_HEIGHT;
}

static const tw_region *heap_of(const tw_state_process *process) {
  for (size_t i = 0; i < process->region_count; i++)
    if (process->regions[i].region.use == TW_REGION_HEAP) return &process->regions[i].region;
  return NULL;
}

double draw_heap(const drawing *to, tw_point at, double width, size_t n) {
  const tw_state_process *process = tw_map_process(to->map, 1, n);
  const tw_blocks *blocks = process ? tw_allocator_find(&to->map->allocator, process->id) : NULL;
  const tw_region *heap = process ? heap_of(process) : NULL;
  char label[TW_WORDS_BYTES], used[32], holes[32], largest[32], elsewhere[32];
  if (!blocks || !heap || !process->heap.heap) return 0;
  const tw_heap_sample *now = &process->heap;
  tw_state_process_label(process, label, sizeof label);
  tw_words_size(now->used, used, sizeof used);
  tw_words_size(now->holes, holes, sizeof holes);
  tw_words_size(now->largest_hole, largest, sizeof largest);
  tw_words_size(now->elsewhere, elsewhere, sizeof elsewhere);
  tw_canvas_text(to->canvas, (tw_point){at.x, at.y + 11}, &TITLE, "Heap of %s", label);
  tw_canvas_text(to->canvas, (tw_point){at.x, at.y + 26}, &NOTE,
                 "%llu blocks, %s (filled); free %s, the longest run %s; mapped by themselves %s", (ull)now->blocks,
                 used, holes, largest, elsewhere);
  double y = at.y + TITLE_HEIGHT + NOTE_HEIGHT;
  y += lines_draw(to, (tw_point){at.x, y}, width, process, heap) + 12;
  if (blocks->sample_count) y += samples_draw(to, (tw_point){at.x, y}, width, blocks);
  return y - at.y;
}
