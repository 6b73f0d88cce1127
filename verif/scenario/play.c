/* Plays a scenario: takes turns, and hands out what each turn's task does.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "play.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool play_fail(playing *play, const char *format, ...) {
  char text[320];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return take_fail(&play->take, play->node, "%s", text);
}

bool play_record(playing *play, const tw_record *record) {
  if (play->queued == play->queue_capacity) {
    const size_t capacity = play->queue_capacity ? play->queue_capacity * 2 : 64;
    tw_record *queue = realloc(play->queue, capacity * sizeof *queue);
    if (!queue) return play_fail(play, "memory is out");
    play->queue = queue;
    play->queue_capacity = capacity;
  }
  play->queue[play->queued++] = *record;
  return true;
}

bool play_access(playing *play, tw_access kind, uint64_t va, uint8_t size) {
  return play_record(play, &(tw_record){.kind = TW_RECORD_ACCESS, .access = {.va = va, .kind = kind, .size = size}});
}

task *schedule_find(const playing *play, const char *name) {
  for (size_t i = play->task_count; i-- > 0;)
    if (!play->tasks[i]->ended && strcmp(play->tasks[i]->name, name) == 0) return play->tasks[i];
  return NULL;
}

/* Whether a task has something to do; one that waited for somebody who has ended waits no more. */
static bool can_run(const playing *play, task *one) {
  if (one->waits && !schedule_find(play, one->waits->name)) one->waits = NULL;
  return !one->ended && !one->waits;
}

/* The next of the list that can run; NULL if none can. */
static task *order_next(playing *play) {
  const plan_order *begin = play->turn ? play->turn : play->story->order, *turn = begin;
  if (!begin) return NULL;
  do {
    task *one = schedule_find(play, turn->name);
    turn = turn->next ? turn->next : play->story->order;
    if (!one || !can_run(play, one)) continue;
    play->turn = turn;
    return one;
  } while (turn != begin);
  return NULL;
}

/* In turn; without turns, the first that can. */
static task *round_next(playing *play) {
  for (size_t i = 0; i < play->task_count; i++) {
    const size_t at = play->story->every ? (play->task_turn + i) % play->task_count : i;
    if (!can_run(play, play->tasks[at])) continue;
    play->task_turn = at + 1;
    return play->tasks[at];
  }
  return NULL;
}

static task *yielded_next(playing *play) {
  const char *name = play->yields_to;
  play->yields_to = NULL;
  for (size_t i = play->task_count; name && i-- > 0;) {
    task *one = play->tasks[i];
    if (strcmp(one->name, name) != 0 || !can_run(play, one)) continue;
    play->task_turn = i + 1;
    return one;
  }
  return NULL;
}

task *schedule_next(playing *play) {
  task *one = yielded_next(play);
  if (!one) one = order_next(play);
  if (!one) one = round_next(play);
  for (size_t i = 0; !one && i < play->task_count; i++) {
    const task *stuck = play->tasks[i];
    if (stuck->ended) continue;
    play->node = stuck->waits->node;
    play_fail(play, "%.60s waits for %.60s for ever", stuck->name, stuck->waits->name);
    break;
  }
  return one;
}

static bool hand_out(playing *play, const tw_record *record) {
  play->done++;
  return play->sink->record(play->sink->payload, record, play->take.error);
}

/* Says whose the records that follow are. */
static bool running_tell(playing *play, const task *one) {
  const process *owner = one->process;
  if (one->program && !owner->programs && owner->number) {
    const tw_record begins = {.kind = TW_RECORD_PROCESS, .id = owner->number << 16, .name = owner->name};
    if (!hand_out(play, &begins)) return false;
  }
  if (play->running == task_id(one)) return true;
  play->running = task_id(one);
  return hand_out(play, &(tw_record){.kind = TW_RECORD_THREAD, .id = play->running});
}

/* Hands out what is queued; counts accesses. */
static bool queue_flush(playing *play, uint64_t *accesses) {
  for (size_t i = 0; i < play->queued; i++) {
    *accesses += play->queue[i].kind == TW_RECORD_ACCESS;
    if (!hand_out(play, &play->queue[i])) return false;
  }
  play->queued = 0;
  return true;
}

static bool turn_take(playing *play, task *one) {
  const uint64_t every = play->story->every ? play->story->every : UINT64_MAX;
  for (uint64_t accesses = 0; accesses < every && !one->ended && !one->waits && !play->yields_to;) {
    const bool begins = one->program != NULL && !one->process->programs && one->process->number;
    if (begins && !running_tell(play, one)) return false;
    if (!task_advance(play, one)) return false;
    if (play->queued && (!running_tell(play, one) || !queue_flush(play, &accesses))) return false;
    if (!one->process->alive) play->running = PLAY_NOBODY;
    if (play->sink->progress) play->sink->progress(play->sink->payload, play->done, play->story->work);
  }
  return true;
}

static bool play_begin(playing *play) {
  for (const plan_process *planned = play->story->processes; planned; planned = planned->next) {
    play->node = planned->program.node;
    process *owner = process_open(play, planned->program.name);
    task *one = owner ? task_open(play, owner, planned->program.name) : NULL;
    if (!one || !task_enter(play, one, &planned->run, 1)) return false;
    one->program = &planned->program;
  }
  play->running = 1; /* thread 1 of process 0 */
  return true;
}

static bool play_through(playing *play) {
  for (task *one; (one = schedule_next(play));)
    if (!turn_take(play, one)) return false;
  return !play->take.failed;
}

bool scenario_play(const scenario *story, const scenario_sink *sink, tw_error *error) {
  playing play = {.take = {.path = story->path, .error = error}, .story = story, .sink = sink};
  const bool played = play_begin(&play) && play_through(&play);
  for (size_t i = 0; i < play.task_count; i++) task_close(play.tasks[i]);
  for (size_t i = 0; i < play.process_count; i++) process_close(play.processes[i]);
  free(play.tasks);
  free(play.processes);
  free(play.queue);
  return played;
}
