/* The checks of a physical address, one at a time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "physical.h"

static bool region_takes(const tw_pma *region, physical_use use) {
  if (!region) return false;
  return use == USE_ACCESS || (use == USE_TABLE_READ ? region->tables : region->updates);
}

tw_reason physical_check_closed(physical_guard *guard, physical_use use, tw_privilege privilege, tw_access access,
                                uint64_t pa, unsigned bytes) {
  const tw_machine *machine = guard->machine;
  if (pa >= guard->end) return physical_denials[use].range;
  if (!machine) return TW_OK;
  const bool regions = machine->regions && machine->regions->count > 0;
  if (regions && !region_takes(tw_pma_find(machine->regions, pa, bytes), use)) return physical_denials[use].pma;
  if (!machine->pmp || machine->pmp->count == 0) return TW_OK;
  pmp_match_find(machine->pmp, pa, bytes, &guard->open);
  const bool granted =
      pmp_stretch_holds(&guard->open.stretch, pa, bytes) && pmp_match_grants(&guard->open, privilege, access);
  if (guard->open.stretch.end > guard->end) guard->open.stretch.end = guard->end;
  if (regions) guard->open.stretch.end = 0;
  return granted ? TW_OK : physical_denials[use].pmp;
}

tw_reason tw_final_check(const tw_context *context, tw_access access, uint64_t pa, unsigned bytes) {
  physical_guard guard;
  physical_guard_make(&guard, context->machine, physical_bits(context));
  return physical_check(&guard, USE_ACCESS, context->privilege, access, pa, bytes);
}

tw_reason tw_table_check(const tw_context *context, tw_access access, uint64_t pa) {
  physical_guard guard;
  physical_guard_make(&guard, context->machine, physical_bits(context));
  const physical_use use = access == TW_LOAD ? USE_TABLE_READ : USE_TABLE_UPDATE;
  return physical_check_table(&guard, use, pa, tw_mode_table[context->satp.mode].pte_bytes);
}
