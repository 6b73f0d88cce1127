/* Random configurations and random page tables.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_world.h"

#include <string.h>

#define PAGES_SPARED 8u /* tables are not grown when fewer are left */
#define FIRST ((uint64_t)HARNESS_FIRST_PPN * TW_PAGE_BYTES)

static unsigned below(const world *w, unsigned bound) {
  return harness_random_below(w->random, bound);
}

static void l2_draw(tw_l2_config *l2, harness_random *random) {
  if (harness_random_below(random, 3) == 0) return;
  l2->ways = 1 + harness_random_below(random, 5);
  l2->entries = l2->ways;
  while (l2->entries < 16 || harness_random_below(random, 3) == 0) l2->entries *= 2;
  l2->latency = 1 + harness_random_below(random, TW_MAX_L2_LATENCY);
  l2->replacement = harness_random_below(random, 2) ? TW_RANDOM : TW_PLRU;
  l2->super_entries = harness_random_below(random, 5);
}

static void regions_draw(tw_pma_table *regions, harness_random *random) {
  if (harness_random_below(random, 3) != 0) return;
  *regions = (tw_pma_table){
      4,
      {{FIRST, 19, false, true, true}, /* the first half of the tables */
       {FIRST + (UINT64_C(1) << 19), 19, false, true, harness_random_below(random, 2) != 0}, /* the second */
       {0, 30, false, false, false},
       {UINT64_C(1) << 31 | UINT64_C(1) << 30, 30, true, harness_random_below(random, 2) != 0, false}}};
}

tw_config world_config_draw(harness_random *random) {
  static const unsigned pmp_entries[] = {0, 0, 16, 64};
  tw_mode mode = (tw_mode)(TW_SV32 + harness_random_below(random, 4));
  const tw_mode_info *row = tw_mode_row(mode);
  tw_config config = mode == TW_SV32 ? TW_CONFIG_TINY32 : TW_CONFIG_BASE39;
  unsigned foreign = mode == TW_SV32 ? TW_EXT_SVNAPOT | TW_EXT_SVPBMT | TW_EXT_SVRSW60T59B : 0;
  config.mode = mode;
  config.extensions = harness_random_below(random, 1u << TW_EXT_COUNT) & ~foreign;
  config.pa_bits =
      harness_random_below(random, 2) ? row->pa_bits : 32 + harness_random_below(random, row->pa_bits - 31);
  config.asid_bits = harness_random_below(random, row->asid_bits + 1);
  config.fetch_entries = 1 + harness_random_below(random, 6);
  config.data_entries = 1 + harness_random_below(random, harness_random_below(random, 4) ? 9 : 64);
  config.fetch_slots = 1 + harness_random_below(random, TW_MAX_SLOTS);
  config.data_slots = 1 + harness_random_below(random, TW_MAX_SLOTS);
  l2_draw(&config.l2, random);
  config.walk_entries = harness_random_below(random, 2) ? harness_random_below(random, 6) : 0;
  config.walkers = 1 + harness_random_below(random, TW_MAX_WALKERS);
  config.pmp_entries = pmp_entries[harness_random_below(random, 4)];
  config.pmp_grain = harness_random_below(random, 3) ? 0 : harness_random_below(random, 12);
  regions_draw(&config.regions, random);
  return config;
}

static uint64_t ppn_draw(const world *w, unsigned level) {
  const tw_mode_info *row = w->h->row;
  uint64_t ppn = harness_random_next(w->random) & ((UINT64_C(1) << row->ppn_bits) - 1);
  if (below(w, 12)) ppn &= (UINT64_C(1) << (w->h->config.pa_bits - TW_PAGE_BITS)) - 1;
  if (w->h->config.regions.count && below(w, 4)) ppn &= (UINT64_C(1) << 18) - 1;
  if (below(w, 12)) ppn = ppn >> (level * row->vpn_bits) << (level * row->vpn_bits);
  return ppn;
}

static uint64_t leaf_draw(const world *w, unsigned level, bool may_be_global) {
  uint64_t flags = RWX | (below(w, 2) ? (uint64_t)TW_PTE_U : 0u);
  if (below(w, 5) == 0) flags = below(w, 256) | (below(w, 4) ? V_R_A : 0u);
  if (below(w, 3) == 0) flags &= ~(uint64_t)TW_PTE_D;
  if (below(w, 4) == 0) flags &= ~(uint64_t)(TW_PTE_A | TW_PTE_D);
  if (!may_be_global || below(w, 2) == 0) flags &= ~(uint64_t)TW_PTE_G;
  uint64_t pte = ppn_draw(w, level) << 10 | flags;
  if (w->h->row->pte_bytes == 4) return pte & UINT32_MAX;
  if (below(w, 40) == 0) pte |= UINT64_C(1) << (54 + below(w, 9));
  if (below(w, 30) == 0) pte = (pte | TW_PTE_N) & ~(UINT64_C(15) << 10); /* no size that there is */
  if (below(w, 5) == 0) pte |= (uint64_t)(below(w, 30) ? below(w, 3) : 3) << TW_PTE_PBMT_SHIFT;
  return pte;
}

