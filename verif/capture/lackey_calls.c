/* System calls in a lackey log, and what they do to an address space. Numbers and flags are those of Linux on x86.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lackey.h"

enum { FLAG_SHARED = 1, FLAG_FIXED = 0x10, FLAG_ANONYMOUS = 0x20, FLAG_GROWS_DOWN = 0x100, FLAG_STACK = 0x20000 };
enum { CLONE_THREAD_FLAG = 0x10000, MREMAP_DONTUNMAP_FLAG = 4 };

#define PAGE_UP(value) (((value) + TW_PAGE_BYTES - 1) & ~(uint64_t)(TW_PAGE_BYTES - 1))

/* Keeps the text in the last pair of parentheses of an argument, as in 0x4835540(/lib/libc.so.6). */
static void call_path_keep(const char *open, const char *end, lackey_call *call) {
  size_t length = (size_t)(end - open);
  if (length == 0 || length >= sizeof call->path || call->path[0]) return;
  memcpy(call->path, open, length);
  call->path[length] = 0;
}

void lackey_call_parse(const char *text, lackey_call *call) {
  const char *open = strchr(text, '(');
  size_t length = open ? (size_t)(open - text) : 0;
  memset(call, 0, sizeof *call);
  while (length && text[length - 1] == ' ') length--;
  if (!length || length >= sizeof call->name) return;
  memcpy(call->name, text, length);
  bool hexadecimal = strcmp(call->name, "sys_clone") == 0; /* its flags are written without 0x */
  const char *at = open + 1;
  while (call->count < 6) {
    at += strspn(at, " ,");
    char *end;
    uint64_t value = strtoull(at, &end, hexadecimal && !call->count ? 16 : 0);
    if (end == at) break;
    call->arguments[call->count++] = value;
    at = end;
    if (*at == '(') {
      const char *close = strstr(at, "), ");
      if (!close) close = strstr(at, ") )");
      if (!close) break;
      call_path_keep(at + 1, close, call);
      at = close + 1;
    }
  }
}

lackey_call *lackey_call_of(lackey_log *log, unsigned process, unsigned thread) {
  return thread < LACKEY_THREADS_MAX ? &log->calls[process * LACKEY_THREADS_MAX + thread] : NULL;
}

unsigned lackey_process_of(lackey_log *log, uint32_t pid) {
  unsigned index = 0;
  while (index < log->process_count && log->processes[index].pid != pid) index++;
  if (index == log->process_count && index < LACKEY_PROCESSES_MAX) {
    log->processes[log->process_count++] = (lackey_process){.pid = pid, .thread = 1};
  }
  return index;
}

bool lackey_process_fork(lackey_log *log, uint32_t pid, tw_error *error) {
  unsigned known = log->process_count, index = lackey_process_of(log, pid);
  if (index == LACKEY_PROCESSES_MAX) return tw_error_set(error, "more than %u processes", LACKEY_PROCESSES_MAX);
  if (index < known) return true;
  log->processes[index].forked = true;
  log->builder->processes++;
  return builder_event(log->builder, TW_RECORD_FORK, index << 16, error);
}

static void call_file_name(lackey_log *log, uint64_t file, const char *name) {
  if (file >= LACKEY_FILES_MAX) return;
  free(log->files[file]);
  log->files[file] = name ? strdup(name) : NULL;
}

