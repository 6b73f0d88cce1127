/* Functional coverage: counts, by name, what the pins and the cycle model's registers show to have happened.
 *
 * The points are listed in points.tsv, their names explained in verif/rules/README.md. The collector looks on: it
 * changes nothing of a run.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_COVERAGE_H
#define TWINWALK_COVERAGE_H

#include "twinwalk/mmu.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_coverage tw_coverage;

/* Opens a collector for a model in its reset state. NULL if memory is out. The caller closes it. */
tw_coverage *tw_coverage_open(const tw_config *config);
void tw_coverage_close(tw_coverage *coverage);

/* The page tables as they stand, for points that tell an older translation from the newer one (stale.used). Without
 * them these points are not counted. The tables stay the caller's. */
void tw_coverage_tables(tw_coverage *coverage, const tw_table_memory *tables);

/* Around every cycle of the model, the first one out of reset included: before it is clocked with `in`, and after, with
 * its outputs of that cycle. */
void tw_coverage_before(tw_coverage *coverage, const tw_mmu *mmu, const tw_pins_in *in);
void tw_coverage_after(tw_coverage *coverage, const tw_pins_in *in, const tw_pins_out *out);

/* How often a point was reached. */
uint64_t tw_coverage_count(const tw_coverage *coverage, const char *point);

/* Writes the tally, `point<TAB>count` a line, in the order of the names. False and error if it cannot be written. */
bool tw_coverage_write(const tw_coverage *coverage, const char *path, tw_error *error);

#ifdef __cplusplus
}
#endif
#endif
