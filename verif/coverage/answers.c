/* Counts requests as they are accepted, and answers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

static unsigned asid_bits_max(const tw_coverage *coverage) {
  return coverage->row->asid_bits;
}

/* The context in force, of an access of a kind. */
static void context_make(const tw_coverage *coverage, tw_access kind, tw_context *context) {
  const tw_mmu_probe *now = &coverage->now;
  const tw_status status = {(tw_privilege)now->privilege, now->mprv, (tw_privilege)now->mpp};
  *context = (tw_context){
      .privilege = tw_privilege_effective(&status, kind),
      .sum = now->sum,
      .mxr = now->mxr,
      .xlen = coverage->xlen,
      .extensions = tw_extensions_in_force(coverage->config.extensions, now->pbmte, now->adue),
      .machine = &coverage->machine,
  };
  tw_satp_decode(coverage->xlen, now->satp, &context->satp);
}

/* Below the hole, above it, or in it; and whether one bit alone is wrong. */
static void canonical_count(tw_coverage *coverage, const coverage_flight *flight) {
  const tw_mode_info *row = tw_mode_row(flight->context.satp.mode);
  if (row->xlen == 32) return;
  const uint64_t above = flight->va >> row->va_bits;
  const bool upper = flight->va >> (row->va_bits - 1) & 1;
  const uint64_t wrong = upper ? above ^ (UINT64_MAX >> row->va_bits) : above;
  if (wrong == 0) {
    COVER(coverage, upper ? POINT_CANONICAL_UPPER : POINT_CANONICAL_LOWER, flight->mode);
    return;
  }
  COVER(coverage, POINT_CANONICAL_OUTSIDE, flight->mode);
  if ((wrong & (wrong - 1)) == 0)
    COVER(coverage, POINT_CANONICAL_BIT, flight->mode, row->va_bits + (unsigned)__builtin_ctzll(wrong));
}

static void size_count(tw_coverage *coverage, const coverage_flight *flight) {
  bool power = (flight->size & (flight->size - 1)) == 0;
  if (power) {
    COVER(coverage, POINT_ACCESS_SIZE, flight->size);
  } else {
    COVER(coverage, POINT_ACCESS_SIZE_OTHER);
  }
  if (flight->va % flight->size != 0) COVER(coverage, POINT_ACCESS_MISALIGNED);
}

/* What the lookup of the port's TLB found, which decides only where the answer says so. */
static void lookup_take(tw_coverage *coverage, coverage_flight *flight, const coverage_lookup *lookup) {
  const tw_mmu_entry *entry = &lookup->entry;
  if (lookup->other) COVER(coverage, POINT_ASID_OTHER);
  if (!lookup->matched) return;
  if (lookup->count > 1) COVER(coverage, POINT_TLB_SEVERAL);
  if (entry->flags & TW_PTE_G && entry->asid != coverage_asid(coverage, coverage->now.satp))
    COVER(coverage, POINT_ASID_GLOBAL);
  if (coverage->asid_cut && coverage->config.asid_bits < asid_bits_max(coverage)) COVER(coverage, POINT_ASID_WIDTH);
  if (entry->napot && ((entry->vpn ^ coverage_vpn(coverage, flight->va)) & 15) != 0)
    COVER(coverage, POINT_NAPOT_HIT, STRUCTURE_L1);
  bool granted = tw_permission_check(entry->flags, (tw_access)flight->kind, &flight->context) == TW_OK;
  flight->wants_update = granted && flight->kind >= TW_STORE && !(entry->flags & TW_PTE_D);
  flight->leaf[STRUCTURE_L1] = (coverage_leaf){.found = true,
                                               .napot = entry->napot,
                                               .level = entry->level,
                                               .flags = entry->flags,
                                               .attribute = entry->attribute,
                                               .ppn = entry->ppn};
}

void coverage_request(tw_coverage *coverage, coverage_flight *flight, const tw_pins_request *request,
                      const coverage_lookup *lookup) {
  *flight = (coverage_flight){.open = true,
                              .canonical = true,
                              .pmp_written = coverage->pmp_written,
                              .speculative = request->speculative,
                              .kind = request->kind,
                              .size = request->size,
                              .va = coverage->xlen == 32 ? (uint32_t)request->va : request->va};
  context_make(coverage, (tw_access)request->kind, &flight->context);
  flight->translated = tw_context_translates(&flight->context);
  flight->mode = (uint8_t)flight->context.satp.mode;
  size_count(coverage, flight);
  if (coverage->now.privilege == TW_MACHINE && coverage->now.mprv)
    COVER(coverage, POINT_MPRV, coverage->now.mpp, flight->kind);
  if (!flight->translated) return;
  flight->canonical = tw_va_canonical(flight->context.satp.mode, flight->va);
  canonical_count(coverage, flight);
  if (flight->canonical) lookup_take(coverage, flight, lookup);
}

static unsigned end_of(const tw_pins_response *response) {
  if (response->status == TW_PIN_TRANSLATED) return END_TRANSLATED;
  if (response->status == TW_PIN_RETRY) return END_RETRY;
  return response->cause >= TW_CAUSE_FETCH_PAGE_FAULT ? END_PAGE_FAULT : END_ACCESS_FAULT;
}

static void untranslated_count(tw_coverage *coverage, const coverage_flight *flight, const tw_pins_response *response) {
  const tw_privilege privilege = flight->context.privilege;
  unsigned why = privilege == TW_MACHINE ? WHY_MACHINE : privilege == TW_USER ? WHY_BARE_U : WHY_BARE_S;
  unsigned outcome = response->status == TW_PIN_TRANSLATED ? GRANTED : DENIED;
  COVER(coverage, POINT_UNTRANSLATED, why, flight->kind, outcome);
  if (response->reason == TW_REASON_PHYSICAL_RANGE) COVER(coverage, POINT_RANGE_BARE);
}

