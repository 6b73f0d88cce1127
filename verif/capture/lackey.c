/* Reads lackey's lines: accesses, system calls whose results may stand on the next line, scheduler messages.
 *
 * Lines are short and millions, so accesses are taken apart by hand. What follows a complete result on the same line is
 * a line of its own: the thread that a clone made begins to write before the newline.
 *
 * Whose line it is: accesses do not say, so they belong to the thread that the last line that does say named.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "lackey.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACCESS_PART 64u /* largest access of a trace */
#define ACCESS_LARGEST 4096u

bool lackey_open(lackey_log *log, trace_builder *builder, tw_error *error) {
  memset(log, 0, sizeof *log);
  log->builder = builder;
  log->calls = calloc(LACKEY_PROCESSES_MAX * LACKEY_THREADS_MAX, sizeof *log->calls);
  if (!log->calls) return tw_error_set(error, "out of memory");
  log->calls[1].seen = true;
  return true;
}

void lackey_close(lackey_log *log) {
  for (size_t i = 0; i < LACKEY_FILES_MAX; i++) free(log->files[i]);
  free(log->calls);
  memset(log, 0, sizeof *log);
}

static unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return (unsigned)(c - '0');
  if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a' + 10);
  return 16;
}

/* `ADDRESS,SIZE` to the end of the line. */
static bool access_parse(const char *text, uint64_t *va, uint64_t *size) {
  unsigned digits = 0, digit;
  *va = *size = 0;
  for (; (digit = hex_digit(*text)) < 16; text++, digits++) *va = *va << 4 | digit;
  if (!digits || digits > 16 || *text++ != ',' || !*text) return false;
  for (; *text >= '0' && *text <= '9' && *size <= ACCESS_LARGEST; text++) *size = *size * 10 + (uint64_t)(*text - '0');
  return !*text && *size && *size <= ACCESS_LARGEST;
}

/* Saving a processor's state is one access of hundreds of bytes: a trace has it in parts. */
static bool access_write(lackey_log *log, tw_access kind, uint64_t va, uint64_t size, tw_error *error) {
  for (uint64_t done = 0; done < size; done += ACCESS_PART) {
    uint64_t part = size - done < ACCESS_PART ? size - done : ACCESS_PART;
    if (!builder_access(log->builder, kind, va + done, (uint8_t)part, error)) return false;
  }
  return true;
}

static bool lackey_unexpected(const char *text, tw_error *error) {
  char shown[48];
  size_t length = 0;
  for (; text[length] && length + 1 < sizeof shown; length++) {
    shown[length] = text[length] >= ' ' && text[length] < 0x7f ? text[length] : '.';
  }
  shown[length] = 0;
  return tw_error_set(error, "expected a line of Valgrind's lackey (`I  04001000,3`, ` L 1fff000618,8`), found `%s`",
                      shown);
}

static bool lackey_access(lackey_log *log, const char *text, tw_error *error) {
  uint64_t va, size;
  if (!access_parse(text + 3, &va, &size)) return lackey_unexpected(text, error);
  switch (text[0] == 'I' ? 'I' : text[1]) {
  case 'I':
    return access_write(log, TW_FETCH, va, size, error);
  case 'L':
    return access_write(log, TW_LOAD, va, size, error);
  case 'S':
    return access_write(log, TW_STORE, va, size, error);
  default:
    return access_write(log, TW_LOAD, va, size, error) && access_write(log, TW_STORE, va, size, error);
  }
}

/* What follows is this thread's, or that of the process's thread that ran last if thread is 0. */
static bool lackey_switch(lackey_log *log, uint32_t pid, unsigned thread, tw_error *error) {
  unsigned known = log->process_count;
  if (known && log->processes[0].pid != pid && !lackey_process_fork(log, pid, error)) return false;
  unsigned index = lackey_process_of(log, pid);
  lackey_process *process = &log->processes[index];
  if (thread) process->thread = thread;
  lackey_call *call = lackey_call_of(log, index, process->thread);
  if (!call) return tw_error_set(error, "expected a thread below %u, found %u", LACKEY_THREADS_MAX, thread);
  if (!call->seen) log->builder->threads++;
  call->seen = true;
  log->current = index;
  return builder_thread(log->builder, index << 16 | process->thread, error);
}

/* A result, ` [pre-success] Success(0x0) ...`; what stands behind it is a line of its own. */
static bool lackey_result(lackey_log *log, lackey_call *call, const char *text, tw_error *error) {
  text += strspn(text, " ");
  if (strncmp(text, "[async] ...", 11) == 0) return true;
  if (*text == '[') text += strcspn(text, "]");
  text += strspn(text, "] ");
  bool success = strncmp(text, "Success(", 8) == 0;
  const char *end = strncmp(text, "NoWriteResult", 13) == 0 ? text + 12 : strchr(text, ')');
  if (!end || (!success && strncmp(text, "Failure(", 8) && text[0] != 'N')) return lackey_unexpected(text, error);
  uint64_t value = success ? strtoull(text + 8, NULL, 0) : 0;
  log->rest = end[1] == ' ' ? end + 2 : end + 1;
  if (call && call->open) {
    const lackey_call done = *call;
    call->open = call->split = false;
    return !success || lackey_call_apply(log, &done, value, error);
  }
  return true;
}

