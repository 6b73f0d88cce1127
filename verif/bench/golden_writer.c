/* Writes the golden trace of a run.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"

#include <stdlib.h>

struct tw_golden_writer {
  tw_trace_writer *trace;
  tw_error error;
  bool failed;
};

/* A latency as the header says it: MIN, or MIN+SPAN. */
static bool latency_set(tw_trace_header *header, const tw_latency *latency) {
  return latency->span ? tw_trace_header_set(header, "memory.latency", "%u+%u", latency->minimum, latency->span)
                       : tw_trace_header_set(header, "memory.latency", "%u", latency->minimum);
}

static bool header_fill(tw_trace_header *header, const tw_golden_options *options) {
  bool set = true;
  for (size_t i = 0; i < options->header->count; i++)
    set &= tw_trace_header_set(header, options->header->keys[i], "%s", options->header->values[i]);
  const tw_memory_options *memory = options->memory;
  set &= latency_set(header, &memory->latency);
  set &= tw_trace_header_set(header, "memory.stall", "%u", memory->latency.stall_span);
  set &= tw_trace_header_set(header, "memory.errors", "%llu", (unsigned long long)memory->error_rate);
  set &= tw_trace_header_set(header, "memory.seed", "%llu", (unsigned long long)memory->seed);
  set &= tw_trace_header_set(header, "memory.fill", "0x%llx", (unsigned long long)memory->fill);
  set &= tw_trace_header_set(header, "config.name", "%s", options->config->name);
  set &= tw_trace_header_set(header, "config.hash", "0x%016llx", (unsigned long long)tw_config_hash(options->config));
  set &= tw_trace_header_set(header, "issue", TW_PLAYER_ISSUE);
  set &= tw_trace_header_set(header, "seed", "%llu", (unsigned long long)options->seed);
  set &= tw_trace_header_set(header, "model.version", "%s", TWINWALK_VERSION);
  return set;
}

tw_golden_writer *tw_golden_create(const tw_golden_options *options, tw_error *error) {
  tw_golden_writer *writer = calloc(1, sizeof *writer);
  tw_trace_header header;
  tw_trace_header_init(&header, TW_TRACE_GOLDEN);
  if (!writer || !header_fill(&header, options)) {
    tw_error_set(error, "%s: memory is out", options->path);
  } else {
    writer->trace = tw_trace_create(options->path, options->form, &header, error);
  }
  tw_trace_header_free(&header);
  if (writer && writer->trace) return writer;
  free(writer);
  return NULL;
}

static void record_write(tw_golden_writer *writer, const tw_record *record) {
  if (!writer->failed && !tw_trace_write(writer->trace, record, &writer->error)) writer->failed = true;
}

void tw_golden_taken(tw_golden_writer *writer, const tw_record *record) {
  record_write(writer, record);
}

void tw_golden_answered(tw_golden_writer *writer, const tw_record_answer *answer, bool only) {
  tw_record record = {.kind = TW_RECORD_ANSWER, .answer = *answer};
  record.answer.only = only;
  record_write(writer, &record);
}

void tw_golden_read(tw_golden_writer *writer, const tw_memory_read *read) {
  const tw_record record = {.kind = TW_RECORD_STEP,
                            .step = {.cycle = read->cycle,
                                     .pa = read->pa,
                                     .pte = read->pte,
                                     .expected = read->expected,
                                     .desired = read->desired,
                                     .size = read->size,
                                     .error = read->error,
                                     .update = read->update}};
  record_write(writer, &record);
}

bool tw_golden_commit(tw_golden_writer *writer, tw_error *error) {
  bool good = !writer->failed;
  if (good) {
    good = tw_trace_commit(writer->trace, error);
  } else {
    tw_trace_abandon(writer->trace);
    if (error) *error = writer->error;
  }
  free(writer);
  return good;
}

void tw_golden_abandon(tw_golden_writer *writer) {
  if (!writer) return;
  tw_trace_abandon(writer->trace);
  free(writer);
}
