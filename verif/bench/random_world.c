/* The world of random stimulus: page tables that several modes share, pages, frames, entries good and bad.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_internal.h"

#define FIRST_FRAME 0x80000ull /* of the tables */
#define DATA_FRAME 0x90000ull  /* of the pages that most leaves point to */
#define DATA_FRAMES 32u
#define IO_FRAME 0x10000ull /* where a configuration may have I/O */

uint64_t random_draw(random_source *self) {
  self->state += 0x9e3779b97f4a7c15u;
  uint64_t x = self->state;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

unsigned random_below(random_source *self, unsigned limit) {
  return (unsigned)((random_draw(self) >> 11) % limit);
}

bool random_chance(random_source *self, unsigned percent) {
  return random_below(self, 100) < percent;
}

/* A frame of the first region with tables and without updates; the ordinary place if there is none. */
static uint64_t still_frame(const random_source *self) {
  for (unsigned i = 0; i < self->config.regions.count; i++) {
    const tw_pma *region = &self->config.regions.region[i];
    if (region->tables && !region->updates) return region->base >> TW_PAGE_BITS;
  }
  return FIRST_FRAME;
}

/* Roots and tables are the same at the levels at which some mode begins; the last of each level lies where A and D may
 * not be updated, if there is such a region. */
uint64_t random_table_frame(const random_source *self, unsigned level, unsigned which) {
  const uint64_t base = which == RANDOM_TABLES - 1 ? still_frame(self) : FIRST_FRAME;
  return base + level * RANDOM_TABLES + which;
}

static uint64_t flags_draw(random_source *self, bool leaf) {
  uint64_t flags = TW_PTE_V;
  if (random_chance(self, 14)) flags |= TW_PTE_G;
  if (!leaf) return random_chance(self, 1) ? flags | (random_draw(self) & (TW_PTE_D | TW_PTE_A | TW_PTE_U)) : flags;
  static const uint64_t permissions[] = {TW_PTE_R,
                                         TW_PTE_X,
                                         TW_PTE_R | TW_PTE_W,
                                         TW_PTE_R | TW_PTE_X,
                                         TW_PTE_R | TW_PTE_W | TW_PTE_X,
                                         TW_PTE_R | TW_PTE_W | TW_PTE_X};
  const bool svadu = random_has(self, TW_EXT_SVADU);
  flags |= permissions[random_below(self, 6)];
  if (random_chance(self, 65)) flags |= TW_PTE_U;
  if (random_chance(self, svadu ? 75 : 93)) flags |= TW_PTE_A;
  if (random_chance(self, svadu ? 65 : 85)) flags |= TW_PTE_D;
  return flags;
}

static uint64_t ppn_draw(random_source *self) {
  const unsigned dice = random_below(self, 100);
  const unsigned width = self->config.pa_bits - TW_PAGE_BITS;
  if (dice < 74) return DATA_FRAME + random_below(self, DATA_FRAMES);
  if (dice < 82) return IO_FRAME + random_below(self, 16);
  if (dice < 90) return still_frame(self) + 64 + random_below(self, 16);
  if (dice < 97) return random_draw(self) & ((1ull << width) - 1);
  return random_draw(self) & ((1ull << self->mode.ppn_bits) - 1);
}

static uint64_t leaf_draw(random_source *self, unsigned level) {
  uint64_t ppn = ppn_draw(self);
  if (!random_chance(self, 8)) ppn &= ~((1ull << (level * self->mode.vpn_bits)) - 1);
  uint64_t entry = ppn << 10 | flags_draw(self, true);
  if (random_has(self, TW_EXT_SVPBMT) && random_chance(self, 30)) entry |= random_draw(self) & TW_PTE_PBMT;
  if (random_has(self, TW_EXT_SVRSW60T59B) && random_chance(self, 20)) entry |= random_draw(self) & TW_PTE_RSW60T59;
  if (!random_has(self, TW_EXT_SVNAPOT) || !random_chance(self, level ? 3 : 30)) return entry;
  if (random_chance(self, 90)) entry = (entry & ~(0xfull << 10)) | 8ull << 10;
  return entry | TW_PTE_N;
}

uint64_t random_misstep_draw(random_source *self) {
  const bool narrow = self->config.pa_bits < self->mode.pa_bits;
  static const uint64_t reserved[] = {TW_PTE_D, TW_PTE_A, TW_PTE_U};
  if (random_chance(self, 30)) return TW_PTE_V | reserved[random_below(self, 3)];
  const uint64_t beyond = 1ull << (self->mode.ppn_bits - 1);
  return (narrow && random_chance(self, 50) ? beyond : IO_FRAME) << 10 | TW_PTE_V;
}

/* A pointer, mostly to a table. */
static uint64_t pointer_draw(random_source *self, unsigned level) {
  if (random_below(self, 200) == 0) return random_misstep_draw(self);
  const uint64_t frame = random_table_frame(self, level ? level - 1 : 0, random_below(self, RANDOM_TABLES));
  return frame << 10 | flags_draw(self, false);
}

uint64_t random_entry_draw(random_source *self, unsigned level) {
  const unsigned dice = random_below(self, 1000);
  const uint64_t rsw = (random_draw(self) & 3) << 8, all = self->mode.pte_bytes == 4 ? 0xffffffffu : ~0ull;
  const unsigned bad = level ? 8 : 60; /* few entries stand above many pages */
  uint64_t entry;
  if (dice < bad) return random_draw(self) & ~(uint64_t)TW_PTE_V & all;
  if (dice < 2 * bad) return (leaf_draw(self, level) & ~(uint64_t)(TW_PTE_R | TW_PTE_X)) | TW_PTE_W;
  if (level > 0 ? dice < 870 : dice < 150) {
    entry = pointer_draw(self, level);
  } else {
    entry = leaf_draw(self, level);
  }
  if (self->mode.pte_bytes == 8 && random_below(self, 1000) < bad / 2) entry |= 1ull << (54 + random_below(self, 10));
  return entry | rsw;
}

/* Canonical in one of the modes, and so in the deeper ones. One entry number of the last level is much in use, so that
 * many pages fall into one set of the L2 TLB. */
static void page_make(random_source *self, unsigned which) {
  unsigned mode = (unsigned)self->config.mode;
  if (self->mode.xlen == 64 && random_chance(self, 50)) mode = TW_SV39 + random_below(self, mode - TW_SV39 + 1);
  const tw_mode_info *row = tw_mode_row((tw_mode)mode);
  uint64_t va = 0;
  for (unsigned level = 0; level < row->levels; level++) {
    uint64_t field = level == 0 ? random_below(self, 40) : random_below(self, 2);
    if (level == 0 && random_chance(self, 40)) field = 3;
    if (level == row->levels - 1 && random_chance(self, 40)) field = (1ull << row->vpn_bits) - 1 - field;
    va |= field << (TW_PAGE_BITS + level * row->vpn_bits);
  }
  const unsigned unused = 64 - row->va_bits;
  if (row->xlen == 64) va = (uint64_t)((int64_t)(va << unused) >> unused);
  self->pages[which] = va;
}

entry_place *random_entry_at(random_source *self, uint64_t pa) {
  for (unsigned i = 0; i < self->entry_count; i++)
    if (self->entries[i].pa == pa) return &self->entries[i];
  return NULL;
}

static void entry_add(random_source *self, uint64_t pa, unsigned level) {
  if (!random_entry_at(self, pa) && self->entry_count < RANDOM_ENTRIES_MAX)
    self->entries[self->entry_count++] = (entry_place){pa, random_entry_draw(self, level), level};
}

/* Half of the pages of 64 KiB that were drawn are made whole: all sixteen entries are there, and say the same. */
static void napot_complete(random_source *self) {
  const unsigned count = self->entry_count;
  for (unsigned i = 0; i < count; i++) {
    const entry_place drawn = self->entries[i];
    if (drawn.level != 0 || !(drawn.value & TW_PTE_N) || random_chance(self, 50)) continue;
    for (uint64_t n = 0; n < 16; n++) {
      const uint64_t pa = (drawn.pa & ~127ull) + 8 * n;
      entry_add(self, pa, 0);
      entry_place *place = random_entry_at(self, pa);
      if (place) place->value = drawn.value;
    }
  }
}

void random_world_make(random_source *self) {
  for (unsigned i = 0; i < RANDOM_PAGES; i++) page_make(self, i);
  for (unsigned level = 0; level < self->mode.levels; level++)
    for (unsigned table = 0; table < RANDOM_TABLES; table++)
      for (unsigned i = 0; i < RANDOM_PAGES; i++)
        entry_add(self,
                  tw_pte_address(self->config.mode, random_table_frame(self, level, table), level, self->pages[i]),
                  level);
  if (random_has(self, TW_EXT_SVNAPOT)) napot_complete(self);
}

entry_place *random_entry_of(random_source *self, uint64_t va, unsigned level) {
  const tw_mode_info *row = tw_mode_row(self->selected);
  uint64_t table = random_table_frame(self, row->levels - 1, self->root);
  for (unsigned at = row->levels; at-- > 0;) {
    entry_place *place = random_entry_at(self, tw_pte_address(self->selected, table, at, va));
    if (!place || !(place->value & TW_PTE_V)) return NULL;
    if (at == level || place->value & (TW_PTE_R | TW_PTE_X)) return place;
    table = place->value >> 10 & ((1ull << row->ppn_bits) - 1);
  }
  return NULL;
}

entry_place *random_leaf_of(random_source *self, uint64_t va) {
  entry_place *place = random_entry_of(self, va, 0);
  return place && place->value & (TW_PTE_R | TW_PTE_X) ? place : NULL;
}

uint64_t random_target_draw(random_source *self) {
  if (random_chance(self, 35)) return self->entries[random_below(self, self->entry_count)].pa;
  return (DATA_FRAME + random_below(self, DATA_FRAMES)) << TW_PAGE_BITS | (random_draw(self) & 0xff8);
}