static bool call_mmap(lackey_log *log, const lackey_call *call, uint64_t result, uint64_t unit, tw_error *error) {
  uint64_t flags = call->arguments[3], file = call->arguments[4];
  const tw_region *below = result ? tw_region_find(&log->builder->mapped, result - 1) : NULL;
  bool anonymous = flags & FLAG_ANONYMOUS;
  tw_record_map map = {.start = result,
                       .length = PAGE_UP(call->arguments[1]),
                       .offset = anonymous ? 0 : call->arguments[5] * unit,
                       .prot = call->arguments[2] & 7,
                       .shared = flags & FLAG_SHARED,
                       .grows_down = flags & FLAG_GROWS_DOWN,
                       .use = TW_REGION_FILE,
                       .name = ""};
  if (!anonymous && file < LACKEY_FILES_MAX && log->files[file]) map.name = log->files[file];
  if (anonymous) {
    /* A loader puts a library's zeros at a fixed place, right behind what comes from its file. */
    bool zeros = flags & FLAG_FIXED && below && below->use == TW_REGION_FILE;
    map.use = zeros ? TW_REGION_BSS : flags & FLAG_STACK ? TW_REGION_STACK : TW_REGION_MAPPED;
  }
  return builder_map(log->builder, &map, error);
}

/* A moved region is a new one in place of the old; one that grows in place is joined by another. */
static bool call_mremap(lackey_log *log, const lackey_call *call, uint64_t result, tw_error *error) {
  uint64_t from = call->arguments[0], old = PAGE_UP(call->arguments[1]), length = PAGE_UP(call->arguments[2]);
  const tw_region *found = tw_region_find(&log->builder->mapped, from);
  tw_record_map map = {.start = result,
                       .length = length,
                       .prot = found ? found->prot : TW_PROT_READ | TW_PROT_WRITE,
                       .shared = found && found->shared,
                       .use = found ? found->use : TW_REGION_MAPPED,
                       .name = ""};
  if (result == from && length <= old) return builder_unmap(log->builder, from + length, old - length, error);
  if (result == from) {
    map.start = from + old;
    map.length = length - old;
  } else if (old && !(call->arguments[3] & MREMAP_DONTUNMAP_FLAG) && !builder_unmap(log->builder, from, old, error)) {
    return false;
  }
  return builder_map(log->builder, &map, error);
}

static bool call_exit(lackey_log *log, bool all, tw_error *error) {
  uint32_t thread = log->builder->thread;
  return builder_event(log->builder, TW_RECORD_EXIT, all ? thread & ~0xffffu : thread, error);
}

static bool call_is(const lackey_call *call, const char *name, unsigned count) {
  return strcmp(call->name, name) == 0 && call->count >= count;
}

static bool call_memory(lackey_log *log, const lackey_call *call, uint64_t result, tw_error *error) {
  const uint64_t *arguments = call->arguments;
  if (call_is(call, "sys_mmap", 6)) return call_mmap(log, call, result, 1, error);
  if (call_is(call, "sys_mmap2", 6)) return call_mmap(log, call, result, TW_PAGE_BYTES, error);
  if (call_is(call, "sys_mremap", 4)) return call_mremap(log, call, result, error);
  if (call_is(call, "sys_munmap", 2)) return builder_unmap(log->builder, arguments[0], arguments[1], error);
  if (call_is(call, "sys_brk", 1)) return builder_break(log->builder, result, error);
  if (call_is(call, "sys_mprotect", 3)) {
    return builder_protect(log->builder, arguments[0], arguments[1], arguments[2] & 7, error);
  }
  return true;
}

bool lackey_call_apply(lackey_log *log, const lackey_call *call, uint64_t result, tw_error *error) {
  if (call_is(call, "exit", 0) || call_is(call, "exit_group", 0)) {
    return call_exit(log, call->name[4] == '_', error);
  }
  bool forks = call_is(call, "sys_fork", 0) || call_is(call, "sys_vfork", 0) ||
               (call_is(call, "sys_clone", 1) && !(call->arguments[0] & CLONE_THREAD_FLAG));
  if (forks && result) return lackey_process_fork(log, (uint32_t)result, error);
  if (!log->current && (call_is(call, "sys_openat", 2) || call_is(call, "sys_open", 1))) {
    call_file_name(log, result, call->path);
  } else if (!log->current && call_is(call, "sys_close", 1)) {
    call_file_name(log, call->arguments[0], NULL);
  }
  return call_memory(log, call, result, error);
}
