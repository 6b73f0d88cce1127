/* What an entry means, whether it grants an access, and the addresses that are made of it: the decisions, by mode.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "decisions.h"

bool tw_va_canonical(tw_mode mode, uint64_t va) {
  return va_canonical(&tw_mode_table[mode], va);
}

uint64_t tw_pte_address(tw_mode mode, uint64_t table_ppn, unsigned level, uint64_t va) {
  return entry_address(&tw_mode_table[mode], table_ppn, level, va);
}

tw_pte_view tw_pte_decode(tw_mode mode, uint64_t pte, unsigned level) {
  const tw_mode_info *row = &tw_mode_table[mode];
  tw_reason reason = structure_check(row, pte, level);
  tw_pte_kind sound = entry_leaf(pte) ? TW_PTE_LEAF : TW_PTE_POINTER;
  return (tw_pte_view){.kind = reason == TW_OK ? sound : TW_PTE_FAULT,
                       .reason = reason,
                       .ppn = entry_ppn(row, pte),
                       .flags = (uint8_t)pte};
}

tw_reason tw_permission_check(uint8_t flags, tw_access access, const tw_context *context) {
  if (context->privilege == TW_MACHINE) return TW_OK;
  tw_reason reason = user_check(flags, access, context);
  return reason == TW_OK ? access_check(flags, access, context->mxr) : reason;
}

tw_reason tw_accessed_dirty_check(uint8_t flags, tw_access access) {
  return accessed_dirty_check(flags, access);
}

uint64_t tw_leaf_address(tw_mode mode, uint64_t leaf_ppn, unsigned level, uint64_t va) {
  return leaf_address(&tw_mode_table[mode], leaf_ppn, level, va);
}