static void napot_draw(const world *w, uint64_t table, bool may_be_global) {
  uint64_t pte = (leaf_draw(w, 0, may_be_global) & ~(UINT64_C(15) << 10)) | TW_PTE_N | UINT64_C(8) << 10;
  for (uint64_t index = 0; index < 16; index++) harness_write(w->h, table << TW_PAGE_BITS | index * 8, pte);
}

/* Fills the entries of a table that addresses are likely to meet. Nothing is global under PMP, which may deny one space
 * the way to a page that another may walk to. */
static void table_grow(const world *w, uint64_t table, unsigned level, bool is_root, bool shared) {
  harness *h = w->h;
  unsigned last = (1u << h->row->vpn_bits) - 1;
  bool napot = level == 0 && h->config.extensions & TW_EXT_SVNAPOT && below(w, 2) == 0;
  if (napot) napot_draw(w, table, shared);
  for (unsigned i = napot ? 4 : 0; i < 8; i++) {
    unsigned index = i < 4 ? i : last - (i - 4);
    bool upper = h->config.pmp_entries == 0 && (is_root ? index > last / 2 : shared);
    bool room = h->pages_used + PAGES_SPARED < HARNESS_PAGES;
    /* A root's own entries are copied: an update of one is no update of the others. */
    uint64_t pte = leaf_draw(w, level, upper && !is_root);
    if (level > 0 && room && below(w, 4)) {
      uint64_t child = harness_table(h);
      table_grow(w, child, level - 1, false, upper);
      pte = child << 10 | TW_PTE_V | (upper && below(w, 6) == 0 ? TW_PTE_G : 0u);
    } else if (level > 0 && below(w, 6) == 0) {
      pte = ppn_draw(w, 0) << 10 | TW_PTE_V; /* a pointer to anywhere */
    }
    harness_write(h, table << TW_PAGE_BITS | index * h->row->pte_bytes, pte);
  }
}

void world_make(world *w, harness *h, harness_random *random) {
  w->h = h;
  w->random = random;
  h->mode = h->config.mode;
  if (h->config.mode > TW_SV39 && below(w, 3) == 0) h->mode = (tw_mode)(h->config.mode - 1);
  unsigned levels = tw_mode_row(h->mode)->levels;
  w->spaces = h->config.asid_bits >= 2 ? WORLD_SPACES : 1u << h->config.asid_bits;
  uint64_t first_root = HARNESS_FIRST_PPN;
  for (unsigned s = 0; s < w->spaces; s++) {
    uint64_t root = harness_table(h);
    table_grow(w, root, levels - 1, true, false);
    for (unsigned at = 2048; s > 0 && at < TW_PAGE_BYTES; at += h->row->pte_bytes) { /* the upper half */
      uint64_t pte = 0;
      assert_true(harness_read(h, first_root << TW_PAGE_BITS | at, h->row->pte_bytes, &pte));
      harness_write(h, root << TW_PAGE_BITS | at, pte);
    }
    uint64_t ignored = (uint64_t)below(w, 16) << h->config.asid_bits; /* bits above ASIDLEN */
    uint64_t asid = (s | ignored) & ((UINT64_C(1) << h->row->asid_bits) - 1);
    w->satps[s] = harness_satp(h, root, (uint16_t)asid);
  }
  memcpy(w->words, h->words, sizeof w->words);
}

uint64_t world_va_draw(const world *w) {
  const tw_mode_info *row = tw_mode_row(w->h->mode);
  uint64_t va = 0;
  for (unsigned level = 0; level < row->levels; level++) {
    uint64_t last = (1u << row->vpn_bits) - 1;
    uint64_t index = below(w, 4);
    if (below(w, 3) == 0) index = last - index;
    if (level == 0 && below(w, 3) == 0) index = below(w, 16);
    va |= index << (TW_PAGE_BITS + level * row->vpn_bits);
  }
  if (row->xlen == 64 && va >> (row->va_bits - 1) & 1) va |= UINT64_MAX << row->va_bits;
  if (row->xlen == 64 && below(w, 60) == 0) va ^= UINT64_C(1) << (row->va_bits - 1 + below(w, 65 - row->va_bits));
  return va;
}

/* Rules for stretches of the tables and of what they map; the last entry, which grants everything, stays. */
void world_pmp_draw(const world *w) {
  harness *h = w->h;
  unsigned index = below(w, 6);
  unsigned what = below(w, 20);
  uint64_t pa =
      below(w, 2) ? FIRST + (uint64_t)below(w, HARNESS_PAGES * TW_PAGE_BYTES) : ppn_draw(w, 0) << TW_PAGE_BITS;
  if (what == 0) {
    harness_pmp(h, TW_PIN_PMP_MSECCFG, 0, below(w, 40) ? TW_MSECCFG_RLB : below(w, 8));
  } else if (what < 10) {
    uint64_t bits = (UINT64_C(1) << below(w, 16)) - 1;
    harness_pmp(h, TW_PIN_PMP_ADDR, index, ((pa >> 2) & ~bits) | bits >> 1);
  } else {
    unsigned rights = below(w, 3) ? TW_PMP_R | TW_PMP_W | TW_PMP_X : below(w, 8);
    unsigned lock = below(w, 200) == 0 ? TW_PMP_L : 0;
    harness_pmp(h, TW_PIN_PMP_CFG, index, below(w, 4) << 3 | rights | lock);
  }
}
