/* Steps that ask the operating system for something: maps, births, ends, turns.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "play.h"

#define PAGE 4096u

/* Whole pages of what a step names; the last one of the heap may be in use only in part. */
static bool pages_where(playing *play, const task *one, const plan_where *where, uint64_t *start, uint64_t *bytes) {
  if (!task_where(play, one, where, start, bytes)) return false;
  if (*start % PAGE || (where->to && *bytes % PAGE))
    return play_fail(play, "expected whole pages, found 0x%" PRIx64 " bytes at 0x%" PRIx64, *bytes, *start);
  *bytes = (*bytes + PAGE - 1) / PAGE * PAGE;
  return true;
}

static bool brk_do(playing *play, task *one, const step *at) {
  const process *owner = one->process;
  if (owner->heap) return play_fail(play, "the heap is the allocator's: a process has either `brk` or `malloc`");
  return process_break(play, one->process, owner->heap_end + (uint64_t)at->grow);
}

static bool mmap_do(playing *play, task *one, const step *at) {
  const uint64_t start = at->map->at ? at->map->at : process_place(play, one->process, at->map->size);
  return start && process_map(play, one->process, at->map, start);
}

static bool range_do(playing *play, task *one, const step *at) {
  tw_region_list *regions = &one->process->regions;
  const step_range *range = &at->range;
  uint64_t start, bytes;
  tw_record record = {.map = {.prot = range->prot}};
  if (!pages_where(play, one, &range->in, &start, &bytes)) return false;
  if (!tw_region_find(regions, start)) return play_fail(play, "nothing is mapped at 0x%" PRIx64, start);
  record.map.start = start;
  record.map.length = bytes;
  if (at->kind == STEP_MUNMAP) return process_unmap(play, one->process, start, bytes);
  if (at->kind == STEP_MPROTECT) {
    record.kind = TW_RECORD_PROTECT;
    if (!tw_region_protect(regions, start, start + bytes, range->prot)) return play_fail(play, "memory is out");
  } else {
    record.kind = TW_RECORD_ADVISE;
    record.map.advice = range->advice;
  }
  if (regions->count > PLAY_MAPPINGS_MAX)
    return play_fail(play, "a process has no more than %u mappings", PLAY_MAPPINGS_MAX);
  return play_record(play, &record);
}

/* One of a system call's ranges. */
static bool call_range(playing *play, const task *one, const plan_where *where, uint64_t *start, uint32_t *length) {
  uint64_t bytes;
  if (!task_where(play, one, where, start, &bytes)) return false;
  if (bytes > UINT32_MAX) return play_fail(play, "a system call reads and writes less than 4 GiB");
  *length = (uint32_t)bytes;
  return true;
}

static bool syscall_do(playing *play, task *one, const step *at) {
  const step_syscall *call = &at->syscall;
  tw_record record = {.kind = TW_RECORD_CALL, .call = {.number = call->number}};
  if (call->has_reads && !call_range(play, one, &call->reads, &record.call.reads, &record.call.reads_length))
    return false;
  if (call->has_writes && !call_range(play, one, &call->writes, &record.call.writes, &record.call.writes_length))
    return false;
  return task_fetch(play, one) && play_record(play, &record);
}

bool step_map_do(playing *play, task *one, const step *at) {
  switch (at->kind) {
  case STEP_BRK:
    return brk_do(play, one, at);
  case STEP_MMAP:
    return mmap_do(play, one, at);
  case STEP_SYSCALL:
    return syscall_do(play, one, at);
  case STEP_RECLAIM:
    return play_record(play, &(tw_record){.kind = TW_RECORD_RECLAIM, .pages = at->pages});
  default:
    return range_do(play, one, at);
  }
}

