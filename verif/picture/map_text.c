/* A map as text for a terminal.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "words.h"

#define BAR_CELLS 18u    /* inside the drawing of a region */
#define STRIP_CELLS 32u  /* of pages */
#define LINES_IN_ALL 24u /* that the regions of a process take together, about */
#define LINES_MAX 6u     /* of one region */
#define CHANGES_SAID 24u
#define EVENTS_SAID 24u

typedef unsigned long long ull;

/* A terminal. */
typedef struct page {
  FILE *stream;
  const tw_map *map;
  bool colours;
} page;

static const char LETTERS[TW_PAGE_STATE_COUNT + 1] = ".#=sx";
static const char *const COLOURS[TW_PAGE_STATE_COUNT] = {"\033[2m", "\033[32m", "\033[34m", "\033[33m", "\033[35m"};

static void strip_print(const page *to, const tw_state_process *process, const tw_state_process *other,
                        const tw_row_part *part) {
  tw_cell cells[STRIP_CELLS];
  const size_t count = tw_strip_cells(part->start, part->end, STRIP_CELLS);
  tw_strip_make(process, other, part->start, part->end, cells, count);
  fputs("[", to->stream);
  for (size_t i = 0; i < count; i++) {
    const tw_page_state state = tw_cell_state(&cells[i]);
    if (to->colours) fputs(COLOURS[state], to->stream);
    fputc(LETTERS[state], to->stream);
    if (to->colours) fputs("\033[0m", to->stream);
  }
  fputs("]", to->stream);
}

/* A line with marks under the cells that changed, if any did. */
static void strip_marks_print(const page *to, const tw_state_process *process, const tw_state_process *other,
                              const tw_row_part *part) {
  tw_cell cells[STRIP_CELLS];
  const size_t count = tw_strip_cells(part->start, part->end, STRIP_CELLS);
  bool any = false;
  tw_strip_make(process, other, part->start, part->end, cells, count);
  for (size_t i = 0; i < count; i++) any |= cells[i].changed;
  if (!any) return;
  fprintf(to->stream, "  %18s | %-*s|   ", "", (int)BAR_CELLS - 1, "");
  for (size_t i = 0; i < count; i++) fputc(cells[i].changed ? '^' : ' ', to->stream);
  fputs(" changed\n", to->stream);
}

static void border_print(const page *to, uint64_t va) {
  fprintf(to->stream, "  %#18llx +%.*s+\n", (ull)va, (int)BAR_CELLS, "--------------------------------");
}

static void gap_print(const page *to, const tw_map_row *row) {
  char bytes[32];
  tw_words_size(row->end - row->start, bytes, sizeof bytes);
  fprintf(to->stream, "  %18s :%*s:  nothing, %s; folded\n", "", (int)BAR_CELLS, "", bytes);
}

static void kernel_print(const page *to) {
  const tw_layout *layout = &to->map->machine.layout;
  fprintf(to->stream, "  %#18llx | kernel: code     | in every process; global, not the user's\n",
          (ull)layout->text_va);
  fprintf(to->stream, "  %#18llx | kernel: frames   | the direct map\n", (ull)layout->direct_va);
}

static bool mark_lies_in(const tw_map *map, const tw_map_mark *mark, const tw_row_part *part) {
  const uint64_t va = tw_map_mark_va(map, mark);
  return va >= part->start && va < part->end;
}

/* Lines of a region, by its part of all regions: so the drawing is to scale as far as lines can be. */
static unsigned lines_of(const tw_row_part *part, uint64_t bytes) {
  const double lines = (double)(part->end - part->start) * LINES_IN_ALL / (double)(bytes ? bytes : 1);
  return lines < 2 ? 2 : lines > LINES_MAX ? LINES_MAX : (unsigned)lines;
}

