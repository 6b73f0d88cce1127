/* A profile as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "profile.h"

static json_t *hits_json(const tw_hits *hits) {
  return json_pack("{s:I, s:I, s:I, s:I, s:I}", "accesses", (json_int_t)tw_hits_sum(hits), "hits",
                   (json_int_t)hits->first, "l2_hits", (json_int_t)hits->second, "walked", (json_int_t)hits->walked,
                   "faulted", (json_int_t)hits->faulted);
}

static json_t *segments_json(const tw_profile *profile) {
  json_t *object = json_object();
  for (unsigned use = 0; use < TW_REGION_USE_COUNT; use++)
    if (tw_hits_sum(&profile->segments[use]))
      json_object_set_new(object, tw_profile_segment_name(use), hits_json(&profile->segments[use]));
  return object;
}

static json_t *processes_json(const tw_profile *profile) {
  json_t *array = json_array();
  for (size_t i = 0; i < profile->process_count; i++) {
    json_t *hits = hits_json(&profile->processes[i].hits);
    json_object_set_new(hits, profile->has_space ? "process" : "asid",
                        json_integer((json_int_t)profile->processes[i].process));
    json_array_append_new(array, hits);
  }
  return array;
}

static json_t *sizes_json(const tw_profile *profile) {
  json_t *object = json_object();
  char name[32];
  for (unsigned size = 0; size < TW_PAGE_SIZES; size++) {
    if (!tw_hits_sum(&profile->sizes[size])) continue;
    tw_profile_size_name(profile, size, name, sizeof name);
    json_object_set_new(object, name, hits_json(&profile->sizes[size]));
  }
  return object;
}

/* All distances that were seen, and the misses of LRU memories by their sizes. */
static json_t *reuse_json(const tw_reuse *reuse) {
  json_t *distances = json_array(), *misses = json_array();
  for (size_t distance = 0; distance < reuse->distance_room; distance++)
    if (reuse->distances[distance])
      json_array_append_new(distances,
                            json_pack("[I, I]", (json_int_t)distance, (json_int_t)reuse->distances[distance]));
  for (uint64_t entries = 1;; entries *= 2) {
    json_array_append_new(misses,
                          json_pack("[I, I]", (json_int_t)entries, (json_int_t)tw_reuse_misses(reuse, entries)));
    if (entries >= reuse->cold) break;
  }
  return json_pack("{s:I, s:I, s:o, s:o}", "accesses", (json_int_t)reuse->accesses, "pages", (json_int_t)reuse->cold,
                   "distances", distances, "misses", misses);
}

static json_t *window_json(const tw_window *window, uint64_t since) {
  json_t *events = json_object();
  for (unsigned kind = 0; kind < TW_SPACE_EVENT_COUNT; kind++)
    if (window->events[kind])
      json_object_set_new(events, tw_space_event_name((tw_space_event_kind)kind),
                          json_integer((json_int_t)window->events[kind]));
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "first_copies", (json_int_t)window->first_copies,
                   "accesses", (json_int_t)window->accesses, "kernel_accesses", (json_int_t)window->kernel, "cycles",
                   (json_int_t)(window->cycle - since), "pages", (json_int_t)tw_window_pages(window), "fetch_walks",
                   (json_int_t)window->fetch_walks, "data_walks", (json_int_t)window->data_walks, "events", events);
}

static json_t *windows_json(const tw_timeline *timeline) {
  json_t *array = json_array();
  uint64_t since = 0;
  for (size_t i = 0; i < timeline->count; i++) {
    json_array_append_new(array, window_json(&timeline->windows[i], since));
    since = timeline->windows[i].cycle;
  }
  return array;
}

static json_t *latencies_json(const tw_profile *profile) {
  json_t *array = json_array();
  for (unsigned cycles = 0; cycles <= TW_LATENCIES; cycles++)
    if (profile->latencies[cycles])
      json_array_append_new(array, json_pack("[i, I]", (int)cycles, (json_int_t)profile->latencies[cycles]));
  return array;
}

json_t *tw_profile_json(const tw_profile *profile) {
  return json_pack("{s:I, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:o}", "window", (json_int_t)profile->timeline.length,
                   "windows", windows_json(&profile->timeline), "segments", segments_json(profile), "processes",
                   processes_json(profile), "page_sizes", sizes_json(profile), "reuse", "fetch",
                   reuse_json(&profile->reuse[TW_STACK_FETCH]), "data", reuse_json(&profile->reuse[TW_STACK_DATA]),
                   "both", reuse_json(&profile->reuse[TW_STACK_BOTH]), "walk_latency", latencies_json(profile));
}
