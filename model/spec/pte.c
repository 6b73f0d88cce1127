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

tw_pte_view tw_pte_decode(tw_mode mode, unsigned extensions, uint64_t pte, unsigned level) {
  const tw_mode_info *row = &tw_mode_table[mode];
  const entry_format format = entry_format_make(row, extensions);
  tw_pte_view view = {
      .reason = structure_check(row, &format, pte, level), .ppn = entry_ppn(row, pte), .flags = (uint8_t)pte};
  if (view.reason != TW_OK) {
    view.kind = TW_PTE_FAULT;
  } else if (entry_leaf(pte)) {
    view.kind = TW_PTE_LEAF;
    view.attribute = (uint8_t)entry_pbmt(&format, pte);
    view.napot = entry_napot(&format, pte);
    if (view.napot) view.ppn &= ~low_mask(NAPOT_PPN_BITS);
  } else {
    view.kind = TW_PTE_POINTER;
  }
  return view;
}

tw_reason tw_permission_check(uint8_t flags, tw_access access, const tw_context *context) {
  if (context->privilege == TW_MACHINE) return TW_OK;
  tw_reason reason = user_check(flags, access, context);
  return reason == TW_OK ? access_check(flags, access, context->mxr) : reason;
}

tw_reason tw_accessed_dirty_check(uint8_t flags, tw_access access) {
  return accessed_dirty_check(flags, access);
}

uint64_t tw_pte_updated(uint64_t pte, tw_access access) {
  return entry_updated(pte, access);
}

uint64_t tw_leaf_address(tw_mode mode, uint64_t leaf_ppn, unsigned level, bool napot, uint64_t va) {
  return leaf_address(&tw_mode_table[mode], leaf_ppn, level, napot, va);
}
