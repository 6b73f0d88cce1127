/* Reads a trace's text form, line by line.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "reader.h"

static bool fail(const tw_trace_reader *reader, tw_error *error, const char *text) {
  return tw_error_set(error, "%s:%llu: %s", reader->shown, (unsigned long long)reader->text.number, text);
}

static bool fail_with(const tw_trace_reader *reader, tw_error *error, const tw_error *detail) {
  return fail(reader, error, detail->text);
}

static bool fail_truncated(const tw_trace_reader *reader, tw_error *error, const char *expected) {
  if (ferror(reader->file)) return fail(reader, error, strerror(errno));
  return tw_error_set(error, "%s:%llu: expected %s, found the end of the file (truncated after %llu records)",
                      reader->shown, (unsigned long long)reader->text.number, expected,
                      (unsigned long long)reader->text.order.records);
}

/* Reads one line, without its newline. False at the end of the file (nothing, or only a part of a line, was there), or
 * if the line cannot be one. */
static bool read_line(tw_trace_reader *reader, const char *expected, tw_error *error) {
  size_t used = 0;
  int byte;
  reader->text.number++;
  while ((byte = getc_unlocked(reader->file)) != EOF && byte != '\n') {
    if (byte == 0) return fail(reader, error, "expected text, found a byte of 0");
    if (used == TRACE_MAX_LINE_BYTES)
      return fail(reader, error, "expected a line of at most 32767 bytes, found a longer one");
    reader->text.line[used++] = (char)byte;
  }
  reader->done += used + 1;
  reader->text.line[used] = '\0';
  if (byte == EOF) return fail_truncated(reader, error, used > 0 ? "a newline" : expected);
  return true;
}

static bool is_comment(const char *line) {
  return line[strspn(line, " \t")] == '#';
}

/* "twinwalk KIND VERSION" */
static bool parse_first_line(tw_trace_reader *reader, tw_error *error) {
  static const char EXPECTED[] = "expected `twinwalk program 3`, `twinwalk mmu 3` or `twinwalk golden 3`";
  char kind[8], version[8];
  int used = 0;
  char *line = reader->text.line;
  const trace_quote quote = trace_quote_bytes(line, strlen(line));
  const bool form = sscanf(line, "twinwalk %7[a-z] %7[0-9]%n", kind, version, &used) == 2 && line[used] == '\0';
  if (!form) return tw_error_set(error, "%s:1: %s, found `%s`", reader->shown, EXPECTED, quote.text);
  if (strlen(version) != 1 || version[0] < '1' || version[0] > '0' + (int)TW_TRACE_VERSION)
    return tw_error_set(error, "%s:1: expected a version from 1 to %u, found version %s", reader->shown,
                        TW_TRACE_VERSION, version);
  for (tw_trace_kind i = TW_TRACE_PROGRAM; i <= TW_TRACE_GOLDEN; i++)
    if (strcmp(trace_kind_name(i), kind) == 0) {
      tw_trace_header_init(&reader->header, i);
      reader->header.version = (unsigned)(version[0] - '0');
      reader->text.order.kind = i;
      return true;
    }
  return tw_error_set(error, "%s:1: %s, found `%s`", reader->shown, EXPECTED, quote.text);
}

/* A file that is no trace may have no newline for long: says so instead of judging its lines. */
static bool check_first_word(tw_trace_reader *reader, tw_error *error) {
  static const char WORD[] = "twinwalk ";
  char *line = reader->text.line;
  size_t used = 0;
  int byte = 0;
  while (used < sizeof WORD - 1 && (byte = getc(reader->file)) != EOF && byte == WORD[used]) line[used++] = (char)byte;
  if (used == sizeof WORD - 1) return true;
  if (byte == EOF && used > 0) {
    reader->text.number = 1;
    return fail_truncated(reader, error, "`twinwalk KIND VERSION`");
  }
  for (; used < 48 && byte != EOF && byte != '\n'; byte = getc(reader->file)) line[used++] = (char)byte;
  return tw_error_set(error, "%s: expected a trace, which begins with `twinwalk ` or with byte 0x89, found `%s`",
                      reader->shown, trace_quote_bytes(line, used).text);
}

/* Puts the first word back in front of the rest of the first line. */
static bool read_first_line(tw_trace_reader *reader, tw_error *error) {
  static const char WORD[] = "twinwalk ";
  const size_t skip = sizeof WORD - 1;
  if (!check_first_word(reader, error) || !read_line(reader, "`twinwalk KIND VERSION`", error)) return false;
  const size_t rest = strlen(reader->text.line);
  if (rest + skip > TRACE_MAX_LINE_BYTES) return fail(reader, error, "expected a shorter first line");
  memmove(reader->text.line + skip, reader->text.line, rest + 1);
  memcpy(reader->text.line, WORD, skip);
  reader->done += skip;
  return parse_first_line(reader, error);
}

bool trace_text_open(tw_trace_reader *reader, tw_error *error) {
  tw_error detail;
  reader->text.line = malloc(TRACE_LINE_BUFFER);
  if (!reader->text.line) return tw_error_set(error, "out of memory for a line");
  if (!read_first_line(reader, error)) return false;
  for (;;) {
    if (!read_line(reader, "`---` to end the header", error)) return false;
    if (reader->text.line[0] == '\0' || strcmp(reader->text.line, "---") == 0) return true;
    if (is_comment(reader->text.line)) continue;
    if (!trace_header_parse_line(&reader->header, reader->text.line, &detail)) return fail_with(reader, error, &detail);
  }
}

/* Judges `end N` and what follows it. */
static tw_trace_result finish(tw_trace_reader *reader, tw_error *error) {
  uint64_t count;
  const char *text = reader->text.line + strlen("end ");
  if (!trace_number_parse(text, &count) || count != reader->text.order.records) {
    tw_error_set(error, "%s:%llu: expected `end %llu`, found `end %s`", reader->shown,
                 (unsigned long long)reader->text.number, (unsigned long long)reader->text.order.records,
                 trace_quote_bytes(text, strlen(text)).text);
    return TW_TRACE_ERROR;
  }
  if (getc(reader->file) == EOF) return TW_TRACE_END;
  reader->text.number++;
  fail(reader, error, "expected the end of the file after `end`, found more");
  return TW_TRACE_ERROR;
}

tw_trace_result trace_text_read(tw_trace_reader *reader, tw_record *record, tw_error *error) {
  trace_order *order = &reader->text.order;
  tw_error detail;
  do {
    if (!read_line(reader, "a record or `end N`", error)) return TW_TRACE_ERROR;
  } while (reader->text.line[strspn(reader->text.line, " \t")] == '\0' || is_comment(reader->text.line));
  if (strncmp(reader->text.line, "end ", 4) == 0) return finish(reader, error);
  if (!trace_record_parse(reader->text.line, record, reader->name, &detail) ||
      !trace_order_check(order, record, &detail)) {
    fail_with(reader, error, &detail);
    return TW_TRACE_ERROR;
  }
  record->number = order->numbers;
  order->records++;
  if (trace_record_numbered(order->kind, record->kind)) order->numbers++;
  return TW_TRACE_RECORD;
}
