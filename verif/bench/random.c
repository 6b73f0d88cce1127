/* Draws records from a seed. The world is small on purpose: few pages, few tables, few ASIDs, so that things meet.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

#include <stdio.h>
#include <stdlib.h>

#include "random_internal.h"

#define PMP_EDGES 10u /* PMP entries that change; the last entry of all opens everything */

static void after_draw(random_source *self, tw_record *record) {
  unsigned dice = random_below(self, 100);
  if (dice < 4) {
    record->after.all = self->number > 0;
  } else if (dice < 32) {
    for (unsigned i = dice < 25 ? 1 : 1 + random_below(self, TW_AFTER_MAX); i > 0; i--) {
      uint32_t back = dice < 18 ? i : 1 + random_below(self, 6);
      if (back <= self->number) record->after.back[record->after.count++] = back;
    }
  }
  if (random_chance(self, 15)) record->delay = random_below(self, 10);
}

/* Every other two thousand records are calm: TLBs fill up and replace, where else fences and switches empty them. */
static bool is_calm(const random_source *self) {
  return self->number >> 11 & 1;
}

/* Nearly always one that the mode has. */
uint64_t random_page_draw(random_source *self) {
  unsigned hot = random_below(self, 100) < (is_calm(self) ? 5 : 65) ? 4 : RANDOM_PAGES;
  uint64_t base = (self->number >> 7) % RANDOM_PAGES, page; /* the hot ones wander */
  for (unsigned i = 0; i < 4; i++, hot = RANDOM_PAGES) {
    page = self->pages[(base + random_below(self, hot)) % RANDOM_PAGES];
    if (tw_va_canonical(self->selected, page)) break;
  }
  return page;
}

static uint64_t va_draw(random_source *self) {
  uint64_t va = random_page_draw(self) | (random_draw(self) & 0xfff);
  if (!random_chance(self, 75)) return va;
  return va & ~7ull;
}

void random_access_fill(random_source *self, tw_record *record, uint64_t va) {
  static const tw_access kinds[] = {TW_FETCH, TW_FETCH, TW_LOAD, TW_LOAD, TW_LOAD, TW_STORE, TW_STORE, TW_AMO};
  unsigned size = random_chance(self, 80) ? 1u << random_below(self, 7) : 1 + random_below(self, 64);
  const unsigned room = TW_PAGE_BYTES - (unsigned)(va & (TW_PAGE_BYTES - 1));
  if (size > room) size = room; /* P13 */
  record->kind = TW_RECORD_ACCESS;
  record->access = (tw_record_access){.va = va, .kind = kinds[random_below(self, 8)], .size = (uint8_t)size};
}

static void access_make(random_source *self, tw_record *record) {
  uint64_t va = va_draw(self);
  const tw_mode_info *row = tw_mode_row(self->selected);
  if (row->xlen == 64 && random_chance(self, 3))
    va ^= 1ull << (row->va_bits - 1 + random_below(self, 64 - row->va_bits));
  random_access_fill(self, record, va);
  if (is_calm(self) && random_chance(self, 35)) record->access.kind = TW_FETCH;
  record->access.speculative = random_chance(self, 14);
  self->counts.speculative += record->access.speculative;
  if (random_chance(self, 8)) record->access.retries = (uint16_t)(1 + random_below(self, 2));
  if (random_chance(self, 8)) {
    record->access.cancel_after = 1 + random_below(self, 14);
    self->counts.cancels++;
  }
  self->counts.accesses++;
}

static uint16_t asid_draw(random_source *self) {
  unsigned asid = random_below(self, 4);
  if (random_chance(self, 12)) asid |= 1u << random_below(self, 16);
  return (uint16_t)asid;
}

/* A mode of the configuration, the deepest one mostly. */
static tw_mode mode_draw(random_source *self) {
  const unsigned deepest = (unsigned)self->config.mode;
  if (self->mode.xlen == 32 || random_chance(self, 60)) return self->config.mode;
  return (tw_mode)(TW_SV39 + random_below(self, deepest - TW_SV39 + 1));
}

static uint64_t satp_draw(random_source *self, uint64_t asid) {
  const tw_mode mode = mode_draw(self);
  const tw_mode_info *row = tw_mode_row(mode);
  const unsigned root = random_below(self, RANDOM_ROOTS), dice = random_below(self, 100);
  const uint64_t table = random_table_frame(self, row->levels - 1, root);
  uint64_t scheme = dice < 5 ? 0 : row->satp_mode;
  self->counts.modes |= 1ull << (dice < 5 ? TW_BARE : mode);
  if (row->xlen == 32) return scheme << 31 | (asid & 0x1ff) << 22 | table;
  if (dice >= 96) scheme = 1 + random_below(self, 15); /* mostly reserved: rule satp_mode_op_unsupported */
  if (dice >= 5 && dice < 96) {
    self->selected = mode;
    self->root = root;
  }
  return scheme << 60 | (asid & 0xffff) << 44 | table;
}

