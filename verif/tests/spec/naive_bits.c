/* Bit strings, drawn as the manual draws registers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive_bits.h"

#include <string.h>

naive_bits naive_bits_of(uint64_t value, int length) {
  naive_bits bits = {.length = length};
  for (int i = length - 1; i >= 0; i--) {
    bits.bit[i] = value % 2 == 1 ? '1' : '0';
    value /= 2;
  }
  return bits;
}

naive_number naive_bits_number(const naive_bits *bits) {
  naive_number number = 0;
  for (int i = 0; i < bits->length; i++) number = number * 2 + (bits->bit[i] == '1');
  return number;
}

naive_bits naive_bits_field(const naive_bits *bits, const char *format, char letter) {
  naive_bits field = {.length = 0};
  for (int i = 0; i < bits->length; i++) {
    if (format[i] == letter) field.bit[field.length++] = bits->bit[i];
  }
  return field;
}

naive_number naive_bits_value(const naive_bits *bits, const char *format, char letter) {
  naive_bits field = naive_bits_field(bits, format, letter);
  return naive_bits_number(&field);
}

bool naive_bits_any(const naive_bits *bits, const char *format, char letter) {
  for (int i = 0; i < bits->length; i++) {
    if (format[i] == letter && bits->bit[i] == '1') return true;
  }
  return false;
}

void naive_bits_fill(naive_bits *bits, const char *format, char letter, char bit) {
  for (int i = 0; i < bits->length; i++) {
    if (format[i] == letter) bits->bit[i] = bit;
  }
}

void naive_bits_append(naive_bits *bits, const naive_bits *more) {
  memcpy(bits->bit + bits->length, more->bit, (size_t)more->length);
  bits->length += more->length;
}
