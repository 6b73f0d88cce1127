/* What a process or thread does next: goes through its steps, and through what is in the middle of being done.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

#define LOOP_BYTES 64u /* the instructions of a step */
#define FETCH_BYTES 4u
#define LOOP_FETCHES 8u

typedef struct step_way {
  bool (*open)(playing *play, task *one, const step *at); /* begins it; without `advance`, does it */
  bool (*advance)(playing *play, task *one);              /* does a piece of it */
} step_way;

static const step_way ways[STEP_KIND_COUNT] = {
    [STEP_ACCESS] = {step_access_open, step_access_advance},
    [STEP_CALL] = {step_call_open, step_call_advance},
    [STEP_MALLOC] = {step_malloc_open, step_malloc_advance},
    [STEP_FREE] = {step_free_open, step_free_advance},
    [STEP_BRK] = {step_map_do, NULL},
    [STEP_MMAP] = {step_map_do, NULL},
    [STEP_MUNMAP] = {step_map_do, NULL},
    [STEP_MPROTECT] = {step_map_do, NULL},
    [STEP_MADVISE] = {step_map_do, NULL},
    [STEP_SYSCALL] = {step_map_do, NULL},
    [STEP_RECLAIM] = {step_map_do, NULL},
    [STEP_FORK] = {step_birth_do, NULL},
    [STEP_THREAD] = {step_birth_do, NULL},
    [STEP_EXEC] = {step_birth_do, NULL},
    [STEP_EXIT] = {step_end_do, NULL},
    [STEP_SWITCH] = {step_end_do, NULL},
    [STEP_WAIT] = {step_end_do, NULL},
    [STEP_REPEAT] = {step_end_do, NULL},
};

task *task_open(playing *play, process *owner, const char *name) {
  if (play->task_count == PLAY_TASKS_MAX) {
    play_fail(play, "more than %u processes and threads", PLAY_TASKS_MAX);
    return NULL;
  }
  task **tasks = realloc(play->tasks, (play->task_count + 1) * sizeof(task *));
  if (tasks) play->tasks = tasks;
  task *one = tasks ? calloc(1, sizeof *one) : NULL;
  if (!one) {
    play_fail(play, "memory is out");
    return NULL;
  }
  one->name = name;
  one->process = owner;
  one->thread = ++owner->threads;
  one->key = draw_key(draw_text_key(play->story->seed, name), play->task_count);
  play->tasks[play->task_count++] = one;
  return one;
}

void task_close(task *one) {
  zipf_close(one->doing.law);
  free(one);
}

uint32_t task_id(const task *one) {
  return one->process->number << 16 | one->thread;
}

bool task_enter(playing *play, task *one, const step_list *steps, uint64_t times) {
  if (one->depth == PLAY_NESTING_MAX) return play_fail(play, "more than %u repeats in each other", PLAY_NESTING_MAX);
  one->nest[one->depth++] = (nesting){steps->first, steps, times};
  return true;
}

bool task_fetch(playing *play, task *one) {
  if (!one->process->code_bytes) return true;
  return play_access(play, TW_FETCH, one->loop + one->fetched++ % LOOP_FETCHES * FETCH_BYTES, FETCH_BYTES);
}

/* The addresses that a name stands for. */
static bool range_find(playing *play, const task *one, const char *name, named_range *range) {
  const tw_layout *kernel = &play->story->layout.kernel;
  const tw_mode_info *mode = tw_mode_row(play->story->layout.mode);
  if (strcmp(name, "stack") == 0 && one->stack.length) {
    *range = one->stack;
  } else if (strcmp(name, "kernel") == 0) {
    *range = (named_range){name, kernel->direct_va, kernel->direct_bytes};
  } else if (strcmp(name, "kernel-text") == 0) {
    *range = (named_range){name, kernel->text_va, (uint64_t)1 << (TW_PAGE_BITS + mode->vpn_bits)};
  } else {
    const named_range *found = process_range(one->process, name);
    if (!found) return play_fail(play, "process %.60s has no segment or mapping named %.60s", one->process->name, name);
    *range = *found;
  }
  return true;
}

bool task_where(playing *play, const task *one, const plan_where *where, uint64_t *start, uint64_t *bytes) {
  named_range range = {NULL, where->from, where->to - where->from};
  if (where->name) {
    if (!range_find(play, one, where->name, &range)) return false;
    const uint64_t length = where->to ? where->to : range.length > where->from ? range.length - where->from : 0;
    if (!length || where->from > range.length || length > range.length - where->from)
      return play_fail(play, "0x%" PRIx64 " bytes from 0x%" PRIx64 " are not in %.60s, which has 0x%" PRIx64, length,
                       where->from, where->name, range.length);
    range.start += where->from;
    range.length = length;
  }
  if (play->story->layout.bits == 32 && range.start + (range.length - 1) > UINT32_MAX)
    return play_fail(play, "0x%" PRIx64 " to 0x%" PRIx64 " are no addresses of 32 bits", range.start,
                     range.start + range.length);
  *start = range.start;
  *bytes = range.length;
  return true;
}

/* What a process begins with: its map, what exec stores, the first instructions. */
static bool task_begin(playing *play, task *one) {
  process *owner = one->process;
  const uint8_t word = (uint8_t)(play->story->layout.bits / 8);
  const plan_program *program = one->program;
  one->program = NULL;
  if (!process_load(play, owner, program)) return false;
  one->pointer = owner->stack_top;
  one->stack = (named_range){0};
  if (!owner->entries[1]) return true;
  if (owner->entries[0] && !play_access(play, TW_FETCH, owner->entries[0], FETCH_BYTES)) return false;
  return play_access(play, TW_LOAD, owner->stack_top, word) &&
         play_access(play, TW_FETCH, owner->entries[1], FETCH_BYTES);
}

static bool step_begin(playing *play, task *one, const step *at) {
  const uint64_t room = one->process->code_bytes;
  one->loop = one->process->code_start + (room > LOOP_BYTES ? at->number * LOOP_BYTES % (room - room % LOOP_BYTES) : 0);
  one->fetched = 0;
  one->doing.random.state = draw_key(one->key, one->steps_begun++);
  if (!ways[at->kind].open(play, one, at)) return false;
  if (ways[at->kind].advance) one->doing.at = at;
  return true;
}

/* Leaves what has no more steps, or begins it anew; a task that has left everything has ended. */
static void steps_leave(task *one) {
  while (one->depth) {
    nesting *inner = &one->nest[one->depth - 1];
    if (!inner->next && --inner->times) inner->next = inner->list->first;
    if (inner->next) return;
    one->depth--;
  }
  one->ended = true;
}

static bool step_go_on(playing *play, task *one) {
  activity *doing = &one->doing;
  play->node = doing->at->node;
  if (!ways[doing->at->kind].advance(play, one)) return false;
  if (++doing->done < doing->total) return true;
  zipf_close(doing->law);
  *doing = (activity){0};
  return true;
}

bool task_advance(playing *play, task *one) {
  bool good = true;
  if (one->program) {
    good = task_begin(play, one);
  } else if (one->doing.at) {
    good = step_go_on(play, one);
  } else if (one->depth && one->nest[one->depth - 1].next) {
    nesting *inner = &one->nest[one->depth - 1];
    const step *at = inner->next;
    inner->next = at->next;
    play->node = at->node;
    good = step_begin(play, one, at);
  }
  if (good && !one->doing.at && !one->program && !one->waits) steps_leave(one);
  return good;
}
