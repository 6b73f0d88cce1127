/* Checks records and writes them, in either form.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <xxhash.h>
#include <zstd.h>

#include "binary.h"
#include "codec.h"
#include "output.h"

#define FULL_BYTES                                                                                                     \
  (1u << 18) /* a block of this many bytes is written; decompressed, it fits in a second-level cache                   \
              */
#define ZSTD_LEVEL 3

typedef struct binary_writer {
  uint8_t *content;          /* FULL_BYTES and CODEC_MAX_RECORD_BYTES */
  uint8_t *packed;           /* BINARY_MAX_FRAME_BYTES */
  size_t used;               /* of content */
  uint32_t count;            /* records in the block */
  uint64_t records, numbers; /* before the block */
  uint64_t offset;           /* bytes written */
  uint8_t *index;
  uint64_t blocks, room; /* entries of index that are used, and that there is memory for */
  codec_chain chain;
  ZSTD_CCtx *zstd;
} binary_writer;

struct tw_trace_writer {
  tw_trace_form form;
  trace_order order;
  trace_output output;
  char *line; /* TRACE_LINE_BUFFER bytes, text form */
  binary_writer binary;
  bool failed;
  tw_error failure;
};

/* Remembers the first error, for commit. */
static bool fail(tw_trace_writer *writer, tw_error *error) {
  writer->failed = true;
  if (error) *error = writer->failure;
  return false;
}

static bool put(tw_trace_writer *writer, const void *bytes, size_t size) {
  writer->binary.offset += size;
  return trace_output_write(&writer->output, bytes, size, &writer->failure);
}

/* The header's lines, "key: value"; the caller frees them. NULL and the writer's failure if they are too many. */
static char *header_lines(tw_trace_writer *writer, const tw_trace_header *header, size_t *size) {
  *size = 0;
  for (size_t i = 0; i < header->count; i++) *size += strlen(header->keys[i]) + strlen(header->values[i]) + 3;
  if (*size > TRACE_MAX_HEADER_BYTES) {
    tw_error_set(&writer->failure, "%s: expected a header of at most %u bytes, found %zu", writer->output.shown,
                 TRACE_MAX_HEADER_BYTES, *size);
    return NULL;
  }
  char *lines = malloc(*size + 1), *at = lines;
  if (!lines) tw_error_set(&writer->failure, "out of memory for a header");
  for (size_t i = 0; lines && i < header->count; i++) at += sprintf(at, "%s: %s\n", header->keys[i], header->values[i]);
  return lines;
}

static bool put_text_header(tw_trace_writer *writer, const char *lines, size_t size) {
  char first[40];
  const int length =
      snprintf(first, sizeof first, "twinwalk %s %u\n", trace_kind_name(writer->order.kind), TW_TRACE_VERSION);
  return put(writer, first, (size_t)length) && put(writer, lines, size) && put(writer, "---\n", 4);
}

static bool put_binary_header(tw_trace_writer *writer, const char *lines, size_t size) {
  uint8_t fixed[BINARY_FIXED_BYTES] = BINARY_MAGIC, checksum[8];
  fixed[8] = TW_TRACE_VERSION;
  fixed[10] = (uint8_t)writer->order.kind;
  binary_save32(fixed + 12, (uint32_t)size);
  XXH64_state_t *state = XXH64_createState();
  if (!state) return tw_error_set(&writer->failure, "out of memory for a checksum");
  XXH64_reset(state, 0);
  XXH64_update(state, fixed, sizeof fixed);
  XXH64_update(state, lines, size);
  binary_save64(checksum, XXH64_digest(state));
  XXH64_freeState(state);
  return put(writer, fixed, sizeof fixed) && put(writer, lines, size) && put(writer, checksum, sizeof checksum);
}

static bool allocate(tw_trace_writer *writer) {
  binary_writer *binary = &writer->binary;
  if (writer->form == TW_TRACE_TEXT) {
    writer->line = malloc(TRACE_LINE_BUFFER);
    return writer->line || tw_error_set(&writer->failure, "out of memory for a trace writer");
  }
  binary->content = malloc(FULL_BYTES + CODEC_MAX_RECORD_BYTES);
  binary->packed = malloc(BINARY_MAX_FRAME_BYTES);
  binary->zstd = ZSTD_createCCtx();
  codec_chain_begin(&binary->chain);
  return (binary->content && binary->packed && binary->zstd) ||
         tw_error_set(&writer->failure, "out of memory for a trace writer");
}

static void release(tw_trace_writer *writer) {
  free(writer->line);
  free(writer->binary.content);
  free(writer->binary.packed);
  free(writer->binary.index);
  ZSTD_freeCCtx(writer->binary.zstd);
  free(writer);
}

static bool begin(tw_trace_writer *writer, const tw_trace_header *header) {
  size_t size;
  if (!allocate(writer)) return false;
  char *lines = header_lines(writer, header, &size);
  const bool good = lines && (writer->form == TW_TRACE_TEXT ? put_text_header(writer, lines, size)
                                                            : put_binary_header(writer, lines, size));
  free(lines);
  return good;
}

