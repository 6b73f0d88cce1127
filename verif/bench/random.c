/* Draws records from a seed. The world is small on purpose: few pages, few tables, few ASIDs, so that things meet.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_FRAME 0x80000ull /* of the tables */
#define ROOTS 3u
#define TABLES 3u /* of each level below the root */
#define PAGES 56u /* virtual pages that are touched */
#define ENTRIES_MAX 1000u

/* An entry of a table that some page's walk may read. */
typedef struct entry_place {
  uint64_t pa;
  unsigned level;
} entry_place;

typedef struct random_source {
  tw_source source; /* first */
  tw_trace_header header;
  tw_mode_info mode;
  tw_mode selected;
  tw_config config;
  uint64_t state; /* of the generator */
  uint64_t pages[PAGES];
  entry_place entries[ENTRIES_MAX];
  unsigned entry_count;
  unsigned images; /* given so far */
  uint64_t number, records;
  tw_random_counts counts;
} random_source;

static uint64_t draw(random_source *self) {
  self->state += 0x9e3779b97f4a7c15u;
  uint64_t x = self->state;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static unsigned draw_below(random_source *self, unsigned limit) {
  return (unsigned)((draw(self) >> 11) % limit);
}

static bool chance(random_source *self, unsigned percent) {
  return draw_below(self, 100) < percent;
}

/* Table t of a level; the roots come first. */
static uint64_t table_frame(const random_source *self, unsigned level, unsigned which) {
  if (level == self->mode.levels - 1) return FIRST_FRAME + which;
  return FIRST_FRAME + ROOTS + level * TABLES + which;
}

static uint64_t flags_draw(random_source *self, bool leaf) {
  uint64_t flags = TW_PTE_V;
  if (chance(self, 18)) flags |= TW_PTE_G;
  if (!leaf) return chance(self, 6) ? flags | (draw(self) & (TW_PTE_D | TW_PTE_A | TW_PTE_U)) : flags;
  static const uint64_t permissions[] = {TW_PTE_R,
                                         TW_PTE_X,
                                         TW_PTE_R | TW_PTE_W,
                                         TW_PTE_R | TW_PTE_X,
                                         TW_PTE_R | TW_PTE_W | TW_PTE_X,
                                         TW_PTE_R | TW_PTE_W | TW_PTE_X};
  flags |= permissions[draw_below(self, 6)];
  if (chance(self, 40)) flags |= TW_PTE_U;
  if (chance(self, 93)) flags |= TW_PTE_A;
  if (chance(self, 85)) flags |= TW_PTE_D;
  return flags;
}

static uint64_t leaf_draw(random_source *self, unsigned level) {
  uint64_t ppn = draw(self) & ((1ull << self->mode.ppn_bits) - 1);
  if (!chance(self, 15)) ppn &= ~((1ull << (level * self->mode.vpn_bits)) - 1);
  return ppn << 10 | flags_draw(self, true);
}

static uint64_t entry_draw(random_source *self, unsigned level) {
  unsigned dice = draw_below(self, 100);
  uint64_t rsw = (draw(self) & 3) << 8;
  uint64_t entry;
  if (dice < 6) return draw(self) & ~(uint64_t)TW_PTE_V & (self->mode.pte_bytes == 4 ? 0xffffffffu : ~0ull);
  if (dice < 9) return (leaf_draw(self, level) & ~(uint64_t)(TW_PTE_R | TW_PTE_X)) | TW_PTE_W;
  if (level > 0 && dice < 86) {
    entry = table_frame(self, level - 1, draw_below(self, TABLES)) << 10 | flags_draw(self, false);
  } else if (level == 0 && dice < 12) {
    entry = table_frame(self, 0, 0) << 10 | flags_draw(self, false);
  } else {
    entry = leaf_draw(self, level);
  }
  if (self->mode.pte_reserved && chance(self, 4)) entry |= 1ull << (54 + draw_below(self, 10));
  return entry | rsw;
}

static void page_make(random_source *self, unsigned which) {
  uint64_t va = 0;
  for (unsigned level = 0; level < self->mode.levels; level++) {
    unsigned choices = level == 0 ? 12 : 2;
    uint64_t field = draw_below(self, choices);
    if (level == self->mode.levels - 1 && chance(self, 40)) field = (1ull << self->mode.vpn_bits) - 1 - field;
    va |= field << (TW_PAGE_BITS + level * self->mode.vpn_bits);
  }
  unsigned unused = 64 - self->mode.va_bits;
  if (self->mode.xlen == 64) va = (uint64_t)((int64_t)(va << unused) >> unused);
  self->pages[which] = va;
}

static void entry_add(random_source *self, uint64_t pa, unsigned level) {
  for (unsigned i = 0; i < self->entry_count; i++)
    if (self->entries[i].pa == pa) return;
  if (self->entry_count < ENTRIES_MAX) self->entries[self->entry_count++] = (entry_place){pa, level};
}

static void world_make(random_source *self) {
  for (unsigned i = 0; i < PAGES; i++) page_make(self, i);
  for (unsigned level = 0; level < self->mode.levels; level++) {
    unsigned tables = level == self->mode.levels - 1 ? ROOTS : TABLES;
    for (unsigned t = 0; t < tables; t++)
      for (unsigned i = 0; i < PAGES; i++)
        entry_add(self, tw_pte_address(self->selected, table_frame(self, level, t), level, self->pages[i]), level);
  }
}

static void after_draw(random_source *self, tw_record *record) {
  unsigned dice = draw_below(self, 100);
  if (dice < 5) {
    record->after.all = self->number > 0;
  } else if (dice < 45) {
    for (unsigned i = dice < 35 ? 1 : 1 + draw_below(self, TW_AFTER_MAX); i > 0; i--) {
      uint32_t back = dice < 25 ? i : 1 + draw_below(self, 6);
      if (back <= self->number) record->after.back[record->after.count++] = back;
    }
  }
  if (chance(self, 20)) record->delay = draw_below(self, 10);
}

/* Every other two thousand records are calm: TLBs fill up and replace, where else fences and switches empty them. */
static bool is_calm(const random_source *self) {
  return self->number >> 11 & 1;
}

static uint64_t va_draw(random_source *self) {
  unsigned hot = draw_below(self, 100) < (is_calm(self) ? 5 : 65) ? 4 : PAGES;
  uint64_t base = (self->number >> 7) % PAGES; /* the hot ones wander */
  uint64_t va = self->pages[(base + draw_below(self, hot)) % PAGES] | (draw(self) & 0xff8);
  if (self->mode.xlen == 64 && chance(self, 4))
    va ^= 1ull << (self->mode.va_bits - 1 + draw_below(self, 64 - self->mode.va_bits));
  return va;
}

static void access_make(random_source *self, tw_record *record) {
  static const tw_access kinds[] = {TW_FETCH, TW_FETCH, TW_LOAD, TW_LOAD, TW_LOAD, TW_STORE, TW_STORE, TW_AMO};
  record->kind = TW_RECORD_ACCESS;
  record->access = (tw_record_access){.va = va_draw(self), .kind = kinds[draw_below(self, 8)], .size = 8};
  if (is_calm(self) && chance(self, 35)) record->access.kind = TW_FETCH;
  record->access.speculative = chance(self, 10);
  if (chance(self, 8)) record->access.retries = (uint16_t)(1 + draw_below(self, 2));
  if (chance(self, 8)) {
    record->access.cancel_after = 1 + draw_below(self, 14);
    self->counts.cancels++;
  }
  self->counts.accesses++;
}

static uint64_t satp_draw(random_source *self, uint64_t asid) {
  uint64_t root = table_frame(self, self->mode.levels - 1, draw_below(self, ROOTS));
  unsigned dice = draw_below(self, 100);
  uint64_t scheme = dice < 6 ? 0 : self->mode.satp_mode;
  if (self->mode.xlen == 32) return scheme << 31 | (asid & 0x1ff) << 22 | root;
  if (dice >= 95) scheme = 1 + draw_below(self, 7); /* reserved: rule satp_mode_op_unsupported */
  return scheme << 60 | (asid & 0xffff) << 44 | root;
}

static uint16_t asid_draw(random_source *self) {
  unsigned asid = draw_below(self, 4);
  if (chance(self, 20)) asid |= 1u << draw_below(self, 16);
  return (uint16_t)asid;
}

static void control_make(random_source *self, tw_record *record) {
  static const tw_privilege privileges[] = {TW_USER,       TW_USER,       TW_USER,       TW_SUPERVISOR,
                                            TW_SUPERVISOR, TW_SUPERVISOR, TW_SUPERVISOR, TW_MACHINE};
  static const tw_privilege previous[] = {TW_USER, TW_SUPERVISOR, TW_SUPERVISOR, TW_MACHINE};
  uint16_t asid = asid_draw(self);
  record->kind = TW_RECORD_CONTROL;
  record->control = (tw_record_control){.satp = satp_draw(self, asid),
                                        .privilege = privileges[draw_below(self, 8)],
                                        .mpp = previous[draw_below(self, 4)],
                                        .mprv = chance(self, 40),
                                        .sum = chance(self, 50),
                                        .mxr = chance(self, 40)};
  self->counts.controls++;
  self->counts.asids |= 1ull << (asid & 63);
}

static void fence_make(random_source *self, tw_record *record) {
  unsigned form = draw_below(self, 4);
  record->kind = TW_RECORD_FENCE;
  record->fence.has_va = form & 1;
  record->fence.has_asid = form >> 1 & 1;
  if (record->fence.has_va) record->fence.va = va_draw(self);
  if (record->fence.has_asid) record->fence.asid = asid_draw(self);
  self->counts.fences[form]++;
}

static void store_make(random_source *self, tw_record *record) {
  const entry_place *place = &self->entries[draw_below(self, self->entry_count)];
  record->kind = TW_RECORD_STORE;
  record->store = (tw_record_store){.pa = place->pa, .width = (uint8_t)self->mode.pte_bytes};
  uint64_t all = self->mode.pte_bytes == 4 ? 0xffffffffu : ~0ull;
  if (chance(self, 30)) { /* what an operating system does: set or clear a flag */
    uint64_t flags = draw(self) & (TW_PTE_A | TW_PTE_D | TW_PTE_W | TW_PTE_U);
    bool set = chance(self, 60);
    record->store.first = set ? all : all & ~flags;
    record->store.second = set ? flags : 0;
  } else {
    record->store.second = entry_draw(self, place->level);
  }
  self->counts.stores++;
}

static tw_source_result random_next(tw_source *source, tw_record *record, tw_error *error) {
  random_source *self = (random_source *)source;
  (void)error;
  *record = (tw_record){0};
  /* One image holds 8 bytes: on Sv32 two entries, so images are drawn for whole words. */
  if (self->images < self->entry_count) {
    const entry_place *place = &self->entries[self->images++];
    record->kind = TW_RECORD_IMAGE;
    record->image.pa = place->pa & ~7ull;
    record->image.value = entry_draw(self, place->level);
    if (self->mode.pte_bytes == 4) record->image.value |= entry_draw(self, place->level) << 32;
    return TW_SOURCE_RECORD;
  }
  if (self->number == self->records) return TW_SOURCE_END;
  unsigned dice = draw_below(self, is_calm(self) ? 2400 : 100);
  if (self->number == 0 || dice < 4) {
    control_make(self, record);
  } else if (dice < 8) {
    fence_make(self, record);
  } else if (dice < 12) {
    store_make(self, record);
  } else {
    access_make(self, record);
  }
  after_draw(self, record);
  record->number = self->number++;
  return TW_SOURCE_RECORD;
}

static void random_close(tw_source *source) {
  random_source *self = (random_source *)source;
  tw_trace_header_free(&self->header);
  free(self);
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
  world_make(self);
  if (tw_trace_header_set(&self->header, "source", "random") &&
      tw_trace_header_set(&self->header, "needs.mode", "%s", self->mode.name))
    return &self->source;
  random_close(&self->source);
  tw_error_set(error, "memory is out");
  return NULL;
}

void tw_random_count(const tw_source *source, tw_random_counts *counts) {
  *counts = ((const random_source *)source)->counts;
}
