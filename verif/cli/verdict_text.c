/* Prints a verdict as text and as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "verdict_text.h"

#include <jansson.h>

typedef unsigned long long ull;

static uint64_t faults_sum(const tw_player_counts *counts) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < TW_REASON_COUNT; i++) sum += counts->faults[i];
  return sum;
}

static double share(uint64_t part, uint64_t whole) {
  return whole ? 100.0 * (double)part / (double)whole : 0;
}

static unsigned event_bit(uint32_t mask) {
  return (unsigned)__builtin_ctz(mask);
}

static void tlb_print(FILE *stream, const char *name, uint64_t hits, uint64_t misses, uint64_t evictions) {
  fprintf(stream, "  %-12s %llu lookups, %llu misses (%.3f %%), %llu evictions\n", name, (ull)(hits + misses),
          (ull)misses, share(misses, hits + misses), (ull)evictions);
}

static void faults_print(FILE *stream, const tw_player_counts *counts) {
  fprintf(stream, "  %-12s %llu", "faults", (ull)faults_sum(counts));
  const char *before = ": ";
  for (unsigned i = 0; i < TW_REASON_COUNT; i++) {
    if (!counts->faults[i]) continue;
    fprintf(stream, "%s%s %llu", before, tw_reason_name((tw_reason)i), (ull)counts->faults[i]);
    before = ", ";
  }
  fprintf(stream, "\n");
}

static void space_print(FILE *stream, const tw_space_counts *space) {
  fprintf(stream,
          "  %-12s %llu accesses of the program, %llu page crossings, %llu page faults, %llu segmentation faults\n",
          "space", (ull)space->program_accesses, (ull)space->page_crossings, (ull)space->page_faults,
          (ull)space->segmentation_faults);
  fprintf(stream, "  %-12s %llu pages mapped, %llu frames, %llu kernel accesses, %llu regions moved\n", "",
          (ull)space->pages_mapped, (ull)space->frames_used, (ull)space->kernel_accesses, (ull)space->regions_rebased);
}

void verdict_counts_print(FILE *stream, const tw_verdict *verdict) {
  const tw_player_counts *counts = &verdict->counts;
  const uint64_t *events = counts->events;
  fprintf(
      stream,
      "  %-12s %llu answered, %llu of them untranslated or from a TLB, %llu asked again after RETRY, %llu cancelled\n",
      "accesses", (ull)counts->accesses,
      (ull)(counts->answers - events[event_bit(TW_EVENT_WALK_GRANT)] - events[event_bit(TW_EVENT_WALK_FAULT)] -
            counts->retries),
      (ull)counts->retries, (ull)counts->cancelled);
  faults_print(stream, counts);
  tlb_print(stream, "fetch TLB", events[event_bit(TW_EVENT_FETCH_HIT)], events[event_bit(TW_EVENT_FETCH_MISS)],
            events[event_bit(TW_EVENT_FETCH_EVICT)]);
  tlb_print(stream, "data TLB", events[event_bit(TW_EVENT_DATA_HIT)], events[event_bit(TW_EVENT_DATA_MISS)],
            events[event_bit(TW_EVENT_DATA_EVICT)]);
  fprintf(stream,
          "  %-12s %llu begun, %llu granted, %llu faulted, %llu killed; %llu page-table reads, %llu bus errors\n",
          "walks", (ull)events[event_bit(TW_EVENT_WALK_BEGIN)], (ull)events[event_bit(TW_EVENT_WALK_GRANT)],
          (ull)events[event_bit(TW_EVENT_WALK_FAULT)], (ull)events[event_bit(TW_EVENT_WALK_KILL)], (ull)counts->steps,
          (ull)counts->bus_errors);
  fprintf(stream, "  %-12s %llu fences, %llu control writes, %llu page-table stores\n", "system", (ull)counts->fences,
          (ull)counts->controls, (ull)counts->stores);
  if (verdict->has_space) space_print(stream, &verdict->space);
  fprintf(stream, "  %-12s %llu in %.3f s: %.0f a second\n", "cycles", (ull)counts->cycles, verdict->seconds,
          verdict->seconds > 0 ? (double)counts->cycles / verdict->seconds : 0.0);
}

static const char *level_text(const tw_verdict *verdict) {
  static const char *const lockstep[] = {"", "every pin on every cycle", "every answer and page-table read",
                                         "every answer against what is legal", "nothing"};
  static const char *const golden[] = {
      "", "every answer, page-table read and cycle of the golden trace",
      "every answer and page-table read of the golden trace",
      "every answer: with the golden trace where that has the only legal one, else with what is legal", "nothing"};
  return (verdict->golden ? golden : lockstep)[verdict->compare];
}

void verdict_print(FILE *stream, const verdict_subject *subject, const tw_verdict *verdict, bool colours) {
  if (verdict->report) fprintf(stream, "%s\n", verdict->report);
  const char *on = colours ? verdict->passed ? "\033[1;32m" : "\033[1;31m" : "", *off = colours ? "\033[0m" : "";
  fprintf(stream, "%s%s%s  %s on %s, configuration %s; compared %s (--compare %s)\n", on,
          verdict->passed ? "PASS" : "FAIL", off, subject->trace, subject->dut, subject->config, level_text(verdict),
          tw_compare_name(verdict->compare));
  fprintf(stream, "  %-12s %llu accesses; %llu differences%s", "compared", (ull)verdict->compared,
          (ull)verdict->differences, verdict->limited ? "; stopped at the limit of cycles" : "");
  if (verdict->undecided)
    fprintf(stream, "; %llu answers undecided (no fence since a change of the entry)", (ull)verdict->undecided);
  fprintf(stream, "\n");
  verdict_counts_print(stream, verdict);
}

static json_t *faults_json(const tw_player_counts *counts) {
  json_t *faults = json_object();
  for (unsigned i = 1; i < TW_REASON_COUNT; i++)
    if (counts->faults[i])
      json_object_set_new(faults, tw_reason_name((tw_reason)i), json_integer((json_int_t)counts->faults[i]));
  return faults;
}

static json_t *events_json(const tw_player_counts *counts) {
  static const char *const names[TW_EVENT_COUNT] = {
      "fetch_hit",  "fetch_miss", "fetch_evict", "fetch_retry", "data_hit",   "data_miss", "data_evict",
      "data_retry", "walk_begin", "walk_step",   "walk_grant",  "walk_fault", "walk_kill", "fence"};
  json_t *events = json_object();
  for (unsigned i = 0; i < TW_EVENT_COUNT; i++)
    json_object_set_new(events, names[i], json_integer((json_int_t)counts->events[i]));
  return events;
}

static void counts_json(json_t *object, const tw_verdict *verdict) {
  const tw_player_counts *counts = &verdict->counts;
  const struct {
    const char *key;
    uint64_t value;
  } numbers[] = {
      {"accesses", counts->accesses},
      {"compared", verdict->compared},
      {"faults", faults_sum(counts)},
      {"walks", counts->events[event_bit(TW_EVENT_WALK_BEGIN)]},
      {"walk_steps", counts->steps},
      {"cycles", counts->cycles},
      {"fences", counts->fences},
      {"control_writes", counts->controls},
      {"stores", counts->stores},
      {"hits", counts->hits},
      {"retries", counts->retries},
      {"cancelled", counts->cancelled},
      {"bus_errors", counts->bus_errors},
      {"page_crossings", verdict->space.page_crossings},
      {"page_faults", verdict->space.page_faults},
      {"segmentation_faults", verdict->space.segmentation_faults},
      {"differences", verdict->differences},
      {"undecided", verdict->undecided},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    json_object_set_new(object, numbers[i].key, json_integer((json_int_t)numbers[i].value));
  json_object_set_new(object, "faults_by_reason", faults_json(counts));
  json_object_set_new(object, "events", events_json(counts));
}

bool verdict_json(FILE *stream, const verdict_subject *subject, const tw_verdict *verdict) {
  json_t *object = json_object();
  bool judged = verdict->compare != TW_COMPARE_NONE;
  if (judged) json_object_set_new(object, "verdict", json_string(verdict->passed ? "PASS" : "FAIL"));
  json_object_set_new(object, "trace", json_string(subject->trace));
  json_object_set_new(object, "config", json_string(subject->config));
  json_object_set_new(object, "dut", json_string(subject->dut));
  if (judged) json_object_set_new(object, "golden", json_boolean(verdict->golden));
  if (judged) json_object_set_new(object, "compare", json_string(tw_compare_name(verdict->compare)));
  json_object_set_new(object, "seed", json_integer((json_int_t)subject->seed));
  counts_json(object, verdict);
  json_object_set_new(object, "seconds", json_real(verdict->seconds));
  json_object_set_new(object, "cycles_per_second",
                      json_real(verdict->seconds > 0 ? (double)verdict->counts.cycles / verdict->seconds : 0));
  json_object_set_new(object, "hung", json_boolean(verdict->hung));
  json_object_set_new(object, "limited", json_boolean(verdict->limited));
  if (verdict->first[0]) json_object_set_new(object, "first_difference", json_string(verdict->first));
  if (verdict->report) json_object_set_new(object, "report", json_string(verdict->report));
  bool written = json_dumpf(object, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == 0 && fputc('\n', stream) != EOF;
  json_decref(object);
  return written;
}
