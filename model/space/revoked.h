/* Translations that the kernel has taken back and not yet fenced: what an MMU may still hold and no program should get.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_REVOKED_H
#define TWINWALK_SPACE_REVOKED_H

#include "twinwalk/fences.h"
#include "twinwalk/trace.h"

/* A page, under the ASID under which an MMU may hold it. */
typedef struct revoked_item {
  uint16_t asid;
  uint64_t va, length;     /* bytes; length 0: every page of the ASID (it names another address space now) */
  bool table;              /* a table of pages, which a pointer leads to: no fence with an address reaches that */
  uint64_t old_pa, new_pa; /* new_pa 0: nowhere */
  uint8_t lost; /* TW_PTE_R, W, X, U that the old one had and the new one has not; all if the frame changed */
  tw_fence_event event;
  uint32_t process; /* id */
  uint64_t record;  /* number of the program record at which it was revoked */
} revoked_item;

typedef struct revoked revoked;

revoked *revoked_open(void); /* NULL if memory is out; the caller closes it */
void revoked_close(revoked *ledger);
bool revoked_add(revoked *ledger, const revoked_item *item); /* false if memory is out */
/* Forgets what a fence reaches (rules sfence_vma_...). */
void revoked_fence(revoked *ledger, const tw_record_fence *fence);
/* The oldest item that an access under this ASID may still meet; NULL if there is none. The ledger's until it changes.
 */
const revoked_item *revoked_find(const revoked *ledger, uint16_t asid, uint64_t va);
/* ... that led it there; those of a pointer or of a whole ASID may have led anywhere. */
const revoked_item *revoked_used(const revoked *ledger, uint16_t asid, uint64_t va, uint64_t pa);
size_t revoked_count(const revoked *ledger);

#endif
