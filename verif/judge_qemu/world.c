/* A world: which mode, and what to aim at.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <string.h>

/* Vacant on the virt machine: from the end of RAM to the upper PCI window, and (RV64) all above 2^40. */
#define UPPER_PCI UINT64_C(0x300000000)
#define FAR_BITS 40u
#define WIDTH_BITS 56u

unsigned judge_world_extensions(const judge_variant *variant, bool pbmte) {
  unsigned implemented = TW_EXT_SVADU; /* QEMU 7.2 always sets A and D */
  if (variant->svnapot) implemented |= TW_EXT_SVNAPOT;
  if (variant->svpbmt) implemented |= TW_EXT_SVPBMT;
  return tw_extensions_in_force(implemented, pbmte, true);
}

bool judge_address_harmless(unsigned xlen, uint64_t pa, unsigned bytes) {
  uint64_t last = pa + bytes - 1;
  if (pa >= JUDGE_FRAMES && last < JUDGE_FRAMES_END) return true;
  if (pa >= JUDGE_RAM_END && last < UPPER_PCI) return true;
  return xlen == 64 && pa >> FAR_BITS != 0 && last >> WIDTH_BITS == 0;
}

uint64_t judge_vacant_draw(unsigned xlen, draw *random) {
  uint64_t pa;
  do {
    unsigned bits = draw_one_in(random, 2) ? 32 : xlen == 64 ? WIDTH_BITS : 34;
    pa = draw_bits(random) >> (64 - bits) >> TW_PAGE_BITS << TW_PAGE_BITS;
  } while (pa < JUDGE_RAM_END || !judge_address_harmless(xlen, pa, TW_PAGE_BYTES));
  return pa;
}

static uint64_t sign_extend(uint64_t va, unsigned bits) {
  return (uint64_t)((int64_t)(va << (64 - bits)) >> (64 - bits));
}

static void anchors_add(judge_plan *plan, judge_anchor anchor) {
  plan->anchors[plan->anchor_count++] = anchor;
}

static uint64_t target_draw(const judge_plan *plan, draw *random) {
  if (draw_one_in(random, 12)) return judge_vacant_draw(plan->variant->xlen, random);
  return plan->liked[draw_below(random, JUDGE_LIKED_FRAMES)];
}

/* A virtual address whose low page_bits are the target's, so that a page of that size can reach it; often near another
 * anchor, so that they share tables. */
static judge_anchor anchor_draw(const judge_plan *plan, draw *random) {
  const tw_mode_info *info = tw_mode_row(plan->mode);
  unsigned level = draw_below(random, info->levels);
  judge_anchor anchor = {.target = target_draw(plan, random), .page_bits = TW_PAGE_BITS + level * info->vpn_bits};
  if (level == 0 && plan->variant->svnapot && plan->mode != TW_SV32 && draw_one_in(random, 2)) anchor.page_bits = 16;
  anchor.va = draw_bits(random);
  if (plan->anchor_count != 0 && !draw_one_in(random, 3)) {
    unsigned shared = TW_PAGE_BITS + draw_below(random, info->va_bits - TW_PAGE_BITS);
    uint64_t low = ((uint64_t)1 << shared) - 1;
    anchor.va = (plan->anchors[draw_below(random, plan->anchor_count)].va & ~low) | (anchor.va & low);
  }
  uint64_t inside = ((uint64_t)1 << anchor.page_bits) - 1;
  anchor.va = sign_extend((anchor.va & ~inside) | (anchor.target & inside), info->va_bits);
  if (plan->variant->xlen == 32) anchor.va &= UINT32_MAX;
  return anchor;
}

/* The first two anchors are the pages of stubs. */
static void anchors_draw(judge_plan *plan, draw *random) {
  while (plan->anchor_count < JUDGE_MAX_ANCHORS) {
    judge_anchor anchor = anchor_draw(plan, random);
    if (plan->anchor_count < 2) {
      anchor.page_bits = TW_PAGE_BITS;
      anchor.target = JUDGE_STUBS;
      plan->stubs[plan->anchor_count] = anchor.va;
    }
    anchors_add(plan, anchor);
  }
}

/* Without translation an address is its own target. On RV64 it can be wider than any physical address. */
static void bare_anchors_draw(judge_plan *plan, draw *random) {
  plan->stubs[0] = plan->stubs[1] = JUDGE_STUBS;
  while (plan->anchor_count < JUDGE_MAX_ANCHORS) {
    uint64_t target = target_draw(plan, random);
    uint64_t va = target;
    if (plan->variant->xlen == 32) va &= UINT32_MAX;
    if (!judge_address_harmless(plan->variant->xlen, va, TW_PAGE_BYTES)) continue;
    if (plan->variant->xlen == 64 && draw_one_in(random, 8)) va |= (uint64_t)1 << (WIDTH_BITS + draw_below(random, 8));
    anchors_add(plan, (judge_anchor){.va = va, .target = va, .page_bits = TW_PAGE_BITS});
  }
}

/* A satp of a reserved MODE; RV32 has none. */
static uint64_t satp_reserved_draw(const judge_plan *plan, draw *random) {
  tw_satp decoded;
  for (unsigned tries = 0; tries < 16; tries++) {
    uint64_t satp = draw_bits(random);
    if (!tw_satp_decode(plan->variant->xlen, satp, &decoded)) return satp;
  }
  return plan->satp;
}

bool judge_world_draw(judge_plan *plan, const judge_variant *variant, draw *random, uint8_t *ram,
                      uint64_t *next_table) {
  memset(plan, 0, sizeof *plan);
  plan->variant = variant;
  plan->pbmte = variant->svpbmt && !draw_one_in(random, 3);
  for (unsigned i = 0; i < JUDGE_LIKED_FRAMES; i++) {
    plan->liked[i] =
        JUDGE_FRAMES + (uint64_t)draw_below(random, (JUDGE_FRAMES_END - JUDGE_FRAMES) / TW_PAGE_BYTES) * TW_PAGE_BYTES;
  }
  if (draw_one_in(random, 10)) {
    plan->mode = TW_BARE;
    bare_anchors_draw(plan, random);
  } else {
    plan->mode = variant->xlen == 32 ? TW_SV32 : (tw_mode)(TW_SV39 + (int)draw_below(random, 3));
    anchors_draw(plan, random);
    if (!judge_tables_draw(plan, random, ram, next_table)) return false;
  }
  plan->satp_reserved = satp_reserved_draw(plan, random);
  judge_pmp_draw(plan, random);
  return true;
}
