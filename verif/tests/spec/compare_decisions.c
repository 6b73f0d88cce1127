/* The oracle's single decisions against the naive translator's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

/* What is said of an entry alone. */
static bool entries_equal(const naive_sight *sight, const tw_pte_view *view) {
  tw_reason reason = naive_entry_fault(sight);
  bool pointer = naive_entry_is_pointer(sight);
  uint64_t page = (uint64_t)naive_entry_page(sight);
  if (view->reason != reason || view->flags != (uint8_t)naive_bits_number(&sight->entry)) return false;
  if (reason != TW_OK) return view->kind == TW_PTE_FAULT && view->ppn == page;
  if (pointer) return view->kind == TW_PTE_POINTER && view->ppn == page;
  if (naive_entry_has(sight, 'N')) page -= page % 16;
  return view->kind == TW_PTE_LEAF && view->ppn == page && view->attribute == naive_entry_value(sight, 'm') &&
         view->napot == naive_entry_has(sight, 'N');
}

/* What is said of a leaf and an access: denial, A and D, the update, the address. */
static bool leaves_equal(const naive_sight *sight, const tw_context *context, tw_access access, uint64_t entry,
                         uint64_t va, const tw_pte_view *view) {
  tw_mode mode = context->satp.mode;
  return tw_permission_check(view->flags, access, context) == naive_entry_denial(sight) &&
         tw_accessed_dirty_check(view->flags, access) == naive_entry_staleness(sight) &&
         tw_pte_updated(entry, access) == naive_entry_refreshed(sight) &&
         tw_leaf_address(mode, view->ppn, (unsigned)sight->level, view->napot, va) == naive_entry_address(sight);
}

void compare_entry(comparison *run, const naive_hart *hart, const naive_access *access, uint64_t entry, int level) {
  const naive_scheme *scheme = naive_scheme_of(hart->xlen, hart->satp);
  tw_context context = compare_context(hart, run->machine, access->kind);
  tw_mode mode = context.satp.mode;
  naive_sight sight = {.scheme = scheme,
                       .extensions = &hart->extensions,
                       .entry = naive_bits_of(entry, 8 * scheme->entry_bytes),
                       .va = naive_bits_of(access->va, hart->xlen),
                       .level = level,
                       .privilege = naive_privilege(hart, access->kind),
                       .kind = access->kind,
                       .sum = hart->sum,
                       .mxr = hart->mxr};
  tw_pte_view view = tw_pte_decode(mode, context.extensions, entry, (unsigned)level);
  if (!entries_equal(&sight, &view)) compare_difference(run, "entry", entry, (unsigned)level);
  naive_number page = naive_entry_page(&sight), place = naive_entry_place(scheme, page, level, &sight.va);
  if (tw_va_canonical(mode, access->va) != naive_sign_extended(scheme, &sight.va) ||
      tw_pte_address(mode, (uint64_t)page, (unsigned)level, access->va) != place) {
    compare_difference(run, "virtual address", access->va, (unsigned)level);
  }
  if (naive_entry_fault(&sight) != TW_OK || naive_entry_is_pointer(&sight) || sight.privilege == 'M') return;
  if (!leaves_equal(&sight, &context, compare_kind(access->kind), entry, access->va, &view)) {
    compare_difference(run, "leaf", entry, (unsigned)level);
  }
}

void compare_final_check(comparison *run, const naive_hart *hart, const naive_access *access, uint64_t place) {
  tw_context context = compare_context(hart, run->machine, access->kind);
  char privilege = naive_privilege(hart, access->kind);
  naive_access here = *access;
  if (place % 4096 + (unsigned)here.bytes > 4096) place -= (unsigned)here.bytes;
  tw_reason reason = naive_final_obstacle(&run->machine->plain, hart->xlen, privilege, &here, place);
  if (tw_final_check(&context, compare_kind(here.kind), place, (unsigned)here.bytes) != reason) {
    compare_difference(run, "final check", place, (unsigned)here.bytes);
  }
}

void compare_table_check(comparison *run, const naive_hart *hart, uint64_t place) {
  const naive_scheme *scheme = naive_scheme_of(hart->xlen, hart->satp);
  tw_context context = compare_context(hart, run->machine, 'l');
  tw_reason reason = naive_read_obstacle(&run->machine->plain, scheme, place);
  if (tw_table_check(&context, TW_LOAD, place) != reason) compare_difference(run, "check of a read", place, 0);
  if (reason != TW_OK) return; /* no entry is updated that could not be read */
  reason = naive_update_obstacle(&run->machine->plain, scheme, place);
  if (tw_table_check(&context, TW_STORE, place) != reason) compare_difference(run, "check of an update", place, 0);
}
