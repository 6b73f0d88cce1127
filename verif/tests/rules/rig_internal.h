/* What the files of the rig share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_RULES_RIG_INTERNAL_H
#define TWINWALK_TESTS_RULES_RIG_INTERNAL_H

#include "rig.h"

/* The rig's memory; payload is the rig. They fit tw_table_memory. */
bool rig_memory_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte);
bool rig_memory_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired);

/* A question at the pins. */
rig_answer rig_pins_ask(rig *r, const tw_request *request);

#endif
