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
#define CODEC_EXPLICIT_SIZE 7u       /* size code: the size is the manner's */
enum { CODEC_ACCESS = 0x80, CODEC_MANNER = 0x40 };

/* How accesses of one kind are asked. */
typedef struct codec_manner {
  tw_after after;
  uint32_t delay;
  uint32_t cancel_after;
  uint16_t retries;
  uint8_t hart;
  uint8_t size; /* for CODEC_EXPLICIT_SIZE */
  bool speculative;
} codec_manner;

/* What differences are taken from; all zero at a block's beginning. */
typedef struct codec_chain {
  uint64_t access[TW_ACCESS_COUNT];
  uint64_t image, inject, store, fence, answer_cycle, answer_pa, step_cycle, step_pa;
  codec_manner manner[TW_ACCESS_COUNT];
} codec_chain;

typedef struct codec_decoder {
  const uint8_t *at, *end; /* CODEC_SLACK_BYTES can be read at end */
  uint32_t left;           /* records of the block that are still to come */
  uint64_t number;         /* of the next numbered record */
  uint64_t outside;        /* address bits that must be equal in an access's first and last byte */
  tw_trace_kind kind;
  char *name; /* TRACE_MAX_NAME_BYTES + 1 bytes for a map's name */
  codec_chain chain;
} codec_decoder;

/* Begins a block of `count` records whose first numbered record is `number`. */
void codec_decoder_begin(codec_decoder *decoder, const uint8_t *bytes, size_t size, uint32_t count, uint64_t number);

/* Decodes any record; records_before: those of the trace before this one. False with what was expected and found. */
bool codec_decode(codec_decoder *decoder, tw_record *record, uint64_t records_before, tw_error *error);

/* Decodes an access without more than a look at its bounds. False, with nothing changed, if the next record is none, or
 * is wrong: then codec_decode says more. A manner needs no check here: it was checked with its first access. */
static inline bool codec_decode_access(codec_decoder *decoder, tw_record *record) {
  const uint8_t *at = decoder->at;
  if (decoder->left == 0 || *at < CODEC_ACCESS) return false;
  const unsigned tag = *at;
  const unsigned kind = tag & 3u, code = tag >> 2 & 7u, bytes = 1u << (tag >> 5 & 3u);
  const codec_manner *manner = &decoder->chain.manner[kind];
  uint64_t raw;
  memcpy(&raw, at + 1, sizeof raw);
  const unsigned shift = 64u - 8u * bytes;
  const uint64_t va = decoder->chain.access[kind] + (uint64_t)((int64_t)(le64toh(raw) << shift) >> shift);
  const unsigned size = code == CODEC_EXPLICIT_SIZE ? manner->size : 1u << code;
  const uint64_t last = va + size - 1u;
  at += 1u + bytes;
  if (at > decoder->end || last < va || ((va ^ last) & decoder->outside) != 0 || size == 0) return false;
  record->kind = TW_RECORD_ACCESS;
  record->hart = manner->hart;
  record->delay = manner->delay;
  record->number = decoder->number;
  record->after = manner->after;
  record->access.va = va;
  record->access.kind = (tw_access)kind;
  record->access.size = (uint8_t)size;
  record->access.speculative = manner->speculative;
  record->access.retries = manner->retries;
  record->access.cancel_after = manner->cancel_after;
  decoder->at = at;
  decoder->left--;
  decoder->number++;
  decoder->chain.access[kind] = va;
  return true;
}

/* Appends one record, which was checked; number: of the next numbered record. Returns the bytes, at most
 * CODEC_MAX_RECORD_BYTES. */
size_t codec_encode(codec_chain *chain, const tw_record *record, uint64_t number, uint8_t *bytes);

#endif
