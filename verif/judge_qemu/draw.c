/* Random numbers that a seed repeats.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "draw.h"

uint64_t draw_bits(draw *random) {
  uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

unsigned draw_below(draw *random, unsigned limit) {
  return (unsigned)((draw_bits(random) >> 32) * limit >> 32);
}

bool draw_one_in(draw *random, unsigned count) {
  return draw_below(random, count) == 0;
}
