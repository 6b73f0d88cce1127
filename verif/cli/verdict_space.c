/* Prints what came of the operating system's side.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "verdict_space.h"

#include <string.h>

#define STALE_SHOWN 8u
#define GROUP_MAX 8u

typedef unsigned long long ull;

typedef struct count_words {
  const char *name;  /* of a field of tw_space_counts */
  const char *words; /* what it counts */
} count_words;

typedef struct count_group {
  const char *title;
  count_words counts[GROUP_MAX];
} count_group;

static const count_group GROUPS[] = {
    {"space",
     {{"program_accesses", "accesses of the program"},
      {"page_crossings", "across a page boundary"},
      {"squashed", "asked again behind the fault of an older one"},
      {"unplayed_accesses", "at addresses that the mode does not have"},
      {"regions_rebased", "regions moved"}}},
    {"page faults",
     {{"page_faults", "answered"},
      {"minor_faults", "minor"},
      {"major_faults", "major"},
      {"accessed_set", "for A"},
      {"dirty_set", "for D"},
      {"spurious_faults", "spurious"},
      {"segmentation_faults", "segmentation faults"},
      {"access_faults", "access faults"}}},
    {"pages",
     {{"pages_mapped", "mapped"},
      {"copies", "copied on write"},
      {"reuses", "kept on write"},
      {"promotions", "large ones made"},
      {"splits", "large ones split"},
      {"napot_runs", "of 64 KiB made"},
      {"frames_used", "frames used"},
      {"frames_peak", "frames at most"}}},
    {"disk",
     {{"swapped_out", "pages out"},
      {"swapped_in", "pages in"},
      {"file_reads", "pages of files read"},
      {"dropped", "clean pages dropped"},
      {"aged", "entries aged"}}},
    {"processes",
     {{"processes", "in all"},
      {"forks", "forks"},
      {"execs", "execs"},
      {"exits", "exits"},
      {"switches", "switches"},
      {"rollovers", "rollovers of ASIDs"},
      {"calls", "system calls"}}},
    {"kernel",
     {{"kernel_accesses", "accesses"},
      {"stores", "page-table stores"},
      {"fences", "fences"},
      {"fences_page", "of a page"},
      {"fences_page_asid", "of a page and an ASID"},
      {"fences_asid", "of an ASID"},
      {"fences_all", "of everything"},
      {"unknown_fences", "seen without operands"}}},
};

static uint64_t count_of(const tw_space_counts *counts, const char *name) {
  uint64_t value = 0;
  tw_space_count_named(counts, name, &value);
  return value;
}

static void group_print(FILE *stream, const count_group *group, const tw_space_counts *counts) {
  const char *before = "";
  for (unsigned i = 0; i < GROUP_MAX && group->counts[i].name; i++) {
    const uint64_t value = count_of(counts, group->counts[i].name);
    if (!value) continue;
    if (!*before) fprintf(stream, "  %-12s ", group->title);
    fprintf(stream, "%s%llu %s", before, (ull)value, group->counts[i].words);
    before = ", ";
  }
  if (*before) fprintf(stream, "\n");
}

static void checks_print(FILE *stream, const tw_outcome *outcome) {
  const tw_space_counts *counts = &outcome->counts;
  if (!outcome->content_checked && !outcome->isolation_checked) {
    fprintf(stream, "  %-12s none (--checks none)\n", "checks");
    return;
  }
  const char *before = "";
  fprintf(stream, "  %-12s ", "checks");
  if (outcome->content_checked) {
    fprintf(stream, "content of %llu loads: %llu wrong, digest 0x%016llx", (ull)counts->checked_loads,
            (ull)counts->content_errors, (ull)counts->content_digest);
    before = "; ";
  }
  if (outcome->isolation_checked)
    fprintf(stream, "%sframes of %llu accesses: %llu of another", before, (ull)counts->checked_accesses,
            (ull)counts->isolation_errors);
  fprintf(stream, "\n");
  if (tw_outcome_errors(outcome))
    fprintf(stream, "  %-12s no missing fence explains it: the design, or the operating system's side, is wrong\n", "");
}

/* The software's faults. */
static void stale_print(FILE *stream, const tw_outcome *outcome) {
  const tw_space_counts *counts = &outcome->counts;
  const uint64_t all = counts->stale_uses + counts->stale_chances;
  char text[400];
  if (!all) return;
  fprintf(stream,
          "  %-12s its fault, not a difference: %llu accesses used a translation that was revoked without its "
          "fence, %llu could have\n",
          "software", (ull)counts->stale_uses, (ull)counts->stale_chances);
  size_t shown = outcome->stale_count < STALE_SHOWN ? outcome->stale_count : STALE_SHOWN;
  for (size_t i = 0; i < shown; i++) {
    tw_stale_say(&outcome->stale[i], text, sizeof text);
    fprintf(stream, "  %-12s %s\n", "", text);
  }
  if (all > shown) fprintf(stream, "  %-12s and %llu more\n", "", (ull)(all - shown));
}

