/* A trace's header: its kind, and keys with values; and words for messages.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "trace_internal.h"

const char *trace_kind_name(tw_trace_kind kind) {
  switch (kind) {
  case TW_TRACE_PROGRAM:
    return "program";
  case TW_TRACE_MMU:
    return "mmu";
  case TW_TRACE_GOLDEN:
    return "golden";
  default:
    return "unknown";
  }
}

void trace_path_shown(char shown[TRACE_PATH_SHOWN + 1], const char *path, const char *standard) {
  const size_t length = strlen(path);
  if (strcmp(path, "-") == 0)
    snprintf(shown, TRACE_PATH_SHOWN + 1, "%s", standard);
  else if (length <= TRACE_PATH_SHOWN)
    memcpy(shown, path, length + 1);
  else
    snprintf(shown, TRACE_PATH_SHOWN + 1, "...%s", path + length - (TRACE_PATH_SHOWN - 3));
}

trace_quote trace_quote_bytes(const char *bytes, size_t length) {
  trace_quote quote;
  const size_t shown = length > 40 ? 40 : length;
  for (size_t i = 0; i < shown; i++) quote.text[i] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '?';
  memcpy(quote.text + shown, length > shown ? "..." : "", length > shown ? 4 : 1);
  return quote;
}

void tw_trace_header_init(tw_trace_header *header, tw_trace_kind kind) {
  *header = (tw_trace_header){.kind = kind, .version = TW_TRACE_VERSION};
}

void tw_trace_header_free(tw_trace_header *header) {
  for (size_t i = 0; i < header->count; i++) {
    free(header->keys[i]);
    free(header->values[i]);
  }
  free(header->keys);
  free(header->values);
  tw_trace_header_init(header, header->kind);
}

static bool key_is_good(const char *key) {
  const size_t length = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789._-");
  return key[length] == '\0' && length <= TRACE_MAX_KEY_BYTES && key[0] >= 'a' && key[0] <= 'z';
}

static bool value_is_good(const char *value) {
  const char *at = value;
  for (; *at; at++)
    if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f) return false;
  return (size_t)(at - value) <= TRACE_MAX_VALUE_BYTES;
}

static size_t find_key(const tw_trace_header *header, const char *key) {
  size_t i = 0;
  while (i < header->count && strcmp(header->keys[i], key) != 0) i++;
  return i;
}

static bool append(tw_trace_header *header, const char *key, char *value) {
  const size_t count = header->count + 1;
  char *copy = strdup(key);
  char **keys = copy ? realloc(header->keys, count * sizeof *keys) : NULL;
  if (keys) header->keys = keys;
  char **values = keys ? realloc(header->values, count * sizeof *values) : NULL;
  if (!values) {
    free(copy);
    return false;
  }
  header->values = values;
  header->keys[header->count] = copy;
  header->values[header->count] = value;
  header->count = count;
  return true;
}

static bool set_value(tw_trace_header *header, const char *key, const char *text) {
  char *value = strdup(text);
  const size_t i = find_key(header, key);
  if (!value) return false;
  if (i < header->count) {
    free(header->values[i]);
    header->values[i] = value;
    return true;
  }
  if (header->count < TRACE_MAX_KEYS && append(header, key, value)) return true;
  free(value);
  return false;
}

bool tw_trace_header_set(tw_trace_header *header, const char *key, const char *format, ...) {
  char text[TRACE_MAX_VALUE_BYTES + 1];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length < 0 || (size_t)length >= sizeof text) return false;
  return key_is_good(key) && value_is_good(text) && set_value(header, key, text);
}

const char *tw_trace_header_get(const tw_trace_header *header, const char *key) {
  const size_t i = find_key(header, key);
  return i < header->count ? header->values[i] : NULL;
}

bool tw_trace_header_number(const tw_trace_header *header, const char *key, uint64_t fallback, uint64_t *number,
                            tw_error *error) {
  const char *value = tw_trace_header_get(header, key);
  *number = fallback;
  if (!value || trace_number_parse(value, number)) return true;
  return tw_error_set(error, "header key `%s`: expected a number, found `%s`", key,
                      trace_quote_bytes(value, strlen(value)).text);
}

bool trace_header_parse_line(tw_trace_header *header, char *line, tw_error *error) {
  char *colon = strchr(line, ':');
  if (!colon)
    return tw_error_set(error, "expected `key: value`, or `---` or an empty line to end the header, found `%s`",
                        trace_quote_bytes(line, strlen(line)).text);
  *colon = '\0';
  const char *value = colon[1] == ' ' ? colon + 2 : colon + 1;
  const trace_quote shown = trace_quote_bytes(line, strlen(line));
  if (!key_is_good(line))
    return tw_error_set(error, "expected a key of letters a to z, digits, `.`, `_` and `-`, found `%s`", shown.text);
  if (find_key(header, line) < header->count)
    return tw_error_set(error, "expected a key once, found `%s` again", shown.text);
  if (!value_is_good(value))
    return tw_error_set(error, "expected a value of at most %u bytes without control characters, found `%s`",
                        TRACE_MAX_VALUE_BYTES, trace_quote_bytes(value, strlen(value)).text);
  if (header->count == TRACE_MAX_KEYS)
    return tw_error_set(error, "expected at most %u keys, found one more", TRACE_MAX_KEYS);
  return set_value(header, line, value) || tw_error_set(error, "out of memory for the header");
}
