/* What the parts of the trace library share: limits, the order of records, and the forms' readers and writers.
 *
 *   reader.c ──┬── text_reader.c ── text_parse.c ──┐           writer.c ──┬── text_format.c ── grammar.c
 *              └── binary_reader.c ── decode.c     ├─ check.c             ├── encode.c (blocks: writer.c)
 *                                                  │                      └── output.c (temporary file, rename)
 *                                      grammar.c ──┘
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TRACE_INTERNAL_H
#define TWINWALK_TRACE_INTERNAL_H

#include <stdint.h>
#include <stdio.h>

#include "twinwalk/trace.h"

#define TRACE_MAX_KEYS 1024u
#define TRACE_MAX_KEY_BYTES 63u
#define TRACE_MAX_VALUE_BYTES 8191u
#define TRACE_MAX_HEADER_BYTES (1u << 20)
#define TRACE_MAX_LINE_BYTES 32767u
#define TRACE_MAX_NAME_BYTES 4095u
#define TRACE_LINE_BUFFER (TRACE_MAX_LINE_BYTES + 2u)
#define TRACE_PATH_SHOWN 200u /* longest path in a message, so that the rest of the message fits */

/* The path of a message: cut at the front if it is long; "standard input" and its like are given in full. */
void trace_path_shown(char shown[TRACE_PATH_SHOWN + 1], const char *path, const char *standard);

/* Copies untrusted bytes for a message: at most 40, unprintable ones as '?'. */
typedef struct trace_quote {
  char text[48];
} trace_quote;
trace_quote trace_quote_bytes(const char *bytes, size_t length);

const char *trace_kind_name(tw_trace_kind kind);

/* Where a reader or a writer stands; decides which records may come next. */
typedef struct trace_order {
  tw_trace_kind kind;
  uint64_t records; /* so far */
  uint64_t numbers; /* numbered records so far: the next one's number */
} trace_order;

/* Whether a record of this kind is numbered. */
bool trace_record_numbered(tw_trace_kind trace, tw_record_kind record);

/* Whether the record is in range and may come next. */
bool trace_order_check(const trace_order *order, const tw_record *record, tw_error *error);

/* Adds a header line, "key: value", which is written to. False with what was expected and found in error. */
bool trace_header_parse_line(tw_trace_header *header, char *line, tw_error *error);

/* An unsigned number, decimal or 0x; the whole string. */
bool trace_number_parse(const char *text, uint64_t *number);

/* Parses one record's line, which is written to; name holds a map's or program's name. False with what was expected and
 * found. */
bool trace_record_parse(char *line, tw_record *record, char name[TRACE_MAX_NAME_BYTES + 1], tw_error *error);

#endif
