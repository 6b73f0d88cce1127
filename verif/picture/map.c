/* Plays a program trace on the oracle and keeps the states that are asked for.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "map.h"

#include <stdlib.h>
#include <string.h>

#include "oracle_machine.h"

#define PROGRESS_EVERY 0xffffu /* records */
#define RECORD_BYTES 512u

/* A trace that is being played. */
typedef struct playing {
  tw_map *map;
  const tw_map_request *request;
  tw_trace_reader *reader;
  oracle_machine machine;
  tw_names names;
  const char *name; /* of the trace, for messages */
  tw_state kept;    /* before the exits that were the last records so far */
  uint64_t kept_records;
  bool has_kept;
} playing;

static void event_keep(void *payload, const tw_space_event *event) {
  tw_map *map = payload;
  tw_space_event *grown = realloc(map->events, (map->event_count + 1) * sizeof *grown);
  map->failed |= !grown;
  if (!grown) return;
  map->events = grown;
  grown[map->event_count++] = *event;
}

static bool state_keep(playing *run, unsigned which, tw_error *error) {
  return tw_state_take(&run->map->states[which], run->machine.space, &run->names, &run->map->allocator, error);
}

static bool moves_keep(playing *run, tw_error *error) {
  tw_map *map = run->map;
  tw_space_rebase moved;
  for (size_t n = 0; tw_space_rebased(run->machine.space, n, &moved); n++) {
    tw_space_rebase *grown = realloc(map->moved, (n + 1) * sizeof *grown);
    if (!grown) return tw_error_set(error, "memory is out");
    map->moved = grown;
    grown[map->moved_count++] = moved;
  }
  return true;
}

static bool record_feed(playing *run, const tw_record *record, tw_error *error) {
  if (!oracle_machine_feed(&run->machine, record, error)) {
    const tw_error cause = *error;
    return tw_error_set(error, "%s: record %llu: %s", run->name, (unsigned long long)record->number, cause.text);
  }
  tw_names_take(&run->names, record);
  tw_allocator_take(&run->map->allocator, record, run->machine.space);
  return true;
}

/* The record that the map is about, with both states and what happened. */
static bool record_watch(playing *run, const tw_record *record, tw_error *error) {
  tw_map *map = run->map;
  char text[RECORD_BYTES];
  tw_record_format(record, text, sizeof text);
  map->record_text = strdup(text);
  map->record = record->number;
  map->pair = true;
  if (!map->record_text) return tw_error_set(error, "memory is out");
  if (!state_keep(run, 0, error)) return false;
  const tw_space_watcher watcher = {.event = event_keep, .payload = map};
  tw_space_watch(run->machine.space, &watcher);
  return record_feed(run, record, error) && state_keep(run, 1, error) &&
         (!map->failed || tw_error_set(error, "memory is out"));
}

/* Keeps the state before the first of the exits with which a trace may end. */
static bool exits_follow(playing *run, const tw_record *record, tw_error *error) {
  if (run->request->has_at || run->request->has_until || record->kind == TW_RECORD_THREAD) return true;
  if (record->kind != TW_RECORD_EXIT && run->has_kept) {
    tw_state_free(&run->kept);
    run->has_kept = false;
  }
  if (record->kind != TW_RECORD_EXIT || run->has_kept) return true;
  run->kept_records = run->map->records;
  run->has_kept = tw_state_take(&run->kept, run->machine.space, &run->names, &run->map->allocator, error);
  return run->has_kept;
}

static bool any_lives(const tw_state *state) {
  for (size_t n = 0; n < state->process_count; n++)
    if (state->processes[n].alive) return true;
  return false;
}

static bool end_reached(playing *run, tw_error *error) {
  tw_map *map = run->map;
  if (!run->request->has_at && !run->request->has_until) {
    if (!state_keep(run, 1, error)) return false;
    map->ended = run->has_kept && !any_lives(&map->states[1]);
    if (!map->ended) return true;
    const tw_state ended = map->states[1];
    map->states[1] = run->kept;
    run->kept = ended;
    map->records = run->kept_records;
    return true;
  }
  if (run->map->records == 0) return tw_error_set(error, "%s: the trace has no record", run->name);
  return tw_error_set(error, "%s: there is no record %llu: the last is %llu", run->name,
                      (unsigned long long)run->request->at, (unsigned long long)run->map->records - 1);
}

static bool records_play(playing *run, tw_error *error) {
  const tw_map_request *request = run->request;
  tw_record record;
  for (;;) {
    const tw_trace_result result = tw_trace_read(run->reader, &record, error);
    if (result == TW_TRACE_ERROR) return false;
    if (result == TW_TRACE_END) return end_reached(run, error);
    if (request->has_at && record.number == request->at) return record_watch(run, &record, error);
    if (!exits_follow(run, &record, error)) return false;
    run->map->records++;
    if (!record_feed(run, &record, error)) return false;
    if (request->has_until && record.number == request->at) return state_keep(run, 1, error);
    if (request->progress && (run->map->records & PROGRESS_EVERY) == 0) {
      uint64_t done, total;
      tw_trace_progress(run->reader, &done, &total);
      request->progress(request->payload, done, total);
    }
  }
}

