/* The page tables of a world: a path to every anchor, and here and there an entry that breaks a rule.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "image.h"
#include "world.h"

#include <string.h>

enum { RIGHTS = TW_PTE_R | TW_PTE_W | TW_PTE_X };

static uint64_t entry_read(uint8_t *ram, uint64_t pa, unsigned bytes) {
  uint64_t entry = 0;
  memcpy(&entry, judge_ram_at(ram, pa, bytes), bytes);
  return entry;
}

static void entry_write(uint8_t *ram, uint64_t pa, unsigned bytes, uint64_t entry) {
  memcpy(judge_ram_at(ram, pa, bytes), &entry, bytes);
}

static uint64_t leaf_draw(const judge_plan *plan, const judge_anchor *anchor, unsigned level, draw *random) {
  static const uint8_t rights[] = {TW_PTE_R,
                                   TW_PTE_R | TW_PTE_W,
                                   TW_PTE_X,
                                   TW_PTE_R | TW_PTE_X,
                                   TW_PTE_R | TW_PTE_W | TW_PTE_X,
                                   TW_PTE_R | TW_PTE_W,
                                   TW_PTE_R | TW_PTE_W | TW_PTE_X};
  const tw_mode_info *info = tw_mode_row(plan->mode);
  uint64_t ppn = anchor->target >> TW_PAGE_BITS >> level * info->vpn_bits << level * info->vpn_bits;
  uint64_t flags = TW_PTE_V | rights[draw_below(random, sizeof rights)] | (draw_bits(random) & 0x300);
  if (draw_one_in(random, 2)) flags |= TW_PTE_U;
  if (draw_one_in(random, 8)) flags |= TW_PTE_G;
  if (!draw_one_in(random, 3)) flags |= TW_PTE_A;
  if (draw_one_in(random, 2)) flags |= TW_PTE_D;
  if (level == 0 && anchor->page_bits == 16) {
    ppn = (ppn & ~UINT64_C(15)) | 8;
    flags |= TW_PTE_N;
  }
  if (plan->pbmte && draw_one_in(random, 3)) flags |= (uint64_t)(1 + draw_below(random, 2)) << TW_PTE_PBMT_SHIFT;
  return ppn << 10 | flags;
}

static uint64_t wide_field_break(uint64_t entry, draw *random) {
  switch (draw_below(random, 4)) {
  case 0:
    return entry | UINT64_C(1) << (54 + draw_below(random, 7));
  case 1:
    return entry | UINT64_C(1) << (TW_PTE_PBMT_SHIFT + draw_below(random, 2));
  case 2:
    return entry | TW_PTE_PBMT;
  default:
    return entry ^ TW_PTE_N;
  }
}

/* Breaks a rule of Sv steps 3 to 5 in a leaf. A leaf that becomes a pointer points to nothing. */
static uint64_t leaf_break(const judge_plan *plan, uint64_t leaf, unsigned level, draw *random) {
  const tw_mode_info *info = tw_mode_row(plan->mode);
  switch (draw_below(random, 6)) {
  case 0:
    return leaf & ~(uint64_t)TW_PTE_V;
  case 1:
    return (leaf & ~(uint64_t)TW_PTE_R) | TW_PTE_W;
  case 2:
    leaf = judge_vacant_draw(plan->variant->xlen, random) >> 2 | TW_PTE_V;
    return draw_one_in(random, 3) ? leaf | (uint64_t)TW_PTE_U << draw_below(random, 4) : leaf;
  case 3:
    return leaf | UINT64_C(1) << (10 + draw_below(random, level == 0 ? 4 : level * info->vpn_bits));
  default:
    return info->pte_bytes == 8 ? wide_field_break(leaf, random) : leaf;
  }
}