tw_trace_writer *tw_trace_create(const char *path, tw_trace_form form, const tw_trace_header *header, tw_error *error) {
  tw_trace_writer *writer = calloc(1, sizeof *writer);
  if (!writer) {
    tw_error_set(error, "out of memory for a trace writer");
    return NULL;
  }
  writer->form = form;
  writer->order.kind = header->kind;
  if (!trace_output_open(&writer->output, path, error)) {
    release(writer);
    return NULL;
  }
  if (begin(writer, header)) return writer;
  fail(writer, error);
  tw_trace_abandon(writer);
  return NULL;
}

static bool index_block(binary_writer *binary) {
  if (binary->blocks == binary->room) {
    const uint64_t room = binary->room == 0 ? 64 : 2 * binary->room;
    uint8_t *index = realloc(binary->index, room * BINARY_INDEX_BYTES);
    if (!index) return false;
    binary->index = index;
    binary->room = room;
  }
  uint8_t *entry = binary->index + binary->blocks++ * BINARY_INDEX_BYTES;
  binary_save64(entry, binary->offset);
  binary_save64(entry + 8, binary->records);
  return true;
}

static bool put_block(tw_trace_writer *writer) {
  binary_writer *binary = &writer->binary;
  uint8_t head[BINARY_BLOCK_BYTES] = BINARY_BLOCK_MARK;
  if (binary->count == 0) return true;
  const size_t packed = ZSTD_compressCCtx(binary->zstd, binary->packed, BINARY_MAX_FRAME_BYTES, binary->content,
                                          binary->used, ZSTD_LEVEL);
  if (ZSTD_isError(packed) || !index_block(binary))
    return tw_error_set(&writer->failure, "%s: out of memory for a block", writer->output.shown);
  binary_save32(head + 4, (uint32_t)packed);
  binary_save32(head + 8, (uint32_t)binary->used);
  binary_save32(head + 12, binary->count);
  binary_save64(head + 16, binary->records);
  binary_save64(head + 24, binary->numbers);
  binary_save64(head + 32, XXH64(binary->packed, packed, 0));
  binary_save64(head + 40, XXH64(head, 40, 0));
  binary->records = writer->order.records;
  binary->numbers = writer->order.numbers;
  binary->used = 0;
  binary->count = 0;
  codec_chain_begin(&binary->chain);
  return put(writer, head, sizeof head) && put(writer, binary->packed, packed);
}

static bool put_binary_end(tw_trace_writer *writer) {
  binary_writer *binary = &writer->binary;
  uint8_t head[BINARY_BLOCK_BYTES] = BINARY_END_MARK, tail[BINARY_TAIL_BYTES];
  if (!put_block(writer)) return false;
  const size_t size = binary->blocks * BINARY_INDEX_BYTES;
  binary_save64(head + 8, binary->blocks);
  binary_save64(head + 16, writer->order.records);
  binary_save64(head + 24, writer->order.numbers);
  binary_save64(head + 32, XXH64(size ? binary->index : head, size, 0));
  binary_save64(head + 40, XXH64(head, 40, 0));
  binary_save64(tail, binary->offset);
  memcpy(tail + 8, BINARY_TAIL, 8);
  return put(writer, head, sizeof head) && (size == 0 || put(writer, binary->index, size)) &&
         put(writer, tail, sizeof tail);
}

static bool put_text_end(tw_trace_writer *writer) {
  char last[32];
  const int length = snprintf(last, sizeof last, "end %llu\n", (unsigned long long)writer->order.records);
  return put(writer, last, (size_t)length);
}

static bool put_line(tw_trace_writer *writer, const tw_record *record) {
  const size_t length = (size_t)tw_record_format(record, writer->line, TRACE_LINE_BUFFER - 1);
  writer->line[length] = '\n';
  return put(writer, writer->line, length + 1);
}

static void append(tw_trace_writer *writer, const tw_record *record) {
  binary_writer *binary = &writer->binary;
  binary->used += codec_encode(&binary->chain, record, writer->order.numbers, binary->content + binary->used);
  binary->count++;
}

bool tw_trace_write(tw_trace_writer *writer, const tw_record *record, tw_error *error) {
  tw_error detail;
  if (writer->failed) return fail(writer, error);
  if (!trace_order_check(&writer->order, record, &detail)) {
    tw_error_set(&writer->failure, "%s: record %llu: %s", writer->output.shown,
                 (unsigned long long)writer->order.records, detail.text);
    return fail(writer, error);
  }
  if (writer->form == TW_TRACE_BINARY)
    append(writer, record);
  else if (!put_line(writer, record))
    return fail(writer, error);
  writer->order.records++;
  if (trace_record_numbered(writer->order.kind, record->kind)) writer->order.numbers++;
  return writer->binary.used < FULL_BYTES || put_block(writer) || fail(writer, error);
}

bool tw_trace_commit(tw_trace_writer *writer, tw_error *error) {
  bool good = !writer->failed;
  if (good) good = writer->form == TW_TRACE_TEXT ? put_text_end(writer) : put_binary_end(writer);
  if (!good) {
    fail(writer, error);
    tw_trace_abandon(writer);
    return false;
  }
  good = trace_output_commit(&writer->output, error);
  release(writer);
  return good;
}

void tw_trace_abandon(tw_trace_writer *writer) {
  if (!writer) return;
  trace_output_abandon(&writer->output);
  release(writer);
}
