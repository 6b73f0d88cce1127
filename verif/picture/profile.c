/* Follows a run and counts.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "pages.h"
#include "profile_internal.h"
#include "twinwalk/pins.h"

#define NO_USE UINT8_MAX

/* An access as it was answered for good. */
typedef struct seen {
  uint32_t process; /* its number */
  uint64_t va;
  tw_access kind;
  bool kernel;
  const tw_record_answer *answer;
} seen;

tw_profile *tw_profile_open(tw_mode mode, uint64_t window) {
  tw_profile *profile = calloc(1, sizeof *profile);
  if (!profile) return NULL;
  profile->mode = mode;
  tw_timeline_init(&profile->timeline, window);
  profile->pages = calloc(1, sizeof *profile->pages);
  if (profile->pages) return profile;
  free(profile);
  return NULL;
}

void tw_profile_close(tw_profile *profile) {
  if (!profile) return;
  tw_timeline_free(&profile->timeline);
  for (unsigned stack = 0; stack < TW_STACK_COUNT; stack++) tw_reuse_free(&profile->reuse[stack]);
  page_table_free(profile->pages);
  free(profile->pages);
  free(profile->processes);
  free(profile->title);
  free(profile);
}

void tw_profile_begin(tw_profile *profile, const tw_source *source) {
  profile->space = tw_source_space(source);
  profile->has_space = profile->space != NULL;
  profile->sample = source->sample;
  const char *title = source->program ? tw_trace_header_get(source->program, "title") : NULL;
  free(profile->title);
  profile->title = title ? strdup(title) : NULL;
  profile->failed |= title && !profile->title;
}

/* Of a sampled run, the measured parts count alone. */
static bool counts_now(const tw_profile *profile) {
  return !profile->failed && (!profile->sample || profile->sample->phase == TW_PHASE_MEASURE);
}

static void hits_count(tw_hits *hits, const tw_record_answer *answer) {
  if (answer->status != TW_PIN_TRANSLATED) {
    hits->faulted++;
  } else if (!answer->hit) {
    hits->walked++;
  } else if (answer->l2) {
    hits->second++;
  } else {
    hits->first++;
  }
}

/* The tally of a process; NULL if memory is out. They are few, and asked for one after the other: found from the end.
 */
static tw_hits *process_find(tw_profile *profile, uint32_t process) {
  size_t at = profile->process_count;
  while (at && profile->processes[at - 1].process > process) at--;
  if (at && profile->processes[at - 1].process == process) return &profile->processes[at - 1].hits;
  tw_process_hits *grown = realloc(profile->processes, (profile->process_count + 1) * sizeof *grown);
  if (!grown) return NULL;
  profile->processes = grown;
  for (size_t i = profile->process_count++; i > at; i--) grown[i] = grown[i - 1];
  grown[at] = (tw_process_hits){.process = process};
  return &grown[at].hits;
}

/* What the region of an address is for, now. */
static uint8_t use_find(const tw_profile *profile, uint32_t process, uint64_t va) {
  tw_space_process at;
  const size_t count = profile->space ? tw_space_processes(profile->space) : 0;
  for (size_t n = 0; n < count && tw_space_process_at(profile->space, n, &at); n++) {
    if (at.id >> 16 != process) continue;
    const tw_region *region = tw_region_find(at.regions, va);
    return region ? (uint8_t)region->use : 0;
  }
  return 0;
}

static bool page_touch(tw_profile *profile, const seen *access, uint32_t page, tw_window *window, bool halved) {
  page_table *table = profile->pages;
  for (size_t i = 0; halved && i < table->count; i++)
    if (table->pages[i].window != UINT32_MAX) table->pages[i].window /= 2;
  const uint32_t now = (uint32_t)(window - profile->timeline.windows);
  tw_window_touch(window, now, table->pages[page].window);
  table->pages[page].window = now;
  const tw_stack stack = access->kind == TW_FETCH ? TW_STACK_FETCH : TW_STACK_DATA;
  return tw_reuse_touch(&profile->reuse[stack], page) && tw_reuse_touch(&profile->reuse[TW_STACK_BOTH], page);
}

