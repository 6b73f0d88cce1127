/* ASIDs in generations.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asid.h"

void asid_open(asid_pool *pool, unsigned bits, uint32_t limit) {
  uint32_t count = UINT32_C(1) << (bits < 16 ? bits : 16);
  if (limit && limit < count) count = limit;
  *pool = (asid_pool){.count = count, .next = 1, .generation = 1};
}

bool asid_get(asid_pool *pool, asid_hold *hold) {
  bool anew = false;
  if (hold->generation == pool->generation) return false;
  if (pool->count == 1) {
    *hold = (asid_hold){0, pool->generation};
    return false;
  }
  if (pool->next == pool->count) {
    pool->generation++;
    pool->next = 1;
    anew = true;
  }
  *hold = (asid_hold){(uint16_t)pool->next++, pool->generation};
  return anew;
}
