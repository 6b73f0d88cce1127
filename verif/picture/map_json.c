/* A map as JSON. Addresses are strings: they have 64 bits, which numbers of JSON's readers often have not.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "words.h"

static json_t *address_json(uint64_t value) {
  char text[32];
  snprintf(text, sizeof text, "0x%llx", (unsigned long long)value);
  return json_string(text);
}

static json_t *count_json(uint64_t value) {
  return json_integer((json_int_t)value);
}

static json_t *flags_json(uint8_t flags) {
  static const char LETTERS[] = "VRWXUGAD";
  char text[9] = "";
  size_t length = 0;
  for (unsigned bit = 8; bit-- > 0;)
    if (flags >> bit & 1) text[length++] = LETTERS[bit];
  return json_string(text);
}

static json_t *page_json(const tw_space_page *page) {
  json_t *object =
      json_pack("{s:o, s:I, s:s, s:I, s:b}", "va", address_json(page->va), "bytes", (json_int_t)page->length, "state",
                tw_page_state_name(tw_page_state_of(page)), "sharers", (json_int_t)page->sharers, "file", page->file);
  if (!object) return NULL;
  if (page->resident) {
    json_object_set_new(object, "pa", address_json(page->pa));
    json_object_set_new(object, "flags", flags_json(page->flags));
    json_object_set_new(object, "level", json_integer(page->level));
    if (page->napot) json_object_set_new(object, "napot", json_true());
  } else {
    json_object_set_new(object, "slot", count_json(page->slot));
  }
  return object;
}

static json_t *region_json(const tw_state_process *process, const tw_state_region *region) {
  char prot[4];
  const tw_region *of = &region->region;
  json_t *pages = json_array();
  tw_words_prot(of->prot, prot);
  for (size_t i = tw_state_page_above(process, of->start); i < process->page_count && process->pages[i].va < of->end;
       i++)
    json_array_append_new(pages, page_json(&process->pages[i]));
  return json_pack("{s:o, s:o, s:s, s:s, s:b, s:s, s:o}", "start", address_json(of->start), "end",
                   address_json(of->end), "use", tw_region_use_name(of->use), "prot", prot, "shared", of->shared,
                   "name", region->name, "pages", pages);
}

static json_t *tables_json(const tw_state_process *process) {
  json_t *tables = json_array();
  for (size_t i = 0; i < process->table_count; i++) {
    const tw_space_table *table = &process->tables[i];
    json_array_append_new(tables, json_pack("{s:i, s:o, s:o, s:i, s:i, s:I, s:b}", "level", table->level, "va",
                                            address_json(table->va), "pa", address_json(table->pa), "pointers",
                                            (int)table->pointers, "leaves", (int)table->leaves, "bytes",
                                            (json_int_t)TW_PAGE_BYTES, "kernel", table->shared));
  }
  return tables;
}

static json_t *sample_json(const tw_heap_sample *sample) {
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "record", (json_int_t)sample->record, "heap",
                   (json_int_t)sample->heap, "blocks", (json_int_t)sample->blocks, "used", (json_int_t)sample->used,
                   "free", (json_int_t)sample->holes, "largest_free", (json_int_t)sample->largest_hole, "elsewhere",
                   (json_int_t)sample->elsewhere, "fragmentation", tw_heap_fragmentation(sample));
}

static json_t *heap_json(const tw_map *map, const tw_state_process *process) {
  const tw_blocks *blocks = tw_allocator_find(&map->allocator, process->id);
  json_t *list = json_array(), *samples = json_array();
  for (size_t i = 0; i < process->block_count; i++)
    json_array_append_new(list, json_pack("{s:o, s:I}", "va", address_json(process->blocks[i].va), "bytes",
                                          (json_int_t)process->blocks[i].size));
  for (size_t i = 0; blocks && i < blocks->sample_count; i++)
    json_array_append_new(samples, sample_json(&blocks->samples[i]));
  return json_pack("{s:o, s:o, s:o}", "now", sample_json(&process->heap), "blocks", list, "samples", samples);
}

static json_t *process_json(const tw_map *map, const tw_state_process *process) {
  json_t *regions = json_array();
  for (size_t i = 0; i < process->region_count; i++)
    json_array_append_new(regions, region_json(process, &process->regions[i]));
  return json_pack("{s:I, s:s, s:b, s:i, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "process",
                   (json_int_t)(process->id >> 16), "name", process->name, "running", process->running, "asid",
                   process->asid, "root", address_json(process->root_pa), "resident", (json_int_t)process->resident,
                   "swapped", (json_int_t)process->swapped, "accesses", (json_int_t)process->accesses, "page_faults",
                   (json_int_t)process->page_faults, "segmentation_faults", (json_int_t)process->segmentation_faults,
                   "regions", regions, "tables", tables_json(process), "heap", heap_json(map, process));
}

static json_t *shares_json(const tw_state *state) {
  json_t *shares = json_array();
  for (size_t i = 0; i < state->share_count; i++) {
    const tw_state_share *share = &state->shares[i];
    json_t *members = json_array();
    for (size_t m = 0; m < share->member_count; m++)
      json_array_append_new(members, count_json(state->processes[share->members[m]].id >> 16));
    json_array_append_new(shares, json_pack("{s:o, s:I, s:b, s:b, s:s}", "processes", members, "pages",
                                            (json_int_t)share->pages, "file", share->file, "swapped", share->swapped,
                                            "name", share->name));
  }
  return shares;
}

static json_t *state_json(const tw_map *map, unsigned which) {
  json_t *processes = json_array();
  for (size_t n = 0; n < map->states[which].process_count; n++) {
    const tw_state_process *process = tw_map_process(map, which, n);
    if (process && tw_map_shows(map, n)) json_array_append_new(processes, process_json(map, process));
  }
  return json_pack("{s:o, s:o}", "processes", processes, "shared", shares_json(&map->states[which]));
}

static json_t *events_json(const tw_map *map) {
  json_t *events = json_array();
  for (size_t i = 0; i < map->event_count; i++) {
    const tw_space_event *event = &map->events[i];
    json_array_append_new(events, json_pack("{s:s, s:I, s:o, s:o}", "event", tw_space_event_name(event->kind),
                                            "process", (json_int_t)(event->process >> 16), "va",
                                            address_json(event->va), "pa", address_json(event->pa)));
  }
  return events;
}

static json_t *changes_json(const tw_map *map) {
  json_t *changes = json_array();
  for (size_t n = 0; n < map->states[1].process_count; n++) {
    uint64_t va = 0;
    tw_page_change change;
    if (!tw_map_shows(map, n)) continue;
    while (tw_page_change_next(tw_map_process(map, 0, n), tw_map_process(map, 1, n), &va, UINT64_MAX, &change)) {
      json_t *object = json_pack("{s:I}", "process", (json_int_t)(map->states[1].processes[n].id >> 16));
      if (change.before) json_object_set_new(object, "before", page_json(change.before));
      if (change.after) json_object_set_new(object, "after", page_json(change.after));
      json_array_append_new(changes, object);
    }
  }
  return changes;
}

static json_t *marks_json(const tw_map *map) {
  json_t *marks = json_array();
  for (size_t i = 0; i < map->mark_count; i++) {
    const uint64_t va = tw_map_mark_va(map, &map->marks[i]);
    json_t *found = json_array();
    for (size_t n = 0; n < map->states[1].process_count; n++) {
      const tw_state_process *process = tw_map_shows(map, n) ? tw_map_process(map, 1, n) : NULL;
      const tw_state_region *region = process ? tw_state_region_find(process, va) : NULL;
      if (region)
        json_array_append_new(found, json_pack("{s:I, s:s, s:s}", "process", (json_int_t)(process->id >> 16), "use",
                                               tw_region_use_name(region->region.use), "name", region->name));
    }
    json_array_append_new(
        marks, json_pack("{s:s, s:o, s:o}", "name", map->marks[i].name, "va", address_json(va), "lies_in", found));
  }
  return marks;
}

static json_t *map_object(const tw_map *map) {
  const tw_space_options *machine = &map->machine;
  json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:I, s:{s:o, s:I, s:I}}", "title", map->title, "trace", map->trace,
                             "mode", tw_mode_row(map->mode)->name, "layout", machine->layout.name, "records",
                             (json_int_t)map->records, "machine", "frame_base", address_json(machine->frame_base),
                             "frames", (json_int_t)machine->frame_count, "swap_pages", (json_int_t)machine->swap_pages);
  if (!object) return NULL;
  if (map->pair) {
    json_object_set_new(object, "record", count_json(map->record));
    json_object_set_new(object, "record_text", json_string(map->record_text));
    json_object_set_new(object, "events", events_json(map));
    json_object_set_new(object, "changes", changes_json(map));
    json_object_set_new(object, "before", state_json(map, 0));
  }
  json_object_set_new(object, map->pair ? "after" : "end", state_json(map, 1));
  if (map->mark_count) json_object_set_new(object, "marks", marks_json(map));
  return object;
}

bool tw_map_json(const tw_map *map, FILE *stream, tw_error *error) {
  json_t *object = map_object(map);
  if (!object) return tw_error_set(error, "memory is out");
  const bool written =
      json_dumpf(object, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) == 0 && fputc('\n', stream) != EOF;
  json_decref(object);
  return written || tw_error_set(error, "the map cannot be written: %s", strerror(errno));
}
