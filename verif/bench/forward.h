/* Functional forwarding: what an MMU would answer, from the tables as they are, without cycles and without TLBs.
 *
 * It follows the records that an operating system's side makes, keeps the tables, the control state and the PMP
 * registers as they have become, and answers accesses by the oracle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_FORWARD_H
#define TWINWALK_FORWARD_H

#include "player.h"

typedef struct tw_forward tw_forward;

/* NULL if memory is out. The caller closes it. */
tw_forward *tw_forward_open(const tw_config *config, uint64_t fill);
void tw_forward_close(tw_forward *forward);

/* Takes a record that changes tables, control or PMP; others are ignored. False if memory is out. */
bool tw_forward_follow(tw_forward *forward, const tw_record *record);

/* The control state as it is now. */
const tw_control_state *tw_forward_control(const tw_forward *forward);

/* Answers an access made under a control state, and sets A and D in the tables where hardware does. False if memory is
 * out. */
bool tw_forward_access(tw_forward *forward, const tw_control_state *control, const tw_record_access *access,
                       tw_record_answer *answer);

/* The next update of A and D that an access made, as a page-table store; false if there is none. */
bool tw_forward_update(tw_forward *forward, tw_record *store);

#endif
