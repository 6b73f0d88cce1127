/* Builds the short texts of the lane.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <ctype.h>
#include <string.h>

void text_clear(text *t) {
  if (t->length) memset(t, 0, sizeof *t);
}

void text_linger(text *t) {
  if (t->length && ++t->age > TEXT_LINGER) text_clear(t);
}

static void add_character(text *t, char c) {
  if (t->length < TEXT_BYTES - 1) t->bytes[t->length++] = c;
}

void text_add(text *t, const char *string) {
  while (*string) add_character(t, *string++);
}

void text_mark(text *t, const char *colour) {
  const text rest = *t;
  text_clear(t);
  add_character(t, '?');
  text_add(t, colour);
  add_character(t, '?');
  text_add(t, rest.bytes);
}

void text_add_hex(text *t, uint64_t value) {
  unsigned shift = value ? (63u - (unsigned)__builtin_clzll(value)) / 4u * 4u : 0;
  for (;; shift -= 4) {
    add_character(t, "0123456789abcdef"[value >> shift & 15u]);
    if (shift == 0) return;
  }
}

void text_add_number(text *t, uint64_t value) {
  char digits[20];
  unsigned count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while (value /= 10);
  while (count) add_character(t, digits[--count]);
}

void text_add_flags(text *t, uint8_t flags) {
  for (unsigned bit = 8; bit-- > 0;) add_character(t, (unsigned)flags >> bit & 1u ? "VRWXUGAD"[bit] : '-');
}

void text_add_lower(text *t, const char *string) {
  for (; *string; string++) add_character(t, *string == '_' ? '-' : (char)tolower((unsigned char)*string));
}

void text_add_page(text *t, tw_mode mode, unsigned level, bool napot) {
  const unsigned bits = TW_PAGE_BITS + level * tw_mode_row(mode)->vpn_bits + (napot ? 4 : 0);
  text_add_number(t, 1u << bits % 10);
  add_character(t, " KMGTP"[bits / 10]);
}

void text_add_pte(text *t, tw_mode mode, const tw_pte_view *view, unsigned level) {
  if (view->kind == TW_PTE_FAULT) {
    text_add(t, "FAULT ");
    text_add(t, tw_reason_name(view->reason));
    return;
  }
  text_add(t, view->kind == TW_PTE_POINTER ? "table " : "leaf ");
  text_add_hex(t, view->ppn << TW_PAGE_BITS);
  if (view->kind == TW_PTE_POINTER) return;
  add_character(t, ' ');
  text_add_page(t, mode, level, view->napot);
  add_character(t, ' ');
  text_add_flags(t, view->flags);
  if (view->attribute) text_add(t, view->attribute == TW_PBMT_NC ? " NC" : " IO");
}
