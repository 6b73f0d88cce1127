/* Reads MMU and golden traces as they are, and program traces through an address space.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <stdlib.h>
#include <string.h>

typedef struct trace_source {
  tw_source source; /* first: a tw_source is what callers hold */
  tw_trace_reader *reader;
  tw_space *space;
  tw_trace_header described; /* of the records that the space makes */
  uint64_t accesses, max_accesses;
  uint64_t outstanding; /* accesses handed out and not answered: a fault of one may make records */
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

static tw_source_result program_next(tw_source *source, tw_record *record, tw_error *error) {
  trace_source *self = (trace_source *)source;
  for (;;) {
    if (tw_space_take(self->space, record)) {
      if (record->kind == TW_RECORD_ACCESS) self->outstanding++;
      return TW_SOURCE_RECORD;
    }
    if (self->ended && !self->outstanding) return TW_SOURCE_END;
    if (self->ended || !tw_space_hungry(self->space)) return TW_SOURCE_WAIT;
    tw_record program;
    tw_trace_result result = tw_trace_read(self->reader, &program, error);
    if (result == TW_TRACE_ERROR) return TW_SOURCE_ERROR;
    if (result == TW_TRACE_END || is_past_limit(self, &program)) {
      self->ended = true;
    } else if (!tw_space_feed(self->space, &program, error)) {
      tw_source_blame(source, error);
      return TW_SOURCE_ERROR;
    }
  }
}

static bool program_answer(tw_source *source, const tw_record_answer *answer, tw_error *error) {
  trace_source *self = (trace_source *)source;
  self->outstanding--;
  return tw_space_answer(self->space, answer, error) || tw_source_blame(source, error);
}

static bool program_counts(const tw_source *source, tw_space_counts *counts) {
  tw_space_count(((const trace_source *)source)->space, counts);
  return true;
}

static void trace_progress(const tw_source *source, uint64_t *done, uint64_t *total) {
  tw_trace_progress(((const trace_source *)source)->reader, done, total);
}

static void trace_close(tw_source *source) {
  trace_source *self = (trace_source *)source;
  tw_trace_header_free(&self->described);
  tw_space_close(self->space);
  tw_trace_close(self->reader);
  free(self);
}

static bool bits_check(const tw_trace_header *header, tw_error *error) {
  uint64_t bits;
  if (!tw_trace_header_number(header, "bits", 64, &bits, error)) return false;
  return bits == 32 || bits == 64 ||
         tw_error_set(error, "header key `bits`: expected 32 or 64, found %llu", (unsigned long long)bits);
}

static bool space_begin(trace_source *self, const tw_source_options *options, tw_error *error) {
  if (!bits_check(tw_trace_reader_header(self->reader), error)) return false;
  const tw_space_options how = {.mode = options->config->mode,
                                .asid = options->config->asid_bits ? 1 : 0,
                                .seed = options->seed,
                                .pa_bits = options->config->pa_bits,
                                .pmp_entries = options->config->pmp_entries};
  self->space = tw_space_open(&how, tw_trace_reader_header(self->reader), error);
  if (!self->space) return false;
  self->source.next = program_next;
  self->source.accesses = NULL;
  self->source.answer = program_answer;
  self->source.counts = program_counts;
  self->source.header = &self->described;
  return tw_space_describe(self->space, &self->described, error);
}

tw_source *tw_source_open(const tw_source_options *options, tw_error *error) {
  trace_source *self = calloc(1, sizeof *self);
  if (!self) {
    tw_error_set(error, "memory is out");
    return NULL;
  }
  tw_trace_header_init(&self->described, TW_TRACE_MMU);
  self->source.close = trace_close;
  self->source.progress = trace_progress;
  self->source.name = strcmp(options->path, "-") == 0 ? "standard input" : options->path;
  self->max_accesses = options->max_accesses;
  self->reader = tw_trace_open(options->path, error);
  if (!self->reader) {
    tw_trace_header_free(&self->described);
    free(self);
    return NULL;
  }
  tw_trace_kind kind = tw_trace_reader_header(self->reader)->kind;
  self->source.kind = kind;
  self->source.next = mmu_next;
  self->source.accesses = mmu_accesses;
  self->source.header = tw_trace_reader_header(self->reader);
  if (kind == TW_TRACE_PROGRAM && !space_begin(self, options, error)) {
    tw_source_blame(&self->source, error);
    trace_close(&self->source);
    return NULL;
  }
  return &self->source;
}

bool tw_source_blame(const tw_source *source, tw_error *error) {
  const tw_error cause = *error;
  if (!source->name) return false;
  return tw_error_set(error, "%s: %s", source->name, cause.text);
}
