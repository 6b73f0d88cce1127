/* Whether a record's fields are in range, and whether it may come next.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "grammar.h"

#define PA_BITS 56u
#define SHOW(value) ((unsigned long long)(value))

static bool check_pa(uint64_t pa, uint64_t alignment, const char *what, tw_error *error) {
  if (pa >> PA_BITS)
    return tw_error_set(error, "expected a `pa` of at most %u bits in `%s`, found 0x%llx", PA_BITS, what, SHOW(pa));
  if (pa % alignment)
    return tw_error_set(error, "expected a `pa` that is a multiple of %llu in `%s`, found 0x%llx", SHOW(alignment),
                        what, SHOW(pa));
  return true;
}

static bool check_entry_bytes(unsigned bytes, const char *what, tw_error *error) {
  return bytes == 4 || bytes == 8 || tw_error_set(error, "expected 4 or 8 bytes in `%s`, found %u", what, bytes);
}

static bool check_privilege(tw_privilege privilege, const char *what, tw_error *error) {
  return grammar_privilege_name(privilege) ||
         tw_error_set(error, "expected a `%s` of 0 (U), 1 (S) or 3 (M), found %u", what, (unsigned)privilege);
}

static bool check_access(const tw_record *record, tw_trace_kind kind, tw_error *error) {
  const tw_record_access *access = &record->access;
  if ((unsigned)access->kind >= TW_ACCESS_COUNT)
    return tw_error_set(error, "expected an access of kind 0 to 3, found %u", (unsigned)access->kind);
  if (access->size < 1 || access->size > 64)
    return tw_error_set(error, "expected a `size` from 1 to 64, found %u", access->size);
  const uint64_t last = access->va + access->size - 1u;
  if (last < access->va)
    return tw_error_set(error, "expected an access that ends below 2^64, found va=0x%llx", SHOW(access->va));
  if (kind != TW_TRACE_PROGRAM) {
    if ((access->va ^ last) >> TW_PAGE_BITS)
      return tw_error_set(error, "expected an access within one page, found va=0x%llx size=%u", SHOW(access->va),
                          access->size);
    return true;
  }
  if (access->speculative || access->retries || access->cancel_after)
    return tw_error_set(error, "expected no `speculative`, `retries` or `cancel` in a program trace, found one");
  return true;
}

static bool check_name(const char *name, tw_error *error) {
  return !name || strnlen(name, TRACE_MAX_NAME_BYTES + 1) <= TRACE_MAX_NAME_BYTES ||
         tw_error_set(error, "expected a name of at most %u bytes, found a longer one", TRACE_MAX_NAME_BYTES);
}

/* Regions; protection, advice and use are checked only where they mean something. */
static bool check_region(const tw_record *record, tw_error *error) {
  const tw_record_map *map = &record->map;
  const unsigned all = TW_PROT_READ | TW_PROT_WRITE | TW_PROT_EXECUTE;
  const bool has_prot = record->kind == TW_RECORD_MAP || record->kind == TW_RECORD_PROTECT;
  if (map->start % TW_PAGE_BYTES || map->length % TW_PAGE_BYTES || map->length == 0)
    return tw_error_set(error,
                        "expected `start` and `length` in multiples of 4096, and a length, found 0x%llx and 0x%llx",
                        SHOW(map->start), SHOW(map->length));
  if (map->start + (map->length - 1) < map->start)
    return tw_error_set(error, "expected a region that ends at 2^64 at most, found start=0x%llx length=0x%llx",
                        SHOW(map->start), SHOW(map->length));
  if (has_prot && map->prot > all)
    return tw_error_set(error, "expected a protection from 0 to %u, found %u", all, map->prot);
  if (record->kind == TW_RECORD_ADVISE && !tw_advice_name(map->advice))
    return tw_error_set(error, "expected an advice from %u to %u, found %u", TW_ADVICE_HUGE, TW_ADVICE_COUNT - 1,
                        (unsigned)map->advice);
  if (record->kind != TW_RECORD_MAP) return true;
  if ((unsigned)map->use < TW_REGION_CODE || (unsigned)map->use >= TW_REGION_USE_COUNT)
    return tw_error_set(error, "expected a region's use from %u to %u, found %u", TW_REGION_CODE,
                        TW_REGION_USE_COUNT - 1, (unsigned)map->use);
  return check_name(map->name, error);
}

static bool check_process(const tw_record *record, tw_error *error) {
  if (record->id & 0xffff)
    return tw_error_set(error, "expected a process's `id` with 0 in its lower 16 bits, found %u", record->id);
  return check_name(record->name, error);
}

