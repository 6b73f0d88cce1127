/* The recent past of one player, for reports: page-table reads, stores, fences, control writes and answers, in rings.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_HISTORY_H
#define TWINWALK_HISTORY_H

#include "player.h"

#define TW_HISTORY_EVENTS 256u
#define TW_HISTORY_READS 64u

/* A store, fence or control write. */
typedef struct tw_history_event {
  uint64_t cycle;
  tw_record record;
} tw_history_event;

typedef struct tw_history {
  tw_history_event events[TW_HISTORY_EVENTS];
  uint64_t event_count; /* ever; the last TW_HISTORY_EVENTS are kept */
  tw_memory_read reads[TW_HISTORY_READS];
  uint64_t read_count;
} tw_history;

void tw_history_event_add(tw_history *history, uint64_t cycle, const tw_record *record);
void tw_history_read_add(tw_history *history, const tw_memory_read *read);

/* The n-th newest (0 is the newest); NULL if it is not kept. */
const tw_history_event *tw_history_event_get(const tw_history *history, uint64_t n);
const tw_memory_read *tw_history_read_get(const tw_history *history, uint64_t n);

#endif
