/* Puts states into words.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FRAMES_SAID 3u /* a region's frames are named if they are no more */

typedef unsigned long long ull;

/* Appends to a text of limited size. */
__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...) {
  const size_t length = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + length, size - length, format, arguments);
  va_end(arguments);
}

void tw_words_size(uint64_t bytes, char *text, size_t size) {
  static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  unsigned unit = 0;
  while (unit < 6 && bytes >> (10 * (unit + 1))) unit++;
  const uint64_t whole = bytes >> (10 * unit);
  const uint64_t rest = unit ? (bytes - (whole << (10 * unit))) >> (10 * (unit - 1)) : 0;
  const uint64_t tenths = rest * 10 / 1024;
  if (tenths) {
    snprintf(text, size, "%llu.%llu %s", (ull)whole, (ull)tenths, units[unit]);
  } else {
    snprintf(text, size, "%llu %s", (ull)whole, units[unit]);
  }
}

unsigned tw_map_part(const char *name, size_t length) {
  static const char *const names[] = {"regions", "tables", "shared", "frames", "heap"};
  for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0) return 1u << i;
  return 0;
}

void tw_words_prot(uint8_t prot, char text[4]) {
  text[0] = prot & TW_PROT_READ ? 'r' : '-';
  text[1] = prot & TW_PROT_WRITE ? 'w' : '-';
  text[2] = prot & TW_PROT_EXECUTE ? 'x' : '-';
  text[3] = '\0';
}

void tw_words_count(uint64_t count, const char *what, char *text, size_t size) {
  snprintf(text, size, "%llu %s%s", (ull)count, what, count == 1 ? "" : "s");
}

const char *tw_words_base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

void tw_words_part(const tw_row_part *part, char *text, size_t size) {
  char bytes[32], prot[4];
  tw_words_size(part->bytes, bytes, sizeof bytes);
  tw_words_prot(part->prot, prot);
  if (part->mixed) {
    snprintf(text, size, "%zu regions, %s", part->regions, bytes);
    return;
  }
  snprintf(text, size, "%s %s%s, %s", tw_region_use_name(part->use), prot, part->shared ? " shared" : "", bytes);
  if (part->regions > 1) append(text, size, ", %zu regions", part->regions);
  if (part->name[0]) append(text, size, ", %s", tw_words_base(part->name));
}

/* Names the frames of a region that has few. */
static void frames_append(const tw_row_part *part, const tw_state_process *process, char *text, size_t size) {
  const char *before = part->pages[TW_PAGE_RESIDENT] + part->pages[TW_PAGE_SHARED] + part->pages[TW_PAGE_BARRED] == 1
                           ? ", frame "
                           : ", frames ";
  for (size_t i = tw_state_page_above(process, part->start);
       i < process->page_count && process->pages[i].va < part->end; i++) {
    if (!process->pages[i].resident) continue;
    append(text, size, "%s0x%llx", before, (ull)process->pages[i].pa);
    before = ", ";
  }
}

void tw_words_pages(const tw_row_part *part, const tw_state_process *process, char *text, size_t size) {
  uint64_t all = 0, framed = part->pages[TW_PAGE_RESIDENT] + part->pages[TW_PAGE_SHARED];
  for (unsigned state = 0; state < TW_PAGE_STATE_COUNT; state++) all += part->pages[state];
  snprintf(text, size, "%llu of %llu resident", (ull)framed, (ull)all);
  if (part->pages[TW_PAGE_SHARED]) append(text, size, " (%llu shared)", (ull)part->pages[TW_PAGE_SHARED]);
  if (part->pages[TW_PAGE_SWAPPED]) append(text, size, ", %llu swapped", (ull)part->pages[TW_PAGE_SWAPPED]);
  if (part->pages[TW_PAGE_BARRED]) append(text, size, ", %llu barred", (ull)part->pages[TW_PAGE_BARRED]);
  if (part->large) append(text, size, ", %llu in large pages", (ull)part->large);
  framed += part->pages[TW_PAGE_BARRED];
  if (framed && framed <= FRAMES_SAID) frames_append(part, process, text, size);
}

void tw_words_process(const tw_state_process *process, char *text, size_t size) {
  char bytes[32];
  uint64_t own = 0;
  for (size_t i = 0; i < process->table_count; i++) own += !process->tables[i].shared;
  tw_words_size(own * TW_PAGE_BYTES, bytes, sizeof bytes);
  snprintf(text, size, "ASID %u, root 0x%llx: ", process->asid, (ull)process->root_pa);
  append(text, size, "%llu page%s resident, %llu swapped, tables %s", (ull)process->resident,
         process->resident == 1 ? "" : "s", (ull)process->swapped, bytes);
}

void tw_words_machine(const tw_map *map, char *text, size_t size) {
  const tw_space_options *machine = &map->machine;
  char bytes[32];
  tw_words_size(machine->frame_count * TW_PAGE_BYTES, bytes, sizeof bytes);
  snprintf(text, size, "%s, layout %s; %llu frames (%s) from 0x%llx", tw_mode_row(map->mode)->name,
           machine->layout.name, (ull)machine->frame_count, bytes, (ull)machine->frame_base);
  if (machine->swap_pages) append(text, size, "; swap device of %llu pages", (ull)machine->swap_pages);
}

void tw_words_moment(const tw_map *map, char *text, size_t size) {
  if (map->until) {
    snprintf(text, size, "behind record %llu", (ull)map->records - 1);
  } else {
    snprintf(text, size, "behind %llu records, %s", (ull)map->records,
             map->ended ? "before the last processes ended" : "at the end");
  }
}

unsigned tw_level_sums(const tw_state_process *process, tw_level_sum sums[TW_MAX_LEVELS]) {
  unsigned levels = 0;
  memset(sums, 0, TW_MAX_LEVELS * sizeof *sums);
  for (size_t i = 0; i < process->table_count; i++) {
    const tw_space_table *table = &process->tables[i];
    tw_level_sum *sum = &sums[table->level];
    sum->tables += !table->shared;
    sum->kernel += table->shared;
    if (!table->shared) sum->pointers += table->pointers;
    if (!table->shared) sum->leaves += table->leaves;
    if (table->level + 1u > levels) levels = table->level + 1u;
  }
  return levels;
}
