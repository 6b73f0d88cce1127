/* Random records that are legal.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <string.h>

void sample_begin(sample *from, tw_trace_kind kind, uint64_t seed) {
  memset(from, 0, sizeof *from);
  from->kind = kind;
  from->random = seed * 0x9e3779b97f4a7c15u + 1;
}

static uint64_t draw64(sample *from) {
  from->random ^= from->random << 13;
  from->random ^= from->random >> 7;
  from->random ^= from->random << 17;
  return from->random * 0x2545f4914f6cdd1du;
}

uint64_t sample_draw(sample *from, uint64_t below) {
  return (draw64(from) >> 11) % below;
}

/* A number of any magnitude, up to most. */
static uint64_t draw_wide(sample *from, uint64_t most) {
  const uint64_t value = draw64(from) >> sample_draw(from, 64);
  return sample_draw(from, 20) == 0 ? most : value > most ? value & most : value;
}

static bool draw_bool(sample *from) {
  return sample_draw(from, 2) != 0;
}

static uint64_t draw_pa(sample *from, uint64_t alignment) {
  return draw_wide(from, ((uint64_t)1 << 56) - 1) & ~(alignment - 1);
}

static tw_privilege draw_privilege(sample *from) {
  static const tw_privilege ALL[] = {TW_USER, TW_SUPERVISOR, TW_MACHINE};
  return ALL[sample_draw(from, 3)];
}

static void fill_when(sample *from, tw_record *record) {
  if (sample_draw(from, 3) == 0) return;
  record->after.all = sample_draw(from, 4) == 0;
  if (!record->after.all && from->numbers > 0) record->after.count = (uint8_t)sample_draw(from, TW_AFTER_MAX + 1);
  for (unsigned i = 0; i < record->after.count; i++)
    record->after.back[i] = (uint32_t)sample_draw(from, from->numbers < 1000 ? from->numbers : 1000) + 1;
  if (sample_draw(from, 8) == 0) record->delay = (uint32_t)draw_wide(from, UINT32_MAX);
  if (sample_draw(from, 16) == 0) record->hart = (uint8_t)sample_draw(from, 256);
}

static void fill_access(sample *from, tw_record *record) {
  tw_record_access *access = &record->access;
  access->kind = (tw_access)sample_draw(from, TW_ACCESS_COUNT);
  access->size = (uint8_t)(draw_bool(from) ? 1u << sample_draw(from, 7) : 1 + sample_draw(from, 64));
  const bool far = sample_draw(from, 4) == 0;
  access->va = far ? draw_wide(from, UINT64_MAX) : from->va[access->kind] + sample_draw(from, 300) - 150;
  if (from->kind != TW_TRACE_PROGRAM && (access->va & 4095) + access->size > 4096) access->va &= ~(uint64_t)4095;
  if (access->va + access->size < access->va) access->va = 0;
  from->va[access->kind] = access->va;
  if (from->kind == TW_TRACE_PROGRAM) return;
  fill_when(from, record);
  if (sample_draw(from, 8) == 0) access->retries = (uint16_t)draw_wide(from, UINT16_MAX);
  if (sample_draw(from, 8) == 0) access->cancel_after = (uint32_t)draw_wide(from, UINT32_MAX);
  access->speculative = sample_draw(from, 8) == 0;
}

static const char *draw_name(sample *from) {
  const uint64_t length = sample_draw(from, sizeof from->name);
  for (uint64_t i = 0; i < length; i++) from->name[i] = (char)(1 + sample_draw(from, 255));
  from->name[length] = '\0';
  return from->name;
}

static uint64_t draw_page(sample *from, uint64_t most) {
  return draw_wide(from, most) & ~(uint64_t)(TW_PAGE_BYTES - 1);
}

static void fill_map(sample *from, tw_record_map *map) {
  map->length = (draw_wide(from, UINT32_MAX) + 1) * TW_PAGE_BYTES;
  map->start = draw_page(from, UINT64_MAX - map->length);
  map->offset = draw_bool(from) ? draw_wide(from, UINT64_MAX) : 0;
  map->prot = (uint8_t)sample_draw(from, 8);
  map->shared = draw_bool(from);
  map->grows_down = draw_bool(from);
  map->use = (tw_region_use)(TW_REGION_CODE + sample_draw(from, TW_REGION_USE_COUNT - 1));
  map->name = draw_name(from);
}

static void fill_call(sample *from, tw_record_call *call) {
  call->number = (uint32_t)draw_wide(from, UINT32_MAX);
  call->reads_length = draw_bool(from) ? (uint32_t)draw_wide(from, UINT32_MAX) : 0;
  call->writes_length = draw_bool(from) ? (uint32_t)draw_wide(from, UINT32_MAX) : 0;
  if (call->reads_length) call->reads = draw_wide(from, UINT64_MAX - UINT32_MAX);
  if (call->writes_length) call->writes = draw_wide(from, UINT64_MAX - UINT32_MAX);
}

