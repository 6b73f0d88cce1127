/* System calls in a lackey log: `sys_openat ( 4294967196, 0x4835540(/lib/libc.so.6), 524288 )`.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lackey.h"

/* Keeps the text in the last pair of parentheses of an argument, as in 0x4835540(/lib/libc.so.6). */
static void call_path_keep(const char *open, const char *end, linux_call *call) {
  size_t length = (size_t)(end - open);
  if (length == 0 || length >= sizeof call->path || call->path[0]) return;
  memcpy(call->path, open, length);
  call->path[length] = 0;
}

static void call_arguments_parse(const char *at, bool hexadecimal, linux_call *call) {
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

void lackey_call_parse(const char *text, linux_call *call) {
  char name[32] = "";
  const char *open = strchr(text, '(');
  size_t length = open ? (size_t)(open - text) : 0;
  while (length && text[length - 1] == ' ') length--;
  if (length < sizeof name) memcpy(name, text, length);
  memset(call, 0, sizeof *call);
  call->kind = linux_kind_named(name);
  /* The flags of a clone are written without 0x. */
  if (name[0]) call_arguments_parse(open + 1, call->kind->effect == LINUX_CLONE, call);
}
