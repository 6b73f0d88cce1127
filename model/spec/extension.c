/* The extensions: their names, and which of them decide now.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/spec.h"

#include <stddef.h>

const char *tw_extension_name(unsigned bit) {
  static const char *const names[TW_EXT_COUNT] = {"svnapot", "svpbmt",      "svadu", "svinval",
                                                  "svvptc",  "svrsw60t59b", "smepmp"};
  return bit < TW_EXT_COUNT ? names[bit] : NULL;
}

/* Rules menvcfg_pbmte_op, menvcfg_adue_op. */
unsigned tw_extensions_in_force(unsigned implemented, bool pbmte, bool adue) {
  unsigned in_force = implemented;
  if (!pbmte) in_force &= ~(unsigned)TW_EXT_SVPBMT;
  if (!adue) in_force &= ~(unsigned)TW_EXT_SVADU;
  return in_force;
}
