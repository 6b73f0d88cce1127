/* What the judge is told: control and PMP writes, stores, fences, requests. It keeps the addresses of entries whose
 * change no fence has ordered yet.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <stdlib.h>

#include "judge_internal.h"

tw_judge *tw_judge_open(const tw_config *config, const tw_machine *machine, tw_memory *memory) {
  tw_judge *judge = calloc(1, sizeof *judge);
  if (!judge) return NULL;
  judge->config = config;
  judge->machine = machine;
  judge->memory = memory;
  if (moments_init(&judge->changed, 256) && moments_init(&judge->fenced, 256)) return judge;
  tw_judge_close(judge);
  return NULL;
}

void tw_judge_close(tw_judge *judge) {
  if (!judge) return;
  moments_free(&judge->changed);
  moments_free(&judge->fenced);
  free(judge);
}

const char *tw_judge_why(const tw_judge *judge) {
  return judge->why;
}

void judge_ask(const tw_judge *judge, const tw_context *context, const tw_record_access *access, tw_walk *walk) {
  const tw_request request = {
      .access = access->kind, .va = access->va, .bytes = access->size, .speculative = access->speculative};
  const tw_table_memory tables = tw_memory_oracle(judge->memory);
  tw_walk_run(context, &request, &tables, walk);
}

static void entry_change(tw_judge *judge, uint64_t pa, uint64_t before, bool known) {
  const uint64_t kind = TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X;
  bool fresh, invalid = known && !(before & TW_PTE_V);
  moment *entry = moments_touch(&judge->changed, pa, &fresh);
  if (!entry) {
    judge->all_stale = true;
    return;
  }
  entry->was_invalid = invalid && (fresh || (entry->stored && entry->was_invalid));
  entry->was_pointer = entry->was_pointer || !known || (before & kind) == TW_PTE_V;
  entry->stored = true;
  entry->time = judge->time;
}

/* The design set A or D: what it had read before is older now. */
static void entry_mark(tw_judge *judge, uint64_t pa) {
  bool fresh;
  moment *entry = moments_touch(&judge->changed, pa, &fresh);
  if (!entry) {
    judge->all_stale = true;
    return;
  }
  entry->marked = true;
  entry->time = ++judge->time;
}

void tw_judge_store(tw_judge *judge, const tw_record_store *store, uint64_t before) {
  unsigned entry = tw_mode_row(judge->config->mode)->pte_bytes;
  uint64_t first = store->pa & ~(uint64_t)(entry - 1);
  judge->stores++;
  judge->time++;
  for (uint64_t pa = first; pa < store->pa + store->width; pa += entry) {
    bool upper = pa > store->pa;
    /* Half an entry says nothing of its V. */
    entry_change(judge, pa, upper ? before >> 32 : before, store->width >= entry);
  }
}

/* A root that changes under the same ASID leaves translations of the old tree behind (rule satp_op_sfence_vma). */
static void root_note(tw_judge *judge, const tw_satp *satp) {
  for (unsigned i = 0; i < judge->root_count; i++) {
    judge_root *root = &judge->roots[i];
    if (root->asid != satp->asid) continue;
    if (root->root != satp->root_ppn || root->mode != satp->mode) judge->all_stale = true;
    root->root = satp->root_ppn;
    root->mode = satp->mode;
    return;
  }
  if (judge->root_count == JUDGE_ROOTS) {
    judge->all_stale = true;
    return;
  }
  judge->roots[judge->root_count++] = (judge_root){satp->mode, satp->asid, satp->root_ppn};
}

void tw_judge_control(tw_judge *judge, const tw_control_state *control) {
  tw_context context;
  tw_control_context(control, judge->config, judge->machine, TW_FETCH, &context);
  if (control->pbmte != judge->control.pbmte) judge->all_stale = true;
  if (control->adue != judge->control.adue) judge->adue_stale = true;
  judge->control = *control;
  judge->time++;
  if (context.satp.mode != TW_BARE) root_note(judge, &context.satp);
}

void tw_judge_pmp(tw_judge *judge) {
  judge->time++;
  judge->pmp_stale = true;
}

static void fence_all(tw_judge *judge) {
  moments_clear(&judge->changed);
  moments_clear(&judge->fenced);
  judge->full_fences++;
  judge->all_stale = judge->pmp_stale = judge->adue_stale = false;
  judge->root_count = 0;
  tw_judge_control(judge, &judge->control);
}

static void fence_page(tw_judge *judge, uint64_t va, uint64_t time) {
  bool fresh;
  if (tw_mode_row(judge->config->mode)->xlen == 32) va = (uint32_t)va;
  moment *page = moments_touch(&judge->fenced, va >> TW_PAGE_BITS, &fresh);
  if (page && (fresh || page->time < time)) page->time = time;
}

/* An SINVAL.VMA is done with the next SFENCE.INVAL.IR (rule set of svinval). What changed between the two it does not
 * order; then a full one is left out, and what it leaves stale is judged more mildly than it could be. */
static void sinvals_order(tw_judge *judge) {
  for (unsigned i = 0; i < judge->sinval_count; i++) {
    const judge_sinval *one = &judge->sinvals[i];
    if (one->fence.has_va) {
      fence_page(judge, one->fence.va, one->time);
    } else if (judge->time - one->time == judge->sinval_count - 1 - i) {
      fence_all(judge);
    }
  }
  judge->sinval_count = 0;
}

/* A fence of one address orders the leaf entry of that address, not the pointers before it (rule
 * sfence_vma_va_all_asid). Fences of one ASID are left out: what they leave stale is judged more mildly than it could
 * be. */
void tw_judge_fence(tw_judge *judge, const tw_record_fence *fence) {
  if (fence->kind == TW_FENCE_SFENCE_INVAL_IR) sinvals_order(judge);
  if (fence->kind != TW_FENCE_SFENCE_VMA && fence->kind != TW_FENCE_SINVAL_VMA) return;
  judge->time++;
  if (fence->has_asid || (fence->has_va && !tw_va_canonical(judge->config->mode, fence->va))) return;
  if (fence->kind == TW_FENCE_SINVAL_VMA) {
    if (judge->sinval_count < JUDGE_SINVALS)
      judge->sinvals[judge->sinval_count++] = (judge_sinval){*fence, judge->time};
  } else if (fence->has_va) {
    fence_page(judge, fence->va, judge->time);
  } else {
    fence_all(judge);
  }
}

void tw_judge_read(tw_judge *judge, const tw_memory_read *read) {
  if (read->update && !read->error && read->pte == read->expected) entry_mark(judge, read->pa);
  if (!read->error) return;
  judge->bus_failed = true;
  if (read->answered > judge->bus_failed_at) judge->bus_failed_at = read->answered;
}

void tw_judge_accepted(tw_judge *judge, const tw_flight *flight) {
  flight_note *note = &judge->notes[flight->port][flight->tag];
  if (note->active) judge->cancelled[flight->port][flight->tag] = *note;
  note->active = true;
  note->access = flight->access;
  note->accepted = flight->accepted;
  tw_control_context(&flight->control, judge->config, judge->machine, flight->access.kind, &note->context);
  judge_ask(judge, &note->context, &note->access, &note->walk);
  note->pmp_stale = judge->pmp_stale;
  note->adue_stale = judge->adue_stale;
  note->stores = judge->stores;
  note->full_fences = judge->full_fences;
  note->stale = judge_present_staleness(judge, note, &note->walk);
}
