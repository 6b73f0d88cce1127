/* Imports bytes of a format, and says what must come of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "imported.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"

char *imported(void **state, const char *format, const void *bytes, size_t size, const capture_options *how,
               capture_result *result) {
  char *from = files_path(*state, "source"), *to = files_path(*state, "trace.twt");
  const char *const files[] = {from};
  capture_options options = how ? *how : (capture_options){0};
  tw_error error = {0};
  options.output = to;
  options.form = TW_TRACE_TEXT;
  files_write(from, bytes, size);
  if (!capture_import(format, files, 1, &options, result, &error)) fail_msg("%s", error.text);
  char *text = files_read(to);
  free(from);
  free(to);
  return text;
}

void imported_as(void **state, const char *format, const char *text, const char *records) {
  capture_result result;
  char *trace = imported(state, format, text, strlen(text), NULL, &result);
  char *body = strstr(trace, "---\n");
  assert_non_null(body);
  char *end = strstr(body, "end ");
  assert_non_null(end);
  *end = 0;
  assert_string_equal(body + 4, records);
  free(trace);
}

void refused(void **state, const char *format, const void *bytes, size_t size, const char *expected) {
  char *from = files_path(*state, "refused"), *to = files_path(*state, "refused.twt");
  const char *const files[] = {from};
  capture_options options = {.output = to, .form = TW_TRACE_TEXT};
  capture_result result;
  tw_error error = {0};
  files_write(from, bytes, size);
  assert_false(capture_import(format, files, 1, &options, &result, &error));
  if (!strstr(error.text, expected)) fail_msg("expected \"%s\" in \"%s\"", expected, error.text);
  assert_non_null(strstr(error.text, "/refused"));
  assert_null(strchr(error.text, '\n'));
  assert_false(files_exist(to));
  free(from);
  free(to);
}

void refused_text(void **state, const char *format, const char *text, const char *expected) {
  refused(state, format, text, strlen(text), expected);
}
