/* Builds the short texts of the lane: no format strings, because a text may be due in every cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_TEXT_H
#define TWINWALK_WAVE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "twinwalk/spec.h"

#define TEXT_LINGER                                                                                                    \
  8u                   /* cycles for which a text stands after what it tells is over, unless another takes its place   \
                        */
#define TEXT_BYTES 80u /* with the NUL at the end; what is longer is cut off */

typedef struct text {
  char bytes[TEXT_BYTES]; /* ends with NUL; all that follows is NUL, too */
  uint8_t length;
  uint8_t age; /* cycles since what it tells is over */
  uint8_t zero[6];
} text;

void text_clear(text *t);
/* One more cycle since what it tells is over: it lingers, so that a picture has room for it, and is cleared in the end.
 */
void text_linger(text *t);
void text_add(text *t, const char *string);
void text_add_hex(text *t, uint64_t value);
void text_add_number(text *t, uint64_t value);
/* Puts GTKWave's mark for a colour before what is there: "?red?". */
void text_mark(text *t, const char *colour);
/* "DAGUXWRV" with a dash for every bit that is 0. */
void text_add_flags(text *t, uint8_t flags);
/* Size of a page of a level: "4K", "64K" (napot), "2M". */
void text_add_page(text *t, tw_mode mode, unsigned level, bool napot);
/* In lower case, with a dash for every underscore. */
void text_add_lower(text *t, const char *string);
/* What an entry read at a level is: "table 80002000", "leaf 80123000 4K DA-UXWRV", "FAULT invalid". */
void text_add_pte(text *t, tw_mode mode, const tw_pte_view *view, unsigned level);

#endif
