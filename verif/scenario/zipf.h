/* Zipf's law without floating point: rank r is drawn as often as 1 / r^skew, from a table of integers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_ZIPF_H
#define TWINWALK_SCENARIO_ZIPF_H

#include "draw.h"

#define ZIPF_RANKS_MAX (1u << 20) /* more elements than that: a rank is a run of neighbours */
#define ZIPF_SKEW_MAX 4000u       /* thousandths */

typedef struct zipf zipf;

/* Of `count` elements, 1 to 2^40; skew in thousandths, 0 to ZIPF_SKEW_MAX. NULL if memory is out; the caller closes
 * it. The seed says which elements have which ranks. */
zipf *zipf_open(uint64_t count, unsigned skew, uint64_t seed);
void zipf_close(zipf *law);                               /* NULL is allowed */
uint64_t zipf_draw(const zipf *law, draw_stream *stream); /* an element */
/* The sum of the weights 2^40 / r^skew of ranks 1 to `rank`, each at least 1. */
uint64_t zipf_sum(const zipf *law, uint64_t rank);

#endif
