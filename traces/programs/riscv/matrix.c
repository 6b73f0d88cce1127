/* Multiplies matrices in mapped memory, once row by row and once block by block, makes the result read-only and adds it
 * up. A program to be traced.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "linux.h"

#define SIZE 24u
#define BLOCK 8u
#define BYTES (SIZE * SIZE * sizeof(uint32_t))

static void fill(uint32_t *matrix, uint32_t seed) {
  for (unsigned i = 0; i < SIZE * SIZE; i++) matrix[i] = seed = seed * 1664525u + 1013904223u;
}

static void multiply(const uint32_t *left, const uint32_t *right, uint32_t *product) {
  for (unsigned row = 0; row < SIZE; row++) {
    for (unsigned column = 0; column < SIZE; column++) {
      uint32_t sum = 0;
      for (unsigned i = 0; i < SIZE; i++) sum += left[row * SIZE + i] * right[i * SIZE + column];
      product[row * SIZE + column] = sum;
    }
  }
}

static void multiply_block(const uint32_t *left, const uint32_t *right, uint32_t *product) {
  for (unsigned row = 0; row < BLOCK; row++) {
    for (unsigned i = 0; i < BLOCK; i++) {
      for (unsigned column = 0; column < BLOCK; column++) {
        product[row * SIZE + column] += left[row * SIZE + i] * right[i * SIZE + column];
      }
    }
  }
}

int main(void) {
  uint32_t *left = map_pages(BYTES), *right = map_pages(BYTES), *rows = map_pages(BYTES), *blocks = map_pages(BYTES);
  uint32_t sum = 0;
  fill(left, 1);
  fill(right, 2);
  multiply(left, right, rows);
  for (unsigned row = 0; row < SIZE; row += BLOCK) {
    for (unsigned column = 0; column < SIZE; column += BLOCK) {
      for (unsigned i = 0; i < SIZE; i += BLOCK) {
        multiply_block(left + row * SIZE + i, right + i * SIZE + column, blocks + row * SIZE + column);
      }
    }
  }
  if (call(CALL_MPROTECT, (long)blocks, BYTES, PROT_READ, 0, 0, 0)) return 1;
  for (unsigned i = 0; i < SIZE * SIZE; i++) {
    if (blocks[i] != rows[i]) return 2;
    sum += blocks[i];
  }
  if (call(CALL_MUNMAP, (long)rows, BYTES, 0, 0, 0, 0)) return 3;
  print_number("sum", sum);
  return 0;
}
