/* Frames' stamps, hashed by page number: a frame that was only filled is a few words that say with what.
 * SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define PAGE_BITS 12u
#define PAGE_MASK ((UINT64_C(1) << PAGE_BITS) - 1)
#define NO_PAGE UINT64_MAX

/* What is in a frame: its words, if there are any; else those of a file's page; else zeroes. */
typedef struct content_page {
  uint64_t ppn;    /* NO_PAGE: no frame */
  uint64_t file;   /* 0: zeroes */
  uint64_t offset; /* of the page in the file */
  uint64_t *words; /* owned */
} content_page;

struct content {
  content_page *table; /* linear probing; a power of two */
  size_t size, used;
};

static uint64_t mix(uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

uint64_t content_file_key(const char *name) {
  uint64_t key = XXH64(name, strlen(name), 0);
  return key ? key : 1;
}

uint64_t content_file_word(uint64_t file, uint64_t offset) {
  return mix(file + (offset >> 3) * 0x9e3779b97f4a7c15u) | UINT64_C(1) << 63;
}

uint64_t content_digest(uint64_t digest, uint64_t word) {
  return mix(digest * 0x9e3779b97f4a7c15u + word + 1);
}

static bool table_open(content *store, size_t size) {
  store->table = malloc(size * sizeof *store->table);
  store->size = size;
  for (size_t i = 0; store->table && i < size; i++) store->table[i].ppn = NO_PAGE;
  return store->table != NULL;
}

content *content_open(void) {
  content *store = calloc(1, sizeof *store);
  if (store && table_open(store, 64)) return store;
  free(store);
  return NULL;
}

void content_close(content *store) {
  if (!store) return;
  for (size_t i = 0; i < store->size; i++) {
    if (store->table[i].ppn != NO_PAGE) free(store->table[i].words);
  }
  free(store->table);
  free(store);
}

static size_t table_home(const content *store, uint64_t ppn) {
  return (size_t)(ppn * 0x9e3779b97f4a7c15u >> 32) & (store->size - 1);
}

static content_page *table_place(const content *store, uint64_t ppn) {
  size_t at = table_home(store, ppn);
  while (store->table[at].ppn != NO_PAGE && store->table[at].ppn != ppn) at = (at + 1) & (store->size - 1);
  return &store->table[at];
}

static const content_page *page_find(const content *store, uint64_t ppn) {
  const content_page *page = table_place(store, ppn);
  return page->ppn == ppn ? page : NULL;
}

static bool table_grow(content *store) {
  content grown = {.used = store->used};
  if (!table_open(&grown, store->size * 2)) return false;
  for (size_t i = 0; i < store->size; i++) {
    const content_page *moved = &store->table[i];
    if (moved->ppn != NO_PAGE) *table_place(&grown, moved->ppn) = *moved;
  }
  free(store->table);
  *store = grown;
  return true;
}

static content_page *page_make(content *store, uint64_t ppn) {
  if (store->used * 2 >= store->size && !table_grow(store)) return NULL;
  content_page *page = table_place(store, ppn);
  if (page->ppn == ppn) return page;
  *page = (content_page){.ppn = ppn};
  store->used++;
  return page;
}

static bool page_fill(content *store, uint64_t ppn, uint64_t file, uint64_t offset) {
  content_page *page = page_make(store, ppn);
  if (!page) return false;
  free(page->words);
  *page = (content_page){.ppn = ppn, .file = file, .offset = offset};
  return true;
}

bool content_zero(content *store, uint64_t ppn) {
  return page_fill(store, ppn, 0, 0);
}

bool content_file(content *store, uint64_t ppn, uint64_t file, uint64_t offset) {
  return page_fill(store, ppn, file, offset);
}

static uint64_t page_word(const content_page *page, size_t n) {
  if (!page) return 0;
  if (page->words) return page->words[n];
  return page->file ? content_file_word(page->file, page->offset + n * 8) : 0;
}

static bool page_has_words(content_page *page) {
  if (page->words) return true;
  uint64_t *words = malloc(CONTENT_WORDS * sizeof *words);
  if (!words) return false;
  for (size_t n = 0; n < CONTENT_WORDS; n++) words[n] = page_word(page, n);
  page->words = words;
  return true;
}

bool content_put(content *store, uint64_t ppn, const uint64_t words[CONTENT_WORDS]) {
  content_page *page = page_make(store, ppn);
  if (!page || !page_has_words(page)) return false;
  memcpy(page->words, words, CONTENT_WORDS * sizeof *words);
  return true;
}

bool content_copy(content *store, uint64_t from_ppn, uint64_t to_ppn) {
  if (from_ppn == to_ppn) return true;
  const content_page *found = page_find(store, from_ppn);
  content_page from = found ? *found : (content_page){.ppn = from_ppn};
  return from.words ? content_put(store, to_ppn, from.words) : page_fill(store, to_ppn, from.file, from.offset);
}

bool content_stamp(content *store, uint64_t pa, uint8_t size, uint64_t stamp) {
  content_page *page = page_make(store, pa >> PAGE_BITS);
  if (!page || !page_has_words(page)) return false;
  uint64_t last = ((pa & PAGE_MASK) + size - 1) / 8;
  for (uint64_t n = (pa & PAGE_MASK) / 8; n <= last; n++) page->words[n] = stamp;
  return true;
}

void content_get(const content *store, uint64_t ppn, uint64_t words[CONTENT_WORDS]) {
  const content_page *page = page_find(store, ppn);
  for (size_t n = 0; n < CONTENT_WORDS; n++) words[n] = page_word(page, n);
}

/* Closes the gap behind it, so that a search may end at the first empty place. */
void content_drop(content *store, uint64_t ppn) {
  content_page *page = table_place(store, ppn);
  if (page->ppn != ppn) return;
  free(page->words);
  size_t mask = store->size - 1, gap = (size_t)(page - store->table);
  for (size_t at = (gap + 1) & mask; store->table[at].ppn != NO_PAGE; at = (at + 1) & mask) {
    size_t home = table_home(store, store->table[at].ppn);
    if (((at - home) & mask) < ((at - gap) & mask)) continue;
    store->table[gap] = store->table[at];
    gap = at;
  }
  store->table[gap].ppn = NO_PAGE;
  store->used--;
}

uint64_t content_load(const content *store, uint64_t pa, uint8_t size) {
  const content_page *page = page_find(store, pa >> PAGE_BITS);
  uint64_t digest = 0, last = ((pa & PAGE_MASK) + size - 1) / 8;
  for (uint64_t n = (pa & PAGE_MASK) / 8; n <= last; n++) digest = content_digest(digest, page_word(page, n));
  return digest;
}
