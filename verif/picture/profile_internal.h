/* What the profile's files share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PROFILE_INTERNAL_H
#define TWINWALK_PROFILE_INTERNAL_H

#include "profile.h"

/* The final answer to an access of a trace that has no space behind it, made under an ASID. */
void profile_answered(tw_profile *profile, uint32_t asid, const tw_record_access *record,
                      const tw_record_answer *answer);

/* Draws the bars below `top`; returns where they end. */
double profile_bars_draw(tw_canvas *canvas, const tw_profile *profile, const tw_profile_subject *subject, double top);

#endif
