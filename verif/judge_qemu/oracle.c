/* Asking the oracle about one access in a world.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "oracle.h"
#include "deviation.h"
#include "image.h"

#include <string.h>

/* The virt machine's RAM, at the size that QEMU is started with. What the judge tries beside it is vacant. */
static const tw_pma_table REGIONS = {
    .count = 1, .region = {{.base = JUDGE_RAM, .bits = JUDGE_RAM_BITS, .tables = true, .updates = true}}};

typedef struct page_tables {
  const judge_place *place;
  const tw_context *context;
  unsigned reads; /* so far: the level follows */
  judge_reading reading;
  tw_access access;
} page_tables;

static bool entry_load(const page_tables *tables, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const uint8_t *at = judge_ram_at(tables->place->ram, pa, bytes);
  *pte = 0;
  if (at != NULL) memcpy(pte, at, bytes);
  return at != NULL;
}

static bool entry_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  page_tables *tables = payload;
  if (!entry_load(tables, pa, bytes, pte)) return false;
  unsigned level = tw_mode_row(tables->context->satp.mode)->levels - ++tables->reads;
  *pte = judge_break_read(tables->place->broken, tables->context, *pte, level);
  *pte = judge_qemu_entry(tables->place->plan, tables->reading, tables->access, *pte);
  return true;
}

/* There is nobody else who writes: the entry is as it was read. */
static bool entry_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  const page_tables *tables = payload;
  uint64_t found;
  if (!entry_load(tables, pa, bytes, &found)) return false;
  if (!tables->place->keep) return true;
  uint64_t entry = judge_break_write(tables->place->broken, found, found | (desired & ~*expected));
  memcpy(judge_ram_at(tables->place->ram, pa, bytes), &entry, bytes);
  return true;
}

static tw_context context_of(const judge_place *place, const judge_access *access, const tw_machine *machine) {
  const judge_plan *plan = place->plan;
  tw_context context = {.privilege = judge_effective(place, access),
                        .sum = access->sum,
                        .mxr = access->mxr,
                        .xlen = plan->variant->xlen,
                        .extensions = judge_world_extensions(plan->variant, plan->pbmte),
                        .machine = machine};
  tw_satp_decode(plan->variant->xlen, plan->satp, &context.satp);
  judge_break_context(place->broken, access->kind, &context);
  return context;
}

tw_privilege judge_effective(const judge_place *place, const judge_access *access) {
  tw_status status = access->status;
  judge_break_status(place->broken, &status);
  return tw_privilege_effective(&status, access->kind);
}

static void ask(const judge_place *place, const judge_access *access, const tw_machine *machine, judge_reading reading,
                tw_walk *walk) {
  tw_context context = context_of(place, access, machine);
  page_tables tables = {.place = place, .context = &context, .reading = reading, .access = access->kind};
  tw_table_memory memory = {entry_read, entry_update, &tables};
  tw_request request = {.access = access->kind, .va = access->va, .bytes = access->bytes};
  judge_break_request(place->broken, &context, &request);
  tw_walk_run(&context, &request, &memory, walk);
  judge_break_walk(place->broken, access->kind, walk);
}

judge_answer judge_ask(const judge_place *place, const judge_access *access) {
  tw_pmp pmp = *place->pmp;
  judge_break_pmp(place->broken, &pmp);
  tw_machine machine = {.pmp = &pmp, .regions = &REGIONS};
  judge_answer answer = {.tval = judge_break_tval(place->broken, access->va)};
  ask(place, access, &machine, JUDGE_READ_AS_WRITTEN, &answer.walk);
  for (unsigned i = 0; i < answer.walk.step_count; i++) answer.updated |= answer.walk.steps[i].update;
  if (answer.walk.reason == TW_REASON_UPDATE_PMP) answer.updated = false;
  return answer;
}

tw_reason judge_reach(const judge_place *place, const judge_access *access, uint64_t *pa) {
  tw_machine machine = {0};
  tw_walk walk;
  ask(place, access, &machine, JUDGE_READ_QEMU, &walk);
  *pa = walk.pa;
  return walk.reason;
}

