/* The map as a program found it: what its ELF files say, its stack, and what else it touched before anything mapped
 * it.
 *
 * The rules, in this order:
 * - Where the program's files are known, their segments are regions, at the addresses that the first fetch (the entry
 * of the loader) and Valgrind's habit (position-independent programs at 0x108000) say.
 * - A program's first store is to its stack. The stack ends behind the highest touched page within 256 KiB above it,
 * and has at first the 132 KiB that Linux gives it; below that it grows.
 * - Nothing of a program is below 64 KiB (Linux: mmap_min_addr): what is touched there is a null pointer's.
 * - Every other page becomes part of a run of pages side by side that need the same rights: fetched r-x, stored rw-,
 * else r--; and that lie side by side in memory, too, where their frames are known.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#define PAGE_DOWN(value) ((value) & ~(uint64_t)(TW_PAGE_BYTES - 1))
#define PAGE_UP(value) PAGE_DOWN((value) + TW_PAGE_BYTES - 1)
#define VALGRIND_PIE_BASE 0x108000u
#define STACK_GAP_PAGES 64u   /* a touched page this far above the first store still is the stack's */
#define STACK_FIRST_PAGES 33u /* what Linux maps of a stack before the program runs */
#define STACK_LIMIT_PAGES 2048u
#define LOWEST_PAGE 16u

static bool initial_add(initial_map *map, const tw_record_map *added) {
  if (added->length == 0) return true;
  if (map->count == map->capacity) {
    size_t capacity = map->capacity ? map->capacity * 2 : 32;
    tw_record_map *at = realloc(map->at, capacity * sizeof *at);
    if (!at) return false;
    map->at = at;
    map->capacity = capacity;
  }
  map->at[map->count++] = *added;
  return true;
}

static tw_region_use initial_use(uint8_t prot) {
  return prot & TW_PROT_EXECUTE ? TW_REGION_CODE : prot & TW_PROT_WRITE ? TW_REGION_DATA : TW_REGION_RODATA;
}

/* The segments of a file. Those of the loader are a file's like any library's; the program's own have their uses. */
static bool initial_add_elf(initial_map *map, const elf_file *elf, uint64_t base, bool own) {
  for (unsigned i = 0; i < elf->count; i++) {
    const elf_segment *segment = &elf->segments[i];
    uint64_t start = PAGE_DOWN(base + segment->start), file_end = PAGE_UP(base + segment->file_end);
    if (segment->file_end == segment->start) file_end = start;
    tw_record_map file = {.start = start,
                          .length = file_end - start,
                          .offset = PAGE_DOWN(segment->offset),
                          .prot = segment->prot,
                          .use = own ? initial_use(segment->prot) : TW_REGION_FILE,
                          .name = elf->path};
    tw_record_map zeros = {.start = file_end,
                           .length = PAGE_UP(base + segment->end) - file_end,
                           .prot = segment->prot,
                           .use = TW_REGION_BSS,
                           .name = elf->path};
    if (!initial_add(map, &file) || (base + segment->end > file_end && !initial_add(map, &zeros))) return false;
  }
  return true;
}

static const builder_page *initial_find(const builder_page *pages, size_t count, uint64_t page) {
  for (size_t i = 0; i < count; i++) {
    if (pages[i].page == page) return &pages[i];
  }
  return NULL;
}

static bool initial_fetched(const builder_page *pages, size_t count, uint64_t va) {
  const builder_page *found = initial_find(pages, count, va >> TW_PAGE_BITS);
  return found && found->prot & TW_PROT_EXECUTE;
}

/* A file counts only if the program fetched from where it must begin: the facts may be another file's. */
static bool initial_add_files(const trace_builder *builder, const builder_image *image, const builder_page *pages,
                              size_t count, initial_map *map) {
  const elf_file *program = &builder->program, *loader = &builder->interpreter;
  uint64_t base = program->relocatable ? VALGRIND_PIE_BASE : 0;
  if (image != builder->images) return true;
  if (program->count && !loader->count) base = image->first_fetch - program->entry;
  if (program->count && base % TW_PAGE_BYTES == 0 && initial_fetched(pages, count, base + program->entry) &&
      !initial_add_elf(map, program, base, true)) {
    return false;
  }
  base = image->first_fetch - loader->entry;
  return !loader->count || base % TW_PAGE_BYTES || initial_add_elf(map, loader, base, false);
}

