/* Physical memory attributes: the region of an access.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/pma.h"

#include <stddef.h>

/* Whether a byte lies in a region: the addresses agree in all bits above the region's size. */
static bool region_holds(const tw_pma *region, uint64_t pa) {
  return (pa ^ region->base) >> region->bits == 0;
}

const tw_pma *tw_pma_find(const tw_pma_table *table, uint64_t pa, unsigned bytes) {
  for (unsigned i = 0; i < table->count; i++) {
    const tw_pma *region = &table->region[i];
    if (region_holds(region, pa)) return region_holds(region, pa + bytes - 1) ? region : NULL;
  }
  return NULL;
}
