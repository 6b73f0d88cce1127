/* Weights 2^(40 - skew * log2 rank) in fixed point, and their sums.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "zipf.h"

#include <stdlib.h>

struct zipf {
  uint64_t count, ranks;
  draw_order order;
  uint64_t sums[]; /* of the weights of ranks 1 to i + 1 */
};

/* log2 with 32 bits behind the point, of a number below 2^31: its fraction, bit by bit, by squaring. */
static uint64_t log2_fixed(uint64_t number) {
  uint64_t whole = 0;
  while (number >> (whole + 1)) whole++;
  uint64_t mantissa = number << (31 - whole), fraction = 0;
  for (unsigned i = 0; i < 32; i++) {
    mantissa = mantissa * mantissa >> 31;
    fraction <<= 1;
    if (mantissa >> 32) {
      fraction |= 1;
      mantissa >>= 1;
    }
  }
  return whole << 32 | fraction;
}

static uint64_t root(uint64_t square) {
  uint64_t low = 0;
  for (uint64_t bit = (uint64_t)1 << 31; bit; bit >>= 1)
    if ((low | bit) * (low | bit) <= square) low |= bit;
  return low;
}

/* 2^-1/2, 2^-1/4, ..., with 32 bits behind the point. */
typedef struct power_table {
  uint64_t factors[32];
} power_table;

static power_table power_table_make(void) {
  power_table table;
  uint64_t factor = (uint64_t)1 << 31;
  for (unsigned i = 0; i < 32; i++) table.factors[i] = factor = root(factor << 32);
  return table;
}

/* 2^(40 - x), x with 32 bits behind the point. */
static uint64_t power_fixed(const power_table *table, uint64_t x) {
  uint64_t value = (uint64_t)1 << 32;
  for (unsigned i = 0; i < 32; i++)
    if (x >> (31 - i) & 1) value = value * table->factors[i] >> 32;
  const uint64_t whole = x >> 32;
  return whole > 40 ? 0 : value << 8 >> whole;
}

/* floor(2^40 / rank^skew), at least 1. */
static uint64_t zipf_weight(const power_table *table, uint64_t rank, unsigned skew) {
  const uint64_t weight = power_fixed(table, log2_fixed(rank) * skew / 1000);
  return weight ? weight : 1;
}

zipf *zipf_open(uint64_t count, unsigned skew, uint64_t seed) {
  const uint64_t ranks = count < ZIPF_RANKS_MAX ? count : ZIPF_RANKS_MAX;
  zipf *law = malloc(sizeof *law + ranks * sizeof law->sums[0]);
  if (!law) return NULL;
  law->count = count;
  law->ranks = ranks;
  draw_order_open(&law->order, ranks, seed);
  const power_table table = power_table_make();
  uint64_t sum = 0;
  for (uint64_t i = 0; i < ranks; i++) law->sums[i] = sum += zipf_weight(&table, i + 1, skew);
  return law;
}

void zipf_close(zipf *law) {
  free(law);
}

uint64_t zipf_sum(const zipf *law, uint64_t rank) {
  return law->sums[rank - 1];
}

uint64_t zipf_draw(const zipf *law, draw_stream *stream) {
  const uint64_t drawn = draw_below(stream, law->sums[law->ranks - 1]);
  uint64_t low = 0, high = law->ranks - 1;
  while (low < high) {
    const uint64_t middle = (low + high) / 2;
    if (law->sums[middle] > drawn) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const uint64_t slot = draw_order_at(&law->order, low);
  const uint64_t first = law->count / law->ranks * slot + law->count % law->ranks * slot / law->ranks;
  const uint64_t next = law->count / law->ranks * (slot + 1) + law->count % law->ranks * (slot + 1) / law->ranks;
  return first + (next - first > 1 ? draw_below(stream, next - first) : 0);
}
