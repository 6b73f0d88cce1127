/* Feeds the reader of scenarios what libFuzzer makes up, and plays what it lets through: every record must be one that
 * a program trace may hold. The first byte says whether the rest is a scenario or a layout.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout_file.h"
#include "scenario.h"

#define RECORDS_MAX 5000u

static void demand(bool good, const char *what, const tw_error *error) {
  if (good) return;
  fprintf(stderr, "fuzz_scenario: %s: %s\n", what, error->text);
  abort();
}

static void demand_message(const tw_error *error) {
  demand(strncmp(error->text, "fuzz.yaml:", 10) == 0 && !strchr(error->text, '\n'),
         "an error is not one line with the file", error);
}

static bool record_check(void *payload, const tw_record *record, tw_error *error) {
  unsigned *left = payload;
  tw_error wrong = {""};
  demand(tw_record_check(record, TW_TRACE_PROGRAM, &wrong), "a record that may not be", &wrong);
  return --*left || tw_error_set(error, "fuzz.yaml: enough");
}

static void scenario_try(const char *text, size_t size) {
  const scenario_options options = {.layouts = LAYOUTS};
  unsigned left = RECORDS_MAX;
  const scenario_sink sink = {.record = record_check, .payload = &left};
  tw_error error = {""};
  tw_trace_header header;
  scenario *story = scenario_parse("fuzz.yaml", text, size, &options, &error);
  if (!story) {
    demand_message(&error);
    return;
  }
  tw_trace_header_init(&header, TW_TRACE_PROGRAM);
  demand(scenario_describe(story, &header, &error), "a header that cannot be", &error);
  tw_trace_header_free(&header);
  if (!scenario_play(story, &sink, &error)) demand_message(&error);
  scenario_close(story);
}

static void layout_try(const char *text, size_t size) {
  layout_file layout;
  tw_error error = {""};
  if (!layout_file_parse("fuzz.yaml", text, size, &layout, &error)) {
    demand_message(&error);
  } else {
    demand(tw_layout_check(&layout.kernel, layout.mode, &error), "a layout that cannot be", &error);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  if (data[0] == 'l') {
    layout_try((const char *)data + 1, size - 1);
  } else {
    scenario_try((const char *)data + 1, size - 1);
  }
  return 0;
}
