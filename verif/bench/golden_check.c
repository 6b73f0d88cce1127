/* Matches recorded answers with those that come. Either may be first: a trace is read only as far as the player needs
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "golden.h"

typedef struct half {
  bool expected; /* else found */
  bool illegal;  /* found: the oracle says so */
  tw_record_answer answer;
  tw_flight flight;
} half;

/* A queue of reads: expected ones, or found ones; never both are waiting. */
typedef struct read_queue {
  tw_memory_read *items;
  size_t first, count, room;
} read_queue;

struct tw_golden_check {
  tw_golden_levels levels;
  half *halves; /* answers that have no partner yet: few, as accesses in flight are few */
  size_t half_count, half_room;
  read_queue expected, found;
  tw_golden_mismatch *mismatches;
  size_t mismatch_first, mismatch_count, mismatch_room;
  uint64_t compared;
};

tw_golden_check *tw_golden_check_open(const tw_golden_levels *levels) {
  tw_golden_check *check = calloc(1, sizeof *check);
  if (check) check->levels = *levels;
  return check;
}

void tw_golden_check_close(tw_golden_check *check) {
  if (!check) return;
  free(check->halves);
  free(check->expected.items);
  free(check->found.items);
  free(check->mismatches);
  free(check);
}

/* Makes room for one more; false if memory is out. */
static bool room_make(void **items, size_t *room, size_t count, size_t size) {
  if (count < *room) return true;
  size_t wanted = *room ? *room * 2 : 64;
  void *grown = realloc(*items, wanted * size);
  if (!grown) return false;
  *items = grown;
  *room = wanted;
  return true;
}

static bool mismatch_add(tw_golden_check *check, const tw_golden_mismatch *mismatch) {
  if (!room_make((void **)&check->mismatches, &check->mismatch_room, check->mismatch_first + check->mismatch_count,
                 sizeof *mismatch))
    return false;
  check->mismatches[check->mismatch_first + check->mismatch_count++] = *mismatch;
  return true;
}

static bool is_equal(const tw_golden_check *check, const tw_record_answer *expected, const tw_record_answer *found) {
  bool same = expected->status == found->status && expected->reason == found->reason && expected->pa == found->pa &&
              expected->level == found->level && expected->flags == found->flags &&
              expected->attribute == found->attribute && expected->napot == found->napot;
  if (!check->levels.cycles) return same;
  return same && expected->hit == found->hit && expected->l2 == found->l2 && expected->accepted == found->accepted &&
         expected->answered == found->answered;
}

static bool pair_compare(tw_golden_check *check, const half *expected, const half *found) {
  check->compared++;
  if (check->levels.only && !expected->answer.only ? !found->illegal
                                                   : is_equal(check, &expected->answer, &found->answer))
    return true;
  const tw_golden_mismatch mismatch = {.is_answer = true,
                                       .expected_given = true,
                                       .found_given = true,
                                       .expected = expected->answer,
                                       .found = found->answer,
                                       .flight = found->flight};
  return mismatch_add(check, &mismatch);
}

static bool half_add(tw_golden_check *check, const half *fresh) {
  for (size_t i = 0; i < check->half_count; i++) {
    half other = check->halves[i];
    if (other.expected == fresh->expected || other.answer.access != fresh->answer.access ||
        other.answer.attempt != fresh->answer.attempt)
      continue;
    check->halves[i] = check->halves[--check->half_count];
    return fresh->expected ? pair_compare(check, fresh, &other) : pair_compare(check, &other, fresh);
  }
  if (!room_make((void **)&check->halves, &check->half_room, check->half_count, sizeof *fresh)) return false;
  check->halves[check->half_count++] = *fresh;
  return true;
}

static bool queue_push(read_queue *queue, const tw_memory_read *read) {
  if (queue->first == queue->count) queue->first = queue->count = 0;
  if (!room_make((void **)&queue->items, &queue->room, queue->count, sizeof *read)) return false;
  queue->items[queue->count++] = *read;
  return true;
}

