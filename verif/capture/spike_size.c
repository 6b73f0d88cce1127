/* Sizes of RISC-V loads and stores, from the encodings of the unprivileged manual: I, A, F, D, Q, V, C, Zcb.
 * SPDX-License-Identifier: Apache-2.0 */
#include "spike_size.h"

enum { LOAD = 0x03, LOAD_FP = 0x07, STORE = 0x23, STORE_FP = 0x27, AMO = 0x2f };
enum { LOAD_RESERVED = 2, STORE_CONDITIONAL = 3 };

/* 0: none that is known. */
static unsigned size_compressed(uint32_t instruction, unsigned xlen) {
  static const uint8_t zcb[] = {1, 2, 1, 2, 0, 0, 0, 0};
  unsigned quadrant = instruction & 3, function = instruction >> 13 & 7;
  if (quadrant == 1) return 0;
  if (quadrant == 0 && function == 4) return zcb[instruction >> 10 & 7];
  switch (function & 3) {
  case 1:
    return quadrant == 2 && function == 5 ? xlen / 8 : 8; /* Zcmp's loads of registers; else doubles */
  case 2:
    return 4;
  case 3:
    return xlen == 32 ? 4 : 8;
  default:
    return 0;
  }
}

static unsigned size_full(uint32_t instruction) {
  static const uint8_t integers[] = {1, 2, 4, 8, 1, 2, 4, 0};
  static const uint8_t floats[] = {1, 2, 4, 8, 16, 2, 4, 8}; /* 0 and 5 to 7 are vectors' elements */
  unsigned function = instruction >> 12 & 7;
  switch (instruction & 0x7f) {
  case LOAD:
  case STORE:
    return integers[function];
  case LOAD_FP:
  case STORE_FP:
    return floats[function];
  case AMO:
    return function <= 4 ? 1u << function : 0;
  default:
    return 0;
  }
}

unsigned spike_size(uint32_t instruction, unsigned xlen, uint64_t va) {
  unsigned size = (instruction & 3) == 3 ? size_full(instruction) : size_compressed(instruction, xlen);
  if (size) return size;
  size = xlen / 8;
  while (va % size) size /= 2;
  return size;
}

bool spike_is_amo(uint32_t instruction) {
  uint32_t operation = instruction >> 27;
  return (instruction & 0x7f) == AMO && operation != LOAD_RESERVED && operation != STORE_CONDITIONAL;
}
