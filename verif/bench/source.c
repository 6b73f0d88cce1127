/* Reads MMU and golden traces as they are; program traces are program_source.c's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "source_internal.h"

typedef struct trace_source {
  tw_source source; /* first: a tw_source is what callers hold */
  tw_trace_reader *reader;
  uint64_t accesses, max_accesses;
  bool ended;
} trace_source;

static bool is_past_limit(trace_source *self, const tw_record *record) {
  if (record->kind != TW_RECORD_ACCESS || !self->max_accesses) return false;
  return ++self->accesses > self->max_accesses;
}

static tw_source_result mmu_next(tw_source *source, tw_record *record, tw_error *error) {
  trace_source *self = (trace_source *)source;
  for (;;) {
    tw_trace_result result = tw_trace_read(self->reader, record, error);
    if (result == TW_TRACE_ERROR) return TW_SOURCE_ERROR;
    if (result == TW_TRACE_END) return TW_SOURCE_END;
    if (record->kind == TW_RECORD_ANSWER || record->kind == TW_RECORD_STEP) {
      if (source->expect) source->expect(source->payload, record);
      continue;
    }
    if (self->ended || is_past_limit(self, record)) {
      self->ended = true;
      continue; /* the answers to what was played still follow */
    }
    return TW_SOURCE_RECORD;
  }
}

static unsigned mmu_accesses(tw_source *source, tw_record *records, unsigned room) {
  trace_source *self = (trace_source *)source;
  if (self->max_accesses) {
    uint64_t left = self->max_accesses - self->accesses;
    if (self->ended || left < room) return 0; /* near the limit, one at a time */
  }
  unsigned count = (unsigned)tw_trace_read_accesses(self->reader, records, room);
  self->accesses += count;
  return count;
}

static void mmu_progress(const tw_source *source, uint64_t *done, uint64_t *total) {
  tw_trace_progress(((const trace_source *)source)->reader, done, total);
}

static void mmu_close(tw_source *source) {
  trace_source *self = (trace_source *)source;
  tw_trace_close(self->reader);
  free(self);
}

/* Another trace than a program's has no operating system's side that one could say anything to. */
static bool options_check(const tw_source_options *options, tw_error *error) {
  static const char NONE[] = "is for program traces; this one has its operating system's side behind it";
  if (options->machine && options->machine->count) return tw_error_set(error, "--machine %s", NONE);
  if (options->swap_path) return tw_error_set(error, "--swap-file %s", NONE);
  if (options->checks != TW_CHECKS_DEFAULT) return tw_error_set(error, "--checks %s", NONE);
  return !options->sample.measure || tw_error_set(error, "--sample %s", NONE);
}

static tw_source *mmu_open(const tw_source_options *options, tw_trace_reader *reader, tw_error *error) {
  if (!options_check(options, error)) return NULL;
  trace_source *self = calloc(1, sizeof *self);
  if (!self) {
    tw_error_set(error, "memory is out");
    return NULL;
  }
  *self = (trace_source){.reader = reader, .max_accesses = options->max_accesses};
  self->source = (tw_source){.next = mmu_next,
                             .accesses = mmu_accesses,
                             .close = mmu_close,
                             .progress = mmu_progress,
                             .header = tw_trace_reader_header(reader)};
  return &self->source;
}

tw_source *tw_source_open(const tw_source_options *options, tw_error *error) {
  tw_trace_reader *reader = tw_trace_open(options->path, error);
  if (!reader) return NULL;
  const tw_source named = {.name = strcmp(options->path, "-") == 0 ? "standard input" : options->path};
  const tw_trace_kind kind = tw_trace_reader_header(reader)->kind;
  tw_source *source =
      kind == TW_TRACE_PROGRAM ? program_source_open(options, reader, error) : mmu_open(options, reader, error);
  if (!source) {
    tw_source_blame(&named, error);
    tw_trace_close(reader);
    return NULL;
  }
  source->name = named.name;
  source->kind = kind;
  return source;
}

bool tw_checks_from_name(const char *name, tw_checks *checks) {
  static const char *const NAMES[] = {[TW_CHECKS_NONE] = "none",
                                      [TW_CHECKS_CONTENT] = "content",
                                      [TW_CHECKS_ISOLATION] = "isolation",
                                      [TW_CHECKS_ALL] = "all"};
  for (unsigned i = TW_CHECKS_NONE; i <= TW_CHECKS_ALL; i++) {
    if (strcmp(name, NAMES[i]) != 0) continue;
    *checks = (tw_checks)i;
    return true;
  }
  return false;
}

bool tw_source_blame(const tw_source *source, tw_error *error) {
  const tw_error cause = *error;
  if (!source->name) return false;
  return tw_error_set(error, "%s: %s", source->name, cause.text);
}
