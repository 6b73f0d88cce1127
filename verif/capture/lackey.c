/* Valgrind's lackey: accesses, system calls whose results may stand on the next line, scheduler messages.
 *
 * Lines are short and millions, so accesses are taken apart by hand. What follows a complete result on the same line is
 * a line of its own: the thread that a clone made begins to write before the newline.
 *
 * Whose line it is: accesses do not say, so they belong to the thread that the last line that does say named.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "lackey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define ACCESS_PART 64u /* largest access of a trace */
#define ACCESS_LARGEST 4096u

static bool lackey_unexpected(const char *text, tw_error *error) {
  return text_unexpected("a line of Valgrind's lackey (`I  04001000,3`, ` L 1fff000618,8`)", text, error);
}

static bool lackey_open(void *state, trace_builder *builder, tw_error *error) {
  lackey_log *log = state;
  log->builder = builder;
  log->linux_calls = (linux_state){.builder = builder, .x86 = true};
  builder->from_start = true;
  log->calls = calloc(LACKEY_PROCESSES_MAX * LACKEY_THREADS_MAX, sizeof *log->calls);
  if (!log->calls) return builder_out_of_memory(builder, error);
  log->calls[1].seen = true;
  for (unsigned i = 0; i < LACKEY_PROCESSES_MAX; i++) log->processes[i].thread = 1;
  return true;
}

static void lackey_close(void *state) {
  lackey_log *log = state;
  linux_close(&log->linux_calls);
  free(log->calls);
}

/* `ADDRESS,SIZE` to the end of the line. Saving a processor's state is one access of hundreds of bytes: a trace has it
 * in parts. */
static bool lackey_access(lackey_log *log, const char *text, tw_error *error) {
  const char *at = text + 3;
  uint64_t va, size;
  if (!text_hex(&at, &va) || *at++ != ',' || !text_decimal(&at, &size) || *at || !size || size > ACCESS_LARGEST) {
    return lackey_unexpected(text, error);
  }
  char letter = text[0] == 'I' ? 'I' : text[1];
  for (uint64_t done = 0; done < size; done += ACCESS_PART) {
    uint8_t part = (uint8_t)(size - done < ACCESS_PART ? size - done : ACCESS_PART);
    tw_access kind = letter == 'I' ? TW_FETCH : letter == 'S' ? TW_STORE : TW_LOAD;
    if (!builder_access(log->builder, kind, va + done, part, error)) return false;
  }
  for (uint64_t done = 0; letter == 'M' && done < size; done += ACCESS_PART) {
    uint8_t part = (uint8_t)(size - done < ACCESS_PART ? size - done : ACCESS_PART);
    if (!builder_access(log->builder, TW_STORE, va + done, part, error)) return false;
  }
  return true;
}

/* The process that had this pid last; process_count if there is none. */
static unsigned lackey_process_of(const lackey_log *log, uint32_t pid) {
  unsigned number = log->builder->process_count;
  while (number-- > 0) {
    if (log->builder->processes[number].pid == pid) return number;
  }
  return log->builder->process_count;
}

static bool lackey_fork(lackey_log *log, uint32_t pid, tw_error *error) {
  unsigned known = log->builder->process_count, number;
  if (known == LACKEY_PROCESSES_MAX && builder_process_find(log->builder, pid) == known) {
    return tw_error_set(error, "more than %u processes", LACKEY_PROCESSES_MAX);
  }
  if (!linux_fork(&log->linux_calls, pid, &number, error)) return false;
  if (number == known) log->processes[number].forked = true;
  return true;
}

/* What follows is this thread's, or that of the process's thread that ran last if thread is 0. */
static bool lackey_switch(lackey_log *log, uint32_t pid, unsigned thread, tw_error *error) {
  trace_builder *builder = log->builder;
  if (!builder->processes[0].pid) builder->processes[0].pid = pid;
  if (lackey_process_of(log, pid) == builder->process_count && !lackey_fork(log, pid, error)) return false;
  unsigned number = lackey_process_of(log, pid);
  if (thread >= LACKEY_THREADS_MAX) {
    return tw_error_set(error, "expected a thread below %u, found %u", LACKEY_THREADS_MAX, thread);
  }
  if (thread) log->processes[number].thread = thread;
  lackey_call *call = lackey_call_of(log, number, log->processes[number].thread);
  if (!call->seen) builder->threads++;
  call->seen = true;
  builder_thread(builder, number << 16 | log->processes[number].thread);
  return true;
}

