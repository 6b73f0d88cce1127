/* Records to the bytes of a block.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"

static uint8_t *put_varint(uint8_t *at, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = (uint8_t)(value | 0x80);
  *at++ = (uint8_t)value;
  return at;
}

/* A signed varint of value - *last; value becomes the last. */
static uint8_t *put_difference(uint8_t *at, uint64_t *last, uint64_t value) {
  const uint64_t difference = value - *last;
  *last = value;
  return put_varint(at, difference << 1 ^ (difference >> 63 ? UINT64_MAX : 0));
}

static uint8_t *put_when(uint8_t *at, const tw_after *after, uint8_t hart, uint32_t delay) {
  *at++ = (uint8_t)(after->count | (unsigned)after->all << 2 | (hart != 0 ? 8u : 0) | (delay != 0 ? 16u : 0));
  for (unsigned i = 0; i < after->count; i++) at = put_varint(at, after->back[i]);
  if (hart != 0) *at++ = hart;
  if (delay != 0) at = put_varint(at, delay);
  return at;
}

static bool after_equal(const tw_after *a, const tw_after *b) {
  if (a->all != b->all || a->count != b->count) return false;
  for (unsigned i = 0; i < a->count; i++)
    if (a->back[i] != b->back[i]) return false;
  return true;
}

static unsigned size_code(uint8_t size) {
  for (unsigned code = 0; code < CODEC_EXPLICIT_SIZE; code++)
    if (size == 1u << code) return code;
  return CODEC_EXPLICIT_SIZE;
}

static bool manner_equal(const tw_record *a, const tw_record *b) {
  return after_equal(&a->after, &b->after) && a->delay == b->delay && a->hart == b->hart &&
         a->access.cancel_after == b->access.cancel_after && a->access.retries == b->access.retries &&
         a->access.speculative == b->access.speculative;
}

static uint8_t *put_manner(uint8_t *at, tw_record *manner, const tw_record *record) {
  const tw_record_access *access = &record->access;
  if (manner_equal(manner, record)) return at;
  memcpy(manner, record, CODEC_ACCESS_BYTES);
  *at++ = (uint8_t)(CODEC_MANNER | (unsigned)access->kind);
  at = put_when(at, &record->after, record->hart, record->delay);
  *at++ = (uint8_t)((unsigned)access->speculative | (access->retries ? 2u : 0) | (access->cancel_after ? 4u : 0));
  if (access->retries) at = put_varint(at, access->retries);
  if (access->cancel_after) at = put_varint(at, access->cancel_after);
  return at;
}

static uint8_t *put_access(uint8_t *at, codec_chain *chain, const tw_record *record) {
  const unsigned kind = (unsigned)record->access.kind, code = size_code(record->access.size);
  at = put_manner(at, &chain->manner[kind], record);
  const uint64_t difference = record->access.va - chain->access[kind];
  unsigned width = 0;
  while (width < 3 && (difference + ((uint64_t)1 << (8 * (1u << width) - 1))) >> (8 * (1u << width)) != 0) width++;
  const uint64_t bytes = htole64(difference);
  chain->access[kind] = record->access.va;
  *at++ = (uint8_t)(CODEC_ACCESS | width << 5 | code << 2 | kind);
  memcpy(at, &bytes, (size_t)1 << width);
  at += (size_t)1 << width;
  if (code == CODEC_EXPLICIT_SIZE) *at++ = record->access.size;
  return at;
}

/* Its bytes, behind their number; NULL is an empty one. */
static uint8_t *put_name(uint8_t *at, const char *name) {
  const size_t length = name ? strlen(name) : 0;
  at = put_varint(at, length);
  if (length > 0) memcpy(at, name, length);
  return at + length;
}

static uint8_t *put_map(uint8_t *at, const tw_record_map *map) {
  *at++ = (uint8_t)(map->prot | (unsigned)map->shared << 3 | (unsigned)map->grows_down << 4);
  *at++ = (uint8_t)map->use;
  at = put_varint(at, map->start / TW_PAGE_BYTES);
  at = put_varint(at, map->length / TW_PAGE_BYTES);
  at = put_varint(at, map->offset);
  return put_name(at, map->name);
}

static uint8_t *put_region(uint8_t *at, const tw_record *record) {
  if (record->kind == TW_RECORD_PROTECT) *at++ = record->map.prot;
  if (record->kind == TW_RECORD_ADVISE) *at++ = (uint8_t)record->map.advice;
  at = put_varint(at, record->map.start / TW_PAGE_BYTES);
  return put_varint(at, record->map.length / TW_PAGE_BYTES);
}

static uint8_t *put_call(uint8_t *at, const tw_record_call *call) {
  at = put_varint(at, call->number);
  at = put_varint(at, call->reads);
  at = put_varint(at, call->reads_length);
  at = put_varint(at, call->writes);
  return put_varint(at, call->writes_length);
}

static uint8_t *put_inject(uint8_t *at, codec_chain *chain, const tw_record_inject *inject) {
  *at++ = inject->error;
  at = put_difference(at, &chain->inject, inject->pa);
  at = put_varint(at, inject->nth);
  at = put_varint(at, inject->latency);
  return put_varint(at, inject->stall);
}

static uint8_t *put_control(uint8_t *at, const tw_record_control *control) {
  const uint64_t satp = htole64(control->satp);
  const unsigned menvcfg = (unsigned)control->adue | (unsigned)control->pbmte << 1;
  *at++ = (uint8_t)((unsigned)control->privilege | (unsigned)control->mpp << 2 | (unsigned)control->mprv << 4 |
                    (unsigned)control->sum << 5 | (unsigned)control->mxr << 6 | (menvcfg ? 128u : 0));
  if (menvcfg) *at++ = (uint8_t)menvcfg;
  memcpy(at, &satp, sizeof satp);
  return at + sizeof satp;
}

