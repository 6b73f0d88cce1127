/* Reads expected.tsv.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "expected.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const expected_configs[EXPECTED_CONFIGS] = {"base39", "mini39"};

/* The place of a name among some; their number if it is none of them. */
static unsigned name_find(const char *name, const char *const *names, unsigned count) {
  unsigned place = 0;
  while (place < count && strcmp(name, names[place]) != 0) place++;
  return place;
}

static bool walk_from_name(const char *name, expected_walk *walk) {
  static const char *const names[WALK_COUNT] = {"answers", "reads", "update", "rule", "hang", "equal"};
  unsigned place = name_find(name, names, WALK_COUNT);
  *walk = (expected_walk)place;
  return place < WALK_COUNT;
}

static bool copy(char *to, size_t size, const char *from) {
  int length = snprintf(to, size, "%s", from);
  return length > 0 && (size_t)length < size;
}

static bool row_parse(char *line, expected_mutant *mutant) {
  char *fields[EXPECTED_FIELDS], *end, *next = line;
  for (unsigned i = 0; i < EXPECTED_FIELDS; i++) {
    fields[i] = strsep(&next, "\t");
    if (!fields[i] || !*fields[i]) return false;
  }
  if (next) return false;
  mutant->number = (unsigned)strtoul(fields[0], &end, 10);
  if (*end) return false;
  mutant->access = strtoul(fields[5], &end, 10);
  if (*end) return false;
  mutant->config = name_find(fields[2], expected_configs, EXPECTED_CONFIGS);
  if (mutant->config == EXPECTED_CONFIGS) return false;
  if (!copy(mutant->name, sizeof mutant->name, fields[1]) || !copy(mutant->bug, sizeof mutant->bug, fields[3]) ||
      !copy(mutant->rule, sizeof mutant->rule, fields[4]) || !copy(mutant->model, sizeof mutant->model, fields[6]) ||
      !copy(mutant->dut, sizeof mutant->dut, fields[7]) || !copy(mutant->why, sizeof mutant->why, fields[9]))
    return false;
  snprintf(mutant->test, sizeof mutant->test, "mutant_%02u_%s_is_caught", mutant->number, mutant->name);
  for (char *c = mutant->test; *c; c++)
    if (*c == '-') *c = '_';
  return walk_from_name(fields[8], &mutant->walk);
}

size_t expected_read(const char *path, expected_mutant *mutants, size_t room) {
  FILE *file = fopen(path, "r");
  if (!file) {
    perror(path);
    return 0;
  }
  char line[512];
  size_t count = 0;
  bool good = true;
  while (good && fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '#') continue;
    good = count < room && row_parse(line, &mutants[count]) && mutants[count].number == count + 1;
    count += good;
  }
  fclose(file);
  if (good) return count;
  fprintf(stderr, "%s: row %zu: expected mutant %zu and %d fields, found: %s\n", path, count + 1, count + 1,
          EXPECTED_FIELDS, line);
  return 0;
}

void expected_row(const expected_mutant *mutant, char *text, size_t size) {
  snprintf(text, size, "| %u %s | %s | %s | %lu | %s | %s | %s |\n", mutant->number, mutant->name, mutant->bug,
           mutant->rule, mutant->access, mutant->model, mutant->dut, mutant->why);
}