/* A fence's kind and operands; some of a program trace are unknown. */
static void fill_fence(sample *from, tw_record_fence *fence) {
  static const uint8_t KINDS[] = {TW_FENCE_SFENCE_VMA, TW_FENCE_SINVAL_VMA, TW_FENCE_SFENCE_W_INVAL,
                                  TW_FENCE_SFENCE_INVAL_IR};
  fence->kind = KINDS[sample_draw(from, 4)];
  const bool operands = fence->kind <= TW_FENCE_SINVAL_VMA;
  fence->unknown = from->kind == TW_TRACE_PROGRAM && operands && draw_bool(from);
  fence->has_va = operands && !fence->unknown && draw_bool(from);
  fence->has_asid = operands && !fence->unknown && draw_bool(from);
  if (fence->has_va) fence->va = draw_wide(from, UINT64_MAX);
  if (fence->has_asid) fence->asid = (uint16_t)draw_wide(from, UINT16_MAX);
}

/* What follows the kind of a record of program traces that is no access and no fence. */
static void fill_event(sample *from, tw_record *record) {
  switch (record->kind) {
  case TW_RECORD_MAP:
    fill_map(from, &record->map);
    break;
  case TW_RECORD_UNMAP:
  case TW_RECORD_PROTECT:
  case TW_RECORD_ADVISE:
    record->map.length = (sample_draw(from, 1000) + 1) * TW_PAGE_BYTES;
    record->map.start = draw_page(from, UINT64_MAX / 2);
    if (record->kind == TW_RECORD_PROTECT) record->map.prot = (uint8_t)sample_draw(from, 8);
    if (record->kind == TW_RECORD_ADVISE)
      record->map.advice = (tw_advice)(TW_ADVICE_HUGE + sample_draw(from, TW_ADVICE_COUNT - TW_ADVICE_HUGE));
    break;
  case TW_RECORD_BREAK:
    record->map.start = draw_wide(from, UINT64_MAX);
    break;
  case TW_RECORD_CALL:
    fill_call(from, &record->call);
    break;
  case TW_RECORD_PLACE:
    record->place = (tw_record_place){.va = draw_page(from, UINT64_MAX), .pa = draw_pa(from, TW_PAGE_BYTES)};
    break;
  case TW_RECORD_ALLOC:
  case TW_RECORD_FREE:
    record->block.va = draw_wide(from, UINT64_MAX / 2);
    if (record->kind == TW_RECORD_ALLOC) record->block.size = draw_wide(from, UINT64_MAX / 2);
    break;
  case TW_RECORD_RECLAIM:
    record->pages = 1 + draw_wide(from, UINT64_MAX - 1);
    break;
  default: /* THREAD, FORK, EXIT, PROCESS, EXEC */
    if (record->kind != TW_RECORD_EXEC) record->id = (uint32_t)draw_wide(from, UINT32_MAX);
    if (record->kind == TW_RECORD_PROCESS) record->id &= 0xffff0000;
    if (record->kind == TW_RECORD_PROCESS || record->kind == TW_RECORD_EXEC) record->name = draw_name(from);
  }
}

static void fill_program(sample *from, tw_record *record) {
  static const tw_record_kind KINDS[] = {TW_RECORD_MAP,    TW_RECORD_UNMAP, TW_RECORD_PROTECT, TW_RECORD_BREAK,
                                         TW_RECORD_THREAD, TW_RECORD_FORK,  TW_RECORD_EXIT,    TW_RECORD_PROCESS,
                                         TW_RECORD_EXEC,   TW_RECORD_CALL,  TW_RECORD_PLACE,   TW_RECORD_ADVISE,
                                         TW_RECORD_ALLOC,  TW_RECORD_FREE,  TW_RECORD_FENCE,   TW_RECORD_RECLAIM};
  record->kind = KINDS[sample_draw(from, sizeof KINDS / sizeof *KINDS)];
  if (record->kind == TW_RECORD_FENCE)
    fill_fence(from, &record->fence);
  else
    fill_event(from, record);
}

static void fill_setup(sample *from, tw_record *record) {
  if (draw_bool(from)) {
    record->kind = TW_RECORD_IMAGE;
    record->image = (tw_record_image){.pa = draw_pa(from, 8), .value = draw_wide(from, UINT64_MAX)};
    return;
  }
  record->kind = TW_RECORD_INJECT;
  record->inject = (tw_record_inject){.pa = draw_pa(from, 4),
                                      .nth = (uint32_t)sample_draw(from, 9),
                                      .latency = (uint32_t)sample_draw(from, 900),
                                      .stall = (uint32_t)sample_draw(from, 9),
                                      .error = draw_bool(from)};
}

