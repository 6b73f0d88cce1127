/* Bit strings, drawn as the manual draws registers: the highest bit leftmost, each bit a character.
 *
 * A format is a string of the same length in which each bit carries the letter of its field, so that the figures of the
 * manual can be typed in as they are printed: "DAGUXWRV" is the low byte of an entry.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_NAIVE_BITS_H
#define TWINWALK_TESTS_SPEC_NAIVE_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* Whole numbers beyond any address: ends of intervals are never cut. */
__extension__ typedef unsigned __int128 naive_number;

/* Characters '0' and '1'; bit[0] is the highest one. */
typedef struct naive_bits {
  int length; /* at most 64 */
  char bit[64];
} naive_bits;

/* The lowest `length` bits of a number; higher ones are dropped. */
naive_bits naive_bits_of(uint64_t value, int length);

naive_number naive_bits_number(const naive_bits *bits);

/* All bits whose letter in the format is `letter`, in their order; an empty string if the format has none. */
naive_bits naive_bits_field(const naive_bits *bits, const char *format, char letter);

/* The same as a number, and one bit of the field's: whether it is '1' (of a longer field: whether any is). */
naive_number naive_bits_value(const naive_bits *bits, const char *format, char letter);
bool naive_bits_any(const naive_bits *bits, const char *format, char letter);

/* Every bit of a field becomes `bit`. */
void naive_bits_fill(naive_bits *bits, const char *format, char letter, char bit);

/* Appends `more` on the right. */
void naive_bits_append(naive_bits *bits, const naive_bits *more);

#endif
