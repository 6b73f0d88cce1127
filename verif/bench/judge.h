/* Says whether an answer is one that the architecture allows, as far as the oracle alone can tell.
 *
 * The oracle walks the tables as they stand at the request and at the answer. Where an entry was changed and no fence
 * has ordered the change yet, an older translation may be legal as well (rule sfence_vma_ordering_semantics): such an
 * answer, if it differs from both, is UNDECIDED. The history that would decide it belongs behind this same interface.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_JUDGE_H
#define TWINWALK_JUDGE_H

#include "player.h"

typedef enum tw_judgement { TW_JUDGED_ILLEGAL, TW_JUDGED_UNDECIDED, TW_JUDGED_LEGAL, TW_JUDGED_ONLY } tw_judgement;

typedef struct tw_judge tw_judge;

/* The memory is the player's. NULL if memory is out. */
tw_judge *tw_judge_open(const tw_config *config, tw_memory *memory);
void tw_judge_close(tw_judge *judge);

/* What the player's observer is told. */
void tw_judge_accepted(tw_judge *judge, const tw_flight *flight);
void tw_judge_control(tw_judge *judge, const tw_control_state *control);
void tw_judge_store(tw_judge *judge, const tw_record_store *store, uint64_t before); /* what was there */
void tw_judge_read(tw_judge *judge, const tw_memory_read *read);
void tw_judge_fence(tw_judge *judge, const tw_record_fence *fence, const tw_control_state *control);

/* Judges an answer. *expected is what the oracle says on memory as it stands now. ONLY: legal, and nothing else would
 * be. */
tw_judgement tw_judge_answer(tw_judge *judge, const tw_flight *flight, const tw_record_answer *answer,
                             tw_walk *expected);

#endif
