/* Scenarios: YAML files that say what processes do, made into program traces. docs/scenarios.md.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_H
#define TWINWALK_SCENARIO_H

#include "twinwalk/trace.h"

typedef struct scenario scenario;

typedef struct scenario_options {
  const char *layouts;  /* folder of layouts that are given by name */
  const char *layout;   /* a name or path, in place of the file's; NULL: the file's */
  const uint64_t *seed; /* in place of the file's; NULL: the file's */
} scenario_options;

/* Reads a scenario and every file it names. The caller closes it. NULL and error (file, line, key) on failure. */
scenario *scenario_open(const char *path, const scenario_options *options, tw_error *error);
/* The same from text in memory. */
scenario *scenario_parse(const char *path, const char *text, size_t size, const scenario_options *options,
                         tw_error *error);
void scenario_close(scenario *story); /* NULL is allowed */

/* Sets the header keys of its trace. False and error if memory is out or a value is too long. */
bool scenario_describe(const scenario *story, tw_trace_header *header, tw_error *error);

/* Takes the records of a trace, in their order. Their names are the scenario's. */
typedef struct scenario_sink {
  bool (*record)(void *payload, const tw_record *record, tw_error *error); /* false and error: stop */
  void (*progress)(void *payload, uint64_t done, uint64_t total);          /* steps; or NULL */
  void *payload;
} scenario_sink;

/* Makes all records; can be called again, and makes the same. False and error (file, line, key) if the scenario cannot
 * be, or the sink stopped. */
bool scenario_play(const scenario *story, const scenario_sink *sink, tw_error *error);

#endif
