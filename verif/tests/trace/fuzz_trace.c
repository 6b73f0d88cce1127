/* Feeds the readers what libFuzzer makes up. The first byte says how the rest is taken:
 *
 *   0  a file, as it is
 *   1  a binary file, with its checksums put right first, so that what lies behind them is reached
 *   2  the content of a block; the next byte is the kind of trace
 *
 * Whatever a reader lets through must be allowed, and come out of both forms as it went in.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "checksums.h"
#include "codec.h"

#define MAX_BYTES 65536u

static void demand(bool good, const char *what, const tw_error *error) {
  if (good) return;
  fprintf(stderr, "fuzz_trace: %s: %s\n", what, error ? error->text : "");
  abort();
}

/* Formats a record, parses the line, formats again: the same line; and the same through the bytes of a block. */
static void check_record(const tw_record *record, tw_trace_kind kind, uint64_t number) {
  static char first[TRACE_LINE_BUFFER], line[TRACE_LINE_BUFFER], name[2][TRACE_MAX_NAME_BYTES + 1];
  static uint8_t bytes[CODEC_MAX_RECORD_BYTES + CODEC_SLACK_BYTES];
  static codec_chain chain;
  static codec_decoder decoder;
  tw_record again;
  tw_error error = {""};
  demand(tw_record_check(record, kind, &error), "a forbidden record was delivered", &error);
  const int length = tw_record_format(record, first, sizeof first);
  demand(length > 0 && (size_t)length < sizeof first, "a record's line is too long", NULL);
  memcpy(line, first, sizeof line);
  demand(trace_record_parse(line, &again, name[0], &error), "a record's line is refused", &error);
  tw_record_format(&again, line, sizeof line);
  demand(strcmp(first, line) == 0, "a line changes on its way through a record", NULL);
  codec_chain_begin(&chain);
  decoder.kind = kind;
  decoder.name = name[1];
  const size_t size = codec_encode(&chain, record, number, bytes);
  codec_decoder_begin(&decoder, bytes, size, 1, number);
  demand(codec_decode(&decoder, &again, number, &error) && decoder.at == decoder.end, "a record's bytes are refused",
         &error);
  tw_record_format(&again, line, sizeof line);
  demand(strcmp(first, line) == 0, "a record changes on its way through bytes", NULL);
}

static void read_file(const uint8_t *bytes, size_t size) {
  char path[64];
  tw_record record;
  tw_error error;
  const int descriptor = memfd_create("trace", MFD_CLOEXEC);
  demand(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size, "cannot make a file", NULL);
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  tw_trace_reader *reader = tw_trace_open(path, &error);
  tw_trace_result result = TW_TRACE_END;
  while (reader && (result = tw_trace_read(reader, &record, &error)) == TW_TRACE_RECORD)
    check_record(&record, tw_trace_reader_header(reader)->kind, record.number);
  if (!reader || result == TW_TRACE_ERROR)
    demand(error.text[0] && !strchr(error.text, '\n'), "an error is not one line", &error);
  tw_trace_close(reader);
  close(descriptor);
}

static void read_content(const uint8_t *bytes, size_t size, tw_trace_kind kind) {
  static char name[TRACE_MAX_NAME_BYTES + 1];
  static codec_decoder decoder;
  tw_record record;
  tw_error error;
  uint8_t *content = calloc(1, size + CODEC_SLACK_BYTES);
  demand(content != NULL, "out of memory", NULL);
  memcpy(content, bytes, size);
  decoder.kind = kind;
  decoder.name = name;
  codec_decoder_begin(&decoder, content, size, (uint32_t)size, 0);
  for (uint64_t i = 0; decoder.left > 0; i++) {
    if (codec_decode_accesses(&decoder, &record, 1) == 0 && !codec_decode(&decoder, &record, i, &error)) break;
    check_record(&record, kind, record.number);
  }
  free(content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t copy[MAX_BYTES];
  if (size < 2 || size > MAX_BYTES) return 0;
  if (data[0] == 0) read_file(data + 1, size - 1);
  if (data[0] == 1) {
    memcpy(copy, data + 1, size - 1);
    checksums_fix(copy, size - 1);
    read_file(copy, size - 1);
  }
  if (data[0] == 2) read_content(data + 2, size - 2, (tw_trace_kind)(TW_TRACE_PROGRAM + data[1] % 3));
  return 0;
}
