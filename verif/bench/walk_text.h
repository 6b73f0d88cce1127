/* A walk in words: for reports, briefly, and for somebody new to virtual memory, bit by bit.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WALK_TEXT_H
#define TWINWALK_WALK_TEXT_H

#include <stdio.h>

#include "twinwalk/spec.h"
#include "twinwalk/trace.h"

/* What is explained: an access in its context, and the walk that the oracle made. */
typedef struct tw_walk_story {
  tw_context context;
  tw_access access;
  uint64_t va;
  tw_walk walk;
} tw_walk_story;

/* "DAGUXWRV" with '-' for those that are clear; text holds 9 bytes. */
void tw_flags_text(uint8_t flags, char text[9]);

/* One line on an answer at the pins: "TRANSLATED to 0x..., level 0, flags ..., hit". */
void tw_answer_print(FILE *stream, const tw_record_answer *answer, tw_access access);

/* "Sv39, ASID 3, root table 0x80000000, privilege S, SUM 0, MXR 0" */
void tw_context_print(FILE *stream, const tw_context *context);

/* One line a step and the outcome, each indented by two blanks. */
void tw_walk_print(FILE *stream, const tw_walk_story *story);

/* All of it, with the arithmetic, the name of every bit and the reasoning. */
void tw_walk_explain(FILE *stream, const tw_walk_story *story);

#endif
