/* Builds a program trace whose initial map is known only at its end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_UP(value) (((value) + TW_PAGE_BYTES - 1) & ~(uint64_t)(TW_PAGE_BYTES - 1))
#define PROCESS(thread) ((thread) >> 16)

static bool out_of_memory(tw_error *error) {
  return tw_error_set(error, "out of memory");
}

bool builder_open(trace_builder *builder, const capture_options *options, const char *source, tw_error *error) {
  memset(builder, 0, sizeof *builder);
  builder->options = options;
  builder->source = source;
  builder->thread = 1;
  builder->threads = builder->processes = 1;
  builder->generation = 1;
  builder->page_capacity = 1024;
  builder->pages = calloc(builder->page_capacity, sizeof *builder->pages);
  if (!builder->pages) return out_of_memory(error);
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

void builder_close(trace_builder *builder) {
  tw_trace_abandon(builder->body);
  if (builder->body_path[0]) unlink(builder->body_path);
  if (builder->directory[0]) rmdir(builder->directory);
  free(builder->pages);
  tw_region_free(&builder->mapped);
  memset(builder, 0, sizeof *builder);
}

static builder_page *builder_page_find(builder_page *pages, size_t capacity, uint64_t page) {
  size_t at = (size_t)(page * 0x9e3779b97f4a7c15u >> 32) & (capacity - 1);
  while (pages[at].used && pages[at].page != page) at = (at + 1) & (capacity - 1);
  return &pages[at];
}

static bool builder_page_add(trace_builder *builder, uint64_t page, uint8_t prot) {
  if (builder->page_count * 2 >= builder->page_capacity) {
    size_t capacity = builder->page_capacity * 2;
    builder_page *pages = calloc(capacity, sizeof *pages);
    if (!pages) return false;
    for (size_t i = 0; i < builder->page_capacity; i++) {
      if (builder->pages[i].used) *builder_page_find(pages, capacity, builder->pages[i].page) = builder->pages[i];
    }
    free(builder->pages);
    builder->pages = pages;
    builder->page_capacity = capacity;
  }
  builder_page *found = builder_page_find(builder->pages, builder->page_capacity, page);
  if (!found->used) builder->page_count++;
  found->used = true;
  found->page = page;
  found->prot |= prot;
  return true;
}

/* Collects a page, and the rights it needs if nothing has mapped it so far. */
static bool builder_touch(trace_builder *builder, uint64_t page, uint8_t prot) {
  size_t at = page & (BUILDER_CACHE - 1);
  if (builder->cache[at].page != page || builder->cache[at].generation != builder->generation) {
    builder->cache[at].page = page;
    builder->cache[at].generation = builder->generation;
    builder->cache[at].prot = 0;
  }
  if ((builder->cache[at].prot & prot) == prot) return true;
  bool mapped = tw_region_find(&builder->mapped, page << TW_PAGE_BITS);
  builder->cache[at].prot = (uint8_t)(builder->cache[at].prot | (mapped ? 7u : prot));
  return builder_page_add(builder, page, mapped ? 0 : prot);
}

/* What the writer says of a record that a trace cannot hold begins with the name of the body and the number that the
 * record would have there: both mean nothing to whoever reads the message. */
static bool builder_refuse(const trace_builder *builder, const tw_error *cause, tw_error *error) {
  size_t length = strlen(builder->body_path);
  const char *text = cause->text, *expected = strstr(text, "expected ");
  bool record = strncmp(text, builder->body_path, length) == 0 && strncmp(text + length, ": record ", 9) == 0;
  return tw_error_set(error, "%s", record && expected ? expected : text);
}

static bool builder_write(trace_builder *builder, const tw_record *record, tw_error *error) {
  tw_error cause = {0};
  builder->result.records++;
  return tw_trace_write(builder->body, record, &cause) || builder_refuse(builder, &cause, error);
}

bool builder_thread(trace_builder *builder, uint32_t thread, tw_error *error) {
  if (thread == builder->thread) return true;
  builder->thread = thread;
  return builder_write(builder, &(tw_record){.kind = TW_RECORD_THREAD, .id = thread}, error);
}

static void builder_note(trace_builder *builder, tw_access kind, uint64_t va, uint64_t last) {
  if (last > builder->highest) builder->highest = last;
  if (kind == TW_FETCH && !builder->fetched) {
    builder->fetched = true;
    builder->first_fetch = va;
  } else if (kind == TW_STORE && !builder->stored) {
    builder->stored = true;
    builder->first_store = va;
  }
}

bool builder_access(trace_builder *builder, tw_access kind, uint64_t va, uint8_t size, tw_error *error) {
  static const uint8_t rights[] = {TW_PROT_READ | TW_PROT_EXECUTE, TW_PROT_READ, TW_PROT_READ | TW_PROT_WRITE,
                                   TW_PROT_READ | TW_PROT_WRITE};
  uint64_t last = va + size - 1u;
  if (last < va) return tw_error_set(error, "an access of 0x%" PRIx64 " wraps around", va);
  if (builder->options->bits == 32 && last >> 32) {
    return tw_error_set(error, "expected addresses of 32 bits, found 0x%" PRIx64, va);
  }
  builder_note(builder, kind, va, last);
  if (!PROCESS(builder->thread)) {
    if (!builder_touch(builder, va >> TW_PAGE_BITS, rights[kind])) return out_of_memory(error);
    if ((va ^ last) >> TW_PAGE_BITS && !builder_touch(builder, last >> TW_PAGE_BITS, rights[kind])) {
      return out_of_memory(error);
    }
  }
  builder->result.accesses++;
  tw_record record = {.kind = TW_RECORD_ACCESS, .access = {.va = va, .kind = kind, .size = size}};
  return builder_write(builder, &record, error);
}

