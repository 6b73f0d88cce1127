/* Compares two golden traces, read side by side.
 *
 * What is asked (accesses, control writes, stores, fences, memory) must be the same record by record. Answers are
 * matched by the access's number and the attempt, whatever their order; page-table reads by their order.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "golden_compare.h"

#include <stdlib.h>
#include <string.h>

#define RING 8192u    /* accesses that are remembered, for the report */
#define BUCKETS 4096u /* of answers that wait for their counterpart */
#define LINE_BYTES 8192u

/* A record that the other trace did not have yet. */
typedef struct waiting {
  struct waiting *next;
  tw_record record;
  unsigned side;
} waiting;

typedef struct comparison {
  tw_trace_reader *readers[2];
  golden_report report;
  void *payload;
  golden_counts *counts;
  waiting *answers[BUCKETS];   /* newest first */
  waiting *steps, **last_step; /* all of one side, oldest first */
  bool steps_agree;            /* until they do not: later ones say nothing */
  tw_record *ring;             /* RING accesses; a slot is the access with its number, or empty (kind 0) */
  tw_error *error;
} comparison;

static void tell(comparison *at, const golden_difference *difference) {
  at->counts->total++;
  at->report(at->payload, difference);
}

static waiting *keep(comparison *at, unsigned side, const tw_record *record) {
  waiting *made = malloc(sizeof *made);
  if (!made) {
    tw_error_set(at->error, "out of memory for answers that wait for the other trace's");
    return NULL;
  }
  *made = (waiting){.record = *record, .side = side};
  return made;
}

static const tw_record *find_access(const comparison *at, uint64_t number) {
  const tw_record *found = &at->ring[number % RING];
  return found->kind == TW_RECORD_ACCESS && found->number == number ? found : NULL;
}

static void tell_missing(comparison *at, unsigned side, const tw_record *record) {
  golden_difference difference = {.kind = GOLDEN_MISSING,
                                  .number = record->answer.access,
                                  .attempt = record->answer.attempt,
                                  .access = find_access(at, record->answer.access)};
  difference.sides[side] = record;
  at->counts->differences[GOLDEN_MISSING]++;
  tell(at, &difference);
}

static void compare_answers(comparison *at, const tw_record *first, const tw_record *second) {
  const tw_record_answer *a = &first->answer, *b = &second->answer;
  const bool differs[] = {
      [GOLDEN_OUTCOME] = a->status != b->status || a->reason != b->reason || a->pa != b->pa || a->level != b->level ||
                         a->flags != b->flags,
      [GOLDEN_HIT] = a->hit != b->hit,
      [GOLDEN_CYCLES] = a->accepted != b->accepted || a->answered != b->answered,
      [GOLDEN_ONLY] = a->only != b->only,
  };
  golden_class worst = GOLDEN_CLASS_COUNT;
  for (golden_class i = GOLDEN_ONLY + 1; i-- > 0;)
    if (differs[i]) {
      at->counts->differences[i]++;
      worst = i;
    }
  at->counts->answers++;
  if (worst == GOLDEN_CLASS_COUNT) return;
  tell(at, &(golden_difference){worst, a->access, a->attempt, find_access(at, a->access), {first, second}});
}

/* Matches an answer with the other side's, or lets it wait. */
static bool take_answer(comparison *at, unsigned side, const tw_record *record) {
  waiting **bucket = &at->answers[record->answer.access % BUCKETS];
  for (waiting **link = bucket; *link; link = &(*link)->next) {
    waiting *other = *link;
    if (other->side == side || other->record.answer.access != record->answer.access ||
        other->record.answer.attempt != record->answer.attempt)
      continue;
    compare_answers(at, side == 0 ? record : &other->record, side == 0 ? &other->record : record);
    *link = other->next;
    free(other);
    return true;
  }
  waiting *made = keep(at, side, record);
  if (!made) return false;
  made->next = *bucket;
  *bucket = made;
  return true;
}

static void compare_steps(comparison *at, const tw_record *first, const tw_record *second) {
  const tw_record_step *a = &first->step, *b = &second->step;
  at->steps_agree = a->pa == b->pa && a->size == b->size && a->error == b->error && a->pte == b->pte;
  if (!at->steps_agree || a->cycle != b->cycle) {
    at->counts->differences[GOLDEN_STEP]++;
    tell(at, &(golden_difference){.kind = GOLDEN_STEP, .number = at->counts->steps, .sides = {first, second}});
  }
  at->counts->steps++;
}

