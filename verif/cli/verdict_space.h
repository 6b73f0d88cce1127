/* The operating system's side of a verdict, as text and as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_VERDICT_SPACE_H
#define TWINWALK_VERDICT_SPACE_H

#include <jansson.h>
#include <stdio.h>

#include "session.h"

/* Counts that are not 0, checks, stale translations and expectations, in lines indented by two blanks. */
void verdict_space_print(FILE *stream, const tw_outcome *outcome);
/* The same, all of it: the caller owns the object; NULL if memory is out. */
json_t *verdict_space_json(const tw_outcome *outcome);
/* How the run was sampled, in a line. */
void verdict_sample_print(FILE *stream, const tw_sampled *sampled);
json_t *verdict_sample_json(const tw_sampled *sampled);

#endif
