/* Oracles with one decision broken: PMP, regions, physical width, as they are checked.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "broken.h"

#include <stddef.h>

/* An oracle's context with a machine, a PMP and regions of its own, which may be changed. */
typedef struct changed {
  tw_context context;
  tw_machine machine;
  tw_pmp pmp;
  tw_pma_table regions;
} changed;

static void changed_begin(changed *copy, const tw_context *context) {
  copy->context = *context;
  copy->machine = context->machine ? *context->machine : (tw_machine){.pa_bits = 0};
  copy->context.machine = &copy->machine;
  if (copy->machine.pmp) copy->pmp = *copy->machine.pmp;
  if (copy->machine.regions) copy->regions = *copy->machine.regions;
  if (copy->machine.pmp) copy->machine.pmp = &copy->pmp;
  if (copy->machine.regions) copy->machine.regions = &copy->regions;
}

/* What the broken part lets through still meets the final check as it should be. */
static void final_check(const tw_context *context, const tw_request *request, tw_walk *walk) {
  if (walk->reason != TW_OK || walk->retry) return;
  walk->reason = tw_final_check(context, request->access, walk->pa, request->bytes);
  walk->cause = tw_reason_cause(walk->reason, request->access);
  if (walk->reason != TW_OK) walk->pa = 0;
}

static void tables_without_pmp(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                               tw_walk *walk) {
  changed copy;
  changed_begin(&copy, context);
  copy.machine.pmp = NULL;
  tw_walk_run(&copy.context, request, memory, walk);
  final_check(context, request, walk);
}

static void tables_without_regions(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                   tw_walk *walk) {
  changed copy;
  changed_begin(&copy, context);
  copy.machine.regions = NULL;
  tw_walk_run(&copy.context, request, memory, walk);
  final_check(context, request, walk);
}

/* Tables checked as somebody else than S-mode, or for something else than a read. */
static void tables_checked_as(tw_privilege privilege, tw_access access, const tw_context *context,
                              const tw_request *request, tw_walk *walk) {
  const tw_pmp *pmp = context->machine ? context->machine->pmp : NULL;
  unsigned bytes = tw_mode_row(context->satp.mode)->pte_bytes;
  for (unsigned i = 0; i < walk->step_count; i++) {
    if (walk->steps[i].update || tw_pmp_check(pmp, privilege, access, walk->steps[i].pa, bytes)) continue;
    walk->reason = TW_REASON_TABLE_PMP;
    walk->cause = tw_reason_cause(walk->reason, request->access);
    return;
  }
}

static void tables_by_access_type(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                  tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  tables_checked_as(TW_SUPERVISOR, request->access, context, request, walk);
}

static void tables_as_machine(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                              tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  tables_checked_as(TW_MACHINE, TW_LOAD, context, request, walk);
}

static void tables_flag_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                tw_walk *walk) {
  changed copy;
  changed_begin(&copy, context);
  for (unsigned i = 0; i < TW_PMA_MAX; i++) copy.regions.region[i].tables = true;
  tw_walk_run(&copy.context, request, memory, walk);
}

static void updates_flag_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                 tw_walk *walk) {
  changed copy;
  changed_begin(&copy, context);
  for (unsigned i = 0; i < TW_PMA_MAX; i++) copy.regions.region[i].updates = true;
  tw_walk_run(&copy.context, request, memory, walk);
}

static void width_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                          tw_walk *walk) {
  changed copy;
  changed_begin(&copy, context);
  copy.machine.pa_bits = 0;
  tw_walk_run(&copy.context, request, memory, walk);
}

static void first_byte_only(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                            tw_walk *walk) {
  tw_request broken = *request;
  broken.bytes = 1;
  tw_walk_run(context, &broken, memory, walk);
}