static bool take_step(comparison *at, unsigned side, const tw_record *record) {
  waiting *other = at->steps;
  if (!at->steps_agree) return true;
  if (other && other->side != side) {
    at->steps = other->next;
    if (!at->steps) at->last_step = &at->steps;
    compare_steps(at, side == 0 ? record : &other->record, side == 0 ? &other->record : record);
    free(other);
    return true;
  }
  waiting *made = keep(at, side, record);
  if (!made) return false;
  *at->last_step = made;
  at->last_step = &made->next;
  return true;
}

/* Reads up to the next record that is neither an answer nor a step. */
static tw_trace_result next_stimulus(comparison *at, unsigned side, tw_record *record) {
  tw_trace_result result;
  while ((result = tw_trace_read(at->readers[side], record, at->error)) == TW_TRACE_RECORD) {
    bool good = true;
    if (record->kind == TW_RECORD_ANSWER)
      good = take_answer(at, side, record);
    else if (record->kind == TW_RECORD_STEP)
      good = take_step(at, side, record);
    else
      break;
    if (!good) return TW_TRACE_ERROR;
  }
  if (result == TW_TRACE_RECORD && record->kind == TW_RECORD_ACCESS) at->ring[record->number % RING] = *record;
  return result;
}

static bool same_stimulus(const tw_record *a, const tw_record *b) {
  char lines[2][LINE_BYTES];
  if (a->kind != b->kind) return false;
  tw_record_format(a, lines[0], sizeof lines[0]);
  tw_record_format(b, lines[1], sizeof lines[1]);
  return strcmp(lines[0], lines[1]) == 0;
}

/* Both traces to their ends, or to where they ask for different things. */
static bool compare_stimulus(comparison *at, bool *same) {
  tw_record records[2];
  *same = true;
  for (;;) {
    const tw_trace_result first = next_stimulus(at, 0, &records[0]);
    if (first == TW_TRACE_ERROR) return false;
    const tw_trace_result second = next_stimulus(at, 1, &records[1]);
    if (second == TW_TRACE_ERROR) return false;
    if (first == TW_TRACE_END && second == TW_TRACE_END) return true;
    if (first != second || !same_stimulus(&records[0], &records[1])) {
      golden_difference difference = {.kind = GOLDEN_STIMULUS, .number = at->counts->stimulus};
      if (first == TW_TRACE_RECORD) difference.sides[0] = &records[0];
      if (second == TW_TRACE_RECORD) difference.sides[1] = &records[1];
      at->counts->differences[GOLDEN_STIMULUS]++;
      tell(at, &difference);
      *same = false;
      return true;
    }
    at->counts->stimulus++;
  }
}

/* What still waits has no counterpart. Steps are told once: all of them are on one side. */
static void tell_leftovers(comparison *at) {
  for (unsigned i = 0; i < BUCKETS; i++)
    for (const waiting *left = at->answers[i]; left; left = left->next) tell_missing(at, left->side, &left->record);
  if (!at->steps || !at->steps_agree) return;
  golden_difference difference = {.kind = GOLDEN_STEP, .number = at->counts->steps};
  difference.sides[at->steps->side] = &at->steps->record;
  at->counts->differences[GOLDEN_STEP]++;
  tell(at, &difference);
}

static void free_list(waiting *list) {
  while (list) {
    waiting *next = list->next;
    free(list);
    list = next;
  }
}

bool golden_compare(tw_trace_reader *first, tw_trace_reader *second, golden_report report, void *payload,
                    golden_counts *counts, tw_error *error) {
  bool same = true;
  comparison *at = calloc(1, sizeof *at);
  tw_record *ring = calloc(RING, sizeof *ring);
  if (!at || !ring) {
    free(at);
    free(ring);
    return tw_error_set(error, "out of memory for a comparison");
  }
  *counts = (golden_counts){0};
  *at = (comparison){.readers = {first, second}, .report = report, .payload = payload, .counts = counts};
  at->last_step = &at->steps;
  at->steps_agree = true;
  at->ring = ring;
  at->error = error;
  bool good = compare_stimulus(at, &same);
  if (good && same) tell_leftovers(at);
  for (unsigned i = 0; i < BUCKETS; i++) free_list(at->answers[i]);
  free_list(at->steps);
  free(ring);
  free(at);
  if (good && counts->answers == 0 && counts->total == 0)
    good = tw_error_set(error, "nothing was compared: neither trace has an answer");
  return good;
}