static uint64_t pointer_break(const judge_plan *plan, uint64_t pointer, draw *random) {
  const tw_mode_info *info = tw_mode_row(plan->mode);
  switch (draw_below(random, 5)) {
  case 0:
    return pointer & ~(uint64_t)TW_PTE_V;
  case 1:
    return pointer | TW_PTE_W;
  case 2:
    return judge_vacant_draw(plan->variant->xlen, random) >> 2 | TW_PTE_V;
  case 3:
    return pointer | UINT64_C(1) << (draw_one_in(random, 3) ? 4u : 6u + draw_below(random, 2));
  default:
    return info->pte_bytes == 8 ? wide_field_break(pointer, random) : pointer | TW_PTE_A;
  }
}

static uint64_t table_take(judge_plan *plan, uint64_t *next_table) {
  if (*next_table >= JUDGE_FRAMES || plan->table_count == JUDGE_MAX_TABLES) return 0;
  uint64_t table = *next_table;
  *next_table += TW_PAGE_BYTES;
  plan->tables[plan->table_count++] = table;
  return table;
}

static unsigned leaf_level(const judge_plan *plan, const judge_anchor *anchor) {
  return (anchor->page_bits - TW_PAGE_BITS) / tw_mode_row(plan->mode)->vpn_bits;
}

/* The page of stubs: for U-mode, for S-mode. */
static uint64_t stub_leaf_draw(unsigned index, draw *random) {
  uint64_t flags = TW_PTE_V | TW_PTE_R | TW_PTE_X | (index == 0 ? (unsigned)TW_PTE_U : 0u);
  if (!draw_one_in(random, 8)) flags |= TW_PTE_A;
  return JUDGE_STUBS >> 2 | flags;
}

/* The way down to an anchor's leaf. Ends early at an entry of another anchor that is a leaf or broken. */
static bool anchor_insert(judge_plan *plan, unsigned index, draw *random, uint8_t *ram, uint64_t *next_table) {
  const judge_anchor *anchor = &plan->anchors[index];
  const tw_mode_info *info = tw_mode_row(plan->mode);
  unsigned wanted = leaf_level(plan, anchor);
  bool stubs = index < 2;
  uint64_t table = plan->tables[0];
  for (unsigned level = info->levels - 1;; level--) {
    uint64_t pa = tw_pte_address(plan->mode, table >> TW_PAGE_BITS, level, anchor->va);
    uint64_t entry = entry_read(ram, pa, info->pte_bytes);
    if (level == wanted) {
      if (entry != 0) return true;
      entry = leaf_draw(plan, anchor, level, random);
      if (!stubs && draw_one_in(random, 5)) entry = leaf_break(plan, entry, level, random);
      if (stubs) entry = stub_leaf_draw(index, random);
      entry_write(ram, pa, info->pte_bytes, entry);
      return true;
    }
    uint64_t next = (entry & (RIGHTS | TW_PTE_V)) == TW_PTE_V ? entry << 10 >> 20 << 12 : 0;
    if (entry == 0) {
      next = table_take(plan, next_table);
      if (next == 0) return false;
      entry = next >> 2 | TW_PTE_V | (draw_one_in(random, 8) ? (unsigned)TW_PTE_G : 0u);
      if (!stubs && draw_one_in(random, 20)) entry = pointer_break(plan, entry, random);
      entry_write(ram, pa, info->pte_bytes, entry);
    }
    if (next < JUDGE_TABLES || next >= JUDGE_FRAMES) return true;
    table = next;
  }
}

bool judge_tables_draw(judge_plan *plan, draw *random, uint8_t *ram, uint64_t *next_table) {
  uint64_t root = table_take(plan, next_table);
  if (root == 0) return false;
  tw_satp satp = {.mode = plan->mode, .asid = (uint16_t)draw_bits(random), .root_ppn = root >> TW_PAGE_BITS};
  plan->satp = tw_satp_encode(&satp);
  for (unsigned i = 0; i < plan->anchor_count; i++) {
    if (!anchor_insert(plan, i, random, ram, next_table)) return false;
  }
  return true;
}