static void region_print(const page *to, const tw_map_row *row, unsigned which, const tw_state_process *process,
                         const tw_state_process *other, uint64_t bytes) {
  const tw_row_part *part = &row->parts[which];
  char what[TW_WORDS_BYTES], pages[TW_WORDS_BYTES];
  tw_words_part(part, what, sizeof what);
  tw_words_pages(part, process, pages, sizeof pages);
  border_print(to, part->end - 1);
  const unsigned lines = lines_of(part, bytes);
  for (unsigned line = 0; line < lines; line++) {
    const char *use = part->mixed ? "regions" : tw_region_use_name(part->use);
    fprintf(to->stream, "  %18s | %-*s|", "", (int)BAR_CELLS - 1, line ? "" : use);
    if (line == 0) fprintf(to->stream, "  %s%s%s", what, row->mark ? "  <- " : "", tw_row_mark_name(row->mark));
    if (line == 1) {
      fputs("  ", to->stream);
      strip_print(to, process, other, part);
      fprintf(to->stream, " %s", pages);
    }
    fputc('\n', to->stream);
    if (line == 1) strip_marks_print(to, process, other, part);
  }
  for (size_t i = 0; i < to->map->mark_count; i++) {
    const tw_map_mark *mark = &to->map->marks[i];
    if (!mark_lies_in(to->map, mark, part)) continue;
    fprintf(to->stream, "  %#18llx <%.*s<  %s\n", (ull)tw_map_mark_va(to->map, mark), (int)BAR_CELLS,
            "- - - - - - - - - - - - - - - - ", mark->name);
  }
}

/* The lower border of a region, unless another follows at once. */
static void bottom_print(const page *to, const tw_map_rows *rows, size_t i, unsigned which) {
  const tw_row_part *part = &rows->at[i].parts[which];
  for (size_t next = i + 1; next < rows->count; next++) {
    if (rows->at[next].kind != TW_ROW_REGION) break;
    if (!rows->at[next].parts[which].there) continue;
    if (rows->at[next].parts[which].end == part->start) return;
    break;
  }
  border_print(to, part->start);
}

static void rows_print(const page *to, const tw_map_rows *rows, unsigned which, const tw_state_process *process,
                       const tw_state_process *other) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < rows->count; i++)
    if (rows->at[i].parts[which].there) bytes += rows->at[i].parts[which].end - rows->at[i].parts[which].start;
  for (size_t i = 0; i < rows->count; i++) {
    const tw_map_row *row = &rows->at[i];
    if (row->kind == TW_ROW_KERNEL) kernel_print(to);
    if (row->kind == TW_ROW_GAP) gap_print(to, row);
    if (row->kind != TW_ROW_REGION || !row->parts[which].there) continue;
    region_print(to, row, which, process, other, bytes);
    bottom_print(to, rows, i, which);
  }
}

static void tables_print(const page *to, const tw_state_process *process) {
  tw_level_sum sums[TW_MAX_LEVELS];
  char bytes[32], tables[32], pointers[32], leaves[32];
  for (unsigned level = tw_level_sums(process, sums); level-- > 0;) {
    tw_words_size(sums[level].tables * TW_PAGE_BYTES, bytes, sizeof bytes);
    tw_words_count(sums[level].tables, "table", tables, sizeof tables);
    tw_words_count(sums[level].pointers, "pointer", pointers, sizeof pointers);
    tw_words_count(sums[level].leaves, "page", leaves, sizeof leaves);
    fprintf(to->stream, "  level %u: %s, %s; %s, %s", level, tables, bytes, pointers, leaves);
    if (sums[level].kernel) fprintf(to->stream, "; %llu more of the kernel", (ull)sums[level].kernel);
    fputc('\n', to->stream);
  }
}

static void heap_print(const page *to, const tw_state_process *process) {
  char used[32], holes[32], largest[32];
  const tw_heap_sample *heap = &process->heap;
  if (!heap->heap) return;
  tw_words_size(heap->used, used, sizeof used);
  tw_words_size(heap->holes, holes, sizeof holes);
  tw_words_size(heap->largest_hole, largest, sizeof largest);
  fprintf(to->stream, "  heap: %llu blocks of %s; %s free, the largest run %s: fragmentation %.2f\n", (ull)heap->blocks,
          used, holes, largest, tw_heap_fragmentation(heap));
}

static void process_print(const page *to, const tw_map_rows *rows, unsigned which, size_t n) {
  const tw_state_process *process = tw_map_process(to->map, which, n);
  const tw_state_process *other = to->map->pair ? tw_map_process(to->map, !which, n) : NULL;
  char label[TW_WORDS_BYTES], words[TW_WORDS_BYTES];
  if (!process) return;
  tw_state_process_label(process, label, sizeof label);
  tw_words_process(process, words, sizeof words);
  const char *when = !to->map->pair ? "" : which ? ", after" : ", before";
  fprintf(to->stream, "\n%s%s%s\n  %s\n", label, when, process->running ? " (running)" : "", words);
  const unsigned parts = to->map->parts;
  if (parts & TW_MAP_REGIONS) rows_print(to, rows, which, process, other);
  if (parts & TW_MAP_TABLES) tables_print(to, process);
  if (parts & TW_MAP_HEAP) heap_print(to, process);
}

