/* Follows a run, plays stores, and renumbers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "skip.h"

#include <stdlib.h>

#define FLIGHTS 256u /* numbers among which all outstanding accesses are, a power of two */

/* An access on its way, of which A and D will be set when it is answered. */
typedef struct flight {
  tw_record_access access;
  tw_control_state control;
} flight;

struct skipper {
  tw_forward *forward;
  tw_record_control control; /* as it was last written */
  bool controlled;           /* it was */
  bool fence_due, control_due;
  bool apart[2];         /* the next access of a port is the first since something was skipped */
  bool counting;         /* the next record that is played begins a part */
  uint64_t number;       /* of the next record that is played */
  uint64_t first, delta; /* of the part: the number that its first record was made with, and what was added to those it
                            is played with */
  flight flights[FLIGHTS];
};

skipper *skipper_open(const tw_config *config) {
  skipper *made = calloc(1, sizeof *made);
  if (!made) return NULL;
  made->forward = tw_forward_open(config, 0);
  made->counting = true;
  if (made->forward) return made;
  free(made);
  return NULL;
}

void skipper_close(skipper *self) {
  if (!self) return;
  tw_forward_close(self->forward);
  free(self);
}

static bool follow(skipper *self, const tw_record *record, tw_error *error) {
  if (record->kind == TW_RECORD_CONTROL) {
    self->control = record->control;
    self->controlled = true;
  }
  return tw_forward_follow(self->forward, record) || tw_error_set(error, "memory is out");
}

/* What was made before the part began is complete. */
static void after_cut(const skipper *self, tw_record *record) {
  tw_after *after = &record->after;
  unsigned kept = 0;
  for (unsigned i = 0; i < after->count; i++)
    if (after->back[i] <= record->number - self->first) after->back[kept++] = after->back[i];
  after->count = (uint8_t)kept;
}

/* The first access on each port waits for the control state of the part. */
static void access_part(skipper *self, tw_record *record) {
  bool *apart = &self->apart[record->access.kind == TW_FETCH ? 0 : 1];
  if (*apart) record->after = (tw_after){.all = true};
  *apart = false;
  flight *kept = &self->flights[record->number % FLIGHTS];
  *kept = (flight){record->access, *tw_forward_control(self->forward)};
}

bool skipper_play(skipper *self, tw_record *record, tw_error *error) {
  if (!follow(self, record, error)) return false;
  if (record->kind == TW_RECORD_IMAGE || record->kind == TW_RECORD_INJECT) return true;
  if (self->counting) {
    self->first = record->number;
    self->delta = record->number - self->number;
    self->counting = false;
  }
  after_cut(self, record);
  if (record->kind == TW_RECORD_ACCESS) access_part(self, record);
  record->number = self->number++;
  return true;
}

/* Hardware that sets A and D has done so: the tables of the forwarding learn it. */
bool skipper_answered(skipper *self, tw_record_answer *answer, tw_error *error) {
  answer->access += self->delta;
  const flight *kept = &self->flights[answer->access % FLIGHTS];
  tw_record_answer ignored = {0};
  tw_record store;
  if (!kept->control.adue || answer->status != TW_PIN_TRANSLATED) return true;
  if (!tw_forward_access(self->forward, &kept->control, &kept->access, &ignored))
    return tw_error_set(error, "memory is out");
  while (tw_forward_update(self->forward, &store)) continue; /* memory has it already */
  return true;
}

bool skipper_access(skipper *self, const tw_record *record, tw_record_answer *answer, tw_error *error) {
  *answer = (tw_record_answer){.access = record->number};
  return tw_forward_access(self->forward, tw_forward_control(self->forward), &record->access, answer) ||
         tw_error_set(error, "memory is out");
}

/* It waits for all that was played: nothing of what is skipped has a time. */
static void play_after_all(skipper *self, tw_record *record) {
  record->after = (tw_after){.all = self->number > 0};
  record->delay = 0;
  record->number = self->number++;
}

bool skipper_other(skipper *self, tw_record *record, bool *played, tw_error *error) {
  if (!follow(self, record, error)) return false;
  *played = record->kind != TW_RECORD_CONTROL && record->kind != TW_RECORD_FENCE;
  if (*played && record->kind != TW_RECORD_IMAGE && record->kind != TW_RECORD_INJECT) play_after_all(self, record);
  return true;
}

void skipper_resume(skipper *self) {
  self->fence_due = true;
  self->control_due = self->controlled;
  self->apart[0] = self->apart[1] = true;
  self->counting = true;
}

bool skipper_pending(skipper *self, tw_record *record) {
  if (!tw_forward_update(self->forward, record)) {
    if (self->fence_due) {
      self->fence_due = false;
      *record = (tw_record){.kind = TW_RECORD_FENCE};
    } else if (self->control_due) {
      self->control_due = false;
      *record = (tw_record){.kind = TW_RECORD_CONTROL, .control = self->control};
    } else {
      return false;
    }
  }
  play_after_all(self, record);
  return true;
}