static void control_make(random_source *self, tw_record *record) {
  static const tw_privilege privileges[] = {TW_USER,       TW_USER,       TW_USER,       TW_USER,
                                            TW_SUPERVISOR, TW_SUPERVISOR, TW_SUPERVISOR, TW_MACHINE};
  static const tw_privilege previous[] = {TW_USER, TW_SUPERVISOR, TW_SUPERVISOR, TW_MACHINE};
  uint16_t asid = asid_draw(self);
  record->kind = TW_RECORD_CONTROL;
  record->control = (tw_record_control){.satp = satp_draw(self, asid),
                                        .privilege = privileges[random_below(self, is_calm(self) ? 7 : 8)],
                                        .mpp = previous[random_below(self, 4)],
                                        .mprv = random_chance(self, 40),
                                        .sum = random_chance(self, 65),
                                        .mxr = random_chance(self, 40),
                                        .adue = random_has(self, TW_EXT_SVADU) && random_chance(self, 70),
                                        .pbmte = random_has(self, TW_EXT_SVPBMT) && random_chance(self, 65)};
  self->counts.controls++;
  self->counts.asids |= 1ull << (asid & 63);
}

static void fence_make(random_source *self, tw_record *record) {
  const unsigned form = random_below(self, 4), dice = random_below(self, 100);
  tw_record_fence *fence = &record->fence;
  record->kind = TW_RECORD_FENCE;
  fence->kind = TW_FENCE_SFENCE_VMA;
  if (random_has(self, TW_EXT_SVINVAL) && dice < 40)
    fence->kind = dice < 25 ? TW_FENCE_SINVAL_VMA : dice < 32 ? TW_FENCE_SFENCE_W_INVAL : TW_FENCE_SFENCE_INVAL_IR;
  self->counts.fence_kinds[fence->kind]++;
  if (fence->kind >= TW_FENCE_SFENCE_W_INVAL) return;
  fence->has_va = form & 1;
  fence->has_asid = form >> 1 & 1;
  if (fence->has_va) fence->va = va_draw(self);
  if (fence->has_va && random_chance(self, 4)) fence->va ^= 1ull << (56 + random_below(self, 8));
  if (fence->has_asid) fence->asid = asid_draw(self);
  self->counts.fences[form]++;
}

static void store_note(entry_place *place, const tw_record_store *store) {
  place->value = (place->value & store->first) | store->second;
}

static void store_make(random_source *self, tw_record *record) {
  entry_place *place = &self->entries[random_below(self, self->entry_count)];
  record->kind = TW_RECORD_STORE;
  record->store = (tw_record_store){.pa = place->pa, .width = (uint8_t)self->mode.pte_bytes};
  uint64_t all = self->mode.pte_bytes == 4 ? 0xffffffffu : ~0ull;
  if (place->value & (TW_PTE_R | TW_PTE_X) && random_chance(self, 40)) { /* what an operating system does */
    uint64_t flags = random_draw(self) & (TW_PTE_A | TW_PTE_D | TW_PTE_W | TW_PTE_U);
    bool set = random_chance(self, 45);
    record->store.first = set ? all : all & ~flags;
    record->store.second = set ? flags : 0;
  } else {
    record->store.second = random_entry_draw(self, place->level);
  }
  store_note(place, &record->store);
  self->counts.stores++;
}

/* A rule that covers a little of what is accessed, or nothing. */
static void pmp_make(random_source *self, tw_record *record) {
  const unsigned index = random_below(self, PMP_EDGES), grain = self->config.pmp_grain;
  static const uint8_t matches[] = {TW_PMP_OFF, TW_PMP_OFF, TW_PMP_TOR, TW_PMP_NA4, TW_PMP_NAPOT, TW_PMP_NAPOT};
  const bool late = self->number * 10 > self->records * 9; /* what cannot be undone comes at the end */
  record->kind = TW_RECORD_PMP;
  record->pmp = (tw_record_pmp){.target = TW_PMP_CFG, .index = (uint8_t)index};
  if (late && random_has(self, TW_EXT_SMEPMP) && random_chance(self, 15)) {
    record->pmp = (tw_record_pmp){.target = TW_PMP_MSECCFG, .value = random_draw(self) & 7};
  } else if (random_chance(self, 50)) {
    const unsigned ones = grain + random_below(self, 9);
    uint64_t value = random_target_draw(self) >> 2;
    if (random_chance(self, 70)) value = (value & ~((2ull << ones) - 1)) | ((1ull << ones) - 1);
    if (self->mode.xlen == 32) value &= 0xffffffffu;
    record->pmp.target = TW_PMP_ADDR;
    record->pmp.value = value;
  } else {
    static const uint8_t all = TW_PMP_R | TW_PMP_W | TW_PMP_X;
    const unsigned dice = random_below(self, 100);
    const uint64_t grants = dice < 18 ? random_draw(self) & all : dice < 36 ? TW_PMP_R : all;
    record->pmp.value = grants | matches[random_below(self, 6)];
    if (late && random_chance(self, 10)) record->pmp.value |= TW_PMP_L;
  }
  self->counts.pmps++;
}