static bool lackey_begin(void *state, unsigned process, tw_error *error) {
  lackey_log *log = state;
  return !process || lackey_switch(log, log->builder->processes[process].pid, 0, error);
}

/* The call has its result, or will never have one. */
static void lackey_call_close(lackey_log *log, lackey_call *call) {
  if (call->open && call->split) log->waiting--;
  call->open = call->split = false;
}

/* A result, ` [pre-success] Success(0x0) ...`; what stands behind it is a line of its own. */
static bool lackey_result(lackey_log *log, lackey_call *call, const char *text, tw_error *error) {
  text += strspn(text, " ");
  if (strncmp(text, "[async] ...", 11) == 0) return true;
  if (*text == '[') text += strcspn(text, "]");
  text += strspn(text, "] ");
  bool success = strncmp(text, "Success(", 8) == 0, failure = strncmp(text, "Failure(", 8) == 0;
  const char *end = strncmp(text, "NoWriteResult", 13) == 0 ? text + 12 : strchr(text, ')');
  if (!end || (!success && !failure && text[0] != 'N')) return lackey_unexpected(text, error);
  uint64_t value = success ? strtoull(text + 8, NULL, 0) : 0;
  log->rest = end[1] == ' ' ? end + 2 : end + 1;
  if (!call || !call->open) return true;
  const lackey_call done = *call;
  lackey_call_close(log, call);
  bool forks = done.call.kind->effect == LINUX_FORK || done.call.kind->effect == LINUX_CLONE;
  if (success && value && forks && !linux_makes_thread(&done.call)) return lackey_fork(log, (uint32_t)value, error);
  return linux_apply(&log->linux_calls, &done.call, value, failure, error);
}

/* `SYSCALL[PID,THREAD](NUMBER) name ( ... ) --> result`, or without a result yet, or `... [async] --> result`. */
static bool lackey_syscall(lackey_log *log, const char *text, tw_error *error) {
  unsigned pid, thread, number;
  int length = 0;
  if (sscanf(text, "SYSCALL[%u,%u](%u)%n", &pid, &thread, &number, &length) != 3 || !length) {
    return lackey_unexpected(text, error);
  }
  if (!lackey_switch(log, pid, thread, error)) return false;
  lackey_call *call = lackey_call_of(log, log->builder->thread >> 16, thread);
  const char *rest = text + length + strspn(text + length, " "), *arrow = strstr(rest, "-->");
  if (strncmp(rest, "...", 3)) {
    lackey_call_close(log, call);
    lackey_call_parse(rest, &call->call);
    call->call.number = number;
    call->seen = call->open = true;
    call->split = !arrow;
    log->waiting += !arrow;
    const char *child = arrow ? NULL : strstr(rest, "created child ");
    if (child && !lackey_fork(log, (uint32_t)strtoul(child + 14, NULL, 10), error)) return false;
  }
  return !arrow || lackey_result(log, call, arrow + 3, error);
}

/* ` --> result` alone: 0 to a child that was just forked is its first sign of life; anything else belongs to the call
 * that waits for it, the running process's first. */
static bool lackey_lone_result(lackey_log *log, const char *text, tw_error *error) {
  unsigned count = log->builder->process_count, running = log->builder->thread >> 16;
  for (unsigned i = 1; strstr(text, "Success(0x0)") && i < count; i++) {
    if (!log->processes[i].forked || log->processes[i].begun) continue;
    log->processes[i].begun = true;
    return lackey_switch(log, log->builder->processes[i].pid, 0, error) && lackey_result(log, NULL, text, error);
  }
  for (unsigned n = 0; log->waiting && n < count; n++) {
    unsigned number = (running + n) % count;
    for (unsigned thread = 0; thread < LACKEY_THREADS_MAX; thread++) {
      lackey_call *call = lackey_call_of(log, number, thread);
      if (!call->open || !call->split) continue;
      return lackey_switch(log, log->builder->processes[number].pid, thread, error) &&
             lackey_result(log, call, text, error);
    }
  }
  return lackey_result(log, NULL, text, error);
}

