/* Says whether an answer is one that the architecture allows, as far as the oracle alone can tell.
 *
 * The oracle walks the tables as they stand at the request and at the answer. Where an entry was changed and no fence
 * has ordered the change yet, an older translation may be legal as well (rule sfence_vma_ordering_semantics): such an
 * answer, if it differs from both, is UNDECIDED. So is one that differs and was outstanding over a PMP write, or
 * depends on PMP or ADUE with no full fence since they were written. The history that would decide it belongs behind
 * this same interface.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_JUDGE_H
#define TWINWALK_JUDGE_H

#include "player.h"

typedef enum tw_judgement { TW_JUDGED_ILLEGAL, TW_JUDGED_UNDECIDED, TW_JUDGED_LEGAL, TW_JUDGED_ONLY } tw_judgement;

typedef struct tw_judge tw_judge;

/* The memory and the machine are the player's. NULL if memory is out. */
tw_judge *tw_judge_open(const tw_config *config, const tw_machine *machine, tw_memory *memory);
void tw_judge_close(tw_judge *judge);

/* What the player's observer is told. */
void tw_judge_accepted(tw_judge *judge, const tw_flight *flight);
void tw_judge_control(tw_judge *judge, const tw_control_state *control);
void tw_judge_pmp(tw_judge *judge);
void tw_judge_store(tw_judge *judge, const tw_record_store *store, uint64_t before); /* what was there */
void tw_judge_read(tw_judge *judge, const tw_memory_read *read);
void tw_judge_fence(tw_judge *judge, const tw_record_fence *fence);

/* Judges an answer. *expected is what the oracle says on memory as it stands now. ONLY: legal, and nothing else would
 * be. A translation for which A or D would have to be set is ILLEGAL if memory does not have it set: updates are not
 * lost. */
tw_judgement tw_judge_answer(tw_judge *judge, const tw_flight *flight, const tw_record_answer *answer,
                             tw_walk *expected);

/* Judges an update of A and D when it is first offered: some access that is not speculative must call for just that. */
tw_judgement tw_judge_update(tw_judge *judge, const tw_pins_memory_out *pins);

/* Why the last answer is illegal, if that is not in the answer itself; NULL: it is. Static storage. */
const char *tw_judge_why(const tw_judge *judge);

#endif
