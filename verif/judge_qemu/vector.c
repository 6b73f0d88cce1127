/* Drawing attempts.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"
#include "image.h"

static unsigned log2_of(unsigned bytes) {
  return bytes == 8 ? 3 : bytes / 2;
}

/* A fetch is of 4 bytes at a multiple of 4, an amo is aligned: anything else traps before it is translated. */
static void width_draw(judge_access *access, unsigned xlen, draw *random, bool *aligned) {
  unsigned widths = xlen == 64 ? 4 : 3;
  *aligned = !draw_one_in(random, 4);
  access->bytes = 1u << draw_below(random, widths);
  if (access->kind == TW_FETCH || (access->kind == TW_AMO && access->bytes < 4)) access->bytes = 4;
  if (access->kind == TW_FETCH || access->kind == TW_AMO) *aligned = true;
}

static void status_draw(judge_access *access, draw *random) {
  static const tw_privilege privileges[] = {TW_USER, TW_USER, TW_SUPERVISOR, TW_SUPERVISOR, TW_MACHINE};
  tw_status *status = &access->status;
  status->privilege = privileges[draw_below(random, 5)];
  status->mpp = status->privilege;
  if (status->privilege == TW_MACHINE) {
    status->mprv = !draw_one_in(random, 4);
    status->mpp = draw_one_in(random, 8) ? TW_MACHINE : draw_one_in(random, 2) ? TW_SUPERVISOR : TW_USER;
  }
  access->sum = draw_one_in(random, 2);
  access->mxr = draw_one_in(random, 2);
}

/* An offset in a page: often at the edge of a PMP region. */
static uint64_t offset_draw(const judge_plan *plan, uint64_t target, draw *random) {
  if (plan->edge_count != 0 && draw_one_in(random, 2)) {
    for (unsigned tries = 0; tries < 8; tries++) {
      uint64_t edge = plan->edges[draw_below(random, plan->edge_count)] + draw_below(random, 17) - 8;
      if (edge >> TW_PAGE_BITS == target >> TW_PAGE_BITS) return edge % TW_PAGE_BYTES;
    }
  }
  return draw_below(random, TW_PAGE_BYTES);
}

/* Another place in the same large page, and now and then one that was not meant at all. */
static uint64_t page_vary(const judge_plan *plan, const judge_anchor *anchor, draw *random) {
  const tw_mode_info *info = tw_mode_row(plan->mode);
  uint64_t change = 0;
  unsigned inside = anchor->page_bits < 24 ? anchor->page_bits : 24;
  if (draw_one_in(random, 4)) change ^= draw_bits(random) & ((UINT64_C(1) << inside) - 1);
  if (plan->mode == TW_BARE) return change >> TW_PAGE_BITS << TW_PAGE_BITS;
  unsigned upper = info->va_bits - TW_PAGE_BITS;
  if (draw_one_in(random, 16)) change ^= UINT64_C(1) << (TW_PAGE_BITS + draw_below(random, upper));
  if (plan->variant->xlen == 64 && draw_one_in(random, 24)) {
    change ^= UINT64_C(1) << (info->va_bits - 1 + draw_below(random, 65 - info->va_bits));
  }
  return change >> TW_PAGE_BITS << TW_PAGE_BITS;
}

static void address_draw(const judge_place *place, judge_access *access, bool aligned, draw *random) {
  const judge_plan *plan = place->plan;
  const judge_anchor *anchor = &plan->anchors[draw_below(random, plan->anchor_count)];
  bool machine = judge_effective(place, access) == TW_MACHINE;
  uint64_t page = machine ? anchor->target : anchor->va ^ page_vary(plan, anchor, random);
  if (machine && plan->variant->xlen == 64 && draw_one_in(random, 16))
    page |= UINT64_C(1) << (56 + draw_below(random, 8));
  uint64_t offset = offset_draw(plan, anchor->target, random);
  if (aligned) offset &= ~(uint64_t)(access->bytes - 1);
  if (offset + access->bytes > TW_PAGE_BYTES) offset = TW_PAGE_BYTES - access->bytes;
  access->va = page | offset;
  if (plan->variant->xlen == 32) access->va &= UINT32_MAX;
}

