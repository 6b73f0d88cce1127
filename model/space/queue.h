/* The handler's records that wait to be handed out: a ring that grows.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_QUEUE_H
#define TWINWALK_SPACE_QUEUE_H

#include "twinwalk/trace.h"

/* Where an access comes from: what an answer to it must know. */
typedef struct queue_origin {
  uint64_t record; /* number of the program record */
  uint64_t va;     /* as in the program, before it was moved */
  uint8_t part;    /* 0, or 1: the second half of an access that crosses a page */
  bool kernel;     /* the handler's own access */
  bool again;      /* it faulted on an entry that grants it, and was asked again as it is */
} queue_origin;

typedef struct queue_item {
  tw_record record; /* `after` is complete, but for what it owes to a fetch or to a control write */
  queue_origin origin;
} queue_item;

typedef struct record_queue {
  queue_item *items; /* owned */
  size_t first, count, capacity;
} record_queue;

/* Appends an item that the caller fills in; NULL if memory is out. */
queue_item *queue_push(record_queue *queue);
void queue_free(record_queue *queue);

static inline const queue_item *queue_front(const record_queue *queue) {
  return &queue->items[queue->first];
}

static inline void queue_pop(record_queue *queue) {
  queue->count--;
  queue->first = queue->count ? (queue->first + 1) & (queue->capacity - 1) : 0;
}

#endif
