/* Ends a program trace: the header, the maps, the body between them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* Beside the frames that were seen, the machine gets some for what the operating system's side needs of its own, below
 * them where there is room: the kernel's direct map covers only these, so that they are what its tables lie in. */
#define OWN_BYTES (UINT64_C(4096) << TW_PAGE_BITS)
#define OWN_ALIGNMENT (UINT64_C(1) << 22) /* a page of level 1, in any mode */

/* Where main memory begins in most machines; below it are devices, in which no table can lie. */
#define MEMORY_BASE UINT64_C(0x80000000)

/* What tables take at most: four for every page, a root for each process, and the kernel's. */
#define TABLES_PER_PAGE 4u
#define TABLES_OF_KERNEL 256u

#define OUTPUT_LINES_MAX 64u
#define OUTPUT_BYTES_MAX 200u /* of a line */

static const char *builder_interleaving(const trace_builder *builder) {
  if (builder->process_count == 1 && builder->threads == 1) return "none";
  return builder->children_last && builder->process_count > 1 ? "children-last" : "serialised";
}

/* How much lies below the lowest frame: fewer bytes where only so many are left of main memory, and do. */
static uint64_t builder_own_bytes(const trace_builder *builder, uint64_t lowest) {
  uint64_t tables = TABLES_PER_PAGE * builder->result.pages + builder->process_count + TABLES_OF_KERNEL;
  uint64_t room = lowest > MEMORY_BASE ? lowest - MEMORY_BASE : 0;
  return room < OWN_BYTES && room >> TW_PAGE_BITS >= tables ? room : OWN_BYTES;
}

static bool builder_header_machine(const trace_builder *builder, tw_trace_header *header) {
  uint64_t lowest = builder->lowest_frame & ~(OWN_ALIGNMENT - 1), own = builder_own_bytes(builder, lowest);
  uint64_t base = lowest > own ? lowest - own : TW_PAGE_BYTES; /* 0 would stand for the default */
  uint64_t frames = (builder->highest_frame + TW_PAGE_BYTES - base + OWN_BYTES) >> TW_PAGE_BITS;
  return !builder->placed || (tw_trace_header_set(header, "machine.frame-base", "0x%" PRIx64, base) &&
                              tw_trace_header_set(header, "machine.frames", "%" PRIu64, frames) &&
                              tw_trace_header_set(header, "layout.direct-level", "1") &&
                              tw_trace_header_set(header, "layout.direct-bytes", "0x%" PRIx64, own));
}

/* What the program printed, a key a line, as far as there is room. */
static bool builder_header_output(const trace_builder *builder, tw_trace_header *header) {
  char line[OUTPUT_BYTES_MAX + 1], key[32];
  FILE *file = builder->printed ? fopen(builder->printed, "re") : NULL;
  bool done = !builder->printed || file;
  for (unsigned i = 1; done && file && i <= OUTPUT_LINES_MAX && fgets(line, sizeof line, file); i++) {
    line[strcspn(line, "\n")] = 0;
    for (char *c = line; *c; c++) {
      if ((unsigned char)*c < ' ' || *c == 0x7f) *c = ' ';
    }
    snprintf(key, sizeof key, "output.%u", i);
    done = tw_trace_header_set(header, key, "%s", line);
  }
  if (file) fclose(file);
  return done;
}

static bool builder_header(const trace_builder *builder, tw_trace_header *header) {
  const capture_options *options = builder->options;
  unsigned bits = builder_bits(builder) ? builder_bits(builder) : builder->program.bits;
  if (!bits) bits = builder->highest >> 32 ? 64 : 32;
  int word = (int)strcspn(builder->command, " ");
  bool done = tw_trace_header_set(header, "bits", "%u", bits) &&
              tw_trace_header_set(header, "source", "%s", builder->source) &&
              tw_trace_header_set(header, "program", "%.*s", options->name ? 4000 : word,
                                  options->name ? options->name : builder->command) &&
              tw_trace_header_set(header, "map", builder->program.count ? "elf" : "inferred") &&
              tw_trace_header_set(header, "interleaving", "%s", builder_interleaving(builder));
  if (done && builder->command[0]) done = tw_trace_header_set(header, "command", "%s", builder->command);
  if (done && builder->assumed[0]) done = tw_trace_header_set(header, "assumed", "%s", builder->assumed);
  if (done && builder->result.left_out) {
    done = tw_trace_header_set(header, "left-out", "%" PRIu64, builder->result.left_out);
  }
  if (done && builder->result.cut) done = tw_trace_header_set(header, "cut", "%" PRIu64, builder->result.accesses);
  return done && builder_header_machine(builder, header) && builder_header_output(builder, header);
}

static bool builder_write_map(trace_builder *builder, unsigned image, tw_trace_writer *writer, tw_error *error) {
  initial_map map = {0};
  bool done = initial_map_make(builder, image, &map) || tw_error_set(error, "out of memory");
  for (size_t i = 0; done && i < map.count; i++) {
    done = tw_trace_write(writer, &(tw_record){.kind = TW_RECORD_MAP, .map = map.at[i]}, error);
  }
  builder->result.records += map.count;
  builder->result.regions += (unsigned)map.count;
  free(map.at);
  return done;
}

/* A program's map stands where the program begins: behind `exec`, or where a new process runs first. */
static bool builder_copy(trace_builder *builder, tw_trace_reader *reader, tw_trace_writer *writer, tw_error *error) {
  unsigned *waiting = calloc(builder->process_count, sizeof *waiting), image = 1;
  tw_record record;
  tw_trace_result read = TW_TRACE_ERROR;
  bool done = waiting ? builder_write_map(builder, 0, writer, error) : tw_error_set(error, "out of memory");
  while (done && (read = tw_trace_read(reader, &record, error)) == TW_TRACE_RECORD) {
    uint32_t process = record.id >> 16;
    done = tw_trace_write(writer, &record, error);
    if (record.kind == TW_RECORD_PROCESS) waiting[process] = image++;
    if (done && record.kind == TW_RECORD_EXEC) done = builder_write_map(builder, image++, writer, error);
    if (done && record.kind == TW_RECORD_THREAD && waiting[process]) {
      done = builder_write_map(builder, waiting[process], writer, error);
      waiting[process] = 0;
    }
  }
  free(waiting);
  return done && read == TW_TRACE_END;
}

static bool builder_write_all(trace_builder *builder, tw_trace_writer *writer, tw_error *error) {
  tw_trace_reader *reader = tw_trace_open(builder->body_path, error);
  bool done = reader && builder_copy(builder, reader, writer, error);
  tw_trace_close(reader);
  return done;
}

bool builder_finish(trace_builder *builder, tw_error *error) {
  tw_trace_header header;
  bool body = tw_trace_commit(builder->body, error);
  builder->body = NULL;
  if (!body) return false;
  tw_trace_header_init(&header, TW_TRACE_PROGRAM);
  bool made = builder_header(builder, &header) || tw_error_set(error, "out of memory");
  tw_trace_writer *writer =
      made ? tw_trace_create(builder->options->output, builder->options->form, &header, error) : NULL;
  bool done = writer && builder_write_all(builder, writer, error);
  if (done) {
    done = tw_trace_commit(writer, error);
  } else {
    tw_trace_abandon(writer);
  }
  builder->result.threads = builder->threads;
  builder->result.processes = builder->process_count;
  tw_trace_header_free(&header);
  return done;
}
