/* Oracles with one decision broken: addresses, permissions, entries.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "altered.h"
#include "broken.h"

static void mxr_inverted(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                         tw_walk *walk) {
  tw_context broken = *context;
  broken.mxr = !broken.mxr;
  tw_walk_run(&broken, request, memory, walk);
}

static void sum_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                        tw_walk *walk) {
  tw_context broken = *context;
  broken.sum = false;
  tw_walk_run(&broken, request, memory, walk);
}

static void amo_as_load(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                        tw_walk *walk) {
  tw_request broken = *request;
  if (broken.access == TW_AMO) broken.access = TW_LOAD;
  tw_walk_run(context, &broken, memory, walk);
}

static void store_with_load_cause(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                  tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  if (request->access == TW_STORE) walk->cause = tw_reason_cause(walk->reason, TW_LOAD);
}

/* An access fault on a table reported as the fault of the read that was refused. */
static void table_fault_as_load_fault(const tw_context *context, const tw_request *request,
                                      const tw_table_memory *memory, tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  bool table = walk->reason == TW_REASON_TABLE_PMP || walk->reason == TW_REASON_TABLE_PMA;
  if (table) walk->cause = TW_CAUSE_LOAD_ACCESS_FAULT;
}

static void machine_translated(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                               tw_walk *walk) {
  tw_context broken = *context;
  if (broken.privilege == TW_MACHINE) broken.privilege = TW_SUPERVISOR;
  tw_walk_run(&broken, request, memory, walk);
}

static void upper_bits_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                               tw_walk *walk) {
  unsigned width = tw_mode_row(context->satp.mode)->va_bits;
  tw_request broken = *request;
  if (tw_context_translates(context) && width < 64) {
    broken.va = (uint64_t)((int64_t)(request->va << (64 - width)) >> (64 - width));
  }
  tw_walk_run(context, &broken, memory, walk);
}

static void global_of_pointers_dropped(const tw_context *context, const tw_request *request,
                                       const tw_table_memory *memory, tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  bool leaf_global = walk->step_count > 0 && (walk->steps[walk->step_count - 1].pte & TW_PTE_G);
  if (!leaf_global) walk->flags &= (uint8_t)~TW_PTE_G;
}

static void superpage_offset_dropped(const tw_context *context, const tw_request *request,
                                     const tw_table_memory *memory, tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  if (walk->level > 0 && walk->reason == TW_OK) walk->pa &= ~(uint64_t)0x1ff000;
}

static void root_read_twice(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                            tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  uint64_t ignored = 0;
  if (walk->step_count == 0) return;
  memory->read(memory->payload, walk->steps[0].pa, tw_mode_row(context->satp.mode)->pte_bytes, &ignored);
}

static void accessed_bit_before_user_bit(const tw_context *context, const tw_request *request,
                                         const tw_table_memory *memory, tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  bool also_denied = walk->reason == TW_REASON_USER_DENIED && !(walk->flags & TW_PTE_A);
  if (also_denied) walk->reason = TW_REASON_ACCESSED_CLEAR;
}

static void without(unsigned extension, const tw_context *context, const tw_request *request,
                    const tw_table_memory *memory, tw_walk *walk) {
  tw_context broken = *context;
  broken.extensions &= ~extension;
  tw_walk_run(&broken, request, memory, walk);
}

static void napot_not_there(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                            tw_walk *walk) {
  without(TW_EXT_SVNAPOT, context, request, memory, walk);
}

static void pbmt_not_there(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                           tw_walk *walk) {
  without(TW_EXT_SVPBMT, context, request, memory, walk);
}

static void software_bits_not_there(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                    tw_walk *walk) {
  without(TW_EXT_SVRSW60T59B, context, request, memory, walk);
}

/* Memory types in force without menvcfg.PBMTE. */
static void pbmte_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                          tw_walk *walk) {
  tw_context broken = *context;
  broken.extensions |= TW_EXT_SVPBMT;
  tw_walk_run(&broken, request, memory, walk);
}