/* A process's command is told when it begins, and again, to the same process, when it has executed another program. */
static bool lackey_command(lackey_log *log, const char *command, tw_error *error) {
  trace_builder *builder = log->builder;
  unsigned number = builder->thread >> 16;
  lackey_process *process = &log->processes[number];
  lackey_call *call = lackey_call_of(log, number, process->thread);
  bool executed = call->open && call->call.kind->effect == LINUX_EXEC;
  if (executed || (process->commanded && !process->forked)) {
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(command, " "), command);
    lackey_call_close(log, call);
    if (!builder_exec(builder, name, error)) return false;
  }
  process->commanded = true;
  if (number || builder->command[0]) return true;
  snprintf(builder->command, sizeof builder->command, "%.1000s", command);
  for (char *c = builder->command; *c; c++) {
    if ((unsigned char)*c < ' ' || *c == 0x7f) *c = ' ';
  }
  return true;
}

/* `==PID== ...` is Valgrind's own; of it the command is kept. */
static bool lackey_message(lackey_log *log, const char *text, tw_error *error) {
  unsigned pid;
  int length = 0;
  if (sscanf(text, "==%u==%n", &pid, &length) != 1 || !length) return lackey_unexpected(text, error);
  if (!lackey_switch(log, pid, 0, error)) return false;
  return strncmp(text + length, " Command: ", 10) || lackey_command(log, text + length + 10, error);
}

/* `--PID--   SCHED[THREAD]:  acquired lock ...` is a thread that begins to run. */
static bool lackey_schedule(lackey_log *log, const char *text, tw_error *error) {
  unsigned pid, thread;
  int length = 0;
  if (sscanf(text, "--%u--%n", &pid, &length) != 1 || !length) return lackey_unexpected(text, error);
  if (sscanf(text + length, " SCHED[%u]:", &thread) != 1 || !strstr(text, "acquired lock")) return true;
  return lackey_switch(log, pid, thread, error);
}

static bool lackey_line(lackey_log *log, const char *text, tw_error *error) {
  bool data = text[0] == ' ' && (text[1] == 'L' || text[1] == 'S' || text[1] == 'M') && text[2] == ' ';
  if (data || (text[0] == 'I' && text[1] == ' ' && text[2] == ' ')) return lackey_access(log, text, error);
  if (!text[strspn(text, " ")]) return true;
  if (strncmp(text, "SYSCALL[", 8) == 0) return lackey_syscall(log, text, error);
  if (strncmp(text, " --> ", 5) == 0) return lackey_lone_result(log, text + 5, error);
  if (strncmp(text, "==", 2) == 0) return lackey_message(log, text, error);
  if (strncmp(text, "--", 2) == 0) return lackey_schedule(log, text, error);
  if (strncmp(text, "SCHEDSETJMP(", 12) == 0) return true; /* --trace-sched says so when a signal interrupts */
  return lackey_unexpected(text, error);
}

static bool lackey_take(void *state, char *text, size_t length, tw_error *error) {
  lackey_log *log = state;
  bool good = true;
  (void)length;
  log->rest = text;
  while (good && *log->rest) {
    const char *at = log->rest;
    log->rest = "";
    good = lackey_line(log, at, error);
  }
  return good;
}

/* A call that never returned, and executes a program: it did, and that one was not traced. */
static bool lackey_end(void *state, tw_error *error) {
  lackey_log *log = state;
  for (unsigned i = 0; i < log->builder->process_count; i++) {
    for (unsigned thread = 0; log->builder->processes[i].alive && thread < LACKEY_THREADS_MAX; thread++) {
      lackey_call *call = lackey_call_of(log, i, thread);
      if (!call->open || call->call.kind->effect != LINUX_EXEC) continue;
      lackey_call_close(log, call);
      builder_thread(log->builder, i << 16 | thread);
      if (!builder_exec(log->builder, call->call.path, error)) return false;
    }
  }
  return true;
}

const import_format FORMAT_LACKEY = {
    .name = "lackey",
    .what = "valgrind --tool=lackey --trace-mem=yes --basic-counts=no --trace-syscalls=yes --trace-sched=yes",
    .nothing = "a log of valgrind --tool=lackey --trace-mem=yes",
    .state_bytes = sizeof(lackey_log),
    .line_bytes = 65536,
    .open = lackey_open,
    .take = lackey_take,
    .begin = lackey_begin,
    .end = lackey_end,
    .close = lackey_close};
