/* Answers page faults as a kernel does: maps the page, sets A and D, or finds that the access is not allowed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

uint8_t space_fault_flags(uint8_t prot) {
  /* A page that can be written can be read: R=0 and W=1 is reserved (Sv step 3). */
  unsigned flags = 0;
  if (prot & (TW_PROT_READ | TW_PROT_WRITE)) flags |= TW_PTE_R;
  if (prot & TW_PROT_WRITE) flags |= TW_PTE_W;
  if (prot & TW_PROT_EXECUTE) flags |= TW_PTE_X;
  return (uint8_t)(flags ? flags | TW_PTE_U | TW_PTE_V : 0);
}

static bool fault_writes(tw_access kind) {
  return kind == TW_STORE || kind == TW_AMO;
}

static bool fault_allowed(uint8_t prot, tw_access kind) {
  uint8_t flags = space_fault_flags(prot);
  return flags & (kind == TW_FETCH ? TW_PTE_X : fault_writes(kind) ? TW_PTE_W : TW_PTE_R);
}

/* A stack grows down to its limit, but not close to the region below. */
static const tw_region *fault_region(tw_space *space, uint64_t va) {
  tw_region_list *regions = &space->process.regions;
  size_t index = tw_region_above(regions, va);
  if (index == regions->count) return NULL;
  tw_region *found = &regions->at[index];
  if (found->start <= va) return found;
  if (!found->grows_down || found->end - va > SPACE_STACK_LIMIT) return NULL;
  uint64_t page = va & ~(uint64_t)(TW_PAGE_BYTES - 1);
  if (index && page - regions->at[index - 1].end < SPACE_STACK_GUARD) return NULL;
  found->start = page;
  return found;
}

void space_fault_segfault(tw_space *space, const space_pending *fault, tw_reason reason) {
  if (space->counts.segmentation_faults < TW_SPACE_SEGFAULTS_KEPT) {
    space->segfaults[space->counts.segmentation_faults] =
        (tw_space_segfault){fault->origin.record, fault->origin.va, fault->access.kind, reason};
  }
  space->counts.segmentation_faults++;
}

static bool fault_map(tw_space *space, const table_slot *slot, uint8_t flags, tw_error *error) {
  uint64_t ppn;
  if (!frame_take(&space->frames, &ppn)) {
    return tw_error_set(error, "out of frames: all %u are in use; give the space more, or use a shorter trace",
                        space->frames.count);
  }
  space->counts.pages_mapped++;
  return space_kernel_write(space, slot, 0, table_entry(ppn, flags), error);
}

static uint64_t fault_wanted(const tw_record_access *access, uint8_t prot) {
  return space_fault_flags(prot) | TW_PTE_A | (fault_writes(access->kind) ? TW_PTE_D : 0u);
}

/* What the entry lacks to grant the access decides what is done. */
static bool fault_repair(tw_space *space, const tw_record_access *access, uint8_t prot, tw_error *error) {
  table_slot slot;
  if (!space_kernel_reach(space, access->va, &slot, error)) return false;
  uint64_t wanted = fault_wanted(access, prot), missing = wanted & ~*slot.entry;
  if (!missing) return true;
  space->counts.page_faults++;
  if (!*slot.entry) return fault_map(space, &slot, (uint8_t)wanted, error);
  if (missing & TW_PTE_A) {
    space->counts.accessed_set++;
  } else if (missing == TW_PTE_D) {
    space->counts.dirty_set++;
  }
  return space_kernel_write(space, &slot, UINT64_MAX, missing, error);
}

/* Another access faulted on the same page a little earlier, and its handler, queued already, does what is to be done.
 */
static bool fault_spurious(const tw_space *space, const tw_record_access *access, uint8_t prot) {
  uint64_t page = access->va & ~(uint64_t)(TW_PAGE_BYTES - 1);
  table_slot slot;
  return table_next(&space->process.table, &page, page + 1, &slot) && !(fault_wanted(access, prot) & ~*slot.entry);
}

static bool fault_again(tw_space *space, const space_pending *fault, bool spurious, tw_error *error) {
  queue_item *again = queue_push(&space->urgent);
  if (!again) return tw_error_set(error, "out of memory for the kernel's records");
  again->record.kind = TW_RECORD_ACCESS;
  again->record.access = fault->access;
  again->origin = fault->origin;
  again->origin.again = spurious;
  return true;
}

bool space_fault_answer(tw_space *space, const space_pending *fault, tw_reason reason, tw_error *error) {
  const tw_record_access *access = &fault->access;
  if (fault->origin.kernel) {
    return tw_error_set(error, "the kernel's own %s of 0x%llx faulted (%s): its map is complete, so the MMU is wrong",
                        tw_access_name(access->kind), (unsigned long long)access->va, tw_reason_name(reason));
  }
  if (reason == TW_REASON_TABLE_BUS_ERROR || reason == TW_REASON_PHYSICAL_RANGE) {
    space->counts.access_faults++;
    return true;
  }
  const tw_region *found = access->va < space->rebase.limit ? fault_region(space, access->va) : NULL;
  if (!found || !fault_allowed(found->prot, access->kind)) {
    space_fault_segfault(space, fault, reason);
    return true;
  }
  uint64_t page = access->va & ~(uint64_t)(TW_PAGE_BYTES - 1);
  bool spurious = fault_spurious(space, access, found->prot);
  space->counts.spurious_faults += spurious;
  /* As a processor that drops what it had begun when it traps. Once: a device that insists gets a fence. */
  if (spurious && !fault->origin.again) return fault_again(space, fault, true, error);
  return space_kernel_enter(space, error) && fault_repair(space, access, found->prot, error) &&
         space_kernel_fence(space, &page, error) && space_kernel_leave(space, error) &&
         fault_again(space, fault, false, error);
}
