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

/* A machine, made ready for several questions. Most of them are answered by `open`: addresses at which everything that
 * the rights take is allowed, as far as it is known. */
typedef struct physical_guard {
  pmp_match open; /* all there is without regions and PMP; with PMP, of the last search; with regions, nothing */
  uint64_t end;   /* of physical memory */
  const tw_machine *machine;
} physical_guard;

/* full_bits: the width of an address where the machine does not tell of a narrower one. */
static inline void physical_guard_make(physical_guard *guard, const tw_machine *machine, unsigned full_bits) {
  guard->machine = machine;
  guard->end = (uint64_t)1 << (machine && machine->pa_bits ? machine->pa_bits : full_bits);
  const bool closed = machine && (machine->pmp || machine->regions);
  guard->open.stretch = (pmp_stretch){0, closed ? 0 : guard->end};
  guard->open.user_rights = PMP_RIGHTS;
  guard->open.machine_rights = PMP_RIGHTS;
}

/* The checks in their order, and what is open after them. */
tw_reason physical_check_closed(physical_guard *guard, physical_use use, tw_privilege privilege, tw_access access,
                                uint64_t pa, unsigned bytes);

/* TW_OK, or the first denial. */
static inline tw_reason physical_check(physical_guard *guard, physical_use use, tw_privilege privilege,
                                       tw_access access, uint64_t pa, unsigned bytes) {
  const bool wraps = use == USE_ACCESS && pa + bytes - 1 < pa; /* an untranslated address may be any */
  const bool open =
      !wraps && pmp_stretch_holds(&guard->open.stretch, pa, bytes) && pmp_match_grants(&guard->open, privilege, access);
  return open ? TW_OK : physical_check_closed(guard, use, privilege, access, pa, bytes);
}

/* Rule pmp_check_pagetable_access: as S-mode. */
static inline tw_reason physical_check_table(physical_guard *guard, physical_use use, uint64_t pa, unsigned bytes) {
  return physical_check(guard, use, TW_SUPERVISOR, use == USE_TABLE_READ ? TW_LOAD : TW_STORE, pa, bytes);
}

/* Width of an address that is not translated. */
static inline unsigned physical_bits(const tw_context *context) {
  return tw_mode_table[context->xlen == 32 ? TW_SV32 : TW_SV39].pa_bits;
}

#endif
