/* Puts the checksums of a damaged binary trace right.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "checksums.h"

#include <stdbool.h>
#include <string.h>
#include <xxhash.h>

#include "binary.h"

void checksums_fix(uint8_t *bytes, size_t size) {
  if (size < BINARY_FIXED_BYTES + 8) return;
  memcpy(bytes, BINARY_MAGIC, BINARY_MAGIC_BYTES);
  const size_t header = BINARY_FIXED_BYTES + (size_t)binary_load32(bytes + 12);
  if (header > size - 8) return;
  binary_save64(bytes + header, XXH64(bytes, header, 0));
  for (size_t at = header + 8; size - at >= BINARY_BLOCK_BYTES;) {
    uint8_t *block = bytes + at;
    const size_t left = size - at - BINARY_BLOCK_BYTES, packed = binary_load32(block + 4);
    const bool end = memcmp(block, BINARY_END_MARK, 4) == 0;
    const size_t index = end && left >= BINARY_TAIL_BYTES ? left - BINARY_TAIL_BYTES : 0;
    if (end)
      binary_save64(block + 32, XXH64(block + BINARY_BLOCK_BYTES, index, 0));
    else if (packed <= left)
      binary_save64(block + 32, XXH64(block + BINARY_BLOCK_BYTES, packed, 0));
    binary_save64(block + 40, XXH64(block, 40, 0));
    if (end || packed > left) return;
    at += BINARY_BLOCK_BYTES + packed;
  }
}
