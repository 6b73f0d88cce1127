/* Makes page tables.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#define ROOT 0x80000u /* frames */
#define OTHER_ROOT 0x80001u
#define TABLES 0x80010u       /* of the page, by level */
#define OTHER_TABLES 0x80020u /* of the other page */
#define LEAF_FRAME 0x80300u   /* of small pages: within main memory everywhere */

static bool entry_write(const sweep_world *world, tw_memory *memory, uint64_t table, unsigned level, uint64_t va,
                        uint64_t entry) {
  return tw_memory_write(memory, tw_pte_address(world->page.mode, table, level, va), world->row->pte_bytes, entry);
}

/* The leaf of an address in a page of a level: larger ones lie at the lowest address above 2 GiB that is aligned. */
static uint64_t leaf_make(const sweep_world *world, unsigned level, uint64_t number) {
  const unsigned shift = level * world->row->vpn_bits;
  uint64_t ppn = (UINT64_C(0x80000) >> shift) << shift;
  if (ppn == 0) ppn = UINT64_C(1) << shift;
  if (level == 0) ppn = LEAF_FRAME + (number & 0xff);
  uint64_t entry = ppn << 10 | TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X;
  if (world->page.user) entry |= TW_PTE_U;
  if (!world->page.stale) entry |= TW_PTE_A | TW_PTE_D;
  if (world->page.global_leaf) entry |= TW_PTE_G;
  return entry;
}

/* N: sixteen entries of one 64 KiB page. */
static bool napot_write(const sweep_world *world, tw_memory *memory, uint64_t table, uint64_t va) {
  const uint64_t first = va & ~UINT64_C(0xffff);
  const uint64_t ppn = (LEAF_FRAME + 0x100 + (first >> 12 & 0xf0)) | 8;
  const uint64_t entry = (leaf_make(world, 0, 0) & 0x3ff) | ppn << 10 | TW_PTE_N;
  for (unsigned i = 0; i < 16; i++)
    if (!entry_write(world, memory, table, 0, first + i * TW_PAGE_BYTES, entry)) return false;
  return true;
}

/* The way to an address from a root, through tables of its own or of others. */
static bool path_write(const sweep_world *world, tw_memory *memory, uint64_t root, uint64_t tables, uint64_t va) {
  uint64_t table = root;
  for (unsigned level = world->row->levels - 1; level > world->page.leaf; level--) {
    const uint64_t next = tables + level;
    const uint64_t global = world->page.global_pointer ? TW_PTE_G : 0;
    if (!entry_write(world, memory, table, level, va, next << 10 | TW_PTE_V | global)) return false;
    table = next;
  }
  if (world->page.napot) return napot_write(world, memory, table, va);
  return entry_write(world, memory, table, world->page.leaf, va, leaf_make(world, world->page.leaf, va >> 12));
}

bool sweep_world_make(sweep_world *world, const sweep_page *page, tw_memory *memory) {
  const tw_mode_info *row = tw_mode_row(page->mode);
  const unsigned shift = TW_PAGE_BITS + page->leaf * row->vpn_bits;
  *world = (sweep_world){.page = *page, .row = row, .root = ROOT, .other_root = OTHER_ROOT};
  for (unsigned level = 0; level < row->levels; level++)
    world->va |= UINT64_C(0x25) << (TW_PAGE_BITS + level * row->vpn_bits);
  world->neighbour = world->va + (page->napot ? UINT64_C(0x10000) : UINT64_C(1) << shift);
  world->other = world->va + (UINT64_C(3) << (TW_PAGE_BITS + (row->levels - 1) * row->vpn_bits));
  world->part = page->napot ? world->va ^ 0x3000 : page->leaf ? world->va ^ 0x5000 : world->va;
  uint64_t table = ROOT;
  for (unsigned level = row->levels; level-- > page->leaf;) {
    world->entry[level] = tw_pte_address(page->mode, table, level, world->va);
    table = TABLES + level;
  }
  if (!path_write(world, memory, ROOT, TABLES, world->neighbour)) return false;
  if (!path_write(world, memory, ROOT, OTHER_TABLES, world->other)) return false;
  if (!path_write(world, memory, OTHER_ROOT, OTHER_TABLES, world->va)) return false;
  if (!path_write(world, memory, ROOT, TABLES, world->va)) return false;
  world->leaf = tw_memory_read_value(memory, world->entry[page->leaf], row->pte_bytes);
  return true;
}

uint64_t sweep_satp(const sweep_world *world, uint64_t root, unsigned asid) {
  const uint64_t scheme = world->row->satp_mode;
  if (world->row->xlen == 32) return scheme << 31 | (uint64_t)(asid & 0x1ff) << 22 | root;
  return scheme << 60 | (uint64_t)(asid & 0xffff) << 44 | root;
}
