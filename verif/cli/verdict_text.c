/* Prints a verdict as text and as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "verdict_text.h"

#include <ctype.h>
#include <jansson.h>

#include "verdict_space.h"

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

static uint64_t of_event(const tw_player_counts *counts, uint32_t mask) {
  return counts->events[event_bit(mask)];
}

static void tlbs_print(FILE *stream, const tw_player_counts *counts) {
  tlb_print(stream, "fetch TLB", of_event(counts, TW_EVENT_FETCH_HIT), of_event(counts, TW_EVENT_FETCH_MISS),
            of_event(counts, TW_EVENT_FETCH_EVICT));
  tlb_print(stream, "data TLB", of_event(counts, TW_EVENT_DATA_HIT), of_event(counts, TW_EVENT_DATA_MISS),
            of_event(counts, TW_EVENT_DATA_EVICT));
  if (of_event(counts, TW_EVENT_L2_HIT) + of_event(counts, TW_EVENT_L2_MISS))
    tlb_print(stream, "L2 TLB", of_event(counts, TW_EVENT_L2_HIT), of_event(counts, TW_EVENT_L2_MISS),
              of_event(counts, TW_EVENT_L2_EVICT));
}

static void walks_print(FILE *stream, const tw_player_counts *counts) {
  const uint64_t walks = of_event(counts, TW_EVENT_WALK_BEGIN);
  fprintf(
      stream,
      "  %-12s %llu begun, %llu granted, %llu faulted, %llu merged; walks killed in %llu cycles; %llu walker cycles "
      "(%.2f a walk)\n",
      "walks", (ull)walks, (ull)of_event(counts, TW_EVENT_WALK_GRANT), (ull)of_event(counts, TW_EVENT_WALK_FAULT),
      (ull)of_event(counts, TW_EVENT_WALK_MERGE), (ull)of_event(counts, TW_EVENT_WALK_KILL), (ull)counts->walk_cycles,
      walks ? (double)counts->walk_cycles / (double)walks : 0.0);
  fprintf(stream, "  %-12s %llu page-table reads, %llu denied, %llu bus errors; %llu updates of A and D, %llu lost\n",
          "steps", (ull)counts->steps, (ull)of_event(counts, TW_EVENT_TABLE_DENIED), (ull)counts->bus_errors,
          (ull)of_event(counts, TW_EVENT_UPDATE), (ull)of_event(counts, TW_EVENT_UPDATE_LOST));
  if (of_event(counts, TW_EVENT_WALK_CACHE_HIT) + of_event(counts, TW_EVENT_WALK_CACHE_EVICT))
    fprintf(stream, "  %-12s %llu walks begun below the root (%.3f %%), %llu evictions\n", "walk cache",
            (ull)of_event(counts, TW_EVENT_WALK_CACHE_HIT), share(of_event(counts, TW_EVENT_WALK_CACHE_HIT), walks),
            (ull)of_event(counts, TW_EVENT_WALK_CACHE_EVICT));
}

static void stalls_print(FILE *stream, const tw_player_counts *counts) {
  fprintf(
      stream,
      "  %-12s cycles: %llu fetch port, %llu data port, %llu fence port, %llu memory port, %llu walkers, %llu L2 TLB\n",
      "stalls", (ull)of_event(counts, TW_EVENT_FETCH_STALL), (ull)of_event(counts, TW_EVENT_DATA_STALL),
      (ull)of_event(counts, TW_EVENT_FENCE_STALL), (ull)of_event(counts, TW_EVENT_MEM_STALL),
      (ull)of_event(counts, TW_EVENT_WALKER_STALL), (ull)of_event(counts, TW_EVENT_L2_STALL));
}

static bool counter_print(FILE *stream, const char *name, uint64_t model, uint64_t design) {
  if (model == design) return true;
  fprintf(stream, "  %-12s %s: %llu by the model, %llu by the design\n", "counters", name, (ull)model, (ull)design);
  return false;
}

/* What the two sides of a lockstep counted by their own pins. */
static void counters_print(FILE *stream, const tw_verdict *verdict) {
  const tw_player_counts *model = &verdict->counts;
  const tw_counters *design = &verdict->counters;
  bool same = counter_print(stream, "walker cycles", model->walk_cycles, design->walk_cycles);
  for (unsigned i = 0; i < TW_EVENT_COUNT; i++)
    same &= counter_print(stream, tw_event_name(i), model->events[i], design->events[i]);
  for (unsigned i = 1; i < TW_REASON_COUNT; i++)
    same &= counter_print(stream, tw_reason_name((tw_reason)i), model->faults[i], design->faults[i]);
  if (same)
    fprintf(stream, "  %-12s equal on both sides: %u events, faults by reason, walker cycles\n", "counters",
            TW_EVENT_COUNT);
}

