/* The bytes of a block to records. Every byte is suspect.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"

/* Reads from a block; what it lacks is told once, at the end. */
typedef struct cursor {
  const uint8_t *at, *end;
  const char *wrong; /* what was found instead of something good; NULL so far */
} cursor;

static uint8_t take_byte(cursor *in) {
  if (in->at == in->end) {
    if (!in->wrong) in->wrong = "the end of the block";
    return 0;
  }
  return *in->at++;
}

/* A byte of flags, of which only those in `known` may be set. */
static uint8_t take_flags(cursor *in, unsigned known) {
  const uint8_t flags = take_byte(in);
  if ((flags & ~known) && !in->wrong) in->wrong = "a flag that has no meaning";
  return flags;
}

/* A varint that is at most `most`. */
static uint64_t take_varint(cursor *in, uint64_t most) {
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const uint8_t byte = take_byte(in);
    if (shift == 63 && byte > 1) {
      if (!in->wrong) in->wrong = "a number of more than 64 bits";
      return 0;
    }
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (value > most) {
    if (!in->wrong) in->wrong = "a number that is too large for its field";
    return 0;
  }
  return value;
}

static uint64_t take_difference(cursor *in, uint64_t *last) {
  const uint64_t zigzag = take_varint(in, UINT64_MAX);
  *last += zigzag >> 1 ^ (zigzag & 1 ? UINT64_MAX : 0);
  return *last;
}

static void take_when(cursor *in, tw_after *after, uint8_t *hart, uint32_t *delay) {
  const unsigned flags = take_flags(in, 0x1f);
  after->count = flags & 3;
  after->all = (flags & 4) != 0;
  for (unsigned i = 0; i < after->count; i++) after->back[i] = (uint32_t)take_varint(in, UINT32_MAX);
  if (flags & 8) *hart = take_byte(in);
  if (flags & 16) *delay = (uint32_t)take_varint(in, UINT32_MAX);
}

static void take_manner(cursor *in, tw_record *manner) {
  manner->after = (tw_after){0};
  manner->hart = 0;
  manner->delay = 0;
  take_when(in, &manner->after, &manner->hart, &manner->delay);
  const unsigned flags = take_flags(in, 7);
  manner->access.speculative = flags & 1;
  manner->access.retries = flags & 2 ? (uint16_t)take_varint(in, UINT16_MAX) : 0;
  manner->access.cancel_after = flags & 4 ? (uint32_t)take_varint(in, UINT32_MAX) : 0;
}

static void take_access(cursor *in, codec_chain *chain, unsigned tag, tw_record *record) {
  const unsigned kind = tag & 3, code = tag >> 2 & 7, bytes = 1u << (tag >> 5 & 3);
  uint64_t raw = 0;
  for (unsigned i = 0; i < bytes; i++) raw |= (uint64_t)take_byte(in) << (8 * i);
  if (bytes < 8 && raw >> (8 * bytes - 1)) raw |= UINT64_MAX << (8 * bytes);
  const uint8_t size = (uint8_t)(code == CODEC_EXPLICIT_SIZE ? take_byte(in) : 1u << code);
  chain->access[kind] += raw;
  memcpy(record, &chain->manner[kind], CODEC_ACCESS_BYTES);
  record->access.va = chain->access[kind];
  record->access.size = size;
}

static uint64_t take_pages(cursor *in) {
  return take_varint(in, UINT64_MAX / TW_PAGE_BYTES) * TW_PAGE_BYTES;
}

/* A name's bytes behind their number, into `name`, which it returns. */
static const char *take_name(cursor *in, char *name) {
  const size_t length = (size_t)take_varint(in, TRACE_MAX_NAME_BYTES);
  name[0] = '\0';
  if ((size_t)(in->end - in->at) < length || (length > 0 && memchr(in->at, 0, length))) {
    if (!in->wrong) in->wrong = "a name with a zero byte or without an end";
    return name;
  }
  memcpy(name, in->at, length);
  name[length] = '\0';
  in->at += length;
  return name;
}

static void take_map(cursor *in, tw_record_map *map, char *name) {
  const unsigned flags = take_flags(in, 0x1f);
  map->prot = flags & 7;
  map->shared = (flags & 8) != 0;
  map->grows_down = (flags & 16) != 0;
  map->use = (tw_region_use)take_byte(in);
  map->start = take_pages(in);
  map->length = take_pages(in);
  map->offset = take_varint(in, UINT64_MAX);
  map->name = take_name(in, name);
}

static void take_region(cursor *in, tw_record *record) {
  if (record->kind == TW_RECORD_PROTECT) record->map.prot = take_flags(in, 7);
  if (record->kind == TW_RECORD_ADVISE) record->map.advice = (tw_advice)take_byte(in);
  record->map.start = take_pages(in);
  record->map.length = take_pages(in);
}

