/* An oracle to which memory shows other entries than it holds: so it judges some bits wrongly, and all else rightly.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_ALTERED_H
#define TWINWALK_TESTS_SPEC_ALTERED_H

#include "twinwalk/spec.h"

/* Walks over entries as `alter` shows them (it leaves A and D alone); the steps tell what memory held. */
void altered_walk(uint64_t (*alter)(uint64_t pte), const tw_context *context, const tw_request *request,
                  const tw_table_memory *memory, tw_walk *walk);

#endif
