/* The table of modes, for the oracle's own files: tw_mode_row without the call.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPEC_MODE_TABLE_H
#define TWINWALK_SPEC_MODE_TABLE_H

#include "twinwalk/spec.h"

extern const tw_mode_info tw_mode_table[TW_MODE_COUNT];

/* The lowest `bits` bits, for bits below 64. */
static inline uint64_t low_mask(unsigned bits) {
  return ((uint64_t)1 << bits) - 1;
}

#endif