/* An untranslated access is granted if each of its ends is, whatever entry does it. */
static void ends_judged_apart(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                              tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  if (walk->reason != TW_REASON_PMP_DENIED || tw_context_translates(context)) return;
  uint64_t first = context->xlen == 32 ? request->va & 0xffffffff : request->va;
  bool granted = tw_final_check(context, request->access, first, 1) == TW_OK &&
                 tw_final_check(context, request->access, first + request->bytes - 1, 1) == TW_OK;
  if (!granted) return;
  walk->reason = TW_OK;
  walk->cause = TW_CAUSE_NONE;
  walk->pa = first;
}

/* PMP as it would be with some of its registers read wrongly. */
static void misread(void (*change)(tw_pmp *pmp), const tw_context *context, const tw_request *request,
                    const tw_table_memory *memory, tw_walk *walk) {
  changed copy;
  changed_begin(&copy, context);
  if (copy.machine.pmp) change(&copy.pmp);
  tw_walk_run(&copy.context, request, memory, walk);
}

static void without_mml(tw_pmp *pmp) {
  pmp->mseccfg &= (uint8_t)~TW_MSECCFG_MML;
}

static void without_mmwp(tw_pmp *pmp) {
  pmp->mseccfg &= (uint8_t)~TW_MSECCFG_MMWP;
}

static void without_grain(tw_pmp *pmp) {
  pmp->grain = 0;
}

static void first_sixteen(tw_pmp *pmp) {
  if (pmp->count > 16) pmp->count = 16;
}

static void without_lock(tw_pmp *pmp) {
  if (pmp->mseccfg & TW_MSECCFG_MML) return;
  for (unsigned i = 0; i < pmp->count; i++) pmp->cfg[i] &= (uint8_t)~TW_PMP_L;
}

static void twice_as_large(tw_pmp *pmp) {
  for (unsigned i = 0; i < pmp->count; i++) {
    if ((pmp->cfg[i] & TW_PMP_A) == TW_PMP_NAPOT) pmp->addr[i] = pmp->addr[i] | (pmp->addr[i] + 1);
  }
}

/* A range that holds the address at its top, too. */
static void top_inclusive(tw_pmp *pmp) {
  for (unsigned i = 0; i < pmp->count; i++) {
    if ((pmp->cfg[i] & TW_PMP_A) == TW_PMP_TOR) pmp->addr[i] += (uint64_t)1 << pmp->grain;
  }
}

#define MISREAD(name, change)                                                                                          \
  static void name(const tw_context *context, const tw_request *request, const tw_table_memory *memory,                \
                   tw_walk *walk) {                                                                                    \
    misread(change, context, request, memory, walk);                                                                   \
  }
MISREAD(mml_ignored, without_mml)
MISREAD(mmwp_ignored, without_mmwp)
MISREAD(grain_ignored, without_grain)
MISREAD(sixteen_entries, first_sixteen)
MISREAD(lock_not_for_machine, without_lock)
MISREAD(napot_too_large, twice_as_large)
MISREAD(tor_top_inclusive, top_inclusive)

#define WALKS(text, function)                                                                                          \
  { text, function, tw_pmp_write_cfg, tw_pmp_write_addr, tw_pmp_write_mseccfg }

const subject *broken_protections(size_t *count) {
  static const subject list[] = {
      WALKS("PMP ignored on tables", tables_without_pmp),
      WALKS("regions ignored on tables", tables_without_regions),
      WALKS("tables read as the access", tables_by_access_type),
      WALKS("tables read as M-mode", tables_as_machine),
      WALKS("tables anywhere", tables_flag_ignored),
      WALKS("updates anywhere", updates_flag_ignored),
      WALKS("physical width ignored", width_ignored),
      WALKS("PMP on the first byte only", first_byte_only),
      WALKS("PMP on both ends apart", ends_judged_apart),
      WALKS("MML ignored", mml_ignored),
      WALKS("MMWP ignored", mmwp_ignored),
      WALKS("grain ignored", grain_ignored),
      WALKS("16 entries of 64", sixteen_entries),
      WALKS("L not for M-mode", lock_not_for_machine),
      WALKS("NAPOT twice as large", napot_too_large),
      WALKS("TOR with its top", tor_top_inclusive),
  };
  *count = sizeof list / sizeof list[0];
  return list;
}
