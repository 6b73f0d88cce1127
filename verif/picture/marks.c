/* Reads the addresses that a program printed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"

#define LINE_BYTES 512u
#define MARKS_MAX 256u

bool tw_map_mark_add(tw_map *map, const char *name, uint64_t va, tw_error *error) {
  tw_map_mark *grown = realloc(map->marks, (map->mark_count + 1) * sizeof *grown);
  if (grown) map->marks = grown;
  char *copy = grown ? tw_plain_copy(name) : NULL;
  if (!copy) return tw_error_set(error, "memory is out");
  grown[map->mark_count++] = (tw_map_mark){va, copy};
  return true;
}

uint64_t tw_map_mark_va(const tw_map *map, const tw_map_mark *mark) {
  for (size_t i = 0; i < map->moved_count; i++) {
    const tw_space_rebase *moved = &map->moved[i];
    if (mark->va - moved->from < moved->length) return mark->va - moved->from + moved->to;
  }
  return mark->va;
}

/* The first hexadecimal number of a line, and what stands before it. False if there is none. */
static bool line_parse(char *line, uint64_t *va) {
  char *number = strstr(line, "0x"), *end;
  if (!number) return false;
  errno = 0;
  *va = strtoull(number, &end, 16);
  if (errno || end == number + 2) return false;
  while (number > line && (isspace((unsigned char)number[-1]) || number[-1] == ':' || number[-1] == '=')) number--;
  *number = '\0';
  return true;
}

static bool lines_read(tw_map *map, FILE *stream, const char *path, tw_error *error) {
  char line[LINE_BYTES];
  uint64_t va;
  while (fgets(line, sizeof line, stream)) {
    if (!line_parse(line, &va)) continue;
    if (map->mark_count == MARKS_MAX) return tw_error_set(error, "%s: more than %u addresses", path, MARKS_MAX);
    if (!tw_map_mark_add(map, line, va, error)) return false;
  }
  if (ferror(stream)) return tw_error_set(error, "%s: cannot be read: %s", path, strerror(errno));
  return map->mark_count || tw_error_set(error, "%s: no line has an address (0x...)", path);
}

bool tw_map_marks_read(tw_map *map, const char *path, tw_error *error) {
  const bool standard = strcmp(path, "-") == 0;
  FILE *stream = standard ? stdin : fopen(path, "r");
  if (!stream) return tw_error_set(error, "%s: cannot be opened: %s", path, strerror(errno));
  const bool read = lines_read(map, stream, standard ? "standard input" : path, error);
  if (!standard) fclose(stream);
  return read;
}
