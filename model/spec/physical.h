/* Whether memory may be touched at a physical address: width, regions, PMP, in this order; for the oracle's own files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPEC_PHYSICAL_H
#define TWINWALK_SPEC_PHYSICAL_H

#include <stddef.h>

#include "mode_table.h"
#include "pmp_match.h"

/* What is to be done there. */
typedef enum physical_use { USE_ACCESS, USE_TABLE_READ, USE_TABLE_UPDATE, USE_COUNT } physical_use;

/* Why not. An update is of an entry that was read there: T1 denied that already. */
typedef struct physical_reasons {
  tw_reason range, pma, pmp;
} physical_reasons;

static const physical_reasons physical_denials[USE_COUNT] = {
    [USE_ACCESS] = {TW_REASON_PHYSICAL_RANGE, TW_REASON_PMA_DENIED, TW_REASON_PMP_DENIED},
    [USE_TABLE_READ] = {TW_REASON_TABLE_RANGE, TW_REASON_TABLE_PMA, TW_REASON_TABLE_PMP},
    [USE_TABLE_UPDATE] = {TW_REASON_TABLE_RANGE, TW_REASON_UPDATE_PMA, TW_REASON_UPDATE_PMP},
};

/* A machine, made ready for several questions. */
typedef struct physical_guard {
  unsigned width;              /* implemented bits of a physical address */
  const tw_pma_table *regions; /* NULL: all is main memory */
  const tw_pmp *pmp;           /* NULL: all is granted */
  pmp_match match;             /* of the question before; its stretch is empty before the first */
} physical_guard;

static inline physical_guard physical_guard_make(const tw_context *context) {
  static const tw_machine nothing;
  const tw_machine *machine = context->machine ? context->machine : &nothing;
  const unsigned full_width = tw_mode_table[context->xlen == 32 ? TW_SV32 : TW_SV39].pa_bits;
  physical_guard guard = {.width = machine->pa_bits ? machine->pa_bits : full_width};
  if (machine->regions && machine->regions->count > 0) guard.regions = machine->regions;
  if (machine->pmp && machine->pmp->count > 0) guard.pmp = machine->pmp;
  return guard;
}

static inline bool region_takes(const tw_pma *region, physical_use use) {
  if (!region) return false;
  return use == USE_ACCESS || (use == USE_TABLE_READ ? region->tables : region->updates);
}

/* TW_OK, or the first denial. */
static inline tw_reason physical_check(physical_guard *guard, physical_use use, tw_privilege privilege,
                                       tw_access access, uint64_t pa, unsigned bytes) {
  if (pa >> guard->width) return physical_denials[use].range;
  if (guard->regions && !region_takes(tw_pma_find(guard->regions, pa, bytes), use)) return physical_denials[use].pma;
  if (!guard->pmp) return TW_OK;
  if (!pmp_stretch_holds(&guard->match.stretch, pa, bytes)) {
    guard->match = pmp_match_find(guard->pmp, pa, bytes);
    if (!pmp_stretch_holds(&guard->match.stretch, pa, bytes)) return physical_denials[use].pmp;
  }
  const bool granted = pmp_match_grants(guard->pmp, guard->match.entry, privilege, access);
  return granted ? TW_OK : physical_denials[use].pmp;
}

/* Rule pmp_check_pagetable_access: as S-mode. */
static inline tw_reason physical_check_table(physical_guard *guard, physical_use use, uint64_t pa, unsigned bytes) {
  return physical_check(guard, use, TW_SUPERVISOR, use == USE_TABLE_READ ? TW_LOAD : TW_STORE, pa, bytes);
}

#endif
