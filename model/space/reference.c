/* The naive copy: a process is its ranges and the pages it has stored to; an object is the pages that were stored to
 * it. SPDX-License-Identifier: Apache-2.0 */
#include "reference.h"

#include <stdlib.h>
#include <string.h>

#include "content.h"
#include "reference_pages.h"

#define PAGE_BITS 12u
#define PAGE_MASK ((UINT64_C(1) << PAGE_BITS) - 1)

typedef struct process {
  uint32_t id;
  reference_range *ranges; /* owned; sorted, disjoint */
  size_t count, capacity;
  reference_pages own; /* of private ranges, those that were stored to */
} process;

struct reference {
  reference_pages objects; /* those that were stored to by whoever shares them */
  process *processes;      /* owned; sorted by id */
  size_t count, capacity;
};

reference *reference_open(void) {
  return calloc(1, sizeof(reference));
}

static void process_free(process *freed) {
  reference_pages_free(&freed->own);
  free(freed->ranges);
}

void reference_close(reference *all) {
  if (!all) return;
  for (size_t i = 0; i < all->count; i++) process_free(&all->processes[i]);
  free(all->processes);
  reference_pages_free(&all->objects);
  free(all);
}

/* Index of the process with this id, or of the first one with a greater id. */
static size_t process_above(const reference *all, uint32_t id) {
  size_t low = 0, high = all->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (all->processes[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static process *process_find(const reference *all, uint32_t id) {
  size_t at = process_above(all, id);
  return at < all->count && all->processes[at].id == id ? &all->processes[at] : NULL;
}

/* Makes room for one more element of an array. */
static bool array_reserve(void **array, size_t *capacity, size_t count, size_t element) {
  if (count < *capacity) return true;
  size_t grown = *capacity ? *capacity * 2 : 8;
  void *moved = reallocarray(*array, grown, element);
  if (!moved) return false;
  *array = moved;
  *capacity = grown;
  return true;
}

bool reference_begin(reference *all, uint32_t id) {
  size_t at = process_above(all, id);
  if (at < all->count && all->processes[at].id == id) return true;
  void *processes = all->processes;
  if (!array_reserve(&processes, &all->capacity, all->count, sizeof *all->processes)) return false;
  all->processes = processes;
  memmove(&all->processes[at + 1], &all->processes[at], (all->count - at) * sizeof *all->processes);
  all->processes[at] = (process){.id = id};
  all->count++;
  return true;
}

void reference_end(reference *all, uint32_t id) {
  process *ended = process_find(all, id);
  if (!ended) return;
  process_free(ended);
  size_t at = (size_t)(ended - all->processes);
  memmove(ended, ended + 1, (--all->count - at) * sizeof *ended);
}

void reference_forget(reference *all, uint64_t object) {
  reference_pages_drop(&all->objects, object, 0, UINT64_MAX);
}

bool reference_fork(reference *all, uint32_t parent_id, uint32_t child_id) {
  reference_end(all, child_id);
  if (!reference_begin(all, child_id)) return false;
  process *child = process_find(all, child_id);
  const process *parent = process_find(all, parent_id);
  if (!parent || !parent->count) return true;
  child->ranges = malloc(parent->count * sizeof *child->ranges);
  if (!child->ranges) return false;
  memcpy(child->ranges, parent->ranges, parent->count * sizeof *child->ranges);
  child->count = child->capacity = parent->count;
  return reference_pages_copy(&child->own, &parent->own);
}

/* Index of the first range that ends above an address. */
static size_t range_above(const process *of, uint64_t va) {
  size_t low = 0, high = of->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (of->ranges[middle].end <= va)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static const reference_range *range_find(const process *of, uint64_t va) {
  size_t at = range_above(of, va);
  return at < of->count && of->ranges[at].start <= va ? &of->ranges[at] : NULL;
}

/* The range may be one of the array that moves. */
static bool range_insert(process *into, size_t at, const reference_range *range) {
  reference_range inserted = *range;
  void *ranges = into->ranges;
  if (!array_reserve(&ranges, &into->capacity, into->count, sizeof *into->ranges)) return false;
  into->ranges = ranges;
  memmove(&into->ranges[at + 1], &into->ranges[at], (into->count - at) * sizeof inserted);
  into->ranges[at] = inserted;
  into->count++;
  return true;
}

static void range_begin_at(reference_range *range, uint64_t start) {
  range->offset += start - range->start;
  range->start = start;
}

/* Cuts [start, end) out of the ranges. */
static bool ranges_carve(process *of, uint64_t start, uint64_t end) {
  size_t at = range_above(of, start), kept;
  if (at == of->count) return true;
  if (of->ranges[at].start < start) {
    if (of->ranges[at].end > end && !range_insert(of, at, &of->ranges[at])) return false;
    if (of->ranges[at].end > end) range_begin_at(&of->ranges[at + 1], end);
    of->ranges[at++].end = start;
  }
  for (kept = at; kept < of->count && of->ranges[kept].end <= end;) kept++;
  if (kept < of->count && of->ranges[kept].start < end) range_begin_at(&of->ranges[kept], end);
  memmove(&of->ranges[at], &of->ranges[kept], (of->count - kept) * sizeof *of->ranges);
  of->count -= kept - at;
  return true;
}

bool reference_unmap(reference *all, uint32_t id, uint64_t start, uint64_t end) {
  process *of = process_find(all, id);
  if (!of || start >= end) return true;
  reference_pages_drop(&of->own, 0, start >> PAGE_BITS, end >> PAGE_BITS);
  return ranges_carve(of, start, end);
}

static bool range_continues(const reference_range *before, const reference_range *range) {
  return before->end == range->start && before->object == range->object && before->file == range->file &&
         before->shared == range->shared &&
         (!range->object || before->offset + (before->end - before->start) == range->offset);
}

bool reference_map(reference *all, uint32_t id, const reference_range *range) {
  process *of = process_find(all, id);
  if (!of || range->start >= range->end) return true;
  if (!reference_unmap(all, id, range->start, range->end)) return false;
  size_t at = range_above(of, range->start);
  if (!at || !range_continues(&of->ranges[at - 1], range)) return range_insert(of, at, range);
  of->ranges[at - 1].end = range->end;
  return true;
}

bool reference_drop(reference *all, uint32_t id, uint64_t start, uint64_t end) {
  process *of = process_find(all, id);
  if (of && start < end) reference_pages_drop(&of->own, 0, start >> PAGE_BITS, end >> PAGE_BITS);
  return true;
}

/* Where an address is in the object that its range maps. */
static uint64_t object_offset(const reference_range *range, uint64_t va) {
  return range->offset + (va - range->start);
}

static const uint64_t *object_page(const reference *all, const reference_range *range, uint64_t va) {
  if (!range->object) return NULL;
  return reference_pages_find(&all->objects, range->object, object_offset(range, va) >> PAGE_BITS);
}

/* What a program finds in the word at an address: what was stored there, else what the object holds, else zeroes. */
static uint64_t word_at(const reference *all, const process *of, const reference_range *range, uint64_t va) {
  bool shared = range->shared && range->object;
  const uint64_t *page = shared ? NULL : reference_pages_find(&of->own, 0, va >> PAGE_BITS);
  if (!page) page = object_page(all, range, va);
  if (page) return page[(va & PAGE_MASK) / 8];
  return range->object && range->file ? content_file_word(range->file, object_offset(range, va & ~UINT64_C(7))) : 0;
}

/* The page that a store to this address changes. NULL if memory is out. */
static uint64_t *page_stored_to(reference *all, process *of, const reference_range *range, uint64_t va) {
  bool shared = range->shared && range->object;
  reference_pages *pages = shared ? &all->objects : &of->own;
  uint64_t owner = shared ? range->object : 0, number = (shared ? object_offset(range, va) : va) >> PAGE_BITS;
  uint64_t *page = reference_pages_find(pages, owner, number);
  if (page) return page;
  uint64_t words[CONTENT_WORDS];
  for (uint64_t n = 0; n < CONTENT_WORDS; n++) words[n] = word_at(all, of, range, (va & ~PAGE_MASK) + n * 8);
  return reference_pages_add(pages, owner, number, words);
}

bool reference_store(reference *all, uint32_t id, uint64_t va, uint8_t size, uint64_t stamp) {
  process *of = process_find(all, id);
  const reference_range *range = of ? range_find(of, va) : NULL;
  if (!range) return true;
  uint64_t *page = page_stored_to(all, of, range, va);
  if (!page) return false;
  for (uint64_t n = (va & PAGE_MASK) / 8; n <= ((va & PAGE_MASK) + size - 1) / 8; n++) page[n] = stamp;
  return true;
}

bool reference_load(const reference *all, uint32_t id, uint64_t va, uint8_t size, uint64_t *digest) {
  const process *of = process_find(all, id);
  const reference_range *range = of ? range_find(of, va) : NULL;
  if (!range) return false;
  *digest = 0;
  for (uint64_t at = va & ~UINT64_C(7); at < va + size; at += 8)
    *digest = content_digest(*digest, word_at(all, of, range, at));
  return true;
}
