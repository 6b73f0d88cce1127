/* The checks of a physical address, one at a time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "physical.h"

tw_reason tw_final_check(const tw_context *context, tw_access access, uint64_t pa, unsigned bytes) {
  physical_guard guard = physical_guard_make(context);
  return physical_check(&guard, USE_ACCESS, context->privilege, access, pa, bytes);
}

tw_reason tw_table_check(const tw_context *context, tw_access access, uint64_t pa) {
  physical_guard guard = physical_guard_make(context);
  const physical_use use = access == TW_LOAD ? USE_TABLE_READ : USE_TABLE_UPDATE;
  return physical_check_table(&guard, use, pa, tw_mode_table[context->satp.mode].pte_bytes);
}