static void fill_store(sample *from, tw_record_store *store) {
  store->width = draw_bool(from) ? 4 : 8;
  store->pa = draw_pa(from, store->width);
  store->swap = draw_bool(from);
  store->first = draw_wide(from, store->width == 4 ? UINT32_MAX : UINT64_MAX);
  store->second = draw_wide(from, store->width == 4 ? UINT32_MAX : UINT64_MAX);
}

static void fill_pmp(sample *from, tw_record_pmp *pmp) {
  static const uint64_t MOST[TW_PMP_REGISTER_COUNT] = {0xff, ((uint64_t)1 << 54) - 1, 7};
  pmp->target = (tw_pmp_register)sample_draw(from, TW_PMP_REGISTER_COUNT);
  pmp->index = pmp->target == TW_PMP_MSECCFG ? 0 : (uint8_t)sample_draw(from, TW_PMP_MAX);
  pmp->value = draw_wide(from, MOST[pmp->target]);
}

static void fill_played(sample *from, tw_record *record) {
  record->kind = (tw_record_kind)(TW_RECORD_CONTROL + sample_draw(from, 4));
  fill_when(from, record);
  if (record->kind == TW_RECORD_STORE) {
    fill_store(from, &record->store);
  } else if (record->kind == TW_RECORD_PMP) {
    fill_pmp(from, &record->pmp);
  } else if (record->kind == TW_RECORD_FENCE) {
    fill_fence(from, &record->fence);
  } else {
    record->control = (tw_record_control){.satp = draw_wide(from, UINT64_MAX),
                                          .privilege = draw_privilege(from),
                                          .mpp = draw_privilege(from),
                                          .mprv = draw_bool(from),
                                          .sum = draw_bool(from),
                                          .adue = sample_draw(from, 4) == 0,
                                          .pbmte = sample_draw(from, 4) == 0,
                                          .mxr = draw_bool(from)};
  }
}

static void fill_answer(sample *from, tw_record *record) {
  tw_record_answer *answer = &record->answer;
  record->kind = TW_RECORD_ANSWER;
  answer->access = sample_draw(from, from->numbers);
  answer->attempt = (uint32_t)sample_draw(from, 3);
  answer->accepted = draw_wide(from, UINT64_MAX / 2);
  answer->answered = answer->accepted + 1 + sample_draw(from, 1000);
  answer->status = (uint8_t)sample_draw(from, 3);
  answer->only = draw_bool(from);
  if (answer->status == 0) {
    answer->pa = draw_pa(from, 1);
    answer->level = (uint8_t)sample_draw(from, TW_MAX_LEVELS);
    answer->flags = (uint8_t)sample_draw(from, 256);
    answer->attribute = (uint8_t)(draw_bool(from) ? 0 : sample_draw(from, 3));
    answer->napot = answer->level == 0 && draw_bool(from);
  }
  if (answer->status == 1) answer->reason = (uint8_t)(1 + sample_draw(from, TW_REASON_COUNT - 1));
  answer->hit = answer->status != 2 && draw_bool(from);
  answer->l2 = answer->hit && draw_bool(from);
}

static void fill_step(sample *from, tw_record *record) {
  record->kind = TW_RECORD_STEP;
  record->step.size = draw_bool(from) ? 4 : 8;
  record->step.cycle = draw_wide(from, UINT64_MAX);
  record->step.pa = draw_pa(from, record->step.size);
  record->step.error = sample_draw(from, 8) == 0;
  record->step.update = sample_draw(from, 4) == 0;
  if (record->step.update) {
    record->step.expected = draw_wide(from, record->step.size == 4 ? UINT32_MAX : UINT64_MAX);
    record->step.desired = draw_wide(from, record->step.size == 4 ? UINT32_MAX : UINT64_MAX);
  }
  if (!record->step.error) record->step.pte = draw_wide(from, record->step.size == 4 ? UINT32_MAX : UINT64_MAX);
}

void sample_record(sample *from, tw_record *record) {
  const uint64_t what = sample_draw(from, 10);
  memset(record, 0, sizeof *record);
  record->kind = TW_RECORD_ACCESS;
  if (from->kind == TW_TRACE_PROGRAM) {
    if (what < 5)
      fill_program(from, record);
    else
      fill_access(from, record);
    from->numbers++;
    return;
  }
  if (from->numbers == 0 && what < 8) {
    fill_setup(from, record);
    return;
  }
  if (from->kind == TW_TRACE_GOLDEN && from->numbers > 0 && what < 4) {
    if (what < 2)
      fill_answer(from, record);
    else
      fill_step(from, record);
    if (sample_draw(from, 9) == 0) record->hart = (uint8_t)sample_draw(from, 256);
    return;
  }
  if (what < 6)
    fill_played(from, record);
  else
    fill_access(from, record);
  from->numbers++;
}