/* One of a system call's ranges. */
static bool check_range(uint64_t start, uint32_t length, const char *what, tw_error *error) {
  if (length == 0 && start != 0)
    return tw_error_set(error, "expected `%s-length` with `%s` in `call`, found none", what, what);
  if (length > 0 && start + (length - 1) < start)
    return tw_error_set(error, "expected a range that ends at 2^64 at most, found %s=0x%llx %s-length=%u", what,
                        SHOW(start), what, length);
  return true;
}

static bool check_place(const tw_record_place *place, tw_error *error) {
  if (place->va % TW_PAGE_BYTES)
    return tw_error_set(error, "expected a `va` that is a multiple of 4096 in `place`, found 0x%llx", SHOW(place->va));
  return check_pa(place->pa, TW_PAGE_BYTES, "place", error);
}

static bool check_block(const tw_record *record, tw_error *error) {
  const tw_record_block *block = &record->block;
  if (record->kind == TW_RECORD_FREE && block->size != 0)
    return tw_error_set(error, "expected no `size` in `free`, found %llu", SHOW(block->size));
  if (block->size > 0 && block->va + (block->size - 1) < block->va)
    return tw_error_set(error, "expected a block that ends at 2^64 at most, found va=0x%llx size=%llu", SHOW(block->va),
                        SHOW(block->size));
  return true;
}

static bool check_control(const tw_record_control *control, tw_error *error) {
  return check_privilege(control->privilege, "privilege", error) && check_privilege(control->mpp, "mpp", error);
}

static bool check_store(const tw_record_store *store, tw_error *error) {
  if (!check_entry_bytes(store->width, "pte", error) || !check_pa(store->pa, store->width, "pte", error)) return false;
  if (store->width == 4 && ((store->first | store->second) >> 32))
    return tw_error_set(error, "expected values of 32 bits in a `pte` of 4 bytes, found 0x%llx and 0x%llx",
                        SHOW(store->first), SHOW(store->second));
  return true;
}

static bool check_fence(const tw_record_fence *fence, tw_trace_kind kind, tw_error *error) {
  const bool takes = fence->kind == TW_FENCE_SFENCE_VMA || fence->kind == TW_FENCE_SINVAL_VMA;
  if (!tw_fence_kind_name(fence->kind))
    return tw_error_set(error, "expected a fence of kind 0, 1, 4 or 5, found %u", fence->kind);
  if (!takes && (fence->has_va || fence->has_asid))
    return tw_error_set(error, "expected no `va` or `asid` in a fence of kind %s, found one",
                        tw_fence_kind_name(fence->kind));
  if (fence->unknown && (kind != TW_TRACE_PROGRAM || !takes || fence->has_va || fence->has_asid))
    return tw_error_set(error, "expected `unknown` only in a fence of a program trace, in place of `va` and `asid`, "
                               "found it");
  if ((!fence->has_va && fence->va) || (!fence->has_asid && fence->asid))
    return tw_error_set(error, "expected 0 for a fence's absent operand, found va=0x%llx asid=%u", SHOW(fence->va),
                        fence->asid);
  return true;
}

static bool check_pmp(const tw_record_pmp *pmp, tw_error *error) {
  static const unsigned WIDTH[TW_PMP_REGISTER_COUNT] = {8, 54, 3};
  if ((unsigned)pmp->target >= TW_PMP_REGISTER_COUNT)
    return tw_error_set(error, "expected a PMP register from 0 to 2, found %u", (unsigned)pmp->target);
  const unsigned last = pmp->target == TW_PMP_MSECCFG ? 0 : TW_PMP_MAX - 1;
  if (pmp->index > last) return tw_error_set(error, "expected an `index` from 0 to %u, found %u", last, pmp->index);
  if (pmp->value >> WIDTH[pmp->target])
    return tw_error_set(error, "expected a `value` of %u bits, found 0x%llx", WIDTH[pmp->target], SHOW(pmp->value));
  return true;
}

/* What tells of the page: level, flags, attribute, size. */
static bool check_page(const tw_record_answer *answer, tw_error *error) {
  if (answer->status != 0 && (answer->pa || answer->level || answer->flags || answer->attribute || answer->napot))
    return tw_error_set(
        error, "expected no `pa`, `level`, `flags`, `attribute` or `napot` in an answer that is not `ok`, found one");
  if (answer->level >= TW_MAX_LEVELS)
    return tw_error_set(error, "expected a `level` from 0 to %u, found %u", TW_MAX_LEVELS - 1, answer->level);
  if (answer->attribute > TW_PBMT_IO)
    return tw_error_set(error, "expected an `attribute` from 0 to %u, found %u", TW_PBMT_IO, answer->attribute);
  if (answer->napot && answer->level != 0)
    return tw_error_set(error, "expected `level` 0 with `napot`, found %u", answer->level);
  return check_pa(answer->pa, 1, "answer", error);
}

