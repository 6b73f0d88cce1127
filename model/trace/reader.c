/* Opens a trace of either form and hands its records out.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static bool open_file(tw_trace_reader *reader, const char *path, tw_error *error) {
  struct stat status;
  trace_path_shown(reader->shown, path, "standard input");
  reader->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (!reader->file) return tw_error_set(error, "%s: cannot open: %s", reader->shown, strerror(errno));
  if (fstat(fileno(reader->file), &status) != 0)
    return tw_error_set(error, "%s: cannot look at it: %s", reader->shown, strerror(errno));
  if (S_ISDIR(status.st_mode)) return tw_error_set(error, "%s: expected a trace, found a directory", reader->shown);
  if (S_ISREG(status.st_mode)) reader->total = (uint64_t)status.st_size;
  return true;
}

static bool read_header(tw_trace_reader *reader, tw_error *error) {
  const int first = getc(reader->file);
  if (first == EOF)
    return ferror(reader->file) ? tw_error_set(error, "%s: cannot read: %s", reader->shown, strerror(errno))
                                : tw_error_set(error, "%s: expected a trace, found an empty file", reader->shown);
  if (ungetc(first, reader->file) == EOF) return tw_error_set(error, "%s: cannot read", reader->shown);
  reader->form = first == (unsigned char)BINARY_MAGIC[0] ? TW_TRACE_BINARY : TW_TRACE_TEXT;
  return reader->form == TW_TRACE_BINARY ? trace_binary_open(reader, error) : trace_text_open(reader, error);
}

tw_trace_reader *tw_trace_open(const char *path, tw_error *error) {
  static const uint8_t nothing[CODEC_SLACK_BYTES];
  tw_trace_reader *reader = calloc(1, sizeof *reader);
  if (!reader) {
    tw_error_set(error, "out of memory for a trace reader");
    return NULL;
  }
  reader->state = TW_TRACE_RECORD;
  reader->decoder.name = reader->name;
  codec_decoder_begin(&reader->decoder, nothing, 0, 0, 0);
  tw_trace_header_init(&reader->header, TW_TRACE_PROGRAM);
  if (open_file(reader, path, error) && read_header(reader, error)) return reader;
  tw_trace_close(reader);
  return NULL;
}

void tw_trace_close(tw_trace_reader *reader) {
  if (!reader) return;
  if (reader->file && reader->file != stdin) fclose(reader->file);
  tw_trace_header_free(&reader->header);
  free(reader->text.line);
  free(reader->binary.packed);
  free(reader->binary.content);
  ZSTD_freeDCtx(reader->binary.zstd);
  XXH64_freeState(reader->binary.index);
  free(reader);
}

const tw_trace_header *tw_trace_reader_header(const tw_trace_reader *reader) {
  return &reader->header;
}

tw_trace_form tw_trace_reader_form(const tw_trace_reader *reader) {
  return reader->form;
}

/* Everything that is not an access in a block already decompressed. Kept out of line, so that the fast path saves no
 * registers for it. */
__attribute__((noinline)) static tw_trace_result read_slowly(tw_trace_reader *reader, tw_record *record,
                                                             tw_error *error) {
  if (reader->state == TW_TRACE_RECORD)
    reader->state = reader->form == TW_TRACE_BINARY ? trace_binary_read(reader, record, &reader->failure)
                                                    : trace_text_read(reader, record, &reader->failure);
  if (reader->state == TW_TRACE_ERROR) {
    reader->decoder.left = 0; /* so that nothing is decoded after the error */
    if (error) *error = reader->failure;
  }
  return reader->state;
}

tw_trace_result tw_trace_read(tw_trace_reader *reader, tw_record *record, tw_error *error) {
  if (codec_decode_accesses(&reader->decoder, record, 1) == 1) return TW_TRACE_RECORD;
  return read_slowly(reader, record, error);
}

size_t tw_trace_read_accesses(tw_trace_reader *reader, tw_record *records, size_t room) {
  return codec_decode_accesses(&reader->decoder, records, room);
}

void tw_trace_progress(const tw_trace_reader *reader, uint64_t *done, uint64_t *total) {
  *done = reader->done;
  *total = reader->total;
}
