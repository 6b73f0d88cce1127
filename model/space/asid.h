/* ASIDs handed out in generations, as Linux does: when all are used up, all begin anew, behind one fence.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_ASID_H
#define TWINWALK_SPACE_ASID_H

#include <stdbool.h>
#include <stdint.h>

typedef struct asid_pool {
  uint32_t count; /* ASIDs 0 to count - 1; 0 is never a process's while there are others; 1: none are told apart */
  uint32_t next;
  uint64_t generation; /* from 1 */
} asid_pool;

/* What a process has. generation 0: nothing yet. */
typedef struct asid_hold {
  uint16_t asid;
  uint64_t generation;
} asid_hold;

/* `bits` that the MMU has, at most `limit` of them used (0: all). */
void asid_open(asid_pool *pool, unsigned bits, uint32_t limit);
/* Gives the process that is switched to an ASID of this generation; true if that began a new one: everything is to be
 * fenced. The process that runs while a generation ends gets a new one, too, when it is switched to. */
bool asid_get(asid_pool *pool, asid_hold *hold);

#endif