/* `SYSCALL[PID,THREAD](NUMBER) name ( ... ) --> result`, or without a result yet, or `... [async] --> result`. */
static bool lackey_syscall(lackey_log *log, const char *text, tw_error *error) {
  unsigned pid, thread;
  int length = 0;
  if (sscanf(text, "SYSCALL[%u,%u](%*[0-9])%n", &pid, &thread, &length) != 2 || !length) {
    return lackey_unexpected(text, error);
  }
  if (!lackey_switch(log, pid, thread, error)) return false;
  lackey_call *call = lackey_call_of(log, log->current, thread);
  const char *rest = text + length + strspn(text + length, " "), *arrow = strstr(rest, "-->");
  if (strncmp(rest, "...", 3)) {
    lackey_call_parse(rest, call);
    call->seen = call->open = true;
    call->split = !arrow;
    const char *child = arrow ? NULL : strstr(rest, "created child ");
    if (child && !lackey_process_fork(log, (uint32_t)strtoul(child + 14, NULL, 10), error)) return false;
  }
  return !arrow || lackey_result(log, call, arrow + 3, error);
}

/* ` --> result` alone: 0 to a child that was just forked is its first sign of life; anything else belongs to the call
 * that was left open, the current process's first. */
static bool lackey_lone_result(lackey_log *log, const char *text, tw_error *error) {
  for (unsigned i = 1; strstr(text, "Success(0x0)") && i < log->process_count; i++) {
    if (!log->processes[i].forked || log->processes[i].begun) continue;
    log->processes[i].begun = true;
    return lackey_switch(log, log->processes[i].pid, 0, error) && lackey_result(log, NULL, text, error);
  }
  for (unsigned n = 0; n < log->process_count; n++) {
    unsigned index = (log->current + n) % log->process_count;
    for (unsigned thread = 0; thread < LACKEY_THREADS_MAX; thread++) {
      lackey_call *call = lackey_call_of(log, index, thread);
      if (!call->open || !call->split) continue;
      return lackey_switch(log, log->processes[index].pid, thread, error) && lackey_result(log, call, text, error);
    }
  }
  return lackey_result(log, NULL, text, error);
}

/* `==PID== ...` is Valgrind's own; of it the command is kept. */
static bool lackey_message(lackey_log *log, const char *text, tw_error *error) {
  unsigned pid;
  int length = 0;
  if (sscanf(text, "==%u==%n", &pid, &length) != 1 || !length) return lackey_unexpected(text, error);
  if (!lackey_switch(log, pid, 0, error)) return false;
  if (strncmp(text + length, " Command: ", 10)) return true;
  if (log->processes[log->current].commanded && !log->processes[log->current].forked) {
    return tw_error_set(error, "process %u executes another program here: a trace is of one", pid);
  }
  log->processes[log->current].commanded = true;
  if (log->current) return true;
  snprintf(log->builder->command, sizeof log->builder->command, "%.1000s", text + length + 10);
  for (char *c = log->builder->command; *c; c++) {
    if ((unsigned char)*c < ' ' || *c == 0x7f) *c = ' ';
  }
  return true;
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

static bool lackey_line_at(lackey_log *log, char *text, size_t length, tw_error *error) {
  tw_error inner = {0};
  log->line++;
  text[length] = 0;
  log->rest = text;
  bool good = memchr(text, 0, length) == NULL || lackey_unexpected(text, &inner);
  while (good && *log->rest) {
    const char *at = log->rest;
    log->rest = "";
    good = lackey_line(log, at, &inner);
  }
  return good || tw_error_set(error, "%.150s:%" PRIu64 ": %.300s", log->path, log->line, inner.text);
}

/* Takes every complete line of the buffer; what is left of it moves to the front. At the end of the file the rest is a
 * line. */
static bool lackey_lines(lackey_log *log, char *buffer, size_t *filled, bool last, tw_error *error) {
  char *at = buffer, *end = buffer + *filled, *newline;
  while (!builder_full(log->builder) && (newline = memchr(at, '\n', (size_t)(end - at)))) {
    if (!lackey_line_at(log, at, (size_t)(newline - at), error)) return false;
    at = newline + 1;
  }
  *filled = (size_t)(end - at);
  if (builder_full(log->builder)) return true;
  if (*filled > LACKEY_LINE_MAX) {
    return tw_error_set(error, "%.150s:%" PRIu64 ": expected lines of at most %u bytes", log->path, log->line + 1,
                        LACKEY_LINE_MAX);
  }
  if (last) return !*filled || lackey_line_at(log, at, *filled, error);
  memmove(buffer, at, *filled);
  return true;
}

bool lackey_read(lackey_log *log, int file, const char *path, unsigned index, tw_error *error) {
  const capture_options *options = log->builder->options;
  char *buffer = malloc(LACKEY_BUFFER_BYTES + 1);
  size_t filled = 0;
  ssize_t got = 1;
  bool done = buffer || tw_error_set(error, "out of memory");
  log->path = path;
  log->line = 0;
  if (index && done) done = lackey_switch(log, log->processes[index].pid, 0, error);
  while (done && got && !builder_full(log->builder)) {
    got = read(file, buffer + filled, LACKEY_BUFFER_BYTES - filled);
    if (got < 0) {
      done = tw_error_set(error, "%.150s: cannot be read: %m", path);
      break;
    }
    filled += (size_t)got;
    log->done += (uint64_t)got;
    done = lackey_lines(log, buffer, &filled, !got, error);
    if (options->progress) options->progress(options->payload, log->done, log->total);
  }
  free(buffer);
  return done;
}
