/* Answers page faults as a kernel does: brings the page, copies it, sets A and D, or finds that the access is not
 * allowed (S9, S10, S13).
 * SPDX-License-Identifier: Apache-2.0 */
#include "huge.h"

#include <inttypes.h>

/* A fault that is being repaired. */
typedef struct fault_work {
  space_process *process;
  const tw_region *region;
  uint64_t page; /* its address */
  bool writes;
  bool disk; /* the page came from the disk */
  table_slot slot;
} fault_work;

static bool fault_writes(const window_entry *access) {
  return access->kind == TW_STORE || access->kind == TW_AMO;
}

static uint8_t fault_right(const window_entry *access) {
  return access->kind == TW_FETCH ? TW_PTE_X : fault_writes(access) ? TW_PTE_W : TW_PTE_R;
}

/* A stack grows down to its limit, but not close to the region below. */
static bool fault_region(tw_space *space, uint64_t va, const tw_region **region, tw_error *error) {
  space_process *process = space->running;
  size_t index = tw_region_above(&process->regions, va);
  tw_region *found = index < process->regions.count ? &process->regions.at[index] : NULL;
  *region = found && found->start <= va ? found : NULL;
  if (*region || !found || !found->grows_down || found->end - va > SPACE_STACK_LIMIT) return true;
  uint64_t page = va & ~SPACE_PAGE_MASK;
  if (index && page - process->regions.at[index - 1].end < SPACE_STACK_GUARD) return true;
  const reference_range grown = {.start = page, .end = found->start};
  if (space->reference && !reference_map(space->reference, process->index, &grown))
    return tw_error_set(error, "out of memory for the stack's content");
  found->start = page;
  *region = found;
  return true;
}

void space_fault_segfault(tw_space *space, const window_entry *access, tw_reason reason) {
  space_process *process = space->running;
  space->counts.segmentation_faults++;
  process->segmentation_faults++;
  space_watch_event(space, TW_SPACE_SEGFAULT, process->id, access->origin, 0);
  if (space->segfault_count == TW_SPACE_SEGFAULTS_KEPT) return;
  space->segfaults[space->segfault_count++] =
      (tw_space_segfault){access->record, process->id, access->origin, (tw_access)access->kind, reason};
}

/* The frame that a page which is not there will lie in. */
static frame *fault_bring(tw_space *space, fault_work *work, tw_error *error) {
  const tw_region *region = work->region;
  bool own = work->writes && !region->shared;
  uint64_t entry = *work->slot.entry;
  if (table_is_swapped(entry)) {
    return space_page_swap_in(space, work->process, work->page, table_entry_ppn(entry), own, &work->disk, error);
  }
  if (!region->object) return space_page_new(space, work->process, work->page, FRAME_ANONYMOUS, error);
  frame *cached = space_cache_bring(space, own ? NULL : work->process, region, work->page, &work->disk, error);
  return cached && own ? space_page_copy(space, work->process, work->page, cached, error) : cached;
}

static bool fault_is_placed(const fault_work *work, const frame *lies, tw_error *error) {
  for (size_t i = 0; i < work->process->place_count; i++) {
    if (work->process->places[i].va != work->page) continue;
    return tw_error_set(error, "place: the page at 0x%" PRIx64 " lies in frame 0x%" PRIx64 " already, with others",
                        work->page, lies->ppn << TW_PAGE_BITS);
  }
  return true;
}

/* Writes the entry of a page, now that it lies in a frame. */
static bool fault_enter(tw_space *space, fault_work *work, frame *lies, tw_fence_event event, tw_error *error) {
  space_flush flush = {.event = event, .process = work->process};
  uint64_t bits = TW_PTE_A;
  if (work->writes) {
    space_page_dirtied(space, lies);
    bits |= TW_PTE_D;
  }
  uint64_t entry = table_entry(lies->ppn, bits | space_page_rights(space, work->region, lies));
  return space_flush_write(space, &flush, &work->slot, 0, entry, error) && space_flush_end(space, &flush, error);
}

static bool fault_map(tw_space *space, fault_work *work, tw_error *error) {
  uint64_t before = *work->slot.entry;
  frame *lies = fault_bring(space, work, error);
  if (!lies || !fault_is_placed(work, lies, error) || !space_page_map(space, work->process, work->page, lies, error))
    return false;
  if (table_is_swapped(before)) {
    work->process->swapped--;
    swap_release(space->swap, table_entry_ppn(before));
  }
  space->counts.pages_mapped++;
  if (work->disk) space->kernel.delay = space->options.swap_latency;
  space_watch_event(space, work->disk ? TW_SPACE_MAJOR_FAULT : TW_SPACE_MINOR_FAULT, work->process->id, work->page,
                    lies->ppn << TW_PAGE_BITS);
  return fault_enter(space, work, lies, TW_FENCED_NEW, error);
}

static bool fault_copy(tw_space *space, fault_work *work, frame *from, tw_error *error) {
  frame *copy = space_page_copy(space, work->process, work->page, from, error);
  return copy && space_page_unmap(space, work->process, &work->slot, *work->slot.entry, error) &&
         space_page_map(space, work->process, work->page, copy, error) &&
         fault_enter(space, work, copy, TW_FENCED_COPY, error);
}

