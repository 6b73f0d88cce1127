/* Sorts a list of blocks that its own allocator gave it: small blocks from the heap, which grows by brk and has free
 * lists by size, large ones by mmap. A program to be traced.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "linux.h"

#define CLASSES 16u /* block sizes are multiples of 16 bytes */
#define LARGE 2048u
#define PAGE 4096u
#define BLOCKS 600u

typedef struct block {
  struct block *next; /* while it is free, or in the list that is sorted */
  uint32_t key;
} block;

static struct {
  uintptr_t at, end; /* of the heap: what is not handed out yet */
  block *free[CLASSES];
} heap;
static block *blocks[BLOCKS];
static uint32_t state = 12345;

static uint32_t draw(void) {
  return state = state * 1664525u + 1013904223u;
}

static void *allocate(size_t bytes) {
  size_t class = (bytes + 15) / 16;
  if (bytes >= LARGE) return map_pages((bytes + PAGE - 1) & ~(size_t)(PAGE - 1));
  if (class < CLASSES && heap.free[class]) {
    block *found = heap.free[class];
    heap.free[class] = found->next;
    return found;
  }
  if (!heap.end) heap.at = heap.end = (uintptr_t)call(CALL_BRK, 0, 0, 0, 0, 0, 0);
  if (heap.at + class * 16 > heap.end) {
    heap.end = (uintptr_t)call(CALL_BRK, (long)(heap.end + 4 * PAGE), 0, 0, 0, 0, 0);
  }
  uintptr_t given = heap.at;
  heap.at += class * 16;
  return (void *)given;
}

static void release(void *bytes, size_t size) {
  size_t class = (size + 15) / 16;
  block *freed = bytes;
  if (size >= LARGE) {
    call(CALL_MUNMAP, (long)bytes, (long)((size + PAGE - 1) & ~(size_t)(PAGE - 1)), 0, 0, 0, 0);
  } else if (class < CLASSES) {
    freed->next = heap.free[class];
    heap.free[class] = freed;
  }
}

static block *merge(block *left, block *right) {
  block first, *last = &first;
  while (left && right) {
    block **lesser = left->key <= right->key ? &left : &right;
    last->next = *lesser;
    last = *lesser;
    *lesser = (*lesser)->next;
  }
  last->next = left ? left : right;
  return first.next;
}

static block *sort(block *list, unsigned count) {
  block *half = list;
  if (count < 2) return list;
  for (unsigned i = 1; i < count / 2; i++) half = half->next;
  block *second = half->next;
  half->next = 0;
  block *sorted = sort(list, count / 2);
  return merge(sorted, sort(second, count - count / 2));
}

int main(void) {
  uint32_t *table = allocate(64 * PAGE), sum = 0;
  for (unsigned i = 0; i < BLOCKS; i++) {
    size_t size = 16 + draw() % 200;
    blocks[i] = allocate(size);
    if (i % 3 == 0) release(blocks[i], size), blocks[i] = allocate(size);
    blocks[i]->key = draw() >> 8;
    blocks[i]->next = i ? blocks[i - 1] : 0;
  }
  block *sorted = sort(blocks[BLOCKS - 1], BLOCKS);
  for (unsigned i = 0; sorted; sorted = sorted->next, i++) {
    if (sorted->next && sorted->next->key < sorted->key) return 1;
    table[i * 61 % (64 * PAGE / 4)] = sorted->key;
    sum += sorted->key;
  }
  release(table, 64 * PAGE);
  print_number("sum", sum);
  return 0;
}