static void take_call(cursor *in, tw_record_call *call) {
  call->number = (uint32_t)take_varint(in, UINT32_MAX);
  call->reads = take_varint(in, UINT64_MAX);
  call->reads_length = (uint32_t)take_varint(in, UINT32_MAX);
  call->writes = take_varint(in, UINT64_MAX);
  call->writes_length = (uint32_t)take_varint(in, UINT32_MAX);
}

static void take_place(cursor *in, tw_record_place *place) {
  place->va = take_pages(in);
  place->pa = take_pages(in);
}

static void take_block(cursor *in, codec_chain *chain, tw_record *record) {
  record->block.va = take_difference(in, &chain->block);
  if (record->kind == TW_RECORD_ALLOC) record->block.size = take_varint(in, UINT64_MAX);
}

static void take_inject(cursor *in, codec_chain *chain, tw_record_inject *inject) {
  inject->error = take_flags(in, 1) != 0;
  inject->pa = take_difference(in, &chain->inject);
  inject->nth = (uint32_t)take_varint(in, UINT32_MAX);
  inject->latency = (uint32_t)take_varint(in, UINT32_MAX);
  inject->stall = (uint32_t)take_varint(in, UINT32_MAX);
}

static void take_control(cursor *in, tw_record_control *control) {
  const unsigned flags = take_byte(in), menvcfg = flags & 128 ? take_flags(in, 3) : 0;
  control->adue = menvcfg & 1;
  control->pbmte = (menvcfg & 2) != 0;
  control->privilege = (tw_privilege)(flags & 3);
  control->mpp = (tw_privilege)(flags >> 2 & 3);
  control->mprv = (flags & 16) != 0;
  control->sum = (flags & 32) != 0;
  control->mxr = (flags & 64) != 0;
  for (unsigned i = 0; i < 8; i++) control->satp |= (uint64_t)take_byte(in) << (8 * i);
}

static void take_store(cursor *in, codec_chain *chain, tw_record_store *store) {
  const unsigned flags = take_flags(in, 3);
  store->swap = flags & 1;
  store->width = flags & 2 ? 8 : 4;
  store->pa = take_difference(in, &chain->store);
  store->first = take_varint(in, UINT64_MAX);
  store->second = take_varint(in, UINT64_MAX);
}

static void take_fence(cursor *in, codec_chain *chain, tw_record_fence *fence) {
  const unsigned flags = take_flags(in, 0x3f);
  fence->kind = flags >> 2 & 7;
  fence->has_va = flags & 1;
  fence->has_asid = (flags & 2) != 0;
  fence->unknown = (flags & 32) != 0;
  if (fence->has_va) fence->va = take_difference(in, &chain->fence);
  if (fence->has_asid) fence->asid = (uint16_t)take_varint(in, UINT16_MAX);
}

static void take_pmp(cursor *in, tw_record_pmp *pmp) {
  pmp->target = (tw_pmp_register)take_byte(in);
  pmp->index = take_byte(in);
  pmp->value = take_varint(in, UINT64_MAX);
}

static void take_answer(cursor *in, codec_chain *chain, uint64_t number, tw_record *record) {
  tw_record_answer *answer = &record->answer;
  const unsigned flags = take_byte(in);
  answer->status = flags & 3;
  answer->l2 = (flags & 64) != 0;
  answer->hit = (flags & 4) != 0;
  answer->only = (flags & 8) != 0;
  if (flags & 16) record->hart = take_byte(in);
  if (flags & 32) answer->attempt = (uint32_t)take_varint(in, UINT32_MAX);
  const unsigned page = flags & 128 ? take_flags(in, 7) : 0;
  answer->attribute = page & 3;
  answer->napot = (page & 4) != 0;
  answer->access = number - take_varint(in, number);
  answer->accepted = take_difference(in, &chain->answer_cycle);
  answer->answered = answer->accepted + take_varint(in, UINT64_MAX);
  if (answer->status == 0) {
    answer->pa = take_difference(in, &chain->answer_pa);
    answer->level = take_byte(in);
    answer->flags = take_byte(in);
  }
  if (answer->status == 1) answer->reason = take_byte(in);
}

static void take_step(cursor *in, codec_chain *chain, tw_record *record) {
  const unsigned flags = take_flags(in, 0x17);
  record->step.update = (flags & 4) != 0;
  record->step.error = flags & 1;
  record->step.size = flags & 2 ? 8 : 4;
  if (flags & 16) record->hart = take_byte(in);
  record->step.cycle = take_difference(in, &chain->step_cycle);
  record->step.pa = take_difference(in, &chain->step_pa);
  if (record->step.update) {
    record->step.expected = take_varint(in, UINT64_MAX);
    record->step.desired = take_varint(in, UINT64_MAX);
  }
  if (!record->step.error) record->step.pte = take_varint(in, UINT64_MAX);
}