bool builder_map(trace_builder *builder, const tw_record_map *map, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_MAP, .map = *map};
  tw_region added = {map->start, map->start + map->length, map->prot, map->shared, map->grows_down, map->use};
  if (!PROCESS(builder->thread) && !tw_region_insert(&builder->mapped, &added)) return out_of_memory(error);
  builder->generation++;
  return builder_write(builder, &record, error);
}

bool builder_unmap(trace_builder *builder, uint64_t start, uint64_t length, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_UNMAP, .map = {.start = start, .length = PAGE_UP(length), .name = ""}};
  if (!PROCESS(builder->thread) && !tw_region_carve(&builder->mapped, start, start + PAGE_UP(length))) {
    return out_of_memory(error);
  }
  builder->generation++;
  return !length || builder_write(builder, &record, error);
}

bool builder_protect(trace_builder *builder, uint64_t start, uint64_t length, uint8_t prot, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_PROTECT,
                      .map = {.start = start, .length = PAGE_UP(length), .prot = prot, .name = ""}};
  if (!PROCESS(builder->thread) && !tw_region_protect(&builder->mapped, start, start + PAGE_UP(length), prot)) {
    return out_of_memory(error);
  }
  return !length || builder_write(builder, &record, error);
}

bool builder_break(trace_builder *builder, uint64_t end, tw_error *error) {
  tw_record record = {.kind = TW_RECORD_BREAK, .map = {.start = end, .name = ""}};
  if (!PROCESS(builder->thread)) {
    uint64_t old = builder->heap_known ? builder->heap_end : PAGE_UP(end);
    builder->heap_known = true;
    builder->heap_end = PAGE_UP(end);
    tw_region grown = {old, builder->heap_end, TW_PROT_READ | TW_PROT_WRITE, false, false, TW_REGION_HEAP};
    bool done = builder->heap_end < old ? tw_region_carve(&builder->mapped, builder->heap_end, old)
                                        : tw_region_insert(&builder->mapped, &grown);
    if (!done) return out_of_memory(error);
    builder->generation++;
  }
  return builder_write(builder, &record, error);
}

bool builder_event(trace_builder *builder, tw_record_kind kind, uint32_t id, tw_error *error) {
  return builder_write(builder, &(tw_record){.kind = kind, .id = id}, error);
}

static bool builder_header(const trace_builder *builder, tw_trace_header *header) {
  const capture_options *options = builder->options;
  unsigned bits = options->bits ? options->bits : builder->program.count ? builder->program.bits : 0;
  if (!bits) bits = builder->highest >> 32 ? 64 : 32;
  int word = (int)strcspn(builder->command, " ");
  bool done = tw_trace_header_set(header, "bits", "%u", bits) &&
              tw_trace_header_set(header, "source", "%s", builder->source) &&
              tw_trace_header_set(header, "program", "%.*s", options->name ? 4000 : word,
                                  options->name ? options->name : builder->command) &&
              tw_trace_header_set(header, "map", builder->program.count ? "elf" : "inferred");
  if (done && builder->command[0]) done = tw_trace_header_set(header, "command", "%s", builder->command);
  const char *interleaving = builder->children_last && builder->processes > 1 ? "children-last"
                             : builder->threads > 1 || builder->processes > 1 ? "serialised"
                                                                              : "none";
  if (done) done = tw_trace_header_set(header, "interleaving", "%s", interleaving);
  if (done && builder->result.cut) done = tw_trace_header_set(header, "cut", "%" PRIu64, builder->result.accesses);
  return done;
}

static bool builder_copy_body(const trace_builder *builder, tw_trace_writer *writer, tw_error *error) {
  tw_trace_reader *reader = tw_trace_open(builder->body_path, error);
  if (!reader) return false;
  tw_record record;
  tw_trace_result read;
  bool written = true;
  while (written && (read = tw_trace_read(reader, &record, error)) == TW_TRACE_RECORD) {
    written = tw_trace_write(writer, &record, error);
  }
  tw_trace_close(reader);
  return written && read == TW_TRACE_END;
}

static bool builder_write_all(trace_builder *builder, tw_trace_writer *writer, const initial_map *map,
                              tw_error *error) {
  for (size_t i = 0; i < map->count; i++) {
    tw_record record = {.kind = TW_RECORD_MAP, .map = map->at[i]};
    if (!tw_trace_write(writer, &record, error)) return false;
  }
  builder->result.records += map->count;
  builder->result.regions = (unsigned)map->count;
  return builder_copy_body(builder, writer, error);
}

bool builder_finish(trace_builder *builder, tw_error *error) {
  tw_trace_header header;
  initial_map map = {0};
  bool body = tw_trace_commit(builder->body, error);
  builder->body = NULL;
  if (!body) return false;
  tw_trace_header_init(&header, TW_TRACE_PROGRAM);
  bool made = builder_header(builder, &header) && initial_map_make(builder, &map);
  if (!made) out_of_memory(error);
  tw_trace_writer *writer =
      made ? tw_trace_create(builder->options->output, builder->options->form, &header, error) : NULL;
  bool done = writer && builder_write_all(builder, writer, &map, error);
  if (done) {
    done = tw_trace_commit(writer, error);
  } else {
    tw_trace_abandon(writer);
  }
  builder->result.pages = builder->page_count;
  builder->result.threads = builder->threads;
  builder->result.processes = builder->processes;
  free(map.at);
  tw_trace_header_free(&header);
  return done;
}
