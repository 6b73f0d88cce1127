/* The fixed parts of a binary trace (docs/traces.md, "Binary form").
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TRACE_BINARY_H
#define TWINWALK_TRACE_BINARY_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define BINARY_MAGIC "\x89TWT\r\n\x1a\n"
#define BINARY_MAGIC_BYTES 8u
#define BINARY_FIXED_BYTES 16u /* of the file header, before the keys */
#define BINARY_BLOCK_BYTES 48u /* of a block's and of the end block's header */
#define BINARY_BLOCK_MARK "TWBK"
#define BINARY_END_MARK "TWEN"
#define BINARY_TAIL "TWT-END\n"
#define BINARY_TAIL_BYTES 16u /* offset of the end block, then BINARY_TAIL */
#define BINARY_INDEX_BYTES 16u
#define BINARY_MAX_FRAME_BYTES 1056768u

static inline uint32_t binary_load32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return le32toh(value);
}

static inline uint64_t binary_load64(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return le64toh(value);
}

static inline void binary_save32(uint8_t *at, uint32_t value) {
  value = htole32(value);
  memcpy(at, &value, sizeof value);
}

static inline void binary_save64(uint8_t *at, uint64_t value) {
  value = htole64(value);
  memcpy(at, &value, sizeof value);
}

#endif
