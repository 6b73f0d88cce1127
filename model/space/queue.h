/* The kernel's records that wait to be handed out: a ring that grows.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_QUEUE_H
#define TWINWALK_SPACE_QUEUE_H

#include "twinwalk/trace.h"

typedef struct record_queue {
  tw_record *records; /* owned; `after` is complete, but for what a record owes to a control write */
  size_t first, count, capacity;
} record_queue;

/* Appends a record that the caller fills in; NULL if memory is out. */
tw_record *queue_push(record_queue *queue);
void queue_free(record_queue *queue);

static inline const tw_record *queue_front(const record_queue *queue) {
  return &queue->records[queue->first];
}

static inline void queue_pop(record_queue *queue) {
  queue->count--;
  queue->first = queue->count ? (queue->first + 1) & (queue->capacity - 1) : 0;
}

#endif