static tw_record_step step_of(const tw_memory_read *read) {
  return (tw_record_step){.cycle = read->cycle,
                          .pa = read->pa,
                          .pte = read->pte,
                          .expected = read->expected,
                          .desired = read->desired,
                          .size = read->size,
                          .error = read->error,
                          .update = read->update};
}

static bool read_compare(tw_golden_check *check, const tw_memory_read *expected, const tw_memory_read *found) {
  bool same = expected->pa == found->pa && expected->size == found->size && expected->update == found->update &&
              expected->desired == found->desired;
  if (check->levels.cycles)
    same = same && expected->cycle == found->cycle && expected->pte == found->pte && expected->error == found->error;
  if (same) return true;
  const tw_golden_mismatch mismatch = {
      .expected_given = true, .found_given = true, .step_expected = step_of(expected), .step_found = *found};
  return mismatch_add(check, &mismatch);
}

bool tw_golden_expect(tw_golden_check *check, const tw_record *record) {
  if (record->kind == TW_RECORD_ANSWER) {
    const half fresh = {.expected = true, .answer = record->answer};
    return half_add(check, &fresh);
  }
  if (!check->levels.reads) return true;
  const tw_record_step *step = &record->step;
  const tw_memory_read read = {.cycle = step->cycle,
                               .pa = step->pa,
                               .pte = step->pte,
                               .expected = step->expected,
                               .desired = step->desired,
                               .size = step->size,
                               .error = step->error,
                               .update = step->update};
  if (check->found.first == check->found.count) return queue_push(&check->expected, &read);
  return read_compare(check, &read, &check->found.items[check->found.first++]);
}

bool tw_golden_found_answer(tw_golden_check *check, const tw_flight *flight, const tw_record_answer *answer,
                            bool illegal) {
  const half fresh = {.expected = false, .illegal = illegal, .answer = *answer, .flight = *flight};
  return half_add(check, &fresh);
}

bool tw_golden_found_read(tw_golden_check *check, const tw_memory_read *read) {
  if (!check->levels.reads) return true;
  if (check->expected.first == check->expected.count) return queue_push(&check->found, read);
  return read_compare(check, &check->expected.items[check->expected.first++], read);
}

bool tw_golden_mismatch_take(tw_golden_check *check, tw_golden_mismatch *mismatch) {
  if (!check->mismatch_count) return false;
  *mismatch = check->mismatches[check->mismatch_first++];
  if (--check->mismatch_count == 0) check->mismatch_first = 0;
  return true;
}

/* Answers that a device which is judged at another level gives or leaves out are its own affair: it may need more
 * tries. */
static bool half_counts(const tw_golden_check *check, const half *left, uint64_t played) {
  if (left->expected) return left->answer.access < played && (!check->levels.only || left->answer.only);
  return !check->levels.only;
}

bool tw_golden_check_finish(tw_golden_check *check, uint64_t played, bool cut) {
  for (size_t i = 0; i < check->half_count; i++) {
    const half *left = &check->halves[i];
    if (!half_counts(check, left, played)) continue;
    tw_golden_mismatch mismatch = {
        .is_answer = true, .expected_given = left->expected, .found_given = !left->expected, .flight = left->flight};
    if (left->expected) mismatch.expected = left->answer;
    if (!left->expected) mismatch.found = left->answer;
    if (!mismatch_add(check, &mismatch)) return false;
  }
  check->half_count = 0;
  if (cut) return true;
  if (check->found.first != check->found.count) {
    const tw_golden_mismatch more = {.found_given = true, .step_found = check->found.items[check->found.first]};
    return mismatch_add(check, &more);
  }
  if (check->expected.first == check->expected.count) return true;
  const tw_memory_read *read = &check->expected.items[check->expected.first];
  const tw_golden_mismatch mismatch = {.expected_given = true, .step_expected = step_of(read)};
  return mismatch_add(check, &mismatch);
}

uint64_t tw_golden_compared(const tw_golden_check *check) {
  return check->compared;
}
