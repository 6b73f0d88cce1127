/* A profile as text.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "profile.h"
#include "words.h"

typedef unsigned long long ull;

const char *tw_profile_segment_name(unsigned use) {
  if (use == 0) return "no region";
  return tw_region_use_name((tw_region_use)use);
}

void tw_profile_size_name(const tw_profile *profile, unsigned size, char *text, size_t room) {
  const tw_mode_info *mode = tw_mode_row(profile->mode);
  const uint64_t bytes = size % 2 ? 65536 : UINT64_C(1) << (TW_PAGE_BITS + mode->vpn_bits * (size / 2));
  tw_words_size(bytes, text, room);
}

static double share(uint64_t part, uint64_t whole) {
  return whole ? 100.0 * (double)part / (double)whole : 0.0;
}

static void hits_print(FILE *stream, const char *title, const char *name, const tw_hits *hits) {
  const uint64_t all = tw_hits_sum(hits);
  if (!all) return;
  fprintf(stream, "  %-12s %-14s %llu accesses: %.3f %% hit, %.3f %% hit in L2, %.3f %% walked, %llu faulted\n", title,
          name, (ull)all, share(hits->first, all), share(hits->second, all), share(hits->walked, all),
          (ull)hits->faulted);
}

static void tallies_print(const tw_profile *profile, FILE *stream) {
  const char *title = "by segment";
  char name[32];
  for (unsigned use = 0; use < TW_REGION_USE_COUNT && profile->has_space; use++) {
    hits_print(stream, title, tw_profile_segment_name(use), &profile->segments[use]);
    if (tw_hits_sum(&profile->segments[use])) title = "";
  }
  title = profile->has_space ? "by process" : "by ASID";
  for (size_t i = 0; i < profile->process_count; i++, title = "") {
    snprintf(name, sizeof name, "%u", profile->processes[i].process);
    hits_print(stream, title, name, &profile->processes[i].hits);
  }
  title = "by page size";
  for (unsigned size = 0; size < TW_PAGE_SIZES; size++) {
    tw_profile_size_name(profile, size, name, sizeof name);
    hits_print(stream, title, name, &profile->sizes[size]);
    if (tw_hits_sum(&profile->sizes[size])) title = "";
  }
}

static void reuse_print(const tw_profile *profile, FILE *stream) {
  static const char *const names[] = {"fetches", "data", "both"};
  static const unsigned entries[] = {4, 16, 64, 256, 1024};
  for (unsigned stack = 0; stack < TW_STACK_COUNT; stack++) {
    const tw_reuse *reuse = &profile->reuse[stack];
    fprintf(stream, "  %-12s %-14s %zu pages; LRU misses with", stack ? "" : "reuse", names[stack],
            (size_t)reuse->cold);
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
      fprintf(stream, "%s %u: %.3f %%", i ? "," : "", entries[i],
              share(tw_reuse_misses(reuse, entries[i]), reuse->accesses));
    fputc('\n', stream);
  }
}

void tw_profile_print(const tw_profile *profile, FILE *stream) {
  uint64_t most = 0;
  const tw_timeline *timeline = &profile->timeline;
  for (size_t i = 0; i < timeline->count; i++) {
    const uint64_t pages = tw_window_pages(&timeline->windows[i]);
    if (pages > most) most = pages;
  }
  tallies_print(profile, stream);
  fprintf(stream, "  %-12s at most %llu pages in %llu accesses; %zu windows\n", "working set", (ull)most,
          (ull)timeline->length, timeline->count);
  reuse_print(profile, stream);
  fprintf(stream, "  %-12s median %llu cycles, 90 %% within %llu, 99 %% within %llu\n", "walked in",
          (ull)tw_profile_latency(profile, 0.5), (ull)tw_profile_latency(profile, 0.9),
          (ull)tw_profile_latency(profile, 0.99));
}