static uint64_t stub_address(const judge_plan *plan, const judge_access *access) {
  unsigned slot = (unsigned)(access->kind - TW_LOAD) * 4 + log2_of(access->bytes);
  uint64_t page = JUDGE_STUBS;
  if (access->status.privilege != TW_MACHINE) page = plan->stubs[access->status.privilege];
  return page + slot * JUDGE_STUB_BYTES;
}

static void vector_fill(const judge_plan *plan, const judge_access *access, draw *random, judge_vector *vector) {
  vector->va = access->va;
  vector->pc = access->kind == TW_FETCH ? access->va : stub_address(plan, access);
  vector->value = judge_frame_tame(access->va, draw_bits(random), access->bytes);
  if (plan->variant->xlen == 32) vector->value &= UINT32_MAX;
  vector->machine = access->status.privilege == TW_MACHINE;
  vector->status = (uint32_t)access->status.mpp << JUDGE_STATUS_MPP_SHIFT;
  if (access->status.mprv) vector->status |= JUDGE_STATUS_MPRV;
  if (access->sum) vector->status |= JUDGE_STATUS_SUM;
  if (access->mxr) vector->status |= JUDGE_STATUS_MXR;
}

static judge_access access_draw(const judge_place *place, draw *random) {
  static const tw_access kinds[] = {TW_FETCH, TW_LOAD, TW_LOAD, TW_STORE, TW_STORE, TW_AMO};
  judge_access access = {.kind = kinds[draw_below(random, 6)]};
  bool aligned;
  width_draw(&access, place->plan->variant->xlen, random, &aligned);
  status_draw(&access, random);
  address_draw(place, &access, aligned, random);
  return access;
}

/* Whether a PMP entry matches bytes of an access, but neither its first nor its last one. */
static bool pmp_entry_inside(const tw_pmp *pmp, uint64_t pa, unsigned bytes) {
  bool whole;
  for (unsigned i = 0; i < pmp->count; i++) {
    tw_pmp alone = *pmp;
    for (unsigned other = 0; other < alone.count; other++) {
      if (other != i) alone.cfg[other] = TW_PMP_OFF;
    }
    bool ends = tw_pmp_match(&alone, pa, 1, &whole) >= 0 || tw_pmp_match(&alone, pa + bytes - 1, 1, &whole) >= 0;
    if (!ends && tw_pmp_match(&alone, pa, bytes, &whole) >= 0) return true;
  }
  return false;
}

/* Whether QEMU is made to try it. An amo where there is no memory makes QEMU 7.2 report a load's cause, and at times
 * abort. Of a misaligned access with a PMP entry in its midst it does a part. And it does not translate an access with
 * MPRV to a virtual page from whose number the guest itself is being fetched. */
static bool access_fit(const judge_place *place, const judge_access *access) {
  const bool own_page = access->va >= JUDGE_RAM && access->va < JUDGE_CONTROL;
  uint64_t pa;
  if (own_page && access->status.privilege == TW_MACHINE && access->status.mprv) return false;
  tw_reason reason = judge_reach(place, access, &pa);
  if (access->kind == TW_AMO && (pa >= JUDGE_FRAMES_END || reason == TW_REASON_PHYSICAL_RANGE)) return false;
  if (reason != TW_OK) return true;
  if (access->va % access->bytes != 0 && pmp_entry_inside(place->pmp, pa, access->bytes)) return false;
  return judge_address_harmless(place->plan->variant->xlen, pa, access->bytes);
}

judge_access judge_vector_draw(const judge_place *place, draw *random, judge_vector *vector) {
  for (;;) {
    judge_access access = access_draw(place, random);
    if (!access_fit(place, &access)) continue;
    vector_fill(place->plan, &access, random, vector);
    return access;
  }
}
