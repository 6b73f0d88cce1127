/* The content of a binary trace's block: records to bytes and back (docs/traces.md, "Content of a block").
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TRACE_CODEC_H
#define TWINWALK_TRACE_CODEC_H

#include <endian.h>
#include <string.h>

#include "trace_internal.h"

#define CODEC_MAX_BLOCK_BYTES (1u << 20)
#define CODEC_MAX_RECORD_BYTES 8192u /* more than any record and its manner take */
#define CODEC_SLACK_BYTES 16u        /* readable bytes wanted after a block's end */
#define CODEC_EXPLICIT_SIZE 7u       /* size code: a byte with the size follows */
enum { CODEC_ACCESS = 0x80, CODEC_MANNER = 0x40 };

/* What differences are taken from, and what accesses have in common. */
typedef struct codec_chain {
  uint64_t access[TW_ACCESS_COUNT];
  uint64_t image, inject, store, fence, block, answer_cycle, answer_pa, step_cycle, step_pa;
  tw_record manner[TW_ACCESS_COUNT]; /* the last access of each kind; its number, address and size mean nothing */
} codec_chain;

typedef struct codec_decoder {
  const uint8_t *at, *end; /* CODEC_SLACK_BYTES can be read at end */
  uint32_t left;           /* records of the block that are still to come */
  uint64_t number;         /* of the next numbered record */
  uint64_t outside;        /* address bits that must be equal in an access's first and last byte */
  tw_trace_kind kind;
  char *name; /* TRACE_MAX_NAME_BYTES + 1 bytes for a map's or program's name */
  codec_chain chain;
} codec_decoder;

/* Whether a record that is no access begins with *when*. */
static inline bool codec_has_when(tw_record_kind kind) {
  return kind == TW_RECORD_CONTROL || kind == TW_RECORD_STORE || kind == TW_RECORD_FENCE || kind == TW_RECORD_PMP;
}

/* As much of tw_record as an access uses. */
#define CODEC_ACCESS_BYTES (offsetof(tw_record, access) + sizeof(tw_record_access))

/* Starts differences and manners as they are at a block's beginning. */
void codec_chain_begin(codec_chain *chain);

/* Begins a block of `count` records whose first numbered record is `number`. */
void codec_decoder_begin(codec_decoder *decoder, const uint8_t *bytes, size_t size, uint32_t count, uint64_t number);

/* Decodes any record; records_before: those of the trace before this one. False with what was expected and found. */
bool codec_decode(codec_decoder *decoder, tw_record *record, uint64_t records_before, tw_error *error);

typedef struct codec_access {
  uint64_t va;
  unsigned kind, size;
} codec_access;

/* Decodes an access without more than a look at its bounds. Returns where the next record begins; NULL if this one is
 * no access, or is wrong: then codec_decode says more. A manner needs no check here: it was checked with its first
 * access. Branches on the widths are cheaper than arithmetic: they are mostly predicted, and then the next record need
 * not wait for this one. */
static inline const uint8_t *codec_access_parse(const codec_decoder *decoder, const uint8_t *at, codec_access *access) {
  if (*at < CODEC_ACCESS) return NULL;
  const unsigned tag = *at, code = tag >> 2 & 7u, width = tag >> 5 & 3u;
  access->kind = tag & 3u;
  access->size = 1u << code;
  uint64_t va = decoder->chain.access[access->kind];
  if (width == 0) {
    va += (uint64_t)(int64_t)(int8_t)at[1];
    at += 2;
  } else {
    uint64_t raw;
    memcpy(&raw, at + 1, sizeof raw);
    const unsigned shift = 64u - (8u << width);
    va += (uint64_t)((int64_t)(le64toh(raw) << shift) >> shift);
    at += 1u + (1u << width);
  }
  if (code == CODEC_EXPLICIT_SIZE) access->size = *at++;
  const uint64_t last = va + access->size - 1u;
  access->va = va;
  const bool good = access->size - 1u < 64u && last >= va && ((va ^ last) & decoder->outside) == 0;
  return good && at <= decoder->end ? at : NULL;
}

/* Decodes the accesses that come next, at most `room`, and says how many; stops at a record that is none, or is wrong.
 */
static inline size_t codec_decode_accesses(codec_decoder *decoder, tw_record *records, size_t room) {
  const uint8_t *at = decoder->at;
  const uint64_t first = decoder->number;
  const size_t most = room < decoder->left ? room : decoder->left;
  size_t count = 0;
  for (; count < most; count++) {
    codec_access access;
    const uint8_t *next = codec_access_parse(decoder, at, &access);
    if (!next) break;
    tw_record *record = &records[count];
    memcpy(record, &decoder->chain.manner[access.kind], CODEC_ACCESS_BYTES);
    record->number = first + count;
    record->access.va = decoder->chain.access[access.kind] = access.va;
    record->access.size = (uint8_t)access.size;
    at = next;
  }
  decoder->at = at;
  decoder->left -= (uint32_t)count;
  decoder->number = first + count;
  return count;
}

/* Appends one record, which was checked; number: of the next numbered record. Returns the bytes, at most
 * CODEC_MAX_RECORD_BYTES. */
size_t codec_encode(codec_chain *chain, const tw_record *record, uint64_t number, uint8_t *bytes);

#endif
