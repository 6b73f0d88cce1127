/* Builds a program trace whose initial map is known only at its end: beginning, end, and accesses.
 * SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROCESS(thread) ((thread) >> 16)
#define LAST_PAGE (UINT64_MAX << TW_PAGE_BITS)

bool builder_out_of_memory(trace_builder *builder, tw_error *error) {
  builder->broken = true;
  return tw_error_set(error, "out of memory");
}

builder_process *builder_running(trace_builder *builder) {
  return &builder->processes[PROCESS(builder->thread)];
}

unsigned builder_process_find(const trace_builder *builder, uint32_t pid) {
  unsigned number = 0;
  while (number < builder->process_count &&
         (builder->processes[number].pid != pid || !builder->processes[number].alive)) {
    number++;
  }
  return number;
}

static bool builder_open_body(trace_builder *builder, tw_error *error) {
  const char *temporary = getenv("TMPDIR");
  snprintf(builder->directory, sizeof builder->directory, "%s/twinwalk-XXXXXX",
           temporary && strlen(temporary) < 40 ? temporary : "/tmp");
  if (!mkdtemp(builder->directory)) {
    bool failed = tw_error_set(error, "%s: cannot make a temporary directory: %m", builder->directory);
    builder->directory[0] = 0;
    return failed;
  }
  snprintf(builder->body_path, sizeof builder->body_path, "%s/body.twb", builder->directory);
  tw_trace_header header;
  tw_trace_header_init(&header, TW_TRACE_PROGRAM);
  builder->body = tw_trace_create(builder->body_path, TW_TRACE_BINARY, &header, error);
  tw_trace_header_free(&header);
  return builder->body;
}

bool builder_open(trace_builder *builder, const capture_options *options, const char *source, tw_error *error) {
  memset(builder, 0, sizeof *builder);
  builder->options = options;
  builder->source = source;
  builder->thread = builder->written = 1;
  builder->threads = 1;
  builder->generations = 1;
  builder->lowest_frame = UINT64_MAX;
  builder->processes = calloc(1, sizeof *builder->processes);
  unsigned image;
  if (!builder->processes || !builder_image_add(builder, &image)) return builder_out_of_memory(builder, error);
  builder->process_count = builder->process_capacity = 1;
  builder->processes[0] = (builder_process){.alive = true, .generation = 1};
  return builder_open_body(builder, error);
}

void builder_close(trace_builder *builder) {
  tw_trace_abandon(builder->body);
  if (builder->body_path[0]) unlink(builder->body_path);
  if (builder->directory[0]) rmdir(builder->directory);
  for (unsigned i = 0; i < builder->process_count; i++) tw_region_free(&builder->processes[i].mapped);
  for (unsigned i = 0; i < builder->image_count; i++) free(builder->images[i].pages);
  free(builder->processes);
  free(builder->images);
  memset(builder, 0, sizeof *builder);
}

/* What the writer says of a record that a trace cannot hold begins with the name of the body and the number that the
 * record would have there: both mean nothing to whoever reads the message. Anything else is the disk's fault. */
static bool builder_refuse(trace_builder *builder, const tw_error *cause, tw_error *error) {
  size_t length = strlen(builder->body_path);
  const char *text = cause->text, *expected = strstr(text, "expected ");
  bool record = strncmp(text, builder->body_path, length) == 0 && strncmp(text + length, ": record ", 9) == 0;
  if (!record || !expected) builder->broken = true;
  return tw_error_set(error, "%s", record && expected ? expected : text);
}

static bool builder_put(trace_builder *builder, const tw_record *record, tw_error *error) {
  tw_error cause = {0};
  if (!tw_trace_write(builder->body, record, &cause)) return builder_refuse(builder, &cause, error);
  builder->result.records++;
  return true;
}

bool builder_write(trace_builder *builder, const tw_record *record, tw_error *error) {
  if (!builder_running(builder)->alive) {
    return tw_error_set(error, "process %u goes on here, but it has ended", PROCESS(builder->thread));
  }
  if (builder->thread != builder->written) {
    builder->written = builder->thread;
    if (!builder_put(builder, &(tw_record){.kind = TW_RECORD_THREAD, .id = builder->thread}, error)) return false;
  }
  return builder_put(builder, record, error);
}

unsigned builder_bits(const trace_builder *builder) {
  return builder->options->bits ? builder->options->bits : builder->bits;
}

void builder_thread(trace_builder *builder, uint32_t thread) {
  builder->thread = thread;
}

/* Whether the program's own file has a segment here: what is stored there is no stack. */
static bool builder_in_program(const trace_builder *builder, uint64_t va) {
  const elf_file *program = &builder->program;
  for (unsigned i = 0; i < program->count && !program->relocatable; i++) {
    if (va >= program->segments[i].start && va < program->segments[i].end) return true;
  }
  return false;
}

static void builder_note(trace_builder *builder, tw_access kind, uint64_t va, uint64_t last) {
  builder_image *image = &builder->images[builder_running(builder)->image];
  if (last > builder->highest) builder->highest = last;
  if (kind == TW_FETCH && !image->fetched) {
    image->fetched = true;
    image->first_fetch = va;
  } else if (kind == TW_STORE && !image->stored && !builder_in_program(builder, va)) {
    image->stored = true;
    image->first_store = va;
  }
}

bool builder_check_range(const trace_builder *builder, uint64_t va, uint64_t bytes, tw_error *error) {
  uint64_t last = va + bytes - 1;
  if (last < va) return tw_error_set(error, "an access of 0x%" PRIx64 " wraps around", va);
  if (builder_bits(builder) == 32 && last >> 32) {
    return tw_error_set(error, "expected addresses of 32 bits, found 0x%" PRIx64, va);
  }
  return last < LAST_PAGE ||
         tw_error_set(error, "expected addresses below 0x%" PRIx64 ", found 0x%" PRIx64, LAST_PAGE, last);
}

bool builder_access(trace_builder *builder, tw_access kind, uint64_t va, uint8_t size, tw_error *error) {
  static const uint8_t rights[] = {TW_PROT_READ | TW_PROT_EXECUTE, TW_PROT_READ, TW_PROT_READ | TW_PROT_WRITE,
                                   TW_PROT_READ | TW_PROT_WRITE};
  uint64_t last = va + size - 1u;
  if (!builder_check_range(builder, va, size, error)) return false;
  builder_note(builder, kind, va, last);
  if (!builder_touch(builder, va >> TW_PAGE_BITS, rights[kind])) return builder_out_of_memory(builder, error);
  if ((va ^ last) >> TW_PAGE_BITS && !builder_touch(builder, last >> TW_PAGE_BITS, rights[kind])) {
    return builder_out_of_memory(builder, error);
  }
  tw_record record = {.kind = TW_RECORD_ACCESS, .access = {.va = va, .kind = kind, .size = size}};
  if (!builder_write(builder, &record, error)) return false;
  builder->result.accesses++;
  return true;
}