/* SUM and MXR, where they are what decides. */
static void status_count(tw_coverage *coverage, const coverage_flight *flight, const coverage_leaf *leaf,
                         const tw_pins_response *response) {
  const tw_context *context = &flight->context;
  const bool granted = response->status == TW_PIN_TRANSLATED;
  if (context->privilege == TW_SUPERVISOR && leaf->flags & TW_PTE_U &&
      (granted || response->reason == TW_REASON_SUPERVISOR_DENIED))
    COVER(coverage, POINT_SUM, context->sum, flight->kind, granted ? GRANTED : DENIED);
  if (flight->kind == TW_LOAD && (leaf->flags & (TW_PTE_R | TW_PTE_X)) == TW_PTE_X &&
      (granted || response->reason == TW_REASON_READ_DENIED))
    COVER(coverage, POINT_MXR, context->mxr, granted ? GRANTED : DENIED);
}

/* Whether the tables, as they are now, say something else than the answer from a TLB. */
static void stale_count(tw_coverage *coverage, const coverage_flight *flight, const tw_pins_response *response) {
  if (!coverage->tables || response->status != TW_PIN_TRANSLATED || !response->hit) return;
  tw_context context = flight->context;
  context.machine = NULL;
  const tw_request request = {(tw_access)flight->kind, flight->va, flight->size, false};
  tw_walk walk;
  tw_walk_run(&context, &request, coverage->tables, &walk);
  if (walk.reason != TW_OK || walk.pa != response->pa) COVER(coverage, POINT_STALE_USED);
}

static void leaf_count(tw_coverage *coverage, const coverage_flight *flight, const coverage_leaf *leaf,
                       const tw_pins_response *response) {
  const unsigned outcome = response->status == TW_PIN_TRANSLATED ? GRANTED : DENIED;
  /* With one ASID and no fence, an entry of a deeper mode is used after a switch: no size of this mode. */
  if (leaf->level >= tw_mode_row((tw_mode)flight->mode)->levels) return;
  COVER(coverage, POINT_TRANSLATE, flight->mode, coverage_size(coverage, leaf->level, leaf->napot), flight->kind,
        flight->context.privilege, outcome, response->hit);
  if (response->hit && outcome == DENIED && response->reason != TW_REASON_PHYSICAL_RANGE)
    COVER(coverage, POINT_HIT_FAULT, response->reason, response->hit);
  status_count(coverage, flight, leaf, response);
}

static void region_count(tw_coverage *coverage, uint64_t pa, unsigned bytes) {
  const tw_pma_table *regions = &coverage->config.regions;
  if (regions->count == 0) return;
  const tw_pma *region = tw_pma_find(regions, pa, bytes);
  if (region) {
    COVER(coverage, region->io ? POINT_PMA_IO : POINT_PMA_MAIN);
  } else {
    COVER(coverage, tw_pma_find(regions, pa, 1) ? POINT_PMA_STRADDLE : POINT_PMA_VACANT);
  }
}

/* The checks of the physical address, as far as they were made. */
static void final_count(tw_coverage *coverage, const coverage_flight *flight, const coverage_leaf *leaf,
                        const tw_pins_response *response) {
  uint64_t pa = flight->va;
  if (leaf) pa = tw_leaf_address(flight->context.satp.mode, leaf->ppn, leaf->level, leaf->napot, flight->va);
  const bool granted = response->status == TW_PIN_TRANSLATED;
  if (response->reason == TW_REASON_PHYSICAL_RANGE && leaf) COVER(coverage, POINT_RANGE_FINAL);
  if (granted || response->reason == TW_REASON_PMA_DENIED) region_count(coverage, pa, flight->size);
  if (granted || response->reason == TW_REASON_PMP_DENIED) coverage_pmp_access(coverage, flight, pa, !granted);
}

static void fault_count(tw_coverage *coverage, const coverage_flight *flight, const tw_pins_response *response) {
  COVER(coverage, POINT_FAULT, response->reason, flight->kind);
  if (response->reason == TW_REASON_ACCESSED_CLEAR) COVER(coverage, POINT_AD_SVADE_A, flight->kind);
  if (response->reason == TW_REASON_DIRTY_CLEAR) COVER(coverage, POINT_AD_SVADE_D, flight->kind);
  if (response->reason == TW_REASON_TABLE_PMA) COVER(coverage, POINT_PMA_TABLE_DENIED);
  if (response->reason == TW_REASON_UPDATE_PMA) COVER(coverage, POINT_PMA_UPDATE_DENIED);
  if (response->reason == TW_REASON_TABLE_RANGE) COVER(coverage, POINT_RANGE_TABLE);
}

void coverage_answer(tw_coverage *coverage, coverage_flight *flight, const tw_pins_response *response) {
  COVER(coverage, POINT_ACCESS, flight->kind, flight->context.privilege, end_of(response));
  if (response->status == TW_PIN_RETRY) {
    COVER(coverage, POINT_RETRY, flight->kind);
    return;
  }
  if (response->status == TW_PIN_FAULT) fault_count(coverage, flight, response);
  const coverage_leaf *leaf = &flight->leaf[response->hit];
  if (!flight->translated) {
    untranslated_count(coverage, flight, response);
    leaf = NULL;
  } else if (leaf->found) {
    leaf_count(coverage, flight, leaf, response);
    stale_count(coverage, flight, response);
  }
  if (!leaf || leaf->found) final_count(coverage, flight, leaf, response);
  if (flight->pmp_written) COVER(coverage, POINT_PMP_STALE);
}