static uint8_t *put_store(uint8_t *at, codec_chain *chain, const tw_record_store *store) {
  *at++ = (uint8_t)((unsigned)store->swap | (store->width == 8 ? 2u : 0));
  at = put_difference(at, &chain->store, store->pa);
  at = put_varint(at, store->first);
  return put_varint(at, store->second);
}

static uint8_t *put_fence(uint8_t *at, codec_chain *chain, const tw_record_fence *fence) {
  *at++ = (uint8_t)((unsigned)fence->has_va | (unsigned)fence->has_asid << 1 | (unsigned)fence->kind << 2 |
                    (unsigned)fence->unknown << 5);
  if (fence->has_va) at = put_difference(at, &chain->fence, fence->va);
  if (fence->has_asid) at = put_varint(at, fence->asid);
  return at;
}

static uint8_t *put_pmp(uint8_t *at, const tw_record_pmp *pmp) {
  *at++ = (uint8_t)pmp->target;
  *at++ = pmp->index;
  return put_varint(at, pmp->value);
}

static uint8_t *put_answer(uint8_t *at, codec_chain *chain, const tw_record *record, uint64_t number) {
  const tw_record_answer *answer = &record->answer;
  const unsigned page = answer->attribute | (unsigned)answer->napot << 2;
  *at++ =
      (uint8_t)(answer->status | (unsigned)answer->hit << 2 | (unsigned)answer->only << 3 | (record->hart ? 16u : 0) |
                (answer->attempt ? 32u : 0) | (answer->l2 ? 64u : 0) | (page ? 128u : 0));
  if (record->hart) *at++ = record->hart;
  if (answer->attempt) at = put_varint(at, answer->attempt);
  if (page) *at++ = (uint8_t)page;
  at = put_varint(at, number - answer->access);
  at = put_difference(at, &chain->answer_cycle, answer->accepted);
  at = put_varint(at, answer->answered - answer->accepted);
  if (answer->status == 0) {
    at = put_difference(at, &chain->answer_pa, answer->pa);
    *at++ = answer->level;
    *at++ = answer->flags;
  }
  if (answer->status == 1) *at++ = answer->reason;
  return at;
}

static uint8_t *put_step(uint8_t *at, codec_chain *chain, const tw_record *record) {
  const tw_record_step *step = &record->step;
  *at++ = (uint8_t)((unsigned)step->error | (step->size == 8 ? 2u : 0) | (step->update ? 4u : 0) |
                    (record->hart ? 16u : 0));
  if (record->hart) *at++ = record->hart;
  at = put_difference(at, &chain->step_cycle, step->cycle);
  at = put_difference(at, &chain->step_pa, step->pa);
  if (step->update) at = put_varint(put_varint(at, step->expected), step->desired);
  return step->error ? at : put_varint(at, step->pte);
}

/* A record of program traces that is no access. */
static uint8_t *put_event(uint8_t *at, codec_chain *chain, const tw_record *record) {
  switch (record->kind) {
  case TW_RECORD_MAP:
    return put_map(at, &record->map);
  case TW_RECORD_UNMAP:
  case TW_RECORD_PROTECT:
  case TW_RECORD_ADVISE:
    return put_region(at, record);
  case TW_RECORD_BREAK:
    return put_varint(at, record->map.start);
  case TW_RECORD_PROCESS:
    return put_name(put_varint(at, record->id), record->name);
  case TW_RECORD_EXEC:
    return put_name(at, record->name);
  case TW_RECORD_CALL:
    return put_call(at, &record->call);
  case TW_RECORD_PLACE:
    return put_varint(put_varint(at, record->place.va / TW_PAGE_BYTES), record->place.pa / TW_PAGE_BYTES);
  case TW_RECORD_ALLOC:
    return put_varint(put_difference(at, &chain->block, record->block.va), record->block.size);
  case TW_RECORD_FREE:
    return put_difference(at, &chain->block, record->block.va);
  case TW_RECORD_RECLAIM:
    return put_varint(at, record->pages);
  default: /* THREAD, FORK, EXIT */
    return put_varint(at, record->id);
  }
}

size_t codec_encode(codec_chain *chain, const tw_record *record, uint64_t number, uint8_t *bytes) {
  uint8_t *at = bytes;
  if (record->kind == TW_RECORD_ACCESS) return (size_t)(put_access(at, chain, record) - bytes);
  *at++ = (uint8_t)record->kind;
  if (codec_has_when(record->kind)) at = put_when(at, &record->after, record->hart, record->delay);
  switch (record->kind) {
  case TW_RECORD_IMAGE:
    at = put_difference(at, &chain->image, record->image.pa);
    at = put_varint(at, record->image.value);
    break;
  case TW_RECORD_INJECT:
    at = put_inject(at, chain, &record->inject);
    break;
  case TW_RECORD_CONTROL:
    at = put_control(at, &record->control);
    break;
  case TW_RECORD_STORE:
    at = put_store(at, chain, &record->store);
    break;
  case TW_RECORD_FENCE:
    at = put_fence(at, chain, &record->fence);
    break;
  case TW_RECORD_PMP:
    at = put_pmp(at, &record->pmp);
    break;
  case TW_RECORD_ANSWER:
    at = put_answer(at, chain, record, number);
    break;
  case TW_RECORD_STEP:
    at = put_step(at, chain, record);
    break;
  default:
    at = put_event(at, chain, record);
  }
  return (size_t)(at - bytes);
}
