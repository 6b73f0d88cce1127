/* Keeps the names of maps.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <stdlib.h>
#include <string.h>

char *tw_plain_copy(const char *text) {
  char *copy = strdup(text ? text : "");
  for (char *c = copy; c && *c; c++)
    if (*c < ' ' || *c > '~') *c = '?';
  return copy;
}

uint64_t tw_played_address(const tw_space *space, uint64_t va) {
  tw_space_rebase moved;
  for (size_t n = 0; tw_space_rebased(space, n, &moved); n++)
    if (va - moved.from < moved.length) return va - moved.from + moved.to;
  return va;
}

uint64_t tw_program_address(const tw_space *space, uint64_t va) {
  tw_space_rebase moved;
  for (size_t n = 0; tw_space_rebased(space, n, &moved); n++)
    if (va - moved.to < moved.length) return va - moved.to + moved.from;
  return va;
}

/* Adds a name, which becomes the names', and says its place and one more. 0 if memory is out. */
static uint32_t name_add(tw_names *names, char *name) {
  if (names->count == names->room) {
    const size_t room = names->room ? names->room * 2 : 16;
    char **grown = realloc(names->names, room * sizeof *grown);
    names->failed |= !grown;
    if (!grown) {
      free(name);
      return 0;
    }
    names->names = grown;
    names->room = room;
  }
  names->names[names->count++] = name;
  return (uint32_t)names->count;
}

/* One more than the place of a name in the list; 0 for none, or if memory is out. */
static uint32_t name_keep(tw_names *names, const char *name) {
  if (!name || !name[0]) return 0;
  char *copy = tw_plain_copy(name);
  names->failed |= !copy;
  for (size_t i = names->count; i && copy; i--) {
    if (strcmp(names->names[i - 1], copy) != 0) continue;
    free(copy);
    return (uint32_t)i;
  }
  return copy ? name_add(names, copy) : 0;
}

static tw_region_list *ranges_find(const tw_names *names, uint32_t id) {
  for (size_t i = 0; i < names->process_count; i++)
    if (names->processes[i].id == id) return &names->processes[i].ranges;
  return NULL;
}

static tw_region_list *ranges_of(tw_names *names, uint32_t id) {
  tw_region_list *found = ranges_find(names, id);
  if (found) return found;
  tw_names_process *grown = realloc(names->processes, (names->process_count + 1) * sizeof *grown);
  names->failed |= !grown;
  if (!grown) return NULL;
  names->processes = grown;
  grown[names->process_count] = (tw_names_process){.id = id};
  return &grown[names->process_count++].ranges;
}

static void mapped(tw_names *names, const tw_record_map *map) {
  tw_region_list *ranges = ranges_of(names, names->running);
  if (!ranges) return;
  const uint32_t object = name_keep(names, map->name);
  const tw_region range = {.start = map->start,
                           .end = map->start + map->length,
                           .use = map->use,
                           .object = object,
                           .offset = map->start}; /* neighbours of one name may be one range */
  names->failed |= object ? !tw_region_insert(ranges, &range) : !tw_region_carve(ranges, range.start, range.end);
}

static void forked(tw_names *names, uint32_t child) {
  tw_region_list *to = ranges_of(names, child), *from = ranges_find(names, names->running);
  if (!to || !from) return;
  tw_region_free(to);
  names->failed |= !tw_region_copy(to, from);
}

void tw_names_take(tw_names *names, const tw_record *record) {
  switch (record->kind) {
  case TW_RECORD_MAP:
    mapped(names, &record->map);
    break;
  case TW_RECORD_THREAD:
    names->running = record->id & 0xffff0000u;
    break;
  case TW_RECORD_FORK:
    forked(names, record->id & 0xffff0000u);
    break;
  case TW_RECORD_EXEC: {
    tw_region_list *ranges = ranges_find(names, names->running);
    if (ranges) tw_region_free(ranges);
    break;
  }
  default:
    break;
  }
}

const char *tw_names_find(const tw_names *names, uint32_t process, uint64_t va) {
  const tw_region_list *ranges = ranges_find(names, process);
  const tw_region *range = ranges ? tw_region_find(ranges, va) : NULL;
  return range && range->object ? names->names[range->object - 1] : "";
}

void tw_names_free(tw_names *names) {
  for (size_t i = 0; i < names->count; i++) free(names->names[i]);
  for (size_t i = 0; i < names->process_count; i++) tw_region_free(&names->processes[i].ranges);
  free(names->names);
  free(names->processes);
  *names = (tw_names){0};
}