static bool processes_print(const page *to, tw_error *error) {
  for (size_t n = 0; n < to->map->states[1].process_count; n++) {
    if (!tw_map_draws(to->map, n)) continue;
    tw_map_rows rows;
    const tw_rows_request request = {tw_map_process(to->map, 0, n), tw_map_process(to->map, 1, n), to->map->pair,
                                     &to->map->machine.layout};
    if (!tw_map_rows_make(&rows, &request)) return tw_error_set(error, "memory is out");
    if (to->map->pair) process_print(to, &rows, 0, n);
    process_print(to, &rows, 1, n);
    tw_map_rows_free(&rows);
  }
  return true;
}

static void events_print(const page *to) {
  char text[TW_WORDS_BYTES];
  const size_t count = to->map->event_count;
  for (size_t i = 0; i < count && i < EVENTS_SAID; i++) {
    tw_words_event(&to->map->events[i], text, sizeof text);
    fprintf(to->stream, "  %s\n", text);
  }
  if (count > EVENTS_SAID) fprintf(to->stream, "  ... and %zu more\n", count - EVENTS_SAID);
}

static void changes_print(const page *to) {
  char text[TW_WORDS_BYTES];
  size_t said = 0;
  for (size_t n = 0; n < to->map->states[1].process_count; n++) {
    if (!tw_map_shows(to->map, n)) continue;
    uint64_t va = 0;
    tw_page_change change;
    while (
        tw_page_change_next(tw_map_process(to->map, 0, n), tw_map_process(to->map, 1, n), &va, UINT64_MAX, &change)) {
      if (said++ >= CHANGES_SAID) continue;
      tw_words_change(&change, text, sizeof text);
      fprintf(to->stream, "  process %u, %s\n", to->map->states[1].processes[n].id >> 16, text);
    }
  }
  if (said > CHANGES_SAID) fprintf(to->stream, "  ... and %zu more\n", said - CHANGES_SAID);
  if (!said) fputs("  no page\n", to->stream);
}

static void shares_print(const page *to) {
  const tw_state *state = &to->map->states[1];
  char text[TW_WORDS_BYTES];
  if (state->share_count) fputs("\nshared between processes:\n", to->stream);
  for (size_t i = 0; i < state->share_count; i++) {
    tw_words_share(state, &state->shares[i], text, sizeof text);
    fprintf(to->stream, "  %s\n", text);
  }
}

/* Marks that lie nowhere, so that none is lost. */
static void lost_print(const page *to) {
  bool any = false;
  for (size_t i = 0; i < to->map->mark_count; i++) {
    const tw_map_mark *mark = &to->map->marks[i];
    if (tw_map_mark_lies(to->map, mark)) continue;
    fprintf(to->stream, "%s  %#18llx  %s\n", any ? "" : "\nin no region:\n", (ull)tw_map_mark_va(to->map, mark),
            mark->name);
    any = true;
  }
}

bool tw_map_print(const tw_map *map, bool colours, FILE *stream, tw_error *error) {
  const page to = {stream, map, colours};
  char text[TW_WORDS_BYTES];
  tw_words_machine(map, text, sizeof text);
  fprintf(stream, "%s\n%s\n", map->title, text);
  if (map->pair) {
    fprintf(stream, "before and after record %llu: %s\n\nwhat it brought about:\n", (ull)map->record, map->record_text);
    events_print(&to);
    fputs("what changed:\n", stream);
    changes_print(&to);
  } else {
    tw_words_moment(map, text, sizeof text);
    fprintf(stream, "%s\n", text);
  }
  if (!processes_print(&to, error)) return false;
  lost_print(&to);
  if (map->parts & TW_MAP_SHARED) shares_print(&to);
  if (map->parts & TW_MAP_REGIONS)
    fputs("\npages: # resident, = shared, s on the swap device, x without rights, . untouched\n", stream);
  return !ferror(stream) || tw_error_set(error, "the map cannot be written: %s", strerror(errno));
}