static void expectations_print(FILE *stream, const tw_outcome *outcome) {
  const tw_expectations *list = &outcome->expectations;
  if (list->count == 0) return;
  fprintf(stream, "  %-12s %zu of %zu hold\n", "expected", list->count - outcome->unmet, list->count);
  for (size_t i = 0; i < list->count; i++) {
    const tw_expectation *at = &list->at[i];
    if (at->holds) continue;
    fprintf(stream, "  %-12s expected %s %s %llu, found %llu\n", "", at->name, at->relation, (ull)at->wanted,
            (ull)at->found);
  }
}

void verdict_space_print(FILE *stream, const tw_outcome *outcome) {
  for (size_t i = 0; i < sizeof GROUPS / sizeof GROUPS[0]; i++) group_print(stream, &GROUPS[i], &outcome->counts);
  checks_print(stream, outcome);
  stale_print(stream, outcome);
  expectations_print(stream, outcome);
}

static json_t *counts_json(const tw_space_counts *counts) {
  json_t *object = json_object();
  const char *name;
  for (size_t i = 0; (name = tw_space_count_name(i)) != NULL; i++) {
    char digest[20];
    const uint64_t value = count_of(counts, name);
    snprintf(digest, sizeof digest, "0x%016llx", (ull)value);
    json_object_set_new(object, name,
                        strcmp(name, "content_digest") == 0 ? json_string(digest) : json_integer((json_int_t)value));
  }
  return object;
}

static json_t *stale_json(const tw_outcome *outcome) {
  json_t *list = json_array();
  char text[400];
  for (size_t i = 0; i < outcome->stale_count; i++) {
    const tw_space_stale *at = &outcome->stale[i];
    tw_stale_say(at, text, sizeof text);
    json_array_append_new(list, json_pack("{s:I, s:I, s:I, s:I, s:s, s:b, s:s}", "record", (json_int_t)at->record,
                                          "revoked", (json_int_t)at->revoked, "process", (json_int_t)at->process, "va",
                                          (json_int_t)at->va, "event", tw_fence_event_name(at->event), "used",
                                          (int)at->used, "text", text));
  }
  return list;
}

static json_t *expectations_json(const tw_expectations *expectations) {
  json_t *list = json_array();
  for (size_t i = 0; i < expectations->count; i++) {
    const tw_expectation *at = &expectations->at[i];
    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:I, s:I, s:b}", "name", at->name, "relation", at->relation, "wanted",
                                    (json_int_t)at->wanted, "found", (json_int_t)at->found, "holds", (int)at->holds));
  }
  return list;
}

json_t *verdict_space_json(const tw_outcome *outcome) {
  return json_pack("{s:b, s:o, s:b, s:b, s:b, s:o, s:o}", "good", (int)tw_outcome_good(outcome), "counts",
                   counts_json(&outcome->counts), "content_checked", (int)outcome->content_checked, "isolation_checked",
                   (int)outcome->isolation_checked, "whole", (int)outcome->whole, "stale", stale_json(outcome),
                   "expectations", expectations_json(&outcome->expectations));
}

void verdict_sample_print(FILE *stream, const tw_sampled *sampled) {
  const tw_sample *sample = &sampled->sample;
  fprintf(stream,
          "  %-12s %llu:%llu:%llu: %llu intervals; of the program's accesses %llu skipped, %llu warmed, %llu "
          "measured\n",
          "sampled", (ull)sample->skip, (ull)sample->warm, (ull)sample->measure, (ull)sampled->intervals,
          (ull)sampled->accesses[TW_PHASE_SKIP], (ull)sampled->accesses[TW_PHASE_WARM],
          (ull)sampled->accesses[TW_PHASE_MEASURE]);
  fprintf(stream, "  %-12s %s\n", "",
          sampled->counted ? "the counts that follow are of the measured intervals; those of the space, of all"
                           : "the counts that follow are of all that was played; those of the space, of all");
}

json_t *verdict_sample_json(const tw_sampled *sampled) {
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "skip", (json_int_t)sampled->sample.skip, "warm",
                   (json_int_t)sampled->sample.warm, "measure", (json_int_t)sampled->sample.measure, "intervals",
                   (json_int_t)sampled->intervals, "skipped", (json_int_t)sampled->accesses[TW_PHASE_SKIP], "warmed",
                   (json_int_t)sampled->accesses[TW_PHASE_WARM], "measured",
                   (json_int_t)sampled->accesses[TW_PHASE_MEASURE], "counted_apart", (int)sampled->counted);
}
