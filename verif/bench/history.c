/* Rings of what happened.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <stddef.h>

void tw_history_event_add(tw_history *history, uint64_t cycle, const tw_record *record) {
  history->events[history->event_count++ % TW_HISTORY_EVENTS] = (tw_history_event){cycle, *record};
}

void tw_history_read_add(tw_history *history, const tw_memory_read *read) {
  history->reads[history->read_count++ % TW_HISTORY_READS] = *read;
}

const tw_history_event *tw_history_event_get(const tw_history *history, uint64_t n) {
  if (n >= history->event_count || n >= TW_HISTORY_EVENTS) return NULL;
  return &history->events[(history->event_count - 1 - n) % TW_HISTORY_EVENTS];
}

const tw_memory_read *tw_history_read_get(const tw_history *history, uint64_t n) {
  if (n >= history->read_count || n >= TW_HISTORY_READS) return NULL;
  return &history->reads[(history->read_count - 1 - n) % TW_HISTORY_READS];
}
