/* The pages that a program touches, by image: a hash table each, and a cache in front of all.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "builder.h"

static builder_page *page_find(builder_page *pages, size_t capacity, uint64_t page) {
  size_t at = (size_t)(page * 0x9e3779b97f4a7c15u >> 32) & (capacity - 1);
  while (pages[at].used && pages[at].page != page) at = (at + 1) & (capacity - 1);
  return &pages[at];
}

static bool image_grow(builder_image *image) {
  size_t capacity = image->page_capacity ? image->page_capacity * 2 : 64;
  builder_page *pages = calloc(capacity, sizeof *pages);
  if (!pages) return false;
  for (size_t i = 0; i < image->page_capacity; i++) {
    if (image->pages[i].used) *page_find(pages, capacity, image->pages[i].page) = image->pages[i];
  }
  free(image->pages);
  image->pages = pages;
  image->page_capacity = capacity;
  return true;
}

builder_page *builder_page_of(trace_builder *builder, uint64_t page) {
  builder_image *image = &builder->images[builder_running(builder)->image];
  if (image->page_count * 2 >= image->page_capacity && !image_grow(image)) return NULL;
  builder_page *found = page_find(image->pages, image->page_capacity, page);
  if (!found->used) {
    image->page_count++;
    builder->result.pages++;
  }
  found->used = true;
  found->page = page;
  return found;
}

bool builder_touch(trace_builder *builder, uint64_t page, uint8_t prot) {
  builder_process *process = builder_running(builder);
  size_t at = page & (BUILDER_CACHE - 1);
  if (builder->cache[at].page != page || builder->cache[at].generation != process->generation) {
    builder->cache[at].page = page;
    builder->cache[at].generation = process->generation;
    builder->cache[at].prot = 0;
  }
  if ((builder->cache[at].prot & prot) == prot) return true;
  bool mapped = tw_region_find(&process->mapped, page << TW_PAGE_BITS);
  builder->cache[at].prot = (uint8_t)(builder->cache[at].prot | (mapped ? 7u : prot));
  builder_page *found = builder_page_of(builder, page);
  if (found && !mapped) found->prot |= prot;
  return found;
}

void builder_map_changed(trace_builder *builder) {
  builder_running(builder)->generation = ++builder->generations;
}

bool builder_image_add(trace_builder *builder, unsigned *number) {
  if (builder->image_count == builder->image_capacity) {
    unsigned capacity = builder->image_capacity ? builder->image_capacity * 2 : 4;
    builder_image *images = realloc(builder->images, capacity * sizeof *images);
    if (!images) return false;
    builder->images = images;
    builder->image_capacity = capacity;
  }
  *number = builder->image_count++;
  builder->images[*number] = (builder_image){0};
  return true;
}
