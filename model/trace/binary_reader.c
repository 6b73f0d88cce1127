/* Reads a trace's binary form, block by block. Nothing in the file is believed before its checksum is right, and no
 * length before it is in its bounds.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "reader.h"

/* The record that comes next, counted from 0 over the whole file. */
static uint64_t next_record(const tw_trace_reader *reader) {
  return reader->binary.records + (reader->binary.count - reader->decoder.left);
}

/* Always false: an error at the block that is being read. */
__attribute__((format(printf, 3, 4))) static bool fail(const tw_trace_reader *reader, tw_error *error,
                                                       const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return tw_error_set(error, "%s: byte %llu (record %llu): %s", reader->shown,
                      (unsigned long long)reader->binary.block_offset, (unsigned long long)next_record(reader), text);
}

/* Reads exactly so many bytes. */
static bool take(tw_trace_reader *reader, void *bytes, size_t size, const char *what, tw_error *error) {
  const size_t found = fread(bytes, 1, size, reader->file);
  reader->done += found;
  if (found == size) return true;
  if (ferror(reader->file)) return fail(reader, error, "cannot read: %s", strerror(errno));
  return fail(reader, error, "truncated: expected %zu bytes of %s, found the end of the file at byte %llu", size, what,
              (unsigned long long)reader->done);
}

/* Splits the header's text into lines; it ends with a newline, or is empty. */
static bool parse_keys(tw_trace_reader *reader, char *text, size_t size, tw_error *error) {
  tw_error detail;
  if (size > 0 && text[size - 1] != '\n')
    return fail(reader, error, "expected a newline at the header's end, found none");
  for (char *line = text, *next; line < text + size; line = next) {
    char *newline = memchr(line, '\n', (size_t)(text + size - line));
    next = newline + 1;
    *newline = '\0';
    if (strlen(line) != (size_t)(newline - line))
      return fail(reader, error, "expected text in the header, found a byte of 0");
    if (!trace_header_parse_line(&reader->header, line, &detail)) return fail(reader, error, "%s", detail.text);
  }
  return true;
}

static bool check_fixed(tw_trace_reader *reader, const uint8_t *fixed, tw_error *error) {
  const unsigned version = fixed[8] | (unsigned)fixed[9] << 8;
  if (memcmp(fixed, BINARY_MAGIC, BINARY_MAGIC_BYTES) != 0)
    return fail(reader, error, "expected a binary trace's first eight bytes, found others");
  if (version < 1 || version > TW_TRACE_VERSION)
    return fail(reader, error, "expected a version from 1 to %u, found version %u", TW_TRACE_VERSION, version);
  if (fixed[10] < TW_TRACE_PROGRAM || fixed[10] > TW_TRACE_GOLDEN || fixed[11] != 0)
    return fail(reader, error, "expected a kind from 1 to 3 and 0, found %u and %u", fixed[10], fixed[11]);
  if (binary_load32(fixed + 12) > TRACE_MAX_HEADER_BYTES)
    return fail(reader, error, "expected a header of at most %u bytes, found %lu", TRACE_MAX_HEADER_BYTES,
                (unsigned long)binary_load32(fixed + 12));
  return true;
}

static bool read_header(tw_trace_reader *reader, tw_error *error) {
  uint8_t fixed[BINARY_FIXED_BYTES];
  if (!take(reader, fixed, sizeof fixed, "the file header", error) || !check_fixed(reader, fixed, error)) return false;
  const size_t size = binary_load32(fixed + 12);
  uint8_t *all = malloc(sizeof fixed + size + 8);
  if (!all) return fail(reader, error, "out of memory for the header");
  memcpy(all, fixed, sizeof fixed);
  bool good = take(reader, all + sizeof fixed, size + 8, "the file header", error);
  if (good && XXH64(all, sizeof fixed + size, 0) != binary_load64(all + sizeof fixed + size))
    good = fail(reader, error, "corrupt: the file header's checksum is wrong");
  tw_trace_header_init(&reader->header, (tw_trace_kind)fixed[10]);
  reader->header.version = fixed[8];
  reader->decoder.kind = reader->header.kind;
  good = good && parse_keys(reader, (char *)all + sizeof fixed, size, error);
  free(all);
  return good;
}

bool trace_binary_open(tw_trace_reader *reader, tw_error *error) {
  trace_binary *binary = &reader->binary;
  binary->packed = malloc(BINARY_MAX_FRAME_BYTES);
  binary->content = malloc(CODEC_MAX_BLOCK_BYTES + CODEC_SLACK_BYTES);
  binary->zstd = ZSTD_createDCtx();
  binary->index = XXH64_createState();
  if (!binary->packed || !binary->content || !binary->zstd || !binary->index || XXH64_reset(binary->index, 0) != XXH_OK)
    return tw_error_set(error, "%s: out of memory for a trace reader", reader->shown);
  return read_header(reader, error);
}

/* The frame of a block whose header is good. */
static bool unpack(tw_trace_reader *reader, const uint8_t *head, tw_error *error) {
  trace_binary *binary = &reader->binary;
  const size_t packed = binary_load32(head + 4), size = binary_load32(head + 8);
  if (!take(reader, binary->packed, packed, "a block", error)) return false;
  if (XXH64(binary->packed, packed, 0) != binary_load64(head + 32))
    return fail(reader, error, "corrupt: the block's checksum is wrong");
  if (ZSTD_findFrameCompressedSize(binary->packed, packed) != packed ||
      ZSTD_getFrameContentSize(binary->packed, packed) != size ||
      ZSTD_decompressDCtx(binary->zstd, binary->content, size, binary->packed, packed) != size)
    return fail(reader, error, "expected one zstd frame of %zu bytes, found something else", size);
  memset(binary->content + size, 0, CODEC_SLACK_BYTES);
  codec_decoder_begin(&reader->decoder, binary->content, size, binary_load32(head + 12), reader->decoder.number);
  binary->count = reader->decoder.left;
  return true;
}

