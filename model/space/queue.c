/* A ring of records; its capacity is a power of two.
 * SPDX-License-Identifier: Apache-2.0 */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

static bool queue_grow(record_queue *queue) {
  size_t capacity = queue->capacity ? queue->capacity * 2 : 64;
  queue_item *items = malloc(capacity * sizeof *items);
  if (!items) return false;
  size_t tail = queue->capacity - queue->first;
  if (tail > queue->count) tail = queue->count;
  if (queue->count) {
    memcpy(items, queue->items + queue->first, tail * sizeof *items);
    memcpy(items + tail, queue->items, (queue->count - tail) * sizeof *items);
  }
  free(queue->items);
  queue->items = items;
  queue->capacity = capacity;
  queue->first = 0;
  return true;
}

queue_item *queue_push(record_queue *queue) {
  if (queue->count == queue->capacity && !queue_grow(queue)) return NULL;
  queue_item *item = &queue->items[(queue->first + queue->count++) & (queue->capacity - 1)];
  memset(item, 0, sizeof *item);
  return item;
}

void queue_free(record_queue *queue) {
  free(queue->items);
  memset(queue, 0, sizeof *queue);
}
