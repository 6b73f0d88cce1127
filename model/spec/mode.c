/* The table of modes, to those outside.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "mode_table.h"

#include <stddef.h>

const tw_mode_info *tw_mode_row(tw_mode mode) {
  return (unsigned)mode < TW_MODE_COUNT ? &tw_mode_table[mode] : NULL;
}
