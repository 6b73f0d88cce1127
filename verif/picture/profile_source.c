/* Looks on at a source of MMU records: which access each answer belongs to.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "profile.h"
#include "profile_internal.h"

#define FLIGHTS 65536u /* numbers among which all unanswered accesses are, a power of two */

typedef struct watched_source {
  tw_source source; /* first: a tw_source is what callers hold */
  tw_source *inner; /* owned */
  tw_profile *profile;
  struct {
    tw_record_access access;
    uint32_t asid;
  } flights[FLIGHTS];
} watched_source;

static void record_note(watched_source *self, const tw_record *record) {
  tw_satp satp;
  if (record->kind == TW_RECORD_CONTROL &&
      tw_satp_decode(tw_mode_row(self->profile->mode)->xlen, record->control.satp, &satp))
    self->profile->asid = satp.asid;
  if (record->kind != TW_RECORD_ACCESS) return;
  self->flights[record->number % FLIGHTS].access = record->access;
  self->flights[record->number % FLIGHTS].asid = self->profile->asid;
}

static tw_source_result watched_next(tw_source *source, tw_record *record, tw_error *error) {
  watched_source *self = (watched_source *)source;
  self->inner->expect = source->expect;
  self->inner->payload = source->payload;
  const tw_source_result result = self->inner->next(self->inner, record, error);
  if (result == TW_SOURCE_RECORD) record_note(self, record);
  return result;
}

static bool watched_answer(tw_source *source, const tw_record_answer *answer, tw_error *error) {
  watched_source *self = (watched_source *)source;
  const uint64_t at = answer->access % FLIGHTS;
  profile_answered(self->profile, self->flights[at].asid, &self->flights[at].access, answer);
  return !self->inner->answer || self->inner->answer(self->inner, answer, error);
}

static void watched_progress(const tw_source *source, uint64_t *done, uint64_t *total) {
  const watched_source *self = (const watched_source *)source;
  self->inner->progress(self->inner, done, total);
}

static void watched_close(tw_source *source) {
  watched_source *self = (watched_source *)source;
  self->inner->close(self->inner);
  free(self);
}

tw_source *tw_profile_source(tw_profile *profile, tw_source *source) {
  watched_source *self = calloc(1, sizeof *self);
  if (!self) {
    source->close(source);
    return NULL;
  }
  self->inner = source;
  self->profile = profile;
  self->source = *source;
  self->source.next = watched_next;
  self->source.accesses = NULL;
  self->source.answer = watched_answer;
  self->source.close = watched_close;
  self->source.progress = source->progress ? watched_progress : NULL;
  self->source.counts = NULL; /* an MMU trace has no operating system's side */
  return &self->source;
}
