/* Taking lines of text apart.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <string.h>

static unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return (unsigned)(c - '0');
  if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A' + 10);
  return 16;
}

bool text_word(const char **at, const char *word) {
  size_t length = strlen(word);
  if (strncmp(*at, word, length)) return false;
  *at += length;
  return true;
}

bool text_hex(const char **at, uint64_t *value) {
  const char *text = *at;
  unsigned digits = 0, digit;
  uint64_t sum = 0;
  for (; (digit = hex_digit(*text)) < 16; text++, digits++) sum = sum << 4 | digit;
  *at = text;
  *value = sum;
  return digits && digits <= 16;
}

bool text_hex_prefixed(const char **at, uint64_t *value) {
  if ((*at)[0] == '0' && ((*at)[1] == 'x' || (*at)[1] == 'X')) *at += 2;
  return text_hex(at, value);
}

bool text_decimal(const char **at, uint64_t *value) {
  const char *text = *at;
  uint64_t sum = 0;
  for (; *text >= '0' && *text <= '9'; text++) {
    uint64_t digit = (uint64_t)(*text - '0');
    if (sum > (UINT64_MAX - digit) / 10) return false;
    sum = sum * 10 + digit;
  }
  bool some = text != *at;
  *at = text;
  *value = sum;
  return some;
}

bool text_number(const char **at, uint64_t *value) {
  if ((*at)[0] == '0' && (*at)[1] == 'x') return text_hex_prefixed(at, value);
  bool negative = **at == '-';
  if (negative) ++*at;
  if (!text_decimal(at, value)) return false;
  if (negative) *value = 0 - *value;
  return true;
}

bool text_blank(const char **at) {
  size_t length = strspn(*at, " \t");
  *at += length;
  return length;
}

bool text_unexpected(const char *what, const char *text, tw_error *error) {
  char shown[64];
  size_t length = 0;
  for (; text[length] && length + 1 < sizeof shown; length++) {
    shown[length] = text[length] >= ' ' && text[length] < 0x7f ? text[length] : '.';
  }
  shown[length] = 0;
  return tw_error_set(error, "expected %s, found `%s`", what, shown);
}