/* Sets A and D in the leaf that a walk ended with. */
static void leaf_update(const judge_place *place, tw_access access, judge_answer *answer) {
  const tw_walk *walk = &answer->walk;
  if (walk->step_count == 0) return;
  const tw_mode_info *info = tw_mode_row(place->plan->mode);
  uint64_t found = 0;
  uint8_t *at = judge_ram_at(place->ram, walk->steps[walk->step_count - 1].pa, info->pte_bytes);
  memcpy(&found, at, info->pte_bytes);
  uint64_t entry = tw_pte_updated(found, access);
  answer->updated = entry != found;
  entry = judge_break_write(place->broken, found, entry);
  if (place->keep) memcpy(at, &entry, info->pte_bytes);
}

/* Whether PMP lets a walk read the entry that it could not read for want of memory; QEMU looks at PMP first. */
static bool next_table_readable(const judge_place *place, const judge_access *access, const tw_pmp *pmp,
                                const tw_walk *walk) {
  if (walk->step_count == 0) return false;
  const tw_step *last = &walk->steps[walk->step_count - 1];
  const tw_mode_info *info = tw_mode_row(place->plan->mode);
  uint64_t ppn = last->pte >> 10 & ((UINT64_C(1) << info->ppn_bits) - 1);
  uint64_t pa = tw_pte_address(place->plan->mode, ppn, last->level - 1u, access->va);
  if (place->plan->variant->xlen == 32) pa = (uint32_t)pa;
  return tw_pmp_check(pmp, TW_SUPERVISOR, TW_LOAD, pa, info->pte_bytes);
}

/* Whether PMP grants an access to where there is no memory. */
static bool vacant_granted(const judge_place *place, const judge_access *access, const tw_pmp *pmp) {
  uint64_t pa;
  if (judge_reach(place, access, &pa) == TW_REASON_PHYSICAL_RANGE) pa = access->va;
  return tw_pmp_check(pmp, judge_effective(place, access), access->kind, pa, access->bytes);
}

/* QEMU sets A and D before it looks at N: also where the leaf without N would have been taken. */
static void napot_update(const judge_place *place, const judge_access *access, const tw_machine *machine,
                         judge_answer *answer) {
  tw_walk walk;
  ask(place, access, machine, JUDGE_READ_QEMU_BEFORE_NAPOT, &walk);
  if (walk.reason == TW_OK || walk.reason == TW_REASON_PMP_DENIED || walk.reason == TW_REASON_PMA_DENIED)
    leaf_update(place, access->kind, answer);
}

judge_answer judge_ask_as_qemu(const judge_place *place, const judge_access *access) {
  tw_pmp pmp = *place->pmp;
  judge_break_pmp(place->broken, &pmp);
  tw_machine machine = {.pmp = &pmp, .regions = &REGIONS};
  judge_answer answer = {.tval = judge_break_tval(place->broken, access->va)};
  tw_walk *walk = &answer.walk;
  ask(place, access, &machine, JUDGE_READ_QEMU, walk);
  if (walk->reason == TW_REASON_TABLE_PMA && next_table_readable(place, access, &pmp, walk))
    walk->cause = tw_reason_cause(TW_REASON_INVALID, access->kind);
  if (walk->reason == TW_REASON_NAPOT_RESERVED) napot_update(place, access, &machine, &answer);
  if (walk->reason == TW_OK || walk->reason == TW_REASON_PMP_DENIED || walk->reason == TW_REASON_PMA_DENIED) {
    leaf_update(place, access->kind, &answer);
  }
  if ((walk->reason == TW_REASON_PMA_DENIED || walk->reason == TW_REASON_PHYSICAL_RANGE) &&
      vacant_granted(place, access, &pmp))
    answer.tval = judge_qemu_vacant_tval(access->kind, answer.tval, access->bytes);
  return answer;
}
