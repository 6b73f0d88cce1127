/* Takes and words what came of the operating system's side.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

#include <stdio.h>

typedef unsigned long long ull;

static bool end_judge(const tw_source *source, tw_outcome *outcome, tw_error *error) {
  if (!tw_space_check(source->space, error)) return tw_source_blame(source, error);
  if (source->sample) return true; /* what is skipped meets no stale translation, and an expectation may be of them */
  if (!tw_expectations_read(source->program, &outcome->expectations, error)) return tw_source_blame(source, error);
  outcome->unmet = tw_expectations_judge(&outcome->expectations, &outcome->counts);
  return true;
}

bool tw_outcome_take(const tw_source *source, bool whole, tw_outcome *outcome, tw_error *error) {
  *outcome = (tw_outcome){
      .whole = whole, .content_checked = source->content_checked, .isolation_checked = source->isolation_checked};
  tw_space_count(source->space, &outcome->counts);
  while (outcome->stale_count < TW_SPACE_STALE_KEPT &&
         tw_space_stale_at(source->space, outcome->stale_count, &outcome->stale[outcome->stale_count]))
    outcome->stale_count++;
  return !whole || end_judge(source, outcome, error);
}

void tw_outcome_free(tw_outcome *outcome) {
  tw_expectations_free(&outcome->expectations);
}

uint64_t tw_outcome_errors(const tw_outcome *outcome) {
  const tw_space_counts *counts = &outcome->counts;
  return counts->content_unexplained + counts->isolation_errors;
}

bool tw_outcome_good(const tw_outcome *outcome) {
  return outcome->unmet == 0 && tw_outcome_errors(outcome) == 0;
}

void tw_outcome_say(const tw_outcome *outcome, char *text, size_t size) {
  const tw_space_counts *counts = &outcome->counts;
  text[0] = '\0';
  if (tw_outcome_errors(outcome)) {
    snprintf(text, size, "%llu loads did not find what was stored last, %llu accesses reached a frame of another",
             (ull)counts->content_unexplained, (ull)counts->isolation_errors);
    return;
  }
  for (size_t i = 0; i < outcome->expectations.count; i++) {
    const tw_expectation *expectation = &outcome->expectations.at[i];
    if (expectation->holds) continue;
    snprintf(text, size, "expected %s %s %llu, found %llu%s", expectation->name, expectation->relation,
             (ull)expectation->wanted, (ull)expectation->found, outcome->unmet > 1 ? ", and others" : "");
    return;
  }
}

/* What an operating system did when it revoked a translation. */
static const char *event_words(tw_fence_event event) {
  static const char *const WORDS[TW_FENCED_COUNT] = {
      [TW_FENCED_COPY] = "copy-on-write", [TW_FENCED_FORK] = "fork",       [TW_FENCED_PROTECT] = "mprotect",
      [TW_FENCED_UNMAP] = "munmap",       [TW_FENCED_EXIT] = "exit",       [TW_FENCED_RECLAIM] = "reclaim",
      [TW_FENCED_PROMOTE] = "promotion",  [TW_FENCED_SPLIT] = "splitting", [TW_FENCED_NO_ASID] = "a switch",
  };
  return (unsigned)event < TW_FENCED_COUNT && WORDS[event] ? WORDS[event] : tw_fence_event_name(event);
}

/* The fence that a recent Linux sends there. */
static const char *fence_words(tw_fence_event event) {
  const tw_fence_policy *linux_policy = tw_fence_policy_find("linux");
  switch ((unsigned)event < TW_FENCED_COUNT ? linux_policy->on[event] : TW_FENCE_ALL) {
  case TW_FENCE_PAGE:
    return "sfence.vma va, x0";
  case TW_FENCE_PAGE_ASID:
  case TW_FENCE_RANGE:
    return "sfence.vma va, asid";
  case TW_FENCE_ASID:
    return "sfence.vma x0, asid";
  default:
    return "sfence.vma x0, x0";
  }
}

void tw_stale_say(const tw_space_stale *stale, char *text, size_t size) {
  int used =
      snprintf(text, size,
               "page 0x%llx of process %u %s at record %llu through a translation that was revoked "
               "at record %llu by %s (it was at 0x%llx and is ",
               (ull)stale->va, (unsigned)(stale->process >> 16), stale->used ? "was used" : "could have been used",
               (ull)stale->record, (ull)stale->revoked, event_words(stale->event), (ull)stale->old_pa);
  if (used < 0 || (size_t)used >= size) return;
  char now[40] = "nowhere";
  if (stale->new_pa) snprintf(now, sizeof now, "at 0x%llx", (ull)stale->new_pa);
  snprintf(text + used, size - (size_t)used, "%s); the missing fence is %s", now, fence_words(stale->event));
}