/* What the verdict counts: of a sampled run what was measured, if that is known apart. */
static const tw_player_counts *counts_shown(const tw_verdict *verdict) {
  return verdict->sampled.counted ? &verdict->sampled.measured : &verdict->counts;
}

void verdict_counts_print(FILE *stream, const tw_verdict *verdict) {
  const tw_player_counts *counts = counts_shown(verdict);
  if (verdict->sampled.sample.measure) verdict_sample_print(stream, &verdict->sampled);
  fprintf(stream, "  %-12s %llu answered, %llu of them from a TLB, %llu asked again after RETRY, %llu cancelled\n",
          "accesses", (ull)counts->accesses, (ull)counts->hits, (ull)counts->retries, (ull)counts->cancelled);
  fprintf(stream, "  %-12s %llu requests while one was outstanding, %llu answers before an older one\n", "overlap",
          (ull)counts->overlapped, (ull)counts->overtakings);
  faults_print(stream, counts);
  tlbs_print(stream, counts);
  walks_print(stream, counts);
  stalls_print(stream, counts);
  fprintf(stream, "  %-12s %llu fences, %llu control writes, %llu PMP writes, %llu page-table stores\n", "system",
          (ull)counts->fences, (ull)counts->controls, (ull)counts->pmps, (ull)counts->stores);
  if (verdict->has_space) verdict_space_print(stream, &verdict->outcome);
  if (verdict->counted) counters_print(stream, verdict);
  fprintf(stream, "  %-12s %llu", "cycles", (ull)counts->cycles);
  if (counts != &verdict->counts) fprintf(stream, " of %llu", (ull)verdict->counts.cycles);
  fprintf(stream, " in %.3f s: %.0f a second\n", verdict->seconds,
          verdict->seconds > 0 ? (double)verdict->counts.cycles / verdict->seconds : 0.0);
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

static json_t *faults_json(const uint64_t *faults) {
  json_t *object = json_object();
  for (unsigned i = 1; i < TW_REASON_COUNT; i++)
    if (faults[i]) json_object_set_new(object, tw_reason_name((tw_reason)i), json_integer((json_int_t)faults[i]));
  return object;
}

static json_t *events_json(const uint64_t *events) {
  json_t *object = json_object();
  for (unsigned i = 0; i < TW_EVENT_COUNT; i++) {
    char name[32];
    snprintf(name, sizeof name, "%s", tw_event_name(i));
    for (char *at = name; *at; at++) *at = (char)tolower((unsigned char)*at);
    json_object_set_new(object, name, json_integer((json_int_t)events[i]));
  }
  return object;
}

static json_t *counters_json(const tw_counters *counters) {
  return json_pack("{s:I, s:o, s:o}", "walk_cycles", (json_int_t)counters->walk_cycles, "faults_by_reason",
                   faults_json(counters->faults), "events", events_json(counters->events));
}

static void counts_json(json_t *object, const tw_verdict *verdict) {
  const tw_player_counts *counts = counts_shown(verdict);
  const struct {
    const char *key;
    uint64_t value;
  } numbers[] = {
      {"accesses", counts->accesses},
      {"compared", verdict->compared},
      {"faults", faults_sum(counts)},
      {"walks", counts->events[event_bit(TW_EVENT_WALK_BEGIN)]},
      {"walk_steps", counts->steps},
      {"walk_cycles", counts->walk_cycles},
      {"updates", counts->updates},
      {"cycles", counts->cycles},
      {"fences", counts->fences},
      {"control_writes", counts->controls},
      {"pmp_writes", counts->pmps},
      {"stores", counts->stores},
      {"hits", counts->hits},
      {"retries", counts->retries},
      {"overlapped", counts->overlapped},
      {"overtakings", counts->overtakings},
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
  json_object_set_new(object, "faults_by_reason", faults_json(counts->faults));
  json_object_set_new(object, "events", events_json(counts->events));
  if (verdict->counted) json_object_set_new(object, "design", counters_json(&verdict->counters));
  if (verdict->has_space) json_object_set_new(object, "space", verdict_space_json(&verdict->outcome));
  if (verdict->sampled.sample.measure) json_object_set_new(object, "sample", verdict_sample_json(&verdict->sampled));
}

bool verdict_json(FILE *stream, const verdict_subject *subject, const tw_verdict *verdict) {
  return verdict_json_with(stream, subject, verdict, NULL, NULL);
}

bool verdict_json_with(FILE *stream, const verdict_subject *subject, const tw_verdict *verdict, const char *key,
                       json_t *value) {
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
  if (key) json_object_set_new(object, key, value);
  bool written = json_dumpf(object, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == 0 && fputc('\n', stream) != EOF;
  json_decref(object);
  return written;
}
