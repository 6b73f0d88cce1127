/* Plays scenarios into lists.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATH "story.yaml"
#define RECORDS_MAX 20000000u

const char *story_layouts;

typedef struct listing {
  story *told;
  size_t capacity;
} listing;

static bool list_record(void *payload, const tw_record *record, tw_error *error) {
  listing *list = payload;
  story *told = list->told;
  if (!tw_record_check(record, TW_TRACE_PROGRAM, error)) return false;
  if (told->count == RECORDS_MAX) return tw_error_set(error, "the story has no end");
  if (told->count == list->capacity) {
    list->capacity = list->capacity ? 2 * list->capacity : 1024;
    told->records = realloc(told->records, list->capacity * sizeof *told->records);
    assert_non_null(told->records);
  }
  told->records[told->count++] = *record;
  return true;
}

static story play(const char *text, const char *layout, const uint64_t *seed) {
  const scenario_options options = {.layouts = story_layouts, .layout = layout, .seed = seed};
  tw_error error = {""};
  story told = {.open = scenario_parse(PATH, text, strlen(text), &options, &error)};
  listing list = {.told = &told};
  const scenario_sink sink = {.record = list_record, .payload = &list};
  if (!told.open || !scenario_play(told.open, &sink, &error)) fail_msg("%s", error.text);
  return told;
}

story story_play(const char *text, const char *layout) {
  return play(text, layout, NULL);
}

story story_play_seed(const char *text, const char *layout, uint64_t seed) {
  return play(text, layout, &seed);
}

void story_close(story *told) {
  free(told->records);
  scenario_close(told->open);
}

static bool drop_record(void *payload, const tw_record *record, tw_error *error) {
  (void)payload;
  (void)record;
  (void)error;
  return true;
}

void story_refused(const char *text, const char *expected) {
  const scenario_options options = {.layouts = story_layouts};
  const scenario_sink sink = {.record = drop_record};
  tw_error error = {""};
  scenario *open = scenario_parse(PATH, text, strlen(text), &options, &error);
  const bool played = open && scenario_play(open, &sink, &error);
  scenario_close(open);
  if (played) fail_msg("accepted, expected \"%s\", of:\n%s", expected, text);
  if (strncmp(error.text, PATH ":", strlen(PATH) + 1) != 0 || !strstr(error.text, expected) || strchr(error.text, '\n'))
    fail_msg("expected \"%s\", found \"%s\"", expected, error.text);
}

static bool is_access(const tw_record *record, tw_access kind) {
  return record->kind == TW_RECORD_ACCESS && record->access.kind == kind;
}

const tw_record *story_record(const story *told, tw_record_kind kind, size_t n) {
  for (size_t i = 0; i < told->count; i++)
    if (told->records[i].kind == kind && n-- == 0) return &told->records[i];
  fail_msg("there are too few records of kind %u", (unsigned)kind);
  return NULL;
}

size_t story_count(const story *told, tw_record_kind kind) {
  size_t count = 0;
  for (size_t i = 0; i < told->count; i++) count += told->records[i].kind == kind;
  return count;
}

const tw_record *story_access(const story *told, tw_access kind, size_t n) {
  for (size_t i = 0; i < told->count; i++)
    if (is_access(&told->records[i], kind) && n-- == 0) return &told->records[i];
  fail_msg("there are too few accesses of kind %u", (unsigned)kind);
  return NULL;
}

size_t story_accesses(const story *told, tw_access kind) {
  size_t count = 0;
  for (size_t i = 0; i < told->count; i++) count += is_access(&told->records[i], kind);
  return count;
}

const tw_record *story_map(const story *told, tw_region_use use) {
  for (size_t i = 0; i < told->count; i++)
    if (told->records[i].kind == TW_RECORD_MAP && told->records[i].map.use == use) return &told->records[i];
  fail_msg("there is no map of a %s", tw_region_use_name(use));
  return NULL;
}