static bool header_take(playing *run, tw_error *error) {
  const tw_trace_header *header = tw_trace_reader_header(run->reader);
  static const char *const kinds[] = {"", "a program trace", "an MMU trace", "a golden trace"};
  if (header->kind != TW_TRACE_PROGRAM)
    return tw_error_set(error, "%s: is %s; a map is drawn of a program trace", run->name, kinds[header->kind]);
  const char *title = tw_trace_header_get(header, "title");
  if (!title) title = tw_trace_header_get(header, "program");
  const char *slash = strrchr(run->name, '/');
  run->names.first = tw_trace_header_get(header, "program");
  run->map->title = tw_plain_copy(title ? title : slash ? slash + 1 : run->name);
  run->map->trace = tw_plain_copy(run->name);
  return (run->map->title && run->map->trace) || tw_error_set(error, "memory is out");
}

/* What the space takes where the options say nothing (twinwalk/space.h). */
static void defaults_fill(tw_space_options *options) {
  if (!options->frame_base) options->frame_base = 0x80000000u;
  if (!options->frame_count) options->frame_count = options->mode == TW_SV32 ? 65536u : 262144u;
  if (!options->layout.user_end) options->layout = *tw_layout_of(options->mode);
}

static bool process_check(const tw_map *map, const char *name, tw_error *error) {
  const tw_state *state = &map->states[1];
  if (!map->has_process) return true;
  for (size_t n = 0; n < state->process_count; n++) {
    if (state->processes[n].id >> 16 != map->process) continue;
    if (tw_map_process(map, 0, n) || tw_map_process(map, 1, n)) return true;
    return tw_error_set(error, "%s: process %u has ended", name, map->process);
  }
  return tw_error_set(error, "%s: there is no process %u: %zu began so far", name, map->process, state->process_count);
}

static bool map_play(playing *run, tw_error *error) {
  const tw_map_request *request = run->request;
  tw_space_options *options = &run->map->machine;
  const tw_trace_header *header = tw_trace_reader_header(run->reader);
  if (!header_take(run, error)) return false;
  if (!oracle_machine_options(&request->config, header, request->machine, options, error)) {
    const tw_error cause = *error;
    return tw_error_set(error, "%s: %s", run->name, cause.text);
  }
  if (!oracle_machine_open(&run->machine, &request->config, options, header, error)) return false;
  defaults_fill(options);
  run->map->mode = options->mode;
  const bool done = records_play(run, error) && moves_keep(run, error);
  oracle_machine_close(&run->machine);
  return done && process_check(run->map, run->name, error);
}

bool tw_map_make(tw_map *map, const tw_map_request *request, tw_error *error) {
  *map = (tw_map){.parts = request->parts ? request->parts : TW_MAP_ALL,
                  .until = request->has_until,
                  .has_process = request->has_process,
                  .process = request->process};
  playing run = {.map = map,
                 .request = request,
                 .name = strcmp(request->path, "-") == 0 ? "standard input" : request->path,
                 .reader = tw_trace_open(request->path, error)};
  const bool made = run.reader && map_play(&run, error);
  tw_state_free(&run.kept);
  tw_names_free(&run.names);
  tw_trace_close(run.reader);
  if (!made) tw_map_free(map);
  return made;
}

void tw_map_free(tw_map *map) {
  tw_state_free(&map->states[0]);
  tw_state_free(&map->states[1]);
  tw_allocator_free(&map->allocator);
  for (size_t i = 0; i < map->mark_count; i++) free(map->marks[i].name);
  free(map->marks);
  free(map->events);
  free(map->moved);
  free(map->record_text);
  free(map->title);
  free(map->trace);
  *map = (tw_map){0};
}

const tw_state_process *tw_map_process(const tw_map *map, unsigned which, size_t n) {
  const tw_state *state = &map->states[which];
  return n < state->process_count && state->processes[n].alive ? &state->processes[n] : NULL;
}

bool tw_map_shows(const tw_map *map, size_t n) {
  const tw_state *state = &map->states[1];
  if (n >= state->process_count) return false;
  if (map->has_process && state->processes[n].id >> 16 != map->process) return false;
  return tw_map_process(map, 0, n) || tw_map_process(map, 1, n);
}

static bool process_changed(const tw_map *map, size_t n) {
  const tw_state_process *before = tw_map_process(map, 0, n), *after = tw_map_process(map, 1, n);
  uint64_t va = 0;
  tw_page_change change;
  if (!before || !after || before->region_count != after->region_count || before->running != after->running)
    return true;
  for (size_t i = 0; i < before->region_count; i++) {
    const tw_region *a = &before->regions[i].region, *b = &after->regions[i].region;
    if (a->start != b->start || a->end != b->end || a->prot != b->prot || a->use != b->use) return true;
  }
  return before->table_count != after->table_count || tw_page_change_next(before, after, &va, UINT64_MAX, &change);
}

bool tw_map_draws(const tw_map *map, size_t n) {
  bool any = false;
  if (!tw_map_shows(map, n)) return false;
  if (!map->pair || map->has_process) return true;
  for (size_t i = 0; i < map->states[1].process_count; i++) any |= tw_map_shows(map, i) && process_changed(map, i);
  return !any || process_changed(map, n);
}

bool tw_map_mark_lies(const tw_map *map, const tw_map_mark *mark) {
  const uint64_t va = tw_map_mark_va(map, mark);
  for (size_t n = 0; n < map->states[1].process_count; n++) {
    if (!tw_map_draws(map, n)) continue;
    for (unsigned which = 0; which < 2; which++) {
      const tw_state_process *process = tw_map_process(map, which, n);
      if (process && tw_state_region_find(process, va)) return true;
    }
  }
  return false;
}
