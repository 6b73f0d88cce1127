/* Where the parts of every address space lie: a user part from 0 up, and the kernel's share above it.
 *
 *   0 [ user part ) user_end ....... direct_va [ direct map of the frames ) ....... text_va [ the kernel's code )
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_LAYOUT_H
#define TWINWALK_LAYOUT_H

#include "twinwalk/error.h"
#include "twinwalk/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TW_LAYOUT_NAME_MAX 31u

typedef struct tw_layout {
  char name[TW_LAYOUT_NAME_MAX + 1];
  uint64_t user_end;     /* the user part is [0, user_end); a multiple of 16 MiB */
  uint64_t direct_va;    /* of the direct map, */
  unsigned direct_level; /* of pages of this level; of which a page's multiple direct_va is */
  uint64_t direct_bytes; /* it maps at most so many bytes; what lies in frames beyond is a program's alone */
  uint64_t text_va;      /* of the kernel's code: a superpage of level 1 */
} tw_layout;

/* Linux's layout for a mode: "linux-sv32" (3 GiB and 1 GiB), "linux-sv39", "linux-sv48", "linux-sv57" (47 bits for the
 * user: Linux hands out no more of its own accord). NULL for a mode that does not translate. */
const tw_layout *tw_layout_of(tw_mode mode);

/* Whether the parts fit the mode, are aligned, canonical and apart. False and error. */
bool tw_layout_check(const tw_layout *layout, tw_mode mode, tw_error *error);

#ifdef __cplusplus
}
#endif
#endif