static bool check_answer(const tw_record_answer *answer, tw_error *error) {
  if (answer->status > 2)
    return tw_error_set(error, "expected an answer's status from 0 to 2, found %u", answer->status);
  if (answer->answered <= answer->accepted)
    return tw_error_set(error, "expected `answered` after `accepted`, found %llu and %llu", SHOW(answer->answered),
                        SHOW(answer->accepted));
  const bool ok = answer->status == 0, fault = answer->status == 1;
  if (fault ? answer->reason == 0 || answer->reason >= TW_REASON_COUNT : answer->reason != 0)
    return tw_error_set(error, "expected a reason from %u to %u, %s, found %u", fault ? 1u : 0u,
                        fault ? TW_REASON_COUNT - 1u : 0u, fault ? "as it is a fault" : "as it is no fault",
                        answer->reason);
  if (!ok && !fault && answer->hit) return tw_error_set(error, "expected no `hit` in an answer of `retry`, found it");
  if (answer->l2 && !answer->hit) return tw_error_set(error, "expected `hit` with `l2`, found none");
  return check_page(answer, error);
}

static bool check_step(const tw_record_step *step, tw_error *error) {
  if (!check_entry_bytes(step->size, "step", error) || !check_pa(step->pa, step->size, "step", error)) return false;
  const uint64_t written = step->expected | step->desired;
  if (step->update ? step->size == 4 && written >> 32 : written != 0)
    return tw_error_set(error, "expected `expect` and `write` of %u bits in `step`, found 0x%llx and 0x%llx",
                        step->update ? 32u : 0u, SHOW(step->expected), SHOW(step->desired));
  if (step->error ? step->pte != 0 : step->size == 4 && step->pte >> 32)
    return tw_error_set(error, "expected a `pte` of %u bits in `step`, found 0x%llx", step->error ? 0u : 32u,
                        SHOW(step->pte));
  return true;
}

/* Of a record of program traces that is no access. */
static bool check_event(const tw_record *record, tw_error *error) {
  switch (record->kind) {
  case TW_RECORD_MAP:
  case TW_RECORD_UNMAP:
  case TW_RECORD_PROTECT:
  case TW_RECORD_ADVISE:
    return check_region(record, error);
  case TW_RECORD_PROCESS:
    return check_process(record, error);
  case TW_RECORD_EXEC:
    return check_name(record->name, error);
  case TW_RECORD_CALL:
    return check_range(record->call.reads, record->call.reads_length, "reads", error) &&
           check_range(record->call.writes, record->call.writes_length, "writes", error);
  case TW_RECORD_PLACE:
    return check_place(&record->place, error);
  case TW_RECORD_ALLOC:
  case TW_RECORD_FREE:
    return check_block(record, error);
  case TW_RECORD_RECLAIM:
    return record->pages > 0 || tw_error_set(error, "expected at least 1 for `pages` in `reclaim`, found 0");
  default:
    return true;
  }
}

static bool check_fields(const tw_record *record, tw_trace_kind kind, tw_error *error) {
  switch (record->kind) {
  case TW_RECORD_ACCESS:
    return check_access(record, kind, error);
  case TW_RECORD_IMAGE:
    return check_pa(record->image.pa, 8, "image", error);
  case TW_RECORD_INJECT:
    return check_pa(record->inject.pa, 4, "inject", error);
  case TW_RECORD_CONTROL:
    return check_control(&record->control, error);
  case TW_RECORD_STORE:
    return check_store(&record->store, error);
  case TW_RECORD_FENCE:
    return check_fence(&record->fence, kind, error);
  case TW_RECORD_PMP:
    return check_pmp(&record->pmp, error);
  case TW_RECORD_ANSWER:
    return check_answer(&record->answer, error);
  case TW_RECORD_STEP:
    return check_step(&record->step, error);
  default:
    return check_event(record, error);
  }
}