static void index_block(trace_binary *binary, uint64_t offset, uint64_t records) {
  uint8_t entry[BINARY_INDEX_BYTES];
  binary_save64(entry, offset);
  binary_save64(entry + 8, records);
  XXH64_update(binary->index, entry, sizeof entry);
  binary->blocks++;
}

static bool read_block(tw_trace_reader *reader, const uint8_t *head, tw_error *error) {
  const uint32_t packed = binary_load32(head + 4), size = binary_load32(head + 8), count = binary_load32(head + 12);
  if (packed == 0 || packed > BINARY_MAX_FRAME_BYTES || size == 0 || size > CODEC_MAX_BLOCK_BYTES || count == 0 ||
      count > size)
    return fail(reader, error, "expected a block of at most %u bytes, found %lu packed, %lu unpacked, %lu records",
                CODEC_MAX_BLOCK_BYTES, (unsigned long)packed, (unsigned long)size, (unsigned long)count);
  if (binary_load64(head + 16) != reader->binary.records || binary_load64(head + 24) != reader->decoder.number)
    return fail(reader, error, "expected record %llu, number %llu, found a block of record %llu, number %llu",
                (unsigned long long)reader->binary.records, (unsigned long long)reader->decoder.number,
                (unsigned long long)binary_load64(head + 16), (unsigned long long)binary_load64(head + 24));
  index_block(&reader->binary, reader->binary.block_offset, reader->binary.records);
  return unpack(reader, head, error);
}

/* The index says what the reader saw. */
static bool check_index(tw_trace_reader *reader, uint64_t blocks, uint64_t checksum, tw_error *error) {
  uint8_t entry[BINARY_INDEX_BYTES];
  const uint64_t seen = XXH64_digest(reader->binary.index);
  XXH64_reset(reader->binary.index, 0);
  for (uint64_t i = 0; i < blocks; i++) {
    if (!take(reader, entry, sizeof entry, "the index", error)) return false;
    XXH64_update(reader->binary.index, entry, sizeof entry);
  }
  if (XXH64_digest(reader->binary.index) != checksum || checksum != seen)
    return fail(reader, error, "corrupt: the index is wrong");
  return true;
}

static bool read_end(tw_trace_reader *reader, const uint8_t *head, tw_error *error) {
  uint8_t tail[BINARY_TAIL_BYTES];
  if (binary_load32(head + 4) != 0 || binary_load64(head + 8) != reader->binary.blocks ||
      binary_load64(head + 16) != reader->binary.records || binary_load64(head + 24) != reader->decoder.number)
    return fail(reader, error, "expected %llu blocks with %llu records in the end block, found %llu and %llu",
                (unsigned long long)reader->binary.blocks, (unsigned long long)reader->binary.records,
                (unsigned long long)binary_load64(head + 8), (unsigned long long)binary_load64(head + 16));
  if (!check_index(reader, reader->binary.blocks, binary_load64(head + 32), error)) return false;
  if (!take(reader, tail, sizeof tail, "the last bytes", error)) return false;
  if (binary_load64(tail) != reader->binary.block_offset || memcmp(tail + 8, BINARY_TAIL, 8) != 0)
    return fail(reader, error, "corrupt: the last 16 bytes are wrong");
  return getc(reader->file) == EOF || fail(reader, error, "expected the end of the file, found more");
}

/* Reads the next block, or the end: TW_TRACE_RECORD if there are records to decode. */
static tw_trace_result next_block(tw_trace_reader *reader, tw_error *error) {
  uint8_t head[BINARY_BLOCK_BYTES];
  trace_binary *binary = &reader->binary;
  binary->records += binary->count;
  binary->count = 0;
  binary->block_offset = reader->done;
  if (!take(reader, head, sizeof head, "a block's header", error)) return TW_TRACE_ERROR;
  const bool end = memcmp(head, BINARY_END_MARK, 4) == 0;
  if (XXH64(head, sizeof head - 8, 0) != binary_load64(head + 40) ||
      (!end && memcmp(head, BINARY_BLOCK_MARK, 4) != 0)) {
    fail(reader, error, "corrupt: a block's header is wrong");
    return TW_TRACE_ERROR;
  }
  if (end) return read_end(reader, head, error) ? TW_TRACE_END : TW_TRACE_ERROR;
  return read_block(reader, head, error) ? TW_TRACE_RECORD : TW_TRACE_ERROR;
}

tw_trace_result trace_binary_read(tw_trace_reader *reader, tw_record *record, tw_error *error) {
  codec_decoder *decoder = &reader->decoder;
  tw_error detail;
  if (decoder->left == 0) {
    if (decoder->at != decoder->end) {
      fail(reader, error, "expected the block's end after its last record, found more");
      return TW_TRACE_ERROR;
    }
    const tw_trace_result result = next_block(reader, error);
    if (result != TW_TRACE_RECORD) return result;
  }
  if (codec_decode(decoder, record, next_record(reader), &detail)) return TW_TRACE_RECORD;
  fail(reader, error, "%s", detail.text);
  return TW_TRACE_ERROR;
}
