/* A ring of records; its capacity is a power of two.
 * SPDX-License-Identifier: Apache-2.0 */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

static bool queue_grow(record_queue *queue) {
  size_t capacity = queue->capacity ? queue->capacity * 2 : 64;
  tw_record *records = malloc(capacity * sizeof *records);
  if (!records) return false;
  size_t tail = queue->capacity - queue->first;
  if (tail > queue->count) tail = queue->count;
  if (queue->count) {
    memcpy(records, queue->records + queue->first, tail * sizeof *records);
    memcpy(records + tail, queue->records, (queue->count - tail) * sizeof *records);
  }
  free(queue->records);
  queue->records = records;
  queue->capacity = capacity;
  queue->first = 0;
  return true;
}

tw_record *queue_push(record_queue *queue) {
  if (queue->count == queue->capacity && !queue_grow(queue)) return NULL;
  tw_record *record = &queue->records[(queue->first + queue->count++) & (queue->capacity - 1)];
  memset(record, 0, sizeof *record);
  return record;
}

void queue_free(record_queue *queue) {
  free(queue->records);
  memset(queue, 0, sizeof *queue);
}
