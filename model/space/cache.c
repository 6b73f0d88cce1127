/* The page cache: each page of a file, or of shared memory, has at most one frame, whoever maps it (S8).
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_INDEX_BITS 40u
#define CACHE_OBJECTS_MAX ((size_t)1 << 23)

static uint64_t cache_key(uint32_t object, uint64_t index) {
  return (uint64_t)object << CACHE_INDEX_BITS | index;
}

/* Memory that begins with zeroes has no object unless it is shared; what a program calls its stack or its heap is no
 * file's name. */
static bool cache_is_object(const tw_record_map *map) {
  switch (map->use) {
  case TW_REGION_CODE:
  case TW_REGION_RODATA:
  case TW_REGION_DATA:
  case TW_REGION_FILE:
    return map->shared || (map->name && *map->name);
  default:
    return map->shared;
  }
}

static space_object *cache_find(tw_space *space, const char *name) {
  for (size_t i = 0; i < space->object_count; i++) {
    space_object *object = &space->objects[i];
    if (object->used && object->name && strcmp(object->name, name) == 0) return object;
  }
  return NULL;
}

static space_object *cache_unused(tw_space *space) {
  for (size_t i = 0; i < space->object_count; i++) {
    if (!space->objects[i].used) return &space->objects[i];
  }
  if (space->object_count == space->object_capacity) {
    size_t capacity = space->object_capacity ? space->object_capacity * 2 : 16;
    space_object *objects = capacity > CACHE_OBJECTS_MAX ? NULL : realloc(space->objects, capacity * sizeof *objects);
    if (!objects) return NULL;
    space->objects = objects;
    space->object_capacity = capacity;
  }
  return &space->objects[space->object_count++];
}

/* A file's pages have content from the beginning; those of shared memory that has a name begin with zeroes. */
static space_object *cache_make(tw_space *space, const tw_record_map *map, tw_error *error) {
  const char *name = map->name ? map->name : "";
  space_object *made = cache_unused(space);
  if (!made) {
    tw_error_set(error, "out of memory for files and shared memory");
    return NULL;
  }
  *made = (space_object){.used = true};
  if (!*name) {
    space->unnamed_count++;
    made->key = ++space->unnamed_made;
    return made;
  }
  made->name = strdup(name);
  if (!made->name) {
    made->used = false;
    tw_error_set(error, "out of memory for the name of a file");
    return NULL;
  }
  made->key = content_file_key(name);
  made->file = map->use == TW_REGION_MAPPED ? 0 : made->key;
  return made;
}

bool space_cache_object(tw_space *space, const tw_record_map *map, uint32_t *object, tw_error *error) {
  const char *name = map->name ? map->name : "";
  *object = 0;
  if (!cache_is_object(map)) return true;
  if ((map->offset + map->length) >> TW_PAGE_BITS >> CACHE_INDEX_BITS || map->offset % TW_PAGE_BYTES) {
    return tw_error_set(error, "offset 0x%" PRIx64 ": expected a multiple of 4096, and at most 2^%u", map->offset,
                        CACHE_INDEX_BITS + TW_PAGE_BITS);
  }
  space_object *found = *name ? cache_find(space, name) : NULL;
  if (!found) found = cache_make(space, map, error);
  if (found) *object = (uint32_t)(found - space->objects) + 1;
  return found;
}

static bool cache_fill(tw_space *space, const frame *made, bool *disk, tw_error *error) {
  uint64_t words[SWAP_WORDS], file = space_object_of(space, made->object)->file;
  bool done = true;
  *disk = file || made->slot != FRAME_NO_SLOT;
  if (made->slot != FRAME_NO_SLOT) {
    if (!swap_read(space->swap, made->slot, words, error)) return false;
    space->counts.swapped_in++;
    if (space->content) done = content_put(space->content, made->ppn, words);
  } else if (file) {
    space->counts.file_reads++;
    if (space->content) done = content_file(space->content, made->ppn, file, made->index << TW_PAGE_BITS);
  }
  return done || tw_error_set(error, "out of memory for the frames' content");
}

frame *space_cache_bring(tw_space *space, space_process *process, const tw_region *region, uint64_t va, bool *disk,
                         tw_error *error) {
  uint64_t index = (region->offset + (va - region->start)) >> TW_PAGE_BITS;
  uint64_t key = cache_key(region->object, index);
  const map_cell *known = map_find(&space->cache, key);
  *disk = false;
  if (known && !(known->value & 1)) return frame_find(space->frames, known->value >> 1);
  frame *made = space_page_new(space, process, va, FRAME_FILE, error);
  if (!made) return NULL;
  known = map_find(&space->cache, key);
  made->object = region->object;
  made->index = index;
  made->slot = known ? known->value >> 1 : FRAME_NO_SLOT;
  space->objects[region->object - 1].pages += !known;
  if (!map_put(&space->cache, key, made->ppn << 1)) {
    tw_error_set(error, "out of memory for the page cache");
    return NULL;
  }
  if (!cache_fill(space, made, disk, error)) return NULL;
  if (made->slot != FRAME_NO_SLOT)
    space_watch_event(space, TW_SPACE_SWAP_IN, process ? process->id : SPACE_NO_ID, va, made->ppn << TW_PAGE_BITS);
  return made;
}

bool space_cache_leave(tw_space *space, const frame *leaving, uint64_t slot, tw_error *error) {
  uint64_t key = cache_key(leaving->object, leaving->index);
  if (slot != FRAME_NO_SLOT) {
    return map_put(&space->cache, key, slot << 1 | 1) || tw_error_set(error, "out of memory for the page cache");
  }
  map_remove(&space->cache, key);
  space->objects[leaving->object - 1].pages--;
  return true;
}

static void cache_mark(tw_space *space) {
  for (size_t i = 0; i < space->object_count; i++) space->objects[i].mapped = false;
  for (size_t i = 0; i < space->process_count; i++) {
    const tw_region_list *regions = &space->processes[i]->regions;
    for (size_t n = 0; n < regions->count; n++) {
      if (regions->at[n].object) space->objects[regions->at[n].object - 1].mapped = true;
    }
  }
}

/* Removing moves cells: the search begins again until nothing is found. */
static void cache_empty(tw_space *space, uint32_t object) {
  const space_object *emptied = space_object_of(space, object);
  while (emptied->pages) {
    size_t cursor = 0;
    for (const map_cell *cell; (cell = map_next(&space->cache, &cursor));) {
      if (cell->key >> CACHE_INDEX_BITS != object) continue;
      uint64_t value = cell->value;
      map_remove(&space->cache, cell->key);
      space->objects[object - 1].pages--;
      if (value & 1) {
        swap_release(space->swap, value >> 1);
      } else {
        space_page_give(space, frame_find(space->frames, value >> 1));
      }
    }
  }
}

void space_cache_collect(tw_space *space) {
  cache_mark(space);
  for (size_t i = 0; i < space->object_count; i++) {
    space_object *object = &space->objects[i];
    if (!object->used || object->mapped || (object->name && object->pages)) continue;
    cache_empty(space, (uint32_t)i + 1);
    if (space->reference && !object->name) reference_forget(space->reference, object->key);
    space->unnamed_count -= !object->name;
    free(object->name);
    *object = (space_object){0};
  }
}

void space_cache_close(tw_space *space) {
  for (size_t i = 0; i < space->object_count; i++) free(space->objects[i].name);
  free(space->objects);
  map_free(&space->cache);
}