/* An access of a program: its page, its window, its segment. */
static bool program_count(tw_profile *profile, const seen *access) {
  bool halved;
  tw_window *window = tw_timeline_next(&profile->timeline, &halved);
  const uint32_t number =
      window ? page_table_touch(profile->pages, access->process, access->va >> TW_PAGE_BITS) : UINT32_MAX;
  if (number == UINT32_MAX || !page_touch(profile, access, number, window, halved)) return false;
  touched_page *page = &profile->pages->pages[number];
  if (page->use == NO_USE) page->use = use_find(profile, access->process, access->va);
  hits_count(&profile->segments[page->use], access->answer);
  tw_hits *hits = process_find(profile, access->process);
  if (!hits) return false;
  hits_count(hits, access->answer);
  window->accesses++;
  return true;
}

static void access_count(tw_profile *profile, const seen *access) {
  const tw_record_answer *answer = access->answer;
  if (!access->kernel && !program_count(profile, access)) {
    profile->failed = true;
    return;
  }
  tw_window *window = tw_timeline_now(&profile->timeline);
  profile->failed |= !window;
  if (!window) return;
  if (access->kernel) {
    window->kernel++;
    hits_count(&profile->segments[TW_REGION_KERNEL], answer);
  }
  if (answer->answered > window->cycle) window->cycle = answer->answered;
  if (answer->status == TW_PIN_TRANSLATED) hits_count(&profile->sizes[2u * answer->level + answer->napot], answer);
  if (answer->hit || answer->status != TW_PIN_TRANSLATED) return;
  const uint64_t latency = answer->answered - answer->accepted;
  profile->latencies[latency < TW_LATENCIES ? latency : TW_LATENCIES]++;
  *(access->kind == TW_FETCH ? &window->fetch_walks : &window->data_walks) += 1;
}

static void retired_take(void *payload, const tw_space_retired *retired) {
  tw_profile *profile = payload;
  const seen access = {retired->process >> 16, retired->va, retired->kind, retired->kernel, retired->answer};
  if (counts_now(profile) && retired->answer) access_count(profile, &access);
}

static void event_take(void *payload, const tw_space_event *event) {
  tw_profile *profile = payload;
  const tw_space_event last = profile->last;
  const bool touched = event->kind == TW_SPACE_MINOR_FAULT || event->kind == TW_SPACE_MAJOR_FAULT;
  profile->last = *event;
  if (touched) {
    const uint32_t page = page_table_find(profile->pages, event->process >> 16, event->va >> TW_PAGE_BITS);
    if (page != UINT32_MAX) profile->pages->pages[page].use = NO_USE; /* something else may be mapped there now */
  }
  if (!counts_now(profile)) return;
  tw_window *window = tw_timeline_now(&profile->timeline);
  profile->failed |= !window;
  if (!window) return;
  window->events[event->kind]++;
  if (touched && last.kind == TW_SPACE_COPY && last.process == event->process && last.va == event->va &&
      last.record == event->record)
    window->first_copies++;
}

tw_space_watcher tw_profile_watcher(tw_profile *profile) {
  return (tw_space_watcher){event_take, retired_take, profile};
}

void profile_answered(tw_profile *profile, uint32_t asid, const tw_record_access *record,
                      const tw_record_answer *answer) {
  const seen access = {asid, record->va, record->kind, false, answer};
  if (counts_now(profile)) access_count(profile, &access);
}

bool tw_profile_check(const tw_profile *profile, tw_error *error) {
  if (profile->timeline.full)
    return tw_error_set(error, "--window %llu makes more than %u windows of this trace",
                        (unsigned long long)profile->timeline.length, TW_WINDOWS_FIXED_MAX);
  return !profile->failed || tw_error_set(error, "memory is out");
}

uint64_t tw_hits_sum(const tw_hits *hits) {
  return hits->first + hits->second + hits->walked + hits->faulted;
}

uint64_t tw_profile_latency(const tw_profile *profile, double part) {
  uint64_t all = 0, below = 0, latency = 0;
  for (unsigned i = 0; i <= TW_LATENCIES; i++) all += profile->latencies[i];
  for (; latency < TW_LATENCIES; latency++) {
    below += profile->latencies[latency];
    if ((double)below >= part * (double)all) break;
  }
  return latency;
}