/* Bits (1 << tw_trace_kind) of the traces that may hold a record; 0 for no record. */
static unsigned record_traces(tw_record_kind kind) {
  const unsigned program = 1u << TW_TRACE_PROGRAM, golden = 1u << TW_TRACE_GOLDEN, mmu = 1u << TW_TRACE_MMU | golden;
  switch (kind) {
  case TW_RECORD_ACCESS:
  case TW_RECORD_FENCE:
    return program | mmu;
  case TW_RECORD_MAP:
  case TW_RECORD_UNMAP:
  case TW_RECORD_PROTECT:
  case TW_RECORD_BREAK:
  case TW_RECORD_THREAD:
  case TW_RECORD_FORK:
  case TW_RECORD_EXIT:
  case TW_RECORD_PROCESS:
  case TW_RECORD_EXEC:
  case TW_RECORD_CALL:
  case TW_RECORD_PLACE:
  case TW_RECORD_ADVISE:
  case TW_RECORD_ALLOC:
  case TW_RECORD_FREE:
  case TW_RECORD_RECLAIM:
    return program;
  case TW_RECORD_IMAGE:
  case TW_RECORD_INJECT:
  case TW_RECORD_CONTROL:
  case TW_RECORD_STORE:
  case TW_RECORD_PMP:
    return mmu;
  case TW_RECORD_ANSWER:
  case TW_RECORD_STEP:
    return golden;
  default:
    return 0;
  }
}

static bool record_is_played(tw_record_kind kind) {
  return kind == TW_RECORD_ACCESS || kind == TW_RECORD_CONTROL || kind == TW_RECORD_STORE || kind == TW_RECORD_FENCE ||
         kind == TW_RECORD_PMP;
}

bool trace_record_numbered(tw_trace_kind trace, tw_record_kind record) {
  return trace == TW_TRACE_PROGRAM || record_is_played(record);
}

static bool check_when(const tw_record *record, tw_trace_kind kind, tw_error *error) {
  const tw_after *after = &record->after;
  const bool ordered = after->all || after->count != 0 || record->delay != 0;
  if (ordered && (kind == TW_TRACE_PROGRAM || !record_is_played(record->kind)))
    return tw_error_set(error, "expected no `after` or `delay` in this record, found one");
  if (record->hart != 0 && !(record_traces(record->kind) & 1u << TW_TRACE_MMU && record_is_played(record->kind)) &&
      record->kind != TW_RECORD_ANSWER && record->kind != TW_RECORD_STEP)
    return tw_error_set(error, "expected no `hart` in this record, found %u", record->hart);
  if (record->hart != 0 && kind == TW_TRACE_PROGRAM)
    return tw_error_set(error, "expected no `hart` in a program trace, found %u", record->hart);
  if (after->count > TW_AFTER_MAX || (after->all && after->count != 0))
    return tw_error_set(error, "expected `after` to be all or at most %u records, found %u%s", TW_AFTER_MAX,
                        after->count, after->all ? " and all" : "");
  for (unsigned i = 0; i < after->count; i++)
    if (after->back[i] == 0) return tw_error_set(error, "expected `after` to count back from 1, found 0");
  return true;
}

bool tw_record_check(const tw_record *record, tw_trace_kind kind, tw_error *error) {
  const unsigned traces = record_traces(record->kind);
  if (traces == 0) return tw_error_set(error, "expected a kind of record, found %u", (unsigned)record->kind);
  if ((unsigned)kind > TW_TRACE_GOLDEN || !(traces & 1u << kind)) {
    const grammar_form *form = grammar_by_record(record);
    return tw_error_set(error, "expected a record of a %s trace, found `%s`", trace_kind_name(kind),
                        form ? form->word : "?");
  }
  return check_when(record, kind, error) && check_fields(record, kind, error);
}

bool trace_order_check(const trace_order *order, const tw_record *record, tw_error *error) {
  if (!tw_record_check(record, order->kind, error)) return false;
  for (unsigned i = 0; i < record->after.count; i++)
    if (record->after.back[i] > order->numbers)
      return tw_error_set(error, "expected `after` to name one of the %llu played records before, found -%u",
                          SHOW(order->numbers), record->after.back[i]);
  if ((record->kind == TW_RECORD_IMAGE || record->kind == TW_RECORD_INJECT) && order->numbers > 0)
    return tw_error_set(error, "expected `image` and `inject` before the first played record, found one after it");
  if (record->kind == TW_RECORD_ANSWER && record->answer.access >= order->numbers)
    return tw_error_set(error, "expected an answer of one of the %llu played records before, found `of=%llu`",
                        SHOW(order->numbers), SHOW(record->answer.access));
  return true;
}
