/* Blocks, each used from its beginning on.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384u

struct arena_block {
  struct arena_block *next;
  size_t used, size;
  alignas(max_align_t) unsigned char bytes[];
};

void *arena_take(arena *memory, size_t bytes) {
  if (bytes > SIZE_MAX / 2) return NULL;
  const size_t need = (bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
  struct arena_block *block = memory->blocks;
  if (!block || block->size - block->used < need) {
    const size_t size = need > BLOCK_BYTES ? need : BLOCK_BYTES;
    block = calloc(1, sizeof *block + size);
    if (!block) return NULL;
    *block = (struct arena_block){.next = memory->blocks, .size = size};
    memory->blocks = block;
  }
  void *taken = block->bytes + block->used;
  block->used += need;
  return taken;
}

char *arena_text(arena *memory, const char *text, size_t length) {
  char *copy = arena_take(memory, length + 1);
  if (copy && length) memcpy(copy, text, length);
  return copy;
}

void arena_free(arena *memory) {
  for (struct arena_block *block = memory->blocks; block;) {
    struct arena_block *next = block->next;
    free(block);
    block = next;
  }
  memory->blocks = NULL;
}