/* The entry lacks A, D or a right that its page may have. */
static bool fault_set(tw_space *space, fault_work *work, frame *lies, tw_error *error) {
  uint64_t wanted = space_page_rights(space, work->region, lies) | TW_PTE_A | (work->writes ? TW_PTE_D : 0u);
  uint64_t missing = wanted & ~*work->slot.entry;
  bool reuse = work->writes && (missing & TW_PTE_W) && !work->region->shared;
  space_flush flush = {.event = reuse ? TW_FENCED_COPY : TW_FENCED_SET, .process = work->process};
  if (work->writes) space_page_dirtied(space, lies);
  space->counts.reuses += reuse;
  space->counts.accessed_set += !reuse && (missing & TW_PTE_A);
  space->counts.dirty_set += missing == TW_PTE_D;
  space_watch_event(space, reuse ? TW_SPACE_REUSE : TW_SPACE_BITS_FAULT, work->process->id, work->page,
                    lies->ppn << TW_PAGE_BITS);
  return space_huge_write(space, &flush, &work->slot, UINT64_MAX, missing, error) &&
         space_flush_end(space, &flush, error);
}

/* What the entry lacks to grant the access decides what is done. */
static bool fault_repair(tw_space *space, fault_work *work, tw_error *error) {
  if (!space_kernel_enter(space, error) || !space_reclaim_balance(space, error) ||
      !space_kernel_reach(space, &work->process->table, work->page, 0, &work->slot, error))
    return false;
  uint64_t entry = *work->slot.entry;
  space->counts.page_faults++;
  work->process->page_faults++;
  if (!entry || table_is_swapped(entry)) {
    if (!fault_map(space, work, error)) return false;
  } else {
    frame *lies = space_page_frame(space, &work->slot);
    bool copy = work->writes && !(space_page_rights(space, work->region, lies) & TW_PTE_W);
    if (!(copy ? fault_copy(space, work, lies, error) : fault_set(space, work, lies, error))) return false;
  }
  if (work->disk) {
    space->counts.major_faults++;
  } else {
    space->counts.minor_faults++;
  }
  return space_huge_promote(space, work->process, work->region, work->page, error) && space_kernel_leave(space, error);
}

/* Faults of entries that no kernel writes: reserved bits, misaligned leaves and the like. */
static bool fault_is_impossible(tw_reason reason) {
  switch (reason) {
  case TW_REASON_WRITE_ONLY:
  case TW_REASON_RESERVED_BITS:
  case TW_REASON_POINTER_RESERVED:
  case TW_REASON_NO_LEAF:
  case TW_REASON_MISALIGNED:
  case TW_REASON_NAPOT_RESERVED:
  case TW_REASON_PBMT_RESERVED:
    return true;
  default:
    return false;
  }
}

/* The entry grants the access: a translation of before its last change was used, or a pointer to a table that is gone,
 * which a fence with an address does not reach. Behind a fence it must be granted. */
static fault_outcome fault_spurious(tw_space *space, window_entry *access, tw_error *error) {
  uint64_t page = access->va & ~SPACE_PAGE_MASK;
  space->counts.spurious_faults++;
  space_watch_event(space, TW_SPACE_SPURIOUS_FAULT, space->running->id, page, 0);
  if (++access->spurious > SPACE_SPURIOUS_MAX) {
    tw_error_set(error,
                 "the MMU insists: %s of 0x%" PRIx64 " faulted (%s) %u times, though its entry grants it and "
                 "was fenced",
                 tw_access_name((tw_access)access->kind), access->va, tw_reason_name((tw_reason)access->reason),
                 access->spurious);
    return FAULT_ERROR;
  }
  bool by_page = access->spurious <= SPACE_SPURIOUS_PAGE;
  if (!space_kernel_enter(space, error)) return FAULT_ERROR;
  if (!(by_page ? space_flush_page(space, TW_FENCED_SPURIOUS, space->running, page, error)
                : space_flush_all(space, TW_FENCED_SPURIOUS, space->running, error)))
    return FAULT_ERROR;
  return space_kernel_leave(space, error) ? FAULT_AGAIN : FAULT_ERROR;
}

static bool fault_is_granted(space_process *process, const window_entry *access) {
  uint64_t wanted = TW_PTE_V | TW_PTE_A | fault_right(access) | (fault_writes(access) ? TW_PTE_D : 0u);
  return !(wanted & ~*space_process_look(process, access->va)->entry);
}

static fault_outcome fault_page(tw_space *space, window_entry *access, tw_error *error) {
  tw_reason reason = (tw_reason)access->reason;
  fault_work work = {.process = space->running, .page = access->va & ~SPACE_PAGE_MASK, .writes = fault_writes(access)};
  bool stale = revoked_count(space->revoked);
  if (fault_is_impossible(reason) && !stale) {
    tw_error_set(error, "%s of 0x%" PRIx64 " faulted (%s): no page table has such an entry, so the MMU is wrong",
                 tw_access_name((tw_access)access->kind), access->va, tw_reason_name(reason));
    return FAULT_ERROR;
  }
  if (!fault_region(space, access->va, &work.region, error)) return FAULT_ERROR;
  if (!work.region || !(space_page_flags(work.region->prot) & fault_right(access))) {
    space_fault_segfault(space, access, reason);
    return FAULT_OVER;
  }
  if (fault_is_granted(space->running, access)) return fault_spurious(space, access, error);
  return fault_repair(space, &work, error) ? FAULT_AGAIN : FAULT_ERROR;
}

fault_outcome space_fault_answer(tw_space *space, window_entry *oldest, tw_error *error) {
  tw_cause cause = tw_reason_cause((tw_reason)oldest->reason, (tw_access)oldest->kind);
  if (cause < TW_CAUSE_FETCH_PAGE_FAULT) {
    space->counts.access_faults++;
    space_watch_event(space, TW_SPACE_ACCESS_FAULT, space->running->id, oldest->origin, 0);
    return FAULT_OVER;
  }
  space_watch_faulted(space, oldest);
  return fault_page(space, oldest, error);
}