/* The first records: PMP denies nothing, and a mode is selected. */
static bool opening_make(random_source *self, tw_record *record) {
  const bool guarded = self->config.pmp_entries > 0;
  const uint8_t last = (uint8_t)(self->config.pmp_entries - 1);
  if (guarded && self->number < 2) {
    record->kind = TW_RECORD_PMP;
    record->pmp = (tw_record_pmp){.target = self->number ? TW_PMP_CFG : TW_PMP_ADDR, .index = last};
    record->pmp.value = self->mode.xlen == 32 ? 0xffffffffu : (1ull << 54) - 1;
    if (self->number) record->pmp.value = TW_PMP_R | TW_PMP_W | TW_PMP_X | TW_PMP_NAPOT;
    return true;
  }
  if (self->number != (guarded ? 2 : 0)) return false;
  control_make(self, record);
  record->after.all = self->number > 0;
  return true;
}

static void record_make(random_source *self, tw_record *record) {
  if (opening_make(self, record)) return;
  if (self->queue_count == 0) random_story_queue(self, is_calm(self));
  if (self->queue_count) {
    *record = self->queue[self->queue_first];
    self->queue_first = (self->queue_first + 1) % RANDOM_QUEUE;
    self->queue_count--;
    return;
  }
  const unsigned dice = random_below(self, is_calm(self) ? 2600 : 100);
  if (dice < 4) {
    control_make(self, record);
  } else if (dice < 8) {
    fence_make(self, record);
  } else if (dice < 12) {
    store_make(self, record);
  } else if (dice < 14 && self->config.pmp_entries) {
    pmp_make(self, record);
  } else {
    access_make(self, record);
  }
  after_draw(self, record);
}

/* One image holds 8 bytes: on Sv32 two entries, of which the second may be one that no walk reads. */
static void image_make(random_source *self, tw_record *record) {
  const entry_place *place = &self->entries[self->images++];
  record->kind = TW_RECORD_IMAGE;
  record->image.pa = place->pa & ~7ull;
  record->image.value = place->value;
  if (self->mode.pte_bytes == 8) return;
  const entry_place *low = random_entry_at(self, place->pa & ~7ull), *high = random_entry_at(self, place->pa | 4);
  record->image.value = (low ? low->value : 0) | (high ? high->value : 0) << 32;
}

static tw_source_result random_next(tw_source *source, tw_record *record, tw_error *error) {
  random_source *self = (random_source *)source;
  (void)error;
  *record = (tw_record){0};
  if (self->images < self->entry_count) {
    image_make(self, record);
    return TW_SOURCE_RECORD;
  }
  if (self->number == self->records) return TW_SOURCE_END;
  record_make(self, record);
  record->number = self->number++;
  return TW_SOURCE_RECORD;
}

static void random_close(tw_source *source) {
  random_source *self = (random_source *)source;
  tw_trace_header_free(&self->header);
  free(self);
}

static bool header_fill(random_source *self) {
  char names[160] = "";
  size_t used = 0;
  for (unsigned bit = 0; bit < TW_EXT_COUNT; bit++)
    if (self->config.extensions >> bit & 1)
      used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", tw_extension_name(bit));
  bool set = tw_trace_header_set(&self->header, "source", "random") &&
             tw_trace_header_set(&self->header, "needs.mode", "%s", self->mode.name) &&
             tw_trace_header_set(&self->header, "needs.ad", "%s", random_has(self, TW_EXT_SVADU) ? "svadu" : "svade");
  if (used) set = set && tw_trace_header_set(&self->header, "needs.extensions", "%s", names);
  if (self->config.pmp_entries)
    set = set && tw_trace_header_set(&self->header, "needs.pmp", "%u", self->config.pmp_entries);
  return set;
}

tw_source *tw_random_open(const tw_random_options *options, tw_error *error) {
  random_source *self = calloc(1, sizeof *self);
  if (!self) {
    tw_error_set(error, "memory is out");
    return NULL;
  }
  tw_trace_header_init(&self->header, TW_TRACE_MMU);
  self->source = (tw_source){.kind = TW_TRACE_MMU, .next = random_next, .close = random_close, .header = &self->header};
  self->config = *options->config;
  self->selected = options->config->mode;
  self->mode = *tw_mode_row(self->selected);
  self->state = options->seed * 0x2545f4914f6cdd1du;
  self->records = options->records;
  random_world_make(self);
  if (header_fill(self)) return &self->source;
  random_close(&self->source);
  tw_error_set(error, "memory is out");
  return NULL;
}

void tw_random_count(const tw_source *source, tw_random_counts *counts) {
  *counts = ((const random_source *)source)->counts;
}
