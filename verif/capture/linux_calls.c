/* What system calls of Linux do to an address space. The flags are the same on x86 and RISC-V.
 * SPDX-License-Identifier: Apache-2.0 */
#include "linux_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLAG_SHARED = 1, FLAG_FIXED = 0x10, FLAG_ANONYMOUS = 0x20, FLAG_GROWS_DOWN = 0x100, FLAG_STACK = 0x20000 };
enum { CLONE_THREAD_FLAG = 0x10000, MREMAP_DONTUNMAP_FLAG = 4 };
enum { ADVICE_DONTNEED = 4, ADVICE_HUGE = 14, ADVICE_NO_HUGE = 15, ADVICE_COLD = 20, ADVICE_PAGEOUT = 21 };

#define FILES_MAX 1024u
#define RANGE_MAX 0x7ffff000u /* Linux reads and writes no more at once */
#define PAGE_UP(value) (((value) + TW_PAGE_BYTES - 1) & ~(uint64_t)(TW_PAGE_BYTES - 1))

void linux_close(linux_state *state) {
  for (unsigned i = 0; i < state->process_count; i++) {
    for (size_t file = 0; file < state->processes[i].count; file++) free(state->processes[i].files[file]);
    free(state->processes[i].files);
  }
  free(state->processes);
}

/* What is known of the running process's files. NULL if memory is out. */
static linux_process *linux_process_of(linux_state *state, unsigned number) {
  if (number >= state->process_count) {
    linux_process *processes = realloc(state->processes, (number + 1) * sizeof *processes);
    if (!processes) return NULL;
    memset(processes + state->process_count, 0, (number + 1 - state->process_count) * sizeof *processes);
    state->processes = processes;
    state->process_count = number + 1;
  }
  return &state->processes[number];
}

/* Sets the name of an open file; NULL: it is closed. False if memory is out. */
static bool file_name_set(linux_process *process, uint64_t file, const char *name) {
  if (file >= FILES_MAX) return true;
  if (file >= process->count) {
    char **files = realloc(process->files, (file + 1) * sizeof *files);
    if (!files) return false;
    memset(files + process->count, 0, (file + 1 - process->count) * sizeof *files);
    process->files = files;
    process->count = file + 1;
  }
  char *copy = name ? strdup(name) : NULL;
  if (name && !copy) return false;
  free(process->files[file]);
  process->files[file] = copy;
  return true;
}

static bool call_file(linux_state *state, const linux_call *call, uint64_t result, tw_error *error) {
  linux_process *process = linux_process_of(state, state->builder->thread >> 16);
  bool opens = call->kind->effect == LINUX_OPEN;
  char number[32];
  snprintf(number, sizeof number, "file %llu", (unsigned long long)++state->opened);
  const char *name = !opens ? NULL : call->path[0] ? call->path : number;
  bool done = process && file_name_set(process, opens ? result : call->arguments[0], name);
  return done || builder_out_of_memory(state->builder, error);
}

bool linux_fork(linux_state *state, uint32_t pid, unsigned *number, tw_error *error) {
  unsigned parent = state->builder->thread >> 16;
  *number = builder_process_find(state->builder, pid);
  if (*number < state->builder->process_count) return true;
  if (!builder_fork(state->builder, pid, number, error)) return false;
  linux_process *child = linux_process_of(state, *number);
  bool done = child && linux_process_of(state, parent);
  for (size_t file = 0; done && file < state->processes[parent].count; file++) {
    const char *name = state->processes[parent].files[file];
    if (name) done = file_name_set(&state->processes[*number], file, name);
  }
  return done || builder_out_of_memory(state->builder, error);
}

static bool call_mmap(linux_state *state, const linux_call *call, uint64_t result, uint64_t unit, tw_error *error) {
  uint64_t flags = call->arguments[3], file = call->arguments[4];
  trace_builder *builder = state->builder;
  const linux_process *process = linux_process_of(state, builder->thread >> 16);
  const tw_region *below = result ? tw_region_find(&builder_running(builder)->mapped, result - 1) : NULL;
  bool anonymous = flags & FLAG_ANONYMOUS;
  if (!process) return builder_out_of_memory(builder, error);
  tw_record_map map = {.start = result,
                       .length = PAGE_UP(call->arguments[1]),
                       .offset = anonymous ? 0 : call->arguments[5] * unit,
                       .prot = call->arguments[2] & 7,
                       .shared = flags & FLAG_SHARED,
                       .grows_down = flags & FLAG_GROWS_DOWN,
                       .use = TW_REGION_FILE,
                       .name = ""};
  if (!anonymous && file < process->count && process->files[file]) map.name = process->files[file];
  if (anonymous) {
    /* A loader puts a library's zeros at a fixed place, right behind what comes from its file. */
    bool zeros = flags & FLAG_FIXED && below && below->use == TW_REGION_FILE;
    map.use = zeros ? TW_REGION_BSS : flags & FLAG_STACK ? TW_REGION_STACK : TW_REGION_MAPPED;
  }
  return builder_map(builder, &map, error);
}