/* Whether a child or thread may have its name: nobody else has it, but those that the same step made before it. */
static bool name_check(playing *play, const step *at) {
  for (size_t i = 0; i < play->task_count; i++) {
    const task *other = play->tasks[i];
    if (other->born == at || (other->born && other->ended) || strcmp(other->name, at->birth.name) != 0) continue;
    play->node = take_blamed(at->node, "as");
    return play_fail(play, "there is a process or thread %.60s already", other->name);
  }
  return true;
}

static bool fork_do(playing *play, task *one, const step *at) {
  if (!name_check(play, at)) return false;
  process *child = process_fork(play, one->process, at->birth.name);
  task *first = child ? task_open(play, child, at->birth.name) : NULL;
  if (!first) return false;
  first->born = at;
  first->stack = one->stack;
  first->pointer = one->pointer;
  return task_enter(play, first, &at->birth.run, 1) &&
         play_record(play, &(tw_record){.kind = TW_RECORD_FORK, .id = child->number << 16});
}

/* A stack in the mmap area, with a page below it that grants nothing. */
static bool thread_do(playing *play, task *one, const step *at) {
  process *owner = one->process;
  const uint64_t bytes = at->birth.stack;
  const uint64_t start = process_place(play, owner, bytes + PAGE);
  const plan_segment guard = {.name = "guard page", .use = TW_REGION_GUARD, .size = PAGE};
  const plan_segment stack = {
      .name = at->birth.name, .use = TW_REGION_STACK, .size = bytes, .prot = TW_PROT_READ | TW_PROT_WRITE};
  if (!name_check(play, at)) return false;
  if (!start || !process_map(play, owner, &guard, start) || !process_map(play, owner, &stack, start + PAGE))
    return false;
  task *other = task_open(play, owner, at->birth.name);
  if (!other) return false;
  other->born = at;
  other->stack = (named_range){"stack", start + PAGE, bytes};
  other->pointer = start + PAGE + bytes - 16;
  return task_enter(play, other, &at->birth.run, 1);
}

static void others_end(playing *play, const task *one) {
  for (size_t i = 0; i < play->task_count; i++)
    if (play->tasks[i] != one && play->tasks[i]->process == one->process) play->tasks[i]->ended = true;
}

static bool exec_do(playing *play, task *one, const step *at) {
  const plan_program *program = at->birth.program;
  const char *name = *at->birth.name ? at->birth.name : program->elf ? program->elf : "";
  others_end(play, one);
  process_clear(one->process);
  one->program = program;
  one->depth = 0;
  return task_enter(play, one, &at->birth.run, 1) &&
         play_record(play, &(tw_record){.kind = TW_RECORD_EXEC, .name = name});
}

bool step_birth_do(playing *play, task *one, const step *at) {
  if (at->kind == STEP_FORK) return fork_do(play, one, at);
  return at->kind == STEP_THREAD ? thread_do(play, one, at) : exec_do(play, one, at);
}

/* The first thread's exit is the process's. */
static bool exit_do(playing *play, task *one) {
  process *owner = one->process;
  const uint32_t id = one->thread == 1 ? owner->number << 16 : task_id(one);
  one->ended = true;
  if (one->thread == 1) {
    others_end(play, one);
    process_clear(owner);
    owner->alive = false;
  }
  return play_record(play, &(tw_record){.kind = TW_RECORD_EXIT, .id = id});
}

/* Whether there ever was one of that name. */
static bool name_known(const playing *play, const char *name) {
  for (size_t i = 0; i < play->task_count; i++)
    if (strcmp(play->tasks[i]->name, name) == 0) return true;
  return false;
}

bool step_end_do(playing *play, task *one, const step *at) {
  if (at->kind == STEP_EXIT) return exit_do(play, one);
  if (at->kind == STEP_REPEAT) return task_enter(play, one, &at->repeat.body, at->repeat.times);
  if (!name_known(play, at->name)) return play_fail(play, "there is no process or thread %.60s yet", at->name);
  if (at->kind == STEP_WAIT) one->waits = at;
  play->yields_to = at->name; /* who is waited for comes next */
  return true;
}