/* The stack's region; length 0 if it is not known. */
static tw_record_map initial_stack(const trace_builder *builder, const builder_image *image, const builder_page *pages,
                                   size_t count) {
  uint64_t page = image->first_store >> TW_PAGE_BITS, top = page;
  tw_record_map stack = {.prot = TW_PROT_READ | TW_PROT_WRITE, .use = TW_REGION_STACK, .grows_down = true, .name = ""};
  if (!builder->from_start || !image->stored || page < LOWEST_PAGE || !initial_find(pages, count, page)) return stack;
  for (size_t i = 0; i < count; i++) {
    if (pages[i].page > top && pages[i].page - top <= STACK_GAP_PAGES) top = pages[i].page;
  }
  uint64_t length = top + 1 < STACK_FIRST_PAGES ? top + 1 : STACK_FIRST_PAGES;
  if (top - page >= length) length = top - page + 1;
  stack.start = (top + 1 - length) << TW_PAGE_BITS;
  stack.length = length << TW_PAGE_BITS;
  return stack;
}

/* Whether the map so far, the last region first, grants a page what it needs. */
static bool initial_granted(const initial_map *map, const builder_page *page) {
  for (size_t i = map->count; i-- > 0;) {
    if ((page->page << TW_PAGE_BITS) - map->at[i].start >= map->at[i].length) continue;
    return (page->prot & ~map->at[i].prot) == 0;
  }
  return false;
}

/* The region of one page. What lies in a frame that is known maps the object that stands for memory. */
static tw_record_map initial_page(const builder_page *page) {
  return (tw_record_map){.start = page->page << TW_PAGE_BITS,
                         .length = TW_PAGE_BYTES,
                         .offset = page->has_pa ? page->pa : 0,
                         .prot = page->prot,
                         .shared = page->has_pa,
                         .use = page->has_pa ? TW_REGION_MAPPED : initial_use(page->prot),
                         .name = page->has_pa ? BUILDER_MEMORY_NAME : ""};
}

static bool initial_joins(const tw_record_map *last, const tw_record_map *added) {
  return last->start + last->length == added->start && last->prot == added->prot && last->shared == added->shared &&
         (!last->shared || last->offset + last->length == added->offset);
}

static bool initial_add_runs(const trace_builder *builder, const builder_page *pages, size_t count,
                             const tw_record_map *stack, initial_map *map) {
  size_t known = map->count;
  uint64_t top = (stack->start + stack->length) >> TW_PAGE_BITS;
  for (size_t i = 0; i < count; i++) {
    const builder_page *page = &pages[i];
    bool executed = page->prot & TW_PROT_EXECUTE;
    if (page->page < LOWEST_PAGE && builder->from_start) continue;
    if (stack->length && page->page < top && top - page->page <= STACK_LIMIT_PAGES && !executed) continue;
    initial_map files = {map->at, known, 0};
    if (initial_granted(&files, page)) continue;
    tw_record_map *last = map->count > known ? &map->at[map->count - 1] : NULL;
    tw_record_map run = initial_page(page);
    if (last && initial_joins(last, &run)) {
      last->length += TW_PAGE_BYTES;
    } else if (!initial_add(map, &run)) {
      return false;
    }
  }
  return true;
}

/* By address, and what corrects another region behind it: insertion keeps the order of equals. */
static void initial_sort(initial_map *map) {
  for (size_t i = 1; i < map->count; i++) {
    tw_record_map moving = map->at[i];
    size_t at = i;
    for (; at > 0 && map->at[at - 1].start > moving.start; at--) map->at[at] = map->at[at - 1];
    map->at[at] = moving;
  }
}

static int initial_compare(const void *left, const void *right) {
  uint64_t a = ((const builder_page *)left)->page, b = ((const builder_page *)right)->page;
  return (a > b) - (a < b);
}

bool initial_map_make(const trace_builder *builder, unsigned number, initial_map *map) {
  const builder_image *image = &builder->images[number];
  builder_page *pages = malloc((image->page_count + 1) * sizeof *pages);
  size_t count = 0;
  if (!pages) return false;
  for (size_t i = 0; i < image->page_capacity; i++) {
    if (image->pages[i].used && image->pages[i].prot) pages[count++] = image->pages[i];
  }
  qsort(pages, count, sizeof *pages, initial_compare);
  tw_record_map stack = initial_stack(builder, image, pages, count);
  bool made = initial_add_files(builder, image, pages, count, map) &&
              initial_add_runs(builder, pages, count, &stack, map) && initial_add(map, &stack);
  if (made) initial_sort(map);
  free(pages);
  return made;
}
