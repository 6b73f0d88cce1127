/* The PMP of a world: regions around the frames and tables that it uses.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

/* What the guest itself needs: its code, vectors and results; and the device that ends QEMU. */
#define GUEST_NAPOT (JUDGE_RAM >> 2 | ((JUDGE_TABLES - JUDGE_RAM) / 8 - 1))
#define DEVICE_NAPOT (0x100000 >> 2 | (0x1000 / 8 - 1))

static void edge_add(judge_plan *plan, uint64_t pa) {
  if (pa < JUDGE_FRAMES || pa > JUDGE_FRAMES_END || plan->edge_count == JUDGE_MAX_EDGES) return;
  plan->edges[plan->edge_count++] = pa;
}

/* R=0 with W=1 is reserved: what becomes of it is the implementation's choice, so it is not drawn. */
static uint8_t rights_draw(draw *random) {
  static const uint8_t rights[] = {0,
                                   TW_PMP_R,
                                   TW_PMP_X,
                                   TW_PMP_R | TW_PMP_X,
                                   TW_PMP_R | TW_PMP_W,
                                   TW_PMP_R | TW_PMP_W,
                                   TW_PMP_R | TW_PMP_W | TW_PMP_X,
                                   TW_PMP_R | TW_PMP_W | TW_PMP_X};
  return rights[draw_below(random, sizeof rights)];
}

/* A place for a region: in a liked frame; a larger block around one; a page table; the page of stubs. */
static uint64_t place_draw(const judge_plan *plan, bool locked, unsigned *bits, draw *random) {
  uint64_t frame = plan->liked[draw_below(random, JUDGE_LIKED_FRAMES)];
  unsigned choice = draw_below(random, 16);
  *bits = 12;
  if (choice == 0 && plan->table_count > 0 && !locked) {
    unsigned first = draw_one_in(random, 6) ? 0 : plan->table_count / 2; /* the first ones lead to the stubs */
    return plan->tables[first + draw_below(random, plan->table_count - first)];
  }
  if (choice == 1 && !locked && draw_one_in(random, 3)) return JUDGE_STUBS;
  if (choice < 5) {
    *bits += draw_below(random, 12);
    return frame >> *bits << *bits;
  }
  *bits = 2 + draw_below(random, 11);
  return frame + (draw_below(random, TW_PAGE_BYTES) >> *bits << *bits);
}

/* A range needs a lower end: the address of the entry before it, if that one is off. Without, it reaches down to 0,
 * over the page tables and the guest, which is drawn, too, but not often. */
static void lower_end_draw(judge_plan *plan, unsigned index, uint64_t base, draw *random) {
  if (index == 0 || plan->pmpcfg[index - 1] != 0 || draw_one_in(random, 6)) return;
  uint64_t lower = base - (draw_below(random, 3 * TW_PAGE_BYTES) & ~3u);
  edge_add(plan, lower);
  plan->pmpaddr[index - 1] = lower >> 2;
}

static void entry_draw(judge_plan *plan, unsigned index, draw *random) {
  bool lock = plan->variant->locks && draw_one_in(random, 6);
  unsigned bits;
  uint64_t base = place_draw(plan, plan->variant->locks, &bits, random);
  uint8_t match = bits == 2 ? TW_PMP_NA4 : TW_PMP_NAPOT;
  if (draw_one_in(random, 3)) match = TW_PMP_TOR;
  edge_add(plan, base);
  edge_add(plan, base + ((uint64_t)1 << bits));
  plan->pmpaddr[index] = base >> 2;
  if (match == TW_PMP_TOR) lower_end_draw(plan, index, base, random);
  if (match == TW_PMP_NAPOT) plan->pmpaddr[index] |= ((uint64_t)1 << (bits - 3)) - 1;
  plan->pmpcfg[index] = (uint8_t)(match | rights_draw(random) | (lock ? (unsigned)TW_PMP_L : 0u));
}

/* Most worlds grant what no other entry denies; some grant nothing else (rule pmp_no_entry_match). Where entries are
 * locked, M-mode is bound by them, and the guest must live. */
void judge_pmp_draw(judge_plan *plan, draw *random) {
  unsigned first = plan->variant->locks ? 2 : 0;
  unsigned last = JUDGE_PMP_ENTRIES - 1;
  unsigned count = draw_one_in(random, 4) ? 0 : draw_below(random, last - first);
  for (unsigned i = 0; i < count; i++) entry_draw(plan, first + draw_below(random, last - first), random);
  if (plan->variant->locks) {
    plan->pmpaddr[0] = GUEST_NAPOT;
    plan->pmpcfg[0] = TW_PMP_NAPOT | TW_PMP_R | TW_PMP_X;
    plan->pmpaddr[1] = DEVICE_NAPOT;
    plan->pmpcfg[1] = TW_PMP_NAPOT;
  }
  if (draw_one_in(random, 24)) {
    plan->pmpaddr[last] = JUDGE_RAM_END >> 2; /* QEMU refuses mret below M-mode while every entry is off */
    plan->pmpcfg[last] = TW_PMP_NA4;
    return;
  }
  plan->pmpaddr[last] = plan->variant->xlen == 64 ? (UINT64_C(1) << 54) - 1 : UINT32_MAX;
  plan->pmpcfg[last] = TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X;
}