/* A moved region is a new one in place of the old; one that grows in place is joined by another. */
static bool call_mremap(linux_state *state, const linux_call *call, uint64_t result, tw_error *error) {
  uint64_t from = call->arguments[0], old = PAGE_UP(call->arguments[1]), length = PAGE_UP(call->arguments[2]);
  trace_builder *builder = state->builder;
  const tw_region *found = tw_region_find(&builder_running(builder)->mapped, from);
  tw_record_map map = {.start = result,
                       .length = length,
                       .prot = found ? found->prot : TW_PROT_READ | TW_PROT_WRITE,
                       .shared = found && found->shared,
                       .use = found ? found->use : TW_REGION_MAPPED,
                       .name = ""};
  if (result == from && length <= old) return builder_unmap(builder, from + length, old - length, error);
  if (result == from) {
    map.start = from + old;
    map.length = length - old;
  } else if (old && !(call->arguments[3] & MREMAP_DONTUNMAP_FLAG) && !builder_unmap(builder, from, old, error)) {
    return false;
  }
  return builder_map(builder, &map, error);
}

static uint32_t range_length(const linux_state *state, const linux_call *call, const linux_range *range,
                             uint64_t result) {
  uint64_t words = builder_bits(state->builder) == 32 ? 4 : 8;
  uint64_t amount = state->x86 && range->amount_x86 ? range->amount_x86 : range->amount;
  uint64_t bytes = range->length == LENGTH_BYTES    ? amount
                   : range->length == LENGTH_WORDS  ? amount * words
                   : range->length == LENGTH_RESULT ? result
                   : call->path[0]                  ? strlen(call->path) + 1
                                                    : 0;
  return bytes < RANGE_MAX ? (uint32_t)bytes : RANGE_MAX;
}

/* A range of the program's memory, if the call has one: its pointer may be null. */
static void range_take(const linux_state *state, const linux_call *call, const linux_range *range, uint64_t result,
                       uint64_t *start, uint32_t *length) {
  if (range->length == LENGTH_NONE || range->argument >= call->count || !call->arguments[range->argument]) return;
  *length = range_length(state, call, range, result);
  *start = *length ? call->arguments[range->argument] : 0;
}

static bool call_plain(linux_state *state, const linux_call *call, uint64_t result, bool failed, tw_error *error) {
  tw_record_call record = {.number = call->number};
  if (!failed) {
    range_take(state, call, &call->kind->reads, result, &record.reads, &record.reads_length);
    range_take(state, call, &call->kind->writes, result, &record.writes, &record.writes_length);
  }
  return builder_call(state->builder, &record, error);
}

static bool call_advise(linux_state *state, const linux_call *call, tw_error *error) {
  uint64_t code = call->arguments[2];
  tw_advice advice = code == ADVICE_DONTNEED                         ? TW_ADVICE_DROP
                     : code == ADVICE_HUGE                           ? TW_ADVICE_HUGE
                     : code == ADVICE_NO_HUGE                        ? TW_ADVICE_NO_HUGE
                     : code == ADVICE_COLD || code == ADVICE_PAGEOUT ? TW_ADVICE_COLD
                                                                     : TW_ADVICE_COUNT;
  if (advice == TW_ADVICE_COUNT) return call_plain(state, call, 0, true, error);
  return builder_advise(state->builder, call->arguments[0], call->arguments[1], advice, error);
}

bool linux_makes_thread(const linux_call *call) {
  return call->kind->effect == LINUX_CLONE && call->arguments[0] & CLONE_THREAD_FLAG;
}

/* Arguments that the effect needs. */
static unsigned call_needs(linux_effect effect) {
  static const uint8_t needs[] = {[LINUX_MMAP] = 6,     [LINUX_MMAP2] = 6,   [LINUX_MUNMAP] = 2,    [LINUX_MREMAP] = 4,
                                  [LINUX_MPROTECT] = 3, [LINUX_MADVISE] = 3, [LINUX_BREAK] = 1,     [LINUX_OPEN] = 1,
                                  [LINUX_CLOSE] = 1,    [LINUX_CLONE] = 1,   [LINUX_EXIT_GROUP] = 0};
  return needs[effect];
}

bool linux_apply(linux_state *state, const linux_call *call, uint64_t result, bool failed, tw_error *error) {
  const uint64_t *arguments = call->arguments;
  linux_effect effect = failed || call->count < call_needs(call->kind->effect) ? LINUX_NONE : call->kind->effect;
  unsigned child;
  switch (effect) {
  case LINUX_MMAP:
    return call_mmap(state, call, result, 1, error);
  case LINUX_MMAP2:
    return call_mmap(state, call, result, TW_PAGE_BYTES, error);
  case LINUX_MUNMAP:
    return builder_unmap(state->builder, arguments[0], arguments[1], error);
  case LINUX_MREMAP:
    return call_mremap(state, call, result, error);
  case LINUX_MPROTECT:
    return builder_protect(state->builder, arguments[0], arguments[1], arguments[2] & 7, error);
  case LINUX_MADVISE:
    return call_advise(state, call, error);
  case LINUX_BREAK:
    return builder_break(state->builder, result, error);
  case LINUX_OPEN:
  case LINUX_CLOSE:
    return call_file(state, call, result, error) && call_plain(state, call, result, false, error);
  case LINUX_CLONE:
  case LINUX_FORK:
    if (!result || linux_makes_thread(call)) return call_plain(state, call, result, false, error);
    return linux_fork(state, (uint32_t)result, &child, error);
  case LINUX_EXEC:
    return builder_exec(state->builder, call->path, error);
  case LINUX_EXIT:
  case LINUX_EXIT_GROUP:
    return builder_exit(state->builder, effect == LINUX_EXIT_GROUP, error);
  default:
    return call_plain(state, call, result, failed, error);
  }
}