static void napot_page_taken_literally(const tw_context *context, const tw_request *request,
                                       const tw_table_memory *memory, tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  if (walk->napot && walk->pa != 0) walk->pa = (walk->pa & ~(uint64_t)0xf000) | 0x8000;
}

static void memory_type_dropped(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  walk->attribute = TW_PBMT_PMA;
}

/* What entries read as: the decision on the bits that are altered is broken. */

static uint64_t reserved_cleared(uint64_t pte) {
  return pte & ~((uint64_t)0x1f << 54);
}

static uint64_t memory_type_three_accepted(uint64_t pte) {
  return (pte & TW_PTE_PBMT) == TW_PTE_PBMT ? pte & ~((uint64_t)1 << 61) : pte;
}

static uint64_t napot_of_other_sizes(uint64_t pte) {
  bool napot = (pte & TW_PTE_N) && (pte & (TW_PTE_R | TW_PTE_X));
  return napot ? (pte & ~((uint64_t)0xf << 10)) | (uint64_t)8 << 10 : pte;
}

static uint64_t pointer_with_memory_type(uint64_t pte) {
  return pte & (TW_PTE_R | TW_PTE_X) ? pte : pte & ~TW_PTE_PBMT;
}

static uint64_t unaltered(uint64_t pte) {
  return pte;
}

static void reserved_bits_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                  tw_walk *walk) {
  altered_walk(reserved_cleared, context, request, memory, walk);
}

static void memory_type_three(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                              tw_walk *walk) {
  altered_walk(memory_type_three_accepted, context, request, memory, walk);
}

static void napot_pattern_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                  tw_walk *walk) {
  altered_walk(napot_of_other_sizes, context, request, memory, walk);
}

static void pointer_type_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                 tw_walk *walk) {
  altered_walk(pointer_with_memory_type, context, request, memory, walk);
}

static void nothing_altered(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                            tw_walk *walk) {
  altered_walk(unaltered, context, request, memory, walk);
}

#define WALKS(text, function)                                                                                          \
  { text, function, tw_pmp_write_cfg, tw_pmp_write_addr, tw_pmp_write_mseccfg }

const subject SUBJECT_ORACLE = WALKS("the oracle", tw_walk_run);
const subject SUBJECT_UNALTERED = WALKS("nothing altered", nothing_altered);

const subject *broken_translations(size_t *count) {
  static const subject list[] = {
      WALKS("MXR inverted", mxr_inverted),
      WALKS("SUM ignored", sum_ignored),
      WALKS("amo judged as a load", amo_as_load),
      WALKS("store reported as a load", store_with_load_cause),
      WALKS("table fault reported as a load", table_fault_as_load_fault),
      WALKS("M-mode translated", machine_translated),
      WALKS("upper address bits ignored", upper_bits_ignored),
      WALKS("G of pointers dropped", global_of_pointers_dropped),
      WALKS("offset in a superpage dropped", superpage_offset_dropped),
      WALKS("root read twice", root_read_twice),
      WALKS("A tested before U", accessed_bit_before_user_bit),
      WALKS("N not implemented", napot_not_there),
      WALKS("PBMT not implemented", pbmt_not_there),
      WALKS("bits 60..59 reserved", software_bits_not_there),
      WALKS("PBMTE ignored", pbmte_ignored),
      WALKS("low PPN bits of N taken", napot_page_taken_literally),
      WALKS("memory type dropped", memory_type_dropped),
      WALKS("reserved bits ignored", reserved_bits_ignored),
      WALKS("PBMT 3 accepted", memory_type_three),
      WALKS("pattern of N ignored", napot_pattern_ignored),
      WALKS("PBMT of pointers ignored", pointer_type_ignored),
  };
  *count = sizeof list / sizeof list[0];
  return list;
}
