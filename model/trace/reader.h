/* A reader, as its text half and its binary half see it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TRACE_READER_H
#define TWINWALK_TRACE_READER_H

#include <xxhash.h>
#include <zstd.h>

#include "binary.h"
#include "codec.h"

typedef struct trace_text {
  char *line;      /* TRACE_LINE_BUFFER bytes; no newline */
  uint64_t number; /* of the line, from 1 */
  trace_order order;
} trace_text;

typedef struct trace_binary {
  uint8_t *packed;  /* BINARY_MAX_FRAME_BYTES */
  uint8_t *content; /* CODEC_MAX_BLOCK_BYTES and CODEC_SLACK_BYTES */
  ZSTD_DCtx *zstd;
  XXH64_state_t *index;  /* of what the index must hold */
  uint64_t block_offset; /* of the block being read */
  uint64_t blocks;       /* read so far */
  uint64_t records;      /* in the blocks before this one */
  uint32_t count;        /* records in this block */
} trace_binary;

struct tw_trace_reader {
  codec_decoder decoder; /* of a text trace: always empty */
  tw_trace_form form;
  tw_trace_result state; /* TW_TRACE_RECORD until the end or an error */
  FILE *file;
  uint64_t done, total; /* bytes */
  trace_text text;
  trace_binary binary;
  tw_trace_header header;
  tw_error failure; /* what TW_TRACE_ERROR was */
  char shown[TRACE_PATH_SHOWN + 1];
  char name[TRACE_MAX_NAME_BYTES + 1];
};

/* Sets up one half and reads the header. False and error on failure; the halves are freed by tw_trace_close. */
bool trace_text_open(tw_trace_reader *reader, tw_error *error);
bool trace_binary_open(tw_trace_reader *reader, tw_error *error);

/* Reads the next record of one half. */
tw_trace_result trace_text_read(tw_trace_reader *reader, tw_record *record, tw_error *error);
tw_trace_result trace_binary_read(tw_trace_reader *reader, tw_record *record, tw_error *error);

#endif
