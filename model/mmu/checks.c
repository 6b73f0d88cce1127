/* What the model remembers of PMP and regions, and the oracle's checks behind it (docs/microarchitecture.md, "Checks of
 * a physical address").
 *
 * A page that is granted as a whole is remembered, so that a check costs the same with 64 PMP entries as with none.
 * What is denied, or granted in part, is asked anew each time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "internal.h"

/* Uses beside those of tw_access. */
enum { USE_TABLE_READ = TW_ACCESS_COUNT, USE_TABLE_UPDATE };

#define LINE_USE_SHIFT 52u       /* above the number of a page */
#define LINE_PRIVILEGE_SHIFT 55u /* above the use */
#define LINE_VALID (UINT64_C(1) << 63)

void mmu_checks_forget(tw_mmu *mmu) {
  memset(mmu->granted, 0, sizeof mmu->granted);
}

/* Where a page's verdict is remembered; *line is what stands there if it is granted. */
static uint64_t *line_find(tw_mmu *mmu, unsigned use, tw_privilege privilege, uint64_t pa, uint64_t *line) {
  uint64_t page = pa >> TW_PAGE_BITS;
  *line = page | (uint64_t)use << LINE_USE_SHIFT | (uint64_t)privilege << LINE_PRIVILEGE_SHIFT | LINE_VALID;
  return &mmu->granted[((unsigned)page ^ use << 6) % CHECK_LINES];
}

bool mmu_page_granted(tw_mmu *mmu, tw_privilege privilege, tw_access access, uint64_t pa) {
  if (mmu->unprotected) return pa >> mmu->config.pa_bits == 0;
  uint64_t line;
  uint64_t *place = line_find(mmu, access, privilege, pa, &line);
  if (*place == line) return true;
  tw_context context = mmu->ports[TW_PORT_DATA].context;
  context.privilege = privilege;
  uint64_t page = pa >> TW_PAGE_BITS << TW_PAGE_BITS;
  if (tw_final_check(&context, access, page, TW_PAGE_BYTES) != TW_OK) return false;
  *place = line;
  return true;
}

tw_reason mmu_final_check(tw_mmu *mmu, const mmu_access *access, uint64_t pa) {
  tw_privilege privilege = (tw_privilege)access->privilege;
  if (mmu_page_granted(mmu, privilege, (tw_access)access->kind, pa)) return TW_OK;
  tw_context context = mmu->ports[TW_PORT_DATA].context;
  context.privilege = privilege;
  return tw_final_check(&context, (tw_access)access->kind, pa, access->size);
}

/* T1 to T3 for every entry of a page of entries. A page is in one region or in none: regions are no smaller. */
static bool table_page_granted(const tw_mmu *mmu, tw_access access, uint64_t pa) {
  uint64_t page = pa >> TW_PAGE_BITS << TW_PAGE_BITS;
  if (page >> mmu->config.pa_bits != 0) return false;
  if (mmu->config.regions.count > 0) {
    const tw_pma *region = tw_pma_find(&mmu->config.regions, page, TW_PAGE_BYTES);
    if (!region || !(access == TW_STORE ? region->updates : region->tables)) return false;
  }
  return tw_pmp_check(&mmu->pmp, TW_SUPERVISOR, access, page, TW_PAGE_BYTES);
}

tw_reason mmu_table_check(tw_mmu *mmu, tw_access access, uint64_t pa) {
  uint64_t line;
  uint64_t *place = line_find(mmu, access == TW_STORE ? USE_TABLE_UPDATE : USE_TABLE_READ, TW_SUPERVISOR, pa, &line);
  if (*place == line) return TW_OK;
  if (!table_page_granted(mmu, access, pa)) return tw_table_check(&mmu->ports[TW_PORT_DATA].context, access, pa);
  *place = line;
  return TW_OK;
}

tw_reason mmu_flags_check(uint8_t flags, tw_access access, const tw_context *context, bool *update) {
  *update = false;
  tw_reason reason = tw_permission_check(flags, access, context);
  if (reason != TW_OK) return reason;
  reason = tw_accessed_dirty_check(flags, access);
  if (reason == TW_OK || (context->extensions & TW_EXT_SVADU) == 0) return reason;
  *update = true;
  return TW_OK;
}