/* The rest of a record of program traces that is no access; its kind is set. */
static void take_event(cursor *in, codec_decoder *decoder, tw_record *record) {
  switch (record->kind) {
  case TW_RECORD_MAP:
    take_map(in, &record->map, decoder->name);
    return;
  case TW_RECORD_UNMAP:
  case TW_RECORD_PROTECT:
  case TW_RECORD_ADVISE:
    take_region(in, record);
    return;
  case TW_RECORD_BREAK:
    record->map.start = take_varint(in, UINT64_MAX);
    return;
  case TW_RECORD_PROCESS:
  case TW_RECORD_EXEC:
    if (record->kind == TW_RECORD_PROCESS) record->id = (uint32_t)take_varint(in, UINT32_MAX);
    record->name = take_name(in, decoder->name);
    return;
  case TW_RECORD_CALL:
    take_call(in, &record->call);
    return;
  case TW_RECORD_PLACE:
    take_place(in, &record->place);
    return;
  case TW_RECORD_ALLOC:
  case TW_RECORD_FREE:
    take_block(in, &decoder->chain, record);
    return;
  case TW_RECORD_RECLAIM:
    record->pages = take_varint(in, UINT64_MAX);
    return;
  case TW_RECORD_THREAD:
  case TW_RECORD_FORK:
  case TW_RECORD_EXIT:
    record->id = (uint32_t)take_varint(in, UINT32_MAX);
    return;
  default:
    if (!in->wrong) in->wrong = "a kind of record that there is not";
  }
}

/* The rest of a record that is no access; its kind is set. */
static void take_fields(cursor *in, codec_decoder *decoder, tw_record *record) {
  codec_chain *chain = &decoder->chain;
  if (codec_has_when(record->kind)) take_when(in, &record->after, &record->hart, &record->delay);
  switch (record->kind) {
  case TW_RECORD_IMAGE:
    record->image.pa = take_difference(in, &chain->image);
    record->image.value = take_varint(in, UINT64_MAX);
    return;
  case TW_RECORD_INJECT:
    take_inject(in, chain, &record->inject);
    return;
  case TW_RECORD_CONTROL:
    take_control(in, &record->control);
    return;
  case TW_RECORD_STORE:
    take_store(in, chain, &record->store);
    return;
  case TW_RECORD_FENCE:
    take_fence(in, chain, &record->fence);
    return;
  case TW_RECORD_PMP:
    take_pmp(in, &record->pmp);
    return;
  case TW_RECORD_ANSWER:
    take_answer(in, chain, decoder->number, record);
    return;
  case TW_RECORD_STEP:
    take_step(in, chain, record);
    return;
  default:
    take_event(in, decoder, record);
  }
}

void codec_chain_begin(codec_chain *chain) {
  memset(chain, 0, sizeof *chain);
  for (unsigned kind = 0; kind < TW_ACCESS_COUNT; kind++) {
    chain->manner[kind].kind = TW_RECORD_ACCESS;
    chain->manner[kind].access.kind = (tw_access)kind;
  }
}

void codec_decoder_begin(codec_decoder *decoder, const uint8_t *bytes, size_t size, uint32_t count, uint64_t number) {
  decoder->at = bytes;
  decoder->end = bytes + size;
  decoder->left = count;
  decoder->number = number;
  decoder->outside = decoder->kind == TW_TRACE_PROGRAM ? 0 : ~(uint64_t)(TW_PAGE_BYTES - 1);
  codec_chain_begin(&decoder->chain);
}

bool codec_decode(codec_decoder *decoder, tw_record *record, uint64_t records_before, tw_error *error) {
  cursor in = {decoder->at, decoder->end, NULL};
  memset(record, 0, sizeof *record);
  unsigned tag = take_byte(&in);
  if ((tag & ~3u) == CODEC_MANNER) {
    const unsigned kind = tag & 3;
    take_manner(&in, &decoder->chain.manner[kind]);
    tag = take_byte(&in);
    if ((tag < CODEC_ACCESS || (tag & 3) != kind) && !in.wrong) in.wrong = "a manner without an access of its kind";
  }
  if (tag >= CODEC_ACCESS) {
    take_access(&in, &decoder->chain, tag, record);
  } else {
    record->kind = (tw_record_kind)tag;
    take_fields(&in, decoder, record);
  }
  if (in.wrong) return tw_error_set(error, "expected a record, found %s", in.wrong);
  const trace_order order = {decoder->kind, records_before, decoder->number};
  if (!trace_order_check(&order, record, error)) return false;
  record->number = decoder->number;
  if (trace_record_numbered(decoder->kind, record->kind)) decoder->number++;
  decoder->at = in.at;
  decoder->left--;
  return true;
}
